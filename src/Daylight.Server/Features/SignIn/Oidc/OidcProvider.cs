using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Daylight.Server.Features.SignIn.Oidc;

/// <summary>The provider does not do what it should. The message is for operators, and names nobody.</summary>
internal sealed class OidcException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a provider says of itself (OpenID Connect Discovery 1.0 §3).</summary>
internal sealed record OidcDiscovery(string Authorization, string Token, string Keys, string? UserInfo, string? EndSession, bool SaysWho, bool SecretInBody, DateTimeOffset Read);

/// <summary>What the token endpoint gave.</summary>
internal sealed record OidcTokens(string IdToken, string AccessToken);

/// <summary>Speaks to the provider: discovery, tokens, keys, userinfo. What it says is believed only after <see cref="IdToken"/>.</summary>
internal sealed class OidcProvider(OidcOptions options, HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan DiscoveryLife = TimeSpan.FromHours(1);

    /// <summary>A token with a key that nobody knows makes us ask for the keys, but not more often than this.</summary>
    private static readonly TimeSpan KeysLife = TimeSpan.FromMinutes(1);

    private volatile OidcDiscovery? discovered;
    private volatile HeldKeys? keys;

    /// <summary>Largest answer that is read, in bytes.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>How it was set.</summary>
    public OidcOptions Options => options;

    /// <summary>An HTTP client for a provider: it follows nothing, and waits for nobody long.</summary>
    public static HttpClient NewClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MostBytes,
    };

    /// <summary>What the provider says of itself, read anew each hour.</summary>
    /// <exception cref="OidcException">It says nothing usable.</exception>
    public async Task<OidcDiscovery> DiscoverAsync(CancellationToken cancel)
    {
        if (discovered is { } known && known.Read > time.GetUtcNow() - DiscoveryLife)
        {
            return known;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration");
        var said = await SendAsync(request, "discovery", cancel);
        if (IdToken.Text(said, "issuer") != options.Issuer)
        {
            throw new OidcException("discovery names another issuer than SignIn:Oidc:Issuer: the two must be equal, to the last character");
        }

        return discovered = new OidcDiscovery(
            Url("authorization_endpoint"), Url("token_endpoint"), Url("jwks_uri"), Optional("userinfo_endpoint"), Optional("end_session_endpoint"),
            said.TryGetProperty("authorization_response_iss_parameter_supported", out var says) && says.ValueKind == JsonValueKind.True,
            said.TryGetProperty("token_endpoint_auth_methods_supported", out var methods) && methods.ValueKind == JsonValueKind.Array && !methods.EnumerateArray().Any(m => m.ValueEquals("client_secret_basic")),
            time.GetUtcNow());

        string Url(string name) => Optional(name) ?? throw new OidcException($"discovery has no {name}");

        string? Optional(string name) => IdToken.Text(said, name) is not { } url ? null
            : OidcOptions.IsSafe(url) ? url
            : throw new OidcException($"discovery's {name} is not https");
    }

    /// <summary>Gives the code for tokens (RFC 6749 §4.1.3, with PKCE: RFC 7636 §4.5).</summary>
    /// <exception cref="OidcException">It was not taken.</exception>
    public async Task<OidcTokens> ExchangeAsync(string code, string verifier, string redirect, CancellationToken cancel)
    {
        var provider = await DiscoverAsync(cancel);
        var form = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirect, ["code_verifier"] = verifier };
        using var request = new HttpRequestMessage(HttpMethod.Post, provider.Token);
        if (options.ClientSecret is { } secret && !provider.SecretInBody)
        {
            // RFC 6749 §2.3.1: each is form-encoded first.
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(secret)}")));
        }
        else
        {
            form["client_id"] = options.ClientId;
            if (options.ClientSecret is { } posted)
            {
                form["client_secret"] = posted;
            }
        }

        request.Content = new FormUrlEncodedContent(form);
        var said = await SendAsync(request, "the token endpoint", cancel);
        return IdToken.Text(said, "id_token") is { } token && IdToken.Text(said, "access_token") is { } access && string.Equals(IdToken.Text(said, "token_type"), "Bearer", StringComparison.OrdinalIgnoreCase)
            ? new OidcTokens(token, access)
            : throw new OidcException("the token endpoint gave no id_token with an access_token of type Bearer");
    }

    /// <summary>The provider's keys; read anew when they are old, or when <paramref name="known"/> did not serve.</summary>
    /// <exception cref="OidcException">It gives none.</exception>
    public async Task<IReadOnlyList<JsonElement>> KeysAsync(IReadOnlyList<JsonElement>? known, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (keys is { } held && (known is null ? held.Read > now - DiscoveryLife : !ReferenceEquals(held.Keys, known) || held.Read > now - KeysLife))
        {
            return held.Keys;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, (await DiscoverAsync(cancel)).Keys);
        var said = await SendAsync(request, "the keys", cancel);
        IReadOnlyList<JsonElement> read = said.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : throw new OidcException("jwks_uri gives no keys");
        keys = new HeldKeys(read, now);
        return read;
    }

    /// <summary>What the provider says of whom a token is for; null where it has no such endpoint.</summary>
    /// <exception cref="OidcException">It says nothing usable.</exception>
    public async Task<JsonElement?> UserInfoAsync(string accessToken, CancellationToken cancel)
    {
        if ((await DiscoverAsync(cancel)).UserInfo is not { } url)
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return await SendAsync(request, "userinfo", cancel);
    }

    private sealed record HeldKeys(IReadOnlyList<JsonElement> Keys, DateTimeOffset Read);

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, string what, CancellationToken cancel)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var answer = await http.SendAsync(request, cancel);
            if (!answer.IsSuccessStatusCode)
            {
                throw new OidcException($"{what} answered {(int)answer.StatusCode}");
            }

            return IdToken.Object(await answer.Content.ReadAsByteArrayAsync(cancel)) ?? throw new OidcException($"{what} answered no JSON object");
        }
        catch (HttpRequestException e)
        {
            throw new OidcException($"{what} cannot be reached ({e.HttpRequestError})", e);
        }
        catch (TaskCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new OidcException($"{what} did not answer within ten seconds", e);
        }
    }
}
