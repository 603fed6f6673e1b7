using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>Erasures of one's own, with the keyholder's certificates.</summary>
internal static class ErasureEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/me/erasures", ListAsync).WithSummary("What was erased of mine, with the keyholder's certificates, and what still waits").Produces<IReadOnlyList<ErasureView>>();

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, OpeningStore openings, LifecycleRules rules)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(Of(caller.Person, openings, rules), ProtocolJson.Default.IReadOnlyListErasureView);
    }

    /// <summary>Erasures of somebody, newest first.</summary>
    public static IReadOnlyList<ErasureView> Of(string person, OpeningStore openings, LifecycleRules rules)
    {
        var events = openings.Concerning(person, "subject", DateOnly.MaxValue, int.MaxValue)
            .Select(o => (o.Index, Event: o.Openings.ReadEvent())).ToList();
        var certificates = events.Select(e => e.Event is DestructionCertified c && KeyholderStatement.TryRead(c.Note) is DestructionCertificate d
            ? (d.Entry, View: new CertificateView(e.Index, d.Programs, d.Keys, d.Time, d.BackupsUnreadable, c.Note)) : ((ulong Entry, CertificateView View)?)null).Where(c => c is not null).ToLookup(c => c!.Value.Entry, c => c!.Value.View);
        return [.. events.Select(e => e.Event is KeysDestroyed { Order: { } order } ? (e.Index, Order: order) : ((ulong Index, DestroyKeys Order)?)null).Where(e => e is not null).Select(e => e!.Value).Select(e => new ErasureView(
            e.Index, e.Order.Time, e.Order.Role, e.Order.Programs, e.Order.Reason, [.. certificates[e.Index].OrderBy(c => c.Entry)],
            rules.Delay(e.Order, [.. certificates[e.Index].SelectMany(c => c.Programs)])))];
    }
}
