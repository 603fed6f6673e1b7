using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Tests.Core;

public sealed class OrgSnapshotTests
{
    private static Person Somebody(string id, string team, string manager, string site = "Bonn") => new(id, id + "@example.com", id, team, manager, site, "Europe/Berlin");

    private static readonly OrgSnapshot Directory = new(
        [Somebody("vera", "board", string.Empty), Somebody("mia", "red", "vera"), Somebody("dora", "red", "mia"), Somebody("erik", "red", "mia", "Kiel"), Somebody("lone", "nowhere", string.Empty)],
        [new Team("company", "Company", string.Empty), new Team("board", "Board", "company"), new Team("dev", "Development", "company"), new Team("red", "Red", "dev")]);

    [Fact]
    public void those_who_view_a_teams_figure_are_not_counted_in_it() => Assert.Equal(["dora", "erik"], Directory.Counted("red").Select(p => p.Id));

    [Fact]
    public void a_team_nobody_knows_has_nobody() => Assert.Empty(Directory.Counted("unknown"));

    [Fact]
    public void a_direct_manager_is_told_apart_from_those_above()
    {
        Assert.True(Directory.Manages("mia", "dora"));
        Assert.False(Directory.Manages("vera", "dora"));
        Assert.False(Directory.Manages("dora", "mia"));
        Assert.False(Directory.Manages(string.Empty, "vera"));
        Assert.True(Directory.IsInChainAbove("vera", "dora"));
        Assert.False(Directory.IsInChainAbove("dora", "vera"));
        Assert.False(Directory.IsInChainAbove("dora", "dora"));
    }

    [Fact]
    public void nobody_is_not_the_manager_of_those_without_one() => Assert.False(Directory.ManagesTeam(string.Empty, "board"));

    [Fact]
    public void managers_and_teams_that_go_in_circles_come_to_an_end()
    {
        var circle = new OrgSnapshot([Somebody("a", "x", "b"), Somebody("b", "x", "a")], [new Team("x", "X", "y"), new Team("y", "Y", "x")]);
        Assert.False(circle.IsInChainAbove("c", "a"));
        Assert.False(circle.IsCovered(new Coverage(false, [new PeopleGroup(GroupKind.Team, "z")], []), circle.Person("a")!, []));
    }

    [Theory]
    [InlineData("team:red", "mia dora erik")]
    [InlineData("team:dev", "mia dora erik")]
    [InlineData("team:company", "vera mia dora erik")]
    [InlineData("site:Kiel", "erik")]
    [InlineData("[team:board, site:Kiel]", "vera erik")]
    [InlineData("team:Red", "")]
    [InlineData("everyone", "vera mia dora erik lone")]
    public void a_charter_covers_the_named_teams_those_below_them_and_the_named_sites(string covers, string people)
    {
        var coverage = FocusTime.With(("covers: everyone", "covers: " + covers)).Covers;
        Assert.Equal(people.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), Directory.People.Where(p => Directory.IsCovered(coverage, p, [])).Select(p => p.Id).Order());
    }
}
