using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ReviewOpened), "review-opened")]
[JsonDerivedType(typeof(ReviewReported), "review-reported")]
[JsonDerivedType(typeof(ReviewSigned), "review-signed")]
[JsonDerivedType(typeof(ReviewClosed), "review-closed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(ReportReview), "report-review")]
[JsonDerivedType(typeof(SignReview), "sign-review")]
[JsonDerivedType(typeof(CloseReview), "close-review")]
public abstract partial record Statement;

/// <summary>Somebody says what a review found.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Program">The program.</param>
/// <param name="Review">Log index of its opening.</param>
/// <param name="Report"><see cref="ReviewReport.Digest"/>.</param>
/// <param name="Role">The role it is reported in.</param>
public sealed record ReportReview(string Root, DateTimeOffset Time, string Program, ulong Review, string Report, string Role) : Statement(Root, Time);

/// <summary>A reviewer signs a report off, in a role.</summary>
public sealed record SignReview(string Root, DateTimeOffset Time, string Program, ulong Review, string Report, string Role) : Statement(Root, Time);

/// <summary>An approver closes a review.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Program">The program.</param>
/// <param name="Review">Log index of its opening.</param>
/// <param name="Role">The role it is closed in.</param>
/// <param name="Outcome"><c>continue</c>, <c>change</c> or <c>end</c>.</param>
/// <param name="Finding">What was found.</param>
public sealed record CloseReview(string Root, DateTimeOffset Time, string Program, ulong Review, string Role, string Outcome, string Finding) : Statement(Root, Time);

/// <summary>What a review after a pause found. Everybody may read it.</summary>
/// <param name="Summary">What happened and what was done, for every employee to read.</param>
/// <param name="Findings">What was wrong, each with its fix and the proof that the fix holds.</param>
public sealed record ReviewReport(string Summary, IReadOnlyList<ReviewFinding> Findings)
{
    /// <summary>Most findings of a report.</summary>
    public const int MostFindings = 20;

    /// <summary>Longest text of a report in characters, so that it fits into an entry.</summary>
    public const int MostText = 2000;

    /// <summary>SHA-256 over its canonical JSON, hexadecimal.</summary>
    public string Digest() => Transparency.Hash.Of(CanonicalJson.Write(this, SealingJson.Default.ReviewReport)).ToHex();

    /// <summary>Why it is not one on which a program may go on; null when it is.</summary>
    public string? Complaint()
    {
        if (Findings.Count is 0 or > MostFindings)
        {
            return $"a report has 1 to {MostFindings} findings";
        }

        if (string.IsNullOrWhiteSpace(Summary))
        {
            return "a report has a summary for every employee";
        }

        for (var i = 0; i < Findings.Count; i++)
        {
            var f = Findings[i];
            if (((string Name, string Text)[])[("what was found", f.What), ("a fix", f.Fix), ("what was tried against the fix", f.Test.Tried), ("how that was refused", f.Test.Refused)] is var parts
                && Array.Find(parts, p => string.IsNullOrWhiteSpace(p.Text)).Name is { } missing)
            {
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"finding {i + 1} lacks {missing}: a fix counts when a test that should fail does");
            }
        }

        return Findings.SelectMany(f => new[] { f.What, f.Fix, f.Test.Tried, f.Test.Refused, f.Test.Output }).Append(Summary).Sum(t => t.Length) > 12 * MostText
            || Findings.SelectMany(f => new[] { f.What, f.Fix, f.Test.Tried, f.Test.Refused, f.Test.Output }).Append(Summary).Any(t => t.Length > MostText)
            ? $"a text of a report has {MostText} characters at the most, all of them together twelve times as many"
            : null;
    }
}

/// <summary>Something that was wrong.</summary>
/// <param name="What">What.</param>
/// <param name="Fix">What was done about it.</param>
/// <param name="Test">The test that shows that the fix holds.</param>
public sealed record ReviewFinding(string What, string Fix, NegativeTest Test);

/// <summary>Something that must not work any more, was tried, and did not.</summary>
/// <param name="Tried">What was tried.</param>
/// <param name="Refused">How it was refused.</param>
/// <param name="Output">What was seen, as it was printed; may be empty.</param>
public sealed record NegativeTest(string Tried, string Refused, string Output);

/// <summary>A review of a program: as its charter asks for it, or after a pause.</summary>
/// <param name="Program">The program.</param>
/// <param name="Charter">Hash of the charter in force.</param>
/// <param name="Due">The day by which it is to be closed.</param>
/// <param name="Pause">Log index of the pause that it is about, or null for one that the charter asks for.</param>
public sealed record ReviewOpened(string Program, string Charter, DateOnly Due, ulong? Pause = null) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        !string.Equals(soFar.Program(Program).Active, Charter, StringComparison.Ordinal) ? "not about a charter in force"
        : Pause is { } pause && soFar.Program(Program).PausedBy != pause ? "not about a pause that is on"
        : soFar.Reviews.Values.Any(r => r.Closed is null && string.Equals(r.Program, Program, StringComparison.Ordinal) && r.Pause == Pause) ? "a review of this program is open already"
        : null;

    internal override void Apply(Authority authority, Recording at) =>
        authority.ReviewTable[at.Index] = new ReviewRecord(Program, Due, null) { Charter = Charter, Pause = Pause, Opened = at.Day };
}

/// <summary>What a review after a pause found. Another report takes its place, and is signed off anew.</summary>
/// <param name="Signed">A <see cref="ReportReview"/>.</param>
/// <param name="Report">The report; its digest is what is signed.</param>
public sealed record ReviewReported(SignedStatement Signed, ReviewReport Report) : PublicEvent
{
    internal override SignedStatement? Once => Signed; // an older report or sign-off that somebody brings again would stand in the place of what was signed since

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ReportReview>(Signed) is not { } s || !string.Equals(s.Report, Report.Digest(), StringComparison.Ordinal) ? "not a signed report of this very text"
        : soFar.Reviews.GetValueOrDefault(s.Review) is not { Closed: null, Pause: not null } review || !string.Equals(review.Program, s.Program, StringComparison.Ordinal)
            ? "not about an open review of a pause of that program"
        : soFar.Signer(Signed) is not { } signer || !Authority.PausingRoles.Contains(s.Role) || !soFar.Holds(signer, s.Role, s.Time, at.Day)
            ? $"a report is signed by one of {string.Join(", ", Authority.PausingRoles)}"
        : Report.Complaint();

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<ReportReview>(Signed)!;
        authority.ReviewTable[s.Review] = authority.Reviews[s.Review] with { Report = s.Report, Reported = at.Index, SignedOff = new Dictionary<string, SignOff>() };
    }
}

/// <summary>A reviewer signs a report off. Who they must be says the charter; each is another person.</summary>
public sealed record ReviewSigned(SignedStatement Signed) : PublicEvent
{
    internal override SignedStatement? Once => Signed; // an older report or sign-off that somebody brings again would stand in the place of what was signed since

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<SignReview>(Signed) is not { } s || soFar.Reviews.GetValueOrDefault(s.Review) is not { Closed: null, Report: { } report } review
            || !string.Equals(review.Program, s.Program, StringComparison.Ordinal)
            ? "not about an open review that has a report"
        : !string.Equals(report, s.Report, StringComparison.Ordinal) ? "another report took its place: read that one"
        : soFar.Signer(Signed) is not { } signer || !soFar.Holds(signer, s.Role, s.Time, at.Day) ? "the signer does not hold that role"
        : review.SignedOff.Any(r => string.Equals(r.Value.Person, signer.Person, StringComparison.Ordinal)) ? "each sign-off is by another person"
        : review.SignedOff.ContainsKey(s.Role) ? "it is signed off in that role already"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var (s, signer) = (authority.Said<SignReview>(Signed)!, authority.Signer(Signed)!);
        var review = authority.Reviews[s.Review];
        authority.ReviewTable[s.Review] = review with { SignedOff = new Dictionary<string, SignOff>(review.SignedOff) { [s.Role] = new SignOff(signer.Person, at.Index) } };
    }
}

/// <summary>The end of a review that a charter asked for, signed by an approver.</summary>
public sealed record ReviewClosed(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<CloseReview>(Signed) is not { } s || s.Outcome is not ("continue" or "change" or "end")
            || soFar.Reviews.GetValueOrDefault(s.Review) is not { Closed: null } review || !string.Equals(review.Program, s.Program, StringComparison.Ordinal)
            ? "not about an open review of that program"
        : review.Pause is not null ? "a review of a pause ends with the resume that rests on it"
        : soFar.Signer(Signed) is not { } signer || !Authority.ApprovingRoles.Contains(s.Role) || !soFar.Holds(signer, s.Role, s.Time, at.Day)
            ? "the signer does not hold that role"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var review = authority.Said<CloseReview>(Signed)!.Review;
        authority.ReviewTable[review] = authority.Reviews[review] with { Closed = at.Index };
    }
}

/// <summary>A review.</summary>
/// <param name="Program">Of which program.</param>
/// <param name="Due">By when.</param>
/// <param name="Closed">Log index of its end, or null.</param>
public sealed record ReviewRecord(string Program, DateOnly Due, ulong? Closed)
{
    /// <summary>Hash of the charter that was in force when it was opened: who signs it off stands there.</summary>
    public string Charter { get; init; } = string.Empty;

    /// <summary>The day on which it was opened.</summary>
    public DateOnly Opened { get; init; }

    /// <summary>The pause that it is about, or null.</summary>
    public ulong? Pause { get; init; }

    /// <summary>Digest of the report, or null before there is one.</summary>
    public string? Report { get; init; }

    /// <summary>Log index of the report.</summary>
    public ulong? Reported { get; init; }

    /// <summary>Who signed it off, by role.</summary>
    public IReadOnlyDictionary<string, SignOff> SignedOff { get; init; } = new Dictionary<string, SignOff>();
}

/// <summary>A sign-off of a report.</summary>
/// <param name="Person">By whom.</param>
/// <param name="Entry">Log index.</param>
public sealed record SignOff(string Person, ulong Entry);
