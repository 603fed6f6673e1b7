using System.Globalization;
using System.Text.Json;
using Daylight.Agent.ActivityWatch;
using Daylight.Agent.Intake;
using Daylight.Agent.Store;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent.OwnTracks;

/// <summary>
/// OwnTracks in HTTP mode: a point comes in, the name of the site is kept, and the point is gone; without a charter that asks for sites nothing is kept. A phone sends again
/// whatever is not answered with 200, and obeys what an answer commands: so it is always 200, and never a command.
/// </summary>
internal sealed class OwnTracksEndpoint(RawStore store, Admittance admittance, DeviceName device)
{
    /// <summary>The path on which phones report.</summary>
    public const string Path = "/owntracks";

    /// <summary>A site is left when no point of it came for so long.</summary>
    private const long Stays = 3_600_000_000L;

    private const int MostBody = 64 * 1024;

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost(Path, async (HttpContext context, CancellationToken _) =>
    {
        if (await AwRequest.ReadAsync(context, MostBody) is { Length: > 0 } body && Read(body) is { } point)
        {
            await TakeAsync(point);
        }

        return Results.Text("[]", "application/json");
    });

    private async Task TakeAsync((string Position, long Time) point)
    {
        var sites = admittance.Collecting("location").Select(p => p.Charter!.Stream("location")!.Fields.GetValueOrDefault("position")).OfType<Transform.Site>().Select(s => s.Sites).ToList();
        if (sites.Count == 0)
        {
            admittance.Count(Dropped.NoCharter);
            return;
        }

        if (Sites.Names(sites, point.Position) is not { } names)
        {
            return;
        }

        const string Type = "daylight.location";
        var bucket = "daylight-phone_" + device.Hostname;
        if (await store.CreateBucketAsync(bucket, Type, "owntracks", device.Hostname, null, "{}") == BucketMade.New)
        {
            admittance.Know(bucket, Type);
        }

        var happened = new NewEvent(null, point.Time, 0, AwWriter.ToBytes(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("position"u8, names);
            writer.WriteEndObject();
        }));
        if (admittance.Check(bucket, happened) == Dropped.No)
        {
            await store.HeartbeatAsync(bucket, happened, Stays);
        }
    }

    private static (string Position, long Time)? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.Text("_type") == "location" && root.Number("lat") is { } latitude && root.Number("lon") is { } longitude && root.Number("tst") is > 0 and < 1e11 and var seconds
                ? (string.Create(CultureInfo.InvariantCulture, $"{latitude:F6},{longitude:F6}"), (long)seconds * 1_000_000)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
