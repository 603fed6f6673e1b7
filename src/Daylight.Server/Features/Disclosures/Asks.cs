using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Disclosures;

/// <summary>Asks that wait for a signature, and signed ones that wait for their reads. An ask is a wish: having one opens nothing.</summary>
internal sealed class Asks(TransparencyLog log, IDatabase database, GroupCommitWriter writer, ServerKeys keys, ServerOptions options, ProgramCatalog programs, TimeProvider time)
{
    /// <summary>How many days a look may reach over.</summary>
    public const int LongestRange = 400;

    private const string NotTheirs = "There is no such ask of yours waiting, or the signature is not its credential's.";

    /// <summary>What can be asked for.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["records", "submissions"];

    /// <summary>Stores an ask that is to be signed.</summary>
    public async Task<Ask> CreateAsync(Caller caller, string? credential, string subject, IReadOnlyList<string> programs, IReadOnlyList<string> kinds, DateOnly from, DateOnly to, string rule)
    {
        var ask = Make(caller.Person, credential, subject, programs, kinds, from, to, rule);
        await WaitAsync(ask, caller);
        return ask;
    }

    /// <summary>Keeps an ask until it is signed, for a caller's reads.</summary>
    public Task WaitAsync(Ask ask, Caller caller) => StoreAsync(ask.Id, new SignedStatement(Convert.ToBase64String(ask.ToBytes()), []), ask.Expires, caller.Session, WaitsFor(caller.Person));

    /// <summary>The asks of somebody about themselves that wait for a signature, the newest first: what another key of theirs, a machine's, may sign for a browser. Old ones wait in vain.</summary>
    public IReadOnlyList<Ask> WaitingOf(string person)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Id, byte[] Sealed)>("SELECT id, sealed FROM asks WHERE waits_for = @person AND expires > @now", new { person = WaitsFor(person), now = Sql.Instant(time.GetUtcNow()) })
            .Select(r => Statement.TryRead(JsonSerializer.Deserialize(keys.Box.Open(r.Sealed, "ask " + r.Id), AskJson)!.Signed.Bytes)).OfType<Ask>()
            .Where(a => a.IsSelf && a.Time > time.GetUtcNow() - Ask.Patience).OrderByDescending(a => a.Time)];
    }

    /// <summary>The look at oneself that signing in signs: every program in force, every kind, for as long as a session.</summary>
    public Ask OfSignIn(string person)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return Make(person, null, person, [.. programs.InForce().Select(p => p.Program)], Kinds, today.AddDays(-LongestRange), today.AddDays(1), Ask.SelfRule);
    }

    /// <summary>A signed ask, if the asker's own credential signed it and it was not brought before; else null.</summary>
    public async Task<SignedStatement?> TakeAsync(SignedStatement signed)
    {
        if (Statement.TryRead(signed.Bytes) is not Ask ask || SignerOf(ask, signed) is null)
        {
            return null;
        }

        var row = new { id = ask.Id, box = Seal(ask.Id, signed, string.Empty), expires = Sql.Instant(ask.Expires) };
        return await writer.WriteAsync((c, t) => c.Execute("INSERT INTO asks (id, sealed, expires, session, waits_for) VALUES (@id, @box, @expires, '', '') ON CONFLICT DO NOTHING", row, t)) == 1 ? signed : null;
    }

    /// <summary>Keeps a signed ask for a caller's reads.</summary>
    public Task KeepAsync(SignedStatement signed, Caller caller) => Statement.TryRead(signed.Bytes) is Ask ask ? StoreAsync(ask.Id, signed, ask.Expires, caller.Session) : Task.CompletedTask;

    /// <summary>The bytes of an ask of a caller that waits for its signature; null when there is none.</summary>
    public byte[]? Waiting(Caller caller, string id) => Find(id) is { Signed: { Signatures: [] } signed } && Statement.TryRead(signed.Bytes) is Ask ask && ask.Asker == caller.Person ? signed.Bytes : null;

    /// <summary>Adds the signature. Why not, in words, when there is no such ask of this caller, or the signature is none that counts; null when it was added.</summary>
    public async Task<string?> SignAsync(Caller caller, string id, Func<Ask, Signature?> sign)
    {
        // Whichever session or key of the asker's brings it: the signature is what counts.
        if (Find(id) is not { Signed.Signatures: [] } found || Statement.TryRead(found.Signed.Bytes) is not Ask ask || ask.Asker != caller.Person || sign(ask) is not { } signature)
        {
            return NotTheirs;
        }

        var signed = found.Signed with { Signatures = [signature] };
        if (SignerOf(ask, signed) is not { } signer)
        {
            return NotTheirs;
        }

        if (signer.LooksFrom > DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime))
        {
            return $"This machine was enrolled when you had another key, so it signs looks from {Sql.Day(signer.LooksFrom)} on; until then your passkey or your first machine does. You were told of it: if it is not yours, end its key under Keys and sessions.";
        }

        await StoreAsync(id, signed, ask.Expires, found.Session);
        return null;
    }

    private HeldCredential? SignerOf(Ask ask, SignedStatement signed) =>
        log.Read(a => a.Signer(signed)) is { } signer && signer.Person == ask.Asker && (ask.Credential is null || ask.Credential == signer.Key.Id.Value) ? signer : null;

    /// <summary>The signed ask for a permit: the one named by the caller, the one of the session when it is about oneself, or in the demo the stand-in's.</summary>
    public SignedStatement? For(Caller caller, Permit permit, string? named)
    {
        if (named is { Length: > 0 })
        {
            return Find(named) is { Signed.Signatures.Count: > 0 } found && Covers(found.Signed, caller, permit) ? found.Signed : null;
        }

        if (caller.Person == permit.Subject && OfSession(caller).FirstOrDefault(s => Covers(s, caller, permit)) is { } ofSession)
        {
            return ofSession;
        }

        // The demo holds its personas' credentials and says so on every page. Nowhere else is there a stand-in.
        return options.StandIn?.KeyOf(caller.Person) is { } key
            ? SignedStatement.Sign(Make(caller.Person, key.Credential.Id.Value, permit.Subject, permit.Programs, [permit.Kind], permit.From, permit.To, permit.Rule), key)
            : null;
    }

    /// <summary>When an ask of a caller was signed; null when there is no such ask.</summary>
    public DateTimeOffset? SignedAt(Caller caller, string? id) => id is { Length: > 0 } && Find(id) is { Signed.Signatures.Count: > 0 } found && Statement.TryRead(found.Signed.Bytes) is Ask ask && ask.Asker == caller.Person
        ? ask.Time
        : options.StandIn?.KeyOf(caller.Person) is not null ? time.GetUtcNow() : null;

    private Ask Make(string person, string? credential, string subject, IReadOnlyList<string> programs, IReadOnlyList<string> kinds, DateOnly from, DateOnly to, string rule)
    {
        var now = time.GetUtcNow();
        var life = person == subject ? Ask.SelfLife : Ask.OtherLife;
        return new Ask(
            log.Read(a => a.RootHash), now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), person, subject, programs, kinds, from, to, rule, now + life, credential);
    }

    private bool Covers(SignedStatement signed, Caller caller, Permit permit) => Statement.TryRead(signed.Bytes) is Ask ask
        && ask.Asker == caller.Person && ask.Subject == permit.Subject && ask.RuleFor(permit.Kind) == permit.Rule && ask.Expires > time.GetUtcNow()
        && permit.From >= ask.From && permit.To <= ask.To && !permit.Programs.Except(ask.Programs, StringComparer.Ordinal).Any();

    private IEnumerable<SignedStatement> OfSession(Caller caller)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Id, byte[] Sealed)>(
            "SELECT id, sealed FROM asks WHERE session = @session AND expires > @now ORDER BY expires DESC",
            new { session = keys.Reference("session", caller.Session), now = Sql.Instant(time.GetUtcNow()) })
            .Select(r => JsonSerializer.Deserialize(keys.Box.Open(r.Sealed, "ask " + r.Id), AskJson)!.Signed)
            .Where(s => s.Signatures.Count > 0)];
    }

    private StoredAsk? Find(string id)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM asks WHERE id = @id AND expires > @now", new { id, now = Sql.Instant(time.GetUtcNow()) }) is { } box
            ? JsonSerializer.Deserialize(keys.Box.Open(box, "ask " + id), AskJson)
            : null;
    }

    private byte[] Seal(string id, SignedStatement signed, string session) => keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(new StoredAsk(signed, session), AskJson), "ask " + id);

    private Task StoreAsync(string id, SignedStatement signed, DateTimeOffset expires, string session, string waitsFor = "")
    {
        var row = new { id, box = Seal(id, signed, session), expires = Sql.Instant(expires), session = keys.Reference("session", session), waitsFor, now = Sql.Instant(time.GetUtcNow()) };
        return writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM asks WHERE expires <= @now", row, t);
            c.Execute(
                "INSERT INTO asks (id, sealed, expires, session, waits_for) VALUES (@id, @box, @expires, @session, @waitsFor) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, session = excluded.session, waits_for = excluded.waits_for", row, t);
        });
    }

    private string WaitsFor(string person) => keys.Reference("asks that wait", person);

    private static System.Text.Json.Serialization.Metadata.JsonTypeInfo<StoredAsk> AskJson => StoredAskJson.Default.StoredAsk;
}

/// <summary>An ask as it is stored.</summary>
internal sealed record StoredAsk(SignedStatement Signed, string Session);

/// <summary>Serialization of stored asks.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(StoredAsk))]
internal sealed partial class StoredAskJson : System.Text.Json.Serialization.JsonSerializerContext;
