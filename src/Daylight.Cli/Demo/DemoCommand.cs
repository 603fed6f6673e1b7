using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Daylight.Agent;
using Daylight.Agent.Commands;
using Daylight.Cli.Server;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Cli.Demo;

/// <summary><c>daylight demo</c>: a sample company, server and agent in one.</summary>
internal static class DemoCommand
{
    private const int DaysBack = 42;

    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of the portal", DefaultValueFactory = _ => 8080, HelpName = "N" };
        var agentPort = new Option<int>("--agent-port") { Description = "Port of the agent; 5600 is what ActivityWatch's clients expect", DefaultValueFactory = _ => 5600, HelpName = "N" };
        var data = Shared.Data("Where the demo keeps its files; its keys go to DIR.keys", "./.daylight/demo");
        var reset = new Option<bool>("--reset") { Description = "Start over" };
        var command = new Command("demo", "Runs a sample company of made-up people: server, log, keyholder, portal and one agent.\n\nExample:\n  daylight demo --port 8080 --agent-port 5600") { port, agentPort, data, reset };
        command.SetAction((parsed, cancel) => RunAsync(new DataFolder(parsed.GetValue(data)!), parsed.GetValue(port), parsed.GetValue(agentPort), parsed.GetValue(reset), cancel));
        return command;
    }

    private static async Task<int> RunAsync(DataFolder folder, int port, int agentPort, bool reset, CancellationToken cancel)
    {
        CheckPort(port, string.Create(CultureInfo.InvariantCulture, $"Port {port} is in use. Stop what uses it, or choose another: --port {port + 1}"));
        CheckPort(agentPort, RunCommand.PortInUse(agentPort));
        var keys = folder.DefaultKeys;
        if (reset || DemoState.Load(keys) is null)
        {
            Clear(folder, keys); // a first start that was cut off leaves half a company: it is made up, so start over
        }

        if (!File.Exists(Path.Combine(keys, "server.key")))
        {
            await Console.Error.WriteLineAsync("Making a sample company; nobody in it is real.");
            var output = Console.Out;
            Console.SetOut(TextWriter.Null);
            KeysCommand.Make(keys);
            Console.SetOut(output);
        }

        var clock = new DemoClock();
        var standIn = new DemoStandIn(keys);
        await using var installation = await Installation.StartAsync(
            folder,
            keys,
            null,
            null,
            key => new ServerOptions { Data = folder.Server, Key = key, Listen = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"), StandIn = standIn, Synthetic = true, RunJobs = false, Contact = "privacy@acme.example", StoredIn = ["DE"], AccessReviewDays = Sealing.AccessReviewOpened.MostDays },
            clock,
            cancel);
        using var http = DaylightServer.ControlClient(ServerOptions.ControlSocketOf(folder.Server));
        var state = await PrepareAsync(folder, keys, installation.Server, http, clock, standIn, cancel);
        clock.Set(null);
        await installation.Server.RunJobsAsync(cancel);
        using var agentHttp = DaylightServer.ControlClient(ServerOptions.ControlSocketOf(folder.Server));
        await using var agent = await RunCommand.StartAsync(
            new AgentOptions { Data = folder.Agent, Port = agentPort, UploadEvery = TimeSpan.FromSeconds(5), Synthetic = true }, agentHttp, clock, cancel);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"portal   http://localhost:{port}   choose who you are; synthetic data up to {state.SeededUntil:yyyy-MM-dd}"));
        Console.WriteLine($"agent    {agent.Url}   point an ActivityWatch watcher at it; it is the machine of the persona 'employee'");
        Console.WriteLine($"tokens   {Path.Combine(folder.Path, "demo-tokens.json")}");
        Console.WriteLine("Server, keyholder and personas' keys share this process, so the demo proves the way, not the separation. Ctrl-C stops it.");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready: server on http://localhost:{port}"));
        Console.WriteLine($"ready: agent on {agent.Url}");
        await RunJobsUntilStoppedAsync(installation.Server, cancel);
        return CommandLine.Done;
    }

    private static async Task<DemoState> PrepareAsync(
        DataFolder folder, string keys, DaylightServer server, HttpClient http, DemoClock clock, DemoStandIn standIn, CancellationToken cancel)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(SampleCompany.Zone);
        var yesterday = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), zone).DateTime).AddDays(-1);
        if (DemoState.Load(keys) is not { } state)
        {
            var first = yesterday.AddDays(-DaysBack + 1);
            clock.Set(new DateTimeOffset(first.ToDateTime(new TimeOnly(7, 0)), TimeSpan.Zero));
            state = await new DemoFounding(folder, keys, server.Founding(), http, clock).RunAsync(first, cancel);
            state.Save(keys);
        }

        standIn.Use(state.Personas);
        Folders.WritePrivate(Path.Combine(folder.Path, "demo-tokens.json"), JsonSerializer.Serialize(state.Personas, DemoJson.Default.IReadOnlyDictionaryStringDemoPersona));
        if (state.SeededUntil < yesterday)
        {
            var replay = new DemoReplay(state, server, http, clock);
            var days = yesterday.DayNumber - state.SeededUntil.DayNumber;
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Replaying {days} days through the real path: minimise, seal, upload, release, purge."));
            await CommandLine.WithProgressAsync("replaying days", days, async at =>
            {
                for (var day = state.SeededUntil.AddDays(1); day <= yesterday; day = day.AddDays(1))
                {
                    await replay.DayAsync(day, cancel);
                    state = state with { SeededUntil = day };
                    state.Save(keys);
                    at(days - yesterday.DayNumber + day.DayNumber);
                }

                return true;
            });
        }

        return state;
    }

    private static async Task RunJobsUntilStoppedAsync(DaylightServer server, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var shutdown = server.WaitForShutdownAsync(stop.Token);
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(15));
        while (!shutdown.IsCompleted)
        {
            var tick = timer.WaitForNextTickAsync(stop.Token).AsTask();
            if (await Task.WhenAny(shutdown, tick) == tick && tick.IsCompletedSuccessfully)
            {
                await server.RunJobsAsync(stop.Token);
            }
        }

        await stop.CancelAsync();
    }

    private static void CheckPort(int port, string message)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new InvalidOperationException(message, e);
        }
    }

    private static void Clear(DataFolder folder, string keys)
    {
        var marker = Path.Combine(keys, "this-is-a-demo");
        if (!File.Exists(marker) && (Directory.Exists(keys) || Directory.Exists(folder.Server) || Directory.Exists(folder.Keyholder)))
        {
            throw new InvalidOperationException($"{folder.Path} was not made by the demo, and is left as it is. Name another folder: --data DIR");
        }

        foreach (var path in (string[])[folder.Server, folder.Keyholder, folder.Agent, keys])
        {
            if (File.Exists(Path.Combine(path, "server.db.lock")))
            {
                using var running = new SqliteDatabase(Path.Combine(path, "server.db")).LockExclusively("this demo");
            }

            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }

        Folders.WritePrivate(marker, "Made by daylight demo; nobody in it is real, and --reset may delete it.\n");
    }
}
