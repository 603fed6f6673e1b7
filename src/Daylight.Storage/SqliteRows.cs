using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Daylight.Storage;

/// <summary>The rows of a query over an SQLite database, read where SQLite has them: for scans of so many rows that an object for each would be most of the cost.</summary>
public sealed class SqliteRows : IDisposable
{
    private const int LongestWait = 30_000; // ms, as long as a command waits

    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    /// <summary>Runs a query.</summary>
    /// <param name="connection">An open connection of <see cref="SqliteDatabase"/>. It stays open as long as this is used.</param>
    /// <param name="sql">The query, with parameters <c>?1</c>, <c>?2</c>, and so on.</param>
    /// <param name="values">Their values.</param>
    /// <exception cref="IOException">SQLite refuses it.</exception>
    public SqliteRows(DbConnection connection, string sql, params ReadOnlySpan<long> values)
    {
        database = ((SqliteConnection)connection).Handle!;
        Check(raw.sqlite3_busy_timeout(database, LongestWait)); // ADO.NET's own commands try again by themselves
        Check(raw.sqlite3_prepare_v2(database, sql, out statement));
        for (var i = 0; i < values.Length; i++)
        {
            Check(raw.sqlite3_bind_int64(statement, i + 1, values[i]));
        }
    }

    /// <summary>Goes to the next row; false after the last.</summary>
    /// <exception cref="IOException">SQLite cannot go on.</exception>
    public bool Read() => raw.sqlite3_step(statement) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        var error => throw Failed(error),
    };

    /// <summary>A whole number of the row.</summary>
    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    /// <summary>Bytes of the row, until the next one.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    /// <inheritdoc/>
    public void Dispose() => statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Failed(result);
        }
    }

    private IOException Failed(int error) => new($"The database cannot be read: {raw.sqlite3_errmsg(database).utf8_to_string()} ({error}).");
}
