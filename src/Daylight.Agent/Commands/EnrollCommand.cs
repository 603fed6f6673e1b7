using System.CommandLine;
using System.Text.Json;
using Daylight.Agent.Trust;
using Daylight.Sealing;

namespace Daylight.Agent.Commands;

/// <summary><c>enroll URL CODE</c>: joins this machine.</summary>
internal static class EnrollCommand
{
    private const string Help = """
        Joins this machine: makes its key here, and pins the trust root.

        You type the twelve words of the trust root from the works council's notice: words that the server itself shows prove nothing. On a machine
        that your company sets up, a policy file that the works council signed takes their place.

        Examples:
        """;

    public static Command Create()
    {
        var url = new Argument<string>("URL") { Description = "The server" };
        var code = new Argument<string>("CODE") { Description = "Your one-time code; it also says which trust root the server must have" };
        var words = new Option<string?>("--words") { Description = "The trust root's twelve words; asked for without it", HelpName = "WORDS" };
        var policy = new Option<string?>("--policy") { Description = "The policy file, instead of the words", HelpName = "FILE" };
        var examples = $"  {AgentCommands.Program} enroll https://daylight.example ABCDEF-GHIJKL-…\n  {AgentCommands.Program} enroll https://daylight.example ABCDEF-GHIJKL-… --policy /etc/daylight/policy.json";
        var command = new Command("enroll", Help + "\n" + examples) { url, code, words, policy, AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var server = parsed.GetValue(url)!;
            if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new UsageException($"'{server}' is not a URL; one looks like https://daylight.example");
            }

            var proof = await ProofAsync(parsed.GetValue(words), parsed.GetValue(policy), cancel);
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = uri, MaxResponseContentBufferSize = AgentLimits.MostAnswer };
            var folder = AgentCommands.FolderOf(parsed);
            var enrolled = await new Enrollment(folder).EnrollAsync(http, server, parsed.GetValue(code)!, proof, TimeProvider.System, cancel);
            Console.WriteLine($"enrolled in {folder}");
            Console.WriteLine(enrolled.Programs.Count == 0 ? "Nothing is collected of you today." : "Collected of you from today on:");
            foreach (var (program, explain) in enrolled.Programs)
            {
                Console.WriteLine($"  {program}: {explain}");
            }

            await AgentCommands.SayUntestedAsync();
            var data = parsed.GetValue(AgentCommands.Folder) is { } named ? " --data " + named : string.Empty;
            await Console.Error.WriteLineAsync($"Next: {AgentCommands.Program} install{data}   (starts it with your session), or {AgentCommands.Program} run{data}");
            return CommandLine.Done;
        });
        return command;
    }

    private static async Task<RootProof> ProofAsync(string? words, string? policy, CancellationToken cancel)
    {
        if (policy is not null)
        {
            if (!File.Exists(policy))
            {
                throw new UsageException($"There is no file {policy}.");
            }

            try
            {
                return new RootProof.PolicyFile(JsonSerializer.Deserialize(await File.ReadAllBytesAsync(policy, cancel), SealingJson.Default.AgentPolicyFile) ?? throw new JsonException());
            }
            catch (JsonException)
            {
                throw new UsageException($"{policy} is not a policy file; the works council makes one with: daylight credential policy");
            }
        }

        if (words is not null)
        {
            return new RootProof.Words(words);
        }

        if (!Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync($"Type the {TrustWords.Count} words of the trust root from the works council's notice. Do not copy them from a page of the server.");
            await Console.Error.WriteAsync("words: ");
        }

        return await Console.In.ReadLineAsync(cancel) is { Length: > 0 } typed
            ? new RootProof.Words(typed)
            : throw new UsageException("Give the trust root's twelve words, from the works council's notice: typed, or with --words \"…\". On a machine that the company sets up, give its policy file: --policy FILE.");
    }
}
