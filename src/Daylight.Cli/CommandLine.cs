using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Server.Features.Log;
using Spectre.Console;

namespace Daylight.Cli;

/// <summary>Runs a command line: answer on stdout and all else on stderr; exit 0 done, 1 refused or found wanting, 2 wrong usage.</summary>
internal static class CommandLine
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Refused, or found wanting.</summary>
    public const int Refused = 1;

    private const int WrongUsage = 2;

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 4096; // tables of scripts do not wrap
        }

        var examples = new Dictionary<Command, string>();
        MoveExamples(root, examples);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"Try: daylight {string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')))} --help");
            return WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (Explain(e) is { } message)
        {
            await Console.Error.WriteLineAsync(message);
            return e is UsageException ? WrongUsage : Refused;
        }
    }

    /// <summary>A command's examples stand in its own help, after its options; lists of commands show the first sentence only.</summary>
    private static void MoveExamples(Command command, Dictionary<Command, string> examples)
    {
        foreach (var sub in command.Subcommands)
        {
            MoveExamples(sub, examples);
            if (sub.Description is { } text && text.IndexOf("\n\n", StringComparison.Ordinal) is > 0 and var split)
            {
                sub.Description = text[..split];
                examples[sub] = text[(split + 2)..];
            }
        }
    }

    /// <summary>Says what went wrong and what to do; null for a bug, which shows itself.</summary>
    private static string? Explain(Exception e) => e switch
    {
        ApiException api => api.Problem.Detail,
        KeyholderException keyholder => $"The keyholder refuses ({keyholder.Code}): {keyholder.Message}",
        JsonException => "The server answered something that this version of daylight cannot read: are both of one version?",
        HttpRequestException => "The server cannot be reached. Is it running, and is the address right?",
        System.Data.Common.DbException => "The database cannot be read: it is damaged, locked, or not Daylight's. " + e.Message,
        UsageException or InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException or FormatException => e.Message,
        CryptographicException => "A key does not fit: the file is not a P-256 key in PEM, or the data was made with another key. " + e.Message,
        OperationCanceledException => "Stopped.",
        _ => null,
    };

    /// <summary>Prints a table.</summary>
    public static void Print(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.None : TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)) { NoWrap = Console.IsOutputRedirected });
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }

    /// <summary>Prints JSON.</summary>
    public static void PrintJson<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => Console.WriteLine(JsonSerializer.Serialize(value, type));
}

/// <summary>Help, and then the examples.</summary>
internal sealed class HelpWithExamples(HelpAction help, IReadOnlyDictionary<Command, string> examples) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var result = help.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out var text))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(text + "\n");
        }

        return result;
    }
}

/// <summary>The caller asked for something that cannot be; the message says what to do instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
