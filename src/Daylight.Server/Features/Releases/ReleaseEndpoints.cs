using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Releases;

/// <summary>
/// Group figures. They are not about a person, so showing one opens no seal; who may see them, the gate decides all the same. What is answered are the cells
/// that were released and nothing that was computed for the question, so that no question gets an answer of its own.
/// </summary>
internal static class ReleaseEndpoints
{
    private static readonly (string, string)[] Asked = [("program", "the program; required"), ("measure", "one of its measures; required"), ("format", "csv for a table of the same cells")];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/teams/{id}/releases", (string id, HttpContext context, ReleaseReader reader) => ListAsync(GroupLevel.Team, id, context, reader))
            .WithSummary("A team's figures, or why a period has none").Produces<IReadOnlyList<ReleaseCell>>().WithQuery(Asked);
        routes.MapGet("/api/v1/releases/{level}/{group}", (string level, string group, HttpContext context, ReleaseReader reader) =>
                Enum.GetValues<GroupLevel>().Where(l => l.Word() == level).Select(l => (GroupLevel?)l).FirstOrDefault() is { } named
                    ? ListAsync(named, group, context, reader)
                    : Task.FromResult(Problems.BadRequest("The level is team, department, site or company.")))
            .WithSummary("The figures of a team, a department, a site or the company, or why a period has none").Produces<IReadOnlyList<ReleaseCell>>().WithQuery(Asked);
        routes.MapGet("/api/v1/me/figures", FiguresAsync).WithSummary("Group figures that a rule shows to whoever asks").Produces<IReadOnlyList<FigureView>>();
    }

    private static async Task<IResult> ListAsync(GroupLevel level, string group, HttpContext context, ReleaseReader reader)
    {
        if (await reader.Callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var (name, measure) = (context.Request.Query["program"].ToString(), context.Request.Query["measure"].ToString());
        var world = reader.Worlds.Current;
        if (reader.Programs.Find(name) is not { } program || measure.Length == 0 || world.People.Group(level, group) is not { } of)
        {
            return Problems.NotFound("Name a program in force (program=), a measure (measure=), and a group that exists.");
        }

        group = world.People.KeyOf(of);
        switch (Gate.Decide(new Look.AtGroup(caller.Person, name, measure, level, group), world, reader.Time.GetUtcNow()))
        {
            case Decision.Allowed allowed:
                context.Response.Headers.CacheControl = "no-store";
                await reader.Uses.NoteAsync(caller.Person, name, allowed.Rule.Name);
                await reader.Counts.NoteAsync(allowed.Rule.Name, [name], []);
                var cells = reader.Shown(name, measure, level, group, allowed, caller.Person);
                return context.Request.Query["format"] == "csv"
                    ? Results.Text(ReleaseCsv.Of(cells), "text/csv; charset=utf-8")
                    : Results.Json(cells, ProtocolJson.Default.IReadOnlyListReleaseCell);
            case Decision.Refused refused when refused.Obstacles.HasFlag(Obstacles.Paused):
                return Problems.Paused(name);
            case Decision.Refused refused:
                return await RefusedAsync(refused, program, measure, group, caller.Person, reader);
            default:
                throw new InvalidOperationException("Decision is closed.");
        }
    }

    private static async Task<IResult> RefusedAsync(Decision.Refused refused, ProgramInForce program, string measure, string group, string asker, ReleaseReader reader)
    {
        try
        {
            var today = DateOnly.FromDateTime(reader.Time.GetUtcNow().UtcDateTime);
            var why = RefusedLook.Of(refused, program.Charter, reader.Callers.RolesOf(asker));
            var what = program.Charter.Measures.Any(m => m.Name == measure) ? measure : "figures"; // a name that only who asks has given is nothing for the log
            return Problems.Refused(why, await reader.Refusals.RecordAsync(asker, string.Empty, group, [program.Program], what, today, today, why, program.Charter.Keep.Looks));
        }
        catch (LogUnavailableException e)
        {
            return Problems.Unavailable(e.Message);
        }
    }

    private static async Task<IResult> FiguresAsync(HttpContext context, ReleaseReader reader)
    {
        if (await reader.Callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(reader.Figures(caller.Person), ProtocolJson.Default.IReadOnlyListFigureView);
    }
}
