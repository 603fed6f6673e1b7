using System.CommandLine;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log vkey</c>.</summary>
internal static class VKeyCommand
{
    public static Command Create()
    {
        var choice = new LogChoice();
        var command = new Command("vkey", "Prints the log's verification key. Compare it with the one that was published outside Daylight.\n\nExamples:\n  daylight log vkey --server https://daylight.example\n  daylight log vkey --data ./acme") { choice.Server, choice.Data, choice.Database };
        command.SetAction(async (parsed, cancel) =>
        {
            if ((parsed.GetValue(choice.Data) is null) == (parsed.GetValue(choice.Server) is null))
            {
                throw new UsageException("Say which log: --server URL, or --data DIR.");
            }

            if (parsed.GetValue(choice.Server) is { } url)
            {
                using var source = new HttpLogSource(url, null);
                Console.WriteLine((await source.VKeyAsync(cancel)).Trim());
                return CommandLine.Done;
            }

            var (store, folder) = LogChoice.OpenFolder(parsed.GetValue(choice.Data)!, parsed.GetValue(choice.Database));
            using var log = new OpenedLog(store, null, folder);
            var root = await log.TrustRootAsync(cancel) ?? throw new InvalidOperationException($"The log in {folder.Path} has no trust root. Was the server set up?");
            Console.WriteLine(root.Log);
            return CommandLine.Done;
        });
        return command;
    }
}
