using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Releases;

/// <summary>
/// A company that lives week by week, the same on every run: teams of one size in departments, each with somebody who leads it, sites that cut across them, people
/// who change teams now and then, are away now and then, join and leave. Everything in it is made up.
/// </summary>
internal sealed class Workforce
{
    private readonly Dice dice;
    private readonly int departments;
    private readonly List<(int Team, int Site, bool Leads, int Habit)> people = [];
    private readonly HashSet<int> gone = [];
    private readonly Dictionary<int, int> moving = [];

    public Workforce(ulong seed, int teams, int size, int teamsInDepartment, int sites = 0)
    {
        (dice, Teams, departments, Sites) = (new Dice(seed), teams, Math.Max(1, teams / teamsInDepartment), sites);
        for (var t = 0; t < teams; t++)
        {
            for (var i = 0; i <= size; i++)
            {
                people.Add((t, SiteOf(t), i == 0, 300 + dice.Below(2700)));
            }
        }

        Period = new ReleasePeriod(new ReleaseWeek(2026, 2), 1);
    }

    public int Teams { get; }

    public int Sites { get; }

    public ReleasePeriod Period { get; private set; }

    public static int Most => 4200;

    /// <summary>A measure of such weeks, with the rules that are asked for.</summary>
    public static MeasurePlan Plan(int minimum, params ReadOnlySpan<GroupLevel> levels)
    {
        var measure = FocusMinutes;
        return new MeasurePlan(measure, 1, [.. levels.ToArray().Order().Select(l => new LevelPlan(l, minimum, 1))], null, false);
    }

    public static Measure FocusMinutes { get; } = Core.FocusTime.With().Measures[0];

    public static NoiseSampler NoNoise { get; } = new(new SecureBits());

    /// <summary>The next week: so many in a thousand change teams, somebody joins or leaves.</summary>
    public void Live(double movers, int joiners = 0, int leavers = 0)
    {
        Period = Period.Next;
        foreach (var (person, team) in moving)
        {
            people[person] = people[person] with { Team = team };
        }

        moving.Clear();
        for (var p = 0; p < people.Count; p++)
        {
            if (!people[p].Leads && !gone.Contains(p) && dice.Below(1_000_000) < movers * 1_000_000)
            {
                moving[p] = dice.Below(Teams);
            }
        }

        for (var i = 0; i < joiners; i++)
        {
            var team = dice.Below(Teams);
            people.Add((team, SiteOf(team), false, 300 + dice.Below(2700)));
        }

        for (var i = 0; i < leavers; i++)
        {
            gone.Add(dice.Below(people.Count));
        }
    }

    /// <summary>Somebody joins one team.</summary>
    public int Join(int team)
    {
        people.Add((team, SiteOf(team), false, 300 + dice.Below(2700)));
        return people.Count - 1;
    }

    /// <summary>Somebody leaves.</summary>
    public void Leave(int person) => gone.Add(person);

    /// <summary>Who counts where this week. Whoever moves in it is of the old team's roster, and counts nowhere.</summary>
    public Census Census() => new(
        Period,
        [new CountedTeam("top", ""), .. Enumerable.Range(0, departments).Select(d => new CountedTeam(Department(d), "top")), .. Enumerable.Range(0, Teams).Select(t => new CountedTeam(Team(t), Department(t % departments)))],
        [.. Enumerable.Range(0, people.Count).Where(p => !gone.Contains(p)).Select(p =>
        {
            var (team, site, leads, _) = people[p];
            return new Counted(Id(p), Team(team), Sites == 0 ? "" : $"site{site}", leads, !moving.ContainsKey(p));
        })]);

    /// <summary>Everybody's number: their habit, give or take; nobody's, of so many in a hundred who are away.</summary>
    public int?[] Values(Census census, int away = 0, int varies = 300) =>
        [.. census.Ids.Select(id => dice.Below(100) < away ? (int?)null : Math.Clamp(HabitOf(id) + (varies == 0 ? 0 : dice.Below(2 * varies) - varies), 0, Most))];

    public int HabitOf(string id) => people[int.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)].Habit;

    public static string Id(int person) => $"p{person}";

    public static string Team(int team) => $"t{team}";

    public static string Department(int department) => $"d{department}";

    private int SiteOf(int team) => Sites == 0 ? 0 : dice.Below(10) == 0 ? dice.Below(Sites) : team % Sites;
}
