using System.Text.Json;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>
/// The keyholder's own copy of the log. Its state is what the entries say, applied in order. Callers hold the service's lock.
/// </summary>
internal sealed class LogFollower
{
    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly KeyVault vault;
    private readonly NoteSigner statementKey;
    private readonly NoteSigner witnessKey;
    private readonly TimeProvider time;
    private CompactRange range = new();
    private DateOnly day;
    private NoteVerifier? logKey;

    public LogFollower(IDatabase database, GroupCommitWriter writer, KeyVault vault, NoteSigner statementKey, NoteSigner witnessKey, TimeProvider time)
    {
        (this.database, this.writer, this.vault, this.time) = (database, writer, vault, time);
        (this.statementKey, this.witnessKey) = (statementKey, witnessKey);
        Replay();
    }

    /// <summary>What the log's entries say so far.</summary>
    public Authority Authority { get; } = new();

    /// <summary>Number of entries followed.</summary>
    public ulong Size => range.Size;

    /// <summary>Root at that size.</summary>
    public Hash Root => range.Root();

    /// <summary>Follows new entries and cosigns the checkpoint after them.</summary>
    public async Task<KeyholderResponse> FollowAsync(KeyholderRequest.Follow message)
    {
        if (message.From > range.Size)
        {
            return Refuse("gap", $"entries from {range.Size} on are missing");
        }

        var trial = range.Copy();
        var lastDay = day;
        var fresh = new List<Followed>();
        for (var i = 0; i < message.Entries.Count; i++)
        {
            var index = message.From + (ulong)i;
            var bytes = Convert.FromBase64String(message.Entries[i].Entry);
            if (index < range.Size)
            {
                if (!bytes.AsSpan().SequenceEqual(Entry(index)))
                {
                    return Refuse("fork", $"entry {index} is not the one that was followed before");
                }

                continue;
            }

            if (LogEntry.TryRead(bytes) is not { } entry || entry.Open(message.Entries[i].Openings) is not { } happened)
            {
                return Refuse("entry", $"entry {index} is not of the log's schema, or its openings do not open it");
            }

            // Roles count on an entry's day: days run forward, and not ahead of the keyholder's own clock.
            if (entry.Day < lastDay || entry.Day > DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1))
            {
                return Refuse("day", $"entry {index} is dated {entry.Day:yyyy-MM-dd}, before its predecessor or ahead of time");
            }

            lastDay = entry.Day;
            trial.Append(Merkle.Leaf(bytes));
            fresh.Add(new Followed(index, bytes, entry.Day, happened, message.Entries[i].Openings));
        }

        if (CheckRoot(fresh) is { } wrongRoot)
        {
            return wrongRoot;
        }

        if (!Checkpoint.TryOpen(message.Checkpoint, out var checkpoint, logKey ?? NoteVerifier.Parse(((TrustRootSet)fresh[0].Happened).Root.Log)))
        {
            return Refuse("checkpoint-signature", "the log did not sign this checkpoint");
        }

        if (checkpoint!.Size != trial.Size || checkpoint.Root != trial.Root())
        {
            return Refuse("fork", $"the checkpoint of size {checkpoint.Size} is not what the entries give");
        }

        await PersistAsync(fresh, checkpoint);
        range = trial;
        day = lastDay;
        fresh.ForEach(f => Apply(f.Index, f.Day, f.Happened));
        var line = new NoteSignature(witnessKey.Verifier.Name, witnessKey.Verifier.Id, witnessKey.Sign(System.Text.Encoding.UTF8.GetBytes(checkpoint.ToString()), time.GetUtcNow()));
        return new KeyholderResponse.Followed(range.Size, line.ToString().TrimEnd('\n'));
    }

    /// <summary>The keyholder's own copy of an entry.</summary>
    public byte[] Entry(ulong index)
    {
        using var connection = database.Open();
        return connection.QuerySingle<byte[]>("SELECT entry FROM entries WHERE idx = @index", new { index = (long)index });
    }

    /// <summary>
    /// Whether a checkpoint is one that the log signed and that the keyholder itself cosigned, and whether the proof leads to it. Null when all is well.
    /// </summary>
    public KeyholderResponse.Refused? CheckInclusion(ulong index, string note, IReadOnlyList<string> proof)
    {
        if (logKey is null || !Checkpoint.TryOpen(note, out var checkpoint, logKey))
        {
            return Refuse("checkpoint-signature", "the log did not sign this checkpoint");
        }

        using var connection = database.Open();
        var root = connection.QuerySingleOrDefault<byte[]>("SELECT root FROM checkpoints WHERE size = @size", new { size = (long)checkpoint!.Size });
        if (root is null || Hash.From(root) != checkpoint.Root)
        {
            return Refuse("consistency", "the keyholder never cosigned this checkpoint");
        }

        var hashes = new List<Hash>();
        foreach (var text in proof)
        {
            if (!Hash.TryParse(text, out var hash))
            {
                return Refuse("inclusion", "the proof is damaged");
            }

            hashes.Add(hash);
        }

        return Merkle.VerifyInclusion(index, checkpoint.Size, Merkle.Leaf(Entry(index)), hashes, checkpoint.Root)
            ? null
            : Refuse("inclusion", "the proof does not show the entry in that checkpoint");
    }

    private KeyholderResponse.Refused? CheckRoot(List<Followed> fresh)
    {
        if (logKey is not null)
        {
            return null;
        }

        if (fresh is not [{ Happened: TrustRootSet { Root: var root } }, ..])
        {
            return Refuse("trust-root", "the log does not start with a trust root");
        }

        return root.Keyholder != statementKey.Verifier.ToString() || root.Witness != witnessKey.Verifier.ToString()
            ? Refuse("trust-root", "the trust root names another keyholder")
            : null;
    }

    private Task PersistAsync(List<Followed> fresh, Checkpoint checkpoint) => writer.WriteAsync((c, t) =>
    {
        foreach (var f in fresh)
        {
            c.Execute("INSERT INTO entries (idx, entry) VALUES (@idx, @entry)", new { idx = (long)f.Index, entry = f.Bytes }, t);
            if (f.Openings is not null && f.Happened.CarriesAuthority)
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(f.Openings, SealingJson.Default.Openings);
                c.Execute("INSERT INTO openings (idx, sealed) VALUES (@idx, @sealed)", new { idx = (long)f.Index, @sealed = vault.SealOpening(json, f.Index) }, t);
            }
        }

        c.Execute("INSERT INTO checkpoints (size, root) VALUES (@size, @root) ON CONFLICT DO NOTHING", new { size = (long)checkpoint.Size, root = checkpoint.Root.ToArray() }, t);
    });

    private void Replay()
    {
        using var connection = database.Open();
        var openings = connection.Query<(long Index, byte[] Sealed)>("SELECT idx, sealed FROM openings").ToDictionary(o => (ulong)o.Index, o => o.Sealed);
        foreach (var (idx, bytes) in connection.Query<(long, byte[])>("SELECT idx, entry FROM entries ORDER BY idx", buffered: false))
        {
            var index = (ulong)idx;
            range.Append(Merkle.Leaf(bytes));
            day = LogEntry.TryRead(bytes)?.Day ?? day;
            var opening = openings.TryGetValue(index, out var box) ? JsonSerializer.Deserialize(vault.OpenOpening(box, index), SealingJson.Default.Openings) : null;
            if (LogEntry.TryRead(bytes) is { } entry && entry.Open(opening) is { } happened)
            {
                Apply(index, entry.Day, happened);
            }
        }
    }

    private void Apply(ulong index, DateOnly recorded, LogEvent happened)
    {
        // An entry that its signatures do not carry changes nothing, and stays in the log for everybody to see.
        _ = Authority.Apply(index, recorded, happened);
        if (logKey is null && Authority.Root is { } root)
        {
            logKey = NoteVerifier.Parse(root.Log);
        }
    }

    private static KeyholderResponse.Refused Refuse(string code, string message) => new(code, message);

    private sealed record Followed(ulong Index, byte[] Bytes, DateOnly Day, LogEvent Happened, Openings? Openings);
}
