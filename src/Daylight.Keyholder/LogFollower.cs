using System.Data.Common;
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
    /// <summary>How many days openings are kept that carry no authority: enough for a server to come back from a backup.</summary>
    internal const int OpeningDays = 30;

    private const int MostRecent = 4096;

    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly KeyVault vault;
    private readonly NoteSigner statementKey;
    private readonly NoteSigner witnessKey;
    private readonly Starts starts;
    private readonly DirectPauses pauses;
    private readonly SteadyClock clock;
    // What the log orders the keyholder itself to do, until it is done: a full disk must not lose an order.
    private readonly Queue<(ulong Index, LogEvent Happened)> owed = [];
    private readonly HashSet<DelayedErasure> undelayed = [];
    private readonly Dictionary<ulong, byte[]> recentEntries = [];
    private readonly Dictionary<ulong, Hash> recentRoots = [];
    private CompactRange range = new();
    private DateOnly day;
    private NoteVerifier? logKey;

    private LogFollower(
        IDatabase database, GroupCommitWriter writer, KeyVault vault, NoteSigner statementKey, NoteSigner witnessKey, Starts starts, DirectPauses pauses, SteadyClock clock)
    {
        (this.database, this.writer, this.vault, this.clock) = (database, writer, vault, clock);
        (this.statementKey, this.witnessKey, this.starts, this.pauses) = (statementKey, witnessKey, starts, pauses);
    }

    /// <summary>What the log's entries say so far.</summary>
    public Authority Authority { get; } = new();

    /// <summary>Number of entries followed.</summary>
    public ulong Size => range.Size;

    /// <summary>Root at that size.</summary>
    public Hash Root => range.Root();

    /// <summary>Whether the log names this keyholder, and no other.</summary>
    public bool IsInOffice => Authority.Keyholder == statementKey.Verifier && Authority.Witness == witnessKey.Verifier;

    /// <summary>Opens the copy, and applies again what it says.</summary>
    public static async Task<LogFollower> OpenAsync(
        IDatabase database, GroupCommitWriter writer, KeyVault vault, NoteSigner statementKey, NoteSigner witnessKey, Starts starts, DirectPauses pauses, SteadyClock clock)
    {
        var follower = new LogFollower(database, writer, vault, statementKey, witnessKey, starts, pauses, clock);
        foreach (var (index, happened) in follower.Replay())
        {
            if (happened is not KeysDestroyed { Order: { } order } || vault.Destroyed(order.Person, index).Count < order.Programs.Distinct(StringComparer.Ordinal).Count())
            {
                follower.owed.Enqueue((index, happened));
            }
        }

        await follower.ObeyAsync();
        return follower;
    }

    /// <summary>Follows new entries and cosigns the checkpoint after them.</summary>
    public async Task<KeyholderResponse> FollowAsync(KeyholderRequest.Follow message)
    {
        if (message.From > range.Size)
        {
            return Refuse("gap", $"entries from {range.Size} on are missing");
        }

        var trial = range.Copy();
        var (fresh, refused) = Read(message, trial);
        if (refused is not null)
        {
            return refused;
        }

        if (logKey is null && fresh is not [{ Happened: TrustRootSet }, ..])
        {
            return Refuse("trust-root", "the log does not start with a trust root");
        }

        if (!Checkpoint.TryOpen(message.Checkpoint, out var checkpoint, logKey ?? NoteVerifier.Parse(((TrustRootSet)fresh[0].Happened).Root.Log)))
        {
            return Refuse("checkpoint-signature", "the log did not sign this checkpoint");
        }

        if (checkpoint!.Size != trial.Size || checkpoint.Root != trial.Root())
        {
            return Refuse("fork", $"the checkpoint of size {checkpoint.Size} is not what the entries give");
        }

        // A first log must name this keyholder, or in time say that it took over from another; a log that never does is somebody else's.
        await TakeAsync(fresh, trial, checkpoint);
        return new KeyholderResponse.Followed(range.Size, starts.IsPending || pauses.Waiting.Count > 0, IsInOffice ? Cosign(checkpoint) : null);
    }

    /// <summary>Does what the log ordered. What cannot be done now stays owed, and nothing is answered before it is done.</summary>
    public async Task ObeyAsync()
    {
        while (owed.TryPeek(out var order))
        {
            await ObeyAsync(order.Index, order.Happened);
            owed.Dequeue();
        }

        // What a legal hold stood against is obeyed when it ends, whoever ended it.
        foreach (var late in Authority.Delayed.Where(d => !undelayed.Contains(d) && Authority.HoldOn(d.Person, d.Program, Today) is null).ToList())
        {
            await vault.DestroyAsync(late.Person, [late.Program], late.Entry);
            undelayed.Add(late);
        }
    }

    /// <summary>The keyholder's own copy of an entry.</summary>
    public byte[] Entry(ulong index)
    {
        if (recentEntries.TryGetValue(index, out var recent))
        {
            return recent;
        }

        using var connection = database.Open();
        return connection.QuerySingle<byte[]>("SELECT entry FROM entries WHERE idx = @index", new { index = (long)index });
    }

    /// <summary>What it keeps, from an index on.</summary>
    public IReadOnlyList<FollowedEntry> Kept(ulong from, int most)
    {
        using var connection = database.Open();
        return [.. connection.Query<(long Index, byte[] Entry, byte[]? Sealed)>(
            "SELECT e.idx, e.entry, o.sealed FROM entries e LEFT JOIN openings o ON o.idx = e.idx WHERE e.idx >= @from ORDER BY e.idx LIMIT @most", new { from = (long)from, most })
            .Select(r => new FollowedEntry(Convert.ToBase64String(r.Entry), Open((ulong)r.Index, r.Sealed)))];
    }

    /// <summary>The root of a checkpoint of this size that the log signed and that this keyholder followed.</summary>
    public Hash? RootAt(ulong size)
    {
        if (recentRoots.TryGetValue(size, out var recent))
        {
            return recent;
        }

        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT root FROM checkpoints WHERE size = @size", new { size = (long)size }) is { } root ? Hash.From(root) : null;
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

        if (RootAt(checkpoint!.Size) != checkpoint.Root)
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

    /// <summary>Forgets openings whose time is over.</summary>
    public Task ForgetAsync() => writer.WriteAsync((c, t) => c.Execute("DELETE FROM openings WHERE expires_on < @today", new { today = Sql.Day(Today) }, t));

    private DateOnly Today => DateOnly.FromDateTime(clock.Now.UtcDateTime);

    private (List<Followed> Fresh, KeyholderResponse.Refused? Refused) Read(KeyholderRequest.Follow message, CompactRange trial)
    {
        var (fresh, lastDay) = (new List<Followed>(), day);
        for (var i = 0; i < message.Entries.Count; i++)
        {
            var index = message.From + (ulong)i;
            var bytes = Convert.FromBase64String(message.Entries[i].Entry);
            if (index < range.Size)
            {
                if (!bytes.AsSpan().SequenceEqual(Entry(index)))
                {
                    return (fresh, Refuse("fork", $"entry {index} is not the one that was followed before"));
                }

                continue;
            }

            var opened = message.Entries[i].Openings;
            if (LogEntry.TryRead(bytes) is not { } entry || (entry.Event ?? Opened(entry, opened)) is not { } happened)
            {
                return (fresh, Refuse("entry", $"entry {index} is not of the log's schema, or its openings do not open it"));
            }

            // Roles count on an entry's day: days run forward, and not ahead of the keyholder's own clock.
            if (entry.Day < lastDay || entry.Day > Today.AddDays(1))
            {
                return (fresh, Refuse("day", $"entry {index} is dated {entry.Day:yyyy-MM-dd}, before its predecessor or ahead of time"));
            }

            lastDay = entry.Day;
            trial.Append(Merkle.Leaf(bytes));
            fresh.Add(new Followed(index, bytes, entry.Day, happened, opened));
        }

        return (fresh, null);
    }

    /// <summary>
    /// What an entry about a person says. Only a keyholder that is being brought up anew, and is not in office yet, takes old entries without openings: what
    /// was erased by then says nothing. One in office has followed them, or is still owed them.
    /// </summary>
    private LogEvent? Opened(LogEntry entry, Openings? openings) =>
        openings is null && !IsInOffice && entry.Day < Today.AddDays(-OpeningDays) ? new Forgotten() : entry.Open(openings);

    private async Task TakeAsync(List<Followed> fresh, CompactRange trial, Checkpoint checkpoint)
    {
        // What was recorded between a start and its mark counts as opened: a keyholder restored from an older copy may have opened it, and does not know.
        var unknown = starts.IsPending ? fresh.FindAll(f => f.Happened is Disclosure or ReleaseRun) : [];
        var published = fresh.Select(f => f.Happened).OfType<ReleasePublished>().Select(p => (Index: p.Run, Run: RunAt(p.Run, fresh))).Where(p => p.Run is not null).Select(p => (p.Index, Run: p.Run!)).ToList();
        var (remember, undo) = (new List<Action<DbConnection, DbTransaction>>(), starts.Remember());
        foreach (var f in fresh)
        {
            if (starts.Follow(f.Happened) is { } also)
            {
                remember.Add(also);
            }
        }

        try
        {
            await writer.WriteAsync((c, t) =>
            {
                Persist(c, t, fresh, checkpoint);
                remember.ForEach(r => r(c, t));
                unknown.ForEach(f => NotePossible(c, t, f));
                published.ForEach(p => ReleaseHistory.NotePublished(c, t, p.Run, p.Index));
                clock.Remember(c, t);
            });
        }
        catch
        {
            undo();
            throw;
        }

        range = trial;
        Recall(fresh, checkpoint);
        foreach (var f in fresh)
        {
            day = f.Day;
            // An entry that its signatures do not carry changes nothing, and stays in the log for everybody to see. A pause of what the log has
            // paused already changes nothing either, but then the log's word counts for this one too.
            if (Apply(f.Index, f.Day, f.Happened) is null || (f.Happened is ProgramPaused paused && Authority.IsPaused(paused.Program)))
            {
                owed.Enqueue((f.Index, f.Happened));
            }
        }

        await ObeyAsync();
    }

    private void NotePossible(DbConnection c, DbTransaction t, Followed f)
    {
        if (f.Happened is Disclosure disclosure)
        {
            OpeningLedger.NotePossible(c, t, vault, f.Index, Merkle.Leaf(f.Bytes), disclosure, clock.Now);
        }
        else
        {
            ReleaseHistory.NotePossible(c, t, f.Index);
        }
    }

    private ReleaseRun? RunAt(ulong index, List<Followed> fresh) =>
        index < range.Size ? LogEntry.TryRead(Entry(index))?.Event as ReleaseRun : fresh.Find(f => f.Index == index)?.Happened as ReleaseRun;

    private void Persist(DbConnection c, DbTransaction t, List<Followed> fresh, Checkpoint checkpoint)
    {
        Rows.Insert(c, t, "entries (idx, entry, authority)", [.. fresh.Select(f => new object[] { (long)f.Index, f.Bytes, f.Happened.CarriesAuthority ? 1 : 0 })]);
        Rows.Insert(c, t, "openings (idx, sealed, expires_on)", [.. fresh.Where(f => f.Openings is not null).Select(f => new object[]
        {
            (long)f.Index, vault.SealOpening(f.Openings!.ToBytes(), f.Index), Sql.Day(f.Happened.CarriesAuthority ? DateOnly.MaxValue : f.Day.AddDays(OpeningDays)),
        })]);
        c.Execute("INSERT INTO checkpoints (size, root) VALUES (@size, @root) ON CONFLICT DO NOTHING", new { size = (long)checkpoint.Size, root = checkpoint.Root.ToArray() }, t);
    }

    private void Recall(List<Followed> fresh, Checkpoint checkpoint)
    {
        if (recentEntries.Count + fresh.Count > MostRecent)
        {
            recentEntries.Clear();
            recentRoots.Clear();
        }

        fresh.ForEach(f => recentEntries[f.Index] = f.Bytes);
        recentRoots[checkpoint.Size] = checkpoint.Root;
    }

    private IEnumerable<(ulong Index, LogEvent Happened)> Replay()
    {
        var standing = new List<(ulong, LogEvent)>();
        using var connection = database.Open();
        foreach (var (idx, bytes, authority) in connection.Query<(long, byte[], int)>("SELECT idx, entry, authority FROM entries ORDER BY idx", buffered: false))
        {
            range.Append(Merkle.Leaf(bytes));
            var index = (ulong)idx;
            if (authority == 0)
            {
                continue;
            }

            using var other = database.Open();
            var opening = Open(index, other.QuerySingleOrDefault<byte[]>("SELECT sealed FROM openings WHERE idx = @idx", new { idx }));
            if (LogEntry.TryRead(bytes) is { } entry && entry.Open(opening) is { } happened && Apply(index, entry.Day, happened) is null)
            {
                standing.Add((index, happened));
            }
        }

        day = range.Size == 0 ? default : LogEntry.TryRead(Entry(range.Size - 1))!.Day;
        return standing;
    }

    private string? Apply(ulong index, DateOnly recorded, LogEvent happened)
    {
        var why = Authority.Apply(index, recorded, happened);
        if (logKey is null && Authority.Root is { } root)
        {
            logKey = NoteVerifier.Parse(root.Log);
        }

        return why;
    }

    /// <summary>What the log orders the keyholder itself to do. The same order twice is obeyed once.</summary>
    private async Task ObeyAsync(ulong index, LogEvent happened)
    {
        switch (happened)
        {
            case KeysDestroyed { Order: { } order }:
                var held = Authority.Delayed.Where(d => d.Entry == index).Select(d => d.Program).ToList();
                await vault.CloseAsync(order.Person, held, index);
                await vault.DestroyAsync(order.Person, [.. order.Programs.Except(held, StringComparer.Ordinal)], index);
                break;
            case ProgramPaused paused:
                await pauses.LoggedAsync(paused);
                break;
            default:
                break;
        }
    }

    private string Cosign(Checkpoint checkpoint)
    {
        var signature = witnessKey.Sign(System.Text.Encoding.UTF8.GetBytes(checkpoint.ToString()), clock.Now);
        return new NoteSignature(witnessKey.Verifier.Name, witnessKey.Verifier.Id, signature).ToString().TrimEnd('\n');
    }

    private Openings? Open(ulong index, byte[]? box) => box is null ? null : Openings.TryRead(vault.OpenOpening(box, index));

    private static KeyholderResponse.Refused Refuse(string code, string message) => new(code, message);

    private sealed record Forgotten : PersonEvent
    {
        public override bool CarriesAuthority => false;
    }

    private sealed record Followed(ulong Index, byte[] Bytes, DateOnly Day, LogEvent Happened, Openings? Openings);
}
