using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Exposure;

/// <summary>One rule of one program in one world, as a relation between who could look and whom it is about.</summary>
internal abstract class SightLine(World world, ProgramView program, ShowRule rule)
{
    public World World { get; } = world;

    public ProgramView Program { get; } = program;

    public ShowRule Rule { get; } = rule;

    public Terms Terms { get; } = Terms.Of(program.Gated.Charter, rule);

    protected OrgSnapshot People => World.People;

    public static SightLine Of(World world, ProgramView program, GatedRule<ShowRule.Individual> rule) => new PersonLine(world, program, rule);

    public static SightLine Of(World world, ProgramView program, GatedRule<ShowRule.Group> rule) => new GroupLine(world, program, rule);

    /// <summary>Counts all sights but those of oneself; and by viewer, about how many people each could see something.</summary>
    /// <param name="byViewer">To add to, by viewer: a person once, however many groups there are.</param>
    public abstract long Count(int[] byViewer);

    /// <summary>Who could see something about a person, with the granularity.</summary>
    public abstract IEnumerable<(int Viewer, string Granularity)> WhoSees(int person);

    /// <summary>About whom somebody could see something.</summary>
    public abstract IEnumerable<(int Person, string Granularity)> SeenBy(int viewer);

    /// <summary>Marks everybody else about whom somebody could see something; returns how many were not marked before.</summary>
    public abstract int Mark(int viewer, bool[] seen);

    public Sight Sight(int viewer, int person, string granularity) => new(People.IdOf(viewer), People.IdOf(person), Terms.Program, Rule.Name, Terms.What, granularity, Terms.Needs);

    /// <summary>Whether somebody may be a viewer at all: works here, and did not approve the charter.</summary>
    protected bool MayView(int person) => People.IsHere(person) && !Program.Gated.IsApprover(person);
}

/// <summary>A program in one world, with who it is about worked out once.</summary>
internal sealed class ProgramView
{
    private readonly World world;
    private bool[]? known;
    private bool[]? contributing;

    public ProgramView(World world, GatedProgram gated)
    {
        (this.world, Gated) = (world, gated);
        Lines =
        [
            .. gated.Individual.Select(r => SightLine.Of(world, this, r)),
            .. gated.Groups.Select(r => SightLine.Of(world, this, r)),
        ];
    }

    public GatedProgram Gated { get; }

    public IReadOnlyList<SightLine> Lines { get; }

    /// <summary>By person: whether there may be records.</summary>
    public bool[] Known => known ??= Ask(Knows);

    /// <summary>By person: whether a figure may count them.</summary>
    public bool[] Contributing => contributing ??= Ask(Contributes);

    public bool Knows(int person) => known is { } all ? all[person] : Gated.MayKnow(person) && world.Agrees(person, Gated);

    public bool Contributes(int person) => contributing is { } all ? all[person] : Gated.Covers(person) && world.IsCollected(person, Gated);

    private bool[] Ask(Func<int, bool> question)
    {
        var answers = new bool[world.People.Count];
        for (var p = 0; p < answers.Length; p++)
        {
            answers[p] = question(p);
        }

        return answers;
    }
}
