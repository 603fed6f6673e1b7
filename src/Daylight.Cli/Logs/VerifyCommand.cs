using System.CommandLine;
using System.Globalization;
using Dapper;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Transparency;
using Spectre.Console;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log verify</c>.</summary>
internal static class VerifyCommand
{
    private const string Caveat = "What this proves: nothing was changed or removed since it was recorded. Where server and keyholder share a process, their machine's administrator could still have looked without recording it.";

    public static Command Create()
    {
        var choice = new LogChoice();
        var json = Shared.Json();
        var command = new Command("verify", "Checks the whole log: signatures, every entry's own hash, every tile, the root, and every checkpoint that the keyholder cosigned.\n\nExamples:\n  daylight log verify --data ./acme\n  daylight log verify --server https://daylight.example --vkey 'daylight.log/…+…' --token …");
        choice.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancel) =>
        {
            using var log = choice.Open(parsed);
            return await RunAsync(log, parsed.GetValue(json), cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(OpenedLog opened, bool json, CancellationToken cancel)
    {
        if (await opened.TrustRootAsync(cancel) is not { } root)
        {
            await Console.Error.WriteLineAsync("entry 0: is missing, or is no trust root; nothing in this log can be believed");
            return CommandLine.Refused;
        }

        if (!NoteVerifier.TryParse(root.Log, out var own) || !NoteVerifier.TryParse(root.Witness, out var witness))
        {
            await Console.Error.WriteLineAsync("entry 0: the trust root's keys are damaged; nothing in this log can be believed");
            return CommandLine.Refused;
        }

        NoteVerifier[] required = [opened.VKey ?? own!, witness!];
        var history = opened.Folder is { } folder ? Cosigned(folder) : Watched(required[0]);
        var check = new EntryCheck();
        var report = await WithProgressAsync(progress => LogFsck.RunAsync(opened.Source, required, check.Inspect, history, progress, cancel));
        List<string> problems = [.. report.Problems, .. Longer(opened.Source, report, history)];
        if (json)
        {
            CommandLine.PrintJson(new VerifyReport(problems.Count == 0, report.Checkpoint?.Origin, report.Entries, report.Tiles, report.Compared, problems), LogJson.Default.VerifyReport);
        }
        else
        {
            Print(opened, required[0], report, check);
            problems.ForEach(p => Console.Error.WriteLine(p));
            await Console.Error.WriteLineAsync(Caveat);
            Console.WriteLine(problems.Count == 0 ? "The log holds." : $"The log does not hold: {problems.Count} problem{(problems.Count == 1 ? "" : "s")}.");
        }

        return problems.Count == 0 ? CommandLine.Done : CommandLine.Refused;
    }

    private static void Print(OpenedLog opened, NoteVerifier key, LogReport report, EntryCheck check)
    {
        var checkpoint = report.Checkpoint is { } c ? string.Create(CultureInfo.InvariantCulture, $"size {c.Size}, root {c.Root}, signed by the log and cosigned by the keyholder") : "does not hold";
        var entries = string.Create(CultureInfo.InvariantCulture, $"{report.Entries} hashed{(report.Good ? ", each found under the root" : string.Empty)}");
        var kinds = report.Good ? string.Create(CultureInfo.InvariantCulture, $"; {check.Public} public in full, {report.Entries - (ulong)check.Public} about people, as commitments") : string.Empty;
        var earlier = opened.Folder is null ? "remembered by `daylight log watch`" : "of the keyholder";
        Console.WriteLine($"log          {key}{(opened.VKey is null ? "  (from the log's own trust root: compare it with the published one)" : string.Empty)}");
        Console.WriteLine($"checkpoint   {checkpoint}");
        Console.WriteLine($"entries      {entries}{kinds}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"tiles        {report.Tiles} compared with what the entries give"));
        Console.WriteLine(report.Compared > 0
            ? string.Create(CultureInfo.InvariantCulture, $"consistency  {report.Compared} earlier checkpoint{(report.Compared == 1 ? "" : "s")} {earlier} compared with this history")
            : $"consistency  no earlier checkpoint at hand to compare with{(opened.Folder is null ? ", so this says nothing about what the log said before; `daylight log watch` remembers" : string.Empty)}");
    }

    private static async Task<LogReport> WithProgressAsync(Func<IProgress<(ulong, ulong)>?, Task<LogReport>> run)
    {
        if (Console.IsErrorRedirected || Console.IsOutputRedirected)
        {
            return await run(null);
        }

        return await AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
        {
            var task = context.AddTask("verifying entries");
            return await run(new Progress<(ulong Done, ulong Total)>(p => task.Value = 100.0 * p.Done / Math.Max(1, p.Total)));
        });
    }

    /// <summary>Whether somebody vouched for more entries than there are; entries stored but not published yet count as there.</summary>
    private static IEnumerable<string> Longer(ILogSource source, LogReport report, IReadOnlyDictionary<ulong, Hash> history)
    {
        var largest = history.Keys.DefaultIfEmpty().Max();
        return report.Checkpoint is { } checkpoint && largest > checkpoint.Size && !((source as LogStore)?.Size() >= largest)
            ? [string.Create(CultureInfo.InvariantCulture, $"checkpoint: a log of {largest} entries was vouched for before, longer than this one of {checkpoint.Size}")]
            : [];
    }

    /// <summary>The checkpoints that this folder's keyholder cosigned, by size.</summary>
    private static Dictionary<ulong, Hash> Cosigned(DataFolder folder)
    {
        var file = Path.Combine(folder.Keyholder, "keyholder.db");
        if (!File.Exists(file))
        {
            return [];
        }

        using var connection = new SqliteDatabase(file, readOnly: true).Open();
        return connection.Query<(long Size, byte[] Root)>("SELECT size, root FROM checkpoints").ToDictionary(c => (ulong)c.Size, c => Hash.From(c.Root));
    }

    /// <summary>What <c>log watch</c> remembers of this log on this machine, by size.</summary>
    private static Dictionary<ulong, Hash> Watched(NoteVerifier key)
    {
        var file = WatchState.DefaultFile(key);
        return File.Exists(file) ? WatchState.Load(file, [key])!.Checkpoints.DistinctBy(c => c.Size).ToDictionary(c => c.Size, c => c.Root) : [];
    }
}

/// <summary>What <c>log verify --json</c> prints.</summary>
internal sealed record VerifyReport(bool Good, string? Origin, ulong Entries, int Tiles, int Checkpoints, IReadOnlyList<string> Problems);
