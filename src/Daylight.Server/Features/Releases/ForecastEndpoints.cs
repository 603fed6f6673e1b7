using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Releases;

/// <summary>What a charter, proposed or in force, publishes of the company as it is: read before it is signed, and before anything is collected.</summary>
internal static class ForecastEndpoints
{
    private static readonly string[] Readers = ["program-owner", "privacy-officer", "works-council", "auditor"];

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/charters/{hash}/publishes", OfAsync).WithSummary("How many figures a charter would show, level by level, and how far off noise would put them; for those who propose and approve").Produces<IReadOnlyList<PublishView>>();

    private static async Task<IResult> OfAsync(string hash, HttpContext context, Callers callers, TransparencyLog log, DirectoryStore directory)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (!callers.RolesOf(caller.Person).Any(Readers.Contains))
        {
            return Problems.Forbidden("What a charter would publish is read by those who propose and approve it.", string.Join(" or ", Readers));
        }

        return log.Read(a => a.Charters.GetValueOrDefault(hash)?.Text) is { } text && CharterReader.Read(text, hash) is CharterReading.Good good
            ? Results.Json<IReadOnlyList<PublishView>>([.. Forecast.Of(good.Charter, directory.Current, callers.RolesOf).Select(View)], ProtocolJson.Default.IReadOnlyListPublishView)
            : Problems.NotFound("The log holds no charter of that hash.");
    }

    private static PublishView View(LevelForecast level) => new(
        level.Measure, level.Level.Word(), level.Weeks, level.Fewest, level.Groups, level.Shown, level.TooSmall, level.NowAndThen, level.Noise?.HalfWidth, level.Noise?.Range, level.Noise?.Swamps ?? false, ForecastWords.Say(level));
}
