using System.CommandLine;
using System.Globalization;
using Daylight.Cli.Charters;
using Daylight.Cli.Exposures;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight program propose|approve|refuse|activate</c>: the signed steps from draft to force.</summary>
internal static class ProgramCommand
{
    public static Command Create() => new("program", "The signed steps that put a charter in force") { Propose(), Approve(), Refuse(), Activate() };

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
        return Signed("approve", "Approves a proposed charter. With --charter you sign the file that you read; without it, the hash that the server names: compare it first with the one that daylight charter check prints. Whom it lets see what is printed, and stands in your signature.\n\nExample:\n  daylight program approve focus-time --role privacy-officer --charter focus-time.yaml --server http://localhost:8080 --key petra.pem", [program, role, file], async (parsed, root, key, api) =>
        {
            var hash = await HashAsync(api, parsed.GetValue(program)!);
            if (parsed.GetValue(file) is { } read && Authority.CharterHash(CharterFile.TextOf(read)) != hash)
            {
                throw new InvalidOperationException($"The charter that was proposed is not {read}: the server names {hash}. Nothing was signed.");
            }

            var exposure = await Reading.ReadAsync(api, new ChangeWanted(Charter: hash), default);
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
        var programs = (await api.GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, default)).OrThrow();
        return programs.Where(p => p.Program == program).Select(p => p.Pending ?? p.Charter).FirstOrDefault() ?? throw new InvalidOperationException($"No charter of {program} was proposed. Programs: {string.Join(", ", programs.Select(p => p.Program))}.");
    }
}
