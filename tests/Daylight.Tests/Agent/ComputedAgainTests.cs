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

/// <summary>Days are computed whole, and again: whatever comes late, is edited, taken back or forgotten, nothing counts twice, and nothing that was taken back counts.</summary>
public sealed class ComputedAgainTests
{
    [Fact]
    public async Task zero_raw_days_forget_nothing_that_still_rests_at_midnight()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", change: o => o with { RawDays = 0 });
        await agent.BeginAsync(TestAgent.Focus);
        await agent.Host.RoundAsync(default);
        agent.Set("2026-12-02 23:59:30");
        await agent.WindowAsync("2026-12-02 23:55", 4);
        agent.Set("2026-12-03 00:00:20");
        await agent.Host.RoundAsync(default);
        agent.Set("2026-12-03 00:10");
        await agent.Host.RoundAsync(default);
        Assert.Equal(("12-02 23:55 Editor 4", "12-02 focus-minutes=4"), (await agent.WaitingAsync(), agent.Days()));
    }

    [Fact]
    public async Task a_day_that_was_computed_does_not_shrink_when_its_raw_events_are_deleted_and_a_late_one_comes()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 60);
        agent.Set("2026-12-03 10:00");
        await agent.FillAsync();
        Assert.Equal("12-02 focus-minutes=60", agent.Days());
        await agent.Parts.Outbox.ForgetRawAsync(new DateOnly(2026, 12, 2)); // the button on the page
        await agent.WindowAsync("2026-12-02 23:58", 5); // over midnight
        await agent.FillAsync();
        Assert.Equal("12-02 focus-minutes=60", agent.Days());
    }

    [Fact]
    public async Task a_raw_store_that_its_owner_deleted_does_not_make_the_next_one_mute()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        for (var i = 0; i < 3; i++)
        {
            await agent.WindowAsync($"2026-12-02 08:{10 * i:00}", 10);
        }

        await agent.FillAsync();
        await agent.Parts.Outbox.TakeBackAsync(null, TestAgent.At("2026-12-02 08:00"), TestAgent.At("2026-12-02 09:00")); // only so that the list is short
        await agent.RestartAsync(() =>
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools(); // as after the end of a process
            Directory.Delete(Path.Combine(agent.Folder, "raw"), recursive: true);
        });
        await agent.WindowAsync("2026-12-02 09:30", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 09:30 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task an_event_that_was_replaced_goes_as_it_is_now()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 5);
        await agent.FillAsync();
        var id = agent.Parts.Raw.Read(agent.Parts.Raw.Bucket("aw-watcher-window_x")!.Key, null, null).Single().Id;
        // What ActivityWatch's own timeline does when somebody edits an event.
        await agent.PostAsync("/api/0/buckets/aw-watcher-window_x/events", $$$"""[{"id":{{{id}}},"timestamp":"2026-12-02T09:00:00Z","duration":300,"data":{"app":"Slack","title":"t"}}]""");
        await agent.FillAsync();
        Assert.Equal("12-02 09:00 Chat 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task ones_own_export_taken_again_counts_once()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        // Watchers in Python write microseconds.
        await agent.PostAsync("/api/0/buckets/aw-watcher-window_x/events", """{"timestamp":"2026-12-02T08:00:00.123456+00:00","duration":240,"data":{"app":"Code","title":"t"}}""");
        var export = await agent.Http.GetStringAsync("/api/0/export");
        Assert.Equal(HttpStatusCode.OK, (await agent.PostAsync("/api/0/import", export)).StatusCode);
        await agent.FillAsync();
        Assert.Equal((1L, "12-02 08:00 Editor 4"), (agent.Parts.Raw.Holds().Events, await agent.WaitingAsync()));
    }

    [Fact]
    public async Task a_late_point_of_an_editor_counts_no_time_twice()
    {
        var editing = Trial.Text("editor: { language: keep, time: round 5m }", shown: "language, time");
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:10");
        await agent.BeginAsync(editing);
        await PointAsync(agent, "2026-12-02 08:00", "Rust");
        await PointAsync(agent, "2026-12-02 08:10", "Rust");
        await agent.FillAsync();
        await PointAsync(agent, "2026-12-02 08:04", "Python"); // from the plug-in's offline queue
        await agent.FillAsync();
        Assert.Equal(600, (await agent.ItemsAsync()).Sum(i => i.Duration));
    }

    [Fact]
    public async Task time_up_to_a_private_point_of_an_editor_is_minimised()
    {
        var apps = Trial.Text("window: { app: category, time: round 5m }", shown: "app, time");
        await using var agent = await TestAgent.StartAsync("2026-12-02 07:30");
        await agent.BeginAsync(apps);
        async Task AppAsync(string utc, string app) => Assert.Equal(HttpStatusCode.Created, (await agent.PostAsync(
            "/api/v1/users/current/heartbeats", $$"""{"entity":"{{app}}","type":"app","time":{{TestAgent.At(utc).ToUnixTimeSeconds()}}}""")).StatusCode);
        await AppAsync("2026-12-02 08:00", "Code");
        await agent.FillAsync();
        await AppAsync("2026-12-02 08:10", "Tinder");
        await agent.FillAsync();
        Assert.Equal(600_000_000, agent.Parts.Raw.Read(Assert.Single(agent.Parts.Raw.Buckets()).Key, null, null).Single().Duration);
        Assert.Equal(600, (await agent.ItemsAsync()).Sum(i => i.Duration));
    }

    [Fact]
    public async Task counts_of_input_that_no_charter_asks_for_do_not_enter_by_an_import_that_names_the_type_last()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.PostAsync("/api/0/import", """{"buckets":{"mine":{"id":"mine","events":[{"timestamp":"2026-12-02T09:00:00Z","duration":5,"data":{"presses":50}}],"type":"os.hid.input"}}}""");
        Assert.Equal(0, agent.Parts.Raw.Holds().Events);
    }

    [Fact]
    public async Task an_event_that_was_minimised_forgotten_and_imported_again_is_not_minimised_again()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", change: o => o with { RawDays = 3 });
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 5);
        await agent.FillAsync();
        var export = await agent.Http.GetStringAsync("/api/0/export");
        agent.Set("2026-12-03 10:00");
        Assert.Contains(await agent.SealAsync(agent.Bundle(TestAgent.Focus)), c => c.Payload.Contains("Editor", StringComparison.Ordinal));
        agent.Set("2026-12-08 10:00");
        await agent.Host.RoundAsync(default);
        Assert.Equal(0, agent.Parts.Raw.Holds().Events);
        await agent.PostAsync("/api/0/import", export);
        await agent.FillAsync();
        Assert.Equal(string.Empty, await agent.WaitingAsync());
    }

    [Fact]
    public async Task an_item_that_was_taken_back_counts_in_no_figure_though_another_charter_is_to_come()
    {
        var hour = TestAgent.Focus.Replace("round 5m", "round 60m", StringComparison.Ordinal);
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(hour);
        await agent.WindowAsync("2026-12-02 09:00", 60);
        await agent.FillAsync();
        await agent.LearnAsync(TestAgent.Focus.Replace("version: 1", "version: 2", StringComparison.Ordinal)); // finer, from tomorrow on
        Assert.True(await agent.Parts.Outbox.TakeBackAsync(Assert.Single((await agent.ItemsAsync())).Id));
        agent.Set("2026-12-03 10:00");
        await agent.FillAsync();
        Assert.DoesNotContain("focus-minutes=55", agent.Days());
    }

    [Fact]
    public async Task an_item_of_the_hour_that_comes_twice_is_taken_back_with_its_figure()
    {
        await using var agent = await TestAgent.StartAsync("2026-10-24 10:00", "Europe/Berlin");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-10-25 10:00");
        await agent.WindowAsync("2026-10-25 01:30", 5); // half past two, the second time
        await agent.FillAsync();
        Assert.True(await agent.Parts.Outbox.TakeBackAsync(Assert.Single((await agent.ItemsAsync())).Id));
        agent.Set("2026-10-26 10:00");
        await agent.FillAsync();
        Assert.DoesNotContain("focus-minutes=5", agent.Days());
    }

    [Fact]
    public async Task what_is_taken_back_while_it_is_being_minimised_is_not_sent()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        using var gate = new ManualResetEventSlim();
        var slow = agent.Parts.Store.WriteAsync((_, _) => gate.Wait()); // a disk that takes its time
        var back = agent.Parts.Outbox.TakeBackAsync(null, TestAgent.At("2026-12-02 09:00"), TestAgent.At("2026-12-02 10:00"));
        var fill = agent.FillAsync();
        gate.Set();
        await Task.WhenAll(slow, back, fill);
        Assert.Equal(string.Empty, await agent.WaitingAsync());
    }

    [Fact]
    public async Task what_is_taken_back_while_its_day_is_computed_counts_in_no_figure()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        await agent.FillAsync();
        agent.Set("2026-12-03 00:01");
        using var gate = new ManualResetEventSlim();
        var slow = agent.Parts.Store.WriteAsync((_, _) => gate.Wait());
        var back = agent.Parts.Outbox.TakeBackAsync(null, TestAgent.At("2026-12-02 09:00"), TestAgent.At("2026-12-02 10:00"));
        var turn = agent.FillAsync();
        gate.Set();
        await Task.WhenAll(slow, back, turn);
        await agent.FillAsync();
        Assert.DoesNotContain("focus-minutes=5", agent.Days());
    }

    [Fact]
    public async Task what_is_forgotten_while_it_is_being_minimised_is_gone()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        using var gate = new ManualResetEventSlim();
        var slow = agent.Parts.Store.WriteAsync((_, _) => gate.Wait());
        var fill = agent.FillAsync(); // read, and waits to be written
        var forget = agent.Parts.Outbox.ForgetAsync();
        gate.Set();
        await Task.WhenAll(slow, forget, fill);
        Assert.Equal(string.Empty, await agent.WaitingAsync());
    }

    [Fact]
    public async Task forgetting_everything_that_was_not_sent_forgets_why_one_paused()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(Guarded);
        Assert.Null(await agent.Parts.PauseAsync("trial", null, "I see my doctor"));
        await agent.Parts.Outbox.ForgetAsync();
        Assert.DoesNotContain(await agent.SealAsync(agent.Bundle(Guarded)), c => c.Payload.Contains("doctor", StringComparison.Ordinal));
    }

    [Fact]
    public async Task why_one_paused_stands_in_the_outbox_until_it_is_sent()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(Guarded);
        Assert.Null(await agent.Parts.PauseAsync("trial", null, "repairing my own laptop"));
        Assert.Contains("repairing my own laptop", await agent.Http.GetStringAsync("/outbox"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task one_damaged_raw_event_does_not_end_the_agents_work()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 08:00", 5);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        using (var raw = new SqliteDatabase(Path.Combine(agent.Folder, "raw", "raw.db")).Open())
        {
            raw.Execute("UPDATE events SET data = zeroblob(40) WHERE id = 1");
        }

        agent.Set("2026-12-02 10:10");
        await agent.Host.RoundAsync(default);
        Assert.Equal("12-02 09:00 Editor 5", await agent.WaitingAsync());
    }

    [Theory]
    [InlineData("""[{"Project":"A","Minutes":360,"Note":""}]""", "hours=6")]
    [InlineData("[]", "")]
    public async Task a_timesheet_that_is_handed_in_again_counts_as_it_is_now_whatever_raw_events_are_kept(string again, string expected)
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00", change: o => o with { RawDays = 0 });
        await agent.BeginAsync(Sheets);
        agent.Set("2026-12-03 10:00");
        await agent.Host.RoundAsync(default);
        await HandInAsync(agent, "2026-12-02", """[{"Project":"A","Minutes":240,"Note":""}]""");
        await agent.FillAsync();
        Assert.Equal("12-02 hours=4", agent.Days());
        await HandInAsync(agent, "2026-12-02", again);
        await agent.FillAsync();
        Assert.Equal(expected.Length == 0 ? string.Empty : "12-02 " + expected, agent.Days());
    }

    [Fact]
    public async Task after_an_erasure_pseudonyms_are_others_without_a_restart()
    {
        var branches = Trial.Text("editor: { branch: pseudonym, time: round 5m }", shown: "branch, time");
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(branches);
        await agent.SeeAsync("aw-watcher-vscode_x", "app.editor.activity", "2026-12-02 08:00", 5, new { branch = "main", project = "p", file = "f", language = "C#" });
        await agent.FillAsync();
        var before = Assert.Single((await agent.ItemsAsync())).Data["branch"];
        await agent.Parts.Store.SetStateAsync("epoch trial", "2"); // what Sender.FetchAsync writes when the keyholder made new keys
        await agent.SeeAsync("aw-watcher-vscode_x", "app.editor.activity", "2026-12-02 09:00", 5, new { branch = "main", project = "p", file = "f", language = "C#" });
        await agent.FillAsync();
        Assert.NotEqual(before, Assert.Single((await agent.ItemsAsync()).Select(i => i.Data["branch"]).Distinct()));
    }

    [Fact]
    public async Task a_timesheet_says_what_it_says_though_one_paused_at_noon()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 11:30");
        await agent.BeginAsync(Sheets);
        await agent.Parts.PauseAsync(null, agent.Clock.Now.AddHours(1), string.Empty); // over lunch
        agent.Set("2026-12-02 17:00");
        var sheet = Daylight.Agent.Timesheets.HandedIn.Events(agent.Local, new DateOnly(2026, 12, 2), [new Daylight.Agent.Timesheets.SheetLine("Apollo", 480, string.Empty)]);
        Assert.Single(sheet.SelectMany(e => agent.Parts.Minimizers.On("trial", new DateOnly(2026, 12, 2))!.Minimizer.Records(e))); // as TimesheetBook.MinimizeAsync does
        await HandInAsync(agent, "2026-12-02", """[{"Project":"Apollo","Minutes":480,"Note":""}]""");
        agent.Set("2026-12-03 10:00");
        await agent.FillAsync();
        Assert.Equal("12-02 hours=8", agent.Days());
    }

    private static readonly string Sheets = Trial.Text("timesheet: { project: keep, hours: round 0.25, note: keep }", "hours: { from: timesheet, sum: hours, per: week, clamp: 0..60, unit: h }", "project, hours, note");

    internal static readonly string Guarded = Trial.Text("device: { encrypted: keep }\npause: { reason: keep, minutes: keep }", "well: { from: device, count: events, per: day, clamp: 0..10, unit: looks }", "reason, minutes")
        .Replace("  - { to: self, what: submissions, fields: [reason, minutes] }", "  - { to: self, what: submissions, fields: [reason, minutes] }\n  - { to: role:security, what: submissions, fields: [reason, minutes], tell: at once }", StringComparison.Ordinal);

    private static Task HandInAsync(TestAgent agent, string day, string entries) => agent.Parts.Store.WriteAsync((c, t) => // what TimesheetBook.HandInAsync commits
    {
        c.Execute("INSERT INTO handed_in (program, day, submitted, entries) VALUES ('trial', @day, 1, @entries) ON CONFLICT (program, day) DO UPDATE SET entries = excluded.entries", new { day, entries }, t);
        c.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day }, t);
    });

    private static async Task PointAsync(TestAgent agent, string utc, string language)
    {
        var answer = await agent.PostAsync("/api/v1/users/current/heartbeats", $$"""{"entity":"/a/b.x","type":"file","time":{{TestAgent.At(utc).ToUnixTimeSeconds()}},"language":"{{language}}"}""");
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }
}
