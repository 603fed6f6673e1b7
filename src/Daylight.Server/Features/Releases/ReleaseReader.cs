using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;

namespace Daylight.Server.Features.Releases;

/// <summary>Which figures somebody may see, and the cells of one as a rule shows them.</summary>
internal sealed class ReleaseReader(Callers callers, ProgramCatalog programs, Worlds worlds, Refusals refusals, GrantUses uses, UseCounts counts, ReleaseStore store, TimeProvider time)
{
    /// <summary>Most figures in one list; who may see more names the group.</summary>
    private const int MostFigures = 500;

    public Callers Callers => callers;

    public ProgramCatalog Programs => programs;

    public Worlds Worlds => worlds;

    public Refusals Refusals => refusals;

    public GrantUses Uses => uses;

    public UseCounts Counts => counts;

    public TimeProvider Time => time;

    /// <summary>The cells that were released; one of too few for the rule is withheld, and one that counted the viewer themselves asks for one more.</summary>
    public IReadOnlyList<ReleaseCell> Shown(string program, string measure, GroupLevel level, string group, Decision.Allowed allowed, string viewer)
    {
        var people = worlds.Current.People;
        var minimum = ((ShowRule.Group)allowed.Rule).MinimumGroup;
        return [.. store.Cells(program, measure, level.Word(), group).Select(cell =>
        {
            var fewest = Math.Max(allowed.AtLeast, minimum + (WasCounted(viewer, level, group, cell.Period, people) ? 1 : 0));
            return cell.People < fewest ? cell with { Value = null, Low = null, High = null, People = null, Reason = Core.Releases.Figures.Words(Withheld.TooFew, fewest) } : cell;
        })];
    }

    /// <summary>The figures that a rule shows to somebody, with the level above where that is open to them too.</summary>
    public IReadOnlyList<FigureView> Figures(string viewer)
    {
        var (world, figures) = (worlds.Current, new List<FigureView>());
        foreach (var program in programs.InForce())
        {
            foreach (var plan in ReleasePlan.Of(program.Charter).Measures)
            {
                foreach (var level in plan.Levels)
                {
                    foreach (var group in world.People.Groups(level.Level))
                    {
                        var key = world.People.KeyOf(group);
                        if (figures.Count < MostFigures && May(viewer, program.Program, plan.Measure.Name, level.Level, key, world))
                        {
                            figures.Add(View(viewer, program.Program, plan, level.Level, group, world));
                        }
                    }
                }
            }
        }

        return figures;
    }

    private FigureView View(string viewer, string program, MeasurePlan plan, GroupLevel level, OrgGroup group, World world)
    {
        var above = Above(level, world.People.KeyOf(group), world.People).FirstOrDefault(a => plan.At(a.Level) is not null && May(viewer, program, plan.Measure.Name, a.Level, a.Group, world));
        return new FigureView(
            program,
            plan.Measure.Name,
            plan.Measure.Unit,
            plan.Weeks,
            level.Word(),
            world.People.KeyOf(group),
            world.People.NameOf(group),
            plan.At(level)!.Value.Fewest,
            plan.Noise is not null,
            above.Group is null ? null : new GroupName(above.Level.Word(), above.Group, world.People.NameOf(world.People.Group(above.Level, above.Group)!.Value)));
    }

    /// <summary>What is around a group: the departments, the innermost first, and the company. Never another group beside it.</summary>
    private static IEnumerable<(GroupLevel Level, string Group)> Above(GroupLevel level, string group, OrgSnapshot people)
    {
        if (level is GroupLevel.Team or GroupLevel.Department)
        {
            for (var team = level == GroupLevel.Team ? group : people.Team(group)?.Parent; !string.IsNullOrEmpty(team); team = people.Team(team)?.Parent)
            {
                if (people.Group(GroupLevel.Department, team) is not null)
                {
                    yield return (GroupLevel.Department, team);
                }
            }
        }

        if (level != GroupLevel.Company)
        {
            yield return (GroupLevel.Company, Census.Company);
        }
    }

    private bool May(string viewer, string program, string measure, GroupLevel level, string group, World world) =>
        Gate.Decide(new Look.AtGroup(viewer, program, measure, level, group), world, time.GetUtcNow()) is Decision.Allowed;

    private static bool WasCounted(string viewer, GroupLevel level, string group, string period, OrgSnapshot people)
    {
        if (!ReleasePeriod.TryParse(period, out var then) || people.Group(level, group) is not { } of || people.Find(viewer) is not (>= 0 and var number))
        {
            return false;
        }

        return people.Roster(then.First, then.Last, number).Any(r => level switch
        {
            GroupLevel.Team => r.Team == group && !r.Leads,
            GroupLevel.Department => people.IsTeamWithin(r.Team, group),
            GroupLevel.Site => people.IsMember(number, of),
            GroupLevel.Company or _ => true,
        });
    }
}

/// <summary>Cells as a table (RFC 4180): the same cells, and nothing more.</summary>
internal static class ReleaseCsv
{
    public static string Of(IReadOnlyList<ReleaseCell> cells)
    {
        var text = new System.Text.StringBuilder("level,group,measure,period,value,low,high,people,reason\r\n");
        foreach (var cell in cells)
        {
            text.AppendJoin(',', new[] { cell.Level, cell.Group, cell.Measure, cell.Period, Number(cell.Value), Number(cell.Low), Number(cell.High), Number(cell.People), cell.Reason ?? string.Empty }.Select(Field)).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Number(int? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty;

    // A spreadsheet takes text that begins like a formula for one.
    private static string Field(string text) => (text is ['=' or '+' or '-' or '@', ..] && !int.TryParse(text, out _) ? "'" + text : text) is var safe && safe.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? safe
        : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
