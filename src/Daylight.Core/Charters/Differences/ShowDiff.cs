using System.Globalization;
using Daylight.Core.Charters.Words;

namespace Daylight.Core.Charters.Differences;

/// <summary>Who is shown what, compared rule by rule.</summary>
internal static class ShowDiff
{
    private static readonly CharterWords Words = CharterWords.English;

    public static void Compare(Charter before, Charter after, List<CharterChange> changes)
    {
        var was = after.Show.ToDictionary(r => r.Name, r => Former(r, before, after));
        foreach (var rule in after.Show.Where(r => was[r.Name] is null))
        {
            changes.Add(true, $"{Who(rule)} gain: {Words.Rule(rule, after)}");
        }

        foreach (var now in after.Show)
        {
            switch (was[now.Name], now)
            {
                case (ShowRule.Individual old, ShowRule.Individual rule):
                    Compare(old, rule, before, after, changes);
                    break;
                case (ShowRule.Group old, ShowRule.Group rule):
                    Compare(old, rule, changes);
                    break;
                default:
                    break;
            }
        }

        foreach (var rule in before.Show.Where(r => !was.ContainsValue(r)))
        {
            changes.Add(false, $"{Who(rule)} lose: {Words.Rule(rule, before)}");
        }
    }

    /// <summary>What a rule was before: the one of its name, or of a figure whose level alone changed, the one that is no more.</summary>
    private static ShowRule? Former(ShowRule now, Charter before, Charter after) => before.Show.FirstOrDefault(o => o.Name == now.Name)
        ?? (now is ShowRule.Group && Moved(now, after, before) is [_] && Moved(now, before, after) is [var old] ? old : null);

    /// <summary>One charter's rules of the same audience and measure that the other charter has not.</summary>
    private static List<ShowRule.Group> Moved(ShowRule like, Charter of, Charter other) =>
        [.. of.GroupRules.Where(r => (r.To, r.Measure) == (like.To, (like as ShowRule.Group)?.Measure) && other.Show.All(o => o.Name != r.Name))];

    private static void Compare(ShowRule.Individual old, ShowRule.Individual now, Charter before, Charter after, List<CharterChange> changes)
    {
        var (was, becomes) = (Fields(old, before), Fields(now, after));
        if (becomes.Except(was).ToList() is { Count: > 0 } gained)
        {
            changes.Add(true, $"{Who(now)} gain: {string.Join(", ", gained)} of one person's {now.Kind}.");
        }

        if (was.Except(becomes).ToList() is { Count: > 0 } lost)
        {
            changes.Add(false, $"{Who(now)} lose: {string.Join(", ", lost)} of one person's {now.Kind}.");
        }

        if (old.Needs.Case != now.Needs.Case)
        {
            changes.Add(old.Needs.Case, $"{Who(now)}: a look {(now.Needs.Case ? "needs a case now" : "no longer needs a case")}.");
        }

        var (allWere, allAre) = (old.Needs.Enough == old.Needs.Approvals.Length, now.Needs.Enough == now.Needs.Approvals.Length);
        foreach (var role in old.Needs.Approvals.Except(now.Needs.Approvals))
        {
            changes.Add(allWere, $"{Who(now)}: the approval of {Words.Role(role)} {(allWere ? "is no longer needed" : "no longer counts")}.");
        }

        foreach (var role in now.Needs.Approvals.Except(old.Needs.Approvals))
        {
            changes.Add(!allAre, $"{Who(now)}: the approval of {Words.Role(role)} {(allAre ? "is needed too" : "counts too")}.");
        }

        if (old.Needs.Enough != now.Needs.Enough && !(allWere && allAre))
        {
            changes.Add(now.Needs.Enough < old.Needs.Enough, string.Create(CultureInfo.InvariantCulture, $"{Who(now)}: {now.Needs.Enough} approvals are needed instead of {old.Needs.Enough}."));
        }

        if (!old.Needs.Networks.SequenceEqual(now.Needs.Networks))
        {
            changes.Add(old.Needs.Networks.Length > 0 && (now.Needs.Networks.IsEmpty || now.Needs.Networks.Except(old.Needs.Networks).Any()), $"{Who(now)}: may look from {Networks(now.Needs)} instead of {Networks(old.Needs)}.");
        }

        if (old.Needs.StepUp != now.Needs.StepUp)
        {
            changes.Add(old.Needs.StepUp is { } o && (now.Needs.StepUp is not { } n || n > o), $"{Who(now)}: a fresh signature is needed {Fresh(now.Needs.StepUp)} instead of {Fresh(old.Needs.StepUp)}.");
        }

        if (old.Needs.Hours != now.Needs.Hours)
        {
            changes.Add(old.Needs.Hours is { } o && (now.Needs.Hours is not { } n || n.Zone != o.Zone || n.Time.Start < o.Time.Start || n.Time.End > o.Time.End), $"{Who(now)}: may look {Hours(now.Needs.Hours)} instead of {Hours(old.Needs.Hours)}.");
        }

        if (old.TellWithinDays != now.TellWithinDays)
        {
            changes.Add(now.TellWithinDays > old.TellWithinDays, $"People looked at: told {Told(now.TellWithinDays)} instead of {Told(old.TellWithinDays)} when {now.To} looks.");
        }
    }

    private static void Compare(ShowRule.Group old, ShowRule.Group now, List<CharterChange> changes)
    {
        if (old.Level != now.Level)
        {
            // Cells that are made of whole cells of before tell less; any others are cut anew.
            changes.Add(now.Level != GroupLevel.Company && (old.Level, now.Level) != (GroupLevel.Team, GroupLevel.Department), $"{Who(now)}: {now.Measure} is shown by {Words.Level(now.Level)} instead of {Words.Level(old.Level)}.");
        }

        if (old.Weeks != now.Weeks)
        {
            changes.Add(now.Weeks < old.Weeks, $"{Who(now)}: {now.Measure} is shown every {Weeks(now.Weeks)} instead of every {Weeks(old.Weeks)}.");
        }

        if (old.MinimumGroup != now.MinimumGroup)
        {
            changes.Add(now.MinimumGroup < old.MinimumGroup,
                string.Create(CultureInfo.InvariantCulture, $"{Who(now)}: {now.Measure} is shown of {now.MinimumGroup} people or more instead of {old.MinimumGroup}."));
        }

        if (old.Rounding != now.Rounding)
        {
            var coarser = (old.Rounding, now.Rounding) is (null, not null) || (old.Rounding is { } o && now.Rounding is { } n && o.IsPercent == n.IsPercent && n.Base % o.Base == 0);
            changes.Add(!coarser, $"{Who(now)}: {now.Measure} is rounded to {now.Rounding?.ToString() ?? "whole units"} instead of {old.Rounding?.ToString() ?? "whole units"}.");
        }

        if (old.Noise != now.Noise)
        {
            changes.Add(now.Noise is null || (old.Noise is { } o && now.Noise.Value.Epsilon > o.Epsilon), string.Create(
                CultureInfo.InvariantCulture, $"{Who(now)}: {now.Measure} has {(now.Noise is { } n ? $"{Word(n.Mechanism)} noise of ε {n.Epsilon} a year" : "no noise")} instead of {(old.Noise is { } p ? $"{Word(p.Mechanism)} of ε {p.Epsilon}" : "none")}."));
        }
    }

    private static string Word(NoiseMechanism mechanism) => mechanism == NoiseMechanism.Gaussian ? "Gaussian" : "Laplace";

    private static List<string> Fields(ShowRule.Individual rule, Charter charter) => [.. charter.Collect.Where(s => s.Kind == rule.What).SelectMany(s => rule.FieldsOf(s).Select(f => $"{s.Stream}.{f}"))];

    private static string Who(ShowRule rule) => rule.To switch
    {
        Audience.Self => "People covered",
        Audience.Manager => "Managers",
        Audience.ManagerChain => "Managers further up",
        Audience.TeamMember => "Team members",
        Audience.Role role => $"People with the role {Words.Role(role.Name)}",
        _ => rule.To.Text,
    };

    private static string Fresh(TimeSpan? stepUp) => stepUp is { } step ? $"every {Words.Step(step)}" : "never";

    private static string Hours(LookHours? hours) => hours is { } h ? $"{Words.Time(h.Time)} ({h.Zone})" : "at any hour";

    private static string Networks(Needs needs) => needs.Networks.IsEmpty ? "anywhere" : string.Join(", ", needs.Networks);

    private static string Told(int days) => days == 0 ? "at once" : "within " + Words.Days(days);

    private static string Weeks(int weeks) => weeks == 1 ? "week" : "four weeks";
}
