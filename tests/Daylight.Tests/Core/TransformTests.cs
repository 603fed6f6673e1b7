using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Tests.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

/// <summary>What becomes of a field, from the word in the charter to what leaves.</summary>
public sealed class TransformTests
{
    private const string OwnCategories = """
        categories:
          - { name: Tickets, host: [tickets.example], title: "case file" }
          - { name: Writing, app: [code, "libre writer"], title: [chapter] }
          - { name: Research, host: example.org, app: firefox }
        """;

    private static string TextFor(string stream, string field, string transform)
    {
        var time = Streams.All[stream].Nature == StreamNature.Submission ? string.Empty : ", time: round 1h";
        return Trial.Text($"{stream}: {{ {field}: {transform}{time} }}", shown: field);
    }

    /// <summary>What leaves of a field; null when nothing of it does.</summary>
    private static string? Leaves(string stream, string field, string transform, object value, PseudonymKey? key = null, string program = "trial")
    {
        var charter = Trial.Read(TextFor(stream, field, transform)) with { Program = program };
        var minimizer = new Minimizer(charter, new LocalTime(TimeZoneInfo.Utc), key ?? Charters.Key);
        return Assert.Single(minimizer.Records(Trial.Event(stream, "2026-12-02 10:00", 5, (field, value)))).Data.GetValueOrDefault(field);
    }

    private static string? Category(string more, params (string Name, object Value)[] data)
    {
        var minimizer = Trial.In("UTC", Trial.Of("window: { app: category, time: round 1h }", shown: "app", more: more));
        return Assert.Single(minimizer.Records(Trial.Event("window", "2026-12-02 10:00", 5, data))).Data.GetValueOrDefault("app");
    }

    [Theory]
    [InlineData("afk", "status", "not-afk")]
    [InlineData("editor", "project", "daylight")]
    [InlineData("change", "wait", 7.25)]
    [InlineData("device", "encrypted", true)]
    public void what_is_kept_leaves_as_it_is(string stream, string field, object value) =>
        Assert.Equal(value is true ? "true" : string.Create(CultureInfo.InvariantCulture, $"{value}"), Leaves(stream, field, "keep", value));

    [Fact]
    public void what_is_kept_leaves_with_every_character_of_it() =>
        Assert.Equal("a\"b:c\n\u0001é😀\u2028", Leaves("editor", "project", "keep", "a\"b:c\n\u0001é😀\u2028"));

    [Theory]
    [InlineData("editor", "project", "/home/anna/work/daylight", "daylight")] // editors write whole paths where a project belongs
    [InlineData("editor", "project", "C:\\work\\daylight\\", "daylight")]
    [InlineData("afk", "status", "I typed: hunter2", null)]
    [InlineData("calendar", "attendees", "Anna about layoffs", null)]
    [InlineData("calendar", "external", "subject: merger", null)]
    [InlineData("editor", "language", "a whole sentence, with commas", null)]
    public void a_field_keeps_only_what_it_is_for(string stream, string field, string value, string? leaves) => Assert.Equal(leaves, Leaves(stream, field, "keep", value));

    [Fact]
    public void what_is_dropped_or_not_named_does_not_leave()
    {
        var charter = Trial.Of("editor: { project: drop, language: keep, time: round 1h }", shown: "language, time");
        var record = Assert.Single(Trial.In("UTC", charter).Records(Trial.Event("editor", "2026-12-02 10:00", 5, ("project", "p"), ("file", "f"), ("branch", "b"), ("language", "C#"), ("extra", "e"))));
        Assert.Equal("language=C#", string.Join('|', record.Data.Select(d => d.Key + "=" + d.Value)));
    }

    [Fact]
    public void what_is_no_value_of_one_field_is_as_good_as_absent()
    {
        Assert.Null(Leaves("editor", "project", "keep", new[] { "p" }));
        Assert.Null(Leaves("editor", "project", "keep", new Dictionary<string, string>(StringComparer.Ordinal) { ["project"] = "p" }));
        Assert.Null(Leaves("editor", "project", "keep", null!));
    }

    [Theory]
    [InlineData("gvim", "", "", "Editor")] // no rule of the charter's own: the built-in ones
    [InlineData("code", "", "", "Writing")] // the charter's own come first
    [InlineData("CODE - insiders", "", "", "Writing")]
    [InlineData("barcode", "", "", "Other")] // whole words only
    [InlineData("code2", "", "", "Other")]
    [InlineData("Libre Writer", "", "", "Writing")]
    [InlineData("libre-writer", "", "", "Other")]
    [InlineData("evince", "Chapter 3.pdf", "", "Writing")]
    [InlineData("evince", "chapters.pdf", "", "Office")]
    [InlineData("evince", "the case file of last week", "", "Tickets")]
    [InlineData("code", "Case File 7", "", "Tickets")] // of several rules the first in the charter
    [InlineData("firefox", "", "https://tickets.example/42", "Tickets")]
    [InlineData("firefox", "", "https://eu.Tickets.Example:8443/42?q=1", "Tickets")]
    [InlineData("firefox", "", "https://nottickets.example/", "Research")]
    [InlineData("firefox", "", "https://tickets.example.evil.test/", "Research")]
    [InlineData("chromium", "", "https://www.example.org", "Research")]
    [InlineData("chromium", "", "https://github.com/a/b", "Editor")] // a host says more than the browser it is in
    [InlineData("chromium", "", "https://unknown.test/", "Browser")]
    [InlineData("chromium", "chapter", "https://www.example.org", "Writing")]
    [InlineData("", "", "", "Other")]
    public void the_first_rule_that_fits_names_the_category(string app, string title, string url, string category) =>
        Assert.Equal(category, Category(OwnCategories, ("app", app), ("title", title), ("url", url)));

    [Fact]
    public void an_application_that_is_not_there_has_no_category_and_says_nothing_in_its_place() =>
        Assert.Null(Category(OwnCategories, ("title", "chapter"), ("url", "https://github.com")));

    [Fact]
    public void a_category_remembers_nothing_of_the_event_before()
    {
        var minimizer = Trial.In("UTC", Trial.Of("window: { app: category, time: round 1h }", shown: "app", more: OwnCategories));
        string Of(params (string, object)[] data) => Assert.Single(minimizer.Records(Trial.Event("window", "2026-12-02 10:00", 5, data))).Data["app"];
        Assert.Equal(["Writing", "Office", "Research", "Office"], [Of(("app", "evince"), ("title", "chapter")), Of(("app", "evince")), Of(("app", "evince"), ("url", "https://example.org")), Of(("app", "evince"))]);
    }

    [Fact]
    public void a_tab_has_a_category_by_its_host_and_by_its_title_which_stays_behind()
    {
        var minimizer = Trial.In("UTC", Trial.Of("web: { url: category, time: round 1h }", shown: "url", more: OwnCategories));
        string Of(string url, string title) => Trial.Line(Assert.Single(minimizer.Records(Trial.Event("web", "2026-12-02 10:00", 0, ("url", url), ("title", title)))))[^10..];
        Assert.EndsWith(" url=Office", " " + Of("https://docs.google.com/d/1", "x"), StringComparison.Ordinal);
        Assert.EndsWith("rl=Tickets", Of("https://docs.google.com/d/1", "case file"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://docs.example.com/a?b#c", "docs.example.com")]
    [InlineData("HTTPS://Docs.EXAMPLE.com", "docs.example.com")]
    [InlineData("http://anna:secret@docs.example.com:8080/a", "docs.example.com")]
    [InlineData("https://docs.example.com?secret", "docs.example.com")]
    [InlineData("https://docs.example.com#secret", "docs.example.com")]
    [InlineData("https://docs.example.com\\secret", "docs.example.com")]
    [InlineData("https://docs.example.com./a", "docs.example.com")]
    [InlineData("", null)]
    public void of_an_address_only_the_host_leaves(string url, string? host) => Assert.Equal(host, Leaves("web", "url", "host", url));

    [Theory]
    [InlineData("round 10", 14, "10")]
    [InlineData("round 10", 15, "20")] // a half goes away from zero
    [InlineData("round 10", -15, "-20")]
    [InlineData("round 10", -4, "0")]
    [InlineData("round 10", 0, "0")]
    [InlineData("round 0.25", 1.1, "1")]
    [InlineData("round 0.25", 1.125, "1.25")]
    [InlineData("round 2.5", 6, "5")]
    [InlineData("round 1", "12.5", "13")] // numbers in quotes are numbers
    [InlineData("round 1", "1e3", "1000")]
    [InlineData("round 1", "twelve", null)]
    [InlineData("round 1", "", null)]
    [InlineData("round 1", true, null)]
    [InlineData("round 1", "1e400", null)]
    [InlineData("round 1", "NaN", null)]
    [InlineData("round 1", 1e15, null)] // no number that anybody could add up
    public void a_number_leaves_as_the_nearest_multiple(string transform, object value, string? rounded) => Assert.Equal(rounded, Leaves("change", "wait", transform, value));

    [Theory]
    [InlineData(-1, "under 5")]
    [InlineData(4.99, "under 5")]
    [InlineData(5, "5 to under 10.5")]
    [InlineData(10.49, "5 to under 10.5")]
    [InlineData(10.5, "10.5 or more")]
    [InlineData(1e9, "10.5 or more")]
    [InlineData("7", "5 to under 10.5")]
    [InlineData("many", null)]
    public void of_a_number_only_its_range_leaves(object value, string? range) => Assert.Equal(range, Leaves("change", "wait", "{ bucket: [5, 10.5] }", value));

    [Theory]
    [InlineData("input", "presses", 17, "17")]
    [InlineData("input", "deltaX", -17, "17")] // a way is as long in either direction
    [InlineData("input", "presses", 2.9, "2")]
    [InlineData("input", "presses", 0, "0")]
    [InlineData("web", "audible", true, "1")] // of anything else: how often it was there
    [InlineData("web", "audible", false, null)]
    [InlineData("afk", "status", "not-afk", "1")]
    [InlineData("afk", "status", "", null)]
    [InlineData("window", "app", "firefox", "1")]
    public void numbers_are_counted_and_what_is_no_number_counts_once(string stream, string field, object value, string? count) => Assert.Equal(count, Leaves(stream, field, "count 1h", value));

    [Theory]
    [InlineData("input", "presses", 17, "yes")]
    [InlineData("input", "presses", -0.5, "yes")]
    [InlineData("input", "presses", 0, null)]
    [InlineData("input", "presses", "0.0", null)]
    [InlineData("web", "audible", true, "yes")]
    [InlineData("web", "audible", false, null)]
    [InlineData("window", "app", "firefox", "yes")]
    [InlineData("window", "app", "", null)]
    public void of_presence_only_that_it_was_there_leaves(string stream, string field, object value, string? there) => Assert.Equal(there, Leaves(stream, field, "presence 1h", value));

    [Fact]
    public void a_time_that_is_rounded_keeps_its_length_one_that_is_counted_only_how_often_and_presence_neither()
    {
        string Of(string time, double minutes) => string.Join(", ", Trial.In("UTC", Trial.Of($"afk: {{ status: keep, time: {time} }}", shown: "status, time"))
            .Records(Trial.Event("afk", "2026-12-02 10:50", minutes, ("status", "afk")))
            .Select(r => $"{r.Start.UtcDateTime:HH:mm}+{r.Duration.TotalMinutes} {string.Join('|', r.Data.Select(d => d.Key + "=" + d.Value))}"));
        Assert.Equal("10:00+10 status=afk, 11:00+20 status=afk", Of("round 1h", 30));
        Assert.Equal("10:00+0 events=1|status=afk", Of("count 1h", 30));
        Assert.Equal("10:00+0 status=afk, 11:00+0 status=afk", Of("presence 1h", 30));
        Assert.Equal("10:00+0 status=afk", Of("presence 1h", 0)); // a moment is somewhere, too
    }

    [Theory]
    [InlineData("50.7374,7.0982", "Bonn")]
    [InlineData("50.7400,7.0982", "Bonn")] // 289 m north
    [InlineData("50.7402,7.0982", "elsewhere")] // 311 m north
    [InlineData("50.7374, 7.1023", "Bonn")] // 289 m east: degrees are shorter there
    [InlineData("50.7374,7.1027", "elsewhere")] // 317 m east
    [InlineData("54.3233,10.1228", "Kiel")]
    [InlineData("0,0", "elsewhere")]
    [InlineData("-90,-180", "elsewhere")]
    [InlineData("90.1,0", null)] // no position at all
    [InlineData("0,180.1", null)]
    [InlineData("NaN,NaN", null)]
    [InlineData("50.7374", null)]
    [InlineData("50.7374,7.0982,60", null)]
    [InlineData("50,7374;7,0982", null)]
    [InlineData("", null)]
    public void of_a_position_only_the_site_leaves(string position, string? site) =>
        Assert.Equal(site, Leaves("location", "position", "{ site: { Bonn: \"50.7374, 7.0982 within 300m\", Kiel: \"54.3233, 10.1228 within 300m\" } }", position));

    [Fact]
    public void of_two_sites_the_nearer_one_is_named_and_a_site_at_the_date_line_has_two_sides()
    {
        const string Near = "{ site: { Left: \"10.0, 20.0 within 5000m\", Right: \"10.0, 20.01 within 5000m\" } }";
        Assert.Equal("Left", Leaves("location", "position", Near, "10,20.004"));
        Assert.Equal("Right", Leaves("location", "position", Near, "10,20.006"));
        Assert.Equal("Fiji", Leaves("location", "position", "{ site: { Fiji: \"-17.0, 179.999 within 500m\" } }", "-17,-179.999"));
    }

    [Fact]
    public void a_pseudonym_is_the_same_for_the_same_and_another_for_another_key_epoch_program_or_field()
    {
        static PseudonymKey Key(byte first, int epoch) => new((byte[])[first, .. new byte[31]], epoch);
        var of = Leaves("editor", "project", "pseudonym", "daylight", Key(1, 1));
        Assert.Matches("^~[0-9a-f]{16}$", of);
        Assert.Equal(of, Leaves("editor", "project", "pseudonym", "daylight", Key(1, 1)));
        Assert.Equal(8, new[]
        {
            of,
            Leaves("editor", "project", "pseudonym", "Daylight", Key(1, 1)),
            Leaves("editor", "project", "pseudonym", "daylight", Key(2, 1)),
            Leaves("editor", "project", "pseudonym", "daylight", Key(1, 2)),
            Leaves("editor", "project", "pseudonym", "daylight", Key(1, 1), program: "other"),
            Leaves("editor", "branch", "pseudonym", "daylight", Key(1, 1)),
            Leaves("editor", "file", "pseudonym", "daylight", Key(1, 1)),
            Leaves("editor", "project", "pseudonym", "1\0project\0daylight", Key(1, 1)),
        }.Distinct().Count());
        Assert.Null(Leaves("editor", "project", "pseudonym", string.Empty));
    }

    [Theory]
    [InlineData("email", "ask anna.b+c@example.com, or bo@x", "ask ███ or ███")]
    [InlineData("email", "write to <anna@example.com>", "write to <███>")]
    [InlineData("email", "@home, at 5 @ work", "@home, at 5 @ work")]
    [InlineData("number", "call +49 228 123-45 after 5", "call +███ after 5")]
    [InlineData("number", "case 4711/2026, 17:30", "case ███")]
    [InlineData("number", "2 of 3 done", "2 of 3 done")]
    [InlineData("number", "order A12B7", "order A███B7")]
    [InlineData("url", "see https://example.org/a?b=c and www.example.org now", "see ███ and ███ now")]
    [InlineData("url", "SSH://host works, example.org stays", "███ works, example.org stays")]
    [InlineData("path", "in /home/anna/plan.md and C:\\Users\\anna, and/or ~/x", "in ███ and ███ ███ ███")]
    [InlineData("name", "with Anna Müller and Jean-Luc O'Brien today", "with ███ and ███ today")]
    [InlineData("name", "with Anna M. Schmidt", "with ███")]
    [InlineData("name", "Monday with Anna and bo", "Monday with Anna and bo")] // one capitalized word is any noun
    [InlineData("name, email, number, url, path", "Anna Müller <anna@example.com> 0228 1234 https://example.org/1 /home/anna/x", "███ <███> ███ ███ ███")]
    public void a_text_leaves_with_what_the_charter_names_blacked_out(string patterns, string text, string redacted) =>
        Assert.Equal(redacted, Leaves("timesheet", "note", $"{{ redact: [{patterns}] }}", text));

    [Fact]
    public void what_no_pattern_names_stays_legible() =>
        Assert.Equal("Anna Müller 0228 https://example.org", Leaves("timesheet", "note", "{ redact: email }", "Anna Müller 0228 https://example.org"));

    [Fact]
    public void no_transform_throws_whatever_it_is_given()
    {
        Transform[] transforms =
        [
            new Transform.Drop(), new Transform.Keep(), new Transform.Category(), new Transform.Host(), new Transform.Round(0.25m), new Transform.Round(999_999), new Transform.Count(TimeSpan.FromHours(1)),
            new Transform.Presence(TimeSpan.FromHours(1)), new Transform.Site([new Geofence("A", 90, 180, 5_000), new Geofence("B", -90, -180, 50)]), new Transform.Bucket([-1, 0, 0.5m]), new Transform.Pseudonym(),
            new Transform.Degrade(16, 2), new Transform.Degrade(640, 64), new Transform.Redact([.. Enum.GetValues<RedactPattern>()]),
        ];
        var functions = transforms.Select(t => FieldTransforms.Of(t, "trial", Streams.All["timesheet"].Fields["note"], Charters.Key)).ToList();
        string[] pieces = ["1", "-", ".", "e", "99", ",", "://", "@", "/", "\\", "[", "]", ":", "A", "a", " ", "\0", "\ud800", "😀", "iVBORw0KGgo", "=", "~", "9999999999999999999999999999", "é", "\u0301", "'"];
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(1_000), Prop.ForAll(
            Gen.OneOf(Gen.Elements(pieces).ListOf().Select(p => string.Concat(p)), ArbMap.Default.GeneratorFor<string>().Select(s => s ?? string.Empty)).ToArbitrary(),
            text => functions.All(f => f(text) is not { } result || f(text) == result)));
    }

    public static TheoryData<string> ReadyMade() => [.. Trial.ReadyMade.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void there_are_thirteen_ready_made_charters() => Assert.Equal(13, Trial.ReadyMade.Count);

    [Theory]
    [MemberData(nameof(ReadyMade))]
    public void no_title_and_nothing_behind_a_host_leaves_under_any_ready_made_charter(string name)
    {
        var charter = Trial.ReadyMade[name];
        var (one, other) = (Trial.In("Europe/Berlin", charter), Trial.In("Europe/Berlin", charter));
        ForAnyDice(300, dice =>
        {
            var shape = Streams.All[dice.One(charter.Collect).Stream];
            var (title, path) = (AnyEvent.Secret(dice) + AnyEvent.Text(dice), AnyEvent.Secret(dice));
            var fields = AnyEvent.Fields(dice, shape).Where(f => f.Name is not ("title" or "url")).ToList();
            var url = AnyEvent.Url(dice, string.Empty);
            RawEvent With(string t, string p) => new(shape.Name, Trial.At("2026-12-02 10:00"), TimeSpan.FromMinutes(7), System.Text.Encoding.UTF8.GetBytes(
                AnyEvent.Json(new Dice(1), [.. fields, ("title", t), ("url", url + p + "?q=" + p + "#" + p)])));
            var records = one.Records(With(title, path)).ToList();
            // Not only is it not in there: what is in there is the same whatever it was.
            Assert.Equal(other.Records(With(AnyEvent.Text(dice), AnyEvent.Text(dice))).Select(Trial.Line), records.Select(Trial.Line));
            Assert.All(records.SelectMany(r => r.Data), d => Assert.False(d.Value.Contains(title, StringComparison.OrdinalIgnoreCase) || d.Value.Contains(path, StringComparison.OrdinalIgnoreCase), d.ToString()));
        });
    }

    [Theory]
    [MemberData(nameof(ReadyMade))]
    public void a_field_that_is_dropped_changes_nothing_of_what_leaves(string name)
    {
        var charter = Trial.ReadyMade[name];
        var minimizer = Trial.In("Europe/Berlin", charter);
        var left = 0;
        ForAnyDice(300, dice =>
        {
            var stream = dice.One(charter.Collect);
            var leaving = charter.LeavingFields(stream).Append(MinimizedRecord.Events).ToHashSet(StringComparer.Ordinal);
            // Of an application and an address it is looked whether they are private; only then are they looked at though dropped.
            var fields = AnyEvent.Fields(dice, stream.Shape).Where(f => f.Name is not ("incognito" or "url") && stream.Shape.Fields.GetValueOrDefault(f.Name)?.Kind != FieldKind.App).ToList();
            RawEvent With(IEnumerable<(string, object?)> all) => new(stream.Stream, Trial.At("2026-12-02 10:00"), TimeSpan.FromMinutes(7), System.Text.Encoding.UTF8.GetBytes(AnyEvent.Json(new Dice(1), all)));
            var without = minimizer.Records(With(fields.Where(f => leaving.Contains(f.Name)))).ToList();
            var with = minimizer.Records(With(fields)).ToList();
            Assert.Equal(without.Select(Trial.Line), with.Select(Trial.Line));
            Assert.All(with.SelectMany(r => r.Data.Keys), f => Assert.Contains(f, leaving));
            left += with.Count;
        });
        Assert.Equal(charter.Collect.Any(s => charter.LeavingFields(s).Any()), left > 0); // or the property would hold of nothing
    }

    private static void ForAnyDice(int times, Action<Dice> holds) => Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(times),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => holds(new Dice((ulong)seed))));
}
