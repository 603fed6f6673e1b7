using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Notices;

/// <summary>The inbox's one form: everything that is there was read.</summary>
internal static class InboxForm
{
    private const int Most = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/inbox/seen", async (HttpContext context, IAntiforgery antiforgery, Callers callers, NoticeStore notices) =>
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Problems.BadRequest("The form is stale: go back, reload, and try again.");
        }

        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        await notices.SeenAsync(caller.Person, [.. notices.Of(caller.Person, Most).Where(n => !n.Seen).Select(n => n.Id)]);
        return Results.LocalRedirect("/inbox");
    }).ExcludeFromDescription();
}
