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
    /// <param name="members">Each member's values; null for who contributed nothing.</param>
    public static CellValue Cell(Measure measure, int minimumGroup, IEnumerable<WeekOfValues?> members)
    {
        var sums = members.Where(m => m is not null).Select(m => WeekSum(measure, m!)).ToList();
        return sums.Count < minimumGroup
            ? new CellValue.Withheld($"fewer than {minimumGroup} people contributed")
            : new CellValue.Shown((int)Math.Round(sums.Sum() / (double)sums.Count, MidpointRounding.AwayFromZero), sums.Count);
    }

    private static long WeekSum(Measure measure, WeekOfValues week) => week.Days
        .SelectMany(device => device)
        .GroupBy(day => day.Key)
        .Sum(day => Math.Clamp(day.Sum(d => (long)d.Value), measure.Clamp.Low, measure.Clamp.High));
}
