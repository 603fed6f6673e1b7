using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Cli.Server;

/// <summary><c>daylight credential add|revoke|promise|take</c>: how one key leads to the next, and how a lost one is replaced.</summary>
internal static class CredentialChain
{
    public static Command Add()
    {
        var file = new Argument<string>("FILE") { Description = "Where the new private key goes (PEM, mode 0600); the public half goes to FILE.pub" };
        var connection = new Connection();
        var command = new Command(
            "add",
            "Makes a further key for you, which one that you sign with already signs for: keep a second one apart, so that losing the first is no loss.\n\nExample:\n  daylight credential add anna-2.pem --server https://daylight.example --key anna.pem") { file };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var path = parsed.GetValue(file)!;
            if (File.Exists(path))
            {
                throw new InvalidOperationException($"{path} exists, and is left as it is.");
            }

            var old = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            using var made = CredentialKey.Create();
            var me = (await api.GetAsync("/api/v1/me", ProtocolJson.Default.Me, cancel)).OrThrow();
            Folders.WritePrivate(path, made.ToPem()); // first: a key that is registered and lost helps nobody
            await File.WriteAllTextAsync(path + ".pub", made.Credential.Text + "\n", cancel);
            try
            {
                return await BringAsync(api, new CredentialAdded(SignedStatement.Sign(new AddCredential(root.Fingerprint, TimeProvider.System.GetUtcNow(), me.Person, made.Credential.Text), old, made)), $"{made.Credential.Id}  {path}", cancel);
            }
            catch (ApiException)
            {
                File.Delete(path);
                File.Delete(path + ".pub");
                throw;
            }
        });
        return command;
    }

    public static Command Passkey()
    {
        var connection = new Connection();
        var yes = new Option<bool>("--yes") { Description = "Sign for the passkey without asking" };
        var command = new Command(
            "passkey",
            "Makes a passkey in a browser, for who signs with a key file: shows a code for the portal's page /welcome, waits until the passkey is made there, shows it, and signs for it.\n\nExample:\n  daylight credential passkey --server https://daylight.example --key petra.pem") { yes };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var invitation = (await api.PostAsync("/api/v1/passkeys/invitations", new PasskeyWanted(), ProtocolJson.Default.PasskeyWanted, ProtocolJson.Default.PasskeyInvitation, cancel)).OrThrow();
            Console.WriteLine($"code    {invitation.Code}");
            await Console.Error.WriteLineAsync($"Type it on the portal's page /welcome, until {invitation.Expires.ToLocalTime():HH:mm}. Waiting for the passkey…");
            var path = "/api/v1/passkeys/invitations/" + invitation.Code;
            SignedStatement? made;
            while ((made = (await api.GetAsync(path, ProtocolJson.Default.SignedStatement, cancel)).Value) is null)
            {
                if (TimeProvider.System.GetUtcNow() > invitation.Expires)
                {
                    throw new InvalidOperationException("No passkey was made in time. Nothing was signed.");
                }

                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            }

            if (Statement.TryRead(made.Bytes) is not AddCredential add || add.Root != root.Fingerprint || Credential.TryParse(add.Key) is not { Origin: { } origin } credential || !made.IsSignedBy(credential))
            {
                throw new InvalidOperationException("What waits at the server is no passkey that signed for itself. Nothing was signed.");
            }

            Console.WriteLine($"passkey {credential.Id} at {origin}");
            if (!parsed.GetValue(yes) && !Asked("Does the browser show the same name? Then your key file signs that the passkey is yours."))
            {
                throw new InvalidOperationException("Nothing was signed.");
            }

            var recorded = (await api.PostAsync(path, made.With(key), ProtocolJson.Default.SignedStatement, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"entry   {recorded.Entry}"));
            return CommandLine.Done;
        });
        return command;
    }

    private static bool Asked(string question)
    {
        if (Console.IsInputRedirected)
        {
            throw new UsageException("There is nobody to ask: say --yes.");
        }

        Console.Error.Write(question + " [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    public static Command Revoke()
    {
        var id = new Argument<string>("ID") { Description = "The key's id, as Keys and sessions shows it and the command that made it printed it" };
        var email = new Option<string?>("--of") { Description = "Whose it is; yours without it", HelpName = "EMAIL" };
        var reason = new Option<string>("--reason") { Description = "Why; the person is shown it", Required = true, HelpName = "TEXT" };
        var connection = new Connection();
        var command = new Command(
            "revoke",
            "Ends a key at once and for good: by its person, or by a root approver. A root approver's own takes a quorum of the others. A promised key too, with whatever key its person has.\n\nExample:\n  daylight credential revoke 3f2a… --reason \"laptop lost\" --server https://daylight.example --key anna.pem") { id, email, reason };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            _ = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var person = parsed.GetValue(email) is { } of ? await FindAsync(api, of, cancel) : (await api.GetAsync("/api/v1/me", ProtocolJson.Default.Me, cancel)).OrThrow().Person;
            var statement = new RevokeCredential(root.Fingerprint, TimeProvider.System.GetUtcNow(), person, parsed.GetValue(id)!, parsed.GetValue(reason)!);
            return await BringAsync(api, new CredentialRevoked(SignedStatement.Sign(statement, [.. connection.Keys(parsed)])), $"{parsed.GetValue(id)} ended", cancel);
        });
        return command;
    }

    public static Command Promise()
    {
        var email = new Argument<string>("EMAIL") { Description = "Who lost every key" };
        var key = new Option<string>("--new") { Description = "The public half of the key that they made: daylight credential new FILE makes FILE.pub", Required = true, HelpName = "FILE.pub" };
        var reason = new Option<string>("--reason") { Description = "Why; the person is shown it", Required = true, HelpName = "TEXT" };
        var connection = new Connection();
        var command = new Command(
            "promise",
            "Promises a new key to somebody who lost every one to sign with. Two root approvers sign, none of them the person. The person is told, and can end it; it takes its place after at least 72 hours (daylight credential take).\n\nExample:\n  daylight credential promise anna@acme.example --new anna-2.pem.pub --reason \"telephone lost\" --server https://daylight.example --key petra.pem --key wim.pem")
        {
            email, key, reason,
        };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            _ = connection.OneKey(parsed);
            var path = parsed.GetValue(key)!;
            var credential = Credential.TryParse(File.Exists(path) ? await File.ReadAllTextAsync(path, cancel) : throw new UsageException($"There is no file {path}.")) ?? throw new UsageException($"{path} is not the public half of a credential.");
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var statement = new PromiseCredential(root.Fingerprint, TimeProvider.System.GetUtcNow(), await FindAsync(api, parsed.GetValue(email)!, cancel), credential.Text, parsed.GetValue(reason)!);
            return await BringAsync(api, new CredentialPromised(SignedStatement.Sign(statement, [.. connection.Keys(parsed)])), $"{credential.Id} promised", cancel);
        });
        return command;
    }

    public static Command Take()
    {
        var entry = new Argument<ulong>("ENTRY") { Description = "The log's entry of the promise" };
        var promised = new Option<string>("--new") { Description = "The promised key (PEM), which signs", Required = true, HelpName = "FILE" };
        var connection = new Connection();
        var command = new Command(
            "take",
            "Puts a promised key in its place, when its wait is over. The call is made with a token of yours or with any key of yours that is in force; the promised key signs. Without either, a root approver brings it, with a key of theirs and --of.\n\nExample:\n  daylight credential take 812 --new anna-2.pem --of anna@acme.example --server https://daylight.example --key petra.pem")
        {
            entry, promised,
        };
        var email = new Option<string?>("--of") { Description = "Whose it is; yours without it", HelpName = "EMAIL" };
        command.Add(email);
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var path = parsed.GetValue(promised)!;
            using var key = File.Exists(path) ? CredentialKey.FromPem(await File.ReadAllTextAsync(path, cancel)) : throw new UsageException($"There is no file {path}.");
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var person = parsed.GetValue(email) is { } of ? await FindAsync(api, of, cancel) : (await api.GetAsync("/api/v1/me", ProtocolJson.Default.Me, cancel)).OrThrow().Person;
            var statement = new TakeCredential(root.Fingerprint, TimeProvider.System.GetUtcNow(), person, parsed.GetValue(entry));
            return await BringAsync(api, new CredentialRestored(SignedStatement.Sign(statement, key)), $"{key.Credential.Id} signs now", cancel);
        });
        return command;
    }

    private static async Task<string> FindAsync(ApiClient api, string email, CancellationToken cancel) =>
        (await api.PostAsync("/api/v1/people/find", new PersonWanted(email), ProtocolJson.Default.PersonWanted, ProtocolJson.Default.PersonSummary, cancel)).OrThrow().Id;

    private static async Task<int> BringAsync(ApiClient api, LogEvent happened, string done, CancellationToken cancel)
    {
        var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done}, entry {recorded.Entry}"));
        return CommandLine.Done;
    }
}
