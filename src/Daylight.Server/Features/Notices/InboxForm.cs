using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Notices;

/// <summary>The inbox's one form: everything that is there was read.</summary>
internal static class InboxForm
{
    private const int Most = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapForm("/inbox/seen", async (HttpContext context, Callers callers, NoticeStore notices) =>
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        await notices.SeenAsync(caller.Person, [.. notices.Of(caller.Person, Most).Where(n => !n.Seen).Select(n => n.Id)]);
        return Results.LocalRedirect("/inbox");
    });
}
