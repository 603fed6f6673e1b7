using System.Data.Common;
using Daylight.Storage;

namespace Daylight.Tests.Keyholder;

/// <summary>A database on a disk that is full, after so many more commits.</summary>
internal sealed class FullDatabase(IDatabase inner) : IDatabase
{
    /// <summary>How many more commits there is room for.</summary>
    public int Room { get; set; } = int.MaxValue;

    public string Description => inner.Description;

    public bool IsShared => inner.IsShared;

    public bool HasPartitions => inner.HasPartitions;

    public string PartitionedBy(string column) => inner.PartitionedBy(column);

    public void Prepare(string table, DateOnly day) => inner.Prepare(table, day);

    public IReadOnlyList<DateOnly> Partitions(string table) => inner.Partitions(table);

    public void DropPartition(System.Data.Common.DbConnection connection, System.Data.Common.DbTransaction transaction, string table, DateOnly day) => inner.DropPartition(connection, transaction, table, day);

    public DbConnection Open() => inner.Open();

    public DbConnection OpenWriter() => inner.OpenWriter();

    public IDisposable LockExclusively(string what) => inner.LockExclusively(what);

    public IDisposable TakeTurn(string what) => inner.TakeTurn(what);

    public void CheckInPlace(DbConnection connection)
    {
        if (Room-- <= 0)
        {
            throw new IOException("No space left on device");
        }
    }

    public void Scrub()
    {
        if (Room <= 0)
        {
            throw new IOException("No space left on device");
        }

        inner.Scrub();
    }
}
