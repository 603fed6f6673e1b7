using Dapper;
using Daylight.Core.Access;
using Daylight.Protocol;
using Daylight.Server.Features.Directory;
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
        string id, HttpContext context, Callers callers, ProgramCatalog programs, DirectoryStore directory, Refusals refusals, IDatabase database, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var (name, measure) = (context.Request.Query["program"].ToString(), context.Request.Query["measure"].ToString());
        if (programs.Find(name) is not { } program || program.Charter.Measures.All(m => m.Name != measure) || directory.Current.Team(id) is null)
        {
            return Problems.NotFound("Name a program in force (program=), one of its measures (measure=), and a team that exists.");
        }

        switch (Gate.Decide(new Look.AtTeam(caller.Person, id, measure), program.ForGate, directory.Current, callers.RolesOf(caller.Person)))
        {
            case Decision.Allowed:
                context.Response.Headers.CacheControl = "no-store";
                return Results.Json(Cells(database, name, measure, id), ProtocolJson.Default.IReadOnlyListReleaseCell);
            case Decision.Paused:
                return Problems.Paused(name);
            case Decision.Refused refused:
                try
                {
                    var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
                    return Problems.Refused(refused.Reasons, refused.Missing, await refusals.RecordAsync(caller.Person, string.Empty, id, [name], measure, today, today, refused, program.Charter.Keep.Looks));
                }
                catch (LogUnavailableException e)
                {
                    return Problems.Unavailable(e.Message);
                }

            default:
                throw new InvalidOperationException("Decision is closed.");
        }
    }

    private static IReadOnlyList<ReleaseCell> Cells(IDatabase database, string program, string measure, string team)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Period, int? Value, int? People, string? Reason)>(
            "SELECT period, value, people, reason FROM release_cells WHERE program = @program AND measure = @measure AND grp = @team ORDER BY period",
            new { program, measure, team }).Select(c => new ReleaseCell(team, measure, c.Period, c.Value, c.People, c.Reason))];
    }
}
