using System.Globalization;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Log;

/// <summary>The log over HTTP (C2SP tlog-tiles). Checkpoint and keys are open to all; tiles and entries to auditors, since timing alone tells about people.</summary>
internal static class LogEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/log/checkpoint", (LogStore store, HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            return store.Checkpoint() is { } note ? Results.Text(note, "text/plain; charset=utf-8") : Problems.NotFound("The log is empty.");
        }).WithSummary("The newest checkpoint, signed by the log and cosigned by the keyholder");
        routes.MapGet("/log/vkey", (TransparencyLog log) => Results.Text(log.Verifier + "\n")).WithSummary("The log's verification key, one line");
        routes.MapGet("/log/policy", (TransparencyLog log) =>
        {
            var root = log.Read(a => a.Root);
            return root is null
                ? Problems.NotFound("The log has no trust root yet.")
                : Results.Text(string.Create(CultureInfo.InvariantCulture, $"log {root.Log}\nwitness keyholder {root.Witness}\ngroup witnesses all keyholder\nquorum witnesses\n"));
        }).WithSummary("Which keys must sign a checkpoint (C2SP tlog-policy)");
        routes.MapGet("/log/tile/entries/{**path}", async (string path, HttpContext context, Callers callers, LogStore store) =>
            await AuditorsOnlyAsync(context, callers, async () => TilePath.TryParse(path, out var index, out var width)
                ? Bytes(context, await store.BundleAsync(index, width, context.RequestAborted), width)
                : Problems.BadRequest("Not the path of an entry bundle."))).WithSummary("An entry bundle");
        routes.MapGet("/log/tile/{level:int}/{**path}", async (int level, string path, HttpContext context, Callers callers, LogStore store) =>
            await AuditorsOnlyAsync(context, callers, async () => level is >= 0 and < 64 && TilePath.TryParse(path, out var index, out var width)
                ? Bytes(context, await store.TileAsync(new TileId(level, index, width), context.RequestAborted), width)
                : Problems.BadRequest("Not the path of a tile."))).WithSummary("A tile");
    }

    private static async Task<IResult> AuditorsOnlyAsync(HttpContext context, Callers callers, Func<Task<IResult>> answer) => await callers.FindAsync(context) switch
    {
        null => Problems.NotSignedIn(),
        { } caller when callers.RolesOf(caller.Person).Contains("auditor") => await answer(),
        _ => Problems.Forbidden("Tiles and entries are for auditors: their timing alone tells about people.", "role:auditor"),
    };

    private static IResult Bytes(HttpContext context, byte[]? bytes, int width)
    {
        if (bytes is null)
        {
            return Problems.NotFound("The log is not that long.");
        }

        context.Response.Headers.CacheControl = width == TileId.FullWidth ? "private, max-age=31536000, immutable" : "private, max-age=60";
        return Results.Bytes(bytes, "application/octet-stream");
    }
}
