using System.Diagnostics;
using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Tests.Releases;

namespace Daylight.Bench;

/// <summary>Releases: what of a company's weeks is published, how far off noise is, and what it costs.</summary>
internal static class Releases
{
    public static void Utility(int weeks)
    {
        Console.WriteLine("| minimum | levels | team | department | site | company | withheld by |");
        foreach (var minimum in new[] { 5, 8, 12 })
        {
            foreach (var sites in new[] { 0, 8 })
            {
                GroupLevel[] levels = sites == 0 ? [GroupLevel.Team, GroupLevel.Department, GroupLevel.Company] : [GroupLevel.Team, GroupLevel.Department, GroupLevel.Site, GroupLevel.Company];
                var (work, plan, memory) = (new Workforce(1, 500, 8, 10, sites), Workforce.Plan(minimum, levels), (ReleaseMemory?)null);
                var shown = new Dictionary<GroupLevel, (int Shown, int All)>();
                var why = new Dictionary<Withheld, int>();
                var clock = Stopwatch.StartNew();
                for (var w = 0; w < weeks; w++)
                {
                    work.Live(0.01 / 4.345);
                    var census = work.Census();
                    var figures = Figures.Of(plan, census, work.Values(census, away: 8), census.Ids, memory, Workforce.NoNoise, 0);
                    memory = new ReleaseMemory(census.Period.ToString(), census.Ids, [figures.Memory]);
                    foreach (var cell in figures.Cells)
                    {
                        var (s, a) = shown.GetValueOrDefault(cell.Level);
                        shown[cell.Level] = (s + (cell.Value is CellValue.Shown ? 1 : 0), a + 1);
                        if (cell.Level == GroupLevel.Team && cell.Value is CellValue.Hidden h && !cell.Group.StartsWith('d') && cell.Group != "top")
                        {
                            why[h.Why] = why.GetValueOrDefault(h.Why) + 1;
                        }
                    }
                }

                string Share(GroupLevel level) => shown.TryGetValue(level, out var s) ? (100.0 * s.Shown / s.All).ToString("0.0", CultureInfo.InvariantCulture) : "-";
                Console.WriteLine($"| {minimum} | {levels.Length} | {Share(GroupLevel.Team)} | {Share(GroupLevel.Department)} | {Share(GroupLevel.Site)} | {Share(GroupLevel.Company)} | {string.Join(", ", why.Select(w => $"{w.Key} {100.0 * w.Value / 500 / weeks:0.0}"))} | {clock.Elapsed.TotalSeconds:0.0}s");
            }
        }
    }
}
