using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Lifecycle;

public sealed class RetentionTests
{
    private static readonly DateOnly First = new(2026, 11, 2);

    public static TheoryData<DatabaseKind> Both() => [DatabaseKind.Sqlite, DatabaseKind.PostgreSql];

    [Theory, InlineData(DatabaseKind.Sqlite, 366), InlineData(DatabaseKind.PostgreSql, 60)]
    public async Task a_year_of_retention_runs_and_no_day_is_kept_too_long_or_too_short(DatabaseKind kind, int days)
    {
        var (renewed, end) = (First.AddDays(days / 2), First.AddDays(days));
        await using var company = await TestCompany.StartAsync(kind);
        var (device, first) = (await company.EnrollDeviceAsync("anna"), company.Active("focus-time"));
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        for (var day = First; day < end; day = day.AddDays(1))
        {
            company.Clock.Now = new DateTimeOffset(day.ToDateTime(new TimeOnly(20, 0)), TimeSpan.Zero);
            if (day == renewed)
            {
                await company.ActivateAsync(Life.Charter("focus-time", ("version: 1", "version: 2"), ("until: 2027-05-31", "until: 2027-11-19")));
                program = (await company.BundleAsync("anna", device)).Programs[0];
            }

            await company.UploadAsync("anna", device, company.Day("anna", device, program, Storage.Sql.Day(day)));
            if (day.DayNumber % 7 == 0)
            {
                continue; // the server is down, and catches up
            }

            await company.Part<Daylight.Server.Features.Lifecycle.Retention>().RunAsync();
            var oldest = DateOnly.FromDateTime(company.Clock.Now.UtcDateTime.AddHours(-12)).AddDays(-14);
            Assert.Equal(oldest < First ? First : oldest, Storage.Sql.Day(Text(company, "SELECT MIN(day) FROM chunks WHERE kind = 'records'")));
            var kept = (await company.As("anna").GetAsync("/api/v1/retention", ProtocolJson.Default.IReadOnlyListKeptView, default)).OrThrow().Single(k => k.Kind == "records");
            Assert.Equal((oldest < First ? First : oldest, day.AddDays(15), false), (kept.Oldest, kept.TodayGone, kept.IsLate));
        }

        var purges = company.Logged<RetentionPurge>().Where(p => p.Lines.Any(l => l.What == "records")).ToList();
        Assert.Equal(purges.Count, purges.Select(p => p.ExpiredOn).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, end.DayNumber - First.DayNumber - 15).Select(i => First.AddDays(14 + i)), purges.Select(p => p.ExpiredOn));
        Assert.All(purges, p => Assert.Equal(
            new PurgedLine("focus-time", "records", 1, "keep: { records: 14d }", 0, p.ExpiredOn.AddDays(-14) < renewed ? first : company.Active("focus-time")), p.Lines.Single(l => l.What == "records")));
        var last = (await company.As("officer").GetAsync("/api/v1/retention/certificates", ProtocolJson.Default.IReadOnlyListPurgeView, default)).OrThrow()[0];
        Assert.Equal((purges[^1].ExpiredOn, 2), (last.ExpiredOn, last.Lines.Single(l => l.What == "records").Version));
        Assert.Equal(403, (await company.As("anna").GetAsync("/api/v1/retention/certificates", ProtocolJson.Default.IReadOnlyListPurgeView, default)).Problem!.Status);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task one_holds_end_takes_nothing_from_another_and_a_later_one_keeps_what_was_set_apart(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.HoldAsync("anna", new DateOnly(2026, 11, 25), tell: new DateOnly(2026, 11, 20));
        company.Clock.Now += TimeSpan.FromMinutes(1);
        var second = await company.HoldAsync("anna", new DateOnly(2026, 12, 5), tell: new DateOnly(2026, 11, 20));
        company.Clock.Now = new DateTimeOffset(2026, 11, 18, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal([new PurgedLine("focus-time", "records", 0, "keep: { records: 14d }", 1, company.Active("focus-time"))], Assert.Single(company.Logged<RetentionPurge>()).Lines);
        Assert.Equal(2L, company.Count("SELECT COUNT(*) FROM held_chunks"));
        company.Clock.Now = new DateTimeOffset(2026, 11, 27, 9, 0, 0, TimeSpan.Zero);
        var third = await company.HoldAsync("anna", new DateOnly(2026, 12, 20), tell: new DateOnly(2026, 12, 1));
        await company.Server.RunJobsAsync(default);
        Assert.Single((await company.LookUnderAsync(second, "anna")).OrThrow());
        company.Clock.Now = new DateTimeOffset(2026, 12, 7, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Single((await company.LookUnderAsync(third, "anna")).OrThrow());
        company.Clock.Now = new DateTimeOffset(2026, 12, 22, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM held_chunks"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_version_that_keeps_for_fewer_days_closes_and_drops_what_is_older(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        company.Clock.Now = new DateTimeOffset(2026, 11, 9, 9, 0, 0, TimeSpan.Zero);
        await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"), company.Day("anna", device, program, "2026-11-06"));
        await company.ActivateAsync(Life.Charter("focus-time", ("version: 1", "version: 2"), ("records: 14d", "records: 5d")));
        await company.SignAskAsync("anna");
        async Task<IReadOnlyList<ShownRecord>> WeekAsync() =>
            (await company.As("anna").GetAsync("/api/v1/me/records?program=focus-time&from=2026-11-02&to=2026-11-08", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow();

        Assert.Equal(6, Assert.Single(await WeekAsync()).Start.Day); // before anything was dropped
        await company.Server.RunJobsAsync(default);
        Assert.Equal(1L, company.Count("SELECT COUNT(*) FROM chunks"));
        Assert.Equal(new PurgedLine("focus-time", "records", 1, "keep: { records: 5d }", 0, company.Active("focus-time")), Assert.Single(company.Logged<RetentionPurge>().SelectMany(p => p.Lines)));
        Assert.Single(await WeekAsync());
        company.Clock.Now = new DateTimeOffset(2026, 11, 12, 13, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM chunks"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_purge_that_was_cut_off_anywhere_goes_on_and_certifies_everything_once(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SendDayAsync("ben");
        company.Clock.Now = new DateTimeOffset(2026, 11, 18, 9, 0, 0, TimeSpan.Zero);
        company.Channel.Down = true; // rows may go, the certificate cannot
        await company.Server.RunJobsAsync(default);
        Assert.Empty(company.Logged<RetentionPurge>());
        company.Channel.Down = false;
        await company.RestartAsync();
        await company.Server.RunJobsAsync(default);
        await company.Server.RunJobsAsync(default);
        Assert.Equal([new PurgedLine("focus-time", "records", 2, "keep: { records: 14d }", 0, company.Active("focus-time"))], Assert.Single(company.Logged<RetentionPurge>()).Lines);
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM chunks"));
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM purges"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_legal_hold_keeps_what_it_is_about_for_its_case_alone_until_it_ends(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SendDayAsync("ben");
        var digest = await company.HoldAsync("anna", new DateOnly(2027, 3, 1), tell: new DateOnly(2026, 11, 20));
        company.Clock.Now = new DateTimeOffset(2026, 11, 18, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal([new PurgedLine("focus-time", "records", 1, "keep: { records: 14d }", 1, company.Active("focus-time"))], Assert.Single(company.Logged<RetentionPurge>()).Lines);
        Assert.Equal((0L, 1L), (company.Count("SELECT COUNT(*) FROM chunks"), company.Count("SELECT COUNT(*) FROM held_chunks")));
        Assert.Equal(1, (await company.As("officer").GetAsync("/api/v1/retention", ProtocolJson.Default.IReadOnlyListKeptView, default)).OrThrow().Single(k => k.Kind == "records").Held);
        Assert.Equal((null, 0L), (await company.As("anna").GetAsync("/api/v1/retention", ProtocolJson.Default.IReadOnlyListKeptView, default)).OrThrow().Where(k => k.Kind == "records").Select(k => (k.Oldest, k.Held)).Single()); // she is told on the case's day, not here

        async Task<DateOnly?> OldestLookAsync() => (await company.As("anna").GetAsync("/api/v1/retention", ProtocolJson.Default.IReadOnlyListKeptView, default)).OrThrow().Single(k => k.Kind == "looks").Oldest;
        Assert.Null(await OldestLookAsync());
        Assert.Single((await company.LookUnderAsync(digest, "anna")).OrThrow());
        Assert.Equal(new DateOnly(2026, 11, 18), await OldestLookAsync());
        await company.SignAskAsync("anna");
        Assert.Empty((await company.LookAsync("anna")).OrThrow()); // past its day for everybody else, the person too
        company.Clock.Now = new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);
        Assert.Contains((await company.As("anna").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow(), n => n.Kind == "case" && n.Text.Contains("a lawsuit", StringComparison.Ordinal));

        company.Clock.Now = new DateTimeOffset(2027, 3, 3, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM held_chunks"));
        Assert.Equal("the legal hold that kept it ended", company.Logged<RetentionPurge>().Last(p => p.Lines.Any(l => l.What == "records")).Lines[0].Line);
    }

    [Fact]
    public async Task a_hold_that_was_not_approved_by_both_keeps_nothing()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.SendDayAsync("anna");
        var digest = await company.HoldAsync("anna", new DateOnly(2027, 3, 1), tell: new DateOnly(2026, 11, 20), approved: false);
        await company.SubmitAsync("officer", new CaseApproved(company.Sign("officer", new ApproveCase(company.Root.Fingerprint, company.Clock.Now, digest, "privacy-officer"))));
        company.Clock.Now = new DateTimeOffset(2026, 11, 18, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM held_chunks"));
    }

    [Fact]
    public async Task while_a_program_is_paused_what_is_past_its_day_goes_all_the_same()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.SendDayAsync("anna");
        await company.SubmitAsync("officer", new ProgramPaused("focus-time", "a leak", company.Clock.Now));
        company.Clock.Now = new DateTimeOffset(2026, 11, 18, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM chunks"));
    }

    private static string Text(TestCompany company, string sql)
    {
        using var connection = company.Database.Open();
        return Dapper.SqlMapper.QuerySingle<string>(connection, sql);
    }
}
