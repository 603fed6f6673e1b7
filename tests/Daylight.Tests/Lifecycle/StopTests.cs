using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Lifecycle;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Lifecycle;

public sealed class StopTests
{
    [Fact]
    public async Task one_entry_stops_every_program_and_the_page_shows_how_far_it_has_come()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.Charter("second"));
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs.First(p => p.Charter.Program == "focus-time");
        await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"));
        await using var agent = await company.StartAgentAsync("ben", Agent.Ports.Free(), background: true);
        await company.EventuallyAsync(() => Spread(company).Waiting == 1);

        var pause = await company.SubmitAsync("council", new ProgramPaused(PauseProgram.Everything, "a suspected leak", company.Clock.Now));
        Assert.All((await company.BundleAsync("anna", device)).Programs, p => Assert.True(p.Paused));
        await company.EventuallyAsync(() => agent.Parts.Sender.Bundle!.Programs.All(p => p.Paused)); // within its next contact, which is at once
        await company.EventuallyAsync(() => Spread(company).Confirmed() == 1);
        var stop = (await company.As("ben").GetAsync("/api/v1/programs/second/stop", ProtocolJson.Default.StopView, default)).OrThrow();
        Assert.Equal((pause, "a suspected leak", true, 2, 1L), (stop.Pause, stop.Reason, stop.Keyholder, stop.Machines, stop.Confirmed));
        var first = (await company.As("ben").GetAsync("/api/v1/programs/focus-time/stop", ProtocolJson.Default.StopView, default)).OrThrow();
        Assert.Equal(company.Clock.Now, first.LastReceived);
        using var byHand = await company.Http.PostAsync(new Uri("/control/jobs", UriKind.Relative), null);
        Assert.Equal(409, (int)byHand.StatusCode);
        Assert.Contains("nothing is purged by hand", await byHand.Content.ReadAsStringAsync());
        Assert.Equal(423, (await Assert.ThrowsAsync<ApiException>(() => company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02")))).Problem.Status);
        Assert.Equal(409, (await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("council", new ProgramPaused("second", "again", company.Clock.Now)))).Problem.Status);
        Assert.Equal(403, (await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("anna", new ProgramPaused("second", "me too", company.Clock.Now)))).Problem.Status);
    }

    [Fact]
    public async Task a_pause_from_the_console_is_told_once_to_those_who_answer_for_it()
    {
        await using var company = await TestCompany.StartCopyAsync();
        using var body = new StringContent("""{"reason": "a suspected leak"}""", System.Text.Encoding.UTF8, "application/json");
        using var paused = await company.Http.PostAsync(new Uri("/control/programs/focus-time/pause", UriKind.Relative), body);
        Assert.True(paused.IsSuccessStatusCode, await paused.Content.ReadAsStringAsync());
        await company.Server.RunJobsAsync(default); // they were told before; not twice
        foreach (var (name, told) in new[] { ("officer", 1), ("council", 1), ("owner", 1), ("anna", 0) })
        {
            var notices = (await company.As(name).GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow().Where(n => n.Kind == "paused").ToList();
            Assert.Equal(told, notices.Count);
            Assert.All(notices, n => Assert.Contains("focus-time. Why: a suspected leak.", n.Text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task a_resumed_program_is_known_to_a_connected_machine_too()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await using var agent = await company.StartAgentAsync("ben", Agent.Ports.Free(), background: true);
        await company.EventuallyAsync(() => Spread(company).Waiting == 1);
        var pause = await company.SubmitAsync("officer", new ProgramPaused("focus-time", "a leak", company.Clock.Now));
        await company.EventuallyAsync(() => agent.Parts.Sender.Bundle!.Programs.All(p => p.Paused));
        company.Clock.Now += TimeSpan.FromMinutes(2);
        await company.ResumeAsync(pause);
        await company.EventuallyAsync(() => agent.Parts.Sender.Bundle!.Programs.All(p => !p.Paused));
    }

    [Fact]
    public async Task a_no_that_is_said_elsewhere_reaches_a_connected_machine_at_once_and_no_other()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        await company.AgreeAsync("ben", "lent");
        await using var agent = await company.StartAgentAsync("ben", Agent.Ports.Free(), background: true);
        bool Collects() => agent.Parts.Sender.Bundle?.Programs.Any(p => p.Charter.Program == "lent") == true;
        await company.EventuallyAsync(() => Collects() && Spread(company).Waiting == 1);
        await company.AgreeAsync("anna", "lent");
        Assert.Equal(1, Spread(company).Waiting); // whose word it was not, it still waits
        await company.WithdrawAsync("ben", "lent");
        await company.EventuallyAsync(() => !Collects());
        company.Clock.Now += TimeSpan.FromMinutes(1);
        await company.AgreeAsync("ben", "lent");
        await company.EventuallyAsync(Collects);
    }

    [Fact]
    public async Task the_review_names_the_roles_of_the_charter_and_is_published_to_everybody_with_proofs()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.GrantAsync("ben", "security");
        await company.ActivateAsync(Life.Charter("watched", ("by: [privacy-officer]", "by: [privacy-officer, works-council, security]")));
        var (root, now) = (company.Root.Fingerprint, company.Clock.Now);
        var pause = await company.SubmitAsync("ben", new ProgramPaused("watched", "a leak", now));
        var review = await company.SubmitAsync("ben", new ReviewOpened("watched", company.Active("watched"), new DateOnly(2026, 12, 2), pause));
        ProgramResumed Resume() => new(company.Sign("owner", new ResumeProgram(root, now, "watched", pause, review, "program-owner")));
        ReviewSigned SignOff(string name, string role) => new(company.Sign(name, new SignReview(root, now, "watched", review, TestCompany.Report.Digest(), role)));
        Assert.Contains("no report", await company.RefusedAsync("owner", Resume()));
        await company.SubmitAsync("ben", new ReviewReported(company.Sign("ben", new ReportReview(root, now, "watched", review, TestCompany.Report.Digest(), "security")), TestCompany.Report));
        await company.SubmitAsync("officer", SignOff("officer", "privacy-officer"));
        await company.SubmitAsync("council", SignOff("council", "works-council"));
        Assert.Contains("not signed off by security", await company.RefusedAsync("owner", Resume()));
        Assert.Contains("signed off by privacy-officer, works-council, security", await company.RefusedAsync("snoop", SignOff("snoop", "investigator")));
        Assert.Equal(["security"], (await company.As("anna").GetAsync($"/api/v1/reviews/{review}", ProtocolJson.Default.ReviewView, default)).OrThrow().Missing);

        // A server that let it through all the same would change nothing: the keyholder reads charters too.
        await company.Part<Daylight.Server.Features.Log.TransparencyLog>().AppendAsync(Resume());
        var device = await company.EnrollDeviceAsync("anna");
        Assert.True(Assert.Single((await company.BundleAsync("anna", device)).Programs, p => p.Charter.Program == "watched").Paused);

        var shown = (await company.As("anna").GetAsync($"/api/v1/reviews/{review}", ProtocolJson.Default.ReviewView, default)).OrThrow();
        Assert.Equal(("closed", TestCompany.Report.Summary, "a leak"), (shown.State, shown.Report!.Summary, shown.Why));
        Assert.Equal(["the pause", "the opening of the review", "the report", "the sign-off as privacy-officer", "the sign-off as works-council", "its end"], shown.Evidence!.Select(e => e.What));
        await company.Server.RunJobsAsync(default);
        Assert.Contains((await company.As("anna").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow(), n => n.Kind == "review" && n.Text.Contains("goes on after its review", StringComparison.Ordinal));
    }

    [Fact]
    public async Task reviews_that_charters_ask_for_open_by_themselves_and_are_closed_by_an_approver()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.Server.RunJobsAsync(default);
        Assert.Empty(company.Logged<ReviewOpened>());
        company.Clock.Now = new DateTimeOffset(2027, 1, 5, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        await company.Server.RunJobsAsync(default);
        var opened = Assert.Single(company.Logged<ReviewOpened>());
        Assert.Equal((new DateOnly(2027, 2, 2), null), (opened.Due, opened.Pause));
        var review = Assert.Single((await company.As("anna").GetAsync("/api/v1/reviews", ProtocolJson.Default.IReadOnlyListReviewView, default)).OrThrow());
        await company.SubmitAsync("officer", new ReviewClosed(company.Sign("officer", new CloseReview(company.Root.Fingerprint, company.Clock.Now, "focus-time", review.Entry, "privacy-officer", "continue", "still needed"))));
        await company.Server.RunJobsAsync(default);
        Assert.Single(company.Logged<ReviewOpened>());
    }

    [Fact]
    public async Task a_program_that_is_ended_takes_nothing_of_that_day_or_later_and_everybody_is_told_why()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        var former = company.Active("focus-time");
        company.Clock.Now = new DateTimeOffset(2026, 11, 4, 9, 0, 0, TimeSpan.Zero);
        await company.SubmitAsync("council", new CharterEnded(company.Sign("council", new EndCharter(company.Root.Fingerprint, company.Clock.Now, "focus-time", former, "works-council", "It is not needed."))));
        var told = (await company.As("ben").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow();
        Assert.Contains(told, n => n.Text.Contains("focus-time has ended before its last day: It is not needed.", StringComparison.Ordinal));
        Assert.Equal("ended", Assert.Single((await company.As("ben").GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, default)).OrThrow()).State);
        Assert.Empty((await company.BundleAsync("anna", device)).Programs);

        // A machine that was away brings what it collected while it did not know: only what is of the days before is taken.
        await company.ActivateAsync(Life.Charter("focus-time", ("version: 1", "version: 2")));
        var outcomes = (await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-03"), company.Day("anna", device, program, "2026-11-04"))).Outcomes;
        Assert.Equal(["stored", "refused"], outcomes.Select(o => o.State));
        Assert.Contains("had ended by that day", outcomes[1].Reason);
    }

    private static StopSpread Spread(TestCompany company) => company.Part<StopSpread>();
}
