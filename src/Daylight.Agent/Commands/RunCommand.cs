using System.CommandLine;
using System.Globalization;
using Daylight.Agent.OwnTracks;

namespace Daylight.Agent.Commands;

/// <summary><c>run</c>: the agent itself.</summary>
public static class RunCommand
{
    private const string Help = """
        Runs the agent. Point any ActivityWatch watcher, or an editor's WakaTime plug-in, at its port.

        Settings in appsettings.json of its folder, or in the environment:
          Upload:Every   DAYLIGHT__UPLOAD__EVERY   time between uploads; 1.00:00:00 without it
          Raw:Days       DAYLIGHT__RAW__DAYS       days that raw events stay; 7 without it
          Phone          DAYLIGHT__PHONE           where your phone reports to, such as laptop.local:5602; nowhere without it
          Origins        DAYLIGHT__ORIGINS         further browser extensions that may report, such as chrome-extension://abc…, with spaces between

        Example:
        """;

    internal static Command Create()
    {
        var port = new Option<int>("--agent-port") { Description = "Port on the loopback address", DefaultValueFactory = _ => 5600, HelpName = "N" };
        var every = new Option<TimeSpan?>("--upload-every") { Description = "Time between uploads, such as 1.00:00:00 (a day, the default) or 00:00:05; also the setting Upload:Every", HelpName = "TIME" };
        var command = new Command("run", $"{Help}\n  {AgentCommands.Program} run") { AgentCommands.Folder, port, every };
        command.SetAction(async (parsed, cancel) =>
        {
            await AgentCommands.SayUntestedAsync();
            await using var agent = await StartAsync(Options(AgentCommands.FolderOf(parsed), parsed.GetValue(port), parsed.GetValue(every)), null, TimeProvider.System, cancel);
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

    internal static AgentOptions Options(string folder, int port, TimeSpan? every)
    {
        var settings = Settings.Of(folder);
        var upload = every ?? (settings["Upload:Every"] is not { } text ? TimeSpan.FromDays(1) : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var set) ? set : TimeSpan.Zero);
        if (upload < TimeSpan.FromSeconds(1))
        {
            throw new UsageException("Upload:Every is a time of at least a second, such as 1.00:00:00 (a day) or 00:00:05.");
        }

        if (settings["Raw:Days"] is { } written && (!int.TryParse(written, CultureInfo.InvariantCulture, out var days) || days is < 0 or > 3650))
        {
            throw new UsageException("Raw:Days is a number of days from 0 to 3650.");
        }

        if (settings["Phone"] is { } phone)
        {
            _ = PhoneAddress.Parse(phone);
        }

        var origins = (settings["Origins"] ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (Array.Find(origins, o => !o.Contains("-extension://", StringComparison.Ordinal)) is { } wrong)
        {
            throw new UsageException($"Origins names browser extensions (chrome-extension://…); '{wrong}' is none, and no site may report.");
        }

        return new AgentOptions
        {
            Data = folder,
            Port = port,
            UploadEvery = upload,
            RawDays = settings["Raw:Days"] is { } raw ? int.Parse(raw, CultureInfo.InvariantCulture) : 7,
            UseKeyStore = true,
            Phone = settings["Phone"],
            Origins = origins,
        };
    }
}
