using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Daylight.Server.Features.SignIn;

/// <summary>A passkey as the server keeps it: enough to ask a browser for it. What counts for authority is its key in the log.</summary>
/// <param name="Person">Whose.</param>
/// <param name="Credential">Its name in the log.</param>
/// <param name="RawId">What the authenticator calls it.</param>
/// <param name="PublicKey">COSE_Key (RFC 9052, section 7).</param>
/// <param name="Made">When.</param>
/// <param name="Count">Its counter, when it was seen last.</param>
/// <param name="Eligible">Whether its maker copies it to other machines.</param>
/// <param name="Copied">Whether it is copied now.</param>
/// <param name="Transports">How browsers reach it.</param>
internal sealed record StoredPasskey(string Person, string Credential, byte[] RawId, byte[] PublicKey, DateTimeOffset Made, uint Count, bool Eligible, bool Copied, IReadOnlyList<string> Transports)
{
    public UserPasskeyInfo ToInfo() => new(RawId, PublicKey, Made, Count, [.. Transports], isUserVerified: true, Eligible, Copied, [], []);

    public static StoredPasskey Of(string person, Credential credential, UserPasskeyInfo info) =>
        new(person, credential.Id.Value, info.CredentialId, info.PublicKey, info.CreatedAt, info.SignCount, info.IsBackupEligible, info.IsBackedUp, info.Transports ?? []);
}

/// <summary>Passkeys: what was registered here, and the ceremonies, which .NET's own WebAuthn judges. What a passkey signs is judged again by everybody who relies on it.</summary>
internal sealed class Passkeys(IDatabase database, GroupCommitWriter writer, ServerKeys keys, IServiceScopeFactory scopes)
{
    /// <summary>Somebody's passkeys, the oldest first.</summary>
    public IReadOnlyList<StoredPasskey> Of(string person) => OfHandle(HandleOf(person));

    /// <summary>The passkeys of a handle, which is what authenticators know a person by.</summary>
    public IReadOnlyList<StoredPasskey> OfHandle(string handle)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Id, byte[] Sealed)>("SELECT id, sealed FROM passkeys WHERE holder_ref = @handle", new { handle }).Select(r => Open(r.Id, r.Sealed)).OrderBy(p => p.Made)];
    }

    /// <summary>Those of them that sign: what was revoked does not.</summary>
    public IReadOnlyList<StoredPasskey> InForce(string person, TransparencyLog log) => [.. Of(person).Where(p => log.Read(a => a.Credentials.ContainsKey(new CredentialId(p.Credential))))];

    /// <summary>A passkey by what the authenticator calls it; null when it is not known here.</summary>
    public StoredPasskey? Find(byte[] rawId)
    {
        var id = IdRef(rawId);
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM passkeys WHERE id = @id", new { id }) is { } box ? Open(id, box) : null;
    }

    /// <summary>Keeps a passkey, or what has changed about it.</summary>
    public Task KeepAsync(StoredPasskey passkey)
    {
        var id = IdRef(passkey.RawId);
        var box = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(passkey, PasskeyJson.Default.StoredPasskey), "passkey " + id);
        return writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO passkeys (id, holder_ref, sealed) VALUES (@id, @holder, @box) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed", new { id, holder = HandleOf(passkey.Person), box }, t));
    }

    /// <summary>What a browser is asked to make a passkey with (JSON), and what is kept of the question until it answers.</summary>
    public async Task<(string Options, string State)> BeginAsync(string person, string name, HttpContext context)
    {
        await using var scope = scopes.CreateAsyncScope();
        var made = await HandlerOf(scope).MakeCreationOptionsAsync(new PasskeyUserEntity { Id = HandleOf(person), Name = name, DisplayName = name }, context);
        return (made.CreationOptionsJson, made.AttestationState ?? throw new InvalidOperationException("The passkey handler keeps its question in a state."));
    }

    /// <summary>The passkey that a browser made, with its key as the log will know it; null when its answer is not one to the question, or the key no P-256 key.</summary>
    public async Task<(UserPasskeyInfo Info, Credential Credential)?> MadeAsync(string credentialJson, string state, HttpContext context)
    {
        await using var scope = scopes.CreateAsyncScope();
        var attested = await HandlerOf(scope).PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = context, CredentialJson = credentialJson, AttestationState = state });
        return attested.Succeeded && Find(attested.Passkey.CredentialId) is null && KeyOf(attested.Passkey.PublicKey, OriginOf(context)) is { } credential ? (attested.Passkey, credential) : null;
    }

    /// <summary>The signature of a person's passkey under a statement, as a browser answered with it; null when it is none.</summary>
    public async Task<Signature?> SignatureAsync(string person, byte[] statement, JsonElement assertion, HttpContext context)
    {
        await using var scope = scopes.CreateAsyncScope();
        var state = JsonSerializer.Serialize(new AssertionState(SHA256.HashData(statement), HandleOf(person)), PasskeyJson.Default.AssertionState);
        var asserted = await HandlerOf(scope).PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = context, CredentialJson = assertion.GetRawText(), AssertionState = state });
        if (!asserted.Succeeded || Find(asserted.Passkey.CredentialId) is not { } known || known.Person != person || CredentialOf(known, context) is not { } credential)
        {
            return null;
        }

        await KeepAsync(known with { Count = asserted.Passkey.SignCount, Copied = asserted.Passkey.IsBackedUp });
        return Read(assertion, credential) is { } signature && credential.Signed(statement, signature) ? signature : null;
    }

    /// <summary>The signature of a passkey that is just being registered, and known to nobody yet.</summary>
    public static Signature? Read(JsonElement assertion, Credential credential)
    {
        try
        {
            var response = assertion.GetProperty("response");
            return Assertion.ToSignature(credential, Bytes("authenticatorData"), Bytes("clientDataJSON"), Bytes("signature"));

            byte[] Bytes(string name) => Base64Url.DecodeFromChars(response.GetProperty(name).GetString());
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The origin at which a request came in, as browsers write it.</summary>
    public static string OriginOf(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host.Value?.ToLowerInvariant()}";

    /// <summary>A passkey's credential, as it signs at the origin of a request.</summary>
    public static Credential? CredentialOf(StoredPasskey passkey, HttpContext context) => KeyOf(passkey.PublicKey, OriginOf(context));

    private static Credential? KeyOf(byte[] cose, string origin)
    {
        var reader = new CborReader(cose);
        var point = new ECPoint();
        for (var left = reader.ReadStartMap(); left > 0; left--)
        {
            switch (reader.ReadInt32())
            {
                case -2 when reader.PeekState() == CborReaderState.ByteString:
                    point.X = reader.ReadByteString();
                    break;
                case -3 when reader.PeekState() == CborReaderState.ByteString:
                    point.Y = reader.ReadByteString();
                    break;
                default:
                    reader.SkipValue();
                    break;
            }
        }

        try
        {
            using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
            return Credential.Passkey(key.ExportSubjectPublicKeyInfo(), origin);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static IPasskeyHandler<PasskeyUser> HandlerOf(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IPasskeyHandler<PasskeyUser>>();

    private StoredPasskey Open(string id, byte[] box) => JsonSerializer.Deserialize(keys.Box.Open(box, "passkey " + id), PasskeyJson.Default.StoredPasskey)!;

    /// <summary>What authenticators, and .NET's handler, know a person by. Authenticators keep it: it is no person id, which means something elsewhere.</summary>
    public string HandleOf(string person) => keys.Reference("passkey holder", person);

    private string IdRef(byte[] rawId) => keys.Reference("passkey", Convert.ToHexStringLower(rawId));
}

/// <summary>What .NET's handler keeps of a question: here the question is a statement's hash.</summary>
internal sealed record AssertionState([property: JsonPropertyName("challenge")] byte[] Challenge, [property: JsonPropertyName("userId")] string UserId);

/// <summary>Serialization of passkeys.</summary>
[JsonSerializable(typeof(StoredPasskey))]
[JsonSerializable(typeof(AssertionState))]
internal sealed partial class PasskeyJson : JsonSerializerContext;
