using System.Globalization;
using System.Text;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Tests.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

/// <summary>Events as they come, in JSON: however they are written, the same leaves; and what is no event leaves nothing and stops nobody.</summary>
public sealed class MinimizerEventTests
{
    private static readonly Charter Editor = Trial.Of("editor: { project: keep, language: keep, time: round 1h }", shown: "project, language, time");

    private static List<string>? Lines(Minimizer minimizer, string stream, ReadOnlySpan<byte> json)
    {
        var records = new List<MinimizedRecord>();
        if (minimizer.TryMinimize(stream, json, records))
        {
            return [.. records.Select(Trial.Line)];
        }

        Assert.Empty(records); // a refusal leaves nothing half done
        return null;
    }

    private static string? Data(string data, string stream = "editor", Charter? charter = null) =>
        Lines(Trial.In("UTC", charter ?? Editor), stream, Encoding.UTF8.GetBytes($$"""{"timestamp":"2026-12-02T10:00:00Z","duration":60,"data":{{data}}}""")) is { } lines
            ? string.Join("; ", lines.Select(l => l.Split(' ', 5)[4]))
            : null;

    public static TheoryData<string> ReadyMade() => [.. Trial.ReadyMade.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(ReadyMade))]
    public void an_event_in_any_spelling_of_its_json_makes_the_records_of_the_event(string name)
    {
        var charter = Trial.ReadyMade[name];
        var (whole, parsed) = (Trial.In("Europe/Berlin", charter), Trial.In("Europe/Berlin", charter));
        var left = 0;
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(400), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var dice = new Dice((ulong)seed);
            var shape = dice.Below(20) == 0 ? dice.One(Streams.All.Values.ToList()) : Streams.All[dice.One(charter.Collect).Stream];
            var fields = AnyEvent.Fields(dice, shape);
            var start = Trial.At("2025-10-25 00:00").AddMilliseconds(dice.Below(3 * 86_400_000)).ToOffset(TimeSpan.FromMinutes((dice.Below(97) - 48) * 15));
            var seconds = dice.Below(200_000_000) / 1000.0;
            List<(string, object?)> members =
            [
                ("timestamp", start.ToString("O", CultureInfo.InvariantCulture)), ("duration", seconds), ("data", fields), ("id", 7), ("x" + AnyEvent.Text(dice), AnyEvent.Nested(dice, 3)),
            ];
            var records = whole.Records(new RawEvent(shape.Name, start, TimeSpan.FromSeconds(seconds), Encoding.UTF8.GetBytes(AnyEvent.Json(dice, fields))));
            left += records.Count;
            Assert.Equal(records.Select(Trial.Line), Lines(parsed, shape.Name, Encoding.UTF8.GetBytes(AnyEvent.Json(dice, members))));
        }));
        Assert.Equal(charter.Collect.Any(s => charter.LeavingFields(s).Any()), left > 0); // or nothing was compared with nothing
    }

    [Theory]
    [InlineData("""{"project":"a","language":"b"}""", "language=b|project=a")]
    [InlineData("""{"language":"b","project":"a"}""", "language=b|project=a")]
    [InlineData("""{"pr\u006fject":"a","\u006c\u0061nguage":"\u0062"}""", "language=b|project=a")]
    [InlineData("""{"project":"\u0022\\\/\n\ud83d\ude00"}""", "project=\n😀")]
    [InlineData("""{"file":{"project":"x","a":[{"language":"y"}]},"project":"a"}""", "project=a")] // inside of a field that stays behind
    [InlineData("""{"project":{"project":"x"}}""", "")]
    [InlineData("""{"project":["x"],"language":"b"}""", "language=b")]
    [InlineData("""{"project":"x","project":"a"}""", "project=a")] // the last of two, as JSON readers take it
    [InlineData("""{"project":"x","project":null}""", "")]
    [InlineData("""{"project":"x","project":["a"]}""", "")]
    [InlineData("""{"Project":"x","project ":"y"}""", "")]
    [InlineData("""{"project":1.50,"language":true}""", "language=true|project=1.50")]
    [InlineData("{}", "")]
    public void fields_are_found_however_they_are_written(string data, string leaves) => Assert.Equal(leaves, Data(data));

    [Theory]
    [InlineData("""{"project":"\ud800","language":"b"}""", "language=b")]
    [InlineData("""{"project":"a\udc00b","language":"b"}""", "language=b")]
    [InlineData("""{"project":"\ud83d and more","language":"\u0062"}""", "language=b")]
    [InlineData("""{"file":"\ud800","language":"b"}""", "language=b")]
    public void a_text_that_was_cut_inside_an_emoji_is_as_good_as_absent(string data, string leaves) => Assert.Equal(leaves, Data(data));

    [Fact]
    public void a_private_window_and_a_private_page_leave_nothing_wherever_they_stand()
    {
        var charter = Trial.Of("web: { audible: keep, time: round 1h }", shown: "audible, time");
        Assert.Equal("audible=true", Data("""{"audible":true,"incognito":false,"url":"https://good.example"}""", "web", charter));
        string[] secret =
        [
            """{"incognito":true,"audible":true}""", """{"audible":true,"incognito":true}""", """{"audible":true,"incognito":"TRUE"}""", """{"audible":true,"in\u0063ognito":true}""", """{"audible":true,"incognito":"\u0074rue"}""",
            """{"audible":true,"url":"https:\/\/aok.de\/"}""", """{"url":"https://a\u006fk.de","audible":true}""", """{"\u0075rl":"https://aok.de","audible":true}""",
        ];
        Assert.All(secret, data => Assert.Equal(string.Empty, Data(data, "web", charter)));
    }

    [Theory]
    [InlineData("""{"data":{"project":"a"},"duration":60,"timestamp":"2026-12-02T10:00:00Z"}""")]
    [InlineData("""{"timestamp":"2026-12-02T11:00:00+01:00","data":{"project":"a"},"duration":6e1}""")]
    [InlineData("""{"id":{"data":{"project":"x"}},"duration":60.0,"timestamp":"2026-12-02T10:00:00.000000+00:00","data":{"project":"a"},"more":[[]]}""")]
    [InlineData("""{"tim\u0065stamp":"2026-12-02T10:00:00Z","d\u0061ta":{"project":"a"},"duration":60}""")]
    [InlineData("""{"timestamp":"2026-12-02T10:00:00Z","data":{"project":"x"},"duration":1,"data":{"project":"a"},"duration":60}""")]
    public void the_order_and_spelling_of_an_events_keys_say_nothing(string json) =>
        Assert.Equal("editor 2026-12-02 639156096000000000 600000000 project=a".Replace("639156096000000000", Trial.At("2026-12-02 10:00").UtcTicks.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), Assert.Single(Lines(Trial.In("UTC", Editor), "editor", Encoding.UTF8.GetBytes(json))!));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"event\"")]
    [InlineData("{}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":60,\"data\":{\"project\":\"a\"}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":60,\"data\":{\"project\":\"a}}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":60,\"data\":{\"project\":a}}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":60,\"data\":{\"project\":\"a\"},}")]
    [InlineData("{\"timestamp\":\"yesterday\",\"duration\":60,\"data\":{\"project\":\"a\"}}")]
    [InlineData("{\"timestamp\":1764669600,\"duration\":60,\"data\":{\"project\":\"a\"}}")]
    [InlineData("{\"timestamp\":null,\"duration\":60,\"data\":{\"project\":\"a\"}}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":-1,\"data\":{\"project\":\"a\"}}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":\"60\",\"data\":{\"project\":\"a\"}}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":1e400,\"data\":{\"project\":\"a\"}}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":1e18,\"data\":{\"project\":\"a\"}}")]
    [InlineData("{\"duration\":60,\"data\":{\"project\":\"a\"}}")]
    public void what_is_no_event_is_refused(string json) => Assert.Null(Lines(Trial.In("UTC", Editor), "editor", Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":60}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":60,\"data\":[]}")]
    [InlineData("{\"timestamp\":\"2026-12-02T10:00:00Z\",\"duration\":60,\"data\":null}")]
    public void an_event_without_data_is_one_and_leaves_nothing(string json) => Assert.Empty(Lines(Trial.In("UTC", Editor), "editor", Encoding.UTF8.GetBytes(json))!);

    [Fact]
    public void an_event_of_a_stream_that_is_not_collected_is_one_and_leaves_nothing() => Assert.Equal(string.Empty, Data("""{"app":"code"}""", "window"));

    [Fact]
    public void an_event_without_length_is_a_moment() =>
        Assert.EndsWith(" 0 project=a", Assert.Single(Lines(Trial.In("UTC", Editor), "editor", "{\"timestamp\":\"2026-12-02T10:00:00Z\",\"data\":{\"project\":\"a\"}}"u8)!), StringComparison.Ordinal);

    [Fact]
    public void bytes_that_are_no_utf8_never_throw_and_spoil_no_other_field()
    {
        byte[][] broken = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x80]];
        byte[][] wholes = [Encoding.UTF8.GetBytes("""{"timestamp":"2026-12-02T10:00:00Z","duration":60,"data":{"file":"#","project":"#","language":"b"}}"""),
            Encoding.UTF8.GetBytes("""{"timestamp":"2026-12-02T10:00:00Z","duration":60,"data":{"file":"#\n","project":"\u0041#","language":"\u0062"}}""")];
        Assert.All(wholes, whole => Assert.All(broken, bytes =>
        {
            byte[] json = [.. whole.SelectMany(b => b == '#' ? bytes : [b])];
            Assert.Contains("language=b", Assert.Single(Lines(Trial.In("UTC", Editor), "editor", json)!), StringComparison.Ordinal);
        }));
    }

    [Fact]
    public void no_damage_to_an_event_makes_it_throw()
    {
        var dice = new Dice(2_026);
        var minimizers = Trial.ReadyMade.Values.Select(c => (Charter: c, Minimizer: Trial.In("America/Sao_Paulo", c))).ToList();
        var (read, refused) = (0, 0);
        for (var round = 0; round < 6_000; round++)
        {
            var (charter, minimizer) = dice.One(minimizers);
            var shape = Streams.All[dice.One(charter.Collect).Stream];
            List<(string, object?)> members = [("timestamp", "2026-12-02T10:00:00.5Z"), ("duration", dice.Below(10_000)), ("data", AnyEvent.Fields(dice, shape)), ("id", AnyEvent.Nested(dice, 2))];
            var json = Encoding.UTF8.GetBytes(AnyEvent.Json(dice, members)).ToList();
            for (var edits = dice.Below(3); edits >= 0; edits--)
            {
                Damage(json, dice);
            }

            try
            {
                _ = Lines(minimizer, shape.Name, json.ToArray()) is null ? refused++ : read++;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"round {round}: {charter.Program} {shape.Name} {Encoding.Latin1.GetString([.. json])}", e);
            }
        }

        Assert.InRange(read, 500, 5_500); // both outcomes are reached
    }

    private static void Damage(List<byte> json, Dice dice)
    {
        var at = dice.Below(json.Count + 1);
        var length = Math.Min(dice.Below(6), json.Count - at);
        switch (dice.Below(6))
        {
            case 0:
                json.RemoveRange(at, length);
                break;
            case 1:
                json.Insert(at, (byte)dice.Below(256));
                break;
            case 2:
                json.InsertRange(at, Encoding.UTF8.GetBytes(dice.One(["\"", "\\", "{", "}", "[", "]", ",", ":", "null", "\\n", "1e99", "//", "-", "true"])));
                break;
            case 3:
                json.InsertRange(at, json.GetRange(at, length));
                break;
            case 4 when at < json.Count:
                json[at] ^= (byte)(1 << dice.Below(8));
                break;
            default:
                json.RemoveRange(at, json.Count - at);
                break;
        }
    }

    [Fact]
    public void only_what_some_rule_shows_leaves_and_what_only_feeds_a_measure_stays()
    {
        const string Collect = "editor: { project: pseudonym, language: keep, time: round 1h }\nwindow: { app: category, time: round 1h }\ncalendar: { attendees: keep }";
        const string Measures = "projects: { from: editor, distinct: project, per: day, clamp: 0..10, unit: projects }\nsize: { from: calendar, mean: attendees, per: day, clamp: 0..50, unit: people }";
        var charter = Trial.Of(Collect, Measures, "language, time");
        var minimizer = Trial.In("UTC", charter);
        RawEvent[] events =
        [
            Trial.Event("editor", "2026-12-02 10:00", 5, ("project", "p"), ("language", "C#"), ("file", "f")), Trial.Event("window", "2026-12-02 10:00", 5, ("app", "code")), Trial.Event("calendar", "2026-12-02 10:00", 5, ("attendees", 3)),
        ];
        Assert.Equal(["language, time", "", ""], new[] { "editor", "window", "calendar" }.Select(s => string.Join(", ", charter.LeavingFields(charter.Stream(s)!))));
        Assert.Equal("language=C#", string.Join('|', Assert.Single(minimizer.Records(events[0])).Data.Select(d => d.Key + "=" + d.Value)));
        Assert.Empty(minimizer.Records(events[1]));
        Assert.Empty(minimizer.Records(events[2]));
        Assert.Equal("projects 1, size 3", string.Join(", ", minimizer.DayValues(new DateOnly(2026, 12, 2), events).Select(v => $"{v.Key} {v.Value}")));
    }

    [Fact]
    public void what_training_names_stays_where_no_rule_shows_it() =>
        Assert.Empty(Trial.In("UTC", Trial.ReadyMade["model-training"] with { Show = [] }).Records(Trial.Event("editor", "2026-12-02 10:00", 5, ("project", "p"), ("language", "C#"), ("branch", "b"))));

    [Theory]
    [InlineData("""{"timestamp":"2026-12-02T10:00:00Z","duration":60,"data":{"project":"a"}} garbage""")]
    [InlineData("""{"timestamp":"2026-12-02T10:00:00Z","duration":60,"data":{"project":"a"}}{""")]
    [InlineData("""{"timestamp":"9999-12-31T12:00:00Z","duration":60,"data":{"project":"a"}}""")]
    [InlineData("""{"timestamp":"0001-01-01T00:00:01Z","duration":60,"data":{"project":"a"}}""")]
    [InlineData("""{"timestamp":"2026-12-02T10:00:00\ud800","duration":60,"data":{"project":"a"}}""")]
    public void what_is_more_or_less_than_an_event_is_none(string json) =>
        Assert.False(Trial.In("Europe/Berlin", Trial.Of("editor: { project: keep, time: round 1h }", shown: "project, time")).TryMinimize("editor", System.Text.Encoding.UTF8.GetBytes(json), []));

    [Fact]
    public void a_name_that_is_no_text_is_as_good_as_absent()
    {
        var minimizer = Trial.In("UTC", Trial.Of("editor: { project: keep, time: round 1h }", shown: "project, time"));
        var happened = Trial.Event("editor", "2026-12-02 10:00", 5) with { Data = System.Text.Encoding.UTF8.GetBytes("""{"\ud800":1,"project":"a"}""") };
        Assert.Equal("a", Assert.Single(minimizer.Records(happened)).Data["project"]);
        Assert.All(["", "{", "nope", "[]", "5"], text => Assert.Empty(minimizer.Records(happened with { Data = System.Text.Encoding.UTF8.GetBytes(text) })));
    }
}
