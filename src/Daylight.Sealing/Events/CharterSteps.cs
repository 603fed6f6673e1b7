using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(CharterProposed), "charter-proposed")]
[JsonDerivedType(typeof(CharterApproved), "charter-approved")]
[JsonDerivedType(typeof(CharterRefused), "charter-refused")]
[JsonDerivedType(typeof(CharterActivated), "charter-activated")]
[JsonDerivedType(typeof(CharterEnded), "charter-ended")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(ProposeCharter), "propose-charter")]
[JsonDerivedType(typeof(ApproveCharter), "approve-charter")]
[JsonDerivedType(typeof(RefuseCharter), "refuse-charter")]
[JsonDerivedType(typeof(ActivateCharter), "activate-charter")]
[JsonDerivedType(typeof(EndCharter), "end-charter")]
public abstract partial record Statement;

/// <summary>The program's owner proposes a charter.</summary>
public sealed record ProposeCharter(string Root, DateTimeOffset Time, string Program, string Charter) : Statement(Root, Time);

/// <summary>An approver agrees to a charter, in a role, having read whom it lets see what.</summary>
public sealed record ApproveCharter(string Root, DateTimeOffset Time, string Program, string Charter, string Role, ExposureRead? Exposure = null) : Statement(Root, Time);

/// <summary>An approver refuses a charter, with the reason.</summary>
public sealed record RefuseCharter(string Root, DateTimeOffset Time, string Program, string Charter, string Role, string Reason) : Statement(Root, Time);

/// <summary>The owner puts an approved charter in force.</summary>
public sealed record ActivateCharter(string Root, DateTimeOffset Time, string Program, string Charter) : Statement(Root, Time);

/// <summary>The owner or an approver ends a charter before its last day.</summary>
public sealed record EndCharter(string Root, DateTimeOffset Time, string Program, string Charter, string Role, string Reason) : Statement(Root, Time);

/// <summary>A charter, in full, signed by its owner.</summary>
/// <param name="Signed">A <see cref="ProposeCharter"/>.</param>
/// <param name="Text">The charter's YAML; its SHA-256 is what is signed.</param>
public sealed record CharterProposed(SignedStatement Signed, string Text) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ProposeCharter>(Signed) is not { } statement || !string.Equals(Authority.CharterHash(Text), statement.Charter, StringComparison.Ordinal)
            ? "not a signed proposal of this very text"
        : soFar.Signer(Signed) is not { } signer || !soFar.Holds(signer, Authority.OwnerRole, statement.Time, at.Day)
            ? $"a charter is proposed by a {Authority.OwnerRole}"
        : soFar.Charters.ContainsKey(statement.Charter) ? "this charter was proposed before"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var (statement, signer) = (authority.Said<ProposeCharter>(Signed)!, authority.Signer(Signed)!);
        authority.CharterTable[statement.Charter] = new CharterRecord(statement.Program, Text, at.Index, signer.Person, new Dictionary<string, string>(), false, null)
        {
            Evidence = [.. authority.EvidenceOf(signer), at.Index],
        };
    }
}

/// <summary>An approval.</summary>
public sealed record CharterApproved(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ApproveCharter>(Signed) is not { } s ? "not a signed approval"
        : s.Exposure is not { Appear: >= 0, Disappear: >= 0 } ? "an approval carries the exposure that was read"
        : CharterVote.Complaint(soFar, at, Signed, s.Program, s.Charter, s.Role, s.Time)
            ?? (soFar.Charters[s.Charter] is var charter && charter.Approvals.ContainsKey(s.Role) && s.Exposure.Appear <= charter.Appear
                ? $"it is approved as {s.Role} already, and no more could be seen by now" : null);

    internal override void Apply(Authority authority, Recording at)
    {
        var (statement, signer) = (authority.Said<ApproveCharter>(Signed)!, authority.Signer(Signed)!);
        var charter = authority.Charters[statement.Charter];
        authority.CharterTable[statement.Charter] = charter with
        {
            Approvals = new Dictionary<string, string>(charter.Approvals) { [statement.Role] = signer.Person },
            Appear = Math.Max(charter.Appear, statement.Exposure!.Appear),
            Decisions = [.. charter.Decisions, new CharterDecision(at.Index, statement.Role, statement.Exposure.Shown, null)],
            Evidence = [.. charter.Evidence.Union([.. authority.EvidenceOf(signer), at.Index])],
        };
    }
}

/// <summary>A refusal to approve.</summary>
public sealed record CharterRefused(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<RefuseCharter>(Signed) is { } s ? CharterVote.Complaint(soFar, at, Signed, s.Program, s.Charter, s.Role, s.Time) : "not a signed refusal";

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<RefuseCharter>(Signed)!;
        var charter = authority.Charters[statement.Charter];
        authority.CharterTable[statement.Charter] = charter with { Refused = true, Decisions = [.. charter.Decisions, new CharterDecision(at.Index, statement.Role, null, statement.Reason)] };
    }
}

/// <summary>A charter comes into force.</summary>
public sealed record CharterActivated(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ActivateCharter>(Signed) is not { } statement || soFar.Charters.GetValueOrDefault(statement.Charter) is not { } charter
            || !string.Equals(charter.Program, statement.Program, StringComparison.Ordinal)
            ? "not about a charter that was proposed"
        : soFar.Signer(Signed) is not { } signer || !soFar.Holds(signer, Authority.OwnerRole, statement.Time, at.Day)
            ? $"a charter is activated by a {Authority.OwnerRole}"
        : charter.Refused ? "an approver refused it"
        : Authority.ApprovingRoles.Any(r => !charter.Approvals.ContainsKey(r)) ? "it lacks an approval"
        : charter.Activated is not null ? "it was put in force before"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var (statement, signer) = (authority.Said<ActivateCharter>(Signed)!, authority.Signer(Signed)!);
        var charter = authority.Charters[statement.Charter];
        authority.CharterTable[statement.Charter] = charter with { Activated = at.Index, ActivatedOn = at.Day, Evidence = [.. charter.Evidence.Union([.. authority.EvidenceOf(signer), at.Index])] };
        authority.ProgramTable[statement.Program] = authority.Program(statement.Program) with { Active = statement.Charter };
    }
}

/// <summary>A charter ends early: on the signature of its owner or of one approver. Ending needs one; starting needs all.</summary>
public sealed record CharterEnded(SignedStatement Signed) : PublicEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<EndCharter>(Signed) is not { } statement || !string.Equals(soFar.Program(statement.Program).Active, statement.Charter, StringComparison.Ordinal)
            ? "not about a charter in force"
        : soFar.Signer(Signed) is not { } signer || !(string.Equals(statement.Role, Authority.OwnerRole, StringComparison.Ordinal) || Authority.ApprovingRoles.Contains(statement.Role))
            || !soFar.Holds(signer, statement.Role, statement.Time, at.Day)
            ? $"a charter is ended by a {Authority.OwnerRole} or an approver"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<EndCharter>(Signed)!;
        authority.CharterTable[statement.Charter] = authority.Charters[statement.Charter] with { End = new CharterEnd(at.Index, at.Day, statement.Reason) };
        authority.ProgramTable[statement.Program] = authority.Program(statement.Program) with { Active = null };
    }
}

/// <summary>A charter on its way, or in force.</summary>
/// <param name="Program">The program it says it is for.</param>
/// <param name="Text">Its YAML.</param>
/// <param name="Proposed">Log index of the proposal.</param>
/// <param name="Owner">Person id of who proposed it.</param>
/// <param name="Approvals">Who approved, by role.</param>
/// <param name="Refused">Whether an approver refused it.</param>
/// <param name="Activated">Log index of the activation, when there is one.</param>
public sealed record CharterRecord(
    string Program, string Text, ulong Proposed, string Owner, IReadOnlyDictionary<string, string> Approvals, bool Refused, ulong? Activated)
{
    /// <summary>Log indexes of the proposal, the approvals and the activation, and of what their signers' authority rests on: what an agent is given as evidence.</summary>
    public IReadOnlyList<ulong> Evidence { get; init; } = [];

    /// <summary>What approvers decided, in order.</summary>
    public IReadOnlyList<CharterDecision> Decisions { get; init; } = [];

    /// <summary>How many sights its approvers read that it makes: what comes into force is not wider than what was approved.</summary>
    public long Appear { get; init; }

    /// <summary>The day on which it was put in force: from here people have notice of it.</summary>
    public DateOnly? ActivatedOn { get; init; }

    /// <summary>Its end before its last day, or null.</summary>
    public CharterEnd? End { get; init; }
}

/// <summary>An approval or a refusal of a charter.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Role">In which role.</param>
/// <param name="Shown">SHA-256 of everything that was shown to who approved, hexadecimal; null for a refusal.</param>
/// <param name="Reason">Why it was refused; null for an approval.</param>
public sealed record CharterDecision(ulong Entry, string Role, string? Shown, string? Reason);

/// <summary>The end of a charter before its last day: nothing of that day or later is taken, opened or counted under it any more.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Day">Which day that was.</param>
/// <param name="Reason">Why, as who ended it signed it.</param>
public sealed record CharterEnd(ulong Entry, DateOnly Day, string Reason);

/// <summary>What approvals and refusals of a charter have in common.</summary>
internal static class CharterVote
{
    public static string? Complaint(Authority soFar, Recording at, SignedStatement signed, string program, string hash, string role, DateTimeOffset time) =>
        soFar.Charters.GetValueOrDefault(hash) is not { } charter || !string.Equals(charter.Program, program, StringComparison.Ordinal)
            ? "not about a charter that was proposed"
        : soFar.Signer(signed) is { Person: var by } && string.Equals(by, charter.Owner, StringComparison.Ordinal) ? "proposal and approvals are by distinct people"
        : soFar.Signer(signed) is not { } signer || !Authority.ApprovingRoles.Contains(role) || !soFar.Holds(signer, role, time, at.Day)
            ? "the signer does not hold that role"
        : charter.Approvals.Any(a => !string.Equals(a.Key, role, StringComparison.Ordinal) && string.Equals(a.Value, signer.Person, StringComparison.Ordinal))
            ? "proposal and approvals are by distinct people"
        : charter.Activated is not null ? "the charter is in force already"
        : charter.Refused ? "an approver refused it"
        : null;
}
