using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Agent;

/// <summary>Makes requests for every route of an agent that are nearly right, and not: what a program with a defect sends, or somebody who looks for one.</summary>
/// <param name="seed">The same seed makes the same requests.</param>
/// <param name="formKey">The key of the pages' forms, so that they are reached.</param>
/// <param name="secret">The secret of the agent's own commands.</param>
internal sealed class RouteMutator(int seed, string formKey, string secret)
{
    private static readonly string[] Buckets = ["aw-watcher-window_x", "aw-watcher-afk_x", "aw-watcher-web_x", "aw-watcher-input_x", "mine", "a%2Fb", "%C3%A4%00", "aw-stopwatch"];

    private static readonly string[] Words =
    [
        "", "null", "true", "0", "-1", "1e308", "1e999", "NaN", "99999999999999999999", "\"\"", "[]", "{}", "[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":", "\"\\ud83d\"", "\"\\u0000\"", "\u00e4\u2603", "2026-12-02T09:00:00Z",
        "2026-12-02T09:00:00.123456+00:00", "9999-12-31T23:59:59Z", "0001-01-01", "20261202T090000+01", "../..", "%", "%ZZ", "<script>", "'", ";", "\r\nX: y", "RETURN = 1;", "query_bucket(", "(a+)+$", "(?P<n>x)", "currentwindow", "os.hid.input",
    ];

    private static readonly string[] Bodies =
    [
        """{"timestamp":"2026-12-02T09:00:00Z","duration":12.5,"data":{"app":"Code","title":"a"}}""",
        """{"timestamp":"2026-12-02T09:00:05.123456+00:00","duration":0,"data":{"status":"not-afk"}}""",
        """[{"id":1,"timestamp":"2026-12-02T09:00:00Z","duration":60,"data":{"url":"https://docs.example.com/a","title":"t","incognito":false,"audible":false}}]""",
        """{"client":"c","type":"currentwindow","hostname":"!local","data":{}}""",
        """{"buckets":{"mine":{"id":"mine","type":"currentwindow","client":"c","hostname":"h","created":"2026-12-01T00:00:00Z","data":{},"events":[{"timestamp":"2026-12-02T09:00:00Z","duration":1,"data":{"app":"A"}}]}}}""",
        """{"timeperiods":["2026-12-02T00:00:00Z/2026-12-03T00:00:00Z"],"query":["e = flood(query_bucket(\"aw-watcher-window_x\"));","e = categorize(e, [[[\"Work\"], {\"type\": \"regex\", \"regex\": \"Code|a+\"}]]);","RETURN = merge_events_by_keys(e, [\"$category\"]);"]}""",
        """{"timeperiods":["2026-12-02/2026-12-03"],"query":["a = query_bucket(find_bucket(\"aw-watcher-afk\")); b = filter_keyvals(a, \"status\", [\"not-afk\"]); RETURN = {\"a\": sum_durations(filter_period_intersect(a, b)), \"b\": chunk_events_by_key(b, \"status\")};"]}""",
        """{"entity":"/home/x/a.cs","type":"file","time":1796202000.5,"project":"p","branch":"b","language":"C#","is_write":true,"lines":3}""",
        """[{"entity":"Code","type":"app","time":1796202001},{"entity":"a.example","type":"domain","time":"1796202002.1"},{"type":"file"}]""",
        """{"_type":"location","lat":52.5,"lon":13.4,"tst":1796202000,"acc":10}""",
        "\"04:00\"",
        """{"program":"trial","minutes":5,"today":false,"reason":"r"}""",
        "for=hour&program=trial&reason=x&back=/&id=1&day=2026-12-02&hour=2026-12-02T09:00Z&days=7&project=p&time=1:30&note=n&week=2026-W49",
        "all=no&day=2026-12-02&back=//evil&delete=yes&id=9&managers=a",
    ];

    private readonly Dice dice = new(unchecked((ulong)seed));

    /// <summary>The next request.</summary>
    public HttpRequestMessage Next()
    {
        var (method, path, bodies) = Route();
        if (dice.Below(6) == 0)
        {
            path = "/" + Bent(path).TrimStart('/');
        }

        var uri = Uri.TryCreate("http://127.0.0.1" + path, UriKind.Absolute, out var right) ? right : new Uri("http://127.0.0.1/");
        var request = new HttpRequestMessage(new HttpMethod(dice.Below(20) == 0 ? Pick("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH") : method), uri);
        if (method is "POST" or "PUT")
        {
            var isForm = path.Length > 1 && !path.StartsWith("/api", StringComparison.Ordinal) && !path.StartsWith("/daylight", StringComparison.Ordinal) && !path.StartsWith("/owntracks", StringComparison.Ordinal);
            var body = Bent(Pick(dice.Below(8) == 0 ? Bodies : Bodies[bodies]));
            body = isForm ? $"key={formKey}&{body}" : body;
            request.Content = new ByteArrayContent(Torn(Encoding.UTF8.GetBytes(body)));
            var type = isForm ? "application/x-www-form-urlencoded" : dice.Below(10) == 0 ? Pick("text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x") : "application/json";
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        if (path.StartsWith("/daylight", StringComparison.Ordinal) && dice.Below(8) > 0)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + secret);
        }

        if (dice.Below(12) == 0)
        {
            var header = Pick("Origin", "Host", "Sec-Fetch-Site", "X-Machine-Name", "User-Agent", "Access-Control-Request-Method", "Authorization", "Accept-Language", "Range");
            request.Headers.TryAddWithoutValidation(header, Pick("null", "https://evil.example", "moz-extension://a", "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi", "cross-site", "same-origin", "POST", "wakatime/v1.98 (linux) go1.22 vscode/1.90 vscode-wakatime/24.6", "Basic Og==", "bytes=0-5"));
        }

        return request;
    }

    /// <summary>A route, and which of the bodies are meant for it.</summary>
    private (string Method, string Path, Range Bodies) Route() => dice.Below(100) switch
    {
        < 26 => ("POST", $"/api/0/buckets/{Pick(Buckets)}/heartbeat?pulsetime={Pick("5", "80.0", "1e9", "NaN", "-1", "")}", ..2),
        < 32 => ("POST", $"/api/0/buckets/{Pick(Buckets)}", 3..4),
        < 42 => ("POST", $"/api/0/buckets/{Pick(Buckets)}/events", ..3),
        < 44 => ("PUT", $"/api/0/buckets/{Pick(Buckets)}", 3..4),
        < 47 => ("DELETE", $"/api/0/buckets/{Pick(Buckets)}?force=1", ..1),
        < 52 => ("GET", $"/api/0/buckets/{Pick(Buckets)}/events?start={Uri.EscapeDataString(Pick(Words))}&end={Uri.EscapeDataString(Pick(Words))}&limit={Uri.EscapeDataString(Pick(Words))}", ..1),
        < 54 => ("GET", $"/api/0/buckets/{Pick(Buckets)}/events/count?start={Uri.EscapeDataString(Pick(Words))}", ..1),
        < 56 => (Pick("GET", "DELETE"), string.Create(CultureInfo.InvariantCulture, $"/api/0/buckets/{Pick(Buckets)}/events/{dice.Below(2003) - 3}"), ..1),
        < 66 => ("POST", "/api/0/query/?name=" + Uri.EscapeDataString(Pick(Words)), 5..7),
        < 71 => ("POST", "/api/0/import", 4..5),
        < 73 => ("GET", Pick("/api/0/info", "/api/0/buckets/", "/api/0/settings", "/api/0/buckets/" + Pick(Buckets) + "/export", "/api/v1/users/current", "/api/v1/users/current/summaries", "/api/v1/users/current/statusbar/today"), ..1),
        < 77 => (Pick("POST", "GET", "DELETE"), "/api/0/settings/" + Pick("startOfDay", "theme", "a%2Fb", new string('k', 300)), ..),
        < 88 => ("POST", Pick("/api/v1", "/api/compat/wakatime/v1") + "/users/current/heartbeats" + Pick(".bulk", ""), 7..9),
        < 91 => ("POST", "/owntracks" + Pick("", "/"), 9..10),
        < 93 => (Pick("GET", "POST"), "/daylight/v1/" + Pick("status", "outbox", "pause", "resume?program=trial", "import", "none"), 11..12),
        < 95 => ("GET", Pick("/", "/outbox", "/outbox?hour=", "/time?week=", "/collected", "/looked", "/verify", "/data", "/page.css", "/none") + (dice.Below(2) == 0 ? Uri.EscapeDataString(Pick(Words)) : ""), ..1),
        _ => ("POST", Pick("/pause", "/resume", "/resume", "/resume", "/delete", "/delete-span", "/delete-sealed", "/delete-reason", "/retention", "/time/start", "/time/stop", "/time/add", "/time/change", "/time/hand-in", "/refresh", "/forget-raw"), 12..),
    };

    private string Bent(string text)
    {
        for (var times = dice.Below(5) - 2; times > 0; times--)
        {
            var at = dice.Below(text.Length + 1);
            var length = Math.Min(dice.Below(12), text.Length - at);
            text = dice.Below(5) switch
            {
                0 => text[..at] + Pick(Words) + text[(at + length)..],
                1 => text[..at] + text[(at + length)..],
                2 => string.Concat(text.AsSpan(0, at + length), text.AsSpan(at)),
                3 => text[..at] + new string(Pick("[", "{", "a", "9", "%41", " ")[0], dice.Below(400)) + text[at..],
                _ => text[..at] + (char)(32 + dice.Below(95)) + text[at..],
            };
        }

        return text;
    }

    private byte[] Torn(byte[] bytes)
    {
        if (bytes.Length > 0 && dice.Below(8) == 0)
        {
            bytes[dice.Below(bytes.Length)] = (byte)dice.Below(256);
        }

        return dice.Below(30) == 0 ? bytes[..dice.Below(bytes.Length + 1)] : bytes;
    }

    private T Pick<T>(params ReadOnlySpan<T> of) => of[dice.Below(of.Length)];
}

/// <summary>Sends such requests to an agent, and watches what comes back.</summary>
internal static class RouteFuzz
{
    private const int TidyEvery = 1000;

    /// <summary>Sends requests, several at a time; returns how often which status came. A status of 500, no answer, or an answer that tells of the program's insides ends it.</summary>
    /// <exception cref="InvalidOperationException">With the request that did it.</exception>
    public static async Task<SortedDictionary<int, long>> RunAsync(Uri agent, string formKey, string secret, long requests, int seed, int together)
    {
        var (left, counts, gate) = (requests, new SortedDictionary<int, long>(), new Lock());
        await Task.WhenAll(Enumerable.Range(0, together).Select(worker => Task.Run(async () =>
        {
            var mutator = new RouteMutator(unchecked(seed + (worker * 1_000_003)), formKey, secret);
            var sent = 0;
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = agent, Timeout = TimeSpan.FromMinutes(1) };
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var request = Addressed(mutator.Next(), agent);
                var status = await SendAsync(http, request);
                lock (gate)
                {
                    counts[status] = counts.GetValueOrDefault(status) + 1;
                }

                if (worker == 0 && ++sent % TidyEvery == 0)
                {
                    await TidyAsync(http);
                }
            }
        })));
        return counts;
    }

    /// <summary>Removes every bucket and setting: what bent names made would fill the agent up to its limits, and from then on it would do nothing but refuse.</summary>
    private static async Task TidyAsync(HttpClient http)
    {
        foreach (var list in (string[])["/api/0/buckets/", "/api/0/settings"])
        {
            using var made = JsonDocument.Parse(await http.GetByteArrayAsync(list));
            foreach (var name in made.RootElement.EnumerateObject().Select(m => m.Name))
            {
                (await http.DeleteAsync(list.TrimEnd('/') + "/" + Uri.EscapeDataString(name))).Dispose();
            }
        }
    }

    private static async Task<int> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request);
        }
        catch (HttpRequestException e) when (e.InnerException is null or FormatException)
        {
            return 0; // what cannot be sent at all
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException($"No answer to {request.Method} {request.RequestUri}", e);
        }

        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return (int)answer.StatusCode < 500 && !text.Contains("   at ", StringComparison.Ordinal) && !text.Contains("Exception:", StringComparison.Ordinal)
                ? (int)answer.StatusCode
                : throw new InvalidOperationException($"{(int)answer.StatusCode} for {request.Method} {request.RequestUri}\n{(request.Content is null ? "" : await request.Content.ReadAsStringAsync())}\n{text}");
        }
    }

    private static HttpRequestMessage Addressed(HttpRequestMessage request, Uri agent)
    {
        request.RequestUri = new UriBuilder(request.RequestUri!) { Port = agent.Port }.Uri;
        return request;
    }
}
