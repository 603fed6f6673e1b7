using System.CommandLine;
using System.Globalization;
using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log verify</c>.</summary>
internal static class VerifyCommand
{
    private const string Caveat = "What this proves: nothing was changed or removed since it was recorded. Where server and keyholder share a process, their machine's administrator could still have looked without recording it.";

    public static Command Create()
    {
        var choice = new LogChoice();
        var json = Shared.Json();
        var command = new Command("verify", "Checks the whole log: signatures, every entry's own hash, every tile, the root, every checkpoint that the keyholder cosigned, and that everything that it ever opened is in the log.\n\nExamples:\n  daylight log verify --data ./acme\n  daylight log verify --server https://daylight.example --vkey 'daylight.log/…+…' --token …");
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

        if (!NoteVerifier.TryParse(root.Log, out var own))
        {
            await Console.Error.WriteLineAsync("entry 0: the trust root's keys are damaged; nothing in this log can be believed");
            return CommandLine.Refused;
        }

        var key = opened.VKey ?? own!;
        // What was vouched for comes first, the checkpoint after it: then the checkpoint covers it.
        var openings = opened.Folder is { } folder ? OpenedEntries.FromFolder(folder) : await OpenedEntries.FromServerAsync((HttpLogSource)opened.Source, cancel);
        var history = opened.Folder is { } place ? Cosigned(place) : Watched(key);
        if (openings?.SaidAt is { } said)
        {
            _ = history.TryAdd(said.Size, said.Root);
        }

        var note = await opened.Source.CheckpointAsync(cancel);
        var check = new EntryCheck(openings is null ? null : openings.See);
        var report = await WithProgressAsync(progress => LogFsck.RunAsync(new At(opened.Source, note), [key], check.Inspect, history, progress, cancel));
        List<string> problems = [.. report.Problems, .. Longer(opened.Source, report, history)];
        var witnessed = await WitnessedAsync(opened.Source, cancel);
        if (openings is null && opened.Folder is null)
        {
            problems.Add("openings: the server does not show the keyholder's total of what it opened");
        }

        if (report.Good)
        {
            problems.AddRange(CheckOffices(check.Offices(), note, witnessed, openings, report.Checkpoint!.Size));
        }

        if (json)
        {
            CommandLine.PrintJson(
                new VerifyReport(problems.Count == 0, report.Checkpoint?.Origin, report.Entries, report.Tiles, report.Compared, openings?.Count, problems), LogJson.Default.VerifyReport);
        }
        else
        {
            Print(opened, key, report, check, problems.Count == 0);
            PrintVouched(openings, check, witnessed, problems.Count == 0);
            problems.ForEach(p => Console.Error.WriteLine(p));
            await Console.Error.WriteLineAsync(Caveat);
            Console.WriteLine(problems.Count == 0 ? "The log holds." : $"The log does not hold: {problems.Count} problem{(problems.Count == 1 ? "" : "s")}.");
        }

        return problems.Count == 0 ? CommandLine.Done : CommandLine.Refused;
    }

    /// <summary>Whether the keyholder in office cosigned what is published, the witnesses' checkpoint is good, and all that was ever opened is in the log.</summary>
    private static IEnumerable<string> CheckOffices(Authority offices, string note, string? witnessed, OpenedEntries? openings, ulong size)
    {
        if (offices.Witness is not { } witness || !SignedNote.TryParse(note, out var signed) || !signed!.IsSignedBy(witness))
        {
            yield return "checkpoint: the keyholder in office did not cosign it";
            yield break;
        }

        if (witnessed is not null && offices.AsksOtherWitnesses && !offices.Policy!.TryOpen(witnessed, out _))
        {
            yield return "checkpoint: the one that the witnesses are said to have cosigned does not meet the policy";
        }

        foreach (var problem in openings?.Problems(size, offices.Keyholder!, TimeProvider.System.GetUtcNow()) ?? [])
        {
            yield return problem;
        }
    }

    private static async Task<string?> WitnessedAsync(ILogSource source, CancellationToken cancel) => source switch
    {
        LogStore store => store.Witnessed(),
        HttpLogSource http => await http.GetAsync("witnessed", cancel) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null,
        _ => null,
    };

    private static void PrintVouched(OpenedEntries? openings, EntryCheck check, string? witnessed, bool good)
    {
        var offices = check.Offices();
        if (offices.AsksOtherWitnesses)
        {
            var seen = witnessed is not null && SignedNote.TryParse(witnessed, out var note) && Checkpoint.TryParse(note!.Text, out var c)
                ? string.Join(", ", offices.Policy!.Cosignatures(note).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Witness.Name} {s.At:yyyy-MM-dd HH:mm}Z"))) + string.Create(CultureInfo.InvariantCulture, $" at size {c!.Size}")
                : "have cosigned nothing yet";
            Console.WriteLine($"witnesses    {seen}");
        }
        else
        {
            Console.WriteLine("witnesses    none besides the keyholder");
        }

        Console.WriteLine(openings is null
            ? "openings     the keyholder's total is not at hand"
            : string.Create(CultureInfo.InvariantCulture, $"openings     {openings.Count} by the keyholder's {(openings.Note is null ? "own record" : "signed total")}{(good ? ", each under an entry of this log" : string.Empty)}"));
    }

    private static void Print(OpenedLog opened, NoteVerifier key, LogReport report, EntryCheck check, bool good)
    {
        var checkpoint = report.Checkpoint is { } c ? string.Create(CultureInfo.InvariantCulture, $"size {c.Size}, root {c.Root}, {(good ? "signed by the log and cosigned by the keyholder" : "signed by the log")}") : "does not hold";
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

    private static Task<LogReport> WithProgressAsync(Func<IProgress<(ulong, ulong)>?, Task<LogReport>> run) => CommandLine.WithProgressAsync(
        "verifying entries", 100, at => run(new Progress<(ulong Done, ulong Total)>(p => at(100.0 * p.Done / Math.Max(1, p.Total)))));

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
internal sealed record VerifyReport(bool Good, string? Origin, ulong Entries, int Tiles, int Checkpoints, int? Openings, IReadOnlyList<string> Problems);
