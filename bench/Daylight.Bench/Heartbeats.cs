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
    public static async Task RunAsync(TimeSpan length)
    {
        var folder = Directory.CreateTempSubdirectory("daylight-bench-").FullName;
        var (agentPort, barePort) = (BenchPorts.Free(), BenchPorts.Free());
        await using var agent = await AgentHost.StartAsync(new AgentOptions { Data = folder, Port = agentPort, RunInBackground = false }, null, TimeProvider.System, default);
        await using var bare = Bare(barePort);
        await bare.StartAsync();
        foreach (var clients in (int[])[1, 8])
        {
            // Both in turn, twice, so that neither has the quieter machine.
            var (daylight, echo) = (0.0, 0.0);
            for (var round = 0; round < 2; round++)
            {
                echo += await RateAsync(barePort, clients, length / 2) / 2;
                daylight += await RateAsync(agentPort, clients, length / 2) / 2;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clients} client(s): agent {daylight:0} heartbeats/s durable, bare echo {echo:0}/s, ratio {daylight / echo:0.00}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the machine: one durable 4 KiB append takes {SyncMicroseconds(folder):0} µs at the median, so one client that waits for each is bound to {1e6 / SyncMicroseconds(folder):0}/s before any work"));
    }

    private static double SyncMicroseconds(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "sync.test"), FileMode.Create);
        var times = new List<double>();
        for (var i = 0; i < 1000; i++)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
            times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task<double> RateAsync(int port, int clients, TimeSpan length)
    {
        var https = Enumerable.Range(0, clients).Select(_ => new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") }).ToArray();
        var at = new DateTimeOffset[clients];
        for (var c = 0; c < clients; c++)
        {
            at[c] = TimeProvider.System.GetUtcNow();
            await https[c].PostAsync($"/api/0/buckets/b{c}", Json("""{"client":"bench","type":"currentwindow","hostname":"h"}"""));
        }

        var rate = await Measure.RateAsync(clients, length, async c =>
        {
            at[c] = at[c].AddSeconds(1);
            // Every tenth heartbeat is a new window; the others make the last event grow, as a watcher's do.
            var body = string.Create(CultureInfo.InvariantCulture, $"{{\"timestamp\":\"{at[c]:O}\",\"duration\":0,\"data\":{{\"app\":\"Code\",\"title\":\"file {at[c].ToUnixTimeSeconds() / 10}.cs - daylight\"}}}}");
            using var response = await https[c].PostAsync($"/api/0/buckets/b{c}/heartbeat?pulsetime=5", Json(body));
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
