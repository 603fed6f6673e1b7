using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>
/// Each start leaves a mark in the log. Before its own mark stands there, the keyholder opens nothing: so it has read everything before it. And a mark of
/// its own that it does not remember says that it was restored from an older copy: it opens nothing until root approvers have said that they know.
/// </summary>
internal sealed class Starts
{
    private readonly NoteSigner key;
    private readonly string mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly HashSet<string> known;
    private bool logged;

    private Starts(NoteSigner key, HashSet<string> known, string? unknown) => (this.key, this.known, Unknown) = (key, known, unknown);

    /// <summary>The newest mark of this keyholder that it does not remember; null when it remembers all. Whether root approvers accepted it, the log says.</summary>
    public string? Unknown { get; private set; }

    /// <summary>Whether this start's mark still has to be logged.</summary>
    public bool IsPending => !logged;

    public static async Task<Starts> BeginAsync(IDatabase database, GroupCommitWriter writer, NoteSigner key)
    {
        Starts starts;
        using (var connection = database.Open())
        {
            starts = new Starts(
                key,
                connection.Query<string>("SELECT id FROM marks").ToHashSet(StringComparer.Ordinal),
                connection.QuerySingleOrDefault<string>("SELECT value FROM facts WHERE name = 'unknown-mark'"));
        }

        // Remembered before anybody can log it.
        await writer.WriteAsync((c, t) => c.Execute("INSERT INTO marks (id) VALUES (@mark)", new { starts.mark }, t));
        starts.known.Add(starts.mark);
        return starts;
    }

    /// <summary>The mark that the log is to hold; null when it does.</summary>
    public string? ToLog(string root, ulong size, DateTimeOffset now) => logged || root.Length == 0 ? null : new StartMark(root, now, mark, size).Sign(key);

    /// <summary>What it knows now, to go back to when it could not be written down.</summary>
    public Action Remember()
    {
        var (unknown, was) = (Unknown, logged);
        return () => (Unknown, logged) = (unknown, was);
    }

    /// <summary>What the log says about starts. Returns what has to be written down with it.</summary>
    public Action<DbConnection, DbTransaction>? Follow(LogEvent happened)
    {
        if (happened is not KeyholderStarted started || KeyholderStatement.TryOpen(started.Mark, key.Verifier) is not StartMark said)
        {
            return null;
        }

        logged |= string.Equals(said.Id, mark, StringComparison.Ordinal);
        return known.Contains(said.Id) ? null : SetUnknown(said.Id);
    }

    private Action<DbConnection, DbTransaction> SetUnknown(string id)
    {
        Unknown = id;
        return (c, t) =>
        {
            c.Execute("DELETE FROM facts WHERE name = 'unknown-mark'", transaction: t);
            c.Execute("INSERT INTO facts (name, value) VALUES ('unknown-mark', @id)", new { id }, t);
        };
    }
}
