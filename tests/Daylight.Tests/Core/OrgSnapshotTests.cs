using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Tests.Core;

public sealed class OrgSnapshotTests
{
    private static readonly DateOnly Day = new(2026, 11, 20);

    private static readonly OrgSnapshot Directory = Snapshot(
        [Somebody("vera", "board", string.Empty), Somebody("mia", "red", "vera"), Somebody("dora", "red", "mia"), Somebody("erik", "red", "mia", "Kiel"), Somebody("lone", "nowhere", string.Empty)],
        [new Team("company", "Company", string.Empty), new Team("board", "Board", "company"), new Team("dev", "Development", "company"), new Team("red", "Red", "dev")]);

    private static OrgSnapshot Snapshot(IEnumerable<Person> people, IEnumerable<Team> teams) => new(people, teams, Day);

    private static Person Somebody(string id, string team, string manager, string site = "Bonn") => new(id, id + "@example.com", id, team, ManagerLink.To(manager), site, "Europe/Berlin");

    private static IEnumerable<string> Roster(OrgSnapshot org, string team, string from = "2026-11-09", string to = "2026-11-15") =>
        org.Roster(DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), DateOnly.Parse(to, System.Globalization.CultureInfo.InvariantCulture))
            .Where(s => s.Team == team && s is { Leads: false, Stayed: true }).Select(s => org.IdOf(s.Person)).Order(StringComparer.Ordinal);

    private static bool Manages(string manager, string person, OrgSnapshot? org = null) => (org ?? Directory).ManagersOf((org ?? Directory).Find(person)).Contains((org ?? Directory).Find(manager));

    private static bool IsFurtherUp(string manager, string person, OrgSnapshot? org = null) => (org ?? Directory).IsFurtherUp((org ?? Directory).Find(manager), (org ?? Directory).Find(person));

    [Fact]
    public void those_who_view_a_teams_figure_are_not_counted_in_it() => Assert.Equal(["dora", "erik"], Roster(Directory, "red"));

    [Fact]
    public void a_roster_is_the_first_days_and_says_who_stayed()
    {
        var (monday, sunday) = (new DateOnly(2026, 11, 9), new DateOnly(2026, 11, 15));
        Person Of(string id, DateOnly since, params TeamSpan[] before) => new(id, id + "@example.com", id, "red", [], "Bonn", "Europe/Berlin") { TeamSince = since, Before = [.. before] };
        var org = new OrgSnapshot(
            [
                Of("stays", monday.AddDays(-30)),
                Of("comes", monday.AddDays(2)),
                Of("moves", monday.AddDays(2), new TeamSpan("blue", monday.AddDays(-30), monday.AddDays(1))),
                Of("leaves", monday.AddDays(-30)) with { Left = monday.AddDays(3) },
                Of("left-after", monday.AddDays(-30)) with { Left = sunday.AddDays(1) },
            ],
            [new Team("red", "Red", ""), new Team("blue", "Blue", "")],
            sunday.AddDays(4));
        Assert.Equal(
            [("stays", "red", true), ("moves", "blue", false), ("left-after", "red", true)],
            org.Roster(monday, sunday).Select(r => (org.IdOf(r.Person), r.Team, r.Stayed)));
    }

    [Fact]
    public void a_team_nobody_knows_has_nobody() => Assert.Empty(Roster(Directory, "unknown"));

    [Fact]
    public void a_direct_manager_is_told_apart_from_those_further_up()
    {
        Assert.True(Manages("mia", "dora"));
        Assert.False(Manages("vera", "dora"));
        Assert.False(Manages("dora", "mia"));
        Assert.True(IsFurtherUp("vera", "dora"));
        Assert.False(IsFurtherUp("mia", "dora"));
        Assert.False(IsFurtherUp("dora", "vera"));
        Assert.False(IsFurtherUp("dora", "dora"));
    }

    [Fact]
    public void in_a_matrix_somebody_can_be_direct_manager_and_further_up_at_once()
    {
        var matrix = Snapshot(
            [Somebody("vera", "board", string.Empty), Somebody("mia", "red", "vera"), Somebody("dora", "red", "mia") with { Managers = ManagerLink.To("mia", "vera") }],
            [new Team("board", "Board", string.Empty), new Team("red", "Red", "board")]);
        Assert.True(Manages("vera", "dora", matrix));
        Assert.True(IsFurtherUp("vera", "dora", matrix));
        Assert.False(IsFurtherUp("mia", "dora", matrix));
    }

    [Theory]
    [InlineData("2026-11-21", "9999-12-31", false)]
    [InlineData("2026-01-01", "2026-11-19", false)]
    [InlineData("2026-11-20", "2026-11-20", true)]
    public void a_manager_leads_from_the_first_day_to_the_last(string from, string until, bool leads)
    {
        var link = new ManagerLink("mia", DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), DateOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture));
        var org = Snapshot([Somebody("mia", "red", string.Empty), Somebody("dora", "red", string.Empty) with { Managers = [link] }], [new Team("red", "Red", string.Empty)]);
        Assert.Equal(leads, Manages("mia", "dora", org));
        Assert.Equal([link], org.Person("dora")!.Managers);
    }

    [Fact]
    public void a_person_comes_back_as_they_went_in()
    {
        var person = Somebody("dora", "red", "gone") with { Country = "DE", Employment = "part-time", TeamSince = new DateOnly(2026, 5, 1), Before = [new TeamSpan("blue", default, new DateOnly(2026, 4, 30))], Left = new DateOnly(2026, 12, 1) };
        var back = Snapshot([person], [new Team("red", "Red", string.Empty)]).Person("dora")!;
        Assert.True(person.SaysTheSame(back));
        Assert.Equal((person.TeamSince, person.Left), (back.TeamSince, back.Left));
        Assert.Equal(person.Before, back.Before);
    }

    [Fact]
    public void a_mover_counts_in_the_team_in_which_all_of_the_week_was_spent()
    {
        var moved = Somebody("nele", "red", "mia") with { TeamSince = new DateOnly(2026, 11, 11), Before = [new TeamSpan("blue", new DateOnly(2026, 1, 1), new DateOnly(2026, 11, 10))] };
        var org = Snapshot([.. Directory.People, moved], [.. Directory.AllTeams, new Team("blue", "Blue", "dev")]);
        Assert.DoesNotContain("nele", Roster(org, "red"));
        Assert.DoesNotContain("nele", Roster(org, "blue"));
        Assert.Contains("nele", Roster(org, "blue", "2026-11-02", "2026-11-08"));
        Assert.DoesNotContain("nele", Roster(org, "red", "2026-11-02", "2026-11-08"));
        Assert.Contains("nele", Roster(org, "red", "2026-11-16", "2026-11-22"));
    }

    [Fact]
    public void who_has_left_counts_in_the_weeks_before_and_leads_nobody_afterwards()
    {
        var org = Snapshot([.. Directory.People.Where(p => p.Id != "dora"), Directory.Person("dora")! with { Left = new DateOnly(2026, 11, 16) }], Directory.AllTeams);
        Assert.Contains("dora", Roster(org, "red"));
        Assert.DoesNotContain("dora", Roster(org, "red", "2026-11-16", "2026-11-22"));
        Assert.False(org.IsHere(org.Find("dora")));
        Assert.DoesNotContain(org.Find("dora"), org.MembersOf(org.Group(GroupLevel.Team, "red")!.Value).ToArray());
    }

    [Fact]
    public void managers_and_teams_that_go_in_circles_come_to_an_end()
    {
        var circle = Snapshot([Somebody("a", "x", "b"), Somebody("b", "x", "a"), Somebody("c", "x", "a")], [new Team("x", "X", "y"), new Team("y", "Y", "x")]);
        Assert.True(Manages("a", "c", circle));
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

    [Fact]
    public void a_department_is_a_team_with_teams_below_that_is_not_all_of_the_company()
    {
        Assert.Equal(["dev"], Directory.Groups(GroupLevel.Department).Select(Directory.KeyOf));
        Assert.Equal(["dora", "erik", "mia"], Directory.MembersOf(Directory.Group(GroupLevel.Department, "dev")!.Value).ToArray().Select(Directory.IdOf).Order());
        Assert.Null(Directory.Group(GroupLevel.Department, "red"));
        Assert.Equal(["Bonn", "Kiel"], Directory.Groups(GroupLevel.Site).Select(Directory.KeyOf).Order());
    }

    [Fact]
    public void above_all_of_a_group_stands_who_is_above_each_of_the_others_and_further_up_for_one()
    {
        IEnumerable<string> Above(GroupLevel level, string name) => Directory.AboveAllOf(Directory.Group(level, name)!.Value).ToArray().Select(Directory.IdOf).Order();
        Assert.Equal(["vera"], Above(GroupLevel.Team, "red")); // Mia leads everybody who counts there directly, and is of it
        Assert.Equal(["vera"], Above(GroupLevel.Department, "dev"));
        Assert.Empty(Above(GroupLevel.Team, "board"));
        Assert.Empty(Above(GroupLevel.Company, "company")); // nobody leads Lone
    }
}
