using System.Globalization;
using System.Net;
using Daylight.Agent.Collecting;
using Daylight.Tests.Core;

namespace Daylight.Tests.Agent;

/// <summary>What is about to leave: minimised once, computed at local midnight, paused, taken back, and independent of raw events from then on.</summary>
public sealed class OutboxTests
{
    private static readonly string Input = Trial.Text("input: { presses: count 1h, time: count 1h }", shown: "presses, time");

    [Fact]
    public async Task a_day_is_computed_at_local_midnight_and_needs_no_raw_event_from_then_on()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 30);
        agent.Set("2026-12-02 22:59:59");
        await agent.FillAsync();
        Assert.Equal(string.Empty, agent.Days());
        agent.Set("2026-12-02 23:00");
        await agent.FillAsync();
        Assert.Equal("12-02 focus-minutes=30", agent.Days());
        await agent.Parts.Raw.ForgetAsync();
        await agent.FillAsync();
        Assert.Equal("12-02 focus-minutes=30", agent.Days());
    }

    [Fact]
    public async Task two_weeks_without_a_server_lose_nothing_though_raw_events_stay_three_days()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-01 10:00", change: o => o with { RawDays = 3 });
        await agent.BeginAsync(TestAgent.Focus);
        for (var day = 1; day <= 14; day++)
        {
            agent.Set(Day(day) + " 18:00");
            await agent.WindowAsync(Day(day) + " 09:00", 10 + day);
            await agent.Host.RoundAsync(default);
        }

        agent.Set("2026-12-15 02:10");
        await agent.Host.RoundAsync(default);
        Assert.Equal(string.Join(", ", Enumerable.Range(1, 14).Select(d => $"12-{d:00} focus-minutes={10 + d}")), agent.Days());
        Assert.Equal(3, agent.Parts.Raw.Holds().Events);
        var chunks = await agent.SealAsync(agent.Bundle(TestAgent.Focus));
        Assert.Equal(14 * 10 + (14 * 15 / 2), chunks.Where(c => c.Info.Kind == "records").Sum(c => System.Text.Json.JsonDocument.Parse(c.Payload).RootElement.EnumerateArray().Sum(r => r.GetProperty("duration").GetInt32())) / 60);
    }

    [Fact]
    public async Task after_a_charters_last_day_nothing_is_collected_though_no_server_says_so()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-03 10:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus.Replace("until: 2027-12-31", "until: 2026-12-03", StringComparison.Ordinal));
        await agent.WindowAsync("2026-12-03 09:00", 30);
        agent.Set("2026-12-04 10:00");
        await agent.WindowAsync("2026-12-03 22:50", 20); // ten minutes before midnight in Berlin, ten after it
        await agent.WindowAsync("2026-12-04 09:00", 30);
        agent.Set("2026-12-05 02:00");
        await agent.FillAsync();
        Assert.Equal("12-03 focus-minutes=40", agent.Days());
        Assert.DoesNotContain("12-04", await agent.WaitingAsync());
    }

    [Fact]
    public async Task a_late_event_of_a_day_that_was_computed_counts_while_that_day_is_whole()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 20:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:00", 10);
        agent.Set("2026-12-03 09:00");
        await agent.FillAsync();
        await agent.WindowAsync("2026-12-02 11:00", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 focus-minutes=15", agent.Days());

        await agent.Parts.Outbox.PruneAsync(0);
        await agent.WindowAsync("2026-12-02 13:00", 1);
        await agent.FillAsync();
        Assert.Equal("12-02 focus-minutes=15", agent.Days()); // what is left of the day must not shrink it
    }

    [Fact]
    public async Task an_event_that_grows_counts_once_however_often_it_is_sent_meanwhile()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        var sent = 0;
        for (var second = 0; second <= 3600; second += 60)
        {
            agent.Clock.Now = TestAgent.At("2026-12-02 09:00").AddSeconds(second);
            await agent.BeatAsync(agent.Clock.Now);
            if (second % 420 == 0)
            {
                sent += Seconds(await agent.SealAsync(agent.Bundle(TestAgent.Focus), all: true)); // what `flush` does
            }
        }

        agent.Set("2026-12-03 09:00");
        sent += Seconds(await agent.SealAsync(agent.Bundle(TestAgent.Focus)));
        Assert.Equal((3600, "12-02 focus-minutes=60"), (sent, agent.Days()));
    }

    [Fact]
    public async Task counts_that_went_already_are_not_sent_again()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(Input);
        async Task TypeAsync(string utc, int presses) => await agent.SeeAsync("aw-watcher-input_x", "os.hid.input", utc, 1, new { presses, clicks = 0 });
        await TypeAsync("2026-12-02 09:00", 40);
        var first = await agent.SealAsync(agent.Bundle(Input), all: true);
        await TypeAsync("2026-12-02 09:10", 2);
        Assert.Equal("12-02 09:00 1+2 0", await agent.WaitingAsync());
        agent.Set("2026-12-03 09:00");
        var second = await agent.SealAsync(agent.Bundle(Input));
        string Presses(IReadOnlyList<(Daylight.Sealing.SealInfo Info, int Size, string Payload)> chunks) => string.Join(',', chunks.SelectMany(c => System.Text.Json.JsonDocument.Parse(c.Payload).RootElement.EnumerateArray()).Select(r => r.GetProperty("data").GetProperty("presses").GetString()));
        Assert.Equal(("40", "2"), (Presses(first), Presses(second)));
    }

    [Fact]
    public async Task while_everything_is_paused_nothing_is_stored_and_watchers_are_answered()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(TestAgent.Focus);
        await agent.Parts.PauseAsync(null, agent.Clock.Now.AddHours(1), string.Empty);
        await agent.RestartAsync(); // a pause outlives the process
        await agent.WindowAsync("2026-12-02 10:00", 5);
        await agent.BeatAsync(TestAgent.At("2026-12-02 10:06"));
        Assert.Equal(0, agent.Parts.Raw.Holds().Events);
        agent.Set("2026-12-02 11:00");
        await agent.WindowAsync("2026-12-02 10:59", 2); // what began in the pause: only what came after it counts
        await agent.FillAsync();
        Assert.Equal("12-02 11:00 Editor 1", await agent.WaitingAsync());
    }

    [Fact]
    public async Task a_program_that_is_paused_alone_collects_nothing_and_the_others_go_on()
    {
        var other = TestAgent.Focus.Replace("program: trial", "program: other", StringComparison.Ordinal);
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(TestAgent.Focus, other);
        await agent.Parts.PauseAsync("trial", null, string.Empty);
        agent.Set("2026-12-02 12:00");
        await agent.WindowAsync("2026-12-02 10:00", 5);
        await agent.FillAsync();
        await agent.Parts.Pauses.ResumeAsync("trial");
        agent.Set("2026-12-02 13:00");
        await agent.WindowAsync("2026-12-02 12:00", 5);
        await agent.FillAsync();
        Assert.Equal(["other 12-02 10:00", "other 12-02 12:00", "trial 12-02 12:00"], (await agent.ItemsAsync()).Select(i => $"{i.Program} {i.Start.UtcDateTime:MM-dd HH:mm}").Order());
        agent.Set("2026-12-03 12:00");
        await agent.FillAsync();
        Assert.Equal(["other 10", "trial 5"], agent.Parts.Outbox.Days().Select(d => $"{d.Program} {d.Values["focus-minutes"]}").Order());
    }

    [Fact]
    public async Task resuming_everything_leaves_the_pause_of_one_program_on()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(TestAgent.Focus);
        await agent.Parts.PauseAsync("trial", null, string.Empty);
        await agent.Parts.PauseAsync(null, null, string.Empty);
        await agent.Parts.Pauses.ResumeAsync(string.Empty);
        Assert.Equal(["trial"], agent.Parts.Pauses.On.Select(p => p.Program));
    }

    [Fact]
    public async Task a_pause_by_the_company_that_was_over_before_this_machine_heard_of_it_counts_all_the_same()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus); // active, as of 08:00
        await agent.WindowAsync("2026-12-02 07:00", 5);
        agent.Set("2026-12-02 18:00");
        await agent.WindowAsync("2026-12-02 12:00", 5);
        await agent.WindowAsync("2026-12-02 17:30", 5);
        var bundle = agent.Bundle(TestAgent.Focus);
        await agent.TakeAsync(bundle with { Covering = [bundle.Programs[0] with { Resumed = TestAgent.At("2026-12-02 17:00") }] });
        await agent.FillAsync();
        Assert.Equal("12-02 07:00 Editor 5, 12-02 17:30 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task while_the_company_pauses_a_program_nothing_is_collected_for_it_until_it_is_resumed()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-02 10:00");
        var bundle = agent.Bundle(TestAgent.Focus);
        await agent.TakeAsync(bundle with { Covering = [bundle.Programs[0] with { Paused = true }] });
        await agent.WindowAsync("2026-12-02 09:00", 5); // since it last heard that the program was active
        agent.Set("2026-12-02 14:00");
        await agent.WindowAsync("2026-12-02 13:00", 5);
        bundle = agent.Bundle(TestAgent.Focus);
        await agent.TakeAsync(bundle with { Covering = [bundle.Programs[0] with { Resumed = TestAgent.At("2026-12-02 13:30") }] });
        await agent.WindowAsync("2026-12-02 13:40", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 13:40 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task a_program_that_asks_collects_from_the_yes_on_and_nothing_of_the_hours_before_or_between_a_no_and_a_yes()
    {
        var asks = TestAgent.Asking;
        Daylight.Agent.Trust.VerifiedBundle Yes(TestAgent machine) => machine.Bundle(asks) is var bundle ? bundle with { Covering = [bundle.Covering[0] with { Choice = Daylight.Agent.Trust.PersonChoice.None with { Said = "given", IsToThis = true } }] } : bundle;
        await using var agent = await TestAgent.StartAsync("2026-12-01 08:00");
        await agent.BeginAsync(); // shown when the machine was enrolled; the yes comes a day later
        agent.Set("2026-12-02 10:00");
        await agent.WindowAsync("2026-12-01 09:00", 5);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        await agent.TakeAsync(Yes(agent), [Daylight.Sealing.Authority.CharterHash(asks)]);
        agent.Set("2026-12-02 11:00");
        await agent.WindowAsync("2026-12-02 10:10", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 10:10 Editor 5", await agent.WaitingAsync());
        await agent.TakeAsync(Yes(agent));
        Assert.Single(agent.Parts.Pauses.Of("trial")); // each bundle says yes again; it begins once
        await agent.TakeAsync(agent.Bundle());
        agent.Set("2026-12-02 12:00");
        await agent.WindowAsync("2026-12-02 11:10", 5);
        await agent.TakeAsync(Yes(agent));
        agent.Set("2026-12-03 09:00");
        await agent.WindowAsync("2026-12-02 12:10", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 12:10 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task an_item_that_is_taken_back_is_not_sent_counts_in_no_figure_and_does_not_come_back()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:00", 10);
        await agent.FillAsync();
        Assert.True(await agent.Parts.Outbox.TakeBackAsync((await agent.ItemsAsync())[^1].Id));
        Assert.False(await agent.Parts.Outbox.TakeBackAsync("4711"));
        await agent.WindowAsync("2026-12-02 09:02", 1); // a late event of the same five minutes and category
        await agent.RestartAsync();
        agent.Set("2026-12-03 10:00");
        await agent.FillAsync();
        Assert.Equal(("12-02 09:05 Editor 5", "12-02 focus-minutes=5"), (await agent.WaitingAsync(), agent.Days()));
    }

    [Fact]
    public async Task an_hour_and_a_day_are_taken_back_with_what_still_grows_in_them()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:30");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:50", 20);
        await agent.BeatAsync(TestAgent.At("2026-12-02 10:00"));
        await agent.Parts.Outbox.TakeBackAsync(null, TestAgent.At("2026-12-02 09:00"), TestAgent.At("2026-12-02 11:00"));
        await agent.BeatAsync(TestAgent.At("2026-12-02 10:29"));
        await agent.FillAsync();
        Assert.Equal("12-02 08:50 Editor 5, 12-02 08:55 Editor 5", await agent.WaitingAsync());
        await agent.Parts.Outbox.TakeBackAsync("trial", TestAgent.At("2026-12-02 00:00"), TestAgent.At("2026-12-03 00:00"));
        Assert.Equal(string.Empty, await agent.WaitingAsync());
        agent.Set("2026-12-03 10:00");
        await agent.FillAsync();
        Assert.Equal(string.Empty, agent.Days().Replace("12-02 focus-minutes=0", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_day_whose_raw_events_are_gone_is_taken_back_altogether()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 30);
        agent.Set("2026-12-04 10:00");
        await agent.FillAsync();
        await agent.Parts.Outbox.PruneAsync(0);
        Assert.Equal("12-02 focus-minutes=30", agent.Days());
        await agent.Parts.Outbox.TakeBackAsync("trial", TestAgent.At("2026-12-02 08:00"), TestAgent.At("2026-12-02 09:00"));
        Assert.Equal(string.Empty, agent.Days());
    }

    [Fact]
    public async Task forgetting_leaves_nothing_that_was_not_sent()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 30);
        await agent.FillAsync();
        await agent.WindowAsync("2026-12-02 09:00", 30);
        await agent.Parts.Outbox.ForgetAsync();
        await agent.RestartAsync();
        agent.Set("2026-12-03 10:00");
        await agent.FillAsync();
        Assert.Equal((string.Empty, string.Empty, 0L), (await agent.WaitingAsync(), agent.Days(), agent.Parts.Raw.Holds().Events));
        await agent.WindowAsync("2026-12-03 08:00", 5); // and what comes later counts
        await agent.FillAsync();
        Assert.Equal("12-03 08:00 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task each_item_is_shown_beside_the_raw_events_that_it_came_from()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:01", 1, title: "first");
        await agent.WindowAsync("2026-12-02 09:02", 1, "Slack", "other");
        await agent.WindowAsync("2026-12-02 09:03", 3, title: "second");
        await agent.FillAsync();
        var items = (await agent.ItemsAsync());
        var sources = await agent.Parts.Outbox.SourcesAsync(items);
        string Titles(string start, string app) => string.Join(',', items.Zip(sources).Single(p => p.First.Start == TestAgent.At(start) && p.First.Data["app"] == app).Second
            .Select(e => System.Text.Json.JsonDocument.Parse(e.Data).RootElement.GetProperty("title").GetString()));
        Assert.Equal(("first,second", "other", "second"), (Titles("2026-12-02 09:00", "Editor"), Titles("2026-12-02 09:00", "Chat"), Titles("2026-12-02 09:05", "Editor")));
    }

    [Fact]
    public async Task raw_days_of_zero_forget_a_day_only_when_its_numbers_are_there()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", change: o => o with { RawDays = 0 });
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 30);
        await agent.Host.RoundAsync(default);
        Assert.Equal(1, agent.Parts.Raw.Holds().Events);
        agent.Set("2026-12-03 02:01"); // watchers report late
        await agent.Host.RoundAsync(default);
        Assert.Equal((0L, "12-02 focus-minutes=30"), (agent.Parts.Raw.Holds().Events, agent.Days()));
    }

    [Theory]
    [InlineData("2026-10-25", 25 * 60)] // summer time ends in Berlin: a day of 25 hours
    [InlineData("2026-03-29", 23 * 60)]
    public async Task a_day_on_which_the_clock_changes_has_all_of_its_hours_once(string day, int minutes)
    {
        var all = TestAgent.Focus.Replace("0..600", "0..1500", StringComparison.Ordinal);
        var noon = TestAgent.At(day + " 12:00");
        await using var agent = await TestAgent.StartAsync(noon.AddDays(-1).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), "Europe/Berlin");
        await agent.BeginAsync(all);
        var begins = agent.Local.At(DateOnly.FromDateTime(noon.DateTime), 0);
        agent.Clock.Now = noon.AddDays(1);
        await agent.WindowAsync(begins.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), minutes);
        await agent.FillAsync();
        Assert.Equal($"{day[5..]} focus-minutes={minutes}", agent.Days());
    }

    [Fact]
    public async Task another_zone_applies_from_the_next_local_day_so_that_no_day_has_two()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Local = new Daylight.Core.Minimization.LocalTime(TimeZoneInfo.FindSystemTimeZoneById("America/New_York"));
        await agent.LearnAsync(TestAgent.Focus);
        Assert.Equal("Europe/Berlin", agent.Parts.Person.Local.Zone.Id);
        agent.Set("2026-12-03 09:00");
        await agent.FillAsync();
        Assert.Equal("America/New_York", agent.Parts.Person.Local.Zone.Id);
    }

    [Fact]
    public async Task an_import_taken_twice_is_minimised_once()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(TestAgent.Focus);
        const string Export = """{"buckets":{"aw-watcher-window_x":{"type":"currentwindow","client":"c","hostname":"x","events":[{"timestamp":"2026-12-02T09:00:00Z","duration":60,"data":{"app":"Code"}}]}}}""";
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await agent.PostAsync("/api/0/import", Export)).StatusCode);
            await agent.FillAsync();
            await agent.RestartAsync();
        }

        Assert.Equal("12-02 09:00 Editor 1", await agent.WaitingAsync());
    }

    private static int Seconds(IReadOnlyList<(Daylight.Sealing.SealInfo Info, int Size, string Payload)> chunks) => chunks.Where(c => c.Info.Kind == "records")
        .Sum(c => System.Text.Json.JsonDocument.Parse(c.Payload).RootElement.EnumerateArray().Sum(r => r.GetProperty("duration").GetInt32()));

    private static string Day(int day) => string.Create(CultureInfo.InvariantCulture, $"2026-12-{day:00}");
}
