using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>One's own choices and their receipts; counts of consents; objections for who answers them.</summary>
internal static class ChoiceEndpoints
{
    private static readonly string[] Counters = ["privacy-officer", "works-council", "auditor"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/me/choices", MineAsync).WithSummary("What I may decide about programs that cover me, and have decided").Produces<IReadOnlyList<ChoiceView>>().WithHeader("Accept-Language", "en, de or fr: the language of what charters say");
        routes.MapGet("/api/v1/me/consents/{program}/receipt", ReceiptAsync).WithSummary("My consent record for a program (ISO/IEC TS 27560, as DPV JSON-LD), with its proofs");
        routes.MapGet("/api/v1/programs/{program}/consents", CountsAsync).WithSummary("How many people said what about a program, above the smallest group; never who").Produces<ConsentCounts>();
        routes.MapGet("/api/v1/objections", ObjectionsAsync).WithSummary("Objections, for who answers them").Produces<IReadOnlyList<ObjectionView>>();
    }

    private static async Task<IResult> MineAsync(HttpContext context, Callers callers, Choices choices)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(choices.Of(caller.Person), ProtocolJson.Default.IReadOnlyListChoiceView);
    }

    private static async Task<IResult> ReceiptAsync(string program, HttpContext context, Callers callers, Receipts receipts)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"consent-{new string([.. program.Where(c => char.IsAsciiLetterOrDigit(c) || c == '-')])}.jsonld\"";
        return receipts.Of(caller.Person, program) is { } receipt
            ? Results.Text(receipt.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }), "application/ld+json")
            : Problems.NotFound("You said nothing about a program of that name: there is no receipt.");
    }

    private static async Task<IResult> CountsAsync(string program, HttpContext context, Callers callers, Choices choices) =>
        await callers.FindAsync(context) is not { } caller ? Problems.NotSignedIn()
        : !callers.RolesOf(caller.Person).Any(Counters.Contains) ? Problems.Forbidden($"Counts of consents are for {string.Join(", ", Counters)}; who said what, nobody is told.", "role:" + Counters[0])
        : choices.Counts(program) is { } counts ? Results.Json(counts, ProtocolJson.Default.ConsentCounts)
        : Problems.NotFound($"There is no program '{program}' in force.");

    private static async Task<IResult> ObjectionsAsync(HttpContext context, Callers callers, Choices choices)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return callers.RolesOf(caller.Person).Contains(DestroyKeys.OfficerRole)
            ? Results.Json(choices.Objections(), ProtocolJson.Default.IReadOnlyListObjectionView)
            : Problems.Forbidden("Objections go to the privacy officer, and to nobody else.", "role:" + DestroyKeys.OfficerRole);
    }
}
