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
    private readonly ConcurrentDictionary<string, string> confirmed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> received = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim asking = new(1, 1);
    private volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (string Mark, DateTimeOffset Time, IReadOnlyList<string> Status)? said;
    private string mark;
    private int waiting;

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

    /// <summary>Answers a machine: at once when something is new to it, else when something is, or after a while.</summary>
    public async Task<AgentChanges> WaitAsync(string device, string seen, CancellationToken cancel)
    {
        var change = changed; // before the look: what changes in between completes this very one
        if (seen == Mark)
        {
            await ConfirmAsync(device, seen);
            Interlocked.Increment(ref waiting);
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stopping);
                await change.Task.WaitAsync(Longest, time, either.Token);
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
        return new AgentChanges(now, status);
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
        var now = MarkOf();
        if (now != Mark)
        {
            Volatile.Write(ref mark, now);
            Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    private string MarkOf() => log.Read(a =>
    {
        var all = new StringBuilder();
        foreach (var (name, state) in a.Programs.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            all.Append(CultureInfo.InvariantCulture, $"{name} {state.Active} {state.PausedBy} {state.Resumed:O}\n");
        }

        return Hash.Of(Encoding.UTF8.GetBytes(all.ToString())).ToHex()[..16];
    });
}
