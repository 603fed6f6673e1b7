using System.CommandLine;
using System.Security.Cryptography;
using Daylight.Protocol;
using Daylight.Storage;

namespace Daylight.Cli.Server;

/// <summary><c>daylight keys new DIR</c>.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder for the keys; keep it out of data folders and backups" };
        var make = new Command("new", "Makes keyholder.kek and server.key.\n\nExample:\n  daylight keys new /etc/daylight/keys") { folder };
        make.SetAction(parsed => Make(parsed.GetValue(folder)!));
        return new Command("keys", "The keys that nothing can be read without") { make, Certificate() };
    }

    private static Command Certificate()
    {
        var file = new Argument<string>("FILE") { Description = "Where certificate and key go (PEM, mode 0600); the certificate alone goes to FILE.crt" };
        var host = new Option<string>("--host") { Description = "Name or address of this machine", DefaultValueFactory = _ => "localhost", HelpName = "HOST" };
        var command = new Command("certificate", "Makes a certificate for the connection between server and keyholder. Each side is given the other's .crt, and trusts no other.\n\nExample:\n  daylight keys certificate keyholder.pem --host keys.acme.example") { file, host };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)!;
            if (File.Exists(path))
            {
                throw new InvalidOperationException($"{path} exists, and is left as it is.");
            }

            var (certificate, own) = PinnedTls.Create(parsed.GetValue(host)!, TimeProvider.System.GetUtcNow());
            Folders.WritePrivate(path, own);
            File.WriteAllText(path + ".crt", certificate);
            Console.WriteLine(path);
            Console.WriteLine(path + ".crt");
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>Makes both keys.</summary>
    public static int Make(string folder)
    {
        foreach (var name in (string[])["keyholder.kek", "server.key"])
        {
            var file = Path.Combine(folder, name);
            if (File.Exists(file))
            {
                throw new InvalidOperationException($"{file} exists, and is left as it is: without it, what was sealed under it is lost.");
            }

            Folders.WritePrivate(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n");
            Console.WriteLine(file);
        }

        return CommandLine.Done;
    }
}
