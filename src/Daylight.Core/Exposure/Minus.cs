using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Exposure;

/// <summary>The sights at single people that some rules give and others, of another world, do not. All have the same terms.</summary>
internal sealed class PersonMinus
{
    private readonly PersonLine[] mine;
    private readonly PersonLine[] theirs;
    private readonly PeopleMap map;
    private readonly bool alike; // the same audiences, the same approvers
    private readonly bool sameHolders;
    private readonly HashSet<int>? changed; // holders that are to be asked; null for all

    public PersonMinus(PersonLine[] mine, PersonLine[] theirs, PeopleMap map)
    {
        (this.mine, this.theirs, this.map) = (mine, theirs, map);
        alike = Audiences.AreAlike(mine, theirs);
        changed = alike ? [.. Audiences.Holders(mine).Except(Audiences.Holders(theirs)).Select(h => mine[0].World.People.Find(h.Person))] : null;
        sameHolders = changed is { Count: 0 };
    }

    public long Count()
    {
        if (theirs.Length == 0 && mine.Length == 1)
        {
            return mine[0].Count(new int[map.From.Count]);
        }

        if (alike && sameHolders && map.IsSame && HasSameCoverage())
        {
            return 0;
        }

        var count = 0L;
        var viewers = new List<int>();
        for (var p = 0; p < map.From.Count; p++)
        {
            Find(p, viewers);
            count += viewers.Count;
        }

        return count;
    }

    public IEnumerable<Sight> List()
    {
        var viewers = new List<int>();
        for (var p = 0; p < map.From.Count; p++)
        {
            Find(p, viewers);
            foreach (var viewer in viewers)
            {
                var line = Array.Find(mine, l => l.Sees(viewer, p))!;
                yield return line.Sight(viewer, p, "person");
            }
        }
    }

    private void Find(int person, List<int> viewers)
    {
        viewers.Clear();
        var there = map[person];
        var same = alike && there >= 0 && IsKnownAlike(person, there);
        foreach (var line in mine)
        {
            if (same && IsUnchanged(line, person, there))
            {
                continue;
            }

            line.Viewers(person, viewers, same && map.IsPlacedSame(person, there) ? changed : null);
        }

        if (mine.Length > 1 && viewers.Count > 1)
        {
            var distinct = viewers.Distinct().ToList();
            viewers.Clear();
            viewers.AddRange(distinct);
        }

        if (viewers.Count > 0)
        {
            Remove(viewers, person, there); // apart, so that nothing is made for the many who have none
        }
    }

    private void Remove(List<int> viewers, int person, int there) =>
        viewers.RemoveAll(v => v == person || (there >= 0 && map[v] >= 0 && Array.Exists(theirs, l => l.Sees(map[v], there))));

    private bool IsKnownAlike(int person, int there) => mine[0].Program.Knows(person) == theirs[0].Program.Knows(there);

    /// <summary>Whether a rule gives a person the same viewers there, as far as that is cheap to know.</summary>
    private bool IsUnchanged(PersonLine line, int person, int there) => line.Gated.Relation switch
    {
        Relation.Manager => map.IsSame || (map.HasSameManagers(person, there) && AreHereAlike(map.From.ManagersOf(person))),
        Relation.FurtherUp => map.IsSame || (map.HasSameLine(person, there) && AreHereAlike(map.From.FurtherUp(person))),
        Relation.TeamMember => map.IsSame,
        Relation.Role => sameHolders && map.IsPlacedSame(person, there),
        Relation.Self or Relation.Colleague or _ => true,
    };

    private bool AreHereAlike(ReadOnlySpan<int> people)
    {
        foreach (var p in people)
        {
            if (map.From.IsHere(p) != map.Into.IsHere(map[p]))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasSameCoverage() => ReferenceEquals(mine[0].Program.Gated.Charter.Covers, theirs[0].Program.Gated.Charter.Covers) || mine[0].Program.Known.AsSpan().SequenceEqual(theirs[0].Program.Known);
}

/// <summary>Whom the rules of two worlds are for, compared.</summary>
internal static class Audiences
{
    /// <summary>Whether the same audiences stand in the same order, and the same people approved.</summary>
    public static bool AreAlike(IReadOnlyCollection<SightLine> mine, IReadOnlyCollection<SightLine> theirs) =>
        mine.Count == theirs.Count && mine.Zip(theirs).All(p => p.First.Rule.To == p.Second.Rule.To) && Approvers(mine).SetEquals(Approvers(theirs));

    /// <summary>Who holds the roles of some rules, with whether they are here: a leaver's role shows nothing.</summary>
    public static IEnumerable<(string Person, string Role, PeopleGroup? Scope, bool Here)> Holders(IEnumerable<SightLine> lines) =>
        from line in lines
        let role = (line.Rule.To as Audience.Role)?.Name
        from held in line.World.HeldRoles
        where held.Role == role
        select (held.Person, held.Role, held.Scope, line.World.People.IsHere(line.World.People.Find(held.Person)));

    private static HashSet<string> Approvers(IEnumerable<SightLine> lines) => [.. lines.SelectMany(l => l.Program.Gated.Facts.Approvers)];
}

/// <summary>The sights at groups that some rules give and others, of another world, do not. All have the same terms, and so the same level and least size.</summary>
internal sealed class GroupMinus
{
    private readonly GroupLine[] mine;
    private readonly GroupLine[] theirs;
    private readonly PeopleMap map;
    private readonly bool isSame;
    private readonly bool alike; // the same audiences and people: only who contributes can differ

    public GroupMinus(GroupLine[] mine, GroupLine[] theirs, PeopleMap map)
    {
        (this.mine, this.theirs, this.map) = (mine, theirs, map);
        foreach (var line in mine.Concat(theirs))
        {
            line.Measure();
        }

        alike = map.IsSame && Audiences.AreAlike(mine, theirs) && Audiences.Holders(mine).ToHashSet().SetEquals(Audiences.Holders(theirs));
        isSame = map.IsSame && theirs.Length > 0 && mine[0].Program.Contributing.AsSpan().SequenceEqual(theirs[0].Program.Contributing);
    }

    public long Count()
    {
        if (theirs.Length == 0 && mine.Length == 1)
        {
            return mine[0].Count(new int[map.From.Count]);
        }

        if (alike && isSame)
        {
            return 0;
        }

        var (count, viewers) = (0L, new HashSet<int>());
        foreach (var group in mine[0].World.People.Groups(mine[0].Level))
        {
            if (alike && CountsTheSame(group))
            {
                continue;
            }

            Gather(group, viewers);
            if (viewers.Count == 0)
            {
                continue;
            }

            var there = There(group);
            var joined = there is { } same && !isSame ? Joined(group, same) : [];
            var size = mine[0].SizeOf(group);
            foreach (var viewer in viewers)
            {
                count += SeesThere(viewer, there)
                    ? joined.Count - (joined.Contains(viewer) ? 1 : 0)
                    : size - (mine[0].Counts(viewer, group) ? 1 : 0);
            }
        }

        return count;
    }

    public IEnumerable<Sight> List()
    {
        var viewers = new HashSet<int>();
        foreach (var group in mine[0].World.People.Groups(mine[0].Level))
        {
            Gather(group, viewers);
            if (viewers.Count == 0)
            {
                continue;
            }

            var there = There(group);
            var members = map.From.MembersOf(group).ToArray().Where(p => mine[0].Counts(p, group)).ToList();
            var joined = there is { } same && !isSame ? Joined(group, same) : [];
            foreach (var viewer in viewers.Order())
            {
                var line = Array.Find(mine, l => l.Sees(viewer, group))!;
                foreach (var person in SeesThere(viewer, there) ? members.Where(joined.Contains) : members)
                {
                    if (person != viewer)
                    {
                        yield return line.Sight(viewer, person, line.Granularity(group));
                    }
                }
            }
        }
    }

    private void Gather(OrgGroup group, HashSet<int> viewers)
    {
        viewers.Clear();
        foreach (var line in mine)
        {
            line.Viewers(group, viewers);
        }
    }

    private bool CountsTheSame(OrgGroup group)
    {
        var (here, there) = (mine[0].Program.Contributing, theirs[0].Program.Contributing);
        foreach (var p in map.From.MembersOf(group))
        {
            if (here[p] != there[p])
            {
                return false;
            }
        }

        return true;
    }

    private OrgGroup? There(OrgGroup group) => theirs.Length == 0 ? null : map.IsSame ? group : map.Into.Group(group.Level, map.From.KeyOf(group));

    private bool SeesThere(int viewer, OrgGroup? there) => there is { } group && map[viewer] is >= 0 and var v && Array.Exists(theirs, l => l.Sees(v, group));

    /// <summary>Who counts in a group and did not there.</summary>
    private HashSet<int> Joined(OrgGroup group, OrgGroup there)
    {
        var joined = new HashSet<int>();
        foreach (var p in map.From.MembersOf(group))
        {
            if (mine[0].Counts(p, group) && (map[p] is not (>= 0 and var q) || !theirs[0].Counts(q, there)))
            {
                joined.Add(p);
            }
        }

        return joined;
    }
}
