using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(RoleGranted), "role-granted")]
[JsonDerivedType(typeof(RoleRevoked), "role-revoked")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(GrantRole), "grant-role")]
[JsonDerivedType(typeof(RevokeRole), "revoke-role")]
public abstract partial record Statement;

/// <summary>Root approvers give a person a role until a day.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Who gets it.</param>
/// <param name="Role">The role.</param>
/// <param name="Until">Its last day, at most <see cref="MostDays"/> ahead: then it is reviewed.</param>
/// <param name="Scope">Of whom it holds: <c>team:…</c>, <c>site:…</c>, <c>country:…</c>, <c>employment:…</c>, or null for everybody.</param>
/// <param name="Exposure">What the approvers read about whom it lets see what.</param>
public sealed record GrantRole(string Root, DateTimeOffset Time, string Person, string Role, DateOnly Until, string? Scope = null, ExposureRead? Exposure = null) : Statement(Root, Time)
{
    /// <summary>Longest life of a grant in days, which is the longest time between two reviews of it.</summary>
    public const int MostDays = 366;
}

/// <summary>Root approvers end a person's role, or the person lays it down.</summary>
public sealed record RevokeRole(string Root, DateTimeOffset Time, string Person, string Role, string Reason) : Statement(Root, Time);

/// <summary>A role, on the signatures of a quorum of root approvers.</summary>
public sealed record RoleGranted(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is GrantRole s
        ? SubjectView.Of("role", s.Person, "approvers", s.Time, why: [s.Role]) with { To = s.Until }
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Said<GrantRole>(Signed) is not { } statement)
        {
            return "not a role grant of this trust root";
        }

        return soFar.QuorumComplaint(Signed, at, "a role")
            ?? (soFar.RootSigners(Signed).Contains(statement.Person) ? "nobody grants a role to themselves"
            : statement.Exposure is not { Appear: >= 0, Disappear: >= 0 } ? "a grant carries the exposure that was read"
            : statement.Until.DayNumber - at.Day.DayNumber > GrantRole.MostDays ? $"a role is granted for {GrantRole.MostDays} days at the most; then it is reviewed"
            : Duties.Clash(soFar.RolesOf(statement.Person, at.Day).Append(statement.Role)));
    }

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<GrantRole>(Signed)!;
        authority.Give(statement.Person, new HeldRole(statement.Role, statement.Until, at.Index, statement.Scope));
    }
}

/// <summary>A role ends, on the signatures of a quorum of root approvers, or by the person who holds it.</summary>
public sealed record RoleRevoked(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is RevokeRole s
        ? SubjectView.Of("role-revoked", s.Person, "approvers", s.Time, why: [s.Role, s.Reason])
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Said<RevokeRole>(Signed) is not { } statement || !soFar.RolesOf(statement.Person, at.Day).Contains(statement.Role))
        {
            return "not the end of a role that this person holds";
        }

        return soFar.QuorumComplaint(Signed, at, "the end of a role") is null
            || (soFar.Signer(Signed) is { } signer && Authority.IsPersons(signer) && string.Equals(signer.Person, statement.Person, StringComparison.Ordinal))
            ? null
            : $"a role ends by {soFar.Root!.Quorum} root approvers, or by who holds it";
    }

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<RevokeRole>(Signed)!;
        authority.Take(statement.Person, statement.Role);
    }
}
