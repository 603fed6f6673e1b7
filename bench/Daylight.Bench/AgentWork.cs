using System.Diagnostics;
using System.Globalization;
using System.Text;
using Daylight.Agent;
using Daylight.Agent.Collecting;
using Daylight.Agent.Store;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Bench;

/// <summary>What an agent does besides taking heartbeats one by one: large buckets, an import, a busy day minimised and sealed, and a query.</summary>
internal static class AgentWork
{
    private static readonly string[] Apps = ["Code", "Firefox", "Slack", "kitty", "Thunderbird", "LibreOffice Writer", "zoom", "Figma"];

    /// <param name="most">Events in the largest bucket; 0 leaves heartbeats and import out.</param>
    public static async Task RunAsync(long most)
    {
        var folder = Directory.CreateTempSubdirectory("daylight-bench-").FullName;
        var port = BenchPorts.Free();
        await using var agent = await AgentHost.StartAsync(new AgentOptions { Data = folder, Port = port, RunInBackground = false }, null, TimeProvider.System, default);
        await QueryAsync(agent, port);
        await BusyDayAsync(agent, folder);
        if (most > 0)
        {
            await ImportAsync(port, 500_000);
            await Heartbeats.RunOnAsync(port, await BucketsAsync(agent, most));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<IReadOnlyList<(string Name, string Bucket)>> BucketsAsync(AgentHost agent, long most)
    {
        var buckets = new List<(string, string)>();
        foreach (var (name, size) in new[] { ("empty", 0L), ("100 thousand", 100_000L), (string.Create(CultureInfo.InvariantCulture, $"{most / 1e6:0.#} million"), most) })
        {
            var id = "bench-" + name.Replace(' ', '-');
            var start = RawStore.Micros(TimeProvider.System.GetUtcNow().AddHours(-1)) - (size * 2_000_000);
            var watch = Stopwatch.StartNew();
            await agent.Parts.Raw.CreateBucketAsync(id, "currentwindow", "bench", "h", null, "{}");
            var key = agent.Parts.Raw.Bucket(id)!.Key;
            for (var done = 0L; done < size; done += 20_000)
            {
                await agent.Parts.Raw.InsertAsync(key, [.. Enumerable.Range(0, (int)Math.Min(20_000, size - done)).Select(i => Window(done + i, start + ((done + i) * 2_000_000)))]);
            }

            if (size > 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"filled a bucket of {name} events in {watch.Elapsed.TotalSeconds:0} s"));
            }

            buckets.Add((name, id));
        }

        return buckets;
    }

    private static async Task ImportAsync(int port, int events)
    {
        var json = new StringBuilder("""{"buckets":{"imported":{"id":"imported","type":"currentwindow","client":"c","hostname":"h","events":[""");
        var start = TimeProvider.System.GetUtcNow().AddYears(-1);
        for (var i = 0; i < events; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}{{\"timestamp\":\"{start.AddSeconds(i * 7):O}\",\"duration\":7,\"data\":{{\"app\":\"{Apps[i % Apps.Length]}\",\"title\":\"file {i % 1000}.cs - daylight\"}}}}");
        }

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(10) };
        var body = Encoding.UTF8.GetBytes(json.Append("]}}}").ToString());
        var parse = Stopwatch.StartNew();
        using (System.Text.Json.JsonDocument.Parse(body))
        {
            parse.Stop();
        }

        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        var watch = Stopwatch.StartNew();
        using var answer = await http.PostAsync("/api/0/import", content);
        answer.EnsureSuccessStatusCode();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"import: {events / watch.Elapsed.TotalSeconds:N0} events/s durable ({events:N0} events, {body.Length / 1048576} MiB, {watch.Elapsed.TotalSeconds:0.0} s); parsing the same JSON alone {events / parse.Elapsed.TotalSeconds:N0}/s"));
    }

    private static async Task QueryAsync(AgentHost agent, int port)
    {
        await agent.Parts.Raw.CreateBucketAsync("queried", "currentwindow", "bench", "h", null, "{}");
        await agent.Parts.Raw.CreateBucketAsync("queried-afk", "afkstatus", "bench", "h", null, "{}");
        var (day, window, afk) = (new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), agent.Parts.Raw.Bucket("queried")!.Key, agent.Parts.Raw.Bucket("queried-afk")!.Key);
        await agent.Parts.Raw.InsertAsync(window, [.. Enumerable.Range(0, 100_000).Select(i => Window(i, RawStore.Micros(day.AddSeconds(i * 10)), 9_000_000))]);
        await agent.Parts.Raw.InsertAsync(afk, [.. Enumerable.Range(0, 500).Select(i => new NewEvent(null, RawStore.Micros(day.AddSeconds(i * 2000)), 1_500_000_000, """{"status":"not-afk"}"""u8.ToArray()))]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        async Task RunAsync(string what, string query)
        {
            var times = await Measure.LoopAsync(TimeSpan.FromSeconds(8), async () =>
            {
                using var answer = await http.PostAsync("/api/0/query/", new StringContent("{\"timeperiods\":[\"2026-11-01T00:00:00Z/2026-11-13T00:00:00Z\"],\"query\":[\"" + query.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"]}", Encoding.UTF8, "application/json"));
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"query2 over 100,000 events, {what}: {times.At(0.5):0} ms at the median, {times.At(0.95):0} ms at the 95th percentile"));
        }

        await RunAsync("sum by application", "e = query_bucket(\"queried\"); RETURN = sort_by_duration(merge_events_by_keys(e, [\"app\"]));");
        await RunAsync("while not away, by application and title", "e = flood(query_bucket(\"queried\")); a = filter_keyvals(query_bucket(\"queried-afk\"), \"status\", [\"not-afk\"]); e = filter_period_intersect(e, a); RETURN = limit_events(sort_by_duration(merge_events_by_keys(e, [\"app\", \"title\"])), 100);");
        await RunAsync("the same with three categories by regular expression", "e = flood(query_bucket(\"queried\")); a = filter_keyvals(query_bucket(\"queried-afk\"), \"status\", [\"not-afk\"]); e = filter_period_intersect(e, a); e = categorize(e, [[[\"Work\"], {\"type\": \"regex\", \"regex\": \"Code|kitty\"}], [[\"Talk\"], {\"type\": \"regex\", \"regex\": \"Slack|zoom\"}], [[\"Web\"], {\"type\": \"regex\", \"regex\": \"Firefox\"}]]); RETURN = sort_by_duration(merge_events_by_keys(e, [\"$category\"]));");
    }

    /// <summary>A day of somebody who changes windows every eight seconds for ten hours: closed at midnight, minimised, its numbers computed, sealed.</summary>
    private static async Task BusyDayAsync(AgentHost agent, string folder)
    {
        var text = (await File.ReadAllTextAsync(Path.Combine("charters", "focus-time.yaml"))).Replace("from: 2026-12-01", "from: 2026-10-01", StringComparison.Ordinal);
        var charter = ((CharterReading.Good)CharterReader.Read(text, "focus-time")).Charter;
        using var key = HpkePrivateKey.Create();
        using var device = CredentialKey.Create();
        var (parts, local) = (agent.Parts, new LocalTime(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")));
        var program = new VerifiedProgram(charter, Authority.CharterHash(text), key.PublicKey, 1, false, TimeProvider.System.GetUtcNow(), text, null, new Dictionary<string, string>(), PersonChoice.None);
        var bundle = new VerifiedBundle([program], [program.Hash], local, 1, Merkle.EmptyRoot, null!, [], [], string.Empty, 0);
        var today = local.DayOf(TimeProvider.System.GetUtcNow());
        var day = today.AddDays(-1);
        while (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
        {
            day = day.AddDays(-1);
        }

        await parts.Outbox.TakeAsync(bundle, [program.Hash], local.At(day, 0));
        await parts.Raw.CreateBucketAsync("busy", "currentwindow", "bench", "h", null, "{}");
        await parts.Raw.CreateBucketAsync("busy-afk", "afkstatus", "bench", "h", null, "{}");
        var (window, afk, morning) = (parts.Raw.Bucket("busy")!.Key, parts.Raw.Bucket("busy-afk")!.Key, RawStore.Micros(local.At(day, 8 * 60)));
        await parts.Raw.InsertAsync(window, [.. Enumerable.Range(0, 4500).Select(i => Window(i, morning + (i * 8_000_000L), 8_000_000))]);
        await parts.Raw.InsertAsync(afk, [.. Enumerable.Range(0, 60).Select(i => new NewEvent(null, morning + (i * 600_000_000L), 540_000_000, """{"status":"not-afk"}"""u8.ToArray()))]);
        var (fill, seal) = (new List<double>(), new List<double>());
        for (var round = 0; round < 60; round++)
        {
            await parts.Raw.InsertAsync(window, [Window(round, morning + (round * 8_000_000L) + 7_000_000, 1_000_000)]); // something came late: the whole day is computed again
            await parts.Sender.Sealing.WithdrawAsync([.. parts.Sender.Sealing.Items().Where(i => i.Day == Daylight.Storage.Sql.Day(day)).Select(i => i.Id)]); // the quiet days before it were sealed in the first round
            var started = Stopwatch.GetTimestamp();
            await parts.Outbox.FillAsync(withToday: false);
            var filled = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            await parts.Sender.Sealing.SealAsync(bundle, "person", device, all: false);
            if (round >= 10)
            {
                fill.Add(filled);
                seal.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        fill.Sort();
        seal.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a busy day ({4500 + 60} events): minimised and counted in {fill[fill.Count / 2]:0.0} ms, and sealed after {seal[seal.Count / 2]:0.0} ms in all, at the median of {seal.Count}; slowest {seal[^1]:0.0} ms"));
    }

    private static NewEvent Window(long i, long start, long duration = 1_900_000) =>
        new(null, start, duration, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"app\":\"{Apps[i % Apps.Length]}\",\"title\":\"file {i % 1000}.cs - daylight\"}}")));
}
