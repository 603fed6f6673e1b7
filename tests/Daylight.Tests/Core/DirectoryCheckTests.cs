using Daylight.Core.Directory;
using Daylight.Tests.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

/// <summary>What is found wrong with a directory, by the names of the rows.</summary>
public sealed class DirectoryCheckTests
{
    private static readonly Team[] Teams = [new("company", "Company", ""), new("red", "Red", "company")];

    private static Person Of(string id, params string[] managers) => new(id, id + "@a.example", id, "red", ManagerLink.To(managers), "Bonn", "Europe/Berlin");

    private static List<(string, string)> Find(Person[] people, Team[]? teams = null, params string[] alone) =>
        [.. DirectoryCheck.Of(people, teams ?? Teams, p => "row " + p.Id, alone.ToHashSet()).Select(f => (f.Code, f.Message))];

    [Fact]
    public void nothing_is_wrong_with_one_tree_and_somebody_whom_nobody_leads_on_purpose() => Assert.Empty(Find([Of("vera"), Of("mia", "vera"), Of("dora", "mia", "vera"), Of("lone")], null, "lone"));

    [Fact]
    public void two_roots_are_named_and_how_to_say_that_it_is_meant()
    {
        var (code, message) = Assert.Single(Find([Of("vera"), Of("wim"), Of("dora", "vera")]));
        Assert.Equal(("two-roots", "2 people have no manager: row vera, row wim. Write '-' as the manager of those whom nobody leads"), (code, message));
    }

    [Fact]
    public void a_circle_is_named_once_in_its_order()
    {
        var (code, message) = Assert.Single(Find([Of("a", "b"), Of("b", "c"), Of("c", "a"), Of("below", "a")]));
        Assert.Equal(("manager-cycle", "managers go in a circle: row a → row b → row c"), (code, message));
    }

    [Fact]
    public void two_circles_and_one_of_a_single_person_are_all_named() =>
        Assert.Equal(["row a → row b", "row c → row d", "row e"], Find([Of("a", "b"), Of("b", "a"), Of("c", "d"), Of("d", "c"), Of("e", "e")]).Select(f => f.Item2["managers go in a circle: ".Length..]).Order());

    [Fact]
    public void a_manager_who_is_not_there_or_has_left_is_named() => Assert.Equal(
        ["row dora: the manager nobody is not in the directory", "row emil: the manager gone@a.example has left"],
        Find([Of("dora", "nobody"), Of("emil", "gone"), Of("gone") with { Left = new DateOnly(2026, 1, 1) }]).Select(f => f.Item2));

    [Fact]
    public void an_email_that_stands_there_twice_is_named_with_both_rows_and_a_leavers_does_not_count()
    {
        var (code, message) = Assert.Single(Find([Of("vera"), Of("x", "vera") with { Email = "VERA@a.example" }, Of("y") with { Email = "vera@a.example", Left = new DateOnly(2026, 1, 1) }]));
        Assert.Equal(("email-twice", "vera@a.example stands there more than once: row vera, row x"), (code, message));
    }

    [Fact]
    public void no_team_and_a_team_that_is_none_are_named() => Assert.Equal(
        ["row dora: no team", "row emil: there is no team 'blue'"], Find([Of("dora") with { Team = "" }, Of("emil", "dora") with { Team = "blue" }]).Select(f => f.Item2));

    [Fact]
    public void teams_in_a_circle_two_tops_and_a_team_below_nothing_are_named() => Assert.Equal(
        ["team-cycle: teams go in a circle: b → c → d", "team-cycle: teams go in a circle: e", "team-unknown: the team f is below 'nothing', which does not exist", "two-tops: there are 2 teams at the top (company, a): all but one stand below another"],
        Find([], [new("company", "", ""), new("a", "", ""), new("b", "", "c"), new("c", "", "d"), new("d", "", "b"), new("e", "", "e"), new("f", "", "nothing"), new("g", "", "b")]).Select(f => $"{f.Item1}: {f.Item2}").Order(StringComparer.Ordinal));

    [Fact]
    public void of_very_many_rows_twenty_are_named() => Assert.EndsWith(
        " and 5 more. Write '-' as the manager of those whom nobody leads", Assert.Single(Find([.. Enumerable.Range(0, 25).Select(i => Of($"p{i}"))])).Item2, StringComparison.Ordinal);

    [Fact]
    public void a_link_closes_a_circle_exactly_when_the_manager_stands_below() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var dice = new Dice((ulong)(uint)seed);
        var count = 2 + dice.Below(12);
        var above = Enumerable.Range(0, count).Select(i => Enumerable.Range(0, i == 0 ? 0 : dice.Below(3)).Select(_ => $"p{dice.Below(i)}").ToList()).ToList(); // no circle yet
        var (person, manager) = (dice.Below(count), dice.Below(count));
        var circle = DirectoryCheck.CircleOf($"p{person}", $"p{manager}", id => above[int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture)]);
        above[person].Add($"p{manager}");
        var people = above.Select((m, i) => Of($"p{i}", [.. m.Distinct()])).ToArray();
        var found = Find(people).Exists(f => f.Item1 == "manager-cycle");
        var isOne = circle.Count == 0 || (circle[0] == $"p{person}" && circle.Select((p, i) => people[int.Parse(p[1..], System.Globalization.CultureInfo.InvariantCulture)].Managers.Any(m => m.Manager == circle[(i + 1) % circle.Count])).All(b => b));
        return (found == circle.Count > 0 && isOne).Label($"{found} {string.Join(" → ", circle)}");
    }));
}
