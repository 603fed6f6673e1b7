using System.CommandLine;
using System.Globalization;

namespace Daylight.Agent.Commands;

/// <summary><c>sign</c>: this machine's key signs a look at oneself that a browser waits with.</summary>
internal static class SignCommand
{
    public static Command Create()
    {
        var code = new Argument<string?>("CODE") { Description = "The code that the browser shows; without it, lists what waits", Arity = ArgumentArity.ZeroOrOne };
        var json = Shared.Json();
        var command = new Command(
            "sign", $"Signs a look at yourself with this machine's key, for a browser of yours that has no passkey. Sign only the code that your browser shows.\n\nExamples:\n  {AgentCommands.Program} sign\n  {AgentCommands.Program} sign 3fa2-90bc")
        { code, AgentCommands.Folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(code) is { } wanted)
            {
                var signed = await AgentCommands.WithAgentAsync(parsed, agent => agent.SignAsync(wanted, cancel), cancel);
                await (signed.Done ? Console.Out : Console.Error).WriteLineAsync(signed.Says);
                return signed.Done ? CommandLine.Done : CommandLine.Refused;
            }

            var waiting = await AgentCommands.WithAgentAsync(parsed, agent => agent.AsksAsync(cancel), cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(waiting, AgentJson.Default.IReadOnlyListAgentAsk);
                return CommandLine.Done;
            }

            foreach (var ask in waiting)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ask.Code}  asked for {ask.Time.ToLocalTime():HH:mm}, serves until {ask.Expires.ToLocalTime():HH:mm}: your {string.Join(" and ", ask.Kinds)} in {string.Join(", ", ask.Programs)}"));
            }

            await Console.Error.WriteLineAsync(waiting.Count == 0 ? "No browser waits for you." : $"Sign the one that your browser shows: {AgentCommands.Program} sign CODE");
            return CommandLine.Done;
        });
        return command;
    }
}
