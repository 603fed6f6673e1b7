using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

/// <summary>Counts and steps: what is counted is counted once, however an event comes in, and steps are those of the person's own clock.</summary>
public sealed class CountTests
{
    private static readonly Charter Counted = Trial.Of("input: { presses: count 1h, clicks: count 1h, time: count 1h }", shown: "presses, clicks, time");

    private static RawEvent Typing(string utc, double minutes, int presses, int clicks = 2) => Trial.Event("input", utc, minutes, ("presses", presses), ("clicks", clicks), ("deltaX", 9));

    private static string Short(MinimizedRecord record) => $"{record.Start.UtcDateTime:HH:mm}+{record.Duration.TotalMinutes} {string.Join('|', record.Data.Select(d => d.Key + "=" + d.Value))}";

    /// <summary>What the machine does before it seals: by stream and day, what reads the same comes together.</summary>
    private static IEnumerable<MinimizedRecord> Merged(Charter charter, IEnumerable<MinimizedRecord> records) => records.GroupBy(r => (r.Stream, r.Day)).SelectMany(g => MinimizedRecord.Merge(
        charter.Stream(g.Key.Stream), g, r => (r.Start, r.Data), (same, data) => same[0] with { Duration = TimeSpan.FromTicks(same.Sum(r => r.Duration.Ticks)), Data = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, data) }));

    [Fact]
    public void a_count_goes_with_the_step_in_which_the_event_began_and_only_there() =>
        Assert.Equal(["10:00+0 clicks=2|events=1|presses=40"], Trial.In("UTC", Counted).Records(Typing("2026-12-02 10:50", 150, 40)).Select(Short));

    [Fact]
    public void a_count_beside_a_length_of_time_goes_with_the_first_step_of_that_length()
    {
        var charter = Trial.Of("input: { presses: count 1h, time: round 1h }", shown: "presses, time");
        Assert.Equal(["10:00+10 presses=40", "11:00+60 ", "12:00+20 "], Trial.In("UTC", charter).Records(Typing("2026-12-02 10:50", 90, 40)).Select(Short));
    }

    [Fact]
    public void a_count_beside_a_presence_goes_with_its_first_step()
    {
        var charter = Trial.Of("input: { presses: count 1h, clicks: presence 1h, time: presence 1h }", shown: "presses, clicks, time");
        Assert.Equal(["10:00+0 clicks=yes|presses=40", "11:00+0 clicks=yes"], Trial.In("UTC", charter).Records(Typing("2026-12-02 10:50", 30, 40)).Select(Short));
    }

    [Fact]
    public void an_event_that_began_outside_of_working_hours_is_not_counted_in_them()
    {
        var minimizer = Trial.In("UTC", Trial.Of("input: { presses: count 1h, time: count 1h }", shown: "presses, time", hours: "Mon-Fri 08:00-18:00"));
        Assert.Empty(minimizer.Records(Typing("2026-12-02 07:50", 60, 40)));
        Assert.Single(minimizer.Records(Typing("2026-12-02 08:00", 60, 40)));
        Assert.Single(minimizer.Records(Typing("2026-12-02 17:59", 60, 40)));
        Assert.Empty(minimizer.Records(Typing("2026-12-02 18:00", 60, 40)));
    }

    [Fact]
    public void what_fell_into_one_step_and_reads_the_same_adds_up()
    {
        var minimizer = Trial.In("UTC", Counted);
        RawEvent[] events = [Typing("2026-12-02 10:00", 1, 40), Typing("2026-12-02 10:20", 1, 40), Typing("2026-12-02 10:59", 1, 2), Typing("2026-12-02 11:00", 1, 5)];
        Assert.Equal(["10:00+0 clicks=6|events=3|presses=82", "11:00+0 clicks=2|events=1|presses=5"], Merged(Counted, events.SelectMany(e => minimizer.Records(e))).Select(Short));
    }

    [Fact]
    public void what_reads_otherwise_stays_apart_and_only_counts_add_up()
    {
        var charter = Trial.Of("change: { step: keep, wait: keep, lines: count 1h, time: count 1h }", shown: "step, wait, lines, time");
        var minimizer = Trial.In("UTC", charter);
        RawEvent[] events = [.. new[] { ("opened", 1, 10), ("merged", 1, 10), ("opened", 2, 10), ("opened", 1, 7) }.Select(c => Trial.Event("change", "2026-12-02 10:00", 0, ("step", c.Item1), ("wait", c.Item2), ("lines", c.Item3)))];
        Assert.Equal(
            ["10:00+0 events=1|lines=10|step=merged|wait=1", "10:00+0 events=1|lines=10|step=opened|wait=2", "10:00+0 events=2|lines=17|step=opened|wait=1"],
            Merged(charter, events.SelectMany(e => minimizer.Records(e))).Select(Short).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void a_day_on_which_clocks_change_has_one_step_of_a_day()
    {
        var minimizer = Trial.In("Europe/Berlin", Trial.Of("device: { encrypted: keep, time: presence 1d }", shown: "encrypted, time"));
        var records = minimizer.Records(Trial.Event("device", "2025-10-25 22:00", 25 * 60, ("encrypted", true)));
        Assert.All(records, r => Assert.Equal(Trial.At("2025-10-25 22:00"), r.Start));
    }

    [Fact]
    public void steps_are_counted_from_local_midnight()
    {
        var minimizer = Trial.In("Asia/Kolkata", Trial.Of("editor: { language: keep, time: round 1h }", shown: "language, time"));
        var records = minimizer.Records(Trial.Event("editor", "2026-12-02 10:50", 50, ("language", "C#")));
        Assert.Equal(["10:30+40 language=C#", "11:30+10 language=C#"], records.Select(Short)); // 16:00 and 17:00 there
    }

    [Fact]
    public void a_step_of_a_day_is_the_local_day_and_a_short_one_is_short()
    {
        var minimizer = Trial.In("Europe/Berlin", Trial.Of("device: { encrypted: keep, time: round 1d }", shown: "encrypted, time"));
        var records = minimizer.Records(Trial.Event("device", "2025-03-29 11:00", 60 * 47, ("encrypted", true)));
        Assert.Equal([(29, 23, 12.0), (30, 23, 23.0), (31, 22, 12.0)], records.Select(r => (r.Day.Day, r.Start.UtcDateTime.Hour, r.Duration.TotalHours)));
    }

    [Fact]
    public void steps_never_reach_over_midnight()
    {
        var minimizer = Trial.In("Europe/Berlin", Trial.Of("editor: { language: keep, time: round 8h }", shown: "language, time"));
        var records = minimizer.Records(Trial.Event("editor", "2025-03-29 23:00", 60 * 47, ("language", "C#")));
        Assert.Equal(["30 23:00+420", "30 06:00+480", "30 14:00+480", "31 22:00+480", "31 06:00+480", "31 14:00+480"], records.Select(r => $"{r.Day.Day} {r.Start.UtcDateTime:HH:mm}+{r.Duration.TotalMinutes}"));
    }

    [Fact]
    public void a_submission_leaves_as_of_the_day_on_which_it_was_handed_in()
    {
        var minimizer = Trial.In("Asia/Kolkata", Trial.ReadyMade["time-tracking"]);
        var record = Assert.Single(minimizer.Records(Trial.Event("timesheet", "2026-12-02 20:00", 0, ("project", "p"), ("hours", 7.6), ("note", "with Anna Müller"))));
        Assert.Equal("timesheet 2026-12-03 18:30 hours=7.5|note=with ███|project=p", $"{record.Stream} {record.Day:O} {Short(record).Replace("+0", string.Empty, StringComparison.Ordinal)}");
    }
}
