using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>What a stranger does, and sees: the README's first screen, driven with the real ActivityWatch client.</summary>
[Collection(Lanes.Demo)]
public sealed class WholeWayTests(DemoFixture demo)
{
    [Fact]
    public async Task a_real_watchers_events_are_minimised_sealed_shown_to_oneself_and_refused_to_the_manager()
    {
        var start = TimeProvider.System.GetUtcNow().AddMinutes(-30);
        var (exit, output, error) = await Programs.RunAsync("node", "aw-journey.js", demo.Agent, start.ToString("O", CultureInfo.InvariantCulture));
        Assert.True(exit == 0, error);
        var seen = JsonDocument.Parse(output).RootElement;
        Assert.Equal([0, 60, 120], seen.GetProperty("durations").EnumerateArray().Select(d => d.GetDouble()));
        Assert.Equal((3, true), (seen.GetProperty("count").GetInt32(), seen.GetProperty("same").GetBoolean()));
        Assert.Equal("""{"work":62,"apps":["Code","Slack"],"replaced":"three","left":2,"back":2,"setting":"04:00","gone":true}""", seen.GetProperty("mine").GetRawText());
        Assert.Equal([false, true], seen.GetProperty("made").EnumerateArray().Select(m => m.GetProperty("alreadyExist").GetBoolean()));

        await Programs.DaylightAsync("agent", "flush", "--data", Path.Combine(demo.Folder, "agent"));
        using var employee = demo.As("employee");
        var day = TimeZoneInfo.ConvertTime(start, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        var range = string.Create(CultureInfo.InvariantCulture, $"from={day.AddDays(-1):yyyy-MM-dd}&to={day.AddDays(1):yyyy-MM-dd}");
        using var response = await employee.GetAsync("/api/v1/me/records?" + range);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(ulong.TryParse(response.Headers.GetValues("Daylight-Entry").Single(), out var entry));
        Assert.DoesNotContain("SECRET-TITLE", text);
        var records = JsonDocument.Parse(text).RootElement.EnumerateArray().Where(r => r.GetProperty("start").GetDateTimeOffset() >= start.AddMinutes(-20)).ToList();
        Assert.All(records, r => Assert.Equal(["app"], r.GetProperty("data").EnumerateObject().Select(p => p.Name)));
        Assert.All(records, r => Assert.Equal(0, r.GetProperty("start").GetDateTimeOffset().Minute % 5));
        int Seconds(string app) => records.Where(r => r.GetProperty("data").GetProperty("app").GetString() == app).Sum(r => r.GetProperty("duration").GetInt32());
        Assert.Equal((60, 120), (Seconds("Editor"), Seconds("Chat")));

        using var manager = demo.As("manager");
        var person = demo.Persona("employee").GetProperty("person").GetString();
        using var refused = await manager.GetAsync($"/api/v1/people/{person}/records?program=focus-time&{range}");
        Assert.Equal((HttpStatusCode.Forbidden, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
        var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("manager/records", problem.GetProperty("missing").GetString());

        var looks = JsonDocument.Parse(await employee.GetStringAsync("/api/v1/me/disclosures")).RootElement.EnumerateArray().ToList();
        Assert.Contains(looks, l => l.GetProperty("entry").GetUInt64() == entry && l.GetProperty("relation").GetString() == "self");
        Assert.Contains(looks, l => l.GetProperty("entry").GetUInt64() == problem.GetProperty("entry").GetUInt64() && l.GetProperty("happened").GetString() == "refusal");
        Assert.Equal(records.Count, records.Select(r => r.GetProperty("start").GetString() + r.GetProperty("data")).Distinct().Count());
    }

    [Fact]
    public async Task an_export_of_activitywatch_is_taken_and_late_events_of_a_closed_day_arrive()
    {
        var day = TimeProvider.System.GetUtcNow().Date.AddDays(-3).AddHours(21);
        var file = Path.Combine(demo.Folder, "export.json");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $$$"""
            {"buckets":{"aw-watcher-window_old":{"id":"aw-watcher-window_old","type":"currentwindow","client":"aw-watcher-window","hostname":"old","created":"2026-01-01T00:00:00Z",
              "events":[{"id":1,"timestamp":"{{{day:yyyy-MM-ddTHH:mm:ss}}}Z","duration":600,"data":{"app":"Figma","title":"SECRET-TITLE"}}] } } }
            """));
        await Programs.DaylightAsync("agent", "import", file, "--data", Path.Combine(demo.Folder, "agent"));
        await Programs.DaylightAsync("agent", "flush", "--data", Path.Combine(demo.Folder, "agent"));
        using var employee = demo.As("employee");
        var text = await employee.GetStringAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v1/me/records?program=focus-time&from={day:yyyy-MM-dd}&to={day.AddDays(1):yyyy-MM-dd}"));
        Assert.Equal(600, JsonDocument.Parse(text).RootElement.EnumerateArray().Where(r => r.GetProperty("data").GetProperty("app").GetString() == "Design").Sum(r => r.GetProperty("duration").GetInt32()));
    }

    [Fact]
    public async Task the_log_is_verified_from_its_files_and_by_an_auditor_over_http()
    {
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", demo.Folder));
        var vkey = (await Programs.DaylightAsync("log", "vkey", "--server", demo.Portal)).Trim();
        var token = demo.Persona("auditor").GetProperty("token").GetString()!;
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--server", demo.Portal, "--vkey", vkey, "--token", token));
        var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, "log", "verify", "--server", demo.Portal, "--vkey", vkey, "--token", demo.Persona("employee").GetProperty("token").GetString()!);
        Assert.Equal(1, exit);
        Assert.Contains("auditor", error);
    }

    [Fact]
    public async Task every_role_has_a_persona_and_the_api_describes_itself()
    {
        foreach (var persona in (string[])["employee", "colleague", "manager", "other-manager", "program-owner", "privacy-officer", "works-council", "security", "investigator", "analyst", "workplace-planner", "auditor", "operator"])
        {
            using var http = demo.As(persona);
            var me = JsonDocument.Parse(await http.GetStringAsync("/api/v1/me")).RootElement;
            Assert.Equal(demo.Persona(persona).GetProperty("role").GetString() is { Length: > 0 } role ? [role] : [], me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()!));
        }

        using var anybody = new HttpClient { BaseAddress = new Uri(demo.Portal) };
        var paths = JsonDocument.Parse(await anybody.GetStringAsync("/openapi/v1.json")).RootElement.GetProperty("paths");
        foreach (var path in (string[])["/api/v1/me", "/api/v1/me/records", "/api/v1/me/disclosures", "/api/v1/people/{id}/records", "/api/v1/teams/{id}/releases", "/api/v1/programs", "/api/v1/asks"])
        {
            Assert.True(paths.TryGetProperty(path, out _), path);
        }
    }

    [Fact]
    public async Task the_manager_sees_the_weeks_of_the_team()
    {
        using var manager = demo.As("manager");
        var cells = JsonDocument.Parse(await manager.GetStringAsync($"/api/v1/teams/{demo.Persona("manager").GetProperty("team").GetString()}/releases?program=focus-time&measure=focus-minutes")).RootElement.EnumerateArray().ToList();
        Assert.True(cells.Count >= 4);
        Assert.All(cells, c => Assert.True(c.GetProperty("people").GetInt32() >= 5));
        using var other = demo.As("other-manager");
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync($"/api/v1/teams/{demo.Persona("manager").GetProperty("team").GetString()}/releases?program=focus-time&measure=focus-minutes")).StatusCode);
    }

    [Fact]
    public async Task the_demo_stops_with_ctrl_c_and_starts_again_without_damage()
    {
        Assert.Equal(0, await demo.RestartAsync());
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", demo.Folder));
        var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, ["demo", "--port", "0", "--agent-port", $"{demo.AgentPort}", "--data", demo.Folder + "2"]);
        Assert.Equal(1, exit);
        Assert.Contains("--agent-port", error);
    }

    [Fact]
    public async Task a_pause_stops_everything_until_a_review_is_signed_off()
    {
        var paused = await Programs.DaylightAsync("pause", "focus-time", "--reason", "a test", "--data", demo.Folder);
        using var employee = demo.As("employee");
        Assert.Equal(HttpStatusCode.Locked, (await employee.GetAsync("/api/v1/me/records?program=focus-time")).StatusCode);
        Assert.Contains("focus-time is paused, entry ", paused);
        async Task<string> RefusedAsync(params string[] arguments)
        {
            var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, [.. arguments, "--data", demo.Folder]);
            Assert.Equal(1, exit);
            return error;
        }

        string[] resume = ["resume", "focus-time", "--role", "program-owner", "--as", "program-owner"];
        Assert.Contains("daylight review open focus-time", await RefusedAsync(resume));
        await Programs.DaylightAsync("review", "open", "focus-time", "--data", demo.Folder, "--as", "privacy-officer");
        Assert.Contains("no report", await RefusedAsync(resume));
        var report = Path.Combine(demo.Folder, "review.yaml");
        const string findings = "summary: A backup folder was readable for too many people, and now it is the service's alone.\nfindings:\n  - what: The backup folder was readable for everybody.\n    fix: It belongs to the service alone.\n    test: { tried: Reading it as an ordinary user of that machine, refused: Permission was denied to that user";
        await File.WriteAllTextAsync(report, (findings + " }").Replace("refused: Permission was denied to that user", "output: none", StringComparison.Ordinal));
        Assert.Contains("review.yaml:5:", await RefusedAsync("review", "report", "focus-time", "--file", report, "--role", "security", "--as", "security"));
        await File.WriteAllTextAsync(report, findings + ", output: \"cat: Permission denied\" }\n");
        await Programs.DaylightAsync("review", "report", "focus-time", "--file", report, "--role", "security", "--data", demo.Folder, "--as", "security");
        await Programs.DaylightAsync("review", "sign", "focus-time", "--role", "privacy-officer", "--data", demo.Folder, "--as", "privacy-officer");
        Assert.Contains("works-council", await RefusedAsync(resume));
        await Programs.DaylightAsync("review", "sign", "focus-time", "--role", "works-council", "--data", demo.Folder, "--as", "works-council");
        await Programs.DaylightAsync([.. resume, "--data", demo.Folder]);
        Assert.Equal(HttpStatusCode.OK, (await employee.GetAsync("/api/v1/me/records?program=focus-time")).StatusCode);
    }

    [Fact]
    public async Task wrong_usage_is_told_with_exit_2_and_no_stack_trace()
    {
        foreach (var arguments in (string[][])[["serve"], ["nothing"], ["log", "verify", "--nope"], ["agent", "enroll"], ["log", "verify"]])
        {
            var (exit, output, error) = await Programs.RunAsync(Programs.Daylight, arguments);
            Assert.Equal(2, exit);
            Assert.NotEmpty(error);
            Assert.DoesNotContain("   at ", error + output);
        }
    }

    [Fact]
    public async Task an_agent_killed_at_any_moment_loses_and_doubles_no_acknowledged_event()
    {
        var data = Path.Combine(demo.Folder, "..", "killed");
        var port = Programs.FreePort();
        var acknowledged = 0;
        var start = TimeProvider.System.GetUtcNow().AddHours(-3); // recent: what is older than its retention is rightly forgotten
        for (var round = 0; round < 5; round++)
        {
            await using var agent = await Serving.StartAsync(1, "agent", "run", "--data", data, "--agent-port", $"{port}");
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await http.PostAsync("/api/0/buckets/b", Json("""{"client":"t","type":"currentwindow","hostname":"h"}"""));
            var kill = Task.CompletedTask;
            for (var i = 0; i < 5000; i++)
            {
                if (i == 200 + (round * 37))
                {
                    kill = agent.KillAsync();
                }

                try
                {
                    // A second apart, each with data of its own: every acknowledged one must be there once.
                    using var answer = await http.PostAsync("/api/0/buckets/b/heartbeat?pulsetime=0", Json($$$"""{"timestamp":"{{{start.AddSeconds(acknowledged):O}}}","duration":0,"data":{"n":{{{acknowledged}}} } }"""));
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    acknowledged++;
                }
                catch (HttpRequestException)
                {
                    break; // killed: this one was not acknowledged, and may or may not be there
                }
            }

            await kill;
        }

        await using var last = await Serving.StartAsync(1, "agent", "run", "--data", data, "--agent-port", $"{port}");
        using var reader = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var numbers = JsonDocument.Parse(await reader.GetStringAsync("/api/0/buckets/b/events?limit=-1")).RootElement.EnumerateArray().Select(e => e.GetProperty("data").GetProperty("n").GetInt32()).ToList();
        Assert.True(acknowledged >= 1000, $"only {acknowledged} were sent");
        Assert.Equal(Enumerable.Range(0, acknowledged), numbers.Where(n => n < acknowledged).Distinct().Order());
        Assert.True(numbers.Count <= acknowledged + 5, "an event was doubled");
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
