using System.Text.Json;
using Daylight.Tests.Core;

namespace Daylight.Tests.Agent;

/// <summary>Every route, with what is nearly right: the long run is <c>bench/run fuzz-agent</c>.</summary>
public sealed class RouteFuzzTests
{
    [Fact]
    public async Task no_request_is_an_error_of_the_agents_and_it_goes_on_working()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 10:00");
        await agent.BeginAsync(TestAgent.Focus);
        var (key, secret) = (await FormKeyAsync(agent.Http), JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(agent.Folder, "runtime.json"))).RootElement.GetProperty("secret").GetString()!);
        var counts = await RouteFuzz.RunAsync(agent.Http.BaseAddress!, key, secret, requests: 12_000, seed: 20_261_128, together: 2);
        Assert.True(counts[200] > 3000 && counts[400] > 500 && counts[404] > 100, string.Join(", ", counts.Select(c => $"{c.Key}: {c.Value}"))); // it went deep, and not
        await agent.Parts.Pauses.ResumeAsync(null);
        agent.Set("2026-12-03 10:00"); // of the day before something was taken back
        await agent.SeeAsync("aw-watcher-window_fresh", "currentwindow", "2026-12-03 09:58", 2, new { app = "Code", title = "t" }); // the others may be anything now
        Assert.Contains(await agent.ItemsAsync(), i => i.Data["app"] == "Editor");
    }

    internal static async Task<string> FormKeyAsync(HttpClient http) => (await http.GetStringAsync("/data")).Split("name=\"key\" value=\"")[1].Split('"')[0];
}
