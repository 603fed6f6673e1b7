using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Cli.Server;

/// <summary><c>daylight credential …</c>: keys that people sign with, codes for people and machines, and the policy file that stands for the notice on paper.</summary>
internal static class CredentialCommand
{
    public static Command Create() => new("credential", "Keys that people sign with, codes for people and machines, and the policy file for machines") { New(), CredentialChain.Add(), CredentialChain.Passkey(), CredentialChain.Revoke(), CredentialChain.Promise(), CredentialChain.Take(), Codes(), Words(), Policy() };

    private static Command New()
    {
        var file = new Argument<string>("FILE") { Description = "Where the private key goes (PEM, mode 0600); the public half goes to FILE.pub" };
        var server = new Option<string?>("--server") { Description = "Register it at this server", HelpName = "URL" };
        var code = new Option<string?>("--code") { Description = "Your one-time code for it", HelpName = "CODE" };
        var make = new Command("new", "Makes a credential: the key that you sign with.\n\nExamples:\n  daylight credential new anna.pem\n  daylight credential new anna.pem --server https://daylight.example --code ABCDEF-…") { file, server, code };
        make.SetAction((parsed, cancel) => MakeAsync(parsed.GetValue(file)!, parsed.GetValue(server), parsed.GetValue(code), cancel));
        return make;
    }

    private static async Task<int> MakeAsync(string file, string? server, string? code, CancellationToken cancel)
    {
        if (File.Exists(file))
        {
            throw new InvalidOperationException($"{file} exists, and is left as it is.");
        }

        if ((server is null) != (code is null))
        {
            throw new UsageException("--server and --code go together.");
        }

        using var key = server is null ? CredentialKey.Create() : await RegisterAsync(server, code!, cancel);
        Folders.WritePrivate(file, key.ToPem());
        await File.WriteAllTextAsync(file + ".pub", key.Credential.Text + "\n", cancel);
        Console.WriteLine($"{key.Credential.Id}  {file}  {file}.pub");
        return CommandLine.Done;
    }

    private static async Task<CredentialKey> RegisterAsync(string server, string code, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server) };
        return (await Enrollment.RegisterAsync(http, code, "person", null, TimeProvider.System, cancel)).Key;
    }

    private static Command Codes()
    {
        var emails = new Argument<string[]>("EMAIL") { Description = "For whom", Arity = ArgumentArity.OneOrMore };
        var use = new Option<string>("--use") { Description = "device: a machine; person: the person's own key", DefaultValueFactory = _ => "device", HelpName = "USE" };
        var file = new Option<string?>("--to") { Description = "Where the codes go (CSV, mode 0600); printed without it", HelpName = "FILE" };
        var connection = new Connection();
        var command = new Command(
            "codes",
            "Makes one-time codes for people who joined, or for another machine; a root approver signs the list. Each code serves once, and is kept nowhere: hand it to its person.\n\nExample:\n  daylight credential codes anna@acme.example --server https://daylight.example --key petra.pem")
        {
            emails, use, file,
        };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(use) is not ("device" or "person"))
            {
                throw new UsageException("--use is device or person.");
            }

            using var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var people = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var email in parsed.GetValue(emails)!)
            {
                people[(await api.PostAsync("/api/v1/people/find", new PersonWanted(email), ProtocolJson.Default.PersonWanted, ProtocolJson.Default.PersonSummary, cancel)).OrThrow().Id] = email;
            }

            var list = EnrollmentList.Make(root, people.Keys, parsed.GetValue(use)!, key, TimeProvider.System.GetUtcNow());
            (await api.PostAsync("/api/v1/enrollments", new EnrollmentListMade(list.Signed, list.Lines), ProtocolJson.Default.EnrollmentListMade, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            if (parsed.GetValue(file) is { } path)
            {
                var csv = new StringBuilder("email,code\n");
                foreach (var (id, email) in people)
                {
                    csv.Append(CultureInfo.InvariantCulture, $"{email},{list.Codes[id]}\n");
                }

                Folders.WritePrivate(path, csv.ToString());
                Console.WriteLine(path);
            }
            else
            {
                CommandLine.Print(["email", "code"], people.Select(p => (IReadOnlyList<string>)[p.Value, list.Codes[p.Key].ToString()]));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Words()
    {
        var fingerprint = new Argument<string>("FINGERPRINT") { Description = "The trust root's fingerprint, as setup printed it" };
        var command = new Command("words", "The twelve words of a trust root, for the works council's notice: whoever joins a machine types them.\n\nExample:\n  daylight credential words 3f2a…") { fingerprint };
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(fingerprint)!;
            if (text.Length != 64 || !text.All(char.IsAsciiHexDigit))
            {
                throw new UsageException("A fingerprint has 64 hexadecimal digits.");
            }

            Console.WriteLine(TrustWords.Of(text));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Policy()
    {
        var file = new Argument<string>("FILE") { Description = "Where the policy file goes" };
        var words = new Option<string>("--words") { Description = "The trust root's twelve words, from your own notice", Required = true, HelpName = "WORDS" };
        var (url, key) = (new Option<string>("--server") { Description = "URL of the server, as machines will reach it", Required = true, HelpName = "URL" }, new Option<string>("--key") { Description = "Your credential (PEM)", Required = true, HelpName = "FILE" });
        var command = new Command(
            "policy",
            "Makes the file by which machines that the company sets up know the trust root: the works council signs it, and it takes the place of the words.\n\nExample:\n  daylight credential policy policy.json --server https://daylight.example --key wim.pem --words \"acorn actor …\"")
        {
            file, words, url, key,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var path = parsed.GetValue(key)!;
            using var signer = File.Exists(path) ? CredentialKey.FromPem(await File.ReadAllTextAsync(path, cancel)) : throw new UsageException($"There is no file {path}.");
            using var http = new HttpClient { BaseAddress = Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out var uri) ? uri : throw new UsageException($"'{parsed.GetValue(url)}' is not a URL.") };
            var made = await Enrollment.VouchAsync(http, parsed.GetValue(url)!, signer, new RootProof.Words(parsed.GetValue(words)!), TimeProvider.System, cancel);
            await File.WriteAllTextAsync(parsed.GetValue(file)!, JsonSerializer.Serialize(made, SealingJson.Default.AgentPolicyFile) + "\n", cancel);
            Console.WriteLine($"{parsed.GetValue(file)}: machines join with it by --policy {parsed.GetValue(file)}");
            return CommandLine.Done;
        });
        return command;
    }
}
