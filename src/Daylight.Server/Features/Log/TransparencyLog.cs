using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using Daylight.Protocol;
using Daylight.Sealing;
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
/// The log, as the server's features use it. Entries that wait are appended together: one durable commit, one checkpoint, one cosignature. A caller's task
/// completes when the entry is in a published checkpoint; a checkpoint is published only after the keyholder cosigned it. Several nodes on one database take
/// turns, one batch each: whoever has the turn sequences, and a node that dies loses it.
/// </summary>
internal sealed class TransparencyLog : IAsyncDisposable
{
    private const int MostPerBatch = 1024;

    /// <summary>How many must have come together before anybody is waited for.</summary>
    private const int Crowd = 8;

    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(0.4);

    /// <summary>How soon the log looks by itself whether the keyholder is well, and whether something waits: a pause that could not be published, another node's entries.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>When no entry follows, the published checkpoint goes to the file by itself: readers of the file see it this much later.</summary>
    private static readonly TimeSpan SettleAfter = TimeSpan.FromMilliseconds(50);

    private readonly Sequencer sequencer;
    private readonly LogStore store;
    private readonly OpeningStore openings;
    private readonly IDatabase database;
    private readonly TimeProvider time;
    private readonly Channel<Pending?> queue = Channel.CreateUnbounded<Pending?>(new UnboundedChannelOptions());
    private readonly ConcurrentQueue<TaskCompletionSource> looks = new();
    private readonly Authority authority = new();
    private readonly Lock authorityLock = new();
    private ulong applied;
    private long authorityVersion;
    private Task loop = Task.CompletedTask;
    private ITimer? retry;
    private ITimer? settle;
    private bool storageFailed;

    public TransparencyLog(Sequencer sequencer, LogStore store, OpeningStore openings, IDatabase database, TimeProvider time) =>
        (this.sequencer, this.store, this.openings, this.database, this.time) = (sequencer, store, openings, database, time);

    /// <summary>The log's verification key.</summary>
    public NoteVerifier Verifier => sequencer.Verifier;

    /// <summary>Why the log could not be written last time; null when it could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Why the keyholder opens nothing now, in its own words; null when it is ready.</summary>
    public string? KeyholderTrouble => sequencer.Keyholder?.Trouble;

    /// <summary>Goes up whenever an entry that carries authority was applied: what was worked out from them before is stale.</summary>
    public long AuthorityVersion => Volatile.Read(ref authorityVersion);

    /// <summary>Something that carries authority was applied.</summary>
    public event EventHandler? AuthorityChanged;

    /// <summary>Published entries.</summary>
    public ulong Size => Volatile.Read(ref applied);

    /// <summary>Opens the stored log and publishes what a crash left unpublished.</summary>
    public async Task StartAsync(NoteSigner logSigner)
    {
        sequencer.Open(logSigner);
        await TurnAsync([]);
        ApplyPublished();
        loop = Task.Run(RunAsync, CancellationToken.None);
        settle = time.CreateTimer(_ => _ = sequencer.SettleAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        retry = time.CreateTimer(_ => queue.Writer.TryWrite(null), null, LookEvery, LookEvery);
    }

    /// <summary>Reads what the log's entries say. The reader must not keep the object.</summary>
    public T Read<T>(Func<Authority, T> read)
    {
        lock (authorityLock)
        {
            return read(authority);
        }
    }

    /// <summary>Has the log look now whether the keyholder waits for something, or other nodes went on; done when it has.</summary>
    public Task LookAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        looks.Enqueue(done);
        return queue.Writer.TryWrite(null) ? done.Task : Task.CompletedTask;
    }

    /// <summary>Appends an event that stands in the log in full.</summary>
    public Task<AppendedEntry> AppendAsync(PublicEvent happened, Action<DbConnection, DbTransaction, ulong>? together = null) =>
        EnqueueAsync(Waiting(happened, together));

    /// <summary>Appends an event about a person.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="together">Rows that commit together with the entry.</param>
    public async Task<(AppendedEntry Entry, Openings Openings)> AppendAsync(PersonEvent happened, Action<DbConnection, DbTransaction, ulong>? together = null)
    {
        var (entry, opened) = LogEntry.Of(Today, happened);
        return (await EnqueueAsync(new Pending(happened, entry, entry.ToBytes(), opened, together)), opened);
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
            await settle!.DisposeAsync();
        }

        queue.Writer.TryComplete();
        await loop;
        await sequencer.SettleAsync();
    }

    private Pending Waiting(PublicEvent happened, Action<DbConnection, DbTransaction, ulong>? together = null)
    {
        var entry = LogEntry.Of(Today, happened);
        return new Pending(happened, entry, entry.ToBytes(), null, together);
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <exception cref="FormatException">The event is not one that a verifier could read back, or is too long for an entry: it must not stop the log.</exception>
    private async Task<AppendedEntry> EnqueueAsync(Pending pending)
    {
        // What it was made of must be read back: the event itself, or the entry that holds it.
        var back = pending.Openings is { } opened
            ? opened.ReadEvent()
            : LogEntry.TryRead(pending.Bytes)?.Event;
        if (back is null || pending.Bytes.Length > EntryBundle.MaxEntry || pending.Openings?.Details.Json.Length > EntryBundle.MaxEntry)
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
                if (pending is not null)
                {
                    batch.Add(pending);
                }
            }

            await TurnAsync(batch);
            await GatherAsync(batch.Count);
            batch.Clear();
        }
    }

    /// <summary>
    /// Where many append at once, those who were just answered come again at once: waiting for them, a fraction of what a turn takes, makes turns half as many.
    /// Who is alone is never waited for.
    /// </summary>
    private async Task GatherAsync(int last)
    {
        if (last < Crowd)
        {
            return;
        }

        for (var since = Stopwatch.GetTimestamp(); queue.Reader.Count < 2 * last && queue.Reader.Count < MostPerBatch && Stopwatch.GetElapsedTime(since) < GatherFor;)
        {
            await Task.Yield();
        }
    }

    /// <summary>One turn: step, append, publish. It never throws: what went wrong is told to those who wait, and in <see cref="Trouble"/>.</summary>
    private async Task TurnAsync(List<Pending> batch)
    {
        var waiting = new List<TaskCompletionSource>();
        while (looks.TryDequeue(out var look))
        {
            waiting.Add(look);
        }

        try
        {
            using var turn = database.TakeTurn("log");
            sequencer.CatchUp();
            if (batch.Count == 0 || waiting.Count > 0 || sequencer.IsBehind)
            {
                await StepAsync(batch);
            }

            if (batch.Count > 0)
            {
                await AppendAsync(batch);
                settle?.Change(SettleAfter, Timeout.InfiniteTimeSpan);
            }
            else
            {
                await sequencer.ProbeAsync(room: storageFailed);
                await sequencer.SettleAsync();
            }

            (Trouble, storageFailed) = (null, false);
        }
        catch (Exception e)
        {
            // Whatever it was (disk full, file gone, keyholder away): no log, no look.
            storageFailed |= e is not KeyholderException;
            Trouble = e is KeyholderException ? e.Message : "The log's storage cannot be written.";
            batch.ForEach(p => p.Done.TrySetException(new LogUnavailableException(Trouble, e)));
            TryReset();
        }

        waiting.ForEach(w => w.TrySetResult());
    }

    private async Task StepAsync(List<Pending> batch)
    {
        try
        {
            await sequencer.StepAsync(CancellationToken.None);
            if (sequencer.IsBehind)
            {
                await sequencer.PublishAsync(CancellationToken.None);
            }

            await HearAsync();
            ApplyPublished();
        }
        catch (KeyholderException e) when (e.Code == "office" && batch.Exists(p => p.Happened is KeyholderChanged))
        {
            // It has followed everything, and takes office with the very entry that waits.
        }
        catch (KeyholderException e) when (sequencer.WasInStep && batch.Exists(p => p.Happened.Stops))
        {
            // Stopping waits for nobody: it is kept, and published when the keyholder is back.
            var stops = batch.FindAll(p => p.Happened.Stops);
            await sequencer.AppendAsync(stops);
            stops.ForEach(p => p.Done.TrySetException(new LogUnavailableException("This is kept, and takes effect as soon as the keyholder follows it; it cannot be reached now, or is not in office.", e)));
            throw;
        }
    }

    private async Task AppendAsync(List<Pending> batch)
    {
        var first = await sequencer.AppendAsync(batch);
        var (checkpoint, waits) = await sequencer.PublishAsync(CancellationToken.None);
        Apply(first, batch);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Done.TrySetResult(new AppendedEntry(first + (ulong)i, checkpoint, sequencer.Prove(first + (ulong)i)));
        }

        if (waits)
        {
            await sequencer.StepAsync(CancellationToken.None);
            await HearAsync();
        }
    }

    /// <summary>Logs what the keyholder has for the log: the mark of its start, and pauses that came to it directly.</summary>
    private async Task HearAsync()
    {
        if (sequencer.Keyholder is not { } identity || (identity.Mark is null && identity.Pauses.Count == 0))
        {
            return;
        }

        List<PublicEvent> heard = identity.Mark is { } mark ? [new KeyholderStarted(mark)] : [];
        heard.AddRange(identity.Pauses.Select(s => (Signed: s, Pause: Statement.TryRead(s.Bytes) as PauseProgram)).Where(p => p.Pause is not null)
            .Select(p => new ProgramPaused(p.Pause!.Program, p.Pause.Reason, p.Pause.Time, p.Signed)));
        var batch = heard.ConvertAll(h => Waiting(h));
        var first = await sequencer.AppendAsync(batch);
        await sequencer.PublishAsync(CancellationToken.None);
        await sequencer.StepAsync(CancellationToken.None); // what it says of itself now
        Apply(first, batch);
    }

    private void Apply(ulong first, List<Pending> batch)
    {
        if (first != applied)
        {
            ApplyPublished();
            return;
        }

        var before = authorityVersion;
        lock (authorityLock)
        {
            foreach (var pending in batch)
            {
                if (pending.Happened.CarriesAuthority)
                {
                    _ = authority.Apply(applied, pending.Entry.Day, pending.Happened);
                    Interlocked.Increment(ref authorityVersion);
                }

                Volatile.Write(ref applied, applied + 1);
            }
        }

        Tell(before);
    }

    private void Tell(long before)
    {
        if (authorityVersion != before)
        {
            AuthorityChanged?.Invoke(this, EventArgs.Empty);
        }
    }

    /// <summary>Applies what is published and not applied yet, as it is stored: after a start, and what other nodes appended.</summary>
    private void ApplyPublished()
    {
        if (store.Checkpoint() is not { } note || !Checkpoint.TryOpen(note, out var published, Verifier))
        {
            return;
        }

        var before = authorityVersion;
        lock (authorityLock)
        {
            foreach (var (index, bytes) in store.Authority(applied, published!.Size))
            {
                if (LogEntry.TryRead(bytes) is { } entry && entry.Open(openings.Find(index)) is { } happened)
                {
                    _ = authority.Apply(index, entry.Day, happened);
                    Interlocked.Increment(ref authorityVersion);
                }
            }

            Volatile.Write(ref applied, Math.Max(applied, published.Size));
        }

        Tell(before);
    }

    private void TryReset()
    {
        try
        {
            sequencer.Reset();
        }
        catch (Exception)
        {
            // The store cannot be read either; the next turn finds the sizes apart and refuses again.
        }
    }
}
