using Daylight.Core.Directory;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

/// <summary>Joiners, movers, leavers, people who come back, and from which day what holds.</summary>
public sealed class DirectoryPlanTests
{
    private static readonly DateOnly Day = new(2026, 11, 20);
    private static readonly DateOnly Long = new(2020, 1, 1);
    private static readonly Team[] Teams = [new("company", "Company", ""), new("red", "Red", "company"), new("blue", "Blue", "company")];

    private static Person Of(string id, string team = "red", params ManagerLink[] managers) => new(id, id + "@a.example", id, team, [.. managers], "Bonn", "Europe/Berlin") { TeamSince = Long };

    private static OrgSnapshot Now(params Person[] people) => new(people, Teams, Day);

    private static OrgSnapshot Make(OrgSnapshot now, params Person[] wanted) => DirectoryPlan.Of(now, wanted, Teams, now.Day).Apply(now);

    private static OrgSnapshot On(OrgSnapshot org, DateOnly day) => new(org.People, org.AllTeams, day);

    [Fact]
    public void a_joiner_begins_today_and_so_does_who_leads_them()
    {
        var joined = Make(Now(Of("mia")), Of("mia"), Of("dora", "red", new ManagerLink("mia"))).Person("dora")!;
        Assert.Equal((Day, Day), (joined.TeamSince, joined.Managers[0].From));
    }

    [Fact]
    public void the_first_directory_says_how_it_has_been()
    {
        var first = Make(new OrgSnapshot([], [], Day), Of("mia"), Of("dora", "red", new ManagerLink("mia", Long, DateOnly.MaxValue)));
        Assert.Equal((Long, Long), (first.Person("dora")!.TeamSince, first.Person("dora")!.Managers[0].From));
    }

    [Fact]
    public void a_mover_keeps_the_days_before_in_the_former_team()
    {
        var moved = Make(Now(Of("dora")), Of("dora", "blue")).Person("dora")!;
        Assert.Equal(("blue", Day, new TeamSpan("red", Long, Day.AddDays(-1))), (moved.Team, moved.TeamSince, Assert.Single(moved.Before)));
    }

    [Fact]
    public void who_moves_twice_on_a_day_was_in_the_team_between_on_none()
    {
        var twice = Make(Make(Now(Of("dora")), Of("dora", "blue")), Of("dora", "company")).Person("dora")!;
        Assert.Equal(new TeamSpan("red", Long, Day.AddDays(-1)), Assert.Single(twice.Before));
    }

    [Fact]
    public void a_leaver_keeps_team_and_managers_whatever_the_row_says()
    {
        var now = Now(Of("mia"), Of("dora", "red", new ManagerLink("mia", Long, DateOnly.MaxValue)));
        var gone = DirectoryPlan.Of(now, [Of("dora", "blue") with { Left = Day }], [], [], Day).Apply(now).Person("dora")!;
        Assert.Equal((Day, "red", "mia", Long), (gone.Left, gone.Team, Assert.Single(gone.Managers).Manager, gone.TeamSince));
    }

    [Fact]
    public void who_comes_back_begins_anew_and_so_does_who_leads_them()
    {
        var now = Now(Of("mia"), Of("dora", "red", new ManagerLink("mia", Long, DateOnly.MaxValue)) with { Left = Day.AddDays(-10) });
        var back = Make(now, Of("mia"), Of("dora", "red", new ManagerLink("mia", Long, DateOnly.MaxValue))).Person("dora")!;
        Assert.Equal((null, Day, Day), (back.Left, back.TeamSince, back.Managers[0].From));
        Assert.Equal(new TeamSpan("red", Long, Day.AddDays(-11)), Assert.Single(back.Before));
    }

    [Theory]
    [InlineData("2020-01-01", "2026-11-20")] // nobody is made to have led before
    [InlineData("0001-01-01", "2026-11-20")]
    [InlineData("2026-11-20", "2026-11-20")]
    [InlineData("2026-12-24", "2026-12-24")]
    public void a_new_manager_begins_today_at_the_earliest(string said, string becomes)
    {
        var link = new ManagerLink("mia", DateOnly.Parse(said, System.Globalization.CultureInfo.InvariantCulture), DateOnly.MaxValue);
        Assert.Equal(DateOnly.Parse(becomes, System.Globalization.CultureInfo.InvariantCulture), Make(Now(Of("mia"), Of("dora")), Of("mia"), Of("dora", "red", link)).Person("dora")!.Managers[0].From);
    }

    [Fact]
    public void who_leads_somebody_already_keeps_the_first_day_and_can_only_begin_later()
    {
        var since = new DateOnly(2026, 3, 1);
        var now = Now(Of("mia"), Of("dora", "red", new ManagerLink("mia", since, DateOnly.MaxValue)));
        DateOnly Said(DateOnly from) => Make(now, Of("mia"), Of("dora", "red", new ManagerLink("mia", from, DateOnly.MaxValue))).Person("dora")!.Managers[0].From;
        Assert.Equal((since, since, Day.AddDays(5)), (Said(DateOnly.MinValue), Said(Long), Said(Day.AddDays(5))));
    }

    [Fact]
    public void a_manager_of_the_past_does_not_come_back_with_the_days_of_then()
    {
        var past = new ManagerLink("mia", Long, Day.AddDays(-1));
        var ended = Make(Now(Of("mia"), Of("dora")), Of("mia"), Of("dora", "red", past)); // harmless by itself: it never held
        Assert.Equal(past, ended.Person("dora")!.Managers[0]);
        Assert.Equal(Day, Make(ended, Of("mia"), Of("dora", "red", new ManagerLink("mia", Long, DateOnly.MaxValue))).Person("dora")!.Managers[0].From);
    }

    [Fact]
    public void a_manager_who_is_to_come_counts_among_all_to_come_and_not_yet_today()
    {
        var org = Make(Now(Of("mia"), Of("dora")), Of("mia"), Of("dora", "red", new ManagerLink("mia", Day.AddDays(1), DateOnly.MaxValue)));
        Assert.False(org.Manages(org.Find("mia"), org.Find("dora"), out _));
        var all = org.WithAllToCome();
        Assert.True(all.Manages(all.Find("mia"), all.Find("dora"), out _));
        Assert.True(On(org, Day.AddDays(1)).Manages(org.Find("mia"), org.Find("dora"), out _));
        Assert.Same(all, all.WithAllToCome());
    }

    [Fact]
    public void lines_say_what_changes_in_words()
    {
        var now = Now(Of("mia"), Of("dora"), Of("lea"));
        var plan = DirectoryPlan.Of(now, [Of("mia"), Of("dora", "green", new ManagerLink("mia")), Of("new")], [Teams[0], Teams[1] with { Name = "Crimson" }, new Team("green", "Green", "company")], Day);
        Assert.Equal(
            ["+ team Green below company", "~ team red: Red below company becomes Crimson below company", "- team Blue", "+ new@a.example joins red, led by nobody", "~ dora@a.example: team red → green; led by nobody → mia@a.example", "- lea@a.example leaves"],
            plan.Lines(now));
    }

    [Fact]
    public void a_name_neither_begins_a_line_nor_steers_a_terminal()
    {
        var now = Now(Of("mia"));
        Assert.Equal("+ a�- mia@a.example leaves�[2J�x joins red, led by nobody", Assert.Single(DirectoryPlan.Of(now, [Of("mia"), Of("new") with { Email = "a\n- mia@a.example leaves\e[2J\u202ex" }], Teams, Day).Lines(now)));
    }

    [Fact]
    public void an_applied_plan_gives_what_was_wanted_and_nothing_is_left_to_plan() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(ArbMap.Default.ArbFor<int>(), ArbMap.Default.ArbFor<int>(), (one, other) =>
    {
        var now = On(new RandomCompany(one).Make().People, Day);
        var wanted = new RandomCompany(other).Make().People;
        List<Person> people = [.. wanted.People.Where(p => p.Left is null)];
        var after = DirectoryPlan.Of(now, people, wanted.AllTeams, Day).Apply(now);
        var again = DirectoryPlan.Of(after, people, wanted.AllTeams, Day);
        return (again.IsEmpty && people.TrueForAll(p => SaysWhatMatters(after.Person(p.Id)!, p)) && after.People.Count(p => p.Left is null) == people.Count
            && after.AllTeams.ToHashSet().SetEquals(wanted.AllTeams)).Label(string.Join("\n", again.Lines(after).Concat(again.Changed.Select(c => $"{string.Join(';', c.Before.Managers)} {string.Join(';', c.After.Managers)}"))));
    }));

    [Fact]
    public void nobody_is_led_on_a_day_on_which_nobody_said_so() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(ArbMap.Default.ArbFor<int>(), ArbMap.Default.ArbFor<int>(), (one, other) =>
    {
        var now = On(new RandomCompany(one).Make().People, Day);
        var after = DirectoryPlan.Of(now, [.. new RandomCompany(other).Make().People.People.Where(p => p.Left is null)], now.AllTeams, Day).Apply(now);
        return after.People.All(p => p.Left is not null || p.Managers.All(m => m.From >= Day || m.Until < Day || now.Person(p.Id)?.Managers.Any(b => b.Manager == m.Manager && b.From <= m.From) == true));
    }));

    private static bool SaysWhatMatters(Person is_, Person wanted) =>
        (is_.Email, is_.Name, is_.Team, is_.Site, is_.Country, is_.Employment) == (wanted.Email, wanted.Name, wanted.Team, wanted.Site, wanted.Country, wanted.Employment)
        && is_.Managers.Select(m => (m.Manager, m.Until)).SequenceEqual(wanted.Managers.Select(m => (m.Manager, m.Until)));
}
