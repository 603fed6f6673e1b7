using System.CommandLine;
using Daylight.Agent.Commands;

// The agent alone, for employees' machines: the same commands as `daylight agent`.
var root = new RootCommand("Daylight on your machine: what is collected, what will be sent, pause, forget.");
foreach (var command in AgentCommands.All())
{
    root.Add(command);
}

return await CommandLine.RunAsync(AgentCommands.Program, root, args);
