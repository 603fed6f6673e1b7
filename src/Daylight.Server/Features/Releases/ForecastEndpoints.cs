using System.Collections.Concurrent;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
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

    private static async Task<IResult> OfAsync(string hash, HttpContext context, Callers callers, Forecasts forecasts)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (!callers.RolesOf(caller.Person).Any(Readers.Contains))
        {
            return Problems.Forbidden("What a charter would publish is read by those who propose and approve it.", string.Join(" or ", Readers));
        }

        return forecasts.Of(hash) is { } found ? Results.Json(found, ProtocolJson.Default.IReadOnlyListPublishView) : Problems.NotFound("The log holds no charter of that hash.");
    }
}

/// <summary>Forecasts, each computed once as long as directory and log stay as they are: of a large company it takes a while.</summary>
internal sealed class Forecasts(TransparencyLog log, DirectoryStore directory, Callers callers)
{
    private const int Most = 100;

    private readonly ConcurrentDictionary<string, Made> made = new(StringComparer.Ordinal);

    /// <summary>What a charter would publish; null when the log holds none of that hash.</summary>
    public IReadOnlyList<PublishView>? Of(string hash)
    {
        var (org, authority) = (directory.Current, log.AuthorityVersion);
        if (made.TryGetValue(hash, out var known) && ReferenceEquals(known.Org, org) && known.Authority == authority)
        {
            return known.Levels;
        }

        if (log.Read(a => a.Charters.GetValueOrDefault(hash)?.Text) is not { } text || CharterReader.Read(text, hash) is not CharterReading.Good good)
        {
            return null;
        }

        if (made.Count >= Most)
        {
            made.Clear();
        }

        return (made[hash] = new Made(org, authority, [.. Forecast.Of(good.Charter, org, callers.RolesOf).Select(View)])).Levels;
    }

    private sealed record Made(OrgSnapshot Org, long Authority, IReadOnlyList<PublishView> Levels);

    private static PublishView View(LevelForecast level) => new(
        level.Measure, level.Level.Word(), level.Weeks, level.Fewest, level.Groups, level.Shown, level.TooSmall, level.NowAndThen, level.Noise?.HalfWidth, level.Noise?.Range, level.Noise?.Swamps ?? false, ForecastWords.Say(level));
}
