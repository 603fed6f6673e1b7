using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>The agent as its service manager runs it: the manager holds the port, and hands it over (sd_listen_fds(3)).</summary>
[Collection(Lanes.Processes)]
public sealed class AgentProcessTests
{
    // Opens a port, as systemd does, and leaves it to a shell, which starts an agent on it for every line that it reads, and says its process.
    private const string Manager = """
        const server = require('net').createServer().listen(Number(process.argv[1]), '127.0.0.1', () => {
          require('child_process').spawn('bash', ['-c', process.argv[2], 'bash', ...process.argv.slice(3)], { stdio: ['inherit', 'inherit', 'inherit', server._handle.fd] });
          server.close();
        });
        """;

    private const string Shell = """while read -r _; do (echo "$BASHPID"; export LISTEN_PID=$BASHPID LISTEN_FDS=1; exec "$@"); done 2> /dev/null""";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2), DefaultRequestHeaders = { ConnectionClose = true } }; // as most watchers: a connection for each

    [Fact]
    public async Task while_the_agent_restarts_a_heartbeat_waits_and_is_not_refused()
    {
        var (folder, port) = (Directory.CreateTempSubdirectory("daylight-agent-").FullName, Programs.FreePort());
        using var manager = Process.Start(new ProcessStartInfo("node", ["-e", Manager, port.ToString(CultureInfo.InvariantCulture), Shell, Programs.Daylight, "agent", "run", "--data", folder, "--agent-port", port.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            await RestartAsync(manager, $"http://127.0.0.1:{port}/api/0/buckets/mine");
        }
        finally
        {
            manager.Kill(entireProcessTree: true);
            await manager.WaitForExitAsync(CancellationToken.None);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task RestartAsync(Process manager, string agent)
    {
        using var first = await StartAsync(manager);
        using (var bucket = await PostAsync(agent, """{"client":"c","type":"currentwindow","hostname":"h"}"""))
        {
            Assert.Equal(HttpStatusCode.OK, bucket.StatusCode);
        }

        using (var before = await BeatAsync(agent, "before"))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        first.Kill();
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        var waiting = BeatAsync(agent, "meanwhile");
        using var second = await StartAsync(manager);
        using (var meanwhile = await waiting)
        {
            Assert.Equal(HttpStatusCode.OK, meanwhile.StatusCode);
        }

        using var events = JsonDocument.Parse(await Http.GetStringAsync(new Uri(agent + "/events"), TestContext.Current.CancellationToken));
        Assert.Equal(["meanwhile", "before"], events.RootElement.EnumerateArray().Select(e => e.GetProperty("data").GetProperty("app").GetString()!));
    }

    private static async Task<Process> StartAsync(Process manager)
    {
        await manager.StandardInput.WriteLineAsync();
        var process = Process.GetProcessById(int.Parse((await manager.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture));
        Assert.StartsWith("ready: agent on", await manager.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        return process;
    }

    private static Task<HttpResponseMessage> BeatAsync(string agent, string app) =>
        PostAsync(agent + "/heartbeat?pulsetime=5", JsonSerializer.Serialize(new { timestamp = TimeProvider.System.GetUtcNow(), duration = 0, data = new { app } }));

    private static Task<HttpResponseMessage> PostAsync(string address, string json) =>
        Http.PostAsync(new Uri(address), new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
}
