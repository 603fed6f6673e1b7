using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Daylight.Core.Charters;

namespace Daylight.Core.Directory;

/// <summary>
/// The directory on one day, immutable: every decision is made against one of these. People, teams and sites are numbered, and what is asked of all of them
/// stands in columns; numbers mean nothing in another snapshot.
/// </summary>
public sealed partial class OrgSnapshot
{
    /// <summary>The number of nobody, of no team and of no site.</summary>
    public const int None = -1;

    private readonly Dictionary<string, int> index;
    private readonly string[] ids;
    private readonly string[] emails;
    private readonly string[] names;
    private readonly int[] team;
    private readonly int[] teamSince;
    private readonly int[] left; // day number; int.MaxValue of who is here
    private readonly int[] site;
    private readonly int[] zone;
    private readonly int[] country;
    private readonly int[] employment;
    private readonly Words words;
    private readonly Lines lines;
    private readonly Teams tree;
    private readonly Buckets byTeam; // by place in the tree, so that a department's people lie together
    private readonly Buckets bySite;
    private readonly bool[] leads;
    private readonly Dictionary<int, ImmutableArray<TeamSpan>> before = [];
    private readonly Dictionary<int, ImmutableArray<ManagerLink>> otherLinks = []; // where a link is not in force today, or ends

    /// <summary>Numbers and indexes people and teams.</summary>
    /// <param name="people">People; of two with one id the last counts.</param>
    /// <param name="teams">Teams.</param>
    /// <param name="day">The day, UTC: links of managers that are not in force on it do not count.</param>
    public OrgSnapshot(IEnumerable<Person> people, IEnumerable<Team> teams, DateOnly day)
    {
        Day = day;
        var all = Distinct(people);
        (index, words, tree) = (new Dictionary<string, int>(all.Count, StringComparer.Ordinal), new Words(), new Teams(teams));
        (ids, emails, names) = (new string[all.Count], new string[all.Count], new string[all.Count]);
        (team, teamSince, left) = (new int[all.Count], new int[all.Count], new int[all.Count]);
        (site, zone, country, employment) = (new int[all.Count], new int[all.Count], new int[all.Count], new int[all.Count]);
        for (var p = 0; p < all.Count; p++)
        {
            Fill(p, all[p]);
        }

        lines = new Lines(all, index, day);
        for (var p = 0; p < all.Count; p++)
        {
            // What the columns do not keep: links of another time, and to people who are not in the directory.
            if (all[p].Managers.Any(m => m.Until != DateOnly.MaxValue || !m.IsInForce(day) || !index.ContainsKey(m.Manager)))
            {
                otherLinks[p] = all[p].Managers;
            }
        }

        (byTeam, bySite) = (new Buckets(tree.All.Count, Count, p => IsHere(p) && team[p] >= 0 ? tree.PlaceOf(team[p]) : None), new Buckets(words.Count, Count, p => IsHere(p) && site[p] > 0 ? site[p] : None));
        leads = LeadersOfTheirOwnTeam();
    }

    /// <summary>The day.</summary>
    public DateOnly Day { get; }

    /// <summary>An empty directory.</summary>
    public static OrgSnapshot Empty { get; } = new([], [], DateOnly.MinValue);

    /// <summary>How many people there are, leavers included.</summary>
    public int Count => ids.Length;

    /// <summary>Everybody, leavers included.</summary>
    public IEnumerable<Person> People => Enumerable.Range(0, Count).Select(At);

    /// <summary>Every team.</summary>
    public IReadOnlyList<Team> AllTeams => tree.All;

    /// <summary>The number of a person, or <see cref="None"/>.</summary>
    public int Find(string id) => index.TryGetValue(id, out var p) ? p : None;

    /// <summary>The id of a numbered person.</summary>
    public string IdOf(int person) => ids[person];

    /// <summary>The name of a numbered person.</summary>
    public string NameOf(int person) => names[person];

    /// <summary>The address of a numbered person.</summary>
    public string EmailOf(int person) => emails[person];

    /// <summary>A person by id.</summary>
    public Person? Person(string id) => Find(id) is >= 0 and var p ? At(p) : null;

    /// <summary>A person by address: who works here, before anybody who had it and left.</summary>
    public Person? ByEmail(string email)
    {
        bool HasIt(int p) => emails[p].Equals(email, StringComparison.OrdinalIgnoreCase);
        var found = Enumerable.Range(0, Count).Where(HasIt).OrderBy(p => IsHere(p) ? 0 : 1).FirstOrDefault(None);
        return found == None ? null : At(found);
    }

    /// <summary>The directory as if every manager who is to come led already: what a change will let people see counts on the day that it is made.</summary>
    public OrgSnapshot WithAllToCome() => !otherLinks.Values.Any(links => links.Any(l => l.From > Day))
        ? this
        : new OrgSnapshot(People.Select(p => p with { Managers = [.. p.Managers.Select(m => m.From > Day ? m with { From = Day } : m)] }), AllTeams, Day);

    /// <summary>A person by number, put together anew.</summary>
    public Person At(int person) => new(
        ids[person], emails[person], names[person], tree.IdOf(team[person]), LinksOf(person), words[site[person]], words[zone[person]], words[country[person]], words[employment[person]])
    {
        TeamSince = DateOnly.FromDayNumber(teamSince[person]),
        Before = before.GetValueOrDefault(person, []),
        Left = left[person] == int.MaxValue ? null : DateOnly.FromDayNumber(left[person]),
    };

    /// <summary>Whether a numbered person works here today.</summary>
    public bool IsHere(int person) => left[person] > Day.DayNumber;

    /// <summary>A team by id.</summary>
    public Team? Team(string id) => tree.Find(id) is >= 0 and var t ? tree.All[t] : null;

    /// <summary>Ids of a person's team and of every team above it.</summary>
    public IReadOnlyList<string> TeamsOf(Person person) => [.. tree.Above(tree.Find(person.Team)).Select(t => tree.All[t].Id)];

    /// <summary>What coverage asks of a person.</summary>
    public Coverable Coverable(Person person, IReadOnlyCollection<string> roles) => new(TeamsOf(person), person.Site, person.Country, person.Employment, roles);

    /// <summary>Whether a charter covers a person.</summary>
    public bool IsCovered(Coverage coverage, Person person, IReadOnlyCollection<string> roles) => coverage.Covers(Coverable(person, roles));

    /// <summary>The direct managers of a numbered person, today.</summary>
    public ReadOnlySpan<int> ManagersOf(int person) => lines.ManagersOf(person);

    /// <summary>Who is led directly by a numbered person, today.</summary>
    public ReadOnlySpan<int> ReportsOf(int person) => lines.ReportsOf(person);

    /// <summary>Who stands further up: over at least one other manager. In order of number.</summary>
    public ReadOnlySpan<int> FurtherUp(int person) => lines.FurtherUp(person);

    /// <summary>Whether somebody leads a person directly, and since which day.</summary>
    public bool Manages(int manager, int person, out DateOnly since)
    {
        var at = lines.ManagersOf(person).IndexOf(manager);
        since = at < 0 ? default : DateOnly.FromDayNumber(lines.SinceOf(person)[at]);
        return at >= 0;
    }

    /// <summary>Whether somebody stands further up.</summary>
    public bool IsFurtherUp(int manager, int person) => FurtherUp(person).BinarySearch(manager) >= 0;

    /// <summary>Whether somebody reports to another, directly or over others.</summary>
    public bool ReportsTo(int person, int manager) => ManagersOf(person).Contains(manager) || IsFurtherUp(manager, person);

    /// <summary>Whether two people are of one team.</summary>
    public bool AreOneTeam(int one, int other) => one != other && team[one] >= 0 && team[one] == team[other] && IsHere(one) && IsHere(other);

    /// <summary>Teams that a numbered person was in before.</summary>
    public ImmutableArray<TeamSpan> TeamsBefore(int person) => before.GetValueOrDefault(person, []);

    /// <summary>Whether a team is another, or below it.</summary>
    public bool IsTeamWithin(string below, string above) => tree.IsWithin(tree.Find(below), tree.Find(above));

    /// <summary>The number of the list of those further up; people of one manager share it.</summary>
    internal int LineOf(int person) => lines.NumberOf(person);

    /// <summary>How many such lists there are.</summary>
    internal int LineCount => lines.Count;

    /// <summary>A list by its number.</summary>
    internal ReadOnlySpan<int> Line(int number) => lines[number];

    /// <summary>Everybody who was in a team on the first day of a period, and not gone by its last: its roster, whatever happened between.</summary>
    /// <param name="from">First day.</param>
    /// <param name="to">Last day.</param>
    /// <returns>The person, the team, whether they lead somebody of it, and whether they were in it to the last day.</returns>
    public IEnumerable<(int Person, string Team, bool Leads, bool Stayed)> Roster(DateOnly from, DateOnly to) => Enumerable.Range(0, Count).SelectMany(p => Roster(from, to, p));

    /// <summary>The same of one person: where they were, or nothing.</summary>
    public IEnumerable<(int Person, string Team, bool Leads, bool Stayed)> Roster(DateOnly from, DateOnly to, int p)
    {
        if (left[p] > to.DayNumber)
        {
            var (where, until) = teamSince[p] <= from.DayNumber ? (team[p], DateOnly.MaxValue)
                : before.TryGetValue(p, out var spans) && spans.FirstOrDefault(s => s.From <= from && s.Until >= from) is { Team: { } then } span ? (tree.Find(then), span.Until)
                : (None, default);
            if (where >= 0)
            {
                yield return (p, tree.All[where].Id, LeadsSomebodyOf(p, where), until >= to);
            }
        }
    }

    private bool LeadsSomebodyOf(int person, int t)
    {
        foreach (var report in ReportsOf(person))
        {
            if (team[report] == t)
            {
                return true;
            }
        }

        return false;
    }

    private static List<Person> Distinct(IEnumerable<Person> people)
    {
        var (all, places) = (new List<Person>(), new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var person in people)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, person.Id, out var known);
            if (known)
            {
                all[place] = person;
                continue;
            }

            place = all.Count;
            all.Add(person);
        }

        return all;
    }

    private void Fill(int p, Person person)
    {
        (ids[p], emails[p], names[p]) = (person.Id, person.Email, person.Name);
        index[person.Id] = p;
        (team[p], teamSince[p], left[p]) = (tree.Find(person.Team), person.TeamSince.DayNumber, person.Left?.DayNumber ?? int.MaxValue);
        (site[p], zone[p], country[p], employment[p]) = (words.Number(person.Site), words.Number(person.Zone), words.Number(person.Country), words.Number(person.Employment));
        if (!person.Before.IsDefaultOrEmpty)
        {
            before[p] = person.Before;
        }
    }

    private ImmutableArray<ManagerLink> LinksOf(int person)
    {
        if (otherLinks.TryGetValue(person, out var links))
        {
            return links;
        }

        var managers = lines.ManagersOf(person);
        var since = lines.SinceOf(person);
        var made = ImmutableArray.CreateBuilder<ManagerLink>(managers.Length);
        for (var i = 0; i < managers.Length; i++)
        {
            made.Add(new ManagerLink(ids[managers[i]], DateOnly.FromDayNumber(since[i]), DateOnly.MaxValue));
        }

        return made.MoveToImmutable();
    }

    private bool[] LeadersOfTheirOwnTeam()
    {
        var found = new bool[Count];
        for (var p = 0; p < Count; p++)
        {
            if (!IsHere(p))
            {
                continue;
            }

            foreach (var manager in ManagersOf(p))
            {
                found[manager] |= team[manager] == team[p];
            }
        }

        return found;
    }

    /// <summary>Sites, zones, countries and employment types: few words, said by many. 0 is the empty one.</summary>
    private sealed class Words
    {
        private readonly List<string> all = [string.Empty];
        private readonly Dictionary<string, int> numbers = new(StringComparer.OrdinalIgnoreCase) { [string.Empty] = 0 };

        public int Count => all.Count;

        public string this[int number] => all[number];

        public int Number(string word)
        {
            if (!numbers.TryGetValue(word, out var number))
            {
                numbers[word] = number = all.Count;
                all.Add(word);
            }

            return number;
        }

        public int Find(string word) => numbers.GetValueOrDefault(word, int.MaxValue);
    }
}
