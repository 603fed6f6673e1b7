using Daylight.Core.Charters;

namespace Daylight.Core.Releases;

/// <summary>What was counted of one measure in one period: its cells, which of them were published, and where each person counted.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Smallest">The smallest group that anybody was shown.</param>
/// <param name="Levels">Levels of the cells.</param>
/// <param name="Groups">Groups of the cells.</param>
/// <param name="Parent">By cell of the tree, the cell around it, or −1.</param>
/// <param name="TreeCells">How many cells are of the tree; the rest are sites.</param>
/// <param name="Published">Whether a cell was published.</param>
/// <param name="Place">By person, the innermost cell of the tree, or −1.</param>
/// <param name="Site">By person, the cell of the site, or −1.</param>
public sealed record MeasureMemory(
    string Measure, int Smallest, IReadOnlyList<GroupLevel> Levels, IReadOnlyList<string> Groups, IReadOnlyList<int> Parent, int TreeCells, IReadOnlyList<bool> Published, IReadOnlyList<int> Place, IReadOnlyList<int> Site);

/// <summary>What the keyholder remembers of the last period, so that the next one gives nobody away beside it.</summary>
/// <param name="Period">The period.</param>
/// <param name="People">Keyed references of everybody who was counted, in the order of the numbers in <see cref="MeasureMemory.Place"/>.</param>
/// <param name="Measures">By measure.</param>
public sealed record ReleaseMemory(string Period, IReadOnlyList<string> People, IReadOnlyList<MeasureMemory> Measures)
{
    /// <summary>There was a period before, and what was counted in it is not known any more: nothing exact is published beside it.</summary>
    public static ReleaseMemory Lost { get; } = new(string.Empty, [], []);
}

/// <summary>How the people of this period and of the one before are the same: by number.</summary>
/// <param name="Memory">The period before.</param>
/// <param name="NumberNow">By person of before, the number now, or −1.</param>
public sealed record Since(ReleaseMemory Memory, IReadOnlyList<int> NumberNow)
{
    /// <summary>Finds everybody again.</summary>
    /// <param name="memory">The period before.</param>
    /// <param name="people">References of now, in the census' order.</param>
    public static Since Of(ReleaseMemory memory, IReadOnlyList<string> people)
    {
        var now = people.Select((p, i) => (p, i)).ToDictionary(p => p.p, p => p.i, StringComparer.Ordinal);
        return new Since(memory, [.. memory.People.Select(p => now.GetValueOrDefault(p, Census.None))]);
    }

    /// <summary>What was counted of a measure; null when that is not known, or it had another name, or none.</summary>
    public MeasureMemory? Of(string measure) => Memory.Measures.FirstOrDefault(m => m.Measure == measure);
}
