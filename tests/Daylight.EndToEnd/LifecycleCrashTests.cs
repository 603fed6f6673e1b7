using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;
using Daylight.Storage;

namespace Daylight.EndToEnd;

/// <summary>What deletes, killed with SIGKILL while it does: what is left is what it does next, and every row is counted once.</summary>
[Collection(Lanes.Processes)]
public sealed class LifecycleCrashTests
{
    private const int Rows = 60_000;

    [Fact]
    public async Task a_purge_that_is_killed_again_and_again_leaves_nothing_and_its_certificate_counts_every_row_once()
    {
        using var acme = new Acme();
        await acme.SetUpAsync();
        await using var machine = new Machine();
        string[] serve = ["serve", "--data", acme.Data, "--listen", acme.Url];
        await machine.StartAsync(serve);
        await acme.PutInForceAsync();
        Assert.Equal(0, await machine.InterruptAsync());
        using (var connection = Database(acme).Open())
        {
            connection.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Rows)
                INSERT INTO chunks (subject_ref, expires_on, program, day, kind, stream, chunk_id, sealed)
                SELECT lower(hex(randomblob(16))), @day, 'focus-time', @day, 'records', 'window', lower(hex(randomblob(16))), randomblob(500) FROM n
                """,
                new { Rows, day = TimeProvider.System.GetUtcNow().AddDays(-5).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) });
        }

        for (var (kills, left) = (0, (long)Rows); kills < 3; kills++)
        {
            await machine.StartAsync(serve); // its jobs start with it
            var before = left;
            await acme.EventuallyAsync(() => Task.FromResult((left = Count(acme, "SELECT COUNT(*) FROM chunks")) < before ? "some are gone" : null));
            await machine.KillAsync();
        }

        Assert.True(Count(acme, "SELECT COUNT(*) FROM chunks") > 0, "it was never killed at work");
        await machine.StartAsync(serve);
        await acme.EventuallyAsync(() => Task.FromResult(Certified(acme) > 0 ? "certified" : null));
        Assert.Equal((0, Rows), (Count(acme, "SELECT COUNT(*) FROM chunks"), Certified(acme)));
        await Programs.DaylightAsync("retention", "run", "--data", acme.Data);
        Assert.Equal(Rows, Certified(acme));
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data));
    }

    [Fact]
    public async Task an_erasure_that_is_killed_is_finished_by_the_next_process_with_the_keyholders_certificate()
    {
        using var acme = new Acme();
        await acme.SetUpAsync();
        await using var machine = new Machine();
        string[] serve = ["serve", "--data", acme.Data, "--listen", acme.Url];
        await machine.StartAsync(serve);
        await acme.PutInForceAsync();
        await acme.SendAsMachineOfAnnaAsync();
        Assert.Contains("Editor", await acme.LookAsync(System.Net.HttpStatusCode.OK));
        Assert.Equal(0, await machine.InterruptAsync());
        using (var connection = Database(acme).Open())
        {
            connection.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Rows)
                INSERT INTO chunks (subject_ref, expires_on, program, day, kind, stream, chunk_id, sealed)
                SELECT subject_ref, expires_on, program, day, kind, stream, lower(hex(randomblob(16))), sealed FROM n, (SELECT * FROM chunks LIMIT 1)
                """,
                new { Rows });
        }

        await machine.StartAsync(serve);
        var erasing = Programs.RunAsync(Programs.Daylight, "erase", "me", "--program", "focus-time", "--yes", "--server", acme.Url, "--key", acme.In("anna.pem"));
        await acme.EventuallyAsync(() => Task.FromResult(Count(acme, "SELECT COUNT(*) FROM settings WHERE name LIKE 'erasure %'") > 0 ? "ordered" : null));
        await machine.KillAsync();
        await erasing;
        Assert.True(Count(acme, "SELECT COUNT(*) FROM chunks") >= Rows, "it was killed too late");

        // The keys went with the order. Rows are finished by whoever comes next, once the one who brought the order has had its twenty seconds.
        await machine.StartAsync(serve);
        Assert.DoesNotContain("Editor", (await acme.EventuallyLookAsync()));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        while (Count(acme, "SELECT COUNT(*) FROM chunks") > 0)
        {
            await timer.WaitForNextTickAsync(limit.Token);
            await Programs.DaylightAsync("retention", "run", "--data", acme.Data);
        }

        Assert.Equal(0, Count(acme, "SELECT COUNT(*) FROM settings WHERE name LIKE 'erasure %'"));
        Assert.Contains("focus-time", await Programs.DaylightAsync("me", "erasures", "--server", acme.Url, "--key", acme.In("anna.pem")));
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data));
    }

    [Fact]
    public async Task people_are_told_once_of_a_charter_however_often_the_telling_is_killed()
    {
        const int people = 3_004; // the charter covers everyone
        using var acme = new Acme();
        await acme.SetUpWithAsync(people - 4);
        await using var machine = new Machine();
        string[] serve = ["serve", "--data", acme.Data, "--listen", acme.Url];
        await machine.StartAsync(serve);
        var starting = acme.PutInForceAsync();
        var (told, kills) = (0L, 0);
        while (told < people)
        {
            var before = told;
            await acme.EventuallyAsync(() => Task.FromResult((told = Told(acme)) > before ? "some more were told" : null));
            await machine.KillAsync();
            told = Told(acme);
            kills += told < people ? 1 : 0;
            await Record.ExceptionAsync(() => starting); // the activation stands, whether its answer came or not
            await machine.StartAsync(serve); // its jobs start with it
        }

        Assert.True(kills > 0, "it was never killed at work");
        await Programs.DaylightAsync("retention", "run", "--data", acme.Data);
        await Programs.DaylightAsync("retention", "run", "--data", acme.Data);
        Assert.Equal(people, Told(acme));
        Assert.Equal(people, Count(acme, "SELECT COUNT(*) FROM covered WHERE told = 1"));
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data));
    }

    /// <summary>How many were told of the entry that most are told of: the activation.</summary>
    private static long Told(Acme acme) => Count(acme, "SELECT COALESCE(MAX(n), 0) FROM (SELECT COUNT(*) AS n FROM notices WHERE idx > 0 GROUP BY idx)");

    private static SqliteDatabase Database(Acme acme) => new(Path.Combine(acme.Data, "server", "server.db"));

    private static long Count(Acme acme, string sql)
    {
        using var connection = Database(acme).Open();
        return connection.QuerySingle<long>(sql);
    }

    /// <summary>Rows that the log's certificates say are gone.</summary>
    private static long Certified(Acme acme)
    {
        using var connection = Database(acme).Open();
        return connection.Query<byte[]>("SELECT entry FROM log_entries").Select(Encoding.UTF8.GetString).Where(e => e.Contains("\"retention-purge\"", StringComparison.Ordinal))
            .Sum(e => JsonDocument.Parse(e).RootElement.GetProperty("event").GetProperty("lines").EnumerateArray().Sum(l => l.GetProperty("rows").GetInt64()));
    }
}
