using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Daylight.Sealing;

/// <summary>
/// Single-shot HPKE in base mode (RFC 9180 §6.1): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, and AES-256-GCM. AES-128-GCM exists so that
/// the RFC's own vectors can be run.
/// </summary>
public static class Hpke
{
    /// <summary>Length of the encapsulated key: an uncompressed P-256 point.</summary>
    public const int EncapsulatedSize = 65;

    /// <summary>Length of the authentication tag.</summary>
    public const int TagSize = 16;

    private const int SecretSize = 32;
    private const int NonceSize = 12;

    private static readonly byte[] KemSuite = [.. "KEM"u8, 0x00, 0x10];

    /// <summary>Seals a plaintext to a public key. The result is the encapsulated key, then ciphertext and tag.</summary>
    public static byte[] Seal(HpkePublicKey recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> plaintext)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Seal(recipient, ephemeral, info, [], plaintext, aesKeySize: 32);
    }

    /// <summary>Opens what <see cref="Seal(HpkePublicKey, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> made.</summary>
    /// <exception cref="CryptographicException">Another key, another info, or a changed byte.</exception>
    public static byte[] Open(HpkePrivateKey recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> message) => Open(recipient, info, [], message, aesKeySize: 32);

    internal static byte[] Seal(
        HpkePublicKey recipient, ECDiffieHellman ephemeral, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, int aesKeySize)
    {
        var enc = HpkePublicKey.Of(ephemeral).ToArray();
        using var peer = recipient.Import();
        var shared = ExtractAndExpand(ephemeral.DeriveRawSecretAgreement(peer.PublicKey), enc, recipient.ToArray());
        var (key, nonce) = KeySchedule(shared, info, aesKeySize);
        var message = new byte[EncapsulatedSize + plaintext.Length + TagSize];
        enc.CopyTo(message, 0);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, plaintext, message.AsSpan(EncapsulatedSize, plaintext.Length), message.AsSpan(EncapsulatedSize + plaintext.Length), aad);
        return message;
    }

    internal static byte[] Open(HpkePrivateKey recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> message, int aesKeySize)
    {
        if (message.Length < EncapsulatedSize + TagSize)
        {
            throw new CryptographicException("A sealed message is longer than this.");
        }

        var enc = message[..EncapsulatedSize];
        using var peer = HpkePublicKey.From(enc).Import();
        var shared = ExtractAndExpand(recipient.Agree(peer), enc, recipient.PublicKey.ToArray());
        var (key, nonce) = KeySchedule(shared, info, aesKeySize);
        var ciphertext = message[EncapsulatedSize..^TagSize];
        var plaintext = new byte[ciphertext.Length];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(nonce, ciphertext, message[^TagSize..], plaintext, aad);
        return plaintext;
    }

    private static byte[] ExtractAndExpand(byte[] dh, ReadOnlySpan<byte> enc, byte[] publicKey)
    {
        var prk = LabeledExtract(KemSuite, [], "eae_prk"u8, dh);
        return LabeledExpand(KemSuite, prk, "shared_secret"u8, [.. enc, .. publicKey], SecretSize);
    }

    private static (byte[] Key, byte[] Nonce) KeySchedule(byte[] shared, ReadOnlySpan<byte> info, int aesKeySize)
    {
        byte[] suite = [.. "HPKE"u8, 0x00, 0x10, 0x00, 0x01, 0x00, (byte)(aesKeySize == 32 ? 2 : 1)];
        var pskIdHash = LabeledExtract(suite, [], "psk_id_hash"u8, []);
        var infoHash = LabeledExtract(suite, [], "info_hash"u8, info);
        byte[] context = [0, .. pskIdHash, .. infoHash];
        var secret = LabeledExtract(suite, shared, "secret"u8, []);
        return (LabeledExpand(suite, secret, "key"u8, context, aesKeySize), LabeledExpand(suite, secret, "base_nonce"u8, context, NonceSize));
    }

    private static byte[] LabeledExtract(byte[] suite, byte[] salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> ikm) =>
        HKDF.Extract(HashAlgorithmName.SHA256, [.. "HPKE-v1"u8, .. suite, .. label, .. ikm], salt);

    private static byte[] LabeledExpand(byte[] suite, byte[] prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int length)
    {
        Span<byte> size = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)length);
        return HKDF.Expand(HashAlgorithmName.SHA256, prk, length, [.. size, .. "HPKE-v1"u8, .. suite, .. label, .. info]);
    }
}

/// <summary>A P-256 public key that things are sealed to.</summary>
public sealed class HpkePublicKey
{
    private readonly byte[] point;

    private HpkePublicKey(byte[] point) => this.point = point;

    /// <summary>Reads an uncompressed point (0x04 ‖ x ‖ y, 65 bytes).</summary>
    /// <exception cref="CryptographicException">Not an uncompressed P-256 point.</exception>
    public static HpkePublicKey From(ReadOnlySpan<byte> point)
    {
        if (point.Length != Hpke.EncapsulatedSize || point[0] != 4)
        {
            throw new CryptographicException("Not an uncompressed P-256 point.");
        }

        var key = new HpkePublicKey(point.ToArray());
        using var imported = key.Import(); // refuses points that are not on the curve
        return key;
    }

    /// <summary>The uncompressed point.</summary>
    public byte[] ToArray() => [.. point];

    internal static HpkePublicKey Of(ECDiffieHellman key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return new HpkePublicKey([4, .. q.X!, .. q.Y!]);
    }

    internal ECDiffieHellman Import() => ECDiffieHellman.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = point[1..33], Y = point[33..] },
    });
}

/// <summary>A P-256 private key that opens seals. Only the keyholder has these.</summary>
public sealed class HpkePrivateKey : IDisposable
{
    private readonly ECDiffieHellman key;

    private HpkePrivateKey(ECDiffieHellman key, HpkePublicKey publicKey) => (this.key, PublicKey) = (key, publicKey);

    /// <summary>The public half.</summary>
    public HpkePublicKey PublicKey { get; }

    /// <summary>A new key pair.</summary>
    public static HpkePrivateKey Create()
    {
        var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return new HpkePrivateKey(key, HpkePublicKey.Of(key));
    }

    /// <summary>Reads a private scalar of 32 bytes together with its public point.</summary>
    public static HpkePrivateKey From(ReadOnlySpan<byte> scalar, HpkePublicKey publicKey)
    {
        var point = publicKey.ToArray();
        return new HpkePrivateKey(ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = scalar.ToArray(),
            Q = new ECPoint { X = point[1..33], Y = point[33..] },
        }), publicKey);
    }

    /// <summary>The private scalar, 32 bytes; for wrapping only.</summary>
    public byte[] ExportScalar() => key.ExportParameters(includePrivateParameters: true).D!;

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    internal byte[] Agree(ECDiffieHellman peer) => key.DeriveRawSecretAgreement(peer.PublicKey);
}
