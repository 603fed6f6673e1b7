using System.Collections.Concurrent;
using Daylight.Core.Charters;

namespace Daylight.Core.Directory;

/// <summary>A group about which there may be a figure.</summary>
/// <param name="Level">What kind.</param>
/// <param name="Number">Which one, in one snapshot.</param>
public readonly record struct OrgGroup(GroupLevel Level, int Number);

/// <summary>The people that a name picks, in one snapshot.</summary>
/// <param name="Kind">How the name picks them.</param>
/// <param name="Number">The team's number, or the word's.</param>
internal readonly record struct NumberedPeople(GroupKind Kind, int Number);

public sealed partial class OrgSnapshot
{
    private readonly ConcurrentDictionary<OrgGroup, int[]> aboveAll = [];
    private int[]? everybodyHere;

    /// <summary>A group by name: a team's or a department's id, a site's name, or anything for the company.</summary>
    public OrgGroup? Group(GroupLevel level, string name) => level switch
    {
        GroupLevel.Team => tree.Find(name) is >= 0 and var t ? new OrgGroup(level, t) : null,
        GroupLevel.Department => tree.Find(name) is >= 0 and var t && tree.IsDepartment(t) ? new OrgGroup(level, t) : null,
        GroupLevel.Site => words.Find(name) is > 0 and < int.MaxValue and var s ? new OrgGroup(level, s) : null,
        GroupLevel.Company or _ => new OrgGroup(GroupLevel.Company, 0),
    };

    /// <summary>Every group of a level.</summary>
    public IEnumerable<OrgGroup> Groups(GroupLevel level) => level switch
    {
        GroupLevel.Team => Enumerable.Range(0, tree.All.Count).Select(t => new OrgGroup(level, t)),
        GroupLevel.Department => Enumerable.Range(0, tree.All.Count).Where(tree.IsDepartment).Select(t => new OrgGroup(level, t)),
        GroupLevel.Site => Enumerable.Range(1, bySite.Count - 1).Where(s => !bySite[s].IsEmpty).Select(s => new OrgGroup(level, s)),
        GroupLevel.Company or _ => [new OrgGroup(GroupLevel.Company, 0)],
    };

    /// <summary>Every group of a level, whatever lies within another after it.</summary>
    internal IEnumerable<OrgGroup> GroupsInOrder(GroupLevel level) => level == GroupLevel.Department ? Groups(level).OrderBy(g => tree.PlaceOf(g.Number)) : Groups(level);

    /// <summary>Where a department lies among the teams in their order; other groups do not lie in one another.</summary>
    internal (int Place, int End) SpanOf(OrgGroup group) => group.Level == GroupLevel.Department ? (tree.PlaceOf(group.Number), tree.EndOf(group.Number)) : (0, 0);

    /// <summary>The groups of a level that a person is in: one, or none; with departments, several.</summary>
    public IEnumerable<OrgGroup> GroupsOf(int person, GroupLevel level) => !IsHere(person) ? [] : level switch
    {
        GroupLevel.Team => team[person] >= 0 ? [new OrgGroup(level, team[person])] : [],
        GroupLevel.Department => tree.Above(team[person]).Where(tree.IsDepartment).Select(t => new OrgGroup(level, t)),
        GroupLevel.Site => site[person] > 0 ? [new OrgGroup(level, site[person])] : [],
        GroupLevel.Company or _ => [new OrgGroup(GroupLevel.Company, 0)],
    };

    /// <summary>What names a group in every snapshot.</summary>
    public string KeyOf(OrgGroup group) => group.Level switch
    {
        GroupLevel.Team or GroupLevel.Department => tree.IdOf(group.Number),
        GroupLevel.Site => words[group.Number],
        GroupLevel.Company or _ => "company",
    };

    /// <summary>A group's name, for people.</summary>
    public string NameOf(OrgGroup group) => group.Level is GroupLevel.Team or GroupLevel.Department ? tree.All[group.Number].Name : KeyOf(group);

    /// <summary>Everybody in a group who works here.</summary>
    public ReadOnlySpan<int> MembersOf(OrgGroup group) => group.Level switch
    {
        GroupLevel.Team => byTeam[tree.PlaceOf(group.Number)],
        GroupLevel.Department => byTeam.Range(tree.PlaceOf(group.Number), tree.EndOf(group.Number)),
        GroupLevel.Site => bySite[group.Number],
        GroupLevel.Company or _ => everybodyHere ??= [.. Enumerable.Range(0, Count).Where(IsHere)],
    };

    /// <summary>Whether a person counts for a group's figures: a member, and at team level nobody who leads a member.</summary>
    public bool IsCounted(int person, OrgGroup group) => IsMember(person, group) && IsMemberCounted(person, group);

    /// <summary>The same of somebody who is known to be a member.</summary>
    internal bool IsMemberCounted(int person, OrgGroup group) => group.Level != GroupLevel.Team || !leads[person];

    /// <summary>Whether a person is of a group.</summary>
    public bool IsMember(int person, OrgGroup group) => IsHere(person) && group.Level switch
    {
        GroupLevel.Team => team[person] == group.Number,
        GroupLevel.Department => tree.IsWithin(team[person], group.Number),
        GroupLevel.Site => site[person] == group.Number,
        GroupLevel.Company or _ => true,
    };

    /// <summary>Whether somebody directly leads somebody who counts in a group. Whoever leads only the one who leads the rest stands further up.</summary>
    public bool ManagesMember(int manager, OrgGroup group)
    {
        foreach (var report in ReportsOf(manager))
        {
            if (IsCounted(report, group))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Who stands above everybody who counts in a group, themselves aside, and further up for at least one of them. In order of number.</summary>
    public ReadOnlySpan<int> AboveAllOf(OrgGroup group) => aboveAll.TryGetValue(group, out var known) ? known : aboveAll.GetOrAdd(group, FindAboveAll);

    /// <summary>Whether a person is of the people that a name picks: a team with those below it, a site, a country, an employment type.</summary>
    public bool IsIn(int person, PeopleGroup people) => IsIn(person, Numbered(people));

    /// <summary>Whether all of a group lies within the people that a name picks.</summary>
    public bool IsIn(OrgGroup group, PeopleGroup people) => IsIn(group, Numbered(people));

    /// <summary>The name that picks people, looked up once for many questions.</summary>
    internal NumberedPeople Numbered(PeopleGroup people) => new(people.Kind, people.Kind == GroupKind.Team ? tree.Find(people.Name) : words.Find(people.Name));

    internal bool IsIn(int person, NumberedPeople people) => people.Kind switch
    {
        GroupKind.Team => tree.IsWithin(team[person], people.Number),
        GroupKind.Site => site[person] == people.Number,
        GroupKind.Country => country[person] == people.Number,
        GroupKind.Employment => employment[person] == people.Number,
        GroupKind.Role or _ => false,
    };

    internal bool IsIn(OrgGroup group, NumberedPeople people) => (group.Level, people.Kind) switch
    {
        (GroupLevel.Team or GroupLevel.Department, GroupKind.Team) => tree.IsWithin(group.Number, people.Number),
        (GroupLevel.Site, GroupKind.Site) => group.Number == people.Number,
        _ => false,
    };

    /// <summary>One more than the largest number of a group of a level.</summary>
    internal int NumbersOf(GroupLevel level) => level switch
    {
        GroupLevel.Team or GroupLevel.Department => tree.All.Count,
        GroupLevel.Site => bySite.Count,
        GroupLevel.Company or _ => 1,
    };

    /// <summary>What decides of whom a coverage speaks, with names looked up once.</summary>
    internal Func<int, bool> Picks(PeopleGroup people, bool unknown)
    {
        var (t, word) = (people.Kind == GroupKind.Team ? tree.Find(people.Name) : None, words.Find(people.Name));
        bool Says(int said) => said == 0 ? unknown : said == word;
        return people.Kind switch
        {
            GroupKind.Team => p => tree.IsWithin(team[p], t),
            GroupKind.Site => p => Says(site[p]),
            GroupKind.Country => p => Says(country[p]),
            GroupKind.Employment => p => Says(employment[p]),
            GroupKind.Role or _ => _ => unknown,
        };
    }

    /// <summary>Whether two rows of two snapshots say the same of what coverage, scopes and groups ask.</summary>
    internal bool IsPlacedAs(int person, OrgSnapshot other, int there) =>
        (tree.IdOf(team[person]), words[site[person]], words[country[person]], words[employment[person]], IsHere(person), leads[person])
        == (other.tree.IdOf(other.team[there]), other.words[other.site[there]], other.words[other.country[there]], other.words[other.employment[there]], other.IsHere(there), other.leads[there]);

    private int[] FindAboveAll(OrgGroup group)
    {
        List<int>? common = null;
        foreach (var p in MembersOf(group))
        {
            if (!IsCounted(p, group))
            {
                continue;
            }

            if (common is null)
            {
                common = [p, .. ManagersOf(p), .. FurtherUp(p)];
            }
            else
            {
                common.RemoveAll(a => a != p && !ReportsTo(p, a));
            }

            if (common.Count == 0)
            {
                return [];
            }
        }

        common?.RemoveAll(a => !IsFurtherUpForAny(a, group));
        return common is null ? [] : [.. common.Distinct().Order()];
    }

    private bool IsFurtherUpForAny(int above, OrgGroup group)
    {
        foreach (var p in MembersOf(group))
        {
            if (IsCounted(p, group) && IsFurtherUp(above, p))
            {
                return true;
            }
        }

        return false;
    }
}
