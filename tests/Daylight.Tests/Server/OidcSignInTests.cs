using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Daylight.Protocol;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Features.SignIn.Oidc;
using Daylight.Tests.Company;
using Microsoft.AspNetCore.WebUtilities;

namespace Daylight.Tests.Server;

/// <summary>Signing in at a provider, which may lie: each lie is refused, and nobody is signed in.</summary>
public sealed class OidcSignInTests : IAsyncLifetime
{
    private TestCompany company = null!;
    private TestProvider provider = null!;

    public async ValueTask InitializeAsync()
    {
        provider = await TestProvider.StartAsync();
        company = await TestCompany.StartCopyAsync(c => c.Oidc = new OidcOptions
        {
            Issuer = provider.Issuer, ClientId = TestProvider.ClientId, ClientSecret = TestProvider.Secret, Name = "Test Login", GroupsClaim = "groups",
            RoleOfGroup = new Dictionary<string, string> { ["figures"] = "analyst" },
        });
        provider.Time = company.Clock;
    }

    [Fact]
    public async Task who_the_provider_names_gets_a_session_and_no_look()
    {
        var (status, page, session) = await SignInAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("says that you are dora", page, StringComparison.Ordinal);
        Assert.Contains("http-equiv=\"refresh\" content=\"0; url=/\"", page, StringComparison.Ordinal);
        var me = await ApiClient.WithSession(company.Http, Callers.Cookie, session!).GetAsync("/api/v1/me", ProtocolJson.Default.Me, default);
        Assert.Equal(company.Id("dora"), me.OrThrow().Person);
        using var records = await GetAsync("/api/v1/me/records", session);
        Assert.Equal(HttpStatusCode.Forbidden, records.StatusCode); // a provider's word opens nothing
    }

    [Fact]
    public async Task a_token_with_a_wrong_claim_signs_nobody_in()
    {
        (string Claim, JsonNode Value)[] lies =
        [
            ("iss", "https://elsewhere.example"), ("aud", "another-client"), ("aud", new JsonArray(TestProvider.ClientId, "another")), ("azp", "another-client"), ("nonce", "of another question"),
            ("sub", "somebody else than userinfo's"), ("sub", string.Empty), ("exp", 0), ("exp", "tomorrow"), ("iat", 0), ("nbf", 32503680000L),
        ];
        foreach (var (claim, value) in lies)
        {
            provider.Claims = c => c[claim] = value.DeepClone();
            await RefusedAsync($"{claim} {value}");
        }
    }

    [Fact]
    public async Task a_token_that_the_provider_did_not_sign_as_it_is_signs_nobody_in()
    {
        Func<string, string>[] lies =
        [
            t => Encoded("""{"alg":"none","kid":"one"}""") + "." + t.Split('.')[1] + ".",
            t => Mac(Encoded("""{"alg":"HS256","kid":"one"}""") + "." + t.Split('.')[1]),
            t => Encoded("""{"alg":"RS512","kid":"one"}""") + "." + t.Split('.')[1] + "." + t.Split('.')[2],
            t => t.Replace(t.Split('.')[1], Encoded(Decoded(t.Split('.')[1]).Replace("248289", "248290", StringComparison.Ordinal)), StringComparison.Ordinal),
            t => t.Replace(t.Split('.')[1], Encoded(Decoded(t.Split('.')[1]).Replace("{", """{"sub":"248290",""", StringComparison.Ordinal)), StringComparison.Ordinal),
            t => string.Join('.', t.Split('.')[..2]),
            _ => string.Empty,
        ];
        foreach (var (lie, i) in lies.Select((l, i) => (l, i)))
        {
            provider.Token = lie;
            await RefusedAsync($"lie {i}");
        }

        static string Mac(string signed) => signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(TestProvider.Secret), Encoding.ASCII.GetBytes(signed)));
        static string Decoded(string part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));
    }

    [Fact]
    public async Task a_new_key_of_the_provider_is_learned_of()
    {
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync()).Status);
        provider.KeyName = "two";
        Assert.Equal((HttpStatusCode.BadGateway, null), Pair(await SignInAsync())); // not more often than once a minute
        company.Clock.Now += TimeSpan.FromMinutes(2);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync()).Status);
    }

    [Fact]
    public async Task discovery_that_names_another_issuer_or_leads_off_tls_is_not_followed()
    {
        provider.Discovery = d => d["issuer"] = "https://elsewhere.example";
        Assert.Equal(HttpStatusCode.BadGateway, (await GetAsync("/sign-in/oidc", null)).StatusCode);
        provider.Discovery = d => d["token_endpoint"] = "http://elsewhere.example/token";
        Assert.Equal(HttpStatusCode.BadGateway, (await GetAsync("/sign-in/oidc", null)).StatusCode);
    }

    [Fact]
    public async Task an_answer_to_another_question_signs_nobody_in()
    {
        var (cookie, asked) = await BeginAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await FinishAsync(cookie, "another state", "c")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await FinishAsync("nothing", asked["state"]!, "c")).StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, (await FinishAsync(cookie, asked["state"]!, "c", issuer: "https://elsewhere.example")).StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, (await FinishAsync(cookie, asked["state"]!, "c", issuer: string.Empty)).StatusCode); // it said that it names itself
        Assert.Equal(HttpStatusCode.BadGateway, (await FinishAsync(cookie, asked["state"]!, "a code that it never gave")).StatusCode);
        company.Clock.Now += TimeSpan.FromMinutes(11);
        Assert.Equal(HttpStatusCode.BadRequest, (await FinishAsync(cookie, asked["state"]!, "c")).StatusCode);
    }

    [Fact]
    public async Task an_address_that_it_does_not_vouch_for_or_that_nobody_has_signs_nobody_in()
    {
        provider.User = u => u["email_verified"] = false;
        Assert.Equal((HttpStatusCode.Forbidden, null), Pair(await SignInAsync()));
        provider.User = u => u["email"] = "nobody@test.example";
        Assert.Equal((HttpStatusCode.Forbidden, null), Pair(await SignInAsync()));
    }

    [Fact]
    public async Task an_account_stays_its_persons_and_the_address_brings_nobody_else_in()
    {
        await SignInAsync();
        provider.User = u => u["email"] = "anna@test.example"; // dora's account, with another address
        Assert.Contains("you are dora", (await SignInAsync()).Page, StringComparison.Ordinal);
        provider.Claims = c => c["sub"] = "another account";
        provider.User = u => u["sub"] = "another account"; // with dora's address
        Assert.Equal((HttpStatusCode.Forbidden, null), Pair(await SignInAsync()));
        Assert.Equal(403, (await company.As("boss").DeleteAsync("/api/v1/provider-accounts?address=dora@test.example", default)).Problem?.Status);
        Assert.Null((await company.As("officer").DeleteAsync("/api/v1/provider-accounts?address=dora@test.example", default)).Problem);
        var (_, page, session) = await SignInAsync();
        Assert.Contains("you are dora", page, StringComparison.Ordinal);
        var notices = await ApiClient.WithSession(company.Http, Callers.Cookie, session!).GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default);
        Assert.Contains(notices.OrThrow(), n => n.Text.Contains("let go the provider's account", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_group_asks_for_a_role_once_and_grants_none()
    {
        var (_, _, session) = await SignInAsync();
        await SignInAsync();
        Assert.Empty((await ApiClient.WithSession(company.Http, Callers.Cookie, session!).GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).OrThrow().Roles);
        var notices = (await company.As("officer").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow();
        Assert.Contains("is to be analyst", Assert.Single(notices, n => n.Kind == "role-claim").Text, StringComparison.Ordinal);
        await company.GrantAsync("dora", "analyst");
        provider.User = u => u["groups"] = "staff";
        await SignInAsync();
        notices = (await company.As("officer").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow();
        Assert.Contains(notices, n => n.Text.Contains("no longer says", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await company.DisposeAsync();
        await provider.DisposeAsync();
    }

    private static (HttpStatusCode, string?) Pair((HttpStatusCode Status, string, string? Session) came) => (came.Status, came.Session);

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task RefusedAsync(string lie)
    {
        var (status, _, session) = await SignInAsync();
        Assert.Equal((lie, HttpStatusCode.BadGateway, null), (lie, status, session));
        (provider.Claims, provider.Token) = (_ => { }, t => t); // it was the lie that was refused
        Assert.Equal((lie, HttpStatusCode.OK), (lie, (await SignInAsync()).Status));
    }

    private async Task<(HttpStatusCode Status, string Page, string? Session)> SignInAsync()
    {
        var (cookie, asked) = await BeginAsync();
        using var answer = await FinishAsync(cookie, asked["state"]!, "c");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), CookieIn(answer, Callers.Cookie));
    }

    private async Task<(string Cookie, Dictionary<string, string?> Asked)> BeginAsync()
    {
        using var sent = await GetAsync("/sign-in/oidc", null);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        var asked = QueryHelpers.ParseQuery(sent.Headers.Location!.Query).ToDictionary(p => p.Key, p => (string?)p.Value);
        Assert.Equal(("1", "code", "S256", "http://daylight/sign-in/oidc/callback"), (asked["tenant"], asked["response_type"], asked["code_challenge_method"], asked["redirect_uri"]));
        provider.Codes["c"] = (asked["nonce"]!, asked["code_challenge"]!);
        return (CookieIn(sent, "__Host-daylight-oidc")!, asked);
    }

    private Task<HttpResponseMessage> FinishAsync(string cookie, string state, string code, string? issuer = null) => GetAsync(
        QueryHelpers.AddQueryString("/sign-in/oidc/callback", new Dictionary<string, string?> { ["code"] = code, ["state"] = state, ["iss"] = issuer ?? provider.Issuer }), cookie, "__Host-daylight-oidc");

    private async Task<HttpResponseMessage> GetAsync(string path, string? cookie, string name = Callers.Cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", $"{name}={cookie}");
        }

        return await company.Http.SendAsync(request);
    }

    private static string? CookieIn(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues("Set-Cookie", out var set) && set.FirstOrDefault(c => c.StartsWith(name + "=", StringComparison.Ordinal)) is { } cookie && cookie.Split(';')[0][(name.Length + 1)..] is { Length: > 0 } value ? value : null;
}
