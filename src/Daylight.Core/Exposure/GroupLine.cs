using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Exposure;

/// <summary>A rule that shows a figure of groups, each large enough.</summary>
internal sealed class GroupLine(World world, ProgramView program, GatedRule<ShowRule.Group> rule) : SightLine(world, program, rule.Rule)
{
    private const int Unknown = -1;

    private readonly int[] sizes = [.. Enumerable.Repeat(Unknown, world.People.NumbersOf(rule.Rule.Level))]; // by group number, each worked out once

    public GroupLevel Level => rule.Rule.Level;

    public GatedRule<ShowRule.Group> Gated => rule;

    /// <summary>Whether a group's figure counts a person.</summary>
    public bool Counts(int person, OrgGroup group) => People.IsCounted(person, group) && Program.Contributes(person);

    /// <summary>How many people a group's figure counts.</summary>
    public int SizeOf(OrgGroup group)
    {
        if (sizes[group.Number] is not Unknown and var known)
        {
            return known;
        }

        var size = 0;
        foreach (var p in People.MembersOf(group))
        {
            size += CountsMember(p, group) ? 1 : 0;
        }

        return sizes[group.Number] = size;
    }

    /// <summary>Whether it counts somebody who is known to be a member.</summary>
    public bool CountsMember(int person, OrgGroup group) => People.IsMemberCounted(person, group) && Program.Contributes(person);

    /// <summary>Prepares questions about everybody.</summary>
    public void Measure() => _ = Program.Contributing;

    /// <summary>How many people are in groups that are large enough.</summary>
    public int Eligible()
    {
        var (eligible, count) = (new bool[People.Count], 0); // departments lie in one another
        foreach (var group in People.Groups(Level).Where(g => SizeOf(g) >= rule.Rule.Fewest))
        {
            foreach (var p in People.MembersOf(group))
            {
                if (!eligible[p] && CountsMember(p, group))
                {
                    eligible[p] = true;
                    count++;
                }
            }
        }

        return count;
    }

    /// <summary>Whether somebody could see a group's figure.</summary>
    public bool Sees(int viewer, OrgGroup group) => MayView(viewer) && Gate.IsFor(rule, viewer, group, World) && IsEnough(SizeOf(group), viewer, group);

    /// <summary>Adds who could see a group's figure.</summary>
    public void Viewers(OrgGroup group, ICollection<int> into)
    {
        var size = SizeOf(group);
        if (size < rule.Rule.MinimumGroup)
        {
            return;
        }

        switch (rule.Relation)
        {
            case Relation.Manager:
                foreach (var p in People.MembersOf(group))
                {
                    if (People.IsCounted(p, group))
                    {
                        Add(People.ManagersOf(p), size, group, into);
                    }
                }

                return;
            case Relation.FurtherUp:
                Add(People.AboveAllOf(group), size, group, into);
                return;
            case Relation.TeamMember:
                foreach (var p in People.MembersOf(group))
                {
                    if (People.IsCounted(p, group))
                    {
                        Add([p], size, group, into);
                    }
                }

                return;
            case Relation.Role:
                foreach (var (holder, scope) in World.Roles.Holders(rule.Role))
                {
                    if (scope is not { } s || People.IsIn(group, s))
                    {
                        Add([holder], size, group, into);
                    }
                }

                return;
            default:
                return;
        }
    }

    public string Granularity(OrgGroup group) => Level switch
    {
        GroupLevel.Team => "team:" + People.KeyOf(group),
        GroupLevel.Department => "department:" + People.KeyOf(group),
        GroupLevel.Site => "site:" + People.KeyOf(group),
        GroupLevel.Company or _ => "company",
    };

    public override IEnumerable<(int Viewer, string Granularity)> WhoSees(int person)
    {
        foreach (var group in People.GroupsOf(person, Level))
        {
            if (!Counts(person, group))
            {
                continue;
            }

            var viewers = new HashSet<int>();
            Viewers(group, viewers);
            var granularity = Granularity(group);
            foreach (var viewer in viewers)
            {
                if (viewer != person)
                {
                    yield return (viewer, granularity);
                }
            }
        }
    }

    public override IEnumerable<(int Person, string Granularity)> SeenBy(int viewer)
    {
        foreach (var group in People.Groups(Level))
        {
            if (!Sees(viewer, group))
            {
                continue;
            }

            var granularity = Granularity(group);
            foreach (var p in People.MembersOf(group).ToArray())
            {
                if (p != viewer && CountsMember(p, group))
                {
                    yield return (p, granularity);
                }
            }
        }
    }

    public override int Mark(int viewer, bool[] seen)
    {
        var marked = 0;
        foreach (var group in MayView(viewer) ? People.Groups(Level) : [])
        {
            if (!Sees(viewer, group))
            {
                continue;
            }

            foreach (var p in People.MembersOf(group))
            {
                if (p != viewer && !seen[p] && CountsMember(p, group))
                {
                    seen[p] = true;
                    marked++;
                }
            }
        }

        return marked;
    }

    public override long Count(int[] byViewer)
    {
        Measure();
        var (viewers, sum, at) = (new List<int>(), 0L, 0);
        var last = new int[byViewer.Length]; // the group for which a viewer was counted last: the same one comes several times
        var within = new int[byViewer.Length]; // where the outermost department ends that a viewer sees: what lies in it adds nobody
        foreach (var group in People.GroupsInOrder(Level))
        {
            viewers.Clear();
            Viewers(group, viewers);
            var (size, (place, end)) = (SizeOf(group), People.SpanOf(group));
            at++;
            foreach (var viewer in viewers)
            {
                if (last[viewer] == at)
                {
                    continue;
                }

                last[viewer] = at;
                var others = size - (Counts(viewer, group) ? 1 : 0);
                sum += others;
                if (place >= within[viewer])
                {
                    byViewer[viewer] += others;
                    within[viewer] = end;
                }
            }
        }

        return sum;
    }

    private void Add(ReadOnlySpan<int> viewers, int size, OrgGroup group, ICollection<int> into)
    {
        foreach (var viewer in viewers)
        {
            if (MayView(viewer) && IsEnough(size, viewer, group))
            {
                into.Add(viewer);
            }
        }
    }

    private bool IsEnough(int size, int viewer, OrgGroup group) => size >= rule.Rule.MinimumGroup + (Counts(viewer, group) ? 1 : 0);
}
