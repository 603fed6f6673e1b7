using System.Collections.Frozen;
using Daylight.Core.Charters;

namespace Daylight.Core.Directory;

/// <summary>Somebody who works here.</summary>
/// <param name="Id">Opaque id, the same everywhere in Daylight.</param>
/// <param name="Email">Address, lower case.</param>
/// <param name="Name">Display name.</param>
/// <param name="Team">Id of the team.</param>
/// <param name="Manager">Person id of the direct manager, or empty.</param>
/// <param name="Site">Site.</param>
/// <param name="Zone">IANA time zone.</param>
/// <param name="Country">Country, ISO 3166-1 alpha-2, or empty.</param>
/// <param name="Employment">Employment type in the company's words, or empty.</param>
public sealed record Person(string Id, string Email, string Name, string Team, string Manager, string Site, string Zone, string Country = "", string Employment = "");

/// <summary>A team; its parent is a department or the company.</summary>
/// <param name="Id">Short name.</param>
/// <param name="Name">Display name.</param>
/// <param name="Parent">Id of the team above, or empty at the top.</param>
public sealed record Team(string Id, string Name, string Parent);

/// <summary>The directory at one moment, immutable: every decision is made against one of these.</summary>
public sealed class OrgSnapshot
{
    private readonly FrozenDictionary<string, Person> people;
    private readonly FrozenDictionary<string, Team> teams;
    private readonly ILookup<string, Person> members;

    /// <summary>Indexes people and teams.</summary>
    public OrgSnapshot(IEnumerable<Person> people, IEnumerable<Team> teams)
    {
        this.people = people.ToFrozenDictionary(p => p.Id, StringComparer.Ordinal);
        this.teams = teams.ToFrozenDictionary(t => t.Id, StringComparer.Ordinal);
        members = this.people.Values.ToLookup(p => p.Team, StringComparer.Ordinal);
    }

    /// <summary>An empty directory.</summary>
    public static OrgSnapshot Empty { get; } = new([], []);

    /// <summary>Everybody.</summary>
    public IEnumerable<Person> People => people.Values;

    /// <summary>Every team.</summary>
    public IEnumerable<Team> Teams => teams.Values;

    /// <summary>A person by id.</summary>
    public Person? Person(string id) => people.GetValueOrDefault(id);

    /// <summary>A team by id.</summary>
    public Team? Team(string id) => teams.GetValueOrDefault(id);

    /// <summary>Whether <paramref name="manager"/> is the direct manager of <paramref name="person"/>.</summary>
    public bool Manages(string manager, string person) => manager.Length > 0 && Person(person)?.Manager == manager;

    /// <summary>Whether somebody stands anywhere above a person.</summary>
    public bool IsInChainAbove(string manager, string person)
    {
        for (var (at, steps) = (Person(person)?.Manager, 0); at is { Length: > 0 } && steps < 64; at = Person(at)?.Manager, steps++)
        {
            if (at == manager)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ids of the direct managers of a team's members.</summary>
    public IReadOnlySet<string> ManagersOf(string team) => members[team].Select(p => p.Manager).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether somebody directly manages a member of the team.</summary>
    public bool ManagesTeam(string manager, string team) => manager.Length > 0 && members[team].Any(p => p.Manager == manager);

    /// <summary>Whether somebody stands above every member of the team; a member of it does not.</summary>
    public bool IsInChainAboveTeam(string manager, string team) => manager.Length > 0 && members[team].Any() && members[team].All(p => p.Id != manager && IsInChainAbove(manager, p.Id));

    /// <summary>Members of a team who count for its figures: everybody but the managers of its members, who view them.</summary>
    public IReadOnlyList<Person> Counted(string team)
    {
        var managers = ManagersOf(team);
        return [.. members[team].Where(p => !managers.Contains(p.Id)).OrderBy(p => p.Id, StringComparer.Ordinal)];
    }

    /// <summary>Whether a charter covers a person.</summary>
    public bool IsCovered(Coverage coverage, Person person, IReadOnlyCollection<string> roles) => coverage.Covers(Coverable(person, roles));

    /// <summary>What coverage asks of a person.</summary>
    public Coverable Coverable(Person person, IReadOnlyCollection<string> roles) => new(TeamsOf(person), person.Site, person.Country, person.Employment, roles);

    /// <summary>Ids of a person's team and of every team above it.</summary>
    public IReadOnlyList<string> TeamsOf(Person person)
    {
        var above = new List<string>();
        for (var at = Team(person.Team); at is not null && above.Count < 64; at = Team(at.Parent))
        {
            above.Add(at.Id);
        }

        return above;
    }
}
