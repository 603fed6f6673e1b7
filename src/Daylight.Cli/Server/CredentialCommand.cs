using System.CommandLine;
using Daylight.Agent.Trust;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Cli.Server;

/// <summary><c>daylight credential new FILE</c>.</summary>
internal static class CredentialCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Where the private key goes (PEM, mode 0600); the public half goes to FILE.pub" };
        var server = new Option<string?>("--server") { Description = "Register it at this server", HelpName = "URL" };
        var code = new Option<string?>("--code") { Description = "Your one-time code for it", HelpName = "CODE" };
        var make = new Command("new", "Makes a credential: the key that you sign with.\n\nExamples:\n  daylight credential new anna.pem\n  daylight credential new anna.pem --server https://daylight.example --code ABCDEF-…") { file, server, code };
        make.SetAction((parsed, cancel) => MakeAsync(parsed.GetValue(file)!, parsed.GetValue(server), parsed.GetValue(code), cancel));
        return new Command("credential", "Keys that people sign with") { make };
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
        return (await Enrollment.RegisterAsync(http, code, "person", TimeProvider.System, cancel)).Key;
    }
}
