namespace Daylight.Portal.Charts;

/// <summary>How pages say what an exposure says in short.</summary>
internal static class Words
{
    /// <summary>What would be seen.</summary>
    public static string What(string what) => what.StartsWith("records: ", StringComparison.Ordinal) ? "your records (" + what["records: ".Length..] + ")"
        : what.StartsWith("submissions: ", StringComparison.Ordinal) ? "what you handed in (" + what["submissions: ".Length..] + ")"
        : what;

    /// <summary>About whom a sight is.</summary>
    public static string About(string granularity) => granularity == "person" ? "one person"
        : granularity == "company" ? "all of the company"
        : granularity.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? $"the {granularity[..colon]} {granularity[(colon + 1)..]}"
        : granularity;

    /// <summary>How many times likelier a guess can become under differential privacy with this ε: e to the power of it.</summary>
    public static string Times(double epsilon) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Ceiling(Math.Exp(epsilon) * 10) / 10:0.#} times");

    /// <summary>When something was last used.</summary>
    public static string Used(DateOnly? day, DateOnly today) => day is not { } last ? "never used"
        : (today.DayNumber - last.DayNumber) switch
        {
            0 => "used today",
            1 => "used yesterday",
            var days => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"unused for {days} days"),
        };
}
