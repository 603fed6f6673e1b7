using System.Diagnostics;
using System.Globalization;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Tests.Releases;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Bench;

/// <summary>Releases: what a week costs beside the plain aggregation of the same numbers in clear, and what of a company's weeks is published.</summary>
internal static class Releases
{
    private const int Measures = 10;

    private static readonly GroupLevel[] Levels = [GroupLevel.Team, GroupLevel.Department, GroupLevel.Site, GroupLevel.Company];

    public static void Run(int people)
    {
        Week(people);
        Weeks(people);
        Samplers();
        Utility(52);
        Errors();
    }

    /// <summary>A week of everybody, ten measures, four levels.</summary>
    private static void Week(int people)
    {
        var work = new Workforce(1, teams: people / 9, size: 8, teamsInDepartment: 10, sites: 50);
        work.Live(0);
        var census = work.Census();
        var dice = new Dice(2);
        // By person and measure: five days, as they come out of a contribution.
        var days = new DayValue[census.Ids.Count][][];
        for (var p = 0; p < days.Length; p++)
        {
            days[p] = [.. Enumerable.Range(0, Measures).Select(_ => Enumerable.Range(0, 5).Select(d => new DayValue(d, dice.Below(700))).ToArray())];
        }

        var plan = Workforce.Plan(5, Levels);
        ReleaseMemory? memory = null;
        var times = new List<double>();
        var peak = 0L;
        for (var round = 0; round < 4; round++)
        {
            GC.Collect();
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var clock = Stopwatch.StartNew();
            var since = memory is null ? null : Since.Of(memory, census.Ids);
            var figures = new MeasureFigures[Measures];
            Parallel.For(0, Measures, m =>
            {
                var values = new int?[days.Length];
                for (var p = 0; p < values.Length; p++)
                {
                    values[p] = PersonFigure.Of(plan.Measure, days[p][m], 1);
                }

                figures[m] = Figures.Of(plan, census, values, since, Workforce.NoNoise, 0);
            });
            memory = new ReleaseMemory(census.Period.ToString(), census.Ids, [.. figures.Select(f => f.Memory)]);
            times.Add(clock.Elapsed.TotalSeconds);
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false) - before);
        }

        var ours = times.Skip(1).Min();
        var sql = Sql(census, days);
        Console.WriteLine(Line($"\n{days.Length:N0} people, {Measures} measures, 4 levels, two cores\n\n| | seconds | beside SQL | memory |\n| --- | --- | --- | --- |"));
        Console.WriteLine(Line($"| SQL in clear (SQLite, in memory): one sum a person, four averages | {sql:0.00} | 1 | |"));
        Console.WriteLine(Line($"| figures, with cuts and the week before | {ours:0.00} | {ours / sql:0.00} | {peak / 1e6:0} MB |"));
        Console.WriteLine(Line($"| opening one seal a person | {Seals() * days.Length / Environment.ProcessorCount:0.0} | | |"));
    }

    private static double Sql(Census census, DayValue[][][] days)
    {
        var folder = Directory.CreateTempSubdirectory("daylight-bench-").FullName;
        try
        {
            var database = new SqliteDatabase(Path.Combine(folder, "clear.db"));
            using var connection = database.Open();
            connection.Execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2000000; CREATE TEMP TABLE people (p INTEGER PRIMARY KEY, team TEXT, department TEXT, site TEXT); CREATE TEMP TABLE days (p INT, measure INT, day INT, value INT)");
            using (var transaction = connection.BeginTransaction())
            {
                foreach (var (p, person) in census.Everybody().Index())
                {
                    connection.Execute("INSERT INTO people VALUES (@p, @Team, @department, @Site)", new { p, person.Team, department = "d" + (int.Parse(person.Team.AsSpan(1), CultureInfo.InvariantCulture) % 100), person.Site }, transaction);
                }

                for (var p = 0; p < days.Length; p++)
                {
                    for (var m = 0; m < Measures; m++)
                    {
                        connection.Execute("INSERT INTO days VALUES (@p, @m, 0, @a), (@p, @m, 1, @b), (@p, @m, 2, @c), (@p, @m, 3, @d), (@p, @m, 4, @e)", new { p, m, a = days[p][m][0].Value, b = days[p][m][1].Value, c = days[p][m][2].Value, d = days[p][m][3].Value, e = days[p][m][4].Value }, transaction);
                    }
                }

                transaction.Commit();
            }

            var best = double.MaxValue;
            for (var round = 0; round < 3; round++)
            {
                var clock = Stopwatch.StartNew();
                connection.Execute("CREATE TEMP TABLE weeks AS SELECT p, measure, SUM(MIN(MAX(value, 0), 600)) AS v FROM days GROUP BY p, measure");
                foreach (var group in (string[])["team", "department", "site", "'company'"])
                {
#pragma warning disable CA2100 // one of four constants
                    _ = connection.Query($"SELECT measure, {group} AS g, AVG(v) AS mean, COUNT(*) AS people FROM weeks JOIN people USING (p) GROUP BY measure, g").Count();
#pragma warning restore CA2100
                }

                best = Math.Min(best, clock.Elapsed.TotalSeconds);
                connection.Execute("DROP TABLE weeks");
            }

            return best;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Seconds for one seal on one core.</summary>
    private static double Seals()
    {
        var (key, device) = (HpkePrivateKey.Create(), CredentialKey.Create());
        var info = new SealInfo(1, "p", "focus-time", "contribution", string.Empty, "2026-W45", new string('0', 64), 1);
        var sealedChunk = Sealer.Seal(key.PublicKey, info, device, new byte[700], atLeast: 0);
        for (var i = 0; i < 200; i++)
        {
            _ = Sealer.Open(key, info, sealedChunk).IsSignedBy(device.Credential, info);
        }

        const int Times = 2000;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Times; i++)
        {
            _ = Sealer.Open(key, info, sealedChunk).IsSignedBy(device.Credential, info);
        }

        return clock.Elapsed.TotalSeconds / Times;
    }

    /// <summary>Two years of one measure, week by week, each held against the one before.</summary>
    private static void Weeks(int people)
    {
        var (work, plan, memory) = (new Workforce(3, teams: people / 9, size: 8, teamsInDepartment: 10, sites: 50), Workforce.Plan(5, Levels), (ReleaseMemory?)null);
        var clock = new Stopwatch();
        for (var w = 0; w < 104; w++)
        {
            work.Live(0.01 / 4.345);
            var census = work.Census();
            var values = work.Values(census, away: 8);
            clock.Start();
            var figures = Figures.Of(plan, census, values, census.Ids, memory, Workforce.NoNoise, 0);
            clock.Stop();
            memory = new ReleaseMemory(census.Period.ToString(), census.Ids, [figures.Memory]);
        }

        Console.WriteLine(Line($"\nSuppression over 104 weeks, {memory!.People.Count:N0} people, 4 levels, 1 % movers a month, 8 % away: {clock.Elapsed.TotalSeconds:0.0} s on one core ({clock.Elapsed.TotalSeconds / 104 * 1000:0} ms a week)"));
    }

    private static void Samplers()
    {
        var sampler = new NoiseSampler(new SecureBits());
        Console.WriteLine("\n| sampler | parameter | draws a second |\n| --- | --- | --- |");
        foreach (var deviation in new[] { 4.5, 100, 40_000 })
        {
            var (scale, variance) = (new Rational((ulong)(deviation * 1000), 1000), new Rational((ulong)(deviation * deviation * 1000), 1000));
            Console.WriteLine(Line($"| discrete Laplace | scale {deviation} | {Rate(() => sampler.Laplace(scale)):N0} |"));
            Console.WriteLine(Line($"| discrete Gaussian | σ = {deviation} | {Rate(() => sampler.Gaussian(variance)):N0} |"));
        }
    }

    private static double Rate(Func<long> draw)
    {
        for (var i = 0; i < 10_000; i++)
        {
            _ = draw();
        }

        var (count, clock) = (0, Stopwatch.StartNew());
        while (clock.Elapsed.TotalSeconds < 2)
        {
            for (var i = 0; i < 1000; i++)
            {
                _ = draw();
            }

            count += 1000;
        }

        return count / clock.Elapsed.TotalSeconds;
    }

    private static void Utility(int weeks)
    {
        Console.WriteLine(Line($"\nShare of cells published over {weeks} weeks: 500 teams of 8 and who leads each, 50 departments, 8 sites; 1 % of people change teams a month, 8 % are away in a week.\n\n| minimum | sites too | teams | departments | sites | company | teams withheld: roster changed, too few, subtraction, dominance |\n| --- | --- | --- | --- | --- | --- | --- |"));
        foreach (var (minimum, size) in new[] { (5, 8), (8, 8), (8, 12), (12, 16) })
        {
            foreach (var sites in new[] { 0, 8 })
            {
                Share(weeks, minimum, size, sites);
            }
        }
    }

    private static void Share(int weeks, int minimum, int size, int sites)
    {
        GroupLevel[] levels = sites == 0 ? [.. Levels.Where(l => l != GroupLevel.Site)] : Levels;
        var (work, plan, memory) = (new Workforce(1, 500, size, 10, sites), Workforce.Plan(minimum, levels), (ReleaseMemory?)null);
        var (shown, why) = (new Dictionary<GroupLevel, (int Shown, int All)>(), new Dictionary<Withheld, int>());
        for (var w = 0; w < weeks; w++)
        {
            work.Live(0.01 / 4.345);
            var census = work.Census();
            var figures = Figures.Of(plan, census, work.Values(census, away: 8), census.Ids, memory, Workforce.NoNoise, 0);
            memory = new ReleaseMemory(census.Period.ToString(), census.Ids, [figures.Memory]);
            foreach (var cell in figures.Cells.Where(c => c.Level != GroupLevel.Team || c.Group[0] != 'd' && c.Group != "top"))
            {
                var (s, all) = shown.GetValueOrDefault(cell.Level);
                shown[cell.Level] = (s + (cell.Value is CellValue.Shown ? 1 : 0), all + 1);
                if (cell is { Level: GroupLevel.Team, Value: CellValue.Hidden hidden })
                {
                    why[hidden.Why] = why.GetValueOrDefault(hidden.Why) + 1;
                }
            }
        }

        string Percent(GroupLevel level) => shown.TryGetValue(level, out var s) ? Line($"{100.0 * s.Shown / s.All:0.0} %") : "";
        string Of(Withheld reason) => Line($"{100.0 * why.GetValueOrDefault(reason) / 500 / weeks:0.0}");
        Console.WriteLine($"| {minimum} (teams of {size}) | {(sites > 0 ? "yes" : "no")} | {Percent(GroupLevel.Team)} | {Percent(GroupLevel.Department)} | {Percent(GroupLevel.Site)} | {Percent(GroupLevel.Company)} | {Of(Withheld.Changed)}, {Of(Withheld.TooFew)}, {Of(Withheld.Subtraction)}, {Of(Withheld.Dominated)} |");
    }

    /// <summary>How far noise puts a week's mean off, per level, by budget; of teams of 8 it says nothing, and they are not shown.</summary>
    private static void Errors()
    {
        Console.WriteLine("\nMean absolute error of a weekly figure with noise, in minutes of a range of 4,200 (4,500 people: 50 departments of 90, 8 sites, the company; noise on all levels shown)\n\n| ε a year | levels | department | site | company |\n| --- | --- | --- | --- | --- |");
        foreach (var epsilon in new[] { 0.5m, 1m, 2m })
        {
            foreach (var levels in new GroupLevel[][] { [GroupLevel.Company], [GroupLevel.Department, GroupLevel.Site, GroupLevel.Company] })
            {
                var work = new Workforce(5, 500, 8, 10, 8);
                work.Live(0);
                var census = work.Census();
                var values = work.Values(census, away: 8);
                var plan = Workforce.Plan(5, levels);
                var truth = Figures.Of(plan, census, values, census.Ids, null, Workforce.NoNoise, 0).Cells.ToDictionary(c => (c.Level, c.Group), c => (c.Value as CellValue.Shown)?.Mean);
                var errors = new Dictionary<GroupLevel, List<double>>();
                var hidden = new HashSet<GroupLevel>();
                for (var i = 0; i < 20; i++)
                {
                    foreach (var cell in Figures.Of(plan with { Noise = new NoiseBudget(epsilon) }, census, values, census.Ids, null, new NoiseSampler(new SecureBits()), long.MaxValue).Cells)
                    {
                        if (cell.Value is CellValue.Shown shown && truth[(cell.Level, cell.Group)] is { } mean)
                        {
                            (errors.TryGetValue(cell.Level, out var list) ? list : errors[cell.Level] = []).Add(Math.Abs(shown.Mean - mean));
                        }
                        else
                        {
                            hidden.Add(cell.Level);
                        }
                    }
                }

                string Mean(GroupLevel level) => errors.TryGetValue(level, out var list) ? Line($"{list.Average():0}") : hidden.Contains(level) ? "swamped, not shown" : "";
                Console.WriteLine(Line($"| {epsilon} | {levels.Length} | {Mean(GroupLevel.Department)} | {Mean(GroupLevel.Site)} | {Mean(GroupLevel.Company)} |"));
            }
        }
    }

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}
