using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Daylight.Agent;
using Daylight.Tests.Agent;

namespace Daylight.Bench;

/// <summary>Sends requests that are nearly right to every route of an agent. A status of 500, no answer, or an answer that tells of the program's insides ends the run with the request.</summary>
internal static class AgentFuzzing
{
    public static async Task RunAsync(long inputs, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("daylight-fuzz-").FullName;
        var port = BenchPorts.Free();
        await using var agent = await AgentHost.StartAsync(new AgentOptions { Data = folder, Port = port, RunInBackground = true }, null, TimeProvider.System, default);
        var address = new Uri($"http://127.0.0.1:{port}");
        using var http = new HttpClient { BaseAddress = address };
        var key = (await http.GetStringAsync("/data")).Split("name=\"key\" value=\"")[1].Split('"')[0];
        var secret = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "runtime.json"))).RootElement.GetProperty("secret").GetString()!;
        var watch = Stopwatch.StartNew();
        var counts = await RouteFuzz.RunAsync(address, key, secret, inputs, seed, together: 8, done =>
        {
            if (done % 250_000 == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done:N0} requests, {watch.Elapsed:hh\\:mm\\:ss}, {Environment.WorkingSet / 1048576} MiB"));
            }
        });
        var last = (await http.GetAsync("/api/0/info")).StatusCode;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inputs:N0} requests in {watch.Elapsed:hh\\:mm\\:ss}, seed {seed}; statuses {string.Join(", ", counts.Select(c => $"{c.Key}: {c.Value:N0}"))}; the agent answers: {last}"));
    }
}
