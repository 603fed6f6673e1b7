using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Programs;

/// <summary>Programs as everybody may read them, what approvers read before they sign, and what a period shows.</summary>
internal static class ProgramEndpoints
{
    private static readonly string[] Deciders = ["program-owner", "privacy-officer", "works-council", "auditor"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/programs", ListAsync).WithSummary("Every program with its charter, in words and in full").Produces<IReadOnlyList<ProgramView>>().WithHeader("Accept-Language", "en, de or fr: the language of what charters say");
        routes.MapGet("/api/v1/programs/{program}/versions", VersionsAsync).WithSummary("Every charter of a program that was ever proposed, newest first: who decided what about it, and what it changed").Produces<IReadOnlyList<VersionView>>();
        routes.MapGet("/api/v1/programs/{program}/draft", DraftAsync).WithSummary("Everything that approvers see of a program's newest charter before they sign").Produces<DraftView>().WithQuery(("charter", "hash of one of its charters; without it the newest"));
        routes.MapGet("/api/v1/programs/{program}/shown/{shown}", ShownAsync).WithSummary("What was shown to who approved a charter, byte for byte: its SHA-256 stands in the approval").Produces<DraftView>();
        routes.MapGet("/api/v1/programs/{program}/facts", FactsAsync).WithSummary("What the period of the charter in force shows: who looked how often, which fields nobody used, which cells were not shown").Produces<ProgramFacts>();
    }

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, ProgramCatalog catalog, Releases.ReleaseStore releases, TimeProvider time)
    {
        if (await callers.FindAsync(context) is null)
        {
            return Problems.NotSignedIn();
        }

        var (used, today) = (releases.NoiseUses(), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        return Results.Json<IReadOnlyList<ProgramView>>(
            [.. catalog.Newest().OrderBy(p => p.Charter.Program, StringComparer.Ordinal).Select(p => ProgramWords.View(p.Record, p.Hash, p.Charter, p.Paused, today) with
            {
                Pending = catalog.Pending(p.Charter.Program),
                HandedIn = [.. p.Charter.Collect.Where(s => s.Kind == IndividualKind.Submissions).Select(s => s.Stream)],
                Noise = used.GetValueOrDefault(p.Charter.Program) ?? Releases.ReleaseStore.NotUsed(p.Charter, today),
            })],
            ProtocolJson.Default.IReadOnlyListProgramView);
    }

    private static async Task<IResult> VersionsAsync(string program, HttpContext context, Callers callers, ProgramCatalog catalog) => await callers.FindAsync(context) is null
        ? Problems.NotSignedIn()
        : Results.Json(catalog.Versions(program), ProtocolJson.Default.IReadOnlyListVersionView);

    private static async Task<IResult> DraftAsync(string program, HttpContext context, Callers callers, ProgramCatalog catalog, Drafts drafts, ApprovalReads reads)
    {
        if (await RefuseAsync(context, callers) is { } refused)
        {
            return refused;
        }

        var hash = Asked(context, program, catalog) ?? catalog.Pending(program) ?? catalog.Last(program);
        if (hash is null || drafts.Of(hash) is not { } draft || catalog.Proposed(hash) is not { } charter)
        {
            return Problems.NotFound($"No charter of '{program}' was proposed.");
        }

        var diff = reads.OfCharter(charter, hash);
        var read = reads.Mark(ApprovalReads.NameOf(hash), diff, draft.State is "proposed" or "approved" ? await drafts.KeepAsync(draft) : null);
        return Results.Json(
            draft with
            {
                People = read.People,
                Appear = read.Appear,
                Disappear = read.Disappear,
                Terms = ExposureEndpoints.Terms(diff),
                Read = Convert.ToBase64String(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(read, ProtocolJson.Default.ExposureRead)),
            },
            ProtocolJson.Default.DraftView);
    }

    private static string? Asked(HttpContext context, string program, ProgramCatalog catalog) =>
        context.Request.Query["charter"].ToString() is { Length: > 0 } hash && catalog.Proposed(hash)?.Program == program ? hash : null;

    private static async Task<IResult> ShownAsync(string program, string shown, HttpContext context, Callers callers, Drafts drafts) =>
        await RefuseAsync(context, callers) ?? (drafts.Find(shown) is { } bytes && System.Text.Json.JsonSerializer.Deserialize(bytes, ProtocolJson.Default.DraftView)?.Program == program
            ? Results.Bytes(bytes, "application/json")
            : Problems.NotFound($"Nothing of that hash was shown of '{program}', or it was never signed and is forgotten."));

    private static async Task<IResult> FactsAsync(string program, HttpContext context, Callers callers, ProgramCatalog catalog, UseCounts uses, GrantUses grants, TransparencyLog log) =>
        await RefuseAsync(context, callers) ?? (catalog.Find(program) is { } found
            ? Results.Json(uses.Of(found.Charter, log.Read(a => a.Charters[found.Hash].ActivatedOn!.Value), grants.All()), ProtocolJson.Default.ProgramFacts)
            : Problems.NotFound($"There is no program '{program}' in force."));

    private static async Task<IResult?> RefuseAsync(HttpContext context, Callers callers)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return callers.RolesOf(caller.Person).Any(Deciders.Contains) ? null : Problems.Forbidden($"That is for those who propose, approve and audit: {string.Join(", ", Deciders)}.", "role:" + Deciders[0]);
    }

    /// <summary>Why a proposed charter cannot be one; null when it can.</summary>
    public static string? Unreadable(CharterProposed proposal) => CharterReader.Read(proposal.Text, "charter") switch
    {
        CharterReading.Bad bad => string.Join("\n", bad.Problems),
        CharterReading.Template => "this is a template: its days are fixed to dates before it is proposed (daylight charter fix)",
        CharterReading.Good good when CharterCheck.Of(good, "charter") is { Findings: { Count: > 0 } findings } => string.Join("\n", findings),
        CharterReading.Good good when Statement.TryRead(proposal.Signed.Bytes) is ProposeCharter s && s.Program != good.Charter.Program =>
            $"the signed statement is about {s.Program}, the charter about {good.Charter.Program}",
        _ => null,
    };
}
