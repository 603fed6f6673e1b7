using Daylight.Core.Charters;

namespace Daylight.Core.Releases;

/// <summary>Why a cell is not shown.</summary>
public enum Withheld
{
    /// <summary>It is shown.</summary>
    No = 0,

    /// <summary>Fewer people than the minimum, by the directory or by who contributed.</summary>
    TooFew = 1,

    /// <summary>One person would make up more than half of it.</summary>
    Dominated = 2,

    /// <summary>Fewer people than the minimum came or went since the period before: the difference of the two would be theirs.</summary>
    Changed = 3,

    /// <summary>With the other figures it would give a smaller group away, by subtraction.</summary>
    Subtraction = 4,

    /// <summary>The noise of this year is used up, or would be as wide as the range.</summary>
    Budget = 5,
}

/// <summary>
/// Decides which exact cells of a measure are published. First each cell for itself: enough people, nobody who makes up most of it, and a roster that is the
/// one of the period before or differs by enough. Then all of them together: as long as some combination of what is left could isolate fewer than the minimum
/// (<see cref="SmallCut"/>), the smallest cell is withheld that stands in its way.
/// </summary>
/// <remarks>
/// The families of groups that are held against one another, two at a time: the team tree and the sites, by who contributed now; and by the directory each of
/// this period's two with each of the period before. Nothing is published that those can isolate below the minimum. Combinations of three or four families
/// at once, over two periods, are not decided; they take the habits of everybody to be the same in both.
/// </remarks>
internal sealed class Suppression
{
    /// <summary>The largest part of a sum that one person may be.</summary>
    private const double LargestPart = 0.5;

    private readonly Layout layout;
    private readonly MeasurePlan plan;
    private readonly Withheld[] withheld;
    private readonly int[] anchor; // by cell: the innermost published cell around it, itself included; none for the ground
    private readonly List<int>[] within; // by cell of the tree: the cells right within it
    private readonly Part[] own; // by cell: what those add who count in it and in no cell within it
    private readonly Part[] all;
    private readonly Dictionary<(int Place, int Site), (int People, int Hiding)> contributed = [];
    private readonly Comparison? since;
    private readonly bool isLost;

    public Suppression(Layout layout, MeasurePlan plan, IReadOnlyList<int?> values, Since? since)
    {
        (this.layout, this.plan) = (layout, plan);
        var cells = layout.Cells.Count;
        (withheld, anchor, own, all) = (new Withheld[cells], new int[cells], new Part[cells], new Part[cells]);
        within = new List<int>[cells];
        for (var c = 0; c < cells; c++)
        {
            within[c] = [];
        }

        for (var c = 0; c < layout.TreeCells; c++)
        {
            if (layout.Parent[c] >= 0)
            {
                within[layout.Parent[c]].Add(c);
            }
        }

        // A floor makes something of empty days: who has no more than all of them together has nothing.
        var nothing = plan.Measure.Clamp.Low * PersonFigure.DaysInRange(plan.Measure) * plan.Weeks;
        for (var p = 0; p < values.Count; p++)
        {
            var (place, site) = (layout.Place[p], layout.Site[p]);
            if (values[p] is { } value && (place >= 0 || site >= 0))
            {
                var hides = !plan.IsSelective || value > nothing;
                Count(place, value, hides);
                Count(site, value, hides);
                var (people, hiding) = contributed.GetValueOrDefault((place, site));
                contributed[(place, site)] = (people + 1, hiding + (hides ? 1 : 0));
            }
        }

        own.CopyTo(all, 0);
        for (var c = 0; c < layout.TreeCells; c++)
        {
            if (layout.Parent[c] >= 0)
            {
                all[layout.Parent[c]].Add(all[c]);
            }
        }

        isLost = since is not null && since.Of(plan.Measure.Name) is null;
        this.since = since?.Of(plan.Measure.Name) is { } before ? new Comparison(layout, before, since.NumberNow) : null;
    }

    /// <summary>By cell: how many people contributed, and their sum.</summary>
    public (int People, long Sum) Of(int cell) => (all[cell].People, all[cell].Sum);

    /// <summary>Decides.</summary>
    public Withheld[] Run()
    {
        for (var c = 0; c < withheld.Length; c++)
        {
            withheld[c] = Alone(c);
        }

        Anchor();
        do
        {
            while (MendParts())
            {
                Anchor();
            }
        }
        while (MendCuts());
        return withheld;
    }

    private void Count(int cell, int value, bool hides)
    {
        if (cell >= 0)
        {
            own[cell].Add(new Part(1, hides ? 1 : 0, value, value));
        }
    }

    private Withheld Alone(int cell)
    {
        var fewest = plan.At(layout.Cells[cell].Level)!.Value.Fewest;
        return layout.Rosters[cell] < fewest || all[cell].Hiding < fewest ? Withheld.TooFew
            : all[cell].IsDominated ? Withheld.Dominated
            : isLost ? Withheld.Changed
            : since?.ChangeOf(cell) is > 0 and var changed && changed < fewest ? Withheld.Changed
            : Withheld.No;
    }

    private void Anchor()
    {
        for (var c = anchor.Length - 1; c >= 0; c--)
        {
            anchor[c] = withheld[c] == Withheld.No ? c : layout.Parent[c] >= 0 ? anchor[layout.Parent[c]] : Census.None;
        }
    }

    /// <summary>What a published cell holds beside the published cells within it: the least that subtraction along the tree leaves.</summary>
    private bool MendParts()
    {
        var rest = new Part[own.Length];
        for (var c = 0; c < own.Length; c++)
        {
            if (anchor[c] >= 0)
            {
                rest[anchor[c]].Add(own[c]);
            }
        }

        var (mended, touched) = (false, new bool[own.Length]);
        for (var c = 0; c < layout.TreeCells; c++)
        {
            if (withheld[c] == Withheld.No && rest[c].People > 0 && (rest[c].Hiding < plan.Smallest || rest[c].IsDominated) && !touched[c])
            {
                var chosen = Within(c).Append(c).MinBy(x => all[x].People);
                withheld[chosen] = Withheld.Subtraction;
                mended = touched[c] = touched[chosen] = true;
                if (chosen == c && layout.Parent[c] >= 0 && anchor[layout.Parent[c]] is >= 0 and var around)
                {
                    touched[around] = true; // it has taken this rest in, and is looked at anew
                }
            }
        }

        return mended;
    }

    /// <summary>The published cells within a cell, without those that are within one of them.</summary>
    private IEnumerable<int> Within(int cell) => within[cell].SelectMany(c => withheld[c] == Withheld.No ? [c] : Within(c));

    private bool MendCuts()
    {
        foreach (var (edges, vertices, smallest) in Graphs())
        {
            if (SmallCut.Find(vertices, edges, smallest) is { } side)
            {
                Mend(side);
                Anchor();
                return true;
            }
        }

        return false;
    }

    private IEnumerable<(List<Between> Edges, int Vertices, int Smallest)> Graphs()
    {
        var ground = layout.Cells.Count;
        int At(int cell) => cell >= 0 && anchor[cell] >= 0 ? anchor[cell] : ground;
        if (layout.TreeCells < ground)
        {
            yield return ([.. contributed.Select(c => new Between(At(c.Key.Place), At(c.Key.Site), c.Value.Hiding))], ground + 1, plan.Smallest);
        }

        foreach (var pairs in since?.Pairs ?? [])
        {
            yield return ([.. pairs.Select(p => new Between(At(p.Now), p.Before >= 0 ? ground + 1 + p.Before : ground, p.People))], ground + 1 + since!.Cells, Math.Min(plan.Smallest, since.Smallest));
        }
    }

    /// <summary>Withholds the smallest cell that holds the two sides of a cut apart: without it, its people are with those around it, on the other side.</summary>
    private void Mend(bool[] side)
    {
        var (chosen, ground) = (Census.None, layout.Cells.Count);
        for (var c = 0; c < withheld.Length; c++)
        {
            if (withheld[c] != Withheld.No)
            {
                continue;
            }

            var around = layout.Parent[c] >= 0 && anchor[layout.Parent[c]] is >= 0 and var a ? a : ground;
            if (side[c] != side[around] && (chosen < 0 || all[c].People < all[chosen].People))
            {
                chosen = c;
            }
        }

        if (chosen >= 0)
        {
            withheld[chosen] = Withheld.Subtraction;
            return;
        }

        // What was published before had no small cut by itself, so there is always one to withhold; if not, nothing is published.
        for (var c = 0; c < withheld.Length; c++)
        {
            withheld[c] = withheld[c] == Withheld.No ? Withheld.Subtraction : withheld[c];
        }
    }

    private record struct Part(int People, int Hiding, long Sum, int Largest)
    {
        public readonly bool IsDominated => Sum > 0 && Largest > LargestPart * Sum;

        public void Add(Part other) => (People, Hiding, Sum, Largest) = (People + other.People, Hiding + other.Hiding, Sum + other.Sum, Math.Max(Largest, other.Largest));
    }

    /// <summary>This period's rosters beside those of the period before.</summary>
    private sealed class Comparison
    {
        private readonly int[] changed;

        public Comparison(Layout layout, MeasureMemory before, IReadOnlyList<int> numberNow)
        {
            var anchors = new int[before.Published.Count];
            for (var c = anchors.Length - 1; c >= 0; c--)
            {
                anchors[c] = before.Published[c] ? c : c < before.TreeCells && before.Parent[c] >= 0 ? anchors[before.Parent[c]] : Census.None;
            }

            (Cells, Smallest) = (anchors.Length, before.Smallest);
            var (places, stayed) = (new Dictionary<(int Now, int NowSite, int Before, int BeforeSite), int>(), new bool[layout.Place.Length]);
            void Note(int now, int nowSite, int then, int thenSite) => places[(now, nowSite, then, thenSite)] = places.GetValueOrDefault((now, nowSite, then, thenSite)) + 1;
            for (var b = 0; b < numberNow.Count; b++)
            {
                var p = numberNow[b];
                Note(p < 0 ? Census.None : layout.Place[p], p < 0 ? Census.None : layout.Site[p], before.Place[b], before.Site[b]);
                if (p >= 0)
                {
                    stayed[p] = true;
                }
            }

            for (var p = 0; p < stayed.Length; p++)
            {
                if (!stayed[p])
                {
                    Note(layout.Place[p], layout.Site[p], Census.None, Census.None);
                }
            }

            changed = Changes(layout, before, places);
            int Published(int cell) => cell >= 0 ? anchors[cell] : Census.None;
            var tree = Sum(places.Select(p => (p.Key.Now, Published(p.Key.Before), p.Value)));
            Pairs = layout.TreeCells == layout.Cells.Count && before.TreeCells == before.Published.Count
                ? [tree]
                : [tree, Sum(places.Select(p => (p.Key.NowSite, Published(p.Key.BeforeSite), p.Value))), Sum(places.Select(p => (p.Key.Now, Published(p.Key.BeforeSite), p.Value))), Sum(places.Select(p => (p.Key.NowSite, Published(p.Key.Before), p.Value)))];
        }

        /// <summary>How many cells there were.</summary>
        public int Cells { get; }

        /// <summary>The smallest group that anybody was shown.</summary>
        public int Smallest { get; }

        /// <summary>For two families at a time: the innermost cell now, the innermost published one of before, and how many people are in both.</summary>
        public IReadOnlyList<IReadOnlyList<(int Now, int Before, int People)>> Pairs { get; }

        /// <summary>How many people came into a cell, and went.</summary>
        public int ChangeOf(int cell) => changed[cell];

        private static List<(int Now, int Before, int People)> Sum(IEnumerable<(int Now, int Before, int People)> pairs) =>
            [.. pairs.GroupBy(p => (p.Now, p.Before)).Select(g => (g.Key.Now, g.Key.Before, g.Sum(p => p.People)))];

        private static int[] Changes(Layout layout, MeasureMemory before, Dictionary<(int Now, int NowSite, int Before, int BeforeSite), int> places)
        {
            var same = layout.Cells.Select((k, i) => (k, i)).ToDictionary(c => c.k, c => c.i);
            int[] now = [.. Enumerable.Range(0, before.Groups.Count).Select(c => same.GetValueOrDefault(new CellKey(before.Levels[c], before.Groups[c]), Census.None))];
            var (changed, one, other) = (new int[layout.Cells.Count], new HashSet<int>(), new HashSet<int>());
            foreach (var ((place, site, then, thenSite), people) in places)
            {
                one.Clear();
                other.Clear();
                for (var c = place; c >= 0; c = layout.Parent[c])
                {
                    one.Add(c);
                }

                for (var c = then; c >= 0; c = before.Parent[c])
                {
                    other.Add(now[c]);
                }

                one.Add(site);
                other.Add(thenSite >= 0 ? now[thenSite] : Census.None);
                one.SymmetricExceptWith(other);
                foreach (var c in one)
                {
                    if (c >= 0)
                    {
                        changed[c] += people;
                    }
                }
            }

            return changed;
        }
    }
}
