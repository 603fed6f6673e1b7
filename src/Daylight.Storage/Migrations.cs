using System.Reflection;
using System.Text.RegularExpressions;
using Dapper;

namespace Daylight.Storage;

/// <summary>Applies numbered SQL files, embedded as <c>….Migrations.001_name.sql</c>, once each and in order, each in a transaction.</summary>
public static partial class Migrations
{
    /// <summary>Stands behind a table's definition: by which column it is partitioned, where the database can.</summary>
    [GeneratedRegex(@"/\* partitioned by (\w+) \*/", RegexOptions.NonBacktracking)]
    private static partial Regex Partitioned();

    /// <summary>Brings a database to the newest schema of an assembly.</summary>
    /// <exception cref="InvalidOperationException">The database was written by a newer version.</exception>
    public static void Apply(IDatabase database, Assembly assembly) => Apply(database, assembly, "Migrations");

    /// <summary>The same, with the files of one folder, where an assembly has more than one schema.</summary>
    /// <exception cref="InvalidOperationException">The database was written by a newer version.</exception>
    public static void Apply(IDatabase database, Assembly assembly, string folder)
    {
        var marker = $".{folder}.";
        var scripts = assembly.GetManifestResourceNames()
            .Where(n => n.Contains(marker, StringComparison.Ordinal) && n.EndsWith(".sql", StringComparison.Ordinal))
            .Select(n => (Resource: n, Name: n[(n.IndexOf(marker, StringComparison.Ordinal) + marker.Length)..^4]))
            .OrderBy(s => s.Name, StringComparer.Ordinal)
            .ToList();
        using var connection = database.OpenWriter();
        connection.Execute("CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY)");
        var applied = connection.Query<string>("SELECT name FROM schema_versions").ToHashSet(StringComparer.Ordinal);
        if (applied.Except(scripts.Select(s => s.Name), StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new InvalidOperationException($"The database ({database.Description}) was written by a newer version of Daylight (schema {unknown}). Start that version.");
        }

        foreach (var (resource, name) in scripts.Where(s => !applied.Contains(s.Name)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var sql = Partitioned().Replace(reader.ReadToEnd(), m => database.PartitionedBy(m.Groups[1].Value));
            using var transaction = connection.BeginTransaction();
            connection.Execute(sql, transaction: transaction);
            connection.Execute("INSERT INTO schema_versions (name) VALUES (@name)", new { name }, transaction);
            transaction.Commit();
        }
    }
}
