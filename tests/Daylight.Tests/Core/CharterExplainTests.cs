using System.Text.RegularExpressions;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Core.Charters.Words;
using Daylight.Core.Directory;

namespace Daylight.Tests.Core;

public sealed partial class CharterExplainTests
{
    private static readonly Language[] Languages = [Language.English, Language.German, Language.French];

    private static readonly string[] English =
    [
        "the", "of", "and", "is", "are", "your", "you", "never", "only", "with", "by", "who", "what", "which", "not", "from", "until", "people", "group", "week", "year", "years", "day", "days", "month", "months",
        "leaves", "each", "kept", "looked", "time", "team", "nobody", "data", "records", "submissions", "other", "nothing", "everyone", "hours", "fewer", "than", "rounded", "told", "category", "host", "computed", "figures", "say", "look", "see", "ask",
    ];

    public static TheoryData<string, Language> Pages()
    {
        var pages = new TheoryData<string, Language>();
        foreach (var file in ReadyCharterTests.Files())
        {
            foreach (var language in Languages)
            {
                pages.Add(file.Data, language);
            }
        }

        return pages;
    }

    private static CheckReport Report(string file, CheckDirectory? directory = null) => CharterCheck.Of(CharterReader.Read(File.ReadAllText(Path.Combine(ReadyCharterTests.Folder, file)), file), file, directory)!;

    private static IEnumerable<string> LegalPages(CheckReport report) => [LegalTexts.ProcessingRecord(report), LegalTexts.ImpactAssessment(report), LegalTexts.NewYorkNotice(report)];

    private static IEnumerable<string> AllPages(CheckReport report) => Languages.Select(l => EmployeeText.Write(report, l)).Concat(LegalPages(report));

    private static string Unescaped(string page) => page.Replace("\\", string.Empty, StringComparison.Ordinal);

    private static void Has(string part, string page) => Assert.Contains(part, Unescaped(page), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Pages))]
    public void no_place_of_a_sentence_stays_empty_or_unfilled(string file, Language language)
    {
        var page = EmployeeText.Write(Report(file), language);
        Assert.DoesNotMatch(@"\{[0-9]\}", page);
        Assert.DoesNotMatch(@"\(\)|: \.|, ,|  |\bTrue\b|\bFalse\b|Daylight\.Core|System\.", page.Replace("\n", " \n", StringComparison.Ordinal).Replace(" \n", "\n", StringComparison.Ordinal));
        Assert.DoesNotContain("2001", page, StringComparison.Ordinal); // the day on which templates are read as if they were proposed
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void every_stream_field_measure_rule_and_kind_is_told(string file, Language language)
    {
        var (report, words) = (Report(file), new CharterWords(language));
        var (charter, page) = (report.Charter, EmployeeText.Write(report, language));
        Assert.All(charter.Collect, s => Has(words.Stream(s.Shape), page));
        Assert.All(charter.Collect.SelectMany(s => s.Shape.Fields.Keys, (s, f) => words.Field(s.Shape, f)), f => Has($"| {f} |", page));
        Assert.All(charter.Categories, c => Has($"- {c.Name}: ", page));
        Assert.All(charter.Show, r => Has("- " + words.Rule(r, charter), page));
        Assert.All(charter.Measures, m => Has($"- {m.Name}{(language == Language.French ? " : " : ": ")}{words.Measure(m)}", page));
        Assert.All(report.Fast.Kinds, k => Has($"- {words.KeptKind(k.Kind)}{(language == Language.French ? " : " : ": ")}{words.Days(k.Days)}", page));
        Assert.All([charter.Explain.In(language), charter.Necessity.In(language)], t => Has($"> {t}\n", page));
        Assert.All([words.Consent(charter.Consent), words.Review(charter.Review)], t => Has("- " + t, page));
        Has(words.Training(charter.AiTraining), page);
        Has(words.Covers(charter.Covers), page);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void what_does_not_leave_is_said_not_to(string file, Language language)
    {
        var (report, words) = (Report(file), new CharterWords(language));
        var page = EmployeeText.Write(report, language);
        foreach (var stream in report.Charter.Collect)
        {
            var leaving = report.Charter.LeavingFields(stream).ToList();
            Assert.All(stream.Shape.Fields.Keys, f => Has($"| {words.Stream(stream.Shape)} | {words.Field(stream.Shape, f)} | {words.Field(stream.Fields.GetValueOrDefault(f), leaving.Contains(f))} |", page));
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void the_fixed_sentences_are_in_the_readers_language(string file, Language language)
    {
        if (language != Language.English)
        {
            // Without the author's own words, and without the names of fields, values and measures.
            var report = Report(file);
            var charter = report.Charter with { Explain = new LocalizedText("X"), Necessity = new LocalizedText("X"), Consent = report.Charter.Consent is Consent.None ? new Consent.None("X") : report.Charter.Consent };
            var kinds = report.Fast.Kinds.Select(k => k with { Because = null }).ToList();
            var page = EmployeeText.Write(report with { Charter = charter with { AiTraining = charter.AiTraining is AiTraining.OptIn t ? t with { For = "X" } : charter.AiTraining }, Fast = report.Fast with { Kinds = kinds } }, language);
            var names = charter.Collect.SelectMany(s => s.Shape.Fields.Keys).Concat(charter.Measures.Select(m => m.Name)).Concat(charter.Measures.Select(m => m.Unit)).Append("time").ToHashSet(StringComparer.Ordinal);
            Assert.DoesNotContain(Word().Matches(Unescaped(page)).Select(m => m.Value), w => English.Contains(w) && !names.Contains(w));
        }
    }

    [Fact]
    public void nothing_in_german_or_french_is_left_as_in_english()
    {
        CharterWords german = new(Language.German), french = new(Language.French);
        foreach (var shape in Streams.All.Values)
        {
            Assert.Equal(3, new[] { CharterWords.English.Stream(shape), german.Stream(shape), french.Stream(shape) }.Distinct().Count());
            Assert.All(shape.Fields.Keys, f => Assert.Equal(3, new[] { f, german.Field(shape, f), french.Field(shape, f) }.Distinct().Count()));
        }

        foreach (var purpose in Purposes.All.Values)
        {
            Assert.Equal(3, purpose.Says.Written.Select(w => w.Text).Distinct().Count());
        }

        foreach (var day in Enumerable.Range(1, 12).Select(m => new DateOnly(2026, m, 1)))
        {
            Assert.Matches(@"^1\. \p{L}+ 2026$", german.Date(day));
            Assert.Matches(@"^1er \p{Ll}+ 2026$", french.Date(day));
        }
    }

    [Theory]
    [InlineData(Language.English, "14 days after it is proposed", "1 December 2026", "Monday to Friday, 08:00 to 18:00, your own time")]
    [InlineData(Language.German, "14 Tage nach dem Vorschlag", "1. Dezember 2026", "Montag bis Freitag, 08:00 bis 18:00 Uhr, Ihre Ortszeit")]
    [InlineData(Language.French, "14 jours après la proposition", "1er décembre 2026", "de lundi à vendredi, de 08:00 à 18:00, votre heure locale")]
    public void days_and_hours_are_said_in_words(Language language, string after, string date, string hours)
    {
        var words = new CharterWords(language);
        var charter = FocusTime.With();
        Assert.Equal((after, date, hours), (words.Day(CharterReader.TemplateDay.AddDays(14), isTemplate: true), words.Day(charter.From, isTemplate: false), words.Hours(charter.Hours)));
    }

    [Fact]
    public void what_an_author_writes_is_text_and_never_markup()
    {
        const string Evil = "<script>alert(1)</script> **bold** [link](javascript:x) `code` | cell # h ~~gone~~ \\\\ _it_";
        var report = Excerpt.Report($$"""
            explain: "{{Evil}}\n\n# heading; nobody sees it"
            necessity: "{{Evil}}\n\n- [x] item"
            consent: "none, {{Evil}}"
            keep: { records: { for: 90d, because: "{{Evil}}" }, contributions: 35d, releases: 2y, looks: 2y }
            ai-training: { consent: opt-in, for: "{{Evil}}", fields: [app], minimum-people: 50, keep: 90d }
            """);
        foreach (var page in AllPages(report))
        {
            Assert.Contains(@"\<script\>alert(1)\</script\> \*\*bold\*\* \[link\](javascript:x) \`code\` \| cell \# h \~\~gone\~\~ \\ \_it\_", page, StringComparison.Ordinal);
            Assert.DoesNotContain(page.Split('\n'), l => l.StartsWith("# heading", StringComparison.Ordinal) || l.StartsWith("- [x]", StringComparison.Ordinal));
            Assert.DoesNotMatch(@"(^|[^\\])[<`~]", page); // nothing of ours needs these
        }
    }

    [Theory]
    [InlineData("1. We count; nobody sees you")]
    [InlineData("- We count; nobody sees you")]
    [InlineData("--- We count; nobody sees you")]
    [InlineData("=== We count; nobody sees you")]
    [InlineData("+ We count; nobody sees you")]
    public void what_an_author_begins_with_makes_no_list_and_no_rule(string text) =>
        Assert.DoesNotContain("\n> " + text, EmployeeText.Write(Excerpt.Report($"necessity: \"{text}\""), Language.English), StringComparison.Ordinal);

    [Fact]
    public void what_an_author_writes_in_braces_stays()
    {
        var report = Excerpt.Report("ai-training: { consent: opt-in, for: \"suggest the next tool {1}\", fields: [app], minimum-people: 50, keep: 90d }");
        Has("suggest the next tool {1}", EmployeeText.Write(report, Language.English));
    }

    [Fact]
    public void long_hours_are_told_with_their_reason_and_the_basis_with_its_article()
    {
        var report = Excerpt.Report("hours: { when: always, because: The team works in shifts. }");
        Has("So long because: The team works in shifts.\n", EmployeeText.Write(report, Language.English));
        Has("So lange, weil: The team works in shifts.\n", EmployeeText.Write(report, Language.German));
        Has("Lawful basis: Art. 6(1)(f) GDPR.\n", EmployeeText.Write(report, Language.English));
        Has("Rechtsgrundlage: Art. 6(1)(f) DSGVO.\n", EmployeeText.Write(report, Language.German));
        Has("First day: 1 December 2026. Last day: 31 May 2027;", EmployeeText.Write(report, Language.English));
    }

    [Fact]
    public void an_author_who_wrote_one_language_is_quoted_in_it()
    {
        var report = Excerpt.Report("explain: { de: \"Wir zählen, wie lange Teams sich treffen; niemand sieht Ihren Tag, außer einer Ermittlung.\" }");
        Assert.All(AllPages(report).Where(p => !p.StartsWith("# Record", StringComparison.Ordinal)), page => Has("> Wir zählen, wie lange Teams sich treffen", page));
    }

    [Theory]
    [MemberData(nameof(ReadyCharterTests.Files), MemberType = typeof(ReadyCharterTests))]
    public void the_record_of_processing_has_the_parts_of_article_30(string file)
    {
        var (report, words) = (Report(file), CharterWords.English);
        var page = LegalTexts.ProcessingRecord(report);
        Assert.Equal(
            [
                $"# Record of processing: {report.Charter.Program}, version 1", "## (a) Controller", "## (b) Purposes", "## (c) Data subjects and personal data", "## (d) Recipients", "## (e) Transfers to third countries",
                "## (f) Time limits for erasure", "## (g) Technical and organizational measures (Art. 32)",
            ],
            Headings(page));
        Has(Purposes.All[report.Charter.Purpose].Dpv, page);
        Has(Vocabulary.LawfulBases[report.Charter.LawfulBasis], page);
        Assert.All(report.Charter.Show, r => Has("- " + words.Rule(r, report.Charter), page));
        Assert.All(report.Fast.Kinds, k => Has($"| {k.Kind} | {words.Days(k.Days)} |", page));
        Assert.All(report.Charter.Collect.SelectMany(s => s.Fields.Where(f => f.Value is not Transform.Drop), (s, f) => $"| {s.Stream} | {f.Key} |"), row => Has(row, page));
    }

    [Theory]
    [MemberData(nameof(ReadyCharterTests.Files), MemberType = typeof(ReadyCharterTests))]
    public void the_impact_assessment_has_the_parts_of_article_35(string file)
    {
        var report = Report(file);
        var page = LegalTexts.ImpactAssessment(report);
        Assert.Equal(
            [$"# Data protection impact assessment: {report.Charter.Program}, version 1", "## (a) The processing and its purposes", "## (b) Necessity and proportionality", "## (c) Risks to the people covered", "## (d) Measures", "## Advice and views"],
            Headings(page));
        Assert.All(report.Need, n => Has($"| {n.Stream} | {n.Field} | {string.Join(", ", n.Uses)} |", page));
        Assert.All(report.Fast.Kinds, k => Has(k.Usual.Source, page));
        Assert.Equal(report.Charter.LawfulBasis == "legitimate-interests", page.Contains("Art. 6(1)(f)", StringComparison.Ordinal));
        Assert.DoesNotContain("Computed over a directory", page, StringComparison.Ordinal);
    }

    [Fact]
    public void the_impact_assessment_has_numbers_where_there_is_a_directory()
    {
        var people = new OrgSnapshot(
            [.. Enumerable.Range(1, 6).Select(i => new Person($"p{i}", $"p{i}@example.com", $"P{i}", "red", ManagerLink.To(i == 1 ? string.Empty : "p1"), "Bonn", "Europe/Berlin"))],
            [new Team("red", "Red", string.Empty)],
            new DateOnly(2026, 11, 20));
        var page = LegalTexts.ImpactAssessment(Report(FocusTime.File, new CheckDirectory(people, null)));
        Has("Computed over a directory of 6 people, of whom 6 are covered:", page);
        Has("| manager/focus-minutes | 1 | 5 | 5 |", page);
        Has("| role:investigator/records | unknown | 6 | 0 |", page);
    }

    [Theory]
    [MemberData(nameof(ReadyCharterTests.Files), MemberType = typeof(ReadyCharterTests))]
    public void the_new_york_notice_has_the_words_of_the_statute_and_room_for_a_signature(string file)
    {
        var report = Report(file);
        var page = LegalTexts.NewYorkNotice(report);
        Assert.Equal([$"# Notice of electronic monitoring: {report.Charter.Program}", "## Acknowledgment"], Headings(page));
        Has("Any and all telephone conversations or transmissions, electronic mail or transmissions, or internet access or usage by an employee", page);
        Has("may be subject to monitoring at any and all times and by any lawful means.", page);
        Assert.All(report.Charter.Collect, s => Has($"- {s.Shape.Says}: {string.Join(", ", s.Collected)}", page));
        Assert.All(new[] { "Name", "Date", "Signature" }, b => Has($"- [ ] *{b}*", page));
    }

    [Theory]
    [MemberData(nameof(ReadyCharterTests.Files), MemberType = typeof(ReadyCharterTests))]
    public void no_legal_text_poses_as_advice_or_leaves_a_place_open(string file)
    {
        var report = Report(file);
        Assert.All(LegalPages(report with { Charter = report.Charter with { Explain = new LocalizedText("X") } }), CheckLegal);
    }

    private static void CheckLegal(string page)
    {
        Assert.Contains("This is not legal advice.", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\{[0-9]\}", page);
        Assert.DoesNotContain("2001", page, StringComparison.Ordinal);
        Assert.DoesNotContain("your machine", page, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Headings(string page) => page.Split('\n').Where(l => l.StartsWith('#')).Select(Unescaped);

    [GeneratedRegex(@"[\p{L}-]+", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
