using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>How a stop spreads, and what reviews found: everybody may read both.</summary>
internal static class StopEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/programs/{program}/stop", StopAsync).WithSummary("Whether a program is stopped, and how far that has come: machines that have taken it, when something last came").Produces<StopView>();
        routes.MapGet("/api/v1/reviews", ReviewsAsync).WithSummary("Reviews of programs, newest first: after a pause with findings, fixes and tests").Produces<IReadOnlyList<ReviewView>>();
        routes.MapGet("/api/v1/reviews/{entry}", ReviewAsync).WithSummary("One review, with the entries that it rests on and their proofs").Produces<ReviewView>();
    }

    private static async Task<IResult> StopAsync(string program, HttpContext context, Callers callers, TransparencyLog log, LogStore store, StopSpread spread)
    {
        if (await callers.FindAsync(context) is null)
        {
            return Problems.NotSignedIn();
        }

        var (state, machines, review) = log.Read(a => (a.Program(program), a.Credentials.Values.Count(c => c.Use == "device"), a.Reviews.Where(r => r.Value.Closed is null && r.Value.Pause is not null && r.Value.Program == program).Select(r => (ulong?)r.Key).FirstOrDefault()));
        if (state.Active is null)
        {
            return Problems.NotFound($"There is no program '{program}' in force.");
        }

        var pause = state.PausedBy is { } index && store.Entry(index) is { } bytes ? LogEntry.TryRead(bytes)?.Event as ProgramPaused : null;
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(
            new StopView(program, state.PausedBy, pause?.Reason, pause?.Time, state.PausedBy is not null && await spread.IsShutAsync(program, context.RequestAborted), machines, spread.Waiting, spread.Told, spread.Confirmed(), spread.LastReceived(program), review),
            ProtocolJson.Default.StopView);
    }

    private static async Task<IResult> ReviewsAsync(HttpContext context, Callers callers, ReviewBook reviews) =>
        await callers.FindAsync(context) is null ? Problems.NotSignedIn() : Results.Json(reviews.All(), ProtocolJson.Default.IReadOnlyListReviewView);

    private static async Task<IResult> ReviewAsync(ulong entry, HttpContext context, Callers callers, ReviewBook reviews) =>
        await callers.FindAsync(context) is null ? Problems.NotSignedIn()
        : reviews.Find(entry) is { } found ? Results.Json(found, ProtocolJson.Default.ReviewView)
        : Problems.NotFound("No review was opened by that entry.");
}
