using Dapper;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Releases;

/// <summary>Group figures. They are not about a person, so showing one opens no seal; who may see them, the gate decides all the same.</summary>
internal static class ReleaseEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/teams/{id}/releases", ListAsync).WithSummary("A team's weekly figures, or why a week has none").Produces<IReadOnlyList<ReleaseCell>>()
            .WithQuery(("program", "the program; required"), ("measure", "one of its measures; required"));

    private static async Task<IResult> ListAsync(
        string id, HttpContext context, Callers callers, ProgramCatalog programs, Worlds worlds, Refusals refusals, GrantUses uses, IDatabase database, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var (name, measure) = (context.Request.Query["program"].ToString(), context.Request.Query["measure"].ToString());
        if (programs.Find(name) is not { } program || measure.Length == 0 || worlds.Current.People.Team(id) is null)
        {
            return Problems.NotFound("Name a program in force (program=), a measure (measure=), and a team that exists.");
        }

        var world = worlds.Current;
        switch (Gate.Decide(new Look.AtGroup(caller.Person, name, measure, GroupLevel.Team, id), world, time.GetUtcNow()))
        {
            case Decision.Allowed allowed:
                context.Response.Headers.CacheControl = "no-store";
                await uses.NoteAsync(caller.Person, name, allowed.Rule.Name);
                return Results.Json(Shown(Cells(database, name, measure, id), allowed, caller.Person, id, world.People), ProtocolJson.Default.IReadOnlyListReleaseCell);
            case Decision.Refused refused when refused.Obstacles.HasFlag(Obstacles.Paused):
                return Problems.Paused(name);
            case Decision.Refused refused:
                try
                {
                    var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
                    var why = RefusedLook.Of(refused, program.Charter, callers.RolesOf(caller.Person));
                    var what = program.Charter.Measures.Any(m => m.Name == measure) ? measure : "figures"; // a name that only who asks has given is nothing for the log
                    return Problems.Refused(why, await refusals.RecordAsync(caller.Person, string.Empty, id, [name], what, today, today, why, program.Charter.Keep.Looks));
                }
                catch (LogUnavailableException e)
                {
                    return Problems.Unavailable(e.Message);
                }

            default:
                throw new InvalidOperationException("Decision is closed.");
        }
    }

    /// <summary>What the gate obliges to: a cell of too few is withheld, and one that counted the viewer themselves asks for one more.</summary>
    private static IReadOnlyList<ReleaseCell> Shown(IReadOnlyList<ReleaseCell> cells, Decision.Allowed allowed, string viewer, string team, Core.Directory.OrgSnapshot people) => [.. cells.Select(cell =>
    {
        var fewest = Math.Max(allowed.AtLeast, ((ShowRule.Group)allowed.Rule).MinimumGroup + (WasCounted(viewer, team, cell.Period, people) ? 1 : 0));
        return cell.People < fewest ? cell with { Value = null, People = null, Reason = $"fewer than {fewest} people" } : cell;
    })];

    private static bool WasCounted(string viewer, string team, string period, Core.Directory.OrgSnapshot people) =>
        ReleaseWeek.TryParse(period, out var week) && people.Roster(team, week.First, week.Last).Any(p => p.Id == viewer);

    private static IReadOnlyList<ReleaseCell> Cells(IDatabase database, string program, string measure, string team)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Period, int? Value, int? People, string? Reason)>(
            "SELECT period, value, people, reason FROM release_cells WHERE program = @program AND measure = @measure AND grp = @team ORDER BY period",
            new { program, measure, team }).Select(c => new ReleaseCell(team, measure, c.Period, c.Value, c.People, c.Reason))];
    }
}
