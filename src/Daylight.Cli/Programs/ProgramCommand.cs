using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Daylight.Cli.Charters;
using Daylight.Cli.Exposures;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight program propose|approve|refuse|activate|end</c>: the signed steps from draft to end.</summary>
internal static class ProgramCommand
{
    public static Command Create() => new("program", "The signed steps that put a charter in force, and end it") { Propose(), Draft(), Approve(), Refuse(), Activate(), End(), Status(), Facts() };

    private static Command Draft()
    {
        var (program, json, connection) = (new Argument<string>("PROGRAM") { Description = "The program whose newest charter is read" }, Shared.Json(), new Connection());
        var shown = new Option<string>("--shown") { Description = "What was shown to who approved, by the hash that stands in the approval; the hash is computed anew. With --json byte for byte", HelpName = "SHA256" };
        var command = new Command("draft", "Prints everything that approvers see of a charter before they sign: findings, exposure, expected error, what employees read, what the last period shows; and what was decided.\n\nExample:\n  daylight program draft focus-time --server http://localhost:8080 --key petra.pem") { program, shown, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var kept = parsed.GetValue(shown) is { } hash ? await ShownAsync(api, parsed.GetValue(program)!, hash, cancel) : null;
            var draft = kept is null ? await DraftAsync(api, parsed.GetValue(program)!, cancel) : JsonSerializer.Deserialize(kept, ProtocolJson.Default.DraftView)!;
            switch (parsed.GetValue(json), kept)
            {
                case (true, { } bytes):
                    await using (var output = Console.OpenStandardOutput())
                    {
                        await output.WriteAsync(bytes, cancel); // as it was hashed, and nothing after it
                    }

                    break;
                case (true, null):
                    CommandLine.PrintJson(draft, ProtocolJson.Default.DraftView);
                    break;
                default:
                    Print(draft);
                    break;
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static async Task<byte[]> ShownAsync(ApiClient api, string program, string hash, CancellationToken cancel)
    {
        var bytes = (await api.GetBytesAsync($"/api/v1/programs/{Uri.EscapeDataString(program)}/shown/{Uri.EscapeDataString(hash)}", cancel)).OrThrow();
        return Hash.Of(bytes).ToHex() == hash ? bytes : throw new InvalidOperationException("What the server keeps under that hash has another one: it is not what was approved.");
    }

    private static async Task<DraftView> DraftAsync(ApiClient api, string program, CancellationToken cancel) =>
        (await api.GetAsync($"/api/v1/programs/{Uri.EscapeDataString(program)}/draft", ProtocolJson.Default.DraftView, cancel)).OrThrow();

    private static void Print(DraftView draft)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{draft.Program}, version {draft.Version}: {draft.State}; SHA-256 {draft.Charter}\nMissing: {string.Join(", ", draft.Missing.DefaultIfEmpty("nothing"))}\nSights that appear: {draft.Appear}, disappear: {draft.Disappear}"));
        foreach (var (title, lines) in new[] { ("What the check finds", draft.Findings), ("What changes", draft.Changes), ("What it would publish", draft.Forecast), ("What the last period says", draft.Facts?.Advice ?? []) })
        {
            Console.WriteLine($"\n{title}: {(lines.Count == 0 ? "nothing" : string.Empty)}");
            lines.ToList().ForEach(l => Console.WriteLine("  " + l));
        }

        foreach (var decision in draft.Decisions)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"entry {decision.Entry}: {(decision.Reason is { } reason ? $"refused as {decision.Role}: {reason}" : $"approved as {decision.Role}, having been shown {decision.Shown}")}"));
        }

        Console.WriteLine("\n" + draft.Employees);
    }

    private static Command Status()
    {
        var (program, json, connection) = (new Argument<string>("PROGRAM") { Description = "The program" }, Shared.Json(), new Connection());
        var command = new Command("status", "Whether a program is stopped, and how far that has come: machines that have taken it, when something last came.\n\nExample:\n  daylight program status focus-time --server http://localhost:8080 --key petra.pem") { program, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var stop = (await api.GetAsync($"/api/v1/programs/{Uri.EscapeDataString(parsed.GetValue(program)!)}/stop", ProtocolJson.Default.StopView, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(stop, ProtocolJson.Default.StopView);
            }
            else
            {
                Console.WriteLine(stop.Pause is { } pause ? string.Create(CultureInfo.InvariantCulture, $"{stop.Program} is paused by entry {pause}, since {stop.Since:u}: {stop.Reason}") : $"{stop.Program} is not paused");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"machines: {stop.Machines} enrolled, {stop.Connected} connected to this node, {Math.Max(stop.Told, stop.Confirmed)} told, {stop.Confirmed} have taken the state of now"));
                Console.WriteLine(stop.LastReceived is { } last ? $"last received: {last:u}" : "nothing was ever received");
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Facts()
    {
        var (program, json, connection) = (new Argument<string>("PROGRAM") { Description = "The program" }, Shared.Json(), new Connection());
        var command = new Command("facts", "What the period of the charter in force shows: who looked how often, which fields nobody used, which cells were not shown.\n\nExample:\n  daylight program facts focus-time --server http://localhost:8080 --key petra.pem") { program, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var facts = (await api.GetAsync($"/api/v1/programs/{Uri.EscapeDataString(parsed.GetValue(program)!)}/facts", ProtocolJson.Default.ProgramFacts, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(facts, ProtocolJson.Default.ProgramFacts);
            }
            else
            {
                CommandLine.Print(["rule", "looks", "last"], facts.Looks.Select(l => (IReadOnlyList<string>)[l.Rule, l.Looks.ToString(CultureInfo.InvariantCulture), l.Last is { } last ? Storage.Sql.Day(last) : "never"]));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\ncells shown: {facts.Published}; not shown: {string.Join(", ", facts.Suppressed.Select(s => $"{s.Cells} {s.Reason}").DefaultIfEmpty("none"))}"));
                facts.Advice.ToList().ForEach(Console.WriteLine);
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Propose()
    {
        var file = new Argument<string>("FILE") { Description = "The charter, or a template, whose days are then fixed to dates" };
        return Signed("propose", "Proposes a charter, signed by its owner. It has to pass daylight charter check.\n\nExample:\n  daylight program propose charters/focus-time.yaml --server http://localhost:8080 --key olga.pem", [file], (parsed, root, key, _) =>
        {
            var today = DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().DateTime);
            var (charter, text) = CharterFile.Fixed(parsed.GetValue(file)!, today);
            if (CharterCheck.Of(CharterReader.Read(text, parsed.GetValue(file)!), parsed.GetValue(file)!) is { Findings: { Count: > 0 } findings })
            {
                throw new InvalidOperationException(string.Join(Environment.NewLine, findings));
            }

            if (text != CharterFile.TextOf(parsed.GetValue(file)!))
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the template's days are fixed: from {charter.From:yyyy-MM-dd} until {charter.Until:yyyy-MM-dd}; approvers get the same text with: daylight charter fix {parsed.GetValue(file)} --on {today:yyyy-MM-dd}"));
            }

            var statement = new ProposeCharter(root.Fingerprint, TimeProvider.System.GetUtcNow(), charter.Program, Authority.CharterHash(text));
            return Task.FromResult<PublicEvent>(new CharterProposed(SignedStatement.Sign(statement, key), text));
        });
    }

    private static Command Approve()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program whose newest charter is approved" };
        var role = Role();
        var file = new Option<string>("--charter") { Description = "The file that you read: what you sign is its hash, and nothing is signed when the server's charter is another", HelpName = "FILE" };
        return Signed("approve", "Approves a proposed charter. With --charter you sign the file that you read; without it, the hash that the server names: compare it first with the one that daylight charter check prints. Everything that daylight program draft shows is printed first, and its hash stands in your signature.\n\nExample:\n  daylight program approve focus-time --role privacy-officer --charter focus-time.yaml --server http://localhost:8080 --key petra.pem", [program, role, file], async (parsed, root, key, api) =>
        {
            var hash = await HashAsync(api, parsed.GetValue(program)!);
            if (parsed.GetValue(file) is { } read && Authority.CharterHash(CharterFile.TextOf(read)) != hash)
            {
                throw new InvalidOperationException($"The charter that was proposed is not {read}: the server names {hash}. Nothing was signed.");
            }

            var draft = await DraftAsync(api, parsed.GetValue(program)!, default);
            if (draft.Charter != hash)
            {
                throw new InvalidOperationException("Another charter was proposed in this moment. Nothing was signed.");
            }

            Print(draft);
            var exposure = JsonSerializer.Deserialize(Convert.FromBase64String(draft.Read), ProtocolJson.Default.ExposureRead)!; // of what was just printed, and of nothing else
            return new CharterApproved(SignedStatement.Sign(new ApproveCharter(root.Fingerprint, TimeProvider.System.GetUtcNow(), parsed.GetValue(program)!, hash, parsed.GetValue(role)!, exposure), key));
        });
    }

    private static Command Refuse()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program whose newest charter is refused" };
        var role = Role();
        var reason = new Option<string>("--reason") { Description = "Why", Required = true, HelpName = "TEXT" };
        return Signed("refuse", "Refuses a proposed charter, with the reason.", [program, role, reason], async (parsed, root, key, api) =>
            new CharterRefused(SignedStatement.Sign(
                new RefuseCharter(root.Fingerprint, TimeProvider.System.GetUtcNow(), parsed.GetValue(program)!, await HashAsync(api, parsed.GetValue(program)!), parsed.GetValue(role)!, parsed.GetValue(reason)!), key)));
    }

    private static Command Activate()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program whose approved charter comes into force" };
        return Signed("activate", "Puts an approved charter in force, signed by its owner.", [program], async (parsed, root, key, api) =>
            new CharterActivated(SignedStatement.Sign(new ActivateCharter(root.Fingerprint, TimeProvider.System.GetUtcNow(), parsed.GetValue(program)!, await HashAsync(api, parsed.GetValue(program)!)), key)));
    }

    private static Command End()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program whose charter in force ends before its last day" };
        var role = new Option<string>("--role") { Description = "program-owner, privacy-officer or works-council", Required = true, HelpName = "ROLE" };
        var reason = new Option<string>("--reason") { Description = "Why; everybody whom it covered reads it", Required = true, HelpName = "TEXT" };
        return Signed("end", "Ends a program before its last day: nothing is collected or shown any more, and what was kept goes on its days. Going on takes a new charter.", [program, role, reason], async (parsed, root, key, api) =>
            new CharterEnded(SignedStatement.Sign(
                new EndCharter(root.Fingerprint, TimeProvider.System.GetUtcNow(), parsed.GetValue(program)!, await InForceAsync(api, parsed.GetValue(program)!), parsed.GetValue(role)!, parsed.GetValue(reason)!), key)));
    }

    private static Option<string> Role() => new("--role") { Description = "privacy-officer or works-council", Required = true, HelpName = "ROLE" };

    private static Command Signed(string name, string description, IReadOnlyList<Symbol> symbols, Func<ParseResult, TrustRoot, CredentialKey, ApiClient, Task<PublicEvent>> make)
    {
        var command = new Command(name, description);
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

        var connection = new Connection();
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(await make(parsed, root, key, api)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"recorded as entry {recorded.Entry}"));
            return CommandLine.Done;
        });
        return command;
    }

    private static async Task<string> HashAsync(ApiClient api, string program)
    {
        var found = await FindAsync(api, program);
        return found.Pending ?? found.Charter;
    }

    private static async Task<string> InForceAsync(ApiClient api, string program) => (await FindAsync(api, program)).Charter;

    private static async Task<ProgramView> FindAsync(ApiClient api, string program)
    {
        var programs = (await api.GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, default)).OrThrow();
        return programs.FirstOrDefault(p => p.Program == program) ?? throw new InvalidOperationException($"No charter of {program} was proposed. Programs: {string.Join(", ", programs.Select(p => p.Program))}.");
    }
}
