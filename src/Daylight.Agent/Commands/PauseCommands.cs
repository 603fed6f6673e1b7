using System.CommandLine;

namespace Daylight.Agent.Commands;

/// <summary><c>pause</c> and <c>resume</c>.</summary>
internal static class PauseCommands
{
    public static Command Pause()
    {
        var program = new Argument<string?>("PROGRAM") { Description = "One program; everything without it", Arity = ArgumentArity.ZeroOrOne };
        var minutes = new Option<int?>("--minutes") { Description = "For so long; until you resume without it", HelpName = "N" };
        var today = new Option<bool>("--today") { Description = "For the rest of today" };
        var reason = new Option<string?>("--reason") { Description = "Why, where the charter of a security program asks for that", HelpName = "TEXT" };
        var examples = $"Examples:\n  {AgentCommands.Program} pause --minutes 60\n  {AgentCommands.Program} pause device-security --today --reason \"repairing my own laptop\"";
        var command = new Command("pause", "Pauses what is collected: everything, or one program. While everything is paused, what your watchers report is dropped.\n\n" + examples) { program, minutes, today, reason, AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(minutes) is { } n and not (> 0 and <= 60 * 24 * 366))
            {
                throw new UsageException($"--minutes {n}: a number of minutes up to a year. Without it the pause lasts until you resume.");
            }

            if (parsed.GetValue(minutes) is not null && parsed.GetValue(today))
            {
                throw new UsageException("Either --minutes or --today.");
            }

            var wanted = new PauseWanted(parsed.GetValue(program), parsed.GetValue(minutes), parsed.GetValue(today), parsed.GetValue(reason));
            if (await AgentCommands.WithAgentAsync(parsed, agent => agent.PauseAsync(wanted, cancel), cancel) is { } missing)
            {
                await Console.Error.WriteLineAsync(missing);
                return CommandLine.Refused;
            }

            Console.WriteLine($"paused: {parsed.GetValue(program) ?? "everything"}");
            return CommandLine.Done;
        });
        return command;
    }

    public static Command Resume()
    {
        var program = new Argument<string?>("PROGRAM") { Description = "One program; every pause without it", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("resume", "Ends your pause.") { program, AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            await AgentCommands.WithAgentAsync(
                parsed,
                async agent =>
                {
                    await agent.ResumeAsync(parsed.GetValue(program), cancel);
                    return true;
                },
                cancel);
            Console.WriteLine("Collecting again.");
            return CommandLine.Done;
        });
        return command;
    }
}
