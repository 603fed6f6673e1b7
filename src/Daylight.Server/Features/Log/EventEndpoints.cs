using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Log;

/// <summary>The one door for what people sign: charters, roles, cases, consents, erasures, pauses. The signatures in the event are what counts; who brings it does not.</summary>
internal static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/events", SubmitAsync)
        .WithSummary("A signed event, such as charter-approved, case-opened, consent-given, key-destroyed or program-paused").Accepts<SubmitEvent>("application/json").Produces<Recorded>();

    private static async Task<IResult> SubmitAsync(HttpContext context, Callers callers, TransparencyLog log, Erasures erasures, ApprovalReads reads, CaseBook cases, DirectoryStore directory, NoticeStore notices, KeyholderClient keyholder, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.SubmitEvent) is not { Event: { } happened } || !IsSignedKind(happened))
        {
            return Problems.BadRequest("The body is { \"event\": … }: an event that people sign, such as charter-proposed, charter-approved, role-granted or case-opened, with its signed statement.");
        }

        if (Misread(happened) is { } why)
        {
            return Problems.BadRequest(why);
        }

        if (happened is ProgramPaused && !callers.RolesOf(caller.Person).Any(r => r is "privacy-officer" or "works-council" or "security" or Authority.OwnerRole))
        {
            return Problems.Forbidden("A program is paused by its owner, privacy officer, works council or security, or from the server's console.", "role:privacy-officer");
        }

        // What does not stand is refused before it is recorded; what changes in between, the log's own rules settle.
        if (log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), happened)) is { } complaint)
        {
            return Problems.Conflict("That would not stand: " + complaint + ".");
        }

        if ((reads.Complaint(happened) ?? cases.Complaint(happened)) is { } speaks)
        {
            return Problems.Conflict("That would not stand: " + speaks + ".");
        }

        // A mistyped key would leave a log that nobody can cosign: the new keyholder must be there, and be the one that is named.
        if (happened is KeyholderChanged { Signed: var signed } && Statement.TryRead(signed.Bytes) is ChangeKeyholder change
            && await keyholder.HelloAsync(context.RequestAborted) is var there && (there.StatementKey != change.Keyholder || there.WitnessKey != change.Witness))
        {
            return Problems.Conflict($"The keyholder that this server reaches has other keys ({there.StatementKey}). Start the server with the new keyholder first, then name it.");
        }

        var index = happened switch
        {
            KeysDestroyed erasure => await erasures.EraseAsync(erasure, context.RequestAborted),
            PersonEvent person => (await log.AppendAsync(person)).Entry.Index,
            PublicEvent program => (await log.AppendAsync(program)).Index,
            _ => throw new InvalidOperationException("LogEvent is closed."),
        };
        if (happened is CaseOpened opened && Statement.TryRead(opened.Signed.Bytes) is OpenCase asked)
        {
            foreach (var role in cases.ApproversOf(asked))
            {
                // Never whom it is about: they are told on the day that the charter sets.
                await notices.AlertAsync(role, "case-waiting", $"A case waits for your approval as {role}. Read it under Cases.", asked.Subject, asked.Asker);
            }
        }

        // Only what was approved takes effect: another change may wait by now.
        if (happened is DirectoryApproved approval && reads.ApprovedBy(approval) is { } digest)
        {
            await directory.SettleAsync(approved: digest);
        }

        return Results.Json(new Recorded(index), ProtocolJson.Default.Recorded);
    }

    // The others are made by the server and the keyholder, or have a door of their own (credentials, asks).
    private static bool IsSignedKind(LogEvent happened) => happened is CharterProposed or CharterApproved or CharterRefused or CharterActivated or CharterEnded
        or ProgramPaused or ProgramResumed or ReviewClosed or RoleGranted or RoleRevoked or CredentialRevoked or CaseOpened or CaseApproved or CaseClosed
        or ConsentGiven or ConsentWithdrawn or KeysDestroyed or KeyholderAccepted or KeyholderChanged or WitnessesChanged or DirectoryApproved;

    private static string? Misread(LogEvent happened) => happened switch
    {
        CharterProposed proposal => ProgramEndpoints.Unreadable(proposal),
        RoleGranted grant when Statement.TryRead(grant.Signed.Bytes) is not GrantRole { Role: { } role } || !Vocabulary.Roles.Contains(role) => $"There is no such role. Roles: {string.Join(", ", Vocabulary.Roles)}.",
        _ => null,
    };
}
