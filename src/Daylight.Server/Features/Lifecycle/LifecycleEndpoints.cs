using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using System.Net.Sockets;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>Health, and the console's verbs: health, jobs, pause. The console is whoever can open the control socket; it has no authority.</summary>
internal static class LifecycleEndpoints
{
    private const string Down = "nothing can be shown";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n")).WithSummary("Whether the process answers");
        routes.MapGet("/readyz", (TransparencyLog log, WitnessRound witnesses) =>
            HealthOf(log, witnesses) is var health && health.State == Down
                ? Problems.Unavailable(string.Join(" ", health.Problems))
                : Results.Json(health, ProtocolJson.Default.Health)).WithSummary("Whether looks can be recorded and shown; if not, what is missing");
        var console = routes.MapGroup("/control").AddEndpointFilter(async (context, next) => IsConsole(context.HttpContext) ? await next(context) : Problems.NotFound("There is nothing here.")).ExcludeFromDescription();
        console.MapGet("/jobs", (Jobs jobs) => Results.Json(jobs.Views, ProtocolJson.Default.IReadOnlyListJobView));
        console.MapGet("/retention", (RetentionClock clock) => Results.Json(clock.Read(holds: true), ProtocolJson.Default.IReadOnlyListKeptView));
        console.MapPost("/jobs", async (Jobs jobs, TransparencyLog log, HttpContext context) =>
        {
            // Whoever reviews a pause must find what there was: by hand nothing goes meanwhile. By the clock it does, since that is what people were promised.
            if (log.Read(a => a.Programs.Where(p => p.Value.PausedBy is not null).Select(p => p.Key).Order(StringComparer.Ordinal).ToList()) is { Count: > 0 } paused)
            {
                return Problems.Conflict($"{string.Join(", ", paused)}: paused, so nothing is purged by hand. What is past its day goes by itself within a quarter of an hour, as its charter promised; a case with --hold keeps what a review needs.");
            }

            await jobs.RunAllAsync(context.RequestAborted);
            return Results.Json(jobs.Views, ProtocolJson.Default.IReadOnlyListJobView);
        });
        console.MapPost("/programs/{program}/pause", PauseAsync);
    }

    /// <summary>Whether looks can be recorded and shown, and what is missing.</summary>
    public static Health HealthOf(TransparencyLog log, WitnessRound witnesses) =>
        ((IEnumerable<string?>)[log.Trouble, log.KeyholderTrouble]).OfType<string>().ToList() is { Count: > 0 } troubles ? new Health(Down, log.Size, troubles)
        : witnesses.Trouble is { } missing ? new Health("looks at others wait for witnesses", log.Size, [missing])
        : new Health("ready", log.Size, []);

    private static async Task<IResult> PauseAsync(string program, HttpContext context, TransparencyLog log, Tellings tellings, TimeProvider time)
    {
        if (await Bodies.ReadAsync(context, ProtocolJson.Default.PauseWanted) is not { Reason.Length: > 0 } wanted)
        {
            return Problems.BadRequest("A pause has a reason.");
        }

        // Stopping needs no signature; starting does.
        var happened = new ProgramPaused(program, wanted.Reason, time.GetUtcNow(), null);
        if (log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), happened)) is { } complaint)
        {
            return Problems.Conflict(complaint);
        }

        var (index, _, _) = await log.AppendAsync(happened);
        await tellings.SoonAsync(covering: false); // those who answer for it know of it at once
        return Results.Json(new Recorded(index), ProtocolJson.Default.Recorded);
    }

    /// <summary>Whether a request comes over the control socket, which only this machine's user can open.</summary>
    public static bool IsConsole(HttpContext context) => context.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily == AddressFamily.Unix;
}
