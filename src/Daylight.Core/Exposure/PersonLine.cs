using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Exposure;

/// <summary>A rule that shows one person's records or submissions.</summary>
internal sealed class PersonLine(World world, ProgramView program, GatedRule<ShowRule.Individual> rule) : SightLine(world, program, rule.Rule)
{
    private const string Granularity = "person";

    public GatedRule<ShowRule.Individual> Gated => rule;

    /// <summary>Adds who could look at a person; of role holders only the wanted ones.</summary>
    public void Viewers(int person, List<int> into, HashSet<int>? holders = null)
    {
        if (!Program.Knows(person))
        {
            return;
        }

        switch (rule.Relation)
        {
            case Relation.Self:
                into.Add(person);
                return;
            case Relation.Manager:
                Add(People.ManagersOf(person), person, into);
                return;
            case Relation.FurtherUp:
                Add(People.FurtherUp(person), person, into);
                return;
            case Relation.TeamMember:
                foreach (var group in People.GroupsOf(person, GroupLevel.Team))
                {
                    Add(People.MembersOf(group), person, into);
                }

                return;
            default:
                foreach (var (holder, scope) in World.Roles.Holders(rule.Role))
                {
                    if (holder != person && (holders is null || holders.Contains(holder)) && MayView(holder) && (scope is not { } s || People.IsIn(person, s)) && !into.Contains(holder))
                    {
                        into.Add(holder);
                    }
                }

                return;
        }
    }

    /// <summary>Whether anybody else could look at a person: like <see cref="Viewers"/>, up to the first.</summary>
    public bool IsSeenByOthers(int person)
    {
        if (!Program.Knows(person) || rule.Relation == Relation.Self)
        {
            return false;
        }

        if (rule.Relation is Relation.Manager or Relation.FurtherUp)
        {
            foreach (var viewer in rule.Relation == Relation.Manager ? People.ManagersOf(person) : People.FurtherUp(person))
            {
                if (viewer != person && MayView(viewer))
                {
                    return true;
                }
            }

            return false;
        }

        if (rule.Relation == Relation.Role)
        {
            foreach (var (holder, scope) in World.Roles.Holders(rule.Role))
            {
                if (holder != person && (scope is not { } s || People.IsIn(person, s)) && MayView(holder))
                {
                    return true;
                }
            }

            return false;
        }

        var viewers = new List<int>();
        Viewers(person, viewers);
        return viewers.Exists(v => v != person);
    }

    /// <summary>Whether somebody could look at a person.</summary>
    public bool Sees(int viewer, int person) =>
        Program.Knows(person) && Gate.IsFor(rule, viewer, person, World) && (rule.Relation == Relation.Self || MayView(viewer));

    public override IEnumerable<(int Viewer, string Granularity)> WhoSees(int person)
    {
        var viewers = new List<int>();
        Viewers(person, viewers);
        return viewers.Select(v => (v, Granularity));
    }

    public override IEnumerable<(int Person, string Granularity)> SeenBy(int viewer)
    {
        if (rule.Relation == Relation.Self)
        {
            return Program.Knows(viewer) ? [(viewer, Granularity)] : [];
        }

        if (!MayView(viewer))
        {
            return [];
        }

        IEnumerable<int> candidates = rule.Relation switch
        {
            Relation.Manager => People.ReportsOf(viewer).ToArray(),
            Relation.TeamMember => People.GroupsOf(viewer, GroupLevel.Team).SelectMany(g => People.MembersOf(g).ToArray()),
            Relation.Role when !World.Roles.Holds(viewer, rule.Role) => [],
            Relation.Colleague or Relation.Self or Relation.FurtherUp or Relation.Role or _ => Enumerable.Range(0, People.Count),
        };
        return candidates.Where(p => Sees(viewer, p)).Select(p => (p, Granularity));
    }

    public override int Mark(int viewer, bool[] seen)
    {
        if (rule.Relation == Relation.Self || !MayView(viewer))
        {
            return 0;
        }

        var (known, marked) = (Program.Known, 0);
        void One(int person)
        {
            if (person != viewer && known[person] && !seen[person])
            {
                seen[person] = true;
                marked++;
            }
        }

        switch (rule.Relation)
        {
            case Relation.FurtherUp:
                var isBelow = new bool[People.LineCount];
                for (var line = 0; line < isBelow.Length; line++)
                {
                    isBelow[line] = People.Line(line).BinarySearch(viewer) >= 0;
                }

                for (var p = 0; p < known.Length; p++)
                {
                    if (isBelow[People.LineOf(p)])
                    {
                        One(p);
                    }
                }

                break;
            case Relation.Role:
                NumberedPeople?[] scopes = [.. World.Roles.Holders(rule.Role).Where(h => h.Person == viewer).Select(h => h.Scope)];
                var isAll = Array.Exists(scopes, s => s is null);
                NumberedPeople[] parts = isAll ? [] : [.. scopes.Select(s => s!.Value)];
                for (var p = 0; p < known.Length && scopes.Length > 0; p++)
                {
                    if (isAll || IsInAny(p, parts))
                    {
                        One(p);
                    }
                }

                break;
            default:
                foreach (var (person, _) in SeenBy(viewer))
                {
                    One(person);
                }

                break;
        }

        return marked;
    }

    public override long Count(int[] byViewer)
    {
        var seen = Program.Known;
        return rule.Relation switch
        {
            Relation.Self => 0,
            Relation.Manager => CountManagers(seen, byViewer),
            Relation.FurtherUp => CountFurtherUp(seen, byViewer),
            Relation.TeamMember => CountTeams(seen, byViewer),
            Relation.Role or Relation.Colleague or _ => CountHolders(seen, byViewer),
        };
    }

    private void Add(ReadOnlySpan<int> viewers, int person, List<int> into)
    {
        foreach (var viewer in viewers)
        {
            if (viewer != person && MayView(viewer) && (rule.Relation != Relation.TeamMember || People.IsHere(person)))
            {
                into.Add(viewer);
            }
        }
    }

    private long CountManagers(bool[] seen, int[] byViewer)
    {
        var sum = 0L;
        for (var p = 0; p < seen.Length; p++)
        {
            if (!seen[p])
            {
                continue;
            }

            foreach (var manager in People.ManagersOf(p))
            {
                if (MayView(manager))
                {
                    byViewer[manager]++;
                    sum++;
                }
            }
        }

        return sum;
    }

    private long CountFurtherUp(bool[] seen, int[] byViewer)
    {
        var (below, sum) = (new int[People.LineCount], 0L);
        for (var p = 0; p < seen.Length; p++)
        {
            below[People.LineOf(p)] += seen[p] ? 1 : 0;
        }

        for (var line = 0; line < below.Length; line++)
        {
            foreach (var viewer in below[line] > 0 ? People.Line(line) : [])
            {
                if (MayView(viewer))
                {
                    byViewer[viewer] += below[line];
                    sum += below[line];
                }
            }
        }

        return sum;
    }

    private long CountTeams(bool[] seen, int[] byViewer)
    {
        var sum = 0L;
        foreach (var team in People.Groups(GroupLevel.Team))
        {
            var (members, count) = (People.MembersOf(team).ToArray(), 0);
            foreach (var p in members)
            {
                count += seen[p] ? 1 : 0;
            }

            foreach (var viewer in members)
            {
                if (MayView(viewer) && count - (seen[viewer] ? 1 : 0) is > 0 and var others)
                {
                    byViewer[viewer] += others;
                    sum += others;
                }
            }
        }

        return sum;
    }

    private long CountHolders(bool[] seen, int[] byViewer)
    {
        var sum = 0L;
        var all = seen.Count(s => s);
        foreach (var held in World.Roles.Holders(rule.Role).GroupBy(h => h.Person))
        {
            if (!MayView(held.Key))
            {
                continue;
            }

            var count = held.Any(h => h.Scope is null) ? all : CountIn(seen, [.. held.Select(h => h.Scope!.Value)]);
            count -= seen[held.Key] && World.Roles.HoldsOver(held.Key, rule.Role, held.Key) ? 1 : 0;
            byViewer[held.Key] += count;
            sum += count;
        }

        return sum;
    }

    private int CountIn(bool[] seen, NumberedPeople[] scopes)
    {
        var count = 0;
        for (var p = 0; p < seen.Length; p++)
        {
            count += seen[p] && IsInAny(p, scopes) ? 1 : 0;
        }

        return count;
    }

    private bool IsInAny(int person, NumberedPeople[] scopes)
    {
        foreach (var scope in scopes)
        {
            if (People.IsIn(person, scope))
            {
                return true;
            }
        }

        return false;
    }
}
