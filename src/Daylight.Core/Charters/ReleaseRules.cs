using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>
/// What keeps the figures of one measure from being held against one another: one length of period, noise on all of them or on none, and no second measure of
/// the same thing. Team tree and sites may cross; how they do is decided when they are released. What could not be decided then is refused here.
/// </summary>
internal static class ReleaseRules
{
    public static void Check(Charter charter, YamlNode root, Diagnostics problems)
    {
        for (var i = 0; i < charter.Show.Length; i++)
        {
            if (charter.Show[i] is not ShowRule.Group rule)
            {
                continue;
            }

            var (at, first) = (root.Find($"show/{i}"), charter.GroupRules.First(r => r.Measure == rule.Measure));
            if (rule.Weeks != first.Weeks)
            {
                problems.Add(at.Find("per"), DiagnosticCodes.Crossing,
                    $"figures of {rule.Measure} over a week and over four overlap, and their differences cannot be decided: show it over one length, or measure something else");
            }

            if (rule.Noise is null != first.Noise is null || (rule.Noise is not null && rule.Noise != first.Noise))
            {
                problems.Add(at, DiagnosticCodes.NoiseMixed, rule.Noise is null || first.Noise is null
                    ? $"{rule.Measure} is shown with noise by one rule and exactly by another: an ε means nothing beside exact figures of the same people. Give every rule of it the noise, or none"
                    : $"{rule.Measure} has one budget of noise, the same in every rule that shows it");
            }
        }

        // A period is counted five days after its last Sunday; the contributions of its first week must still be there.
        var weeks = charter.GroupRules.Select(r => r.Weeks).DefaultIfEmpty(0).Max();
        if (charter.Keep.Contributions > 0 && charter.Keep.Contributions < 7 * weeks)
        {
            problems.Add(root.Find("keep/contributions"), DiagnosticCodes.BadValue,
                $"contributions are forgotten before the figures of {(weeks == 1 ? "a week" : "four weeks")} are counted: keep them for {7 * weeks} days at least");
        }

        for (var i = 1; i < charter.Measures.Length; i++)
        {
            if (charter.Measures.Take(i).FirstOrDefault(m => IsSame(m, charter.Measures[i])) is { } twin && IsShown(charter, twin) && IsShown(charter, charter.Measures[i]))
            {
                problems.Add(root.Find("measures/" + charter.Measures[i].Name), DiagnosticCodes.Crossing,
                    $"'{charter.Measures[i].Name}' measures the same as '{twin.Name}': two figures of one thing are two answers to one question. Keep one of them");
            }
        }
    }

    private static bool IsShown(Charter charter, Measure measure) => charter.GroupRules.Any(r => r.Measure == measure.Name);

    /// <summary>Whether two measures count the same events of the same time, however they are bounded or called.</summary>
    private static bool IsSame(Measure one, Measure other) =>
        one.From == other.From && IsSame(one.Operation, other.Operation) && IsSame(one.Where, other.Where) && one.While.SequenceEqual(other.While) && one.Between == other.Between;

    private static bool IsSame(MeasureOperation one, MeasureOperation other) => (one, other) switch
    {
        (MeasureOperation.Share a, MeasureOperation.Share b) => a.OfTime == b.OfTime && IsSame(a.Of, b.Of),
        (MeasureOperation.LongestRun, MeasureOperation.LongestRun) => true,
        _ => one == other,
    };

    private static bool IsSame(ImmutableArray<FieldFilter> one, ImmutableArray<FieldFilter> other) =>
        one.Length == other.Length && one.OrderBy(f => f.Field, StringComparer.Ordinal).Zip(other.OrderBy(f => f.Field, StringComparer.Ordinal)).All(f =>
            f.First.Field == f.Second.Field && f.First.Values.ToHashSet(StringComparer.Ordinal).SetEquals(f.Second.Values) && f.First.Ranges.ToHashSet().SetEquals(f.Second.Ranges));
}
