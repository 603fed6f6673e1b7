using System.CommandLine;
using System.Globalization;

namespace Daylight.Agent.Commands;

/// <summary><c>outbox</c>: what will be sent.</summary>
internal static class OutboxCommand
{
    public static Command Create()
    {
        var json = Shared.Json();
        var command = new Command("outbox", "What will be sent: items, numbers of days, and sealed chunks. The agent's page shows them beside what they came from, and deletes them.") { AgentCommands.Folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var outbox = await AgentCommands.WithAgentAsync(parsed, agent => agent.OutboxAsync(cancel), cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(outbox, AgentJson.Default.OutboxView);
            }
            else
            {
                Print(outbox);
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(OutboxView outbox)
    {
        if (outbox.Items.Count + outbox.Days.Count + outbox.Sealed.Count == 0)
        {
            Console.WriteLine("Nothing is waiting.");
            return;
        }

        if (outbox.Items.Count > 0)
        {
            CommandLine.Print(["start (UTC)", "seconds", "program", "stream", "what goes"], outbox.Items.Select(i => (IReadOnlyList<string>)
                [i.Start.ToString("u", CultureInfo.InvariantCulture), i.Duration.ToString("0", CultureInfo.InvariantCulture), i.Program, i.Stream, string.Join(", ", i.Data.Select(d => $"{d.Key}={d.Value}"))]));
        }

        if (outbox.Days.Count > 0)
        {
            CommandLine.Print(["day", "program", "numbers for group figures"], outbox.Days.Select(d => (IReadOnlyList<string>)[d.Day, d.Program, string.Join(", ", d.Values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key}={v.Value}")))]));
        }

        if (outbox.Sealed.Count > 0)
        {
            CommandLine.Print(["day", "program", "sealed", "bytes"], outbox.Sealed.Select(s => (IReadOnlyList<string>)[s.Day, s.Program, s.Stream.Length > 0 ? $"{s.Kind} {s.Stream}" : s.Kind, s.Bytes.ToString(CultureInfo.InvariantCulture)]));
        }
    }
}
