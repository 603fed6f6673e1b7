using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

/// <summary>An authenticator with one passkey, as WebAuthn Level 3 describes it. Whatever a liar would change can be changed.</summary>
internal sealed class TestPasskey : IDisposable
{
    /// <summary>Where it was made.</summary>
    public const string Portal = "https://daylight.acme.example";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private uint counter;

    public TestPasskey(string origin = Portal) => (Origin, Credential) = (origin, Credential.Passkey(key.ExportSubjectPublicKeyInfo(), origin)!);

    public string Origin { get; }

    public Credential Credential { get; }

    /// <summary>The credential id that the authenticator gave it.</summary>
    public byte[] RawId { get; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>What it was told to know its person by, base64url.</summary>
    public string Handle { get; set; } = "eA";

    public byte Flags { get; set; } = 0x05;

    public string Type { get; set; } = "webauthn.get";

    public string? Host { get; set; }

    public string? Page { get; set; }

    public string More { get; set; } = ",\"crossOrigin\":false";

    /// <summary>Signs a statement.</summary>
    public Signature Sign(byte[] statement)
    {
        var (data, client, der) = Assert(SHA256.HashData(statement));
        return Assertion.ToSignature(Credential, data, client, der);
    }

    public SignedStatement Sign(Statement statement) => SignedStatement.Sign(statement).With(Sign(statement.ToBytes()));

    /// <summary>What <c>navigator.credentials.get</c> answers to a challenge.</summary>
    public (byte[] AuthenticatorData, byte[] ClientData, byte[] Signature) Assert(byte[] challenge)
    {
        var (data, client) = (Data([]), Client(Type, challenge));
        return (data, client, key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    /// <summary>The same as JSON, as <c>PublicKeyCredential.toJSON</c> gives it.</summary>
    public string AssertJson(byte[] challenge)
    {
        var (data, client, signature) = Assert(challenge);
        return $$"""{"id":"{{Text(RawId)}}","rawId":"{{Text(RawId)}}","type":"public-key","clientExtensionResults":{},"response":{"authenticatorData":"{{Text(data)}}","clientDataJSON":"{{Text(client)}}","signature":"{{Text(signature)}}","userHandle":"{{Handle}}"} }""";
    }

    /// <summary>What <c>navigator.credentials.create</c> answers to a challenge, as JSON.</summary>
    public string AttestJson(byte[] challenge)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        byte[] cose = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!]; // RFC 9053, section 7.1.1
        var data = Data([.. new byte[16], 0, (byte)RawId.Length, .. RawId, .. cose]);
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x59, (byte)(data.Length >> 8), (byte)data.Length, .. data];
        return $$"""{"id":"{{Text(RawId)}}","rawId":"{{Text(RawId)}}","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"{{Text(Client("webauthn.create", challenge))}}","attestationObject":"{{Text(attestation)}}","transports":["internal"]} }""";
    }

    public void Dispose() => key.Dispose();

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private byte[] Data(byte[] attested)
    {
        var data = (byte[])[.. SHA256.HashData(Encoding.ASCII.GetBytes(Host ?? new Uri(Origin).Host)), (byte)(Flags | (attested.Length > 0 ? 0x40 : 0)), 0, 0, 0, 0, .. attested];
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), ++counter);
        return data;
    }

    private byte[] Client(string type, byte[] challenge) => Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","challenge":"{{Text(challenge)}}","origin":"{{Page ?? Origin}}"{{More}}}""");
}
