using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Core.Releases.Noise;

namespace Daylight.Core.Releases;

/// <summary>A published figure, or why there is none. What leaves the keyholder, and all that ever will.</summary>
public abstract record CellValue
{
    private CellValue()
    {
    }

    /// <summary>A figure.</summary>
    /// <param name="Mean">Mean of the people's numbers, in units of the measure, rounded as declared.</param>
    /// <param name="Low">What it is at least: by its rounding, or with noise by the 95 % interval.</param>
    /// <param name="High">What it is at the most, likewise.</param>
    /// <param name="People">How many contributed; with noise, how many the directory has, because who was away is nobody's business.</param>
    public sealed record Shown(int Mean, int Low, int High, int People) : CellValue;

    /// <summary>No figure.</summary>
    /// <param name="Why">Why.</param>
    /// <param name="Reason">The same in words.</param>
    public sealed record Hidden(Withheld Why, string Reason) : CellValue;
}

/// <summary>A cell of a release.</summary>
/// <param name="Level">Level of the group.</param>
/// <param name="Group">The group.</param>
/// <param name="Measure">The measure.</param>
/// <param name="Value">The figure, or why there is none.</param>
public sealed record Cell(GroupLevel Level, string Group, string Measure, CellValue Value);

/// <summary>What one period gave for one measure.</summary>
/// <param name="Cells">Every cell, shown or not.</param>
/// <param name="Memory">What to remember of it.</param>
/// <param name="Cost">What its noise cost each person at the most, in <see cref="Zcdp.Units"/>; 0 without noise.</param>
public sealed record MeasureFigures(IReadOnlyList<Cell> Cells, MeasureMemory Memory, long Cost);

/// <summary>
/// Computes the cells of a period, each once: from numbers that are bounded (<see cref="PersonFigure"/>), for groups by the directory (<see cref="Census"/>), and so
/// that nothing that is published isolates fewer people than the minimum (see <c>docs/releases.md</c>). Pure; whoever calls it keeps the memory, the budget and the seals.
/// </summary>
public static class Figures
{
    /// <summary>Computes.</summary>
    /// <param name="plan">What the charter publishes of the measure.</param>
    /// <param name="census">Who counts where.</param>
    /// <param name="values">By person of the census: their number, or null for who contributed none.</param>
    /// <param name="references">By person: what names them in the memory.</param>
    /// <param name="before">What was remembered of the period before, or null.</param>
    /// <param name="noise">Draws noise.</param>
    /// <param name="budget">How much a person may still lose this year, in <see cref="Zcdp.Units"/>.</param>
    public static MeasureFigures Of(
        MeasurePlan plan, Census census, IReadOnlyList<int?> values, IReadOnlyList<string> references, ReleaseMemory? before, NoiseSampler noise, long budget) =>
        Of(plan, census, values, before is null ? null : Since.Of(before, references), noise, budget);

    /// <summary>The same, with people found again once for many measures.</summary>
    public static MeasureFigures Of(MeasurePlan plan, Census census, IReadOnlyList<int?> values, Since? since, NoiseSampler noise, long budget)
    {
        var layout = Layout.Of(census, plan);
        values = [.. values.Select((v, p) => census.Stayed[p] ? v : null)];
        var (cells, cost) = plan.Noise is null ? (Exact(plan, layout, values, since), 0) : Noised(plan, layout, values, noise, budget);
        return new MeasureFigures([.. layout.Cells.Select((k, i) => new Cell(k.Level, k.Group, plan.Measure.Name, cells[i]))], Remember(plan, layout, cells), cost);
    }

    /// <summary>Why a cell is not shown, in words.</summary>
    public static string Words(Withheld why, int fewest) => why switch
    {
        Withheld.TooFew => string.Create(CultureInfo.InvariantCulture, $"fewer than {fewest} people contributed"),
        Withheld.Dominated => "one person would make up more than half of it",
        Withheld.Changed => string.Create(CultureInfo.InvariantCulture, $"fewer than {fewest} people joined or left: the change would be theirs"),
        Withheld.Subtraction => "with other figures it would give away a smaller group",
        Withheld.Budget => "the noise that hides people would swamp it, or this year's is used up",
        Withheld.No or _ => string.Empty,
    };

    private static CellValue[] Exact(MeasurePlan plan, Layout layout, IReadOnlyList<int?> values, Since? since)
    {
        var suppression = new Suppression(layout, plan, values, since);
        var withheld = suppression.Run();
        var range = PersonFigure.Range(plan.Measure, plan.Weeks);
        var cells = new CellValue[withheld.Length];
        for (var c = 0; c < cells.Length; c++)
        {
            var level = plan.At(layout.Cells[c].Level)!.Value;
            var (people, sum) = suppression.Of(c);
            cells[c] = withheld[c] == Withheld.No ? Rounded((double)sum / people, level.Step, level.Step / 2.0, people, range) : Hidden(withheld[c], level);
        }

        return cells;
    }

    /// <summary>By the directory alone: a value, and who was away, decides nothing about what is shown.</summary>
    private static (CellValue[] Cells, long Cost) Noised(MeasurePlan plan, Layout layout, IReadOnlyList<int?> values, NoiseSampler sampler, long budget)
    {
        var noise = NoisePlan.Of(plan, FiguresOfOne(layout));
        var range = PersonFigure.Range(plan.Measure, plan.Weeks);
        var (people, sums) = Totals(layout, values, noise.Middle);
        var (cells, drawn) = (new CellValue[layout.Cells.Count], false);
        for (var c = 0; c < cells.Length; c++)
        {
            var (level, roster) = (plan.At(layout.Cells[c].Level)!.Value, layout.Rosters[c]);
            if (roster < level.Fewest || noise.Cost > budget || noise.IsSwamped(roster, range))
            {
                cells[c] = Hidden(roster < level.Fewest ? Withheld.TooFew : Withheld.Budget, level);
                continue;
            }

            drawn = true;
            var count = Math.Max(1, people[c] + noise.Draw(sampler, noise.Count));
            var mean = Math.Clamp(noise.Middle + ((double)(sums[c] + noise.Draw(sampler, noise.Sum)) / count), range.Low, range.High);
            cells[c] = Rounded(mean, level.Step, noise.HalfWidth(count, mean) + (level.Step / 2.0), roster, range);
        }

        return (cells, drawn ? noise.Cost : 0);
    }

    private static (int[] People, long[] Sums) Totals(Layout layout, IReadOnlyList<int?> values, int middle)
    {
        var (people, sums) = (new int[layout.Cells.Count], new long[layout.Cells.Count]);
        void Add(int cell, int count, long sum)
        {
            if (cell >= 0)
            {
                people[cell] += count;
                sums[cell] += sum;
            }
        }

        for (var p = 0; p < values.Count; p++)
        {
            if (values[p] is { } value)
            {
                Add(layout.Place[p], 1, value - middle);
                Add(layout.Site[p], 1, value - middle);
            }
        }

        for (var c = 0; c < layout.TreeCells; c++)
        {
            Add(layout.Parent[c], people[c], sums[c]);
        }

        return (people, sums);
    }

    /// <summary>How many figures count one person, at the most.</summary>
    internal static int FiguresOfOne(Layout layout)
    {
        var chain = new int[layout.Cells.Count];
        for (var c = layout.TreeCells - 1; c >= 0; c--)
        {
            chain[c] = 1 + (layout.Parent[c] >= 0 ? chain[layout.Parent[c]] : 0);
        }

        return Enumerable.Range(0, layout.Place.Length).Select(p => (layout.Place[p] >= 0 ? chain[layout.Place[p]] : 0) + (layout.Site[p] >= 0 ? 1 : 0)).DefaultIfEmpty(1).Max();
    }

    private static CellValue.Shown Rounded(double mean, int step, double off, int people, (int Low, int High) range)
    {
        var rounded = (int)Math.Round(mean / step, MidpointRounding.AwayFromZero) * step;
        return step == 1 && off < 1
            ? new CellValue.Shown(rounded, rounded, rounded, people)
            : new CellValue.Shown(rounded, Math.Max(Math.Min(range.Low, rounded), (int)Math.Floor(rounded - off)), Math.Min(Math.Max(range.High, rounded), (int)Math.Ceiling(rounded + off)), people);
    }

    private static CellValue.Hidden Hidden(Withheld why, LevelPlan level) => new(why, Words(why, level.Fewest));

    private static MeasureMemory Remember(MeasurePlan plan, Layout layout, CellValue[] cells) => new(
        plan.Measure.Name,
        plan.Smallest,
        [.. layout.Cells.Select(c => c.Level)],
        [.. layout.Cells.Select(c => c.Group)],
        layout.Parent,
        layout.TreeCells,
        [.. cells.Select(c => c is CellValue.Shown)],
        layout.Place,
        layout.Site);
}
