using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Dapper;
using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Tests.Company;

namespace Daylight.Bench;

/// <summary>How fast things end: erasure, purge, a pause at the keyholder, and everything about oneself as a ZIP.</summary>
internal static class Lifecycle
{
    private static readonly DateOnly Expired = new(2026, 10, 20);

    public static async Task RunAsync(int people)
    {
        await ErasureAsync(rounds: 5);
        await RefusalAsync(rounds: 25);
        await ExportAsync();
        await PurgeAsync(DatabaseKind.Sqlite, people);
        if (Environment.GetEnvironmentVariable(TestDatabases.Variable) is { Length: > 0 })
        {
            await PurgeAsync(DatabaseKind.PostgreSql, people);
        }
        else
        {
            Print($"PostgreSQL was left out: set {TestDatabases.Variable}.");
        }
    }

    /// <summary>Whoever has a thousand times as much is unreadable as soon.</summary>
    private static async Task ErasureAsync(int rounds)
    {
        await using var company = await TestCompany.StartCopyAsync();
        var (device, log) = (await company.EnrollDeviceAsync("anna"), company.Part<TransparencyLog>());
        foreach (var size in new[] { 10, 10, 10_000 }) // the first is thrown away: everything runs for the first time
        {
            var (unreadable, gone) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                var program = (await company.BundleAsync("anna", device)).Programs[0];
                foreach (var part in Enumerable.Range(0, size).Chunk(1000))
                {
                    await company.UploadAsync("anna", device, [.. part.Select(_ => Day(company, device, program, "2026-11-02", 1))]);
                }

                var order = new KeysDestroyed(SignedStatement.Sign(new DestroyKeys(company.Root.Fingerprint, company.Clock.Now, company.Id("anna"), [TestCompany.Program], "self", "mine"), company.KeyOf("anna")));
                var (before, start) = (log.Size, Stopwatch.GetTimestamp());
                var erasing = company.SubmitAsync("anna", order);
                SpinWait.SpinUntil(() => log.Size > before); // published: the keyholder has followed it, and its keys are gone
                unreadable.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                await erasing;
                gone.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                company.Clock.Now += TimeSpan.FromSeconds(5);
            }

            Print($"erasure, {size,6} chunks: unreadable after {Median(unreadable):0.0} ms ({unreadable.Max():0.0} at most), rows gone and certificate logged after {Median(gone):0.0} ms ({gone.Max():0.0}); median of {rounds}");
        }
    }

    /// <summary>The opening after a pause's entry.</summary>
    private static async Task RefusalAsync(int rounds)
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        await company.UploadAsync("anna", device, Day(company, device, program, "2026-11-02", 1));
        var (refused, opened, times) = (0, 0, new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            opened += await OpensAsync(company) ? 1 : 0;
            var start = Stopwatch.GetTimestamp();
            var pause = await company.SubmitAsync("council", new ProgramPaused(TestCompany.Program, "a leak", company.Clock.Now));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            refused += await OpensAsync(company) ? 0 : 1;
            await company.ResumeAsync(pause);
            company.Clock.Now += TimeSpan.FromMinutes(1);
        }

        Print($"pause: in force {Median(times):0.0} ms after it was asked for ({times.Max():0.0} at most); of {rounds} openings before it {opened} succeeded, of the {rounds} right after {refused} were refused");
    }

    private static async Task<bool> OpensAsync(TestCompany company)
    {
        await company.SignAskAsync("anna");
        return (await company.As("anna").GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Value is [_, ..];
    }

    private static async Task ExportAsync()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        company.Clock.Now += TimeSpan.FromDays(13);
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        for (var day = 2; day <= 15; day++)
        {
            await company.UploadAsync("anna", device, [.. Enumerable.Range(0, 40).Select(c => Day(company, device, program, $"2026-11-{day:00}", 108, c))]);
        }

        for (var run = 0; run < 3; run++)
        {
            await company.SignAskAsync("anna");
            using var zip = new MemoryStream();
            var start = Stopwatch.GetTimestamp();
            await company.As("anna").DownloadAsync("/api/v1/me/export", zip, default);
            var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            using var read = new ZipArchive(zip);
            var (bytes, records) = (read.Entries.Sum(e => e.Length), 14 * 40 * 108);
            start = Stopwatch.GetTimestamp();
            using var peer = new MemoryStream();
            using (var plain = new ZipArchive(peer, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var entry in read.Entries)
                {
                    using var from = entry.Open();
                    using var to = plain.CreateEntry(entry.FullName).Open();
                    from.CopyTo(to);
                }
            }

            var zipping = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Print($"export: {records} records in {14 * 40} chunks, {bytes / 1e6:0.0} MB in {read.Entries.Count} files, {zip.Length / 1e6:0.00} MB zipped: {took:0.00} s, {records / took:0} records/s, {bytes / 1e6 / took:0.0} MB/s; unzipping and zipping the same alone {zipping:0.00} s");
        }
    }

    /// <summary>A day of many people, next to one plain DELETE of as many rows.</summary>
    private static async Task PurgeAsync(DatabaseKind kind, int people)
    {
        await using var company = await TestCompany.StartAsync(kind);
        Fill(company, kind, people, Expired);
        var start = Stopwatch.GetTimestamp();
        using (var connection = company.Database.Open())
        using (var transaction = connection.BeginTransaction())
        {
            _ = connection.Execute("DELETE FROM chunks WHERE expires_on = @day", new { day = Sql.Day(Expired) }, transaction);
            transaction.Commit();
        }

        var plain = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (kind == DatabaseKind.PostgreSql)
        {
            using var connection = company.Database.Open();
            start = Stopwatch.GetTimestamp();
            _ = connection.Execute("VACUUM chunks");
            plain += Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Fill(company, kind, people, Expired);
        using var stop = new CancellationTokenSource();
        var waits = Task.Run(() => WritesMeanwhileAsync(company, stop.Token));
        start = Stopwatch.GetTimestamp();
        var said = await company.Part<Retention>().RunAsync();
        var purge = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await stop.CancelAsync();
        Print($"purge, {kind}, a day of {people} people: {purge:0.00} s ({said}); one plain DELETE{(kind == DatabaseKind.PostgreSql ? " and VACUUM" : string.Empty)} {plain:0.00} s; ratio {purge / plain:0.00}; whoever wrote meanwhile waited {await waits:0} ms at most");
    }

    private static async Task<double> WritesMeanwhileAsync(TestCompany company, CancellationToken cancel)
    {
        var (writer, longest) = (company.Part<GroupCommitWriter>(), 0.0);
        while (!cancel.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            await writer.WriteAsync((c, t) => c.Execute("INSERT INTO received (program, last) VALUES ('bench', 1) ON CONFLICT (program) DO UPDATE SET last = 1", transaction: t));
            longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return longest;
    }

    private static void Fill(TestCompany company, DatabaseKind kind, int people, DateOnly day)
    {
        company.Database.Prepare(Daylight.Server.Features.Ingest.ChunkStore.Table, day);
        using var connection = company.Database.Open();
        using var transaction = connection.BeginTransaction();
        var isLite = kind == DatabaseKind.Sqlite;
        var (series, from, random, body) = isLite
            ? ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @people) ", "n", "lower(hex(randomblob(16)))", "randomblob(1024)")
            : (string.Empty, "generate_series(1, @people) AS n(i)", "md5(random()::text)", "decode(repeat(md5(i::text), 64), 'hex')");
#pragma warning disable CA2100 // of the words above alone
        _ = connection.Execute(
            $"{series}INSERT INTO chunks (subject_ref, expires_on, program, day, kind, stream, chunk_id, sealed) SELECT {random}, @day, 'focus-time', '2026-10-06', 'records', 'window', {random}, {body} FROM {from}",
            new { people, day = Sql.Day(day) },
            transaction);
#pragma warning restore CA2100
        transaction.Commit();
    }

    private static UploadedChunk Day(TestCompany company, CredentialKey device, Daylight.Agent.Trust.VerifiedProgram program, string day, int records, int from = 0) => ChunkSealer.Records(
        program, company.Id("anna"), device, "window", day,
        [.. Enumerable.Range(0, records).Select(i => new PayloadRecord(DateTimeOffset.Parse(day + "T06:00:00Z", CultureInfo.InvariantCulture).AddMinutes(5 * (i + from)), 300, new Dictionary<string, string> { ["app"] = (i + from / 2) % 3 == 0 ? "Browser" : "Editor" }))]);

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
