using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Dapper;
using Daylight.Agent.Sending;
using Daylight.Core.Directory;
using Daylight.Core.Releases;
using Daylight.Portal;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Releases;
using Daylight.Server.Features.SignIn;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Tests.Sealing;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Daylight.Bench;

/// <summary>The portal with a large directory and two years of figures: how long the server takes for each page, what a browser loads, and how many sign in a second.</summary>
internal static class Pages
{
    private const int TeamSize = 8;

    private const int Weeks = 104;

    private const int Paints = 40;

    private const string Origin = "http://localhost:8080";

    private static readonly (string Role, string Name)[] Readers =
    [
        ("employee", "anna"), ("manager", "boss"), ("privacy-officer", "officer"), ("works-council", "council"), ("auditor", "other"), ("investigator", "snoop"), ("program-owner", "owner"),
    ];

    public static async Task RunAsync(int people)
    {
        await using var company = await TestCompany.StartCopyAsync(c => (c.HoldAbove, c.Listen) = (long.MaxValue, "http://localhost:" + BenchPorts.Free()));
        var start = Stopwatch.GetTimestamp();
        await company.Part<DirectoryStore>().ReplaceAsync([.. company.People, .. Enumerable.Range(0, people).Select(Somebody)], Teams(people));
        Print($"{people:N0} people in {people / TeamSize:N0} teams were taken in within {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        await ReleaseAsync(company, people);
        using var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        PayloadRecord[] day = [.. Enumerable.Range(0, 100).Select(i => new PayloadRecord(new DateTimeOffset(2026, 11, 2, 7, 0, 0, TimeSpan.Zero).AddMinutes(5 * i), 300, new Dictionary<string, string> { ["app"] = i % 7 == 0 ? "Chat" : "Editor" }))];
        await company.UploadAsync("anna", device, ChunkSealer.Records(program, company.Id("anna"), device, "window", "2026-11-02", day));
        await PagesAsync(company);
        await BytesAsync(company);
        await PaintsAsync(company);
        await SignInsAsync(company);
    }

    /// <summary>How long until a browser paints something of a page, from the start of its navigation, with nothing in its cache; beside it the least that this browser takes, for three letters of text.</summary>
    private static async Task PaintsAsync(TestCompany company)
    {
        if (Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(p => Path.Combine(p, "chromium")).FirstOrDefault(File.Exists) is not { } chromium)
        {
            Print("first contentful paint: not measured, there is no chromium here");
            return;
        }

        var (origin, session) = (company.Server.Urls.First(), (await BeginAsync(company, "anna")).Split('=', 2));
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = chromium, Args = ["--no-sandbox", "--disable-gpu"] });
        Print("| page | first contentful paint p50 ms | p95 ms |\n| --- | --- | --- |");
        foreach (var path in (string[])["/healthz", "/", "/my-day?day=2026-11-02", "/who-looked", "/sign-in"])
        {
            var paints = new List<double>();
            for (var i = 0; i < Paints; i++)
            {
                await using var context = await browser.NewContextAsync();
                if (path != "/sign-in")
                {
                    // Secure, as all of ours are; a browser takes localhost for secure.
                    await context.AddCookiesAsync([new Cookie { Name = session[0], Value = session[1], Url = origin.Replace("http:", "https:", StringComparison.Ordinal), Secure = true, HttpOnly = true }]);
                }

                var page = await context.NewPageAsync();
                await page.GotoAsync(origin + path);
                paints.Add(await page.EvaluateAsync<double>("new Promise(done => { const look = () => { const [paint] = performance.getEntriesByName('first-contentful-paint'); if (paint) done(paint.startTime); else requestAnimationFrame(look); }; look(); })"));
            }

            paints.Sort();
            Print($"| `{path}` | {paints[Paints / 2]:0} | {paints[Paints * 95 / 100]:0} |");
        }
    }

    private static async Task PagesAsync(TestCompany company)
    {
        await company.GrantAsync("boss", "operator");
        var sessions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (role, name) in Readers)
        {
            sessions[role] = await BeginAsync(company, name);
        }

        Print("| page | as | p50 ms | p95 ms | bytes |\n| --- | --- | --- | --- | --- |");
        foreach (var path in Routes())
        {
            // Each page as whoever sees most of it.
            var role = path switch
            {
                _ when path.StartsWith("/team", StringComparison.Ordinal) => "manager",
                _ when path.StartsWith("/log", StringComparison.Ordinal) => "auditor",
                "/operations" => "manager",
                "/exposure" or "/requests" or "/access-review" or "/incidents" or "/cases" or "/retention" => "privacy-officer",
                _ => "employee",
            };
            var address = path.Replace("{Id}", company.Id("anna"), StringComparison.Ordinal).Replace("{Name}", TestCompany.Program, StringComparison.Ordinal).Replace("{Entry:long}", "1", StringComparison.Ordinal) + (path == "/my-day" ? "?day=2026-11-02" : string.Empty);
            var times = await Measure.LoopAsync(TimeSpan.FromSeconds(5), async () => await GetAsync(company, address, sessions[role]));
            Print($"| `{path}` | {role} | {times.At(0.5):0.0} | {times.At(0.95):0.0} | {(await GetAsync(company, address, sessions[role])).Length:N0} |");
        }
    }

    /// <summary>What a browser loads at first: the page, the style and the scripts that it names, as they are and as a proxy compresses them.</summary>
    private static async Task BytesAsync(TestCompany company)
    {
        var session = await BeginAsync(company, "anna");
        foreach (var path in (string[])["/", "/my-day?day=2026-11-02", "/sign-in"])
        {
            var page = await GetAsync(company, path, session);
            var (plain, packed) = (page.Length, Packed(page));
            foreach (var asset in Encoding.UTF8.GetString(page).Split('"').Where(p => p.StartsWith("/assets/", StringComparison.Ordinal)).Distinct())
            {
                var bytes = await GetAsync(company, asset, session);
                (plain, packed) = (plain + bytes.Length, packed + Packed(bytes));
            }

            Print($"first load of `{path}`: {plain / 1024.0:0.0} KB, gzipped {packed / 1024.0:0.0} KB, charts included");
        }

        static int Packed(byte[] bytes)
        {
            using var to = new MemoryStream();
            using (var gzip = new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true))
            {
                gzip.Write(bytes);
            }

            return (int)to.Length;
        }
    }

    private static async Task SignInsAsync(TestCompany company)
    {
        // A passkey each: an authenticator counts its signatures, and one that falls back is refused.
        string[] names = ["cleo", "dora", "emil"];
        var passkeys = new List<TestPasskey>();
        foreach (var name in names)
        {
            var passkey = new TestPasskey(Origin);
            passkeys.Add(passkey);
            var asked = await PostAsync(company, "/api/v1/passkeys/question", $$"""{"code":"{{company.PersonCode(name)}}"}""");
            var options = asked.GetProperty("options");
            passkey.Handle = options.GetProperty("user").GetProperty("id").GetString()!;
            var made = await PostAsync(company, "/api/v1/passkeys/made", Answer(asked, passkey.AttestJson(Base64Url.DecodeFromChars(options.GetProperty("challenge").GetString()))));
            await PostAsync(company, "/api/v1/passkeys", Answer(made, passkey.AssertJson(made.GetProperty("challenge").GetBytesFromBase64())));
        }

        foreach (var clients in new[] { 1, names.Length })
        {
            var rate = await Measure.RateAsync(clients, TimeSpan.FromSeconds(8), async client =>
            {
                var question = await PostAsync(company, "/api/v1/sign-in/question", $$"""{"address":"{{names[client]}}@test.example"}""");
                await PostAsync(company, "/api/v1/sign-in", Answer(question, passkeys[client].AssertJson(question.GetProperty("challenge").GetBytesFromBase64())));
            });
            var about = await Measure.RateAsync(clients, TimeSpan.FromSeconds(4), async _ => await GetAsync(company, "/api/v1/about", null));
            Print($"sign-ins by passkey, {clients} client{(clients == 1 ? string.Empty : "s")}: {rate:0} a second, with the browser's two requests and the authenticator's signature; a request that does nothing: {about:N0} a second");
        }

        passkeys.ForEach(p => p.Dispose());
    }

    private static string Answer(JsonElement question, string answer) => $$"""{"state":"{{question.GetProperty("state").GetString()}}","answers":[{{answer}}]}""";

    private static async Task<JsonElement> PostAsync(TestCompany company, string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json"), Headers = { Host = "localhost:8080" } };
        request.Headers.Add("Origin", Origin);
        using var answer = await company.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text) : throw new InvalidOperationException($"{path}: {text}");
    }

    private static async Task<byte[]> GetAsync(TestCompany company, string path, string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (session is not null)
        {
            request.Headers.Add("Cookie", session);
        }

        using var answer = await company.Http.SendAsync(request);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return (int)answer.StatusCode < 500 ? bytes : throw new InvalidOperationException($"{path}: {answer.StatusCode}");
    }

    /// <summary>A session whose look at oneself is signed.</summary>
    private static async Task<string> BeginAsync(TestCompany company, string name)
    {
        var context = new DefaultHttpContext();
        var caller = await company.Part<Tokens>().BeginSessionAsync(context, company.Id(name), "a bench");
        var asks = company.Part<Asks>();
        await asks.KeepAsync(SignedStatement.Sign(asks.OfSignIn(company.Id(name)), company.KeyOf(name)), caller);
        return context.Response.Headers.SetCookie.ToString().Split(';')[0];
    }

    private static IEnumerable<string> Routes() => typeof(PortalApi).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>()).Select(r => r.Template).Order(StringComparer.Ordinal);

    private static Person Somebody(int i) => new(
        $"q{i:x19}", $"somebody{i}@test.example", $"Somebody {i}", $"t{i / TeamSize}", i % TeamSize == 0 ? [] : [new ManagerLink($"q{i / TeamSize * TeamSize:x19}")], $"Site {i % 50}", "Europe/Berlin");

    private static Team[] Teams(int people) =>
    [
        new("company", "Company", ""), new("crew", "Crew", "company"), new("office", "Office", "company"),
        .. Enumerable.Range(0, (people / TeamSize / 50) + 1).Select(d => new Team($"d{d}", $"Department {d}", "company")),
        .. Enumerable.Range(0, (people + TeamSize - 1) / TeamSize).Select(t => new Team($"t{t}", $"Team {t}", $"d{t / 50}")),
    ];

    /// <summary>Two years of weekly figures of every team.</summary>
    private static async Task ReleaseAsync(TestCompany company, int people)
    {
        var start = Stopwatch.GetTimestamp();
        var last = DateOnly.FromDateTime(company.Clock.Now.UtcDateTime).AddDays(-7);
        List<string> groups = ["crew", .. Enumerable.Range(0, people / TeamSize).Select(t => $"t{t}")];
        for (var week = 0; week < Weeks; week++)
        {
            var day = last.AddDays(-7 * week);
            var period = string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(day)}-W{ISOWeek.GetWeekOfYear(day):00}");
            await company.Part<GroupCommitWriter>().WriteAsync((c, t) => Rows.Insert(
                c, t, "release_cells (program, measure, level, grp, period, value, low, high, people, reason, expires_on)",
                [.. groups.Select((g, i) => new object[] { TestCompany.Program, "focus-minutes", "team", g, period, 900 + ((week + i) % 90), DBNull.Value, DBNull.Value, 7, DBNull.Value, "2028-12-31" })]));
        }

        using var connection = company.Database.Open();
        Print($"{connection.ExecuteScalar<long>("SELECT count(*) FROM release_cells"):N0} figures of {Weeks} weeks, within {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Print(string text) => Console.WriteLine(text);
}
