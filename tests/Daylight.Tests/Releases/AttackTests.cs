using System.Collections.Immutable;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Releases;

/// <summary>
/// Attacks on the published history of made-up companies, by somebody who knows every roster and exactly who contributed. Each says what it may learn at the
/// most, and fails where it learns more. What remains to be learned is said in docs/threat-model.md in the same numbers.
/// </summary>
public sealed class AttackTests
{
    private const int Minimum = 5;

    private static readonly GroupLevel[] Tree = [GroupLevel.Team, GroupLevel.Department, GroupLevel.Company];
    private static readonly GroupLevel[] All = [.. Tree, GroupLevel.Site];

    /// <summary>Differencing over the tree: a figure less all that lie within it. May learn: nothing about fewer than the minimum.</summary>
    [Fact]
    public void differencing_over_the_tree_leaves_nobody_or_the_minimum()
    {
        var (differences, weeks) = (0, Story.Of(new Workforce(11, teams: 120, size: 7, teamsInDepartment: 8), Workforce.Plan(Minimum, Tree), 26, movers: 0.005, away: 10));
        foreach (var shown in weeks.Select(w => w.Shown))
        {
            foreach (var around in shown.Where(s => s.Cell.Level != GroupLevel.Team))
            {
                var rest = around.People.ToHashSet();
                foreach (var within in shown.Where(s => s.Roster.Count < around.Roster.Count && s.Roster.IsSubsetOf(around.Roster)))
                {
                    rest.ExceptWith(within.People);
                }

                differences++;
                Assert.True(rest.Count is 0 or >= Minimum, $"{around.Cell.Group}: {rest.Count}");
            }
        }

        Assert.True(differences > 100);
    }

    /// <summary>Differencing over weeks: the figure of a team before and after somebody came or went. May learn: nothing from two weeks in a row.</summary>
    [Fact]
    public void two_weeks_in_a_row_never_differ_by_fewer_than_the_minimum_of_a_roster()
    {
        var (pairs, weeks) = (0, Story.Of(new Workforce(12, teams: 100, size: 8, teamsInDepartment: 10), Workforce.Plan(Minimum, Tree), 52, movers: 0.003));
        for (var w = 1; w < weeks.Count; w++)
        {
            var before = weeks[w - 1].Shown.ToDictionary(s => (s.Cell.Level, s.Cell.Group));
            foreach (var now in weeks[w].Shown)
            {
                if (before.TryGetValue((now.Cell.Level, now.Cell.Group), out var then))
                {
                    pairs++;
                    var changed = now.Roster.ToHashSet();
                    changed.SymmetricExceptWith(then.Roster);
                    Assert.True(changed.Count is 0 or >= Minimum, $"{now.Cell.Group}: {changed.Count}");
                }
            }
        }

        Assert.True(pairs > 4000);
    }

    /// <summary>
    /// Somebody joins; the week is withheld, and an attacker takes the weeks around it for the same but for that one. May learn: an estimate that is off by
    /// what everybody else's habits varied. With twelve weeks on each side that is a good estimate, and where habits do not vary at all it is the number, up to the rounding.
    /// </summary>
    [Theory]
    [InlineData(1, 300, 150, 900)] // one week on each side: off by hundreds of minutes of 4,200
    [InlineData(12, 300, 40, 300)]
    [InlineData(12, 0, 0, 10)] // nobody's week ever varies: what is left is the rounding of nine people's mean to whole minutes
    public void who_takes_habits_for_stable_estimates_a_joiner_as_well_as_habits_are_stable(int weeksOnEachSide, int varies, double atLeast, double atMost)
    {
        var (errors, size) = (new List<double>(), 8);
        for (var seed = 0UL; seed < 60; seed++)
        {
            var (work, joiner) = (new Workforce(100 + seed, teams: 4, size, teamsInDepartment: 4), 0);
            var weeks = Story.Of(work, Workforce.Plan(Minimum, Tree), (2 * weeksOnEachSide) + 1, varies: varies, happens: (w, i) => joiner = i == weeksOnEachSide ? w.Join(1) : joiner);
            Assert.IsType<CellValue.Hidden>(weeks[weeksOnEachSide].Figures.Cells.First(c => c is { Level: GroupLevel.Team, Group: "t1" }).Value);
            double Sum(IEnumerable<Week> of) => of.Select(w => w.Shown.First(s => s.Cell is { Level: GroupLevel.Team, Group: "t1" })).Average(s => s.Figure.Mean * (double)s.Figure.People);
            errors.Add(Math.Abs(Sum(weeks.TakeLast(weeksOnEachSide)) - Sum(weeks.Take(weeksOnEachSide)) - work.HabitOf(Workforce.Id(joiner))));
        }

        Assert.InRange(errors.Average(), atLeast, atMost);
    }

    /// <summary>Trackers (Denning, Denning, Schwartz 1979): pad a question with figures that are known to take them off again. May learn: nothing about fewer than the minimum from up to five cells with coefficients up to two.</summary>
    [Fact]
    public void no_general_or_union_tracker_reaches_a_small_group()
    {
        var (dice, tried) = (new Dice(13), 0);
        var weeks = Story.Of(new Workforce(13, teams: 12, size: 6, teamsInDepartment: 4, sites: 3), Workforce.Plan(Minimum, All), 12, movers: 0.01, away: 8);
        foreach (var shown in weeks.Select(w => w.Shown).Where(s => s.Count > 5))
        {
            for (var i = 0; i < 5000; i++)
            {
                var of = new Dictionary<string, int>();
                for (var cells = 2 + dice.Below(4); cells > 0; cells--)
                {
                    var (cell, times) = (dice.One(shown), new[] { -2, -1, 1, 2 }[dice.Below(4)]);
                    foreach (var person in cell.People)
                    {
                        of[person] = of.GetValueOrDefault(person) + times;
                    }
                }

                tried++;
                Assert.True(of.Count(p => p.Value != 0) is 0 or >= Minimum);
            }
        }

        Assert.True(tried > 20_000);
    }

    /// <summary>A manager of two teams that overlap in a matrix sees both figures. May learn: nothing, since nobody is counted in both.</summary>
    [Fact]
    public void a_manager_of_two_overlapping_teams_sees_no_overlap()
    {
        List<Person> people =
        [
            new Person("boss", "boss@example.com", "Boss", "top", [], "Bonn", "Europe/Berlin"),
            new Person("mia", "mia@example.com", "Mia", "top", ManagerLink.To("boss"), "Bonn", "Europe/Berlin"),
            .. Enumerable.Range(0, 14).Select(i => new Person($"p{i:00}", $"p{i:00}@example.com", $"P{i}", i < 7 ? "red" : "blue", i is 6 or 7 ? ManagerLink.To("mia", "boss") : ManagerLink.To("mia"), "Bonn", "Europe/Berlin")),
        ];
        var org = new OrgSnapshot(people, [new Team("top", "Top", ""), new Team("red", "Red", "top"), new Team("blue", "Blue", "top")], new DateOnly(2026, 11, 16));
        var census = Census.Of(org, ReleasePeriod.Of(new DateOnly(2026, 11, 9), 1), _ => true);
        var week = Story.Release(Workforce.Plan(Minimum, Tree), census, [.. census.Ids.Select(_ => (int?)600)]);
        var (red, blue) = (week.Shown.Single(s => s.Cell is { Level: GroupLevel.Team, Group: "red" }), week.Shown.Single(s => s.Cell is { Level: GroupLevel.Team, Group: "blue" }));
        Assert.Empty(red.People.Intersect(blue.People));
        Assert.Equal((7, 7), (red.People.Count, blue.People.Count));
        Assert.Equal(census.Ids.Count, census.Ids.Distinct().Count());
    }

    /// <summary>A team in which all but one pool what they know. May learn: the last one's number up to the rounding, and no closer.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(210)] // 5 % of the range
    public void all_but_one_of_a_team_learn_the_last_one_up_to_the_rounding_and_no_closer(int step)
    {
        var plan = Workforce.Plan(Minimum, Tree);
        plan = plan with { Levels = [.. plan.Levels.Select(l => l with { Step = step })] };
        var widest = 0.0;
        foreach (var week in Story.Of(new Workforce(14, teams: 20, size: 8, teamsInDepartment: 10), plan, 20))
        {
            foreach (var team in week.Shown.Where(s => s.Cell.Level == GroupLevel.Team))
            {
                var last = team.People.First();
                var (low, high) = team.Sum(step);
                var others = team.People.Where(p => p != last).Sum(p => week.Of(p)!.Value);
                Assert.InRange(week.Of(last)!.Value, low - others, high - others);
                Assert.Equal(step * team.People.Count, high - low, 6);
                widest = Math.Max(widest, Math.Abs(week.Of(last)!.Value - ((low + high) / 2) + others));
            }
        }

        Assert.InRange(widest, step * 8 / 4.0, step * 8 / 2.0); // the rounding is not only said, it is there
    }

    /// <summary>Averaging: asking often. May learn: nothing, since a period has one answer; and over a year's noisy figures, no more than the budget of the year says.</summary>
    [Fact]
    public void averaging_a_years_noise_leaves_as_much_as_the_budget_says()
    {
        var plan = Workforce.Plan(Minimum, GroupLevel.Company) with { Noise = new NoiseBudget(1) };
        var (noise, sampler, range) = (NoisePlan.Of(plan, 1), new NoiseSampler(new Bits(15)), PersonFigure.Range(plan.Measure, 1));
        // The attacker knows everybody else exactly, so all that hides one person in the 53 sums is their mean noise.
        var means = Enumerable.Range(0, 400).Select(_ => Enumerable.Range(0, 53).Average(_ => (double)noise.Draw(sampler, noise.Sum))).ToList();
        var deviation = Math.Sqrt(means.Average(m => m * m));
        var promised = range.High / 2.0 / Math.Sqrt(2 * Zcdp.UnitsFor(1) / (double)Zcdp.Units * 2 / 3);
        Assert.InRange(deviation / promised, 0.9, 1.1);
        Assert.InRange(deviation, range.High, 10.0 * range.High); // wider than anybody's whole range, after a year
    }

    /// <summary>Dominance: a figure that is nearly one person's. May learn: of nobody that they are more than half of a sum.</summary>
    [Fact]
    public void no_figure_and_no_rest_of_one_is_for_the_most_part_one_persons()
    {
        var (dice, hidden) = (new Dice(16), 0);
        for (var w = 0; w < 60; w++)
        {
            var work = new Workforce(200 + (ulong)w, teams: 10, size: 6, teamsInDepartment: 5);
            work.Live(0);
            var census = work.Census();
            var week = Story.Release(Workforce.Plan(Minimum, Tree), census, [.. census.Ids.Select(_ => (int?)(dice.Below(12) == 0 ? 4000 : dice.Below(300)))]);
            hidden += week.Figures.Cells.Count(c => c.Value is CellValue.Hidden { Why: Withheld.Dominated });
            foreach (var around in week.Shown)
            {
                var rest = around.People.ToHashSet();
                week.Shown.Where(s => s.Roster.Count < around.Roster.Count && s.Roster.IsSubsetOf(around.Roster)).ToList().ForEach(s => rest.ExceptWith(s.People));
                foreach (var set in new[] { around.People, rest }.Where(s => s.Count > 0))
                {
                    Assert.True(set.Max(p => week.Of(p)!.Value) <= 0.5 * set.Sum(p => week.Of(p)!.Value));
                }
            }
        }

        Assert.True(hidden > 10);
    }

    /// <summary>Reconstruction by linear programming over all of a week's figures, with everybody's range known. May learn: of nobody more than that they are in the half of the range that the figure itself says.</summary>
    [Fact]
    public void a_linear_program_over_a_weeks_figures_pins_nobody_down()
    {
        var narrowest = double.MaxValue;
        for (var seed = 300UL; seed < 306; seed++)
        {
            var week = Story.Of(new Workforce(seed, teams: 5, size: 6, teamsInDepartment: 5, sites: 2), Workforce.Plan(Minimum, All), 1, away: 8)[0];
            var people = week.Shown.SelectMany(s => s.People).Distinct().ToList();
            var program = new LinearProgram(people.Count, Workforce.Most);
            foreach (var cell in week.Shown)
            {
                program.Between(cell.Sum(1).Low, [.. cell.People.Select(x => people.IndexOf(x))], cell.Sum(1).High);
            }

            for (var p = 0; p < people.Count; p++)
            {
                var (low, high) = program.Range(p) ?? throw new InvalidOperationException("The truth fits, so something does.");
                Assert.InRange(week.Of(people[p])!.Value, low - 1, high + 1);
                narrowest = Math.Min(narrowest, high - low);
            }
        }

        Assert.InRange(narrowest, Workforce.Most / 2.0, Workforce.Most + 1);
    }

    /// <summary>
    /// The same over everything that was ever published, by somebody who takes everybody's weeks to be all the same, in a company in which that is true, and in which
    /// nobody is ever away. May learn: of those who came, went or moved, nearly their number; of nobody else anything.
    /// </summary>
    [Fact]
    public void a_linear_program_over_all_weeks_pins_down_only_those_whose_team_changed()
    {
        var (pinned, moved) = (0, new HashSet<string>());
        var work = new Workforce(310, teams: 4, size: 7, teamsInDepartment: 4);
        var weeks = Story.Of(work, Workforce.Plan(Minimum, Tree), 16, varies: 0, happens: (w, i) =>
        {
            if (i is 4 or 9)
            {
                moved.Add(Workforce.Id(w.Join(i % 4)));
            }
        });
        var cells = weeks.SelectMany(w => w.Shown).DistinctBy(s => string.Join(' ', s.People.Order(StringComparer.Ordinal))).ToList();
        var people = cells.SelectMany(s => s.People).Distinct().ToList();
        var program = new LinearProgram(people.Count, Workforce.Most);
        cells.ForEach(c => program.Between(c.Sum(1).Low, [.. c.People.Select(x => people.IndexOf(x))], c.Sum(1).High));
        for (var p = 0; p < people.Count; p++)
        {
            var (low, high) = program.Range(p)!.Value;
            Assert.InRange(work.HabitOf(people[p]), low - 1, high + 1);
            if (moved.Contains(people[p]))
            {
                pinned++;
                Assert.InRange(high - low, 0, 60);
            }
            else
            {
                Assert.InRange(high - low, Workforce.Most / 2.0, Workforce.Most + 1);
            }
        }

        Assert.Equal(2, pinned);
    }

    /// <summary>A server that pads a group with people who do not exist, or leaves contributions out. May learn: what it could of a group in which it knows all but one; a padded group shows its size to everybody in it.</summary>
    [Fact]
    public void people_who_contribute_nothing_make_no_group_larger()
    {
        var teams = new[] { new CountedTeam("t", "") };
        var people = Enumerable.Range(0, 12).Select(i => new Counted($"p{i:00}", "t", "", false, true)).ToList();
        var census = new Census(ReleasePeriod.Of(new DateOnly(2026, 11, 9), 1), teams, people);
        var week = Story.Release(Workforce.Plan(Minimum, GroupLevel.Team), census, [.. people.Select((_, i) => i < 4 ? (int?)600 : null)]);
        Assert.Empty(week.Shown);
        Assert.Equal(12, census.Groups().First(g => g.Level == GroupLevel.Team).People); // and this is what each of the four is shown
    }
}

/// <summary>Bits that are the same on every run (SplitMix64).</summary>
internal sealed class Bits(ulong seed) : IRandomBits
{
    private ulong state = seed;

    public void Fill(Span<byte> buffer)
    {
        foreach (ref var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(buffer))
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            word = z ^ (z >> 31);
        }
    }
}
