using Daylight.Core.Charters;
using Daylight.Core.Releases;

namespace Daylight.Tests.Releases;

/// <summary>A published cell as an attacker has it at best: they know the figure, and exactly who contributed to it.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Figure">Its figure.</param>
/// <param name="People">Who contributed.</param>
/// <param name="Roster">Who counts in it by the directory.</param>
internal sealed record Seen(Cell Cell, CellValue.Shown Figure, HashSet<string> People, HashSet<string> Roster)
{
    /// <summary>Between which sums the figure lies.</summary>
    public (double Low, double High) Sum(int step) => ((Figure.Mean - step / 2.0) * People.Count, (Figure.Mean + step / 2.0) * People.Count);
}

/// <summary>One released period.</summary>
internal sealed record Week(Census Census, int?[] Values, MeasureFigures Figures, IReadOnlyList<Seen> Shown)
{
    public int? Of(string person) => Census.Ids.Index().Where(p => p.Item == person).Select(p => Values[p.Index]).FirstOrDefault();
}

/// <summary>The weeks of a company, released one after another as the keyholder does.</summary>
internal static class Story
{
    public static List<Week> Of(Workforce work, MeasurePlan plan, int weeks, double movers = 0, int away = 0, int varies = 300, Action<Workforce, int>? happens = null)
    {
        var (story, memory) = (new List<Week>(), (ReleaseMemory?)null);
        for (var w = 0; w < weeks; w++)
        {
            work.Live(movers);
            happens?.Invoke(work, w);
            var census = work.Census();
            var week = Release(plan, census, work.Values(census, away, varies), memory);
            memory = new ReleaseMemory(census.Period.ToString(), census.Ids, [week.Figures.Memory]);
            story.Add(week);
        }

        return story;
    }

    public static Week Release(MeasurePlan plan, Census census, int?[] values, ReleaseMemory? memory = null)
    {
        var figures = Figures.Of(plan, census, values, census.Ids, memory, Workforce.NoNoise, long.MaxValue);
        var (layout, shown) = (Layout.Of(census, plan), new List<Seen>());
        for (var c = 0; c < layout.Cells.Count; c++)
        {
            if (figures.Cells[c].Value is CellValue.Shown figure)
            {
                var roster = Enumerable.Range(0, census.Ids.Count).Where(p => Chain(layout, p).Contains(c)).ToList();
                shown.Add(new Seen(figures.Cells[c], figure, [.. roster.Where(p => values[p] is not null && census.Stayed[p]).Select(p => census.Ids[p])], [.. roster.Select(p => census.Ids[p])]));
            }
        }

        return new Week(census, values, figures, shown);
    }

    private static IEnumerable<int> Chain(Layout layout, int person)
    {
        for (var c = layout.Place[person]; c >= 0; c = layout.Parent[c])
        {
            yield return c;
        }

        yield return layout.Site[person];
    }
}
