using System.CommandLine;
using Daylight.Agent.Commands;
using Daylight.Cli;
using Daylight.Cli.Cases;
using Daylight.Cli.Demo;
using Daylight.Cli.Directories;
using Daylight.Cli.Exposures;
using Daylight.Cli.Keyholders;
using Daylight.Cli.Lifecycle;
using Daylight.Cli.Logs;
using Daylight.Cli.Charters;
using Daylight.Cli.Programs;
using Daylight.Cli.Server;
using Daylight.Cli.Witness;
using Daylight.Server.Features.Log;

var agent = new Command("agent", "The agent on your machine: what will be sent, pause, forget");
foreach (var verb in AgentCommands.All())
{
    agent.Add(verb);
}

var root = new RootCommand("Daylight: workforce analytics that the people in it can check. Sealed at the source, opened only in daylight.")
{
    DemoCommand.Create(),
    SetupCommand.Create(),
    ServeCommand.Create(),
    KeyholderCommand.Create(),
    KeysCommand.Create(),
    CredentialCommand.Create(),
    TokenCommand.Create(),
    RoleCommand.Create(),
    DirectoryCommand.Create(),
    ExposureCommand.Create(),
    CaseCommand.Create(),
    agent,
    MeCommand.Create(),
    SubmissionsCommand.Create(),
    ProgramCommand.Create(),
    CharterCommand.Create(),
    PauseCommand.Create(),
    ResumeCommand.Create(),
    ReviewCommand.Create(),
    ChoiceCommands.Consent(),
    ChoiceCommands.Objection(),
    EraseCommand.Create(),
    RetentionCommand.Create(),
    AccessReviewCommand.Create(),
    IncidentCommand.Create(),
    LogCommand.Create(),
    WitnessCommand.Create(),
    JobsCommand.Create(),
};
return await CommandLine.RunAsync("daylight", root, args, e => e is KeyholderException keyholder ? $"The keyholder refuses ({keyholder.Code}): {keyholder.Message}" : null);
