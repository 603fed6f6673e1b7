using System.CommandLine;
using System.Globalization;
using Daylight.Agent.Sending;

namespace Daylight.Agent.Commands;

/// <summary><c>choices</c> and <c>choose</c>: what the person decides about programs, signed with this machine's key.</summary>
internal static class ChooseCommands
{
    public static Command List()
    {
        var json = Shared.Json();
        var command = new Command("choices", $"How you stand to every program that covers you.\n\nExample:\n  {AgentCommands.Program} choices") { AgentCommands.Folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var choices = await AgentCommands.WithAgentAsync(parsed, agent => agent.ChoicesAsync(cancel), cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(choices, AgentJson.Default.IReadOnlyListAgentChoice);
                return CommandLine.Done;
            }

            foreach (var c in choices)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{c.Program}, version {c.Version} ({c.Asks}{(c.MayObject ? ", you may object" : string.Empty)}): {(c.Against is { } why ? "collects nothing of you: " + why : "collects of you")}\n  {c.Explain}"));
            }

            if (choices.Count == 0)
            {
                Console.WriteLine("No program that covers you was verified on this machine.");
            }

            return CommandLine.Done;
        });
        return command;
    }

    public static Command Choose()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program" };
        var answer = new Argument<string>("ANSWER") { Description = "yes; no; noticed, that you have read the notice; object; or erase, for good, what the company keeps of you" };
        answer.AcceptOnlyFromAmong(Decisions.Answers);
        var grounds = new Option<string?>("--grounds") { Description = "Why, of an objection", HelpName = "TEXT" };
        var erase = new Option<bool>("--erase") { Description = "With no and object: erase what was collected, too, for good" };
        var yes = new Option<bool>("--yes") { Description = "Erase without asking" };
        var examples = $"Examples:\n  {AgentCommands.Program} choose focus-time object --grounds \"my work is confidential\"\n  {AgentCommands.Program} choose model-training no --erase --yes";
        var command = new Command("choose", "Says yes or no to a program, objects, confirms its notice, or erases. It is signed with this machine's key and recorded in the log; this machine goes by it at once.\n\n" + examples)
        { program, answer, grounds, erase, yes, AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var wanted = new Decision(parsed.GetValue(program)!, parsed.GetValue(answer)!, parsed.GetValue(grounds), parsed.GetValue(erase));
            if ((wanted.Erase || wanted.Answer == "erase") && !parsed.GetValue(yes))
            {
                throw new UsageException($"That erases for good what the company keeps of you in {wanted.Program}. If it is what you want, add --yes.");
            }

            var decided = await AgentCommands.WithAgentAsync(parsed, agent => agent.DecideAsync(wanted, cancel), cancel);
            await (decided.Done ? Console.Out : Console.Error).WriteLineAsync(decided.Says);
            return decided.Done ? CommandLine.Done : CommandLine.Refused;
        });
        return command;
    }
}
