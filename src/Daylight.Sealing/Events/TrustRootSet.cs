using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(TrustRootSet), "trust-root")]
public abstract partial record LogEvent;

/// <summary>Entry 0: the trust root.</summary>
public sealed record TrustRootSet(TrustRoot Root) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        at.Index != 0 || soFar.Root is not null ? "the trust root is entry 0 and never changes"
        : TrustRoot.TryRead(Root.ToBytes()) is null ? "not a trust root: a key is damaged, the quorum is nobody, or somebody has roles that do not meet"
        : null;

    internal override void Apply(Authority authority, Recording at) => authority.Found(Root);
}
