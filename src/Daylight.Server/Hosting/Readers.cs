using Daylight.Core.Charters;
using Daylight.Core.Charters.Words;
using Daylight.Portal.Texts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Hosting;

/// <summary>The language of who reads: what a charter says is answered in it. It is asked for as HTTP has it (Accept-Language), or chosen on any page.</summary>
internal static class Readers
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    private static readonly CharterWords German = new(Language.German), French = new(Language.French);

    /// <summary>Words of the reader of this request.</summary>
    public static CharterWords Words => Speech.Language switch { "de" => German, "fr" => French, _ => CharterWords.English };

    /// <summary>The form with which a reader chooses a language.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapForm("/language", async (HttpContext context, CancellationToken cancel) =>
    {
        var form = await context.Request.ReadFormAsync(cancel);
        if (Speech.Languages.Any(l => l.Code == form["language"].ToString()))
        {
            context.Response.Cookies.Append(Speech.Cookie, form["language"].ToString(), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, Path = "/", MaxAge = Kept });
        }

        return Results.LocalRedirect(Forms.BackOf(form));
    });
}
