using System.Globalization;
using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(AccessReviewOpened), "access-review-opened")]
[JsonDerivedType(typeof(RoleReviewed), "role-reviewed")]
[JsonDerivedType(typeof(RuleReviewed), "rule-reviewed")]
[JsonDerivedType(typeof(AccessReviewClosed), "access-review-closed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(ReviewRole), "review-role")]
[JsonDerivedType(typeof(ReviewRule), "review-rule")]
public abstract partial record Statement;

/// <summary>A reviewer says what becomes of one role of one person. There is no statement about several.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Review">Log index of the campaign's opening.</param>
/// <param name="Person">Who holds the role.</param>
/// <param name="Role">The role.</param>
/// <param name="Granted">Log index of the grant.</param>
/// <param name="Outcome"><c>keep</c>, <c>narrow</c> or <c>revoke</c>.</param>
/// <param name="Until">The last day; when narrowed, an earlier one than the grant's.</param>
/// <param name="As">The role of who reviews.</param>
/// <param name="Scope">Of whom it holds; a role of everybody may be narrowed to a group.</param>
public sealed record ReviewRole(
    string Root, DateTimeOffset Time, ulong Review, string Person, string Role, ulong Granted, string Outcome, DateOnly Until, string As, string? Scope = null) : Statement(Root, Time);

/// <summary>A reviewer says what becomes of one rule of one charter: it is kept, or revoked. Narrower is another version of the charter.</summary>
public sealed record ReviewRule(string Root, DateTimeOffset Time, ulong Review, string Program, string Charter, string Rule, string Outcome, string As) : Statement(Root, Time);

/// <summary>
/// A campaign: from its last day on, every role and every rule that was there before it and that nobody confirmed is over. Only what narrows comes of it by
/// itself, so it needs no signature.
/// </summary>
/// <param name="Quarter">Which, such as <c>2026-Q4</c>; each once.</param>
/// <param name="Due">Its last day.</param>
public sealed record AccessReviewOpened(string Quarter, DateOnly Due) : PublicEvent
{
    /// <summary>Shortest time for reviewers, in days.</summary>
    public const int FewestDays = 14;

    /// <summary>Longest time, in days.</summary>
    public const int MostDays = 60;

    /// <summary>The quarter of a day.</summary>
    public static string QuarterOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{day.Year:0000}-Q{(day.Month + 2) / 3}");

    internal override string? Complaint(Authority soFar, Recording at) =>
        !string.Equals(Quarter, QuarterOf(at.Day), StringComparison.Ordinal) ? "a campaign is opened in its own quarter"
        : soFar.AccessReviews.Values.Any(r => string.Equals(r.Quarter, Quarter, StringComparison.Ordinal)) ? "there was a campaign in this quarter"
        : Due.DayNumber - at.Day.DayNumber is < FewestDays or > MostDays ? $"reviewers have {FewestDays} to {MostDays} days"
        : null;

    internal override void Apply(Authority authority, Recording at) => authority.AccessReviewTable[at.Index] = new AccessReviewRecord(Quarter, Due);
}

/// <summary>A role was reviewed.</summary>
public sealed record RoleReviewed(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is ReviewRole s
        ? SubjectView.Of("role-reviewed", s.Person, s.As, s.Time, why: [s.Role, s.Outcome]) with { To = s.Until }
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Said<ReviewRole>(Signed) is not { Outcome: "keep" or "narrow" or "revoke" } s || soFar.AccessReviews.GetValueOrDefault(s.Review) is not { } campaign || s.Granted == 0 || s.Granted > s.Review
            || soFar.HeldBy(s.Person).FirstOrDefault(r => r.Granted == s.Granted && string.Equals(r.Role, s.Role, StringComparison.Ordinal)) is not { } held)
        {
            return "not about a role that this campaign reviews";
        }

        return at.Day > campaign.Due ? "the campaign is over: what was not confirmed has ended"
            : held.Confirmed >= s.Review || soFar.EndOf(held) < at.Day ? "that role was reviewed in this campaign, or is over"
            : soFar.Signer(Signed) is not { } signer || !Authority.ApprovingRoles.Contains(s.As) || !soFar.Holds(signer, s.As, s.Time, at.Day) ? "roles are reviewed by a privacy-officer or a works-council"
            : string.Equals(signer.Person, s.Person, StringComparison.Ordinal) ? "nobody reviews a role of their own"
            : s.Outcome switch
            {
                "keep" when s.Until != held.Until || !string.Equals(s.Scope, held.Scope, StringComparison.Ordinal) => "what is kept stays as it was granted",
                "narrow" when s.Until > held.Until || s.Until < at.Day || (held.Scope is not null && !string.Equals(s.Scope, held.Scope, StringComparison.Ordinal))
                    || (s.Until == held.Until && string.Equals(s.Scope, held.Scope, StringComparison.Ordinal)) => "narrower is an earlier last day, or a group instead of everybody",
                _ => null,
            };
    }

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<ReviewRole>(Signed)!;
        var campaign = authority.AccessReviews[s.Review];
        authority.Review(s.Person, s.Granted, s.Role, r => string.Equals(s.Outcome, "revoke", StringComparison.Ordinal) ? null : r with { Until = s.Until, Scope = s.Scope, Confirmed = s.Review });
        authority.AccessReviewTable[s.Review] = campaign.With(s.Outcome);
    }
}

/// <summary>A rule of a charter was reviewed.</summary>
public sealed record RuleReviewed(SignedStatement Signed) : PublicEvent
{
    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ReviewRule>(Signed) is not { Outcome: "keep" or "revoke" } s || soFar.AccessReviews.GetValueOrDefault(s.Review) is not { } campaign
            || !string.Equals(soFar.Program(s.Program).Active, s.Charter, StringComparison.Ordinal) || soFar.Charters[s.Charter].Activated > s.Review
            ? "not about a rule that this campaign reviews"
        : at.Day > campaign.Due ? "the campaign is over: what was not confirmed has ended"
        : soFar.RuleTable.GetValueOrDefault((s.Charter, s.Rule)) is { } said && (said.Revoked || said.Confirmed >= s.Review) || soFar.IsLapsed(s.Charter, s.Rule, at.Day) ? "that rule was reviewed in this campaign, or is over"
        : soFar.Signer(Signed) is not { } signer || !Authority.ApprovingRoles.Contains(s.As) || !soFar.Holds(signer, s.As, s.Time, at.Day) ? "rules are reviewed by a privacy-officer or a works-council"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<ReviewRule>(Signed)!;
        authority.RuleTable[(s.Charter, s.Rule)] = new ReviewedRule(s.Review, string.Equals(s.Outcome, "revoke", StringComparison.Ordinal));
        authority.AccessReviewTable[s.Review] = authority.AccessReviews[s.Review].With(s.Outcome);
    }
}

/// <summary>The end of a campaign, in counts.</summary>
/// <param name="Review">Log index of its opening.</param>
/// <param name="Confirmed">How many were kept as they were.</param>
/// <param name="Narrowed">How many were narrowed.</param>
/// <param name="Revoked">How many were revoked.</param>
/// <param name="Lapsed">How many nobody confirmed: they are over.</param>
public sealed record AccessReviewClosed(ulong Review, int Confirmed, int Narrowed, int Revoked, int Lapsed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.AccessReviews.GetValueOrDefault(Review) is not { Closed: null } campaign ? "not about an open campaign"
        : at.Day <= campaign.Due ? "its last day is not over"
        : (Confirmed, Narrowed, Revoked) != (campaign.Kept, campaign.Narrowed, campaign.Revoked) ? "the log counts otherwise"
        : null;

    internal override void Apply(Authority authority, Recording at) => authority.AccessReviewTable[Review] = authority.AccessReviews[Review] with { Closed = at.Index, Lapsed = Lapsed };
}

/// <summary>A campaign.</summary>
/// <param name="Quarter">Which.</param>
/// <param name="Due">Its last day.</param>
public sealed record AccessReviewRecord(string Quarter, DateOnly Due)
{
    /// <summary>How many were kept.</summary>
    public int Kept { get; init; }

    /// <summary>How many were narrowed.</summary>
    public int Narrowed { get; init; }

    /// <summary>How many were revoked.</summary>
    public int Revoked { get; init; }

    /// <summary>How many lapsed, by its end.</summary>
    public int Lapsed { get; init; }

    /// <summary>Log index of its end, or null.</summary>
    public ulong? Closed { get; init; }

    internal AccessReviewRecord With(string outcome) => outcome switch
    {
        "keep" => this with { Kept = Kept + 1 },
        "narrow" => this with { Narrowed = Narrowed + 1 },
        _ => this with { Revoked = Revoked + 1 },
    };
}

/// <summary>What was said last of a rule of a charter.</summary>
/// <param name="Confirmed">The campaign in which it was reviewed.</param>
/// <param name="Revoked">Whether it is over.</param>
internal sealed record ReviewedRule(ulong Confirmed, bool Revoked);
