using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>
/// What a passkey signs around a statement (WebAuthn Level 3 §6.3.3): the authenticator's data, and what the browser says it was asked for. The browser puts in the
/// challenge, which is SHA-256 of the statement's bytes, and the origin; whoever checks a signature checks both again, and needs no server for it.
/// </summary>
/// <param name="AuthenticatorData">As the authenticator gave it (§6.1), base64.</param>
/// <param name="ClientData">clientDataJSON, byte for byte (§5.8.1), base64.</param>
public sealed record Assertion(string AuthenticatorData, string ClientData)
{
    private const int Longest = 4096;
    private const int FlagsAt = 32;
    private const int Shortest = 37;
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Whether passkeys work at an origin in this spelling: https, or http on localhost, without a path.</summary>
    public static bool IsOrigin(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.HostNameType == UriHostNameType.Dns
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.Host == "localhost"))
        && string.Equals(uri.GetLeftPart(UriPartial.Authority), origin, StringComparison.Ordinal) && uri.UserInfo.Length == 0;

    /// <summary>A signature as a browser hands it over, under a statement.</summary>
    /// <param name="credential">Whose.</param>
    /// <param name="authenticatorData">From the response.</param>
    /// <param name="clientData">From the response.</param>
    /// <param name="der">The signature as WebAuthn gives it (§6.5.5): ASN.1 DER.</param>
    /// <exception cref="FormatException">The signature is no ECDSA signature of P-256.</exception>
    public static Signature ToSignature(Credential credential, ReadOnlySpan<byte> authenticatorData, ReadOnlySpan<byte> clientData, ReadOnlyMemory<byte> der) =>
        new(credential.Id.Value, Convert.ToBase64String(FixedSize(der)), new Assertion(Convert.ToBase64String(authenticatorData), Convert.ToBase64String(clientData)));

    /// <summary>The bytes that the passkey signed, when they are about this statement and were made at this origin by a person who was there and shown to be who they are; else null.</summary>
    internal byte[]? SignedBytes(ReadOnlySpan<byte> statement, string origin)
    {
        if (AuthenticatorData is not { Length: <= Longest } || ClientData is not { Length: <= Longest } || Credential.Base64(AuthenticatorData) is not { Length: >= Shortest } data || Credential.Base64(ClientData) is not { } client)
        {
            return null;
        }

        var party = SHA256.HashData(Encoding.ASCII.GetBytes(new Uri(origin).Host));
        const byte both = UserPresent | UserVerified;
        return data.AsSpan(0, FlagsAt).SequenceEqual(party) && (data[FlagsAt] & both) == both && IsAbout(client, Hash.Of(statement), origin)
            ? [.. data, .. SHA256.HashData(client)]
            : null;
    }

    private static bool IsAbout(byte[] client, Hash challenge, string origin)
    {
        try
        {
            using var json = JsonDocument.Parse(client, Strict);
            var said = json.RootElement;
            return said.ValueKind == JsonValueKind.Object && Says("type", "webauthn.get") && Says("challenge", Base64Url.EncodeToString(challenge.ToArray())) && Says("origin", origin)
                && (!said.TryGetProperty("crossOrigin", out var cross) || cross.ValueKind == JsonValueKind.False);

            bool Says(string name, string value) => said.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(value);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] FixedSize(ReadOnlyMemory<byte> der)
    {
        const int half = 32;
        try
        {
            var both = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            var bytes = new byte[2 * half];
            foreach (var at in (ReadOnlySpan<int>)[half, 2 * half])
            {
                var number = both.ReadIntegerBytes().Span.TrimStart((byte)0);
                number.CopyTo(bytes.AsSpan(at - number.Length));
            }

            return bytes;
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            throw new FormatException("That is no signature of a P-256 key.", e);
        }
    }
}
