using Daylight.Storage;
using Daylight.Storage.PostgreSql;

namespace Daylight.Tests.Company;

/// <summary>The two databases that everything on the server's side is tested on.</summary>
public enum DatabaseKind
{
    Sqlite,
    PostgreSql,
}

/// <summary>Makes a fresh database of a kind.</summary>
internal static class TestDatabases
{
    /// <summary>URL of a private PostgreSQL, without the database's name; <c>./test</c> starts one and sets it.</summary>
    public const string Variable = "DAYLIGHT_TEST_POSTGRES";

    public static IDatabase Create(DatabaseKind kind, string folder)
    {
        if (kind == DatabaseKind.Sqlite)
        {
            return new SqliteDatabase(Path.Combine(folder, "server", "server.db"));
        }

        var server = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(server), $"No PostgreSQL: run ./test, which starts a private one, or set {Variable}.");
        var name = "t" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        using (var maintenance = new PostgreSqlDatabase(server!.Replace("{db}", "postgres", StringComparison.Ordinal)))
        using (var connection = maintenance.Open())
        using (var command = connection.CreateCommand())
        {
#pragma warning disable CA2100 // a name that was just made of hexadecimal digits
            command.CommandText = $"CREATE DATABASE {name}";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }

        return new PostgreSqlDatabase(server.Replace("{db}", name, StringComparison.Ordinal));
    }
}
