using System.Globalization;
using Daylight.Core.Minimization;

namespace Daylight.Agent.LocalPage;

/// <summary>A day as a band of categories, with its table beside it.</summary>
internal static class DayChart
{
    private const int Width = 960;
    private const int Height = 44;

    public static Html Draw(IReadOnlyList<(string Category, DateTimeOffset From, DateTimeOffset To)> spans, DateTimeOffset begins, DateTimeOffset ends, Frame frame)
    {
        if (spans.Count == 0)
        {
            return Html.Of($"<p>Nothing yet. Point an ActivityWatch watcher, or an editor with a WakaTime plug-in, at this port.</p>");
        }

        var first = spans.Min(s => s.From);
        var (from, to) = (first.AddMinutes(-first.Minute - 30), ends);
        var last = spans.Max(s => s.To).AddMinutes(30);
        to = last < to ? last : to;
        from = from < begins ? begins : from;
        double X(DateTimeOffset at) => (at - from) / (to - from) * Width;
        var totals = spans.GroupBy(s => s.Category).Select(g => (Category: g.Key, Minutes: g.Sum(s => (s.To - s.From).TotalMinutes))).OrderByDescending(t => t.Minutes).ToList();
        var longest = totals.Max(t => t.Minutes);
        return Html.Of(
            $"""
            <figure><svg class="day" viewBox="0 0 {Width} {Height + 20}" role="img" aria-label="{Spoken(totals)}">
            {Html.Each(Joined(spans), s => Html.Of($"<rect class=\"{Class(s.Category)}\" x=\"{X(s.From):0.0}\" y=\"0\" width=\"{Math.Max(0.8, X(s.To) - X(s.From)):0.0}\" height=\"{Height}\"><title>{s.Category}, {frame.Clock(s.From)} to {frame.Clock(s.To)}</title></rect>"))}
            {Html.Each(Hours(from, to), h => Html.Of($"<text x=\"{X(h):0.0}\" y=\"{Height + 15}\">{frame.Clock(h)}</text>"))}
            </svg></figure>
            <table class="bars"><caption class="quiet">Time by category</caption><thead><tr><th scope="col">Category</th><th scope="col">Time</th><th scope="col" aria-hidden="true"></th></tr></thead><tbody>
            {Html.Each(totals, t => Html.Of($"<tr><th scope=\"row\"><span class=\"dot {Class(t.Category)}\" aria-hidden=\"true\"></span>{t.Category}</th><td>{Frame.Length(t.Minutes)}</td><td aria-hidden=\"true\"><svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\"><rect class=\"{Class(t.Category)}\" width=\"{t.Minutes / longest * 100:0.0}\" height=\"10\"/></svg></td></tr>"))}
            </tbody></table>
            """);
    }

    private static string Spoken(IEnumerable<(string Category, double Minutes)> totals) => "Today by category: " + string.Join(", ", totals.Select(t => $"{t.Category} {Frame.Length(t.Minutes)}"));

    private static string Class(string category) => "c-" + Math.Max(0, Categories.Names.ToList().IndexOf(category)).ToString(CultureInfo.InvariantCulture);

    // What follows at once and is the same is one piece: a day has thousands of events.
    private static List<(string Category, DateTimeOffset From, DateTimeOffset To)> Joined(IEnumerable<(string Category, DateTimeOffset From, DateTimeOffset To)> spans)
    {
        var joined = new List<(string Category, DateTimeOffset From, DateTimeOffset To)>();
        foreach (var span in spans.OrderBy(s => s.From))
        {
            if (joined.Count > 0 && joined[^1].Category == span.Category && span.From - joined[^1].To < TimeSpan.FromMinutes(1))
            {
                joined[^1] = joined[^1] with { To = span.To > joined[^1].To ? span.To : joined[^1].To };
            }
            else
            {
                joined.Add(span);
            }
        }

        return joined;
    }

    private static IEnumerable<DateTimeOffset> Hours(DateTimeOffset from, DateTimeOffset to)
    {
        var step = (to - from).TotalHours switch { > 16 => 4, > 8 => 2, _ => 1 };
        var hour = new DateTimeOffset(from.Year, from.Month, from.Day, from.Hour, 0, 0, from.Offset).AddHours(1);
        for (; hour < to.AddMinutes(-10); hour = hour.AddHours(step))
        {
            yield return hour;
        }
    }
}
