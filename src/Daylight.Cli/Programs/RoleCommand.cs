using System.CommandLine;
using System.Globalization;
using Daylight.Cli.Exposures;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight role grant|revoke</c>: what root approvers sign about people.</summary>
internal static class RoleCommand
{
    public static Command Create() => new("role", "Roles of people, signed by root approvers") { Grant(), Revoke() };

    private static Command Grant()
    {
        var (role, email) = Arguments();
        var until = new Option<DateOnly>("--until") { Description = "Last day, such as 2027-11-21", Required = true, HelpName = "DAY" };
        var scope = new Option<string?>("--scope") { Description = "Of whom it holds: team:ID with the teams below it, site:NAME, country:XX or employment:NAME; without it, of everybody", HelpName = "SCOPE" };
        var connection = new Connection();
        var command = new Command(
            "grant", "Gives a person a role until a day, a year ahead at the most: then it is reviewed. A quorum of root approvers signs, none of them the person.\n\nExample:\n  daylight role grant auditor alma@acme.example --until 2027-11-21 --server http://localhost:8080 --key petra.pem --key wim.pem") { role, email, until, scope };
        connection.AddTo(command);
        command.SetAction((parsed, cancel) => SubmitAsync(
            connection,
            parsed,
            parsed.GetValue(email)!,
            async (api, root, person) =>
            {
                var wanted = new RoleWanted(person, Known(parsed.GetValue(role)!), parsed.GetValue(scope), parsed.GetValue(until));
                return new GrantRole(root, TimeProvider.System.GetUtcNow(), person, wanted.Role, parsed.GetValue(until), wanted.Scope, await Reading.ReadAsync(api, new ChangeWanted(Grant: wanted), cancel));
            },
            signed => new RoleGranted(signed),
            cancel));
        return command;
    }

    private static Command Revoke()
    {
        var (role, email) = Arguments();
        var reason = new Option<string>("--reason") { Description = "Why; the person is shown it", Required = true, HelpName = "TEXT" };
        var connection = new Connection();
        var command = new Command(
            "revoke", "Ends a person's role. A quorum of root approvers signs, or the person who holds it.\n\nExample:\n  daylight role revoke investigator ivan@acme.example --reason \"changed department\" --server http://localhost:8080 --key petra.pem --key wim.pem") { role, email, reason };
        connection.AddTo(command);
        command.SetAction((parsed, cancel) => SubmitAsync(
            connection,
            parsed,
            parsed.GetValue(email)!,
            (_, root, person) => Task.FromResult<Statement>(new RevokeRole(root, TimeProvider.System.GetUtcNow(), person, Known(parsed.GetValue(role)!), parsed.GetValue(reason)!)),
            signed => new RoleRevoked(signed),
            cancel));
        return command;
    }

    private static (Argument<string> Role, Argument<string> Email) Arguments() =>
        (new("ROLE") { Description = string.Join(", ", Vocabulary.Roles) }, new("EMAIL") { Description = "The person, as the directory has them" });

    private static string Known(string role) => Vocabulary.Roles.Contains(role) ? role : throw new UsageException($"There is no role '{role}'. Roles: {string.Join(", ", Vocabulary.Roles)}.");

    private static async Task<int> SubmitAsync(
        Connection connection, ParseResult parsed, string email, Func<ApiClient, string, string, Task<Statement>> make, Func<SignedStatement, LogEvent> wrap, CancellationToken cancel)
    {
        _ = connection.OneKey(parsed);
        var (api, root) = await connection.ConnectAsync(parsed, cancel);
        var person = (await api.PostAsync("/api/v1/people/find", new PersonWanted(email), ProtocolJson.Default.PersonWanted, ProtocolJson.Default.PersonSummary, cancel)).OrThrow();
        var signed = SignedStatement.Sign(await make(api, root.Fingerprint, person.Id), [.. connection.Keys(parsed)]);
        var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(wrap(signed)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{person.Name}, entry {recorded.Entry}"));
        return CommandLine.Done;
    }
}
