using System.CommandLine;
using System.Globalization;
using Daylight.Agent;
using Daylight.Agent.Trust;
using Daylight.Agent.Sending;

namespace Daylight.Cli.Agents;

/// <summary><c>daylight agent …</c>: the employee's side.</summary>
internal static class AgentCommand
{
    private static readonly Option<string?> Folder = new("--data") { Description = "The agent's folder", HelpName = "DIR" };

    private static string DefaultFolder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "daylight", "agent");

    public static Command Create() => new("agent", "The agent on your machine: what will be sent, pause, forget")
    {
        Run(), Enroll(), Import(), Flush(), Status(), Outbox(), Pause(),
        Simple("resume", "Ends your pause.", "Collecting again."),
        Forget(),
    };

    private static Command Run()
    {
        var port = new Option<int>("--agent-port") { Description = "Port on the loopback address", DefaultValueFactory = _ => 5600, HelpName = "N" };
        var every = new Option<TimeSpan?>("--upload-every") { Description = "Time between uploads, such as 1.00:00:00 (a day, the default) or 00:00:05; also the setting Upload:Every", HelpName = "TIME" };
        var command = new Command("run", "Runs the agent. Point any ActivityWatch watcher at its port.\n\nExample:\n  daylight agent run") { Folder, port, every };
        command.SetAction(async (parsed, cancel) =>
        {
            var folder = parsed.GetValue(Folder) ?? DefaultFolder;
            var setting = TimeSpan.TryParse(Settings.Of(folder)["Upload:Every"], CultureInfo.InvariantCulture, out var set) ? set : TimeSpan.FromDays(1);
            var options = new AgentOptions { Data = folder, Port = parsed.GetValue(port), UploadEvery = parsed.GetValue(every) ?? setting };
            if (options.UploadEvery < TimeSpan.FromSeconds(1))
            {
                throw new UsageException("Upload:Every is a time of at least a second, such as 00:00:05.");
            }

            await using var agent = await StartAsync(options, null, TimeProvider.System, cancel);
            Console.WriteLine($"ready: agent on {agent.Url}");
            await agent.WaitForShutdownAsync(cancel);
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>Starts an agent, and says what to do when its port is taken.</summary>
    public static async Task<AgentHost> StartAsync(AgentOptions options, HttpClient? server, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            return await AgentHost.StartAsync(options, server, time, cancel);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new InvalidOperationException(PortInUse(options.Port), e);
        }
    }

    /// <summary>What to do when the agent's port is taken.</summary>
    public static string PortInUse(int port) => string.Create(
        CultureInfo.InvariantCulture, $"Port {port} is in use{(port == 5600 ? " (by ActivityWatch's own server?)" : "")}. Stop what uses it, or choose another: --agent-port {port + 1}");

    private static Command Enroll()
    {
        var url = new Argument<string>("URL") { Description = "The server" };
        var code = new Argument<string>("CODE") { Description = "Your one-time code; it also says which trust root the server must have" };
        var command = new Command("enroll", "Joins this machine: makes its key here, and pins the trust root.\n\nExample:\n  daylight agent enroll http://localhost:8080 ABCDEF-GHIJKL-…") { url, code, Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var server = parsed.GetValue(url)!;
            using var http = new HttpClient { BaseAddress = Uri.TryCreate(server, UriKind.Absolute, out var uri) ? uri : throw new UsageException($"'{server}' is not a URL.") };
            var folder = parsed.GetValue(Folder) ?? DefaultFolder;
            await new Enrollment(folder).EnrollAsync(http, server, parsed.GetValue(code)!, TimeProvider.System, cancel);
            Console.WriteLine($"enrolled in {folder}");
            await Console.Error.WriteLineAsync("Start it with: daylight agent run" + (parsed.GetValue(Folder) is { } f ? " --data " + f : string.Empty));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Import()
    {
        var file = new Argument<string>("FILE") { Description = "An ActivityWatch export (JSON)" };
        var command = new Command("import", "Takes an ActivityWatch export, as if its watchers had reported it here.\n\nExample:\n  daylight agent import aw-buckets-export.json") { file, Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var path = parsed.GetValue(file)!;
            await using var stream = File.Exists(path) ? File.OpenRead(path) : throw new UsageException($"There is no file {path}.");
            var count = await WithAgentAsync(parsed, agent => agent.ImportAsync(stream, cancel), cancel)
                ?? throw new InvalidOperationException($"{path} is not an ActivityWatch export: it is JSON of the form {{\"buckets\": {{…}}}}.");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} events taken"));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Flush()
    {
        var command = new Command("flush", "Sends everything in the outbox now; exit 0 when the server has acknowledged it.") { Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var outcome = await WithAgentAsync(parsed, agent => agent.FlushAsync(cancel), cancel);
            if (outcome.Ok)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Sent} chunks sent; {outcome.Message}"));
                return CommandLine.Done;
            }

            await Console.Error.WriteLineAsync(outcome.Message);
            return CommandLine.Refused;
        });
        return command;
    }

    private static Command Status()
    {
        var json = Shared.Json();
        var command = new Command("status", "How the agent is doing. Exits with 1 when the keyholder's count of looks at you does not fit what the server shows, or is missing.") { Folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var status = await WithAgentAsync(parsed, agent => agent.StatusAsync(cancel), cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(status, AgentJson.Default.AgentStatus);
            }
            else
            {
                Console.WriteLine($"enrolled     {(status.Enrolled ? "yes" : "no")}");
                Console.WriteLine($"paused       {(status.Paused ? "yes, by you" : "no")}");
                Console.WriteLine($"programs     {(status.Programs.Count == 0 ? "none" : string.Join(", ", status.Programs))}");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"outbox       {status.OutboxItems} items, {status.Last.Waiting} sealed chunks"));
                Console.WriteLine($"last try     {status.Last.Message}");
                Console.WriteLine(status.Openings.Checked is { } at
                    ? string.Create(CultureInfo.InvariantCulture, $"looked       {status.Openings.Looks} times at your records, {status.Openings.Releases} group figures counted you; the keyholder's count, checked {at:u}")
                    : "looked       the keyholder's count was not checked yet");
                foreach (var warning in status.Openings.Warnings)
                {
                    await Console.Error.WriteLineAsync("warning: " + warning);
                }
            }

            return status.Openings.Warnings.Count == 0 ? CommandLine.Done : CommandLine.Refused;
        });
        return command;
    }

    private static Command Outbox()
    {
        var json = Shared.Json();
        var command = new Command("outbox", "What will be sent.") { Folder, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var items = await WithAgentAsync(parsed, agent => agent.OutboxAsync(cancel), cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(items, AgentJson.Default.IReadOnlyListOutboxItem);
            }
            else
            {
                CommandLine.Print(["start (UTC)", "seconds", "program", "stream", "what goes"], items.Select(i => (IReadOnlyList<string>)
                    [i.Start.ToString("u", CultureInfo.InvariantCulture), i.Duration.ToString("0", CultureInfo.InvariantCulture), i.Program, i.Stream, string.Join(", ", i.Data.Select(d => $"{d.Key}={d.Value}"))]));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Pause()
    {
        var minutes = new Option<int?>("--minutes") { Description = "For so long; else until you resume", HelpName = "N" };
        var command = new Command("pause", "Drops what your watchers report, until you resume.\n\nExample:\n  daylight agent pause --minutes 60") { Folder, minutes };
        command.SetAction(async (parsed, cancel) =>
        {
            var query = parsed.GetValue(minutes) is { } n ? string.Create(CultureInfo.InvariantCulture, $"?minutes={n}") : string.Empty;
            await WithAgentAsync(parsed, agent => agent.DoAsync("pause" + query, cancel), cancel);
            Console.WriteLine("paused");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Forget()
    {
        var yes = Shared.Yes();
        var command = new Command("forget", "Deletes everything on this machine that has not been sent: raw events and the outbox.") { Folder, yes };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!parsed.GetValue(yes))
            {
                throw new UsageException("This deletes every raw event and everything in the outbox of this machine. Say --yes if you are sure.");
            }

            await WithAgentAsync(parsed, agent => agent.DoAsync("forget", cancel), cancel);
            Console.WriteLine("forgotten");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Simple(string verb, string description, string done)
    {
        var command = new Command(verb, description) { Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            await WithAgentAsync(parsed, agent => agent.DoAsync(verb, cancel), cancel);
            Console.WriteLine(done);
            return CommandLine.Done;
        });
        return command;
    }

    private static Task WithAgentAsync(ParseResult parsed, Func<AgentClient, Task> act, CancellationToken cancel) => WithAgentAsync(
        parsed,
        async agent =>
        {
            await act(agent);
            return true;
        },
        cancel);

    private static async Task<T> WithAgentAsync<T>(ParseResult parsed, Func<AgentClient, Task<T>> act, CancellationToken cancel)
    {
        var folder = parsed.GetValue(Folder);
        using var agent = await AgentClient.FindAsync(folder, cancel);
        return agent is not null
            ? await act(agent)
            : throw new InvalidOperationException($"No agent answers{(folder is null ? "" : " for " + folder)}. Start one with: daylight agent run" + (folder is null ? "" : " --data " + folder));
    }
}
