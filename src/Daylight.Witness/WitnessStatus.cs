using Dapper;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Witness;

/// <summary>What a witness has recorded.</summary>
/// <param name="Vkey">Its verification key.</param>
/// <param name="Listen">Where it serves.</param>
/// <param name="Logs">The logs that it watches.</param>
/// <param name="Refusals">Checkpoints that a log did sign and that were not cosigned, oldest first.</param>
public sealed record WitnessStatus(string Vkey, string Listen, IReadOnlyList<WitnessedLog> Logs, IReadOnlyList<WitnessRefusal> Refusals)
{
    /// <summary>Reads it from the folder, whether the witness runs or not.</summary>
    /// <exception cref="InvalidOperationException">There is no witness in that folder.</exception>
    public static WitnessStatus Read(string data)
    {
        if (!WitnessFolder.Exists(data))
        {
            throw new InvalidOperationException($"There is no witness in {data}. Make one with: daylight witness --data {data} --log VKEY");
        }

        using var connection = new SqliteDatabase(WitnessFolder.DatabaseOf(data), readOnly: true).Open();
        using var transaction = connection.BeginTransaction();
        var settings = connection.Query<(string Name, string Value)>("SELECT name, value FROM settings", transaction: transaction).ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);
        var keys = connection.Query<(string Vkey, string Origin)>("SELECT vkey, origin FROM trusted_keys ORDER BY origin, vkey", transaction: transaction);
        var known = connection.Query<(string Origin, long Size, byte[] Root, long At)>("SELECT origin, size, root, cosigned_at FROM checkpoints", transaction: transaction)
            .ToDictionary(c => c.Origin, c => (Checkpoint: new Checkpoint(c.Origin, (ulong)c.Size, Hash.From(c.Root)), c.At), StringComparer.Ordinal);
        var refusals = connection.Query<(string Origin, long At, bool Fork, string Why, string Note, string Known)>(
            "SELECT origin, refused_at, shows_fork, why, note, known_note FROM refusals ORDER BY refused_at, size", transaction: transaction);
        return new WitnessStatus(
            settings["vkey"],
            settings["listen"],
            [.. keys.GroupBy(k => k.Origin, k => k.Vkey, StringComparer.Ordinal).Select(log => known.TryGetValue(log.Key, out var last)
                ? new WitnessedLog(log.Key, [.. log], last.Checkpoint.Size, last.Checkpoint.Root.ToString(), DateTimeOffset.FromUnixTimeSeconds(last.At))
                : new WitnessedLog(log.Key, [.. log], null, null, null))],
            [.. refusals.Select(r => new WitnessRefusal(r.Origin, DateTimeOffset.FromUnixTimeSeconds(r.At), r.Fork, r.Why, r.Note, r.Known))]);
    }
}

/// <summary>A log that a witness watches.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Vkeys">Its keys.</param>
/// <param name="Size">Size of the checkpoint that was cosigned last; null for none so far.</param>
/// <param name="Root">Its root hash.</param>
/// <param name="CosignedAt">When that was.</param>
public sealed record WitnessedLog(string Origin, IReadOnlyList<string> Vkeys, ulong? Size, string? Root, DateTimeOffset? CosignedAt);

/// <summary>A checkpoint that a log did sign and that was not cosigned.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="At">When it was refused.</param>
/// <param name="ShowsFork">Whether the two checkpoints together prove that the log showed two histories. Otherwise the proof may just have been wrong.</param>
/// <param name="Why">In words.</param>
/// <param name="Checkpoint">The checkpoint with the log's signature.</param>
/// <param name="Known">The checkpoint that was cosigned before; empty for none.</param>
public sealed record WitnessRefusal(string Origin, DateTimeOffset At, bool ShowsFork, string Why, string Checkpoint, string Known);
