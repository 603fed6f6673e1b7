using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>
/// What a seal is bound to. Its canonical bytes are HPKE's <c>info</c>; the keyholder rebuilds them from the log entry, so that a chunk
/// moved to another person, program, stream or day does not open.
/// </summary>
/// <param name="V">Format version, 1.</param>
/// <param name="Subject">The person's id.</param>
/// <param name="Program">The program's name.</param>
/// <param name="Kind"><c>records</c>, <c>submissions</c> or <c>contribution</c>.</param>
/// <param name="Stream">The stream, or empty for a contribution.</param>
/// <param name="Day">Local day (<c>2026-11-20</c>) for records and submissions, local ISO week (<c>2026-W47</c>) for a contribution.</param>
/// <param name="Charter">SHA-256 of the charter's bytes, hexadecimal.</param>
/// <param name="Epoch">Epoch of the key that it is sealed to.</param>
public sealed record SealInfo(int V, string Subject, string Program, string Kind, string Stream, string Day, string Charter, int Epoch)
{
    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(this, SealingJson.Default.SealInfo);
}

/// <summary>Sealed bytes: the charter and key epoch that they were made under, and a ciphertext. Nothing here reads it.</summary>
/// <param name="Charter">SHA-256 of the charter under which it was collected.</param>
/// <param name="Epoch">Epoch of the key.</param>
/// <param name="Message">Encapsulated key, ciphertext, tag.</param>
public sealed record SealedChunk(Hash Charter, int Epoch, byte[] Message)
{
    /// <summary>Largest chunk in bytes that is accepted anywhere.</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    /// <summary>Where the epoch stands in the wire form, in bytes from the start.</summary>
    public const int EpochAt = 1 + Hash.Size;

    private const int HeaderSize = EpochAt + 4;

    /// <summary>An epoch as the wire form has it; byte by byte it sorts as the number does.</summary>
    public static byte[] EpochBytes(int epoch)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, epoch);
        return bytes;
    }

    /// <summary>The wire form: version 1 ‖ charter hash ‖ epoch (u32 big-endian) ‖ message.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[HeaderSize + Message.Length];
        bytes[0] = 1;
        Charter.CopyTo(bytes.AsSpan(1));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(EpochAt), Epoch);
        Message.CopyTo(bytes, HeaderSize);
        return bytes;
    }

    /// <summary>Reads the wire form; null when it cannot be a chunk.</summary>
    public static SealedChunk? TryParse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < HeaderSize + Hpke.EncapsulatedSize + Hpke.TagSize or > MaxSize || bytes[0] != 1)
        {
            return null;
        }

        return new SealedChunk(Hash.From(bytes.Slice(1, Hash.Size)), BinaryPrimitives.ReadInt32BigEndian(bytes[EpochAt..]), bytes[HeaderSize..].ToArray());
    }
}

/// <summary>What came out of a seal, and who had signed it.</summary>
/// <param name="Payload">The plaintext.</param>
/// <param name="SignedBy">The credential that it names as its device.</param>
/// <param name="Signature">That device's signature over info and payload; not checked yet.</param>
public sealed record OpenedChunk(byte[] Payload, CredentialId SignedBy, byte[] Signature)
{
    /// <summary>Whether this credential signed this payload for exactly this info.</summary>
    public bool IsSignedBy(Credential credential, SealInfo info) =>
        credential.Id == SignedBy && credential.Verify(Sealer.SignedBytes(info.ToBytes(), Payload), Signature);
}

/// <summary>Makes and opens seals: device signature inside, padding to size classes, HPKE around.</summary>
public static class Sealer
{
    private const int IdSize = 16;
    private const int SignatureSize = 64;
    private const int PrefixSize = IdSize + SignatureSize + 4;
    private const int SmallestClass = 1024;

    /// <summary>Seals a payload to a person's key for one program, signed by the person's device.</summary>
    /// <param name="recipient">The person's key.</param>
    /// <param name="info">What it is bound to.</param>
    /// <param name="device">The person's device.</param>
    /// <param name="payload">The plaintext.</param>
    /// <param name="atLeast">A size class in bytes: what holds little is made to look like what holds this much. 0 where that does not matter.</param>
    public static SealedChunk Seal(HpkePublicKey recipient, SealInfo info, CredentialKey device, ReadOnlySpan<byte> payload, int atLeast)
    {
        var infoBytes = info.ToBytes();
        var plaintext = new byte[Math.Max(ClassOf(payload.Length), atLeast)];
        Convert.FromHexString(device.Credential.Id.Value).CopyTo(plaintext, 0);
        device.Sign(SignedBytes(infoBytes, payload)).CopyTo(plaintext, IdSize);
        BinaryPrimitives.WriteInt32BigEndian(plaintext.AsSpan(IdSize + SignatureSize), payload.Length);
        payload.CopyTo(plaintext.AsSpan(PrefixSize));
        return new SealedChunk(Hash.From(Convert.FromHexString(info.Charter)), info.Epoch, Hpke.Seal(recipient, infoBytes, plaintext));
    }

    /// <summary>Opens a chunk.</summary>
    /// <exception cref="CryptographicException">Another key, another info, a changed byte, or a plaintext of another form.</exception>
    public static OpenedChunk Open(HpkePrivateKey recipient, SealInfo info, SealedChunk chunk)
    {
        var plaintext = Hpke.Open(recipient, info.ToBytes(), chunk.Message);
        var length = plaintext.Length < PrefixSize ? -1 : BinaryPrimitives.ReadInt32BigEndian(plaintext.AsSpan(IdSize + SignatureSize));
        if (length < 0 || length > plaintext.Length - PrefixSize)
        {
            throw new CryptographicException("The seal opened, but holds no payload of this format.");
        }

        return new OpenedChunk(
            plaintext[PrefixSize..(PrefixSize + length)],
            new CredentialId(Convert.ToHexStringLower(plaintext.AsSpan(0, IdSize))),
            plaintext[IdSize..(IdSize + SignatureSize)]);
    }

    internal static byte[] SignedBytes(byte[] info, ReadOnlySpan<byte> payload)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, info.Length);
        return [.. "daylight/v1 sealed\n"u8, .. length, .. info, .. payload];
    }

    /// <summary>The size class of a payload in bytes. A length says how busy somebody was: only its class leaves the machine, powers of two from 1 KiB.</summary>
    public static int ClassOf(int payload) => Math.Max(SmallestClass, (int)BitOperations.RoundUpToPowerOf2((uint)(PrefixSize + payload)));
}
