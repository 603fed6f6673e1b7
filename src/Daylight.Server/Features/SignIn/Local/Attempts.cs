using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Features.SignIn.Local;

/// <summary>Somebody's tries, as they are counted.</summary>
/// <param name="Key">What they are counted under.</param>
/// <param name="Allowed">Whether this one may be made.</param>
/// <param name="Last">Whether it is the last for now.</param>
internal readonly record struct Attempt(string Key, bool Allowed, bool Last);

/// <summary>
/// Counts tries to sign in by password, by device cookies (OWASP): a browser in which somebody signed in before has a count of its own, so that whoever types a colleague's
/// address over and over locks out strangers' browsers, and never the colleague's. Nothing is counted by network: many people share one.
/// </summary>
internal sealed class Attempts(GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    /// <summary>How many tries there are until one succeeds.</summary>
    public const int Most = 10;

    /// <summary>For how long tries count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private const string Cookie = "__Host-daylight-known";

    private static readonly TimeSpan Known = TimeSpan.FromDays(180);

    /// <summary>Counts a try before it is made.</summary>
    /// <param name="context">The request.</param>
    /// <param name="address">The address that was typed, whether somebody has it or not.</param>
    public async Task<Attempt> CountAsync(HttpContext context, string address)
    {
        var holder = RefOf(address);
        var key = context.Request.Cookies[Cookie] is { } cookie && keys.Unpack("known", cookie, KnownJson.Default.KnownBrowser) is { } known && known.Holder == holder && known.Until > time.GetUtcNow()
            ? keys.Reference("attempts of a browser", known.Id)
            : holder;
        var row = new { key, now = Sql.Instant(time.GetUtcNow()), until = Sql.Instant(time.GetUtcNow() + Window) };
        var count = await writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM sign_in_attempts WHERE until <= @now", row, t);
            c.Execute("INSERT INTO sign_in_attempts (id, count, until) VALUES (@key, 1, @until) ON CONFLICT (id) DO UPDATE SET count = sign_in_attempts.count + 1", row, t);
            return c.ExecuteScalar<long>("SELECT count FROM sign_in_attempts WHERE id = @key", row, t);
        });
        return new Attempt(key, count <= Most, count == Most);
    }

    /// <summary>It succeeded: the count begins anew, and the browser is known from now on.</summary>
    public async Task SucceededAsync(HttpContext context, string address, Attempt attempt)
    {
        await writer.WriteAsync((c, t) => c.Execute("DELETE FROM sign_in_attempts WHERE id = @Key", new { attempt.Key }, t));
        var known = new KnownBrowser(RefOf(address), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), time.GetUtcNow() + Known);
        context.Response.Cookies.Append(Cookie, keys.Pack("known", known, KnownJson.Default.KnownBrowser), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = true, Path = "/", MaxAge = Known });
    }

    private string RefOf(string address) => keys.Reference("attempts", address.Trim().ToLowerInvariant());
}

/// <summary>A browser in which somebody signed in before, as it says so itself, sealed.</summary>
internal sealed record KnownBrowser(string Holder, string Id, DateTimeOffset Until);

/// <summary>Serialization of known browsers.</summary>
[JsonSerializable(typeof(KnownBrowser))]
internal sealed partial class KnownJson : JsonSerializerContext;
