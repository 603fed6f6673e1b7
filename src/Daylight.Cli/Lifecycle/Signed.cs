using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Lifecycle;

/// <summary>What commands have in common that sign something and bring it to the log.</summary>
internal static class Signed
{
    /// <summary>Makes an event with the caller's key, brings it, and says where it stands.</summary>
    /// <param name="command">The command.</param>
    /// <param name="connection">How the server is reached; its options are added.</param>
    /// <param name="make">Makes the event, from the API, the trust root's fingerprint, the caller and the time.</param>
    /// <param name="says">What is printed before the entry.</param>
    /// <param name="then">Makes what is brought after that, or nothing, with what is printed before its entry.</param>
    public static Command Bring(this Command command, Connection connection, Func<ParseResult, Context, Task<LogEvent>> make, Func<ParseResult, string> says, Func<ParseResult, Context, (LogEvent Happened, string Says)?>? then = null)
    {
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var me = (await api.GetAsync("/api/v1/me", ProtocolJson.Default.Me, cancel)).OrThrow();
            var context = new Context(api, root.Fingerprint, me.Person, key, TimeProvider.System.GetUtcNow(), cancel);
            List<(LogEvent, string)> all = [(await make(parsed, context), says(parsed)), .. then?.Invoke(parsed, context) is { } next ? [next] : Array.Empty<(LogEvent, string)>()];
            foreach (var (happened, said) in all)
            {
                var recorded = await SubmitAsync(api, happened, cancel);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{said}, entry {recorded.Entry}"));
                if (recorded.Says is { } more)
                {
                    await Console.Error.WriteLineAsync(more);
                }
            }

            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>Prints what the API lists, as a table or as JSON.</summary>
    public static Command Prints<T>(this Command command, Connection connection, Func<ParseResult, string> path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<IReadOnlyList<T>> type, IReadOnlyList<string> columns, Func<T, IReadOnlyList<string>> row)
    {
        var json = Shared.Json();
        command.Add(json);
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var found = (await api.GetAsync(path(parsed), type, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(found, type);
            }
            else
            {
                CommandLine.Print(columns, found.Select(row));
            }

            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>Brings an event.</summary>
    public static async Task<Recorded> SubmitAsync(ApiClient api, LogEvent happened, CancellationToken cancel) =>
        (await api.PostAsync("/api/v1/events", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();

    /// <summary>Programs as everybody may read them.</summary>
    public static async Task<ProgramView> ProgramAsync(ApiClient api, string name, CancellationToken cancel)
    {
        var programs = (await api.GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, cancel)).OrThrow();
        return programs.FirstOrDefault(p => p.Program == name) ?? throw new InvalidOperationException($"There is no program '{name}'. Programs: {string.Join(", ", programs.Select(p => p.Program).DefaultIfEmpty("none"))}.");
    }

    /// <summary>The argument that names a program.</summary>
    public static Argument<string> Program() => new("PROGRAM") { Description = "The program" };

    /// <summary>The role that something is signed in.</summary>
    public static Option<string> Role(string? otherwise = null)
    {
        var role = new Option<string>("--role") { Description = "The role that you sign in", HelpName = "ROLE", Required = otherwise is null };
        if (otherwise is not null)
        {
            role.DefaultValueFactory = _ => otherwise;
        }

        return role;
    }
}

/// <summary>What an event is made of.</summary>
internal sealed record Context(ApiClient Api, string Root, string Me, CredentialKey Key, DateTimeOffset Now, CancellationToken Cancel)
{
    /// <summary>Signs a statement with the caller's key.</summary>
    public SignedStatement Sign(Statement statement) => SignedStatement.Sign(statement, Key);
}
