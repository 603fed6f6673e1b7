using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Daylight.EndToEnd;

/// <summary>Runs the real program, as a stranger would.</summary>
internal static class Programs
{
    public static string Root { get; } = FindRoot();

    public static string Daylight { get; } = Path.Combine(Root, "artifacts", "bin", "Daylight.Cli", "debug", "daylight");

    /// <summary>Runs to the end.</summary>
    public static async Task<(int Exit, string Out, string Err)> RunAsync(string file, params string[] arguments)
    {
        using var process = Start(file, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs <c>daylight</c> and expects exit 0.</summary>
    public static async Task<string> DaylightAsync(params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(Daylight, arguments);
        Assert.True(exit == 0, $"daylight {string.Join(' ', arguments)} exited {exit}: {error}{output}");
        return output;
    }

    public static Process Start(string file, params string[] arguments) => Process.Start(new ProcessStartInfo(file, arguments)
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Path.Combine(Root, "tests", "Daylight.EndToEnd"),
    })!;

    /// <summary>The twelve words that setup printed.</summary>
    public static string WordsIn(string setup) => setup.Split('\n').Single(l => l.StartsWith("words", StringComparison.Ordinal))["words".Length..].Trim();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Daylight.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not in a checkout.");
        }

        return folder;
    }
}

/// <summary>A process that serves, from its ready lines to its end.</summary>
internal sealed class Serving : IAsyncDisposable
{
    private readonly Process process;
    private readonly List<string> lines = [];

    private Serving(Process process) => this.process = process;

    public IReadOnlyList<string> Lines => lines;

    public static async Task<Serving> StartAsync(int readyLines, params string[] arguments)
    {
        // In a script's background Ctrl-C is ignored, and whoever is started there inherits that.
        var serving = new Serving(Programs.Start("env", ["--default-signal=INT", Programs.Daylight, .. arguments]));
        var errors = serving.process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (serving.lines.Count(l => l.StartsWith("ready:", StringComparison.Ordinal)) < readyLines)
        {
            var line = await serving.process.StandardOutput.ReadLineAsync(limit.Token);
            Assert.True(line is not null, $"daylight {string.Join(' ', arguments)} ended before it was ready: {(line is null ? await errors : "")}");
            serving.lines.Add(line!);
        }

        return serving;
    }

    /// <summary>Ctrl-C.</summary>
    public async Task<int> InterruptAsync()
    {
        await Programs.RunAsync("kill", "-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }
}
