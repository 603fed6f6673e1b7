using System.Collections.Immutable;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>Small companies made by chance from a seed: matrix managers, leavers, movers, roles with scopes, charters with every kind of rule.</summary>
internal sealed class RandomCompany(int seed)
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    private static readonly DateOnly Day = DateOnly.FromDateTime(Now.UtcDateTime);

    private static readonly string[] Sites = ["Bonn", "Kiel", string.Empty];

    private static readonly string[] Rules =
    [
        "{ to: self, what: records, fields: [app, time] }",
        "{ to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5 }",
        "{ to: manager-chain, what: focus-minutes, by: team, per: week, minimum-group: 5 }",
        "{ to: team-member, what: focus-minutes, by: team, per: week, minimum-group: 5 }",
        "{ to: role:analyst, what: focus-minutes, by: department, per: week, minimum-group: 5 }",
        "{ to: role:workplace-planner, what: focus-minutes, by: site, per: week, minimum-group: 5, round: 5% }",
        "{ to: role:security, what: focus-minutes, by: company, per: week, minimum-group: 6 }",
        "{ to: role:auditor, what: focus-minutes, by: team, per: week, minimum-group: 5 }",
        "{ to: role:investigator, what: records, fields: [app, time], needs: { case: true, approvals: { any: 2, of: [privacy-officer, works-council, security] }, step-up: 10m }, tell: within 30d }",
        "{ to: role:security, what: records, fields: [app], needs: { case: true, approvals: [privacy-officer], break-glass: true }, tell: at once }",
        "{ to: role:operator, what: records, fields: [app, time], needs: { case: true, approvals: { any: 2, of: [privacy-officer, works-council, security] }, step-up: 10m }, tell: within 30d }",
    ];

    private static readonly string[] Covers =
        ["everyone", "team:t1", "[team:t2, site:Kiel]", "site:Bonn", "{ who: everyone, except: [employment:intern, team:t3] }", "country:DE", "role:operator"];

    private readonly Dice dice = new((ulong)(uint)seed);

    private int Between(int from, int below) => from + dice.Below(below - from);

    public World Make() => new(Directory(), [Facts(1)], Roles(), [], Consents());

    /// <summary>The same company after a change of any kind.</summary>
    public World Change(World world) => dice.Below(4) switch
    {
        0 => world.With(otherPrograms: [Facts(2)]),
        1 => world.With(roles: Roles()),
        2 => world.With(people: Move(world.People)),
        _ => world.With(Move(world.People), [Facts(2)], Roles()),
    };

    private OrgSnapshot Directory()
    {
        var teams = Enumerable.Range(0, Between(2, 8)).Select(i => new Team($"t{i}", $"T{i}", i == 0 ? string.Empty : $"t{dice.Below(i)}")).ToList();
        var people = Enumerable.Range(0, Between(4, 26)).Select(i => Person(i, teams.Count)).ToList();
        return new OrgSnapshot(people, teams, Day);
    }

    private Person Person(int i, int teams)
    {
        var managers = ImmutableArray.CreateBuilder<ManagerLink>();
        for (var n = i == 0 ? 0 : Between(1, 10) == 1 ? 2 : 1; n > 0; n--)
        {
            var from = dice.Below(8) == 0 ? Day.AddDays(1) : dice.Below(4) == 0 ? Day.AddDays(-3) : DateOnly.MinValue;
            managers.Add(new ManagerLink($"p{Between(Math.Max(1, i / 3), i + 1) - 1}", from, dice.Below(9) == 0 ? Day.AddDays(-1) : DateOnly.MaxValue));
        }

        var mover = dice.Below(6) == 0;
        return new Person(
            $"p{i}", $"p{i}@example.com", $"P{i}", $"t{dice.Below(teams)}", managers.ToImmutable(), Sites[dice.Below(3)], "Europe/Berlin", dice.Below(3) == 0 ? string.Empty : "DE", dice.Below(5) == 0 ? "intern" : "full-time")
        {
            TeamSince = mover ? Day.AddDays(-5) : DateOnly.MinValue,
            Before = mover ? [new TeamSpan("t1", DateOnly.MinValue, Day.AddDays(-Between(6, 40)))] : [],
            Left = dice.Below(12) == 0 ? Day.AddDays(dice.Below(3) - 1) : null,
        };
    }

    private OrgSnapshot Move(OrgSnapshot org)
    {
        var teams = org.AllTeams.Count;
        return new OrgSnapshot(
            org.People.Where(_ => dice.Below(15) > 0).Select((p, i) => dice.Below(6) == 0 ? Person(i, teams) with { Id = p.Id } : p).Append(Person(30, teams)).Where(p => !p.Managers.Any(m => m.Manager == p.Id)), org.AllTeams, Day);
    }

    private IEnumerable<RoleFacts> Roles() => [.. Vocabulary.Roles.SelectMany(role => Enumerable.Range(0, dice.Below(3)).Select(_ => new RoleFacts($"p{dice.Below(26)}", role, Day.AddDays(dice.Below(20) - 2), dice.Below(4) switch
    {
        0 => new PeopleGroup(GroupKind.Team, $"t{dice.Below(4)}"),
        1 when dice.Below(2) == 0 => new PeopleGroup(GroupKind.Site, "Kiel"),
        _ => null,
    })))];

    private IEnumerable<ConsentFacts> Consents() => [.. Enumerable.Range(0, 26).Where(_ => dice.Below(5) == 0).Select(i => new ConsentFacts($"p{i}", "focus-time", string.Empty, dice.Below(2) == 0))];

    private ProgramFacts Facts(int version)
    {
        var show = "show:\n" + string.Concat(Rules.Where((_, i) => i == 0 || dice.Below(3) > 0).Select(r => $"  - {r}\n"));
        var text = FocusTime.Text;
        var (from, to) = (text.IndexOf("show:", StringComparison.Ordinal), text.IndexOf("consent:", StringComparison.Ordinal));
        text = (text[..from] + show + text[to..]).Replace("covers: everyone", "covers: " + Covers[dice.Below(Covers.Length)], StringComparison.Ordinal);
        text = text.Replace("version: 1", $"version: {version}", StringComparison.Ordinal);
        var charter = CharterReader.Read(text, FocusTime.File) switch
        {
            CharterReading.Good good => good.Charter,
            CharterReading.Bad bad => throw new InvalidOperationException(string.Join("\n", bad.Problems)),
            _ => throw new InvalidOperationException(),
        };
        return new ProgramFacts("h", dice.Below(4) == 0 ? charter with { Consent = new Consent.OptOut() } : charter, false, dice.Below(4) == 0 ? [$"p{dice.Below(26)}"] : []);
    }
}
