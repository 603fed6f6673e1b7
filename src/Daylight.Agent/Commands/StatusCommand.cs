using System.CommandLine;
using System.Globalization;

namespace Daylight.Agent.Commands;

/// <summary><c>status</c>: how the agent is doing.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = Shared.Json();
        var command = new Command("status", "How the agent is doing. Exits with 1 when the keyholder's count of looks at you does not fit what the server shows, or is missing.") { AgentCommands.Folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var status = await AgentCommands.WithAgentAsync(parsed, agent => agent.StatusAsync(cancel), cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(status, AgentJson.Default.AgentStatus);
            }
            else
            {
                Print(status);
            }

            foreach (var warning in status.Openings.Warnings)
            {
                await Console.Error.WriteLineAsync("warning: " + warning);
            }

            return status.Openings.Warnings.Count == 0 ? CommandLine.Done : CommandLine.Refused;
        });
        return command;
    }

    private static void Print(AgentStatus status)
    {
        Line("enrolled", status.Enrolled ? "yes" : $"no; join with: {AgentCommands.Program} enroll URL CODE");
        Line("programs", status.Programs.Count == 0 ? "none today" : string.Join(", ", status.Programs));
        foreach (var coming in status.Coming)
        {
            Line("coming", string.Create(CultureInfo.InvariantCulture, $"{coming.Program} from {coming.Since:yyyy-MM-dd}: {string.Join(" ", coming.Changes)}"));
        }

        Line("paused", status.Pauses.Count == 0 ? "no" : string.Join("; ", status.Pauses.Select(p => string.Create(
            CultureInfo.InvariantCulture, $"{p.Program ?? "everything"} {(p.Until is { } until ? $"until {until.ToLocalTime():yyyy-MM-dd HH:mm}" : "until you resume")}"))));
        if (status.InputCounted)
        {
            Line("input", "key presses and clicks are being counted: how many, never which");
        }

        Line("outbox", string.Create(CultureInfo.InvariantCulture, $"{status.OutboxItems} items, {status.Last.Waiting} sealed chunks"));
        Line("next upload", status.NextUpload is { } next ? string.Create(CultureInfo.InvariantCulture, $"{next.ToLocalTime():yyyy-MM-dd HH:mm}") : "not planned yet");
        Line("last try", status.Last.Message);
        Line("raw events", string.Create(CultureInfo.InvariantCulture, $"{status.RawEvents}, kept {status.RawDays} days, encrypted under a key in {status.RawKey}"));
        foreach (var (why, count) in status.NotStored)
        {
            Line("not stored", string.Create(CultureInfo.InvariantCulture, $"{count} ({why}) since it started"));
        }

        Line("looked", status.Openings.Checked is { } at
            ? string.Create(CultureInfo.InvariantCulture, $"{status.Openings.Looks} times at your records, {status.Openings.Releases} group figures counted you; the keyholder's count, checked {at:u}")
            : "the keyholder's count was not checked yet");
    }

    private static void Line(string name, string text) => Console.WriteLine($"{name,-12} {text}");
}
