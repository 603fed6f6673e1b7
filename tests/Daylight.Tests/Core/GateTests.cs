using System.Net;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Tests.Core;

/// <summary>The gate at its edges; what it says of whole companies is in <c>tests/corpus/access</c>.</summary>
public sealed class GateTests
{
    private const string Records = "role:investigator/records";

    private static readonly DateTimeOffset Now = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    private static readonly DateOnly Day = DateOnly.FromDateTime(Now.UtcDateTime);

    // Vera leads Mia, Mia leads Dora and Erik of the team red; Ivan investigates from the team blue, led by nobody; Petra and Wim approve.
    private static readonly OrgSnapshot Directory = new(
        [
            Somebody("vera", "board", string.Empty), Somebody("mia", "red", "vera"), Somebody("dora", "red", "mia"), Somebody("erik", "red", "mia"), Somebody("ivan", "blue", string.Empty),
            Somebody("petra", "office", string.Empty), Somebody("wim", "office", string.Empty), Somebody("under", "blue", "ivan"),
        ],
        [new Team("board", "Board", string.Empty), new Team("red", "Red", "board"), new Team("blue", "Blue", "board"), new Team("office", "Office", "board")],
        Day);

    private static readonly CaseFacts Case = new(
        "c", "ivan", "dora", Records, ["focus-time"], Day.AddDays(-3), Day, Day.AddDays(7), Now.AddHours(-2), false, [("privacy-officer", "petra"), ("works-council", "wim")]);

    private static Person Somebody(string id, string team, string manager) => new(id, id + "@example.com", id, team, ManagerLink.To(manager), "Bonn", "Europe/Berlin");

    private static Charter CharterWith(string needs) => FocusTime.With(("needs: { case: true, approvals: [privacy-officer, works-council], step-up: 10m }", needs));

    private static World WorldOf(Charter? charter = null, bool paused = false, IEnumerable<RoleFacts>? roles = null, CaseFacts? @case = null, OrgSnapshot? people = null, params string[] approvers) => new(
        people ?? Directory, [new ProgramFacts("h", charter ?? FocusTime.With(), paused, [.. approvers])], roles ?? [new RoleFacts("ivan", "investigator", Day)], @case is null ? [] : [@case], []);

    private static Decision Person(World world, string asker, string subject, string? @case = null, DateTimeOffset? signed = null, string? address = null, DateOnly? from = null, DateTimeOffset? now = null) => Gate.Decide(
        new Look.AtPerson(asker, subject, "focus-time", IndividualKind.Records, from ?? Day, Day, @case) { Signed = signed, Address = address is null ? null : IPAddress.Parse(address) }, world, now ?? Now);

    private static Obstacles Refused(Decision decision) => Assert.IsType<Decision.Refused>(decision).Obstacles;

    private static Decision Team(World world, string asker, string team, string measure = "focus-minutes") => Gate.Decide(new Look.AtGroup(asker, "focus-time", measure, GroupLevel.Team, team), world, Now);

    [Fact]
    public void everybody_sees_their_own_records()
    {
        var allowed = Assert.IsType<Decision.Allowed>(Person(WorldOf(), "dora", "dora"));
        Assert.Equal(("self/records", "self"), (allowed.Rule.Name, allowed.RelationText));
    }

    [Fact]
    public void a_manager_never_sees_one_person()
    {
        var refused = Assert.IsType<Decision.Refused>(Person(WorldOf(), "mia", "dora"));
        Assert.Equal((Relation.Manager, "manager/records", Obstacles.NoRule), (refused.Relation, refused.Missing, refused.Obstacles));
        Assert.Equal(
            "No rule of charter focus-time version 1 shows one person's records to their manager. A manager is shown figures of the team.",
            Assert.Single(AccessWords.Reasons(refused, FocusTime.With(), AccessWords.Relation(refused, []))));
    }

    [Fact]
    public void a_managers_manager_sees_neither_person_nor_team()
    {
        Assert.Equal(Relation.FurtherUp, Assert.IsType<Decision.Refused>(Person(WorldOf(), "vera", "dora")).Relation);
        Assert.Equal(Relation.Manager, Assert.IsType<Decision.Refused>(Person(WorldOf(), "vera", "mia")).Relation);
        // Vera leads Mia, who is of the team and does not count in it: that is not leading the team.
        Refused(Team(WorldOf(), "vera", "red"));
    }

    [Fact]
    public void a_manager_sees_the_figures_of_their_team_and_of_no_other()
    {
        Assert.Equal("manager/focus-minutes", Assert.IsType<Decision.Allowed>(Team(WorldOf(), "mia", "red")).Rule.Name);
        Assert.Equal(Obstacles.NoRule, Refused(Team(WorldOf(), "mia", "blue")));
        Assert.Equal(Obstacles.NoRule, Refused(Team(WorldOf(), "mia", "red", "another-measure")));
        Assert.Equal(Obstacles.NoRule, Refused(Team(WorldOf(), "dora", "red")));
        Assert.Equal(Obstacles.NoRule | Obstacles.Unknown, Refused(Team(WorldOf(), "mia", "nowhere")));
    }

    [Fact]
    public void a_paused_program_shows_nothing_to_anybody_not_even_to_oneself()
    {
        var paused = WorldOf(paused: true);
        Assert.Equal(Obstacles.Paused, Refused(Person(paused, "dora", "dora")));
        Assert.Equal(Obstacles.Paused, Refused(Team(paused, "mia", "red")));
    }

    [Fact]
    public void an_approved_case_with_a_fresh_signature_opens_what_it_names_and_nothing_else()
    {
        var world = WorldOf(@case: Case);
        Assert.Equal(Records, Assert.IsType<Decision.Allowed>(Person(world, "ivan", "dora", "c", Now.AddMinutes(-5))).Rule.Name);
        Assert.Equal(Obstacles.Case, Refused(Person(world, "ivan", "erik", "c", Now)));
        Assert.Equal(Obstacles.Case, Refused(Person(world, "ivan", "dora", "c", Now, from: Day.AddDays(-4))));
        Assert.Equal(Obstacles.Case, Refused(Person(world, "ivan", "dora", "another", Now)));
        Assert.Equal(Obstacles.Case | Obstacles.StepUp, Refused(Person(world, "ivan", "dora")));
        Assert.Equal(Obstacles.StepUp, Refused(Person(world, "ivan", "dora", "c", Now.AddMinutes(-11))));
        Assert.Equal(Obstacles.StepUp, Refused(Person(world, "ivan", "dora", "c", Now.AddMinutes(5))));
        Assert.Equal(Obstacles.CaseOver, Refused(Person(WorldOf(@case: Case with { Closed = true }), "ivan", "dora", "c", Now)));
        Assert.Equal(Obstacles.CaseOver, Refused(Person(WorldOf(@case: Case with { Until = Day.AddDays(-1) }), "ivan", "dora", "c", Now)));
    }

    [Theory]
    [InlineData("privacy-officer=petra")]
    [InlineData("privacy-officer=petra works-council=petra")] // one person
    [InlineData("privacy-officer=petra privacy-officer=wim")] // one role
    [InlineData("privacy-officer=petra works-council=ivan")] // who asks
    [InlineData("privacy-officer=petra works-council=dora")] // whom it is about
    [InlineData("privacy-officer=petra works-council=under")] // reports to who asks
    [InlineData("privacy-officer=petra security=wim")] // a role that the rule does not name
    [InlineData("privacy-officer=petra works-council=nobody")]
    public void approvals_are_of_as_many_independent_people_in_as_many_roles_as_the_rule_names(string approvals)
    {
        var given = approvals.Split(' ').Select(a => a.Split('=')).Select(a => (a[0], a[1]));
        Assert.Equal(Obstacles.Approvals, Refused(Person(WorldOf(@case: Case with { Approvals = [.. given] }), "ivan", "dora", "c", Now)));
    }

    [Theory]
    [InlineData("privacy-officer=petra security=wim", true)]
    [InlineData("security=petra works-council=wim", true)]
    [InlineData("security=petra", false)]
    public void so_many_of_a_list_are_enough_where_the_rule_says_so(string approvals, bool opens)
    {
        var charter = CharterWith("needs: { case: true, approvals: { any: 2, of: [privacy-officer, works-council, security] } }");
        var given = approvals.Split(' ').Select(a => a.Split('=')).Select(a => (a[0], a[1]));
        Assert.Equal(opens, Person(WorldOf(charter, @case: Case with { Approvals = [.. given] }), "ivan", "dora", "c") is Decision.Allowed);
    }

    [Fact]
    public void hours_are_those_of_the_charters_zone()
    {
        var world = WorldOf(CharterWith("needs: { case: true, approvals: [privacy-officer, works-council], hours: 11:00-12:00 Europe/Berlin }"), @case: Case);
        Assert.IsType<Decision.Allowed>(Person(world, "ivan", "dora", "c"));
        Assert.Equal(Obstacles.Hours, Refused(Person(world, "ivan", "dora", "c", now: Now.AddHours(1))));
        Assert.Equal(Obstacles.Hours, Refused(Person(world, "ivan", "dora", "c", now: Now.AddMinutes(-1))));
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("fd00::7", true)]
    [InlineData("11.1.2.3", false)]
    [InlineData(null, false)]
    public void one_looks_from_the_named_networks_only(string? address, bool opens)
    {
        var world = WorldOf(CharterWith("needs: { case: true, approvals: [privacy-officer, works-council], network: [10.0.0.0/8, 'fd00::/8'] }"), @case: Case);
        Assert.Equal(opens ? Obstacles.None : Obstacles.Network, Person(world, "ivan", "dora", "c", address: address) is Decision.Refused r ? r.Obstacles : Obstacles.None);
    }

    [Fact]
    public void whoever_breaks_the_glass_has_one_hour()
    {
        var charter = FocusTime.With((
            "needs: { case: true, approvals: [privacy-officer, works-council], step-up: 10m }, tell: within 30d", "needs: { case: true, approvals: [privacy-officer], break-glass: true }, tell: at once"));
        var broken = Case with { Rule = Records + "/break-glass", Opened = Now, Approvals = [("privacy-officer", "petra")] };
        Assert.Equal(Records + "/break-glass", Assert.IsType<Decision.Allowed>(Person(WorldOf(charter, @case: broken), "ivan", "dora", "c")).Rule.Name);
        Assert.IsType<Decision.Allowed>(Person(WorldOf(charter, @case: broken), "ivan", "dora", "c", now: Now.AddMinutes(60)));
        Assert.Equal(Obstacles.CaseOver, Refused(Person(WorldOf(charter, @case: broken), "ivan", "dora", "c", now: Now.AddMinutes(61))));
        Assert.Equal(Obstacles.CaseOver, Refused(Person(WorldOf(charter, @case: broken with { Opened = Now.AddMinutes(3) }), "ivan", "dora", "c")));
        Assert.Equal(Obstacles.Approvals, Refused(Person(WorldOf(charter, @case: broken with { Approvals = [] }), "ivan", "dora", "c")));
    }

    [Fact]
    public void whoever_approved_a_charter_looks_at_nobody_under_it()
    {
        Assert.Equal(Obstacles.Separation, Refused(Person(WorldOf(@case: Case, approvers: "ivan"), "ivan", "dora", "c", Now)));
        Assert.Equal(Obstacles.Separation, Refused(Team(WorldOf(approvers: "mia"), "mia", "red")));
        Assert.IsType<Decision.Allowed>(Person(WorldOf(approvers: "dora"), "dora", "dora"));
    }

    [Theory]
    [InlineData("team:red", true)]
    [InlineData("team:board", true)]
    [InlineData("team:blue", false)]
    [InlineData("site:Bonn", true)]
    [InlineData("site:Kiel", false)]
    public void a_role_reaches_as_far_as_its_scope(string scope, bool opens)
    {
        Assert.True(PeopleGroup.TryParse(scope, out var group));
        var world = WorldOf(roles: [new RoleFacts("ivan", "investigator", Day, group)], @case: Case);
        Assert.Equal(opens, Person(world, "ivan", "dora", "c", Now) is Decision.Allowed);
    }

    [Fact]
    public void a_role_that_is_over_is_none() =>
        Assert.Equal(Obstacles.NoRule, Refused(Person(WorldOf(roles: [new RoleFacts("ivan", "investigator", Day.AddDays(-1))], @case: Case), "ivan", "dora", "c", Now)));

    [Fact]
    public void who_has_left_looks_at_nobody_but_themselves()
    {
        var gone = new OrgSnapshot(Directory.People.Select(p => p.Id is "ivan" or "mia" ? p with { Left = Day } : p), Directory.AllTeams, Day);
        Assert.Equal(Obstacles.Left, Refused(Person(WorldOf(@case: Case, people: gone), "ivan", "dora", "c", Now)));
        Assert.True(Refused(Team(WorldOf(people: gone), "mia", "red")).HasFlag(Obstacles.Left));
        Assert.IsType<Decision.Allowed>(Person(WorldOf(people: gone), "ivan", "ivan"));
    }

    [Fact]
    public void deciding_allocates_nothing()
    {
        var world = WorldOf(CharterWith("needs: { case: true, approvals: [privacy-officer, works-council], step-up: 10m, hours: 08:00-18:00 Europe/Berlin, network: [10.0.0.0/8] }"), @case: Case);
        Look[] looks =
        [
            new Look.AtPerson("ivan", "dora", "focus-time", IndividualKind.Records, Day, Day, "c") { Signed = Now, Address = IPAddress.Parse("10.0.0.1") },
            new Look.AtPerson("mia", "dora", "focus-time", IndividualKind.Records, Day, Day), new Look.AtGroup("mia", "focus-time", "focus-minutes", GroupLevel.Team, "red"),
        ];
        foreach (var look in looks)
        {
            _ = Gate.Decide(look, world, Now);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                _ = Gate.Decide(look, world, Now);
            }

            // A decision that made anything would have made a quarter of a million bytes: what is less is the runtime's own.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        }
    }
}
