using System.Collections.Immutable;
using System.Text.Json;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

/// <summary>
/// A charter, compiled: drops, transforms, cuts to the charter's days and hours, and computes day values. Reads an event's JSON once and makes nothing of the
/// fields that stay behind. Pure but for what it remembers; not for two threads at once.
/// </summary>
public sealed class Minimizer
{
    private static readonly long Earliest = new DateTime(2, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly long Latest = new DateTime(9000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly CharterCalendar calendar;
    private readonly Dictionary<string, StreamPlan> plans;
    private readonly DayMeasures measures;
    private readonly WithheldTime withheld;

    /// <summary>Compiles a charter.</summary>
    /// <param name="charter">The charter.</param>
    /// <param name="local">The person's time.</param>
    /// <param name="key">What pseudonyms are made with.</param>
    /// <param name="withheld">What counts for nothing.</param>
    public Minimizer(Charter charter, LocalTime local, PseudonymKey key, IReadOnlyList<Withheld>? withheld = null)
    {
        calendar = new CharterCalendar(charter, local);
        this.withheld = new WithheldTime(withheld ?? []);
        var categories = new CategoryPlan(charter);
        plans = charter.Collect.ToDictionary(s => s.Stream, s => new StreamPlan(charter, s, categories, key), StringComparer.Ordinal);
        measures = new DayMeasures(charter, calendar, plans, this.withheld);
    }

    /// <summary>The records of an event. Empty when the charter says nothing about it, or shows nothing of it to anybody.</summary>
    public IReadOnlyList<MinimizedRecord> Records(RawEvent happened)
    {
        var records = new List<MinimizedRecord>();
        if (plans.TryGetValue(happened.Stream, out var plan) && plan.Leaves && IsSane(happened.Start, happened.Duration) && plan.Read(happened.Data.Span))
        {
            Add(plan, happened.Start.UtcTicks, happened.Duration.Ticks, records);
        }

        return records;
    }

    /// <summary>The records of one local day, by time: those that fell into one step and read the same are one.</summary>
    public IReadOnlyList<MinimizedRecord> RecordsOf(DateOnly day, IEnumerable<RawEvent> events) =>
    [
        .. events.SelectMany(Records).Where(r => r.Day == day).GroupBy(r => r.Stream, StringComparer.Ordinal)
            .SelectMany(stream => MinimizedRecord.Merge(
                plans[stream.Key].Stream, stream, r => (r.Start, r.Data), (same, data) => same[0] with { Duration = new TimeSpan(same.Sum(r => r.Duration.Ticks)), Data = data.ToImmutableSortedDictionary(StringComparer.Ordinal) }))
            .OrderBy(r => r.Start).ThenBy(r => r.Stream, StringComparer.Ordinal),
    ];

    /// <summary>The records of an event in ActivityWatch's JSON: <c>{"timestamp": …, "duration": seconds, "data": {…}}</c>. One pass, whatever the order of the keys.</summary>
    /// <returns>False when it is no event.</returns>
    public bool TryMinimize(string stream, ReadOnlySpan<byte> json, ICollection<MinimizedRecord> records)
    {
        var plan = plans.GetValueOrDefault(stream);
        var reader = new Utf8JsonReader(json);
        var (start, seconds, isOpen) = (default(DateTimeOffset), 0.0, false);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isData, isStart, isDuration) = (Json.Is(ref reader, "data"u8), Json.Is(ref reader, "timestamp"u8), Json.Is(ref reader, "duration"u8));
                reader.Read();
                if (isData)
                {
                    // Of a key that stands twice the last one holds, as everywhere in JSON.
                    isOpen = reader.TokenType == JsonTokenType.StartObject && plan is { Leaves: true } && plan.Read(ref reader, json);
                    reader.Skip();
                }
                else if (isStart && (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out start)))
                {
                    return false;
                }
                else if (isDuration && (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out seconds)))
                {
                    return false;
                }
                else
                {
                    reader.Skip();
                }
            }

            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
            {
                return false;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // not JSON, or a time that is no text
        }

        if (!(seconds is >= 0 and < 1_000_000_000) || !IsSane(start, TimeSpan.FromSeconds(seconds)))
        {
            return false;
        }

        if (isOpen)
        {
            Add(plan!, start.UtcTicks, (long)(seconds * TimeSpan.TicksPerSecond), records);
        }

        return true;
    }

    /// <summary>The values of every measure of one local day. A measure that has no value that day, such as a mean of nothing, is absent.</summary>
    public IReadOnlyDictionary<string, int> DayValues(DateOnly day, IReadOnlyCollection<RawEvent> events) => measures.Of(day, events);

    /// <summary>Whether anything that the charter collects fell into a local day's open hours: then the day has values, be they zero.</summary>
    public bool Saw(DateOnly day, IReadOnlyCollection<RawEvent> events) => measures.Saw(day, events);

    // Where calendars end, zones have no answer.
    private static bool IsSane(DateTimeOffset start, TimeSpan duration) => start.UtcTicks > Earliest && start.UtcTicks < Latest && duration.Ticks is >= 0 and < 36_500 * TimeSpan.TicksPerDay;

    private void Add(StreamPlan plan, long start, long duration, ICollection<MinimizedRecord> records)
    {
        var (from, to) = (start, start + duration);
        for (var at = from; ;)
        {
            var date = calendar.At(at);
            foreach (var open in Spans.Without(date.Of(plan), withheld.Of(plan)))
            {
                var (begin, end) = (Math.Max(from, open.From), Math.Min(to, open.To));
                // A span without length counts where it stands; a span that only touches the edge of a window does not.
                if (begin < end || (from == to && from >= open.From && from < open.To))
                {
                    AddPart(plan, date, new Span(begin, end), isFirst: begin == start, records);
                }
            }

            at = date.Whole.To;
            if (at > to || (at == to && from != to))
            {
                return;
            }
        }
    }

    /// <summary>One open part of an event, step by step. What is counted goes with the step in which the event began, and only there.</summary>
    private void AddPart(StreamPlan plan, CharterDate date, Span part, bool isFirst, ICollection<MinimizedRecord> records)
    {
        var step = plan.Step;
        for (var at = part.From; ;)
        {
            // Steps are those of the person's own clock, so that an hour is an hour on the wall and a day has one.
            var (slot, next) = date.IsEven ? (at - ((at - date.Whole.From) % step), at - ((at - date.Whole.From) % step) + step) : calendar.StepOnWall(date.Day, at, step);
            var end = Math.Min(Math.Min(next, date.Whole.To), part.To);
            if (isFirst || plan.EveryStep)
            {
                var data = plan.Data(withCounts: isFirst, countEvents: isFirst && plan.CountsEvents);
                if (!withheld.HasItems(plan.Name) || !withheld.HasItem(plan.Name, slot, plan.Data(withCounts: false, countEvents: false)))
                {
                    records.Add(new MinimizedRecord(plan.Name, date.Day, new DateTimeOffset(slot, TimeSpan.Zero), new TimeSpan(plan.HasLength ? end - at : 0), data));
                }
            }

            isFirst = false;
            at = end;
            if (at >= part.To)
            {
                return;
            }
        }
    }
}
