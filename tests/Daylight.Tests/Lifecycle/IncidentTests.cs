using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Lifecycle;

public sealed class IncidentTests
{
    [Fact]
    public async Task an_incident_holds_what_was_reachable_by_whom_who_did_look_and_the_clock()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.SendDayAsync("anna");
        var digest = await company.HoldAsync("anna", new DateOnly(2026, 12, 1), tell: new DateOnly(2026, 11, 20));
        Assert.Single((await company.LookUnderAsync(digest, "anna")).OrThrow());
        var since = company.Clock.Now.AddHours(-1);
        var made = (await company.As("officer").PostAsync("/api/v1/incidents/facts", new IncidentAsked(since, ["focus-time"]), ProtocolJson.Default.IncidentAsked, ProtocolJson.Default.IncidentFactsMade, default)).OrThrow();
        Assert.Equal(1, made.Did); // how many; by whom at whom is shown once the incident stands in the log
        Assert.Equal([new WhoseData("focus-time", 11, UpTo: true)], made.Whose);
        Assert.Contains(made.Could, c => c.Rule == Life.Investigation && c.Viewers == 1);

        (await company.As("officer").PostAsync("/api/v1/incidents/facts", new IncidentAsked(since.AddDays(-1), ["focus-time"]), ProtocolJson.Default.IncidentAsked, ProtocolJson.Default.IncidentFactsMade, default)).OrThrow();
        Assert.Equal(2, company.Count("SELECT COUNT(*) FROM incident_facts"));
        var statement = new OpenIncident(company.Root.Fingerprint, company.Clock.Now, "ab12", "a backup was readable", since, company.Clock.Now, ["focus-time"], made.Digest, "privacy-officer");
        Assert.Contains("kept by privacy-officer and security", await company.RefusedAsync("boss", new IncidentOpened(company.Sign("boss", statement))));
        await company.SubmitAsync("officer", new IncidentOpened(company.Sign("officer", statement)));
        Assert.Equal("open", Assert.Single(await ListAsync(company)).State);
        company.Clock.Now += TimeSpan.FromHours(49);
        await company.Server.RunJobsAsync(default);
        company.Clock.Now += TimeSpan.FromHours(24);
        await company.Server.RunJobsAsync(default);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(["incident", "incident-due", "incident-overdue"], (await company.As("officer").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow().Select(n => n.Kind).Where(k => k.StartsWith("incident", StringComparison.Ordinal)).Order());
        Assert.Equal("overdue", Assert.Single(await ListAsync(company)).State);
        IncidentNoted Step(string step) => new(company.Sign("officer", new NoteIncident(company.Root.Fingerprint, company.Clock.Now, "ab12", step, "done", "privacy-officer")));
        Assert.Contains("before it ends", await company.RefusedAsync("officer", Step("closed")));
        await company.SubmitAsync("officer", Step("authority-told"));
        Assert.Equal("settled", Assert.Single(await ListAsync(company)).State);
        await company.SubmitAsync("officer", Step("closed"));
        var found = (await company.As("officer").GetAsync("/api/v1/incidents/ab12", ProtocolJson.Default.IncidentView, default)).OrThrow();
        Assert.Equal(["snoop somebody who is told by 2026-12-02"], found.Facts!.Did.Select(d => $"{d.Viewer} {d.Subject}"));
        await company.Server.RunJobsAsync(default);
        Assert.Equal(1, company.Count("SELECT COUNT(*) FROM incident_facts")); // what was computed for an incident that nobody opened is gone
        Assert.Equal(("closed", 2, 1), (found.State, found.Steps.Count, found.Facts!.Did.Count));
        foreach (var name in (string[])["anna", "boss", "owner", "council", "snoop"])
        {
            Assert.Equal(403, (await company.As(name).GetAsync("/api/v1/incidents", ProtocolJson.Default.IReadOnlyListIncidentView, default)).Problem!.Status);
        }
    }

    [Fact]
    public async Task who_could_look_is_asked_of_the_days_that_it_is_about_and_not_of_today()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.Server.RunJobsAsync(default);
        company.Clock.Now += TimeSpan.FromDays(1);
        await company.SubmitAsync("snoop", new RoleRevoked(company.Sign("snoop", new RevokeRole(company.Root.Fingerprint, company.Clock.Now, company.Id("snoop"), "investigator", "another job"))));
        await company.GrantAsync("ben", "investigator");
        await company.SubmitAsync("ben", new RoleRevoked(company.Sign("ben", new RevokeRole(company.Root.Fingerprint, company.Clock.Now.AddMinutes(1), company.Id("ben"), "investigator", "a mistake")))); // for a moment counts too
        company.Clock.Now += TimeSpan.FromDays(1);
        await company.Server.RunJobsAsync(default);
        async Task<(DateOnly?, int)> CouldAsync(int day)
        {
            var asked = new IncidentAsked(new DateTimeOffset(2026, 11, day, 9, 0, 0, TimeSpan.Zero), ["focus-time"]);
            var made = (await company.As("officer").PostAsync("/api/v1/incidents/facts", asked, ProtocolJson.Default.IncidentAsked, ProtocolJson.Default.IncidentFactsMade, default)).OrThrow();
            return (made.From, made.Could.Where(c => c.Rule == Life.Investigation).Sum(c => c.Viewers));
        }

        Assert.Equal([(new DateOnly(2026, 11, 2), 1), (new DateOnly(2026, 11, 3), 1), (new DateOnly(2026, 11, 4), 0)], [await CouldAsync(1), await CouldAsync(3), await CouldAsync(4)]);
    }

    private static async Task<IReadOnlyList<IncidentView>> ListAsync(TestCompany company) =>
        (await company.As("officer").GetAsync("/api/v1/incidents", ProtocolJson.Default.IReadOnlyListIncidentView, default)).OrThrow();
}
