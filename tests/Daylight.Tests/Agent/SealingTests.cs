using System.Globalization;
using System.Text;
using System.Text.Json;
using Daylight.Agent.Sending;
using Daylight.Agent.Store;
using Daylight.Protocol;
using Daylight.Tests.Core;

namespace Daylight.Tests.Agent;

/// <summary>What is sealed, and what its number, size and time tell: one parcel for each covered day and stream, whether anything happened or not.</summary>
public sealed class SealingTests
{
    private static readonly string[] Apps = ["Code", "Slack", "zoom", "Thunderbird", "Firefox"];

    [Fact]
    public async Task today_stays_open_and_every_day_before_goes_in_one_parcel()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-04 10:00");
        await agent.WindowAsync("2026-12-02 09:00", 5);
        await agent.WindowAsync("2026-12-03 09:00", 5);
        await agent.WindowAsync("2026-12-04 09:00", 5);
        Assert.Equal(["2026-12-02", "2026-12-03"], (await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Select(c => c.Info.Day));
        Assert.Empty(await agent.SealAsync(agent.Bundle(TestAgent.Focus)));
        Assert.Equal(["2026-12-04"], (await agent.SealAsync(agent.Bundle(TestAgent.Focus), all: true)).Select(c => c.Info.Day));
    }

    [Fact]
    public async Task a_saturday_on_which_nobody_worked_is_as_large_as_one_on_which_somebody_did()
    {
        async Task<IReadOnlyList<(string Day, string Kind, int Size)>> WeeksAsync(Func<DateOnly, bool> works)
        {
            await using var agent = await TestAgent.StartAsync("2026-11-02 08:00");
            await agent.BeginAsync(TestAgent.Focus);
            var seen = new List<(string, string, int)>();
            for (var day = new DateOnly(2026, 11, 2); day < new DateOnly(2026, 11, 23); day = day.AddDays(1))
            {
                agent.Set(string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd} 22:00"));
                if (works(day))
                {
                    // Another category every three minutes for ten hours: a busy day needs a large parcel.
                    await agent.Parts.Raw.InsertAsync(await BucketAsync(agent), [.. Enumerable.Range(0, 200).Select(i => new NewEvent(
                        null, RawStore.Micros(new DateTimeOffset(agent.Clock.Now.Date, TimeSpan.Zero).AddHours(8).AddMinutes(3 * i)), 50_000_000, Encoding.UTF8.GetBytes($$"""{"app":"{{Apps[i % Apps.Length]}}"}""")))]);
                }

                agent.Clock.Now = agent.Clock.Now.AddHours(8);
                seen.AddRange((await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Select(c => (c.Info.Day, c.Info.Kind, c.Size)));
            }

            return seen;
        }

        var weekdays = await WeeksAsync(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));
        var saturdays = await WeeksAsync(d => d.DayOfWeek != DayOfWeek.Sunday);
        Assert.Equal(weekdays, saturdays);
        Assert.True(weekdays.Where(s => s.Kind == "records").Min(s => s.Size) >= 8 * 1024); // they were busy
    }

    [Fact]
    public async Task a_quiet_day_is_sealed_once_and_says_that_nothing_happened()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-04 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-07 08:00");
        var chunks = await agent.SealAsync(agent.Bundle(TestAgent.Focus));
        Assert.Equal(["2026-12-04", "2026-12-05", "2026-12-06"], chunks.Select(c => c.Info.Day));
        Assert.All(chunks, c => Assert.Equal("[]", c.Payload));
        Assert.Single(chunks.Select(c => c.Size).Distinct());
        Assert.Empty(await agent.SealAsync(agent.Bundle(TestAgent.Focus)));
    }

    [Fact]
    public async Task a_late_event_makes_an_extra_parcel()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-03 08:00");
        Assert.Single(await agent.SealAsync(agent.Bundle(TestAgent.Focus)));
        await agent.WindowAsync("2026-12-02 09:00", 5);
        Assert.Equal(300, JsonDocument.Parse(Assert.Single(await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Payload).RootElement[0].GetProperty("duration").GetInt32());
    }

    [Fact]
    public async Task a_paused_program_seals_nothing_and_what_was_sealed_waits()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 07:00", 5);
        agent.Set("2026-12-03 08:00");
        var paused = agent.Bundle(TestAgent.Focus);
        paused = paused with { Covering = [paused.Programs[0] with { Paused = true }] };
        Assert.Empty(await agent.SealAsync(paused));
        Assert.Equal("12-02 07:00 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task contributions_are_sealed_a_day_after_their_week_also_of_weeks_without_a_day_and_all_as_large()
    {
        await using var agent = await TestAgent.StartAsync("2026-11-30 08:00"); // a Monday
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-11-30 07:00", 30);
        agent.Set("2026-12-07 12:00");
        Assert.DoesNotContain(await agent.SealAsync(agent.Bundle(TestAgent.Focus)), c => c.Info.Kind == "contribution");
        agent.Set("2026-12-15 12:00");
        var chunks = (await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Where(c => c.Info.Kind == "contribution").ToList();
        Assert.Equal(["2026-W49", "2026-W50"], chunks.Select(c => c.Info.Day));
        Assert.Single(chunks.Select(c => c.Size).Distinct());
        Assert.Equal("""{"week":"2026-W49","days":{"2026-11-30":{"focus-minutes":30}}}""", chunks[0].Payload);
        Assert.Equal("""{"week":"2026-W50","days":{}}""", chunks[1].Payload);
    }

    [Fact]
    public async Task a_parcel_names_the_charter_that_it_was_collected_under()
    {
        var second = TestAgent.Focus.Replace("version: 1", "version: 2", StringComparison.Ordinal);
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        await agent.FillAsync();
        agent.Set("2026-12-03 10:00");
        await agent.LearnAsync(second);
        await agent.WindowAsync("2026-12-03 09:00", 5);
        agent.Set("2026-12-04 10:00");
        Assert.Equal([Daylight.Sealing.Authority.CharterHash(TestAgent.Focus), Daylight.Sealing.Authority.CharterHash(second)], (await agent.SealAsync(agent.Bundle(second))).Select(c => c.Info.Charter));
    }

    [Fact]
    public async Task why_a_security_program_was_paused_is_handed_in_and_never_holds_the_pause_up()
    {
        var guarded = Trial.Text("device: { encrypted: keep }\npause: { reason: keep, minutes: keep }", "well: { from: device, count: events, per: day, clamp: 0..10, unit: looks }", "reason, minutes")
            .Replace("  - { to: self, what: submissions, fields: [reason, minutes] }", "  - { to: self, what: submissions, fields: [reason, minutes] }\n  - { to: role:security, what: submissions, fields: [reason, minutes], tell: at once }", StringComparison.Ordinal);
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(guarded);
        Assert.Contains("people with the role security", await agent.Parts.PauseAsync("trial", null, " "), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(agent.Parts.Pauses.On);
        Assert.Null(await agent.Parts.PauseAsync("trial", agent.Clock.Now.AddMinutes(90), "repairing my own laptop"));
        Assert.Single(agent.Parts.Pauses.On);
        var chunk = Assert.Single(await agent.SealAsync(agent.Bundle(guarded)), c => c.Info.Kind == "submissions");
        Assert.Equal(("pause", "2026-12-02"), (chunk.Info.Stream, chunk.Info.Day));
        var entry = JsonDocument.Parse(chunk.Payload).RootElement.GetProperty("entries")[0].GetProperty("data");
        Assert.Equal(("repairing my own laptop", "90"), (entry.GetProperty("reason").GetString(), entry.GetProperty("minutes").GetString()));
        Assert.DoesNotContain(await agent.SealAsync(agent.Bundle(guarded)), c => c.Info.Kind == "submissions");
    }

    [Fact]
    public async Task uploads_go_at_a_random_time_of_the_next_day()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        Assert.False(await agent.Parts.Schedule.IsDueAsync());
        var minutes = new List<double>();
        for (var i = 0; i < 40; i++)
        {
            var midnight = new DateTimeOffset(agent.Clock.Now.Date.AddDays(1), TimeSpan.Zero);
            var next = agent.Parts.Schedule.Next!.Value;
            Assert.InRange(next, midnight, midnight.AddDays(1).AddSeconds(-1));
            minutes.Add((next - midnight).TotalMinutes);
            agent.Clock.Now = next.AddSeconds(-1);
            Assert.False(await agent.Parts.Schedule.IsDueAsync());
            agent.Clock.Now = next;
            Assert.True(await agent.Parts.Schedule.IsDueAsync());
            await agent.Parts.Schedule.PlanAsync();
        }

        // Forty draws from a day: that they all fall into one half has a chance of 2 in 2^40.
        Assert.Contains(minutes, m => m < 720);
        Assert.Contains(minutes, m => m >= 720);
    }

    [Fact]
    public async Task a_machine_that_was_off_when_its_time_came_sends_some_time_after_it_is_back()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        _ = await agent.Parts.Schedule.IsDueAsync();
        agent.Set("2026-12-05 08:00");
        await agent.RestartAsync();
        Assert.False(await agent.Parts.Schedule.IsDueAsync());
        var next = agent.Parts.Schedule.Next!.Value;
        Assert.InRange(next, TestAgent.At("2026-12-05 08:00"), TestAgent.At("2026-12-05 10:00"));
        agent.Clock.Now = next;
        Assert.True(await agent.Parts.Schedule.IsDueAsync());
    }

    [Fact]
    public void a_day_of_pictures_that_is_too_large_for_one_parcel_goes_in_several() =>
        Assert.Equal(3, ChunkSealer.Parts([.. Enumerable.Range(0, 3).Select(i => new PayloadRecord(default, 0, new Dictionary<string, string> { ["image"] = new('x', 900_000) }))], p => p).Count());

    private static async Task<long> BucketAsync(TestAgent agent)
    {
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        return agent.Parts.Raw.Bucket("aw-watcher-window_x")!.Key;
    }
}
