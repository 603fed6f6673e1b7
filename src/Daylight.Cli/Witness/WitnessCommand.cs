using System.CommandLine;
using System.Globalization;
using Daylight.Transparency;
using Daylight.Witness;

namespace Daylight.Cli.Witness;

/// <summary><c>daylight witness</c>, <c>daylight witness status</c>.</summary>
internal static class WitnessCommand
{
    private const string Help = """
        Runs a witness: cosigns a log that shows that it kept its whole earlier history. For a works council or an auditor, on a machine of their own.

        The first run makes its key and its record in DIR, and remembers the log; later runs need --data only.

        Examples:
          daylight witness --data ./witness --log 'daylight.log/1a2b3c+1a2b3c4d+AbCd…' --name council.acme.example --listen http://192.0.2.7:8090
          daylight witness --data ./witness
          daylight witness status --data ./witness
        """;

    public static Command Create()
    {
        var data = Shared.Data("Folder with the witness's key and record; never put an older copy of it back");
        var logs = new Option<string[]>("--log") { Description = "Key of a log to watch (daylight log vkey), compared with what was published outside Daylight", HelpName = "VKEY" };
        var name = new Option<string?>("--name") { Description = "First run: the name in the witness's key, such as council.acme.example", HelpName = "NAME" };
        var listen = new Option<string?>("--listen") { Description = $"Where to serve (default: as last time, or {WitnessOptions.DefaultListen})", HelpName = "URL" };
        var clock = new Option<bool>("--clock-was-ahead") { Description = "The clock was ahead once and is right now: go on from its present time" };
        var command = new Command("witness", Help) { data, logs, name, listen, clock, Status() };
        command.SetAction((parsed, cancel) => RunAsync(
            new WitnessOptions
            {
                Data = parsed.GetValue(data)!,
                Logs = [.. (parsed.GetValue(logs) ?? []).Select(ReadLog)],
                Name = parsed.GetValue(name),
                Listen = ReadListen(parsed.GetValue(listen)),
                ClockWasAhead = parsed.GetValue(clock),
            },
            cancel));
        return command;
    }

    private static Command Status()
    {
        var data = Shared.Data("Folder of the witness");
        var json = Shared.Json();
        var command = new Command("status", "What the witness cosigned last, and what it refused.\n\nExamples:\n  daylight witness status --data ./witness\n  daylight witness status --data ./witness --json > evidence.json") { data, json };
        command.SetAction(parsed =>
        {
            var status = WitnessStatus.Read(parsed.GetValue(data)!);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(status, WitnessJson.Default.WitnessStatus);
            }
            else
            {
                Print(status);
            }

            return status.Refusals.Any(r => r.ShowsFork) ? CommandLine.Refused : CommandLine.Done;
        });
        return command;
    }

    private static async Task<int> RunAsync(WitnessOptions options, CancellationToken cancel)
    {
        if (options.Logs.Count == 0 && !WitnessHost.Exists(options.Data))
        {
            throw new UsageException($"There is no witness in {options.Data} yet. Make one with the key of the log that it watches: daylight witness --data {options.Data} --log VKEY");
        }

        await using var witness = await StartAsync(options, cancel);
        var url = witness.Url.ToString().TrimEnd('/');
        Console.WriteLine($"key      {witness.Verifier}");
        foreach (var log in witness.Logs)
        {
            Console.WriteLine($"watches  {log}");
        }

        await Console.Error.WriteLineAsync("The line for the policy. If the server reaches this machine by another address, write that one at its end:");
        Console.WriteLine($"witness {witness.Verifier.Name} {witness.Verifier} {url}");
        Console.WriteLine($"ready: witness on {url}");
        await witness.WaitForShutdownAsync(cancel);
        return CommandLine.Done;
    }

    private static async Task<WitnessHost> StartAsync(WitnessOptions options, CancellationToken cancel)
    {
        try
        {
            return await WitnessHost.StartAsync(options, TimeProvider.System, cancel);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new InvalidOperationException("The port is in use. Choose another with --listen, such as http://localhost:8091; it is remembered.", e);
        }
    }

    private static void Print(WitnessStatus status)
    {
        Console.WriteLine($"key     {status.Vkey}");
        Console.WriteLine($"listen  {status.Listen}");
        CommandLine.Print(["log", "entries", "root", "cosigned", "refused"], status.Logs.Select(l => (IReadOnlyList<string>)
        [
            l.Origin,
            l.Size?.ToString(CultureInfo.InvariantCulture) ?? "none yet",
            l.Root ?? string.Empty,
            l.CosignedAt?.ToString("u", CultureInfo.InvariantCulture) ?? "never",
            status.Refusals.Count(r => r.Origin == l.Origin).ToString(CultureInfo.InvariantCulture),
        ]));
        foreach (var refusal in status.Refusals.Where(r => r.ShowsFork))
        {
            Console.Error.WriteLine($"{refusal.At:u}: {refusal.Origin} signed two histories. Both checkpoints are in: daylight witness status --json");
        }
    }

    private static NoteVerifier ReadLog(string vkey) => NoteVerifier.TryParse(vkey, out var log) && log!.Type == NoteKeyType.Ed25519
        ? log
        : throw new UsageException($"--log {vkey} is not the key of a log. One looks like: daylight.log/1a2b3c+1a2b3c4d+AbCd…");

    private static string? ReadListen(string? listen) =>
        listen is null || (Uri.TryCreate(listen, UriKind.Absolute, out var url) && url.Scheme == "http" && (url.Host == "localhost" || System.Net.IPAddress.TryParse(url.Host.Trim('[', ']'), out _)))
            ? listen
            : throw new UsageException("--listen is http://localhost:PORT or http://ADDRESS:PORT. TLS ends at a proxy in front.");
}

/// <summary>Serialization of what the witness commands print.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(WitnessStatus))]
internal sealed partial class WitnessJson : System.Text.Json.Serialization.JsonSerializerContext;
