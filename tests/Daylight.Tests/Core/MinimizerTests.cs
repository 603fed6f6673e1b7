using Daylight.Core.Minimization;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

public sealed class MinimizerTests
{
    private static readonly (string, string) Always = ("hours: Mon-Fri 08:00-18:00", "hours: Mon-Sun 00:00-24:00");
    private static readonly (string, string) Since2025 = ("from: 2026-12-01", "from: 2025-01-01");

    private static Minimizer In(string zone, params (string, string)[] edits) => new(FocusTime.With(edits), new LocalTime(TimeZoneInfo.FindSystemTimeZoneById(zone)), Charters.Key);

    private static DateTimeOffset At(string utc) => DateTimeOffset.Parse(utc + "Z");

    private static RawEvent Window(string utc, double minutes, string app = "code", string title = "secret plan.docx") =>
        new("window", At(utc), TimeSpan.FromMinutes(minutes), Charters.Data(("app", app), ("title", title)));

    private static RawEvent Afk(string utc, double minutes, string status) => new("afk", At(utc), TimeSpan.FromMinutes(minutes), Charters.Data(("status", status)));

    private static string Text(IEnumerable<MinimizedRecord> records) =>
        string.Join(", ", records.Select(r => $"{r.Day:MM-dd} {r.Start.UtcDateTime:HH:mm}+{r.Duration.TotalMinutes}"));

    [Fact]
    public void a_title_never_leaves_and_an_application_leaves_as_its_category()
    {
        var record = Assert.Single(In("UTC").Records(Window("2026-12-02 10:00", 3)));
        Assert.Equal(["app=Editor"], record.Data.Select(d => $"{d.Key}={d.Value}"));
        Assert.DoesNotContain("secret", record.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void a_title_stays_even_where_a_charter_names_it() =>
        Assert.All(In("UTC", ("app: category, time", "app: category, title: drop, time")).Records(Window("2026-12-02 10:00", 20)), r => Assert.Equal(["app"], r.Data.Keys));

    [Fact]
    public void an_application_that_is_dropped_leaves_nothing_but_time() =>
        Assert.Empty(Assert.Single(In("UTC", ("app: category, time", "app: drop, time"), ("where: { app: [Editor, Terminal, Office, Design] }, ", ""), ("fields: [app, time] }", "fields: [time] }"), ("fields: [app, time], needs", "fields: [time], needs"))
            .Records(Window("2026-12-02 10:00", 1))).Data);

    [Fact]
    public void time_is_cut_at_steps_of_five_minutes() =>
        Assert.Equal("12-02 10:00+2, 12-02 10:05+5, 12-02 10:10+0.5", Text(In("UTC").Records(Window("2026-12-02 10:03", 7.5))));

    [Fact]
    public void an_event_that_ends_on_a_step_makes_no_empty_record() => Assert.Equal("12-02 10:00+5", Text(In("UTC").Records(Window("2026-12-02 10:00", 5))));

    [Fact]
    public void a_stream_without_time_or_without_mention_makes_no_records()
    {
        Assert.Empty(In("UTC").Records(Afk("2026-12-02 10:00", 5, "not-afk")));
        Assert.Empty(In("UTC").Records(Window("2026-12-02 10:00", 5) with { Stream = "web" }));
    }

    [Theory]
    [InlineData("2026-12-02 06:50", 30, "12-02 07:00+5, 12-02 07:05+5, 12-02 07:10+5, 12-02 07:15+5")] // opens at 08:00 in Berlin
    [InlineData("2026-12-02 16:55", 30, "12-02 16:55+5")] // closes at 18:00 in Berlin
    [InlineData("2026-12-02 17:00", 30, "")]
    [InlineData("2026-12-02 06:30", 30, "")]
    [InlineData("2026-12-05 10:00", 30, "")] // a Saturday
    [InlineData("2026-11-30 10:00", 30, "")] // the day before the charter
    [InlineData("2027-06-01 10:00", 30, "")] // the day after
    public void nothing_is_collected_outside_a_persons_own_working_hours(string utc, double minutes, string records) =>
        Assert.Equal(records, Text(In("Europe/Berlin").Records(Window(utc, minutes))));

    [Fact]
    public void the_same_instant_is_at_work_in_one_zone_and_not_in_another()
    {
        var happened = Window("2026-12-02 07:30", 5);
        Assert.NotEmpty(In("Europe/Berlin").Records(happened));
        Assert.Empty(In("Europe/London").Records(happened));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2027-03-28", 23)]
    [InlineData("Europe/Berlin", "2025-10-26", 25)]
    [InlineData("Atlantic/Azores", "2025-10-26", 25)] // its repeated hour is the day's first
    [InlineData("Africa/Cairo", "2025-04-25", 23)] // its skipped hour is the day's first
    [InlineData("Australia/Lord_Howe", "2025-10-05", 23.5)]
    [InlineData("Asia/Kolkata", "2027-03-28", 24)]
    public void a_day_is_as_long_as_the_clock_change_makes_it(string zone, string day, double hours)
    {
        var noon = At(day + " 12:00");
        var long_ = new RawEvent("window", noon.AddDays(-2), TimeSpan.FromDays(4), Window(day + " 12:00", 1).Data);
        var records = In(zone, Always, Since2025).Records(long_).Where(r => r.Day == DateOnly.Parse(day)).ToList();
        Assert.Equal(hours, records.Sum(r => r.Duration.TotalMinutes) / 60);
    }

    [Theory]
    [InlineData("2027-03-28", 2)] // 02:00 to 03:00 does not exist
    [InlineData("2025-10-26", 4)] // and exists twice
    public void working_hours_across_a_clock_change_are_those_on_the_wall(string day, double hours)
    {
        var minimizer = In("Europe/Berlin", ("hours: Mon-Fri 08:00-18:00", "hours: Mon-Sun 01:00-04:00"), Since2025);
        Assert.Equal(hours, minimizer.Records(Window(day + " 00:00", 600) with { Start = At(day + " 00:00").AddHours(-2) }).Sum(r => r.Duration.TotalMinutes) / 60);
    }

    [Fact]
    public void an_event_over_midnight_belongs_to_both_days() =>
        Assert.Equal("12-02 22:55+5, 12-03 23:00+5", Text(In("Europe/Berlin", Always).Records(Window("2026-12-02 22:55", 10))));

    [Theory]
    [InlineData("true")]
    [InlineData("True")]
    public void a_private_window_leaves_nothing(string incognito)
    {
        var happened = Window("2026-12-02 10:00", 10);
        happened = happened with { Data = Charters.Data(("app", "code"), ("incognito", incognito)) };
        Assert.Empty(In("UTC").Records(happened));
        Assert.Equal(0, Value([happened, Afk("2026-12-02 08:00", 600, "not-afk")]));
    }

    [Fact]
    public void sums_survive_the_cutting()
    {
        var minimizer = In("Europe/Berlin", Always, Since2025);
        var autumn = At("2025-10-24 00:00");
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300), Prop.ForAll(
            Gen.Choose(0, 5 * 86_400).Zip(Gen.Choose(1, 200_000)).ToArbitrary(), x =>
            {
                var whole = new RawEvent("window", autumn.AddSeconds(x.Item1), TimeSpan.FromSeconds(x.Item2), Window("2025-10-24 00:00", 1).Data);
                return minimizer.Records(whole).Sum(p => p.Duration.Ticks) == whole.Duration.Ticks;
            }));
    }

    [Fact]
    public void days_have_every_record_once_whatever_events_overlap_a_midnight()
    {
        var minimizer = In("Europe/Berlin", Always, Since2025);
        var autumn = At("2025-10-24 00:00");
        var happened = Gen.Choose(0, 5 * 86_400).Zip(Gen.Choose(1, 200_000)).Select(x => new RawEvent("window", autumn.AddSeconds(x.Item1), TimeSpan.FromSeconds(x.Item2), Window("2025-10-24 00:00", 1).Data));
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(100), Prop.ForAll(
            happened.NonEmptyListOf().ToArbitrary(), events =>
            {
                var byDay = Enumerable.Range(0, 12).SelectMany(i => minimizer.RecordsOf(new DateOnly(2025, 10, 23).AddDays(i), events)).ToList();
                return Sums(byDay).SequenceEqual(Sums(events.SelectMany(e => minimizer.Records(e)))) && byDay.DistinctBy(r => (r.Start, r.Data["app"])).Count() == byDay.Count;
            }));
    }

    [Fact]
    public void a_days_value_counts_focus_only_while_somebody_was_there() =>
        Assert.Equal(30, Value([Window("2026-12-02 10:00", 60), Afk("2026-12-02 09:00", 80, "not-afk"), Afk("2026-12-02 10:20", 30, "afk"), Afk("2026-12-02 10:50", 10, "not-afk")]));

    [Fact]
    public void overlapping_events_count_once() =>
        Assert.Equal(60, Value([Window("2026-12-02 10:00", 60), Window("2026-12-02 10:00", 60, "vim"), Window("2026-12-02 10:30", 10), Afk("2026-12-02 08:00", 600, "not-afk"), Afk("2026-12-02 08:00", 600, "not-afk")]));

    [Fact]
    public void other_categories_other_days_and_hours_off_do_not_count() =>
        Assert.Equal(0, Value([Window("2026-12-02 10:00", 60, "slack"), Window("2026-12-03 10:00", 60), Window("2026-12-02 06:00", 60), Afk("2026-12-02 00:00", 2_880, "not-afk")]));

    [Theory]
    [InlineData("clamp: 0..600", 600)]
    [InlineData("clamp: 0..90", 90)]
    [InlineData("clamp: 601..700", 601)]
    public void a_days_value_is_clamped(string clamp, int value)
    {
        RawEvent[] events = [Window("2026-12-02 00:00", 1_440), Afk("2026-12-02 00:00", 1_440, "not-afk")];
        Assert.Equal(value, In("UTC", ("clamp: 0..600", clamp)).DayValues(new DateOnly(2026, 12, 2), events)["focus-minutes"]);
    }

    [Fact]
    public void a_condition_sees_only_what_the_charter_collects() =>
        Assert.Equal(60, In("UTC", ("while: { afk: not-afk }", "while: { window: Editor }")).DayValues(new DateOnly(2026, 12, 2), [Window("2026-12-02 10:00", 60)])["focus-minutes"]);

    [Theory]
    [InlineData("secret plan.docx")] // the title: dropped, so no condition may tell it
    [InlineData("code")] // the application's own name: only its category is collected
    public void a_condition_on_anything_else_is_refused(string condition) =>
        Assert.Contains(FocusTime.Problems(FocusTime.TextWith(("while: { afk: not-afk }", $"while: {{ window: \"{condition}\" }}"))), p => p.Code == "unknown-name");

    private static int Value(IReadOnlyCollection<RawEvent> events) => In("UTC").DayValues(new DateOnly(2026, 12, 2), events)["focus-minutes"];

    private static IEnumerable<string> Sums(IEnumerable<MinimizedRecord> records) => records
        .GroupBy(r => (r.Day, r.Start))
        .Select(g => $"{g.Key.Day:O} {g.Key.Start:O} {g.Sum(r => r.Duration.Ticks)}")
        .Where(s => !s.EndsWith(" 0", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
