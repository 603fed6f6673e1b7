using System.Globalization;

namespace Daylight.Core.Releases;

/// <summary>An ISO 8601 week, the period of releases.</summary>
/// <param name="Year">ISO year.</param>
/// <param name="Week">1 to 53.</param>
public readonly record struct ReleaseWeek(int Year, int Week) : IComparable<ReleaseWeek>
{
    private static readonly TimeSpan LastZone = TimeSpan.FromHours(12);
    private static readonly TimeSpan Grace = TimeSpan.FromDays(3);

    /// <summary>Monday.</summary>
    public DateOnly First => DateOnly.FromDateTime(ISOWeek.ToDateTime(Year, Week, DayOfWeek.Monday));

    /// <summary>Sunday.</summary>
    public DateOnly Last => First.AddDays(6);

    /// <summary>The next week.</summary>
    public ReleaseWeek Next => Of(First.AddDays(7));

    /// <summary>When it is closed: it has ended in UTC−12, and three days of grace for late data are over.</summary>
    public DateTimeOffset ClosedAt => new DateTimeOffset(Last.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) + LastZone + Grace;

    /// <summary>The week of a day.</summary>
    public static ReleaseWeek Of(DateOnly day)
    {
        var date = day.ToDateTime(TimeOnly.MinValue);
        return new ReleaseWeek(ISOWeek.GetYear(date), ISOWeek.GetWeekOfYear(date));
    }

    /// <summary>Parses <c>2026-W47</c>.</summary>
    public static bool TryParse(string text, out ReleaseWeek week)
    {
        week = default;
        if (text.Length != 8 || text[4] != '-' || text[5] != 'W'
            || !int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            || !int.TryParse(text.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || year is < 2000 or > 9998 || number < 1 || number > ISOWeek.GetWeeksInYear(year))
        {
            return false;
        }

        week = new ReleaseWeek(year, number);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ReleaseWeek other) => First.CompareTo(other.First);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:D4}-W{Week:D2}");

    /// <summary>Earlier.</summary>
    public static bool operator <(ReleaseWeek left, ReleaseWeek right) => left.CompareTo(right) < 0;

    /// <summary>Later.</summary>
    public static bool operator >(ReleaseWeek left, ReleaseWeek right) => left.CompareTo(right) > 0;

    /// <summary>Not later.</summary>
    public static bool operator <=(ReleaseWeek left, ReleaseWeek right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(ReleaseWeek left, ReleaseWeek right) => left.CompareTo(right) >= 0;
}
