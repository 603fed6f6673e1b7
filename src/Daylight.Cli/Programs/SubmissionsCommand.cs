using System.CommandLine;
using Daylight.Protocol;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight submissions EMAIL</c>: what somebody handed in to the caller.</summary>
internal static class SubmissionsCommand
{
    public static Command Create()
    {
        var person = new Argument<string>("EMAIL") { Description = "Whose submissions" };
        var program = new Option<string>("--program") { Description = "The program that they were handed in under", HelpName = "NAME", Required = true };
        var rule = new Option<string>("--rule") { Description = "The rule of the charter that lets you", HelpName = "RULE", DefaultValueFactory = _ => "manager/submissions" };
        var (from, to, json, connection) = (Days.From(), Days.To(), Shared.Json(), new Connection());
        var command = new Command(
            "submissions",
            "Shows what somebody handed in to you: a timesheet, an outcome. The look is recorded, and they see it.\n\nExample:\n  daylight submissions anna@acme.example --program time-tracking --server http://localhost:8080 --key wim.pem")
        {
            person, program, rule, from, to, json,
        };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var found = (await api.PostAsync("/api/v1/people/find", new PersonWanted(parsed.GetValue(person)!), ProtocolJson.Default.PersonWanted, ProtocolJson.Default.PersonSummary, cancel)).OrThrow();
            var look = new AskWanted(key.Credential.Id.Value, found.Id, [parsed.GetValue(program)!], ["submissions"], Rule: parsed.GetValue(rule));
            var query = $"program={Uri.EscapeDataString(parsed.GetValue(program)!)}&{Days.Query(parsed, from, to)}";
            return await Looks.ShowAsync(api, key, look, $"/api/v1/people/{found.Id}/submissions?{query}", parsed.GetValue(json), cancel);
        });
        return command;
    }
}
