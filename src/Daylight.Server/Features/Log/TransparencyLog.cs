using System.Data.Common;
using System.Threading.Channels;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Log;

/// <summary>An entry that is durable, integrated and covered by a checkpoint that the keyholder cosigned.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Proof">Audit path, base64.</param>
internal sealed record AppendedEntry(ulong Index, string Checkpoint, IReadOnlyList<string> Proof);

/// <summary>The log cannot be written, so nothing may be shown.</summary>
internal sealed class LogUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// Sequences the log. Entries that wait are appended together: one durable commit, one checkpoint, one cosignature. A caller's task
/// completes when the entry is in a published checkpoint; a checkpoint is published only after the keyholder cosigned it.
/// </summary>
internal sealed class TransparencyLog : IAsyncDisposable
{
    private const int MostPerBatch = 1024;

    /// <summary>How soon entries that a missing keyholder left unpublished (a pause, say) are tried again, without waiting for another append.</summary>
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(5);

    private readonly LogStore store;
    private readonly OpeningStore openings;
    private readonly GroupCommitWriter writer;
    private readonly KeyholderClient keyholder;
    private readonly ServerKeys keys;
    private readonly TimeProvider time;
    private readonly Channel<Pending> queue = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Authority authority = new();
    private readonly Lock authorityLock = new();
    private NoteSigner signer = null!;
    private TileTree tree = null!;
    private ulong applied;
    private DateOnly lastDay;
    private Task loop = Task.CompletedTask;
    private ITimer? retry;

    public TransparencyLog(LogStore store, OpeningStore openings, GroupCommitWriter writer, KeyholderClient keyholder, ServerKeys keys, TimeProvider time)
    {
        (this.store, this.openings, this.writer, this.keyholder, this.keys, this.time) = (store, openings, writer, keyholder, keys, time);
    }

    /// <summary>The log's verification key.</summary>
    public NoteVerifier Verifier => signer.Verifier;

    /// <summary>Why the log could not be written last time; null when it could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Published entries.</summary>
    public ulong Size => Volatile.Read(ref applied);

    /// <summary>Opens the stored log and publishes what a crash left unpublished.</summary>
    public async Task StartAsync(NoteSigner logSigner, CancellationToken cancel)
    {
        signer = logSigner;
        tree = new TileTree(store.Size(), store.Tile);
        lastDay = tree.Size > 0 ? LogEntry.TryRead(store.Entry(tree.Size - 1))?.Day ?? default : default;
        if (tree.Size > 0)
        {
            await PublishAsync(cancel);
        }

        loop = Task.Run(RunAsync, CancellationToken.None);
        retry = time.CreateTimer(_ => queue.Writer.TryWrite(Pending.Nothing), null, RetryEvery, RetryEvery);
    }

    /// <summary>Reads what the log's entries say. The reader must not keep the object.</summary>
    public T Read<T>(Func<Authority, T> read)
    {
        lock (authorityLock)
        {
            return read(authority);
        }
    }

    /// <summary>Appends an event that stands in the log in full.</summary>
    public Task<AppendedEntry> AppendAsync(PublicEvent happened, Action<DbConnection, DbTransaction, ulong>? together = null) =>
        EnqueueAsync(new Pending(LogEntry.Of(Today, happened).ToBytes(), null, [], DateOnly.MaxValue, together));

    /// <summary>Appends an event about a person.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="asker">Who asked, or empty.</param>
    /// <param name="expires">When its openings go; what carries authority stays.</param>
    /// <param name="together">Rows that commit together with the entry.</param>
    public async Task<(AppendedEntry Entry, Openings Openings)> AppendAsync(
        PersonEvent happened, string asker, DateOnly expires, Action<DbConnection, DbTransaction, ulong>? together = null)
    {
        var (entry, opened) = LogEntry.Of(Today, happened, AskerView(happened, asker));
        var concerns = new List<(string Person, string Party)>();
        if (SubjectView.Of(happened) is { Subject.Length: > 0 } view)
        {
            concerns.Add((view.Subject, "subject"));
        }

        if (asker.Length > 0)
        {
            concerns.Add((asker, "asker"));
        }

        return (await EnqueueAsync(new Pending(entry.ToBytes(), opened, concerns, happened.CarriesAuthority ? DateOnly.MaxValue : expires, together)), opened);
    }

    /// <summary>A proof for a published entry, to the newest checkpoint.</summary>
    public (string Checkpoint, IReadOnlyList<Hash> Proof)? Prove(ulong index)
    {
        var note = store.Checkpoint();
        return note is null || !Checkpoint.TryOpen(note, out var checkpoint, Verifier) || index >= checkpoint!.Size
            ? null
            : (note, Proofs.Inclusion(index, checkpoint.Size, new TileTree(checkpoint.Size, store.Tile).Node));
    }

    public async ValueTask DisposeAsync()
    {
        if (retry is not null)
        {
            await retry.DisposeAsync();
        }

        queue.Writer.TryComplete();
        await loop;
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <exception cref="FormatException">The event is not one that a verifier could read back, or is too long for an entry: it must not stop the log.</exception>
    private async Task<AppendedEntry> EnqueueAsync(Pending pending)
    {
        if (pending.Bytes.Length > EntryBundle.MaxEntry || LogEntry.TryRead(pending.Bytes)?.Open(pending.Openings) is null
            || (pending.Openings is { } opened && opened.Details.Json.Length > EntryBundle.MaxEntry))
        {
            throw new FormatException("That is not an event of the log's schema, or it is too long for an entry.");
        }

        return queue.Writer.TryWrite(pending)
            ? await pending.Done.Task
            : throw new LogUnavailableException("The server is stopping.", new ObjectDisposedException(nameof(TransparencyLog)));
    }

    private async Task RunAsync()
    {
        var batch = new List<Pending>();
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MostPerBatch && queue.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
            }

            try
            {
                batch.RemoveAll(p => ReferenceEquals(p, Pending.Nothing));
                if (batch.Count > 0)
                {
                    await AppendBatchAsync(batch);
                }
                else if (Trouble is not null || applied < tree.Size)
                {
                    await PublishAsync(CancellationToken.None);
                }

                Trouble = null;
            }
            catch (Exception e)
            {
                // Whatever it was (disk full, file gone, keyholder away): no log, no look.
                Trouble = e is KeyholderException ? e.Message : "The log's storage cannot be written.";
                batch.ForEach(p => p.Done.TrySetException(new LogUnavailableException(Trouble, e)));
                TryReset();
            }

            batch.Clear();
        }
    }

    private async Task AppendBatchAsync(List<Pending> batch)
    {
        if (store.Size() != tree.Size)
        {
            throw new IOException("The stored log is not the one that this server opened.");
        }

        var first = tree.Size;
        // Days never run backwards, whatever the clock does around midnight: verifiers refuse a log in which they do.
        var day = lastDay;
        var entries = batch.ConvertAll(p => Stamp(p.Bytes, ref day));
        tree.Append([.. entries.Select(e => Merkle.Leaf(e))]);
        var tiles = tree.TakeChanges();
        await writer.WriteAsync((c, t) =>
        {
            for (var i = 0; i < batch.Count; i++)
            {
                Insert(c, t, first + (ulong)i, entries[i], batch[i]);
            }

            foreach (var (id, bytes) in tiles)
            {
                c.Execute(
                    "INSERT INTO log_tiles (level, idx, hashes) VALUES (@Level, @index, @bytes) ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes",
                    new { id.Level, index = (long)id.Index, bytes },
                    t);
            }
        });
        lastDay = day;
        var checkpoint = await PublishAsync(CancellationToken.None);
        for (var i = 0; i < batch.Count; i++)
        {
            var index = first + (ulong)i;
            batch[i].Done.TrySetResult(new AppendedEntry(index, checkpoint, [.. Proofs.Inclusion(index, tree.Size, tree.Node).Select(h => h.ToString())]));
        }
    }

    private static byte[] Stamp(byte[] bytes, ref DateOnly day)
    {
        var entry = LogEntry.TryRead(bytes)!;
        if (entry.Day >= day)
        {
            day = entry.Day;
            return bytes;
        }

        return (entry with { Day = day }).ToBytes();
    }

    private void Insert(DbConnection connection, DbTransaction transaction, ulong index, byte[] entry, Pending pending)
    {
        var idx = (long)index;
        connection.Execute("INSERT INTO log_entries (idx, entry) VALUES (@idx, @entry)", new { idx, entry }, transaction);
        if (pending.Openings is { } opened)
        {
            connection.Execute(
                "INSERT INTO openings (idx, sealed, expires_on) VALUES (@idx, @sealed, @expires)",
                new { idx, @sealed = openings.Seal(opened, index), expires = Sql.Day(pending.Expires) },
                transaction);
        }

        foreach (var (person, party) in pending.Concerns)
        {
            connection.Execute("INSERT INTO concerns (subject_ref, idx, party) VALUES (@subject, @idx, @party)", new { subject = keys.LogRef(person), idx, party }, transaction);
        }

        pending.Together?.Invoke(connection, transaction, index);
    }

    /// <summary>Has the keyholder follow everything that it has not, and publishes the checkpoint that it cosigned.</summary>
    private async Task<string> PublishAsync(CancellationToken cancel)
    {
        if (store.Size() != tree.Size)
        {
            throw new IOException("The stored log is not the one that this server opened.");
        }

        var body = new Checkpoint(signer.Verifier.Name, tree.Size, tree.Root);
        var note = SignedNote.Sign(body.ToString(), time.GetUtcNow(), signer);
        var from = (await keyholder.HelloAsync(cancel)).Size;
        if (from > tree.Size)
        {
            throw new KeyholderException("ahead", "The keyholder has followed a longer log than this server has: the server's database was restored from an older copy.");
        }

        var opened = openings.Range(from, tree.Size - from);
        var entries = store.Entries(from, tree.Size - from)
            .Select((e, i) => new FollowedEntry(Convert.ToBase64String(e), opened.GetValueOrDefault(from + (ulong)i)))
            .ToList();
        var followed = await keyholder.FollowAsync(new KeyholderRequest.Follow(from, entries, note.ToString()), cancel);
        var published = note + followed.Cosignature + "\n";
        await writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO log_checkpoint (one, note) VALUES (1, @published) ON CONFLICT (one) DO UPDATE SET note = excluded.note", new { published }, t));
        ApplyPublished();
        return published;
    }

    private void ApplyPublished()
    {
        lock (authorityLock)
        {
            while (applied < tree.Size)
            {
                const ulong step = 4096;
                var count = Math.Min(step, tree.Size - applied);
                var opened = openings.Range(applied, count);
                foreach (var bytes in store.Entries(applied, count))
                {
                    if (LogEntry.TryRead(bytes) is { } entry && entry.Open(opened.GetValueOrDefault(applied)) is { } happened)
                    {
                        _ = authority.Apply(applied, entry.Day, happened);
                    }

                    Volatile.Write(ref applied, applied + 1);
                }
            }
        }
    }

    private void TryReset()
    {
        try
        {
            tree.Reset(store.Size());
        }
        catch (Exception)
        {
            // The store cannot be read either; the next append finds the sizes apart and refuses again.
        }
    }

    private static byte[] AskerView(PersonEvent happened, string asker) => happened switch
    {
        Disclosure d => d.Signed.Bytes,
        _ when asker.Length > 0 && SubjectView.Of(happened) is { } view => CanonicalJson.Write(view, SealingJson.Default.SubjectView),
        _ => "{}"u8.ToArray(),
    };

    private sealed record Pending(
        byte[] Bytes, Openings? Openings, IReadOnlyList<(string Person, string Party)> Concerns, DateOnly Expires, Action<DbConnection, DbTransaction, ulong>? Together)
    {
        /// <summary>Nothing to append: only see whether something waits to be published.</summary>
        public static Pending Nothing { get; } = new([], null, [], default, null);

        public TaskCompletionSource<AppendedEntry> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
