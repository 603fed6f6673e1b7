using Daylight.Core.Releases;

namespace Daylight.Tests.Releases;

public sealed class ReleasePeriodTests
{
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

    [Fact]
    public void blocks_of_four_weeks_follow_each_other_and_never_overlap()
    {
        var period = ReleasePeriod.Of(new DateOnly(2024, 1, 3), 4);
        Assert.Equal("2024-W01/P4W", period.ToString());
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(period.Last.AddDays(1), period.Next.First);
            Assert.Equal(28, period.Next.First.DayNumber - period.First.DayNumber);
            Assert.Equal(4, period.AllWeeks.Distinct().Count());
            for (var day = period.First; day <= period.Last; day = day.AddDays(1))
            {
                Assert.Equal(period, ReleasePeriod.Of(day, 4));
            }

            Assert.True(ReleasePeriod.TryParse(period.ToString(), out var parsed) && parsed == period);
            period = period.Next;
        }

        Assert.Equal(ReleasePeriod.Of(new DateOnly(2023, 12, 31), 4).Next, ReleasePeriod.Of(new DateOnly(2024, 1, 1), 4));
    }

    [Theory]
    [InlineData("2024-W02/P4W")] // no block begins there
    [InlineData("2024-W01/P1W")]
    [InlineData("2024-W01/P4")]
    [InlineData("2024-W01/")]
    [InlineData("/P4W")]
    public void another_spelling_of_a_period_is_refused(string text) => Assert.False(ReleasePeriod.TryParse(text, out _));

    [Fact]
    public void a_period_closes_with_its_last_week() => Assert.Equal(ReleaseWeek.Of(new DateOnly(2024, 1, 28)).ClosedAt, ReleasePeriod.Of(new DateOnly(2024, 1, 1), 4).ClosedAt);
}
