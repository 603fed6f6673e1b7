using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Agent.Collecting;
using Daylight.Agent.Sending;
using Daylight.Agent.Store;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Daylight.Tests.Core;
using Dapper;

namespace Daylight.Tests.Agent;

/// <summary>Pauses by the company, charters, zones and clocks that change behind an agent's back: days are computed again, and nobody is collected from who was not told.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task what_was_minimised_in_a_company_pause_before_this_machine_heard_of_it_is_not_sent()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus); // active as of 08:00
        agent.Set("2026-12-02 12:10");
        await agent.WindowAsync("2026-12-02 12:00", 5); // the company paused at 11:00, which nobody told this machine
        await agent.FillAsync(); // the agent minimises every five minutes
        agent.Set("2026-12-02 18:00");
        var bundle = agent.Bundle(TestAgent.Focus);
        await agent.TakeAsync(bundle with { Covering = [bundle.Programs[0] with { Resumed = TestAgent.At("2026-12-02 17:00") }] });
        await agent.FillAsync();
        Assert.Equal(string.Empty, await agent.WaitingAsync());
    }

    [Fact]
    public async Task a_day_value_computed_before_this_machine_heard_of_a_company_pause_is_computed_again()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-02 12:10");
        await agent.WindowAsync("2026-12-02 12:00", 5);
        agent.Set("2026-12-03 00:10");
        await agent.FillAsync(); // local midnight: no server is needed
        agent.Set("2026-12-03 09:00");
        var bundle = agent.Bundle(TestAgent.Focus);
        await agent.TakeAsync(bundle with { Covering = [bundle.Programs[0] with { Resumed = TestAgent.At("2026-12-02 17:00") }] });
        await agent.FillAsync();
        Assert.DoesNotContain("focus-minutes=5", agent.Days());
    }

    [Fact]
    public async Task a_person_who_is_covered_again_is_told_first_although_the_charter_was_shown_at_enrollment()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        var (enrolled, shown) = (agent.Clock.Now, new[] { Daylight.Sealing.Authority.CharterHash(TestAgent.Focus) });
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-03 10:00");
        await agent.Parts.Outbox.TakeAsync(agent.Bundle(), shown, enrolled); // moved to a team that is not covered
        agent.Set("2026-12-16 10:00");
        await agent.WindowAsync("2026-12-16 09:00", 5); // not covered then
        await agent.Parts.Outbox.TakeAsync(agent.Bundle(TestAgent.Focus), shown, enrolled); // and back, a Wednesday
        await agent.FillAsync();
        Assert.Equal(string.Empty, await agent.WaitingAsync());
        Assert.Equal("2026-12-17", Assert.Single(agent.Parts.Book.Coming(agent.Parts.Person.Today)).Since.ToString("O", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task what_widens_never_begins_today_though_the_directory_names_a_zone_further_west()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-01 10:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-02 05:00"); // Wednesday morning in Berlin, Tuesday evening in Los Angeles
        agent.Local = new LocalTime(TimeZoneInfo.FindSystemTimeZoneById("America/Los_Angeles"));
        var wider = TestAgent.Focus.Replace("round 5m", "round 1m", StringComparison.Ordinal).Replace("version: 1", "version: 2", StringComparison.Ordinal);
        await agent.LearnAsync(wider);
        Assert.Equal("Europe/Berlin", agent.Parts.Person.Local.Zone.Id); // the other zone applies from tomorrow on
        Assert.Equal(Daylight.Sealing.Authority.CharterHash(TestAgent.Focus), agent.Parts.Book.On("trial", agent.Parts.Person.Today)!.Hash);
    }

    [Fact]
    public async Task what_is_over_stops_at_once_though_the_directory_names_a_zone_further_east()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-01 10:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-02 16:00"); // Wednesday afternoon in Berlin, Thursday in Tokyo
        agent.Local = new LocalTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"));
        await agent.LearnAsync(); // the program is over
        agent.Set("2026-12-02 17:00");
        await agent.WindowAsync("2026-12-02 16:30", 5);
        await agent.FillAsync();
        Assert.Equal(string.Empty, await agent.WaitingAsync());
    }

    [Fact]
    public async Task what_a_narrower_charter_no_longer_collects_is_not_sent_after_it_was_learned()
    {
        var hosts = Trial.Text("window: { app: category, time: round 5m }\nweb: { url: host, time: round 5m }", shown: "app, url, time");
        var narrow = Trial.Text("window: { app: category, time: round 5m }", shown: "app, time").Replace("version: 1", "version: 2", StringComparison.Ordinal);
        static string Purposeful(string text) => string.Join('\n', text.Split('\n').Select(l => l.StartsWith("purpose:", StringComparison.Ordinal) ? "purpose: workload-management" : l));
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(Purposeful(hosts));
        await agent.SeeAsync("aw-watcher-web_x", "web.tab.current", "2026-12-02 07:00", 5, new { url = "https://docs.example.com/", title = "t" });
        await agent.FillAsync();
        agent.Set("2026-12-02 12:00");
        await agent.LearnAsync(Purposeful(narrow));
        agent.Set("2026-12-03 12:00");
        var chunks = await agent.SealAsync(agent.Bundle(Purposeful(narrow)));
        Assert.DoesNotContain(chunks, c => c.Payload.Contains("docs.example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task what_a_charter_adds_to_private_life_enters_no_longer_also_where_an_event_grows()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        await agent.BeatAsync("2026-12-02 08:00", "Frobnicate");
        await agent.LearnAsync(TestAgent.Focus.Replace("version: 1", "version: 2", StringComparison.Ordinal).Replace("collect:", "private-life: [Frobnicate]\ncollect:", StringComparison.Ordinal));
        agent.Set("2026-12-02 08:10");
        await agent.BeatAsync("2026-12-02 08:10", "Frobnicate");
        await agent.WindowAsync("2026-12-02 08:05", 1, "Frobnicate", "a new event is kept out");
        Assert.Equal(0, agent.Parts.Raw.Read(agent.Parts.Raw.Bucket("aw-watcher-window_x")!.Key, null, null).Single().Duration);
    }

    [Fact]
    public async Task the_last_day_in_a_zone_is_computed_in_that_zone()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 06:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Local = new LocalTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"));
        await agent.LearnAsync(TestAgent.Focus); // from the next local day on
        agent.Set("2026-12-02 20:00");
        await agent.WindowAsync("2026-12-02 14:00", 180); // 15:00 to 18:00 in Berlin
        await agent.FillAsync();
        agent.Set("2026-12-02 23:10"); // the third in Berlin
        await agent.FillAsync();
        Assert.Equal("12-02 focus-minutes=180", agent.Days());
    }

    [Fact]
    public async Task a_pause_until_resumed_is_on_when_the_clock_went_back()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 12:00"); // an hour fast
        await agent.BeginAsync(TestAgent.Focus);
        await agent.Parts.PauseAsync(null, null, string.Empty);
        Assert.True(agent.Parts.Pauses.IsEverythingPaused);
        agent.Set("2026-12-02 11:00"); // and set right
        await agent.WindowAsync("2026-12-02 10:59", 1);
        agent.Set("2026-12-02 11:30");
        await agent.WindowAsync("2026-12-02 11:10", 10);
        await agent.FillAsync();
        Assert.Equal((true, 0L, string.Empty), (agent.Parts.Pauses.IsEverythingPaused, agent.Parts.Raw.Holds().Events, await agent.WaitingAsync()));
    }

    [Fact]
    public async Task a_clock_that_was_ahead_for_a_moment_does_not_put_the_next_upload_off_for_a_year()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        _ = await agent.Parts.Schedule.IsDueAsync();
        agent.Set("2027-12-02 10:00");
        await agent.Host.RoundAsync(default);
        agent.Set("2026-12-02 10:05");
        await agent.Host.RoundAsync(default);
        agent.Set("2026-12-05 10:05");
        await agent.Host.RoundAsync(default);
        Assert.True(agent.Parts.Schedule.Next < TestAgent.At("2026-12-07 00:00"), agent.Parts.Schedule.Next.ToString());
    }

    [Fact]
    public async Task heartbeats_grow_an_event_though_an_event_of_a_clock_that_ran_ahead_is_there()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:50");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        await agent.BeatAsync("2026-12-02 09:40", "Slack"); // fifty minutes ahead: taken
        for (var minute = 0; minute <= 30; minute++)
        {
            agent.Clock.Now = TestAgent.At("2026-12-02 09:00").AddMinutes(minute);
            await agent.BeatAsync($"2026-12-02 09:{minute:00}", "Code");
        }

        await agent.FillAsync();
        Assert.Equal(30 * 60, (await agent.ItemsAsync()).Where(i => i.Data["app"] == "Editor").Sum(i => i.Duration));
    }

    [Fact]
    public async Task a_clock_that_was_ahead_for_a_moment_does_not_keep_raw_events_for_good()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.Host.RoundAsync(default);
        agent.Set("2027-12-02 10:00");
        await agent.Host.RoundAsync(default);
        agent.Set("2026-12-02 10:30");
        await agent.Host.RoundAsync(default);
        await agent.WindowAsync("2026-12-02 10:20", 5);
        agent.Set("2026-12-20 10:00"); // seven days are over long since
        await agent.Host.RoundAsync(default);
        Assert.Equal(0, agent.Parts.Raw.Holds().Events);
    }

    [Fact]
    public async Task a_clock_that_was_ahead_for_a_moment_does_not_freeze_the_value_of_today()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        await agent.Host.RoundAsync(default);
        agent.Set("2027-02-02 10:00");
        await agent.Host.RoundAsync(default);
        agent.Set("2026-12-02 18:00");
        await agent.Host.RoundAsync(default);
        await agent.WindowAsync("2026-12-02 11:00", 60);
        agent.Set("2026-12-03 10:00");
        await agent.Host.RoundAsync(default);
        Assert.Equal("12-02 focus-minutes=60", agent.Days()); // the raw events of before are gone, and what came since counts
    }

    [Fact]
    public async Task a_back_off_ends_when_the_clock_is_set_right()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", change: o => o with { UploadEvery = TimeSpan.FromSeconds(5) });
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2027-12-02 10:00");
        await agent.Host.RoundAsync(default); // fails: nobody answers
        var failures = agent.Parts.Sender.Failures;
        agent.Set("2026-12-02 12:00");
        await agent.Parts.Schedule.PlanAsync();
        agent.Set("2026-12-02 12:10");
        await agent.Host.RoundAsync(default);
        Assert.Equal((1, 2), (failures, agent.Parts.Sender.Failures)); // it tried again
    }

    [Fact]
    public async Task a_zone_that_is_named_again_right_after_midnight_applies_all_the_same()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Local = new LocalTime(TimeZoneInfo.FindSystemTimeZoneById("Europe/Lisbon"));
        await agent.LearnAsync(TestAgent.Focus);
        agent.Set("2026-12-03 00:30"); // a new day in both, and the server is asked before anything else is done
        await agent.LearnAsync(TestAgent.Focus);
        Assert.Equal("Europe/Lisbon", agent.Parts.Person.Local.Zone.Id);
    }
}
