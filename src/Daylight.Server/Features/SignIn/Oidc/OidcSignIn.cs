using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Core.Directory;
using Daylight.Portal.Layout;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Notices;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Server.Features.SignIn.Oidc;

/// <summary>
/// Signing in at the company's provider: authorization code with PKCE (OpenID Connect Core 1.0 §3.1, RFC 9700). It opens a session of one person, and nothing else: what a session
/// looks at, and what it decides, takes a signature that no provider can give.
/// </summary>
internal static partial class OidcSignIn
{
    /// <summary>Where the provider sends people back to: what is registered there is the portal's address with this path.</summary>
    public const string CallbackPath = "/sign-in/oidc/callback";

    /// <summary>What a session that began so is called.</summary>
    public const string How = "single sign-on";

    // Lax, unlike the session: the provider's page is another site, and its way back must bring this.
    private const string Cookie = "__Host-daylight-oidc";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    public static void Map(IEndpointRouteBuilder routes, ServerOptions options)
    {
        if (options.Oidc is not null)
        {
            routes.MapGet("/sign-in/oidc", BeginAsync).ExcludeFromDescription();
            routes.MapGet(CallbackPath, FinishAsync).ExcludeFromDescription();
            routes.MapDelete("/api/v1/me/provider-account", ReleaseMineAsync).WithSummary("Lets go the provider's account that signs in as me: the next that has my address is mine");
            routes.MapDelete("/api/v1/provider-accounts", ReleaseAsync).WithSummary("The same for somebody who has a new account there, and is told; for privacy officers").WithQuery(("address", "their address in the directory"));
            routes.MapForm("/keys/provider-end", async (HttpContext context, Callers callers, ProviderAccounts accounts) =>
            {
                var answer = await ReleaseMineAsync(context, callers, accounts);
                return answer is NoContent ? Results.LocalRedirect("/keys") : answer;
            });
        }
    }

    /// <summary>Where somebody is signed out at the provider as well (OpenID Connect RP-Initiated Logout 1.0 §2); null where it has no such place, or cannot be reached.</summary>
    public static async Task<string?> LogoutUrlAsync(OidcProvider provider, HttpContext context, string idToken)
    {
        try
        {
            return (await provider.DiscoverAsync(context.RequestAborted)).EndSession is { } url
                ? QueryHelpers.AddQueryString(url, new Dictionary<string, string?> { ["id_token_hint"] = idToken, ["client_id"] = provider.Options.ClientId, ["post_logout_redirect_uri"] = Passkeys.OriginOf(context) + "/sign-in" })
                : null;
        }
        catch (OidcException)
        {
            return null;
        }
    }

    private static async Task<IResult> ReleaseMineAsync(HttpContext context, Callers callers, ProviderAccounts accounts) => await callers.FindAsync(context) is not { } caller ? Problems.NotSignedIn()
        : await accounts.ReleaseAsync(caller.Person) ? Results.NoContent()
        : Problems.NotFound("No account at the provider signs in as you.");

    private static async Task<IResult> ReleaseAsync(HttpContext context, Callers callers, ProviderAccounts accounts, DirectoryStore directory, NoticeStore notices)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (!callers.RolesOf(caller.Person).Contains("privacy-officer"))
        {
            return Problems.Forbidden("Letting somebody else's account go is for privacy officers.", "role:privacy-officer");
        }

        if (directory.Current.ByEmail(context.Request.Query["address"].ToString()) is not { } person || !await accounts.ReleaseAsync(person.Id))
        {
            return Problems.NotFound("No account at the provider signs in as anybody of that address.");
        }

        await notices.TellOneAsync(person.Id, "credential", "A privacy officer let go the provider's account that signed in as you: the next with your address that signs in is yours. If you did not ask for that, tell another one.");
        return Results.NoContent();
    }

    private static async Task<IResult> BeginAsync(HttpContext context, OidcProvider provider, ServerKeys keys, TimeProvider time, ILogger<OidcProvider> logger)
    {
        OidcDiscovery discovery;
        try
        {
            discovery = await provider.DiscoverAsync(context.RequestAborted);
        }
        catch (OidcException e)
        {
            Failed(logger, e.Message);
            return Unreachable(provider);
        }

        var asked = new OidcAsked(time.GetUtcNow() + Life, Random(), Random(), Random());
        context.Response.Cookies.Append(Cookie, keys.Pack("oidc", asked, OidcAskedJson.Default.OidcAsked), CookieOf(Life));
        context.Response.Headers.CacheControl = "no-store";
        return Results.Redirect(QueryHelpers.AddQueryString(discovery.Authorization, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = provider.Options.ClientId,
            ["redirect_uri"] = Passkeys.OriginOf(context) + CallbackPath,
            ["scope"] = "openid email profile",
            ["state"] = asked.State,
            ["nonce"] = asked.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(asked.Verifier))),
            ["code_challenge_method"] = "S256",
        }));
    }

    private static async Task<IResult> FinishAsync(
        HttpContext context, OidcProvider provider, ProviderAccounts accounts, DirectoryStore directory, Callers callers, Tokens tokens, NoticeStore notices, ServerKeys keys, TimeProvider time, ILogger<OidcProvider> logger)
    {
        context.Response.Headers.CacheControl = "no-store";
        var query = context.Request.Query;
        if (context.Request.Cookies[Cookie] is not { } cookie || keys.Unpack("oidc", cookie, OidcAskedJson.Default.OidcAsked) is not { } asked || asked.Expires <= time.GetUtcNow()
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(asked.State), Encoding.UTF8.GetBytes(query["state"].ToString())))
        {
            return Note(Say("This answer belongs to no question"), Say("Signing in was begun in another window, longer than ten minutes ago, or not by you. Nobody was signed in."), 400);
        }

        context.Response.Cookies.Delete(Cookie, CookieOf(null)); // once
        if (query["error"].ToString() is { Length: > 0 } error)
        {
            return error == "access_denied"
                ? Note(Say("{0} did not sign you in", provider.Options.Name), Say("It was declined there, by you or by its rules. Nobody was signed in."), 403)
                : Note(Say("{0} did not sign you in", provider.Options.Name), Say("It says that something is wrong. Try again; if it stays so, tell whoever operates Daylight."), 502);
        }

        (IdTokenRead.Valid Token, string Text, JsonElement Claims) read;
        try
        {
            read = await ReadAsync(context, provider, asked, time);
        }
        catch (OidcException e)
        {
            Failed(logger, e.Message);
            return Unreachable(provider);
        }

        if (Whose(read.Token.Subject, read.Claims, provider.Options, accounts, directory) is not { } whose)
        {
            return Note(Say("Nobody here has that address"), Say("{0} says who you are, but Daylight's directory has nobody whose address it vouches for. Tell whoever keeps the directory.", provider.Options.Name), 403);
        }

        var claimed = ClaimedRoles(read.Claims, provider.Options);
        if (!await accounts.KeepAsync(provider.Options.Issuer, read.Token.Subject, new ProviderAccount(whose.Person.Id, whose.Known?.Since ?? time.GetUtcNow(), claimed)))
        {
            return Note(Say("That address belongs to another account"), Say("Somebody has signed in as this person with another account at {0}. If that was you, end it under Keys and sessions, with your passkey; else tell a privacy officer.", provider.Options.Name), 403);
        }

        await TellOfRolesAsync(whose.Person, claimed, whose.Known?.Claimed ?? [], callers, notices, provider.Options);
        await callers.NoteSignInAsync(whose.Person.Id, How);
        await tokens.BeginSessionAsync(context, whose.Person.Id, How, read.Text);
        // The session's cookie is Strict: a redirect that another site began would not bring it, a page of ours does.
        return new RazorComponentResult<Onward>(new { Title = Say("You are signed in"), Text = Say("{0} says that you are {1}.", provider.Options.Name, whose.Person.Name), To = "/", Label = Say("Go on"), AtOnce = true });
    }

    private static async Task<(IdTokenRead.Valid Token, string Text, JsonElement Claims)> ReadAsync(HttpContext context, OidcProvider provider, OidcAsked asked, TimeProvider time)
    {
        var cancel = context.RequestAborted;
        var (discovery, query) = (await provider.DiscoverAsync(cancel), context.Request.Query);
        if (query["iss"].ToString() is var issuer && (issuer.Length > 0 || discovery.SaysWho) && issuer != provider.Options.Issuer)
        {
            throw new OidcException("the answer came from another issuer (RFC 9207)"); // mixed up on the way
        }

        var given = await provider.ExchangeAsync(query["code"].ToString(), asked.Verifier, Passkeys.OriginOf(context) + CallbackPath, cancel);
        var expected = new IdTokenExpected(provider.Options.Issuer, provider.Options.ClientId, asked.Nonce, time.GetUtcNow());
        var keys = await provider.KeysAsync(null, cancel);
        var read = IdToken.Read(given.IdToken, keys, expected);
        if (read is IdTokenRead.UnknownKey)
        {
            read = IdToken.Read(given.IdToken, await provider.KeysAsync(keys, cancel), expected); // it may have a new one
        }

        if (read is not IdTokenRead.Valid valid)
        {
            throw new OidcException("the id_token does not hold: " + (read is IdTokenRead.Refused refused ? refused.Why : "none of the provider's keys made it"));
        }

        var user = await provider.UserInfoAsync(given.AccessToken, cancel);
        return user is not { } info ? (valid, given.IdToken, valid.Claims)
            : IdToken.Text(info, "sub") == valid.Subject ? (valid, given.IdToken, info)
            : throw new OidcException("userinfo is about somebody else than the id_token (sub)"); // §5.3.2
    }

    /// <summary>Whose an account is: by itself once it is known, and the first time by an address that the provider vouches for.</summary>
    private static (Person Person, ProviderAccount? Known)? Whose(string subject, JsonElement claims, OidcOptions options, ProviderAccounts accounts, DirectoryStore directory)
    {
        if (accounts.Find(options.Issuer, subject) is { } known)
        {
            return directory.Current.Person(known.Person) is { } person ? (person, known) : null;
        }

        var vouched = options.TrustAddress || (claims.TryGetProperty("email_verified", out var verified) && (verified.ValueKind == JsonValueKind.True || (verified.ValueKind == JsonValueKind.String && verified.ValueEquals("true"u8))));
        return vouched && IdToken.Text(claims, options.AddressClaim) is { Length: > 0 } address && directory.Current.ByEmail(address) is { } found ? (found, null) : null;
    }

    private static IReadOnlyList<string> ClaimedRoles(JsonElement claims, OidcOptions options) =>
        options.GroupsClaim is not { } name || !claims.TryGetProperty(name, out var groups) ? []
        : [.. (groups.ValueKind == JsonValueKind.Array ? groups.EnumerateArray().Where(g => g.ValueKind == JsonValueKind.String).Select(g => g.GetString()!) : groups.ValueKind == JsonValueKind.String ? [groups.GetString()!] : [])
            .Select(g => options.RoleOfGroup.GetValueOrDefault(g)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>A group grants nothing: it has those asked who sign, when it comes and when it goes.</summary>
    private static async Task TellOfRolesAsync(Person person, IReadOnlyList<string> claimed, IReadOnlyList<string> before, Callers callers, NoticeStore notices, OidcOptions options)
    {
        var held = callers.RolesOf(person.Id);
        foreach (var role in claimed.Except(before).Except(held))
        {
            await notices.AlertAsync("privacy-officer", "role-claim", $"{options.Name} says that {person.Name} is to be {role}. Nothing was granted: that takes the signatures of root approvers (daylight role grant {role} {person.Email} …).", person.Id);
        }

        foreach (var role in before.Except(claimed).Intersect(held))
        {
            await notices.AlertAsync("privacy-officer", "role-claim", $"{options.Name} no longer says that {person.Name} is {role}, and the log still does. Ending it takes a signature (daylight role revoke {role} {person.Email}).", person.Id);
        }
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static CookieOptions CookieOf(TimeSpan? age) => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = true, Path = "/", MaxAge = age };

    private static RazorComponentResult<Onward> Unreachable(OidcProvider provider) =>
        Note(Say("{0} could not sign you in", provider.Options.Name), Say("It cannot be reached, or what it said does not hold; whoever operates Daylight finds why in the server's log. A passkey signs you in without it."), 502);

    private static RazorComponentResult<Onward> Note(string title, string text, int status) => new(new { Title = title, Text = text, To = "/sign-in", Label = Say("Back to signing in"), AtOnce = false }) { StatusCode = status };

    [LoggerMessage(2, LogLevel.Warning, "Single sign-on failed: {Why}")]
    private static partial void Failed(ILogger logger, string why);
}

/// <summary>What was asked of the provider, as it travels with the browser, sealed.</summary>
/// <param name="Expires">When it stops serving.</param>
/// <param name="State">Comes back in the address.</param>
/// <param name="Nonce">Comes back in the token.</param>
/// <param name="Verifier">Whose hash the provider has (RFC 7636).</param>
internal sealed record OidcAsked(DateTimeOffset Expires, string State, string Nonce, string Verifier);

/// <summary>Serialization of what was asked.</summary>
[JsonSerializable(typeof(OidcAsked))]
internal sealed partial class OidcAskedJson : JsonSerializerContext;
