using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(KeyholderStarted), "keyholder-started")]
[JsonDerivedType(typeof(KeyholderAccepted), "keyholder-accepted")]
[JsonDerivedType(typeof(KeyholderChanged), "keyholder-changed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(AcceptKeyholder), "accept-keyholder")]
[JsonDerivedType(typeof(ChangeKeyholder), "change-keyholder")]
public abstract partial record Statement;

/// <summary>Root approvers let a keyholder go on that was restored from an older copy of itself.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Mark">Id of the mark that the restored keyholder does not remember.</param>
/// <param name="Reason">What happened.</param>
public sealed record AcceptKeyholder(string Root, DateTimeOffset Time, string Mark, string Reason) : Statement(Root, Time);

/// <summary>Root approvers name another keyholder.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Keyholder">vkey that it signs statements with.</param>
/// <param name="Witness">vkey that it cosigns checkpoints with.</param>
/// <param name="Reason">What happened to the old one.</param>
public sealed record ChangeKeyholder(string Root, DateTimeOffset Time, string Keyholder, string Witness, string Reason) : Statement(Root, Time);

/// <summary>
/// The keyholder started: its own mark, which it must remember. One that finds a mark of its own that it does not remember was rolled back,
/// and opens nothing.
/// </summary>
/// <param name="Mark">A <see cref="StartMark"/>, signed by the keyholder.</param>
public sealed record KeyholderStarted(string Mark) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Keyholder is { } key && KeyholderStatement.TryOpen(Mark, key) is StartMark m && string.Equals(m.Root, soFar.RootHash, StringComparison.Ordinal)
            ? null
            : "the keyholder did not sign this mark";
}

/// <summary>A keyholder restored from an older copy may go on: a quorum of root approvers knows of it.</summary>
public sealed record KeyholderAccepted(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) => soFar.Said<AcceptKeyholder>(Signed) is null
        ? "not a signed acceptance of this trust root"
        : soFar.QuorumComplaint(Signed, at, "a restored keyholder");

    internal override void Apply(Authority authority, Recording at) => authority.Accepted.Add(authority.Said<AcceptKeyholder>(Signed)!.Mark);
}

/// <summary>Another keyholder takes over: from here on its keys count.</summary>
public sealed record KeyholderChanged(SignedStatement Signed) : PublicEvent
{
    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ChangeKeyholder>(Signed) is not { } s || !NoteVerifier.TryParse(s.Keyholder, out var key) || key!.Type != NoteKeyType.Ed25519
            || !NoteVerifier.TryParse(s.Witness, out var witness) || witness!.Type != NoteKeyType.Cosignature
            || !TlogPolicy.TryParse(Authority.PlainPolicy(soFar.Root!.Log, s.Witness), out _, out _)
            ? "not a signed change of the keyholder, or its keys are damaged"
            : soFar.QuorumComplaint(Signed, at, "another keyholder");

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<ChangeKeyholder>(Signed)!;
        authority.SetKeyholder(s.Keyholder, s.Witness, at.Index);
    }
}
