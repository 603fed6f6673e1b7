using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;

namespace Daylight.Cli.Lifecycle;

/// <summary><c>daylight retention status|certificates|run</c>: how fast can it be deleted.</summary>
internal static class RetentionCommand
{
    public static Command Create() => new("retention", "How long what is kept, and when the last trace of today is gone") { Status(), Certificates(), Run() };

    private static Command Status()
    {
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command(
            "status",
            """
            Prints, per program and kind, the oldest day of which there is something, and when the last trace of today is gone. Exits 1 when something is there that should be gone.

            With --data from the server's console, without anybody's signature: it names no person.

            Examples:
              daylight retention status --data ./acme
              daylight retention status --server http://localhost:8080 --key anna.pem
            """) { json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var isConsole = parsed.GetValue(connection.ServerUrl) is null && parsed.GetValue(connection.Token) is null && connection.Keys(parsed).Count == 0;
            var api = isConsole ? ApiClient.WithToken(connection.Http(parsed), null) : (await connection.ConnectAsync(parsed, cancel)).Api;
            var kept = (await api.GetAsync(isConsole ? "/control/retention" : "/api/v1/retention", ProtocolJson.Default.IReadOnlyListKeptView, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(kept, ProtocolJson.Default.IReadOnlyListKeptView);
            }
            else
            {
                CommandLine.Print(["program", "kind", "kept", "oldest", "held", "today is gone after", ""], kept.Select(k => (IReadOnlyList<string>)
                    [k.Program, k.Kind, k.Days is { } days ? string.Create(CultureInfo.InvariantCulture, $"{days} days") : "no charter", k.Oldest is { } oldest ? Storage.Sql.Day(oldest) : "nothing",
                        k.Held == 0 ? string.Empty : k.Held.ToString(CultureInfo.InvariantCulture), k.TodayGone is { } gone ? Storage.Sql.Day(gone) : string.Empty, k.IsLate ? "LATE" : string.Empty]));
                await Console.Error.WriteLineAsync("Erasure is faster: keys are destroyed at once (daylight erase). Copies in the keyholder's own backups go with its key-encryption key, within 30 days.");
            }

            return kept.Any(k => k.IsLate) ? CommandLine.Refused : CommandLine.Done;
        });
        return command;
    }

    private static Command Certificates()
    {
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command("certificates", "What was purged of late: what, how much, by which line of which charter. Each is an entry of the log.\n\nExample:\n  daylight retention certificates --server http://localhost:8080 --key petra.pem") { json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var purges = (await api.GetAsync("/api/v1/retention/certificates", ProtocolJson.Default.IReadOnlyListPurgeView, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(purges, ProtocolJson.Default.IReadOnlyListPurgeView);
                return CommandLine.Done;
            }

            CommandLine.Print(["entry", "expired on", "program", "what", "rows", "held", "by"], purges.SelectMany(p => p.Lines.Select(l => (IReadOnlyList<string>)
                [p.Entry.ToString(CultureInfo.InvariantCulture), Storage.Sql.Day(p.ExpiredOn), l.Program, l.What, l.Rows.ToString(CultureInfo.InvariantCulture), l.Held.ToString(CultureInfo.InvariantCulture),
                    l.Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"{l.Line}, version {version} ({l.Charter![..12]})") : l.Line])));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Run()
    {
        var connection = new Connection();
        var command = new Command("run", "Runs the background jobs now, the purge among them, from the server's console. They run every 15 minutes by themselves; running them again changes nothing.\n\nExample:\n  daylight retention run --data ./acme");
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var api = ApiClient.WithToken(connection.Http(parsed), null);
            var jobs = (await api.PostAsync("/control/jobs", new PauseWanted(string.Empty), ProtocolJson.Default.PauseWanted, ProtocolJson.Default.IReadOnlyListJobView, cancel)).OrThrow();
            CommandLine.Print(["job", "outcome"], jobs.Select(j => (IReadOnlyList<string>)[j.Name, j.LastOutcome]));
            return jobs.Any(j => j.LastOutcome.StartsWith("failed", StringComparison.Ordinal)) ? CommandLine.Refused : CommandLine.Done;
        });
        return command;
    }
}
