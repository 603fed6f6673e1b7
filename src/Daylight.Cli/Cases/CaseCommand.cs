using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Daylight.Cli.Exposures;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Cases;

/// <summary><c>daylight case open|approve|look|close|list</c>: an approved, time-limited reason to open one person's records.</summary>
internal static class CaseCommand
{
    public static Command Create() => new("case", "Approved, time-limited reasons to open one person's records") { Open(), Approve(), Look(), Close(), List() };

    private static Command Open()
    {
        var email = new Argument<string>("EMAIL") { Description = "Whose records" };
        var rule = new Option<string>("--rule") { Description = "Under which rule", DefaultValueFactory = _ => "role:investigator/records", HelpName = "RULE" };
        var programs = new Option<string[]>("--program") { Description = "Of which program; twice for two", Required = true, HelpName = "NAME" };
        Option<DateOnly> Day(string name, string description) => new(name) { Description = description, Required = true, HelpName = "DAY" };
        var (from, to, until) = (Day("--from", "First day of the records"), Day("--to", "Last day of the records"), Day("--until", "Last day of the case"));
        var tell = new Option<int>("--tell") { Description = "Days after which the person is told; the rule says how many at the most", DefaultValueFactory = _ => 0, HelpName = "N" };
        var reason = new Option<string>("--reason") { Description = "Why; the person is shown it", Required = true, HelpName = "TEXT" };
        var hold = new Option<bool>("--hold") { Description = "A legal hold: what the case is about is kept until its end, past its day and against erasure. Privacy officer and works council approve it" };
        var connection = new Connection();
        var command = new Command(
            "open", "Asks for a case, signed by who will look. It opens nothing before the approvals that the rule asks for.\n\nExample:\n  daylight case open anna@acme.example --program focus-time --from 2026-11-16 --to 2026-11-20 --until 2026-12-05 --tell 30 --reason \"report 17 of the compliance office\" --server http://localhost:8080 --key ivan.pem")
        { email, rule, programs, from, to, until, tell, reason, hold };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var me = (await api.GetAsync("/api/v1/me", ProtocolJson.Default.Me, cancel)).OrThrow();
            var now = TimeProvider.System.GetUtcNow();
            var statement = new OpenCase(
                root.Fingerprint, now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), me.Person, await ExposureCommand.IdOfAsync(api, parsed.GetValue(email)!, cancel), parsed.GetValue(programs)!,
                parsed.GetValue(rule)!, parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(until), DateOnly.FromDateTime(now.UtcDateTime).AddDays(parsed.GetValue(tell)), parsed.GetValue(reason)!, parsed.GetValue(hold));
            var signed = SignedStatement.Sign(statement, key);
            await SubmitAsync(api, new CaseOpened(signed), cancel);
            Console.WriteLine(signed.Digest().ToHex());
            await Console.Error.WriteLineAsync("That names the case. Approvers sign it with: daylight case approve CASE --role ROLE --key FILE");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Approve()
    {
        var name = Case();
        var role = new Option<string>("--role") { Description = "The role it is approved in", Required = true, HelpName = "ROLE" };
        var connection = new Connection();
        var command = new Command("approve", "Approves a case, after printing what it is for.\n\nExample:\n  daylight case approve 3f2a… --role privacy-officer --server http://localhost:8080 --key petra.pem") { name, role };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var found = await FindAsync(api, parsed.GetValue(name)!, cancel);
            await Console.Error.WriteLineAsync($"{found.AskerName} wants to see {found.SubjectName}, {Storage.Sql.Day(found.From)} to {Storage.Sql.Day(found.To)}, of {string.Join(", ", found.Programs)}, until {Storage.Sql.Day(found.Until)}: {found.Reason}");
            if (found.Hold)
            {
                await Console.Error.WriteLineAsync($"It is a legal hold: until {Storage.Sql.Day(found.Until)} at the latest it keeps these days past their own, and delays their erasure.");
            }

            var entry = await SubmitAsync(api, new CaseApproved(SignedStatement.Sign(new ApproveCase(root.Fingerprint, TimeProvider.System.GetUtcNow(), found.Case, parsed.GetValue(role)!), key)), cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"approved, entry {entry}"));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Look()
    {
        var (name, json, connection) = (Case(), Shared.Json(), new Connection());
        var program = new Option<string?>("--program") { Description = "Which program of the case, where it has several", HelpName = "NAME" };
        var command = new Command("look", "Opens the records of an approved case. Your signature is over this very ask, and the look is recorded before anything is shown.\n\nExample:\n  daylight case look 3f2a… --server http://localhost:8080 --key ivan.pem") { name, program, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var found = await FindAsync(api, parsed.GetValue(name)!, cancel);
            var which = parsed.GetValue(program) ?? (found.Programs is [var only] ? only : throw new UsageException($"The case is about {string.Join(", ", found.Programs)}: say which with --program."));
            var ask = (await api.PostAsync(
                "/api/v1/asks", new AskWanted(key.Credential.Id.Value, found.Subject, [which], null, found.From, found.To, found.Rule), ProtocolJson.Default.AskWanted, ProtocolJson.Default.AskCreated, cancel)).OrThrow();
            (await api.PutAsync($"/api/v1/asks/{ask.Id}/signature", new AskSignature("device", Convert.ToBase64String(key.Sign(Convert.FromBase64String(ask.Bytes)))), ProtocolJson.Default.AskSignature, cancel)).OrThrow();
            var result = await api.GetAsync(
                $"/api/v1/people/{found.Subject}/records?program={which}&from={Storage.Sql.Day(found.From)}&to={Storage.Sql.Day(found.To)}&case={found.Case}", ProtocolJson.Default.IReadOnlyListShownRecord, cancel, ask.Id);
            var records = result.OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(records, ProtocolJson.Default.IReadOnlyListShownRecord);
            }
            else
            {
                CommandLine.Print(["start (UTC)", "seconds", "stream", "data"], records.Select(r => (IReadOnlyList<string>)
                    [r.Start.ToString("u", CultureInfo.InvariantCulture), r.Duration.ToString(CultureInfo.InvariantCulture), r.Stream, string.Join(", ", r.Data.Select(d => $"{d.Key}={d.Value}"))]));
            }

            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{records.Count} records; this look is entry {result.Entry} of the log, and {found.SubjectName} is told of it by {Storage.Sql.Day(found.Tell)}"));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Close()
    {
        var (name, connection) = (Case(), new Connection());
        var reason = new Option<string>("--reason") { Description = "Why it ends", Required = true, HelpName = "TEXT" };
        var role = new Option<string>("--role") { Description = "The role of an approver who closes it", DefaultValueFactory = _ => "asker", HelpName = "ROLE" };
        var command = new Command("close", "Ends a case, and writes down what was looked at under it.\n\nExample:\n  daylight case close 3f2a… --reason \"found nothing\" --server http://localhost:8080 --key ivan.pem") { name, reason, role };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var found = await FindAsync(api, parsed.GetValue(name)!, cancel);
            var statement = new CloseCase(root.Fingerprint, TimeProvider.System.GetUtcNow(), found.Case, parsed.GetValue(role)!, parsed.GetValue(reason)!, [.. found.Looks.Select(l => l.Entry)]);
            var entry = await SubmitAsync(api, new CaseClosed(SignedStatement.Sign(statement, key)), cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"closed, entry {entry}; looked at {found.Looks.Count} times{(found.Looks.Count > 0 ? ": entries " + string.Join(", ", found.Looks.Select(l => l.Entry)) : "")}"));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command List()
    {
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command("list", "Cases that you opened, or may approve or close.\n\nExample:\n  daylight case list --server http://localhost:8080 --key petra.pem") { json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var cases = (await api.GetAsync("/api/v1/cases", ProtocolJson.Default.IReadOnlyListCaseView, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(cases, ProtocolJson.Default.IReadOnlyListCaseView);
            }
            else
            {
                CommandLine.Print(["case", "state", "asker", "about", "days", "until", "approved by", "looks", "reason"], cases.Select(c => (IReadOnlyList<string>)
                    [c.Case[..12], c.Hold ? c.State + ", legal hold" : c.State, c.AskerName, c.SubjectName, $"{Storage.Sql.Day(c.From)} to {Storage.Sql.Day(c.To)}", Storage.Sql.Day(c.Until), string.Join(", ", c.Approved), c.Looks.Count.ToString(CultureInfo.InvariantCulture), c.Reason]));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Argument<string> Case() => new("CASE") { Description = "What case open printed, or the beginning of it" };

    private static async Task<CaseView> FindAsync(ApiClient api, string name, CancellationToken cancel)
    {
        var cases = (await api.GetAsync("/api/v1/cases", ProtocolJson.Default.IReadOnlyListCaseView, cancel)).OrThrow();
        return cases.Where(c => c.Case.StartsWith(name, StringComparison.OrdinalIgnoreCase)).ToList() switch
        {
            [var one] => one,
            [] => throw new InvalidOperationException($"There is no case {name} that you opened, or may approve or close."),
            _ => throw new UsageException($"Several cases begin with {name}: write more of it."),
        };
    }

    private static async Task<ulong> SubmitAsync(ApiClient api, LogEvent happened, CancellationToken cancel) =>
        (await api.PostAsync("/api/v1/events", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow().Entry;
}
