using System.Collections.Immutable;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

/// <summary>Computes the measures of a charter for one local day, from what the charter collects and nothing else: a condition on a title would tell the title.</summary>
internal sealed class DayMeasures(Charter charter, CharterCalendar calendar, IReadOnlyDictionary<string, StreamPlan> plans, WithheldTime withheld)
{
    /// <summary>An event as a measure sees it, or what is left of it.</summary>
    /// <param name="Start">UTC ticks.</param>
    /// <param name="End">UTC ticks.</param>
    /// <param name="Values">Its fields.</param>
    /// <param name="Begins">Whether this is where the event began, so that it counts here.</param>
    private sealed record Seen(long Start, long End, string?[] Values, bool Begins = true);

    public bool Saw(DateOnly day, IReadOnlyCollection<RawEvent> events)
    {
        var date = calendar.On(day);
        return events.Any(e => plans.TryGetValue(e.Stream, out var plan)
            && Spans.Without(date.Of(plan), withheld.Of(plan)).Any(o => e.Start.UtcTicks < o.To && (e.End.UtcTicks > o.From || (e.Start == e.End && e.Start.UtcTicks >= o.From))));
    }

    public SortedDictionary<string, int> Of(DateOnly day, IReadOnlyCollection<RawEvent> events)
    {
        var seen = plans.ToDictionary(p => p.Key, p => See(p.Value, events.Where(e => e.Stream == p.Key)), StringComparer.Ordinal);
        var values = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var measure in charter.Measures)
        {
            var open = Open(measure, day, seen);
            var plan = plans[measure.From];
            var matching = seen[measure.From].Where(e => measure.Where.All(f => Fits(plan, e, f))).ToList();
            if (Value(measure, plan, matching, open) is { } value)
            {
                // A week's clamp bounds a day too; its floor is the week's alone.
                values[measure.Name] = measure.Per == MeasurePeriod.Day ? measure.Clamp.Of(value) : new Clamp(0, measure.Clamp.High).Of(value);
            }
        }

        return values;
    }

    private List<Seen> See(StreamPlan plan, IEnumerable<RawEvent> events)
    {
        var seen = new List<Seen>();
        foreach (var e in events)
        {
            if (plan.Read(e.Data.Span, withPictures: false))
            {
                var whole = new Seen(e.Start.UtcTicks, e.End.UtcTicks, plan.Values.ToArray());
                var gone = withheld.HasItems(plan.Name) ? withheld.Of(plan.Name, plan.Data(withCounts: false, countEvents: false)) : withheld.Of(plan);
                seen.AddRange(Left(whole, gone));
            }
        }

        return seen;
    }

    private static IEnumerable<Seen> Left(Seen whole, IReadOnlyList<Span> gone) => gone.Count == 0 || !gone.Any(g => g.From <= whole.End && g.To > whole.Start)
        ? [whole]
        : whole.Start == whole.End ? (Spans.Has(gone, whole.Start) ? [] : [whole])
        : Spans.Without([new Span(whole.Start, whole.End)], gone).Select(s => new Seen(s.From, s.To, whole.Values, s.From == whole.Start));

    /// <summary>When the measure looks: the charter's hours, the measure's part of the day, and the time in which the other streams have the value it asks for.</summary>
    private List<Span> Open(Measure measure, DateOnly day, Dictionary<string, List<Seen>> seen)
    {
        List<Span> open = [.. calendar.On(day).Of(plans[measure.From])];
        if (measure.Between is { } part)
        {
            open = Spans.Intersect(open, [calendar.Part(day, part)]);
        }

        foreach (var (other, value) in measure.While)
        {
            open = Spans.Intersect(open, Spans.Union(seen[other].Where(e => e.Values.Contains(value)).Select(e => new Span(e.Start, e.End))));
        }

        return open;
    }

    private static double? Value(Measure measure, StreamPlan plan, List<Seen> matching, List<Span> open)
    {
        List<Span> Time(IEnumerable<Seen> events, long bridge = 0) => Spans.Union(Spans.Intersect(Spans.Union(events.Select(e => new Span(e.Start, e.End))), open), bridge);
        var begun = matching.Where(e => e.Begins && Spans.Has(open, e.Start)).ToList();
        switch (measure.Operation)
        {
            case MeasureOperation.Sum { Field: "duration" }:
                return In(measure.Unit, Spans.Length(Time(matching)));
            case MeasureOperation.Sum sum:
                return (double)Numbers(plan, begun, sum.Field).Sum();
            case MeasureOperation.Count:
                return begun.Count;
            case MeasureOperation.Distinct distinct:
                return matching.Where(e => Spans.Has(open, e.Start) || Spans.Intersect([new Span(e.Start, e.End)], open).Count > 0)
                    .Select(e => e.Values[plan.IndexOf(distinct.Field)]).OfType<string>().Distinct(StringComparer.Ordinal).Count();
            case MeasureOperation.Mean mean:
                return Numbers(plan, begun, mean.Field) is { Count: > 0 } numbers ? (double)(numbers.Sum() / numbers.Count) : null;
            case MeasureOperation.Share { OfTime: true } share:
                return Spans.Length(Time(matching)) is > 0 and var whole ? 100.0 * Spans.Length(Time(matching.Where(e => share.Of.All(f => Fits(plan, e, f))))) / whole : null;
            case MeasureOperation.Share share:
                return begun.Count > 0 ? 100.0 * begun.Count(e => share.Of.All(f => Fits(plan, e, f))) / begun.Count : null;
            case MeasureOperation.LongestRun run:
                return In(measure.Unit, Time(matching, run.Gap.Ticks).Select(s => s.To - s.From).DefaultIfEmpty().Max());
            default:
                throw new InvalidOperationException("MeasureOperation is closed.");
        }
    }

    private static List<decimal> Numbers(StreamPlan plan, IEnumerable<Seen> events, string field) =>
        [.. events.Select(e => e.Values[plan.IndexOf(field)]).OfType<string>().Select(FieldTransforms.Number).OfType<decimal>()];

    private static double In(string unit, long ticks) => unit switch
    {
        "s" => TimeSpan.FromTicks(ticks).TotalSeconds,
        "h" => TimeSpan.FromTicks(ticks).TotalHours,
        _ => TimeSpan.FromTicks(ticks).TotalMinutes,
    };

    private static bool Fits(StreamPlan plan, Seen happened, FieldFilter filter)
    {
        var value = happened.Values[plan.IndexOf(filter.Field)];
        return value is not null
            && (filter.Values.Contains(value) || (filter.Ranges.Length > 0 && FieldTransforms.Number(value) is { } number && filter.Ranges.Any(r => number >= r.Low && number <= r.High)));
    }
}
