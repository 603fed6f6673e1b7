using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Core.Directory;
using Daylight.Core.Minimization;

namespace Daylight.Bench;

/// <summary>Events minimised, next to <see cref="JsonDocument"/> alone on the same bytes; and <c>check</c> against a large directory.</summary>
internal static class Minimizing
{
    private static readonly string[] Apps = ["Code", "Firefox", "Slack", "kitty", "Thunderbird", "LibreOffice Writer", "zoom", "Figma"];

    public static void Run(TimeSpan length)
    {
        // Real watchers' events: a window with a long title, somebody at the machine, a page.
        var day = new DateTimeOffset(2026, 12, 7, 8, 0, 0, TimeSpan.Zero);
        var events = Enumerable.Range(0, 20_000).Select(i => (Stream: i % 3 == 1 ? "afk" : "window", Json: Encoding.UTF8.GetBytes(Event(i, day.AddSeconds(i * 1.5))))).ToArray();
        foreach (var file in new[] { "focus-time", "policy-compliance", "model-training" })
        {
            var charter = Read(file);
            var minimizer = new Minimizer(charter, new LocalTime(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")), new PseudonymKey(new byte[32], 1));
            var records = new List<MinimizedRecord>();
            var (minimized, parsed) = (new Stopwatch(), new Stopwatch());
            var rounds = 0;
            var left = 0L;
            for (var round = -3; round < 0 || minimized.Elapsed + parsed.Elapsed < length; round++)
            {
                if (round == 0)
                {
                    (minimized, parsed, left) = (new Stopwatch(), new Stopwatch(), 0);
                }

                minimized.Start();
                foreach (var (stream, json) in events)
                {
                    records.Clear();
                    minimizer.TryMinimize(stream, json, records);
                    left += records.Count;
                }

                minimized.Stop();
                parsed.Start();
                foreach (var (_, json) in events)
                {
                    using var document = JsonDocument.Parse(json);
                    left += document.RootElement.ValueKind == JsonValueKind.Object ? 0 : 1;
                }

                parsed.Stop();
                rounds = round + 1;
            }

            var (ours, theirs) = (events.Length * rounds / minimized.Elapsed.TotalSeconds, events.Length * rounds / parsed.Elapsed.TotalSeconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {file} | {ours:N0}/s | {theirs:N0}/s | {ours / theirs:0.00} | {left / (double)(events.Length * rounds):0.00} | {events.Average(e => e.Json.Length):0} bytes |"));
        }
    }

    /// <summary>The four questions about a charter, with 100,000 people.</summary>
    public static void Check(int people)
    {
        var teams = new List<Team> { new("company", "Company", string.Empty) };
        teams.AddRange(Enumerable.Range(0, 100).Select(d => new Team($"d{d}", $"D{d}", "company")));
        teams.AddRange(Enumerable.Range(0, people / 9).Select(t => new Team($"t{t}", $"T{t}", $"d{t % 100}")));
        var all = Enumerable.Range(0, people).Select(i => new Person($"p{i}", $"p{i}@bench.example", $"P {i}", $"t{i / 9 % (people / 9)}", ManagerLink.To(i == 0 ? "" : $"p{i / 9}"), $"s{i % 12}", "Europe/Berlin", "DE", "permanent"));
        var directory = new CheckDirectory(
            new OrgSnapshot(all, teams, new DateOnly(2026, 11, 20)),
            new Dictionary<string, IReadOnlyList<string>> { ["p1"] = ["investigator"], ["p2"] = ["security"], ["p3"] = ["analyst"], ["p4"] = ["workplace-planner"] });
        foreach (var file in new[] { "focus-time", "policy-compliance", "team-outcomes", "device-security" })
        {
            var bytes = File.ReadAllBytes(Path.Combine("charters", file + ".yaml"));
            var times = new List<double>();
            CheckReport? report = null;
            for (var i = 0; i < 12; i++)
            {
                var watch = Stopwatch.StartNew();
                report = CharterCheck.Of(CharterReader.Read(bytes, file), file, directory);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {file} | {report!.Who!.Covered:N0} | {times[times.Count / 2]:0} ms | {times[^1]:0} ms |"));
        }
    }

    private static Charter Read(string file) => CharterReader.Read(File.ReadAllBytes(Path.Combine("charters", file + ".yaml")), file) switch
    {
        CharterReading.Good good => good.Charter,
        CharterReading.Template template => template.Sketch with { From = new DateOnly(2026, 12, 1), Until = new DateOnly(2027, 5, 31) },
        _ => throw new InvalidOperationException($"{file} is no charter."),
    };

    private static string Event(int i, DateTimeOffset at) => i % 3 == 1
        ? $$$"""{"id":{{{i}}},"timestamp":"{{{at:yyyy-MM-dd'T'HH:mm:ss.ffffff}}}+00:00","duration":{{{3 + (i % 50)}}}.25,"data":{"status":"{{{(i % 9 == 1 ? "afk" : "not-afk")}}}"}}"""
        : $$$"""{"id":{{{i}}},"timestamp":"{{{at:yyyy-MM-dd'T'HH:mm:ss.ffffff}}}+00:00","duration":{{{1 + (i % 120)}}}.5,"data":{"app":"{{{Apps[i % Apps.Length]}}}","title":"Quarterly plan {{{i}}} – draft for the board, second reading — {{{Apps[i % Apps.Length]}}}"}}""";
}
