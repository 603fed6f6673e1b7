using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Core.Releases.Noise;

namespace Daylight.Core.Releases;

/// <summary>What one level of a measure would publish.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Level">The level.</param>
/// <param name="Weeks">Length of the period.</param>
/// <param name="Fewest">Fewest people in a figure.</param>
/// <param name="Groups">Groups that have anybody.</param>
/// <param name="Shown">How many of them would be shown in an ordinary period, on average.</param>
/// <param name="TooSmall">How many never would, by the directory.</param>
/// <param name="Noise">What noise does to them, or null where figures are exact.</param>
public sealed record LevelForecast(string Measure, GroupLevel Level, int Weeks, int Fewest, int Groups, double Shown, int TooSmall, NoiseForecast? Noise)
{
    /// <summary>How many would be withheld now and then: too few contributed, or another figure would give a smaller group away.</summary>
    public double NowAndThen => Groups - TooSmall - (Noise?.Swamped ?? 0) - Shown;
}

/// <summary>What noise does to the figures of a level.</summary>
/// <param name="Epsilon">ε of a year.</param>
/// <param name="Unit">Unit of the measure.</param>
/// <param name="HalfWidth">Half the width of the 95 % interval of the group in the middle by size.</param>
/// <param name="LargestGroup">The same of the largest group, the narrowest there is.</param>
/// <param name="Range">Width of the range of a person's number.</param>
/// <param name="Swamped">How many groups are so small for it that the interval would be as wide as the range; they are not shown.</param>
public sealed record NoiseForecast(decimal Epsilon, string Unit, double HalfWidth, double LargestGroup, int Range, int Swamped)
{
    /// <summary>Whether a figure in the middle says next to nothing: its interval is wider than a quarter of the range.</summary>
    public bool Swamps => HalfWidth * 2 > Range / 4.0;
}

/// <summary>
/// What a charter would publish of a directory, before anything is collected: the same rules that a release runs, over periods in which one person in
/// twelve or so is away. It takes everybody to have the same number, so that nobody makes up most of a figure, and nobody to change teams.
/// </summary>
public static class Forecast
{
    /// <summary>How many in a hundred contribute nothing in an ordinary week: mostly vacation.</summary>
    public const int AwayInHundred = 8;

    private const int Periods = 8;

    /// <summary>Computes it, level by level.</summary>
    /// <param name="charter">The charter.</param>
    /// <param name="org">The directory.</param>
    /// <param name="roles">Roles by person; who is covered may depend on them.</param>
    public static IReadOnlyList<LevelForecast> Of(Charter charter, OrgSnapshot org, Func<string, IReadOnlyCollection<string>> roles)
    {
        var plans = ReleasePlan.Of(charter).Measures;
        if (plans.IsEmpty)
        {
            return [];
        }

        // Everybody is where they are today; how long they have been there is not asked.
        var period = ReleasePeriod.Of(org.Day, 1);
        var people = new List<Counted>();
        foreach (var group in org.Groups(GroupLevel.Team))
        {
            foreach (var p in org.MembersOf(group))
            {
                if (org.At(p) is var person && org.IsCovered(charter.Covers, person, roles(person.Id)))
                {
                    people.Add(new Counted(person.Id, person.Team, person.Site, !org.IsCounted(p, group), Stayed: true));
                }
            }
        }

        var census = new Census(period, [.. org.AllTeams.Select(t => new CountedTeam(t.Id, org.Team(t.Parent) is null ? string.Empty : t.Parent))], people);
        return [.. plans.SelectMany(plan => Of(plan, census))];
    }

    private static IEnumerable<LevelForecast> Of(MeasurePlan plan, Census census)
    {
        var layout = Layout.Of(census, plan);
        var shown = plan.Noise is null ? Exact(plan, layout) : null;
        var noise = plan.Noise is null ? null : NoisePlan.Of(plan, Figures.FiguresOfOne(layout));
        foreach (var level in plan.Levels)
        {
            List<int> groups = [.. Enumerable.Range(0, layout.Cells.Count).Where(c => layout.Cells[c].Level == level.Level)];
            var sizes = groups.Select(c => layout.Rosters[c]).Where(r => r >= level.Fewest).Order().ToList();
            var people = GroupsWithAnybody(census, level.Level);
            yield return new LevelForecast(
                plan.Measure.Name,
                level.Level,
                plan.Weeks,
                level.Fewest,
                people,
                shown is null ? sizes.Count(s => !noise!.IsSwamped(s, PersonFigure.Range(plan.Measure, plan.Weeks))) : groups.Sum(c => (double)shown[c]) / Periods,
                people - sizes.Count,
                noise is null || sizes.Count == 0 ? null : Of(plan, noise, sizes));
        }
    }

    private static NoiseForecast Of(MeasurePlan plan, NoisePlan noise, List<int> sizes)
    {
        var range = PersonFigure.Range(plan.Measure, plan.Weeks);
        return new NoiseForecast(
            plan.Noise!.Value.Epsilon, plan.Measure.Unit, noise.HalfWidth(sizes[sizes.Count / 2]), noise.HalfWidth(sizes[^1]), range.High - range.Low, sizes.Count(s => noise.IsSwamped(s, range)));
    }

    private static int[] Exact(MeasurePlan plan, Layout layout)
    {
        var shown = new int[layout.Cells.Count];
        var values = new int?[layout.Place.Length];
        for (var period = 0; period < Periods; period++)
        {
            for (var p = 0; p < values.Length; p++)
            {
                values[p] = Scatter((ulong)p * Periods + (ulong)period) % 100 < AwayInHundred ? null : plan.Measure.Clamp.High;
            }

            var withheld = new Suppression(layout, plan, values, null).Run();
            for (var c = 0; c < shown.Length; c++)
            {
                shown[c] += withheld[c] == Withheld.No ? 1 : 0;
            }
        }

        return shown;
    }

    private static int GroupsWithAnybody(Census census, GroupLevel level) => census.Groups().Count(g => g.Level == level && g.People > 0);

    // SplitMix64: what looks like chance and is the same on every run, so that a check says the same twice.
    private static ulong Scatter(ulong number)
    {
        var z = (number + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
