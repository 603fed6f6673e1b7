using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Daylight.Server.Features.SignIn.Oidc;

/// <summary>What an ID token must be about.</summary>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Client">For whom.</param>
/// <param name="Nonce">In answer to what.</param>
/// <param name="Now">What time it is.</param>
internal sealed record IdTokenExpected(string Issuer, string Client, string Nonce, DateTimeOffset Now);

/// <summary>What came of reading an ID token.</summary>
internal abstract record IdTokenRead
{
    private IdTokenRead()
    {
    }

    /// <summary>It holds.</summary>
    public sealed record Valid(string Subject, JsonElement Claims) : IdTokenRead;

    /// <summary>It does not; why, in words that name nobody.</summary>
    public sealed record Refused(string Why) : IdTokenRead;

    /// <summary>None of the provider's keys that are known has the name of its own: the provider may have a new one.</summary>
    public sealed record UnknownKey : IdTokenRead;
}

/// <summary>ID tokens: OpenID Connect Core 1.0 §3.1.3.7, and of JWS (RFC 7515) and JWK (RFC 7517) what they need. Pure.</summary>
internal static class IdToken
{
    private const int Longest = 32 * 1024;

    private const int FewestRsaBits = 2048;

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(10);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Reads a token: the signature first, then each claim.</summary>
    /// <param name="token">JWS in compact form.</param>
    /// <param name="keys">The provider's keys, each a JWK.</param>
    /// <param name="expected">What it must be about.</param>
    public static IdTokenRead Read(string token, IReadOnlyList<JsonElement> keys, IdTokenExpected expected)
    {
        if (token.Length > Longest || token.Split('.') is not [var head, var body, var end] || Part(head) is not { } header || Part(body) is not { } claims || Bytes(end) is not { } signature)
        {
            return new IdTokenRead.Refused("it is no signed token");
        }

        if (Text(header, "alg") is not ("RS256" or "PS256" or "ES256") || header.TryGetProperty("crit", out _))
        {
            return new IdTokenRead.Refused("its algorithm is none of RS256, PS256 and ES256");
        }

        var (alg, kid) = (Text(header, "alg")!, Text(header, "kid"));
        var fitting = keys.Where(k => Fits(k, alg) && (kid is null || Text(k, "kid") == kid)).ToList();
        if (fitting.Count == 0)
        {
            return new IdTokenRead.UnknownKey();
        }

        var signed = Encoding.ASCII.GetBytes(head + "." + body);
        return fitting.Exists(k => Signed(k, alg, signed, signature)) ? Judge(claims, expected) : new IdTokenRead.Refused("its signature is not the provider's");
    }

    /// <summary>A claim that is a text; null when there is none.</summary>
    public static string? Text(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Reads an object that says nothing twice; null when it is none.</summary>
    public static JsonElement? Object(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IdTokenRead Judge(JsonElement claims, IdTokenExpected expected)
    {
        if (Text(claims, "iss") != expected.Issuer)
        {
            return new IdTokenRead.Refused("another issuer made it");
        }

        // An audience besides us would be one that we trust, and there is none (§3.1.3.7, 3).
        if (!IsForUs(claims, expected.Client) || (claims.TryGetProperty("azp", out _) && Text(claims, "azp") != expected.Client))
        {
            return new IdTokenRead.Refused("it is made for another client");
        }

        if (Instant(claims, "exp") is not { } until || until <= expected.Now - Skew || Instant(claims, "iat") is not { } made || made > expected.Now + Skew || made < expected.Now - Oldest
            || (claims.TryGetProperty("nbf", out _) && (Instant(claims, "nbf") is not { } from || from > expected.Now + Skew)))
        {
            return new IdTokenRead.Refused("its time is over, or not come: is one of the two clocks wrong?");
        }

        if (Text(claims, "nonce") is not { } nonce || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(expected.Nonce)))
        {
            return new IdTokenRead.Refused("it answers another question (nonce)");
        }

        return Text(claims, "sub") is { Length: > 0 and <= 255 } subject ? new IdTokenRead.Valid(subject, claims) : new IdTokenRead.Refused("it names nobody (sub)");
    }

    private static bool IsForUs(JsonElement claims, string client) =>
        Text(claims, "aud") == client || (claims.TryGetProperty("aud", out var several) && several.ValueKind == JsonValueKind.Array && several.EnumerateArray().ToArray() is [{ ValueKind: JsonValueKind.String } one] && one.ValueEquals(client));

    private static DateTimeOffset? Instant(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253402300800 // year 10000
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;

    private static bool Fits(JsonElement key, string alg) => key.ValueKind == JsonValueKind.Object && Text(key, "kty") == (alg == "ES256" ? "EC" : "RSA")
        && Text(key, "use") is null or "sig" && (Text(key, "alg") is not { } its || its == alg);

    private static bool Signed(JsonElement key, string alg, byte[] signed, byte[] signature)
    {
        try
        {
            if (alg == "ES256")
            {
                if (Text(key, "crv") != "P-256")
                {
                    return false;
                }

                using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Member(key, "x"), Y = Member(key, "y") } });
                return ec.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }

            using var rsa = RSA.Create(new RSAParameters { Modulus = Member(key, "n"), Exponent = Member(key, "e") });
            return rsa.KeySize >= FewestRsaBits && rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, alg == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false; // a key that is none
        }
    }

    private static byte[]? Member(JsonElement key, string name) => Text(key, name) is { } text ? Bytes(text) : null;

    private static JsonElement? Part(string text) => Bytes(text) is { } bytes ? Object(bytes) : null;

    private static byte[]? Bytes(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
