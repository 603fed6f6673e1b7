using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Protocol;
using Spectre.Console;

namespace Daylight.Terminal;

/// <summary>Runs a command line: answer on stdout and all else on stderr; exit 0 done, 1 refused or found wanting, 2 wrong usage.</summary>
public static class CommandLine
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Refused, or found wanting.</summary>
    public const int Refused = 1;

    private const int WrongUsage = 2;

    /// <summary>Runs a command line.</summary>
    /// <param name="program">What users call the program.</param>
    /// <param name="root">Its commands.</param>
    /// <param name="args">What the user wrote.</param>
    /// <param name="explain">Says what errors mean that only this program knows; null for the others.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string program, RootCommand root, string[] args, Func<Exception, string?>? explain = null)
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

            await Console.Error.WriteLineAsync($"Try: {program} {string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')))} --help");
            return WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when ((explain?.Invoke(e) ?? Explain(e)) is { } message)
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
        JsonException => "The server answered something that this version of daylight cannot read: are both of one version?",
        HttpRequestException => "The server cannot be reached. Is it running, and is the address right?",
        System.Data.Common.DbException => "The database cannot be read: it is damaged, locked, or not Daylight's. " + e.Message,
        UsageException or InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException or FormatException => e.Message,
        CryptographicException => "A key does not fit: the file is not a P-256 key in PEM, or the data was made with another key. " + e.Message,
        OperationCanceledException => "Stopped.",
        _ => null,
    };

    /// <summary>Shows how far something is, on a terminal; elsewhere it is silent.</summary>
    /// <param name="what">What is done, in words.</param>
    /// <param name="most">When it is done.</param>
    /// <param name="run">Does it, and says from time to time how far it is.</param>
    public static async Task<T> WithProgressAsync<T>(string what, double most, Func<Action<double>, Task<T>> run)
    {
        if (Console.IsErrorRedirected || Console.IsOutputRedirected)
        {
            return await run(_ => { });
        }

        return await AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
        {
            var task = context.AddTask(Markup.Escape(what), maxValue: most);
            return await run(at => task.Value = at);
        });
    }

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
public sealed class UsageException(string message) : Exception(message);
