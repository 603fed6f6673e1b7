using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>
/// Something a person's credential signs. <c>root</c> names the trust root (its hash), so that a signature given to one company means
/// nothing in another; <c>act</c> keeps one kind of statement from being read as another.
/// </summary>
/// <param name="Root">Hash of the trust root, hexadecimal.</param>
/// <param name="Time">When it was signed, by the signer's clock, UTC.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "act")]
[JsonDerivedType(typeof(HttpCall), "http-call")]
public abstract partial record Statement(string Root, DateTimeOffset Time)
{
    /// <summary>The canonical bytes: exactly what is signed.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(this, SealingJson.Default.Statement);

    /// <summary>Reads a statement from its canonical bytes; null when they are anything else.</summary>
    public static Statement? TryRead(ReadOnlyMemory<byte> bytes) => CanonicalJson.Read(bytes, SealingJson.Default.Statement);
}

/// <summary>One HTTP call, signed by the caller's credential: how devices and the command line authenticate.</summary>
public sealed record HttpCall(string Root, DateTimeOffset Time, string Method, string Path, string Body) : Statement(Root, Time);

/// <summary>One signature under a statement.</summary>
/// <param name="Credential">Who signed.</param>
/// <param name="Value">IEEE P1363, base64.</param>
/// <param name="Assertion">What a passkey signed around the statement's hash; null under a plain key's signature.</param>
public sealed record Signature(string Credential, string Value, Assertion? Assertion = null);

/// <summary>A statement's bytes with the signatures over exactly them. What it says is known only after <c>Authority</c> has checked it.</summary>
/// <param name="Statement">The canonical bytes, base64.</param>
/// <param name="Signatures">One or more.</param>
public sealed record SignedStatement(string Statement, IReadOnlyList<Signature> Signatures)
{
    /// <summary>Most signatures that are looked at.</summary>
    public const int MaxSignatures = 16;

    /// <summary>The bytes; empty when the base64 is broken.</summary>
    [JsonIgnore]
    public byte[] Bytes => Convert.TryFromBase64String(Statement, new byte[Statement.Length], out var n) ? Convert.FromBase64String(Statement)[..n] : [];

    /// <summary>Signs a statement.</summary>
    public static SignedStatement Sign(Statement statement, params ReadOnlySpan<CredentialKey> keys) => new SignedStatement(Convert.ToBase64String(statement.ToBytes()), []).With(keys);

    /// <summary>Adds signatures.</summary>
    public SignedStatement With(params ReadOnlySpan<CredentialKey> keys)
    {
        var signatures = Signatures.ToList();
        foreach (var key in keys)
        {
            signatures.Add(new Signature(key.Credential.Id.Value, Convert.ToBase64String(key.Sign(Bytes))));
        }

        return this with { Signatures = signatures };
    }

    /// <summary>Adds a signature that was made elsewhere, by a passkey for one.</summary>
    public SignedStatement With(Signature signature) => this with { Signatures = [.. Signatures, signature] };

    /// <summary>Whether <paramref name="credential"/> is among the signers, with a good signature.</summary>
    public bool IsSignedBy(Credential credential)
    {
        if (Signatures is null or { Count: > MaxSignatures })
        {
            return false;
        }

        var bytes = Bytes;
        return Signatures.Any(s => credential.Signed(bytes, s));
    }

    /// <summary>SHA-256 of the statement's bytes: what names it elsewhere.</summary>
    public Hash Digest() => Hash.Of(Bytes);
}
