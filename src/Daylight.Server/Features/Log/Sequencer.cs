using System.Data.Common;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Notices;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Log;

/// <summary>An entry that waits for its place in the log.</summary>
/// <param name="Happened">The event.</param>
/// <param name="Entry">The entry, with the day on which it was made.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Openings">What opens it, when it is about a person.</param>
/// <param name="Together">Rows that commit together with it.</param>
internal sealed record Pending(LogEvent Happened, LogEntry Entry, byte[] Bytes, Openings? Openings, Action<DbConnection, DbTransaction, ulong>? Together)
{
    public TaskCompletionSource<AppendedEntry> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Puts entries in their order, while it has the turn: entries and tiles in one durable commit, then the keyholder's cosignature, then publication. What the
/// keyholder has followed is the log: a database that knows less is filled up from there, and one that knows otherwise publishes nothing.
/// </summary>
internal sealed class Sequencer(LogStore store, OpeningStore openings, IDatabase database, GroupCommitWriter writer, KeyholderClient keyholder, ServerKeys keys, TimeProvider time)
{
    private const int EntriesPerMessage = 1000;

    private NoteSigner signer = null!;
    private TileTree tree = null!;
    private DateOnly lastDay;
    private ulong followed;
    private ulong published;
    private bool inStep;

    /// <summary>The log's verification key.</summary>
    public NoteVerifier Verifier => signer.Verifier;

    /// <summary>Number of entries, published or not.</summary>
    public ulong Size => tree.Size;

    /// <summary>Whether this process ever saw that its database holds the keyholder's history.</summary>
    public bool WasInStep { get; private set; }

    /// <summary>Whether something waits to be published.</summary>
    public bool IsBehind => !inStep || followed < tree.Size || published < tree.Size;

    /// <summary>What the keyholder said of itself last.</summary>
    public KeyholderResponse.Identity? Keyholder { get; private set; }

    public void Open(NoteSigner logSigner)
    {
        signer = logSigner;
        tree = new TileTree(store.Size(), store.Tile);
        lastDay = LastDay();
    }

    /// <summary>Makes sure that the stored log is the one that this process knows; another node may have gone on with it.</summary>
    /// <exception cref="IOException">Nobody else may write here, and yet it is another log.</exception>
    public void CatchUp()
    {
        var stored = store.Size();
        if (stored == tree.Size)
        {
            return;
        }

        if (!database.IsShared)
        {
            throw new IOException("The stored log is not the one that this server opened.");
        }

        Reset(stored);
    }

    /// <summary>Goes back to what is stored, after something went wrong.</summary>
    public void Reset()
    {
        inStep = false;
        Reset(store.Size());
    }

    /// <summary>Makes sure that the storage can be written while there is nothing to write: what failed once is believed again only when it has room.</summary>
    /// <param name="room">Whether to take room for an entry, and give it back.</param>
    public Task ProbeAsync(bool room) => writer.WriteAsync((c, t) =>
    {
        if (room)
        {
            c.Execute("INSERT INTO settings (name, sealed) VALUES ('probe', @bytes)", new { bytes = new byte[EntryBundle.MaxEntry] }, t);
            c.Execute("DELETE FROM settings WHERE name = 'probe'", transaction: t);
        }
    });

    /// <summary>Asks the keyholder how far it is, and fills up from it what this database lacks.</summary>
    /// <exception cref="KeyholderException">It cannot be reached, or has followed another history.</exception>
    public async Task StepAsync(CancellationToken cancel)
    {
        inStep = false;
        var identity = await keyholder.HelloAsync(cancel);
        Keyholder = identity;
        published = PublishedSize();
        await RefillAsync(identity.Size, cancel);
        var root = identity.Size == tree.Size ? tree.Root : Proofs.Root(identity.Size, tree.Node);
        if (identity.LogRoot != root.ToString())
        {
            throw new KeyholderException("fork", "The keyholder has followed another history than this server's database holds. Nothing is published.");
        }

        (followed, inStep, WasInStep) = (identity.Size, true, true);
    }

    /// <summary>Commits entries, durable and integrated; they are not published yet.</summary>
    /// <returns>Index of the first.</returns>
    public async Task<ulong> AppendAsync(IReadOnlyList<Pending> batch)
    {
        var first = tree.Size;
        // Days never run backwards, whatever the clock does around midnight: verifiers refuse a log in which they do.
        var day = lastDay;
        var rows = new List<StoredEntry>(batch.Count);
        foreach (var pending in batch)
        {
            day = pending.Entry.Day > day ? pending.Entry.Day : day;
            var bytes = pending.Entry.Day == day ? pending.Bytes : (pending.Entry with { Day = day }).ToBytes();
            rows.Add(new StoredEntry(first + (ulong)rows.Count, bytes, pending.Happened, pending.Openings, pending.Together));
        }

        await StoreAsync(rows);
        lastDay = day;
        return first;
    }

    /// <summary>Has the keyholder follow everything that it has not, and publishes the checkpoint that it cosigned.</summary>
    /// <returns>The checkpoint, and whether the keyholder has something for the log.</returns>
    public async Task<(string Checkpoint, bool Waits)> PublishAsync(CancellationToken cancel)
    {
        bool waits;
        do
        {
            var to = Math.Min(tree.Size, followed + EntriesPerMessage);
            var root = to == tree.Size ? tree.Root : Proofs.Root(to, tree.Node);
            var note = SignedNote.Sign(new Checkpoint(signer.Verifier.Name, to, root).ToString(), time.GetUtcNow(), signer);
            inStep = false;
            var answer = await keyholder.FollowAsync(new KeyholderRequest.Follow(followed, Entries(followed, to), note.ToString()), cancel);
            (followed, waits) = (to, answer.Waits);
            inStep = true;
            if (answer.Cosignature is { } cosignature)
            {
                await store.PublishAsync(writer, note + cosignature + "\n");
                published = to;
            }
            else if (to == tree.Size)
            {
                throw new KeyholderException("office", "The log names another keyholder than this one. Root approvers name it: daylight keyholder change");
            }
        }
        while (followed < tree.Size);

        return (store.Checkpoint()!, waits);
    }

    /// <summary>Writes the published checkpoint where no entry came along that took it.</summary>
    public Task SettleAsync() => store.SettleAsync(writer);

    /// <summary>Audit path of an entry to the newest size.</summary>
    public IReadOnlyList<string> Prove(ulong index) => [.. Proofs.Inclusion(index, tree.Size, tree.Node).Select(h => h.ToString())];

    private readonly List<StoredEntry> recent = [];

    private List<FollowedEntry> Entries(ulong from, ulong to)
    {
        // What was just stored is at hand; anything else (another node's, a crash's) comes from the database.
        if (recent.Count > 0 && recent[0].Index <= from && recent[^1].Index + 1 == to)
        {
            return [.. recent.Skip((int)(from - recent[0].Index)).Select(r => new FollowedEntry(Convert.ToBase64String(r.Bytes), r.Openings))];
        }

        var opened = openings.Range(from, to - from);
        return [.. store.Entries(from, to - from).Select((e, i) => new FollowedEntry(Convert.ToBase64String(e), opened.GetValueOrDefault(from + (ulong)i)))];
    }

    private async Task StoreAsync(List<StoredEntry> rows)
    {
        tree.Append([.. rows.Select(r => Merkle.Leaf(r.Bytes))]);
        var (tiles, published) = (tree.TakeChanges(), store.Take());
        await writer.WriteAsync((c, t) =>
        {
            if (published is not null)
            {
                LogStore.Write(c, t, 1, published);
            }

            Rows.Insert(c, t, "log_entries (idx, entry, authority)", [.. rows.Select(r => new object[] { (long)r.Index, r.Bytes, r.Happened.CarriesAuthority ? 1 : 0 })]);
            Rows.Insert(c, t, "openings (idx, sealed, expires_on)", [.. rows.Where(r => r.Openings is not null)
                .Select(r => new object[] { (long)r.Index, openings.Seal(r.Openings!, r.Index), Sql.Day(((PersonEvent)r.Happened).Kept) })]);
            Rows.Insert(c, t, "concerns (subject_ref, idx, party, tell)", [.. rows.SelectMany(Concerns)]);
            Rows.Insert(c, t, NoticeStore.Table, [.. rows.SelectMany(Notices)]);
            foreach (var (id, bytes) in tiles)
            {
                c.Execute(
                    "INSERT INTO log_tiles (level, idx, hashes) VALUES (@Level, @index, @bytes) ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes",
                    new { id.Level, index = (long)id.Index, bytes },
                    t);
            }

            rows.ForEach(r => r.Together?.Invoke(c, t, r.Index));
        });
        recent.Clear();
        recent.AddRange(rows);
    }

    private IEnumerable<object[]> Notices(StoredEntry row) => row.Happened is PersonEvent { View: { Subject.Length: > 0 } view } && NoticeStore.KindOf(view) is { } kind
        ? [NoticeStore.Row(keys, new Notice(view.Subject, kind, string.Empty, row.Index), view.Tell)]
        : [];

    private IEnumerable<object[]> Concerns(StoredEntry row)
    {
        if (row.Happened is not PersonEvent happened)
        {
            yield break;
        }

        if (happened.View is { Subject.Length: > 0 } view)
        {
            yield return [keys.LogRef(view.Subject), (long)row.Index, "subject", Sql.Day(view.Tell)];
        }

        if (happened.Asker.Length > 0)
        {
            yield return [keys.LogRef(happened.Asker), (long)row.Index, "asker", Sql.Day(default(DateOnly))];
        }
    }

    /// <summary>Takes from the keyholder what it followed and this database lacks. What was never published here and is otherwise there gives way.</summary>
    private async Task RefillAsync(ulong to, CancellationToken cancel)
    {
        for (var at = Math.Min(published, tree.Size); at < to;)
        {
            var kept = (await keyholder.EntriesFromAsync(at, EntriesPerMessage, cancel)).Entries.Take((int)Math.Min(to - at, EntriesPerMessage)).ToList();
            if (kept.Count == 0)
            {
                throw new KeyholderException("refill", "The keyholder has followed a longer log and does not give it back.");
            }

            var entries = kept.ConvertAll(k => (Bytes: Convert.FromBase64String(k.Entry), k.Openings));
            var here = store.Entries(at, (ulong)entries.Count);
            var same = here.Zip(entries).TakeWhile(p => p.First.AsSpan().SequenceEqual(p.Second.Bytes)).Count();
            if (same < here.Count)
            {
                await DropAsync(at + (ulong)same);
            }

            var rows = entries.Skip(same).Select((e, i) => new StoredEntry(at + (ulong)(same + i), e.Bytes, Happened(e.Bytes, e.Openings), e.Openings, null)).ToList();
            if (rows.Count > 0)
            {
                await StoreAsync(rows);
                lastDay = LastDay();
            }

            at += (ulong)entries.Count;
        }
    }

    private static LogEvent Happened(byte[] bytes, Openings? opened) => LogEntry.TryRead(bytes) is not { } entry
        ? throw new KeyholderException("refill", "The keyholder gives back something that is not an entry.")
        : entry.Open(opened) ?? new Erased();

    private async Task DropAsync(ulong from)
    {
        var idx = (long)from;
        await writer.WriteAsync((c, t) =>
        {
            foreach (var table in (string[])["log_entries", "openings", "concerns", "notices"])
            {
#pragma warning disable CA2100 // one of four constants
                c.Execute($"DELETE FROM {table} WHERE idx >= @idx", new { idx }, t);
#pragma warning restore CA2100
            }

            c.Execute("DELETE FROM release_runs WHERE run >= @idx", new { idx }, t);
            c.Execute("DELETE FROM release_people WHERE run >= @idx", new { idx }, t);
        });
        Reset(from);
    }

    private void Reset(ulong size)
    {
        recent.Clear();
        tree.Reset(size);
        lastDay = LastDay();
    }

    private ulong PublishedSize() => store.Checkpoint() is { } note && Checkpoint.TryOpen(note, out var checkpoint, Verifier) ? checkpoint!.Size : 0;

    private DateOnly LastDay() => tree.Size > 0 ? LogEntry.TryRead(store.Entry(tree.Size - 1) ?? [])?.Day ?? default : default;

    /// <summary>What an entry says whose openings are gone.</summary>
    private sealed record Erased : PersonEvent
    {
        public override bool CarriesAuthority => false;
    }

    private sealed record StoredEntry(ulong Index, byte[] Bytes, LogEvent Happened, Openings? Openings, Action<DbConnection, DbTransaction, ulong>? Together);
}
