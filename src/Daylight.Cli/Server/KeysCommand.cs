using System.CommandLine;
using System.Security.Cryptography;
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
        return new Command("keys", "The keys that nothing can be read without") { make };
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
