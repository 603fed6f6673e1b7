using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Programs;

/// <summary>Programs as everybody may read them, and the signed steps from draft to force.</summary>
internal static class ProgramEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/programs", ListAsync).WithSummary("Every program with its charter, in words and in full").Produces<IReadOnlyList<ProgramView>>();
        routes.MapPost("/api/v1/programs/events", SubmitAsync).WithSummary("A signed proposal, approval, refusal, activation, pause or resume").Accepts<SubmitEvent>("application/json");
        routes.MapPost("/api/v1/roles", GrantAsync).WithSummary("A role, signed by a quorum of root approvers").Accepts<SubmitEvent>("application/json");
    }

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, ProgramCatalog catalog, TimeProvider time) => await callers.FindAsync(context) is null
        ? Problems.NotSignedIn()
        : Results.Json<IReadOnlyList<ProgramView>>(
            [.. catalog.Newest().OrderBy(p => p.Charter.Program, StringComparer.Ordinal).Select(p => ProgramWords.View(p.Record, p.Hash, p.Charter, p.Paused, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)) with { Pending = catalog.Pending(p.Charter.Program) })],
            ProtocolJson.Default.IReadOnlyListProgramView);

    private static async Task<IResult> SubmitAsync(HttpContext context, Callers callers, TransparencyLog log, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.SubmitEvent) is not { Event: PublicEvent happened }
            || happened is not (CharterProposed or CharterApproved or CharterRefused or CharterActivated or ProgramPaused or ProgramResumed))
        {
            return Problems.BadRequest("The body is an event such as charter-proposed or charter-approved, with its signed statement.");
        }

        if (happened is CharterProposed proposal && Unreadable(proposal) is { } why)
        {
            return Problems.BadRequest(why);
        }

        if (happened is ProgramPaused && !callers.RolesOf(caller.Person).Any(r => r is "privacy-officer" or "works-council" or "security"))
        {
            return Problems.Forbidden("A program is paused by privacy officer, works council or security, or from the server's console.", "role:privacy-officer");
        }

        // What does not stand is refused before it is recorded; what changes in between, the log's own rules settle.
        return log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), happened)) is { } complaint
            ? Problems.Conflict("That would not stand: " + complaint + ".")
            : Results.Json(new Recorded((await log.AppendAsync(happened)).Index), ProtocolJson.Default.Recorded);
    }

    private static async Task<IResult> GrantAsync(HttpContext context, Callers callers, TransparencyLog log, TimeProvider time)
    {
        if (await callers.FindAsync(context) is null)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.SubmitEvent) is not { Event: RoleGranted happened }
            || Statement.TryRead(happened.Signed.Bytes) is not GrantRole grant || !Vocabulary.Roles.Contains(grant.Role))
        {
            return Problems.BadRequest($"The body is an event role-granted. Roles: {string.Join(", ", Vocabulary.Roles)}.");
        }

        if (log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), happened)) is { } complaint)
        {
            return Problems.Conflict("That would not stand: " + complaint + ".");
        }

        var (entry, _) = await log.AppendAsync(happened, string.Empty, DateOnly.MaxValue);
        return log.Read(a => a.RolesOf(grant.Person, grant.Until).Contains(grant.Role))
            ? Results.Json(new Recorded(entry.Index), ProtocolJson.Default.Recorded)
            : Problems.Conflict("The grant was recorded but does not stand: it takes a quorum of root approvers, none of them the person.");
    }

    private static string? Unreadable(CharterProposed proposal) => CharterReader.Read(proposal.Text, "charter") switch
    {
        CharterReading.Bad bad => string.Join("\n", bad.Problems),
        CharterReading.Template => "this is a template: its days are fixed to dates before it is proposed (daylight charter fix)",
        CharterReading.Good good when CharterCheck.Of(good, "charter") is { Findings: { Count: > 0 } findings } => string.Join("\n", findings),
        CharterReading.Good good when Statement.TryRead(proposal.Signed.Bytes) is ProposeCharter s && s.Program != good.Charter.Program =>
            $"the signed statement is about {s.Program}, the charter about {good.Charter.Program}",
        _ => null,
    };
}
