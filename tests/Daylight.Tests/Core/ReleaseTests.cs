using Daylight.Core.Charters;
using Daylight.Core.Releases;

namespace Daylight.Tests.Core;

public sealed class ReleaseTests
{
    private static readonly Measure Measure = FocusTime.With().Measures[0];
    private static readonly DateOnly Monday = new(2026, 12, 7);

    private static WeekOfValues Week(params int[] days) => new([Device(days)]);

    private static Dictionary<DateOnly, int> Device(params int[] days) => days.Select((v, i) => (Monday.AddDays(i), v)).ToDictionary();

    [Fact]
    public void a_group_of_the_minimum_is_shown_as_the_mean_of_its_weeks() =>
        Assert.Equal(new CellValue.Shown(150, 5), ReleaseRules.Cell(Measure, 5, 1, false, [Week(100, 100), Week(100), Week(150), Week(100), Week(200)]));

    [Fact]
    public void one_fewer_is_withheld_and_who_contributed_nothing_does_not_count()
    {
        var withheld = Assert.IsType<CellValue.Withheld>(ReleaseRules.Cell(Measure, 5, 1, false, [Week(1), Week(2), null, Week(3), Week(4), null]));
        Assert.Equal("fewer than 5 people contributed", withheld.Reason);
        Assert.IsType<CellValue.Withheld>(ReleaseRules.Cell(Measure, 5, 1, false, []));
    }

    [Fact]
    public void who_contributed_zero_counts() => Assert.Equal(new CellValue.Shown(80, 5), ReleaseRules.Cell(Measure, 5, 1, false, [Week(0), Week(100), Week(100), Week(100), Week(100)]));

    [Fact]
    public void a_day_is_clamped_over_all_devices_of_a_person()
    {
        var two = new WeekOfValues([Device(400, 100), Device(400)]);
        Assert.Equal(new CellValue.Shown(700, 1), ReleaseRules.Cell(Measure, 1, 1, false, [two]));
    }

    [Fact]
    public void one_persons_absurd_numbers_stay_within_the_clamp_and_stop_nobodys_figure()
    {
        var absurd = new WeekOfValues([Device(int.MaxValue, int.MinValue), Device(int.MaxValue, int.MinValue)]);
        Assert.Equal(new CellValue.Shown(600, 1), ReleaseRules.Cell(Measure, 1, 1, false, [absurd]));
    }

    [Fact]
    public void where_a_filter_could_pick_out_one_person_zeros_hide_nobody()
    {
        WeekOfValues?[] group = [Week(60), Week(0), Week(0), Week(0), Week(0)];
        Assert.IsType<CellValue.Shown>(ReleaseRules.Cell(Measure, 5, 1, false, group));
        Assert.IsType<CellValue.Withheld>(ReleaseRules.Cell(Measure, 5, 1, true, group));
        Assert.IsType<CellValue.Shown>(ReleaseRules.Cell(Measure, 5, 1, true, [.. group, Week(1), Week(1), Week(1), Week(1)]));
        Assert.False(Measure.IsSelective(FocusTime.With()));
        var named = FocusTime.With(("covers: everyone", "covers: everyone\ncategories: [{ name: Planning, title: [roadmap] }]"), ("app: [Editor, Terminal, Office, Design]", "app: [Planning]"));
        Assert.True(named.Measures[0].IsSelective(named));
    }

    [Fact]
    public void half_a_unit_is_rounded_up() => Assert.Equal(new CellValue.Shown(2, 2), ReleaseRules.Cell(Measure, 2, 1, false, [Week(1), Week(2)]));

    [Theory]
    [InlineData("2026-12-28", "2026-W53")]
    [InlineData("2027-01-03", "2026-W53")]
    [InlineData("2027-01-04", "2027-W01")]
    [InlineData("2024-12-30", "2025-W01")]
    [InlineData("2024-12-29", "2024-W52")]
    [InlineData("2021-01-01", "2020-W53")]
    public void a_week_belongs_to_the_year_of_its_thursday(string day, string week)
    {
        Assert.Equal(week, ReleaseWeek.Of(DateOnly.Parse(day)).ToString());
        Assert.True(ReleaseWeek.TryParse(week, out var parsed));
        Assert.InRange(DateOnly.Parse(day), parsed.First, parsed.Last);
        Assert.Equal((DayOfWeek.Monday, DayOfWeek.Sunday), (parsed.First.DayOfWeek, parsed.Last.DayOfWeek));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-W00")]
    [InlineData("2026-W54")]
    [InlineData("2025-W53")]
    [InlineData("2026-w47")]
    [InlineData("2026W47")]
    [InlineData("2026-W7")]
    [InlineData("2026-W+7")]
    [InlineData("1999-W01")]
    [InlineData("9999-W52")] // its Sunday is beyond the calendar
    public void another_spelling_of_a_week_is_refused(string text) => Assert.False(ReleaseWeek.TryParse(text, out _));

    [Fact]
    public void a_week_closes_when_it_is_over_everywhere_and_three_days_have_passed()
    {
        Assert.True(ReleaseWeek.TryParse("2026-W47", out var week));
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero), week.ClosedAt);
    }

    [Fact]
    public void weeks_follow_each_other_over_the_years_end()
    {
        Assert.True(ReleaseWeek.TryParse("2026-W53", out var last));
        Assert.Equal("2027-W01", last.Next.ToString());
        Assert.True(last < last.Next && last.Next > last && last <= last.Next && last.Next >= last);
    }
}
