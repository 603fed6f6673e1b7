using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Tests.Core;

namespace Daylight.Tests.Releases;

/// <summary>How the values of several devices and several days of one person come together to one bounded number.</summary>
public sealed class PersonFigureTests
{
    private const string Adds = "count: events, unit: meetings";
    private const string Largest = "longest-run: 5m, unit: min";
    private const string Means = "mean: attendees, unit: people";

    private static readonly DateOnly Monday = new(2026, 12, 7);

    private static Measure Of(string operation, string per = "day", string clamp = "0..100") =>
        Trial.Of("calendar: { attendees: keep, recurring: keep }", $"it: {{ from: calendar, {operation}, per: {per}, clamp: {clamp} }}").Measures[0];

    private static Dictionary<DateOnly, int> Device(params int[] days) => days.Select((v, i) => (Monday.AddDays(i), v)).Where(d => d.v != Absent).ToDictionary();

    private const int Absent = -1;

    private static int? Figure(Measure measure, params Dictionary<DateOnly, int>[] devices) => FigureOf(measure, 1, devices);

    private static int? FigureOf(Measure measure, int weeks, params Dictionary<DateOnly, int>[] devices) =>
        PersonFigure.Of(measure, [.. devices.SelectMany(d => d).Select(d => new DayValue(d.Key.DayNumber - Monday.DayNumber, d.Value))], weeks);

    [Theory]
    [InlineData(Adds, 150)] // 30 + 40, and 20 + 60
    [InlineData("sum: duration, unit: min", 150)]
    [InlineData("sum: attendees, unit: people", 150)]
    [InlineData(Largest, 60)]
    [InlineData("distinct: attendees, unit: sizes", 60)]
    [InlineData(Means, 38)] // 35 and 40: 37.5, rounded up
    [InlineData("share: { recurring: [true] }, unit: \"% of time\"", 38)]
    public void devices_of_a_day_and_days_of_a_week_come_together_as_the_operation_says(string operation, int figure) => Assert.Equal(figure, Figure(Of(operation), Device(30, 20), Device(40, 60)));

    [Fact]
    public void a_day_or_a_device_without_a_value_is_left_out_and_is_no_zero()
    {
        Assert.Equal(40, Figure(Of(Means), Device(30, Absent, 50), Device(Absent, Absent, 50)));
        Assert.Equal(27, Figure(Of(Means), Device(30, 0, 50), Device()));
        Assert.Equal(50, Figure(Of(Largest), Device(30, Absent, 50)));
        Assert.Null(Figure(Of(Means), Device(), Device(Absent)));
    }

    [Fact]
    public void a_mean_is_of_the_days_and_not_of_all_devices_of_all_days() => Assert.Equal(35, Figure(Of(Means), Device(10, 50), Device(30, Absent))); // 20 and 50

    [Theory]
    [InlineData(Adds, "day", 130)] // 50 and 80: each within 100
    [InlineData(Adds, "week", 100)] // together they are not
    [InlineData(Means, "day", 65)]
    [InlineData(Means, "week", 65)]
    [InlineData(Largest, "week", 80)]
    public void a_clamp_bounds_each_day_or_the_week(string operation, string per, int figure) => Assert.Equal(figure, Figure(Of(operation, per), Device(50, 80)));

    [Fact]
    public void a_day_is_clamped_after_its_devices_came_together()
    {
        Assert.Equal(100, Figure(Of(Adds), Device(70), Device(70)));
        Assert.Equal(140, Figure(Of(Adds), Device(70, 70)));
        Assert.Equal(100, Figure(Of(Adds, "week"), Device(70, 10), Device(70)));
    }

    [Fact]
    public void the_smallest_value_is_of_each_day_or_of_the_week()
    {
        Assert.Equal(20, Figure(Of(Adds, "day", "10..100"), Device(3, 3)));
        Assert.Equal(10, Figure(Of(Adds, "week", "10..100"), Device(3, 3)));
        Assert.Equal(12, Figure(Of(Adds, "week", "10..100"), Device(6, 6)));
    }

    [Fact]
    public void no_single_value_outside_of_the_clamp_moves_a_figure_further_than_the_clamp()
    {
        Assert.Equal(100, Figure(Of(Largest), Device(int.MaxValue)));
        Assert.Equal(0, Figure(Of(Largest), Device(int.MinValue)));
        Assert.Equal(50, Figure(Of(Means), Device(int.MaxValue), Device(int.MinValue)));
        Assert.Equal(100, Figure(Of(Adds, "week"), Device(int.MaxValue, int.MaxValue), Device(int.MaxValue, int.MaxValue)));
    }

    [Fact]
    public void four_weeks_add_up_or_take_the_largest_or_the_mean_of_theirs()
    {
        Dictionary<DateOnly, int> Month(params int[] weeks) => weeks.Select((v, i) => (Monday.AddDays(7 * i), v)).Where(d => d.v != Absent).ToDictionary();
        Assert.Equal(100, FigureOf(Of(Adds), 4, Month(10, 20, 30, 40)));
        Assert.Equal(40, FigureOf(Of(Largest), 4, Month(10, 20, 30, 40)));
        Assert.Equal(25, FigureOf(Of(Means), 4, Month(10, 20, 30, 40)));
        Assert.Equal(20, FigureOf(Of(Means), 4, Month(10, Absent, 30, Absent)));
        Assert.Equal(200, FigureOf(Of(Adds, "week"), 4, Month(150, 0, 100, 0))); // each week within 100
    }

    [Fact]
    public void a_day_outside_of_the_period_is_nobodys()
    {
        Assert.Equal(10, PersonFigure.Of(Of(Adds), [new DayValue(-1, 50), new DayValue(0, 10), new DayValue(7, 50)], 1));
        Assert.Equal(60, PersonFigure.Of(Of(Adds), [new DayValue(0, 10), new DayValue(27, 50), new DayValue(28, 50)], 4));
    }

    [Theory]
    [InlineData(Adds, "day", 1, 700)]
    [InlineData(Adds, "day", 4, 2800)]
    [InlineData(Adds, "week", 4, 400)]
    [InlineData(Largest, "day", 4, 100)]
    [InlineData(Means, "day", 4, 100)]
    public void nobody_weighs_more_than_the_range_whatever_their_machines_send(string operation, string per, int weeks, int most)
    {
        var measure = Of(operation, per);
        Assert.Equal((0, most), PersonFigure.Range(measure, weeks));
        var dice = new Transparency.Dice(7);
        for (var i = 0; i < 2000; i++)
        {
            var values = Enumerable.Range(0, dice.Below(60)).Select(_ => new DayValue(dice.Below(40) - 5, dice.Below(3) == 0 ? int.MaxValue : dice.Below(1000) - 300)).ToArray();
            Assert.InRange(PersonFigure.Of(measure, values, weeks) ?? 0, 0, most);
        }
    }

    [Theory]
    [InlineData(Adds, "day", "0..600", 5, 210)] // of seven days' range
    [InlineData(Adds, "week", "0..600", 5, 30)]
    [InlineData(Largest, "day", "0..600", 5, 30)]
    [InlineData(Means, "day", "100..600", 5, 25)] // of the range, not of its end
    [InlineData(Means, "day", "0..10", 1, 1)] // never finer than a whole unit
    [InlineData(Means, "day", "0..50", 5, 3)] // 2.5, rounded up
    public void a_base_in_percent_is_of_the_range_of_a_week(string operation, string per, string clamp, int percent, int step)
    {
        var measure = Of(operation, per, clamp);
        Assert.Equal(step, new Rounding(percent, IsPercent: true).StepOf(measure, PersonFigure.DaysInRange(measure)));
    }

    [Fact]
    public void a_base_in_units_is_what_it_says() => Assert.Equal(15, new Rounding(15, IsPercent: false).StepOf(Of(Adds, "day", "0..600"), 7));
}
