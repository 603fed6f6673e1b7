using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Daylight.Agent;
using Daylight.Tests.Agent;

namespace Daylight.Bench;

/// <summary>Sends requests that are nearly right to every route of an agent. A status of 500, no answer, or an answer that tells of the program's insides ends the run with the request.</summary>
internal static class AgentFuzzing
{
    private const long PerAgent = 1_000_000;

    /// <summary>Sends requests, a million to each of some agents one after the other: one that was paused a thousand times is not what people have.</summary>
    public static async Task RunAsync(long inputs, int seed)
    {
        var (watch, statuses) = (Stopwatch.StartNew(), new SortedDictionary<int, long>());
        for (var done = 0L; done < inputs; done += PerAgent)
        {
            var number = (int)(done / PerAgent);
            foreach (var (status, count) in await OneAsync(Math.Min(PerAgent, inputs - done), unchecked(seed + (number * 1_000_000_007))))
            {
                statuses[status] = statuses.GetValueOrDefault(status) + count;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Math.Min(inputs, done + PerAgent):N0} requests, {watch.Elapsed:hh\\:mm\\:ss}, {Environment.WorkingSet / 1048576} MiB"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inputs:N0} requests in {watch.Elapsed:hh\\:mm\\:ss}, seed {seed}; statuses {string.Join(", ", statuses.Select(c => $"{c.Key}: {c.Value:N0}"))}; every agent answered to the end"));
    }

    private static async Task<SortedDictionary<int, long>> OneAsync(long inputs, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("daylight-fuzz-").FullName;
        var port = BenchPorts.Free();
        SortedDictionary<int, long> statuses;
        await using (await AgentHost.StartAsync(new AgentOptions { Data = folder, Port = port, RunInBackground = true }, null, TimeProvider.System, default))
        {
            var address = new Uri($"http://127.0.0.1:{port}");
            using var http = new HttpClient { BaseAddress = address };
            var key = (await http.GetStringAsync("/data")).Split("name=\"key\" value=\"")[1].Split('"')[0];
            var secret = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "runtime.json"))).RootElement.GetProperty("secret").GetString()!;
            statuses = await RouteFuzz.RunAsync(address, key, secret, inputs, seed, together: 8);
            (await http.GetAsync("/api/0/info")).EnsureSuccessStatusCode();
        }

        Directory.Delete(folder, recursive: true);
        return statuses;
    }
}
