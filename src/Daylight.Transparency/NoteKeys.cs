using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Daylight.Transparency;

/// <summary>Kinds of note keys (C2SP signed-note, "Signature types").</summary>
public enum NoteKeyType
{
    /// <summary>0x01: Ed25519 over the text; what a log signs with.</summary>
    Ed25519 = 1,

    /// <summary>0x04: Ed25519 cosignature with a time; what a witness signs with (C2SP tlog-cosignature).</summary>
    Cosignature = 4,
}

/// <summary>A verification key: who signs, and how (C2SP signed-note, "Verifier keys").</summary>
public sealed record NoteVerifier
{
    private readonly byte[] key;
    private readonly Lazy<Ed25519.KeyHandle?> handle;

    private NoteVerifier(string name, NoteKeyType type, byte[] key)
    {
        (Name, Type, this.key) = (name, type, key);
        handle = new Lazy<Ed25519.KeyHandle?>(() => Ed25519.PublicKeyHandle(key));
        Id = KeyId(name, type, key);
    }

    /// <summary>The signer's name, as in the signature line.</summary>
    public string Name { get; }

    /// <summary>How this key signs.</summary>
    public NoteKeyType Type { get; }

    /// <summary>First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key), read as a big-endian number.</summary>
    public uint Id { get; }

    /// <summary>The raw Ed25519 public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => key;

    /// <summary>Makes a verifier from its parts.</summary>
    /// <exception cref="ArgumentException">The name is empty, or holds a space or a plus; or the key is not 32 bytes.</exception>
    public static NoteVerifier Create(string name, NoteKeyType type, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name) || publicKey.Length != Ed25519.KeySize)
        {
            throw new ArgumentException("A key name has no spaces and no plus, and an Ed25519 key has 32 bytes.", nameof(name));
        }

        return new NoteVerifier(name, type, publicKey.ToArray());
    }

    /// <summary>Parses <c>name+8 hex+base64(type ‖ public key)</c>; types other than 0x01 and 0x04 are refused.</summary>
    public static bool TryParse(string vkey, out NoteVerifier? verifier)
    {
        verifier = null;
        var parts = vkey.Trim().Split('+', 3);
        var bytes = new byte[Ed25519.KeySize + 2];
        if (parts.Length != 3 || !IsName(parts[0])
            || !Convert.TryFromBase64String(parts[2], bytes, out var written) || written != Ed25519.KeySize + 1
            || bytes[0] is not (1 or 4))
        {
            return false;
        }

        var parsed = new NoteVerifier(parts[0], (NoteKeyType)bytes[0], bytes[1..33]);
        if (!string.Equals(parsed.ToString(), vkey.Trim(), StringComparison.Ordinal))
        {
            return false;
        }

        verifier = parsed;
        return true;
    }

    /// <summary>Parses a vkey that is expected to be good.</summary>
    /// <exception cref="FormatException">It is not a vkey of type 0x01 or 0x04.</exception>
    public static NoteVerifier Parse(string vkey) => TryParse(vkey, out var verifier)
        ? verifier!
        : throw new FormatException("This is not a verification key. One looks like: name+1a2b3c4d+base64, of type Ed25519 or cosignature.");

    /// <summary>Whether the raw signature bytes (after the key id) are this key's over the note's text.</summary>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) => Type switch
    {
        NoteKeyType.Ed25519 => handle.Value is { } known && Ed25519.Verify(known, text, signature),
        NoteKeyType.Cosignature => signature.Length == 72
            && handle.Value is { } known && Ed25519.Verify(known, CosignedMessage(BinaryPrimitives.ReadUInt64BigEndian(signature), text), signature[8..]),
        _ => false,
    };

    /// <summary>
    /// The time that a cosignature line of this key states (C2SP tlog-cosignature), in whole seconds. Only reads it: it is worth what
    /// <see cref="Verify"/> says of the signature.
    /// </summary>
    /// <returns>Null when the line is not this key's, when this key does not cosign, and when it states no time: zero, or one past the year 9999.</returns>
    public DateTimeOffset? CosignedAt(NoteSignature signature)
    {
        if (Type != NoteKeyType.Cosignature || signature.KeyId != Id || signature.Signature.Length != 72 || !string.Equals(signature.Name, Name, StringComparison.Ordinal))
        {
            return null;
        }

        var seconds = BinaryPrimitives.ReadUInt64BigEndian(signature.Signature);
        return seconds == 0 || seconds > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? null : DateTimeOffset.FromUnixTimeSeconds((long)seconds);
    }

    /// <summary>The same name, type and key.</summary>
    public bool Equals(NoteVerifier? other) => other is not null && string.Equals(ToString(), other.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Id;

    /// <summary>The vkey.</summary>
    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([(byte)Type, .. key])}";

    internal static byte[] CosignedMessage(ulong time, ReadOnlySpan<byte> text) => [.. Encoding.UTF8.GetBytes($"cosignature/v1\ntime {time}\n"), .. text];

    private static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || c == '+' || char.IsControl(c));

    private static uint KeyId(string name, NoteKeyType type, ReadOnlySpan<byte> key) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)type, .. key]));
}

/// <summary>A key that signs notes.</summary>
public sealed class NoteSigner
{
    private readonly Ed25519.KeyHandle key;

    /// <summary>A signer from a private 32-byte seed.</summary>
    public NoteSigner(string name, NoteKeyType type, ReadOnlySpan<byte> seed)
    {
        key = Ed25519.PrivateKey(seed);
        Verifier = NoteVerifier.Create(name, type, Ed25519.PublicKey(seed));
    }

    /// <summary>What others verify with.</summary>
    public NoteVerifier Verifier { get; }

    /// <summary>The raw signature over a note's text. A cosignature carries <paramref name="time"/>, in whole seconds since 1970.</summary>
    public byte[] Sign(ReadOnlySpan<byte> text, DateTimeOffset time)
    {
        if (Verifier.Type == NoteKeyType.Ed25519)
        {
            return Ed25519.Sign(key, text);
        }

        var seconds = (ulong)time.ToUnixTimeSeconds();
        var signature = new byte[72];
        BinaryPrimitives.WriteUInt64BigEndian(signature, seconds);
        Ed25519.Sign(key, NoteVerifier.CosignedMessage(seconds, text)).CopyTo(signature, 8);
        return signature;
    }
}
