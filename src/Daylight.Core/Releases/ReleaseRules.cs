using Daylight.Core.Charters;

namespace Daylight.Core.Releases;

/// <summary>What is known of one person for one week: each device's day values, by measure.</summary>
/// <param name="Days">Values by local day; one map per device.</param>
public sealed record WeekOfValues(IReadOnlyList<IReadOnlyDictionary<DateOnly, int>> Days);

/// <summary>A published figure, or why there is none. What left the keyholder, and all that ever will.</summary>
public abstract record CellValue
{
    private CellValue()
    {
    }

    /// <summary>A figure.</summary>
    /// <param name="Mean">Mean of the people's weekly sums, rounded to whole units.</param>
    /// <param name="People">How many people were counted.</param>
    public sealed record Shown(int Mean, int People) : CellValue;

    /// <summary>No figure.</summary>
    /// <param name="Reason">Why, in words.</param>
    public sealed record Withheld(string Reason) : CellValue;
}

/// <summary>The release rules of this version: a minimum group, clamped days, one figure per group, measure and week.</summary>
public static class ReleaseRules
{
    /// <summary>Computes a cell. The viewer is never among the members: the caller's groups are teams without their managers.</summary>
    /// <param name="measure">The measure; its clamp bounds each person's day, all devices together.</param>
    /// <param name="minimumGroup">Fewest people with data.</param>
    /// <param name="round">To what multiple the figure is rounded; 1 for whole units.</param>
    /// <param name="selective">Whether people with nothing to count do not count towards the minimum (<see cref="Measure.IsSelective"/>).</param>
    /// <param name="members">Each member's values; null for who contributed nothing.</param>
    public static CellValue Cell(Measure measure, int minimumGroup, int round, bool selective, IEnumerable<WeekOfValues?> members)
    {
        var values = members.OfType<WeekOfValues>().Select(m => WeekValue(measure, m)).OfType<double>().ToList();
        return values.Count(v => !selective || v > measure.Clamp.Low) < minimumGroup
            ? new CellValue.Withheld($"fewer than {minimumGroup} people contributed")
            : new CellValue.Shown((int)Math.Round(values.Sum() / values.Count / round, MidpointRounding.AwayFromZero) * round, values.Count);
    }

    /// <summary>Days of a measure's range in a week's value: a sum of days has seven times a day's range.</summary>
    public static int DaysInRange(Measure measure) => measure.Per == MeasurePeriod.Day && measure.Operation.Fold == MeasureFold.Add ? 7 : 1;

    /// <summary>One person's week: devices come together by day, then the days, clamped as the charter says. Null when no day has a value.</summary>
    private static double? WeekValue(Measure measure, WeekOfValues week)
    {
        var days = week.Days
            .SelectMany(device => device)
            .GroupBy(day => day.Key)
            .Select(day => Fold(measure.Operation.Fold, day.Select(d => (double)Math.Clamp(d.Value, 0, measure.Clamp.High))))
            .Select(day => measure.Per == MeasurePeriod.Day ? Math.Clamp(day, measure.Clamp.Low, measure.Clamp.High) : day)
            .ToList();
        if (days.Count == 0)
        {
            return null;
        }

        var value = Fold(measure.Operation.Fold, days);
        return measure.Per == MeasurePeriod.Week ? Math.Clamp(value, measure.Clamp.Low, measure.Clamp.High) : value;
    }

    private static double Fold(MeasureFold fold, IEnumerable<double> values) => fold switch
    {
        MeasureFold.Add => values.Sum(),
        MeasureFold.Largest => values.Max(),
        MeasureFold.Mean or _ => values.Average(),
    };
}
