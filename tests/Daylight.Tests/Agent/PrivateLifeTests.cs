using System.Text;
using Daylight.Core.Minimization;
using Daylight.Tests.Core;

namespace Daylight.Tests.Agent;

/// <summary>No way into the store lets private life in.</summary>
public sealed class PrivateLifeTests
{
    [Fact]
    public async Task no_path_lets_private_life_in()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(Trial.Text("window: { app: category, time: round 5m }", shown: "app, time"));
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        foreach (var data in (string[])["""{"app":"Tinder","title":"t"}""", """{"app":"Firefox","title":"x — Mozilla Firefox Private Browsing"}""", """{"app":"Firefox","url":"https://www.tinder.com/a","title":"t"}""", """{"url":"https://a.example/","incognito":true}"""])
        {
            await agent.PostAsync("/api/0/buckets/aw-watcher-window_x/heartbeat?pulsetime=5", $$"""{"timestamp":"2026-12-02T09:00:00Z","duration":1,"data":{{data}} }""");
            await agent.PostAsync("/api/0/buckets/aw-watcher-window_x/events", $$"""{"timestamp":"2026-12-02T09:00:00Z","duration":1,"data":{{data}} }""");
            await agent.PostAsync("/api/0/buckets/aw-watcher-window_x/events", $$"""[{"id":77,"timestamp":"2026-12-02T09:00:00Z","duration":1,"data":{{data}} }]""");
            await agent.PostAsync("/api/0/import", "{\"buckets\":{\"b\":{\"id\":\"b\",\"type\":\"currentwindow\",\"events\":[{\"timestamp\":\"2026-12-02T09:00:00Z\",\"duration\":5,\"data\":" + data + "}]}}}");
        }

        foreach (var (type, entity) in new[] { ("app", "Tinder"), ("domain", "tinder.com"), ("url", "https://tinder.com/x") })
        {
            await agent.PostAsync("/api/v1/users/current/heartbeats", $$"""{"entity":"{{entity}}","type":"{{type}}","time":1796202000}""");
            await agent.PostAsync("/api/v1/users/current/heartbeats.bulk", $$"""[{"entity":"{{entity}}","type":"{{type}}","time":1796202001}]""");
        }

        Assert.Equal(0, agent.Parts.Raw.Holds().Events);
    }

    [Theory]
    [InlineData("Amazon - Google Chrome (Incognito)")]
    [InlineData("Amazon – Google Chrome (Inkognito)")]
    [InlineData("Amazon - Google Chrome (Navigation privée)")]
    [InlineData("Amazon — Navigation privée de Mozilla Firefox")]
    [InlineData("Amazon – Mozilla Firefox Privater Modus")]
    [InlineData("Amazon — Mozilla Firefox (Privater Modus)")]
    [InlineData("Amazon – Mozilla Firefox Privates Fenster")]
    [InlineData("Amazon - [InPrivate] - Microsoft Edge")]
    [InlineData("Amazon - Google Chrome (Incógnito)")]
    [InlineData("Amazon - Google Chrome (in incognito)")]
    [InlineData("Amazon — Navegación privada de Mozilla Firefox")]
    [InlineData("Amazon — Navigazione anonima di Mozilla Firefox")]
    [InlineData("Amazon — Mozilla Firefox private browsing")]
    [InlineData("Amazon — Mozilla Firefox privénavigatie")]
    public void a_private_window_by_title(string title) => Assert.False(new Admission([]).Admits(Encoding.UTF8.GetBytes($$"""{"app":"firefox","title":"{{title}}"}""")));
}
