using Daylight.Core.Charters;

namespace Daylight.Core.Releases;

/// <summary>A measure's value of one local day, from one device.</summary>
/// <param name="Day">Days after the first of the period.</param>
/// <param name="Value">As the device computed it.</param>
public readonly record struct DayValue(int Day, int Value);

/// <summary>
/// One person's number for one measure and period: devices come together by day, the day is clamped, days come together to a week, and weeks to a period.
/// Whatever a machine sends, nobody weighs more than the charter's clamp.
/// </summary>
public static class PersonFigure
{
    /// <summary>
    /// Fewest days of a week on which a machine saw the person. Who was there less is on leave, or as good as: their number says nothing about the week, and
    /// they are left out of every figure of the period alike.
    /// </summary>
    public const int FewestDays = 2;

    private const int MostDays = 28;

    /// <summary>Days of a measure's range in a week's value: a sum of days has seven times a day's range.</summary>
    public static int DaysInRange(Measure measure) => measure.Per == MeasurePeriod.Day && measure.Operation.Fold == MeasureFold.Add ? 7 : 1;

    /// <summary>Smallest and largest number that a person can have in a period.</summary>
    public static (int Low, int High) Range(Measure measure, int weeks)
    {
        // A week with fewer days adds up fewer floors, and one day is enough for a number.
        var times = DaysInRange(measure) * (measure.Operation.Fold == MeasureFold.Add ? weeks : 1);
        return (measure.Clamp.Low, measure.Clamp.High * times);
    }

    /// <summary>The number, in whole units; null when no day has a value.</summary>
    /// <param name="measure">The measure.</param>
    /// <param name="values">Day values of all devices, in any order.</param>
    /// <param name="weeks">Weeks of the period: 1 or 4.</param>
    public static int? Of(Measure measure, ReadOnlySpan<DayValue> values, int weeks)
    {
        Span<double> days = stackalloc double[MostDays];
        Span<int> devices = stackalloc int[MostDays];
        days.Clear();
        devices.Clear();
        var fold = measure.Operation.Fold;
        foreach (var (day, value) in values)
        {
            if (day < 0 || day >= 7 * weeks)
            {
                continue;
            }

            var bounded = (double)Math.Clamp(value, 0, measure.Clamp.High);
            days[day] = devices[day]++ == 0 ? bounded : fold == MeasureFold.Largest ? Math.Max(days[day], bounded) : days[day] + bounded;
        }

        var period = default(Folded);
        for (var week = 0; week < weeks; week++)
        {
            var folded = default(Folded);
            for (var day = 7 * week; day < 7 * (week + 1); day++)
            {
                if (devices[day] > 0)
                {
                    var value = fold == MeasureFold.Mean ? days[day] / devices[day] : days[day];
                    folded.Add(measure.Per == MeasurePeriod.Day ? Clamped(measure, value) : value, fold);
                }
            }

            if (folded.Value(fold) is { } sum)
            {
                period.Add(measure.Per == MeasurePeriod.Week ? Clamped(measure, sum) : sum, fold);
            }
        }

        return period.Value(fold) is { } whole ? (int)Math.Round(whole, MidpointRounding.AwayFromZero) : null;
    }

    private static double Clamped(Measure measure, double value) => Math.Clamp(value, measure.Clamp.Low, measure.Clamp.High);

    private struct Folded
    {
        private double value;
        private int count;

        public void Add(double next, MeasureFold fold) => value = count++ == 0 ? next : fold == MeasureFold.Largest ? Math.Max(value, next) : value + next;

        public readonly double? Value(MeasureFold fold) => count == 0 ? null : fold == MeasureFold.Mean ? value / count : value;
    }
}
