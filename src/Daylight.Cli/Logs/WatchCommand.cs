using System.CommandLine;
using System.Globalization;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log watch</c>.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("URL") { Description = "A server's URL, or that of any log that speaks tlog-tiles" };
        var vkey = new Option<string>("--vkey") { Description = "The log's verification key, as published outside Daylight", HelpName = "VKEY", Required = true };
        var witness = new Option<string[]>("--witness") { Description = "Verification key of somebody who must have cosigned", HelpName = "VKEY" };
        var token = new Option<string?>("--token") { Description = "An auditor's token: growth is proven from tiles, which are for auditors", HelpName = "TOKEN" };
        var state = new Option<string?>("--state") { Description = "Where to remember the last checkpoint; otherwise in $XDG_STATE_HOME/daylight or ~/.local/state/daylight", HelpName = "FILE" };
        var every = new Option<string?>("--every") { Description = "Look again and again: 30s, 5m, 1h", HelpName = "TIME" };
        var json = Shared.Json();
        var command = new Command("watch", "Remembers what the log signed, and proves each time, with an auditor's token, that it only appended; without one it only notices a log that shrank, or another root at a size that it saw. A fork or a rollback exits with 1 and leaves both signed checkpoints as evidence.\n\nExamples:\n  daylight log watch https://daylight.example --vkey 'daylight.log/…+…' --token …\n  daylight log watch https://daylight.example --vkey 'daylight.log/…+…' --token … --every 5m") { url, vkey, witness, token, state, every, json };
        command.SetAction(async (parsed, cancel) =>
        {
            NoteVerifier[] required = [LogChoice.Key("--vkey", parsed.GetValue(vkey)!), .. (parsed.GetValue(witness) ?? []).Select(w => LogChoice.Key("--witness", w))];
            var pause = parsed.GetValue(every) is { } text ? Period(text) : (TimeSpan?)null;
            using var source = new HttpLogSource(parsed.GetValue(url)!, parsed.GetValue(token));
            var watch = new Watch(source, required, parsed.GetValue(state) ?? WatchState.DefaultFile(required[0]));
            return await RunAsync(watch, pause, parsed.GetValue(json), TimeProvider.System, cancel);
        });
        return command;
    }

    /// <summary>Looks once, or until it is stopped or the log is proven wrong.</summary>
    public static async Task<int> RunAsync(Watch watch, TimeSpan? every, bool json, TimeProvider time, CancellationToken cancel)
    {
        while (true)
        {
            var report = await watch.LookAsync(cancel);
            Print(report, every is null ? string.Empty : time.GetUtcNow().ToString("u", CultureInfo.InvariantCulture) + " ", json);
            if (every is not { } pause || report.IsProvenWrong)
            {
                return report.Good ? CommandLine.Done : CommandLine.Refused;
            }

            try
            {
                await Task.Delay(pause, time, cancel);
            }
            catch (OperationCanceledException)
            {
                return report.Good ? CommandLine.Done : CommandLine.Refused;
            }
        }
    }

    /// <summary>Reads <c>30s</c>, <c>5m</c>, <c>1h</c> or <c>1d</c>.</summary>
    public static TimeSpan Period(string text) =>
        text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 10_000
            ? text[^1] switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' when number <= 40 => TimeSpan.FromDays(number),
                _ => throw new UsageException($"--every {text}: give a number and s, m, h or d, as in 5m."),
            }
            : throw new UsageException($"--every {text}: give a number and s, m, h or d, as in 5m.");

    private static void Print(WatchReport report, string when, bool json)
    {
        if (json)
        {
            CommandLine.PrintJson(report, LogJson.Default.WatchReport);
            return;
        }

        var to = report.Good ? Console.Out : Console.Error;
        to.WriteLine($"{when}{report.Origin}: {report.Message}");
        foreach (var file in report.Evidence ?? [])
        {
            to.WriteLine($"  evidence: {file}");
        }
    }
}
