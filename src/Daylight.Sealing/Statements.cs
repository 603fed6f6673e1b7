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
[JsonDerivedType(typeof(Ask), "ask")]
[JsonDerivedType(typeof(ProposeCharter), "propose-charter")]
[JsonDerivedType(typeof(ApproveCharter), "approve-charter")]
[JsonDerivedType(typeof(RefuseCharter), "refuse-charter")]
[JsonDerivedType(typeof(ActivateCharter), "activate-charter")]
[JsonDerivedType(typeof(PauseProgram), "pause-program")]
[JsonDerivedType(typeof(ResumeProgram), "resume-program")]
[JsonDerivedType(typeof(GrantRole), "grant-role")]
[JsonDerivedType(typeof(EnrollPeople), "enroll-people")]
[JsonDerivedType(typeof(RegisterCredential), "register-credential")]
[JsonDerivedType(typeof(HttpCall), "http-call")]
public abstract record Statement(string Root, DateTimeOffset Time)
{
    /// <summary>The canonical bytes: exactly what is signed.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(this, SealingJson.Default.Statement);

    /// <summary>Reads a statement from its canonical bytes; null when they are anything else.</summary>
    public static Statement? TryRead(ReadOnlyMemory<byte> bytes) => CanonicalJson.Read(bytes, SealingJson.Default.Statement);
}

/// <summary>A signed wish to see something about one person. It is not a disclosure: that is what the keyholder may make of it.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was asked.</param>
/// <param name="Id">Random, so that no two asks are the same bytes.</param>
/// <param name="Asker">Person id of who asks.</param>
/// <param name="Credential">The credential that signs.</param>
/// <param name="Subject">Person id of whom it is about.</param>
/// <param name="Programs">Programs it covers.</param>
/// <param name="Kinds">Kinds it covers: <c>records</c>.</param>
/// <param name="From">First local day, inclusive.</param>
/// <param name="To">Last local day, inclusive.</param>
/// <param name="Rule">The rule that is to allow it, <c>audience/what</c> as in the charter.</param>
/// <param name="Expires">When it stops serving: at most 8 hours for a look at oneself, 10 minutes for anyone else.</param>
public sealed record Ask(
    string Root,
    DateTimeOffset Time,
    string Id,
    string Asker,
    string Credential,
    string Subject,
    IReadOnlyList<string> Programs,
    IReadOnlyList<string> Kinds,
    DateOnly From,
    DateOnly To,
    string Rule,
    DateTimeOffset Expires) : Statement(Root, Time)
{
    /// <summary>Longest life of an ask about oneself.</summary>
    public static readonly TimeSpan SelfLife = TimeSpan.FromHours(8);

    /// <summary>Longest life of an ask about somebody else.</summary>
    public static readonly TimeSpan OtherLife = TimeSpan.FromMinutes(10);

    /// <summary>Whether somebody asks about themselves.</summary>
    [JsonIgnore]
    public bool IsSelf => string.Equals(Asker, Subject, StringComparison.Ordinal);
}

/// <summary>The program's owner proposes a charter.</summary>
public sealed record ProposeCharter(string Root, DateTimeOffset Time, string Program, string Charter) : Statement(Root, Time);

/// <summary>An approver agrees to a charter, in a role.</summary>
public sealed record ApproveCharter(string Root, DateTimeOffset Time, string Program, string Charter, string Role) : Statement(Root, Time);

/// <summary>An approver refuses a charter, with the reason.</summary>
public sealed record RefuseCharter(string Root, DateTimeOffset Time, string Program, string Charter, string Role, string Reason) : Statement(Root, Time);

/// <summary>The owner puts an approved charter in force.</summary>
public sealed record ActivateCharter(string Root, DateTimeOffset Time, string Program, string Charter) : Statement(Root, Time);

/// <summary>Somebody stops a program.</summary>
public sealed record PauseProgram(string Root, DateTimeOffset Time, string Program, string Reason) : Statement(Root, Time);

/// <summary>An approver agrees that a paused program may go on; it takes the privacy officer and the works council.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="Program">The program.</param>
/// <param name="Pause">Log index of the pause that this ends, so that an old signature cannot end a new pause.</param>
/// <param name="Role">The role it is given in.</param>
public sealed record ResumeProgram(string Root, DateTimeOffset Time, string Program, ulong Pause, string Role) : Statement(Root, Time);

/// <summary>Root approvers give a person a role until a day.</summary>
public sealed record GrantRole(string Root, DateTimeOffset Time, string Person, string Role, DateOnly Until) : Statement(Root, Time);

/// <summary>An approver vouches for a list of people: the Merkle root over (person commitment, hash of a one-time code).</summary>
public sealed record EnrollPeople(string Root, DateTimeOffset Time, string List, int Size) : Statement(Root, Time);

/// <summary>A new credential, signed by the key that the person's one-time code derives, and by itself.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose credential it becomes.</param>
/// <param name="Key">The new credential, SubjectPublicKeyInfo in base64.</param>
/// <param name="Use"><c>device</c> for an enrolled machine, <c>person</c> for a key the person signs with.</param>
/// <param name="Code">Hash of the code's public key, hexadecimal: the very line of the list that this registration uses.</param>
public sealed record RegisterCredential(string Root, DateTimeOffset Time, string Person, string Key, string Use, string Code) : Statement(Root, Time);

/// <summary>One HTTP call, signed by the caller's credential: how devices and the command line authenticate.</summary>
public sealed record HttpCall(string Root, DateTimeOffset Time, string Method, string Path, string Body) : Statement(Root, Time);

/// <summary>One signature under a statement.</summary>
/// <param name="Credential">Who signed.</param>
/// <param name="Value">IEEE P1363, base64.</param>
public sealed record Signature(string Credential, string Value);

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

    /// <summary>Whether <paramref name="credential"/> is among the signers, with a good signature.</summary>
    public bool IsSignedBy(Credential credential)
    {
        if (Signatures is null or { Count: > MaxSignatures })
        {
            return false;
        }

        var bytes = Bytes;
        return Signatures.Any(s => string.Equals(s.Credential, credential.Id.Value, StringComparison.Ordinal)
            && TryDecode(s.Value) is { } value && credential.Verify(bytes, value));
    }

    /// <summary>SHA-256 of the statement's bytes: what names it elsewhere.</summary>
    public Hash Digest() => Hash.Of(Bytes);

    private static byte[]? TryDecode(string base64)
    {
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, buffer, out var n) ? buffer[..n] : null;
    }
}
