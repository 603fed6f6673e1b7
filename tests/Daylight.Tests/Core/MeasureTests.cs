using Daylight.Core.Charters;
using Daylight.Core.Minimization;

namespace Daylight.Tests.Core;

/// <summary>Numbers of one local day, each computed by hand beside what the charter says.</summary>
public sealed class MeasureTests
{
    private static readonly DateOnly Wednesday = new(2026, 12, 2);

    /// <summary>The value of a measure; null when the day has none.</summary>
    private static int? Value(string collect, string measure, IReadOnlyCollection<RawEvent> events, DateOnly? day = null, string zone = "UTC", string hours = Trial.AllHours)
    {
        var values = Trial.In(zone, Trial.Of(collect, "it: " + measure, hours: hours)).DayValues(day ?? Wednesday, events);
        Assert.All(values.Keys, k => Assert.Equal("it", k));
        return values.TryGetValue("it", out var value) ? value : null;
    }

    private static RawEvent Afk(string utc, double minutes, string status = "not-afk") => Trial.Event("afk", utc, minutes, ("status", status));

    private static RawEvent Meeting(string utc, double minutes, object attendees, bool recurring = false) => Trial.Event("calendar", utc, minutes, ("attendees", attendees), ("recurring", recurring));

    private static RawEvent Typing(string utc, double minutes, double presses) => Trial.Event("input", utc, minutes, ("presses", presses));

    private const string Calendar = "calendar: { attendees: keep, recurring: keep }";
    private const string Input = "input: { presses: keep }";

    [Theory]
    [InlineData("s", 5_400)]
    [InlineData("min", 90)]
    [InlineData("h", 2)] // one and a half, rounded up
    public void a_sum_of_time_has_its_unit(string unit, int value) =>
        Assert.Equal(value, Value("afk: { status: keep }", $"{{ from: afk, sum: duration, where: {{ status: not-afk }}, per: day, clamp: 0..100000, unit: {unit} }}", [Afk("2026-12-02 10:00", 60), Afk("2026-12-02 12:00", 30), Afk("2026-12-02 13:00", 30, "afk")]));

    [Fact]
    public void time_that_two_events_share_counts_once_and_time_that_only_touches_adds_up() =>
        Assert.Equal(100, Value(Calendar, "{ from: calendar, sum: duration, per: day, clamp: 0..1440, unit: min }", [Meeting("2026-12-02 10:00", 60, 2), Meeting("2026-12-02 10:30", 60, 3), Meeting("2026-12-02 11:30", 10, 3)]));

    [Fact]
    public void a_sum_of_numbers_is_of_what_is_left_after_the_transform()
    {
        // 1.1 and 1.2 become 1 and 1.25; what is no number is left out; a value is a whole number of its unit: 5.75 is 6
        RawEvent[] events = [.. new object[] { 1.1, 1.2, "3.5", "none", true }.Select(h => Trial.Event("timesheet", "2026-12-02 10:00", 0, ("hours", h))), Trial.Event("timesheet", "2026-12-02 10:00", 0)];
        Assert.Equal(6, Value("timesheet: { hours: round 0.25 }", "{ from: timesheet, sum: hours, per: day, clamp: 0..100, unit: h }", events));
    }

    [Fact]
    public void a_sum_of_counts_adds_what_was_counted() =>
        Assert.Equal(12, Value("input: { presses: count 1h }", "{ from: input, sum: presses, per: day, clamp: 0..1000, unit: presses }", [Typing("2026-12-02 10:00", 5, 5), Typing("2026-12-02 12:00", 5, 7.9)]));

    [Fact]
    public void events_are_counted_alike_and_each() =>
        Assert.Equal(3, Value(Calendar, "{ from: calendar, count: events, per: day, clamp: 0..100, unit: meetings }", [Meeting("2026-12-02 10:00", 60, 2), Meeting("2026-12-02 10:00", 60, 2), Meeting("2026-12-02 11:00", 0, 2)]));

    [Fact]
    public void distinct_counts_what_differs_after_the_transform()
    {
        const string Measure = "{ from: window, distinct: app, per: day, clamp: 0..100, unit: kinds }";
        string[] apps = ["code", "vim", "slack", "baldur", "unknown"]; // two editors are one kind, and two that nobody knows are another
        Assert.Equal(3, Value("window: { app: category }", Measure, [.. apps.Select(a => Trial.Event("window", "2026-12-02 10:00", 1, ("app", a))), Trial.Event("window", "2026-12-02 10:00", 1)]));
        Assert.Equal(0, Value("window: { app: category }", Measure, []));
    }

    [Fact]
    public void distinct_counts_pseudonyms_as_well_as_names()
    {
        RawEvent[] events = [.. new[] { "a", "b", "a", "A", "" }.Select(p => Trial.Event("editor", "2026-12-02 10:00", 1, ("project", p)))];
        Assert.Equal(3, Value("editor: { project: pseudonym }", "{ from: editor, distinct: project, per: day, clamp: 0..100, unit: projects }", events));
    }

    [Fact]
    public void distinct_sees_what_reaches_into_the_day()
    {
        RawEvent[] events = [Trial.Event("editor", "2026-12-01 23:00", 120, ("project", "a")), Trial.Event("editor", "2026-12-02 10:00", 0, ("project", "b")), Trial.Event("editor", "2026-12-01 23:00", 60, ("project", "c"))];
        Assert.Equal(2, Value("editor: { project: pseudonym }", "{ from: editor, distinct: project, per: day, clamp: 0..100, unit: projects }", events));
    }

    [Fact]
    public void a_mean_is_over_the_events_that_have_a_number_and_a_half_is_rounded_up() =>
        Assert.Equal(4, Value(Calendar, "{ from: calendar, mean: attendees, per: day, clamp: 0..50, unit: people }", [Meeting("2026-12-02 10:00", 300, 2), Meeting("2026-12-02 11:00", 1, 5), Meeting("2026-12-02 12:00", 1, "many"), Trial.Event("calendar", "2026-12-02 13:00", 5)]));

    [Theory]
    [InlineData("% of time", 25)] // 30 of 120 minutes
    [InlineData("% of events", 33)] // 1 of 3
    public void a_share_is_of_time_or_of_events_as_the_unit_says(string unit, int value) => Assert.Equal(value, Value(
        Calendar, $"{{ from: calendar, share: {{ recurring: [true] }}, per: day, clamp: 0..100, unit: \"{unit}\" }}", [Meeting("2026-12-02 10:00", 30, 2, true), Meeting("2026-12-02 11:00", 60, 2), Meeting("2026-12-02 12:00", 30, 2)]));

    [Fact]
    public void a_share_is_of_what_where_leaves_and_asks_all_of_its_conditions() => Assert.Equal(50, Value(
        Calendar,
        "{ from: calendar, share: { recurring: [true], attendees: [3..] }, where: { attendees: [2..] }, per: day, clamp: 0..100, unit: \"% of events\" }",
        [Meeting("2026-12-02 10:00", 30, 2, true), Meeting("2026-12-02 11:00", 30, 5, true), Meeting("2026-12-02 12:00", 30, 1, true), Meeting("2026-12-02 12:00", 30, 1)]));

    [Fact]
    public void a_share_of_time_counts_time_that_is_shared_once() => Assert.Equal(50, Value(
        Calendar, "{ from: calendar, share: { recurring: [true] }, per: day, clamp: 0..100, unit: \"% of time\" }", [Meeting("2026-12-02 10:00", 60, 2, true), Meeting("2026-12-02 10:00", 60, 3, true), Meeting("2026-12-02 10:30", 90, 2)]));

    [Theory]
    [InlineData("2026-12-02 09:45", 60)] // fifteen minutes are bridged, and belong to the stretch
    [InlineData("2026-12-02 09:46", 30)] // sixteen are not
    [InlineData("2026-12-02 09:20", 35)] // and overlaps are no gap
    public void the_longest_run_bridges_gaps_up_to_its_length(string second, int minutes) => Assert.Equal(minutes, Value(
        "afk: { status: keep }",
        "{ from: afk, longest-run: 15m, where: { status: not-afk }, per: day, clamp: 0..1440, unit: min }",
        [Afk("2026-12-02 09:00", 30), Afk(second, 15), Afk("2026-12-02 09:30", 15, "afk"), Afk("2026-12-02 15:00", 20)]));

    [Fact]
    public void a_day_without_anything_has_a_run_and_a_count_of_zero_but_no_mean_and_no_share()
    {
        Assert.Equal(0, Value(Calendar, "{ from: calendar, longest-run: 15m, per: day, clamp: 0..1440, unit: min }", []));
        Assert.Equal(0, Value(Calendar, "{ from: calendar, count: events, per: day, clamp: 0..10, unit: meetings }", []));
        Assert.Equal(0, Value(Calendar, "{ from: calendar, sum: attendees, per: day, clamp: 0..10, unit: people }", []));
        Assert.Equal(0, Value(Calendar, "{ from: calendar, sum: duration, per: day, clamp: 0..10, unit: min }", []));
        Assert.Null(Value(Calendar, "{ from: calendar, mean: attendees, per: day, clamp: 0..10, unit: people }", []));
        Assert.Null(Value(Calendar, "{ from: calendar, mean: attendees, per: day, clamp: 0..10, unit: people }", [Meeting("2026-12-02 10:00", 30, "many")]));
        Assert.Null(Value(Calendar, "{ from: calendar, share: { recurring: [true] }, per: day, clamp: 0..100, unit: \"% of time\" }", []));
        Assert.Null(Value(Calendar, "{ from: calendar, share: { recurring: [true] }, per: day, clamp: 0..100, unit: \"% of time\" }", [Meeting("2026-12-02 10:00", 0, 2)])); // no time at all
        Assert.Null(Value(Calendar, "{ from: calendar, share: { recurring: [true] }, per: day, clamp: 0..100, unit: \"% of events\" }", []));
    }

    [Theory]
    [InlineData("5..", 4)] // 5, 7.5, 10, 11
    [InlineData("..5", 2)] // 4, 5
    [InlineData("5..10", 3)]
    [InlineData("[..4, 11..]", 2)]
    [InlineData("[10]", 1)]
    [InlineData("[4, 7.5, 12]", 2)]
    [InlineData("[4, 10..]", 3)]
    [InlineData("-1..3", 0)]
    [InlineData("7.4..7.6", 1)]
    public void where_takes_values_and_ranges_with_both_ends(string where, int events) => Assert.Equal(
        events, Value(Input, $"{{ from: input, count: events, where: {{ presses: {where} }}, per: day, clamp: 0..100, unit: times }}", [.. new[] { 4, 5, 7.5, 10, 11 }.Select(p => Typing("2026-12-02 10:00", 1, p)), Trial.Event("input", "2026-12-02 10:00", 1)]));

    [Fact]
    public void where_asks_all_of_its_fields_after_their_transform() => Assert.Equal(1, Value(
        "change: { step: keep, wait: round 10 }",
        "{ from: change, count: events, where: { step: [merged, deployed], wait: 10..20 }, per: day, clamp: 0..100, unit: steps }",
        [.. new[] { ("merged", 24), ("merged", 26), ("opened", 14), ("deployed", 4) }.Select(c => Trial.Event("change", "2026-12-02 10:00", 0, ("step", c.Item1), ("wait", c.Item2)))]));

    [Fact]
    public void where_takes_ranges_by_their_names() => Assert.Equal(2, Value(
        "calendar: { teams: { bucket: [2, 5] } }",
        "{ from: calendar, count: events, where: { teams: [2 to under 5, 5 or more] }, per: day, clamp: 0..100, unit: meetings }",
        [.. new[] { 1, 2, 7 }.Select(t => Trial.Event("calendar", "2026-12-02 10:00", 5, ("teams", t)))]));

    [Fact]
    public void while_takes_the_time_in_which_every_other_stream_has_its_value() => Assert.Equal(20, Value(
        "afk: { status: keep }\ncalendar: { recurring: keep }\nwindow: { app: category }",
        "{ from: window, sum: duration, while: { afk: not-afk, calendar: false }, per: day, clamp: 0..1440, unit: min }",
        [Trial.Event("window", "2026-12-02 10:00", 60, ("app", "code")), Afk("2026-12-02 10:10", 30), Afk("2026-12-02 10:40", 30, "afk"), Meeting("2026-12-02 10:20", 60, 2), Meeting("2026-12-02 10:00", 10, 2, true)]));

    [Fact]
    public void while_counts_events_that_began_then() => Assert.Equal(1, Value(
        "afk: { status: keep }\ncalendar: { recurring: keep }",
        "{ from: calendar, count: events, while: { afk: not-afk }, per: day, clamp: 0..100, unit: meetings }",
        [Afk("2026-12-02 10:00", 60), Meeting("2026-12-02 09:59", 30, 2), Meeting("2026-12-02 10:00", 30, 2), Meeting("2026-12-02 11:00", 30, 2)]));

    [Theory]
    [InlineData("sum: duration", "min", 30)] // 17:00 to 17:30
    [InlineData("count: events", "times", 1)] // the one that began at 17:20
    [InlineData("longest-run: 5m", "min", 30)]
    public void between_takes_a_part_of_the_day(string operation, string unit, int value) => Assert.Equal(
        value, Value("afk: { status: keep }", $"{{ from: afk, {operation}, where: {{ status: not-afk }}, between: 17:00-21:00, per: day, clamp: 0..1440, unit: {unit} }}", [Afk("2026-12-02 16:00", 80), Afk("2026-12-02 17:20", 10), Afk("2026-12-02 21:00", 30)]));

    [Fact]
    public void between_is_local_time_and_ends_with_the_charters_hours()
    {
        const string Measure = "{ from: afk, sum: duration, where: { status: not-afk }, between: 17:00-21:00, per: day, clamp: 0..1440, unit: min }";
        Assert.Equal(120, Value("afk: { status: keep }", Measure, [Afk("2026-12-02 00:00", 1_440)], zone: "Asia/Kolkata", hours: "Mon-Fri 08:00-19:00"));
        Assert.Equal(30, Value("afk: { status: keep }", Measure, [Afk("2026-12-02 11:00", 60)], zone: "Asia/Kolkata")); // 16:30 to 17:30 there
    }

    [Theory]
    [InlineData("day", 3, 5)]
    [InlineData("day", 7, 7)]
    [InlineData("day", 30, 10)]
    [InlineData("week", 3, 3)] // the floor is the week's
    [InlineData("week", 30, 10)] // but no day may have more than a week
    public void a_clamp_bounds_the_day_or_the_week(string per, int minutes, int value) =>
        Assert.Equal(value, Value(Calendar, $"{{ from: calendar, sum: duration, per: {per}, clamp: 5..10, unit: min }}", [Meeting("2026-12-02 10:00", minutes, 2)]));

    [Fact]
    public void time_across_midnight_belongs_to_both_days_and_an_event_to_the_one_on_which_it_began()
    {
        RawEvent[] events = [Meeting("2026-12-02 21:30", 120, 4)]; // 22:30 to 00:30 in Berlin
        int? On(int day, string measure) => Value(Calendar, measure, events, new DateOnly(2026, 12, day), "Europe/Berlin");
        string[] measures =
        [
            "{ from: calendar, sum: duration, per: day, clamp: 0..1440, unit: min }", "{ from: calendar, longest-run: 5m, per: day, clamp: 0..1440, unit: min }", "{ from: calendar, count: events, per: day, clamp: 0..10, unit: meetings }",
            "{ from: calendar, sum: attendees, per: day, clamp: 0..10, unit: people }", "{ from: calendar, mean: attendees, per: day, clamp: 0..10, unit: people }", "{ from: calendar, distinct: attendees, per: day, clamp: 0..10, unit: sizes }",
            "{ from: calendar, share: { recurring: [false] }, per: day, clamp: 0..100, unit: \"% of time\" }", "{ from: calendar, share: { recurring: [false] }, per: day, clamp: 0..100, unit: \"% of events\" }",
        ];
        Assert.Equal([90, 90, 1, 4, 4, 1, 100, 100], measures.Select(m => On(2, m)!.Value));
        Assert.Equal("30 30 0 0 - 1 100 -", string.Join(' ', measures.Select(m => On(3, m)?.ToString() ?? "-")));
        Assert.Equal("0 0 0 0 - 0 - -", string.Join(' ', measures.Select(m => On(4, m)?.ToString() ?? "-")));
    }

    [Fact]
    public void an_event_that_began_before_working_hours_has_time_in_them_and_does_not_count()
    {
        RawEvent[] events = [Meeting("2026-12-02 07:30", 60, 4), Meeting("2026-12-02 18:00", 60, 4)];
        Assert.Equal(30, Value(Calendar, "{ from: calendar, sum: duration, per: day, clamp: 0..1440, unit: min }", events, hours: "Mon-Fri 08:00-18:00"));
        Assert.Equal(0, Value(Calendar, "{ from: calendar, count: events, per: day, clamp: 0..10, unit: meetings }", events, hours: "Mon-Fri 08:00-18:00"));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2025-10-26", 25, 4)]
    [InlineData("Europe/Berlin", "2025-03-30", 23, 2)]
    [InlineData("Europe/Berlin", "2025-10-27", 24, 3)]
    [InlineData("Africa/Cairo", "2025-04-25", 23, 3)] // its skipped hour is the day's first
    [InlineData("Asia/Kolkata", "2025-10-26", 24, 3)]
    public void a_day_and_a_part_of_it_are_as_long_as_the_clock_change_makes_them(string zone, string day, int hours, int early)
    {
        RawEvent[] events = [Afk("2025-03-01 00:00", 60 * 24 * 300)];
        Assert.Equal(hours, Value("afk: { status: keep }", "{ from: afk, sum: duration, per: day, clamp: 0..30, unit: h }", events, DateOnly.Parse(day), zone));
        Assert.Equal(early, Value("afk: { status: keep }", "{ from: afk, sum: duration, between: 01:00-04:00, per: day, clamp: 0..30, unit: h }", events, DateOnly.Parse(day), zone));
    }

    [Fact]
    public void days_add_up_to_the_whole_through_a_clock_change()
    {
        RawEvent[] events = [Afk("2025-10-20 13:17", 14_000)];
        var days = Enumerable.Range(0, 14).Sum(d => Value("afk: { status: keep }", "{ from: afk, sum: duration, per: day, clamp: 0..100000, unit: s }", events, new DateOnly(2025, 10, 19).AddDays(d), "Europe/Berlin"));
        Assert.Equal(14_000 * 60, days);
    }

    [Fact]
    public void outside_of_the_charters_days_there_is_nothing_to_measure()
    {
        Assert.Equal(0, Value(Calendar, "{ from: calendar, count: events, per: day, clamp: 0..10, unit: meetings }", [Meeting("2028-01-01 10:00", 60, 2)], new DateOnly(2028, 1, 1)));
        Assert.Null(Value(Calendar, "{ from: calendar, mean: attendees, per: day, clamp: 0..10, unit: people }", [Meeting("2028-01-01 10:00", 60, 2)], new DateOnly(2028, 1, 1)));
    }

    [Fact]
    public void several_measures_of_a_day_stand_beside_each_other_and_one_without_a_value_is_absent()
    {
        var charter = Trial.Of(Calendar, """
            meetings: { from: calendar, count: events, per: day, clamp: 0..10, unit: meetings }
            size: { from: calendar, mean: attendees, per: day, clamp: 0..50, unit: people }
            hours: { from: calendar, sum: duration, per: day, clamp: 0..10, unit: h }
            """);
        var values = Trial.In("UTC", charter).DayValues(Wednesday, [Meeting("2026-12-02 10:00", 60, "many")]);
        Assert.Equal("hours 1, meetings 1", string.Join(", ", values.Select(v => $"{v.Key} {v.Value}")));
    }

    [Fact]
    public void every_ready_made_charter_has_values_for_a_day_of_anything_and_they_stay_within_their_clamps()
    {
        var positive = 0;
        Assert.All(Trial.ReadyMade.Values, charter =>
        {
            var dice = new Transparency.Dice(11);
            var events = charter.Collect.SelectMany(s => Enumerable.Range(0, 60).Select(i => new RawEvent(
                s.Stream, Trial.At("2026-12-01 12:00").AddMinutes(dice.Below(3_000)), TimeSpan.FromMinutes(dice.Below(200)), System.Text.Encoding.UTF8.GetBytes(AnyEvent.Json(dice, AnyEvent.Fields(dice, s.Shape)))))).ToList();
            var values = Trial.In("Europe/Berlin", charter).DayValues(Wednesday, events);
            Assert.All(values, v => Assert.InRange(v.Value, 0, charter.Measures.Single(m => m.Name == v.Key).Clamp.High));
            Assert.Equal(charter.Measures.Select(m => m.Name).Order(StringComparer.Ordinal), values.Keys);
            positive += values.Values.Count(v => v > 0);
        });
        Assert.True(positive > 10); // or days of zero would be within every clamp
    }

    [Fact]
    public void a_measure_whose_last_rule_is_over_is_measured_no_more_and_one_that_has_another_is()
    {
        var charter = FocusTime.With();
        Assert.Equal(["focus-minutes"], charter.Without(r => r == "role:investigator/records").Measures.Select(m => m.Name));
        var without = charter.Without(r => r == "manager/focus-minutes");
        Assert.Empty(without.Measures);
        Assert.Empty(without.GroupRules);
        Assert.Same(charter, charter.Without(r => r == "self/records"));
    }
}
