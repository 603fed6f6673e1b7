using System.Data.Common;
using Npgsql;

namespace Daylight.Storage.PostgreSql;

/// <summary>A PostgreSQL database, for a company that needs several server nodes.</summary>
public sealed class PostgreSqlDatabase : IDatabase, IDisposable
{
    private readonly NpgsqlDataSource source;
    private readonly string connectionString;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(string Table, DateOnly Day), bool> prepared = [];

    /// <summary>Connects to a URL.</summary>
    /// <param name="url"><c>postgres://user:password@host:port/database</c>, or <c>postgres:///database?host=/socket/folder</c>.</param>
    /// <exception cref="FormatException">Not such a URL.</exception>
    public PostgreSqlDatabase(string url)
    {
        var builder = Parse(url);
        Description = $"PostgreSQL, {builder.Database} on {builder.Host}";
        connectionString = builder.ConnectionString;
        source = NpgsqlDataSource.Create(builder);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public DbConnection Open() => source.OpenConnection();

    /// <inheritdoc/>
    public DbConnection OpenWriter()
    {
        var connection = source.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SET synchronous_commit TO on";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <inheritdoc/>
    public IDisposable LockExclusively(string what)
    {
        // Not pooled: a session's lock must go with its connection.
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT pg_try_advisory_lock(hashtext(@what))";
        command.Parameters.AddWithValue("what", what);
        if (command.ExecuteScalar() is true)
        {
            return connection;
        }

        connection.Dispose();
        throw new InvalidOperationException($"Another process is using {what} ({Description}). Stop it first.");
    }

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public IDisposable TakeTurn(string what)
    {
        // A session's advisory lock: over with its connection, so with its process. Keep-alives end it when the whole machine is gone.
        var connection = source.OpenConnection();
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SET lock_timeout TO '20s'; SET tcp_keepalives_idle TO 2; SET tcp_keepalives_interval TO 1; SET tcp_keepalives_count TO 3; SELECT pg_advisory_lock(hashtext(@what));";
            command.Parameters.AddWithValue("what", "turn " + what);
            command.ExecuteNonQuery();
            return new Turn(connection, "turn " + what);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void CheckInPlace(DbConnection connection)
    {
        // The server's files are the server's.
    }

    /// <inheritdoc/>
    public void Scrub()
    {
        // Deleted rows go with autovacuum; what must be unreadable at once is sealed to keys that are not here.
    }

    /// <inheritdoc/>
    public bool HasPartitions => true;

    /// <inheritdoc/>
    public string PartitionedBy(string column) => $"PARTITION BY LIST ({column})";

    /// <inheritdoc/>
    public void Prepare(string table, DateOnly day)
    {
        if (prepared.ContainsKey((table, day)))
        {
            return;
        }

        try
        {
            using var connection = source.OpenConnection();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a table's name that is a constant, and a day
            command.CommandText = $"CREATE TABLE IF NOT EXISTS {NameOf(table, day)} PARTITION OF {table} FOR VALUES IN ('{Sql.Day(day)}')";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
        {
            // Another node made it in the same moment.
        }

        prepared[(table, day)] = true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<DateOnly> Partitions(string table)
    {
        using var connection = source.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = @table::regclass ORDER BY relname";
        command.Parameters.AddWithValue("table", table);
        using var reader = command.ExecuteReader();
        var days = new List<DateOnly>();
        while (reader.Read())
        {
            days.Add(DateOnly.ParseExact(reader.GetString(0)[^8..], "yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture));
        }

        return days;
    }

    /// <inheritdoc/>
    public void DropPartition(DbConnection connection, DbTransaction transaction, string table, DateOnly day)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // a table's name that is a constant, and a day
        command.CommandText = $"SET LOCAL lock_timeout = '2s'; DROP TABLE IF EXISTS {NameOf(table, day)}"; // behind a long reader nobody else waits for it: the job comes again
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        prepared.TryRemove((table, day), out _);
    }

    private static string NameOf(string table, DateOnly day) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{table}_{day:yyyyMMdd}");

    private sealed class Turn(NpgsqlConnection connection, string what) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT pg_advisory_unlock(hashtext(@what))";
                command.Parameters.AddWithValue("what", what);
                command.ExecuteScalar();
            }
            catch (DbException)
            {
                // The connection is gone, and the lock with it.
            }
            finally
            {
                connection.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();

    private static NpgsqlConnectionStringBuilder Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql"))
        {
            throw new FormatException("--database is a URL such as postgres://user:password@host:5432/daylight");
        }

        var builder = new NpgsqlConnectionStringBuilder { Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')), Pooling = true };
        if (uri.Host.Length > 0)
        {
            builder.Host = uri.Host;
            builder.Port = uri.Port > 0 ? uri.Port : 5432;
        }

        if (uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var rest])
        {
            builder.Username = Uri.UnescapeDataString(user);
            builder.Password = rest is [var password] ? Uri.UnescapeDataString(password) : null;
        }

        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=', 2) is [var name, var value])
            {
                builder[Uri.UnescapeDataString(name)] = Uri.UnescapeDataString(value);
            }
        }

        return builder;
    }
}
