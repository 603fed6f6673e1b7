using System.CommandLine;

namespace Daylight.Agent.Commands;

/// <summary>The verbs of <c>daylight agent</c>, which are also those of the program <c>daylight-agent</c>.</summary>
public static class AgentCommands
{
    internal static readonly Option<string?> Folder = new("--data") { Description = "The agent's folder", HelpName = "DIR" };

    /// <summary>What users type to reach these commands.</summary>
    public static string Program => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "daylight-agent" ? "daylight-agent" : "daylight agent";

    /// <summary>Every verb.</summary>
    public static IEnumerable<Command> All() =>
    [
        EnrollCommand.Create(), InstallCommand.Create(), InstallCommand.Undo(), RunCommand.Create(), StatusCommand.Create(), OutboxCommand.Create(),
        PauseCommands.Pause(), PauseCommands.Resume(), ChooseCommands.List(), ChooseCommands.Choose(), SignCommand.Create(), DataCommands.Flush(), DataCommands.Forget(), DataCommands.Import(), PhoneCommand.Create(),
    ];

    /// <summary>The folder that was named, or the user's own.</summary>
    internal static string FolderOf(ParseResult parsed) => parsed.GetValue(Folder)
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "daylight", "agent");

    /// <summary>Does something with the running agent.</summary>
    /// <exception cref="InvalidOperationException">None answers.</exception>
    internal static async Task<T> WithAgentAsync<T>(ParseResult parsed, Func<AgentClient, Task<T>> act, CancellationToken cancel)
    {
        var folder = parsed.GetValue(Folder);
        using var agent = await AgentClient.FindAsync(folder, cancel);
        return agent is not null
            ? await act(agent)
            : throw new InvalidOperationException($"No agent answers{(folder is null ? "" : " for " + folder)}. Start one with: {Program} run{(folder is null ? "" : " --data " + folder)}");
    }

    /// <summary>Says what was not tested on this platform.</summary>
    internal static async Task SayUntestedAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync("On this platform the agent runs, and these parts of it were not tested: the key store, who is at the other end of a connection, notifications, battery and network.");
        }
    }
}
