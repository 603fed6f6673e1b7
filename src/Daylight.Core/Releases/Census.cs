using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Releases;

/// <summary>Where somebody counts in one period.</summary>
/// <param name="Person">Who.</param>
/// <param name="Team">The team on its first day.</param>
/// <param name="Site">The site, or empty.</param>
/// <param name="Leads">Whether this person leads somebody of the team, and so counts around it but not in its own figure.</param>
/// <param name="Stayed">Whether this person was in the team to the last day. Otherwise they are of its roster, and their number counts nowhere.</param>
public readonly record struct Counted(string Person, string Team, string Site, bool Leads, bool Stayed);

/// <summary>A team in the tree.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Parent">Id of the team above, or empty at the top.</param>
public readonly record struct CountedTeam(string Id, string Parent);

/// <summary>A group.</summary>
/// <param name="Level">What kind.</param>
/// <param name="Group">Id of the team or department, name of the site, or company.</param>
/// <param name="Parent">Of a team: the team above, or empty.</param>
/// <param name="People">How many people are of it by the directory; of a team, without those who lead somebody of it.</param>
public readonly record struct CensusGroup(GroupLevel Level, string Group, string Parent, int People);

/// <summary>
/// Who is in which group in one period, by the directory alone: being away changes nothing. Each person is in one team, the one of the
/// first day, and in what is around it.
/// </summary>
public sealed class Census
{
    internal const int None = -1;

    private readonly string[] sites;

    /// <summary>Numbers what is given.</summary>
    /// <exception cref="InvalidDataException">A team, or a person, stands there twice; or a team is in a circle, or of no tree.</exception>
    public Census(ReleasePeriod period, IReadOnlyCollection<CountedTeam> teams, IReadOnlyCollection<Counted> people)
    {
        Period = period;
        var known = new Dictionary<string, CountedTeam>(StringComparer.Ordinal);
        foreach (var team in teams)
        {
            if (!known.TryAdd(team.Id, team))
            {
                throw new InvalidDataException("A team is there twice.");
            }
        }

        // Below before above, so that one pass adds up what lies within.
        Teams = [.. teams.Select(t => (Team: t, Depth: DepthOf(t, known))).OrderByDescending(t => t.Depth).ThenBy(t => t.Team.Id, StringComparer.Ordinal).Select(t => t.Team)];
        var numbers = Teams.Select((t, i) => (t.Id, i)).ToDictionary(t => t.Id, t => t.i, StringComparer.Ordinal);
        Parent = [.. Teams.Select(t => numbers.GetValueOrDefault(t.Parent, None))];
        IsDepartment = [.. Parent.Select(p => p != None)];
        var above = Parent.ToHashSet();
        for (var t = 0; t < Teams.Length; t++)
        {
            IsDepartment[t] &= above.Contains(t);
        }

        var siteNumbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        (People, Team, Site, Leads, Stayed) = (new string[people.Count], new int[people.Count], new int[people.Count], new bool[people.Count], new bool[people.Count]);
        var (seen, p) = (new HashSet<string>(StringComparer.Ordinal), 0);
        foreach (var person in people)
        {
            if (!seen.Add(person.Person) || !numbers.TryGetValue(person.Team, out var team))
            {
                throw new InvalidDataException("Somebody is counted twice, or in a team that there is not.");
            }

            var site = None;
            if (person.Site.Length > 0 && !siteNumbers.TryGetValue(person.Site, out site))
            {
                siteNumbers[person.Site] = site = siteNumbers.Count;
            }

            (People[p], Team[p], Site[p], Leads[p], Stayed[p]) = (person.Person, team, site, person.Leads, person.Stayed);
            p++;
        }

        sites = [.. siteNumbers.OrderBy(s => s.Value).Select(s => s.Key)];
    }

    /// <summary>The period.</summary>
    public ReleasePeriod Period { get; }

    /// <summary>Everybody, in a fixed order.</summary>
    public IReadOnlyList<string> Ids => People;

    internal CountedTeam[] Teams { get; }

    internal int[] Parent { get; }

    internal bool[] IsDepartment { get; }

    internal string[] People { get; }

    internal int[] Team { get; }

    internal int[] Site { get; }

    internal bool[] Leads { get; }

    internal bool[] Stayed { get; }

    internal IReadOnlyList<string> Sites => sites;

    /// <summary>The census of a directory.</summary>
    /// <param name="org">The directory, after the period.</param>
    /// <param name="period">The period.</param>
    /// <param name="covered">Whether the program is about a person, by number.</param>
    public static Census Of(OrgSnapshot org, ReleasePeriod period, Func<int, bool> covered) => new(
        period,
        [.. org.AllTeams.Select(t => new CountedTeam(t.Id, org.Team(t.Parent) is null ? string.Empty : t.Parent))],
        [.. org.Roster(period.First, period.Last).Where(s => covered(s.Person)).Select(s => new Counted(org.IdOf(s.Person), s.Team, org.At(s.Person).Site, s.Leads, s.Stayed))]);

    /// <summary>Every group that there can be a figure of, with how many people the directory has in it: teams, departments, sites and the company.</summary>
    public IReadOnlyList<CensusGroup> Groups()
    {
        var (own, within, bySite) = (new int[Teams.Length], new int[Teams.Length], new int[sites.Length]);
        for (var p = 0; p < People.Length; p++)
        {
            own[Team[p]] += Leads[p] ? 0 : 1;
            within[Team[p]]++;
            if (Site[p] >= 0)
            {
                bySite[Site[p]]++;
            }
        }

        var groups = new List<CensusGroup>();
        for (var t = 0; t < Teams.Length; t++)
        {
            if (Parent[t] >= 0)
            {
                within[Parent[t]] += within[t];
            }

            groups.Add(new CensusGroup(GroupLevel.Team, Teams[t].Id, Teams[t].Parent, own[t]));
            if (IsDepartment[t])
            {
                groups.Add(new CensusGroup(GroupLevel.Department, Teams[t].Id, string.Empty, within[t]));
            }
        }

        groups.AddRange(sites.Select((s, i) => new CensusGroup(GroupLevel.Site, s, string.Empty, bySite[i])));
        groups.Add(new CensusGroup(GroupLevel.Company, Company, string.Empty, People.Length));
        return groups;
    }

    /// <summary>Everybody, with where they count.</summary>
    public IEnumerable<Counted> Everybody() => People.Select((id, p) => new Counted(id, Teams[Team[p]].Id, Site[p] >= 0 ? sites[Site[p]] : string.Empty, Leads[p], Stayed[p]));

    /// <summary>The groups of one person: what <see cref="Groups"/> lists, of which this person is one.</summary>
    public static IEnumerable<(GroupLevel Level, string Group)> GroupsOf(Counted person, IReadOnlyDictionary<string, string> parents)
    {
        if (!person.Leads)
        {
            yield return (GroupLevel.Team, person.Team);
        }

        for (var (team, parent) = (person.Team, parents.GetValueOrDefault(person.Team, string.Empty)); ; (team, parent) = (parent, parents.GetValueOrDefault(parent, string.Empty)))
        {
            yield return (GroupLevel.Department, team); // whether it is one, the groups of the run say
            if (parent.Length == 0)
            {
                break;
            }
        }

        if (person.Site.Length > 0)
        {
            yield return (GroupLevel.Site, person.Site);
        }

        yield return (GroupLevel.Company, Company);
    }

    /// <summary>What names the company among the groups.</summary>
    public const string Company = "company";

    private static int DepthOf(CountedTeam team, Dictionary<string, CountedTeam> known)
    {
        var depth = 0;
        for (var at = team; at.Parent.Length > 0; depth++)
        {
            if (!known.TryGetValue(at.Parent, out at) || depth > known.Count)
            {
                throw new InvalidDataException("A team is below one that there is not, or goes in a circle.");
            }
        }

        return depth;
    }
}
