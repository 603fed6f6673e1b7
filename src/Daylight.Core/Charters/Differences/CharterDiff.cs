using System.Globalization;
using Daylight.Core.Charters.Words;

namespace Daylight.Core.Charters.Differences;

/// <summary>Something that is different between two charters of a program.</summary>
/// <param name="Widens">Whether somebody may collect, see or keep more than before. What cannot be compared counts as more.</param>
/// <param name="Says">A sentence that begins with whom it concerns.</param>
public sealed record CharterChange(bool Widens, string Says);

/// <summary>Says what changes for whom between two charters, wider first.</summary>
public static class CharterDiff
{
    private static readonly CharterWords Words = CharterWords.English;

    /// <summary>The changes from one charter to another. A template's days count from the proposal, and are compared with another template's only.</summary>
    public static IReadOnlyList<CharterChange> Between(Charter before, Charter after, bool beforeIsTemplate = false, bool afterIsTemplate = false)
    {
        var changes = new List<CharterChange>();
        ComparePurpose(before, after, changes);
        CompareCoverage(before, after, changes);
        if (beforeIsTemplate == afterIsTemplate)
        {
            CompareDays(before, after, afterIsTemplate, changes);
        }
        else
        {
            changes.Add(true, "People covered: one of the two is a template, so first and last day cannot be compared.");
        }

        CompareHours(before, after, changes);
        CollectDiff.Compare(before, after, changes);
        ShowDiff.Compare(before, after, changes);
        CompareKeep(before, after, changes);
        CompareConditions(before, after, changes);
        CompareWords(before, after, changes);
        return [.. changes.OrderByDescending(c => c.Widens)];
    }

    /// <summary>Whether anything that was collected before is collected no longer, or at fewer hours: going on as before would collect it without a charter.</summary>
    public static bool NarrowsCollection(Charter before, Charter after)
    {
        var changes = new List<CharterChange>();
        CollectDiff.Compare(before, after, changes);
        CompareHours(before with { Hours = before.Hours with { Because = after.Hours.Because } }, after, changes);
        return changes.Any(c => !c.Widens) || after.Purpose != before.Purpose;
    }

    internal static void Add(this List<CharterChange> changes, bool widens, string says) => changes.Add(new CharterChange(widens, says));

    private static void ComparePurpose(Charter before, Charter after, List<CharterChange> changes)
    {
        if (before.Program != after.Program)
        {
            changes.Add(true, $"Everybody: this is another program, {after.Program} instead of {before.Program}.");
        }

        if (after.Version < before.Version)
        {
            changes.Add(true, $"Everybody: this goes back, from version {before.Version.ToString(CultureInfo.InvariantCulture)} to {after.Version.ToString(CultureInfo.InvariantCulture)}.");
        }

        if (before.Purpose != after.Purpose)
        {
            changes.Add(true, $"People covered: their data serves another purpose, {after.Purpose} instead of {before.Purpose}.");
        }

        if (before.LawfulBasis != after.LawfulBasis)
        {
            changes.Add(true, $"People covered: the lawful basis is {after.LawfulBasis} instead of {before.LawfulBasis}.");
        }
    }

    private static void CompareCoverage(Charter before, Charter after, List<CharterChange> changes)
    {
        var (old, now) = (before.Covers, after.Covers);
        if (now.Everyone != old.Everyone)
        {
            changes.Add(now.Everyone, now.Everyone ? "Everybody is covered now; before it was " + Words.Covers(old) + "." : "Only " + Words.Covers(now) + " remain covered; before it was everybody.");
        }

        // Where everybody is covered, the groups say nothing.
        foreach (var group in now.Everyone || old.Everyone ? [] : now.Who.Except(old.Who))
        {
            changes.Add(true, $"{Capital(Words.Group(group))}: covered now, and not before.");
        }

        foreach (var group in now.Everyone || old.Everyone ? [] : old.Who.Except(now.Who))
        {
            changes.Add(false, $"{Capital(Words.Group(group))}: no longer covered as such.");
        }

        foreach (var group in old.Except.Except(now.Except))
        {
            changes.Add(true, $"{Capital(Words.Group(group))}: no longer excepted.");
        }

        foreach (var group in now.Except.Except(old.Except))
        {
            changes.Add(false, $"{Capital(Words.Group(group))}: excepted now.");
        }
    }

    private static void CompareDays(Charter before, Charter after, bool templates, List<CharterChange> changes)
    {
        if (after.From != before.From)
        {
            changes.Add(after.From < before.From, $"People covered: collection begins {Words.Day(after.From, templates)} instead of {Words.Day(before.From, templates)}.");
        }

        if (after.Until != before.Until)
        {
            changes.Add(after.Until > before.Until, $"People covered: collection ends {Words.Day(after.Until, templates)} instead of {Words.Day(before.Until, templates)}.");
        }
    }

    private static void CompareHours(Charter before, Charter after, List<CharterChange> changes)
    {
        if (before.Hours.Because != after.Hours.Because)
        {
            changes.Add(false, $"People covered: the reason for long hours is “{after.Hours.Because ?? "none"}” instead of “{before.Hours.Because ?? "none"}”.");
        }

        foreach (var day in Enum.GetValues<DayOfWeek>().OrderBy(d => ((int)d + 6) % 7))
        {
            var (old, now) = (before.Hours.On(day), after.Hours.On(day));
            if (!now.SequenceEqual(old))
            {
                // Wider when any part of the new hours lies outside of the old ones.
                var widens = now.Any(n => !old.Any(o => n.Start >= o.Start && n.End <= o.End));
                changes.Add(widens, $"People covered: on {day}s collected {Hours(now)} instead of {Hours(old)}.");
            }
        }
    }

    private static string Hours(IReadOnlyCollection<TimeOfDay> parts) => parts.Count == 0 ? "at no time" : string.Join(" and ", parts.Select(Words.Time));

    private static void CompareKeep(Charter before, Charter after, List<CharterChange> changes)
    {
        foreach (var kind in after.Keep.Kinds.Select(k => k.Kind).Union(before.Keep.Kinds.Select(k => k.Kind)))
        {
            var (old, now) = (before.Keep.Kinds.FirstOrDefault(k => k.Kind == kind).Days, after.Keep.Kinds.FirstOrDefault(k => k.Kind == kind).Days);
            if (old != now)
            {
                // Whoever can no longer find out who looked has less, not more.
                changes.Add(kind == "looks" ? now < old : now > old, $"People covered: {Words.KeptKind(kind)} kept {(now == 0 ? "no longer" : Words.Days(now))} instead of {(old == 0 ? "not at all" : Words.Days(old))}.");
            }

            if (before.Keep.Reasons.GetValueOrDefault(kind) != after.Keep.Reasons.GetValueOrDefault(kind))
            {
                changes.Add(false, $"People covered: the reason for keeping {Words.KeptKind(kind)} is “{after.Keep.Reasons.GetValueOrDefault(kind, "none")}” instead of “{before.Keep.Reasons.GetValueOrDefault(kind, "none")}”.");
            }
        }
    }

    private static string Lead(Notice notice) => notice.Days == 0 ? "a working day" : Words.Days(notice.Days);

    private static void CompareConditions(Charter before, Charter after, List<CharterChange> changes)
    {
        static int Openness(Consent consent) => consent switch { Consent.OptIn => 0, Consent.OptOut => 1, _ => 2 };
        if (Openness(before.Consent) != Openness(after.Consent))
        {
            changes.Add(Openness(after.Consent) > Openness(before.Consent), $"People covered: {Words.Consent(after.Consent)} Before: {Words.Consent(before.Consent)}");
        }
        else if (before.Consent != after.Consent)
        {
            changes.Add(false, $"People covered: {Words.Consent(after.Consent)}");
        }

        if (before.Notice.Days != after.Notice.Days)
        {
            changes.Add(after.Notice.Days < before.Notice.Days, $"People covered: they know of it {Lead(after.Notice)} before it begins, instead of {Lead(before.Notice)}.");
        }

        if (before.Notice.Acknowledged != after.Notice.Acknowledged)
        {
            changes.Add(before.Notice.Acknowledged, after.Notice.Acknowledged ? "People covered: nothing is collected of who has not acknowledged the notice." : "People covered: it begins whether they acknowledged the notice or not.");
        }

        CompareTraining(before.AiTraining, after.AiTraining, changes);
        if (before.Review.Months != after.Review.Months)
        {
            changes.Add(after.Review.Months > before.Review.Months, $"Reviewers: review every {after.Review.Months.ToString(CultureInfo.InvariantCulture)} months instead of {before.Review.Months.ToString(CultureInfo.InvariantCulture)}.");
        }

        foreach (var role in before.Review.By.Except(after.Review.By))
        {
            changes.Add(true, $"{Capital(Words.Role(role))}: no longer reviews.");
        }

        foreach (var role in after.Review.By.Except(before.Review.By))
        {
            changes.Add(false, $"{Capital(Words.Role(role))}: reviews now.");
        }
    }

    private static void CompareTraining(AiTraining before, AiTraining after, List<CharterChange> changes)
    {
        switch (before, after)
        {
            case (AiTraining.Never, AiTraining.OptIn):
                changes.Add(true, "People covered: " + Words.Training(after) + " Before: never.");
                break;
            case (AiTraining.OptIn, AiTraining.Never):
                changes.Add(false, "People covered: data no longer trains a model.");
                break;
            case (AiTraining.OptIn old, AiTraining.OptIn now) when old.For != now.For || old.MinimumPeople != now.MinimumPeople || old.KeepDays != now.KeepDays || !old.Fields.SequenceEqual(now.Fields):
                changes.Add(now.For != old.For || now.MinimumPeople < old.MinimumPeople || now.KeepDays > old.KeepDays || now.Fields.Except(old.Fields).Any(), "People covered: " + Words.Training(now));
                break;
            default:
                break;
        }
    }

    private static void CompareWords(Charter before, Charter after, List<CharterChange> changes)
    {
        foreach (var language in Enum.GetValues<Language>())
        {
            var (old, now) = (before.Explain.Written.FirstOrDefault(t => t.Language == language).Text, after.Explain.Written.FirstOrDefault(t => t.Language == language).Text);
            if (old != now)
            {
                changes.Add(false, $"People covered read in {language}: “{now ?? "nothing"}” Before: “{old ?? "nothing"}”");
            }
        }

        if (before.Necessity != after.Necessity)
        {
            changes.Add(false, "Approvers: the necessity is given in other words.");
        }

        if (before.Owner != after.Owner)
        {
            changes.Add(false, $"{Capital(Words.Role(after.Owner))}: proposes now, instead of {Words.Role(before.Owner)}.");
        }
    }

    internal static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
