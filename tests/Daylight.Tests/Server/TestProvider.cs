using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Daylight.Tests.Server;

/// <summary>An identity provider that lies where it is told to. The real one is in the end-to-end tests.</summary>
internal sealed class TestProvider : IAsyncDisposable
{
    public const string ClientId = "daylight";

    public const string Secret = "a secret: with % and +";

    private readonly RSA key = RSA.Create(2048);
    private WebApplication app = null!;

    /// <summary>What time it is there.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    public string Issuer { get; private set; } = null!;

    /// <summary>The name of its key.</summary>
    public string KeyName { get; set; } = "one";

    /// <summary>Changes a token's claims before they are signed.</summary>
    public Action<JsonObject> Claims { get; set; } = _ => { };

    /// <summary>Changes what userinfo says.</summary>
    public Action<JsonObject> User { get; set; } = _ => { };

    /// <summary>Changes what it says of itself.</summary>
    public Action<JsonObject> Discovery { get; set; } = _ => { };

    /// <summary>Changes a token after it was signed.</summary>
    public Func<string, string> Token { get; set; } = t => t;

    /// <summary>What a code was asked for with: nonce and challenge.</summary>
    public Dictionary<string, (string Nonce, string Challenge)> Codes { get; } = [];

    public static async Task<TestProvider> StartAsync()
    {
        var provider = new TestProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        provider.app = builder.Build();
        provider.app.Urls.Add("http://127.0.0.1:0");
        provider.app.MapGet("/.well-known/openid-configuration", () => Results.Text(provider.Made(provider.Discovery, new JsonObject
        {
            ["issuer"] = provider.Issuer,
            ["authorization_endpoint"] = provider.Issuer + "/authorize?tenant=1",
            ["token_endpoint"] = provider.Issuer + "/token",
            ["jwks_uri"] = provider.Issuer + "/keys",
            ["userinfo_endpoint"] = provider.Issuer + "/me",
            ["end_session_endpoint"] = provider.Issuer + "/end",
            ["authorization_response_iss_parameter_supported"] = true,
        }), "application/json"));
        provider.app.MapGet("/keys", () => Results.Text(provider.Keys(), "application/json"));
        provider.app.MapPost("/token", (Delegate)provider.ExchangeAsync);
        provider.app.MapGet("/me", (HttpContext context) => context.Request.Headers.Authorization == "Bearer access" ? Results.Text(provider.Made(provider.User, Person()), "application/json") : Results.Unauthorized());
        await provider.app.StartAsync();
        provider.Issuer = provider.app.Urls.First();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private static JsonObject Person() => new() { ["sub"] = "248289", ["email"] = "Dora@test.example", ["email_verified"] = true, ["groups"] = new JsonArray("staff", "figures") };

    private string Keys()
    {
        var its = key.ExportParameters(false);
        return new JsonObject { ["keys"] = new JsonArray(new JsonObject { ["kty"] = "RSA", ["kid"] = KeyName, ["use"] = "sig", ["n"] = Base64Url.EncodeToString(its.Modulus), ["e"] = Base64Url.EncodeToString(its.Exponent) }) }.ToJsonString();
    }

    private async Task<IResult> ExchangeAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var basic = Encoding.UTF8.GetString(Convert.FromBase64String(context.Request.Headers.Authorization.ToString()["Basic ".Length..])).Split(':').Select(Uri.UnescapeDataString).ToArray();
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (basic is not [ClientId, Secret] || !Codes.Remove(form["code"].ToString(), out var asked) || asked.Challenge != challenge)
        {
            return Results.BadRequest();
        }

        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        var claims = Made(Claims, new JsonObject { ["iss"] = Issuer, ["aud"] = ClientId, ["sub"] = "248289", ["nonce"] = asked.Nonce, ["iat"] = now, ["exp"] = now + 300 });
        return Results.Json(new { id_token = Token(Sign(claims)), access_token = "access", token_type = "Bearer" });
    }

    private string Sign(string claims)
    {
        var signed = Encode(JsonSerializer.Serialize(new { alg = "RS256", kid = KeyName })) + "." + Encode(claims);
        return signed + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private string Made(Action<JsonObject> change, JsonObject made)
    {
        change(made);
        return made.ToJsonString();
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
