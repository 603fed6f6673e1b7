using Daylight.Protocol;

namespace Daylight.Portal.Charts;

/// <summary>A person's own day in three figures: of the records that left the machine, and of no others.</summary>
/// <param name="Active">Seconds at the machine.</param>
/// <param name="Meetings">Seconds of them in meetings.</param>
/// <param name="Stretch">Seconds of the longest stretch without a meeting, chat or mail.</param>
/// <param name="From">When that began; null when there was none.</param>
internal sealed record DaySummary(int Active, int Meetings, int Stretch, DateTimeOffset? From)
{
    private static readonly string[] Interrupting = ["meeting", "chat", "mail"];

    // A step of nothing is a cup of coffee; two are the end of a stretch.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    /// <summary>Sums up a day. Where two programs collect the same time, the one counts that collected more of it.</summary>
    /// <param name="records">Records of one day, of the stream of windows.</param>
    public static DaySummary Of(IEnumerable<ShownRecord> records)
    {
        IReadOnlyList<ShownRecord> most = records.GroupBy(r => r.Program, StringComparer.Ordinal).Select(g => g.ToList()).MaxBy(g => g.Sum(r => r.Duration)) ?? [];
        var (longest, length, from, longestFrom, last) = (0, 0, default(DateTimeOffset), (DateTimeOffset?)null, DateTimeOffset.MinValue);
        foreach (var step in most.GroupBy(r => r.Start).OrderBy(s => s.Key))
        {
            if (step.Any(r => Interrupting.Contains(CategoryNames.Of(r).ToLowerInvariant())))
            {
                length = 0;
                continue;
            }

            if (length == 0 || step.Key - last > Pause)
            {
                (length, from) = (0, step.Key);
            }

            last = step.Key;
            length += step.Sum(r => r.Duration);
            if (length > longest)
            {
                (longest, longestFrom) = (length, from);
            }
        }

        return new DaySummary(most.Sum(r => r.Duration), most.Where(r => CategoryNames.Of(r).Equals("meeting", StringComparison.OrdinalIgnoreCase)).Sum(r => r.Duration), longest, longestFrom);
    }
}
