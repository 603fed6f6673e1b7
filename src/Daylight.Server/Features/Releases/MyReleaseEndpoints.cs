using System.Text.Json;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Releases;

/// <summary>
/// Which groups counted somebody, and how many people each had, with what proves it: the run in the log committed to it before anything was counted. A group
/// that was padded with people who do not exist shows in its size.
/// </summary>
internal static class MyReleaseEndpoints
{
    private const int MostRuns = 8;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/me/releases", ListAsync).WithSummary("Release runs that counted me: which groups, and how many people each had, with proofs").Produces<IReadOnlyList<CountedMe>>();

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, ReleaseStore store, DirectoryStore directory)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(Of(caller.Person, MostRuns, store, directory), ProtocolJson.Default.IReadOnlyListCountedMe);
    }

    /// <summary>The newest runs that counted somebody.</summary>
    public static IReadOnlyList<CountedMe> Of(string person, int most, ReleaseStore store, DirectoryStore directory) =>
        [.. store.Runs(most).Select(r => store.Find(r.Program, r.Period, person) is { } found ? Of(r, found, directory.Current) : null).OfType<CountedMe>()];

    private static CountedMe Of((string Program, string Period, ulong Run) run, (ReleaseProof Me, long People, IReadOnlyList<Opening> Groups) found, Core.Directory.OrgSnapshot org)
    {
        var me = JsonSerializer.Deserialize(found.Me.Opening.Json, ProtocolJson.Default.CountedPerson)!;
        var groups = found.Groups.Select(g => JsonSerializer.Deserialize(g.Json, ProtocolJson.Default.CountedGroup)!).ToList();
        var numbers = groups.Select((g, i) => ((g.Level, g.Group), i)).ToDictionary(g => g.Item1, g => g.i);
        var parents = groups.Where(g => g.Level == GroupLevel.Team.Word()).ToDictionary(g => g.Group, g => g.Parent, StringComparer.Ordinal);
        var of = Census.GroupsOf(new Counted(me.Person, me.Team, me.Site, me.Leads, me.Stayed), parents)
            .Select(g => numbers.GetValueOrDefault((g.Level.Word(), g.Group), -1)).Where(i => i >= 0).ToList();
        return new CountedMe(
            run.Program,
            run.Period,
            run.Run,
            (int)found.People,
            groups.Count,
            [.. of.Select(i => new CountedIn(groups[i].Level, groups[i].Group, org.Team(groups[i].Group)?.Name ?? groups[i].Group, groups[i].People))],
            found.Me,
            ReleaseProof.Of(found.Groups, of));
    }
}
