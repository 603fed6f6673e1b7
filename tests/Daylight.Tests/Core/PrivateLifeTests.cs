using System.Collections.Immutable;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;

namespace Daylight.Tests.Core;

/// <summary>What is nobody's business: it leaves nothing, neither a record nor a trace in a number, and no charter can change that.</summary>
public sealed class PrivateLifeTests
{
    private const string Collect = """
        afk: { status: keep, time: round 1h }
        web: { url: category, audible: keep, tabCount: keep, time: round 1h }
        window: { app: category, time: round 1h }
        """;

    private const string Measures = """
        pages: { from: web, count: events, per: day, clamp: 0..100, unit: pages }
        page-time: { from: web, sum: duration, per: day, clamp: 0..1440, unit: min }
        tabs: { from: web, sum: tabCount, per: day, clamp: 0..1000, unit: tabs }
        page-kinds: { from: web, distinct: url, per: day, clamp: 0..10, unit: kinds }
        sound: { from: web, share: { audible: [true] }, per: day, clamp: 0..100, unit: "% of time" }
        window-time: { from: window, sum: duration, per: day, clamp: 0..1440, unit: min }
        longest: { from: window, longest-run: 5m, per: day, clamp: 0..1440, unit: min }
        seen-with: { from: afk, sum: duration, while: { window: Other }, per: day, clamp: 0..1440, unit: min }
        """;

    private static Minimizer With(string more = "") => Trial.In("UTC", Trial.Of(Collect, Measures, "url, app, audible, tabCount, time", more: more));

    private static RawEvent Page(string url) => Trial.Event("web", "2026-12-02 10:00", 30, ("url", url), ("title", "t"), ("audible", true), ("tabCount", 3));

    private static RawEvent Window(string app, string url = "") =>
        url.Length == 0 ? Trial.Event("window", "2026-12-02 10:00", 30, ("app", app), ("title", "t")) : Trial.Event("window", "2026-12-02 10:00", 30, ("app", app), ("url", url));

    private static string Numbers(Minimizer minimizer, params RawEvent[] events) =>
        string.Join(", ", minimizer.DayValues(new DateOnly(2026, 12, 2), [.. events, Trial.Event("afk", "2026-12-02 08:00", 600, ("status", "not-afk"))]).Select(v => $"{v.Key} {v.Value}"));

    private static bool LeavesNothing(Minimizer minimizer, RawEvent happened)
    {
        var isSilent = minimizer.Records(happened).Count == 0;
        Assert.Equal(isSilent, Numbers(minimizer, happened) == Numbers(minimizer)); // a record and a number: both or neither
        return isSilent;
    }

    [Theory]
    [InlineData("https://aok.de")]
    [InlineData("https://www.aok.de/pk/krankengeld?x=1")]
    [InlineData("https://a.b.c.aok.de/")]
    [InlineData("HTTPS://WWW.AOK.DE/")]
    [InlineData("https://aok.de:8443/")]
    [InlineData("https://anna@aok.de/")]
    [InlineData("https://anna:geheim@meine.aok.de:8443?x")]
    [InlineData("https://good.example@aok.de#x")]
    [InlineData("https://aok.de./")]
    [InlineData("https://aok.de\\x")]
    [InlineData("view-source:https://aok.de/")]
    [InlineData("https://finanzonline.bmf.gv.at/")]
    [InlineData("https://www.igmetall.de/mitglied-werden")]
    [InlineData("https://biblegateway.com/")]
    [InlineData("https://tinder.com/")]
    public void a_host_on_the_list_or_below_one_leaves_neither_a_record_nor_a_trace_in_a_number(string url)
    {
        Assert.True(LeavesNothing(With(), Page(url)));
        Assert.True(LeavesNothing(With(), Window("firefox", url))); // whatever browser it is in
    }

    [Theory]
    [InlineData("https://notaok.de/")]
    [InlineData("https://aok.de.evil.example/")]
    [InlineData("https://aok.de@good.example/")] // a user's name and no host
    [InlineData("https://good.example/aok.de")]
    [InlineData("https://good.example/?to=https://aok.de/")]
    [InlineData("https://good.example/#aok.de")]
    [InlineData("https://aok.dev/")]
    [InlineData("https://aok/")]
    [InlineData("https://aok-de.example/")]
    [InlineData("https://gv.at/")] // above one that is on the list
    public void a_lookalike_is_not_on_the_list(string url)
    {
        Assert.False(LeavesNothing(With(), Page(url)));
        Assert.False(LeavesNothing(With(), Window("firefox", url)));
    }

    [Theory]
    [InlineData("AOK")]
    [InlineData("Meine AOK - App")]
    [InlineData("aok.exe")]
    [InlineData("Ada Health")]
    [InlineData("ver.di")]
    [InlineData("PayPal")]
    [InlineData("JW Library")]
    [InlineData("STEUERSPARERKLÄRUNG 2026")]
    public void an_application_on_the_list_leaves_neither_a_record_nor_a_trace_in_a_number(string app) => Assert.True(LeavesNothing(With(), Window(app)));

    [Theory]
    [InlineData("aokay")]
    [InlineData("Kaok")]
    [InlineData("aok2")]
    [InlineData("Ada")]
    [InlineData("healthada")]
    [InlineData("verdi player")]
    [InlineData("code")]
    public void an_application_that_only_contains_its_letters_is_not_on_the_list(string app) => Assert.False(LeavesNothing(With(), Window(app)));

    [Theory]
    [InlineData("window", "app", "AOK")]
    [InlineData("screen", "app", "AOK")]
    [InlineData("sign-in", "application", "AOK")]
    public void it_holds_for_every_stream_that_names_an_application_even_where_that_is_dropped(string stream, string field, string app)
    {
        var other = stream switch { "screen" => ("image", "degrade: { width: 16, block: 8 }"), "sign-in" => ("network", "keep"), _ => ("url", "host") };
        var transform = other.Item2.StartsWith("degrade", StringComparison.Ordinal) ? $"{{ {other.Item2} }}" : other.Item2;
        var minimizer = Trial.In("UTC", Trial.Of($"{stream}: {{ {other.Item1}: {transform}, {field}: drop, time: round 1h }}", shown: $"{other.Item1}, time"));
        var value = stream == "window" ? "https://good.example/" : "office";
        Assert.Empty(minimizer.Records(Trial.Event(stream, "2026-12-02 10:00", 5, (field, app), (other.Item1, value))));
        Assert.Single(minimizer.Records(Trial.Event(stream, "2026-12-02 10:00", 5, (field, "code"), (other.Item1, value))));
    }

    [Theory]
    [InlineData("https://aok.de ")]
    [InlineData("https://aok.de\t")]
    [InlineData("https://a%6fk.de/")]
    [InlineData("https://aok。de/")]
    [InlineData("https://www-aok-de.translate.goog/x")]
    [InlineData("aok.de/x")]
    [InlineData("//aok.de/x")]
    [InlineData("about:blank")]
    [InlineData("data:text/plain,x://my secret diary")]
    [InlineData("javascript:alert('hello')//://secret words")]
    public void an_address_that_names_no_plain_host_is_private(string url) => Assert.Empty(Trial.In("UTC", Trial.Of("web: { url: host, time: round 1h }", shown: "url, time")).Records(Page(url)));

    [Fact]
    public void a_long_name_before_the_host_hides_nothing() =>
        Assert.Empty(Trial.In("UTC", Trial.Of("web: { url: host, time: round 1h }", shown: "url, time")).Records(Page("https://" + new string('u', 600) + "@aok.de")));

    [Theory]
    [InlineData("Secret — Mozilla Firefox Private Browsing")]
    [InlineData("New tab - [InPrivate] - Microsoft Edge")]
    [InlineData("Neuer Tab – Mozilla Firefox (Privater Modus)")]
    public void a_window_that_says_that_it_is_private_is(string title) => Assert.Empty(Trial.In("UTC", Trial.Of("window: { app: category, time: round 1h }", shown: "app, time"))
        .Records(Trial.Event("window", "2026-12-02 10:00", 5, ("app", "Firefox"), ("title", title))));

    [Theory]
    [InlineData(1)]
    [InlineData("1")]
    [InlineData("yes")]
    public void any_yes_to_private_is_one(object incognito) => Assert.Empty(Trial.In("UTC", Trial.Of("window: { app: category, time: round 1h }", shown: "app, time"))
        .Records(Trial.Event("window", "2026-12-02 10:00", 5, ("app", "Firefox"), ("incognito", incognito))));

    [Fact]
    public void an_address_is_looked_at_even_where_it_is_dropped()
    {
        var minimizer = Trial.In("UTC", Trial.Of("web: { audible: keep, time: round 1h }", shown: "audible, time"));
        Assert.Empty(minimizer.Records(Page("https://aok.de/")));
        Assert.Single(minimizer.Records(Page("https://good.example/")));
    }

    [Fact]
    public void no_ready_made_charter_lets_any_entry_of_the_list_out()
    {
        var entries = File.ReadAllLines(Path.Combine(Transparency.Repository.Folder, "src", "Daylight.Core", "Minimization", "private-life.txt")).Where(l => l.StartsWith("host ", StringComparison.Ordinal) || l.StartsWith("app ", StringComparison.Ordinal)).ToList();
        Assert.Equal(PrivateLife.BuiltIn.Count, entries.Count);
        Assert.True(entries.Count > 400);
        var window = Trial.In("UTC", Trial.ReadyMade["focus-time"]);
        Assert.Single(window.Records(Trial.Event("window", "2026-12-02 10:00", 1, ("app", "firefox"), ("url", "https://x.good.example/"))));
        Assert.All(entries, e => Assert.Empty(window.Records(e.Split(' ', 2) is ["host", var host]
            ? Trial.Event("window", "2026-12-02 10:00", 1, ("app", "firefox"), ("url", $"https://x.{host.ToUpperInvariant()}/"))
            : Trial.Event("window", "2026-12-02 10:00", 1, ("app", $"The {e[4..].ToUpperInvariant()}!")))));
    }

    [Fact]
    public void a_charter_adds_to_the_list_and_takes_nothing_from_it()
    {
        const string More = "private-life: [intranet.example, jukebox]";
        string[] urls = ["https://intranet.example/", "https://canteen.INTRANET.example:80/"];
        Assert.All(urls, url => Assert.False(LeavesNothing(With(), Page(url))));
        Assert.All(urls, url => Assert.True(LeavesNothing(With(More), Page(url))));
        Assert.False(LeavesNothing(With(More), Page("https://notintranet.example/")));
        Assert.True(LeavesNothing(With(More), Page("https://aok.de/")));
        Assert.False(LeavesNothing(With(), Window("Jukebox 3")));
        Assert.True(LeavesNothing(With(More), Window("Jukebox 3")));
        Assert.True(LeavesNothing(With(More), Window("intranet.example"))); // installed as an application
        Assert.False(LeavesNothing(With(More), Window("Jukeboxes")));
        Assert.True(LeavesNothing(With(More), Window("AOK")));
    }

    [Fact]
    public void an_entry_of_a_charter_may_be_written_in_any_case() =>
        Assert.True(LeavesNothing(With("private-life: [Intranet.Example]"), Page("https://intranet.example/")));

    [Fact]
    public void what_is_private_wins_over_a_category_of_the_charter()
    {
        const string Category = "categories: [{ name: Intranet, host: intranet.example, app: jukebox, title: canteen }]";
        Assert.Equal("Intranet", Assert.Single(With(Category).Records(Page("https://intranet.example/"))).Data["url"]);
        Assert.True(LeavesNothing(With(Category + "\nprivate-life: [intranet.example, jukebox]"), Page("https://intranet.example/")));
        Assert.True(LeavesNothing(With(Category), Trial.Event("web", "2026-12-02 10:00", 30, ("url", "https://aok.de"), ("title", "canteen"))));
    }

    [Theory]
    [InlineData("{ name: Insurance, host: aok.de }")]
    [InlineData("{ name: Insurance, host: www.aok.de }")]
    [InlineData("{ name: Insurance, app: AOK }")]
    [InlineData("{ name: Insurance, app: [code, \"meine aok\"] }")]
    [InlineData("{ name: Insurance, title: [barmer] }")]
    [InlineData("{ name: AOK, app: code }")]
    [InlineData("{ name: Health, app: code }")]
    [InlineData("{ name: My Doctor, app: code }")]
    [InlineData("{ name: Kirche, app: code }")]
    [InlineData("{ name: Errands, title: [mortgage] }")]
    [InlineData("{ name: Organizing, title: [\"trade union\"] }")]
    [InlineData("{ name: Organizing, title: [Gewerkschaft] }")]
    [InlineData("{ name: Leaving, title: [\"job search\"] }")]
    [InlineData("{ name: Private, app: code }")]
    [InlineData("{ name: Ok, app: [tinder] }")]
    public void a_category_that_touches_private_life_is_refused(string category)
    {
        var text = Trial.Text("window: { app: category, time: round 1h }", shown: "app", more: $"categories:\n  - {{ name: Building, app: [code] }}\n  - {category}");
        var problem = Assert.Single(Assert.IsType<CharterReading.Bad>(CharterReader.Read(text, "trial.yaml")).Problems);
        Assert.Equal(("never-private-life", 14), (problem.Code, problem.Line));
        Assert.StartsWith("never: ", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ name: Insurance, host: notaok.de }")]
    [InlineData("{ name: Healthy code, app: code }")]
    [InlineData("{ name: Doctrine, app: [debtor, sexton] }")]
    [InlineData("{ name: Research, host: [gv.at, paok.dev] }")]
    public void a_category_that_only_looks_like_it_is_a_category(string category) =>
        Assert.Single(Trial.Of("window: { app: category, time: round 1h }", shown: "app", more: $"categories:\n  - {category}").Categories);

    [Theory]
    [InlineData("aok", "health")]
    [InlineData("www.aok.de", "health")]
    [InlineData("ig metall", "union")]
    [InlineData("igmetall.de", "union")]
    [InlineData("n26", "finance")]
    [InlineData("quran.com", "religion")]
    [InlineData("tinder", "private life")]
    [InlineData("strike", "union")]
    [InlineData("code", null)]
    public void what_a_word_tells_about_is_named(string word, string? section) => Assert.Equal(section, PrivateLife.BuiltIn.Touches(word));

    [Fact]
    public void every_host_of_the_list_is_named_for_what_it_is_in_the_list_and_not_for_one_that_ends_alike()
    {
        var section = string.Empty;
        var told = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(Transparency.Repository.Folder, "src", "Daylight.Core", "Minimization", "private-life.txt")))
        {
            section = line.StartsWith('[') ? line.Trim('[', ']').Replace('-', ' ') : section;
            if (line.StartsWith("host ", StringComparison.Ordinal) && PrivateLife.BuiltIn.Touches(line[5..]) is var found && found != section)
            {
                told.Add($"{line[5..]} {section} {found}");
            }
        }

        Assert.Empty(told);
    }

    [Fact]
    public void the_list_with_nothing_more_is_the_list() => Assert.Same(PrivateLife.BuiltIn, PrivateLife.BuiltIn.With(ImmutableArray<string>.Empty));
}
