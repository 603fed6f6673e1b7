using System.Security.Cryptography;

namespace Daylight.Sealing;

/// <summary>Symmetric encryption of what is stored: AES-256-GCM, a random nonce per box, and what the box is for as additional data.</summary>
public sealed class SecretBox
{
    internal const int NonceSize = 12;
    internal const int TagSize = 16;
    internal const int Overhead = NonceSize + TagSize;

    private readonly byte[] key;
    private AesGcm? idle;

    /// <summary>A box under a 32-byte key.</summary>
    /// <exception cref="ArgumentException">The key is not 32 bytes.</exception>
    public SecretBox(byte[] key) => this.key = key.Length == 32 ? key : throw new ArgumentException("A key has 32 bytes.", nameof(key));

    /// <summary>Reads a key file: 32 bytes in hexadecimal, on one line.</summary>
    /// <exception cref="InvalidDataException">The file holds anything else.</exception>
    public static byte[] ReadKeyFile(string path)
    {
        var text = File.ReadAllText(path).Trim();
        return text.Length == 64 && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new InvalidDataException($"{path} is not a key file: it holds 64 hexadecimal digits on one line. Make one with: daylight keys new DIR");
    }

    /// <summary>A key for one use, derived from another (HKDF-SHA256).</summary>
    public static byte[] Derive(byte[] key, string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: System.Text.Encoding.UTF8.GetBytes("daylight/v1 " + use));

    /// <summary>Encrypts.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plaintext, string use)
    {
        var box = new byte[plaintext.Length + Overhead];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        var aes = Take();
        aes.Encrypt(box.AsSpan(0, NonceSize), plaintext, box.AsSpan(NonceSize, plaintext.Length), box.AsSpan(NonceSize + plaintext.Length), System.Text.Encoding.UTF8.GetBytes(use));
        Interlocked.Exchange(ref idle, aes)?.Dispose();
        return box;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="CryptographicException">Another key, another use, or a changed byte.</exception>
    public byte[] Open(ReadOnlySpan<byte> box, string use)
    {
        if (box.Length < Overhead)
        {
            throw new CryptographicException("Not a box.");
        }

        var plaintext = new byte[box.Length - Overhead];
        var aes = Take();
        aes.Decrypt(box[..NonceSize], box[NonceSize..^TagSize], box[^TagSize..], plaintext, System.Text.Encoding.UTF8.GetBytes(use));
        Interlocked.Exchange(ref idle, aes)?.Dispose();
        return plaintext;
    }

    // Setting a key up costs more than using it; one stays for the next caller.
    private AesGcm Take() => Interlocked.Exchange(ref idle, null) ?? new AesGcm(key, TagSize);

    /// <summary>Opens many boxes of one use, one after the other.</summary>
    public BoxReader Reader(string use) => new(new AesGcm(key, TagSize), System.Text.Encoding.UTF8.GetBytes(use));

    /// <summary>A keyed hash (HMAC-SHA256) for references that must not be guessed, hexadecimal, 128 bits.</summary>
    public static string Reference(byte[] key, string value) => Convert.ToHexStringLower(HMACSHA256.HashData(key, System.Text.Encoding.UTF8.GetBytes(value)))[..32];
}

/// <summary>Opens many boxes of one use, without anything made for each. For one thread.</summary>
public sealed class BoxReader : IDisposable
{
    private readonly AesGcm aes;
    private readonly byte[] use;

    internal BoxReader(AesGcm aes, byte[] use) => (this.aes, this.use) = (aes, use);

    /// <summary>Decrypts in place; false when it was written under another key, for another use, or a byte changed.</summary>
    /// <param name="box">The box; it is not one any more afterwards.</param>
    /// <param name="plaintext">The part of it that holds what was in it.</param>
    public bool TryOpen(Span<byte> box, out ReadOnlySpan<byte> plaintext)
    {
        plaintext = default;
        if (box.Length < SecretBox.Overhead)
        {
            return false;
        }

        var text = box[SecretBox.NonceSize..^SecretBox.TagSize];
        try
        {
            aes.Decrypt(box[..SecretBox.NonceSize], text, box[^SecretBox.TagSize..], text, use);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plaintext = text;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => aes.Dispose();
}
