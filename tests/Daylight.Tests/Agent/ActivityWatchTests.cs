using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Agent;
using Daylight.Protocol;
using Daylight.Tests.Company;

namespace Daylight.Tests.Agent;

/// <summary>What ActivityWatch's clients expect, statuses and bodies included.</summary>
public sealed class ActivityWatchTests : IAsyncLifetime
{
    private const string Bucket = "/api/0/buckets/aw-watcher-window_host";

    private readonly int port = Ports.Free();
    private TestCompany company = null!;
    private AgentHost agent = null!;
    private HttpClient http = null!;

    public async ValueTask InitializeAsync()
    {
        company = await TestCompany.StartAsync();
        agent = await company.StartAgentAsync("anna", port);
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await agent.DisposeAsync();
        await company.DisposeAsync();
    }

    [Fact]
    public async Task info_needs_no_key()
    {
        var info = JsonDocument.Parse(await http.GetStringAsync("/api/0/info")).RootElement;
        Assert.Equal(["device_id", "hostname", "testing", "version"], info.EnumerateObject().Select(p => p.Name).Order());
    }

    [Fact]
    public async Task a_bucket_is_made_with_200_and_met_again_with_304()
    {
        Assert.Equal(HttpStatusCode.OK, await MakeBucketAsync());
        Assert.Equal(HttpStatusCode.NotModified, await MakeBucketAsync());
        foreach (var path in (string[])["/api/0/buckets", "/api/0/buckets/"])
        {
            var bucket = JsonDocument.Parse(await http.GetStringAsync(path)).RootElement.GetProperty("aw-watcher-window_host");
            Assert.Equal("currentwindow", bucket.GetProperty("type").GetString());
        }

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/api/0/buckets/none")).StatusCode);
    }

    [Fact]
    public async Task heartbeats_within_the_pulse_with_equal_data_are_one_event()
    {
        await MakeBucketAsync();
        await BeatAsync("09:10:00", """{"app":"Code","title":"a"}""", 5);
        await BeatAsync("09:10:04", """{"title":"a","app":"Code"}""", 5);
        await BeatAsync("09:10:09", """{"app":"Code","title":"a"}""", 5);
        var after = await BeatAsync("09:10:15", """{"app":"Code","title":"a"}""", 5);
        Assert.Equal(0, after.GetProperty("duration").GetDouble());
        var events = await EventsAsync();
        Assert.Equal([0, 9], events.Select(e => e.GetProperty("duration").GetDouble()));
        Assert.Equal("2026-11-02T09:10:15.000+00:00", events[0].GetProperty("timestamp").GetString());
    }

    [Fact]
    public async Task a_heartbeat_with_other_data_or_from_before_begins_a_new_event()
    {
        await MakeBucketAsync();
        await BeatAsync("09:00:10", """{"app":"Code"}""", 60);
        await BeatAsync("09:00:12", """{"app":"Firefox"}""", 60);
        await BeatAsync("09:00:05", """{"app":"Firefox"}""", 60);
        Assert.Equal(3, (await EventsAsync()).Count);
    }

    [Fact]
    public async Task a_premerged_heartbeat_keeps_the_longer_duration()
    {
        await MakeBucketAsync();
        await BeatAsync("09:00:00", """{"app":"Code"}""", 5, duration: 10);
        var merged = await BeatAsync("09:00:02", """{"app":"Code"}""", 5, duration: 1);
        Assert.Equal(10, merged.GetProperty("duration").GetDouble());
    }

    [Fact]
    public async Task an_event_with_an_id_replaces_that_event_of_this_bucket_only()
    {
        await MakeBucketAsync();
        await MakeBucketAsync("/api/0/buckets/other");
        var id = JsonDocument.Parse(await (await PostAsync(Bucket + "/events", """{"timestamp":"2026-11-02T09:00:00Z","duration":5,"data":{"app":"Code"}}""")).Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetInt64();
        await PostAsync("/api/0/buckets/other/events", $$$"""[{"id":{{{id}}},"timestamp":"2026-11-02T10:00:00Z","duration":1,"data":{"app":"stolen"}}]""");
        await PostAsync(Bucket + "/events", $$$"""[{"id":{{{id}}},"timestamp":"2026-11-02T09:00:00Z","duration":7,"data":{"app":"Code"}}]""");
        Assert.Equal(7, Assert.Single(await EventsAsync()).GetProperty("duration").GetDouble());
        Assert.Equal("1", await http.GetStringAsync(Bucket + "/events/count"));
    }

    [Fact]
    public async Task events_are_clipped_to_the_range_and_limited()
    {
        await MakeBucketAsync();
        await PostAsync(Bucket + "/events", """[{"timestamp":"2026-11-02T08:00:00Z","duration":60,"data":{}},{"timestamp":"2026-11-02T09:00:00Z","duration":60,"data":{}}]""");
        var clipped = await EventsAsync("?start=2026-11-02T08:00:30Z&end=2026-11-02T08:30:00Z");
        Assert.Equal(30, Assert.Single(clipped).GetProperty("duration").GetDouble());
        Assert.Single(await EventsAsync("?limit=1"));
        Assert.Equal(2, (await EventsAsync("?limit=-1")).Count);
    }

    [Fact]
    public async Task a_title_cut_inside_an_emoji_stops_nothing()
    {
        await MakeBucketAsync();
        await BeatAsync("08:00:00", """{"app":"Code","title":"half \ud83d"}""", 60, duration: 60);
        await BeatAsync("08:00:30", """{"title":"half \ud83d","app":"Code"}""", 60);
        await BeatAsync("08:10:00", """{"app":"Code","\ud83d":"a name of a field, too"}""", 60, duration: 60);
        Assert.True((await agent.FlushAsync(default)).Ok);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task a_heartbeat_to_a_bucket_that_is_gone_is_kept_all_the_same()
    {
        await BeatAsync("08:00:00", """{"app":"Code"}""", 60);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task an_import_taken_twice_counts_once()
    {
        const string export = """{"buckets":{"aw-watcher-window_host":{"id":"aw-watcher-window_host","type":"currentwindow","client":"x","hostname":"h","events":[{"timestamp":"2026-11-02T09:00:00Z","duration":60,"data":{"app":"Code"}}]}}}""";
        await PostAsync("/api/0/import", export);
        await PostAsync("/api/0/import", export);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task what_is_sent_is_minimised_and_the_title_stays_here()
    {
        await MakeBucketAsync();
        await PostAsync(Bucket + "/events", """{"timestamp":"2026-11-02T08:02:00Z","duration":420,"data":{"app":"Code","title":"the merger with Umbrella"}}""");
        var outcome = await agent.FlushAsync(default);
        Assert.True(outcome.Ok, outcome.Message);
        await company.SignAskAsync("anna");
        var json = TestCompany.Text((await company.As("anna").GetBytesAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", default)).OrThrow());
        Assert.DoesNotContain("Umbrella", json);
        var records = JsonSerializer.Deserialize(json, ProtocolJson.Default.IReadOnlyListShownRecord)!;
        Assert.Equal([180, 240], records.Select(r => r.Duration));
        Assert.All(records, r => Assert.Equal("Editor", r.Data["app"]));
    }

    [Fact]
    public async Task an_event_that_grows_after_it_was_sent_adds_only_what_it_grew()
    {
        await MakeBucketAsync();
        await BeatAsync("08:00:00", """{"app":"Code"}""", 600, duration: 60);
        await agent.FlushAsync(default);
        await BeatAsync("08:02:00", """{"app":"Code"}""", 600);
        await agent.FlushAsync(default);
        await agent.FlushAsync(default);
        await company.SignAskAsync("anna");
        var records = (await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow();
        Assert.Equal(120, Assert.Single(records).Duration);
    }

    [Fact]
    public async Task what_is_counted_adds_up_from_event_to_event_and_from_one_sending_to_the_next()
    {
        Assert.True((await agent.FlushAsync(default)).Ok); // before a charter is verified counts of input are dropped
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/0/buckets/aw-watcher-input_x", """{"client":"t","type":"os.hid.input","hostname":"x"}""")).StatusCode);
        foreach (var (time, flush) in new[] { ("08:00:00", false), ("08:00:10", false), ("08:00:20", true), ("09:00:00", true) })
        {
            // Equal events: what reads the same is one item, and its counts add up.
            await PostAsync("/api/0/buckets/aw-watcher-input_x/events", $$$"""{"timestamp":"2026-11-02T{{{time}}}Z","duration":5,"data":{"presses":50,"clicks":3}}""");
            if (flush)
            {
                Assert.True((await agent.FlushAsync(default)).Ok);
            }
        }

        await company.SignAskAsync("anna");
        var records = (await company.As("anna").GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow();
        Assert.Equal("200", Assert.Single(records).Data["presses"]);
    }

    [Theory]
    [InlineData("consent", "opt-in")]
    [InlineData("legitimate-interests", "opt-out")]
    public async Task a_program_that_asks_for_consent_collects_nothing_while_nobody_can_say_yes(string basis, string consent)
    {
        await company.ActivateAsync(TestCompany.Charter(program: "asking").Replace("lawful-basis: legitimate-interests", "lawful-basis: " + basis, StringComparison.Ordinal)
            .Replace("consent: none, by agreement", "consent: " + consent, StringComparison.Ordinal));
        await MakeBucketAsync();
        await PostAsync(Bucket + "/events", """{"timestamp":"2026-11-02T08:02:00Z","duration":420,"data":{"app":"Code"}}""");
        Assert.True((await agent.FlushAsync(default)).Ok);
        using var control = await AgentClient.FindAsync(Path.Combine(company.Folder, "agent-anna"), default);
        Assert.Equal([TestCompany.Program], (await control!.StatusAsync(default)).Programs);
        await company.SignAskAsync("anna");
        var records = (await company.As("anna").GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow();
        Assert.All(records, r => Assert.Equal(TestCompany.Program, r.Program));
        Assert.NotEmpty(records);
    }

    [Fact]
    public async Task while_the_employee_pauses_heartbeats_are_answered_and_dropped()
    {
        await MakeBucketAsync();
        using var control = await AgentClient.FindAsync(Path.Combine(company.Folder, "agent-anna"), default);
        Assert.Null(await control!.PauseAsync(new Daylight.Agent.PauseWanted(), default));
        var echo = await BeatAsync("09:00:00", """{"app":"Code"}""", 5);
        Assert.True(echo.TryGetProperty("timestamp", out _));
        await control.ResumeAsync(null, default);
        await BeatAsync("09:10:00", """{"app":"Code"}""", 5);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task with_the_server_away_nothing_is_lost_and_all_arrives_later()
    {
        await MakeBucketAsync();
        await BeatAsync("08:00:00", """{"app":"Code"}""", 60, duration: 60);
        company.Channel.Down = true;
        Assert.False((await agent.FlushAsync(default)).Ok);
        company.Channel.Down = false;
        Assert.True((await agent.FlushAsync(default)).Ok);
    }

    [Fact]
    public async Task a_server_that_rolled_its_log_back_is_not_believed()
    {
        await MakeBucketAsync();
        Assert.True((await agent.FlushAsync(default)).Ok);
        using (var state = new Daylight.Storage.SqliteDatabase(Path.Combine(company.Folder, "agent-anna", "agent.db")).Open())
        {
            Dapper.SqlMapper.Execute(state, "UPDATE state SET value = '5 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= 0' WHERE name = 'log'");
        }

        await BeatAsync("08:00:00", """{"app":"Code"}""", 60, duration: 60);
        var outcome = await agent.FlushAsync(default);
        Assert.False(outcome.Ok);
        Assert.Contains("rewritten or rolled back", outcome.Message);
    }

    [Fact]
    public async Task contributions_of_a_closed_week_go_up_by_themselves()
    {
        await MakeBucketAsync();
        await MakeBucketAsync("/api/0/buckets/aw-watcher-afk_host", "afkstatus");
        await PostAsync(Bucket + "/events", """{"timestamp":"2026-11-03T08:00:00Z","duration":3600,"data":{"app":"Code"}}""");
        await PostAsync("/api/0/buckets/aw-watcher-afk_host/events", """{"timestamp":"2026-11-03T08:30:00Z","duration":3600,"data":{"status":"not-afk"}}""");
        company.Clock.Now = new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
        Assert.True((await agent.FlushAsync(default)).Ok);
        using var connection = company.Database.Open();
        Assert.Equal(["2026-W45"], Dapper.SqlMapper.Query<string>(connection, "SELECT day FROM chunks WHERE kind = 'contribution'"));
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task a_foreign_page_is_kept_out(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/0/buckets");
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("/api/0/info", "GET", HttpStatusCode.OK)]
    [InlineData("/api/0/buckets/aw-watcher-web-chrome/heartbeat?pulsetime=80", "OPTIONS", HttpStatusCode.NoContent)]
    [InlineData("/api/0/buckets", "GET", HttpStatusCode.Forbidden)]
    [InlineData("/api/0/import", "POST", HttpStatusCode.Forbidden)]
    [InlineData("/", "GET", HttpStatusCode.Forbidden)]
    public async Task the_browser_extension_has_its_own_routes_only(string path, string method, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Origin", "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi");
        Assert.Equal(expected, (await http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task a_simple_cross_site_request_changes_nothing()
    {
        await MakeBucketAsync();
        using var form = new StringContent("""{"timestamp":"2026-11-02T09:00:00Z","data":{}}""", Encoding.UTF8, "text/plain");
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync(Bucket + "/heartbeat", form)).StatusCode);
        using var stale = new FormUrlEncodedContent([KeyValuePair.Create("key", "guessed")]);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync("/pause", stale)).StatusCode);
        Assert.Empty(await EventsAsync());
    }

    [Fact]
    public async Task without_the_runtime_files_secret_the_control_routes_are_shut() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync("/daylight/v1/forget", null)).StatusCode);

    [Fact]
    public async Task the_page_shows_what_will_be_sent_and_escapes_it()
    {
        await MakeBucketAsync();
        await agent.FlushAsync(default);
        await PostAsync(Bucket + "/events", """{"timestamp":"2026-11-02T08:02:00Z","duration":60,"data":{"app":"Code","title":"<script>"}}""");
        var page = await http.GetStringAsync("/outbox");
        Assert.Contains("What will be sent", page);
        Assert.Contains("1 min of app Editor", page);
        Assert.Contains("&lt;script&gt;", page);
        Assert.DoesNotContain("<script>", page);
    }

    private async Task<HttpStatusCode> MakeBucketAsync(string path = Bucket, string type = "currentwindow") =>
        (await PostAsync(path, $$"""{"client":"test","type":"{{type}}","hostname":"!local"}""")).StatusCode;

    private async Task<JsonElement> BeatAsync(string time, string data, double pulse, double duration = 0)
    {
        var response = await PostAsync($"{Bucket}/heartbeat?pulsetime={pulse}", $$"""{"timestamp":"2026-11-02T{{time}}Z","duration":{{duration}},"data":{{data}}}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    private async Task<List<JsonElement>> EventsAsync(string query = "") => [.. JsonDocument.Parse(await http.GetStringAsync(Bucket + "/events" + query)).RootElement.EnumerateArray()];

    private Task<HttpResponseMessage> PostAsync(string path, string json) => http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
}

/// <summary>Ports that nobody uses.</summary>
internal static class Ports
{
    public static int Free()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
