namespace Daylight.Transparency;

/// <summary>
/// Checks a whole log from its parts: signatures, every entry's own hash against the tiles, every tile against the level below, and the
/// root against the checkpoint. The tree is rebuilt from the entries; no tile is ever trusted (see CVE-2026-56865 for a reader that did).
/// Bundles are fetched and hashed side by side, and joined in order.
/// </summary>
public static class LogFsck
{
    private const int MostProblems = 100;

    // Enough to keep every core busy and a network's round trips hidden; 32 bundles of entries are what is in memory at a time.
    private const int Ahead = 32;

    private static readonly Dictionary<ulong, Hash> NoHistory = [];

    /// <summary>Runs the check.</summary>
    /// <param name="source">The log.</param>
    /// <param name="required">Who must have signed the checkpoint: the log's own key first. Without a key nothing can be found good.</param>
    /// <param name="entry">Looks at every entry, on several threads, and may complain.</param>
    /// <param name="progress">Told how many entries are done.</param>
    /// <param name="cancel">Stops the check.</param>
    public static Task<LogReport> RunAsync(
        ILogSource source, NoteVerifier[] required, EntryInspector? entry, IProgress<(ulong Done, ulong Total)>? progress, CancellationToken cancel) =>
        RunAsync(source, required, entry, NoHistory, progress, cancel);

    /// <summary>Runs the check, and compares the history with roots that the log is known to have had.</summary>
    /// <param name="source">The log.</param>
    /// <param name="required">Who must have signed the checkpoint: the log's own key first. Without a key nothing can be found good.</param>
    /// <param name="entry">Looks at every entry, on several threads, and may complain.</param>
    /// <param name="history">Earlier roots by size, each of which must lie on this history.</param>
    /// <param name="progress">Told how many entries are done.</param>
    /// <param name="cancel">Stops the check.</param>
    public static async Task<LogReport> RunAsync(
        ILogSource source,
        NoteVerifier[] required,
        EntryInspector? entry,
        IReadOnlyDictionary<ulong, Hash> history,
        IProgress<(ulong Done, ulong Total)>? progress,
        CancellationToken cancel)
    {
        var problems = new List<string>();
        if (Open(await source.CheckpointAsync(cancel), required, problems) is not { } checkpoint)
        {
            return new LogReport(null, 0, 0, problems);
        }

        var spine = new FsckSpine(source, checkpoint, history, problems);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = new Queue<Task<CheckedBundle>>();
        try
        {
            var whole = true;
            for (var next = 0UL; whole && problems.Count < MostProblems && spine.Size < checkpoint.Size;)
            {
                for (; running.Count < Ahead && next * TileId.FullWidth < checkpoint.Size; next++)
                {
                    var (index, leaves) = (next, history.Count > 0);
                    running.Enqueue(Task.Run(() => CheckedBundle.ReadAsync(source, index, checkpoint.Size, entry, leaves, stop.Token), stop.Token));
                }

                whole = await spine.JoinAsync(await running.Dequeue(), cancel);
                progress?.Report((spine.Size, checkpoint.Size));
            }

            if (whole && spine.Size == checkpoint.Size)
            {
                await spine.FinishAsync(cancel);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running.Select(t => t.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)));
        }

        return new LogReport(checkpoint, spine.Size, spine.Tiles, problems) { Compared = spine.Compared };
    }

    private static Checkpoint? Open(string note, NoteVerifier[] required, List<string> problems)
    {
        if (required.Length == 0)
        {
            problems.Add("checkpoint: no key was given to check its signature with, so nothing in this log can be believed");
            return null;
        }

        if (!SignedNote.TryParse(note, out var signed) || !Checkpoint.TryParse(signed!.Text, out var checkpoint))
        {
            problems.Add("checkpoint: not a signed checkpoint");
            return null;
        }

        foreach (var verifier in required)
        {
            if (!signed.IsSignedBy(verifier))
            {
                problems.Add($"checkpoint: no good signature of {verifier.Name} (key {verifier.Id:x8})");
            }
        }

        if (!string.Equals(required[0].Name, checkpoint!.Origin, StringComparison.Ordinal))
        {
            problems.Add($"checkpoint: is of the log {checkpoint.Origin}, not of {required[0].Name}");
        }

        return problems.Count == 0 ? checkpoint : null;
    }
}
