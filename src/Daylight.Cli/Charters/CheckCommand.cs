using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Core.Charters.Differences;
using Daylight.Core.Charters.Words;
using Daylight.Core.Releases;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;

namespace Daylight.Cli.Charters;

/// <summary><c>daylight charter check</c>: the four questions, computed.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Charters or templates", Arity = ArgumentArity.OneOrMore };
        var (directory, json) = (DirectoryOption(), Shared.Json());
        var check = new Command(
            "check",
            "Answers four questions about charters: do we need this data, who can see it, how fast is it gone, and could we say it in one sentence. What is wrong is said with line, column and a code that the charter reference explains.\n\nExamples:\n  daylight charter check charters/*.yaml\n  daylight charter check charters/focus-time.yaml --directory people.csv")
        { files, directory, json };
        check.SetAction(parsed => Check(parsed.GetValue(files)!, parsed.GetValue(directory), parsed.GetValue(json)));
        return check;
    }

    public static Option<string> DirectoryOption() => new("--directory")
    {
        Description = "People as CSV: email, name, team, and optionally department, manager, site, zone, country, employment, roles; then the second question is answered in numbers",
        HelpName = "FILE",
    };

    /// <summary>The people of a CSV file, or null without one.</summary>
    /// <exception cref="InvalidOperationException">The file is wrong; the message lists every problem.</exception>
    public static CheckDirectory? ReadDirectory(string? file)
    {
        if (file is null)
        {
            return null;
        }

        using var text = new StreamReader(File.Exists(file) ? file : throw new UsageException($"There is no file {file}."));
        var people = PeopleCsv.Read(text, file, new Dictionary<string, string>(), "Etc/UTC");
        return people.Problems.Count == 0
            ? new CheckDirectory(new Core.Directory.OrgSnapshot(people.People, people.Teams, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime)), people.Roles)
            : throw new InvalidOperationException(string.Join(Environment.NewLine, people.Problems));
    }

    /// <summary>Prints problems as a compiler does: place, words, code, and the line with a caret.</summary>
    public static void PrintProblems(IReadOnlyList<Diagnostic> problems)
    {
        foreach (var group in problems.GroupBy(p => p.File, StringComparer.Ordinal))
        {
            var lines = File.Exists(group.Key) && new FileInfo(group.Key).Length <= CharterReader.MaxLength ? File.ReadAllLines(group.Key) : [];
            foreach (var problem in group)
            {
                Console.Error.WriteLine(Printable(problem.ToString()));
                if (problem.Line <= lines.Length)
                {
                    var (number, line) = (problem.Line.ToString(CultureInfo.InvariantCulture), lines[problem.Line - 1]);
                    var before = line[..Math.Min(problem.Column - 1, line.Length)];
                    Console.Error.WriteLine($"  {number} | {Printable(line)}");
                    Console.Error.WriteLine($"  {new string(' ', number.Length)} | {new string([.. before.Select(c => c == '\t' ? '\t' : ' ')])}^");
                }
            }
        }
    }

    // A file that is wrong may hold anything, and a terminal obeys control characters.
    private static string Printable(string line) => new([.. line.Select(c => char.IsControl(c) && c != '\t' ? '\uFFFD' : c)]);

    private static int Check(string[] files, string? directory, bool json)
    {
        var people = ReadDirectory(directory);
        var checks = files.Select(f => (File: f, Result: CharterFile.Check(f, people))).ToList();
        if (json)
        {
            CommandLine.PrintJson([.. checks.Select(c => new CheckedFile(
                c.File,
                c.Result.Report?.Charter.Program,
                c.Result.Report?.Charter.Version,
                c.Result.Report is { IsTemplate: false } ? Authority.CharterHash(c.Result.Text!) : null,
                c.Result.Report?.IsTemplate,
                c.Result.Report?.Need,
                c.Result.Report?.Who,
                c.Result.Report?.Fast,
                c.Result.Report?.Sentences,
                c.Result.Report?.Publishes,
                c.Result.Problems))], CharterJson.Default.IReadOnlyListCheckedFile);
        }
        else
        {
            foreach (var (file, (text, report, problems)) in checks)
            {
                if (report is not null)
                {
                    Print(file, text!, report);
                }

                Console.Out.Flush();
                PrintProblems(problems);
            }
        }

        return checks.TrueForAll(c => c.Result.Problems.Count == 0) ? CommandLine.Done : CommandLine.Refused;
    }

    private static void Print(string file, string text, CheckReport report)
    {
        var (charter, words) = (report.Charter, CharterWords.English);
        string Verdict(params ReadOnlySpan<string> prefixes)
        {
            var count = 0;
            foreach (var prefix in prefixes)
            {
                count += report.Findings.Count(f => f.Code.StartsWith(prefix, StringComparison.Ordinal));
            }

            return count == 0 ? "yes" : "NO ";
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {charter.Program} version {charter.Version}, {(report.IsTemplate ? "a template" : $"SHA-256 {Authority.CharterHash(text)}")}"));
        Console.WriteLine($"  1 {Verdict("need", "always")}  Needed: {string.Join("; ", report.Need.Select(n => $"{n.Stream}.{n.Field} ({(n.Uses.Count == 0 ? "nothing" : string.Join(", ", n.Uses))})"))}");
        Console.WriteLine($"  2 {Verdict("who")}  Seen by: {(report.Who is null ? string.Join("; ", charter.Show.Select(r => r.Name)) + " (with --directory, in numbers)" : Said(report))}");
        Console.WriteLine($"  3 {Verdict("fast")}  Gone: {string.Join(", ", report.Fast.Kinds.Select(k => $"{k.Kind} after {words.Days(k.Days)}{(k.Because is null ? "" : " (reason given)")}"))}; last personal trace {words.Day(report.Fast.PersonalGone, report.IsTemplate)}, last of all {words.Day(report.Fast.Gone, report.IsTemplate)}");
        Console.WriteLine($"  4 {Verdict("sentence")}  Said: {string.Join("; ", report.Sentences.Select(s => string.Create(CultureInfo.InvariantCulture, $"{new CharterWords(s.Language).Code} {s.Words} words, readability {s.Readability:0}")))}");
        foreach (var level in report.Publishes ?? [])
        {
            Console.WriteLine($"        Publishes {ForecastWords.Say(level)}");
        }
    }

    private static string Said(CheckReport report) => string.Create(CultureInfo.InvariantCulture, $"{report.Who!.Covered} of {report.Who.People} people are covered; ") + string.Join("; ", report.Who.Rules.Select(r => string.Create(
        CultureInfo.InvariantCulture, $"{r.Rule}: {r.Viewers?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number"} could look at {r.Subjects}{(r.Widest is null ? "" : $", {r.Widest} at most, {r.Most}")}, reviewed by {CharterWords.English.Day(r.FirstReview, report.IsTemplate)}")));
}

/// <summary>What <c>check --json</c> prints for a file.</summary>
internal sealed record CheckedFile(
    string File,
    string? Program,
    int? Version,
    string? Sha256,
    bool? IsTemplate,
    IReadOnlyList<FieldNeed>? Need,
    WhoAnswer? Who,
    FastAnswer? Fast,
    IReadOnlyList<SentenceAnswer>? Sentences,
    IReadOnlyList<LevelForecast>? Publishes,
    IReadOnlyList<Diagnostic> Findings);

/// <summary>Serialization of what the charter commands print.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<CheckedFile>))]
[JsonSerializable(typeof(IReadOnlyList<CharterChange>))]
internal sealed partial class CharterJson : JsonSerializerContext;
