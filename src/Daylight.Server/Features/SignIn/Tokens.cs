using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Features.SignIn;

/// <summary>What a token stands for.</summary>
/// <param name="Holder">Person id; or what no person is called, for a provisioning client.</param>
/// <param name="Name">What its holder calls it.</param>
/// <param name="Scope">One of <see cref="Tokens.Scopes"/>.</param>
/// <param name="Made">On which day it was made.</param>
/// <param name="Expires">When a session is over; null for a token, which lasts to the end of its last day.</param>
/// <param name="IdToken">The provider's token that began a session, to be signed out there with; null for any other.</param>
/// <param name="By">Id of the passkey that began a session; null for any other.</param>
internal sealed record HeldToken(string Holder, string Name, string Scope, DateOnly Made, DateTimeOffset? Expires = null, string? IdToken = null, string? By = null);

/// <summary>Tokens and sessions: a name for a caller, and no authority. Only hashes are stored; whose they are, and what they are called, is encrypted. Each has an end, and can be ended before; a session ends with the passkey that began it.</summary>
internal sealed class Tokens(IDatabase database, GroupCommitWriter writer, ServerKeys keys, TransparencyLog log, TimeProvider time)
{
    /// <summary>Reads only.</summary>
    public const string Read = "read";

    /// <summary>Does what its holder may do without a signature.</summary>
    public const string All = "all";

    /// <summary>A browser's session: brought as a cookie, and never as a token.</summary>
    public const string Session = "session";

    /// <summary>How long a session lasts: as long as the look at oneself that signing in may sign.</summary>
    public static readonly TimeSpan SessionLife = Ask.SelfLife;

    /// <summary>How long a token's name may be.</summary>
    public const int LongestName = 60;

    /// <summary>What a token may be for.</summary>
    public static readonly string[] Scopes = [Read, All];

    private const int IdLength = 16;

    private readonly ConcurrentDictionary<string, DateOnly> used = new(StringComparer.Ordinal);

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Makes a token.</summary>
    /// <param name="prefix">What it begins with, so that a leaked one is known for what it is.</param>
    /// <param name="holder">Whose it is.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="scope">What it may be for.</param>
    /// <param name="days">How long it lives.</param>
    public Task<TokenMade> MakeAsync(string prefix, string holder, string name, string scope, int days) => MakeAsync(prefix, new HeldToken(holder, name, scope, Today), Today.AddDays(days));

    /// <summary>Opens a session for a browser: it replaces the one that the browser had. Returns the caller that it makes.</summary>
    /// <param name="context">The request in which somebody showed who they are.</param>
    /// <param name="person">Who.</param>
    /// <param name="how">How they showed it: what the session is called in the list of sessions.</param>
    /// <param name="idToken">The provider's token, where a provider showed it.</param>
    /// <param name="by">Id of the passkey, where one showed it.</param>
    public async Task<Caller> BeginSessionAsync(HttpContext context, string person, string how, string? idToken = null, string? by = null)
    {
        if (context.Request.Cookies[Callers.Cookie] is { Length: > 0 } before)
        {
            await ForgetAsync(before);
        }

        var expires = time.GetUtcNow() + SessionLife;
        var made = await MakeAsync(SignInEndpoints.SessionPrefix, new HeldToken(person, how, Session, Today, expires, idToken, by), DateOnly.FromDateTime(expires.UtcDateTime));
        context.Response.Cookies.Append(Callers.Cookie, made.Token, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = true, Path = "/" });
        return new Caller(person, "token " + HashOf(made.Token), null);
    }

    /// <summary>Has a session go on as another passkey's, to the end that it had: its person ended the one that began it with that other one.</summary>
    /// <param name="session">The session as it was found.</param>
    /// <param name="by">Id of the passkey that signed.</param>
    public Task GoOnAsync((string Hash, HeldToken Held) session, string by)
    {
        var row = new { hash = session.Hash, box = Seal(session.Hash, session.Held with { By = by }) };
        return writer.WriteAsync((c, t) => c.Execute("UPDATE tokens SET sealed = @box WHERE hash = @hash", row, t));
    }

    /// <summary>Ends the session of a browser; returns what it was, or null when it had none.</summary>
    public async Task<HeldToken?> EndSessionAsync(HttpContext context)
    {
        var held = (await FindAsync(context))?.Held;
        if (context.Request.Cookies[Callers.Cookie] is { Length: > 0 } session)
        {
            await ForgetAsync(session);
        }

        context.Response.Cookies.Delete(Callers.Cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = true, Path = "/" });
        return held is { Scope: Session } ? held : null;
    }

    private Task ForgetAsync(string token) => writer.WriteAsync((c, t) => c.Execute("DELETE FROM tokens WHERE hash = @hash", new { hash = HashOf(token) }, t));

    private async Task<TokenMade> MakeAsync(string prefix, HeldToken held, DateOnly until)
    {
        var token = prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var (hash, holder) = (HashOf(token), held.Holder);
        var box = Seal(hash, held);
        var row = new { hash, holder = RefOf(holder), box, until = Sql.Day(until), today = Sql.Day(Today) };
        await writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM tokens WHERE until < @today", row, t);
            c.Execute("INSERT INTO tokens (hash, holder_ref, sealed, until) VALUES (@hash, @holder, @box, @until)", row, t);
        });
        return new TokenMade(token, until);
    }

    /// <summary>What a token stands for, and its hash; null when it is none, or over. The day of its use is noted.</summary>
    public async Task<(string Hash, HeldToken Held)?> FindAsync(string token)
    {
        var (hash, today) = (HashOf(token), Today);
        byte[]? box;
        using (var connection = database.Open())
        {
            (box, var until) = connection.QuerySingleOrDefault<(byte[]?, string?)>("SELECT sealed, until FROM tokens WHERE hash = @hash", new { hash });
            if (box is null || Sql.Day(until!) < today)
            {
                return null;
            }
        }

        if (!used.TryGetValue(hash, out var last) || last != today)
        {
            await writer.WriteAsync((c, t) => c.Execute("UPDATE tokens SET last = @today WHERE hash = @hash", new { hash, today = Sql.Day(today) }, t));
            used[hash] = today;
        }

        return Open(hash, box) is var held && (held.Expires <= time.GetUtcNow() || HasEnded(held.By)) ? null : (hash, held);
    }

    /// <summary>What a request's token or session stands for; null when it brings none in force. A session is a cookie, a token is not.</summary>
    public async Task<(string Hash, HeldToken Held)?> FindAsync(HttpContext context) =>
        OfBearer(context) is { } bearer ? await FindAsync(bearer) is { Held.Scope: not Session } found ? found : null
        : context.Request.Cookies[Callers.Cookie] is { } cookie ? await FindAsync(cookie) is { Held.Scope: Session } session ? session : null
        : null;

    /// <summary>Somebody's tokens and sessions that are not over, the newest first.</summary>
    public IReadOnlyList<TokenView> Of(string holder)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Hash, byte[] Sealed, string Until, string? Last)>("SELECT hash, sealed, until, last FROM tokens WHERE holder_ref = @holder AND until >= @today", new { holder = RefOf(holder), today = Sql.Day(Today) })
            .Select(r => (r, Held: Open(r.Hash, r.Sealed))).Where(r => !HasEnded(r.Held.By))
            .Select(r => new TokenView(r.r.Hash[..IdLength], r.Held.Name, r.Held.Scope, r.Held.Made, Sql.Day(r.r.Until), r.r.Last is { } last ? Sql.Day(last) : null))
            .OrderByDescending(t => t.Made).ThenBy(t => t.Name, StringComparer.Ordinal)];
    }

    /// <summary>Ends a token of somebody's by its id; false when they have none of that id.</summary>
    public async Task<bool> EndAsync(string holder, string id) => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower)
        && await writer.WriteAsync((c, t) => c.Execute("DELETE FROM tokens WHERE holder_ref = @holder AND substr(hash, 1, 16) = @id", new { holder = RefOf(holder), id }, t)) > 0;

    /// <summary>A token that reads only is answered nothing else, whoever holds it. And what another site's page has a browser send is not its person's wish.</summary>
    public static async Task RefuseAsync(HttpContext context, RequestDelegate next, Tokens tokens)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)
            && await tokens.FindAsync(context) is { Held.Scope: Read })
        {
            await Problems.Forbidden($"This token reads only. One that does more: daylight token new --scope {All}", "scope:" + All).ExecuteAsync(context);
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && OfBearer(context) is null
            && IsFromElsewhere(context))
        {
            await Problems.Forbidden("This was sent by a page of another site.", "same origin").ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    /// <summary>The token of a request's <c>Authorization: Bearer</c> (RFC 6750, section 2.1), or null.</summary>
    public static string? OfBearer(HttpContext context) => context.Request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal) ? header[7..].Trim() : null;

    /// <summary>Whether a browser says that another site's page sent this: by Fetch Metadata where it has that, and else by the origin. A form under <c>no-referrer</c> has the origin <c>null</c>.</summary>
    private static bool IsFromElsewhere(HttpContext context) => context.Request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" or "none" => false,
        { Length: > 0 } => true,
        _ => context.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !string.Equals(origin, Passkeys.OriginOf(context), StringComparison.OrdinalIgnoreCase),
    };

    private bool HasEnded(string? passkey) => passkey is not null && !log.Read(a => a.Credentials.ContainsKey(new CredentialId(passkey)));

    private byte[] Seal(string hash, HeldToken held) => keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(held, TokenJson.Default.HeldToken), "token " + hash);

    private HeldToken Open(string hash, byte[] box) => JsonSerializer.Deserialize(keys.Box.Open(box, "token " + hash), TokenJson.Default.HeldToken)!;

    private string RefOf(string holder) => keys.Reference("token holder", holder);

    private static string HashOf(string token) => Hash.Of(Encoding.UTF8.GetBytes(token)).ToHex();
}

/// <summary>Serialization of tokens.</summary>
[JsonSerializable(typeof(HeldToken))]
internal sealed partial class TokenJson : JsonSerializerContext;
