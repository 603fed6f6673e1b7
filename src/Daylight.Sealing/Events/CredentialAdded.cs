using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(CredentialAdded), "credential-added")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(AddCredential), "add-credential")]
public abstract partial record Statement;

/// <summary>Another key that a person signs with, signed by one that they sign with already and by itself.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose credential it becomes.</param>
/// <param name="Key">The new credential, as <see cref="Credential.Text"/>.</param>
public sealed record AddCredential(string Root, DateTimeOffset Time, string Person, string Key) : Statement(Root, Time);

/// <summary>A person's further credential. It needs nobody's word but the person's own: the old key and the new one sign.</summary>
public sealed record CredentialAdded(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is AddCredential s ? SubjectView.Of("credential", s.Person, "self", s.Time, why: ["person"]) : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Said<AddCredential>(Signed) is not { } statement || Credential.TryParse(statement.Key) is not { } key)
        {
            return "not a further credential of this trust root";
        }

        if (soFar.Credentials.ContainsKey(key.Id) || soFar.Revoked.Contains(key.Id))
        {
            return "that key is registered already, or was revoked";
        }

        // A machine's key, stolen with the laptop, makes nobody a key to approve with.
        return OldOf(soFar, statement) is null ? "a further key is signed by one that its person signs with already"
            : !Signed.IsSignedBy(key) ? "the new key must sign it too"
            : !Authority.IsTimely(statement.Time, at.Day) ? "it was signed too long ago, or ahead of time"
            : null;
    }

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<AddCredential>(Signed)!;
        var key = Credential.TryParse(statement.Key)!;
        authority.Hold(new HeldCredential(statement.Person, key, "person") { Evidence = [.. OldOf(authority, statement)!.Evidence, at.Index] });
    }

    private HeldCredential? OldOf(Authority soFar, AddCredential statement) => Signed.Signatures
        .Select(s => soFar.Held.GetValueOrDefault(new CredentialId(s.Credential)))
        .FirstOrDefault(c => c is not null && Authority.IsPersons(c) && string.Equals(c.Person, statement.Person, StringComparison.Ordinal) && Signed.IsSignedBy(c.Key));
}
