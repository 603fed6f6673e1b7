using System.Globalization;
using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Agent.Sending;

/// <summary>How the last try to reach the server went.</summary>
/// <param name="Ok">Whether everything that should be sent is acknowledged.</param>
/// <param name="Message">In words.</param>
/// <param name="Sent">Chunks acknowledged in this try.</param>
/// <param name="Waiting">Chunks that still wait.</param>
public sealed record SendOutcome(bool Ok, string Message, int Sent, int Waiting);

/// <summary>Verifies, minimises, seals, sends; backs off when the server is away. Without a bundle that holds, nothing leaves.</summary>
internal sealed class Sender(Enrollment enrollment, Outbox outbox, AgentOptions options, HttpClient http, TimeProvider time) : IDisposable
{
    private const int ChunksPerUpload = 200;

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly OpeningWatch openings = new(outbox, time);
    private EnrolledAs? enrolled;
    private CredentialKey? device;

    /// <summary>The last bundle that held.</summary>
    public VerifiedBundle? Bundle { get; private set; }

    /// <summary>What the keyholder's count of openings said.</summary>
    public OpeningsSeen Openings => openings.Seen;

    /// <summary>How the last try went.</summary>
    public SendOutcome Last { get; private set; } = new(false, "nothing was sent yet", 0, 0);

    /// <summary>Consecutive tries that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether this machine's events are dropped before they are stored: the employee's pause.</summary>
    public bool IsPaused => outbox.State("paused-until") is { } until && (until == "resume" || DateTimeOffset.Parse(until, CultureInfo.InvariantCulture) > time.GetUtcNow());

    /// <summary>Pauses collection on this machine, until an instant or until resumed.</summary>
    public Task PauseAsync(DateTimeOffset? until) => outbox.SetStateAsync("paused-until", until?.ToString("O", CultureInfo.InvariantCulture) ?? "resume");

    /// <summary>Ends the pause.</summary>
    public Task ResumeAsync() => outbox.SetStateAsync("paused-until", null);

    /// <summary>Sends everything that is ready; with <paramref name="all"/>, what is still growing as well.</summary>
    public async Task<SendOutcome> SendAsync(bool all, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            Last = await TrySendAsync(all, cancel);
            await WatchOpeningsAsync(all, cancel);
            Failures = Last.Ok ? 0 : Failures + 1;
            return Last;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>What the person is told, as the server last said, newest first.</summary>
    public IReadOnlyList<NoticeView> Notices { get; private set; } = [];

    /// <summary>Checks the keyholder's count of openings when it is time, between two sendings.</summary>
    public async Task WatchAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            await WatchOpeningsAsync(now: false, cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Gets and verifies a bundle without sending anything.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            if (enrollment.Exists)
            {
                Bundle = await FetchAsync(cancel);
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Last = new SendOutcome(false, Why(e), 0, Last.Waiting);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        turn.Dispose();
        device?.Dispose();
    }

    private async Task<SendOutcome> TrySendAsync(bool all, CancellationToken cancel)
    {
        if (!enrollment.Exists)
        {
            return new SendOutcome(false, "this machine is not enrolled; run: daylight agent enroll URL CODE", 0, 0);
        }

        var (sent, refused) = (0, new List<string>());
        try
        {
            // A statement of the keyholder lives for minutes, so each sending starts with a fresh bundle.
            Bundle = await FetchAsync(cancel);
            await outbox.FillAsync(Bundle, all, options.UploadEvery < TimeSpan.FromMinutes(3) ? options.UploadEvery : TimeSpan.FromMinutes(3));
            await outbox.ComputeDaysAsync(Bundle);
            await outbox.SealAsync(Bundle, enrolled!.Person, device!);
            for (var waiting = outbox.Waiting(Bundle, ChunksPerUpload); waiting.Count > 0; waiting = outbox.Waiting(Bundle, ChunksPerUpload))
            {
                var result = (await Api().PostAsync("/api/v1/agent/chunks", new Upload(waiting), ProtocolJson.Default.Upload, ProtocolJson.Default.UploadResult, cancel)).OrThrow();
                sent += result.Outcomes.Count(o => o.State == "stored");
                refused.AddRange(result.Outcomes.Where(o => o.State == "refused").Select(o => o.Reason ?? "no reason given"));
                var done = result.Outcomes.Where(o => o.State is "stored" or "refused").Select(o => o.Id).ToList();
                if (done.Count == 0)
                {
                    return new SendOutcome(false, result.Outcomes is [{ Reason: { } reason }, ..] ? reason : "the server took nothing", sent, waiting.Count);
                }

                await outbox.DoneAsync(done);
            }

            if (outbox.Waiting(null, 1000).Count is > 0 and var held)
            {
                return new SendOutcome(false, $"{held} sealed chunks wait until their program is no longer paused", sent, held);
            }

            return new SendOutcome(true, refused.Count == 0 ? "everything is acknowledged" : $"{refused.Count} chunks were refused for good: {string.Join("; ", refused.Distinct())}", sent, 0);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new SendOutcome(false, Why(e), sent, outbox.Waiting(null, 1000).Count);
        }
    }

    private async Task WatchOpeningsAsync(bool now, CancellationToken cancel)
    {
        if (Bundle is null || enrolled is null)
        {
            return;
        }

        try
        {
            await openings.CheckAsync(Api(), enrolled, Bundle, now, cancel);
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // The server is away, the disk is full: the next try comes, sending goes on, and after a day without a count the person is told.
        }
    }

    private async Task<VerifiedBundle> FetchAsync(CancellationToken cancel)
    {
        enrolled ??= enrollment.Read();
        device ??= enrollment.ReadKey();
        var known = Known();
        var bundle = (await Api().GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"/api/v1/agent/bundle?since={known.Size}"), ProtocolJson.Default.AgentBundle, cancel)).OrThrow();
        var verified = BundleVerifier.Verify(bundle, enrolled.TrustRoot, enrolled.Person, known, time.GetUtcNow());
        await outbox.SetStateAsync("log", string.Create(CultureInfo.InvariantCulture, $"{verified.Size} {verified.Root}"));
        Notices = (await Api().GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, cancel)).Value ?? Notices;
        return verified;
    }

    private (ulong Size, Hash Root) Known()
    {
        if (outbox.State("log")?.Split(' ') is [var size, var root] && Hash.TryParse(root, out var hash))
        {
            return (ulong.Parse(size, CultureInfo.InvariantCulture), hash);
        }

        return (0, Merkle.EmptyRoot);
    }

    private ApiClient Api()
    {
        http.BaseAddress ??= new Uri(enrolled!.Server);
        return ApiClient.WithCredential(http, device!, enrolled!.TrustRoot.Fingerprint, time);
    }

    private static string Why(Exception e) => e switch
    {
        UnverifiableException => "nothing is sent, because the server could not prove what it says: " + e.Message,
        ApiException { Problem.Status: 423 } => "the program is paused; what was sealed waits",
        ApiException api => "the server refused: " + api.Problem.Detail,
        HttpRequestException or TaskCanceledException => "the server cannot be reached; it will be tried again",
        // A captive portal's page, a full disk: whatever it is, the next try comes, and nothing is dropped.
        _ => $"it did not work ({e.GetType().Name}); it will be tried again",
    };
}
