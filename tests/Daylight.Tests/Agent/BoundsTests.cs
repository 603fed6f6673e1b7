using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Daylight.Agent;

namespace Daylight.Tests.Agent;

/// <summary>What a program, a stranger or a mistake on the machine can do to an agent: nothing that hurts.</summary>
public sealed class BoundsTests
{
    [Theory]
    [InlineData("a=[\"x\"];", "a=[a];", 150_000, "RETURN=1;", "too deep")]
    [InlineData("a=[\"x\"];", "a=[a,a];", 40, "RETURN=a;", "too large")]
    [InlineData("e=query_bucket(\"aw-watcher-window_x\");", "e=concat(e,e);", 30, "RETURN=e;", "too ")]
    [InlineData("", "", 1, "RETURN=filter_keyvals_regex(query_bucket(\"aw-watcher-window_x\"),\"title\",\"^(?=(a+)+$)\");", "too ")]
    public async Task a_query_that_would_never_end_is_refused(string first, string again, int times, string last, string says)
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.WindowAsync("2026-12-02 09:00", 5, title: new string('a', 40) + "!");
        var query = first + string.Concat(Enumerable.Repeat(again, times)) + last;
        var answer = await agent.PostAsync("/api/0/query/", $$"""{"timeperiods":["2026-12-02/2026-12-03"],"query":[{{System.Text.Json.JsonSerializer.Serialize(query)}}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await agent.Http.GetAsync("/api/0/info")).StatusCode);
    }

    [Fact]
    public async Task numbers_that_all_differ_are_merged_as_fast_as_texts()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        var start = Daylight.Agent.Store.RawStore.Micros(TestAgent.At("2026-12-02 00:00"));
        await agent.Parts.Raw.InsertAsync(agent.Parts.Raw.Bucket("aw-watcher-window_x")!.Key, [.. Enumerable.Range(0, 30_000).Select(i => new Daylight.Agent.Store.NewEvent(null, start + (i * 1_000_000L), 1_000_000, Encoding.UTF8.GetBytes($$"""{"n":{{i}}}""")))]);
        var answer = await agent.PostAsync("/api/0/query/", """{"timeperiods":["2026-12-02/2026-12-03"],"query":["e = merge_events_by_keys(query_bucket(\"aw-watcher-window_x\"), [\"n\"]); RETURN = sum_durations(e);"]}""");
        Assert.Equal("[30000]", await answer.Content.ReadAsStringAsync()); // pair by pair it would be given up
    }

    [Fact]
    public async Task a_bucket_whose_id_is_no_text_is_called_by_its_key()
    {
        await using var agent = await TestAgent.StartAsync();
        using var answer = await agent.PostAsync("/api/0/import", """{"buckets":{"mine":{"id":{"a":1},"type":"currentwindow","client":"c","hostname":"h","events":[{"timestamp":"2026-12-02T09:00:00Z","duration":1,"data":{"app":"A"}}]}}}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1, (await agent.GetAsync("/api/0/buckets/mine/events")).GetArrayLength());
    }

    [Fact]
    public async Task a_bucket_of_input_counts_takes_none_after_it_was_deleted_and_made_again()
    {
        await using var agent = await TestAgent.StartAsync(); // no charter asks for them
        for (var times = 0; times < 2; times++)
        {
            await agent.MakeAsync("mine", "os.hid.input");
            using var beat = await agent.PostAsync("/api/0/buckets/mine/heartbeat?pulsetime=5", """{"timestamp":"2026-12-02T09:00:00Z","duration":1,"data":{"presses":3}}""");
            Assert.Equal(HttpStatusCode.OK, beat.StatusCode);
            Assert.Equal(0, agent.Parts.Raw.Holds().Events);
            using var gone = await agent.Http.DeleteAsync("/api/0/buckets/mine?force=1");
            Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
            using var again = await agent.Http.DeleteAsync("/api/0/buckets/mine?force=1");
            Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        }
    }

    [Fact]
    public async Task what_comes_for_a_bucket_that_was_deleted_meanwhile_is_nobodys()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.MakeAsync("mine", "currentwindow");
        var key = agent.Parts.Raw.Bucket("mine")!.Key;
        Assert.True(await agent.Parts.Raw.DeleteBucketAsync("mine"));
        Assert.Empty(await agent.Parts.Raw.InsertAsync(key, [new Daylight.Agent.Store.NewEvent(null, 1_796_202_000_000_000, 1_000_000, "{}"u8.ToArray())]));
        await agent.MakeAsync("other", "currentwindow");
        Assert.Equal(0, (await agent.GetAsync("/api/0/buckets/other/events")).GetArrayLength());
    }

    [Fact]
    public async Task bytes_that_are_no_text_spoil_no_export_and_make_no_bucket()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        static ByteArrayContent Torn(string json) => new([.. Encoding.Latin1.GetBytes(json)]) { Headers = { ContentType = new("application/json") } };
        var beat = await agent.Http.PostAsync("/api/0/buckets/aw-watcher-window_x/heartbeat?pulsetime=5", Torn("""{"timestamp":"2026-12-02T09:00:00Z","duration":1,"data":{"app":"Code","title":"Ã¼ é"}}"""));
        Assert.Equal(HttpStatusCode.OK, beat.StatusCode);
        var export = await agent.Http.GetByteArrayAsync("/api/0/export");
        Assert.True(System.Text.Unicode.Utf8.IsValid(export));
        Assert.Contains("ü �", Encoding.UTF8.GetString(export), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await agent.Http.PostAsync("/api/0/buckets/other", Torn("""{"client":"c","type":"t","hostname":"h","data":{"a":"é"}}"""))).StatusCode);
    }

    [Fact]
    public async Task an_event_that_has_not_happened_is_none()
    {
        await using var agent = await TestAgent.StartAsync(); // at ten
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        Assert.Equal(HttpStatusCode.BadRequest, (await agent.PostAsync("/api/0/buckets/aw-watcher-window_x/events", """{"timestamp":"2026-12-02T09:00:00Z","duration":864000,"data":{"app":"Code"}}""")).StatusCode);
        Assert.Equal(0, agent.Parts.Raw.Holds().Events);
    }

    [Fact]
    public async Task another_users_watcher_is_answered_and_nothing_of_it_is_kept()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/sbin/runuser"), "only root can be somebody else");
        await using var agent = await TestAgent.StartAsync();
        await agent.WindowAsync("2026-12-02 09:00", 5);
        const string Beat = """{"timestamp":"2026-12-02T09:10:00Z","duration":60,"data":{"app":"Code","title":"theirs"}}""";
        string Post(string path, string body) => $"POST {path} HTTP/1.1\r\nHost: localhost:{agent.Http.BaseAddress!.Port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
        string Get(string path) => $"GET {path} HTTP/1.1\r\nHost: localhost:{agent.Http.BaseAddress!.Port}\r\nConnection: close\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 200", await AsNobodyAsync(agent, Post("/api/0/buckets/aw-watcher-window_x/heartbeat?pulsetime=5", Beat)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 202", await AsNobodyAsync(agent, Post("/api/v1/users/current/heartbeats.bulk", """[{"entity":"a","type":"app","time":1796202000}]""")), StringComparison.Ordinal);
        foreach (var path in (string[])["/", "/outbox", "/api/0/buckets/", "/api/0/export", "/api/0/buckets/aw-watcher-window_x/events", "/daylight/v1/status"])
        {
            Assert.StartsWith("HTTP/1.1 403", await AsNobodyAsync(agent, Get(path)), StringComparison.Ordinal);
        }

        Assert.Equal(1, agent.Parts.Raw.Holds().Events);
        Assert.Equal(2, agent.Parts.Admittance.Drops[Daylight.Agent.Intake.Dropped.OtherUser]);
    }

    [Fact]
    public async Task a_stranger_who_opens_connections_takes_none_that_the_employees_programs_need()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/sbin/runuser"), "only root can be somebody else");
        await using var agent = await TestAgent.StartAsync();
        await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
        using var stranger = Process.Start(new ProcessStartInfo("runuser", ["-u", "nobody", "--", "bash", "-c", $"for i in $(seq 200); do exec {{fd}}<>/dev/tcp/127.0.0.1/{agent.Http.BaseAddress!.Port}; done; echo open; read x"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true })!;
        Assert.Equal("open", await stranger.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        for (var i = 0; i < 20; i++)
        {
            using var own = new HttpClient { BaseAddress = agent.Http.BaseAddress };
            Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/api/0/info")).StatusCode);
        }

        stranger.Kill(entireProcessTree: true);
    }

    [Fact]
    public async Task a_command_tells_nothing_to_another_users_program_on_the_agents_port()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/sbin/runuser"), "only root can be somebody else");
        var (folder, port) = (Directory.CreateTempSubdirectory("daylight-stale-").FullName, Ports.Free());
        await File.WriteAllTextAsync(Path.Combine(folder, "runtime.json"), $$"""{"port":{{port}},"secret":"the real one"}""", TestContext.Current.CancellationToken); // left by an agent that crashed
        using var stranger = Process.Start(new ProcessStartInfo("runuser", ["-u", "nobody", "--", "node", "-e", $"require('net').createServer(s => s.on('data', d => console.log(String(d)))).listen({port}, '127.0.0.1', () => console.log('on'))"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        Assert.Equal("on", await stranger.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Null(await AgentClient.FindAsync(folder, TestContext.Current.CancellationToken));
        stranger.Kill(entireProcessTree: true);
        Assert.DoesNotContain("the real one", await stranger.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void a_folder_that_somebody_else_made_is_not_ones_own()
    {
        var shared = Directory.CreateTempSubdirectory("daylight-shared-").FullName;
        var (real, link) = (Directory.CreateDirectory(Path.Combine(shared, "real")).FullName, Path.Combine(shared, "link"));
        File.CreateSymbolicLink(link, real);
        Assert.Throws<UnauthorizedAccessException>(() => Storage.Folders.MakeOwn(link));
        Storage.Folders.MakeOwn(real);
        if (Environment.UserName == "root")
        {
            using var chown = Process.Start("chown", ["nobody", real]);
            chown.WaitForExit();
            Assert.Throws<UnauthorizedAccessException>(() => Storage.Folders.MakeOwn(real));
        }

        Directory.Delete(shared, recursive: true);
    }

    [Theory]
    [InlineData("/api/0/export", 403)]
    [InlineData("/API/0/export", 403)]
    [InlineData("/Daylight/v1/status", 403)]
    [InlineData("/outbox", 200)]
    public async Task a_link_from_elsewhere_leads_to_pages_and_to_nothing_else(string path, int status)
    {
        await using var agent = await TestAgent.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        using var answer = await agent.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private static async Task<string> AsNobodyAsync(TestAgent agent, string request)
    {
        using var process = Process.Start(new ProcessStartInfo("runuser", ["-u", "nobody", "--", "bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{agent.Http.BaseAddress!.Port}; cat >&3; cat <&3"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteAsync(request);
        process.StandardInput.Close();
        return await process.StandardOutput.ReadToEndAsync();
    }
}
