using System.Globalization;
using Daylight.Protocol;

namespace Daylight.Portal.Charts;

/// <summary>How pages write numbers and times.</summary>
internal static class Format
{
    /// <summary>Seconds as hours and minutes.</summary>
    public static string Minutes(int seconds) => seconds switch
    {
        < 60 => "under a minute",
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h {seconds % 3600 / 60:00} min"),
    };

    /// <summary>A day in words.</summary>
    public static string Day(DateOnly day) => day.ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>An instant in somebody's zone.</summary>
    public static string Instant(DateTimeOffset instant, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(instant, zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A range of days.</summary>
    public static string Range(DateOnly from, DateOnly to) => from == to
        ? from.ToString("d MMM yyyy", CultureInfo.InvariantCulture)
        : from.ToString(from.Year == to.Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture) + " to " + to.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A zone by name; UTC when this machine does not know it.</summary>
    public static TimeZoneInfo Zone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
}

/// <summary>Categories of records, for colors and sums.</summary>
internal static class CategoryNames
{
    private static readonly string[] Known = ["editor", "terminal", "meeting", "chat", "mail", "office", "design", "browser"];

    /// <summary>A record's category.</summary>
    public static string Of(ShownRecord record) => record.Data.TryGetValue("app", out var app) ? app : "Other";

    /// <summary>The style class of a category.</summary>
    public static string Css(string category) => "c-" + (Known.Contains(category.ToLowerInvariant()) ? category.ToLowerInvariant() : "other");

    /// <summary>Seconds by category, most first.</summary>
    public static IReadOnlyList<(string Category, int Seconds)> Totals(IReadOnlyList<ShownRecord> records) =>
        [.. records.GroupBy(Of).Select(g => (g.Key, g.Sum(r => r.Duration))).OrderByDescending(t => t.Item2)];
}
