using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.Extensions.Hosting;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Tells machines at once what became of programs, in the keyholder's own words, and knows how far that has come. A machine asks with the state that it has
/// taken, so that asking again is its confirmation; who is up to date waits here.
/// </summary>
internal sealed class StopSpread : IDisposable
{
    /// <summary>Longest that a machine waits for an answer: less than proxies and clients do.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly TransparencyLog log;
    private readonly KeyholderClient keyholder;
    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly ServerKeys keys;
    private readonly TimeProvider time;
    private readonly CancellationToken stopping;
    private readonly ConcurrentDictionary<string, string> told = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> confirmed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> received = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim asking = new(1, 1);
    private readonly ConcurrentDictionary<string, Own> own = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (string Mark, DateTimeOffset Time, IReadOnlyList<string> Status)? said;
    private string mark;
    private int waiting;
    private ulong lastSaid;

    public StopSpread(TransparencyLog log, KeyholderClient keyholder, IDatabase database, GroupCommitWriter writer, ServerKeys keys, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        (this.log, this.keyholder, this.database, this.writer, this.keys, this.time) = (log, keyholder, database, writer, keys, time);
        stopping = lifetime.ApplicationStopping;
        mark = MarkOf();
        log.AuthorityChanged += Look;
    }

    /// <summary>Machines that wait for news at this node now.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Names the state of all programs.</summary>
    public string Mark => Volatile.Read(ref mark);

    /// <summary>
    /// Answers a machine: at once when something is new to it, else when something is, or after a while. What it goes by has two parts: the state of all programs, and what
    /// this person said, so that a no on one of their machines, or in the portal, reaches the others at once.
    /// </summary>
    public async Task<AgentChanges> WaitAsync(string device, string person, string seen, CancellationToken cancel)
    {
        var (change, mine) = (changed, own.GetOrAdd(person, p => new Own(SaidBy(p)))); // before the look: what changes in between completes these very ones
        if (seen == $"{Mark}.{SaidBy(person)}" && !mine.Changed.Task.IsCompleted)
        {
            await ConfirmAsync(device, seen.Split('.')[0]);
            Interlocked.Increment(ref waiting);
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stopping);
                await Task.WhenAny(change.Task, mine.Changed.Task).WaitAsync(Longest, time, either.Token);
            }
            catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && stopping.IsCancellationRequested))
            {
                return new AgentChanges(seen, []); // nothing is new; or this node stops, and nobody holds it up
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }
        }

        var (now, status) = await SayAsync(cancel);
        told[device] = now;
        return new AgentChanges($"{now}.{SaidBy(person)}", status);
    }

    /// <summary>How many machines this node has told the state that is in force now, whether they have taken it or not.</summary>
    public int Told => Mark is var now ? told.Values.Count(m => m == now) : 0;

    /// <summary>Whether the keyholder itself says that a program is paused; no while it cannot be asked.</summary>
    public async Task<bool> IsShutAsync(string program, CancellationToken cancel)
    {
        try
        {
            return (await SayAsync(cancel)).Status.Any(s => KeyholderStatement.TryRead(s) is StatusStatement { State: not "active" } status && status.Program == program);
        }
        catch (KeyholderException)
        {
            return false;
        }
    }

    /// <summary>How many machines have taken the state that is in force now.</summary>
    public long Confirmed()
    {
        using var connection = database.Open();
        return connection.QuerySingle<long>("SELECT COUNT(*) FROM spread WHERE mark = @Mark", new { Mark });
    }

    /// <summary>Notes that something came for programs; the minute is enough.</summary>
    public async Task ReceivedAsync(IEnumerable<string> programs)
    {
        var now = time.GetUtcNow();
        foreach (var program in programs.Where(p => !received.TryGetValue(p, out var last) || now - last > TimeSpan.FromMinutes(1) || now < last))
        {
            received[program] = now;
            await writer.WriteAsync((c, t) => c.Execute(
                "INSERT INTO received (program, last) VALUES (@program, @last) ON CONFLICT (program) DO UPDATE SET last = excluded.last", new { program, last = Sql.Instant(now) }, t));
        }
    }

    /// <summary>When something last came for a program, to the minute; null when nothing ever did.</summary>
    public DateTimeOffset? LastReceived(string program)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<long?>("SELECT last FROM received WHERE program = @program", new { program }) is { } last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null;
    }

    /// <summary>Forgets who took states that are no more.</summary>
    public Task ForgetAsync() => writer.WriteAsync((c, t) => c.Execute("DELETE FROM spread WHERE mark <> @Mark", new { Mark }, t));

    public void Dispose()
    {
        log.AuthorityChanged -= Look;
        asking.Dispose();
    }

    private async Task ConfirmAsync(string device, string seen)
    {
        if (confirmed.TryGetValue(device, out var before) && before == seen)
        {
            return;
        }

        var row = new { mark = seen, device = keys.Reference("spread", device) };
        await writer.WriteAsync((c, t) => c.Execute("INSERT INTO spread (mark, device_ref) VALUES (@mark, @device) ON CONFLICT DO NOTHING", row, t));
        confirmed[device] = seen;
    }

    /// <summary>What the keyholder says, once for everybody who is told within a minute.</summary>
    private async Task<(string Mark, IReadOnlyList<string> Status)> SayAsync(CancellationToken cancel)
    {
        await asking.WaitAsync(cancel);
        try
        {
            var (now, wanted) = (time.GetUtcNow(), Mark);
            if (said is { } known && known.Mark == wanted && now - known.Time < TimeSpan.FromMinutes(1) && now >= known.Time)
            {
                return (known.Mark, known.Status);
            }

            var status = await keyholder.StatusAsync(cancel);
            said = (wanted, now, status);
            return (wanted, status);
        }
        finally
        {
            asking.Release();
        }
    }

    private void Look(object? sender, EventArgs e)
    {
        LookAtPeople();
        var now = MarkOf();
        if (now != Mark)
        {
            Volatile.Write(ref mark, now);
            Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    private void LookAtPeople()
    {
        var last = log.Read(a => a.LastSaid);
        if (Interlocked.Exchange(ref lastSaid, last) == last)
        {
            return; // most of what carries authority is nobody's word about a program
        }

        foreach (var (person, mine) in own.Where(o => o.Value.Said != SaidBy(o.Key)).ToList())
        {
            if (own.TryRemove(KeyValuePair.Create(person, mine)))
            {
                mine.Changed.TrySetResult();
            }
        }
    }

    // What one person said about every program, and of what they acknowledged the notice.
    private string SaidBy(string person) => log.Read(a => Hash.Of(Encoding.UTF8.GetBytes(string.Join('\n', a.Programs.Keys.Order(StringComparer.Ordinal)
        .Select(p => $"{p} {a.Consents.GetValueOrDefault((person, p))} {a.NoticedCharter(person, p)}")))).ToHex()[..16]);

    private string MarkOf() => log.Read(a =>
    {
        var all = new StringBuilder();
        foreach (var (name, state) in a.Programs.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            all.Append(CultureInfo.InvariantCulture, $"{name} {state.Active} {state.PausedBy} {state.Resumed:O}\n");
        }

        return Hash.Of(Encoding.UTF8.GetBytes(all.ToString())).ToHex()[..16];
    });

    private sealed record Own(string Said)
    {
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
