using Daylight.Protocol;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Portal.Charts;

/// <summary>Categories of records, for colors and sums.</summary>
internal static class CategoryNames
{
    private static readonly string[] Known = ["editor", "terminal", "meeting", "chat", "mail", "office", "design", "browser"];

    /// <summary>A record's category.</summary>
    public static string Of(ShownRecord record) => record.Data.TryGetValue("app", out var app) ? app : Say("Other");

    /// <summary>The style class of a category.</summary>
    public static string Css(string category) => "c-" + (Known.Contains(category.ToLowerInvariant()) ? category.ToLowerInvariant() : "other");

    /// <summary>Seconds by category, most first.</summary>
    public static IReadOnlyList<(string Category, int Seconds)> Totals(IReadOnlyList<ShownRecord> records) =>
        [.. records.GroupBy(Of).Select(g => (g.Key, g.Sum(r => r.Duration))).OrderByDescending(t => t.Item2)];
}
