using Daylight.Agent;
using Daylight.Protocol;
using Daylight.Tests.Agent;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Lifecycle;

/// <summary>The page of one's own machine on which everything is decided, by its forms.</summary>
public sealed class AgentChoicesTests
{
    [Fact]
    public async Task everything_that_a_person_decides_is_decided_on_the_page_and_the_machine_goes_by_it()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        var port = Ports.Free();
        await using var agent = await company.StartAgentAsync("anna", port);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Contains("Nothing was verified", await PageAsync(http));
        await agent.FlushAsync(default);
        Assert.Contains("It collects nothing of you: you have not said yes", await PageAsync(http));
        Assert.False(Collects(agent, "lent"));

        Assert.Contains("You said yes. Entry ", await SendAsync(http, "yes", ("program", "lent")));
        Assert.True(Collects(agent, "lent"));
        Assert.Contains("Take my yes back", await PageAsync(http));
        var no = await SendAsync(http, "no", ("program", "lent"), ("erase", "yes"));
        Assert.Contains("You said no", no);
        Assert.Contains("Erased: the keys are destroyed", no);
        Assert.False(Collects(agent, "lent"));

        Assert.Contains("It stands beside", await SendAsync(http, "correct", ("program", "focus-time"), ("day", "2026-11-02"), ("text", "it was a <meeting>")));
        await company.SignAskAsync("anna");
        var records = (await company.As("anna").GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow();
        Assert.Contains("it was a <meeting>", Assert.Single(records, r => r.Stream == "correction").Data.Values);

        Assert.Contains("You objected", await SendAsync(http, "object", ("program", "focus-time"), ("grounds", "my work is confidential")));
        Assert.False(Collects(agent, "focus-time"));
        Assert.Contains("Take my objection back", await PageAsync(http));
        Assert.Contains("Erased", await SendAsync(http, "erase", ("program", "focus-time")));
        Assert.Equal(2, (await company.As("anna").GetAsync("/api/v1/me/erasures", ProtocolJson.Default.IReadOnlyListErasureView, default)).OrThrow().Count);
    }

    [Fact]
    public async Task what_makes_no_sense_or_cannot_be_sent_is_said_and_changes_nothing()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var port = Ports.Free();
        await using var agent = await company.StartAgentAsync("anna", port);
        await agent.FlushAsync(default);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Contains("no program 'nothing' that covers you", await SendAsync(http, "yes", ("program", "nothing")));
        Assert.Contains("asks nobody for consent", await SendAsync(http, "yes", ("program", "focus-time")));
        Assert.Contains("on which grounds", await SendAsync(http, "object", ("program", "focus-time"), ("grounds", " ")));
        Assert.Contains("a day up to today", await SendAsync(http, "correct", ("program", "focus-time"), ("day", "2026-11-09"), ("text", "tomorrow")));
        company.Channel.Down = true;
        Assert.Contains("It was not done", await SendAsync(http, "object", ("program", "focus-time"), ("grounds", "my work is confidential")));
        Assert.True(Collects(agent, "focus-time"));
    }

    private static bool Collects(AgentHost agent, string program) => agent.Parts.Sender.Bundle!.Programs.Any(p => p.Charter.Program == program);

    private static async Task<string> PageAsync(HttpClient http) => System.Net.WebUtility.HtmlDecode(await http.GetStringAsync("/choices"));

    private static async Task<string> SendAsync(HttpClient http, string what, params (string Name, string Value)[] fields)
    {
        var key = (await http.GetStringAsync("/data")).Split("name=\"key\" value=\"")[1].Split('"')[0];
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("key", key), KeyValuePair.Create("back", "/choices"), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        using var answer = await http.PostAsync("/choices/" + what, form);
        return System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}
