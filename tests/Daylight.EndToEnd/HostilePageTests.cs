using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>A page of somebody else's, in a real browser on the employee's machine, and the agent that runs there.</summary>
[Collection(Lanes.Companies)]
public sealed class HostilePageTests : IAsyncLifetime
{
    private const string Bucket = "aw-watcher-window_x";

    private readonly string folder = Directory.CreateTempSubdirectory("daylight-hostile-").FullName;
    private readonly int port = Programs.FreePort();
    private HttpListener evil = null!;
    private int otherPort;
    private Serving agent = null!;
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;
    private HttpClient own = null!;

    public async ValueTask InitializeAsync()
    {
        agent = await Serving.StartAsync(1, "agent", "run", "--data", folder, "--agent-port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        own = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var made = await own.PostAsync($"/api/0/buckets/{Bucket}", Json("""{"client":"t","type":"currentwindow","hostname":"x"}"""));
        using var seen = await own.PostAsync($"/api/0/buckets/{Bucket}/events", Json($$$"""{"timestamp":"{{{TimeProvider.System.GetUtcNow().AddMinutes(-5):O}}}","duration":60,"data":{"app":"Code","title":"SECRET-TITLE"}}"""));
        Assert.True(made.IsSuccessStatusCode && seen.IsSuccessStatusCode);
        (evil, otherPort) = Listening();
        _ = ServeAsync();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(p => Path.Combine(p, "chromium")).First(File.Exists),
            // What DNS rebinding achieves: the name of somebody's site leads to this machine.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        evil.Close();
        own.Dispose();
        await agent.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task a_name_that_was_rebound_to_this_machine_reads_and_writes_nothing()
    {
        var page = await browser.NewPageAsync();
        var answer = await page.GotoAsync($"http://evil.example:{port}/");
        Assert.Equal(403, answer!.Status);
        Assert.Equal("blocked blocked blocked", await page.EvaluateAsync<string>("""
            async () => {
              const calls = [fetch("/api/0/export"), fetch("/api/0/buckets/aw-watcher-window_x/heartbeat?pulsetime=5", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }), fetch("/pause", { method: "POST", body: new URLSearchParams({ for: "ever" }) })];
              return (await Promise.allSettled(calls)).map((r) => r.value?.status ?? "blocked").join(" "); // the page's own policy lets it ask for nothing
            }
            """));
        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task a_page_of_another_site_reads_nothing_and_changes_nothing()
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync($"http://evil.example:{otherPort}/");
        var tried = await page.EvaluateAsync<string>("""
            async (agent) => {
              const attempt = async (path, how) => { try { const r = await fetch(agent + path, how); return r.type === "opaque" ? "opaque" : `${r.status} ${await r.text()}`; } catch { return "blocked"; } };
              const steal = '{"buckets":{"evil":{"id":"evil","type":"currentwindow","client":"c","hostname":"h","events":[]}}}';
              const json = { "Content-Type": "application/json" };
              const tries = [
                ["/api/0/export"], ["/api/0/buckets/"], ["/"], ["/outbox"], ["/api/0/info"],
                ["/api/0/export", { mode: "no-cors" }],
                ["/api/0/import", { method: "POST", body: steal }],                                        // a simple request: no preflight is asked for
                ["/api/0/import", { method: "POST", mode: "no-cors", body: steal }],
                ["/api/0/import", { method: "POST", headers: json, body: steal }],
                ["/api/0/buckets/evil", { method: "POST", headers: json, body: '{"client":"c","type":"t","hostname":"h"}' }],
                ["/api/0/buckets/aw-watcher-window_x", { method: "DELETE" }],
                ["/api/0/settings/evil", { method: "POST", mode: "no-cors", body: '"x"' }],
                ["/api/v1/users/current/heartbeats", { method: "POST", mode: "no-cors", body: '{"entity":"evil","type":"app","time":1796202000}' }],
                ["/owntracks", { method: "POST", mode: "no-cors", body: "{}" }],
                ["/pause", { method: "POST", mode: "no-cors", body: new URLSearchParams({ for: "ever" }) }],
                ["/forget-raw", { method: "POST", mode: "no-cors", body: new URLSearchParams({ all: "yes" }) }],
                ["/daylight/v1/forget", { method: "POST", mode: "no-cors" }],
              ];
              const said = [];
              for (const [path, how] of tries) said.push(await attempt(path, how));
              said.push(navigator.sendBeacon(agent + "/api/0/import", steal));
              return said.join(" ");
            }
            """, $"http://127.0.0.1:{port}");
        Assert.DoesNotContain("SECRET-TITLE", tried, StringComparison.Ordinal);
        Assert.DoesNotContain("200", tried, StringComparison.Ordinal);
        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task a_form_of_another_site_is_refused_and_no_page_can_be_framed()
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync($"http://evil.example:{otherPort}/");
        await page.SetContentAsync($"""
            <form method="post" action="http://127.0.0.1:{port}/pause"><input name="for" value="ever"><button>Win a prize</button></form>
            <iframe name="framed" src="http://127.0.0.1:{port}/outbox"></iframe>
            """);
        foreach (var frame in page.Frames.Where(f => f != page.MainFrame))
        {
            Assert.DoesNotContain("What will be sent", await frame.ContentAsync(), StringComparison.Ordinal);
        }

        var answer = await page.RunAndWaitForResponseAsync(() => page.GetByRole(AriaRole.Button).ClickAsync(), r => r.Url.EndsWith("/pause", StringComparison.Ordinal));
        Assert.Equal(403, answer.Status);
        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task a_link_from_elsewhere_opens_the_employees_own_page()
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync($"http://evil.example:{otherPort}/");
        await page.SetContentAsync($"<a href=\"http://127.0.0.1:{port}/\">my agent</a>");
        await page.GetByRole(AriaRole.Link).ClickAsync();
        await page.WaitForURLAsync($"http://127.0.0.1:{port}/");
        Assert.Contains("What this machine saw", await page.ContentAsync(), StringComparison.Ordinal);
    }

    private async Task AssertUntouchedAsync()
    {
        using var buckets = JsonDocument.Parse(await own.GetStringAsync("/api/0/buckets/"));
        Assert.Equal([Bucket], buckets.RootElement.EnumerateObject().Select(b => b.Name));
        Assert.Equal("1", await own.GetStringAsync($"/api/0/buckets/{Bucket}/events/count"));
        Assert.Equal("{}", await own.GetStringAsync("/api/0/settings"));
        Assert.Contains("Pause for an hour", await own.GetStringAsync("/"), StringComparison.Ordinal); // nothing is paused
    }

    /// <summary>On a port that no other test took between asking and listening.</summary>
    private static (HttpListener Listener, int Port) Listening()
    {
        while (true)
        {
            var (listener, port) = (new HttpListener(), Programs.FreePort());
            try
            {
                listener.Prefixes.Add($"http://*:{port}/");
                listener.Start();
                return (listener, port);
            }
            catch (HttpListenerException)
            {
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (evil.IsListening)
        {
            try
            {
                var context = await evil.GetContextAsync();
                context.Response.ContentType = "text/html";
                await context.Response.OutputStream.WriteAsync("<!doctype html><title>evil</title>"u8.ToArray());
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
