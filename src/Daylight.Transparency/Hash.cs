using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Daylight.Transparency;

/// <summary>A SHA-256 value: the hash of a leaf, of a node or of a tree.</summary>
[InlineArray(Size)]
public struct Hash : IEquatable<Hash>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private byte first;

    /// <summary>Reads a hash from exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public static Hash From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"A hash is {Size} bytes, not {bytes.Length}.", nameof(bytes));
        }

        Hash hash = default;
        bytes.CopyTo(hash);
        return hash;
    }

    /// <summary>Parses standard base64 of exactly 32 bytes; anything else is refused, unusual padding bits included.</summary>
    public static bool TryParse(ReadOnlySpan<char> base64, out Hash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[Size + 1];
        if (base64.Length != 44 || !Convert.TryFromBase64Chars(base64, bytes, out var written) || written != Size)
        {
            return false;
        }

        hash = From(bytes[..Size]);
        // Two spellings of one hash would let a flipped bit pass: only the canonical one counts.
        return base64.SequenceEqual(hash.ToString());
    }

    /// <summary>SHA-256 of the bytes.</summary>
    public static Hash Of(ReadOnlySpan<byte> bytes)
    {
        Hash hash = default;
        SHA256.HashData(bytes, hash);
        return hash;
    }

    /// <summary>A copy of the 32 bytes.</summary>
    public readonly byte[] ToArray() => ((ReadOnlySpan<byte>)this).ToArray();

    /// <summary>Copies the 32 bytes.</summary>
    public readonly void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)this).CopyTo(destination);

    /// <summary>Lower-case hexadecimal.</summary>
    public readonly string ToHex() => Convert.ToHexStringLower(this);

    /// <inheritdoc/>
    public readonly bool Equals(Hash other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Hash other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => BitConverter.ToInt32(this);

    /// <summary>Standard base64, as in checkpoints and proofs.</summary>
    public override readonly string ToString() => Convert.ToBase64String(this);

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(Hash left, Hash right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(Hash left, Hash right) => !left.Equals(right);
}
