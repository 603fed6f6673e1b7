using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>The keyholder's door: a message in, a message out. It believes nothing but signatures, proofs and its own copy of the log.</summary>
public sealed class KeyholderService : IKeyholderChannel, IAsyncDisposable
{
    private const int MostEntries = 2000;
    private const int MostOpenings = 50_000;

    private static readonly TimeSpan MaintainEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan RetryRotation = TimeSpan.FromMinutes(10);

    private readonly IDisposable exclusive;
    private readonly GroupCommitWriter writer;
    private readonly KeyVault vault;
    private readonly NoteSigner statementKey;
    private readonly NoteSigner witnessKey;
    private readonly Starts starts;
    private readonly DirectPauses pauses;
    private readonly SteadyClock clock;
    private readonly LogFollower log;
    private readonly CharterShelf charters;
    private readonly OpeningLedger ledger;
    private readonly Opener opener;
    private readonly Counter counter;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turn = new(1, 1);
    private DateTimeOffset maintained;

    private KeyholderService(IDisposable exclusive, IDatabase database, GroupCommitWriter writer, Parts parts, TimeProvider time)
    {
        (this.exclusive, this.writer, this.time) = (exclusive, writer, time);
        (vault, statementKey, witnessKey, starts, pauses, clock, log) = (parts.Vault, parts.StatementKey, parts.WitnessKey, parts.Starts, parts.Pauses, parts.Clock, parts.Log);
        charters = new CharterShelf(log.Authority, pauses, clock);
        ledger = new OpeningLedger(database, writer, vault, log, clock);
        var witnesses = new Witnesses(log);
        opener = new Opener(vault, log, charters, ledger, witnesses, clock);
        counter = new Counter(vault, log, charters, ledger, witnesses, starts, clock, new ReleaseHistory(database, vault));
    }

    /// <summary>Opens a keyholder on its own database.</summary>
    /// <param name="database">Its database; nobody else's.</param>
    /// <param name="kek">The key-encryption key, from the keys folder.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="acceptClock">Takes the clock as it is, after one that ran ahead.</param>
    /// <exception cref="CryptographicException">The key-encryption key is not the one that this database was written under.</exception>
    /// <exception cref="InvalidOperationException">Another process uses this database.</exception>
    public static async Task<KeyholderService> OpenAsync(IDatabase database, KeyEncryptionKey kek, TimeProvider time, bool acceptClock = false)
    {
        Migrations.Apply(database, typeof(KeyholderService).Assembly);
        var exclusive = database.LockExclusively("this keyholder");
        var writer = new GroupCommitWriter(database);
        try
        {
            var vault = await KeyVault.OpenAsync(database, writer, kek);
            var name = NameOf(await vault.SeedAsync("name"));
            var statementKey = new NoteSigner(name, NoteKeyType.Ed25519, await vault.SeedAsync("statements"));
            var witnessKey = new NoteSigner(name, NoteKeyType.Cosignature, await vault.SeedAsync("witness"));
            var starts = await Starts.BeginAsync(database, writer, statementKey);
            var (pauses, clock) = (new DirectPauses(database, writer), new SteadyClock(database, time));
            if (acceptClock)
            {
                clock.Accept();
            }

            var log = await LogFollower.OpenAsync(database, writer, vault, statementKey, witnessKey, starts, pauses, clock);
            return new KeyholderService(exclusive, database, writer, new Parts(vault, statementKey, witnessKey, starts, pauses, clock, log), time);
        }
        catch
        {
            await writer.DisposeAsync();
            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>vkey of its statements.</summary>
    public string StatementKey => statementKey.Verifier.ToString();

    /// <summary>vkey of its cosignatures.</summary>
    public string WitnessKey => witnessKey.Verifier.ToString();

    /// <summary>The name in its keys, which says nothing about the company.</summary>
    internal static string NameOf(byte[] seed) => "keyholder-" + Hash.Of(seed).ToHex()[..8];

    /// <inheritdoc/>
    public async Task<byte[]> ExchangeAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        KeyholderResponse response;
        try
        {
            response = JsonSerializer.Deserialize(message.Span, ProtocolJson.Default.KeyholderRequest) is { } request
                ? await AnswerAsync(request, cancel)
                : Refuse("message", "an empty message");
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            response = Refuse("message", "not a message of this protocol");
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException)
        {
            response = Refuse("storage", "the keyholder's own storage cannot be written; nothing was opened");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            response = Refuse("internal", $"the keyholder could not do that ({e.GetType().Name}); nothing was opened");
        }

        return JsonSerializer.SerializeToUtf8Bytes(response, ProtocolJson.Default.KeyholderResponse);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        await writer.DisposeAsync();
        exclusive.Dispose();
        turn.Dispose();
    }

    private async Task<KeyholderResponse> AnswerAsync(KeyholderRequest request, CancellationToken cancel)
    {
        // One at a time: a look is answered at a size of the log, and nothing may be followed meanwhile.
        await turn.WaitAsync(cancel);
        try
        {
            await MaintainAsync();
            return request switch
            {
                KeyholderRequest.Hello => Identity(),
                KeyholderRequest.Follow follow => await log.FollowAsync(follow),
                KeyholderRequest.Pause pause => await PauseAsync(pause.Signed),
                KeyholderRequest.EntriesFrom wanted => new KeyholderResponse.EntriesKept(log.Kept(wanted.From, Math.Clamp(wanted.Most, 1, MostEntries))),
                _ when Trouble() is { } trouble => trouble,
                KeyholderRequest.KeyOf key => await KeyAsync(key),
                KeyholderRequest.StatusOf => Status(),
                KeyholderRequest.Open open => await opener.OpenAsync(open),
                KeyholderRequest.Count count => counter.Begin(count),
                KeyholderRequest.CountMore more => counter.Add(more),
                KeyholderRequest.CountEnd end => await counter.EndAsync(end),
                KeyholderRequest.OpeningsOf wanted => wanted.Nonce.Length is >= 16 and <= 128 ? ledger.CountOf(wanted.Person, wanted.Nonce, statementKey) : Refuse("nonce", "a nonce has 16 to 128 characters"),
                KeyholderRequest.AllOpenings wanted => ledger.All(wanted.From, Math.Clamp(wanted.Most, 1, MostOpenings), statementKey),
                KeyholderRequest.CertificateOf wanted => Certificate(wanted.Index),
                _ => Refuse("message", "an unknown verb"),
            };
        }
        finally
        {
            turn.Release();
        }
    }

    private KeyholderResponse.Identity Identity() => new(
        statementKey.Verifier.ToString(),
        witnessKey.Verifier.ToString(),
        log.Size,
        log.Root.ToString(),
        pauses.Waiting,
        log.IsInOffice ? starts.ToLog(log.Authority.RootHash, log.Size, clock.Now) : null,
        log.Size == 0 ? null : Trouble()?.Message);

    /// <summary>Why nothing is opened now; null when it is ready.</summary>
    private KeyholderResponse.Refused? Trouble() =>
        !log.IsInOffice ? Refuse("office", "the log names another keyholder, or none yet")
        : starts.Unknown is { } mark && !log.Authority.AcceptedMarks.Contains(mark) ? Refuse("rolled-back", $"the log holds a start of this keyholder that it does not remember ({mark}): it was restored from an older copy. Root approvers let it go on: daylight keyholder accept {mark}")
        : starts.IsPending ? Refuse("starting", "this start of the keyholder is not in the log yet")
        : clock.Behind is { } behind ? Refuse("clock", string.Create(CultureInfo.InvariantCulture, $"the keyholder's clock is {behind.TotalMinutes:0} minutes behind what it said before"))
        : vault.IsOverdue(time.GetUtcNow()) ? Refuse("key-overdue", "the key-encryption key could not be changed in time, so what was destroyed may be readable in backups longer than was certified; see that keyholder.epoch can be written")
        : null;

    private async Task<KeyholderResponse> KeyAsync(KeyholderRequest.KeyOf request)
    {
        if (log.Authority.Program(request.Program).Active is null || log.Authority.Credentials.Values.All(c => c.Person != request.Person))
        {
            return Refuse("key", "there is no such program in force, or the person has no credential");
        }

        var (epoch, key) = await vault.PublicKeyAsync(request.Person, request.Program, log.Size);
        var said = log.Authority.Consents.GetValueOrDefault((request.Person, request.Program));
        var statement = new KeyStatement(
            log.Authority.RootHash, clock.Now, request.Person, request.Program, epoch, Convert.ToBase64String(key), said?.Standing.ToString().ToLowerInvariant() ?? string.Empty, said?.Charter ?? string.Empty,
            log.Authority.NoticedCharter(request.Person, request.Program) ?? string.Empty);
        return new KeyholderResponse.Statements([statement.Sign(statementKey)]);
    }

    private KeyholderResponse.Statements Status() => new([.. log.Authority.Programs.Select(p => new StatusStatement(
        log.Authority.RootHash,
        clock.Now,
        p.Key,
        p.Value.Active ?? string.Empty,
        charters.IsPaused(p.Key) ? "paused" : p.Value.Active is not null ? "active" : "none",
        log.Size,
        log.Root.ToString(),
        p.Value.Resumed,
        charters.LapsedRules(p.Key) is { Count: > 0 } lapsed ? lapsed : null).Sign(statementKey))]);

    private async Task<KeyholderResponse> PauseAsync(SignedStatement signed)
    {
        if (Statement.TryRead(signed.Bytes) is not PauseProgram pause || pause.Root != log.Authority.RootHash
            || log.Authority.Signer(signed) is not { } signer || !log.Authority.MayPause(signer, pause.Time, DateOnly.FromDateTime(clock.Now.UtcDateTime)))
        {
            return Refuse("pause", "a pause is signed by a program owner, a privacy officer, the works council or security, over this company's trust root");
        }

        if (Math.Abs((clock.Now - pause.Time).TotalHours) > 1)
        {
            return Refuse("pause", "this pause was signed more than an hour ago, or ahead of time");
        }

        if (!log.Authority.Named(pause.Program).Any())
        {
            return Refuse("pause", "there is no such program in force");
        }

        if (!log.Authority.Named(pause.Program).All(charters.IsPaused))
        {
            await pauses.ObeyAsync(pause, signed);
        }

        return new KeyholderResponse.Paused(pause.Program);
    }

    private KeyholderResponse Certificate(ulong index) =>
        index < log.Size && log.Kept(index, 1) is [var kept] && LogEntry.TryRead(Convert.FromBase64String(kept.Entry))?.Open(kept.Openings) is KeysDestroyed { Order: { } order }
            && vault.Destroyed(order.Person, index) is { Count: > 0 } destroyed
            ? new KeyholderResponse.Statements([new DestructionCertificate(
                log.Authority.RootHash, clock.Now, order.Person, [.. destroyed.Select(d => d.Program)], [.. destroyed.Select(d => d.Epoch)], index, destroyed.Sum(d => d.Keys), destroyed.Max(d => d.Unreadable)).Sign(statementKey)])
            : log.Authority.Delayed.Any(d => d.Entry == index) ? Refuse("held", "an obligation to keep it stands against this erasure; it is obeyed when that ends")
            : Refuse("certificate", "nothing was destroyed under that entry");

    /// <summary>Always: do what the log ordered and could not be done. Once an hour: rotate the key-encryption key when it is due, and forget what is past its day.</summary>
    private async Task MaintainAsync()
    {
        await log.ObeyAsync();
        var now = time.GetUtcNow();
        if (now - maintained < MaintainEvery && now >= maintained)
        {
            return;
        }

        await log.ForgetAsync();
        try
        {
            await vault.RotateAsync(now);
            maintained = now;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There are two days to mend it: it is tried again in a while, and after those days nothing is opened.
            maintained = now - MaintainEvery + RetryRotation;
        }
    }

    private static KeyholderResponse.Refused Refuse(string code, string message) => new(code, message);

    private sealed record Parts(KeyVault Vault, NoteSigner StatementKey, NoteSigner WitnessKey, Starts Starts, DirectPauses Pauses, SteadyClock Clock, LogFollower Log);
}
