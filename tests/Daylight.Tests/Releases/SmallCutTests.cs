using Daylight.Core.Releases;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Releases;

/// <summary>The cut that is found is a cut, and none is missed: compared with all 2ⁿ of them.</summary>
public sealed class SmallCutTests
{
    [Fact]
    public void it_finds_a_cut_below_the_minimum_exactly_where_there_is_one()
    {
        var (dice, found) = (new Dice(1), 0);
        for (var i = 0; i < 4000; i++)
        {
            var vertices = 2 + dice.Below(8);
            var edges = Enumerable.Range(0, dice.Below(3 * vertices)).Select(_ => new Between(dice.Below(vertices), dice.Below(vertices), dice.Below(5))).ToList();
            var minimum = 1 + dice.Below(8);
            var (side, smallest) = (SmallCut.Find(vertices, edges, minimum), Smallest(vertices, edges));
            Assert.Equal(smallest < minimum, side is not null);
            if (side is not null)
            {
                found++;
                var crossing = edges.Where(e => side[e.One] != side[e.Other]).ToList();
                Assert.NotEmpty(crossing);
                Assert.True(crossing.Sum(e => e.People) < minimum);
            }
        }

        Assert.InRange(found, 500, 3500);
    }

    [Fact]
    public void nobody_between_any_two_groups_is_no_cut() => Assert.Null(SmallCut.Find(3, [new Between(1, 1, 9)], 5));

    [Fact]
    public void people_of_whom_none_hides_another_are_a_cut_of_nobody() => Assert.NotNull(SmallCut.Find(2, [new Between(0, 1, 0)], 1));

    [Fact]
    public void a_large_company_is_decided()
    {
        var dice = new Dice(2);
        List<Between> edges = [.. Enumerable.Range(0, 20_000).SelectMany(t => new[] { new Between(t, 20_000 + dice.Below(50), 6), new Between(t, 20_000 + dice.Below(50), dice.Below(3)) })];
        Assert.Null(SmallCut.Find(20_050, edges, 5));
        edges[77] = edges[77] with { People = 2 };
        edges[76] = edges[76] with { People = 2 };
        var side = SmallCut.Find(20_050, edges, 5)!;
        Assert.True(edges.Where(e => side[e.One] != side[e.Other]).Sum(e => e.People) < 5);
    }

    private static int Smallest(int vertices, List<Between> edges)
    {
        var smallest = int.MaxValue;
        for (var set = 1; set < 1 << vertices; set++)
        {
            var crossing = edges.Where(e => (set >> e.One & 1) != (set >> e.Other & 1)).ToList();
            if (crossing.Count > 0)
            {
                smallest = Math.Min(smallest, crossing.Sum(e => e.People));
            }
        }

        return smallest;
    }
}
