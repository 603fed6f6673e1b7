using System.CommandLine;
using System.Globalization;
using Daylight.Cli.Exposures;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Directories;

/// <summary><c>daylight directory import|set|remove|status|approve|discard|scim-token|release</c>: who works here, and who leads whom.</summary>
internal static class DirectoryCommand
{
    public static Command Create() => new("directory", "Who works here, and who leads whom") { Import(), Set(), Remove(), Status(), Approve(), Discard(), ScimToken(), Release() };

    private static Command Import()
    {
        var file = new Argument<string>("FILE") { Description = "Everybody as CSV: email, name, team, and optionally department, manager, site, zone, country, employment" };
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would change, and what it would let people see" };
        var zone = new Option<string>("--zone") { Description = "Time zone where the file names none", DefaultValueFactory = _ => "Etc/UTC", HelpName = "ZONE" };
        return Changing(
            "import",
            "Makes a file the whole directory: who is not in it leaves. What lets people see much more than before waits for a privacy officer.\n\nExamples:\n  daylight directory import people.csv --dry-run --data ./acme\n  daylight directory import people.csv --server https://daylight.example --key otto.pem",
            [file, dry, zone],
            async (api, path, parsed, cancel) =>
            {
                var name = parsed.GetValue(file)!;
                var text = File.Exists(name) ? await File.ReadAllTextAsync(name, cancel) : throw new UsageException($"There is no file {name}.");
                return await api.PostAsync(path + "/import", new DirectoryImport(text, Path.GetFileName(name), parsed.GetValue(zone)!, parsed.GetValue(dry)), ProtocolJson.Default.DirectoryImport, ProtocolJson.Default.DirectoryOutcome, cancel);
            });
    }

    private static Command Set()
    {
        var email = new Argument<string>("EMAIL") { Description = "The person; somebody new needs --name and --team" };
        Option<string?> Text(string name, string description) => new(name) { Description = description, HelpName = "TEXT" };
        var (name, team, site, zone, country, employment) = (Text("--name", "Name"), Text("--team", "Team, by name or id"), Text("--site", "Site"), Text("--zone", "IANA time zone"), Text("--country", "Country, two letters"), Text("--employment", "Employment type"));
        var managers = new Option<string[]>("--manager") { Description = "Email of a manager; twice for two", HelpName = "EMAIL" };
        return Changing(
            "set", "Changes one person by hand, or takes one in.\n\nExample:\n  daylight directory set nele@acme.example --team Red --manager mia@acme.example --data ./acme",
            [email, name, team, managers, site, zone, country, employment],
            (api, path, parsed, cancel) => api.PostAsync(
                path + "/people",
                new PersonEdit(
                    parsed.GetValue(email)!, false, parsed.GetValue(name), parsed.GetValue(team), parsed.GetValue(managers) is { Length: > 0 } m ? m : null, parsed.GetValue(site), parsed.GetValue(zone), parsed.GetValue(country), parsed.GetValue(employment)),
                ProtocolJson.Default.PersonEdit, ProtocolJson.Default.DirectoryOutcome, cancel));
    }

    private static Command Remove()
    {
        var email = new Argument<string>("EMAIL") { Description = "Who leaves" };
        return Changing(
            "remove", "Somebody leaves: collection stops, and whoever they led is led by nobody until somebody else is named. Their data stays theirs until its retention is over.\n\nExample:\n  daylight directory remove nele@acme.example --data ./acme",
            [email],
            (api, path, parsed, cancel) => api.PostAsync(path + "/people", new PersonEdit(parsed.GetValue(email)!, Leaves: true), ProtocolJson.Default.PersonEdit, ProtocolJson.Default.DirectoryOutcome, cancel));
    }

    private static Command Status()
    {
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command("status", "How the directory stands, what is wrong with it, and what waits for a privacy officer.\n\nExample:\n  daylight directory status --data ./acme") { json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, path) = await ReachAsync(connection, parsed, cancel);
            var state = (await api.GetAsync(path + "/", ProtocolJson.Default.DirectoryState, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(state, ProtocolJson.Default.DirectoryState);
                return CommandLine.Done;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{state.People} people in {state.Teams} teams, {state.Left} who left"));
            foreach (var finding in state.Findings)
            {
                Console.WriteLine("! " + finding);
            }

            if (state.Held is { } held)
            {
                Console.WriteLine($"held: {held.Why}");
                Print(held);
                await Console.Error.WriteLineAsync("A privacy officer puts it in force with: daylight directory approve --key FILE; or forget it with: daylight directory discard");
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Approve()
    {
        var connection = new Connection();
        var command = new Command("approve", "Puts the change that waits in force. A privacy officer signs it, with what it lets people see.\n\nExample:\n  daylight directory approve --server https://daylight.example --key petra.pem");
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var read = await Reading.ReadAsync(api, new ChangeWanted(Held: true), cancel);
            var signed = SignedStatement.Sign(new ApproveDirectory(root.Fingerprint, TimeProvider.System.GetUtcNow(), read), key);
            var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(new DirectoryApproved(signed)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"in force, entry {recorded.Entry}"));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Discard()
    {
        var (yes, connection) = (Shared.Yes(), new Connection());
        var command = new Command("discard", "Forgets the change that waits. A provisioning client is not told, and sends it again with its next full sync.\n\nExample:\n  daylight directory discard --yes --data ./acme") { yes };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (!parsed.GetValue(yes))
            {
                throw new UsageException("What waits is forgotten. Say --yes if you are sure.");
            }

            var (api, path) = await ReachAsync(connection, parsed, cancel);
            (await api.PostAsync(path + "/discard", new PersonWanted(string.Empty), ProtocolJson.Default.PersonWanted, ProtocolJson.Default.PersonSummary, cancel)).ThrowIfRefused();
            Console.WriteLine("forgotten");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command ScimToken()
    {
        var days = new Option<int>("--days") { Description = "How long it lives", DefaultValueFactory = _ => 365, HelpName = "N" };
        var connection = new Connection();
        var command = new Command("scim-token", "Makes a token with which an identity provider keeps the directory by SCIM 2.0 at /scim/v2. It reaches nothing else. From the server's console.\n\nExample:\n  daylight directory scim-token --data ./acme") { days, connection.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            var made = (await ApiClient.WithToken(connection.Http(parsed), null).PostAsync("/control/directory/scim-token", new TokenWanted("scim", parsed.GetValue(days)), ProtocolJson.Default.TokenWanted, ProtocolJson.Default.ScimToken, cancel)).OrThrow();
            Console.WriteLine(made.Token);
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Release()
    {
        var email = new Argument<string>("EMAIL") { Description = "Whose account at the identity provider was made anew" };
        var connection = new Connection();
        var command = new Command(
            "release", "Lets go the account at the identity provider that signs in as somebody: the next that has their address is theirs, and they are told. A privacy officer does it; the person can, under Keys and sessions.\n\nExample:\n  daylight directory release nele@acme.example --server https://daylight.example --key petra.pem") { email };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            (await api.DeleteAsync("/api/v1/provider-accounts?address=" + Uri.EscapeDataString(parsed.GetValue(email)!), cancel)).ThrowIfRefused();
            Console.WriteLine("let go");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Changing(string name, string description, IReadOnlyList<Symbol> symbols, Func<ApiClient, string, ParseResult, CancellationToken, Task<ApiResult<DirectoryOutcome>>> change)
    {
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command(name, description) { json };
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, path) = await ReachAsync(connection, parsed, cancel);
            var outcome = (await change(api, path, parsed, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(outcome, ProtocolJson.Default.DirectoryOutcome);
            }
            else
            {
                Print(outcome);
                Console.WriteLine(outcome.State switch
                {
                    "dry-run" => "nothing was changed: this was a dry run",
                    "held" => $"held: {outcome.Why}. Who leaves has left all the same",
                    "unchanged" => "nothing to change",
                    _ => "in force",
                });
            }

            return outcome.State == "held" ? CommandLine.Refused : CommandLine.Done;
        });
        return command;
    }

    /// <summary>As whoever was named, or as the console of a data folder.</summary>
    private static async Task<(ApiClient Api, string Path)> ReachAsync(Connection connection, ParseResult parsed, CancellationToken cancel) =>
        connection.Keys(parsed).Count > 0 || parsed.GetValue(connection.Token) is not null || parsed.GetValue(connection.ServerUrl) is not null
            ? ((await connection.ConnectAsync(parsed, cancel)).Api, "/api/v1/directory")
            : (ApiClient.WithToken(connection.Http(parsed), null), "/control/directory");

    private static void Print(DirectoryOutcome outcome)
    {
        foreach (var line in outcome.Lines)
        {
            Console.WriteLine(line);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Joiners} join, {outcome.Changed} change, {outcome.Leavers} leave; {outcome.Appear} sights appear, {outcome.Disappear} disappear"));
    }
}
