using System.Collections.Immutable;
using Daylight.Core.Charters;

namespace Daylight.Core.Releases;

/// <summary>How the figures of one level are made. Where several rules show a level there is still one figure, and the strictest of them decides.</summary>
/// <param name="Level">Level of the groups.</param>
/// <param name="Fewest">Fewest people in a figure.</param>
/// <param name="Step">To what multiple it is rounded, in units of the measure; at least 1.</param>
public readonly record struct LevelPlan(GroupLevel Level, int Fewest, int Step);

/// <summary>What is published of one measure: fixed by the charter before anything is collected.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Weeks">Length of its periods.</param>
/// <param name="Levels">Its levels.</param>
/// <param name="Noise">Its noise, or null where the figures are exact; never both.</param>
/// <param name="IsSelective">Whether people with nothing to count do not count towards the minimum (<see cref="Measure.IsSelective"/>).</param>
public sealed record MeasurePlan(Measure Measure, int Weeks, ImmutableArray<LevelPlan> Levels, NoiseBudget? Noise, bool IsSelective)
{
    /// <summary>The smallest group that anybody is shown, and so the smallest that a subtraction may leave.</summary>
    public int Smallest => Levels.Min(l => l.Fewest);

    /// <summary>A level, or null where it has no figures.</summary>
    public LevelPlan? At(GroupLevel level) => Levels.FirstOrDefault(l => l.Level == level) is { Fewest: > 0 } found ? found : null;
}

/// <summary>What a charter publishes.</summary>
/// <param name="Measures">By measure, in the charter's order; those that nobody is shown are left out.</param>
public sealed record ReleasePlan(ImmutableArray<MeasurePlan> Measures)
{
    /// <summary>Reads it off the rules.</summary>
    public static ReleasePlan Of(Charter charter) => new([.. charter.Measures.Select(m => Of(charter, m)).OfType<MeasurePlan>()]);

    /// <summary>Lengths of its periods.</summary>
    public IEnumerable<int> Lengths => Measures.Select(m => m.Weeks).Distinct();

    private static MeasurePlan? Of(Charter charter, Measure measure)
    {
        var rules = charter.GroupRules.Where(r => r.Measure == measure.Name).ToList();
        if (rules.Count == 0)
        {
            return null;
        }

        // The check refuses two lengths, and noise beside none (CharterRules); a figure with noise is never served without it.
        var noise = rules.Exists(r => r.Noise is not null) ? rules.Where(r => r.Noise is not null).MinBy(r => r.Noise!.Value.Epsilon)!.Noise : null;
        var weeks = rules.Max(r => r.Weeks);
        var days = PersonFigure.Range(measure, weeks).High / measure.Clamp.High;
        return new MeasurePlan(
            measure,
            weeks,
            [.. rules.GroupBy(r => r.Level).OrderBy(g => g.Key).Select(g => new LevelPlan(g.Key, g.Max(r => r.Fewest), g.Max(r => r.Rounding?.StepOf(measure, days) ?? 1)))],
            noise,
            measure.IsSelective(charter));
    }
}
