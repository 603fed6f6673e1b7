using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Daylight.Agent.Intake;
using Daylight.Agent.Platform;

namespace Daylight.Agent.Commands;

/// <summary><c>install</c> and <c>uninstall</c>: the agent starts with its user's session.</summary>
internal static class InstallCommand
{
    private const string Help = """
        Starts the agent with your session: a systemd unit of your own user, nothing of the system's.

        With --activitywatch and --wakatime it also writes this agent's key into the configuration of those programs. Lines are added; where another key or
        address stands already, the file is left as it is.

        Examples:
        """;

    public static Command Create()
    {
        var port = new Option<int>("--agent-port") { Description = "Port on the loopback address", DefaultValueFactory = _ => 5600, HelpName = "N" };
        var activityWatch = new Option<bool>("--activitywatch") { Description = "Write the agent's key where ActivityWatch's watchers read it" };
        var wakaTime = new Option<bool>("--wakatime") { Description = "Let the WakaTime plug-ins of your editors report to the agent" };
        var examples = $"  {AgentCommands.Program} install\n  {AgentCommands.Program} install --wakatime";
        var command = new Command("install", Help + "\n" + examples) { port, activityWatch, wakaTime, AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var (folder, at) = (AgentCommands.FolderOf(parsed), parsed.GetValue(port));
            if (!OperatingSystem.IsLinux())
            {
                throw new InvalidOperationException($"install knows systemd only. On this platform, which was not tested, let your session start: {AgentCommands.Program} run");
            }

            Storage.Folders.MakePrivate(folder);
            var key = ApiKey.Open(folder, "api-key").Text;
            if (parsed.GetValue(activityWatch))
            {
                await MergeAsync(Path.Combine(ConfigFolder, "activitywatch", "aw-server-rust", "config.toml"), text => ForeignConfigs.ActivityWatch(text, at, key), cancel);
            }

            if (parsed.GetValue(wakaTime))
            {
                var home = Environment.GetEnvironmentVariable("WAKATIME_HOME") is { Length: > 0 } named ? named : Home;
                await MergeAsync(Path.Combine(home, ".wakatime.cfg"), text => ForeignConfigs.WakaTime(text, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{at}/api/v1"), key), cancel);
            }

            return await InstallAsync(folder, at, cancel);
        });
        return command;
    }

    public static Command Undo()
    {
        var command = new Command("uninstall", "Takes the units out again. What the agent keeps stays; delete it with: forget, or with its folder.");
        command.SetAction(async (_, cancel) =>
        {
            await SystemctlAsync(["disable", "--now", SystemdUnits.Name + ".socket", SystemdUnits.Name + ".service"], cancel);
            foreach (var file in (string[])[Unit("socket"), Unit("service")])
            {
                if (File.Exists(file))
                {
                    File.Delete(file);
                    Console.WriteLine($"removed {file}");
                }
            }

            await SystemctlAsync(["daemon-reload"], cancel);
            return CommandLine.Done;
        });
        return command;
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string ConfigFolder => Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Path.Combine(Home, ".config");

    private static string Unit(string kind) => Path.Combine(SystemdUnits.Folder, $"{SystemdUnits.Name}.{kind}");

    private static async Task<int> InstallAsync(string folder, int port, CancellationToken cancel)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("This program does not know where it lies.");
        List<string> program = [self, .. AgentCommands.Program == "daylight-agent" ? (string[])[] : ["agent"], "run", "--data", Path.GetFullPath(folder), "--agent-port", port.ToString(CultureInfo.InvariantCulture)];
        Directory.CreateDirectory(SystemdUnits.Folder);
        await File.WriteAllTextAsync(Unit("socket"), SystemdUnits.Socket(port), cancel);
        await File.WriteAllTextAsync(Unit("service"), SystemdUnits.Service(program), cancel);
        Console.WriteLine($"wrote {Unit("socket")}");
        Console.WriteLine($"wrote {Unit("service")}");
        var problem = await SystemctlAsync(["daemon-reload"], cancel) ?? await SystemctlAsync(["enable", "--now", SystemdUnits.Name + ".socket", SystemdUnits.Name + ".service"], cancel);
        if (problem is not null)
        {
            await Console.Error.WriteLineAsync($"systemd did not start it ({problem}). In a session of your own, run: systemctl --user enable --now {SystemdUnits.Name}.socket {SystemdUnits.Name}.service");
            return CommandLine.Refused;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"It runs, and starts with your session. Your page: http://localhost:{port}"));
        return CommandLine.Done;
    }

    private static async Task MergeAsync(string file, Func<string?, Merged> merge, CancellationToken cancel)
    {
        var known = File.Exists(file) ? ForeignConfigs.Read(await File.ReadAllBytesAsync(file, cancel)) : string.Empty;
        switch (known is null ? new Merged.Left("it is not plain UTF-8, and adding a line would spoil it") : merge(known.Length == 0 ? null : known))
        {
            case Merged.Same:
                Console.WriteLine($"{file} has the agent's key");
                break;
            case Merged.Left left:
                await Console.Error.WriteLineAsync($"{file} is left as it is: {left.Why}.");
                break;
            case Merged.With with:
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                file = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file; // many keep such files in a repository of their own
                var whole = file + ".daylight";
                Storage.Folders.WritePrivate(whole, with.Text);
                if (File.Exists(file) && !OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(whole, File.GetUnixFileMode(file) & (UnixFileMode.UserRead | UnixFileMode.UserWrite)); // there is a key in it now
                }

                File.Move(whole, file, overwrite: true);
                Console.WriteLine($"added the agent's key to {file}");
                break;
        }
    }

    /// <summary>Runs systemctl for this user; what it complained of, or null.</summary>
    private static async Task<string?> SystemctlAsync(string[] arguments, CancellationToken cancel)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemctl", ["--user", .. arguments]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            var said = process.StandardError.ReadToEndAsync(cancel);
            await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return process.ExitCode == 0 ? null : (await said).Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "systemctl is not installed";
        }
    }
}
