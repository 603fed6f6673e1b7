using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Transparency;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Features.SignIn;

/// <summary>Who is calling, and how that was shown. Neither a token nor a signed call opens a seal: only a signed ask does.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Session">Names the token or credential, so that an ask can be found from it.</param>
/// <param name="Credential">The credential that signed the call, when one did.</param>
internal sealed record Caller(string Person, string Session, HeldCredential? Credential);

/// <summary>Finds callers by bearer token, session cookie (which holds a token), or a call signed by a credential.</summary>
internal sealed class Callers(TransparencyLog log, Tokens tokens, TimeProvider time)
{
    /// <summary>Name of the session cookie.</summary>
    public const string Cookie = "__Host-daylight-session";

    /// <summary>Largest body of a signed call in bytes.</summary>
    public const int MostBody = 8 * 1024 * 1024;

    private static readonly TimeSpan CallLife = TimeSpan.FromMinutes(5);

    /// <summary>The caller, or null when nobody known calls.</summary>
    public async Task<Caller?> FindAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(DaylightHeaders.CredentialScheme + " ", StringComparison.Ordinal)
            ? await FindCredentialAsync(context, header[(DaylightHeaders.CredentialScheme.Length + 1)..].Trim())
            : await FindTokenAsync(context);
    }

    /// <summary>The person's roles today, as the log grants them.</summary>
    public IReadOnlyCollection<string> RolesOf(string person) => log.Read(a => a.RolesOf(person, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)).Order(StringComparer.Ordinal).ToList());

    /// <summary>Who holds a role and comes in leaves a record, before the way is open.</summary>
    public async Task NoteSignInAsync(string person, string how)
    {
        if (RolesOf(person) is { Count: > 0 } roles)
        {
            await log.AppendAsync(new PrivilegedSignIn(person, [.. roles], how, time.GetUtcNow()));
        }
    }

    private async Task<Caller?> FindTokenAsync(HttpContext context) =>
        await tokens.FindAsync(context) is { } found && found.Held.Holder is [not '\n', ..] person
            ? new Caller(person, "token " + found.Hash, null)
            : null; // a provisioning client is no person

    private async Task<Caller?> FindCredentialAsync(HttpContext context, string base64)
    {
        SignedStatement? signed;
        try
        {
            signed = JsonSerializer.Deserialize(Convert.FromBase64String(base64), SealingJson.Default.SignedStatement);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (signed is null || Statement.TryRead(signed.Bytes) is not HttpCall call
            || call.Root != log.Read(a => a.RootHash)
            || call.Time < now - CallLife || call.Time > now + CallLife
            || call.Method != context.Request.Method || call.Path != context.Request.Path + context.Request.QueryString
            || call.Body != await BodyHashAsync(context))
        {
            return null;
        }

        return log.Read(a => a.Signer(signed)) is { } credential ? new Caller(credential.Person, "credential " + credential.Key.Id, credential) : null;
    }

    private static async Task<string> BodyHashAsync(HttpContext context)
    {
        context.Request.EnableBuffering(MostBody, MostBody);
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        context.Request.Body.Position = 0;
        return Hash.Of(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)).ToHex();
    }
}
