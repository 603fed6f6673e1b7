using System.Globalization;
using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary>One look of a monitor at a log.</summary>
/// <param name="Outcome"><c>first</c>, <c>same</c>, <c>grew</c>, <c>seen</c>, <c>unproven</c>, <c>bad-signature</c>, <c>unreachable</c>, <c>fork</c> or <c>rollback</c>.</param>
/// <param name="Origin">The log.</param>
/// <param name="Size">Size of the checkpoint it showed, when it was signed.</param>
/// <param name="Before">Size of the checkpoint it was compared with.</param>
/// <param name="Message">The same in words.</param>
/// <param name="Evidence">Files that hold the two signed checkpoints of a fork or a rollback.</param>
internal sealed record WatchReport(string Outcome, string Origin, ulong? Size, ulong? Before, string Message, IReadOnlyList<string>? Evidence = null)
{
    /// <summary>Whether nothing is wrong as far as it could be seen.</summary>
    public bool Good => Outcome is "first" or "same" or "grew" or "seen";

    /// <summary>Whether the log itself is proven dishonest.</summary>
    [JsonIgnore]
    public bool IsProvenWrong => Outcome is "fork" or "rollback";
}

/// <summary>A monitor: remembers the last checkpoint it accepted, and demands of every later one a proof that nothing before it changed.</summary>
internal sealed class Watch(ILogSource source, NoteVerifier[] required, string stateFile)
{
    private readonly string origin = required[0].Name;

    /// <summary>Looks once. What is accepted is on disk before this returns.</summary>
    public async Task<WatchReport> LookAsync(CancellationToken cancel)
    {
        string note;
        try
        {
            note = await source.CheckpointAsync(cancel);
        }
        catch (Exception e) when (IsUnreachable(e, cancel))
        {
            return Unreachable(e);
        }

        var state = WatchState.Load(stateFile, required);
        if (!Checkpoint.TryOpen(note, out var now, required))
        {
            return new WatchReport("bad-signature", origin, null, state?.Checkpoints[0].Size, $"What the server shows is not a checkpoint that {string.Join(" and ", required.Select(r => r.Name))} signed. That is no proof of a fork: it may be another log, or a page in between. Nothing was accepted.");
        }

        if (state is null)
        {
            new WatchState(required[0].ToString(), note).Save(stateFile);
            return Report("first", now!, null, $"Size {now!.Size}, root {now.Root}: the first checkpoint seen here, so it is taken as it is. Every later one must extend it.");
        }

        return await CompareAsync(state, note, now!, cancel);
    }

    private async Task<WatchReport> CompareAsync(WatchState state, string note, Checkpoint now, CancellationToken cancel)
    {
        // Signed sizes alone show a rollback or two roots of one size, also against what is not proven yet; no tile is needed for that.
        string[] notes = [state.Accepted, .. state.Seen is { } seen ? (string[])[seen] : []];
        foreach (var (before, kept) in state.Checkpoints.Zip(notes))
        {
            if (await LogFollower.CompareAsync(before, now, null, cancel) is LogChange.Forked or LogChange.Shrank)
            {
                return Accuse(before, kept, now, note);
            }
        }

        var why = string.Empty;
        var closed = false;
        foreach (var (before, kept) in state.Checkpoints.Zip(notes))
        {
            try
            {
                switch (await LogFollower.CompareAsync(before, now, source, cancel))
                {
                    case LogChange.Forked:
                        return Accuse(before, kept, now, note);
                    case LogChange.Unproven unproven:
                        why = unproven.Why;
                        break;
                    default:
                        break;
                }
            }
            catch (LogClosedException)
            {
                (closed, why) = (true, "its checkpoint is open to all, but its tiles are for auditors: give the --token of one");
            }
            catch (Exception e) when (IsUnreachable(e, cancel))
            {
                Remember(state, note, now);
                return Unreachable(e);
            }
        }

        var accepted = state.Checkpoints[0];
        if (why.Length > 0)
        {
            Remember(state, note, now);
            return Report(closed ? "seen" : "unproven", now, accepted, $"Size {now.Size}: longer than the accepted {accepted.Size} and signed, but whether it only appended is not proven: {why}. It is remembered; {accepted.Size} stays the last accepted.");
        }

        if (state.Seen is not null || now.Size != accepted.Size)
        {
            new WatchState(state.Log, note).Save(stateFile);
        }

        return now.Size == accepted.Size
            ? Report("same", now, accepted, $"Size {now.Size}: nothing new.")
            : Report("grew", now, accepted, $"Size {now.Size}: proven to extend the {accepted.Size} entries accepted before, none of which changed.");
    }

    private void Remember(WatchState state, string note, Checkpoint now)
    {
        if (now.Size > state.Checkpoints[^1].Size)
        {
            (state with { Seen = note }).Save(stateFile);
        }
    }

    private WatchReport Accuse(Checkpoint before, string kept, Checkpoint now, string note)
    {
        string[] evidence = [WatchState.KeepEvidence(stateFile, before, kept), WatchState.KeepEvidence(stateFile, now, note)];
        return now.Size < before.Size
            ? Report("rollback", now, before, $"ROLLBACK: the log signed {before.Size} entries before, and now signs {now.Size}.") with { Evidence = evidence }
            : Report("fork", now, before, $"FORK: the log signed two histories. Size {before.Size} has root {before.Root}; size {now.Size} has root {now.Root} and does not contain it.") with { Evidence = evidence };
    }

    private WatchReport Report(string outcome, Checkpoint now, Checkpoint? before, FormattableString message) =>
        new(outcome, origin, now.Size, before?.Size, message.ToString(CultureInfo.InvariantCulture));

    private WatchReport Unreachable(Exception e) =>
        new("unreachable", origin, null, null, $"The log cannot be reached or does not answer ({e.Message.TrimEnd('.')}). That says nothing about it; nothing new was accepted.");

    private static bool IsUnreachable(Exception e, CancellationToken cancel) => e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested);
}
