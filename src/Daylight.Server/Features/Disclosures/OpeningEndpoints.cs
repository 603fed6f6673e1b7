using System.Globalization;
using System.Text;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Disclosures;

/// <summary>The keyholder's own count of what it opened, for the person whom it is about, and in all for auditors. The server only carries it.</summary>
internal static class OpeningEndpoints
{
    private const int IndexesPerPage = 50_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/me/openings", MineAsync).WithSummary("How often the keyholder opened my seals, and others' in my name: its signed count, and the entries that it counts").Produces<OpeningsOfMe>()
            .WithQuery(("nonce", "16 to 128 characters of your own; they stand in the signed answer"), ("since", "log index from which on entries come in full"), ("known", "log size that you know; the answer proves that it counts in the same log"));
        routes.MapGet("/log/openings", AllAsync).WithSummary("Everything that the keyholder ever opened: its signed total, and log indexes in order; for auditors")
            .WithQuery(("after", "how many to leave out"));
    }

    private static async Task<IResult> MineAsync(HttpContext context, Callers callers, KeyholderClient keyholder, LogStore store, OpeningStore openings, TransparencyLog log)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var nonce = context.Request.Query["nonce"].ToString();
        if (nonce.Length is < 16 or > 128)
        {
            return Problems.BadRequest("'nonce' is 16 to 128 characters that you choose: they stand in the signed answer, so that it cannot be an old one.");
        }

        var since = ulong.TryParse(context.Request.Query["since"], NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0;
        var made = await keyholder.OpeningsOfAsync(caller.Person, nonce, context.RequestAborted);
        var size = log.Read(a => a.Keyholder) is { } key && KeyholderStatement.TryOpen(made.Note, key) is CountOfOpenings count ? count.Size : 0;
        var known = ulong.TryParse(context.Request.Query["known"], NumberStyles.None, CultureInfo.InvariantCulture, out var k) ? Math.Min(k, size) : 0;
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(
            new OpeningsOfMe(
                made.Note,
                [.. made.Looks.Select(o => o.Index >= since ? new CountedEntry(o.Index, o.Leaf, Entry(store, o.Index), Shown(openings.Find(o.Index)?.Subject)) : new CountedEntry(o.Index, o.Leaf))],
                [.. made.Releases.Select(o => o.Index >= since ? new CountedEntry(o.Index, o.Leaf, Entry(store, o.Index)) : new CountedEntry(o.Index, o.Leaf))],
                [.. made.Asked.Select(o => o.Index >= since ? new CountedEntry(o.Index, o.Leaf, Entry(store, o.Index), Shown(openings.Find(o.Index)?.Asker)) : new CountedEntry(o.Index, o.Leaf))],
                [.. Proofs.Consistency(known, size, new TileTree(size, store.Tile).Node).Select(h => h.ToString())]),
            ProtocolJson.Default.OpeningsOfMe);
    }

    private static async Task<IResult> AllAsync(HttpContext context, Callers callers, KeyholderClient keyholder)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (!callers.RolesOf(caller.Person).Contains("auditor"))
        {
            return Problems.Forbidden("Which entries were looks is for auditors.", "role:auditor");
        }

        var after = long.TryParse(context.Request.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0;
        var all = await keyholder.AllOpeningsAsync(after, IndexesPerPage, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new OpeningsOfAll(all.Note, all.Indexes), ProtocolJson.Default.OpeningsOfAll);
    }

    private static string? Entry(LogStore store, ulong index) => store.Entry(index) is { } bytes ? Convert.ToBase64String(bytes) : null;

    private static ShownOpening? Shown(Opening? opening) => opening is null ? null : new ShownOpening(opening.Salt, opening.Json);
}
