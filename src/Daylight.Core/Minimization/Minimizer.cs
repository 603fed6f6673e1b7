using System.Collections.Immutable;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

/// <summary>Something a watcher saw, on the employee's own machine.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Start">When it began.</param>
/// <param name="Duration">How long it lasted.</param>
/// <param name="Data">Its fields, as text.</param>
public sealed record RawEvent(string Stream, DateTimeOffset Start, TimeSpan Duration, IReadOnlyDictionary<string, string> Data)
{
    /// <summary>When it ended.</summary>
    public DateTimeOffset End => Start + Duration;
}

/// <summary>What remains of an event: what may leave the machine.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Day">Local day.</param>
/// <param name="Start">Start of the time step it fell into.</param>
/// <param name="Duration">Time within that step, whole seconds.</param>
/// <param name="Data">The fields that the charter names, transformed.</param>
public sealed record MinimizedRecord(string Stream, DateOnly Day, DateTimeOffset Start, TimeSpan Duration, ImmutableSortedDictionary<string, string> Data);

/// <summary>A person's time zone with the arithmetic that charters need.</summary>
public sealed class LocalTime(TimeZoneInfo zone)
{
    /// <summary>The zone.</summary>
    public TimeZoneInfo Zone { get; } = zone;

    /// <summary>Local day of an instant.</summary>
    public DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

    /// <summary>The instant of a local time of a day, minutes after midnight; a time that a clock change skips is the first one after it, one that it repeats is the first of the two.</summary>
    public DateTimeOffset At(DateOnly day, int minutes)
    {
        var local = day.ToDateTime(TimeOnly.MinValue).AddMinutes(minutes);
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        var offset = Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}

/// <summary>Applies one charter to events: drops, categorises, rounds, cuts to the charter's days and hours. Pure.</summary>
public sealed class Minimizer(Charter charter, LocalTime local)
{
    /// <summary>
    /// The records of an event from <paramref name="already"/> on (what was made of it before, when it has grown since). Empty when the charter
    /// says nothing about it, or names no time.
    /// </summary>
    public IEnumerable<MinimizedRecord> Records(RawEvent happened, TimeSpan already = default)
    {
        if (charter.Stream(happened.Stream) is not { TimeStep: { } step } stream || IsPrivate(happened))
        {
            yield break;
        }

        var data = Transform(stream, happened);
        foreach (var (day, from, to) in Covered(happened.Start + already, happened.End))
        {
            for (var at = from; at < to || (at == to && from == to);)
            {
                var slot = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % step.Ticks), TimeSpan.Zero);
                var end = slot + step < to ? slot + step : to;
                yield return new MinimizedRecord(happened.Stream, day, slot, end - at, data);
                if (from == to)
                {
                    break;
                }

                at = end;
            }
        }
    }

    /// <summary>The values of every measure of one local day.</summary>
    public IReadOnlyDictionary<string, int> DayValues(DateOnly day, IReadOnlyCollection<RawEvent> events)
    {
        var values = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var measure in charter.Measures)
        {
            var stream = charter.Stream(measure.From)!;
            var matching = events
                .Where(e => e.Stream == measure.From && !IsPrivate(e))
                .Where(e => Transform(stream, e) is var data && measure.Where.All(w => data.TryGetValue(w.Key, out var value) && w.Value.Contains(value)));
            var intervals = Intervals.Union(matching.SelectMany(e => OnDay(e, day)));
            foreach (var (other, value) in measure.While)
            {
                // Only what the charter collects counts: a condition on a title would tell the title.
                intervals = Intervals.Intersect(intervals, Intervals.Union(events
                    .Where(e => e.Stream == other && !IsPrivate(e) && charter.Stream(other) is { } state && Transform(state, e).ContainsValue(value))
                    .SelectMany(e => OnDay(e, day))));
            }

            var minutes = (int)Math.Round(intervals.Sum(i => (i.To - i.From).TotalMinutes), MidpointRounding.AwayFromZero);
            values[measure.Name] = Math.Clamp(minutes, measure.Clamp.Low, measure.Clamp.High);
        }

        return values;
    }

    private IEnumerable<(DateTimeOffset From, DateTimeOffset To)> OnDay(RawEvent happened, DateOnly day) =>
        Covered(happened.Start, happened.End).Where(c => c.Day == day).Select(c => (c.From, c.To));

    /// <summary>The parts of a span that the charter's days and hours cover, by local day.</summary>
    private IEnumerable<(DateOnly Day, DateTimeOffset From, DateTimeOffset To)> Covered(DateTimeOffset from, DateTimeOffset to)
    {
        for (var day = local.DayOf(from); day <= local.DayOf(to); day = day.AddDays(1))
        {
            if (!charter.IsInForce(day) || !charter.Hours.Days.Contains(day.DayOfWeek))
            {
                continue;
            }

            var (open, close) = (local.At(day, charter.Hours.Start), local.At(day, charter.Hours.End));
            var (start, end) = (from > open ? from : open, to < close ? to : close);
            // A span without length counts where it stands; a span that only touches the edge of a window does not.
            if (start < end || (from == to && from >= open && from < close))
            {
                yield return (day, start, end);
            }
        }
    }

    private static ImmutableSortedDictionary<string, string> Transform(CollectedStream stream, RawEvent happened)
    {
        var data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (field, transform) in stream.Fields)
        {
            if (happened.Data.TryGetValue(field, out var value))
            {
                switch (transform)
                {
                    case FieldTransform.Keep:
                        data[field] = value;
                        break;
                    case FieldTransform.Category:
                        data[field] = Categories.Of(value);
                        break;
                    case FieldTransform.Drop:
                    default:
                        break;
                }
            }
        }

        return data.ToImmutable();
    }

    // A private window is private, whatever a charter says.
    private static bool IsPrivate(RawEvent happened) => happened.Data.TryGetValue("incognito", out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Half-open spans of time, sorted and apart.</summary>
internal static class Intervals
{
    public static List<(DateTimeOffset From, DateTimeOffset To)> Union(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> spans)
    {
        var union = new List<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (var span in spans.Where(s => s.From < s.To).OrderBy(s => s.From))
        {
            if (union.Count > 0 && span.From <= union[^1].To)
            {
                union[^1] = (union[^1].From, span.To > union[^1].To ? span.To : union[^1].To);
            }
            else
            {
                union.Add(span);
            }
        }

        return union;
    }

    public static List<(DateTimeOffset From, DateTimeOffset To)> Intersect(List<(DateTimeOffset From, DateTimeOffset To)> left, List<(DateTimeOffset From, DateTimeOffset To)> right)
    {
        var both = new List<(DateTimeOffset From, DateTimeOffset To)>();
        for (var (i, j) = (0, 0); i < left.Count && j < right.Count;)
        {
            var from = left[i].From > right[j].From ? left[i].From : right[j].From;
            var to = left[i].To < right[j].To ? left[i].To : right[j].To;
            if (from < to)
            {
                both.Add((from, to));
            }

            if (left[i].To < right[j].To)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return both;
    }
}
