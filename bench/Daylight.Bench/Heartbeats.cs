using System.Globalization;
using System.Text;
using System.Text.Json;
using Daylight.Agent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Daylight.Bench;

/// <summary>Agent heartbeats over HTTP, durable, next to a bare endpoint that only parses and echoes the same JSON.</summary>
internal static class Heartbeats
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(int Port, string Bucket, int Client), DateTimeOffset> reached = new();

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(TimeSpan length)
    {
        var folder = Directory.CreateTempSubdirectory("daylight-bench-").FullName;
        var port = BenchPorts.Free();
        await using var agent = await AgentHost.StartAsync(new AgentOptions { Data = folder, Port = port, RunInBackground = false }, null, TimeProvider.System, default);
        await RunOnAsync(port, [("empty", "b")], length / 2);
    }

    /// <summary>Heartbeats into given buckets of a running agent.</summary>
    public static async Task RunOnAsync(int agentPort, IReadOnlyList<(string Name, string Bucket)> buckets, TimeSpan? turn = null)
    {
        var (barePort, length) = (BenchPorts.Free(), turn ?? Turn);
        await using var bare = Bare(barePort);
        await bare.StartAsync();
        foreach (var clients in (int[])[1, 8])
        {
            foreach (var (name, bucket) in buckets)
            {
                // Both in turn, three times, so that neither has the quieter machine.
                var (daylight, echo) = (0.0, 0.0);
                for (var round = 0; round < 3; round++)
                {
                    echo += await RateAsync(barePort, clients, length, bucket) / 3;
                    daylight += await RateAsync(agentPort, clients, length, bucket) / 3;
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {clients} | {name} | {daylight:N0}/s | {echo:N0}/s | {daylight / echo:0.00} |"));
            }
        }

        var sync = SyncMicroseconds(Path.GetTempPath());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the machine: one durable 4 KiB overwrite takes {sync:0} µs at the median, so one client that waits for each is bound to {1e6 / sync:N0}/s before any work"));
    }

    private static double SyncMicroseconds(string folder)
    {
        var path = Path.Combine(folder, "daylight-sync.test");
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
        file.Write(new byte[4096]);
        file.Flush(flushToDisk: true);
        var times = new List<double>();
        for (var i = 0; i < 1000; i++)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            file.Position = 0;
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
            times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task<double> RateAsync(int port, int clients, TimeSpan length, string bucket)
    {
        var https = Enumerable.Range(0, clients).Select(_ => new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") }).ToArray();
        var at = new DateTimeOffset[clients];
        for (var c = 0; c < clients; c++)
        {
            // It goes on from where the round before stopped, five milliseconds each time: in one run an hour passes, and no heartbeat is ahead of the clock, which would be dropped.
            at[c] = reached.GetValueOrDefault((port, bucket, c), TimeProvider.System.GetUtcNow().AddMinutes(-50));
            await https[c].PostAsync($"/api/0/buckets/{bucket}{(c == 0 ? "" : c)}", Json("""{"client":"bench","type":"currentwindow","hostname":"h"}"""));
        }

        var rate = await Measure.RateAsync(clients, length, async c =>
        {
            at[c] = reached[(port, bucket, c)] = at[c].AddMilliseconds(5);
            // Every tenth heartbeat is a new window; the others make the last event grow, as a watcher's do.
            var body = string.Create(CultureInfo.InvariantCulture, $"{{\"timestamp\":\"{at[c]:O}\",\"duration\":0,\"data\":{{\"app\":\"Code\",\"title\":\"file {at[c].ToUnixTimeMilliseconds() / 50}.cs - daylight\"}}}}");
            using var response = await https[c].PostAsync($"/api/0/buckets/{bucket}{(c == 0 ? "" : c)}/heartbeat?pulsetime=5", Json(body));
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync();
        });
        foreach (var http in https)
        {
            http.Dispose();
        }

        return rate;
    }

    private static WebApplication Bare(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenLocalhost(port));
        builder.WebHost.UseUrls();
        var app = builder.Build();
        app.MapPost("/{**path}", async (HttpContext context, CancellationToken cancel) =>
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: cancel);
            return Results.Text(document.RootElement.GetRawText(), "application/json");
        });
        return app;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
