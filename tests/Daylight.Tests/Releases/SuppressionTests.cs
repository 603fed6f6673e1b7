using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Releases;

/// <summary>
/// No combination of what is published isolates fewer people than the minimum: compared with every combination of coefficients −1, 0 and 1 over all cells of
/// small companies, within a week and over two, with sites and without.
/// </summary>
public sealed class SuppressionTests
{
    private const int Minimum = 5;

    private static readonly GroupLevel[] Tree = [GroupLevel.Team, GroupLevel.Department, GroupLevel.Company];
    private static readonly GroupLevel[] All = [.. Tree, GroupLevel.Site];

    public static TheoryData<ulong, bool> Companies() => [.. from seed in Enumerable.Range(1, 40) from sites in new[] { false, true } select ((ulong)seed, sites)];

    [Theory]
    [MemberData(nameof(Companies))]
    public void no_combination_of_a_weeks_cells_isolates_fewer_than_the_minimum(ulong seed, bool sites)
    {
        foreach (var week in Weeks(seed, sites, away: 12))
        {
            Assert.True(Isolated([.. week.Shown.Select(s => s.People)], distinct: false) is not { } least || least >= Minimum, $"{week.Census.Period}");
        }
    }

    [Theory]
    [MemberData(nameof(Companies))]
    public void no_combination_of_two_weeks_rosters_isolates_fewer_than_the_minimum_along_the_tree(ulong seed, bool sites)
    {
        _ = sites;
        var weeks = Weeks(seed, sites: false, away: 10);
        for (var w = 1; w < weeks.Count; w++)
        {
            List<HashSet<string>> rosters = [.. weeks[w - 1].Shown.Concat(weeks[w].Shown).Select(s => s.Roster).DistinctBy(r => string.Join(' ', r.Order(StringComparer.Ordinal)))];
            Assert.True(rosters.Count > 12 || Isolated(rosters, distinct: true) is not { } least || least >= Minimum, $"{weeks[w].Census.Period}");
        }
    }

    [Fact]
    public void most_of_a_company_is_published_all_the_same()
    {
        // Otherwise nothing above says anything.
        var weeks = Enumerable.Range(1, 40).SelectMany(s => Weeks((ulong)s, sites: true, away: 12)).ToList();
        var cells = weeks.SelectMany(w => w.Figures.Cells).Where(c => c.Group.StartsWith('t') && c.Group != "top").ToList();
        Assert.InRange(cells.Count(c => c.Value is CellValue.Shown) / (double)cells.Count, 0.35, 0.95);
        Assert.Contains(cells, c => c.Value is CellValue.Hidden { Why: Withheld.Subtraction });
        Assert.Contains(cells, c => c.Value is CellValue.Hidden { Why: Withheld.Changed });
        Assert.Contains(cells, c => c.Value is CellValue.Hidden { Why: Withheld.TooFew });
    }

    [Fact]
    public void four_of_a_team_who_are_left_are_not_the_difference_between_the_department_and_its_other_teams()
    {
        var work = new Workforce(3, teams: 3, size: 6, teamsInDepartment: 3);
        work.Live(0);
        var census = work.Census();
        var values = work.Values(census);
        var team = census.Ids.Where(id => Of(census, id).Team == "t1" && !Of(census, id).Leads).Take(2).ToHashSet();
        for (var p = 0; p < values.Length; p++)
        {
            values[p] = team.Contains(census.Ids[p]) ? null : values[p];
        }

        var week = Story.Release(Workforce.Plan(Minimum, Tree), census, values);
        Assert.Equal(Withheld.TooFew, Why(week, GroupLevel.Team, "t1"));
        Assert.Single(week.Figures.Cells, c => c is { Level: GroupLevel.Team, Value: CellValue.Hidden { Why: Withheld.Subtraction } });
        Assert.IsType<CellValue.Shown>(Cell(week, GroupLevel.Company, "company").Value);
    }

    [Fact]
    public void too_few_leaders_are_left_out_of_the_department_and_counted_where_they_are_enough()
    {
        var work = new Workforce(4, teams: 6, size: 6, teamsInDepartment: 3);
        work.Live(0);
        var census = work.Census();
        var week = Story.Release(Workforce.Plan(Minimum, Tree), census, work.Values(census));
        Assert.All(week.Shown.Where(s => s.Cell.Level == GroupLevel.Department), d => Assert.Equal(18, d.Figure.People)); // of 21: three lead
        Assert.Equal(42, Assert.Single(week.Shown, s => s.Cell.Level == GroupLevel.Company).Figure.People); // six lead, and that is enough
    }

    [Fact]
    public void a_cell_whose_roster_changed_by_one_is_withheld_for_that_week_and_shown_again_after()
    {
        var work = new Workforce(5, teams: 4, size: 8, teamsInDepartment: 4);
        var weeks = Story.Of(work, Workforce.Plan(Minimum, Tree), 4, happens: (w, i) => _ = i == 2 ? w.Join(1) : 0);
        Assert.IsType<CellValue.Shown>(Cell(weeks[1], GroupLevel.Team, "t1").Value);
        Assert.Equal([Withheld.Changed, Withheld.Changed], [Why(weeks[2], GroupLevel.Team, "t1"), Why(weeks[2], GroupLevel.Company, "company")]);
        Assert.All(["t0", "t2", "t3"], t => Assert.IsType<CellValue.Shown>(Cell(weeks[2], GroupLevel.Team, t).Value));
        Assert.Equal(9, Assert.IsType<CellValue.Shown>(Cell(weeks[3], GroupLevel.Team, "t1").Value).People);
    }

    [Fact]
    public void a_measure_under_a_new_name_is_not_shown_beside_its_former_self()
    {
        var plan = Workforce.Plan(Minimum, Tree);
        var work = new Workforce(10, teams: 4, size: 8, teamsInDepartment: 4);
        var before = Story.Of(work, plan, 1)[0];
        work.Live(0);
        var census = work.Census();
        var renamed = Story.Release(plan with { Measure = plan.Measure with { Name = "other" } }, census, work.Values(census), new ReleaseMemory("2026-W02", before.Census.Ids, [before.Figures.Memory]));
        Assert.Empty(renamed.Shown);
        Assert.NotEmpty(Story.Release(plan, census, work.Values(census), new ReleaseMemory("2026-W02", before.Census.Ids, [before.Figures.Memory])).Shown);
    }

    [Fact]
    public void a_floor_of_the_clamp_makes_nobody_of_those_who_have_nothing()
    {
        var plan = Workforce.Plan(Minimum, GroupLevel.Team);
        plan = plan with { IsSelective = true, Measure = plan.Measure with { Clamp = new Clamp(10, 600) } };
        var work = new Workforce(11, teams: 1, size: 8, teamsInDepartment: 1);
        work.Live(0);
        var census = work.Census();
        Assert.Empty(Story.Release(plan, census, [.. census.Ids.Select((_, i) => (int?)(i == 3 ? 600 : 50))]).Shown); // five days of ten
    }

    [Fact]
    public void as_many_as_the_minimum_may_join_at_once()
    {
        var work = new Workforce(6, teams: 4, size: 8, teamsInDepartment: 4);
        var weeks = Story.Of(work, Workforce.Plan(Minimum, Tree), 3, happens: (w, i) =>
        {
            for (var n = 0; i == 2 && n < Minimum; n++)
            {
                w.Join(1);
            }
        });
        Assert.Equal(13, Assert.IsType<CellValue.Shown>(Cell(weeks[2], GroupLevel.Team, "t1").Value).People);
    }

    [Fact]
    public void being_away_is_no_change_of_a_roster()
    {
        var weeks = Story.Of(new Workforce(7, teams: 4, size: 9, teamsInDepartment: 4), Workforce.Plan(Minimum, Tree), 20, away: 8);
        Assert.DoesNotContain(weeks.SelectMany(w => w.Figures.Cells), c => c.Value is CellValue.Hidden { Why: Withheld.Changed });
        Assert.Contains(weeks.SelectMany(w => w.Shown), s => s.People.Count < s.Roster.Count);
    }

    [Fact]
    public void one_person_who_is_most_of_a_sum_withholds_it_and_what_would_give_it_away()
    {
        var work = new Workforce(8, teams: 4, size: 6, teamsInDepartment: 4);
        work.Live(0);
        var census = work.Census();
        int?[] values = [.. census.Ids.Select(id => (int?)(Of(census, id).Team == "t2" ? 10 : 1000))];
        values[census.Ids.Index().First(p => Of(census, p.Item) is { Team: "t2", Leads: false }).Index] = 4000;
        var week = Story.Release(Workforce.Plan(Minimum, Tree), census, values);
        Assert.Equal(Withheld.Dominated, Why(week, GroupLevel.Team, "t2"));
        Assert.Single(week.Figures.Cells, c => c is { Level: GroupLevel.Team, Value: CellValue.Hidden { Why: Withheld.Subtraction } });
    }

    [Fact]
    public void where_a_filter_could_pick_somebody_out_the_zeros_hide_nobody_in_a_difference_either()
    {
        var plan = Workforce.Plan(Minimum, Tree) with { IsSelective = true };
        var work = new Workforce(9, teams: 4, size: 8, teamsInDepartment: 4);
        work.Live(0);
        var census = work.Census();
        int?[] values = [.. census.Ids.Select(id => (int?)(Of(census, id).Team == "t2" ? 0 : 100))];
        values[census.Ids.Index().First(p => Of(census, p.Item) is { Team: "t2", Leads: false }).Index] = 100;
        var week = Story.Release(plan, census, values);
        Assert.Equal(Withheld.TooFew, Why(week, GroupLevel.Team, "t2"));
        Assert.Single(week.Figures.Cells, c => c is { Level: GroupLevel.Team, Value: CellValue.Hidden { Why: Withheld.Subtraction } });
    }

    private static List<Week> Weeks(ulong seed, bool sites, int away)
    {
        var dice = new Dice(seed);
        var work = new Workforce(seed, teams: 3 + dice.Below(3), size: 5 + dice.Below(5), teamsInDepartment: 2, sites ? 2 : 0);
        return Story.Of(work, Workforce.Plan(Minimum, sites ? All : Tree), 4, movers: 0.03, away: away);
    }

    /// <summary>The smallest set that some combination isolates: everybody in it with one coefficient, nobody else with any. With <paramref name="distinct"/>, any set that a combination touches counts.</summary>
    private static int? Isolated(IReadOnlyList<HashSet<string>> cells, bool distinct)
    {
        var people = cells.SelectMany(c => c).Distinct().Order(StringComparer.Ordinal).ToList();
        // People of the same cells are one column.
        var columns = people.GroupBy(p => string.Join(',', cells.Select(c => c.Contains(p) ? 1 : 0))).Select(g => (Of: g.Key.Split(',').Select(int.Parse).ToArray(), People: g.Count())).ToList();
        int? least = null;
        var (sums, combinations) = (new int[columns.Count], (int)Math.Pow(3, cells.Count));
        for (var n = 1; n < combinations; n++)
        {
            Array.Clear(sums);
            for (var (rest, cell) = (n, 0); rest > 0; (rest, cell) = (rest / 3, cell + 1))
            {
                for (var c = 0; rest % 3 > 0 && c < columns.Count; c++)
                {
                    sums[c] += (rest % 3 == 1 ? 1 : -1) * columns[c].Of[cell];
                }
            }

            var touched = Enumerable.Range(0, sums.Length).Where(c => sums[c] != 0).ToList();
            if (touched.Count > 0 && (distinct || touched.Select(c => sums[c]).Distinct().Count() == 1))
            {
                least = Math.Min(least ?? int.MaxValue, touched.Sum(c => columns[c].People));
            }
        }

        return least;
    }

    private static Counted Of(Census census, string id) => census.Everybody().First(p => p.Person == id);

    private static Cell Cell(Week week, GroupLevel level, string group) => Assert.Single(week.Figures.Cells, c => c.Level == level && c.Group == group);

    private static Withheld Why(Week week, GroupLevel level, string group) => Assert.IsType<CellValue.Hidden>(Cell(week, level, group).Value).Why;
}
