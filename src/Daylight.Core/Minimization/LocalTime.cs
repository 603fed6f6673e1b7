using System.Collections.Immutable;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

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

/// <summary>A span of time in UTC ticks, end exclusive.</summary>
internal readonly record struct Span(long From, long To);

/// <summary>A local day of a charter: when it is, and when in it something is collected.</summary>
internal sealed record CharterDate(DateOnly Day, Span Whole, ImmutableArray<Span> Open, ImmutableArray<Span> Submitted)
{
    /// <summary>Whether no clock changes on it.</summary>
    public bool IsEven => Whole.To - Whole.From == TimeSpan.TicksPerDay;

    /// <summary>When something of a stream counts. Hours bound what a machine sees; what a person hands in is theirs to date.</summary>
    public ImmutableArray<Span> Of(StreamPlan plan) => plan.IsHandedIn ? Submitted : Open;
}

/// <summary>Local days of a charter by instant. Remembers the days it was asked about, since events come day by day.</summary>
internal sealed class CharterCalendar(Charter charter, LocalTime local)
{
    private const int MostRemembered = 400;

    private readonly Dictionary<DateOnly, CharterDate> known = [];
    private CharterDate? last;

    /// <summary>The day that an instant falls on.</summary>
    public CharterDate At(long utcTicks) => last is { } l && utcTicks >= l.Whole.From && utcTicks < l.Whole.To
        ? l
        : last = On(local.DayOf(new DateTimeOffset(utcTicks, TimeSpan.Zero)));

    /// <summary>A day.</summary>
    public CharterDate On(DateOnly day)
    {
        if (!known.TryGetValue(day, out var date))
        {
            if (known.Count == MostRemembered)
            {
                known.Clear();
            }

            known[day] = date = Make(day);
        }

        return date;
    }

    /// <summary>A part of a day, as local clocks show it.</summary>
    public Span Part(DateOnly day, TimeOfDay part) => new(local.At(day, part.Start).UtcTicks, local.At(day, part.End).UtcTicks);

    /// <summary>On a day on which clocks change: where the step of an instant begins as clocks show it, the first time if it comes twice, and how far it goes on from here.</summary>
    public (long Start, long Next) StepOnWall(DateOnly day, long utcTicks, long step)
    {
        var wall = TimeZoneInfo.ConvertTime(new DateTimeOffset(utcTicks, TimeSpan.Zero), local.Zone).TimeOfDay.Ticks;
        var into = wall % step;
        var (start, next) = (local.At(day, (int)((wall - into) / TimeSpan.TicksPerMinute)).UtcTicks, local.At(day, (int)((wall - into + step) / TimeSpan.TicksPerMinute)).UtcTicks);
        // The second time that an hour comes, the clock's next step has been already: then it goes as far as the step is long.
        return (start, next > utcTicks ? Math.Min(next, utcTicks + step - into) : utcTicks + step - into);
    }

    private CharterDate Make(DateOnly day)
    {
        var whole = new Span(local.At(day, 0).UtcTicks, local.At(day, 1440).UtcTicks);
        return charter.IsInForce(day)
            ? new CharterDate(day, whole, [.. charter.Hours.On(day.DayOfWeek).Select(p => Part(day, p)).Where(s => s.From < s.To)], [whole])
            : new CharterDate(day, whole, [], []);
    }
}

/// <summary>Half-open spans of time, sorted and apart.</summary>
internal static class Spans
{
    /// <summary>Spans that overlap or touch, or that a gap of at most <paramref name="bridge"/> ticks parts, become one.</summary>
    public static List<Span> Union(IEnumerable<Span> spans, long bridge = 0)
    {
        var union = new List<Span>();
        foreach (var span in spans.Where(s => s.From < s.To).OrderBy(s => s.From))
        {
            if (union.Count > 0 && span.From <= union[^1].To + bridge)
            {
                union[^1] = union[^1] with { To = Math.Max(union[^1].To, span.To) };
            }
            else
            {
                union.Add(span);
            }
        }

        return union;
    }

    public static List<Span> Intersect(IReadOnlyList<Span> left, IReadOnlyList<Span> right)
    {
        var both = new List<Span>();
        for (var (i, j) = (0, 0); i < left.Count && j < right.Count;)
        {
            var (from, to) = (Math.Max(left[i].From, right[j].From), Math.Min(left[i].To, right[j].To));
            if (from < to)
            {
                both.Add(new Span(from, to));
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

    /// <summary>What is left of spans without others, both sorted and apart.</summary>
    public static IReadOnlyList<Span> Without(IReadOnlyList<Span> spans, IReadOnlyList<Span> others)
    {
        if (others.Count == 0)
        {
            return spans;
        }

        var left = new List<Span>();
        foreach (var span in spans)
        {
            var from = span.From;
            foreach (var other in others)
            {
                if (other.To <= from || other.From >= span.To)
                {
                    continue;
                }

                if (other.From > from)
                {
                    left.Add(new Span(from, other.From));
                }

                from = other.To;
            }

            if (from < span.To)
            {
                left.Add(new Span(from, span.To));
            }
        }

        return left;
    }

    public static long Length(IEnumerable<Span> spans) => spans.Sum(s => s.To - s.From);

    /// <summary>Whether a moment lies within.</summary>
    public static bool Has(IReadOnlyList<Span> spans, long ticks) => spans.Any(s => ticks >= s.From && ticks < s.To);
}
