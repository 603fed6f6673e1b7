using System.Diagnostics;
using System.Globalization;
using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Bench;

/// <summary>Appends to the log, durable, integrated and cosigned, next to a bare group commit of the same bytes and to SHA-256 alone.</summary>
internal static class Appends
{
    private static readonly int[] Callers = [1, 8, 64];

    public static async Task RunAsync(TimeSpan length)
    {
        foreach (var kind in Kinds())
        {
            await RunAsync(kind, length);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"SHA-256 of 250 bytes, one thread: {Sha():N0}/s"));
    }

    private static IEnumerable<DatabaseKind> Kinds()
    {
        yield return DatabaseKind.Sqlite;
        if (Environment.GetEnvironmentVariable(TestDatabases.Variable) is { Length: > 0 })
        {
            yield return DatabaseKind.PostgreSql;
        }
    }

    private static async Task RunAsync(DatabaseKind kind, TimeSpan length)
    {
        await using var company = await TestCompany.StartAsync(kind);
        var log = company.Part<TransparencyLog>();
        var (today, now) = (DateOnly.FromDateTime(company.Clock.Now.UtcDateTime), company.Clock.Now);
        Task Person(int client) => log.AppendAsync(new Refusal(
            company.Id("boss"), company.Id("anna"), string.Empty, "manager", ["focus-time"], "records", today, today, ["No rule of charter focus-time version 1 shows one person's records to their manager."], now, today.AddDays(730)));
        Task Program(int client) => log.AppendAsync(new RetentionPurge(today, [new PurgedLine("p", "records", client, "keep", 0)]));
        foreach (var callers in Callers)
        {
            var bare = await BareAsync(company, callers, length);
            var program = await Measure.RateAsync(callers, length, Program);
            var person = await Measure.RateAsync(callers, length, Person);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind,-10} {callers,2} callers: entries about people {person,8:N0}/s, about programs {program,8:N0}/s, bare group commit of a row {bare,8:N0}/s, ratios {person / bare:0.00}, {program / bare:0.00}"));
        }

        var lone = await Measure.LoopAsync(length, () => Person(0));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,-10} lone append: p50 {lone.At(0.5):0.00} ms, p99 {lone.At(0.99):0.00} ms, n {lone.Length}"));
        if (kind == DatabaseKind.Sqlite)
        {
            Size(company, log.Size);
        }
    }

    /// <summary>One row of 250 bytes for each caller, committed in groups, in the same kind of database.</summary>
    private static async Task<double> BareAsync(TestCompany company, int callers, TimeSpan length)
    {
        await using var writer = new GroupCommitWriter(company.Database);
        await writer.WriteAsync((c, t) => c.Execute("CREATE TABLE IF NOT EXISTS bare (row BYTEA NOT NULL)", transaction: t));
        var row = new byte[250];
        var rate = await Measure.RateAsync(callers, length, _ => writer.WriteAsync((c, t) => c.Execute("INSERT INTO bare (row) VALUES (@row)", new { row }, t)));
        await writer.WriteAsync((c, t) => c.Execute("DROP TABLE bare", transaction: t));
        return rate;
    }

    private static double Sha()
    {
        var (bytes, count) = (new byte[250], 0L);
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed < TimeSpan.FromSeconds(2); count++)
        {
            _ = Merkle.Leaf(bytes);
        }

        return count / clock.Elapsed.TotalSeconds;
    }

    private static void Size(TestCompany company, ulong entries)
    {
        foreach (var (what, file) in ((string, string)[])[("server", Path.Combine(company.Folder, "server", "server.db")), ("keyholder", company.KeyholderFile)])
        {
            using var connection = new SqliteDatabase(file).OpenWriter();
            var bytes = connection.QuerySingle<long>("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {bytes / 1e6:N0} MB for {entries:N0} entries, {bytes / (double)entries * 1e6 / 1e9:0.00} GB for a million"));
        }
    }
}
