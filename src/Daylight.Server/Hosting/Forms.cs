using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Daylight.Server.Hosting;

/// <summary>Forms of the portal's pages: only a page of ours can send one, and they are no part of the API.</summary>
internal static class Forms
{
    /// <summary>Longest that a field may be where a person writes one line.</summary>
    public const int LongestLine = 320;

    /// <summary>The page of ours that a form names to return to; the first page where it names none.</summary>
    public static string BackOf(IFormCollection form) => form["back"].ToString() is ['/', ..] path && !path.StartsWith("//", StringComparison.Ordinal) && path.All(c => c is > ' ' and <= '~' and not '\\') ? path : "/";

    /// <summary>Maps a form; whoever brings it without its page's token is refused before anything is read.</summary>
    public static RouteHandlerBuilder MapForm(this IEndpointRouteBuilder routes, string path, Delegate handler) => routes.MapPost(path, handler).ExcludeFromDescription().AddEndpointFilter(async (context, next) =>
        context.HttpContext.Request.HasFormContentType && await context.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context.HttpContext)
            ? await next(context)
            : Problems.BadRequest("The form is stale: go back, reload, and try again."));
}
