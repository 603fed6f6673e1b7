using System.Data.Common;

namespace Daylight.Storage;

/// <summary>A database that schemas live in. Two exist: SQLite here, PostgreSQL in its own room. SQL is shared where it is the same.</summary>
public interface IDatabase
{
    /// <summary>What it is, for people: never with a password in it.</summary>
    string Description { get; }

    /// <summary>An open connection for reading; dispose it soon.</summary>
    DbConnection Open();

    /// <summary>The one connection that writes durably: a commit that returned survives a power cut.</summary>
    DbConnection OpenWriter();

    /// <summary>
    /// Takes the lock that makes this process the only one to write; held until disposed.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another process holds it.</exception>
    IDisposable LockExclusively(string what);

    /// <summary>Whether several processes may write to it, taking turns. Where not, one process owns it.</summary>
    bool IsShared { get; }

    /// <summary>Waits for the turn to write something that only one process may write at a time; over when disposed, or when the process dies.</summary>
    IDisposable TakeTurn(string what);

    /// <summary>Makes sure that what a connection writes to is still what others open.</summary>
    /// <exception cref="IOException">The file was moved, deleted or replaced: what is written there, nobody will find.</exception>
    void CheckInPlace(DbConnection connection);

    /// <summary>Leaves nothing of deleted rows in side files.</summary>
    void Scrub();

    /// <summary>Whether tables that are partitioned by a day really are, so that a day drops as a whole.</summary>
    bool HasPartitions { get; }

    /// <summary>How a table is partitioned by the values of a column, as the end of its definition; empty where it is not.</summary>
    string PartitionedBy(string column);

    /// <summary>Makes sure that there is a place for rows of a day.</summary>
    /// <param name="table">The table: never anything that somebody sent.</param>
    /// <param name="day">The day.</param>
    void Prepare(string table, DateOnly day);

    /// <summary>The days for which a table has a partition; none where it has no partitions.</summary>
    IReadOnlyList<DateOnly> Partitions(string table);

    /// <summary>Drops the partition of a day, within other work.</summary>
    /// <param name="connection">The writing connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="table">The table: never anything that somebody sent.</param>
    /// <param name="day">The day.</param>
    /// <exception cref="NotSupportedException">This database has none: rows are deleted.</exception>
    void DropPartition(DbConnection connection, DbTransaction transaction, string table, DateOnly day);
}

/// <summary>SQL text that works in both databases, and what does not.</summary>
public static class Sql
{
    /// <summary>A day as it is stored: sortable text.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads a stored day.</summary>
    public static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>An instant as it is stored: milliseconds since 1970, UTC.</summary>
    public static long Instant(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();
}
