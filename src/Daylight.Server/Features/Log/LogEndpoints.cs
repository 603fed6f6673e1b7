using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Daylight.Server.Features.Log;

/// <summary>
/// The log over HTTP (C2SP tlog-tiles). Checkpoint and keys are open to all; tiles and entries to auditors, since timing alone tells about
/// people. What a tile's path names never changes, so it is immutable; the checkpoint is asked for anew each time.
/// </summary>
internal static class LogEndpoints
{
    private const string Immutable = "private, max-age=31536000, immutable"; // private: an auditor's alone
    private const string Asked = "no-cache";
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/log/checkpoint", GetAndHead, (LogStore store, HttpContext context) => store.Checkpoint() is { } note
            ? Text(context, note)
            : Problems.NotFound("The log is empty.")).WithSummary("The newest checkpoint, signed by the log and cosigned by the keyholder");
        routes.MapMethods("/log/witnessed", GetAndHead, (LogStore store, HttpContext context) => store.Witnessed() is { } note
            ? Text(context, note)
            : Problems.NotFound("No witness besides the keyholder has cosigned.")).WithSummary("The newest checkpoint that the witnesses of the policy cosigned");
        routes.MapMethods("/log/vkey", GetAndHead, (TransparencyLog log, HttpContext context) => Text(context, log.Verifier + "\n")).WithSummary("The log's verification key, one line");
        routes.MapMethods("/log/policy", GetAndHead, (TransparencyLog log, HttpContext context) =>
            log.Read(a => a.Policy)?.ToString() is { } policy ? Text(context, policy) : Problems.NotFound("The log has no trust root yet.")).WithSummary("Which keys must sign a checkpoint (C2SP tlog-policy)");
        routes.MapMethods("/log/tile/entries/{**path}", GetAndHead, async (string path, HttpContext context, Callers callers, LogStore store) =>
            await AuditorsOnlyAsync(context, callers, async () => TilePath.TryParse(path, out var index, out var width) && index <= MostTiles
                ? Tile(context, Published(store, 0, index, width) ? await store.BundleAsync(index, width, context.RequestAborted) : null)
                : Problems.BadRequest("Not the path of an entry bundle."))).WithSummary("An entry bundle");
        routes.MapMethods("/log/tile/{level}/{**path}", GetAndHead, async (string level, string path, HttpContext context, Callers callers, LogStore store) =>
            await AuditorsOnlyAsync(context, callers, async () => IsLevel(level, out var number) && TilePath.TryParse(path, out var index, out var width) && index <= MostTiles
                ? Tile(context, Published(store, number, index, width) ? await store.TileAsync(new TileId(number, index, width), context.RequestAborted) : null)
                : Problems.BadRequest("Not the path of a tile."))).WithSummary("A tile");
    }

    /// <summary>The last tile that a log of 2^63 entries could have; further numbers name nothing.</summary>
    private const ulong MostTiles = long.MaxValue / TileId.FullWidth;

    /// <summary>0 to 63, in its one spelling.</summary>
    private static bool IsLevel(string text, out int level) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out level) && level < 64 && string.Equals(level.ToString(CultureInfo.InvariantCulture), text, StringComparison.Ordinal);

    /// <summary>Whether the published tree has the tile this wide. What is stored beyond waits for its cosignature and could still be taken back by a crash.</summary>
    private static bool Published(LogStore store, int level, ulong index, int width) =>
        store.Checkpoint() is { } note && SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed!.Text, out var checkpoint)
        && level < 8 && (checkpoint!.Size >> (level * TileId.Height)) >= (index * TileId.FullWidth) + (ulong)width;

    /// <summary>Answers an auditor, and nobody else.</summary>
    internal static async Task<IResult> AuditorsOnlyAsync(HttpContext context, Callers callers, Func<Task<IResult>> answer) => await callers.FindAsync(context) switch
    {
        null => Problems.NotSignedIn(),
        { } caller when callers.RolesOf(caller.Person).Contains("auditor") => await answer(),
        _ => Problems.Forbidden("Tiles and entries are for auditors: their timing alone tells about people.", "role:auditor"),
    };

    private static IResult Text(HttpContext context, string text)
    {
        context.Response.Headers.CacheControl = Asked;
        var bytes = Encoding.UTF8.GetBytes(text);
        return Results.Bytes(bytes, "text/plain; charset=utf-8", entityTag: TagOf(bytes));
    }

    private static IResult Tile(HttpContext context, byte[]? bytes)
    {
        if (bytes is null)
        {
            return Problems.NotFound("The log is not that long.");
        }

        context.Response.Headers.CacheControl = Immutable;
        context.Response.Headers.Vary = HeaderNames.Authorization;
        return Results.Bytes(bytes, "application/octet-stream", entityTag: TagOf(bytes));
    }

    /// <summary>What conditional requests compare; the framework answers 304 where it is the same.</summary>
    private static EntityTagHeaderValue TagOf(byte[] bytes) => new($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes)[..16])}\"");
}
