using System.CommandLine;
using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight program propose|approve|refuse|activate</c>: the signed steps from draft to force.</summary>
internal static class ProgramCommand
{
    public static Command Create() => new("program", "The signed steps that put a charter in force") { Propose(), Approve(), Refuse(), Activate() };

    private static Command Propose()
    {
        var file = new Argument<string>("FILE") { Description = "The charter" };
        return Signed("propose", "Proposes a charter, signed by its owner.\n\nExample:\n  daylight program propose charters/focus-time.yaml --server http://localhost:8080 --key olga.pem", [file], (parsed, root, key, _) =>
        {
            var (charter, text) = CharterFile.Read(parsed.GetValue(file)!);
            var statement = new ProposeCharter(root.Fingerprint, TimeProvider.System.GetUtcNow(), charter.Program, Authority.CharterHash(text));
            return Task.FromResult<PublicEvent>(new CharterProposed(SignedStatement.Sign(statement, key), text));
        });
    }

    private static Command Approve()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program whose newest charter is approved" };
        var role = Role();
        return Signed("approve", "Approves a proposed charter. What you sign is the hash that the server names: compare it first with the one that daylight charter check prints for the file you read.\n\nExample:\n  daylight program approve focus-time --role privacy-officer --server http://localhost:8080 --key petra.pem", [program, role], async (parsed, root, key, api) =>
            new CharterApproved(SignedStatement.Sign(new ApproveCharter(root.Fingerprint, TimeProvider.System.GetUtcNow(), parsed.GetValue(program)!, await HashAsync(api, parsed.GetValue(program)!), parsed.GetValue(role)!), key)));
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
            var recorded = (await api.PostAsync("/api/v1/programs/events", new SubmitEvent(await make(parsed, root, key, api)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
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

/// <summary>Reads charter files for commands.</summary>
internal static class CharterFile
{
    /// <summary>Reads a charter.</summary>
    /// <exception cref="UsageException">It is not one; the message lists every problem.</exception>
    public static (Charter Charter, string Text) Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new UsageException($"There is no file {file}.");
        }

        var text = File.ReadAllText(file);
        return CharterReader.Read(text, file) switch
        {
            CharterReading.Good good => (good.Charter, text),
            CharterReading.Bad bad => throw new InvalidOperationException(string.Join(Environment.NewLine, bad.Problems)),
            _ => throw new InvalidOperationException("CharterReading is closed."),
        };
    }
}
