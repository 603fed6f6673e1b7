using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Tests.Core;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Agent;

/// <summary>What real clients send, byte for byte, what they read in the answer, and what is stored of it.</summary>
public sealed class ClientTests
{
    private const string Python = "User-Agent: python-requests/2.32.3\nAccept-Encoding: gzip, deflate\nAccept: */*\nConnection: keep-alive\nContent-type: application/json\ncharset: utf-8";
    private const string Script = "User-Agent: node\nAccept: */*\nSec-Fetch-Mode: cors\nContent-Type: application/json";
    private const string Swift = "User-Agent: aw-watcher-window-macos (unknown version) CFNetwork/1568.200.51 Darwin/24.1.0\nAccept: */*\nAccept-Language: en-US,en;q=0.9\nContent-Type: application/json";
    private const string Curl = "User-Agent: curl/8.5.0\nAccept: */*\nContent-Type: application/json";
    private const string Cli = "User-Agent: wakatime/v1.115.2 (linux-6.1.0-28-amd64-unknown) go1.24.0 vscode/1.96.0 vscode-wakatime/25.0.0\nAccept: application/json\nContent-Type: application/json\nAuthorization: Basic MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw\nTimezone: Europe/Berlin\nX-Machine-Name: Anna%27s+MacBook+Pro";
    private const string Page = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\nAccept: */*";
    private const string Key = "api_key=00000000-0000-4000-8000-000000000000";
    private const string Bulk = "/api/v1/users/current/heartbeats.bulk";
    private const string Window = "aw-watcher-window_mbp";
    private const string ChromeWatcher = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi";
    private const string FirefoxWatcher = "moz-extension://0b9d1a52-3f1c-4a43-9d8e-3f6f0e0e6a11";
    private const string SafariWatcher = "safari-web-extension://6D0E7B0A-3C1B-4B69-8F0F-0F7C0E2A4A11";
    private const string WakaInChrome = "chrome-extension://jnbbnacmeggbgdjgaoojpmhdlkkpblgi";
    private const string WakaInEdge = "chrome-extension://cdnpfnaadjmaplhghnlonephmabegadl";

    private static readonly string Editor = "aw-watcher-wakatime-vscode_" + Environment.MachineName;
    private static readonly string Sites = "aw-watcher-wakatime-web_" + Environment.MachineName;

    [Fact]
    public async Task the_python_clients_bucket_is_made_once_and_its_premerged_heartbeats_join()
    {
        await using var agent = await TestAgent.StartAsync();
        const string bucket = """{"client": "aw-watcher-window", "hostname": "mbp", "type": "currentwindow"}""";
        Assert.Equal("200 {}", await TextAsync(agent, $"POST /api/0/buckets/{Window}", Python, bucket));
        Assert.Equal("304 ", await TextAsync(agent, $"POST /api/0/buckets/{Window}", Python, bucket));
        var beat = $"POST /api/0/buckets/{Window}/heartbeat?pulsetime=2.0";
        await OkAsync(agent, beat, Python, """{"id": null, "timestamp": "2026-12-02T09:00:00.123000+00:00", "duration": 10.994512, "data": {"app": "Code", "title": "caf\u00e9 \u2014 main.cs"}}""");
        var echo = await OkAsync(agent, beat, Python, """{"id": null, "timestamp": "2026-12-02T09:00:12+00:00", "duration": 11.5, "data": {"title": "caf\u00e9 \u2014 main.cs", "app": "Code"}}""");
        Assert.Equal(("2026-12-02T09:00:00.123+00:00", 23.377), (echo.GetProperty("timestamp").GetString(), echo.GetProperty("duration").GetDouble()));
        await OkAsync(agent, beat, Python, """{"id": null, "timestamp": "2026-12-02T09:00:24.000999+00:00", "duration": 0.0, "data": {"app": "unknown", "title": "excluded"}}""");
        await OkAsync(agent, beat, Python, """{"id": null, "timestamp": "2026-12-02T09:00:26.001000+00:00", "duration": 0.0, "data": {"app": "unknown", "title": "excluded"}}""");
        Assert.Equal(["09:00:00.123 23.377 Code|café — main.cs", "09:00:24.000 0 unknown|excluded", "09:00:26.001 0 unknown|excluded"], await StoredAsync(agent, Window));
    }

    [Fact]
    public async Task the_python_client_reads_writes_counts_and_deletes_events()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.MakeAsync(Window, "currentwindow");
        const string events = $"/api/0/buckets/{Window}/events";
        await OkAsync(agent, $"POST {events}", Python, """[{"id": null, "timestamp": "2026-12-02T08:00:00+00:00", "duration": 60.0, "data": {"app": "a"}}, {"id": null, "timestamp": "2026-12-02T09:00:00.500000+00:00", "duration": 30.0, "data": {"app": "b"}}]""");
        await OkAsync(agent, $"POST {events}", Python, """[{"id": null, "timestamp": "2026-12-02T09:30:00+00:00", "duration": 0, "data": {}}]""");
        var all = await OkAsync(agent, $"GET {events}?limit=-1", Python);
        Assert.Equal(["09:30:00.000 0 ", "09:00:00.500 30 b", "08:00:00.000 60 a"], all.EnumerateArray().Select(Line));
        Assert.Equal(["08:00:30.000 30 a"], (await OkAsync(agent, $"GET {events}?limit=-1&start=2026-12-02T08%3A00%3A30%2B00%3A00&end=2026-12-02T08%3A30%3A00.000001%2B00%3A00", Python)).EnumerateArray().Select(Line));
        Assert.Equal("200 2", await TextAsync(agent, $"GET {events}/count?start=2026-12-02T09%3A00%3A00%2B00%3A00", Python));
        var id = all[2].GetProperty("id").GetInt64();
        Assert.Equal("08:00:00.000 60 a", Line(await OkAsync(agent, $"GET {events}/{id}", Python)));
        Assert.Equal("""200 {"success":true}""", await TextAsync(agent, $"DELETE {events}/{id}", Python, "{}"));
        Assert.StartsWith("404 ", await TextAsync(agent, $"GET {events}/{id}", Python), StringComparison.Ordinal);
        var bucket = (await OkAsync(agent, "GET /api/0/buckets/", Python)).GetProperty(Window);
        Assert.Equal("2026-12-02T09:30:00.000+00:00", bucket.GetProperty("last_updated").GetString());
        Assert.Equal("200 {}", await TextAsync(agent, $"DELETE /api/0/buckets/{Window}?force=1", Python, "{}"));
        Assert.Equal("200 {}", await TextAsync(agent, "GET /api/0/buckets/", Python));
    }

    [Fact]
    public async Task an_absence_is_one_event_however_the_watcher_pings_meanwhile()
    {
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal("200 {}", await TextAsync(agent, "POST /api/0/buckets/aw-watcher-afk_mbp", Python, """{"client": "aw-watcher-afk", "hostname": "mbp", "type": "afkstatus"}"""));
        Task<JsonElement> PingAsync(string time, string duration, string status) =>
            OkAsync(agent, "POST /api/0/buckets/aw-watcher-afk_mbp/heartbeat?pulsetime=185.0", Python, $$$"""{"id": null, "timestamp": "2026-12-02T{{{time}}}+00:00", "duration": {{{duration}}}, "data": {"status": "{{{status}}}"}}""");
        await PingAsync("08:00:00", "10.021", "not-afk");
        await PingAsync("08:02:59.900000", "420.1", "not-afk");
        await PingAsync("08:10:00", "0.0", "not-afk"); // the last input, found when the time is over
        await PingAsync("08:10:00.001000", "180.512345", "afk");
        await PingAsync("08:10:00.001000", "1200.499000", "afk");
        await PingAsync("08:10:00.001000", "1800.500000", "afk");
        await PingAsync("08:40:05", "0.0", "afk");
        await PingAsync("08:40:05.001000", "0.0", "not-afk");
        Assert.Equal(["08:00:00.000 600 not-afk", "08:10:00.001 1804.999 afk", "08:40:05.001 0 not-afk"], await StoredAsync(agent, "aw-watcher-afk_mbp"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task input_is_kept_only_while_a_charter_asks_for_it_and_answered_always(bool isAsked)
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Trial.Text(isAsked ? "input: { presses: count 1h, time: count 1h }" : "window: { app: category, time: round 5m }", shown: isAsked ? "presses, time" : "app, time"));
        Assert.Equal("200 {}", await TextAsync(agent, "POST /api/0/buckets/aw-watcher-input_mbp", Python, """{"client": "aw-watcher-input", "hostname": "mbp", "type": "os.hid.input"}"""));
        Task<JsonElement> TypeAsync(string pulse, string second, string data) =>
            OkAsync(agent, $"POST /api/0/buckets/aw-watcher-input_mbp/heartbeat?pulsetime={pulse}", Python, $$"""{"id": null, "timestamp": "2026-12-02T09:00:{{second}}+00:00", "duration": 5.000211, "data": {{data}}}""");
        var echo = await TypeAsync("0.0", "00.004000", """{"presses": 31, "clicks": 2, "deltaX": 120, "deltaY": 44, "scrollX": 0, "scrollY": 7}""");
        await TypeAsync("5.1", "05.004000", """{"presses": 0, "clicks": 0, "deltaX": 0, "deltaY": 0, "scrollX": 0, "scrollY": 0}""");
        await TypeAsync("5.1", "10.004000", """{"presses": 0, "clicks": 0, "deltaX": 0, "deltaY": 0, "scrollX": 0, "scrollY": 0}""");
        Assert.Equal("09:00:00.004 5.000211 31|2|120|44|0|7", Line(echo));
        Assert.Equal(isAsked ? ["09:00:00.004 5.000211 31|2|120|44|0|7", "09:00:05.004 10.000211 0|0|0|0|0|0"] : [], await StoredAsync(agent, "aw-watcher-input_mbp"));
    }

    [Theory]
    [InlineData(ChromeWatcher, "chrome", "Sec-Fetch-Site: none")]
    [InlineData(FirefoxWatcher, "firefox", "Sec-Fetch-Site: cross-site")]
    [InlineData(SafariWatcher, "safari", "Sec-Fetch-Site: cross-site")]
    public async Task the_web_watcher_reports_from_every_browser_and_reaches_nothing_else(string origin, string browser, string site)
    {
        await using var agent = await TestAgent.StartAsync();
        var headers = $"Origin: {origin}\n{site}\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\n{Page}";
        var bucket = $"aw-watcher-web-{browser}_mbp";
        foreach (var path in (string[])[$"/api/0/buckets/{bucket}", $"/api/0/buckets/{bucket}/heartbeat?pulsetime=80"])
        {
            var preflight = await SendAsync(agent, $"OPTIONS {path}", headers + "\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: authorization,content-type");
            Assert.Equal((HttpStatusCode.NoContent, origin), (preflight.StatusCode, Header(preflight, "Access-Control-Allow-Origin")));
            Assert.Contains("POST", Header(preflight, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
            Assert.Empty(new[] { "authorization", "content-type" }.Except(Header(preflight, "Access-Control-Allow-Headers").Split(", ")));
        }

        Assert.Equal(Environment.MachineName, (await OkAsync(agent, "GET /api/0/info", headers)).GetProperty("hostname").GetString());
        var json = headers + "\nContent-Type: application/json\nAuthorization: Bearer whatever";
        var made = await SendAsync(agent, $"POST /api/0/buckets/{bucket}", json, """{"client":"aw-client-web","type":"web.tab.current","hostname":"mbp"}""");
        Assert.Equal((HttpStatusCode.OK, origin), (made.StatusCode, Header(made, "Access-Control-Allow-Origin")));
        var beat = $"POST /api/0/buckets/{bucket}/heartbeat?pulsetime=80";
        await OkAsync(agent, beat, json, """{"data":{"url":"https://docs.example.com/a?b=1","title":"Docs","audible":false,"incognito":false,"tabCount":7},"duration":0,"timestamp":"2026-12-02T09:00:00.000Z"}""");
        var sent = await OkAsync(agent, beat, json, """{"data":{"url":"https://docs.example.com/a?b=1","title":"Docs","audible":false,"incognito":false,"tabCount":7},"duration":0,"timestamp":"2026-12-02T09:01:00.250Z"}""");
        Assert.Equal("09:00:00.000 60.25 https://docs.example.com/a?b=1|Docs|False|False|7", Line(sent));
        await OkAsync(agent, beat, json, """{"data":{"url":"https://other.example.com/","title":"x","audible":true,"incognito":true,"tabCount":1},"duration":0,"timestamp":"2026-12-02T09:01:10.000Z"}""");
        Assert.Equal([Line(sent)], await StoredAsync(agent, bucket));
        foreach (var other in (string[])
        [
            "GET /", "GET /outbox", "GET /api/0/buckets/", "HEAD /api/0/buckets/", $"GET /api/0/buckets/{bucket}", $"GET /api/0/buckets/{bucket}/events", $"POST /api/0/buckets/{bucket}/events", $"DELETE /api/0/buckets/{bucket}",
            $"PUT /api/0/buckets/{bucket}", "GET /api/0/export", "POST /api/0/import", "POST /api/0/query/", "GET /api/0/settings", "POST /owntracks", "OPTIONS /api/0/query/", "POST /pause",
        ])
        {
            Assert.Equal((other, HttpStatusCode.Forbidden), (other, (await SendAsync(agent, other, json, other[0] == 'P' ? "{}" : null)).StatusCode));
        }
    }

    [Fact]
    public async Task an_extension_that_a_company_built_itself_gets_in_when_it_is_named_and_no_other_page_does()
    {
        const string own = "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        await using var agent = await TestAgent.StartAsync(change: o => o with { Origins = [own] });
        string[] origins = [own, "chrome-extension://bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "https://vscode.dev", "null", WakaInChrome];
        Assert.Equal([200, 403, 403, 403, 403], (await Task.WhenAll(origins.Select(o => SendAsync(agent, "GET /api/0/info", $"Origin: {o}\n{Page}")))).Select(a => (int)a.StatusCode));
    }

    [Fact]
    public async Task the_macos_helper_sends_no_duration_and_the_last_window_once_more()
    {
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal("200 {}", await TextAsync(agent, $"POST /api/0/buckets/{Window}", Swift, """{"client":"aw-watcher-window","hostname":"mbp","type":"currentwindow"}"""));
        Task<JsonElement> SeeAsync(string pulse, string time, string data) => OkAsync(agent, $"POST /api/0/buckets/{Window}/heartbeat?pulsetime={pulse}", Swift, $$"""{"data":{{data}},"timestamp":"2026-12-02T{{time}}Z"}""");
        await SeeAsync("1.0", "09:00:00.000", """{"app":"Safari","title":"Docs","url":"https:\/\/docs.example.com\/a"}""");
        await SeeAsync("61.000999927520752", "09:00:59.999", """{"title":"Docs","app":"Safari","url":"https:\/\/docs.example.com\/a"}""");
        await SeeAsync("61.000999927520752", "09:01:00.000", """{"app":"Xcode","title":"main.swift"}""");
        await SeeAsync("2641.0", "09:44:59.999", """{"app":"Xcode","title":"main.swift"}""");
        await SeeAsync("2641.0", "09:45:00.000", """{"app":"loginwindow"}""");
        Assert.Equal(["09:00:00.000 59.999 Safari|Docs|https://docs.example.com/a", "09:01:00.000 2639.999 Xcode|main.swift", "09:45:00.000 0 loginwindow"], await StoredAsync(agent, Window));
    }

    [Theory]
    [InlineData("vscode", Script, "20", """{"client":"aw-watcher-vscode","type":"app.editor.activity","hostname":"mbp"}""", """{"timestamp":"2026-12-02T09:00:00.000Z","duration":0,"data":{"language":"csharp","project":"/home/a/p","file":"/home/a/p/x.cs","branch":"unknown"}}""", """{"timestamp":"2026-12-02T09:00:19.500Z","duration":0,"data":{"language":"csharp","project":"/home/a/p","file":"/home/a/p/x.cs","branch":"unknown"}}""", "09:00:00.000 19.5 csharp|/home/a/p|/home/a/p/x.cs|unknown")]
    [InlineData("vim", Curl, "30", """{"hostname":"mbp","client":"aw-watcher-vim","name":"aw-watcher-vim_mbp","type":"app.editor.activity"}""", """{"duration":0,"timestamp":"2026-12-02T10:00:00+0100","data":{"project":"/home/a/p","file":"/home/a/p/x.rs","language":"rust"}}""", """{"data":{"language":"rust","project":"/home/a/p","file":"/home/a/p/x.rs"},"timestamp":"2026-12-02T04:30:30-0430","duration":0}""", "09:00:00.000 30 /home/a/p|/home/a/p/x.rs|rust")]
    public async Task editors_send_points_that_join(string editor, string headers, string pulse, string bucket, string first, string second, string stored)
    {
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal("200 {}", await TextAsync(agent, $"POST /api/0/buckets/aw-watcher-{editor}_mbp", headers, bucket));
        await OkAsync(agent, $"POST /api/0/buckets/aw-watcher-{editor}_mbp/heartbeat?pulsetime={pulse}", headers, first);
        Assert.Equal(stored, Line(await OkAsync(agent, $"POST /api/0/buckets/aw-watcher-{editor}_mbp/heartbeat?pulsetime={pulse}", headers, second)));
        Assert.Equal([stored], await StoredAsync(agent, $"aw-watcher-{editor}_mbp"));
    }

    [Fact]
    public async Task the_javascript_client_reads_what_it_wrote()
    {
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal("200 {}", await TextAsync(agent, "POST /api/0/buckets/aw-test", Script, """{"client":"aw-client-js","type":"test","hostname":"mbp"}"""));
        Assert.Equal("304 ", await TextAsync(agent, "POST /api/0/buckets/aw-test", Script, """{"client":"aw-client-js","type":"test","hostname":"mbp"}"""));
        var bucket = await OkAsync(agent, "GET /api/0/buckets/aw-test", Script);
        Assert.Equal(("aw-test", "test", "mbp", JsonValueKind.Object), (bucket.GetProperty("id").GetString(), bucket.GetProperty("type").GetString(), bucket.GetProperty("hostname").GetString(), bucket.GetProperty("data").ValueKind));
        Assert.Equal(agent.Clock.Now, DateTimeOffset.Parse(bucket.GetProperty("created").GetString()!, CultureInfo.InvariantCulture));
        await OkAsync(agent, "POST /api/0/buckets/aw-test/events", Script, """[{"timestamp":"2026-12-02T09:00:00.000Z","duration":5,"data":{"label":"a"}},{"timestamp":"2026-12-02T09:10:00.000Z","duration":7.25,"data":{"label":"b"}}]""");
        var events = await OkAsync(agent, "GET /api/0/buckets/aw-test/events?", Script);
        Assert.Equal(["09:10:00.000 7.25 b", "09:00:00.000 5 a"], events.EnumerateArray().Select(Line));
        Assert.Equal(["09:10:00.000 7.25 b"], (await OkAsync(agent, "GET /api/0/buckets/aw-test/events?start=2026-12-02T08%3A00%3A00.000Z&end=2026-12-02T10%3A00%3A00.000Z&limit=1", Script)).EnumerateArray().Select(Line));
        Assert.Equal("200 2", await TextAsync(agent, "GET /api/0/buckets/aw-test/events/count?", Script));
        var id = events[0].GetProperty("id").GetInt64();
        await OkAsync(agent, "POST /api/0/buckets/aw-test/events", Script, $$$"""[{"id":{{{id}}},"timestamp":"2026-12-02T09:10:00.000Z","duration":9,"data":{"label":"c"}}]""");
        Assert.Equal(["09:00:00.000 5 a", "09:10:00.000 9 c"], await StoredAsync(agent, "aw-test"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(agent, $"DELETE /api/0/buckets/aw-test/events/{id}", Script)).StatusCode);
        Assert.Equal("[5]", (await OkAsync(agent, "POST /api/0/query/?name=query", Script, """{"query":["RETURN = sum_durations(query_bucket(\"aw-test\"));"],"timeperiods":["2026-12-02T00:00:00.000Z/2026-12-03T00:00:00.000Z"]}""")).GetRawText());
    }

    [Fact]
    public async Task wakatime_cli_gets_a_pair_for_each_heartbeat_and_drops_only_what_is_none()
    {
        await using var agent = await TestAgent.StartAsync();
        var answer = await WakaAsync(agent, HttpStatusCode.Accepted, $"POST {Bulk}", Cli, """
            [{"branch":"main","category":"coding","cursorpos":12,"dependencies":["dep1","dep2"],"entity":"/home/anna/apollo/main.go","type":"file","is_write":true,"language":"Go","line_additions":3,"line_deletions":0,"lineno":42,"lines":100,"project":"apollo","project_root_count":4,"time":1796202000.123456,"user_agent":"wakatime/v1.115.2 (linux-6.1.0-28-amd64-unknown) go1.24.0 vscode/1.96.0 vscode-wakatime/25.0.0"},
            {"category":"debugging","entity":"","type":"file","time":1796202060,"user_agent":"wakatime/13.0.7"},
            {"ai_line_changes":4,"category":"ai coding","entity":"/home/anna/apollo/main.go","type":"file","time":"1796202120.5","lineno":"7","language":null,"project":null,"unknown":{"a":[1]},"user_agent":"wakatime/v1.115.2 (linux-6.1.0-28-amd64-unknown) go1.24.0 vscode/1.96.0 vscode-wakatime/25.0.0"},
            {"category":"coding","entity":"/home/anna/apollo/main.go","type":"file","time":null,"user_agent":"x"}]
            """);
        var responses = answer.GetProperty("responses").EnumerateArray().ToList();
        Assert.Equal([201, 400, 201, 400], responses.Select(r => r[1].GetInt32()));
        Assert.All(responses, r => Assert.True(r[0].GetProperty("data").ValueKind == JsonValueKind.Null && r[0].GetProperty("error").ValueKind == JsonValueKind.Null)); // an error would be sent again for ever by its browser extension
        Assert.Equal(["entity", "time"], responses.Where(r => r[1].GetInt32() == 400).Select(r => Assert.Single(r[0].GetProperty("errors").EnumerateObject()).Name));
        Assert.All(responses.Where(r => r[1].GetInt32() == 400), r => Assert.Equal(JsonValueKind.String, Assert.Single(r[0].GetProperty("errors").EnumerateObject().Single().Value.EnumerateArray()).ValueKind));
        Assert.Equal(["09:00:00.123 120.377 /home/anna/apollo/main.go|apollo|Go|main", "09:02:00.500 0 /home/anna/apollo/main.go|||"], await StoredAsync(agent, Editor));
    }

    [Theory]
    [InlineData("/api/v1/users/current/heartbeats")]
    [InlineData("/api/compat/wakatime/v1/users/current/heartbeats.bulk")]
    [InlineData("/api/v1/users/current/heartbeats.bulk/")]
    public async Task wakatime_cli_reports_under_any_prefix_and_its_machine_is_this_one_however_often_it_escapes_it(string path)
    {
        await using var agent = await TestAgent.StartAsync();
        foreach (var (i, name) in new[] { "J%C3%BCrgen%27s+Mac", "J%25C3%25BCrgen%2527s%2BMac", "J%2525C3%2525BCrgen%252527s%252BMac" }.Index())
        {
            await WakaAsync(agent, HttpStatusCode.Created, $"POST {path}", Cli.Replace("Anna%27s+MacBook+Pro", name, StringComparison.Ordinal), $$"""[{"category":"coding","entity":"/a.go","type":"file","language":"Go","time":{{1796202000 + (i * 60)}},"user_agent":"wakatime/v1.115.2 (linux-6.1.0) go1.24.0 vscode/1.96.0 vscode-wakatime/25.0.0"}]""");
        }

        Assert.Equal(["09:00:00.000 120 /a.go||Go|"], await StoredAsync(agent, Editor));
        Assert.Single((await agent.GetAsync("/api/0/buckets/")).EnumerateObject());
    }

    [Theory]
    [InlineData(WakaInChrome, "Chrome/131.0.0.0 linux chrome-wakatime/4.0.10")]
    [InlineData(WakaInEdge, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0 win edge-wakatime/4.0.10")]
    [InlineData(FirefoxWatcher, "Firefox/133.0 mac firefox-wakatime/4.0.10")]
    public async Task wakatime_in_a_browser_signs_in_reports_and_reads_today(string origin, string plugin)
    {
        await using var agent = await TestAgent.StartAsync();
        var headers = $"Origin: {origin}\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\n{Page}";
        var preflight = await SendAsync(agent, $"OPTIONS {Bulk}?{Key}", headers + "\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: x-machine-name");
        Assert.Equal((HttpStatusCode.NoContent, origin), (preflight.StatusCode, Header(preflight, "Access-Control-Allow-Origin")));
        Assert.Contains("x-machine-name", Header(preflight, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.Equal(agent.Parts.Person.Local.Zone.Id, (await OkAsync(agent, $"GET /api/v1/users/current?{Key}", headers)).GetProperty("data").GetProperty("timezone").GetString());
        var sent = await SendAsync(agent, $"POST {Bulk}?{Key}", headers + "\nContent-Type: text/plain;charset=UTF-8\nX-Machine-Name: Anna's PC", $$"""
            [{"branch":"<<LAST_BRANCH>>","entity":"https://docs.example.com/a","id":"0e37df36-f698-11e6-8dd4-cb9ced3df992","project":"<<LAST_PROJECT>>","time":"1796202000.250","type":"url","plugin":"{{plugin}}"},{"branch":"<<LAST_BRANCH>>","category":"code reviewing","entity":"https://docs.example.com/{{new string('x', 5000)}}","id":"1e37df36-f698-11e6-8dd4-cb9ced3df992","project":"p","time":"1796202060.250","type":"url","plugin":"{{plugin}}"}]
            """);
        Assert.Equal((HttpStatusCode.Created, origin), (sent.StatusCode, Header(sent, "Access-Control-Allow-Origin")));
        Assert.Equal([201, 201], JsonDocument.Parse(await sent.Content.ReadAsStringAsync()).RootElement.GetProperty("responses").EnumerateArray().Select(r => r[1].GetInt32()));
        Assert.Equal(["09:00:00.250 60 https://docs.example.com/a", "09:01:00.250 0 https://docs.example.com/" + new string('x', 4096 - 25)], await StoredAsync(agent, Sites));
        Assert.Equal("0 mins", (await OkAsync(agent, $"GET /api/v1/users/current/summaries?{Key}&end=2026-12-02&start=2026-12-02", headers)).GetProperty("data")[0].GetProperty("grand_total").GetProperty("text").GetString());
        foreach (var path in (string[])["/api/0/buckets/", "/api/0/export", $"/api/0/buckets/{Sites}/events", "/outbox"])
        {
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, (await SendAsync(agent, "GET " + path, headers)).StatusCode));
        }
    }

    [Theory]
    [InlineData("https://docs.example.com", true)]
    [InlineData("docs.example.com", true)]
    [InlineData("https://www.aok.de", false)]
    [InlineData("www.aok.de", false)]
    public async Task wakatime_in_a_browser_names_a_domain_with_its_scheme_and_private_life_stays_outside(string entity, bool isKept)
    {
        await using var agent = await TestAgent.StartAsync();
        await WakaAsync(agent, HttpStatusCode.Created, $"POST {Bulk}?{Key}", $"Origin: {WakaInChrome}\n{Page}\nContent-Type: text/plain;charset=UTF-8", $$"""[{"branch":"<<LAST_BRANCH>>","entity":"{{entity}}","id":"a","project":"<<LAST_PROJECT>>","time":"1796202000.000","type":"domain","plugin":"Chrome/131.0.0.0 linux chrome-wakatime/4.0.10"}]""");
        Assert.Equal(isKept ? ["09:00:00.000 0 https://docs.example.com/"] : [], await StoredAsync(agent, Sites));
    }

    [Fact]
    public async Task the_status_bar_of_vscode_shows_today()
    {
        await using var agent = await TestAgent.StartAsync();
        var vscode = "User-Agent: vscode/1.96.0 vscode-wakatime/25.0.0\nContent-Type: application/json";
        Assert.Equal("0 mins", Text(await OkAsync(agent, $"GET /api/v1/users/current/statusbar/today?{Key}", vscode)));
        await WakaAsync(agent, HttpStatusCode.Created, $"POST {Bulk}", Cli, """[{"category":"coding","entity":"/a.cs","type":"file","time":1796198400,"user_agent":"x vscode-wakatime/25.0.0"},{"category":"coding","entity":"/b.cs","type":"file","time":1796199180,"user_agent":"x vscode-wakatime/25.0.0"},{"category":"coding","entity":"/a.cs","type":"file","time":1796199960,"user_agent":"x vscode-wakatime/25.0.0"}]""");
        var bar = await OkAsync(agent, $"GET /api/v1/users/current/statusbar/today?{Key}", vscode);
        Assert.Equal(("26 mins", "0:26", 1560, 0), (Text(bar), Total(bar).GetProperty("digital").GetString(), Total(bar).GetProperty("total_seconds").GetDouble(), bar.GetProperty("data").GetProperty("categories").GetArrayLength()));
        Assert.Equal("26 mins", Text(await OkAsync(agent, "GET /api/compat/wakatime/v1/users/current/statusbar/today", Cli)));
        await WakaAsync(agent, HttpStatusCode.Created, $"POST {Bulk}", Cli, """[{"category":"coding","entity":"/b.cs","type":"file","time":1796200740,"user_agent":"x vim-wakatime/1"},{"category":"coding","entity":"/b.cs","type":"file","time":1796201640,"user_agent":"x vim-wakatime/1"},{"category":"coding","entity":"/b.cs","type":"file","time":1796202540,"user_agent":"x vim-wakatime/1"},{"category":"coding","entity":"/b.cs","type":"file","time":1796203140,"user_agent":"x vim-wakatime/1"}]""");
        Assert.Equal("1 hr 6 mins", Text(await OkAsync(agent, $"GET /api/v1/users/current/statusbar/today?{Key}", vscode)));
        static JsonElement Total(JsonElement bar) => bar.GetProperty("data").GetProperty("grand_total");
        static string? Text(JsonElement bar) => Total(bar).GetProperty("text").GetString();
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Created)]
    [InlineData("https://vscode.dev", HttpStatusCode.Forbidden)]
    public async Task vscode_for_the_web_sends_a_text_that_holds_json(string? origin, HttpStatusCode expected)
    {
        await using var agent = await TestAgent.StartAsync();
        var answer = await SendAsync(agent, $"POST {Bulk}?{Key}", (origin is null ? "" : $"Origin: {origin}\n") + Page + "\nContent-Type: application/json\nX-Machine-Name: desktop", """
            "[{\"type\":\"file\",\"plugin\":\"vscode/1.96.0 vscode-wakatime/25.0.0\",\"entity\":\"/w/\u00fc.ts\",\"time\":1796202000.5,\"is_write\":false,\"lineno\":12,\"cursorpos\":3,\"lines_in_file\":80,\"human_line_changes\":0,\"alternate_project\":\"apollo\",\"project_root_count\":1,\"language\":\"typescript\"}]"
            """);
        Assert.Equal(expected, answer.StatusCode);
        var buckets = (await agent.GetAsync("/api/0/buckets/")).EnumerateObject().Where(b => b.Value.GetProperty("type").GetString() == "app.editor.activity").Select(b => b.Name).ToList();
        Assert.Equal(origin is null ? ["09:00:00.500 0 /w/ü.ts||typescript|"] : [], (await Task.WhenAll(buckets.Select(b => StoredAsync(agent, b)))).SelectMany(e => e));
    }

    [Fact]
    public async Task the_last_project_branch_and_language_are_those_of_the_heartbeat_before()
    {
        await using var agent = await TestAgent.StartAsync();
        await WakaAsync(agent, HttpStatusCode.Created, $"POST {Bulk}", Cli, """[{"entity":"/a.go","type":"file","time":1796202000,"project":"<<LAST_PROJECT>>","language":"Go"},{"entity":"/b.go","type":"file","time":1796202060,"project":"apollo","branch":"main","language":"Go"},{"entity":"/c","type":"file","time":1796202120,"project":"<<LAST_PROJECT>>","branch":"<<LAST_BRANCH>>","language":"<<LAST_LANGUAGE>>"}]""");
        await WakaAsync(agent, HttpStatusCode.Created, $"POST {Bulk}", Cli, """[{"entity":"/d","type":"file","time":1796202180,"project":"<<LAST_PROJECT>>","branch":"dev"}]""");
        Assert.Equal(["09:00:00.000 60 /a.go||Go|", "09:01:00.000 60 /b.go|apollo|Go|main", "09:02:00.000 60 /c|apollo|Go|main", "09:03:00.000 0 /d|apollo||dev"], await StoredAsync(agent, Editor));
    }

    [Fact]
    public async Task what_wakatime_cli_queued_while_it_could_not_report_counts_as_if_it_had_come_in_time()
    {
        await using var agent = await TestAgent.StartAsync();
        var (midnight, run) = (TestAgent.At("2026-12-02 00:00").ToUnixTimeSeconds(), 0);
        async Task<string> TotalsAsync(IEnumerable<(int Time, int File)> delivered)
        {
            var editor = $"e{++run}";
            await WakaAsync(agent, HttpStatusCode.Created, $"POST {Bulk}", Cli, "[" + string.Join(',', delivered.Select(p => $$"""{"entity":"/{{p.File}}","type":"file","time":{{midnight + p.Time}},"user_agent":"{{editor}}-wakatime/1"}""")) + "]");
            var events = await agent.GetAsync($"/api/0/buckets/aw-watcher-wakatime-{editor}_{Environment.MachineName}/events");
            return Totals(events.EnumerateArray().Select(e => (e.GetProperty("data").GetProperty("file").GetString()![1] - '0', e.GetProperty("duration").GetDouble())));
        }

        // Points of three files, and whether the editor could report at each; what it could not is sent right after the next that it could.
        var drawn = Gen.Choose(1, 1500).Zip(Gen.Choose(0, 2)).Zip(Gen.Choose(0, 2)).ListOf(10);
        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(150), Prop.ForAll(drawn.ToArbitrary(), async list =>
        {
            var at = 0;
            var points = list.ConvertAll(d => (Time: at += d.Item1.Item1, File: d.Item1.Item2, IsOnline: d.Item2 == 0));
            var (delivered, queue) = (new List<(int, int)>(), new List<(int, int)>());
            foreach (var (i, point) in points.Index())
            {
                var isSent = point.IsOnline || i == points.Count - 1;
                (isSent ? delivered : queue).Add((point.Time, point.File));
                delivered.AddRange(isSent ? queue : []);
                queue = isSent ? [] : queue;
            }

            var expected = Totals(points.Zip(points.Skip(1)).Where(p => p.Second.Time - p.First.Time <= 900).Select(p => (p.First.File, (double)(p.Second.Time - p.First.Time))));
            Assert.Equal(expected, await TotalsAsync(points.Select(p => (p.Time, p.File))));
            Assert.Equal(expected, await TotalsAsync(delivered));
            return true;
        })));
        static string Totals(IEnumerable<(int File, double Seconds)> parts) => string.Join(' ', parts.GroupBy(p => p.File, p => p.Seconds).Where(g => g.Sum() > 0).OrderBy(g => g.Key).Select(g => $"{g.Key}={g.Sum()}"));
    }

    [Theory]
    [InlineData("""{"_type":"location","created_at":1796202001,"_id":"3b9f1a2c","batt":76,"bs":1,"acc":12,"vac":2,"lat":52.5201,"lon":13.4049,"alt":74,"vel":0,"cog":0,"tst":1796202000,"m":1,"conn":"w","tid":"an","inregions":["Berlin"],"BSSID":"12:34:56:78:9a:bc","SSID":"office","topic":"owntracks/anna/pixel"}""", "09:00:00.000 0 @Berlin")]
    [InlineData("""{"lon":13.404900,"_type":"location","vel":-1,"tst":1796202000,"p":101.325,"bssid":"1:2:3:4:5:6","batt":80,"created_at":1796202002,"motionactivities":["stationary"],"tid":"AN","conn":"w","acc":14,"t":"u","inrids":["ab12cd"],"m":1,"vac":7,"topic":"owntracks\/anna\/iphone","lat":52.520100,"alt":36,"bs":2,"ssid":"office"}""", "09:00:00.000 0 @Berlin")]
    [InlineData("""{"_type":"location","lat":-33,"lon":151,"tst":1796202000,"tid":"an"}""", "09:00:00.000 0 @")]
    [InlineData("""{"_type":"location","lat":52.52,"lon":13.405,"tst":1796202000,"\ud83d":"an"}""", "09:00:00.000 0 @Berlin")]
    [InlineData("""{"_type":"location","\ud83d":52.5,"lon":13.4,"tst":1796202000,"acc":10}""")]
    [InlineData("""{"_type":"\ud83d","lat":52.52,"lon":13.405,"tst":1796202000}""")]
    [InlineData("""{"_type":"waypoint","_id":"1","desc":"Berlin","lat":52.52,"lon":13.405,"rad":500,"tst":1796202000,"rid":"ab12cd","topic":"owntracks/anna/pixel/waypoint"}""")]
    [InlineData("""{"_type":"lwt","tst":1796202000,"topic":"owntracks\/anna\/iphone"}""")]
    [InlineData("""{"_type":"transition","lat":52.520100,"lon":13.404900,"tst":1796202000,"wtst":1796100000,"acc":20,"tid":"AN","event":"enter","t":"c","created_at":1796202001,"desc":"Berlin","rid":"ab12cd","topic":"owntracks\/anna\/iphone\/event"}""")]
    [InlineData("""{"_type":"status","_id":"2","android":{"hib":0,"bo":0,"loc":0,"ps":0,"wifi":1}}""")]
    [InlineData("""{"_type":"encrypted","_id":"0571e18d","data":"aUiEKyGnskRz383od0mu4uqxTIxe"}""")]
    [InlineData("""{"_type":"location","lat":"52.52","lon":13.4,"tst":1796202000}""")]
    [InlineData("""{"_type":"location","lat":52.52,"lon":13.4}""")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public async Task a_phone_is_always_answered_with_an_empty_list_and_only_the_name_of_a_site_is_kept(string body, string? stored = null)
    {
        const string phone = "User-Agent: Owntracks-Android/gms/420502000\nContent-Type: application/json\nAuthorization: Basic YW5uYTpwYXNz\nX-Limit-U: anna\nX-Limit-D: pixel";
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal("200 []", await TextAsync(agent, "POST /owntracks", phone, body));
        Assert.Equal("{}", (await agent.GetAsync("/api/0/buckets/")).GetRawText()); // no charter asks
        await agent.BeginAsync(Trial.Text("""location: { position: { site: { Berlin: "52.52, 13.405 within 500m" } }, time: round 1h }""", shown: "position, time"));
        Assert.Equal("200 []", await TextAsync(agent, "POST /owntracks", phone, body));
        Assert.Equal("200 []", await TextAsync(agent, "POST /owntracks/", phone.Replace("Owntracks-Android/gms/420502000", "OwnTracks/18.5.4 CFNetwork/1568.200.51 Darwin/24.1.0", StringComparison.Ordinal), body));
        Assert.Equal(stored is null ? [] : [stored], stored is null ? [.. (await agent.GetAsync("/api/0/buckets/")).EnumerateObject().Select(b => b.Name)] : await StoredAsync(agent, "daylight-phone_" + Environment.MachineName));
    }

    [Fact]
    public async Task head_is_get_without_a_body_and_a_slash_at_the_end_changes_nothing()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.WindowAsync("2026-12-02 09:00", 1);
        string[] paths = ["/api/0/info", "/api/0/buckets", "/api/0/buckets/aw-watcher-window_x", "/api/0/buckets/aw-watcher-window_x/events", "/api/0/buckets/aw-watcher-window_x/events/count", "/api/0/buckets/aw-watcher-window_x/export", "/api/0/export", "/api/0/settings", "/api/v1/users/current", "/api/v1/users/current/statusbar/today"];
        foreach (var path in paths)
        {
            var text = await TextAsync(agent, $"GET {path}", Curl);
            Assert.StartsWith("200 ", text, StringComparison.Ordinal);
            Assert.Equal((path, text), (path, await TextAsync(agent, $"GET {path}/", Curl)));
            Assert.Equal((path, "200 "), (path, await TextAsync(agent, $"HEAD {path}", Curl)));
        }

        Assert.Equal("200 ", await TextAsync(agent, "HEAD /", Curl));
        Assert.StartsWith("404", await TextAsync(agent, "HEAD /api/0/buckets/none", Curl), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%2fb%20c", "a/b c")]
    [InlineData("B%C3%BCro%25_%3F%23", "Büro%_?#")]
    public async Task a_bucket_has_the_id_that_its_path_means(string path, string id)
    {
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal("200 {}", await TextAsync(agent, $"POST /api/0/buckets/{path}", Python, """{"client": "t", "hostname": "mbp", "type": "test"}"""));
        await OkAsync(agent, $"POST /api/0/buckets/{path}/heartbeat?pulsetime=60.0", Python, """{"id": null, "timestamp": "2026-12-02T09:00:00+00:00", "duration": 1.0, "data": {"a": 1}}""");
        Assert.Equal([id], (await agent.GetAsync("/api/0/buckets/")).EnumerateObject().Select(b => b.Name));
        Assert.Equal(["09:00:00.000 1 1"], await StoredAsync(agent, path));
        Assert.Equal("200 {}", await TextAsync(agent, $"DELETE /api/0/buckets/{path}", Python, "{}"));
        Assert.Equal("{}", (await agent.GetAsync("/api/0/buckets/")).GetRawText());
    }

    [Theory]
    [InlineData("""{"id": null, "timestamp": "2026-12-02T09:00:00+00:00", "duration": 1.0, "data": {"title": "NaN, \"Infinity\"", "cpu": NaN, "list": [Infinity, -Infinity]}}""", "09:00:00.000 1 NaN, \"Infinity\"||[null, null]")]
    [InlineData("""{"timestamp":"20261202T090000Z"}""", "09:00:00.000 0 ")]
    [InlineData("""{"timestamp":"2026-12-02T11:00:00\u002B02:00","duration":null,"data":null}""", "09:00:00.000 0 ")]
    [InlineData("""{"timestamp":"2026-12-02T10:00:00+01","duration":"1.5","id":"x","data":{"a":{"b":[]}},"more":[{}]}""", """09:00:00.000 1.5 {"b":[]}""")]
    [InlineData("""{"timestamp":"2026-12-02 09:00:00.123456789","duration":1e1,"data":{}}""", "09:00:00.123 10 ")]
    public async Task odd_heartbeats_are_kept(string body, string stored)
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.MakeAsync("odd", "test");
        Assert.Equal(stored, Line(await OkAsync(agent, "POST /api/0/buckets/odd/heartbeat?pulsetime=1", Python, body)));
        Assert.Equal([stored], await StoredAsync(agent, "odd"));
    }

    [Fact]
    public async Task what_is_too_long_or_too_much_is_answered_and_harms_nothing()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.WindowAsync("2026-12-02 09:00", 1);
        var id = new string('b', 201);
        Assert.Equal(JsonValueKind.String, (await OkAsync(agent, $"POST /api/0/buckets/{id}/heartbeat?pulsetime=60.0", Python, """{"id": null, "timestamp": "2026-12-02T09:00:00+00:00", "duration": 1.0, "data": {}}""")).GetProperty("timestamp").ValueKind);
        Assert.StartsWith("400 ", await TextAsync(agent, $"POST /api/0/buckets/{id}", Python, """{"client": "t", "hostname": "mbp", "type": "test"}"""), StringComparison.Ordinal);
        foreach (var limit in (string[])["99999999999", "-1", "-99999999999", "2147483648", "10"])
        {
            Assert.Equal((limit, 1), (limit, (await OkAsync(agent, $"GET /api/0/buckets/aw-watcher-window_x/events?limit={limit}", Python)).GetArrayLength()));
        }

        Assert.Single((await agent.GetAsync("/api/0/buckets/")).EnumerateObject());
    }

    /// <summary>Sends a request as a client does: method and path, headers line by line, body.</summary>
    private static Task<HttpResponseMessage> SendAsync(TestAgent agent, string request, string headers, string? body = null)
    {
        var (method, path) = (request[..request.IndexOf(' ', StringComparison.Ordinal)], request[(request.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var message = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        foreach (var header in headers.Split('\n').Select(h => h.Split(": ", 2)))
        {
            Assert.True(message.Headers.TryAddWithoutValidation(header[0], header[1]) || message.Content is null || message.Content.Headers.TryAddWithoutValidation(header[0], header[1]));
        }

        return agent.Http.SendAsync(message);
    }

    /// <summary>Status and body.</summary>
    private static async Task<string> TextAsync(TestAgent agent, string request, string headers, string? body = null)
    {
        var answer = await SendAsync(agent, request, headers, body);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    /// <summary>The JSON of an answer that is 200.</summary>
    private static Task<JsonElement> OkAsync(TestAgent agent, string request, string headers, string? body = null) => WakaAsync(agent, HttpStatusCode.OK, request, headers, body);

    private static async Task<JsonElement> WakaAsync(TestAgent agent, HttpStatusCode expected, string request, string headers, string? body = null)
    {
        var answer = await SendAsync(agent, request, headers, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{request}: {answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : string.Empty;

    /// <summary>What a bucket holds, oldest first: <c>09:00:00.000 60 Code|main.cs</c>.</summary>
    private static async Task<string[]> StoredAsync(TestAgent agent, string bucket) => [.. (await agent.GetAsync($"/api/0/buckets/{bucket}/events")).EnumerateArray().Reverse().Select(Line)];

    private static string Line(JsonElement e) => string.Create(CultureInfo.InvariantCulture, $"{e.GetProperty("timestamp").GetString()![11..23]} {e.GetProperty("duration").GetDouble()} {string.Join('|', e.GetProperty("data").EnumerateObject().Select(d => d.Value.ToString()))}");
}
