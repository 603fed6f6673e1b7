using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(CredentialRegistered), "credential-registered")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(RegisterCredential), "register-credential")]
public abstract partial record Statement;

/// <summary>A new credential, signed by the key that the person's one-time code derives, and by itself.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose credential it becomes.</param>
/// <param name="Key">The new credential, as <see cref="Credential.Text"/>.</param>
/// <param name="Use"><c>device</c> for an enrolled machine, <c>person</c> for a key the person signs with.</param>
/// <param name="Code">Hash of the code's public key, hexadecimal: the very line of the list that this registration uses.</param>
public sealed record RegisterCredential(string Root, DateTimeOffset Time, string Person, string Key, string Use, string Code) : Statement(Root, Time);

/// <summary>A credential that chains to an enrollment list.</summary>
/// <param name="Signed">A <see cref="RegisterCredential"/>, signed by the code's key.</param>
/// <param name="CodeKey">The code's public key.</param>
/// <param name="Line">The person's line of the list.</param>
/// <param name="List">Log index of the list.</param>
/// <param name="LineIndex">Position in the list.</param>
/// <param name="Proof">Audit path of the line, base64.</param>
public sealed record CredentialRegistered(
    SignedStatement Signed, string CodeKey, EnrollmentLine Line, ulong List, int LineIndex, IReadOnlyList<string> Proof) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is RegisterCredential s
        ? SubjectView.Of("credential", s.Person, "self", s.Time, why: [s.Use])
        : null;

    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Said<RegisterCredential>(Signed) is not { } statement || Credential.TryParse(statement.Key) is not { } key
            || Credential.TryParse(CodeKey) is not { } code || statement.Use is not ("person" or "device"))
        {
            return "not a registration of this trust root";
        }

        if (ReadProof() is not { } proof)
        {
            return "the proof of the enrollment line is damaged";
        }

        if (!Signed.IsSignedBy(code) || !Signed.IsSignedBy(key))
        {
            return "the one-time code's key and the new key must both sign it";
        }

        // A known key under another name would take its holder's authority away; a revoked one must not come back.
        if (soFar.Credentials.ContainsKey(key.Id) || soFar.Revoked.Contains(key.Id))
        {
            return "that key is registered already, or was revoked";
        }

        // One approver's list gives a person their first key to sign with, and nobody a second: whoever has one signs for the next with it. A root approver's first stands in
        // the trust root.
        if (string.Equals(statement.Use, "person", StringComparison.Ordinal) && soFar.HasSigned(statement.Person))
        {
            return "this person has, or had, a key to sign with: a further one is signed by an old one, and no list gives it";
        }

        if (string.Equals(statement.Use, "device", StringComparison.Ordinal) && key.Origin is not null)
        {
            return "a passkey is a person's, and no machine's";
        }

        if (!string.Equals(Line.Person, statement.Person, StringComparison.Ordinal)
            || !string.Equals(Line.Code, EnrollmentCode.HashOf(code), StringComparison.Ordinal)
            || !string.Equals(Line.Code, statement.Code, StringComparison.Ordinal)
            || !string.Equals(Line.Use, statement.Use, StringComparison.Ordinal)
            || !soFar.IsEnrolled(List, LineIndex, Line, proof))
        {
            return "no enrollment list has this person with this code";
        }

        return soFar.UsedCodes.Contains(Line.Code) ? "the one-time code was used before" : null;
    }

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<RegisterCredential>(Signed)!;
        var key = Credential.TryParse(statement.Key)!;
        authority.UsedCodes.Add(Line.Code);
        authority.Hold(new HeldCredential(statement.Person, key, statement.Use)
        {
            Evidence = [List, at.Index],
            LooksFrom = string.Equals(statement.Use, "device", StringComparison.Ordinal) && authority.HasHadKey(statement.Person) ? at.Day.AddDays(PromiseCredential.WaitDays + 1) : default,
        });
    }

    private List<Hash>? ReadProof()
    {
        var proof = new List<Hash>();
        foreach (var text in Proof)
        {
            if (!Hash.TryParse(text, out var hash))
            {
                return null;
            }

            proof.Add(hash);
        }

        return proof;
    }
}
