using System.Globalization;
using System.Text.RegularExpressions;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>Charters made for one test: a test writes what it is about, in the charter's own words, and the rest is filled in so that the reader takes it.</summary>
internal static class Trial
{
    public const string AllHours = "Mon-Sun 00:00-24:00";

    /// <summary>The thirteen charters that come with Daylight, in force at any time of the years that tests use.</summary>
    public static IReadOnlyDictionary<string, Charter> ReadyMade { get; } = Directory.EnumerateFiles(Path.Combine(Repository.Folder, "charters"), "*.yaml").ToDictionary(f => Path.GetFileNameWithoutExtension(f)!, InForce);

    /// <summary>A charter that collects <paramref name="collect"/> and shows each measure to managers, and <paramref name="shown"/> to oneself.</summary>
    public static string Text(string collect, string measures = "", string shown = "", string hours = AllHours, string more = "")
    {
        var streams = Names(collect);
        var purpose = Purposes.All.Values.First(p => p.Name != "model-training" && streams.All(s => p.Streams.Contains(s))).Name;
        var submits = streams.Any(s => Streams.All[s].Nature == StreamNature.Submission);
        var kind = submits ? "submissions" : "records";
        var lines = new List<string>
        {
            "program: trial", "version: 1", "explain: We try something, and nobody sees your own data but you.", $"purpose: {purpose}", "lawful-basis: legitimate-interests", "necessity: A test needs this and nothing more.",
            "owner: role:program-owner", "covers: everyone", "from: 2025-01-01", "until: 2027-12-31", $"hours: {hours}", more, "collect:", Indented(collect),
        };
        if (measures.Length > 0)
        {
            lines.AddRange(["measures:", Indented(measures)]);
        }

        var keep = new[] { shown.Length > 0 || submits ? $"{kind}: 14d" : string.Empty, measures.Length > 0 ? "contributions: 35d, releases: 1y" : string.Empty, "looks: 1y" };
        lines.AddRange([$"keep: {{ {string.Join(", ", keep.Where(k => k.Length > 0))} }}", "show:"]);
        if (shown.Length > 0)
        {
            lines.Add($"  - {{ to: self, what: {kind}, fields: [{shown}] }}");
        }

        lines.AddRange(measures.Length == 0 ? [] : Names(measures).Select(m => $"  - {{ to: manager, what: {m}, by: team, per: week, minimum-group: 5 }}"));
        lines.AddRange(["consent: none, because it is a test", "ai-training: never", "review: { every: 3 months, by: [privacy-officer] }"]);
        return string.Join('\n', lines.Where(l => l.Length > 0)) + "\n";
    }

    public static Charter Of(string collect, string measures = "", string shown = "", string hours = AllHours, string more = "") => Read(Text(collect, measures, shown, hours, more));

    public static Charter Read(string text)
    {
        var reading = CharterReader.Read(text, "trial.yaml");
        return reading is CharterReading.Good good ? good.Charter : throw new InvalidOperationException(string.Join(" / ", Assert.IsType<CharterReading.Bad>(reading).Problems));
    }

    public static Minimizer In(string zone, Charter charter) => new(charter, new LocalTime(TimeZoneInfo.FindSystemTimeZoneById(zone)), Charters.Key);

    public static DateTimeOffset At(string utc) => DateTimeOffset.Parse(utc + "Z", CultureInfo.InvariantCulture);

    public static RawEvent Event(string stream, string utc, double minutes, params (string Name, object Value)[] data) => new(stream, At(utc), TimeSpan.FromMinutes(minutes), Charters.Data(data));

    /// <summary>A record in one line, so that lists of them compare and a difference can be read.</summary>
    public static string Line(MinimizedRecord record) =>
        $"{record.Stream} {record.Day:O} {record.Start.UtcTicks} {record.Duration.Ticks} {string.Join('|', record.Data.Select(d => d.Key + "=" + d.Value))}";

    private static Charter InForce(string file) => (CharterReader.Read(File.ReadAllText(file), file) switch
    {
        CharterReading.Good good => good.Charter,
        CharterReading.Template template => template.Sketch,
        var bad => throw new InvalidOperationException(string.Join('\n', ((CharterReading.Bad)bad).Problems)),
    }) with
    { From = new DateOnly(2025, 1, 1), Until = new DateOnly(2027, 12, 31), Hours = WorkingHours.Always };

    private static List<string> Names(string lines) => [.. Regex.Matches(lines, "^([a-z][a-z-]*):", RegexOptions.Multiline | RegexOptions.NonBacktracking).Select(m => m.Groups[1].Value)];

    private static string Indented(string lines) => string.Join('\n', lines.Split('\n').Select(l => "  " + l));
}
