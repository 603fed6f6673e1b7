using System.Collections.Immutable;
using System.Globalization;

namespace Daylight.Core.Charters.Grammar;

/// <summary>How <c>measures</c> are written.</summary>
internal static class MeasureGrammar
{
    private static readonly Form<string> FieldName = Terms.Text("[a-zA-Z][a-zA-Z-]{0,30}", "the name of a field");

    private static readonly Form<ImmutableArray<FieldFilter>> Filters =
        new NamedForm<ImmutableArray<string>>("a filter", FieldName, new ListForm<string>(new ValueForm(), alone: true)).Select(f => f.Select(m => Filter(m.Name, m.Value)).ToImmutableArray());

    private static readonly Key<string> From = new("from", "The stream that it is computed from", new ChoiceForm<string>([.. Streams.All.Keys.Select(s => (s, s))], string.Empty), string.Empty);

    private static readonly Key<string> Sum = new("sum", "Adds up a field, or the time: duration", FieldName, string.Empty, required: false);

    private static readonly Key<string> Count = new("count", "Counts events", new ChoiceForm<string>([("events", "events")], string.Empty), string.Empty, required: false);

    private static readonly Key<string> Distinct = new("distinct", "Counts the values of a field that differ", FieldName, string.Empty, required: false);

    private static readonly Key<string> Mean = new("mean", "The mean of a number field over events", FieldName, string.Empty, required: false);

    private static readonly Key<ImmutableArray<FieldFilter>> Share = new("share", "How many in a hundred fit, of time or of events, as the unit says", Filters, [], required: false);

    private static readonly Key<TimeSpan> LongestRun = new("longest-run", "The longest stretch of time, gaps up to this length bridged", Terms.Minutes, TimeSpan.Zero, required: false);

    private static readonly Key<ImmutableArray<FieldFilter>> Where = new("where", "Only events whose fields, after their transform, have one of these values", Filters, [], required: false);

    private static readonly Key<ImmutableArray<(string Name, string Value)>> While =
        new("while", "Only the time in which another stream has a value, such as afk: not-afk", new NamedForm<string>("'while'", FieldName, new ValueForm()), [], required: false);

    private static readonly Key<TimeOfDay?> Between = new("between", "Only this part of the day", Terms.TimeOfDay.Select(t => (TimeOfDay?)t), null, required: false);

    private static readonly Key<MeasurePeriod> Per = new(
        "per", "Whether each day is clamped, or the week", new ChoiceForm<MeasurePeriod>([("day", MeasurePeriod.Day), ("week", MeasurePeriod.Week)], MeasurePeriod.Day), MeasurePeriod.Day);

    private static readonly Key<Clamp> Clamp = new("clamp", "Smallest and largest value of a person", Terms.Clamp, new Clamp(0, 1));

    private static readonly Key<string> Unit = new("unit", "Its unit: s, min or h for time, '% of time' or '% of events' for a share, a word otherwise", new TextForm<string>(
        "% of time|% of events|[a-zA-Z][a-zA-Z ]{0,23}", "a word such as min, h or meetings, '% of time' or '% of events'", (string text, out string value) => (value = text) is not null, "min"), "min");

    /// <summary>A measure, its name still to be given.</summary>
    public static Form<Measure> Measure { get; } = new MapForm<Measure>(
        "a measure",
        [From, Sum, Count, Distinct, Mean, Share, LongestRun, Where, While, Between, Per, Clamp, Unit],
        new Measure(string.Empty, string.Empty, new MeasureOperation.Count(), [], ImmutableSortedDictionary<string, string>.Empty, null, MeasurePeriod.Day, new Clamp(0, 1), "min"),
        Build);

    private static Measure Build(Members members)
    {
        var unit = members.Get(Unit);
        var operations = new (bool Has, Func<MeasureOperation> Make)[]
        {
            (members.Has("sum"), () => new MeasureOperation.Sum(members.Get(Sum))),
            (members.Has("count"), () =>
            {
                _ = members.Get(Count); // there is one thing to count, and the word must be it
                return new MeasureOperation.Count();
            }),
            (members.Has("distinct"), () => new MeasureOperation.Distinct(members.Get(Distinct))),
            (members.Has("mean"), () => new MeasureOperation.Mean(members.Get(Mean))),
            (members.Has("share"), () => new MeasureOperation.Share(members.Get(Share), unit == "% of time")),
            (members.Has("longest-run"), () => new MeasureOperation.LongestRun(members.Get(LongestRun))),
        }.Where(o => o.Has).Select(o => o.Make()).ToList();
        if (operations.Count != 1)
        {
            members.Problems.Add(members.Node, DiagnosticCodes.BadValue, "a measure computes exactly one of: sum, count, distinct, mean, share, longest-run");
        }

        return new Measure(
            string.Empty,
            members.Get(From),
            operations.FirstOrDefault() ?? new MeasureOperation.Count(),
            members.Get(Where),
            members.Get(While).DistinctBy(w => w.Name).ToImmutableSortedDictionary(w => w.Name, w => w.Value, StringComparer.Ordinal),
            members.Get(Between),
            members.Get(Per),
            members.Get(Clamp),
            unit);
    }

    private static FieldFilter Filter(string field, ImmutableArray<string> values)
    {
        var ranges = ImmutableArray.CreateBuilder<(decimal, decimal)>();
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (var value in values)
        {
            var dots = value.IndexOf("..", StringComparison.Ordinal);
            if (dots >= 0 && End(value[..dots], decimal.MinValue, out var low) && End(value[(dots + 2)..], decimal.MaxValue, out var high) && value.Length > 2)
            {
                ranges.Add((low, high));
            }
            else
            {
                words.Add(value);
            }
        }

        return new FieldFilter(field, words.ToImmutable(), ranges.ToImmutable());
    }

    private static bool End(string text, decimal open, out decimal end)
    {
        end = open;
        return text.Length == 0 || (text.Length <= 20 && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out end));
    }
}
