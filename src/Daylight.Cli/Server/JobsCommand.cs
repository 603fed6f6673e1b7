using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;

namespace Daylight.Cli.Server;

/// <summary><c>daylight jobs</c>.</summary>
internal static class JobsCommand
{
    public static Command Create()
    {
        var connection = new Connection();
        var json = Shared.Json();
        var command = new Command("jobs", "What runs in the background, and how it fared last.\n\nExample:\n  daylight jobs --data ./.daylight/demo") { connection.Data, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var jobs = (await ApiClient.WithToken(connection.Http(parsed), null).GetAsync("/control/jobs", ProtocolJson.Default.IReadOnlyListJobView, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(jobs, ProtocolJson.Default.IReadOnlyListJobView);
            }
            else
            {
                CommandLine.Print(["job", "every", "last run", "outcome"], jobs.Select(j => (IReadOnlyList<string>)[j.Name, j.Every, j.LastRun?.ToString("u", CultureInfo.InvariantCulture) ?? "never", j.LastOutcome]));
            }

            return CommandLine.Done;
        });
        return command;
    }
}
