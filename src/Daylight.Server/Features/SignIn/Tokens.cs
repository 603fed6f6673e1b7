using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Protocol;
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
internal sealed record HeldToken(string Holder, string Name, string Scope, DateOnly Made);

/// <summary>Tokens and sessions: a name for a caller, and no authority. Only hashes are stored; whose they are, and what they are called, is encrypted. Each has an end, and can be ended before.</summary>
internal sealed class Tokens(IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    /// <summary>Reads only.</summary>
    public const string Read = "read";

    /// <summary>Does what its holder may do without a signature.</summary>
    public const string All = "all";

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
    public async Task<TokenMade> MakeAsync(string prefix, string holder, string name, string scope, int days)
    {
        var token = prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var (hash, until) = (HashOf(token), Today.AddDays(days));
        var box = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(new HeldToken(holder, name, scope, Today), TokenJson.Default.HeldToken), "token " + hash);
        await writer.WriteAsync((c, t) => c.Execute("INSERT INTO tokens (hash, holder_ref, sealed, until) VALUES (@hash, @holder, @box, @until)", new { hash, holder = RefOf(holder), box, until = Sql.Day(until) }, t));
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

        return (hash, Open(hash, box));
    }

    /// <summary>Somebody's tokens and sessions that are not over, the newest first.</summary>
    public IReadOnlyList<TokenView> Of(string holder)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Hash, byte[] Sealed, string Until, string? Last)>("SELECT hash, sealed, until, last FROM tokens WHERE holder_ref = @holder AND until >= @today", new { holder = RefOf(holder), today = Sql.Day(Today) })
            .Select(r => (r, Held: Open(r.Hash, r.Sealed)))
            .Select(r => new TokenView(r.r.Hash[..IdLength], r.Held.Name, r.Held.Scope, r.Held.Made, Sql.Day(r.r.Until), r.r.Last is { } last ? Sql.Day(last) : null))
            .OrderByDescending(t => t.Made).ThenBy(t => t.Name, StringComparer.Ordinal)];
    }

    /// <summary>Ends a token of somebody's by its id; false when they have none of that id.</summary>
    public async Task<bool> EndAsync(string holder, string id) => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower)
        && await writer.WriteAsync((c, t) => c.Execute("DELETE FROM tokens WHERE holder_ref = @holder AND substr(hash, 1, 16) = @id", new { holder = RefOf(holder), id }, t)) > 0;

    /// <summary>A token that reads only is answered nothing else, whoever holds it, and however it is brought.</summary>
    public static async Task RefuseAsync(HttpContext context, RequestDelegate next, Tokens tokens)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)
            && Of(context) is { } token && await tokens.FindAsync(token) is { Held.Scope: Read })
        {
            await Problems.Forbidden($"This token reads only. One that does more: daylight token new --scope {All}", "scope:" + All).ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    /// <summary>The token of a request's <c>Authorization: Bearer</c> (RFC 6750, section 2.1), or null.</summary>
    public static string? OfBearer(HttpContext context) => context.Request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal) ? header[7..].Trim() : null;

    /// <summary>The token of a request: as a bearer's, else the session cookie's.</summary>
    public static string? Of(HttpContext context) => OfBearer(context) ?? context.Request.Cookies[Callers.Cookie];

    private HeldToken Open(string hash, byte[] box) => JsonSerializer.Deserialize(keys.Box.Open(box, "token " + hash), TokenJson.Default.HeldToken)!;

    private string RefOf(string holder) => keys.Reference("token holder", holder);

    private static string HashOf(string token) => Hash.Of(Encoding.UTF8.GetBytes(token)).ToHex();
}

/// <summary>Serialization of tokens.</summary>
[JsonSerializable(typeof(HeldToken))]
internal sealed partial class TokenJson : JsonSerializerContext;
