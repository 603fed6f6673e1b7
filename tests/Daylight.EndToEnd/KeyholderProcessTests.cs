using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>The keyholder as a process of its own, as docs/operations.md says: killed, restored, shown other certificates.</summary>
[Collection(Lanes.Processes)]
public sealed class KeyholderProcessTests
{
    private const string Kek = "DAYLIGHT_E2E_KEK";

    [Fact]
    public async Task over_its_socket_a_killed_keyholder_stops_every_look_and_goes_on_by_itself_once_it_is_back()
    {
        using var acme = new Acme();
        var (socket, file) = ("unix://" + acme.In("k.sock"), acme.In("snapshot.db"));
        Environment.SetEnvironmentVariable(Kek, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        string[] run = ["keyholder", "--data", acme.In("k"), "--keys", acme.In("k.keys"), "--kek-env", Kek, "--listen", socket];
        await using var keyholder = new Machine();
        Assert.Equal($"ready: keyholder on {socket}", (await keyholder.StartAsync(run))[^1]);
        await acme.SetUpAsync("--keyholder", socket);
        await using var server = await acme.ServeAsync("--keyholder", socket, "--behind-proxy", "127.0.0.1/32");
        await acme.IsKnownToBeApartBehindTlsAsync();
        await acme.PutInForceAsync();
        await acme.SendAsMachineOfAnnaAsync();
        Assert.Contains("Editor", await acme.LookAsync(HttpStatusCode.OK));

        var size = await acme.LogSizeAsync();
        await keyholder.KillAsync();
        var problem = await acme.LookAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("The keyholder cannot be reached.", problem);
        Assert.DoesNotContain("Editor", problem);
        Assert.Contains("The keyholder cannot be reached.", await acme.ReadyAsync(HttpStatusCode.ServiceUnavailable));

        // Another key-encryption key opens nothing, and says so.
        var right = Environment.GetEnvironmentVariable(Kek);
        Environment.SetEnvironmentVariable(Kek, new string('0', 64));
        var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, run);
        Assert.Equal((1, false), (exit, error.Contains("   at ", StringComparison.Ordinal)));
        Environment.SetEnvironmentVariable(Kek, right);

        await keyholder.StartAsync(run);
        await acme.EventuallyReadyAsync(); // nobody does anything for it
        Assert.Contains("Editor", await acme.LookAsync(HttpStatusCode.OK));
        var entries = new List<string>();
        for (var index = size; index < await acme.LogSizeAsync(); index++)
        {
            var proof = acme.In($"{index}.tlog-proof");
            await Programs.DaylightAsync("log", "proof", index.ToString(CultureInfo.InvariantCulture), "--data", acme.Data, "-o", proof);
            entries.Add(await File.ReadAllTextAsync(proof + ".entry"));
        }

        Assert.Single(entries, e => e.Contains("keyholder-started", StringComparison.Ordinal));

        // A cold standby: a snapshot, a look that it does not know of, another machine. Two root approvers let it go on.
        await Programs.DaylightAsync("keyholder", "snapshot", file, "--data", acme.In("k"), "--keys", acme.In("k.keys"), "--kek-env", Kek);
        await keyholder.KillAsync();
        await keyholder.StartAsync(run);
        await acme.EventuallyLookAsync();
        await keyholder.KillAsync();
        var vkey = (await acme.TrustRootAsync()).GetProperty("keyholder").GetString()!;
        await Programs.DaylightAsync("keyholder", "restore", file, "--data", acme.In("standby"), "--vkey", vkey);
        await keyholder.StartAsync([.. run.Select(a => a == acme.In("k") ? acme.In("standby") : a)]);
        var missing = await acme.EventuallyNotReadyAsync("daylight keyholder accept ");
        Assert.Contains("restored from an older copy", await acme.LookAsync(HttpStatusCode.ServiceUnavailable));
        var mark = new string([.. missing.Split("daylight keyholder accept ")[1].TakeWhile(char.IsAsciiHexDigit)]);
        var (alone, _, why) = await Programs.RunAsync(Programs.Daylight, "keyholder", "accept", mark, "--reason", "a drill", "--server", acme.Url, "--key", acme.In("petra.pem"));
        Assert.Equal((1, true), (alone, why.Contains("would not stand", StringComparison.Ordinal)));
        await Programs.DaylightAsync("keyholder", "accept", mark, "--reason", "a drill", "--server", acme.Url, "--key", acme.In("petra.pem"), "--key", acme.In("wim.pem"));
        Assert.Contains("Editor", await acme.EventuallyLookAsync());
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data));

        // A pause that goes past the server is in its log all the same, and those who answer for the program are told.
        string[] direct = ["pause", "focus-time", "--reason", "the server cannot be trusted", "--keyholder", socket, "--root"];
        var (_, _, unknown) = await Programs.RunAsync(Programs.Daylight, [.. direct, new string('0', 64), "--key", acme.In("wim.pem")]);
        Assert.Contains("The keyholder refuses", unknown);
        Assert.Contains("paused at the keyholder", await Programs.DaylightAsync([.. direct, acme.Root, "--key", acme.In("wim.pem")]));
        await acme.EventuallyAsync(async () => (await (await acme.SendAsync(HttpMethod.Get, "/api/v1/me/notices", "petra")).Content.ReadAsStringAsync()).Contains("the server cannot be trusted", StringComparison.Ordinal) ? "told" : null);
        Assert.Contains("is paused by entry", await Programs.DaylightAsync("program", "status", "focus-time", "--server", acme.Url, "--key", acme.In("petra.pem")));
        Assert.Equal(0, await keyholder.InterruptAsync());
    }

    [Fact]
    public async Task over_https_each_side_talks_to_the_one_certificate_that_it_knows()
    {
        using var acme = new Acme();
        foreach (var name in (string[])["keyholder", "server", "other"])
        {
            await Programs.DaylightAsync("keys", "certificate", acme.In(name + ".pem"), "--host", "127.0.0.1");
        }

        var kek = acme.In("kek");
        await File.WriteAllTextAsync(kek, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)) + "\n");
        var url = $"https://127.0.0.1:{Programs.FreePort()}";
        string[] Run(string certificate) =>
            ["keyholder", "--data", acme.In("k"), "--keys", acme.In("k.keys"), "--kek-command", $"cat '{kek}'", "--listen", url, "--certificate", acme.In(certificate), "--server-certificate", acme.In("server.pem.crt")];
        string[] reach = ["--keyholder", url, "--keyholder-certificate", acme.In("keyholder.pem.crt"), "--server-certificate", acme.In("server.pem")];
        await using var keyholder = new Machine();
        await keyholder.StartAsync(Run("keyholder.pem"));
        await acme.SetUpAsync(reach);
        await using var server = await acme.ServeAsync(reach);
        await acme.PutInForceAsync();
        await acme.LookAsync(HttpStatusCode.OK);

        // Whoever shows no certificate, or another one.
        var known = acme.In("keyholder.pem.crt");
        Assert.Equal(HttpStatusCode.Forbidden, await ExchangeAsync(url, known, null));
        Assert.NotEqual(HttpStatusCode.OK, await ExchangeAsync(url, known, acme.In("other.pem")));
        Assert.NotEqual(HttpStatusCode.OK, await ExchangeAsync(url, known, acme.In("keyholder.pem")));
        Assert.Equal(HttpStatusCode.OK, await ExchangeAsync(url, known, acme.In("server.pem")));
        var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, "keyholder", "--data", acme.In("k2"), "--keys", acme.In("k.keys"), "--kek-command", "false", "--listen", "unix://" + acme.In("k2.sock"));
        Assert.Equal((1, true), (exit, error.Contains("ended with 1", StringComparison.Ordinal)));

        // A keyholder that shows another certificate is not talked to, though it is the same otherwise.
        await keyholder.KillAsync();
        await keyholder.StartAsync(Run("other.pem"));
        Assert.Contains("The keyholder cannot be reached.", await acme.LookAsync(HttpStatusCode.ServiceUnavailable));
        Assert.Contains("The keyholder cannot be reached.", await acme.ReadyAsync(HttpStatusCode.ServiceUnavailable));
        await keyholder.KillAsync();
        await keyholder.StartAsync(Run("keyholder.pem"));
        await acme.EventuallyLookAsync();
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data));
    }

    /// <summary>What the keyholder's door answers to somebody with this certificate; null when it hangs up.</summary>
    private static async Task<HttpStatusCode?> ExchangeAsync(string url, string known, string? certificate)
    {
        using var keyholder = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(known));
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == keyholder.GetCertHashString();
        if (certificate is not null)
        {
            var own = X509Certificate2.CreateFromPemFile(certificate, certificate);
            (handler.SslOptions.ClientCertificates, handler.SslOptions.LocalCertificateSelectionCallback) = ([own], (_, _, _, _, _) => own);
        }

        using var http = new HttpClient(handler) { BaseAddress = new Uri(url) };
        try
        {
            using var answer = await http.PostAsync("/v1/exchange", new StringContent("""{"verb":"hello"}""", Encoding.UTF8, "application/json"));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

/// <summary>Where one process runs at a time; it is killed and started again, and does not outlive the test.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private Serving? serving;

    /// <summary>Starts a process; returns what it said until it was ready.</summary>
    public async Task<IReadOnlyList<string>> StartAsync(params string[] arguments) => (serving = await Serving.StartAsync(1, arguments)).Lines;

    public Task KillAsync() => serving!.KillAsync();

    public Task<int> InterruptAsync() => serving!.InterruptAsync();

    public ValueTask DisposeAsync() => serving?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A small company, set up and served by the real program.</summary>
internal sealed class Acme : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private readonly string folder = Directory.CreateTempSubdirectory("daylight-acme-").FullName;
    private readonly HttpClient http;
    private readonly Dictionary<string, string> tokens = [];

    private string words = string.Empty;

    public Acme() => http = new HttpClient { BaseAddress = new Uri(Url) };

    public string Url { get; } = $"http://localhost:{Programs.FreePort()}";

    public string Data => In("acme");

    /// <summary>The trust root's fingerprint, as setup printed it.</summary>
    public string Root { get; private set; } = string.Empty;

    public string Keys => In("acme.keys");

    public string In(string name) => Path.Combine(folder, name);

    /// <summary>Keys, first approvers and trust root; <paramref name="options"/> say where the keyholder and the database are.</summary>
    public Task SetUpAsync(params string[] options) => SetUpWithAsync(0, options);

    /// <summary>The same, with so many more people in the crew.</summary>
    public async Task SetUpWithAsync(int more, params string[] options)
    {
        await File.WriteAllTextAsync(In("people.csv"), """
            email,name,team,department,manager,site,zone
            olga@acme.example,Olga Owner,Office,,-,Berlin,Europe/Berlin
            petra@acme.example,Petra Privacy,Office,,-,Berlin,Europe/Berlin
            wim@acme.example,Wim Works,Office,,-,Berlin,Europe/Berlin
            anna@acme.example,Anna Able,Crew,,wim@acme.example,Berlin,Europe/Berlin

            """ + string.Concat(Enumerable.Range(0, more).Select(i => $"p{i}@acme.example,P{i},Crew,,anna@acme.example,Berlin,Europe/Berlin\n")));
        foreach (var name in (string[])["olga", "petra", "wim"])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await File.WriteAllTextAsync(In(name + ".pem"), key.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(In(name + ".pem.pub"), Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) + "\n");
        }

        await Programs.DaylightAsync("keys", "new", Keys);
        var setup = await Programs.DaylightAsync(
        [
            "setup", "--data", Data, "--company", "Acme", "--people", In("people.csv"), "--key", In("petra.pem"),
            "--approver", $"program-owner=olga@acme.example:{In("olga.pem.pub")}",
            "--approver", $"privacy-officer=petra@acme.example:{In("petra.pem.pub")}",
            "--approver", $"works-council=wim@acme.example:{In("wim.pem.pub")}",
            .. options,
        ]);
        words = Programs.WordsIn(setup);
        Root = setup.Split('\n').Single(l => l.StartsWith("trust root", StringComparison.Ordinal))["trust root".Length..].Trim();
    }

    public Task<Serving> ServeAsync(params string[] options) => Serving.StartAsync(1, ["serve", "--data", Data, "--listen", Url, .. options]);

    /// <summary>Proposes, approves and activates focus-time, at any hour.</summary>
    public async Task PutInForceAsync()
    {
        var (charter, today) = (In("charter.yaml"), TimeProvider.System.GetUtcNow());
        await File.WriteAllTextAsync(charter, (await File.ReadAllTextAsync(Path.Combine(Programs.Root, "charters", "focus-time.yaml")))
            .Replace("from: 2026-12-01", $"from: {today.AddDays(-3):yyyy-MM-dd}", StringComparison.Ordinal)
            .Replace("until: 2027-05-31", $"until: {today.AddDays(90):yyyy-MM-dd}", StringComparison.Ordinal)
            .Replace("Mon-Fri 08:00-18:00", "{ when: always, because: this test runs at any hour }", StringComparison.Ordinal));
        await Programs.DaylightAsync("program", "propose", charter, "--server", Url, "--key", In("olga.pem"));
        await Programs.DaylightAsync("program", "approve", "focus-time", "--role", "privacy-officer", "--server", Url, "--key", In("petra.pem"));
        await Programs.DaylightAsync("program", "approve", "focus-time", "--role", "works-council", "--server", Url, "--key", In("wim.pem"));
        await Programs.DaylightAsync("program", "activate", "focus-time", "--server", Url, "--key", In("olga.pem"));
    }

    /// <summary>Registers Anna's own key.</summary>
    public async Task EnrollAnnaAsync() => await Programs.DaylightAsync("credential", "new", In("anna.pem"), "--server", Url, "--code", (await CodesAsync())[3]);

    /// <summary>Enrolls a machine of Anna's, and sends a minute in the editor from it.</summary>
    public async Task SendAsMachineOfAnnaAsync()
    {
        await EnrollAnnaAsync();
        await Programs.DaylightAsync("agent", "enroll", Url, (await CodesAsync())[2], "--words", words, "--data", In("agent"));
        var port = Programs.FreePort();
        await using var agent = await Serving.StartAsync(1, "agent", "run", "--data", In("agent"), "--agent-port", $"{port}");
        using var watcher = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        (await watcher.PostAsync("/api/0/buckets/aw-watcher-window_x", Json("""{"client":"t","type":"currentwindow","hostname":"x"}"""))).EnsureSuccessStatusCode();
        var minuteAgo = TimeProvider.System.GetUtcNow().AddMinutes(-1); // a machine is collected from since the day on which it was enrolled
        (await watcher.PostAsync("/api/0/buckets/aw-watcher-window_x/events", Json($$$"""{"timestamp":"{{{minuteAgo:O}}}","duration":60,"data":{"app":"Code","title":"SECRET-TITLE"}}"""))).EnsureSuccessStatusCode();
        await Programs.DaylightAsync("agent", "flush", "--data", In("agent"));
    }

    /// <summary>Who has a credential looks at their own records, with an ask signed for it; returns what is answered.</summary>
    public async Task<string> LookAsync(HttpStatusCode expected, string? url = null)
    {
        var (status, text) = await TryLookAsync(url);
        Assert.True(status == expected, $"{status}: {text}");
        return text;
    }

    /// <summary>Looks until records are shown, as somebody does who tries again.</summary>
    public Task<string> EventuallyLookAsync() => EventuallyAsync(async () => await TryLookAsync(null) is (HttpStatusCode.OK, var text) ? text : null);

    private async Task<(HttpStatusCode Status, string Text)> TryLookAsync(string? url)
    {
        var name = File.Exists(In("anna.pem")) ? "anna" : "petra";
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(In(name + ".pem")));
        var id = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..32];
        using var asked = await SendAsync(HttpMethod.Post, "/api/v1/asks", name, Json($$"""{"credential":"{{id}}"}"""), url: url);
        var ask = JsonDocument.Parse(await asked.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement;
        var (number, signature) = (ask.GetProperty("id").GetString()!, Convert.ToBase64String(key.SignData(ask.GetProperty("bytes").GetBytesFromBase64(), HashAlgorithmName.SHA256)));
        using var signed = await SendAsync(HttpMethod.Put, $"/api/v1/asks/{number}/signature", name, Json($$"""{"kind":"device","value":"{{signature}}"}"""), url: url);
        signed.EnsureSuccessStatusCode();
        using var answer = await SendAsync(HttpMethod.Get, "/api/v1/me/records", name, ask: number, url: url);
        Assert.Equal(answer.IsSuccessStatusCode ? "application/json" : "application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Calls the API with a token of a person's.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string name, HttpContent? content = null, string? ask = null, string? url = null)
    {
        if (!tokens.TryGetValue(name, out var token))
        {
            token = tokens[name] = (await Programs.DaylightAsync("token", "new", "--server", url ?? Url, "--key", In(name + ".pem"))).Trim();
        }

        using var request = new HttpRequestMessage(method, (url ?? Url) + path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (ask is not null)
        {
            request.Headers.Add("Daylight-Ask", ask);
        }

        return await http.SendAsync(request);
    }

    /// <summary>What the server says about itself.</summary>
    public async Task<string> ReadyAsync(HttpStatusCode expected, string? url = null)
    {
        using var answer = await http.GetAsync((url ?? Url) + "/readyz");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode}: {text}");
        return text;
    }

    /// <summary>Waits until the server says that it is ready; nobody does anything for it.</summary>
    public Task EventuallyReadyAsync(string? url = null) => EventuallyAsync(async () =>
    {
        using var answer = await http.GetAsync((url ?? Url) + "/readyz");
        return answer.IsSuccessStatusCode ? "ready" : null;
    });

    /// <summary>Waits until the server says that this is missing.</summary>
    public Task<string> EventuallyNotReadyAsync(string missing) => EventuallyAsync(async () =>
    {
        using var answer = await http.GetAsync(Url + "/readyz");
        var text = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable && text.Contains(missing, StringComparison.Ordinal) ? text : null;
    });

    public async Task<T> EventuallyAsync<T>(Func<Task<T?>> find)
        where T : class
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Between);
        T? found;
        while ((found = await find()) is null)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }

        return found;
    }

    /// <summary>Published entries.</summary>
    public async Task<ulong> LogSizeAsync() => ulong.Parse((await http.GetStringAsync("/log/checkpoint")).Split('\n')[1], CultureInfo.InvariantCulture);

    /// <summary>What is said before anybody signs in, by a server whose keyholder runs apart and whose proxy ends TLS.</summary>
    public async Task IsKnownToBeApartBehindTlsAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal) + "/api/v1/about") { Headers = { { "X-Forwarded-Proto", "https" } } };
        using var answer = await http.SendAsync(request);
        Assert.Equal("""{"company":"Acme","synthetic":false,"keyholderApart":true,"passwords":true}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("max-age=31536000", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")));
        using var plain = await http.GetAsync("/sign-in");
        Assert.False(plain.Headers.Contains("Strict-Transport-Security"));
        Assert.Contains("The keyholder is a process of its own", await plain.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> TrustRootAsync() => JsonDocument.Parse(await http.GetStringAsync("/api/v1/trust-root")).RootElement;

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task<string[]> CodesAsync() =>
        (await File.ReadAllLinesAsync(Path.Combine(Keys, "enrollment-codes.csv"))).First(l => l.StartsWith("anna", StringComparison.Ordinal)).Split(',');
}
