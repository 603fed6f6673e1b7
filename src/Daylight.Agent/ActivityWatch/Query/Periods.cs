namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>Arithmetic of periods, as ActivityWatch has it: what touches is not apart, and what has no length lies within what contains it.</summary>
internal static class Periods
{
    private const long Pulse = 5_000_000;
    private const long Trim = 100_000;

    /// <summary>Parts of events during which another event lasted.</summary>
    public static List<QueryEvent> Intersect(List<QueryEvent> events, List<QueryEvent> filters)
    {
        var (one, other) = (Sorted(events), Sorted(filters));
        var parts = new List<QueryEvent>();
        for (var (i, j) = (0, 0); i < one.Count && j < other.Count;)
        {
            if (Intersection(one[i], other[j]) is { } part)
            {
                parts.Add(one[i].At(part.From, part.To - part.From));
                if (one[i].End <= other[j].End)
                {
                    i++;
                }
                else
                {
                    j++;
                }
            }
            else if (one[i].End <= other[j].Start)
            {
                i++;
            }
            else if (other[j].End <= one[i].Start)
            {
                j++;
            }
            else
            {
                (i, j) = (i + 1, j + 1);
            }
        }

        return parts;
    }

    /// <summary>The periods that any event covers, without data.</summary>
    public static List<QueryEvent> Union(List<QueryEvent> events)
    {
        var union = new List<(long From, long To)>();
        foreach (var e in Sorted(events))
        {
            if (union.Count > 0 && e.Start <= union[^1].To)
            {
                union[^1] = (union[^1].From, Math.Max(union[^1].To, e.End));
            }
            else
            {
                union.Add((e.Start, e.End));
            }
        }

        return union.ConvertAll(u => new QueryEvent(null, u.From, u.To - u.From, EventData.Empty));
    }

    /// <summary>The first list, and of the second what lies beside it.</summary>
    public static List<QueryEvent> UnionNoOverlap(List<QueryEvent> first, List<QueryEvent> second)
    {
        var rest = new LinkedList<QueryEvent>(second);
        var union = new List<QueryEvent>();
        var i = 0;
        while (i < first.Count && rest.First is { Value: var other } node)
        {
            var one = first[i];
            if (one.Start <= other.Start)
            {
                union.Add(one);
                i++;
                if (Overlap(one, other))
                {
                    // What goes on after it is all that is left.
                    rest.RemoveFirst();
                    if (one.End < other.End)
                    {
                        var from = Math.Max(one.End, other.Start);
                        rest.AddFirst(other.At(from, other.End - from));
                    }
                }
            }
            else
            {
                rest.Remove(node);
                if (one.Start < other.End)
                {
                    union.Add(other.At(other.Start, one.Start - other.Start));
                    rest.AddFirst(other.At(one.Start, other.End - one.Start));
                }
                else
                {
                    union.Add(other);
                }
            }
        }

        return [.. union, .. first.Skip(i), .. rest];
    }

    /// <summary>Fills gaps of up to five seconds from the longer neighbor, and joins neighbors that read the same.</summary>
    public static List<QueryEvent> Flood(List<QueryEvent> events, Func<EventData, EventData, bool> same)
    {
        var flooded = Sorted(events);
        for (var i = 0; i + 1 < flooded.Count; i++)
        {
            var (one, two) = (flooded[i], flooded[i + 1]);
            var gap = two.Start - one.End;
            if (gap == 0)
            {
                continue;
            }

            if (gap < 0 && same(one.Data, two.Data))
            {
                var end = Math.Max(one.End, two.End);
                (flooded[i], flooded[i + 1]) = (one.At(one.Start, end - one.Start), two.At(end, 0));
            }
            else if (gap is > -Trim and <= Pulse)
            {
                (flooded[i], flooded[i + 1]) = Fill(one, two, same);
            }
        }

        return flooded.FindAll(e => e.Duration > 0);
    }

    private static (QueryEvent One, QueryEvent Two) Fill(QueryEvent one, QueryEvent two, Func<EventData, EventData, bool> same) => (one.Duration >= two.Duration, same(one.Data, two.Data)) switch
    {
        (true, true) => (one.At(one.Start, two.End - one.Start), two.At(two.End, 0)),
        (true, false) => (one.At(one.Start, two.Start - one.Start), two),
        (false, true) => (one.At(one.Start, 0), two.At(one.Start, two.End - one.Start)),
        (false, false) => (one, two.At(one.End, two.End - one.End)),
    };

    // A bucket's events come newest first, and what was sorted once mostly still is.
    private static List<QueryEvent> Sorted(List<QueryEvent> events)
    {
        var (rises, falls) = (true, true);
        for (var i = 1; i < events.Count && (rises || falls); i++)
        {
            rises &= events[i - 1].Start <= events[i].Start;
            falls &= events[i - 1].Start > events[i].Start;
        }

        if (!rises && !falls)
        {
            return [.. events.OrderBy(e => e.Start)];
        }

        var sorted = new List<QueryEvent>(events);
        if (!rises)
        {
            sorted.Reverse();
        }

        return sorted;
    }

    private static (long From, long To)? Intersection(QueryEvent one, QueryEvent other) =>
        one.Start <= other.Start && other.End <= one.End ? (other.Start, other.End)
        : one.Start <= other.Start && other.Start < one.End ? (other.Start, one.End)
        : one.Start < other.End && other.End <= one.End ? (one.Start, other.End)
        : other.Start <= one.Start && one.End <= other.End ? (one.Start, one.End)
        : null;

    private static bool Overlap(QueryEvent one, QueryEvent other) =>
        (one.Start <= other.Start && other.Start < one.End) || (one.Start < other.End && other.End <= one.End) || (other.Start <= one.Start && one.End <= other.End);
}
