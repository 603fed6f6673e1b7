using System.Globalization;
using Daylight.Agent.Collecting;
using Daylight.Agent.Store;
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

/// <summary>Verifies, minimises, seals, sends. Without a bundle that holds, and the keyholder's fresh word in it, nothing leaves.</summary>
internal sealed class Sender : IDisposable
{
    private const int ChunksPerUpload = 200;

    private readonly Enrollment enrollment;
    private readonly AgentStore store;
    private readonly Outbox outbox;
    private readonly HttpClient http;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly OpeningWatch openings;
    private EnrolledAs? enrolled;
    private string? said;
    private CredentialKey? device;

    public Sender(Enrollment enrollment, AgentStore store, CharterBook book, PauseReasons reasons, PersonTime person, Outbox outbox, HttpClient http, TimeProvider time)
    {
        (this.enrollment, this.store, this.outbox, this.http, this.time) = (enrollment, store, outbox, http, time);
        http.MaxResponseContentBufferSize = AgentLimits.MostAnswer;
        Sealing = new Sealing(store, book, reasons, person);
        openings = new OpeningWatch(store, time);
    }

    /// <summary>What is sealed.</summary>
    public Sealing Sealing { get; }

    /// <summary>The last bundle that held; null before one did since this start.</summary>
    public VerifiedBundle? Bundle { get; private set; }

    /// <summary>What the keyholder's count of openings said.</summary>
    public OpeningsSeen Openings => openings.Seen;

    /// <summary>How the last try went.</summary>
    public SendOutcome Last { get; private set; } = new(false, "nothing was sent yet", 0, 0);

    /// <summary>Why the server's word could not be verified, when it could not.</summary>
    public string? Unverifiable { get; private set; }

    /// <summary>Consecutive tries that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>What the person is told, as the server last said, newest first.</summary>
    public IReadOnlyList<NoticeView> Notices { get; private set; } = [];

    /// <summary>Whose machine this is; null before it is enrolled.</summary>
    public EnrolledAs? Enrolled => enrolled ??= enrollment.Exists ? enrollment.Read() : null;

    /// <summary>Sends everything that is due; with <paramref name="all"/>, today as it stands now as well.</summary>
    public Task<SendOutcome> SendAsync(bool all, CancellationToken cancel) => InTurnAsync(
        async () =>
        {
            Last = await TrySendAsync(all, cancel);
            await WatchOpeningsAsync(all, cancel);
            Failures = Last.Ok ? 0 : Failures + 1;
            return Last;
        },
        cancel);

    /// <summary>Gets and verifies a bundle, and the keyholder's count, without sending anything: charters, pauses and looks become known between two uploads.</summary>
    public Task<bool> RefreshAsync(CancellationToken cancel) => InTurnAsync(
        async () =>
        {
            if (!enrollment.Exists)
            {
                return false;
            }

            try
            {
                Bundle = await FetchAsync(cancel);
                await WatchOpeningsAsync(now: false, cancel);
                return true;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                Last = Last with { Ok = false, Message = Why(e) };
                return false;
            }
        },
        cancel);

    /// <summary>Seals something that the person hands in, under the keyholder's fresh word, and keeps it with other work of this store until it is sent.</summary>
    /// <param name="program">The program.</param>
    /// <param name="seal">Makes the chunks.</param>
    /// <param name="also">What is written in the same commit.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="UnverifiableException">The server could not prove that the program is in force; nothing was handed in.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached; nothing was handed in.</exception>
    /// <returns>How sending it at once went; what could not be sent goes with the next upload.</returns>
    public Task<SendOutcome> HandInAsync(
        string program, Func<VerifiedProgram, string, CredentialKey, IReadOnlyList<UploadedChunk>> seal, Action<System.Data.Common.DbConnection, System.Data.Common.DbTransaction> also, CancellationToken cancel) => InTurnAsync(
        async () =>
        {
            if (!enrollment.Exists)
            {
                throw new UnverifiableException("this machine is not enrolled; run: daylight agent enroll URL CODE");
            }

            Bundle = await FetchAsync(cancel);
            var verified = Bundle.Programs.FirstOrDefault(p => p.Charter.Program == program && !p.Paused) ?? throw new UnverifiableException($"{program} is not in force, or paused: nothing can be handed in for it now");
            var chunks = seal(verified, enrolled!.Person, device!);
            await store.WriteAsync((c, t) =>
            {
                foreach (var chunk in chunks)
                {
                    Sealing.Add(c, t, chunk);
                }

                also(c, t);
            });
            try
            {
                return await UploadAsync(cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                return new SendOutcome(false, Why(e), 0, Sealing.Items().Count);
            }
        },
        cancel);

    /// <summary>Signs something for the person with this machine's key and brings it to the log; what follows from it here is known when this returns.</summary>
    /// <param name="make">Makes the event, from the trust root's fingerprint, the person and what signs.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    /// <exception cref="UnverifiableException">It was recorded; what the server says since could not be proved.</exception>
    public Task<Recorded> SubmitAsync(Func<string, string, Func<Statement, SignedStatement>, LogEvent> make, CancellationToken cancel) => InTurnAsync(
        async () =>
        {
            Ready();
            var happened = make(enrolled!.TrustRoot.Fingerprint, enrolled.Person, s => SignedStatement.Sign(s, device!));
            var recorded = (await Api().PostAsync("/api/v1/events", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            Bundle = await FetchAsync(cancel);
            return recorded;
        },
        cancel);

    /// <summary>The looks at this person that a browser of theirs waits with, newest first: of the server's list those that are what they should be, and that this machine's key may sign.</summary>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    /// <exception cref="UnverifiableException">This machine is not enrolled.</exception>
    public Task<IReadOnlyList<Ask>> AsksAsync(CancellationToken cancel) => InTurnAsync(
        async () =>
        {
            Ready();
            var now = time.GetUtcNow();
            var waiting = (await Api().GetAsync("/api/v1/me/asks", ProtocolJson.Default.IReadOnlyListAskCreated, cancel)).OrThrow();
            return (IReadOnlyList<Ask>)[.. waiting.Select(w => Statement.TryRead(Bytes(w.Bytes))).OfType<Ask>()
                .Where(a => a.Root == enrolled!.TrustRoot.Fingerprint && a.IsSelf && a.Asker == enrolled.Person && a.Credential is null && a.Expires <= a.Time + Ask.SelfLife && a.Time > now - Ask.Patience && a.Time < now + Ask.Patience)];
        },
        cancel);

    /// <summary>Signs one of them, by its code; false when none has it.</summary>
    /// <param name="code">Which.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<bool> SignAskAsync(string code, CancellationToken cancel)
    {
        if ((await AsksAsync(cancel)).FirstOrDefault(a => a.Code() == code) is not { } ask)
        {
            return false;
        }

        return await InTurnAsync(
            async () =>
            {
                var signature = SignedStatement.Sign(ask, device!).Signatures[0];
                (await Api().PutAsync($"/api/v1/asks/{ask.Id}/signature", new AskSignature("device", signature.Value, signature.Credential), ProtocolJson.Default.AskSignature, cancel)).ThrowIfRefused();
                return true;
            },
            cancel);
    }

    /// <summary>Waits at the server until something became of a program, and takes the keyholder's word for it. Who asks again with what came has taken it.</summary>
    /// <param name="seen">What came last, or empty.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>What to ask with next; null when there is nothing to go by yet, or it must be asked for in full.</returns>
    public async Task<string?> WaitForChangesAsync(string seen, CancellationToken cancel)
    {
        if (Bundle is null || enrolled is null)
        {
            return null;
        }

        var changes = (await Api().GetAsync($"/api/v1/agent/changes?seen={Uri.EscapeDataString(seen)}", ProtocolJson.Default.AgentChanges, cancel)).OrThrow();
        return changes.Mark == seen || await InTurnAsync(() => TakeAsync(changes, cancel), cancel) ? changes.Mark : null;
    }

    private async Task<bool> TakeAsync(AgentChanges changes, CancellationToken cancel)
    {
        // Its second part is of this person alone: they said something elsewhere, and the keyholder's word about that comes with a bundle.
        if (changes.Mark.Split('.') is [_, var own] && own != said)
        {
            Bundle = await FetchAsync(cancel);
            said = own;
            return true;
        }

        var (bundle, now) = (Bundle!, time.GetUtcNow());
        var statements = changes.Status.Select(s => KeyholderStatement.TryOpen(s, bundle.Keyholder)).OfType<StatusStatement>()
            .Where(s => s.Root == enrolled!.TrustRoot.Fingerprint && s.Time > now - StatusStatement.Freshness).ToLookup(s => s.Program, StringComparer.Ordinal);
        var (programs, known) = (new List<VerifiedProgram>(), true);
        foreach (var program in bundle.Covering)
        {
            var status = statements[program.Charter.Program].MaxBy(s => s.Time);
            known &= status is not null && status.Charter == program.Hash;
            programs.Add(status is { } s && s.Time >= program.StatusTime ? program with { Paused = s.State != "active", StatusTime = s.Time, Resumed = s.Resumed } : program);
        }

        Bundle = bundle with { Covering = programs };
        await outbox.TakeAsync(Bundle, enrolled!);
        return known && statements.SelectMany(s => s).All(s => s.Charter.Length == 0 || bundle.InForce.Contains(s.Charter));
    }

    public void Dispose()
    {
        turn.Dispose();
        device?.Dispose();
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> act, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            return await act();
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<SendOutcome> TrySendAsync(bool all, CancellationToken cancel)
    {
        if (!enrollment.Exists)
        {
            return new SendOutcome(false, "this machine is not enrolled; run: daylight agent enroll URL CODE", 0, 0);
        }

        try
        {
            // A statement of the keyholder lives for minutes, so each sending starts with a fresh bundle.
            Bundle = await FetchAsync(cancel);
            await outbox.FillAsync(withToday: all);
            await Sealing.SealAsync(Bundle, enrolled!.Person, device!, all);
            return await UploadAsync(cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new SendOutcome(false, Why(e), 0, Sealing.Items().Count);
        }
    }

    /// <summary>Sends what is sealed, as it is, until the server has acknowledged it.</summary>
    private async Task<SendOutcome> UploadAsync(CancellationToken cancel)
    {
        var (sent, refused) = (0, new List<string>());
        for (var waiting = Sealing.Waiting(Bundle, ChunksPerUpload); waiting.Count > 0; waiting = Sealing.Waiting(Bundle, ChunksPerUpload))
        {
            var result = (await Api().PostAsync("/api/v1/agent/chunks", new Upload(waiting), ProtocolJson.Default.Upload, ProtocolJson.Default.UploadResult, cancel)).OrThrow();
            sent += result.Outcomes.Count(o => o.State == "stored");
            refused.AddRange(result.Outcomes.Where(o => o.State == "refused").Select(o => o.Reason ?? "no reason given"));
            var done = result.Outcomes.Where(o => o.State is "stored" or "refused").Select(o => o.Id).Intersect(waiting.Select(w => w.Id), StringComparer.Ordinal).ToList();
            if (done.Count == 0)
            {
                return new SendOutcome(false, result.Outcomes is [{ Reason: { } reason }, ..] ? reason : "the server took nothing", sent, waiting.Count);
            }

            await Sealing.DoneAsync(done);
        }

        return Sealing.Items().Count is > 0 and var held
            ? new SendOutcome(false, $"{held} sealed chunks wait until their program is no longer paused", sent, held)
            : new SendOutcome(true, refused.Count == 0 ? "everything is acknowledged" : $"{refused.Count} chunks were refused for good: {string.Join("; ", refused.Distinct())}", sent, 0);
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
        VerifiedBundle verified;
        try
        {
            var bundle = (await Api().GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"/api/v1/agent/bundle?since={known.Size}"), ProtocolJson.Default.AgentBundle, cancel)).OrThrow();
            verified = BundleVerifier.Verify(bundle, enrolled.TrustRoot, enrolled.Person, known, time.GetUtcNow());
            Unverifiable = null;
        }
        catch (UnverifiableException e)
        {
            Unverifiable = e.Message;
            throw;
        }

        await outbox.TakeAsync(verified, enrolled);
        await store.WriteAsync((c, t) =>
        {
            AgentStore.SetState(c, t, "log", string.Create(CultureInfo.InvariantCulture, $"{verified.Size} {verified.Root} {verified.Office}"));
            foreach (var program in verified.Programs)
            {
                AgentStore.SetState(c, t, "epoch " + program.Charter.Program, program.Epoch.ToString(CultureInfo.InvariantCulture));
            }
        });
        Notices = (await Api().GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, cancel)).Value ?? Notices;
        return verified;
    }

    private KnownLog Known() => store.State("log")?.Split(' ') is [var size, var root, var office] && Hash.TryParse(root, out var hash)
        ? new KnownLog(ulong.Parse(size, CultureInfo.InvariantCulture), hash, ulong.Parse(office, CultureInfo.InvariantCulture))
        : KnownLog.Nothing with { Office = enrolled!.Office };

    private static byte[] Bytes(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw new UnverifiableException("the server's list of waiting looks cannot be read");
        }
    }

    private void Ready()
    {
        if (!enrollment.Exists)
        {
            throw new UnverifiableException("this machine is not enrolled; run: daylight agent enroll URL CODE");
        }

        enrolled ??= enrollment.Read();
        device ??= enrollment.ReadKey();
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
