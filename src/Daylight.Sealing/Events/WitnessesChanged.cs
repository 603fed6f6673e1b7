using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(WitnessesChanged), "witnesses-changed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(SetWitnesses), "set-witnesses")]
public abstract partial record Statement;

/// <summary>Root approvers say which witnesses must cosign.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Policy">A C2SP tlog-policy: this log, its witnesses, the quorum.</param>
public sealed record SetWitnesses(string Root, DateTimeOffset Time, string Policy) : Statement(Root, Time);

/// <summary>Other witnesses from here on, on the signatures of a quorum of root approvers.</summary>
public sealed record WitnessesChanged(SignedStatement Signed) : PublicEvent
{
    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) => soFar.Said<SetWitnesses>(Signed) is not { } s
        ? "not a signed policy of this trust root"
        : soFar.PolicyComplaint(s.Policy) ?? soFar.QuorumComplaint(Signed, at, "a policy");

    internal override void Apply(Authority authority, Recording at) => authority.SetPolicy(authority.Said<SetWitnesses>(Signed)!.Policy, at.Index);
}
