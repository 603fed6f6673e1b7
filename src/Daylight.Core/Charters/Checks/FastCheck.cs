using Daylight.Core.Releases;

namespace Daylight.Core.Charters.Checks;

/// <summary>How long a kind is kept.</summary>
/// <param name="Kind">Records, submissions, contributions, releases or looks.</param>
/// <param name="Days">Days.</param>
/// <param name="LastTrace">The last day on which a trace of it can be there.</param>
/// <param name="Usual">What is usual for the purpose.</param>
/// <param name="Because">Why longer than usual, or null.</param>
public sealed record KindKept(string Kind, int Days, DateOnly LastTrace, UsualLimit Usual, string? Because);

/// <summary>How fast everything is gone.</summary>
/// <param name="Kinds">By kind.</param>
/// <param name="PersonalGone">After this day no personal datum of the program is left but the record of who looked.</param>
/// <param name="Gone">After this day nothing is.</param>
public sealed record FastAnswer(IReadOnlyList<KindKept> Kinds, DateOnly PersonalGone, DateOnly Gone);

/// <summary>The third question, by arithmetic on the charter's own days.</summary>
internal static class FastCheck
{
    public static FastAnswer Of(Charter charter, YamlNode root, Diagnostics problems)
    {
        var kinds = new List<KindKept>();
        foreach (var (kind, days) in charter.Keep.Kinds)
        {
            var usual = Purposes.Usual(charter.Purpose, kind);
            var because = charter.Keep.Reasons.GetValueOrDefault(kind);
            kinds.Add(new KindKept(kind, days, LastTrace(charter, kind, days), usual, because));
            if (days > usual.Days && because is null)
            {
                problems.Add(root.Find("keep/" + kind), DiagnosticCodes.FastTooLong,
                    $"{kind} are kept {days} days; for {charter.Purpose} {usual.Days} are usual ({usual.Source}): shorten, or give the reason: {{ for: …, because: … }}");
            }
        }

        return new FastAnswer(
            kinds,
            kinds.Where(k => k.Kind is "records" or "submissions" or "contributions").Select(k => k.LastTrace).DefaultIfEmpty(charter.Until).Max(),
            kinds.Select(k => k.LastTrace).DefaultIfEmpty(charter.Until).Max());
    }

    // A row goes when its day is over in UTC−12, so a trace can outlive the local day by one.
    private static DateOnly LastTrace(Charter charter, string kind, int days) => kind switch
    {
        "contributions" or "releases" => ReleaseWeek.Of(charter.Until).Last.AddDays(days + 1),
        "looks" => charter.Until.AddDays(Math.Max(charter.Keep.Records, charter.Keep.Submissions) + days + 1),
        _ => charter.Until.AddDays(days + 1),
    };
}
