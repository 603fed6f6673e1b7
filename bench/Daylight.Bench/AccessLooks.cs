using System.Net;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Tests.Transparency;

namespace Daylight.Bench;

/// <summary>Three programs with every kind of rule and need, cases of every state, and a mix of looks in which each of them is in play.</summary>
internal static class AccessLooks
{
    private const string Investigator = "role:investigator/records";
    private const string BreakGlass = "role:security/records/break-glass";

    private static readonly DateTimeOffset Now = Organizations.Now;
    private static readonly DateOnly Day = Organizations.Day;
    private static readonly IPAddress[] Addresses = [IPAddress.Parse("10.1.2.3"), IPAddress.Parse("192.0.2.7")];

    private static readonly (string Name, string Covers, string[] Show)[] Charters =
    [
        ("focus-time", "{ who: everyone, except: [employment:intern] }",
        [
            "{ to: self, what: records, fields: [app, time] }",
            "{ to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5 }",
            "{ to: manager-chain, what: focus-minutes, by: team, per: week, minimum-group: 5 }",
            "{ to: team-member, what: focus-minutes, by: team, per: week, minimum-group: 5 }",
            "{ to: role:analyst, what: focus-minutes, by: department, per: week, minimum-group: 8 }",
            "{ to: role:investigator, what: records, fields: [app, time], needs: { case: true, approvals: { any: 2, of: [privacy-officer, works-council, security] }, step-up: 10m, hours: 07:00-20:00 Europe/Berlin, network: [10.0.0.0/8] }, tell: within 30d }",
            "{ to: role:security, what: records, fields: [app], needs: { case: true, approvals: [privacy-officer], break-glass: true }, tell: at once }",
        ]),
        ("time-tracking", "everyone",
        [
            "{ to: self, what: submissions, fields: [project, hours, note] }",
            "{ to: manager, what: submissions, fields: [project, hours, note], tell: at once }",
            "{ to: manager-chain, what: submissions, fields: [project, hours], tell: at once }",
            "{ to: role:analyst, what: project-hours, by: department, per: 4 weeks, minimum-group: 8, round: 2 }",
            "{ to: role:workplace-planner, what: project-hours, by: site, per: 4 weeks, minimum-group: 8, round: 2 }",
            "{ to: role:auditor, what: project-hours, by: company, per: 4 weeks, minimum-group: 8, round: 2 }",
        ]),
        ("device-security", "[country:DE, country:FR]",
        [
            "{ to: self, what: records, fields: [encrypted, screenLock, firewall, patchAge, application, method, result, network, privileged, site, door, direction, time] }",
            "{ to: role:security, what: devices-sound, by: department, per: week, minimum-group: 10, round: 5 }",
            "{ to: role:investigator, what: records, fields: [application, method, result, network, privileged, site, door, direction, time], needs: { case: true, approvals: [privacy-officer, works-council], step-up: 10m }, tell: within 30d }",
        ]),
    ];

    /// <summary>The programs in force; the first can be had with other words in it.</summary>
    public static IReadOnlyList<ProgramFacts> Programs(string approver, params (string Old, string New)[] edits) =>
        [.. Charters.Select((c, i) => new ProgramFacts($"hash of {c.Name}", Read(c.Name, c.Covers, c.Show, i == 0 ? edits : []), false, [approver]))];

    /// <summary>A world with cases that hold, are over, closed, lack approvals, or are approved by somebody who reports to who asks.</summary>
    public static (World World, IReadOnlyList<CaseFacts> Cases) Make(OrgSnapshot org, IReadOnlyList<RoleFacts> roles)
    {
        var dice = new Dice(3);
        IEnumerable<string> Of(string role) => roles.Where(r => r.Role == role).Select(r => r.Person);
        var (investigators, security) = (Of("investigator").ToArray(), Of("security").ToArray());
        var (privacy, council) = (Of("privacy-officer").ToArray(), Of("works-council").ToArray());
        var cases = Enumerable.Range(0, 2000).Select(i =>
        {
            var (state, rule) = (dice.Below(10), i % 4 == 3 ? BreakGlass : Investigator);
            var asker = dice.One(rule == BreakGlass ? security : investigators);
            return new CaseFacts(
                $"case {i}", asker, Organizations.Id(dice.Below(org.Count)), rule, ["focus-time", "device-security"], Day.AddDays(-5), Day, Day.AddDays(state == 0 ? -1 : 7),
                state == 1 ? Now.AddHours(-2) : Now.AddMinutes(-20), state == 2,
                [("privacy-officer", dice.One(privacy)), .. state == 3 ? Array.Empty<(string, string)>() : [("works-council", state == 4 ? asker : dice.One(council))]]);
        }).ToList();
        return (new World(org, Programs(privacy[0]), roles, cases, []), cases);
    }

    /// <summary>Looks, each kind as often as every other: themselves, leaders, anybody, cases whole and broken, glass, and groups of every level.</summary>
    public static Look[] Mix(World world, IReadOnlyList<CaseFacts> cases, int count)
    {
        var (dice, org, roles) = (new Dice(5), world.People, world.HeldRoles);
        var teams = org.AllTeams;
        return [.. Enumerable.Range(0, count).Select(i => One(i % 12))];

        string Anybody() => Organizations.Id(dice.Below(org.Count));
        string Leader(string person, int up)
        {
            for (var at = person; ; up--)
            {
                var above = org.ManagersOf(org.Find(at));
                if (up == 0 || above.IsEmpty)
                {
                    return string.Concat(at); // as from a request: not the snapshot's own string
                }

                at = org.IdOf(above[dice.Below(above.Length)]);
            }
        }

        Look One(int kind)
        {
            var (person, team) = (Anybody(), dice.One(teams).Id);
            var member = org.MembersOf(org.Group(GroupLevel.Team, team)!.Value) is { IsEmpty: false } all ? Organizations.Id(all[dice.Below(all.Length)]) : person;
            return kind switch
            {
                0 => At(person, person, dice.Below(2) == 0 ? "focus-time" : "device-security", IndividualKind.Records),
                1 => At(Leader(person, 1), person, "time-tracking", IndividualKind.Submissions),
                2 => At(Leader(person, 2 + dice.Below(3)), person, "time-tracking", IndividualKind.Submissions),
                3 => At(Leader(person, dice.Below(3)), person, "focus-time", IndividualKind.Records),
                4 => At(person, Anybody(), dice.Below(5) == 0 ? "no-such-program" : "focus-time", IndividualKind.Records),
                5 or 6 => In(dice.One(cases)),
                7 => new Look.AtGroup(Leader(member, 1), "focus-time", "focus-minutes", GroupLevel.Team, team),
                8 => new Look.AtGroup(Leader(member, dice.Below(4)), "focus-time", "focus-minutes", GroupLevel.Team, team),
                9 => new Look.AtGroup(dice.Below(2) == 0 ? member : person, "focus-time", "focus-minutes", GroupLevel.Team, team),
                10 => new Look.AtGroup(dice.One(roles).Person, "time-tracking", "project-hours", GroupLevel.Department, team),
                _ => dice.Below(2) == 0
                    ? new Look.AtGroup(dice.One(roles).Person, "time-tracking", "project-hours", GroupLevel.Site, $"Site {dice.Below(4)}")
                    : new Look.AtGroup(dice.One(roles).Person, "time-tracking", "project-hours", GroupLevel.Company, "company"),
            };
        }

        Look At(string asker, string subject, string program, IndividualKind what) => new Look.AtPerson(asker, subject, program, what, Day, Day);

        Look In(CaseFacts found) => new Look.AtPerson(
            string.Concat(dice.Below(10) == 0 ? Anybody() : found.Asker), dice.Below(10) == 0 ? Anybody() : found.Subject, dice.Below(3) == 0 ? "device-security" : "focus-time", IndividualKind.Records,
            dice.Below(10) == 0 ? Day.AddDays(-6) : Day.AddDays(-2), Day, found.Digest)
        {
            Signed = dice.Below(10) == 0 ? Now.AddMinutes(-11) : Now.AddMinutes(-3),
            Address = Addresses[dice.Below(10) == 0 ? 1 : 0],
        };
    }

    private static Charter Read(string name, string covers, string[] show, (string Old, string New)[] edits)
    {
        var text = File.ReadAllText(Path.Combine("charters", name + ".yaml"));
        var (from, to) = (text.IndexOf("show:", StringComparison.Ordinal), text.IndexOf("consent:", StringComparison.Ordinal));
        text = string.Concat(text.AsSpan(0, from), "show:\n", string.Concat(show.Select(r => $"  - {r}\n")), text.AsSpan(to)).Replace("covers: everyone", "covers: " + covers, StringComparison.Ordinal);
        foreach (var (old, replacement) in edits)
        {
            text = text.Contains(old, StringComparison.Ordinal) ? text.Replace(old, replacement, StringComparison.Ordinal) : throw new InvalidOperationException($"{name} has no '{old}'.");
        }

        return CharterReader.Read(System.Text.Encoding.UTF8.GetBytes(text), name) switch
        {
            CharterReading.Good good => good.Charter,
            CharterReading.Template template => template.Sketch with { From = new DateOnly(2026, 12, 1), Until = new DateOnly(2027, 5, 31) },
            CharterReading.Bad bad => throw new InvalidOperationException(string.Join('\n', bad.Problems)),
            _ => throw new InvalidOperationException("CharterReading is closed."),
        };
    }
}
