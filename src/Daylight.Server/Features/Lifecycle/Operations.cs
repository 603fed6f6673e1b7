using Daylight.Protocol;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>How the installation does, for operators: whoever keeps it running needs counts, and nobody's name.</summary>
internal static class Operations
{
    private const string Role = "operator";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/operations", ReadAsync).WithSummary("Health, nodes, jobs and machines in counts; for operators").Produces<OperationsView>();

    private static async Task<IResult> ReadAsync(HttpContext context, Callers callers, TransparencyLog log, WitnessRound witnesses, Nodes nodes, Jobs jobs, StopSpread spread, IDatabase database, ServerOptions options)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (!callers.RolesOf(caller.Person).Contains(Role))
        {
            return Problems.Forbidden("How the installation does is for operators.", "role:" + Role);
        }

        var (machines, programs) = log.Read(a => (a.Credentials.Values.Count(c => c.Use == "device"), a.Programs.Where(p => p.Value.Active is not null).Select(p => (Name: p.Key, Paused: p.Value.PausedBy is not null)).OrderBy(p => p.Name, StringComparer.Ordinal).ToList()));
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(
            new OperationsView(
                LifecycleEndpoints.HealthOf(log, witnesses),
                database.IsShared ? "PostgreSQL" : "SQLite",
                new DriveInfo(Path.GetFullPath(options.Data)).AvailableFreeSpace,
                nodes.All(),
                jobs.Views,
                machines,
                spread.Waiting,
                spread.Confirmed(),
                [.. programs.Select(p => new ReceivedView(p.Name, p.Paused, spread.LastReceived(p.Name)))]),
            ProtocolJson.Default.OperationsView);
    }
}
