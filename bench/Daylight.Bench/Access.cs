using System.Diagnostics;
using System.Globalization;
using Daylight.Core.Access;
using Daylight.Core.Directory;
using Daylight.Core.Exposure;
using Daylight.Tests.Transparency;

namespace Daylight.Bench;

/// <summary>Who can see what about whom, in organizations of 10,000 to a million: the directory in memory, the gate, and the questions of exposure.</summary>
internal static class Access
{
    private const int Looks = 65_536;

    public static void Run(IReadOnlyList<int> sizes)
    {
        Say($"| people | built | bytes a person (400) | decisions | each (300 ns) | allocated (0) | allowed | who sees one (1 ms) | p99 | Summary (200 ms) |");
        Say($"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        var diffs = new List<FormattableString>();
        foreach (var size in sizes)
        {
            var made = new Organizations(size);
            var (org, built, bytes) = Build(made);
            var roles = made.Roles();
            var (world, cases) = AccessLooks.Make(org, roles);
            var (each, allocated, allowed) = Decide(world, AccessLooks.Mix(world, cases, Looks));
            var (mean, p99) = Who(world);
            var summary = Median(5, () => new ExposureOf(world).Summary().Count);
            Say($"| {size:N0} | {built:N0} ms | {bytes:0} | {1000 / each:0.0} M/s | {each:0} ns | {allocated:0.##} bytes | {allowed:P0} | {mean:0.000} ms | {p99:0.000} ms | {summary:0} ms |");
            diffs.AddRange(Diffs(size, made, world, roles));
            GC.KeepAlive(org);
        }

        Say($"");
        Say($"| people | change | time | appear | disappear |");
        Say($"| --- | --- | --- | --- | --- |");
        diffs.ForEach(Say);
    }

    /// <summary>The median of several builds, and what one holds when nothing else is held.</summary>
    private static (OrgSnapshot Org, double Milliseconds, double BytesEach) Build(Organizations made)
    {
        var org = made.Make();
        var (people, teams) = (org.People.ToList(), org.AllTeams.ToList());
        var built = Median(5, () => new OrgSnapshot(people, teams, Organizations.Day).Count);
        (people, teams, org) = ([], [], OrgSnapshot.Empty);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        org = made.Make();
        return (org, built, (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)org.Count);
    }

    private static (double NanosecondsEach, double BytesEach, double Allowed) Decide(World world, Look[] looks)
    {
        var (allowed, rounds) = (0, new List<double>());
        var bytes = 0L;
        for (var round = -4; round < 15; round++)
        {
            (allowed, bytes) = (0, GC.GetAllocatedBytesForCurrentThread());
            var start = Stopwatch.GetTimestamp();
            foreach (var look in looks)
            {
                allowed += Gate.Decide(look, world, Organizations.Now) is Decision.Allowed ? 1 : 0;
            }

            var took = Stopwatch.GetElapsedTime(start);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            if (round >= 0)
            {
                rounds.Add(took.TotalNanoseconds / looks.Length);
            }
        }

        return (rounds.Order().ElementAt(rounds.Count / 2), bytes / (double)looks.Length, allowed / (double)looks.Length);
    }

    private static (double Mean, double P99) Who(World world)
    {
        var (dice, exposure, times) = (new Dice(11), new ExposureOf(world), new List<double>());
        for (var i = -1000; i < 4000; i++)
        {
            var person = world.People.IdOf(dice.Below(world.People.Count));
            var start = Stopwatch.GetTimestamp();
            _ = exposure.Who(person);
            if (i >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return (times.Average(), times.Order().ElementAt(times.Count * 99 / 100));
    }

    private static IEnumerable<FormattableString> Diffs(int size, Organizations made, World before, IReadOnlyList<RoleFacts> roles)
    {
        var approver = before.Programs.First().Approvers[0];
        World Charter(params (string, string)[] edits) => before.With(otherPrograms: AccessLooks.Programs(approver, edits));
        var team = before.People.AllTeams[Math.Min(40, before.People.AllTeams.Count - 1)].Id;
        var movers = Math.Min(10_000, size / 10);
        (string Name, World After)[] changes =
        [
            ("a field added (300 ms)", Charter(("records, fields: [app], needs", "records, fields: [app, time], needs"))),
            ("coverage narrowed (300 ms)", Charter(("[employment:intern]", $"[employment:intern, team:{team}]"))),
            ("a rule for a team added (300 ms)", Charter(("  - { to: role:analyst", "  - { to: role:auditor, what: focus-minutes, by: team, per: week, minimum-group: 5 }\n  - { to: role:analyst"))),
            ("a smallest group raised (300 ms)", Charter(("manager, what: focus-minutes, by: team, per: week, minimum-group: 5", "manager, what: focus-minutes, by: team, per: week, minimum-group: 9"))),
            ($"{movers:N0} people moved", before.With(people: made.Move(before.People, movers))),
            ("an investigator more", before.With(roles: [.. roles, new RoleFacts(Organizations.Id(size / 2), "investigator", Organizations.Day.AddDays(9))])),
        ];
        foreach (var (name, after) in changes)
        {
            ExposureDiff? diff = null;
            var time = Median(5, () =>
            {
                diff = new ExposureDiff(before, after);
                return diff.Changes.Count;
            });
            yield return $"| {size:N0} | {name} | {time:0} ms | {diff!.Appear:N0} | {diff.Disappear:N0} |";
        }
    }

    private static double Median(int rounds, Func<int> what)
    {
        var times = new List<double>();
        for (var round = -1; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            GC.KeepAlive(what());
            if (round >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return times.Order().ElementAt(times.Count / 2);
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
