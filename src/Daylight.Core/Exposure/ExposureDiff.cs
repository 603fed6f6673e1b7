using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Exposure;

/// <summary>What a change does to sights under the same terms.</summary>
/// <param name="Terms">The terms.</param>
/// <param name="Appear">Sights that there were not before.</param>
/// <param name="Disappear">Sights that are no more.</param>
public sealed record TermsChange(Terms Terms, long Appear, long Disappear);

/// <summary>
/// What a change of charters, directory or roles does to who could see what about whom: counted in full, and listed on request. A sight is a viewer, a person, and what
/// under which terms; by which rule does not matter, and what people see of themselves is not counted.
/// </summary>
public sealed class ExposureDiff
{
    private readonly Side before;
    private readonly Side after;
    private readonly List<Terms> all;

    /// <summary>Compares two worlds.</summary>
    public ExposureDiff(World before, World after)
        : this(new ExposureOf(before), new ExposureOf(after))
    {
    }

    internal ExposureDiff(ExposureOf before, ExposureOf after)
    {
        (this.before, this.after) = (new Side(before), new Side(after));
        all = [.. this.before.ByTerms.Keys.Union(this.after.ByTerms.Keys).OrderBy(t => t.Program, StringComparer.Ordinal).ThenBy(t => t.What, StringComparer.Ordinal).ThenBy(t => t.Level).ThenBy(t => t.Needs, StringComparer.Ordinal)];
        var there = PeopleMap.Between(before.World.People, after.World.People);
        (ToBefore, ToAfter) = (there, there.Inverse);
        Changes = [.. all.AsParallel().AsOrdered().WithDegreeOfParallelism(2)
            .Select(t => new TermsChange(t, Count(t, this.after, this.before, ToBefore), Count(t, this.before, this.after, ToAfter)))
            .Where(c => c.Appear > 0 || c.Disappear > 0)];
    }

    /// <summary>By terms, where there is any.</summary>
    public IReadOnlyList<TermsChange> Changes { get; }

    /// <summary>Sights that appear.</summary>
    public long Appear => Changes.Sum(c => c.Appear);

    /// <summary>Sights that disappear.</summary>
    public long Disappear => Changes.Sum(c => c.Disappear);

    /// <summary>Every sight that appears.</summary>
    public IEnumerable<Sight> Appearing => all.SelectMany(t => List(t, after, before, ToBefore));

    /// <summary>Every sight that disappears.</summary>
    public IEnumerable<Sight> Disappearing => all.SelectMany(t => List(t, before, after, ToAfter));

    private PeopleMap ToBefore { get; }

    private PeopleMap ToAfter { get; }

    private static long Count(Terms terms, Side here, Side there, PeopleMap map)
    {
        var (mine, theirs) = (here.Of(terms), there.Of(terms));
        return mine.Count == 0 ? 0
            : terms.Level is null ? new PersonMinus([.. mine.Cast<PersonLine>()], [.. theirs.Cast<PersonLine>()], map).Count()
            : new GroupMinus([.. mine.Cast<GroupLine>()], [.. theirs.Cast<GroupLine>()], map).Count();
    }

    private static IEnumerable<Sight> List(Terms terms, Side here, Side there, PeopleMap map)
    {
        var (mine, theirs) = (here.Of(terms), there.Of(terms));
        return mine.Count == 0 ? []
            : terms.Level is null ? new PersonMinus([.. mine.Cast<PersonLine>()], [.. theirs.Cast<PersonLine>()], map).List()
            : new GroupMinus([.. mine.Cast<GroupLine>()], [.. theirs.Cast<GroupLine>()], map).List();
    }

    /// <summary>One of the two worlds, its rules by what they show.</summary>
    private sealed class Side(ExposureOf exposure)
    {
        public Dictionary<Terms, List<SightLine>> ByTerms { get; } = exposure.Programs.SelectMany(p => p.Lines).Where(l => l.Rule.To is not Audience.Self)
            .GroupBy(l => l.Terms).ToDictionary(g => g.Key, g => g.ToList());

        public List<SightLine> Of(Terms terms) => ByTerms.GetValueOrDefault(terms, []);
    }
}

/// <summary>Which number somebody has in another snapshot, and whose surroundings are the same there.</summary>
internal sealed class PeopleMap
{
    private readonly int[]? to; // null: the same snapshot
    private readonly int[]? lines;

    private PeopleMap(OrgSnapshot from, OrgSnapshot into, int[]? to, int[]? lines) => (From, Into, this.to, this.lines) = (from, into, to, lines);

    public OrgSnapshot From { get; }

    public OrgSnapshot Into { get; }

    public bool IsSame => to is null;

    public PeopleMap Inverse => IsSame ? this : Between(into: From, from: Into);

    public int this[int person] => to is null ? person : to[person];

    /// <summary>From the second snapshot into the first.</summary>
    public static PeopleMap Between(OrgSnapshot into, OrgSnapshot from)
    {
        if (ReferenceEquals(into, from))
        {
            return new PeopleMap(from, into, null, null);
        }

        var to = new int[from.Count];
        for (var p = 0; p < to.Length; p++)
        {
            // A change keeps the order of most people, and a comparison is faster than a lookup.
            var id = from.IdOf(p);
            to[p] = p < into.Count && into.IdOf(p) == id ? p : into.Find(id);
        }

        return new PeopleMap(from, into, to, MatchLines(from, into, to));
    }

    /// <summary>Whether a person has the same direct managers there.</summary>
    public bool HasSameManagers(int person, int there) => IsSame || AreSame(From.ManagersOf(person), Into.ManagersOf(there), to!);

    /// <summary>Whether the same people stand further up there.</summary>
    public bool HasSameLine(int person, int there) => IsSame || (lines![From.LineOf(person)] is >= 0 and var line && line == Into.LineOf(there));

    /// <summary>Whether everybody of a list is here, and there, alike.</summary>
    public bool IsPlacedSame(int person, int there) => IsSame || From.IsPlacedAs(person, Into, there);

    // Each list of managers is compared once, however many people share it.
    private static int[] MatchLines(OrgSnapshot from, OrgSnapshot into, int[] to)
    {
        var lines = new int[from.LineCount];
        Array.Fill(lines, OrgSnapshot.None);
        for (var p = 0; p < from.Count; p++)
        {
            var line = from.LineOf(p);
            if (lines[line] == OrgSnapshot.None && to[p] >= 0)
            {
                var there = into.LineOf(to[p]);
                lines[line] = AreSame(from.Line(line), into.Line(there), to) ? there : -2;
            }
        }

        return lines;
    }

    private static bool AreSame(ReadOnlySpan<int> here, ReadOnlySpan<int> there, int[] to)
    {
        if (here.Length != there.Length)
        {
            return false;
        }

        foreach (var person in here)
        {
            if (to[person] < 0 || !there.Contains(to[person]))
            {
                return false;
            }
        }

        return true;
    }
}
