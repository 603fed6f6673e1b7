using Daylight.Core.Charters;
using Daylight.Core.Charters.Differences;
using Daylight.Tests.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

public sealed class CharterDiffTests
{
    private const string Self = "to: self, what: records, fields: [app, time]";
    private const string Manager = "to: manager, what: focus-minutes, by: team, per: week, minimum-group: 8";
    private const string Investigator = "to: role:investigator, what: records, fields: [app, time], needs: { case: true, approvals: [privacy-officer, works-council] }, tell: at once";

    private static string Show(params string[] rules) => "show:\n" + string.Concat(rules.Select(r => $"  - {{ {r} }}\n"));

    private static IReadOnlyList<CharterChange> Between(string before, string after) => CharterDiff.Between(Excerpt.Charter(before), Excerpt.Charter(after));

    private static string Only(IReadOnlyList<CharterChange> changes) => (Assert.Single(changes) is { Widens: true } wider ? "wider: " : string.Empty) + changes[0].Says;

    /// <summary>One step up is wider, and the same step down is a change that is not.</summary>
    private static void WiderOneWay(string narrow, string wide)
    {
        Assert.Contains(Between(narrow, wide), c => c.Widens);
        var back = Between(wide, narrow);
        Assert.NotEmpty(back);
        Assert.DoesNotContain(back, c => c.Widens);
    }

    private static string Collect(string stream) => $"collect:\n  window: {{ app: category, time: round 5m }}\n  afk: {{ status: keep }}\n  {stream}\n";

    [Theory]
    [MemberData(nameof(ReadyCharterTests.Files), MemberType = typeof(ReadyCharterTests))]
    public void nothing_changes_between_a_charter_and_itself(string file)
    {
        static Charter Read(string file) => CharterReader.Read(File.ReadAllText(Path.Combine(ReadyCharterTests.Folder, file)), file) switch
        {
            CharterReading.Template template => template.Sketch,
            var good => Assert.IsType<CharterReading.Good>(good).Charter,
        };
        Assert.Empty(CharterDiff.Between(Read(file), Read(file)));
    }

    [Fact]
    public void another_version_and_other_comments_change_nothing_for_anybody() => Assert.Empty(CharterDiff.Between(FocusTime.With(), FocusTime.With(("version: 1\n", "version: 2 # later\n"))));

    [Theory]
    [InlineData("team:red", "everyone")]
    [InlineData("team:red", "[team:red, team:blue]")]
    [InlineData("[team:red, site:Bonn]", "[country:DE, site:Bonn, team:red]")]
    [InlineData("{ who: everyone, except: [role:works-council, employment:apprentice] }", "{ who: everyone, except: role:works-council }")]
    [InlineData("{ who: everyone, except: role:works-council }", "everyone")]
    [InlineData("{ who: team:red, except: site:Kiel }", "{ who: everyone, except: site:Kiel }")]
    public void more_people_are_wider(string narrow, string wide) => WiderOneWay("covers: " + narrow, "covers: " + wide);

    [Theory]
    [InlineData("Mon-Fri 09:00-17:00", "Mon-Fri 08:00-17:00")]
    [InlineData("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-17:30")]
    [InlineData("Mon-Thu 09:00-17:00", "Mon-Fri 09:00-17:00")]
    [InlineData("[Mon 09:00-12:00, Mon 13:00-17:00]", "Mon 09:00-17:00")]
    [InlineData("Mon-Fri 09:00-17:00", "always")]
    public void more_hours_are_wider(string narrow, string wide) => WiderOneWay("hours: " + narrow, "hours: " + wide);

    [Fact]
    public void hours_that_only_move_are_wider_both_ways()
    {
        Assert.All(Between("hours: Mon-Fri 08:00-16:00", "hours: Mon-Fri 09:00-17:00"), c => Assert.True(c.Widens));
        Assert.All(Between("hours: Mon-Fri 09:00-17:00", "hours: Mon-Fri 08:00-16:00"), c => Assert.True(c.Widens));
        Assert.Empty(Between("hours: Mon-Fri 08:00-18:00", "hours: [Mon-Wed 08:00-18:00, Thu-Fri 08:00-13:00, Thu-Fri 12:00-18:00]"));
    }

    [Theory]
    [InlineData("from: 2026-12-02", "from: 2026-12-01")]
    [InlineData("until: 2027-05-30", "until: 2027-05-31")]
    public void more_days_are_wider(string narrow, string wide) => WiderOneWay(narrow, wide);

    [Theory]
    [InlineData("web: { url: drop }", "web: { url: category }")]
    [InlineData("web: { tabCount: keep }", "web: { url: category, tabCount: keep }")]
    [InlineData("calendar: { attendees: { bucket: [10] } }", "calendar: { attendees: { bucket: [5, 10] } }")]
    [InlineData("calendar: { attendees: { bucket: [10] } }", "calendar: { attendees: keep }")]
    [InlineData("calendar: { attendees: round 5 }", "calendar: { attendees: keep }")]
    [InlineData("calendar: { attendees: round 10 }", "calendar: { attendees: round 5 }")]
    [InlineData("calendar: { attendees: count 1d }", "calendar: { attendees: count 1h }")]
    [InlineData("calendar: { attendees: presence 1d }", "calendar: { attendees: presence 1h }")]
    [InlineData("calendar: { attendees: presence 1h }", "calendar: { attendees: count 1h }")]
    [InlineData("calendar: { attendees: presence 1h }", "calendar: { attendees: keep }")]
    [InlineData("editor: { project: pseudonym }", "editor: { project: keep }")]
    [InlineData("editor: { project: { redact: [email, number] } }", "editor: { project: { redact: email } }")]
    [InlineData("editor: { project: { redact: email } }", "editor: { project: keep }")]
    [InlineData("editor: { project: keep }", "editor: { project: keep, time: round 1h }")]
    [InlineData("editor: { project: keep, time: count 2h }", "editor: { project: keep, time: count 1h }")]
    [InlineData("editor: { project: keep, time: presence 1h }", "editor: { project: keep, time: count 1h }")]
    [InlineData("editor: { project: keep, time: round 1h }", "editor: { project: keep, time: round 5m }")]
    public void a_finer_transform_is_wider(string narrow, string wide) => WiderOneWay(Collect(narrow), Collect(wide));

    [Theory]
    [InlineData("round 10", "round 15")] // of 25, the one says 30 and the other 30; of 20, 20 and 15: neither follows from the other
    [InlineData("{ bucket: [5] }", "{ bucket: [8] }")]
    [InlineData("round 5", "{ bucket: [5] }")]
    public void what_cannot_be_compared_is_wider_both_ways(string one, string other)
    {
        var (a, b) = (Collect($"calendar: {{ attendees: {one} }}"), Collect($"calendar: {{ attendees: {other} }}"));
        Assert.True(Assert.Single(Between(a, b)).Widens);
        Assert.True(Assert.Single(Between(b, a)).Widens);
    }

    [Theory]
    [InlineData("web: { url: category }", "web: { url: host }")]
    [InlineData("calendar: { attendees: count 2h }", "calendar: { attendees: count 3h }")]
    [InlineData("editor: { project: keep, time: round 10m }", "editor: { project: keep, time: round 15m }")]
    [InlineData("editor: { project: keep, time: presence 2h }", "editor: { project: keep, time: presence 3h }")]
    public void steps_and_words_of_which_neither_follows_from_the_other_are_wider_both_ways(string one, string other)
    {
        Assert.True(Assert.Single(Between(Collect(one), Collect(other))).Widens);
        Assert.True(Assert.Single(Between(Collect(other), Collect(one))).Widens);
    }

    [Theory]
    [InlineData("process-documentation", "screen: { image: { degrade: { width: 160, block: 8 } }, time: round 1h }", "screen: { image: { degrade: { width: 320, block: 8 } }, time: round 1h }")]
    [InlineData("process-documentation", "screen: { image: { degrade: { width: 160, block: 16 } }, time: round 1h }", "screen: { image: { degrade: { width: 160, block: 8 } }, time: round 1h }")]
    [InlineData("workspace-planning", "location: { position: { site: { Bonn: \"50.7374, 7.0982 within 300m\" } }, time: round 1h }", "location: { position: { site: { Bonn: \"50.7374, 7.0982 within 300m\", Kiel: \"54.3233, 10.1228 within 300m\" } }, time: round 1h }")]
    public void finer_pictures_and_more_sites_are_wider(string purpose, string narrow, string wide)
    {
        string With(string stream) => $"purpose: {purpose}\ncollect:\n  {stream}\n# without: measures\nkeep: {{ records: 14d, looks: 2y }}\n" + Show("to: self, what: records");
        WiderOneWay(With(narrow), With(wide));
    }

    [Fact]
    public void a_stream_more_is_wider()
    {
        WiderOneWay(string.Empty, Collect("input: { presses: count 1d }"));
        Assert.Equal("wider: People covered: how much keyboard and mouse are used, never what is typed is collected now: presses.", Only(Between(string.Empty, Collect("input: { presses: count 1d }"))));
    }

    [Fact]
    public void a_field_that_leaves_where_it_was_only_counted_is_wider()
    {
        var both = Collect("editor: { project: keep, time: round 5m }");
        var (narrow, wide) = (both + Show("to: self, what: records, fields: [project, time]", Manager), both + Show("to: self, what: records, fields: [app, project, time]", Manager));
        WiderOneWay(narrow, wide);
        Assert.Contains(new CharterChange(true, "People covered: app of the active window leaves the machine now; before it was only counted there."), Between(narrow, wide));
        Assert.Contains(new CharterChange(false, "People covered: app of the active window stays on the machine now, and is only counted there."), Between(wide, narrow));
    }

    [Fact]
    public void private_life_is_compared_word_by_word_and_categories_in_their_order()
    {
        WiderOneWay("private-life: [chess, go.example.org]", "private-life: [chess]");
        WiderOneWay(string.Empty, "categories:\n  - { name: Planning, app: jira }\n");
        Assert.Equal(
            "wider: People covered: categories are told apart otherwise: Planning by jira, trello.",
            Only(Between("categories:\n  - { name: Planning, app: jira }\n", "categories:\n  - { name: Planning, app: [jira, trello] }\n")));
        WiderOneWay("categories:\n  - { name: Planning, app: jira }\n", "categories:\n  - { name: Planning, app: jira }\n  - { name: Drawing, app: miro }\n");
        Assert.StartsWith("wider: ", Only(Between("categories:\n  - { name: Planning, app: jira }\n  - { name: Drawing, app: miro }\n", "categories:\n  - { name: Drawing, app: miro }\n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("categories:\n  - { name: Planning, app: jira }\n  - { name: Tickets, title: jira }\n", "categories:\n  - { name: Tickets, title: jira }\n  - { name: Planning, app: jira }\n")]
    [InlineData("hours: { when: always, because: The team works in shifts. }", "hours: { when: always, because: The team never sleeps at night. }")]
    [InlineData("keep: { records: { for: 90d, because: The works agreement says so. }, contributions: 35d, releases: 2y, looks: 2y }", "keep: { records: { for: 90d, because: The auditors asked for it. }, contributions: 35d, releases: 2y, looks: 2y }")]
    [InlineData("explain: { en: We count how long teams meet; nobody sees your own day. }", "explain: { en: We count how long teams meet; nobody sees your own day., de: Wir zählen die Treffen; niemand sieht Ihren Tag. }")]
    public void what_is_written_otherwise_is_said(string before, string after) => Assert.NotEmpty(Between(before, after));

    [Theory]
    [InlineData("clamp: 0..300", "clamp: 0..600")]
    [InlineData("clamp: 10..600", "clamp: 0..600")]
    public void a_wider_clamp_is_wider(string narrow, string wide)
    {
        var (a, b) = (FocusTime.With(("clamp: 0..600", narrow)), wide == "clamp: 0..600" ? FocusTime.With() : FocusTime.With(("clamp: 0..600", wide)));
        Assert.True(Assert.Single(CharterDiff.Between(a, b)).Widens);
        Assert.False(Assert.Single(CharterDiff.Between(b, a)).Widens);
    }

    [Theory]
    [InlineData("per: day, clamp", "per: week, clamp")]
    [InlineData("sum: duration", "longest-run: 5m")]
    [InlineData("unit: min", "unit: h")]
    [InlineData(", while: { afk: not-afk }", "")]
    [InlineData("per: day, clamp", "between: 09:00-12:00, per: day, clamp")]
    [InlineData("app: [Editor, Terminal, Office, Design]", "app: [Editor]")]
    public void a_measure_that_is_computed_otherwise_cannot_be_compared(string old, string other)
    {
        var changed = FocusTime.With((old, other));
        Assert.StartsWith("wider: People covered: focus-minutes is computed otherwise", Only(CharterDiff.Between(FocusTime.With(), changed)), StringComparison.Ordinal);
        Assert.StartsWith("wider: People covered: focus-minutes is computed otherwise", Only(CharterDiff.Between(changed, FocusTime.With())), StringComparison.Ordinal);
    }

    [Fact]
    public void a_measure_more_is_wider()
    {
        const string Mail = "\n  mail-minutes: { from: window, sum: duration, where: { app: [Mail] }, per: day, clamp: 0..600, unit: min }";
        var (narrow, wide) = (FocusTime.With(), FocusTime.With(("per: day, clamp: 0..600, unit: min }", "per: day, clamp: 0..600, unit: min }" + Mail)));
        Assert.Equal("wider: People covered: mail-minutes is computed now (time (min) in the active window (app: Mail)).", Only(CharterDiff.Between(narrow, wide)));
        Assert.Equal("People covered: mail-minutes is no longer computed.", Only(CharterDiff.Between(wide, narrow)));
    }

    [Theory]
    [InlineData("records: 7d, contributions: 35d, releases: 2y, looks: 2y")]
    [InlineData("records: 14d, contributions: 34d, releases: 2y, looks: 2y")]
    [InlineData("records: 14d, contributions: 35d, releases: 1y, looks: 2y")]
    public void keeping_longer_is_wider(string shorter)
    {
        WiderOneWay($"keep: {{ {shorter} }}", string.Empty);
        Assert.Single(Between($"keep: {{ {shorter} }}", string.Empty));
    }

    [Fact]
    public void who_looked_forgotten_sooner_is_wider() => WiderOneWay(string.Empty, "keep: { records: 14d, contributions: 35d, releases: 2y, looks: 1y }");

    [Fact]
    public void a_version_before_is_wider()
    {
        Assert.StartsWith("wider: Everybody: this goes back", Only(CharterDiff.Between(FocusTime.With(("version: 1\n", "version: 3\n")), FocusTime.With(("version: 1\n", "version: 2\n")))), StringComparison.Ordinal);
        Assert.Empty(CharterDiff.Between(FocusTime.With(), FocusTime.With(("version: 1\n", "version: 2\n"))));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void days_of_a_template_and_dates_cannot_be_compared(bool before, bool after) =>
        Assert.Equal("wider: People covered: one of the two is a template, so first and last day cannot be compared.", Only(CharterDiff.Between(FocusTime.With(), FocusTime.With(), before, after)));

    [Fact]
    public void a_narrower_clamp_makes_a_rounding_in_percent_finer()
    {
        var (wide, narrow) = (FocusTime.With(("minimum-group: 5", "minimum-group: 5, round: 10%")), FocusTime.With(("minimum-group: 5", "minimum-group: 5, round: 10%"), ("clamp: 0..600", "clamp: 0..300")));
        Assert.True(Assert.Single(CharterDiff.Between(wide, narrow)).Widens);
        Assert.True(Assert.Single(CharterDiff.Between(narrow, wide)).Widens);
    }

    [Theory]
    [InlineData(Self, Investigator, Self)]
    [InlineData("to: self, what: records, fields: [app]", "to: self, what: records, fields: [app, time]")]
    [InlineData("to: self, what: records, fields: [app, time]", "to: self, what: records")]
    public void a_rule_or_a_field_more_is_wider(string narrow, string wide, string? also = null) =>
        WiderOneWay(Show(narrow, Manager), also is null ? Show(wide, Manager) : Show(wide, Manager, also));

    [Theory]
    [InlineData("approvals: [privacy-officer, works-council, security] }, tell: at once", "approvals: [privacy-officer, works-council] }, tell: at once")]
    [InlineData("approvals: [privacy-officer, works-council], step-up: 5m }, tell: at once", "approvals: [privacy-officer, works-council], step-up: 10m }, tell: at once")]
    [InlineData("approvals: [privacy-officer, works-council], step-up: 5m }, tell: at once", "approvals: [privacy-officer, works-council] }, tell: at once")]
    [InlineData("approvals: [privacy-officer, works-council], hours: 09:00-12:00 Europe/Berlin }, tell: at once", "approvals: [privacy-officer, works-council], hours: 08:00-12:00 Europe/Berlin }, tell: at once")]
    [InlineData("approvals: [privacy-officer, works-council], hours: 09:00-12:00 Europe/Berlin }, tell: at once", "approvals: [privacy-officer, works-council] }, tell: at once")]
    [InlineData("approvals: [privacy-officer, works-council] }, tell: at once", "approvals: [privacy-officer, works-council] }, tell: within 1d")]
    [InlineData("approvals: [privacy-officer, works-council] }, tell: within 29d", "approvals: [privacy-officer, works-council] }, tell: within 30d")]
    public void a_look_that_needs_less_or_is_told_later_is_wider(string narrow, string wide)
    {
        static string With(string rest) => Show(Self, Manager, "to: role:investigator, what: records, fields: [app, time], needs: { case: true, " + rest);
        WiderOneWay(With(narrow), With(wide));
        Assert.Single(Between(With(narrow), With(wide)));
    }

    [Fact]
    public void a_look_without_a_case_is_wider()
    {
        static string With(string needs) => "purpose: team-outcomes\ncollect:\n  outcome: { note: keep }\nkeep: { submissions: 1y, looks: 2y }\n# without: measures\n" + Show("to: manager, what: submissions, fields: [note]" + needs);
        WiderOneWay(With(", needs: { case: true }"), With(string.Empty));
        Assert.Equal("wider: Managers: a look no longer needs a case.", Only(Between(With(", needs: { case: true }"), With(string.Empty))));
    }

    [Theory]
    [InlineData("by: team, per: week, minimum-group: 9", "by: team, per: week, minimum-group: 8")]
    [InlineData("by: department, per: week, minimum-group: 8", "by: team, per: week, minimum-group: 8")]
    [InlineData("by: company, per: week, minimum-group: 8", "by: department, per: week, minimum-group: 8")]
    [InlineData("by: company, per: week, minimum-group: 8", "by: site, per: week, minimum-group: 8")]
    [InlineData("by: team, per: 4 weeks, minimum-group: 8", "by: team, per: week, minimum-group: 8")]
    [InlineData("by: team, per: week, minimum-group: 8, round: 10", "by: team, per: week, minimum-group: 8, round: 5")]
    [InlineData("by: team, per: week, minimum-group: 8, round: 10", "by: team, per: week, minimum-group: 8")]
    [InlineData("by: team, per: week, minimum-group: 8, round: 10%", "by: team, per: week, minimum-group: 8, round: 5%")]
    [InlineData("by: team, per: week, minimum-group: 8, noise: { epsilon: 1 }", "by: team, per: week, minimum-group: 8, noise: { epsilon: 1.5 }")]
    [InlineData("by: team, per: week, minimum-group: 8, noise: { epsilon: 1 }", "by: team, per: week, minimum-group: 8")]
    public void a_finer_figure_is_wider(string narrow, string wide)
    {
        static string With(string rest) => Show(Self, "to: manager, what: focus-minutes, " + rest);
        WiderOneWay(With(narrow), With(wide));
        Assert.Single(Between(With(narrow), With(wide)));
    }

    [Theory]
    [InlineData("round: 10", "round: 15")]
    [InlineData("round: 10", "round: 10%")]
    public void steps_of_which_neither_holds_the_other_are_wider_both_ways(string one, string other)
    {
        var (a, b) = (Show(Self, Manager + ", " + one), Show(Self, Manager + ", " + other));
        Assert.StartsWith("wider: ", Only(Between(a, b)), StringComparison.Ordinal);
        Assert.StartsWith("wider: ", Only(Between(b, a)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("department", "site")]
    [InlineData("site", "department")]
    [InlineData("site", "team")]
    [InlineData("team", "site")]
    public void levels_of_which_neither_holds_the_other_are_wider(string one, string other) => Assert.StartsWith(
        "wider: ", Only(Between(Show(Self, $"to: manager, what: focus-minutes, by: {one}, per: week, minimum-group: 8"), Show(Self, $"to: manager, what: focus-minutes, by: {other}, per: week, minimum-group: 8"))), StringComparison.Ordinal);

    [Fact]
    public void consent_training_and_review_are_compared()
    {
        var charter = FocusTime.With();
        var training = new AiTraining.OptIn("suggest the next tool", ["app"], 50, 90);
        (Charter Narrow, Charter Wide)[] steps =
        [
            (charter with { Consent = new Consent.OptIn() }, charter with { Consent = new Consent.OptOut() }),
            (charter with { Consent = new Consent.OptOut() }, charter),
            (charter, charter with { AiTraining = training }),
            (charter with { AiTraining = training }, charter with { AiTraining = training with { Fields = ["app", "time"] } }),
            (charter with { AiTraining = training }, charter with { AiTraining = training with { MinimumPeople = 49 } }),
            (charter with { AiTraining = training }, charter with { AiTraining = training with { KeepDays = 91 } }),
            (charter, charter with { Review = charter.Review with { Months = 4 } }),
            (charter, charter with { Review = charter.Review with { By = ["works-council"] } }),
        ];
        foreach (var (narrow, wide) in steps)
        {
            Assert.True(Assert.Single(CharterDiff.Between(narrow, wide)).Widens);
            Assert.False(Assert.Single(CharterDiff.Between(wide, narrow)).Widens);
        }

        Assert.True(Assert.Single(CharterDiff.Between(steps[3].Narrow, charter with { AiTraining = training with { For = "something else" } })).Widens);
    }

    [Theory]
    [InlineData("program: focus-time", "program: other-time", true)]
    [InlineData("lawful-basis: legitimate-interests", "lawful-basis: works-agreement", true)]
    [InlineData("purpose: workload-management", "purpose: workload-management", null)]
    [InlineData("none, by works agreement 2026-11", "none, by works agreement 2027-01", false)]
    [InlineData("so that meetings can be moved", "so that meetings can be dropped", false)]
    [InlineData("Minutes per team and week are enough", "Minutes per team are enough", false)]
    public void other_words_are_a_change_and_another_purpose_or_basis_is_wider(string old, string other, bool? widens)
    {
        var changes = CharterDiff.Between(FocusTime.With(), FocusTime.With((old, other)));
        Assert.Equal(widens is { } w ? [w] : [], changes.Select(c => c.Widens));
    }

    [Fact]
    public void another_purpose_is_wider_both_ways()
    {
        const string Editor = "collect:\n  window: { app: category, time: round 5m }\n# without: measures\nkeep: { records: 14d, looks: 2y }\nshow:\n  - { to: self, what: records }\n";
        Assert.StartsWith("wider: People covered: their data serves another purpose", Only(Between(Editor, Editor + "purpose: process-improvement\n")), StringComparison.Ordinal);
        Assert.StartsWith("wider: People covered: their data serves another purpose", Only(Between(Editor + "purpose: process-improvement\n", Editor)), StringComparison.Ordinal);
    }

    [Fact]
    public void what_widens_stands_first()
    {
        var changes = CharterDiff.Between(FocusTime.With(), FocusTime.With(("records: 14d", "records: 7d"), ("minimum-group: 5", "minimum-group: 6"), ("every: 3 months", "every: 4 months"), ("covers: everyone", "covers: team:red")));
        Assert.Equal([true, false, false, false], changes.Select(c => c.Widens));
        Assert.Equal("Reviewers: review every 4 months instead of 3.", changes[0].Says);
        Assert.All(changes, c => Assert.Matches(@"^\p{Lu}.+\.$", c.Says));
    }

    [Fact]
    public void of_two_numbers_one_is_wider_and_the_other_is_not() => Prop.ForAll<int, int, int>((which, one, other) =>
    {
        static int Within(int number, int low, int high) => low + (int)((uint)number % (uint)(high - low + 1));
        var charter = FocusTime.With();
        var group = charter.GroupRules.Single();
        var look = (ShowRule.Individual)charter.Show[2];
        Charter[] Both(Func<int, Charter> make, int low, int high) => [make(Within(one, low, high)), make(Within(other, low, high))];
        Charter Group(ShowRule.Group rule) => charter with { Show = [charter.Show[0], rule, look] };
        Charter Look(ShowRule.Individual rule) => charter with { Show = [charter.Show[0], group, rule] };
        var pair = Within(which, 0, 14) switch
        {
            0 => Both(n => charter with { Keep = charter.Keep with { Records = n } }, 1, 3_650),
            1 => Both(n => charter with { Keep = charter.Keep with { Contributions = n } }, 1, 3_650),
            2 => Both(n => charter with { Keep = charter.Keep with { Looks = n } }, 1, 3_650),
            3 => Both(n => charter with { From = charter.From.AddDays(n) }, 0, 100),
            4 => Both(n => charter with { Until = charter.Until.AddDays(n) }, 0, 100),
            5 => Both(n => charter with { Measures = [charter.Measures[0] with { Clamp = new Clamp(0, n) }] }, 1, 999_999),
            6 => Both(n => charter with { Measures = [charter.Measures[0] with { Clamp = new Clamp(n, 1_000) }] }, 0, 999),
            7 => Both(n => Group(new ShowRule.Group(group.To, group.Measure, group.Level, group.Weeks, n, null, null)), 5, 10_000),
            8 => Both(n => Group(new ShowRule.Group(group.To, group.Measure, group.Level, group.Weeks, 5, null, new NoiseBudget(n / 100m))), 1, 1_000),
            9 => Both(n => Look(new ShowRule.Individual(look.To, look.What, look.Fields, look.Needs, n)), 0, 365),
            10 => Both(n => Look(new ShowRule.Individual(look.To, look.What, look.Fields, look.Needs with { StepUp = TimeSpan.FromMinutes(n) }, 0)), 1, 999),
            11 => Both(n => charter with { Review = charter.Review with { Months = n } }, 1, 12),
            12 => Both(n => charter with { AiTraining = new AiTraining.OptIn("a model", ["app"], n, 90) }, 20, 100_000),
            13 => Both(n => charter with { AiTraining = new AiTraining.OptIn("a model", ["app"], 50, n) }, 1, 3_650),
            _ => Both(n => charter with { Hours = new WorkingHours([new HoursWindow([DayOfWeek.Monday], new TimeOfDay(0, n))]) }, 1, 1_440),
        };
        var (there, back) = (CharterDiff.Between(pair[0], pair[1]), CharterDiff.Between(pair[1], pair[0]));
        return one == other || there.Count == 0
            ? there.Count == 0 && back.Count == 0
            : there.Count == 1 && back.Count == 1 && there[0].Widens != back[0].Widens;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void no_two_charters_of_the_folder_are_the_same_to_anybody()
    {
        var dice = new Dice(6);
        var charters = ReadyCharterTests.Files().Select(f => CharterReader.Read(File.ReadAllText(Path.Combine(ReadyCharterTests.Folder, f.Data)), f.Data)).Select(r => r is CharterReading.Template t ? t.Sketch : ((CharterReading.Good)r).Charter).ToList();
        for (var round = 0; round < 40; round++)
        {
            var (one, other) = (dice.One(charters), dice.One(charters));
            Assert.Equal(one.Program != other.Program, CharterDiff.Between(one, other) is [{ Widens: true }, ..]);
        }
    }
}
