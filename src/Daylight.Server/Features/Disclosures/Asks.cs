using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Disclosures;

/// <summary>Asks that wait for a signature, and signed ones that wait for their reads. An ask is a wish: having one opens nothing.</summary>
internal sealed class Asks(TransparencyLog log, IDatabase database, GroupCommitWriter writer, ServerKeys keys, ServerOptions options, TimeProvider time)
{
    /// <summary>Stores an ask that is to be signed.</summary>
    public async Task<Ask> CreateAsync(Caller caller, string credential, string subject, IReadOnlyList<string> programs, string kind, DateOnly from, DateOnly to, string rule)
    {
        var ask = Make(caller.Person, credential, subject, programs, kind, from, to, rule);
        await StoreAsync(ask.Id, new SignedStatement(Convert.ToBase64String(ask.ToBytes()), []), ask.Expires, caller.Session);
        return ask;
    }

    /// <summary>Adds the signature; false when there is no such ask of this caller, or the signature is not the credential's.</summary>
    public async Task<bool> SignAsync(Caller caller, string id, string value)
    {
        if (Find(id) is not { Signed.Signatures: [] } found || found.Session != caller.Session || Statement.TryRead(found.Signed.Bytes) is not Ask ask)
        {
            return false;
        }

        var signed = found.Signed with { Signatures = [new Signature(ask.Credential, value)] };
        if (log.Read(a => a.Credentials.TryGetValue(new CredentialId(ask.Credential), out var credential) && credential.Person == ask.Asker && signed.IsSignedBy(credential.Key)))
        {
            await StoreAsync(id, signed, ask.Expires, caller.Session);
            return true;
        }

        return false;
    }

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
            ? SignedStatement.Sign(Make(caller.Person, key.Credential.Id.Value, permit.Subject, permit.Programs, permit.Kind, permit.From, permit.To, permit.Rule), key)
            : null;
    }

    /// <summary>When an ask of a caller was signed; null when there is no such ask.</summary>
    public DateTimeOffset? SignedAt(Caller caller, string? id) => id is { Length: > 0 } && Find(id) is { Signed.Signatures.Count: > 0 } found && Statement.TryRead(found.Signed.Bytes) is Ask ask && ask.Asker == caller.Person
        ? ask.Time
        : options.StandIn?.KeyOf(caller.Person) is not null ? time.GetUtcNow() : null;

    private Ask Make(string person, string credential, string subject, IReadOnlyList<string> programs, string kind, DateOnly from, DateOnly to, string rule)
    {
        var now = time.GetUtcNow();
        var life = person == subject ? Ask.SelfLife : Ask.OtherLife;
        return new Ask(
            log.Read(a => a.RootHash), now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), person, credential, subject, programs, [kind], from, to, rule, now + life);
    }

    private bool Covers(SignedStatement signed, Caller caller, Permit permit) => Statement.TryRead(signed.Bytes) is Ask ask
        && ask.Asker == caller.Person && ask.Subject == permit.Subject && ask.Rule == permit.Rule && ask.Expires > time.GetUtcNow()
        && ask.Kinds.SequenceEqual([permit.Kind], StringComparer.Ordinal)
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

    private Task StoreAsync(string id, SignedStatement signed, DateTimeOffset expires, string session)
    {
        var box = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(new StoredAsk(signed, session), AskJson), "ask " + id);
        var row = new { id, box, expires = Sql.Instant(expires), session = keys.Reference("session", session), now = Sql.Instant(time.GetUtcNow()) };
        return writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM asks WHERE expires <= @now", row, t);
            c.Execute(
                "INSERT INTO asks (id, sealed, expires, session) VALUES (@id, @box, @expires, @session) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed", row, t);
        });
    }

    private static System.Text.Json.Serialization.Metadata.JsonTypeInfo<StoredAsk> AskJson => StoredAskJson.Default.StoredAsk;
}

/// <summary>An ask as it is stored.</summary>
internal sealed record StoredAsk(SignedStatement Signed, string Session);

/// <summary>Serialization of stored asks.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(StoredAsk))]
internal sealed partial class StoredAskJson : System.Text.Json.Serialization.JsonSerializerContext;
