using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Agent;
using Daylight.Agent.Collecting;
using Daylight.Agent.Sending;
using Daylight.Agent.Store;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Agent;

/// <summary>A real agent without a server: bundles come from the test, as if they had been verified, and whoever is asked over the network does not answer.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    public const string Me = "person-anna";

    /// <summary>A charter: what one did, by category in steps of five minutes, and how long one edited.</summary>
    public static readonly string Focus = Core.Trial.Text(
        "window: { app: category, time: round 5m }", "focus-minutes: { from: window, sum: duration, where: { app: [Editor] }, per: day, clamp: 0..600, unit: min }", "app, time");

    /// <summary>The same, of people who said yes.</summary>
    public static readonly string Asking = Focus.Replace("consent: none, because it is a test", "consent: opt-in", StringComparison.Ordinal).Replace("lawful-basis: legitimate-interests", "lawful-basis: consent", StringComparison.Ordinal);

    private static readonly HpkePrivateKey Key = HpkePrivateKey.Create();

    private readonly AgentOptions options;
    private bool keep;
    private readonly CredentialKey device = CredentialKey.Create();

    private TestAgent(string now, string zone, AgentOptions options)
    {
        Clock = new TestClock(At(now));
        Local = new LocalTime(TimeZoneInfo.FindSystemTimeZoneById(zone));
        this.options = options;
    }

    public TestClock Clock { get; }

    public LocalTime Local { get; set; }

    public AgentHost Host { get; private set; } = null!;

    public AgentParts Parts => Host.Parts;

    public HttpClient Http { get; private set; } = null!;

    public string Folder => options.Data;

    /// <summary>Starts one, whose person is in a zone.</summary>
    /// <param name="now">Its clock, UTC: <c>2026-12-02 10:00</c>, a Wednesday.</param>
    /// <param name="zone">Zone.</param>
    /// <param name="change">Changes how it is set up.</param>
    /// <param name="keep">Whether its folder is left for the test to look at.</param>
    public static async Task<TestAgent> StartAsync(string now = "2026-12-02 10:00", string zone = "UTC", Func<AgentOptions, AgentOptions>? change = null, bool keep = false)
    {
        var plain = new AgentOptions { Data = Directory.CreateTempSubdirectory("daylight-agent-").FullName, Port = Ports.Free(), RunInBackground = false };
        var agent = new TestAgent(now, zone, change?.Invoke(plain) ?? plain) { keep = keep };
        await agent.OpenAsync();
        return agent;
    }

    public static DateTimeOffset At(string utc) => DateTimeOffset.Parse(utc + "Z", CultureInfo.InvariantCulture);

    /// <summary>Sets the clock.</summary>
    public void Set(string utc) => Clock.Now = At(utc);

    /// <summary>A bundle as if it had been verified now.</summary>
    public VerifiedBundle Bundle(params IReadOnlyList<string> charters) => new(
        [.. charters.Select(text => new VerifiedProgram(Read(text), Authority.CharterHash(text), Key.PublicKey, 1, Paused: false, Clock.Now, text, Resumed: null, new Dictionary<string, string> { ["privacy-officer"] = "petra" }, PersonChoice.None))],
        [.. charters.Select(Authority.CharterHash)],
        Local,
        1,
        Merkle.EmptyRoot,
        null!,
        [],
        [],
        string.Empty,
        0);

    /// <summary>Learns of charters as a bundle brings them, some day after it was enrolled.</summary>
    public Task LearnAsync(params IReadOnlyList<string> charters) => TakeAsync(Bundle(charters), []);

    /// <summary>Begins with charters that the person was shown when the machine was enrolled, which is now.</summary>
    public Task BeginAsync(params IReadOnlyList<string> charters) => TakeAsync(Bundle(charters), [.. charters.Select(Authority.CharterHash)]);

    public Task TakeAsync(VerifiedBundle bundle, IReadOnlyList<string>? shown = null) => Parts.Outbox.TakeAsync(bundle, shown ?? [], Clock.Now);

    /// <summary>A watcher reports a whole event.</summary>
    public async Task SeeAsync(string bucket, string type, string utc, double minutes, object data)
    {
        await MakeAsync(bucket, type);
        var answer = await PostAsync($"/api/0/buckets/{bucket}/events", JsonSerializer.Serialize(new { timestamp = At(utc), duration = minutes * 60, data }));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public Task WindowAsync(string utc, double minutes, string app = "Code", string title = "SECRET") => SeeAsync("aw-watcher-window_x", "currentwindow", utc, minutes, new { app, title });

    /// <summary>A watcher of windows says that one is still there.</summary>
    public async Task BeatAsync(DateTimeOffset at, string app = "Code")
    {
        var answer = await PostAsync("/api/0/buckets/aw-watcher-window_x/heartbeat?pulsetime=3600", JsonSerializer.Serialize(new { timestamp = at, duration = 0, data = new { app, title = "t" } }));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public Task BeatAsync(string utc, string app) => BeatAsync(At(utc), app);

    public Task ThereAsync(string utc, double minutes) => SeeAsync("aw-watcher-afk_x", "afkstatus", utc, minutes, new { status = "not-afk" });

    public async Task MakeAsync(string bucket, string type) =>
        Assert.Contains((await PostAsync("/api/0/buckets/" + bucket, $$"""{"client":"test","type":"{{type}}","hostname":"x"}""")).StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.NotModified });

    public Task<HttpResponseMessage> PostAsync(string path, string json) => Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await Http.GetStringAsync(path)).RootElement;

    /// <summary>Computes days that are over.</summary>
    public Task FillAsync() => Parts.Outbox.FillAsync(withToday: false);

    /// <summary>What will be sent, newest first.</summary>
    public Task<IReadOnlyList<OutboxItem>> ItemsAsync() => Parts.Outbox.ItemsAsync();

    /// <summary>What will be sent, oldest first: <c>focus 12-02 10:00 Editor 5</c>.</summary>
    public async Task<string> WaitingAsync() => Short((await ItemsAsync()).Reverse());

    public static string Short(IEnumerable<OutboxItem> items) => string.Join(", ", items.Select(i =>
        string.Create(CultureInfo.InvariantCulture, $"{i.Start.UtcDateTime:MM-dd HH:mm} {string.Join('+', i.Data.Values)} {i.Duration / 60.0:0.##}")));

    /// <summary>Numbers of days that are over, oldest first: <c>12-02 focus=5</c>.</summary>
    public string Days() => string.Join(", ", Parts.Outbox.Days().Reverse().Select(d => $"{d.Day[5..]} {string.Join('+', d.Values.Select(v => $"{v.Key}={v.Value}"))}"));

    /// <summary>Seals what is due, and opens it as the keyholder would: program, kind, stream, day, size and payload, in the order of days.</summary>
    public async Task<IReadOnlyList<(SealInfo Info, int Size, string Payload)>> SealAsync(VerifiedBundle bundle, bool all = false)
    {
        await TakeAsync(bundle);
        await Parts.Outbox.FillAsync(all);
        await Parts.Sender.Sealing.SealAsync(bundle, Me, device, all);
        var sealedNow = new List<UploadedChunk>();
        for (var waiting = Parts.Sender.Sealing.Waiting(bundle, 10_000); waiting.Count > 0; waiting = Parts.Sender.Sealing.Waiting(bundle, 10_000))
        {
            sealedNow.AddRange(waiting);
            await Parts.Sender.Sealing.DoneAsync([.. waiting.Select(w => w.Id)]);
        }

        return [.. sealedNow.Select(Opened).OrderBy(o => o.Info.Day, StringComparer.Ordinal).ThenBy(o => o.Info.Kind, StringComparer.Ordinal)];
    }

    /// <summary>Seals what is due, and the server does not answer.</summary>
    public async Task<IReadOnlyList<SealedItem>> SealOnlyAsync(VerifiedBundle bundle)
    {
        await TakeAsync(bundle);
        await Parts.Sender.Sealing.SealAsync(bundle, Me, device, all: false);
        return Parts.Sender.Sealing.Items();
    }

    public async Task RestartAsync(Action? between = null)
    {
        await CloseAsync();
        between?.Invoke();
        await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        device.Dispose();
        if (!keep)
        {
            Directory.Delete(options.Data, recursive: true);
        }
    }

    private static Charter Read(string text) => CharterReader.Read(text, "test") is CharterReading.Good good ? good.Charter : throw new InvalidOperationException("That is no charter.");

    private static (SealInfo Info, int Size, string Payload) Opened(UploadedChunk chunk)
    {
        var bytes = Convert.FromBase64String(chunk.Sealed);
        var sealedChunk = SealedChunk.TryParse(bytes)!;
        var info = new SealInfo(1, Me, chunk.Program, chunk.Kind, chunk.Stream, chunk.Day, sealedChunk.Charter.ToHex(), sealedChunk.Epoch);
        return (info, bytes.Length, Encoding.UTF8.GetString(Sealer.Open(Key, info, sealedChunk).Payload));
    }

    private async Task OpenAsync()
    {
        Host = await AgentHost.StartAsync(options, new HttpClient(new Silence()) { BaseAddress = new Uri("http://silence") }, Clock, CancellationToken.None);
        Http = new HttpClient { BaseAddress = new Uri(Host.Url) };
    }

    private async Task CloseAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }

    private sealed class Silence : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new HttpRequestException("nobody is there");
    }
}
