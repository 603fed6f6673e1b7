using System.Net.Http.Json;
using Daylight.Agent.Sending;
using Daylight.Core.Directory;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>Changes of the directory by file and by hand: what takes effect, and when.</summary>
public sealed class DirectoryTests
{
    private static readonly string[] Office = ["owner", "officer", "council", "snoop", "other"];

    public static TheoryData<DatabaseKind> Both => [DatabaseKind.Sqlite, DatabaseKind.PostgreSql];

    [Fact]
    public async Task a_dry_run_says_what_would_be_and_changes_nothing()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var before = company.Part<DirectoryStore>().Current;
        var csv = Csv(without: "emil", lines: "new@test.example,new,Red,Division,boss@test.example,Bonn,Europe/Berlin");
        var dry = await ImportAsync(company, csv, dryRun: true);
        Assert.Equal(("dry-run", 1, 0, 1), (dry.State, dry.Joiners, dry.Changed, dry.Leavers));
        Assert.Contains("- emil@test.example leaves", dry.Lines);
        Assert.Same(before, company.Part<DirectoryStore>().Current);
        Assert.Empty(company.Part<DirectoryRows>().Wanted());
        Assert.Equal("active", (await ImportAsync(company, csv)).State);
        Assert.Equal("division", company.Part<DirectoryStore>().Current.Team("red")!.Parent);
        Assert.Equal("unchanged", (await ImportAsync(company, csv)).State);
    }

    [Fact]
    public async Task every_problem_is_reported_at_once_with_its_line_and_nothing_is_taken()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var before = company.Part<DirectoryStore>().Current;
        var problem = await RefusedAsync(company, """
            email,name,team,department,manager,site,zone
            a@test.example,A,Red,,b@test.example,,
            b@test.example,B,Red,,a@test.example,,
            a@test.example,A,Red,,,,
            c@test.example,,Red,,,,
            d@test.example,D,***,,,,
            e@test.example,E,Red,,nobody@test.example,,Mars/Olympus
            f@test.example,F,Red,,a@test.example from soon,,
            g@test.example,G,Red,,a@test.example; a@test.example from 2026-12-01,,
            h@test.example,"H,Red,,,,
            """);
        foreach (var said in (string[])["people.csv:4:", "people.csv:5:", "people.csv:6:", "people.csv:7: the manager nobody@", "people.csv:7: there is no time zone", "people.csv:8:", "people.csv:9:", "people.csv:10:"])
        {
            Assert.Contains(said, problem, StringComparison.Ordinal);
        }

        Assert.Contains("go in a circle", await RefusedAsync(company, "email,name,team,manager\na@test.example,A,Red,b@test.example\nb@test.example,B,Red,a@test.example"), StringComparison.Ordinal);
        Assert.Same(before, company.Part<DirectoryStore>().Current);
        Assert.Empty(company.Part<DirectoryRows>().Wanted());
    }

    [Fact]
    public async Task managers_have_dates_several_stand_side_by_side_and_a_dash_is_nobody()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await ImportAsync(company, Csv(managers: ("dora", "boss@test.example; other@test.example from 2020-01-01 until 2026-11-30; snoop@test.example from 2026-12-01")));
        var org = company.Part<DirectoryStore>().Current;
        Assert.Equal(
            [(company.Id("boss"), DateOnly.MinValue, DateOnly.MaxValue), (company.Id("other"), org.Day, new(2026, 11, 30)), (company.Id("snoop"), new(2026, 12, 1), DateOnly.MaxValue)],
            org.Person(company.Id("dora"))!.Managers.Select(m => (m.Manager, m.From, m.Until)));
        bool Leads(string name) => company.Part<DirectoryStore>().Current is var now && now.Manages(now.Find(company.Id(name)), now.Find(company.Id("dora")), out _);
        Assert.Equal((true, true, false), (Leads("boss"), Leads("other"), Leads("snoop")));
        company.Clock.Now = new DateTimeOffset(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);
        Assert.Equal((true, false, true), (Leads("boss"), Leads("other"), Leads("snoop")));
        Assert.True(org.Person(company.Id("boss"))!.Managers.IsEmpty);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task what_widens_too_much_waits_for_a_privacy_officer_and_who_leaves_leaves_all_the_same(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await HoldAllAsync(company);
        Assert.Equal("held", (await ImportAsync(company, Csv(without: "snoop", managers: ("dora", "other@test.example")))).State);
        Assert.Equal((company.Id("boss"), true), (Manager(company, "dora"), Org(company).Person(company.Id("snoop"))!.Left is not null));
        var notice = Assert.Single((await company.As("officer").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow(), n => n.Kind == "directory-held");
        Assert.Contains("wait for a privacy officer", notice.Text, StringComparison.Ordinal);
        Assert.True(Changes(company)[^1] is { Held: true, Left: 1, Moved: 1 });

        await company.RestartAsync();
        Assert.Equal(company.Id("boss"), Manager(company, "dora"));
        company.Clock.Now = company.Clock.Now.AddDays(1); // it is the same change tomorrow
        var read = await company.ReadAsync("officer", new ChangeWanted(Held: true));
        await Assert.ThrowsAsync<ApiException>(() => ApproveAsync(company, "council", read));
        await Assert.ThrowsAsync<ApiException>(() => ApproveAsync(company, "anna", read));
        await Assert.ThrowsAsync<ApiException>(() => ApproveAsync(company, "officer", read with { Appear = 0 }));
        Assert.Equal(company.Id("boss"), Manager(company, "dora"));
        await ApproveAsync(company, "officer", read);
        Assert.Equal((company.Id("other"), null), (Manager(company, "dora"), company.Part<DirectoryStore>().Held));
        Assert.Equal(Org(company).Day, Org(company).Person(company.Id("dora"))!.Managers[0].From); // not the day before, when it only waited
        Assert.True(Changes(company)[^1] is { Held: false, Moved: 1 });
        await Assert.ThrowsAsync<ApiException>(() => ApproveAsync(company, "officer", read));
        await company.RestartAsync();
        Assert.Equal((company.Id("other"), true), (Manager(company, "dora"), Org(company).Person(company.Id("snoop"))!.Left is not null));
    }

    [Fact]
    public async Task an_approval_is_of_the_change_that_was_read_and_of_no_other()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await HoldAllAsync(company);
        var scim = await ScimClient.OfAsync(company);
        await LeadAsync(scim, company, "dora", "other");
        await company.EventuallyAsync(() => company.Part<DirectoryStore>().Held is not null);
        var read = await company.ReadAsync("officer", new ChangeWanted(Held: true));
        var first = company.Part<DirectoryStore>().Held!;
        await LeadAsync(scim, company, "cleo", "snoop"); // more of the same client while it waits
        await company.EventuallyAsync(() => company.Part<DirectoryStore>().Held!.Digest != first.Digest);
        Assert.Equal((first.Since, true), (company.Part<DirectoryStore>().Held!.Since, company.Part<DirectoryStore>().Held!.Appear > first.Appear));
        Assert.Equal(409, (await Assert.ThrowsAsync<ApiException>(() => ApproveAsync(company, "officer", read))).Problem.Status);
        Assert.IsType<Settled.Held>(await company.Part<DirectoryStore>().SettleAsync(approved: first.Digest)); // nor when it comes in between
        Assert.Equal(company.Id("boss"), Manager(company, "dora"));
        await ApproveAsync(company, "officer", await company.ReadAsync("officer", new ChangeWanted(Held: true)));
        Assert.Equal((company.Id("other"), company.Id("snoop")), (Manager(company, "dora"), Manager(company, "cleo")));
    }

    [Fact]
    public async Task what_waits_can_be_forgotten()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await HoldAllAsync(company);
        await EditAsync(company, new PersonEdit("dora@test.example", Managers: ["other@test.example"]));
        Assert.NotNull(company.Part<DirectoryStore>().Held);
        (await company.Http.PostAsync("/control/directory/discard", null)).EnsureSuccessStatusCode();
        Assert.Equal((null, 0), (company.Part<DirectoryStore>().Held, company.Part<DirectoryRows>().Wanted().Count));
        Assert.Equal(company.Id("boss"), company.Part<DirectoryRows>().Find(company.Id("dora"))!.Person.Managers[0].Manager);
        Assert.Equal(409, (int)(await company.Http.PostAsync("/control/directory/discard", null)).StatusCode);
        Assert.Equal("unchanged", (await ImportAsync(company, Csv())).State);
    }

    [Fact]
    public async Task small_steps_add_up_within_a_day()
    {
        await using var company = await TestCompany.StartCopyAsync();
        company.HoldAbove = (await ImportAsync(company, Csv(managers: ("dora", "boss@test.example; other@test.example")), dryRun: true)).Appear;
        await company.RestartAsync();
        Assert.Equal("active", (await EditAsync(company, new PersonEdit("dora@test.example", Managers: ["boss@test.example", "other@test.example"]))).State);
        Assert.Equal("held", (await EditAsync(company, new PersonEdit("cleo@test.example", Managers: ["boss@test.example", "snoop@test.example"]))).State);
        company.Clock.Now = company.Clock.Now.AddHours(25);
        Assert.IsType<Settled.Active>(await company.Part<DirectoryStore>().SettleAsync());
    }

    [Fact]
    public async Task what_lets_anybody_see_more_stands_in_the_log_first_and_who_leaves_waits_for_no_log()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.Part<TransparencyLog>().LookAsync();
        company.Channel.Down = true;
        // Emil goes; a sixth for the crew comes, whose figure the manager then sees of him.
        var csv = Csv(without: "emil", lines: "new@test.example,new,Crew,,boss@test.example,Berlin,Europe/Berlin");
        await Assert.ThrowsAsync<LogUnavailableException>(() => company.Part<DirectoryEditor>().ImportAsync(new DirectoryImport(csv, "people.csv", "Etc/UTC", false)));
        Assert.Null(Org(company).ByEmail("new@test.example"));
        Assert.NotNull(Org(company).Person(company.Id("emil"))!.Left);
        company.Channel.Down = false;
        await company.Part<TransparencyLog>().LookAsync();
        await company.Part<DirectoryStore>().SettleAsync();
        Assert.NotNull(Org(company).ByEmail("new@test.example"));
        Assert.True(Changes(company)[^1] is { Joined: 1, Held: false, Appear: > 0 });
    }

    [Fact]
    public async Task a_manager_who_is_to_come_counts_on_the_day_of_the_change()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await HoldAllAsync(company);
        Assert.Equal("held", (await ImportAsync(company, Csv(managers: ("anna", "boss@test.example; other@test.example from 2027-01-01")))).State);
    }

    [Fact]
    public async Task what_was_wanted_when_the_server_fell_is_settled_when_it_starts()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var dora = company.Part<DirectoryRows>().Find(company.Id("dora"))!;
        await company.Part<DirectoryStore>().WantAsync([dora with { Person = dora.Person with { Team = "office" } }], [new Team("late", "Late", "company")], []);
        Assert.Equal("crew", Org(company).Person(company.Id("dora"))!.Team);
        await company.RestartAsync();
        await ScimClient.SettledAsync(company, o => o.Person(company.Id("dora"))!.Team == "office" && o.Team("late") is not null);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task another_node_takes_over_what_was_put_in_force(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        using var other = new DirectoryStore(
            company.Part<DirectoryRows>(), company.Database, company.Part<GroupCommitWriter>(), company.Part<TransparencyLog>(), company.Part<ProgramCatalog>(), company.Part<NoticeStore>(), company.Part<ServerOptions>(), company.Clock);
        Assert.Equal("dora", other.Current.Person(company.Id("dora"))!.Name);
        await EditAsync(company, new PersonEdit("dora@test.example", Name: "Dora D", Team: "office"));
        Assert.Equal("dora", other.Current.Person(company.Id("dora"))!.Name);
        other.Refresh();
        Assert.Equal(("Dora D", "office"), (other.Current.Person(company.Id("dora"))!.Name, other.Current.Person(company.Id("dora"))!.Team));
        await other.WantAsync([StoredPerson.Of(new Person("pnew", "n@test.example", "N", "crew", [], "", "Etc/UTC"))], [], []);
        await other.SettleAsync();
        company.Part<DirectoryStore>().Refresh();
        Assert.NotNull(Org(company).Person("pnew"));
    }

    [Fact]
    public async Task a_leaver_sends_nothing_is_collected_of_no_more_reads_their_own_and_looks_at_nobody()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("boss");
        var program = (await company.BundleAsync("boss", device)).Programs[0];
        UploadedChunk Chunk(string day) => ChunkSealer.Records(program, company.Id("boss"), device, "window", day, [new PayloadRecord(DateTimeOffset.Parse(day + "T08:00:00Z", null), 300, new Dictionary<string, string> { ["app"] = "Editor" })]);
        Assert.Equal("stored", Assert.Single((await company.UploadAsync("boss", device, Chunk("2026-11-02"))).Outcomes).State);
        company.Clock.Now = company.Clock.Now.AddDays(2);
        Assert.Equal(1, (await EditAsync(company, new PersonEdit("boss@test.example", Leaves: true))).Leavers);
        var outcomes = (await company.UploadAsync("boss", device, Chunk("2026-11-03"), Chunk("2026-11-04"), Chunk("2026-11-05"))).Outcomes;
        Assert.Equal(["stored", "refused", "refused"], outcomes.Select(o => o.State));
        Assert.Empty((await company.BundleAsync("boss", device)).Programs);
        await company.SignAskAsync("boss");
        Assert.Equal(2, (await company.As("boss").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow().Count);
        Assert.Equal(403, (await company.As("boss").GetAsync("/api/v1/teams/crew/releases?program=focus-time&measure=focus-minutes", ProtocolJson.Default.IReadOnlyListReleaseCell, default)).Problem!.Status);
        Assert.Equal(403, (await company.As("boss").GetAsync($"/api/v1/people/{company.Id("anna")}/records?program=focus-time&from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
    }

    [Fact]
    public async Task who_gets_a_leavers_address_is_somebody_else()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await ImportAsync(company, Csv(without: "emil"));
        company.Clock.Now = company.Clock.Now.AddDays(30);
        Assert.Equal("active", (await ImportAsync(company, Csv())).State);
        var emil = Org(company).ByEmail("emil@test.example")!;
        Assert.NotEqual(company.Id("emil"), emil.Id);
        Assert.NotNull(Org(company).Person(company.Id("emil"))!.Left);
        Assert.Equal(emil.Id, company.Server.Founding().KnownPeople["emil@test.example"]);
        Assert.Equal([emil.Id], await (await ScimClient.OfAsync(company)).FindAsync("/Users", """userName eq "emil@test.example" """));
    }

    [Fact]
    public void a_movers_weeks_count_where_all_of_the_week_was_spent()
    {
        Person[] people = [new("mia", "m", "Mia", "red", [], "", ""), new("wim", "w", "Wim", "blue", [], "", ""), new("dora", "d", "Dora", "red", [new("mia", DateOnly.MinValue, DateOnly.MaxValue)], "", "")];
        Team[] teams = [new("company", "", ""), new("red", "", "company"), new("blue", "", "company")];
        var moved = new DateOnly(2026, 11, 18); // a Wednesday
        var before = new OrgSnapshot(people, teams, moved);
        var org = DirectoryPlan.Of(before, [people[0], people[1], people[2] with { Team = "blue", Managers = ManagerLink.To("wim") }], teams, moved).Apply(before);
        bool Counts(string team, int week) => org.Roster(new ReleaseWeek(2026, week).First, new ReleaseWeek(2026, week).Last).Any(s => org.IdOf(s.Person) == "dora" && s.Team == team && s is { Leads: false, Stayed: true });
        Assert.Equal([(true, false), (false, false), (false, true)], new[] { 46, 47, 48 }.Select(w => (Counts("red", w), Counts("blue", w))));
        Assert.True(org.Manages(org.Find("wim"), org.Find("dora"), out var since) && since == moved); // the gate refuses days before it
    }

    private static OrgSnapshot Org(TestCompany company) => company.Part<DirectoryStore>().Current;

    private static string? Manager(TestCompany company, string name) => Org(company).Person(company.Id(name))!.Managers is [var first, ..] ? first.Manager : null;

    private static List<DirectoryChanged> Changes(TestCompany company) => [.. company.Part<LogStore>().Entries(0, 1000).Select(e => LogEntry.TryRead(e)?.Event).OfType<DirectoryChanged>()];

    private static Task HoldAllAsync(TestCompany company)
    {
        company.HoldAbove = 0;
        return company.RestartAsync();
    }

    private static Task LeadAsync(ScimClient scim, TestCompany company, string person, string manager) =>
        scim.DoAsync("PATCH", "/Users/" + company.Id(person), $$"""{"Operations":[{"op":"replace","path":"manager","value":"{{company.Id(manager)}}"}]}""");

    private static Task<ulong> ApproveAsync(TestCompany company, string name, ExposureRead read) =>
        company.SubmitAsync(name, new DirectoryApproved(SignedStatement.Sign(new ApproveDirectory(company.Root.Fingerprint, company.Clock.Now, read), company.KeyOf(name))));

    private static async Task<DirectoryOutcome> ImportAsync(TestCompany company, string csv, bool dryRun = false) =>
        await OutcomeAsync(await company.Http.PostAsJsonAsync("/control/directory/import", new DirectoryImport(csv, "people.csv", "Europe/Berlin", dryRun), ProtocolJson.Default.DirectoryImport));

    private static async Task<DirectoryOutcome> EditAsync(TestCompany company, PersonEdit edit) => await OutcomeAsync(await company.Http.PostAsJsonAsync("/control/directory/people", edit, ProtocolJson.Default.PersonEdit));

    private static async Task<DirectoryOutcome> OutcomeAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.DirectoryOutcome))!;
    }

    private static async Task<string> RefusedAsync(TestCompany company, string csv)
    {
        using var response = await company.Http.PostAsJsonAsync("/control/directory/import", new DirectoryImport(csv, "people.csv", "Europe/Berlin", false), ProtocolJson.Default.DirectoryImport);
        Assert.Equal(400, (int)response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>The company as it is, with what a test changes.</summary>
    private static string Csv(string without = "", (string Name, string Managers) managers = default, string lines = "") => string.Join('\n',
    [
        "email,name,team,department,manager,site,zone",
        .. Office.Concat(["boss", "anna", "ben", "cleo", "dora", "emil"]).Where(n => n != without).Select(n =>
            $"{n}@test.example,{n},{(Office.Contains(n) ? "Office" : "Crew")},,{(n == managers.Name ? managers.Managers : Office.Contains(n) || n == "boss" ? "-" : "boss@test.example")},Berlin,Europe/Berlin"),
        lines,
    ]);
}
