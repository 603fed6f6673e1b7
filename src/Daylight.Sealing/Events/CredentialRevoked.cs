using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(CredentialRevoked), "credential-revoked")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(RevokeCredential), "revoke-credential")]
public abstract partial record Statement;

/// <summary>A credential ends: a machine was lost, a key was seen by others.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose it is.</param>
/// <param name="Credential">The credential's id.</param>
/// <param name="Reason">Why.</param>
public sealed record RevokeCredential(string Root, DateTimeOffset Time, string Person, string Credential, string Reason) : Statement(Root, Time);

/// <summary>A credential is revoked: by its person, with a key that the person signs with, or by a root approver. A root approver's own key by a quorum of the others.</summary>
public sealed record CredentialRevoked(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is RevokeCredential s
        ? SubjectView.Of("credential-revoked", s.Person, "approvers", s.Time, why: [s.Reason])
        : null;

    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Said<RevokeCredential>(Signed) is { } taken && Promised(soFar, taken) is { } promised)
        {
            // Whoever is given a key that they did not ask for may end it with whatever key they have, a machine's too.
            return (soFar.Signer(Signed) is { } by && string.Equals(by.Person, promised.Person, StringComparison.Ordinal)) || soFar.RootSigners(Signed).Count > 0
                ? null
                : "a promised key is taken back by its person or by a root approver";
        }

        if (soFar.Said<RevokeCredential>(Signed) is not { } statement || soFar.Held.GetValueOrDefault(new CredentialId(statement.Credential)) is not { } held
            || !string.Equals(held.Person, statement.Person, StringComparison.Ordinal))
        {
            return "not a revocation of a credential in force";
        }

        var approvers = soFar.RootSigners(Signed).Where(p => !string.Equals(p, held.Person, StringComparison.Ordinal)).ToList();
        if (soFar.IsRootApprover(held))
        {
            return approvers.Count >= soFar.Root!.Quorum ? null : $"a root approver's key takes {soFar.Root.Quorum} of the others to revoke, {approvers.Count} signed";
        }

        return approvers.Count > 0 || (soFar.Signer(Signed) is { } signer && Authority.IsPersons(signer) && string.Equals(signer.Person, held.Person, StringComparison.Ordinal))
            ? null
            : "a credential is revoked by its person or by a root approver";
    }

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<RevokeCredential>(Signed)!;
        var id = new CredentialId(statement.Credential);
        if (Promised(authority, statement) is { } promised)
        {
            authority.PromiseTable.Remove(promised.Index);
        }

        authority.Held.Remove(id);
        authority.Revoked.Add(id);
    }

    private static PromisedCredential? Promised(Authority soFar, RevokeCredential statement) => soFar.PromiseTable.Values
        .FirstOrDefault(p => string.Equals(p.Key.Id.Value, statement.Credential, StringComparison.Ordinal) && string.Equals(p.Person, statement.Person, StringComparison.Ordinal));
}
