using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Core.Directory;

namespace Daylight.Tests.Core;

public sealed class CharterCheckTests
{
    private const string Submissions = """
        purpose: team-outcomes
        hours: always
        collect:
          outcome: { objective: keep, progress: round 5, note: keep }
        keep: { submissions: 400d, looks: 2y }
        # without: measures

        """;

    // Vera leads Mia and Paul; Mia leads six in red, Paul four in blue; Ivan stands alone. Red, blue and their leads are the department dev.
    private static readonly OrgSnapshot Company = new(
        [
            Somebody("vera", "board", string.Empty), Somebody("mia", "red", "vera"), Somebody("paul", "blue", "vera"), Somebody("ivan", "sec", string.Empty, "Kiel"),
            .. Enumerable.Range(1, 6).Select(i => Somebody($"r{i}", "red", "mia")), .. Enumerable.Range(1, 4).Select(i => Somebody($"b{i}", "blue", "paul", "Kiel")),
        ],
        [
            new Team("company", "Company", string.Empty), new Team("board", "Board", "company"), new Team("sec", "Security", "company"), new Team("dev", "Development", "company"),
            new Team("red", "Red", "dev"), new Team("blue", "Blue", "dev"),
        ], new DateOnly(2026, 11, 20));

    private static readonly CheckDirectory Directory = new(Company, new Dictionary<string, IReadOnlyList<string>> { ["ivan"] = ["investigator"], ["r1"] = ["analyst"], ["r2"] = ["analyst", "works-council"] });

    private static Person Somebody(string id, string team, string manager, string site = "Bonn") => new(id, id + "@example.com", id, team, ManagerLink.To(manager), site, "Europe/Berlin");

    private static string Show(params string[] rules) => "show:\n" + string.Concat(rules.Select(r => $"  - {{ {r} }}\n"));

    private static IEnumerable<string> Codes(string excerpt, CheckDirectory? directory = null) => Excerpt.Found(excerpt, directory).Select(d => d.Code);

    private static string Leaving(Charter charter, string stream) => string.Join(' ', charter.LeavingFields(charter.Stream(stream)!));

    /// <summary>The rule's exposure as <c>viewers subjects widest most</c>.</summary>
    private static string Exposure(string excerpt, string rule, CheckDirectory? directory = null)
    {
        var found = Assert.Single(Excerpt.Report(excerpt, directory ?? Directory).Who!.Rules, r => r.Rule == rule);
        return $"{found.Viewers?.ToString() ?? "?"} {found.Subjects} {found.Widest ?? "-"} {found.Most}";
    }

    [Fact]
    public void every_collected_field_is_listed_with_what_uses_it() => Assert.Equal(
        [
            "afk.status: measure focus-minutes",
            "window.app: measure focus-minutes, rule self/records, rule role:investigator/records",
            "window.time: rule self/records, rule role:investigator/records",
        ],
        Excerpt.Report(string.Empty).Need.Select(n => $"{n.Stream}.{n.Field}: {string.Join(", ", n.Uses)}"));

    [Fact]
    public void a_training_clause_is_a_use_and_a_dropped_field_needs_none()
    {
        var need = Excerpt.Report("""
            collect:
              window: { app: category, title: drop, time: round 5m }
              afk: { status: keep }
            ai-training: { consent: opt-in, for: suggest the next tool, fields: [app], minimum-people: 50, keep: 90d }
            """).Need;
        Assert.DoesNotContain(need, n => n.Field == "title");
        Assert.Contains("AI training", Assert.Single(need, n => n.Field == "app").Uses);
    }

    [Theory]
    [InlineData("app: category, url: host, time", "url")]
    [InlineData("app: category, url: category, time", "url")]
    public void a_field_that_nothing_uses_is_found_at_its_place(string fields, string field)
    {
        var finding = Assert.Single(CharterCheck.Of(CharterReader.Read(FocusTime.TextWith(("app: category, time", fields)), FocusTime.File), FocusTime.File)!.Findings);
        Assert.Equal((DiagnosticCodes.NeedUnused, 17, 28), (finding.Code, finding.Line, finding.Column));
        Assert.Contains($"'{field}'", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void that_somebody_could_see_a_field_is_no_use_of_it() => Assert.Contains(
        DiagnosticCodes.NeedUnused,
        Codes("""
            collect:
              window: { app: category, url: host, time: round 5m }
              afk: { status: keep }
            show:
              - { to: self, what: records }
              - { to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5 }
            """));

    [Theory]
    [InlineData("calendar: { attendees: keep }", "{ from: calendar, count: events, where: { attendees: [8..] }, per: day, clamp: 0..9, unit: meetings }")]
    [InlineData("calendar: { attendees: round 2 }", "{ from: calendar, share: { attendees: [8..] }, per: day, clamp: 0..100, unit: '% of time' }")]
    [InlineData("editor: { project: keep }", "{ from: editor, distinct: project, per: day, clamp: 0..9, unit: projects }")]
    [InlineData("editor: { project: { redact: email } }", "{ from: editor, distinct: project, per: day, clamp: 0..9, unit: projects }")]
    public void what_a_coarser_transform_would_do_is_too_fine(string stream, string measure) => Assert.Equal([DiagnosticCodes.NeedTooFine], Codes(OneMeasure(stream, measure)));

    [Theory]
    [InlineData("calendar: { attendees: { bucket: [8] } }", "{ from: calendar, count: events, where: { attendees: [8 or more] }, per: day, clamp: 0..9, unit: meetings }")]
    [InlineData("calendar: { attendees: keep }", "{ from: calendar, mean: attendees, per: day, clamp: 0..50, unit: people }")]
    [InlineData("editor: { project: pseudonym }", "{ from: editor, distinct: project, per: day, clamp: 0..9, unit: projects }")]
    public void what_is_as_coarse_as_its_use_passes(string stream, string measure) => Assert.Empty(Codes(OneMeasure(stream, measure)));

    [Fact]
    public void counts_by_the_hour_that_are_shown_by_the_day_are_too_fine()
    {
        static string Counted(string step, string fields) => $$"""
            collect:
              input: { presses: count {{step}} }
            measures:
              focus-minutes: { from: input, sum: presses, per: day, clamp: 0..60000, unit: presses }
            explain: We count how much keyboards are used; nobody sees your own day but you.
            {{Show($"to: self, what: records, fields: [{fields}]", "to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5")}}
            """;
        Assert.Equal([DiagnosticCodes.NeedTooFine], Codes(Counted("1h", "presses")));
        Assert.Empty(Codes(Counted("1d", "presses")));
    }

    [Theory]
    [InlineData("Mon-Sun 05:00-21:00", false)]
    [InlineData("Mon-Sun 05:00-21:01", true)]
    [InlineData("[Mon-Fri 00:00-12:00, Mon 12:00-24:00]", true)]
    [InlineData("{ when: always, because: We work in three shifts. }", false)]
    public void around_the_clock_needs_a_reason_and_that_is_told_once(string hours, bool found) => Assert.Equal(found ? [DiagnosticCodes.AlwaysOn] : [], Codes("hours: " + hours));

    [Fact]
    public void what_doors_and_systems_record_anyway_may_be_collected_at_any_hour()
    {
        const string Doors = "purpose: security\nhours: always\ncollect:\n  badge: { door: keep, time: round 1h }\nkeep: { records: 30d, looks: 2y }\n# without: measures\n";
        Assert.Empty(Codes(Doors + Show("to: self, what: records, fields: [door, time]")));
    }

    [Fact]
    public void only_fields_that_a_rule_shows_leave_the_machine()
    {
        Assert.Equal(("app time", string.Empty), (Leaving(Excerpt.Charter(string.Empty), "window"), Leaving(Excerpt.Charter(string.Empty), "afk")));
        var self = Excerpt.Charter(Show("to: self, what: records, fields: [app]", "to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5"));
        Assert.Equal("app", Leaving(self, "window"));
        var training = new AiTraining.OptIn("a model", ["time", "title"], 50, 90);
        Assert.Equal("app", Leaving(self with { AiTraining = training }, "window")); // what only a training clause names stays
        Assert.Equal(string.Empty, Leaving(self with { Show = [.. self.GroupRules] }, "window"));
    }

    [Fact]
    public void a_rule_without_fields_shows_everything_that_is_collected()
    {
        var charter = Excerpt.Charter(Show("to: self, what: records", "to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5"));
        Assert.Equal(("app time", string.Empty), (Leaving(charter, "window"), Leaving(charter, "afk"))); // without a time step there is no record
        var timed = Excerpt.Charter(Show("to: self, what: records", "to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5") + "collect:\n  window: { app: category, time: round 5m }\n  afk: { status: keep, time: round 5m }\n");
        Assert.Equal("status time", Leaving(timed, "afk"));
    }

    [Fact]
    public void a_time_leaves_with_something_or_where_nothing_else_is_collected()
    {
        var charter = Excerpt.Charter(string.Empty);
        ShowRule[] onlyTime = [new ShowRule.Individual(new Audience.Self(), IndividualKind.Records, ["time"], Needs.Nothing, 0)];
        Assert.Equal(string.Empty, Leaving(charter with { Show = [.. onlyTime] }, "window"));
        var stream = charter.Stream("window")! with { Fields = charter.Stream("window")!.Fields.Clear() };
        Assert.Equal("time", Leaving(charter with { Show = [.. onlyTime], Collect = [stream] }, "window"));
    }

    [Fact]
    public void a_rule_for_records_lets_no_submission_leave()
    {
        var charter = Excerpt.Charter(Submissions + Show("to: self, what: submissions, fields: [progress]"));
        Assert.Equal("progress", Leaving(charter, "outcome"));
        Assert.Equal(string.Empty, Leaving(charter with { Show = [new ShowRule.Individual(new Audience.Self(), IndividualKind.Records, ["progress"], Needs.Nothing, 0)] }, "outcome"));
    }

    [Fact]
    public void a_field_that_a_rule_lists_and_no_record_can_hold_is_found() => Assert.StartsWith(
        "'status' is in no record", Assert.Single(FocusTime.Problems(FocusTime.TextWith(("fields: [app, time] }", "fields: [app, status, time] }")))).Message, StringComparison.Ordinal);

    [Fact]
    public void a_measure_that_nobody_is_shown_is_found() => Assert.Equal([DiagnosticCodes.NeedShownToNobody], Codes(
        "measures:\n  focus-minutes: { from: window, sum: duration, where: { app: [Editor] }, while: { afk: not-afk }, per: day, clamp: 0..600, unit: min }\n  all-minutes: { from: window, sum: duration, per: day, clamp: 0..600, unit: min }\n"));

    [Fact]
    public void without_a_directory_nobody_is_counted() => Assert.Null(Excerpt.Report(string.Empty).Who);

    [Fact]
    public void who_is_answered_in_numbers()
    {
        var who = Excerpt.Report(string.Empty, Directory).Who!;
        Assert.Equal((14, 14), (who.Covered, who.People));
        Assert.Equal(["self/records", "manager/focus-minutes", "role:investigator/records"], who.Rules.Select(r => r.Rule));
        Assert.All(who.Rules, r => Assert.Equal(new DateOnly(2027, 3, 1), r.FirstReview));
        Assert.Equal("14 14 - 1", Exposure(string.Empty, "self/records"));
        Assert.Equal("1 6 mia@example.com 6", Exposure(string.Empty, "manager/focus-minutes")); // blue is too small, and mia is not in her own figure
        Assert.Equal("1 14 ivan@example.com 13", Exposure(string.Empty, "role:investigator/records"));
    }

    [Theory]
    [InlineData("team:red", 7)]
    [InlineData("team:dev", 12)]
    [InlineData("site:Kiel", 5)]
    [InlineData("role:analyst", 2)]
    [InlineData("{ who: everyone, except: role:analyst }", 12)]
    [InlineData("{ who: team:red, except: employment:apprentice }", 0)] // the directory does not say who is one
    public void coverage_is_counted_person_by_person(string covers, int covered) => Assert.Equal(covered, Excerpt.Report("covers: " + covers, Directory).Who!.Covered);

    [Theory]
    [InlineData("manager", "team", 5, "1 6 mia@example.com 6")]
    [InlineData("manager", "team", 7, "0 0 - 0")]
    [InlineData("manager-chain", "department", 5, "1 12 vera@example.com 12")]
    [InlineData("team-member", "team", 5, "6 6 r1@example.com 5")]
    [InlineData("team-member", "team", 6, "0 0 - 0")] // whoever is in the team knows their own number
    [InlineData("role:analyst", "team", 5, "2 6 r1@example.com 5")] // nobody counts towards what they view
    [InlineData("role:analyst", "team", 7, "0 0 - 0")]
    [InlineData("role:analyst", "department", 5, "2 12 r1@example.com 11")]
    [InlineData("role:analyst", "department", 13, "0 0 - 0")]
    [InlineData("role:analyst", "site", 6, "2 9 r1@example.com 8")]
    [InlineData("role:analyst", "site", 5, "2 14 r1@example.com 13")]
    [InlineData("role:analyst", "company", 14, "0 14 - 0")]
    public void groups_are_counted_by_level(string to, string by, int fewest, string exposure) => Assert.Equal(
        exposure,
        Exposure(Show($"to: {to}, what: focus-minutes, by: {by}, per: week, minimum-group: {fewest}") + "keep: { contributions: 35d, releases: 2y, looks: 2y }\ncollect:\n  window: { app: category }\n  afk: { status: keep }\n", $"{to}/focus-minutes" + (by == "team" ? "" : "/" + by)));

    [Theory]
    [InlineData("manager", 3, "mia", 6)]
    [InlineData("manager-chain", 1, "vera", 10)]
    [InlineData("team-member", 12, "mia", 6)]
    [InlineData("role:analyst", 2, "r1", 13)]
    public void who_could_see_what_one_person_hands_in_is_counted(string to, int viewers, string widest, int most)
    {
        var needs = to.StartsWith("role:", StringComparison.Ordinal) ? ", tell: at once" : string.Empty;
        var rule = Assert.Single(Excerpt.Report(Submissions + Show($"to: {to}, what: submissions, fields: [objective, progress, note]{needs}"), Directory).Who!.Rules);
        Assert.Equal((viewers, widest + "@example.com", most), (rule.Viewers, rule.Widest, rule.Most));
    }

    [Fact]
    public void viewers_by_role_are_unknown_where_nobody_says_who_holds_one()
    {
        var unknown = new CheckDirectory(Company, null);
        Assert.Equal("? 14 - 0", Exposure(string.Empty, "role:investigator/records", unknown));
        Assert.Empty(Codes(string.Empty, unknown));
    }

    [Fact]
    public void a_rule_that_matches_nobody_is_found()
    {
        Assert.Empty(Codes(string.Empty, Directory));
        Assert.Equal([DiagnosticCodes.WhoNobody], Codes(string.Empty, Directory with { Roles = new Dictionary<string, IReadOnlyList<string>>() }));
        Assert.Equal([DiagnosticCodes.WhoNobody], Codes("covers: team:blue", Directory)); // four people, and a figure takes five
        Assert.Equal([DiagnosticCodes.WhoNobody], Codes("covers: team:moon", Directory));
    }

    [Fact]
    public void a_rule_that_lets_everybody_look_is_found()
    {
        var analysts = Directory with { Roles = Company.People.ToDictionary(p => p.Id, p => (IReadOnlyList<string>)["analyst"]) };
        var group = Show("to: self, what: records, fields: [app, time]", "to: role:analyst, what: focus-minutes, by: team, per: week, minimum-group: 5");
        var finding = Assert.Single(Excerpt.Report(group, analysts).Findings);
        Assert.Equal((DiagnosticCodes.WhoEverybody, 24, 5), (finding.Code, finding.Line, finding.Column));
    }

    [Fact]
    public void the_last_trace_of_each_kind_follows_from_the_charters_own_days()
    {
        // The charter ends on a Monday, so its last week ends on Sunday, 6 June. A row goes when its day is over in UTC−12: one day later.
        var fast = Excerpt.Report(string.Empty).Fast;
        Assert.Equal(
            [("records", new DateOnly(2027, 6, 15)), ("contributions", new DateOnly(2027, 7, 12)), ("releases", new DateOnly(2029, 6, 6)), ("looks", new DateOnly(2029, 6, 14))],
            fast.Kinds.Select(k => (k.Kind, k.LastTrace)));
        Assert.Equal((new DateOnly(2027, 7, 12), new DateOnly(2029, 6, 14)), (fast.PersonalGone, fast.Gone));
    }

    [Theory]
    [InlineData("30d", false)]
    [InlineData("31d", true)]
    [InlineData("{ for: 31d, because: The works agreement says so. }", false)]
    public void longer_than_usual_needs_a_reason(string records, bool found)
    {
        var report = Excerpt.Report($"keep: {{ records: {records}, contributions: 35d, releases: 2y, looks: 2y }}");
        Assert.Equal(found, report.Findings.Any(f => f.Code == DiagnosticCodes.FastTooLong));
        Assert.StartsWith("CNIL SAN-2023-021", report.Fast.Kinds[0].Usual.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("contributions: 42d, releases: 3y, looks: 3y", 0)]
    [InlineData("contributions: 43d, releases: 1096d, looks: 1096d", 3)]
    public void every_kind_has_a_usual_limit(string keep, int found) => Assert.Equal(found, Codes($"keep: {{ records: 14d, {keep} }}").Count(c => c == DiagnosticCodes.FastTooLong));

    [Fact]
    public void each_language_is_answered_for_itself() => Assert.Equal(
        [(Language.English, 16), (Language.German, 14), (Language.French, 16)],
        Excerpt.Report("""
            explain:
              en: We count how long teams meet; nobody sees your own day but you, or an investigator.
              de: Wir zählen, wie lange Teams sich treffen; niemand sieht Ihren Tag, außer einer Ermittlung.
              fr: Nous comptons le temps des réunions ; personne ne voit votre journée sauf vous, ou un enquêteur.
            """).Sentences.Select(s => (s.Language, s.Words)));

    [Theory]
    [InlineData(Language.English, "We count how long you meet so that teams can meet less", "Organizational communication characteristics undergo continuous quantitative documentation")]
    [InlineData(Language.German, "Wir zählen wie lange ihr euch trefft damit ihr mehr Zeit habt", "Kommunikationsbezogene Organisationscharakteristika unterliegen kontinuierlicher Dokumentationsverpflichtung")]
    [InlineData(Language.French, "Nous comptons le temps que vous passez à vous voir", "Les caractéristiques organisationnelles communicationnelles nécessitent une documentation quantitative")]
    public void a_plain_sentence_reads_more_easily_than_a_hard_one(Language language, string plain, string hard)
    {
        var (easy, difficult) = (Readability.Of(plain.Split(' '), language), Readability.Of(hard.Split(' '), language));
        Assert.True(easy > 60 && difficult < 30, $"{easy} and {difficult}");
    }

    [Theory]
    [InlineData("you", Language.English, 1)]
    [InlineData("measure", Language.English, 2)]
    [InlineData("investigator", Language.English, 5)]
    [InlineData("niemand", Language.German, 2)]
    [InlineData("Führungskraft", Language.German, 3)]
    [InlineData("mesurons", Language.French, 3)]
    [InlineData("l'équipe", Language.French, 2)]
    [InlineData("4", Language.French, 1)]
    public void syllables_are_counted_by_rule_of_thumb(string word, Language language, int syllables) => Assert.Equal(syllables, Readability.Syllables(word, language));

    [Theory]
    [InlineData("en", "We gain insights; nobody sees your own day but you, or an investigator.", "'insights' says nothing")]
    [InlineData("en", "We optimize meetings; nobody sees your own day but you, or an investigator.", "'optimize' says nothing")]
    [InlineData("de", "Wir optimieren Treffen; niemand sieht Ihren Tag außer Ihnen oder einer Ermittlung.", "'optimieren' says nothing")]
    [InlineData("fr", "Nous notons le temps, notamment des réunions ; personne ne voit vos jours sauf vous ou un enquêteur.", "'notamment' says nothing")]
    public void a_word_that_says_nothing_is_found_in_its_language(string language, string sentence, string message)
    {
        var finding = Assert.Single(Excerpt.Found($"explain: {{ {language}: \"{sentence}\" }}"));
        Assert.Equal(DiagnosticCodes.SentenceWeasel, finding.Code);
        Assert.StartsWith(message, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("role:investigator", "en", "We count how long teams meet; only an investigator sees your own day.", true)]
    [InlineData("role:investigator", "en", "We count how long teams meet; an enquiry sees your own day.", false)]
    [InlineData("role:investigator", "en", "We count how long teams meet; only the Ermittlung sees your own day.", true)]
    [InlineData("role:investigator", "de", "Wir zählen, wie lange Teams sich treffen; nur die Ermittlung sieht Ihren Tag.", true)]
    [InlineData("role:investigator", "en", "We ask an investigator how long teams meet; nobody sees your own day but you.", false)] // named, and not where it says who sees
    [InlineData("role:investigator", "en", "We count how long teams meet; nobody sees your own day, not even an investigator.", false)]
    [InlineData("role:security", "en", "We count how long teams meet; only security sees your own day.", true)]
    [InlineData("role:security", "en", "We count how long teams meet; nobody sees your own day but you.", false)]
    [InlineData("role:analyst", "en", "We count how long teams meet; only the psychoanalyst sees your own day.", false)]
    [InlineData("role:works-council", "fr", "Nous comptons le temps des réunions ; seul le comité social et économique voit vos jours.", true)]
    [InlineData("role:works-council", "fr", "Nous comptons le temps des réunions ; seul le comité voit votre journée.", false)]
    public void whoever_sees_one_persons_records_is_named(string to, string language, string sentence, bool passes)
    {
        var approvals = to == "role:works-council" ? "[privacy-officer, security]" : "[privacy-officer, works-council]";
        var show = Show(
            "to: self, what: records, fields: [app, time]", "to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5",
            $"to: {to}, what: records, fields: [app, time], needs: {{ case: true, approvals: {approvals} }}, tell: at once");
        Assert.Equal(passes ? [] : [DiagnosticCodes.SentenceViewer], Codes(show + $"explain: {{ {language}: \"{sentence}\" }}\n"));
    }

    [Theory]
    [InlineData("en", "We count how long teams meet; nobody sees your own day.", true)]
    [InlineData("en", "We count how long teams meet; only you see your own day.", true)]
    [InlineData("de", "Wir zählen, wie lange Teams sich treffen; niemand sieht Ihren Tag.", true)]
    [InlineData("fr", "Nous comptons le temps des réunions ; vous seul voyez vos jours.", true)]
    [InlineData("fr", "Nous comptons le temps des réunions ; personne ne voit vos jours sauf vous.", true)]
    [InlineData("en", "We count how long the teams in this company meet.", false)]
    [InlineData("en", "We count how long teams meet, and nobody is late.", false)]
    [InlineData("de", "We count how long teams meet; nobody sees your own day.", false)]
    public void where_nobody_sees_one_person_that_is_said(string language, string sentence, bool passes) => Assert.Equal(
        passes ? [] : [DiagnosticCodes.SentenceViewer],
        Codes(Show("to: self, what: records, fields: [app, time]", "to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5") + $"explain: {{ {language}: \"{sentence}\" }}\n"));

    [Theory]
    [InlineData("explain: {}")]
    [InlineData("necessity: {}")]
    [InlineData("necessity: '  '")]
    [InlineData("explain: We count things.")]
    [InlineData("consent: none, because")]
    [InlineData("hours: { when: always, because: ' ' }")]
    [InlineData("hours: { when: always, because: We have to. }")]
    [InlineData("keep: { records: { for: 31d, because: '  ' }, contributions: 35d, releases: 2y, looks: 2y }")]
    [InlineData("measures:\n  focus-minutes: { from: window, sum: duration, while: { afk: asleep }, per: day, clamp: 0..600, unit: min }")]
    [InlineData("measures:\n  focus-minutes: { from: window, share: { app: [Nonsense] }, while: { afk: not-afk }, per: day, clamp: 0..100, unit: '% of time' }")]
    public void what_says_nothing_is_found(string excerpt) => Assert.NotEmpty(Codes(excerpt));

    private static string OneMeasure(string stream, string measure) =>
        $"explain: We count how long and how often teams meet; nobody sees your own day but you.\ncollect:\n  {stream}\nmeasures:\n  focus-minutes: {measure}\nkeep: {{ contributions: 35d, releases: 2y, looks: 2y }}\n"
        + Show("to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5");
}
