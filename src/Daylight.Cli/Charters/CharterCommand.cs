using System.CommandLine;
using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Differences;
using Daylight.Core.Charters.Words;

namespace Daylight.Cli.Charters;

/// <summary><c>daylight charter check|explain|diff|fix|schema</c>.</summary>
internal static class CharterCommand
{
    public static Command Create() => new("charter", "The files that say what may be measured") { CheckCommand.Create(), Explain(), Diff(), Fix(), Schema() };

    private static Command Explain()
    {
        var file = new Argument<string>("FILE") { Description = "A charter or a template" };
        var language = new Option<string>("--language") { Description = "Of what employees read: en, de or fr", DefaultValueFactory = _ => "en", HelpName = "CODE" };
        language.AcceptOnlyFromAmong("en", "de", "fr");
        var what = new Option<string>("--what") { Description = "employees, record (GDPR Art. 30), assessment (Art. 35), new-york (§ 52-c) or all; all but the first in English", DefaultValueFactory = _ => "employees", HelpName = "TEXT" };
        what.AcceptOnlyFromAmong("employees", "record", "assessment", "new-york", "all");
        var format = new Option<string>("--format") { Description = "markdown or html", DefaultValueFactory = _ => "markdown", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("markdown", "html");
        var output = new Option<string>("--output") { Description = "Folder to write files to; without it everything goes to the terminal", HelpName = "DIR" };
        var directory = CheckCommand.DirectoryOption();
        var command = new Command(
            "explain",
            "Writes what employees will read, and what the law asks for in writing.\n\nExamples:\n  daylight charter explain charters/focus-time.yaml --language de\n  daylight charter explain charters/focus-time.yaml --what all --format html --output texts")
        { file, language, what, format, output, directory };
        command.SetAction(parsed => Explain(
            parsed.GetValue(file)!, parsed.GetValue(language)!, parsed.GetValue(what)!, parsed.GetValue(format) == "html", parsed.GetValue(output), parsed.GetValue(directory)));
        return command;
    }

    private static int Explain(string file, string language, string what, bool html, string? output, string? directory)
    {
        var (_, report, problems) = CharterFile.Check(file, CheckCommand.ReadDirectory(directory));
        if (report is null)
        {
            CheckCommand.PrintProblems(problems);
            return CommandLine.Refused;
        }

        // It explains a charter that does not pass, too: its author wants to see it. What is wrong is said beside it.
        CheckCommand.PrintProblems(problems);
        var tongue = language switch { "de" => Language.German, "fr" => Language.French, _ => Language.English };
        var texts = new (string Name, string Code, Func<string> Write)[]
        {
            ("employees", language, () => EmployeeText.Write(report, tongue)),
            ("record", "en", () => LegalTexts.ProcessingRecord(report)),
            ("assessment", "en", () => LegalTexts.ImpactAssessment(report)),
            ("new-york", "en", () => LegalTexts.NewYorkNotice(report)),
        };
        foreach (var (name, code, write) in texts.Where(t => what == "all" || t.Name == what))
        {
            var text = html ? HtmlPage.Of(write(), code) : write();
            if (output is null)
            {
                Console.Write(text);
                continue;
            }

            Directory.CreateDirectory(output);
            var path = Path.Combine(output, $"{report.Charter.Program}-{name}.{code}.{(html ? "html" : "md")}");
            File.WriteAllText(path, text);
            Console.WriteLine(path);
        }

        return CommandLine.Done;
    }

    private static Command Diff()
    {
        var before = new Argument<string>("OLD") { Description = "The charter before" };
        var after = new Argument<string>("NEW") { Description = "The charter after" };
        var json = Shared.Json();
        var command = new Command(
            "diff", "Says in sentences what changes for whom, wider first. Exits with 1 when anything widens.\n\nExample:\n  daylight charter diff old.yaml new.yaml") { before, after, json };
        command.SetAction(parsed =>
        {
            var (old, oldIsTemplate) = CharterFile.Any(parsed.GetValue(before)!);
            var (now, nowIsTemplate) = CharterFile.Any(parsed.GetValue(after)!);
            var changes = CharterDiff.Between(old, now, oldIsTemplate, nowIsTemplate);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(changes, CharterJson.Default.IReadOnlyListCharterChange);
            }
            else
            {
                Console.WriteLine(changes.Count == 0 ? "Nothing changes for anybody." : string.Join(Environment.NewLine, changes.Select(c => (c.Widens ? "wider:    " : "          ") + c.Says)));
            }

            return changes.Any(c => c.Widens) ? CommandLine.Refused : CommandLine.Done;
        });
        return command;
    }

    private static Command Fix()
    {
        var file = new Argument<string>("FILE") { Description = "A template: its days are written as +14d" };
        var on = new Option<string>("--on") { Description = "The day on which it is proposed; today by default", HelpName = "DATE" };
        var command = new Command("fix", "Writes a template with its days fixed to dates, and nothing else changed.\n\nExample:\n  daylight charter fix charters/time-tracking.yaml > time-tracking.yaml") { file, on };
        command.SetAction(parsed =>
        {
            var day = parsed.GetValue(on) is not { } text
                ? DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().DateTime)
                : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : throw new UsageException($"--on {text}: write a date such as 2026-12-01.");
            Console.Write(CharterFile.Fixed(parsed.GetValue(file)!, day).Text);
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Schema()
    {
        var command = new Command(
            "schema", "Prints the JSON Schema of charters, for completion and squiggles in an editor.\n\nExample:\n  daylight charter schema > charter.schema.json\nand as the first line of a charter:\n  # yaml-language-server: $schema=charter.schema.json");
        command.SetAction(_ =>
        {
            Console.Write(CharterSchema.Text());
            return CommandLine.Done;
        });
        return command;
    }
}
