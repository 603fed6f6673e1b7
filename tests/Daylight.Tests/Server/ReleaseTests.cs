using System.Text.Json;
using Dapper;
using Daylight.Agent.Sending;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Releases;
using Daylight.Storage;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>Releases from the server's side: whatever breaks, a period has one run, one answer and one price; and who may see a figure sees it at every level, the same as a table.</summary>
public sealed class ReleaseTests
{
    private static readonly string[] Crew = ["anna", "ben", "cleo", "dora", "emil"];
    private static readonly DateTimeOffset Closed = new(2026, 11, 13, 0, 0, 0, TimeSpan.Zero);

    // A run is: begin, one part of up to a thousand people, end. The line breaks after each of them, and after what comes after.
    public static TheoryData<DatabaseKind, int> Cuts() => [(DatabaseKind.Sqlite, 0), (DatabaseKind.Sqlite, 1), (DatabaseKind.Sqlite, 2), (DatabaseKind.PostgreSql, 2)];

    [Theory, MemberData(nameof(Cuts))]
    public async Task a_run_that_is_cut_off_goes_on_and_is_counted_once(DatabaseKind kind, int after)
    {
        await using var company = await WithWeekAsync(kind);
        company.Channel.CountsLeft = after;
        await company.Server.RunJobsAsync(default);
        Assert.Empty(await CellsAsync(company, "team", "crew"));
        await company.RestartAsync();
        await company.Server.RunJobsAsync(default);
        await company.Server.RunJobsAsync(default);
        Assert.Equal((300, 5), Assert.Single(await CellsAsync(company, "team", "crew")) is var c ? (c.Value, c.People) : default);
        var entries = company.Part<LogStore>().Entries(0, 1000).Select(e => LogEntry.TryRead(e)!.Event).ToList();
        Assert.Single(entries.OfType<ReleaseRun>());
        Assert.Single(entries.OfType<ReleasePublished>());
        using var keyholder = new SqliteDatabase(company.KeyholderFile, readOnly: true).Open();
        Assert.Equal((1L, 1L), (keyholder.QuerySingle<long>("SELECT COUNT(*) FROM releases"), keyholder.QuerySingle<long>("SELECT COUNT(*) FROM opened")));
    }

    [Fact]
    public async Task a_server_that_forgot_a_release_gets_the_same_cells_again()
    {
        await using var company = await WithWeekAsync();
        await company.Server.RunJobsAsync(default);
        var cells = await CellsAsync(company, "team", "crew");
        using (var connection = company.Database.Open())
        {
            connection.Execute("DELETE FROM release_cells");
            connection.Execute("DELETE FROM release_runs");
            connection.Execute("DELETE FROM release_people");
        }

        await company.Server.RunJobsAsync(default);
        Assert.Equal(cells, await CellsAsync(company, "team", "crew"));
    }

    [Fact]
    public async Task everybody_sees_which_groups_counted_them_with_their_sizes_and_proof_of_both()
    {
        await using var company = await WithWeekAsync();
        await company.Server.RunJobsAsync(default);
        var mine = Assert.Single((await company.As("anna").GetAsync("/api/v1/me/releases", ProtocolJson.Default.IReadOnlyListCountedMe, default)).OrThrow());
        Assert.Equal(("focus-time", "2026-W45"), (mine.Program, mine.Period));
        Assert.Contains(mine.Groups, g => g is { Level: "team", Group: "crew", People: 5 });
        Assert.Contains(mine.Groups, g => g is { Level: "company", People: >= 10 });
        var run = Assert.IsType<ReleaseRun>(LogEntry.TryRead(company.Part<LogStore>().Entry(mine.Run)!)!.Event);
        Assert.Equal((run.People, run.Groups), (mine.PeopleInRun, mine.GroupsInRun));
        Assert.True(mine.Me.Leads(run.PeopleRoot, run.People));
        Assert.Equal(company.Id("anna"), JsonSerializer.Deserialize(mine.Me.Opening.Json, ProtocolJson.Default.CountedPerson)!.Person);
        foreach (var (group, proof) in mine.Groups.Zip(mine.Proofs))
        {
            Assert.True(proof.Leads(run.GroupRoot, run.Groups));
            Assert.Equal((group.Level, group.Group, group.People), JsonSerializer.Deserialize(proof.Opening.Json, ProtocolJson.Default.CountedGroup) is { } g ? (g.Level, g.Group, g.People) : default);
            var padded = proof with { Opening = proof.Opening with { Json = proof.Opening.Json.Replace($":{group.People}", $":{group.People + 1}", StringComparison.Ordinal) } };
            Assert.False(padded.Leads(run.GroupRoot, run.Groups));
            Assert.False(proof.Leads(run.PeopleRoot, run.Groups));
        }

        var boss = Assert.Single((await company.As("boss").GetAsync("/api/v1/me/releases", ProtocolJson.Default.IReadOnlyListCountedMe, default)).OrThrow());
        Assert.DoesNotContain(boss.Groups, g => g is { Level: "team", Group: "crew" });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1500)] // several parts, the last of them not full
    public async Task a_place_in_a_run_is_found_and_proven_without_reading_the_others(int people)
    {
        await using var company = await TestCompany.StartCopyAsync();
        var store = company.Part<ReleaseStore>();
        var period = ReleasePeriod.Of(new DateOnly(2026, 11, 2), 1);
        var census = new Census(period, [new CountedTeam("t", "")], [.. Enumerable.Range(0, people).Select(i => new Counted($"p{i:00000}", "t", "", false, true))]);
        var counted = CountedPeople.Of(census);
        await company.Part<GroupCommitWriter>().WriteAsync((c, t) => store.Start(c, t, "other", period, 77, counted, new DateOnly(2028, 1, 1)));
        var root = ReleaseProof.Root(counted.People);
        foreach (var i in new[] { 0, 1, 255, 256, 511, 1023, 1024, 1499, people - 1 }.Where(i => i < people).Distinct())
        {
            var found = store.Find("other", period.ToString(), $"p{i:00000}")!.Value;
            Assert.Equal((i, people), (found.Me.Index, found.People));
            Assert.True(found.Me.Leads(root, people), $"{i} of {people}");
        }

        Assert.Null(store.Find("other", period.ToString(), "nobody"));
        Assert.Null(store.Find("other", period.ToString(), "a"));
        Assert.Equal(counted.People, store.Started("other", period)!.Value.Counted.People);
    }

    [Fact]
    public async Task a_table_holds_the_same_cells_and_nothing_more()
    {
        await using var company = await WithWeekAsync();
        await company.Server.RunJobsAsync(default);
        var cell = Assert.Single(await CellsAsync(company, "team", "crew"));
        var csv = (await company.As("boss").GetTextAsync("/api/v1/releases/team/crew?program=focus-time&measure=focus-minutes&format=csv", default)).OrThrow();
        Assert.Equal($"level,group,measure,period,value,low,high,people,reason\r\nteam,crew,focus-minutes,2026-W45,{cell.Value},{cell.Low},{cell.High},{cell.People},\r\n", csv);
        Assert.Equal(403, (await company.As("ben").GetTextAsync("/api/v1/releases/team/crew?program=focus-time&measure=focus-minutes&format=csv", default)).Problem!.Status);
    }

    [Fact]
    public async Task figures_of_every_level_go_to_whom_a_rule_names_and_the_level_above_beside_them()
    {
        var show = string.Join("\n  ", "  - { to: manager, what: focus-minutes, by: company, per: week, minimum-group: 5 }", "- { to: role:analyst, what: focus-minutes, by: site, per: week, minimum-group: 5, round: 10 }");
        await using var company = await WithWeekAsync(show: show);
        await company.GrantAsync("snoop", "analyst");
        await company.Server.RunJobsAsync(default);
        var boss = (await company.As("boss").GetAsync("/api/v1/me/figures", ProtocolJson.Default.IReadOnlyListFigureView, default)).OrThrow();
        var team = Assert.Single(boss, f => f.Level == "team");
        Assert.Equal(("crew", "company"), (team.Group, team.Above?.Level));
        var snoop = (await company.As("snoop").GetAsync("/api/v1/me/figures", ProtocolJson.Default.IReadOnlyListFigureView, default)).OrThrow();
        Assert.All(snoop, f => Assert.Equal(("site", null), (f.Level, f.Above)));
        foreach (var figure in boss.Concat(snoop))
        {
            var answer = await company.As(figure.Level == "site" ? "snoop" : "boss").GetAsync(
                $"/api/v1/releases/{figure.Level}/{Uri.EscapeDataString(figure.Group)}?program={figure.Program}&measure={figure.Measure}", ProtocolJson.Default.IReadOnlyListReleaseCell, default);
            var cell = Assert.Single(answer.OrThrow());
            Assert.True(cell.Value is not null || cell.Reason is not null);
            Assert.True(cell.Value is null || cell.Level != "site" || (cell.Value % 10 == 0 && cell.High - cell.Low == 10));
        }

        Assert.Empty((await company.As("anna").GetAsync("/api/v1/me/figures", ProtocolJson.Default.IReadOnlyListFigureView, default)).OrThrow());
        Assert.Equal(403, (await company.As("anna").GetAsync("/api/v1/releases/company/company?program=focus-time&measure=focus-minutes", ProtocolJson.Default.IReadOnlyListReleaseCell, default)).Problem!.Status);
        Assert.Equal(400, (await company.As("anna").GetAsync("/api/v1/releases/galaxy/company?program=focus-time&measure=focus-minutes", ProtocolJson.Default.IReadOnlyListReleaseCell, default)).Problem!.Status);
    }

    [Fact]
    public async Task what_a_charter_would_publish_is_read_before_anything_is_collected_by_those_who_approve()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var program = Assert.Single((await company.As("officer").GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, default)).OrThrow());
        var level = Assert.Single((await company.As("officer").GetAsync($"/api/v1/charters/{program.Charter}/publishes", ProtocolJson.Default.IReadOnlyListPublishView, default)).OrThrow());
        Assert.Equal(("focus-minutes", "team", 5), (level.Measure, level.Level, level.Fewest));
        Assert.InRange(level.Shown, 0.5, 2); // two teams of five, of whom somebody is away now and then
        Assert.Equal(403, (await company.As("anna").GetAsync($"/api/v1/charters/{program.Charter}/publishes", ProtocolJson.Default.IReadOnlyListPublishView, default)).Problem!.Status);
        Assert.Equal(404, (await company.As("officer").GetAsync("/api/v1/charters/none/publishes", ProtocolJson.Default.IReadOnlyListPublishView, default)).Problem!.Status);
    }

    [Fact]
    public async Task a_budget_of_noise_is_shown_to_everybody_before_any_of_it_is_used()
    {
        await using var company = await TestCompany.StartAsync(charter: TestCompany.Charter().Replace("by: team, per: week, minimum-group: 5 }", "by: team, per: week, minimum-group: 5, noise: { epsilon: 0.5 } }", StringComparison.Ordinal));
        var noise = Assert.Single((await company.As("anna").GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, default)).OrThrow()).Noise;
        Assert.Equal((2026, 0.0, 0.5, 1e-6), (noise!.Year, noise.Used, Math.Round(noise.Budget, 3), noise.Delta));
    }

    [Fact]
    public async Task a_new_version_of_a_charter_loses_no_period_of_the_one_before()
    {
        await using var company = await WithWeekAsync();
        await company.ActivateAsync(TestCompany.Charter().Replace("version: 1", "version: 2", StringComparison.Ordinal).Replace("from: 2026-11-02", "from: 2026-11-14", StringComparison.Ordinal));
        await company.Server.RunJobsAsync(default);
        Assert.Equal(300, Assert.Single(await CellsAsync(company, "team", "crew")).Value);
    }

    [Fact]
    public async Task contributions_go_on_their_day_and_the_members_of_a_run_with_its_figures()
    {
        await using var company = await WithWeekAsync();
        await company.Server.RunJobsAsync(default);
        long Rows(string sql)
        {
            using var connection = company.Database.Open();
            return connection.QuerySingle<long>(sql);
        }

        Assert.Equal(5, Rows("SELECT COUNT(*) FROM chunks WHERE kind = 'contribution'"));
        company.Clock.Now = new DateTimeOffset(2026, 12, 15, 0, 0, 0, TimeSpan.Zero); // 35 days after the week's Sunday, and the day is over in UTC−12
        await company.Server.RunJobsAsync(default);
        Assert.Equal((0, 1), (Rows("SELECT COUNT(*) FROM chunks WHERE kind = 'contribution'"), Rows("SELECT COUNT(*) FROM release_runs WHERE period = '2026-W45' AND counted IS NOT NULL")));
        company.Clock.Now = new DateTimeOffset(2028, 11, 9, 0, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal((0, 0, 1), (Rows("SELECT COUNT(*) FROM release_runs WHERE period = '2026-W45' AND counted IS NOT NULL"), Rows("SELECT COUNT(*) FROM release_cells WHERE period = '2026-W45'"), Rows("SELECT COUNT(*) FROM release_runs WHERE period = '2026-W45'")));
    }

    private static async Task<TestCompany> WithWeekAsync(DatabaseKind kind = DatabaseKind.Sqlite, string show = "")
    {
        var company = await TestCompany.StartAsync(kind, charter: TestCompany.Charter(show));
        company.Clock.Now = new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
        foreach (var name in Crew)
        {
            await ContributeAsync(company, name, 150);
        }

        company.Clock.Now = Closed;
        return company;
    }

    private static async Task ContributeAsync(TestCompany company, string name, int each)
    {
        var device = await company.EnrollDeviceAsync(name);
        var program = (await company.BundleAsync(name, device)).Programs[0];
        var day = new Dictionary<string, int> { ["focus-minutes"] = each };
        var payload = new ContributionPayload("2026-W45", new Dictionary<string, IReadOnlyDictionary<string, int>> { ["2026-11-03"] = day, ["2026-11-04"] = day });
        await company.UploadAsync(name, device, ChunkSealer.Contribution(program, company.Id(name), device, payload));
    }

    private static async Task<IReadOnlyList<ReleaseCell>> CellsAsync(TestCompany company, string level, string group) =>
        (await company.As("boss").GetAsync($"/api/v1/releases/{level}/{group}?program=focus-time&measure=focus-minutes", ProtocolJson.Default.IReadOnlyListReleaseCell, default)).OrThrow();
}
