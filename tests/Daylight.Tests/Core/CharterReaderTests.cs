using Daylight.Core.Charters;

namespace Daylight.Tests.Core;

public sealed class CharterReaderTests
{
    [Fact]
    public void the_committed_charter_reads_as_written()
    {
        var charter = FocusTime.With();
        Assert.Equal(("focus-time", 1, "workload-management"), (charter.Program, charter.Version, charter.Purpose));
        Assert.Equal((new DateOnly(2026, 12, 1), new DateOnly(2027, 5, 31)), (charter.From, charter.Until));
        Assert.Equal([new TimeOfDay(480, 1080)], charter.Hours.On(DayOfWeek.Monday));
        Assert.Equal([new TimeOfDay(480, 1080)], charter.Hours.On(DayOfWeek.Friday));
        Assert.Empty(charter.Hours.On(DayOfWeek.Sunday));
        Assert.Equal(TimeSpan.FromMinutes(5), charter.Stream("window")!.TimeStep);
        Assert.Null(charter.Stream("afk")!.TimeStep);
        Assert.Equal(["app"], charter.Stream("window")!.Fields.Keys);
        Assert.Equal([("records", 14), ("contributions", 35), ("releases", 730), ("looks", 730)], charter.Keep.Kinds);
        Assert.Equal(new Clamp(0, 600), Assert.Single(charter.Measures).Clamp);
        Assert.Equal(["self/records", "manager/focus-minutes", "role:investigator/records"], charter.Show.Select(r => r.Name));
        Assert.Equal(30, ((ShowRule.Individual)charter.Show[2]).TellWithinDays);
        Assert.Equal(TimeSpan.FromMinutes(10), ((ShowRule.Individual)charter.Show[2]).Needs.StepUp);
        Assert.Equal(5, ((ShowRule.Group)charter.Show[1]).MinimumGroup);
    }

    /// <summary>The caret marks where the problem is reported.</summary>
    [Theory]
    [InlineData("program: focus-time", "program: ^Focus Time", "'program' is a name of lower-case letters, digits and dashes, not 'Focus Time'")]
    [InlineData("program: focus-time", "program: ^\"focus-time\\n\"", "'program' is a name of lower-case letters, digits and dashes, not 'focus-time\uFFFD'")]
    [InlineData("version: 1\n", "version: ^one\n", "'version' is a whole number from 1 to 1000000, not 'one'")]
    [InlineData("version: 1\n", "version: ^0\n", "'version' is a whole number from 1 to 1000000, not '0'")]
    [InlineData("version: 1\n", "version: ^[1]\n", "'version' is a text")]
    [InlineData("purpose: workload-management", "purpose: ^curiosity", "'purpose' cannot be 'curiosity'; allowed: collaboration, compliance,")]
    [InlineData("lawful-basis: legitimate-interests", "lawful-basis: ^because", "'lawful-basis' cannot be 'because'; allowed: consent, contract, legal-obligation, legitimate-interests, works-agreement")]
    [InlineData("purpose: workload-management\n", "purpose: workload-management\n^motto: more\n", "a charter has no key 'motto'; allowed: program, version,")]
    [InlineData("owner: role:program-owner", "owner: ^role:boss", "'owner' cannot be 'role:boss'; allowed: role:program-owner")]
    [InlineData("owner: role:program-owner", "owner: ^manager", "'owner' cannot be 'manager'; allowed: role:program-owner")]
    [InlineData("owner: role:program-owner", "owner: ^role:security", "'owner' cannot be 'role:security'; allowed: role:program-owner")]
    [InlineData("covers: everyone", "covers: ^nobody", "'covers' is everyone, team:NAME, site:NAME, country:XX, role:NAME, employment:NAME, or a list of these, not 'nobody'")]
    [InlineData("covers: everyone", "covers: { ^team: a }", "'covers' has no key 'team'; allowed: who, except", true)]
    [InlineData("from: 2026-12-01", "from: ^1.12.2026", "'from' is a date such as 2026-12-01, or in a template +14d, not '1.12.2026'")]
    [InlineData("until: 2027-05-31", "until: ^2027-02-29", "'until' is a date such as 2026-12-01, or in a template +14d, not '2027-02-29'")]
    [InlineData("until: 2027-05-31", "until: ^2026-11-30", "'until' is before 'from'")]
    [InlineData("hours: Mon-Fri 08:00-18:00", "hours: ^Fri-Mon 08:00-18:00", "'hours' is days and a time span such as 'Mon-Fri 08:00-18:00'")]
    [InlineData("hours: Mon-Fri 08:00-18:00", "hours: ^Mon-Fri 18:00-08:00", "'hours' is days")]
    [InlineData("hours: Mon-Fri 08:00-18:00", "hours: ^Mon-Fri 08:00-24:01", "'hours' is days")]
    [InlineData("hours: Mon-Fri 08:00-18:00", "hours: ^Mon-Fri 0\u0668:00-18:00", "'hours' is days")] // an Arabic-Indic digit
    [InlineData("  window: {", "  ^keyboard: {", "'collect' has no key 'keyboard'; allowed: afk, badge,", true)]
    [InlineData("app: category, time", "app: ^keep, time", "'app' is one of: drop, category, count 15m, presence 1h, not 'keep'")]
    [InlineData("app: category, time", "app: category, title: ^keep, time", "'title' is one of: drop, not 'keep'")]
    [InlineData("app: category, time", "app: category, ^audible: keep, time", "stream 'window' has no key 'audible'; allowed: app, title, url, time")]
    [InlineData("round 5m", "^round 7m", "'time' is 'round 5m' (how long in each step), 'count 1h' (how often) or 'presence 1h' (whether at all), in parts of an hour or of a day, not 'round 7m'")]
    [InlineData("round 5m", "^round \u0665m", "'time' is 'round 5m'")]
    [InlineData("{ status: keep }", "^keep", "stream 'afk' is a mapping (key: value)", true)]
    [InlineData("from: window, sum", "from: ^windows, sum", "'from' cannot be 'windows'; allowed: afk, badge,", true)]
    [InlineData("where: { app:", "where: { ^title:", "'title' is not collected of 'window', so nothing can be filtered by it")]
    [InlineData("while: { afk:", "while: { ^input:", "the charter does not collect 'input'")]
    [InlineData("clamp: 0..600", "clamp: ^600..0", "'clamp' is a range such as 0..600, not '600..0'")]
    [InlineData("unit: min", "unit: ^meetings", "time is measured in s, min, h, not 'meetings'")]
    [InlineData("records: 14d", "records: ^forever", "'records' is a length of time such as 14d, 5w, 6m or 2y, not 'forever'")]
    [InlineData("records: 14d", "records: ^0d", "'records' is a length of time")]
    [InlineData("keep: { records: 14d, ", "keep: ^{ ", "'keep' lacks 'records'")]
    [InlineData("{ to: self, what: records, fields: [app, time] }", "^{ to: manager, what: records, fields: [app, time] }", "never: no rule shows one person's records to their manager")]
    [InlineData("fields: [app, time], needs", "fields: ^[app, title], needs", "'title' is not collected; allowed: app, status, time")]
    [InlineData("minimum-group: 5", "minimum-group: ^4", "never: a group of fewer than 5 is a handful of named people")]
    [InlineData("to: manager, what: focus-minutes", "to: manager, what: ^focus", "'what' cannot be 'focus'; allowed: records, submissions, focus-minutes")]
    [InlineData("by: team", "by: ^person", "never: a measure is a figure of a group; there is no number about one person")]
    [InlineData("- { to: manager, what", "- ^{ to: self, what", "a group figure is shown to a manager, a team or a role; oneself sees records")]
    [InlineData("- { to: role:investigator, what: records, fields: [app, time], needs: { case: true,", "- ^{ to: role:investigator, what: records, fields: [app, time], needs: { case: false,", "one person's records are shown to a role only in a case with approvals of two roles")]
    [InlineData("- { to: role:investigator, what: records, fields: [app, time], needs: { case: true, approvals: [privacy-officer, works-council]", "- ^{ to: role:investigator, what: records, fields: [app, time], needs: { case: true, approvals: [works-council]", "one person's records are shown to a role only in a case with approvals of two roles")]
    [InlineData("case: true, approvals: [privacy-officer, works-council]", "case: true, approvals: ^[works-council, works-council]", "each approval is by another role")]
    [InlineData("case: true, approvals: [privacy-officer, works-council]", "case: true, approvals: [privacy-officer, ^cook]", "'approvals' cannot be 'cook'; allowed: analyst,")]
    [InlineData("step-up: 10m", "step-up: ^often", "'step-up' is a number of minutes such as 10m")]
    [InlineData("tell: within 30d", "tell: ^within 91d", "'tell' is 'at once' or 'within 30d' (at most 90), not 'within 91d'")]
    [InlineData("ai-training: never", "ai-training: ^later", "'ai-training' cannot be 'later'; allowed: never")]
    [InlineData("every: 3 months", "every: ^13 months", "'every' is 1 to 12 months, such as '3 months', not '13 months'")]
    [InlineData("explain: We", "explain: ^&a We", "a charter has no anchors and aliases: write it out")]
    public void a_problem_is_reported_where_it_is_with_what_is_allowed(string old, string replacement, string message, bool andMore = false)
    {
        var text = FocusTime.TextWith((old, replacement));
        var caret = text.IndexOf('^', StringComparison.Ordinal);
        var before = text[..caret].Split('\n');
        var problems = FocusTime.Problems(text.Remove(caret, 1));
        Assert.StartsWith($"{FocusTime.File}:{before.Length}:{before[^1].Length + 1}: {message}", problems.First(p => p.Message.StartsWith(message, StringComparison.Ordinal)).ToString(), StringComparison.Ordinal);
        Assert.Equal(andMore, problems.Count > 1);
    }

    public static TheoryData<string> Parts() =>
        ["program", "version", "explain", "purpose", "lawful-basis", "necessity", "owner", "covers", "from", "until", "hours", "keep", "consent", "ai-training", "review"];

    [Theory]
    [MemberData(nameof(Parts))]
    public void a_missing_part_is_named_once_at_the_start_of_the_charter(string part)
    {
        var lines = FocusTime.Text.Split('\n').Where(l => !l.StartsWith('#')).ToList();
        Assert.Equal(1, lines.RemoveAll(l => l.StartsWith(part + ":", StringComparison.Ordinal)));
        var problem = Assert.Single(FocusTime.Problems(string.Join('\n', lines)));
        Assert.Equal($"{FocusTime.File}:1:1: a charter lacks '{part}'", problem.ToString()[..^(problem.Code.Length + 3)]);
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void a_part_written_twice_is_refused(string part)
    {
        var line = FocusTime.Text.Split('\n').First(l => l.StartsWith(part + ":", StringComparison.Ordinal));
        Assert.Contains("stands here twice", Assert.Single(FocusTime.Problems(FocusTime.TextWith((line + "\n", line + "\n" + line + "\n")))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void everything_that_is_wrong_is_reported_at_once_in_the_order_of_the_file()
    {
        var problems = FocusTime.Problems(FocusTime.TextWith(
            ("version: 1\n", "version: x\n"), ("covers: everyone", "covers: all"), ("minimum-group: 5", "minimum-group: 2"), ("ai-training: never", "ai-training: yes")));
        Assert.Equal([6, 12, 24, 27], problems.Select(p => p.Line));
    }

    [Fact]
    public void one_audience_has_one_rule_for_one_thing()
    {
        const string Rule = "  - { to: self, what: records, fields: [app, time] }\n";
        var problem = Assert.Single(FocusTime.Problems(FocusTime.TextWith((Rule, Rule + Rule))));
        Assert.Equal((24, 5), (problem.Line, problem.Column));
    }

    [Fact]
    public void whoever_is_looked_at_is_told() =>
        Assert.StartsWith("the person is told", Assert.Single(FocusTime.Problems(FocusTime.TextWith((", tell: within 30d", string.Empty)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("# nothing\n", "the file is empty")]
    [InlineData("- a\n- b\n", "a charter is a mapping (key: value)")]
    [InlineData("a: 1\n---\nb: 2\n", "one charter per file: there is a second document")]
    [InlineData("a: [1, 2\n", "not YAML: ")]
    public void what_is_no_charter_at_all_is_told_in_one_sentence(string text, string message) =>
        Assert.StartsWith(message, Assert.Single(FocusTime.Problems(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void the_longest_charter_is_measured_in_bytes()
    {
        Assert.Contains("has at most 32000 bytes", Assert.Single(FocusTime.Problems(FocusTime.Text + "# " + new string('€', 11_000))).Message, StringComparison.Ordinal);
        Assert.IsType<CharterReading.Good>(CharterReader.Read(FocusTime.Text + "# " + new string('e', 29_000), FocusTime.File));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void endless_nesting_is_a_problem_and_not_the_end_of_the_process(string open) =>
        Assert.NotEmpty(FocusTime.Problems(string.Concat(Enumerable.Repeat(open, CharterReader.MaxLength / open.Length))));

    private const string Picture = "purpose: process-documentation\n# without: measures\nkeep: { records: 14d, looks: 2y }\nshow:\n  - { to: self, what: records }\ncollect:\n  screen: { time: round 1h, image: ";

    private const string Place = "purpose: workspace-planning\n# without: measures\nkeep: { records: 14d, looks: 2y }\nshow:\n  - { to: self, what: records }\ncollect:\n  location: ";

    private const string Training = "collect:\n  window: { app: category, time: round 5m }\n  afk: { status: keep }\n  editor: { project: FIELD, time: round 5m }\nai-training: { consent: opt-in, for: suggest the next tool, fields: [project], minimum-people: 50, keep: ";

    [Theory]
    [InlineData("until: 2029-12-02", DiagnosticCodes.NeverEndless)]
    [InlineData("review: { every: 3 months, by: [analyst, auditor] }", DiagnosticCodes.NeverUnreviewed)]
    [InlineData("covers: role:works-council", DiagnosticCodes.NeverForeignPurpose)]
    [InlineData("covers: [team:red, role:privacy-officer]", DiagnosticCodes.NeverForeignPurpose)]
    [InlineData("keep: { records: 14d, contributions: 35d, releases: 2y, looks: 119d }", DiagnosticCodes.Tell)]
    [InlineData(Picture + "{ degrade: { width: 321, block: 8 } } }", DiagnosticCodes.BadValue)]
    [InlineData(Picture + "{ degrade: { width: 320, block: 7 } } }", DiagnosticCodes.BadValue)]
    [InlineData(Picture + "{ degrade: { width: 320, block: 8, gray: true } } }", DiagnosticCodes.UnknownKey)]
    [InlineData(Place + "{ position: { site: { Bonn: '50.7374, 7.0982 within 149m' } }, time: round 1h }", DiagnosticCodes.BadValue)]
    [InlineData(Place + "{ position: { site: { Bonn: '50.7374, 7.0982 within 150m' } }, time: round 30m }", DiagnosticCodes.BadValue)]
    [InlineData("categories:\n  - { name: Ann, title: ann@example.com }", DiagnosticCodes.NeverScore)]
    [InlineData("categories:\n  - { name: Unproductive, app: chess }", null)] // a word is judged by how it begins
    [InlineData("categories:\n  - { name: Productive, app: jira }", DiagnosticCodes.NeverScore)]
    [InlineData("measures:\n  focus-minutes: { from: window, count: events, per: day, clamp: 0..600, unit: rating }", DiagnosticCodes.NeverScore)]
    [InlineData("show:\n  - { to: self, what: records, fields: [app, time], needs: { step-up: 10m } }\n  - { to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5 }", DiagnosticCodes.BadValue)]
    [InlineData("ai-training: { consent: opt-in, for: suggest the next tool, fields: [app], minimum-people: 50, keep: 366d }", DiagnosticCodes.BadValue)]
    public void what_goes_too_far_is_refused(string excerpt, string? code) => Assert.Equal(code is null ? [] : [code], Problems(excerpt));

    [Theory]
    [InlineData("until: 2029-12-01")]
    [InlineData("keep: { records: 14d, contributions: 35d, releases: 2y, looks: 120d }")]
    [InlineData(Picture + "{ degrade: { width: 320, block: 8 } } }")]
    [InlineData(Place + "{ position: { site: { Bonn: '50.7374, 7.0982 within 150m' } }, time: round 1h }")]
    [InlineData("ai-training: { consent: opt-in, for: suggest the next tool, fields: [app], minimum-people: 50, keep: 365d }")]
    [InlineData("covers: { who: everyone, except: role:works-council }")]
    public void what_goes_just_as_far_as_allowed_is_read(string excerpt) => Assert.Empty(Problems(excerpt));

    [Theory]
    [InlineData("keep", true)]
    [InlineData("{ redact: email }", true)]
    [InlineData("pseudonym", false)]
    public void a_model_learns_no_names_and_no_texts(string transform, bool refused) =>
        Assert.Equal(refused ? [DiagnosticCodes.NeverContent] : [], Problems(Training.Replace("FIELD", transform, StringComparison.Ordinal) + "180d }"));

    [Theory]
    [InlineData('\0')]
    [InlineData('\u0085')]
    [InlineData('\u2028')]
    [InlineData('\u2029')]
    [InlineData('\u202E')]
    [InlineData('\u200B')]
    [InlineData('\r')]
    public void what_does_not_show_is_refused_at_its_place(char hidden)
    {
        var problem = Assert.Single(FocusTime.Problems(FocusTime.Text + "# a" + hidden + "b\n"));
        Assert.Equal((DiagnosticCodes.NotText, FocusTime.Text.Split('\n').Length, 4), (problem.Code, problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("\\0")]
    [InlineData("\\u2028")]
    [InlineData("\\u202e")]
    public void what_does_not_show_is_refused_out_of_an_escape_too(string escape) =>
        Assert.Contains(DiagnosticCodes.NotText, Problems($"explain: \"We count how long teams meet{escape}; nobody sees your own day.\""));

    [Fact]
    public void a_unit_that_does_not_fit_hides_no_other_problem() => Assert.Equal(
        [DiagnosticCodes.UnknownName, DiagnosticCodes.Unit],
        Problems("measures:\n  focus-minutes: { from: window, mean: title, per: day, clamp: 0..600, unit: '% of time' }"));

    private static IEnumerable<string> Problems(string excerpt) => CharterReader.Read(Excerpt.Over(excerpt), FocusTime.File) is CharterReading.Bad bad ? bad.Problems.Select(p => p.Code) : [];

    [Fact]
    public void several_teams_and_sites_add_up()
    {
        var covers = FocusTime.With(("covers: everyone", "covers: [team:red, team:blue, site:Bonn]")).Covers;
        Assert.False(covers.Everyone);
        Assert.Equal(["team:red", "team:blue", "site:Bonn"], covers.Who.Select(w => w.ToString()));
    }

    [Theory]
    [InlineData("1d", 1)]
    [InlineData("5w", 35)]
    [InlineData("6m", 180)]
    [InlineData("2y", 730)]
    public void lengths_of_time_are_days(string text, int days) => Assert.Equal(days, FocusTime.With(("records: 14d", "records: " + text)).Keep.Records);
}
