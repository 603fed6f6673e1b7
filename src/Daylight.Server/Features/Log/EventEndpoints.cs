using Daylight.Protocol;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Log;

/// <summary>What people signed, on its way to the log.</summary>
internal static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/events", SubmitAsync)
        .WithSummary("A signed event, such as charter-approved, case-opened, consent-given, key-destroyed or program-paused").Accepts<SubmitEvent>("application/json").Produces<Recorded>();

    private static async Task<IResult> SubmitAsync(HttpContext context, Callers callers, EventDoor door)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.SubmitEvent) is not { Event: { } happened })
        {
            return Problems.BadRequest("The body is { \"event\": … }: an event that people sign, such as charter-proposed, charter-approved, role-granted or case-opened, with its signed statement.");
        }

        return await door.BringAsync(caller, happened, context.RequestAborted) switch
        {
            Brought.Done done => Results.Json(new Recorded(done.Entry, done.Says), ProtocolJson.Default.Recorded),
            Brought.Unreadable bad => Problems.BadRequest(bad.Why),
            Brought.Forbidden forbidden => Problems.Forbidden(forbidden.Why, forbidden.Missing),
            Brought.Refused refused => Problems.Conflict(refused.Why),
            _ => throw new InvalidOperationException("Brought is closed."),
        };
    }
}
