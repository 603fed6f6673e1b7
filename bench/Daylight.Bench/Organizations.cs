using System.Collections.Immutable;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Tests.Transparency;

namespace Daylight.Bench;

/// <summary>
/// An organization of any size from a seed, the same on every run: about eight reports each, a team for whoever leads, departments as deep as the company, a matrix, sites, movers, leavers,
/// roles with and without scopes, cases. Nothing of it keeps what a snapshot was made of alive.
/// </summary>
internal sealed class Organizations(int people, ulong seed = 20_261_207)
{
    public static readonly DateTimeOffset Now = new(2026, 12, 7, 10, 0, 0, TimeSpan.Zero);

    public static readonly DateOnly Day = DateOnly.FromDateTime(Now.UtcDateTime);

    private static readonly string[] First = ["Ada", "Bora", "Chidi", "Dilara", "Emeka", "Fatima", "Goran", "Hanna", "Ivo", "Jelena", "Kofi", "Lena", "Mehmet", "Noor", "Olga", "Priya"];
    private static readonly string[] Last = ["Arnold", "Berger", "Castillo", "Dvorak", "Eriksen", "Fontaine", "Gupta", "Hoffmann", "Ito", "Jansen", "Kowalski", "Lindqvist", "Moreau", "Nakamura"];
    private static readonly string[] Countries = ["DE", "FR", "PL", "ES", "US", "IN"];
    private static readonly string[] Zones = ["Europe/Berlin", "Europe/Paris", "Europe/Warsaw", "Europe/Madrid", "America/New_York", "Asia/Kolkata"];

    private readonly int[] manager = new int[people];
    private readonly int[] reports = new int[people];

    public int Sites { get; } = Math.Clamp(people / 2000, 3, 60);

    public static string Id(int person) => $"p_{person * 2_654_435_761L % 4_294_967_296L:x8}{person:x8}"; // as long as one with 64 bits of chance

    /// <summary>People by level, so that whoever leads has the smaller number and nobody can be above themselves.</summary>
    public OrgSnapshot Make()
    {
        Lead();
        return new OrgSnapshot(Enumerable.Range(0, people).Select(Somebody), Teams(), Day);
    }

    /// <summary>The same people, of whom some who lead nobody get another team and whoever leads it.</summary>
    public OrgSnapshot Move(OrgSnapshot org, int movers)
    {
        var dice = new Dice(seed + 7);
        var leaves = Enumerable.Range(0, people).Where(p => reports[p] == 0).ToArray();
        var leaders = Enumerable.Range(0, people).Where(p => reports[p] > 0).ToArray();
        var moved = new HashSet<int>();
        while (moved.Count < movers)
        {
            moved.Add(dice.One(leaves));
        }

        return new OrgSnapshot(
            org.People.Select((person, p) => !moved.Contains(p) ? person : dice.One(leaders) is var to
                ? person with { Team = TeamOf(to), TeamSince = Day, Managers = [new ManagerLink(Id(to), Day, DateOnly.MaxValue)], Before = [.. person.Before, new TeamSpan(person.Team, person.TeamSince, Day.AddDays(-1))] }
                : person),
            org.AllTeams,
            Day);
    }

    /// <summary>Of each role as many as a company of that size has; every third of a part of it.</summary>
    public IReadOnlyList<RoleFacts> Roles()
    {
        var dice = new Dice(seed + 1);
        var each = Math.Clamp(people / 1000, 3, 50);
        return [.. Vocabulary.Roles.SelectMany(role => Enumerable.Range(0, each).Select(i => new RoleFacts(Id(dice.Below(people)), role, Day.AddDays(90), (i % 3, dice.Below(3)) switch
        {
            (0 or 1, _) => null,
            (_, 0) => new PeopleGroup(GroupKind.Team, TeamOf(dice.Below(Math.Min(people, 60)))),
            (_, 1) => new PeopleGroup(GroupKind.Site, SiteOf(dice.Below(Sites))),
            _ => new PeopleGroup(GroupKind.Country, dice.One(Countries)),
        })))];
    }

    private static string SiteOf(int site) => $"Site {site}";

    private string TeamOf(int person) => reports[person] > 0 ? $"t{person}" : $"t{manager[person]}";

    private void Lead()
    {
        var dice = new Dice(seed);
        manager[0] = OrgSnapshot.None;
        for (var (next, at) = (1, 0); next < people; at++)
        {
            for (var span = 3 + dice.Below(6) + dice.Below(6); span > 0 && next < people; span--, next++)
            {
                manager[next] = at;
                reports[at]++;
            }
        }
    }

    private IEnumerable<Team> Teams() => Enumerable.Range(0, people).Where(p => reports[p] > 0).Select(p => new Team($"t{p}", $"Team {p}", p == 0 ? string.Empty : $"t{manager[p]}"));

    private Person Somebody(int p)
    {
        var dice = new Dice(seed ^ ((ulong)p * 0x9E3779B97F4A7C15)); // each person by themselves, so that nothing depends on the order
        var (chance, since) = (dice.Below(100), Day.AddDays(-30 - dice.Below(2000)));
        var (mover, leaver, matrix) = (chance < 2, chance == 99 && reports[p] == 0, chance is >= 10 and < 15 && p > 20);
        var (site, name) = (dice.Below(Sites), (First: dice.One(First), Last: dice.One(Last)));
        ImmutableArray<ManagerLink> links = p == 0 ? [] : [new ManagerLink(Id(manager[p]), mover ? Day.AddDays(-9) : since, DateOnly.MaxValue)];
        var second = dice.Below(Math.Max(1, Math.Min(p, people / 9)));
        if (matrix && second != manager[p])
        {
            links = links.Add(new ManagerLink(Id(second), since, DateOnly.MaxValue));
        }

        return new Person(
            Id(p), $"{name.First}.{name.Last}{p}@company.example".ToLowerInvariant(), $"{name.First} {name.Last}", TeamOf(p), links, SiteOf(site), Zones[site % Zones.Length],
            chance == 50 ? string.Empty : Countries[site % Countries.Length], dice.Below(25) switch { 0 => "intern", 1 or 2 => "contractor", 3 or 4 => "fixed-term", _ => "permanent" })
        {
            TeamSince = mover ? Day.AddDays(-9) : since,
            Before = mover ? [new TeamSpan(TeamOf(second), since, Day.AddDays(-10))] : [],
            Left = leaver ? Day.AddDays(-dice.Below(60)) : null,
        };
    }
}
