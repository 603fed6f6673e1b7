using System.Globalization;
using System.Net;
using System.Text;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>The page to read in an export: what there is, in charts with their tables, without script and without any other file.</summary>
internal static class ExportPage
{
    private const int Width = 720;
    private const int Height = 160;
    private const int MostShown = 12;

    public static string Write(
        string name, DateTimeOffset now, ExportSummary summary, IReadOnlyList<(ulong Entry, SubjectView View)> about, IReadOnlyList<ChoiceView> choices, IReadOnlyList<string> notes)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $$$"""
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>What is kept about {{{Text(name)}}}</title>
            <style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2433;background:#fdfcf9}table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.6rem 0}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}svg{width:100%;height:auto}h2{margin-top:2.5rem}@media(prefers-color-scheme:dark){body{background:#14171f;color:#e8e6df}th,td{border-color:#333}}</style></head><body>
            <h1>What is kept about {{{Text(name)}}}</h1>
            <p>Made {{{now.UtcDateTime:d MMMM yyyy, HH:mm}}} UTC, on your own request (GDPR Art. 15). Records and what you handed in stand in the folders <code>records</code> and <code>submissions</code>, as JSON and CSV; the log's entries about you, each with its proof, in <code>log</code>; what each program collects, why, for how long and who is shown what, in <code>programs</code>. Which groups' figures counted you, and how many people each had, stands in <code>counted.json</code> with its proofs; the figures themselves are not yours alone. What your machine handed in to be counted is not here: no rule opens it, not even for you, and your machine shows you its numbers.</p>
            """);
        foreach (var (program, stream, what) in summary.Streams)
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(program)}: {Text(stream)}, by day</h2>");
            Chart(page, what.Lasts ? "Minutes" : "Records", [.. what.Days.Select(d => (d.Key, what.Lasts ? d.Value.Seconds / 60 : d.Value.Records))]);
            Most(page, what);
        }

        page.Append("<h2>Who looked, and what else was recorded about you</h2><table><thead><tr><th>Entry</th><th>When (UTC)</th><th>What</th><th>By</th><th>Why</th></tr></thead><tbody>");
        foreach (var (entry, view) in about)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{entry}</td><td>{view.Time.UtcDateTime:yyyy-MM-dd HH:mm}</td><td>{Text(view.Happened)}{(view.Programs.Count == 0 ? "" : " (" + Text(string.Join(", ", view.Programs)) + ")")}</td><td>{Text(view.Relation)}</td><td>{Text(string.Join(" ", view.Why))}</td></tr>");
        }

        page.Append("</tbody></table><h2>What you decided</h2><table><thead><tr><th>Program</th><th>It asks</th><th>You said</th><th>Collected of you</th></tr></thead><tbody>");
        foreach (var choice in choices)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(choice.Program)}</td><td>{choice.Asks}</td><td>{choice.Said ?? "nothing"}</td><td>{(choice.IsCollected ? "yes" : "no: " + Text(choice.Why ?? ""))}</td></tr>");
        }

        page.Append("</tbody></table>");
        if (notes.Count > 0)
        {
            page.Append("<h2>What is not in here</h2><ul>").AppendJoin(string.Empty, notes.Select(n => $"<li>{Text(n)}</li>")).Append("</ul>");
        }

        return page.Append("</body></html>").ToString();
    }

    /// <summary>What most of it was, as a table with bars.</summary>
    private static void Most(StringBuilder page, ExportSummary.Collected what)
    {
        if (what.Values.Count == 0)
        {
            return;
        }

        var (unit, scale, shown) = (what.Lasts ? "Minutes" : "Records", what.Lasts ? 60.0 : 1.0, what.Values.OrderByDescending(v => v.Value).ThenBy(v => v.Key).Take(MostShown).ToList());
        page.Append(CultureInfo.InvariantCulture, $"<table><caption>What most of it was</caption><thead><tr><th>Field</th><th>Value</th><th>{unit}</th><th></th></tr></thead><tbody>");
        foreach (var ((field, value), amount) in shown)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(field)}</td><td>{Text(value)}</td><td>{amount / scale:0}</td><td style=\"width:40%\"><div style=\"height:.7rem;background:#c2700a;width:{100 * amount / shown[0].Value:0.#}%\"></div></td></tr>");
        }

        page.Append("</tbody></table>");
    }

    private static void Chart(StringBuilder page, string unit, IReadOnlyList<(DateOnly Day, double Amount)> days)
    {
        var (most, width) = (Math.Max(1, days.Max(d => d.Amount)), (double)Width / days.Count);
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height + 20}\" role=\"img\" aria-label=\"Bars by day; the numbers stand in the table below\">");
        for (var i = 0; i < days.Count; i++)
        {
            var height = Height * days[i].Amount / most;
            page.Append(CultureInfo.InvariantCulture, $"<rect x=\"{i * width:0.##}\" y=\"{Height - height:0.##}\" width=\"{Math.Max(1, width - 2):0.##}\" height=\"{height:0.##}\" fill=\"#c2700a\"><title>{Sql.Day(days[i].Day)}: {days[i].Amount:0} {unit.ToLowerInvariant()}</title></rect>");
        }

        page.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{Height + 16}\" font-size=\"12\" fill=\"currentColor\">{Sql.Day(days[0].Day)}</text><text x=\"{Width}\" y=\"{Height + 16}\" font-size=\"12\" text-anchor=\"end\" fill=\"currentColor\">{Sql.Day(days[^1].Day)}</text></svg>");
        page.Append("<details><summary>As a table</summary><table><thead><tr><th>Day</th><th>").Append(unit).Append("</th></tr></thead><tbody>");
        foreach (var (day, amount) in days)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Sql.Day(day)}</td><td>{amount:0}</td></tr>");
        }

        page.Append("</tbody></table></details>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
