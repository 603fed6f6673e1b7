using System.Security.Cryptography;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>Names a credential: the first 16 bytes of SHA-256 over its SubjectPublicKeyInfo, in hexadecimal.</summary>
public readonly record struct CredentialId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>
/// The public half of a person's key. P-256. Of two kinds, which never stand in for each other: a plain key (an enrolled device, a key file) signs a statement's
/// bytes; a passkey signs WebAuthn assertions over them, made by a browser at one origin.
/// </summary>
public sealed class Credential
{
    private const char At = '@';

    private readonly byte[] spki;
    private ECDsa? idle;

    private Credential(byte[] spki, string? origin = null)
    {
        this.spki = spki;
        Origin = origin;
        Id = new CredentialId(Hash.Of(spki).ToHex()[..32]);
    }

    /// <summary>The credential's name.</summary>
    public CredentialId Id { get; }

    /// <summary>The one origin (RFC 6454 §6.2) at which a passkey signs; null for a plain key. Its host is the passkey's RP ID.</summary>
    public string? Origin { get; }

    /// <summary>How a credential is written in entries: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in base64; for a passkey followed by <c>@</c> and its origin.</summary>
    public string Text => Origin is null ? Convert.ToBase64String(spki) : Convert.ToBase64String(spki) + At + Origin;

    /// <summary>Reads a credential; null when it is not a P-256 key in its one spelling, or its origin is none that passkeys work at.</summary>
    public static Credential? TryParse(string text)
    {
        try
        {
            var (point, origin) = text.Trim().Split(At, 2) is [var before, var after] ? (before, after) : (text.Trim(), null);
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(point), out _);
            var credential = new Credential(key.ExportSubjectPublicKeyInfo(), origin);
            return string.Equals(credential.Text, text.Trim(), StringComparison.Ordinal) && IsP256(key) && (origin is null || Assertion.IsOrigin(origin)) ? credential : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The passkey of a public key, at an origin; null when that is no P-256 key or no such origin.</summary>
    public static Credential? Passkey(ReadOnlySpan<byte> spki, string origin) => TryParse(Convert.ToBase64String(spki) + At + origin);

    /// <summary>Whether a signature under a statement is this credential's: a plain one over its bytes, or an assertion whose challenge is their SHA-256.</summary>
    public bool Signed(ReadOnlySpan<byte> statement, Signature signature)
    {
        if (!string.Equals(signature.Credential, Id.Value, StringComparison.Ordinal) || Base64(signature.Value) is not { } value)
        {
            return false;
        }

        return (Origin, signature.Assertion) switch
        {
            (null, null) => Verify(statement, value),
            ({ } origin, { } assertion) => assertion.SignedBytes(statement, origin) is { } signed && VerifyKey(signed, value),
            _ => false,
        };
    }

    /// <summary>Whether the signature (IEEE P1363, 64 bytes) is this plain key's over the bytes, hashed with SHA-256. Never for a passkey, which signs no bytes of ours.</summary>
    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) => Origin is null && VerifyKey(bytes, signature);

    private bool VerifyKey(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        var key = Interlocked.Exchange(ref idle, null) ?? Import();
        try
        {
            return signature.Length == 64 && key.VerifyData(bytes, signature, HashAlgorithmName.SHA256);
        }
        finally
        {
            // One imported key stays with a credential that is in use; what the collector takes is imported anew.
            Interlocked.Exchange(ref idle, key)?.Dispose();
        }
    }

    internal static byte[]? Base64(string? text)
    {
        if (text is null)
        {
            return null; // JSON may have nothing there
        }

        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var n) ? buffer[..n] : null;
    }

    private ECDsa Import()
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(spki, out _);
        return key;
    }

    // Other curves have 256 bits too.
    internal static bool IsP256(ECDsa key) => key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true, Oid.Value: "1.2.840.10045.3.1.7" };

    internal static Credential Of(ECDsa key) => new(key.ExportSubjectPublicKeyInfo());
}

/// <summary>The private half of a credential.</summary>
public sealed class CredentialKey : IDisposable
{
    private readonly ECDsa key;

    private CredentialKey(ECDsa key)
    {
        this.key = key;
        Credential = Credential.Of(key);
    }

    /// <summary>The public half.</summary>
    public Credential Credential { get; }

    /// <summary>A new key.</summary>
    public static CredentialKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a PEM file's text (PKCS #8, RFC 5958).</summary>
    /// <exception cref="CryptographicException">Not a P-256 private key.</exception>
    /// <exception cref="ArgumentException">Not PEM.</exception>
    public static CredentialKey FromPem(string pem)
    {
        var imported = ECDsa.Create();
        imported.ImportFromPem(pem);
        return Credential.IsP256(imported) ? new CredentialKey(imported) : throw new CryptographicException("A credential is a P-256 key.");
    }

    /// <summary>The key as PEM (PKCS #8).</summary>
    public string ToPem() => key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>Signs bytes (ECDSA, SHA-256, IEEE P1363).</summary>
    public byte[] Sign(ReadOnlySpan<byte> bytes) => key.SignData(bytes, HashAlgorithmName.SHA256);

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    /// <summary>A key derived from secret bytes: the same secret always gives the same key (as DeriveKeyPair, RFC 9180 §7.1.3).</summary>
    internal static CredentialKey Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label)
    {
        for (byte counter = 0; ; counter++)
        {
            var scalar = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), 32, info: [.. label, counter]);
            try
            {
                return new CredentialKey(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar }));
            }
            catch (CryptographicException) when (counter < byte.MaxValue)
            {
                // The scalar was zero or not below the order: about one in 2^32. The next counter serves.
            }
        }
    }
}
