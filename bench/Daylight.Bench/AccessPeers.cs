using System.Text.Json;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Tests.Transparency;

namespace Daylight.Bench;

/// <summary>The same organization and some thousand looks at single people, with the gate's answers, as JSON for <c>bench/access-peers</c>.</summary>
internal static class AccessPeers
{
    public static void Write(string file, int size)
    {
        var (made, dice) = (new Organizations(size), new Dice(17));
        var org = made.Make();
        // One investigator without a scope, and rules that Cedar and Casbin can say: what they are asked for is the gate's own answer.
        var roles = made.Roles().Where(r => r.Role != "investigator" || r.Scope is null).ToList();
        var investigators = roles.Where(r => r.Role == "investigator").Select(r => r.Person).ToHashSet(StringComparer.Ordinal);
        var (world, _) = AccessLooks.Make(org, roles);
        var open = world.Programs.Where(p => p.Charter.Program == "time-tracking").ToList();
        string Id(int p) => org.IdOf(p);
        string[] Ids(ReadOnlySpan<int> numbers) => [.. numbers.ToArray().Select(Id)];
        var looks = Enumerable.Range(0, 4000).Select(i =>
        {
            var subject = dice.Below(size);
            var above = Ids([.. org.ManagersOf(subject), .. org.FurtherUp(subject)]);
            var asker = (i % 3) switch { 0 => Id(dice.Below(size)), 1 when above.Length > 0 => dice.One(above), _ => Id(subject) };
            var look = new Look.AtPerson(asker, Id(subject), "time-tracking", IndividualKind.Submissions, Organizations.Day, Organizations.Day);
            return new { asker, subject = Id(subject), what = "submissions", needs = false, allowed = Gate.Decide(look, world, Organizations.Now) is Decision.Allowed };
        });
        var approvers = open[0].Approvers;
        var people = Enumerable.Range(0, size).Select(p => new
        {
            id = Id(p),
            here = org.IsHere(p) && !approvers.Contains(Id(p)),
            known = org.IsCovered(open[0].Charter.Covers, org.At(p), []),
            investigates = investigators.Contains(Id(p)),
            managers = Ids(org.ManagersOf(p)),
            above = Ids(org.FurtherUp(p)),
        });
        using var stream = File.Create(file);
        JsonSerializer.Serialize(stream, new { people, looks, subject = Id(size / 2) });
    }
}
