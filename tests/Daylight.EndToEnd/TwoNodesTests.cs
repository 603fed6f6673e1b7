using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>Two server nodes on one PostgreSQL, and one keyholder process for both, as docs/operations.md says.</summary>
[Collection(Lanes.Processes)]
public sealed class TwoNodesTests
{
    private const string Variable = "DAYLIGHT_TEST_POSTGRES";

    [Fact]
    public async Task two_nodes_write_one_log_and_one_goes_on_when_the_other_is_killed_at_work()
    {
        var server = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(server), $"No PostgreSQL: run ./test, which starts a private one, or set {Variable}.");
        using var acme = new Acme();
        var (socket, database, second) = ("unix://" + acme.In("k.sock"), await CreateDatabaseAsync(server!), $"http://localhost:{Programs.FreePort()}");
        string[] shared = ["--keyholder", socket, "--database", database, "--keys", acme.Keys];
        await using var keyholder = new Machine();
        await Programs.DaylightAsync("keys", "new", acme.In("k.keys"));
        await keyholder.StartAsync("keyholder", "--data", acme.In("k"), "--keys", acme.In("k.keys"), "--listen", socket);
        await acme.SetUpAsync(shared);
        await using var one = await acme.ServeAsync(shared);
        await using var two = await Serving.StartAsync(1, ["serve", "--data", acme.In("second"), "--listen", second, .. shared]);
        await acme.PutInForceAsync();
        await acme.EnrollAnnaAsync();
        var anna = JsonDocument.Parse(await (await acme.SendAsync(HttpMethod.Get, "/api/v1/me", "anna")).Content.ReadAsStringAsync()).RootElement.GetProperty("person").GetString();
        await acme.EventuallyAsync(async () => (await acme.SendAsync(HttpMethod.Get, "/api/v1/programs", "wim", url: second)).IsSuccessStatusCode ? "" : null);

        // Both at once: each refusal of a range of days is an entry of its own.
        var before = await acme.LogSizeAsync();
        var entries = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => RefusedAsync(acme, i % 2 == 0 ? acme.Url : second, anna!, i)));
        Assert.Equal(Enumerable.Range((int)before, 300).Select(i => (ulong)i), entries.Select(e => e!.Value).Order());
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data, "--database", database));
        await acme.LookAsync(HttpStatusCode.OK);
        await acme.LookAsync(HttpStatusCode.OK, second);

        // Both purge at once: the day goes, and its certificate counts every row once.
        var day = TimeProvider.System.GetUtcNow().AddDays(-5);
        await FillAsync(database, day, 20_000);
        await Task.WhenAll(((string[])[acme.Data, acme.In("second")]).Select(data => Programs.DaylightAsync("retention", "run", "--data", data)));
        Assert.Equal("0", await SqlAsync(database, "SELECT COUNT(*) FROM chunks"));
        Assert.Equal("20000", await CertifiedAsync(database));

        // One is killed while both work, and while it drops another day. What it acknowledged stands; the other goes on.
        await FillAsync(database, day.AddDays(-1), 200_000);
        var purge = Programs.RunAsync(Programs.Daylight, "retention", "run", "--data", acme.Data);
        var (acknowledged, kill) = (new ConcurrentBag<ulong>(entries.Select(e => e!.Value)), Task.CompletedTask);
        await Task.WhenAll(Enumerable.Range(300, 400).Select(async i =>
        {
            if (i == 450)
            {
                kill = one.KillAsync();
            }

            if (await RefusedAsync(acme, i % 2 == 0 ? acme.Url : second, anna!, i) is { } entry)
            {
                acknowledged.Add(entry);
            }
        }));
        await kill;
        await purge;
        await Programs.DaylightAsync("retention", "run", "--data", acme.In("second"));
        Assert.Equal(("0", "220000"), (await SqlAsync(database, "SELECT COUNT(*) FROM chunks"), await CertifiedAsync(database)));
        Assert.InRange(acknowledged.Count, 500, 700); // the second node's all, and the first one's before it was killed
        await acme.EventuallyReadyAsync(second);
        await acme.LookAsync(HttpStatusCode.OK, second);
        var looks = JsonDocument.Parse(await (await acme.SendAsync(HttpMethod.Get, "/api/v1/me/disclosures", "anna", url: second)).Content.ReadAsStringAsync()).RootElement;
        Assert.Empty(acknowledged.Except(looks.EnumerateArray().Select(l => l.GetProperty("entry").GetUInt64())));
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.In("second"), "--database", database));

        // And the first comes back to a log that went on.
        await using var again = await acme.ServeAsync(shared);
        await acme.LookAsync(HttpStatusCode.OK);
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data, "--database", database));
    }

    /// <summary>Anna's manager asks for some days of hers at a node; the entry of the refusal, or null when the node is gone.</summary>
    private static async Task<ulong?> RefusedAsync(Acme acme, string url, string person, int days)
    {
        var from = new DateOnly(2026, 1, 1).AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        try
        {
            using var answer = await acme.SendAsync(HttpMethod.Get, $"/api/v1/people/{person}/records?program=focus-time&from={from}&to={from}", "wim", url: url);
            return answer.StatusCode == HttpStatusCode.Forbidden ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("entry").GetUInt64() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A day that is over, with so many rows.</summary>
    private static async Task FillAsync(string database, DateTimeOffset day, int rows)
    {
        var name = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await SqlAsync(database, $"CREATE TABLE chunks_{day:yyyyMMdd} PARTITION OF chunks FOR VALUES IN ('{name}')");
        await SqlAsync(database, $"INSERT INTO chunks (subject_ref, expires_on, program, day, kind, stream, chunk_id, sealed) SELECT md5(i::text), '{name}', 'focus-time', '{name}', 'records', 'window', md5('c' || i), decode(md5(i::text), 'hex') FROM generate_series(1, {rows}) AS i");
    }

    /// <summary>Rows that the log's certificates say are gone.</summary>
    private static Task<string> CertifiedAsync(string database) => SqlAsync(
        database, "SELECT SUM((line->>'rows')::int) FROM log_entries, json_array_elements(convert_from(entry, 'UTF8')::json->'event'->'lines') AS line WHERE convert_from(entry, 'UTF8') LIKE '%\"retention-purge\"%'");

    private static Dictionary<string, string> OptionsOf(string url) => new Uri(url).Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);

    private static async Task<string> SqlAsync(string database, string sql)
    {
        var options = OptionsOf(database);
        var (exit, output, error) = await Programs.RunAsync("psql", "-h", options["Host"], "-U", options["Username"], "-d", new Uri(database).AbsolutePath.Trim('/'), "-tAq", "-v", "ON_ERROR_STOP=1", "-c", sql);
        Assert.True(exit == 0, error);
        return output.Trim();
    }

    private static async Task<string> CreateDatabaseAsync(string server)
    {
        var name = "e" + Guid.CreateVersion7().ToString("N");
        var options = OptionsOf(server.Replace("{db}", "postgres", StringComparison.Ordinal));
        var (exit, _, error) = await Programs.RunAsync("createdb", "-h", options["Host"], "-U", options["Username"], name);
        Assert.True(exit == 0, error);
        return server.Replace("{db}", name, StringComparison.Ordinal);
    }
}
