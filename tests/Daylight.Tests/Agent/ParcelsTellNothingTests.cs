using System.Globalization;
using System.Text;
using System.Text.Json;
using Daylight.Agent.Store;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Core;
using Dapper;

namespace Daylight.Tests.Agent;

/// <summary>What was taken back goes nowhere, and neither number nor size of parcels tells that it was, or when somebody worked.</summary>
public sealed class ParcelsTellNothingTests
{
    private static readonly string Hosts = Trial.Text("web: { url: host, time: round 1m }", shown: "url, time");

    [Fact]
    public async Task what_was_sealed_for_a_program_that_is_over_is_not_sent()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 07:00", 5);
        await agent.FillAsync();
        agent.Set("2026-12-03 08:00");
        await agent.SealOnlyAsync(agent.Bundle(TestAgent.Focus));
        Assert.NotEmpty(agent.Parts.Sender.Sealing.Items());
        agent.Set("2026-12-04 08:00");
        var over = agent.Bundle();
        await agent.SealOnlyAsync(over);
        Assert.Empty(agent.Parts.Sender.Sealing.Waiting(over, 100));
    }

    [Fact]
    public async Task a_parcel_that_was_taken_back_leaves_no_hole_that_tells_of_it()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-04 08:00");
        await agent.SealOnlyAsync(agent.Bundle(TestAgent.Focus));
        var second = agent.Parts.Sender.Sealing.Items().Single(i => i.Day == "2026-12-02");
        await agent.Parts.Sender.Sealing.WithdrawAsync(second.Id); // "Delete" on the page
        Assert.Equal(["2026-12-02", "2026-12-03"], (await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Select(c => c.Info.Day));
    }

    [Fact]
    public async Task forgetting_leaves_no_hole_that_tells_of_it()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        agent.Set("2026-12-04 08:00");
        await agent.SealOnlyAsync(agent.Bundle(TestAgent.Focus));
        await agent.Parts.Outbox.ForgetAsync();
        agent.Set("2026-12-05 08:00");
        Assert.Equal(["2026-12-02", "2026-12-03", "2026-12-04"], (await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Select(c => c.Info.Day));
    }

    [Fact]
    public async Task a_day_that_fills_more_than_one_parcel_is_not_told_from_a_quiet_one()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(Hosts);
        await agent.MakeAsync("aw-watcher-web_x", "web.tab.current");
        var bucket = agent.Parts.Raw.Bucket("aw-watcher-web_x")!.Key;
        var start = RawStore.Micros(TestAgent.At("2026-12-02 08:00"));
        agent.Set("2026-12-02 23:00");
        await agent.Parts.Raw.InsertAsync(bucket, [.. Enumerable.Range(0, 9000).Select(i => new NewEvent(null, start + (i * 4_000_000L), 3_000_000, Encoding.UTF8.GetBytes($$"""{"url":"https://h{{i}}.example.com/","title":"t"}""")))]);
        agent.Set("2026-12-04 08:00"); // the third was a quiet day
        var chunks = await agent.SealAsync(agent.Bundle(Hosts));
        Assert.Single(chunks.GroupBy(c => c.Info.Day).Select(d => string.Join(',', d.Select(c => c.Size))).Distinct());
    }

    [Fact]
    public async Task a_day_is_as_large_as_the_busiest_of_28_days_and_no_larger()
    {
        await using var agent = await TestAgent.StartAsync("2026-11-01 08:00");
        await agent.BeginAsync(Hosts);
        await agent.MakeAsync("aw-watcher-web_x", "web.tab.current");
        var start = RawStore.Micros(TestAgent.At("2026-11-01 07:00"));
        await agent.Parts.Raw.InsertAsync(agent.Parts.Raw.Bucket("aw-watcher-web_x")!.Key, [.. Enumerable.Range(0, 500).Select(i => new NewEvent(null, start + (i * 4_000_000L), 3_000_000, Encoding.UTF8.GetBytes($$"""{"url":"https://h{{i}}.example.com/","title":"t"}""")))]);
        await agent.FillAsync();
        var sizes = new List<int>();
        for (var day = 1; day <= 40; day++)
        {
            agent.Clock.Now = TestAgent.At("2026-11-01 08:00").AddDays(day);
            sizes.Add(Assert.Single(await agent.SealAsync(agent.Bundle(Hosts))).Size);
        }

        Assert.True(sizes[0] > 30_000);
        Assert.True(sizes[^1] < 10_000, $"{sizes[^1]} bytes for a day, 40 days after the only busy one");
    }

    [Fact]
    public async Task after_three_weeks_away_the_parcels_do_not_tell_on_which_of_the_days_before_one_worked()
    {
        async Task<List<string>> DaysAsync(bool works)
        {
            await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
            await agent.BeginAsync(TestAgent.Focus);
            if (works)
            {
                await agent.WindowAsync("2026-12-02 07:00", 5);
                await agent.FillAsync();
            }

            agent.Set("2026-12-24 08:00"); // records are kept fourteen days
            return [.. (await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Where(c => c.Info.Kind == "records").Select(c => c.Info.Day)];
        }

        Assert.Equal(await DaysAsync(works: false), await DaysAsync(works: true));
    }

    [Fact]
    public async Task what_the_page_shows_is_what_is_sealed()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 07:00", 2.5 / 60);
        await agent.FillAsync();
        var page = WebUtility(await agent.Http.GetStringAsync("/outbox"));
        agent.Set("2026-12-03 08:00");
        var payload = JsonDocument.Parse(Assert.Single(await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Payload).RootElement[0];
        Assert.Contains($"\"duration\":{payload.GetProperty("duration").GetInt32()},", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_page_shows_every_item_of_an_hour()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(Hosts);
        await agent.MakeAsync("aw-watcher-web_x", "web.tab.current");
        var start = RawStore.Micros(TestAgent.At("2026-12-02 07:00"));
        await agent.Parts.Raw.InsertAsync(agent.Parts.Raw.Bucket("aw-watcher-web_x")!.Key, [.. Enumerable.Range(0, 300).Select(i => new NewEvent(null, start + (i * 10_000_000L), 9_000_000, Encoding.UTF8.GetBytes($$"""{"url":"https://h{{i}}.example.com/","title":"t"}""")))]);
        await agent.FillAsync();
        Assert.Equal(300, (await agent.ItemsAsync()).Count);
        var page = WebUtility(await agent.Http.GetStringAsync("/outbox"));
        Assert.DoesNotContain(Enumerable.Range(0, 300), i => !page.Contains($"\"h{i}.example.com\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task work_just_before_midnight_makes_no_extra_parcel_that_tells_of_it()
    {
        async Task<List<string>> DaysAsync(bool works)
        {
            await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
            await agent.BeginAsync(TestAgent.Focus);
            agent.Set("2026-12-02 23:59:40");
            if (works)
            {
                await agent.WindowAsync("2026-12-02 23:57", 2);
            }

            agent.Set("2026-12-03 00:01");
            var bundle = agent.Bundle(TestAgent.Focus);
            var all = (await agent.SealAsync(bundle)).Select(c => c.Info.Day).ToList();
            agent.Set("2026-12-04 00:01");
            all.AddRange((await agent.SealAsync(agent.Bundle(TestAgent.Focus))).Select(c => c.Info.Day));
            return all;
        }

        Assert.Equal(await DaysAsync(works: false), await DaysAsync(works: true));
    }

    [Fact]
    public async Task a_day_that_is_taken_back_is_not_sent_though_its_parcel_waits()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 07:00", 5);
        await agent.FillAsync();
        agent.Set("2026-12-03 08:00");
        await agent.SealOnlyAsync(agent.Bundle(TestAgent.Focus));
        var sealedBefore = agent.Parts.Sender.Sealing.Items().Select(i => i.Id).ToList();
        var page = await agent.Http.GetStringAsync("/data");
        var key = page.Split("name=\"key\" value=\"")[1].Split('"')[0];
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = key, ["back"] = "/outbox", ["day"] = "2026-12-02" });
        var said = WebUtility(await (await agent.Http.PostAsync("/delete-span", form)).Content.ReadAsStringAsync());
        Assert.Contains("nothing of yesterday will be sent", said, StringComparison.Ordinal);
        Assert.DoesNotContain(agent.Parts.Sender.Sealing.Items(), i => i.Kind == "records" && i.Day == "2026-12-02" && sealedBefore.Contains(i.Id));
    }

    [Fact]
    public async Task numbers_that_no_week_can_take_any_more_are_forgotten()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 08:00");
        await agent.BeginAsync(TestAgent.Focus);
        await agent.WindowAsync("2026-12-02 07:00", 5);
        agent.Set("2026-12-03 08:00");
        await agent.FillAsync();
        agent.Set("2027-03-01 08:00"); // contributions are kept 35 days
        Assert.DoesNotContain(await agent.SealAsync(agent.Bundle(TestAgent.Focus)), c => c.Info.Kind == "contribution" && c.Payload.Contains("2026-12-02", StringComparison.Ordinal));
        Assert.Equal(string.Empty, agent.Days());
    }

    private static string WebUtility(string text) => System.Net.WebUtility.HtmlDecode(text);
}
