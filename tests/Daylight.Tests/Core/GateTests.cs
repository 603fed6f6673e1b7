using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Tests.Core;

public sealed class GateTests
{
    // Vera leads Mia, Mia leads Dora and Erik of the team red, Ivan investigates from the team blue, led by nobody.
    private static readonly OrgSnapshot Directory = new(
        [
            Somebody("vera", "board", string.Empty), Somebody("mia", "red", "vera"), Somebody("dora", "red", "mia"), Somebody("erik", "red", "mia"), Somebody("ivan", "blue", string.Empty),
        ],
        [new Team("board", "Board", string.Empty), new Team("red", "Red", "board"), new Team("blue", "Blue", string.Empty)]);

    private static readonly DateOnly Day = new(2026, 11, 20);

    private static readonly GateProgram Program = new(FocusTime.With(), Paused: false);

    private static Person Somebody(string id, string team, string manager) => new(id, id + "@example.com", id, team, manager, "Bonn", "Europe/Berlin");

    private static Decision Person(string asker, string subject, bool inCase = false, params string[] roles) =>
        Gate.Decide(new Look.AtPerson(asker, subject, Day, Day, inCase ? new CaseAtHand("c", "none", [], Day, Day, []) : null), Program, Directory, roles);

    private static Decision Team(string asker, string team, string measure = "focus-minutes", params string[] roles) => Gate.Decide(new Look.AtTeam(asker, team, measure), Program, Directory, roles);

    private static Decision.Refused Refused(Decision decision) => Assert.IsType<Decision.Refused>(decision);

    [Fact]
    public void everybody_sees_their_own_records()
    {
        var allowed = Assert.IsType<Decision.Allowed>(Person("dora", "dora"));
        Assert.Equal(("self/records", "self"), (allowed.Rule.Name, allowed.Relation));
    }

    [Fact]
    public void a_manager_never_sees_one_person()
    {
        var refused = Refused(Person("mia", "dora"));
        Assert.Equal(("manager", "manager/records"), (refused.Relation, refused.Missing));
        Assert.Equal("No rule of charter focus-time version 1 shows one person's records to their manager. A manager is shown figures of the team.", Assert.Single(refused.Reasons));
    }

    [Fact]
    public void a_managers_manager_sees_neither_person_nor_team()
    {
        Assert.Equal("manager's manager", Refused(Person("vera", "dora")).Relation);
        Assert.Equal("manager", Refused(Person("vera", "mia")).Relation);
        // Mia is of the team red herself, and Vera leads her: that is leading a member, so the team's figure is Vera's too.
        Assert.IsType<Decision.Allowed>(Team("vera", "red"));
        Refused(Team("vera", "blue"));
    }

    [Theory]
    [InlineData("erik", "dora", "team member")]
    [InlineData("dora", "mia", "team member")]
    [InlineData("ivan", "dora", "colleague")]
    [InlineData("nobody", "dora", "colleague")]
    [InlineData("dora", "nobody", "colleague")]
    public void nobody_else_sees_one_person(string asker, string subject, string relation) => Assert.Equal(relation, Refused(Person(asker, subject)).Relation);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void an_investigator_without_an_approved_case_sees_nothing(bool inCase)
    {
        var refused = Refused(Person("ivan", "dora", inCase, "investigator"));
        Assert.Equal("role:investigator/records", refused.Missing);
        Assert.Contains("privacy-officer and works-council", Assert.Single(refused.Reasons), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("privacy-officer")]
    [InlineData("works-council")]
    [InlineData("operator")]
    [InlineData("program-owner")]
    [InlineData("auditor")]
    public void a_role_that_no_rule_names_sees_nothing(string role)
    {
        Refused(Person("ivan", "dora", false, role));
        Refused(Team("ivan", "red", "focus-minutes", role));
    }

    [Fact]
    public void a_manager_sees_the_figures_of_their_team_and_of_no_other()
    {
        Assert.Equal("manager/focus-minutes", Assert.IsType<Decision.Allowed>(Team("mia", "red")).Rule.Name);
        Refused(Team("mia", "blue"));
        Refused(Team("mia", "red", "another-measure"));
        Refused(Team("dora", "red"));
        Refused(Team(string.Empty, "blue"));
    }

    [Fact]
    public void a_paused_program_shows_nothing_to_anybody_not_even_to_oneself()
    {
        var paused = Program with { Paused = true };
        Assert.IsType<Decision.Paused>(Gate.Decide(new Look.AtPerson("dora", "dora", Day, Day), paused, Directory, []));
        Assert.IsType<Decision.Paused>(Gate.Decide(new Look.AtTeam("mia", "red", "focus-minutes"), paused, Directory, []));
    }

    [Fact]
    public void every_pair_of_people_with_any_one_role_sees_only_themselves()
    {
        var allowed = from asker in Directory.People
                      from subject in Directory.People
                      from role in Vocabulary.Roles
                      from inCase in (bool[])[false, true]
                      where Person(asker.Id, subject.Id, inCase, role) is Decision.Allowed
                      select (asker.Id, subject.Id);
        Assert.All(allowed, a => Assert.Equal(a.Item1, a.Item2));
        Assert.Equal(Directory.People.Count() * Vocabulary.Roles.Count * 2, allowed.Count());
    }
}
