using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ReviewOpened), "review-opened")]
[JsonDerivedType(typeof(ReviewClosed), "review-closed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(CloseReview), "close-review")]
public abstract partial record Statement;

/// <summary>An approver closes a review.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Program">The program.</param>
/// <param name="Review">Log index of its opening.</param>
/// <param name="Role">The role it is closed in.</param>
/// <param name="Outcome"><c>continue</c>, <c>change</c> or <c>end</c>.</param>
/// <param name="Finding">What was found.</param>
public sealed record CloseReview(string Root, DateTimeOffset Time, string Program, ulong Review, string Role, string Outcome, string Finding) : Statement(Root, Time);

/// <summary>A review of a program, as a charter asks for it.</summary>
/// <param name="Program">The program.</param>
/// <param name="Charter">Hash of the charter in force.</param>
/// <param name="Due">The day by which it is to be closed.</param>
public sealed record ReviewOpened(string Program, string Charter, DateOnly Due) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        !string.Equals(soFar.Program(Program).Active, Charter, StringComparison.Ordinal) ? "not about a charter in force"
        : soFar.Reviews.Values.Any(r => r.Closed is null && string.Equals(r.Program, Program, StringComparison.Ordinal)) ? "a review of this program is open already"
        : null;

    internal override void Apply(Authority authority, Recording at) => authority.ReviewTable[at.Index] = new ReviewRecord(Program, Due, null);
}

/// <summary>The end of a review, signed by an approver.</summary>
public sealed record ReviewClosed(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<CloseReview>(Signed) is not { } s || s.Outcome is not ("continue" or "change" or "end")
            || soFar.Reviews.GetValueOrDefault(s.Review) is not { Closed: null } review || !string.Equals(review.Program, s.Program, StringComparison.Ordinal)
            ? "not about an open review of that program"
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
public sealed record ReviewRecord(string Program, DateOnly Due, ulong? Closed);
