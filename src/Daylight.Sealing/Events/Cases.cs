using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(CaseOpened), "case-opened")]
[JsonDerivedType(typeof(CaseApproved), "case-approved")]
[JsonDerivedType(typeof(CaseClosed), "case-closed")]
[JsonDerivedType(typeof(CaseLapsed), "case-lapsed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(OpenCase), "open-case")]
[JsonDerivedType(typeof(ApproveCase), "approve-case")]
[JsonDerivedType(typeof(CloseCase), "close-case")]
public abstract partial record Statement;

/// <summary>Somebody asks for a time-limited reason to open one person's records.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Id">Random, so that no two cases are the same bytes.</param>
/// <param name="Asker">Person id of who will look, and signs.</param>
/// <param name="Subject">Whose records.</param>
/// <param name="Programs">Of which programs.</param>
/// <param name="Rule">Under which rule, <c>audience/what</c>.</param>
/// <param name="From">First local day of the records.</param>
/// <param name="To">Last local day of the records.</param>
/// <param name="Until">Last day of the case.</param>
/// <param name="Tell">Day on which the person is told of it, whatever became of it; the keyholder holds it against the rule.</param>
/// <param name="Reason">Why; the person is shown it.</param>
/// <param name="Hold">Whether what it is about is kept until the case ends, though its time be over or its erasure be asked for: a legal hold (GDPR Art. 17(3)(e)).</param>
public sealed record OpenCase(
    string Root, DateTimeOffset Time, string Id, string Asker, string Subject, IReadOnlyList<string> Programs, string Rule, DateOnly From, DateOnly To, DateOnly Until, DateOnly Tell, string Reason, bool Hold = false)
    : Statement(Root, Time)
{
    /// <summary>Longest life of a case in days, and longest time before the person is told.</summary>
    public const int MostDays = 90;

    /// <summary>Longest life of a legal hold in days; then it is asked for again.</summary>
    public const int MostHoldDays = 366;
}

/// <summary>An approver agrees to a case.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Case">SHA-256 of the <see cref="OpenCase"/> bytes, hexadecimal: exactly what is approved.</param>
/// <param name="Role">The role it is given in.</param>
public sealed record ApproveCase(string Root, DateTimeOffset Time, string Case, string Role) : Statement(Root, Time);

/// <summary>A case ends. Ending takes one: who asked, or an approver.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Case">What names it.</param>
/// <param name="Role">The role it is closed in; of no meaning for who asked.</param>
/// <param name="Reason">Why it ends.</param>
/// <param name="Looks">Log indexes of everything that was looked at under it.</param>
public sealed record CloseCase(string Root, DateTimeOffset Time, string Case, string Role, string Reason, IReadOnlyList<ulong> Looks) : Statement(Root, Time);

/// <summary>A case, on its way: it opens nothing before the approvals that the rule asks for.</summary>
public sealed record CaseOpened(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override string Asker => Statement.TryRead(Signed.Bytes) is OpenCase s ? s.Asker : string.Empty;

    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is OpenCase s
        ? new SubjectView("case-opened", s.Subject, s.Rule.Split('/')[0].Replace("role:", string.Empty, StringComparison.Ordinal), s.Rule, [s.Reason], s.Programs, s.From, s.To, s.Time, s.Tell)
        : null;

    internal override byte[] AskerSees => Signed.Bytes;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<OpenCase>(Signed) is not { } s || soFar.Signer(Signed) is not { } signer || !Authority.IsPersons(signer) || !string.Equals(signer.Person, s.Asker, StringComparison.Ordinal)
            ? "a case is asked for, with a signature, by who will look"
        : string.Equals(s.Asker, s.Subject, StringComparison.Ordinal) ? "nobody needs a case about themselves"
        : s.Until < at.Day || s.Until.DayNumber - at.Day.DayNumber > (s.Hold ? OpenCase.MostHoldDays : OpenCase.MostDays) ? $"a case lives {OpenCase.MostDays} days at the most, a legal hold {OpenCase.MostHoldDays}"
        : !Authority.IsTimely(s.Time, at.Day) ? "it was signed too long ago"
        : s.Tell.DayNumber - at.Day.DayNumber > OpenCase.MostDays ? "the person is told too late"
        : soFar.CaseTable.ContainsKey(Signed.Digest().ToHex()) ? "this case was opened before"
        : null;

    internal override void Apply(Authority authority, Recording at) =>
        authority.CaseTable[Signed.Digest().ToHex()] = new CaseRecord(authority.Said<OpenCase>(Signed)!, at.Index, new Dictionary<string, string>(), false);
}

/// <summary>An approval of a case.</summary>
public sealed record CaseApproved(SignedStatement Signed) : PersonEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ApproveCase>(Signed) is not { } s || soFar.CaseTable.GetValueOrDefault(s.Case) is not { Closed: false } found
            ? "not about an open case"
        : soFar.Signer(Signed) is not { } signer || !soFar.Holds(signer, s.Role, s.Time, at.Day) ? "the signer does not hold that role"
        : string.Equals(signer.Person, found.Statement.Asker, StringComparison.Ordinal) || string.Equals(signer.Person, found.Statement.Subject, StringComparison.Ordinal)
            || found.Approvals.Any(a => !string.Equals(a.Key, s.Role, StringComparison.Ordinal) && string.Equals(a.Value, signer.Person, StringComparison.Ordinal))
            ? "approvals are by distinct people, neither who asks nor whom it is about"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var (statement, signer) = (authority.Said<ApproveCase>(Signed)!, authority.Signer(Signed)!);
        var found = authority.CaseTable[statement.Case];
        authority.CaseTable[statement.Case] = found with { Approvals = new Dictionary<string, string>(found.Approvals) { [statement.Role] = signer.Person } };
    }
}

/// <summary>The end of a case before its last day.</summary>
public sealed record CaseClosed(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<CloseCase>(Signed) is not { } s || soFar.CaseTable.GetValueOrDefault(s.Case) is not { Closed: false } found
            ? "not about an open case"
        : soFar.Signer(Signed) is not { } signer || !Authority.IsPersons(signer)
            || !(string.Equals(signer.Person, found.Statement.Asker, StringComparison.Ordinal) || (Authority.ApprovingRoles.Contains(s.Role) && soFar.Holds(signer, s.Role, s.Time, at.Day)))
            ? "a case is closed by who asked for it or by an approver"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var hash = authority.Said<CloseCase>(Signed)!.Case;
        authority.CaseTable[hash] = authority.CaseTable[hash] with { Closed = true };
    }
}

/// <summary>A case is over by its last day, and nobody had closed it: what was looked at is written down all the same.</summary>
/// <param name="Case">What names it.</param>
/// <param name="Looks">Log indexes of everything that was looked at under it.</param>
/// <param name="Time">When.</param>
public sealed record CaseLapsed(string Case, IReadOnlyList<ulong> Looks, DateTimeOffset Time) : PersonEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.CaseTable.GetValueOrDefault(Case) is not { Closed: false } found ? "not about an open case"
        : found.Statement.Until >= at.Day ? "the case is not over"
        : null;

    internal override void Apply(Authority authority, Recording at) => authority.CaseTable[Case] = authority.CaseTable[Case] with { Closed = true };
}

/// <summary>A case.</summary>
/// <param name="Statement">What was asked for.</param>
/// <param name="Opened">Log index.</param>
/// <param name="Approvals">Who approved, by role.</param>
/// <param name="Closed">Whether it was closed.</param>
public sealed record CaseRecord(OpenCase Statement, ulong Opened, IReadOnlyDictionary<string, string> Approvals, bool Closed)
{
    /// <summary>Whether it is open on a day.</summary>
    public bool IsOpen(DateOnly day) => !Closed && day <= Statement.Until;

    /// <summary>Whether it keeps on a day what it is about: both approvers agreed, and it is not over.</summary>
    public bool IsHolding(DateOnly day) => Statement.Hold && IsOpen(day) && Authority.ApprovingRoles.All(Approvals.ContainsKey);
}
