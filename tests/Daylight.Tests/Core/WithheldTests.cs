using System.Collections.Immutable;
using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

/// <summary>Time that counts for nothing: a pause, an hour that was taken back, one item that was.</summary>
public sealed class WithheldTests
{
    private static readonly DateOnly Wednesday = new(2026, 12, 2);

    private static readonly Charter Focus = Trial.Of(
        "window: { app: category, time: round 5m }\nafk: { status: keep }",
        "focus: { from: window, sum: duration, where: { app: [Editor] }, while: { afk: not-afk }, per: day, clamp: 0..600, unit: min }",
        "app, time");

    private static Minimizer Without(params IReadOnlyList<Withheld> withheld) => new(Focus, new LocalTime(TimeZoneInfo.Utc), Charters.Key, withheld);

    private static Withheld Span(string from, string to, string? stream = null, params (string Field, string Value)[] item) => new(
        Trial.At("2026-12-02 " + from), Trial.At("2026-12-02 " + to), stream, item.Length == 0 ? null : item.ToImmutableSortedDictionary(i => i.Field, i => i.Value, StringComparer.Ordinal));

    private static RawEvent Window(string at, double minutes, string app = "Code") => Trial.Event("window", "2026-12-02 " + at, minutes, ("app", app), ("title", "x"));

    private static RawEvent There(string at, double minutes) => Trial.Event("afk", "2026-12-02 " + at, minutes, ("status", "not-afk"));

    private static string Short(IEnumerable<MinimizedRecord> records) =>
        string.Join(", ", records.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Start.UtcDateTime:HH:mm} {r.Data.GetValueOrDefault("app")} {r.Duration.TotalMinutes}")));

    [Fact]
    public void a_pause_cuts_what_goes_on_through_it()
    {
        var minimizer = Without(Span("10:03", "10:12"));
        Assert.Equal("10:00 Editor 3, 10:10 Editor 3, 10:15 Editor 5", Short(minimizer.Records(Window("10:00", 20))));
        Assert.Equal(11, minimizer.DayValues(Wednesday, [Window("10:00", 20), There("10:00", 20)])["focus"]);
    }

    [Fact]
    public void an_item_that_was_taken_back_counts_in_no_figure_and_its_neighbors_do()
    {
        var minimizer = Without(Span("10:00", "10:05", "window", ("app", "Editor")));
        Assert.Equal("10:00 Chat 2, 10:05 Editor 1", Short([.. minimizer.Records(Window("10:00", 2, "Slack")), .. minimizer.Records(Window("10:02", 4))]));
        Assert.Equal(1, minimizer.DayValues(Wednesday, [Window("10:00", 2, "Slack"), Window("10:02", 4), There("09:00", 120)])["focus"]);
    }

    [Fact]
    public void a_stream_that_was_taken_back_leaves_the_others()
    {
        var minimizer = Without(Span("10:00", "11:00", "afk"));
        Assert.Equal("10:00 Editor 5", Short(minimizer.Records(Window("10:00", 5))));
        Assert.Equal(5, minimizer.DayValues(Wednesday, [Window("09:55", 10), There("09:00", 120)])["focus"]); // with nobody known to be there, the hour counts nothing
    }

    [Fact]
    public void a_count_that_began_in_a_pause_is_not_made_up_for_after_it()
    {
        var charter = Trial.Of("input: { presses: count 1h, time: count 1h }", "typed: { from: input, sum: presses, per: day, clamp: 0..60000, unit: presses }", "presses, time");
        var minimizer = new Minimizer(charter, new LocalTime(TimeZoneInfo.Utc), Charters.Key, [Span("10:00", "10:30")]);
        var typing = Trial.Event("input", "2026-12-02 10:20", 60, ("presses", 40));
        Assert.Empty(minimizer.Records(typing));
        Assert.Equal(0, minimizer.DayValues(Wednesday, [typing])["typed"]);
    }

    [Fact]
    public void a_day_of_which_everything_was_taken_back_was_not_seen()
    {
        Assert.False(Without(Span("00:00", "23:59")).Saw(Wednesday, [Window("10:00", 20)]));
        Assert.True(Without(Span("00:00", "10:19")).Saw(Wednesday, [Window("10:00", 20)]));
        Assert.False(Without().Saw(Wednesday.AddDays(1), [Window("10:00", 20)]));
        var hours = new Minimizer(Focus with { Hours = Trial.Of("window: { app: category, time: round 5m }", shown: "app, time", hours: "Mon-Fri 08:00-18:00").Hours }, new LocalTime(TimeZoneInfo.Utc), Charters.Key);
        Assert.False(hours.Saw(Wednesday, [Window("19:00", 20)]));
    }

    [Fact]
    public void what_is_withheld_and_what_is_left_come_to_the_whole() => Prop.ForAll(
        Gen.Choose(0, 300).Three().ToArbitrary(),
        drawn =>
        {
            var (start, from, length) = drawn;
            var (begin, end) = (Trial.At("2026-12-02 06:00").AddMinutes(from), Trial.At("2026-12-02 06:00").AddMinutes(from + length));
            var happened = new RawEvent("window", Trial.At("2026-12-02 06:00").AddMinutes(start), TimeSpan.FromMinutes(90), Charters.Data(("app", "Code")));
            var day = Trial.At("2026-12-02 00:00");
            double Minutes(params Withheld[] withheld) => Without(withheld).Records(happened).Sum(r => r.Duration.TotalMinutes);
            var inside = Minutes(new Withheld(day, begin), new Withheld(end, day.AddDays(1)));
            return Math.Abs(90 - inside - Minutes(new Withheld(begin, end))) < 1e-9;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void what_was_handed_in_counts_at_any_hour()
    {
        var charter = Trial.Of("timesheet: { project: keep, hours: round 0.25 }", "worked: { from: timesheet, sum: hours, per: week, clamp: 0..60, unit: h }", "project, hours", hours: "Mon-Fri 08:00-18:00");
        var minimizer = new Minimizer(charter, new LocalTime(TimeZoneInfo.Utc), Charters.Key);
        var sheet = Trial.Event("timesheet", "2026-12-05 00:00", 0, ("project", "Apollo"), ("hours", 7.6));
        Assert.Equal("hours=7.5|project=Apollo", string.Join('|', Assert.Single(minimizer.Records(sheet)).Data.Select(d => d.Key + "=" + d.Value)));
        Assert.Equal(8, minimizer.DayValues(new DateOnly(2026, 12, 5), [sheet])["worked"]);
    }
}
