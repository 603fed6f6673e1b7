using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>One of the first approvers.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Key">Credential, SubjectPublicKeyInfo in base64.</param>
/// <param name="Roles">Roles held from the first day.</param>
public sealed record RootApprover(string Person, string Key, IReadOnlyList<string> Roles);

/// <summary>
/// What everything else is checked from: the first approvers, their quorum, and the keys of log and keyholder. Pinned by its hash in
/// keyholder and agents, and compared outside Daylight. It is entry 0 of the log.
/// </summary>
/// <param name="V">Format version, 1.</param>
/// <param name="Company">The company's name.</param>
/// <param name="Origin">The log's origin, made once.</param>
/// <param name="Log">The log's vkey.</param>
/// <param name="Keyholder">The vkey that the keyholder signs statements with.</param>
/// <param name="Witness">The vkey that the keyholder cosigns checkpoints with, as the log's first witness.</param>
/// <param name="Approvers">The first approvers.</param>
/// <param name="Quorum">How many distinct approvers a role grant takes.</param>
public sealed record TrustRoot(
    int V, string Company, string Origin, string Log, string Keyholder, string Witness, IReadOnlyList<RootApprover> Approvers, int Quorum)
{
    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(this, SealingJson.Default.TrustRoot);

    /// <summary>Reads a trust root; null when it is not one.</summary>
    public static TrustRoot? TryRead(ReadOnlyMemory<byte> bytes) => CanonicalJson.Read(bytes, SealingJson.Default.TrustRoot) is { V: 1 } root
        && NoteVerifier.TryParse(root.Log, out _) && NoteVerifier.TryParse(root.Keyholder, out var keyholder) && NoteVerifier.TryParse(root.Witness, out _)
        && keyholder!.Type == NoteKeyType.Ed25519
        && TlogPolicy.TryParse(Authority.PlainPolicy(root.Log, root.Witness), out _, out _)
        && root.Approvers.All(a => Duties.Clash(a.Roles) is null)
        && root.Quorum >= 1 && root.Approvers.All(a => Credential.TryParse(a.Key) is not null)
        ? root
        : null;

    /// <summary>SHA-256 over the bytes, hexadecimal: the fingerprint that people compare.</summary>
    [JsonIgnore]
    public string Fingerprint => Hash.Of(ToBytes()).ToHex();
}

/// <summary>One line of an enrollment list: who, and the one-time code's public half. The log holds only hashes of these.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Salt">32 random bytes, base64, so that the leaf says nothing about the person.</param>
/// <param name="Code">Hash of the public key that the code derives, hexadecimal.</param>
/// <param name="Use">What the code may register: <c>device</c> or <c>person</c>. A machine's code makes nobody an approver.</param>
public sealed record EnrollmentLine(string Person, string Salt, string Code, string Use)
{
    /// <summary>The line's leaf hash.</summary>
    public Hash Leaf() => Merkle.Leaf(CanonicalJson.Write(this, SealingJson.Default.EnrollmentLine));
}

/// <summary>
/// A one-time code, as it is handed to a person: 10 bytes of the trust root's hash and 16 secret bytes, in base32. The secret derives a
/// key that signs the new credential, so that whoever carries the request (the server included) cannot put a credential of its own in its place.
/// </summary>
/// <param name="RootPrefix">First 10 bytes of the trust root's hash, hexadecimal: the server that answers must have this root.</param>
/// <param name="Secret">16 random bytes.</param>
public sealed record EnrollmentCode(string RootPrefix, byte[] Secret)
{
    private const int PrefixSize = 10;
    private const int SecretSize = 16;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 §6

    /// <summary>A new code for a trust root.</summary>
    public static EnrollmentCode Create(TrustRoot root, byte[] secret) => new(root.Fingerprint[..(2 * PrefixSize)], secret);

    /// <summary>The key that signs the registration.</summary>
    public CredentialKey DeriveKey() => CredentialKey.Derive(Secret, "daylight/v1 enrollment"u8);

    /// <summary>The name by which an enrollment list knows this code.</summary>
    public string KeyHash()
    {
        using var key = DeriveKey();
        return HashOf(key.Credential);
    }

    /// <summary>Hash of a code's public key, as it stands in the list.</summary>
    public static string HashOf(Credential codeKey) => Hash.Of(Convert.FromBase64String(codeKey.Text)).ToHex();

    /// <summary>Groups of six, as printed on paper.</summary>
    public override string ToString()
    {
        var bytes = (byte[])[.. Convert.FromHexString(RootPrefix), .. Secret];
        var text = new System.Text.StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var b in bytes)
        {
            (buffer, bits) = ((buffer << 8) | b, bits + 8);
            while (bits >= 5)
            {
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
                bits -= 5;
            }
        }

        text.Append(Alphabet[(buffer << (5 - bits)) & 31]);
        return string.Join('-', text.ToString().Chunk(6).Select(c => new string(c)));
    }

    /// <summary>Parses a code; case, spaces and dashes do not matter.</summary>
    public static EnrollmentCode? TryParse(string text)
    {
        var digits = text.ToUpperInvariant().Where(c => c is not ('-' or ' ')).Select(c => Alphabet.IndexOf(c, StringComparison.Ordinal)).ToList();
        if (digits.Count != (((PrefixSize + SecretSize) * 8) + 4) / 5 || digits.Contains(-1))
        {
            return null;
        }

        var bytes = new List<byte>();
        var (buffer, bits) = (0, 0);
        foreach (var digit in digits)
        {
            (buffer, bits) = (((buffer << 5) | digit) & 0xFFFF, bits + 5);
            if (bits >= 8)
            {
                bytes.Add((byte)(buffer >> (bits - 8)));
                bits -= 8;
            }
        }

        return new EnrollmentCode(Convert.ToHexStringLower([.. bytes[..PrefixSize]]), [.. bytes[PrefixSize..(PrefixSize + SecretSize)]]);
    }
}
