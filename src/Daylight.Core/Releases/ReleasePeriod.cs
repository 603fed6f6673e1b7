using System.Globalization;

namespace Daylight.Core.Releases;

/// <summary>
/// The time that a figure is about: an ISO week, or four. Blocks of four begin at fixed Mondays, so that no two of them overlap, whatever the year.
/// </summary>
/// <param name="Start">First week.</param>
/// <param name="Weeks">1 or 4.</param>
public readonly record struct ReleasePeriod(ReleaseWeek Start, int Weeks)
{
    /// <summary>Monday of 2024-W01, where a block of four began.</summary>
    private static readonly int FirstBlock = new DateOnly(2024, 1, 1).DayNumber;

    /// <summary>First day, a Monday.</summary>
    public DateOnly First => Start.First;

    /// <summary>Last day, a Sunday.</summary>
    public DateOnly Last => First.AddDays((7 * Weeks) - 1);

    /// <summary>When its last week is closed.</summary>
    public DateTimeOffset ClosedAt => ReleaseWeek.Of(Last).ClosedAt;

    /// <summary>The next one of its length.</summary>
    public ReleasePeriod Next => Of(Last.AddDays(1), Weeks);

    /// <summary>Its weeks, in order.</summary>
    public IEnumerable<ReleaseWeek> AllWeeks
    {
        get
        {
            var monday = First;
            return Enumerable.Range(0, Weeks).Select(i => ReleaseWeek.Of(monday.AddDays(7 * i)));
        }
    }

    /// <summary>The period of a length that a day is in.</summary>
    public static ReleasePeriod Of(DateOnly day, int weeks)
    {
        var monday = ReleaseWeek.Of(day).First.DayNumber;
        var into = (monday - FirstBlock) / 7 % weeks;
        return new ReleasePeriod(ReleaseWeek.Of(DateOnly.FromDayNumber(monday - (7 * (into < 0 ? into + weeks : into)))), weeks);
    }

    /// <summary>Parses <c>2026-W47</c>, or <c>2026-W45/P4W</c> (ISO 8601: start and duration) where a block of four begins.</summary>
    public static bool TryParse(string text, out ReleasePeriod period)
    {
        period = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!ReleaseWeek.TryParse(slash < 0 ? text : text[..slash], out var week) || (slash >= 0 && text[slash..] != "/P4W"))
        {
            return false;
        }

        period = new ReleasePeriod(week, slash < 0 ? 1 : 4);
        return period == Of(week.First, period.Weeks);
    }

    /// <inheritdoc/>
    public override string ToString() => Weeks == 1 ? Start.ToString() : string.Create(CultureInfo.InvariantCulture, $"{Start}/P{Weeks}W");
}
