using Daylight.Core.Access;

namespace Daylight.Core.Exposure;

/// <summary>A program's exposure in numbers.</summary>
/// <param name="Program">The program.</param>
/// <param name="People">Of how many people there may be something.</param>
/// <param name="Individual">How many others could look at a person's own records or submissions.</param>
/// <param name="Group">How many could see a figure of a group.</param>
/// <param name="Widest">Person id of who could see something about most people, or null.</param>
/// <param name="WidestCount">About how many.</param>
/// <param name="Sights">Sights of others, rule by rule and added up.</param>
/// <param name="Rules">Rule by rule.</param>
public sealed record ProgramExposure(string Program, int People, int Individual, int Group, string? Widest, int WidestCount, long Sights, IReadOnlyList<RuleSights> Rules);

/// <summary>A rule's exposure in numbers.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Viewers">How many could look; 0 for a rule that matches nobody.</param>
/// <param name="People">About how many others.</param>
/// <param name="Eligible">About how many it could show something, if somebody were there to look: covered, and in a group that is large enough.</param>
/// <param name="Sights">Pairs of viewers and others.</param>
/// <param name="Widest">Person id of who could see most by this rule, or null.</param>
/// <param name="Most">About how many people.</param>
public sealed record RuleSights(string Rule, int Viewers, int People, int Eligible, long Sights, string? Widest, int Most);

/// <summary>Who could see what about whom in one world: enumerated, never sampled. A pause hides nothing here: what is resumed can be seen again.</summary>
public sealed class ExposureOf
{
    private readonly World world;

    /// <summary>Prepares the questions.</summary>
    public ExposureOf(World world)
    {
        this.world = world;
        Programs = [.. world.Gated.Select(p => new ProgramView(world, p))];
    }

    internal IReadOnlyList<ProgramView> Programs { get; }

    internal World World => world;

    private IEnumerable<SightLine> Lines => Programs.SelectMany(p => p.Lines);

    /// <summary>Everybody who could see anything about a person, the person included.</summary>
    public IReadOnlyList<Sight> Who(string person) => world.People.Find(person) is >= 0 and var p
        ? [.. Lines.SelectMany(l => l.WhoSees(p).Select(s => l.Sight(s.Viewer, p, s.Granularity)))]
        : [];

    /// <summary>Everything that somebody could see about anybody.</summary>
    public IEnumerable<Sight> Of(string viewer) => world.People.Find(viewer) is >= 0 and var v
        ? Lines.SelectMany(l => l.SeenBy(v).Select(s => l.Sight(v, s.Person, s.Granularity)))
        : [];

    /// <summary>Every program in numbers.</summary>
    public IReadOnlyList<ProgramExposure> Summary()
    {
        var made = new ProgramExposure[Programs.Count];
        Parallel.For(0, Programs.Count, i => made[i] = Summary(Programs[i]));
        return made;
    }

    private int Seen(IEnumerable<SightLine> lines, int viewer)
    {
        var seen = new bool[world.People.Count];
        return lines.Sum(l => l.Mark(viewer, seen));
    }

    private ProgramExposure Summary(ProgramView program)
    {
        var (n, rules) = (world.People.Count, new List<RuleSights>());
        var (individual, group, upper, best) = (new bool[n], new bool[n], new int[n], (Viewer: -1, Most: 0));
        var anybody = new bool[n];
        foreach (var line in program.Lines)
        {
            var byViewer = new int[n];
            var sum = line.Count(byViewer);
            var (viewers, widest) = (0, -1);
            for (var v = 0; v < n; v++)
            {
                if (byViewer[v] == 0)
                {
                    continue;
                }

                viewers++;
                upper[v] += byViewer[v];
                (line is PersonLine ? individual : group)[v] = true;
                widest = widest < 0 || byViewer[v] > byViewer[widest] ? v : widest;
            }

            var about = widest < 0 ? 0 : byViewer[widest];
            best = about > best.Most ? (widest, about) : best;
            rules.Add(new RuleSights(line.Rule.Name, viewers, SeenAtAll(line, anybody), Eligible(line, program), sum, widest < 0 ? null : world.People.IdOf(widest), about));
        }

        var (who, most) = Widest(program, upper, best);
        return new ProgramExposure(
            program.Gated.Charter.Program, program.Known.Count(k => k), individual.Count(v => v), group.Count(v => v), who < 0 ? null : world.People.IdOf(who), most, rules.Sum(r => r.Sights), rules);
    }

    /// <summary>How many people somebody else could see something about by a rule.</summary>
    private int SeenAtAll(SightLine line, bool[] seen)
    {
        Array.Clear(seen);
        switch (line)
        {
            case PersonLine person:
                for (var p = 0; p < seen.Length; p++)
                {
                    seen[p] = person.IsSeenByOthers(p);
                }

                break;
            case GroupLine group:
                var looking = new List<int>();
                foreach (var g in world.People.Groups(group.Level))
                {
                    looking.Clear();
                    group.Viewers(g, looking);
                    if (looking.Count == 0)
                    {
                        continue;
                    }

                    var alone = looking.TrueForAll(v => v == looking[0]) ? looking[0] : -1;
                    foreach (var p in world.People.MembersOf(g))
                    {
                        seen[p] |= p != alone && group.CountsMember(p, g);
                    }
                }

                break;
            default:
                break;
        }

        return seen.Count(s => s);
    }

    private static int Eligible(SightLine line, ProgramView program) => line is GroupLine group ? group.Eligible() : program.Known.Count(k => k);

    /// <summary>Who could see something about most people: exactly, though only those are counted one by one whose sum of rules is above the best by one rule.</summary>
    private (int Viewer, int Most) Widest(ProgramView program, int[] sums, (int Viewer, int Most) best)
    {
        var others = program.Known.Count(k => k);
        var byOne = best.Most;
        foreach (var v in Enumerable.Range(0, sums.Length).Where(v => sums[v] > byOne).OrderByDescending(v => sums[v]))
        {
            if (sums[v] <= best.Most)
            {
                break;
            }

            // Nobody could see more people than there are others.
            if (others - (program.Known[v] ? 1 : 0) > best.Most && Seen(program.Lines, v) is var seen && seen > best.Most)
            {
                best = (v, seen);
            }
        }

        return best;
    }
}
