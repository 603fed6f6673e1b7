using System.Net.Sockets;
using System.Text;
using Daylight.Agent;
using Daylight.Agent.Timesheets;
using Daylight.Core.Directory;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Tests.Company;

namespace Daylight.Tests.Agent;

/// <summary>What is handed in, and what is paused, through server, log and keyholder.</summary>
public sealed class HandInTests
{
    private const string Time = "time-tracking";

    private const string Sheets = """
        program: time-tracking
        version: 1
        explain: You note your hours and projects yourself and hand them in; you and your manager see what you handed in.
        purpose: time-recording
        lawful-basis: legal-obligation
        necessity: Working time has to be recorded by law.
        owner: role:program-owner
        covers: everyone
        from: 2026-11-02
        until: 2027-05-31
        hours: always
        collect:
          timesheet: { project: keep, hours: round 0.25, note: keep }
        measures:
          project-hours: { from: timesheet, sum: hours, per: week, clamp: 0..60, unit: h }
        keep: { submissions: 1y, contributions: 35d, releases: 1y, looks: 2y }
        show:
          - { to: self, what: submissions, fields: [project, hours, note] }
          - { to: manager, what: submissions, fields: [project, hours, note], tell: at once }
          - { to: role:analyst, what: project-hours, by: department, per: 4 weeks, minimum-group: 8, round: 2 }
        consent: none, because working time has to be recorded by law
        ai-training: never
        review: { every: 6 months, by: [privacy-officer, works-council] }
        """;

    [Fact]
    public async Task what_happened_while_the_company_paused_a_program_is_never_readable()
    {
        await using var company = await TestCompany.StartAsync();
        var port = Ports.Free();
        await using var agent = await company.StartAgentAsync("anna", port);
        Assert.True((await agent.FlushAsync(default)).Ok);
        company.Clock.Now = company.Clock.Now.AddMinutes(5); // 09:05
        var pause = await company.SubmitAsync("officer", new ProgramPaused(TestCompany.Program, "a leak", company.Clock.Now));
        company.Clock.Now = company.Clock.Now.AddMinutes(35); // 09:40
        using (var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") })
        {
            await PostAsync(http, "/api/0/buckets/aw-watcher-window_x", """{"client":"t","type":"currentwindow","hostname":"x"}""");
            await PostAsync(http, "/api/0/buckets/aw-watcher-window_x/events", """{"timestamp":"2026-11-02T09:10:00Z","duration":1200,"data":{"app":"Code","title":"t"}}""");
        }

        company.Clock.Now = company.Clock.Now.AddMinutes(10); // 09:50
        await company.ResumeAsync(pause);
        company.Clock.Now = company.Clock.Now.AddMinutes(10);
        Assert.True((await agent.FlushAsync(default)).Ok);
        await company.SignAskAsync("anna");
        Assert.Empty((await company.As("anna").GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow());
    }

    [Fact]
    public async Task a_manager_reads_the_hours_that_were_handed_in_though_the_person_paused_over_lunch()
    {
        await using var company = await TestCompany.StartAsync();
        await company.ActivateAsync(Sheets);
        await using var agent = await company.StartAgentAsync("anna", Ports.Free());
        Assert.True((await agent.FlushAsync(default)).Ok);
        company.Clock.Now = new DateTimeOffset(2026, 11, 2, 10, 30, 0, TimeSpan.Zero); // half past eleven in Berlin
        Assert.Null(await agent.Parts.PauseAsync(null, company.Clock.Now.AddHours(1), string.Empty));
        company.Clock.Now = new DateTimeOffset(2026, 11, 2, 17, 0, 0, TimeSpan.Zero);
        await agent.Parts.Timesheets.AddAsync(new DateOnly(2026, 11, 2), "Apollo", 480, string.Empty);
        Assert.True((await agent.Parts.Timesheets.HandInAsync(Time, ReleaseWeek.Of(new DateOnly(2026, 11, 2)), [company.Id("boss")], default)).Ok);
        Assert.Equal("8", Assert.Single(await ReadAsync(company, "boss", "2026-11-02", "2026-11-02")).Data["hours"]);
    }

    [Fact]
    public async Task what_was_handed_in_last_counts_though_the_clock_was_set_right_in_between()
    {
        await using var company = await TestCompany.StartAsync();
        await company.ActivateAsync(Sheets);
        var clock = new TestClock(company.Clock.Now.AddMinutes(4)); // four minutes fast
        await using var agent = await StartAsync(company, clock, null);
        Assert.True((await agent.FlushAsync(default)).Ok);
        await agent.Parts.Timesheets.AddAsync(new DateOnly(2026, 11, 2), "Apollo", 480, string.Empty);
        Assert.True((await agent.Parts.Timesheets.HandInAsync(Time, ReleaseWeek.Of(new DateOnly(2026, 11, 2)), [company.Id("boss")], default)).Ok);
        company.Clock.Now = company.Clock.Now.AddMinutes(1);
        clock.Now = company.Clock.Now;
        var entry = Assert.Single(agent.Parts.Timesheets.Entries(new DateOnly(2026, 11, 2), new DateOnly(2026, 11, 2)));
        await agent.Parts.Timesheets.ChangeAsync(entry.Id, "Apollo", 240, string.Empty);
        Assert.True((await agent.Parts.Timesheets.HandInAsync(Time, ReleaseWeek.Of(new DateOnly(2026, 11, 2)), [company.Id("boss")], default)).Ok);
        Assert.Equal("4", Assert.Single(await ReadAsync(company, "boss", "2026-11-02", "2026-11-02")).Data["hours"]);
    }

    [Fact]
    public async Task what_counts_as_handed_in_is_what_was_sealed()
    {
        await using var company = await TestCompany.StartAsync();
        await company.ActivateAsync(Sheets);
        Func<Task>? meanwhile = null;
        await using var agent = await StartAsync(company, company.Clock, () => meanwhile?.Invoke() ?? Task.CompletedTask);
        Assert.True((await agent.FlushAsync(default)).Ok);
        var (day, week) = (new DateOnly(2026, 11, 2), ReleaseWeek.Of(new DateOnly(2026, 11, 2)));
        await agent.Parts.Timesheets.AddAsync(day, "Apollo", 480, string.Empty);
        var id = agent.Parts.Timesheets.Entries(day, day)[0].Id;
        meanwhile = () => agent.Parts.Timesheets.ChangeAsync(id, "Apollo", 240, string.Empty); // in another tab, while the server is slow
        Assert.True((await agent.Parts.Timesheets.HandInAsync(Time, week, [company.Id("boss")], default)).Ok);
        meanwhile = null;
        Assert.Equal("8", Assert.Single(await ReadAsync(company, "boss", "2026-11-02", "2026-11-02")).Data["hours"]);
        Assert.True(agent.Parts.Timesheets.Week(Time, week).Single(d => d.Day == day).Differs); // the page must say so
    }

    [Fact]
    public async Task days_before_a_new_manager_came_reach_nobody_and_the_page_says_so()
    {
        await using var company = await TestCompany.StartAsync();
        await company.ActivateAsync(Sheets);
        await using var agent = await company.StartAgentAsync("anna", Ports.Free());
        var week = ReleaseWeek.Of(new DateOnly(2026, 11, 2));
        await agent.Parts.Timesheets.AddAsync(new DateOnly(2026, 11, 2), "Apollo", 480, string.Empty);
        await agent.Parts.Timesheets.AddAsync(new DateOnly(2026, 11, 4), "Apollo", 240, string.Empty);
        company.Clock.Now = company.Clock.Now.AddDays(2);
        await LedByBenAsync(company);
        company.Clock.Now = company.Clock.Now.AddDays(2);
        Assert.True((await agent.FlushAsync(default)).Ok);
        var readers = agent.Parts.Timesheets.Readers(Time, week);
        Assert.Equal("ben, your manager as the directory says (days since 2026-11-04)", Assert.Single(readers.Names));
        Assert.Equal([new DateOnly(2026, 11, 2), new DateOnly(2026, 11, 3)], readers.Unseen);
        Assert.True((await agent.Parts.Timesheets.HandInAsync(Time, week, readers.Managers, default)).Ok);
        Assert.Equal("2026-11-04 4", string.Join(", ", (await ReadAsync(company, "ben", "2026-11-04", "2026-11-06")).Select(r => $"{r.Start.UtcDateTime:yyyy-MM-dd} {r.Data["hours"]}")));
    }

    [Fact]
    public async Task a_sheet_whose_parcel_was_deleted_before_it_went_is_not_shown_as_handed_in()
    {
        await using var company = await TestCompany.StartAsync();
        await company.ActivateAsync(Sheets);
        var down = false;
        await using var agent = await StartAsync(company, company.Clock, null, path => down && path.EndsWith("/chunks", StringComparison.Ordinal));
        Assert.True((await agent.FlushAsync(default)).Ok);
        var (day, week) = (new DateOnly(2026, 11, 2), ReleaseWeek.Of(new DateOnly(2026, 11, 2)));
        await agent.Parts.Timesheets.AddAsync(day, "Apollo", 480, string.Empty);
        down = true;
        Assert.False((await agent.Parts.Timesheets.HandInAsync(Time, week, [company.Id("boss")], default)).Ok);
        await agent.Parts.Sender.Sealing.WithdrawAsync(Assert.Single(agent.Parts.Sender.Sealing.Items(), i => i.Kind == "submissions").Id); // "Delete" beside the parcel
        Assert.True(agent.Parts.Timesheets.Week(Time, week).Single(d => d.Day == day).Differs);

        // Handed in twice while the server is away: the second one still goes when the first is deleted.
        Assert.False((await agent.Parts.Timesheets.HandInAsync(Time, week, [company.Id("boss")], default)).Ok);
        var first = Assert.Single(agent.Parts.Sender.Sealing.Items(), i => i.Kind == "submissions").Id;
        await agent.Parts.Timesheets.ChangeAsync(agent.Parts.Timesheets.Entries(day, day)[0].Id, "Apollo", 240, string.Empty);
        company.Clock.Now = company.Clock.Now.AddMinutes(1);
        Assert.False((await agent.Parts.Timesheets.HandInAsync(Time, week, [company.Id("boss")], default)).Ok);
        await agent.Parts.Sender.Sealing.WithdrawAsync(first);
        Assert.False(agent.Parts.Timesheets.Week(Time, week).Single(d => d.Day == day).Differs);
        down = false;
        await agent.FlushAsync(default);
        Assert.Equal("4", Assert.Single(await ReadAsync(company, "boss", "2026-11-02", "2026-11-02")).Data["hours"]);
    }

    [Fact]
    public async Task a_sheet_goes_to_those_whom_the_page_named()
    {
        await using var company = await TestCompany.StartAsync();
        await company.ActivateAsync(Sheets);
        await using var agent = await company.StartAgentAsync("anna", Ports.Free());
        company.Clock.Now = company.Clock.Now.AddDays(2);
        Assert.True((await agent.FlushAsync(default)).Ok);
        await agent.Parts.Timesheets.AddAsync(new DateOnly(2026, 11, 4), "Apollo", 480, string.Empty);
        Assert.Equal(["boss, your manager as the directory says"], agent.Parts.Timesheets.Readers(Time, ReleaseWeek.Of(new DateOnly(2026, 11, 2))).Names); // what the person reads above the button
        await LedByBenAsync(company);
        await Assert.ThrowsAsync<Daylight.Agent.Trust.UnverifiableException>(() => agent.Parts.Timesheets.HandInAsync(Time, ReleaseWeek.Of(new DateOnly(2026, 11, 2)), [company.Id("boss")], default));
        Assert.Empty(await ReadAsync(company, "ben", "2026-11-04", "2026-11-04"));
    }

    private static async Task LedByBenAsync(TestCompany company)
    {
        List<Person> people = [.. company.People.Select(p => p.Name == "anna" ? p with { Managers = ManagerLink.To(company.Id("ben")) } : p)];
        await company.Server.Founding().SetDirectoryAsync(people, [new Team("company", "Company", ""), new Team("crew", "Crew", "company"), new Team("office", "Office", "company")]);
    }

    private static async Task<IReadOnlyList<ShownRecord>> ReadAsync(TestCompany company, string who, string from, string to)
    {
        var (f, t) = (DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), DateOnly.Parse(to, System.Globalization.CultureInfo.InvariantCulture));
        var ask = await company.SignAskAsync(who, new AskWanted(company.KeyOf(who).Credential.Id.Value, company.Id("anna"), [Time], ["submissions"], f, t, "manager/submissions"));
        return (await company.As(who).GetAsync($"/api/v1/people/{company.Id("anna")}/submissions?program={Time}&from={from}&to={to}", ProtocolJson.Default.IReadOnlyListShownRecord, default, ask)).OrThrow();
    }

    private static async Task<AgentHost> StartAsync(TestCompany company, TimeProvider clock, Func<Task>? before, Func<string, bool>? fails = null)
    {
        var data = Path.Combine(company.Folder, "agent-own");
        await new Daylight.Agent.Trust.Enrollment(data).EnrollAsync(company.Http, "http://daylight", company.DeviceCode("anna"), new Daylight.Agent.Trust.RootProof.Known(company.Root.Fingerprint), company.Clock, CancellationToken.None);
        var socket = ServerOptions.ControlSocketOf(Path.Combine(company.Folder, "server"));
        var handler = new Hook(before, fails)
        {
            InnerHandler = new SocketsHttpHandler
            {
                UseCookies = false,
                ConnectCallback = async (_, cancel) =>
                {
                    var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                    return new NetworkStream(connection, ownsSocket: true);
                },
            },
        };
        return await AgentHost.StartAsync(
            new AgentOptions { Data = data, Port = Ports.Free(), UploadEvery = TimeSpan.FromSeconds(5), RunInBackground = false }, new HttpClient(handler) { BaseAddress = new Uri("http://daylight") }, clock, CancellationToken.None);
    }

    private static async Task PostAsync(HttpClient http, string path, string json) => Assert.True((await http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"))).IsSuccessStatusCode);

    private sealed class Hook(Func<Task>? before, Func<string, bool>? fails) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (before is not null && request.RequestUri!.AbsolutePath.EndsWith("/bundle", StringComparison.Ordinal))
            {
                await before();
            }

            return fails?.Invoke(request.RequestUri!.AbsolutePath) == true ? throw new HttpRequestException("down") : await base.SendAsync(request, cancellationToken);
        }
    }
}
