using System.Globalization;
using Daylight.Core.Charters;

namespace Daylight.Core.Exposure;

/// <summary>That somebody could see something about somebody: not that they did.</summary>
/// <param name="Viewer">Person id of who could look.</param>
/// <param name="Person">Person id of whom it is about.</param>
/// <param name="Program">The program.</param>
/// <param name="Rule">The rule that lets them: <c>audience/what</c>.</param>
/// <param name="What">What they would see: records with their fields, or a measure.</param>
/// <param name="Granularity"><c>person</c>, or the group in whose figure the person is one of several: <c>team:red</c>.</param>
/// <param name="Needs">What must be there before, in short; empty for nothing.</param>
public sealed record Sight(string Viewer, string Person, string Program, string Rule, string What, string Granularity, string Needs);

/// <summary>What two rules have in common that show the same thing under the same conditions. Sights under other terms are other sights.</summary>
/// <param name="Program">The program.</param>
/// <param name="What">Records with their fields, or a measure and its period.</param>
/// <param name="Level">Level of the group; null for one person.</param>
/// <param name="Needs">Conditions.</param>
public sealed record Terms(string Program, string What, GroupLevel? Level, string Needs)
{
    internal static Terms Of(Charter charter, ShowRule rule) => rule switch
    {
        ShowRule.Individual i => new Terms(charter.Program, $"{i.Kind}: {string.Join(", ", Fields(charter, i))}", null, NeedsOf(i)),
        ShowRule.Group g => new Terms(charter.Program, g.Weeks == 1 ? $"{g.Measure} per week" : $"{g.Measure} per {g.Weeks} weeks", g.Level, NeedsOf(g)),
        _ => throw new InvalidOperationException("ShowRule is closed."),
    };

    private static IEnumerable<string> Fields(Charter charter, ShowRule.Individual rule) => charter.Collect.Where(s => s.Kind == rule.What)
        .SelectMany(s => rule.FieldsOf(s).Intersect(charter.LeavingFields(s)).Select(f => $"{s.Stream}.{f}")).Order(StringComparer.Ordinal);

    private static string NeedsOf(ShowRule.Individual rule)
    {
        var (parts, needs) = (new List<string>(), rule.Needs);
        if (needs.Case)
        {
            parts.Add(needs.Enough == needs.Approvals.Length
                ? $"case approved by {string.Join(" and ", needs.Approvals)}"
                : $"case approved by {needs.Enough} of {string.Join(", ", needs.Approvals)}");
        }

        if (needs.BreakGlass)
        {
            parts.Add("break-glass, one hour");
        }

        if (needs.StepUp is { } fresh)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"signature at most {fresh.TotalMinutes} min old"));
        }

        if (needs.Hours is { } hours)
        {
            parts.Add(hours.ToString());
        }

        if (needs.Networks.Length > 0)
        {
            parts.Add("from " + string.Join(", ", needs.Networks));
        }

        if (rule.To is not Audience.Self)
        {
            parts.Add(rule.TellWithinDays == 0 ? "told at once" : $"told within {rule.TellWithinDays}d");
        }

        return string.Join("; ", parts);
    }

    private static string NeedsOf(ShowRule.Group rule) => string.Create(CultureInfo.InvariantCulture, $"{rule.MinimumGroup} people at least")
        + (rule.Rounding is { } r ? $"; rounded to {r}" : string.Empty) + (rule.Noise is { } n ? string.Create(CultureInfo.InvariantCulture, $"; {(n.Mechanism == NoiseMechanism.Laplace ? "Laplace " : string.Empty)}noise of ε {n.Epsilon}") : string.Empty);
}
