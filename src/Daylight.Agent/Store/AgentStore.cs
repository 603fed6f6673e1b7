using System.Data.Common;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Store;

/// <summary>What leaves and what is known: the agent's own file, apart from raw events. Every step is one transaction.</summary>
internal sealed class AgentStore(IDatabase database, GroupCommitWriter writer)
{
    /// <summary>A connection for reading; dispose it soon.</summary>
    public DbConnection Open() => database.Open();

    /// <summary>Runs work in a transaction; completes when it is durable.</summary>
    public Task WriteAsync(Action<DbConnection, DbTransaction> work) => writer.WriteAsync(work);

    /// <summary>Runs work in a transaction; completes when it is durable.</summary>
    public Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, T> work) => writer.WriteAsync(work);

    /// <summary>A remembered value.</summary>
    public string? State(string name)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT value FROM state WHERE name = @name", new { name });
    }

    /// <summary>Remembers a value; null forgets it.</summary>
    public Task SetStateAsync(string name, string? value) => writer.WriteAsync((c, t) => SetState(c, t, name, value));

    /// <summary>Remembers a value, with other work.</summary>
    public static void SetState(DbConnection connection, DbTransaction transaction, string name, string? value) => connection.Execute(
        value is null ? "DELETE FROM state WHERE name = @name" : "INSERT INTO state (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        new { name, value },
        transaction);
}
