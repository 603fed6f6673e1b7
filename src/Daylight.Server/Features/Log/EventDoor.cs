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

namespace Daylight.Server.Features.Log;

/// <summary>What became of an event that somebody brought.</summary>
internal abstract record Brought
{
    private Brought()
    {
    }

    /// <summary>It stands in the log.</summary>
    /// <param name="Entry">Log index.</param>
    /// <param name="Says">What who brought it should know; null when there is nothing.</param>
    public sealed record Done(ulong Entry, string? Says = null) : Brought;

    /// <summary>It is none that people bring, or cannot be read.</summary>
    public sealed record Unreadable(string Why) : Brought;

    /// <summary>Another may bring it.</summary>
    public sealed record Forbidden(string Why, string Missing) : Brought;

    /// <summary>It would not stand, and was not recorded.</summary>
    public sealed record Refused(string Why) : Brought;
}

/// <summary>The one door for what people sign: charters, roles, cases, consents, erasures, pauses. The signatures in the event are what counts; who brings it does not.</summary>
internal sealed class EventDoor(
    TransparencyLog log, Callers callers, Erasures erasures, ApprovalReads reads, CaseBook cases, LifecycleRules lifecycle, Tellings tellings, ExposureHistory exposure, DirectoryStore directory, NoticeStore notices, KeyholderClient keyholder, TimeProvider time)
{
    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Checks an event, records it, and does what follows from it at once.</summary>
    public async Task<Brought> BringAsync(Caller caller, LogEvent happened, CancellationToken cancel)
    {
        if (!IsSignedKind(happened))
        {
            return new Brought.Unreadable("The body is { \"event\": … }: an event that people sign, such as charter-proposed, charter-approved, role-granted or case-opened, with its signed statement.");
        }

        if (Misread(happened) is { } why)
        {
            return new Brought.Unreadable(why);
        }

        if (happened is ProgramPaused or ReviewOpened && !callers.RolesOf(caller.Person).Any(Authority.PausingRoles.Contains))
        {
            return new Brought.Forbidden("A program is paused, and its review opened, by its owner, privacy officer, works council or security; a pause also from the server's console.", "role:privacy-officer");
        }

        // What does not stand is refused before it is recorded; what changes in between, the log's own rules settle.
        if ((log.Read(a => a.Complaint(Today, happened)) ?? reads.Complaint(happened) ?? cases.Complaint(happened) ?? lifecycle.Complaint(happened) ?? await OfficeComplaintAsync(happened, cancel)) is { } complaint)
        {
            return new Brought.Refused("That would not stand: " + complaint + ".");
        }

        if (happened is KeysDestroyed erasure)
        {
            var (entry, done) = await erasures.EraseAsync(erasure, cancel);
            return new Brought.Done(entry, lifecycle.Delay(erasure.Order!, done));
        }

        var index = happened is PersonEvent person ? (await log.AppendAsync(person)).Entry.Index : (await log.AppendAsync((PublicEvent)happened)).Index;
        await FollowUpAsync(happened, index);
        return new Brought.Done(index);
    }

    /// <summary>A mistyped key would leave a log that nobody can cosign: the new keyholder must be there, and be the one that is named.</summary>
    private async Task<string?> OfficeComplaintAsync(LogEvent happened, CancellationToken cancel) =>
        happened is KeyholderChanged { Signed: var signed } && Statement.TryRead(signed.Bytes) is ChangeKeyholder change
            && await keyholder.HelloAsync(cancel) is var there && (there.StatementKey != change.Keyholder || there.WitnessKey != change.Witness)
            ? $"the keyholder that this server reaches has other keys ({there.StatementKey}); start the server with the new keyholder first, then name it"
            : null;

    private async Task FollowUpAsync(LogEvent happened, ulong index)
    {
        if (happened is CharterActivated or RoleGranted or CaseApproved)
        {
            await exposure.NoteAsync(); // somebody may see more by it: an incident is asked about it later, also where it is taken back in a moment
        }

        switch (happened)
        {
            case CaseOpened { Signed: var signed } when Statement.TryRead(signed.Bytes) is OpenCase asked:
                // Never whom it is about: they are told on the day that the charter sets. A legal hold takes both who approve programs.
                foreach (var role in cases.ApproversOf(asked))
                {
                    await notices.AlertAsync(role, "case-waiting", $"A {(asked.Hold ? "legal hold" : "case")} waits for your approval as {role}. Read it under Cases.", asked.Subject, asked.Asker);
                }

                break;
            case ObjectionRaised { Signed: var signed } when Statement.TryRead(signed.Bytes) is RaiseObjection s:
                await notices.AlertAsync(DestroyKeys.OfficerRole, "objection-waiting", $"An objection to {s.Program} waits for an answer until {Storage.Sql.Day(Today.AddDays(RaiseObjection.AnswerDays))}. Read it under Requests.", s.Person);
                break;
            case CharterProposed { Signed: var signed } when Statement.TryRead(signed.Bytes) is ProposeCharter s:
                foreach (var role in Authority.ApprovingRoles)
                {
                    await notices.AlertAsync(role, "charter-waiting", $"A charter of {s.Program} waits for your approval as {role}. What it finds, whom it lets see what and what employees will read stand under Programs.");
                }

                break;
            case CharterRefused { Signed: var signed } when Statement.TryRead(signed.Bytes) is RefuseCharter s:
                await notices.AlertAsync(Authority.OwnerRole, "charter-refused", $"The charter of {s.Program} was refused as {s.Role}: {s.Reason}");
                break;
            case CharterActivated or CharterEnded or ProgramPaused or ProgramResumed or IncidentOpened:
                await tellings.SoonAsync(covering: happened is CharterActivated); // before the first event is collected, not a quarter of an hour after
                break;
            case CredentialAdded { View: { } view }:
                await notices.TellAsync([view.Subject], "credential", $"A further key was registered for you, signed by one that you have (entry {index} of the log). If that was not you, end it under Keys and sessions, and tell a privacy officer at once.", index);
                break;
            case CredentialPromised { Signed: var signed } when Statement.TryRead(signed.Bytes) is PromiseCredential s:
                await notices.TellAsync([s.Person], "credential-promised", $"Two root approvers promise a new key in your name: {s.Reason} It signs from {Storage.Sql.Day(Today.AddDays(PromiseCredential.WaitDays + 1))} on (entry {index} of the log). If you did not ask for it, end it before: daylight credential revoke {Credential.TryParse(s.Key)!.Id} --reason \"not mine\", with any key of yours.", index);
                break;
            case CredentialRestored { View: { } view }:
                await notices.TellAsync([view.Subject], "credential", $"The key that was promised to you signs from now on (entry {index} of the log).", index);
                break;
            case ReviewReported { Signed: var signed } when Statement.TryRead(signed.Bytes) is ReportReview s:
                foreach (var role in lifecycle.ReviewersOf(s.Review))
                {
                    await notices.AlertAsync(role, "review-waiting", $"The review of {s.Program} has a report that waits for your sign-off as {role}. Read it under Reviews.");
                }

                break;
            case DirectoryApproved approval when reads.ApprovedBy(approval) is { } digest:
                await directory.SettleAsync(approved: digest); // only what was approved takes effect: another change may wait by now
                break;
            default:
                break;
        }
    }

    // The others are made by the server and the keyholder, or have a door of their own (credentials, asks).
    private static bool IsSignedKind(LogEvent happened) => happened is CharterProposed or CharterApproved or CharterRefused or CharterActivated or CharterEnded
        or ProgramPaused or ProgramResumed or ReviewOpened or ReviewReported or ReviewSigned or ReviewClosed or RoleGranted or RoleRevoked or RoleReviewed or RuleReviewed or CredentialRevoked or CredentialAdded or CredentialPromised or CredentialRestored
        or CaseOpened or CaseApproved or CaseClosed or ConsentGiven or ConsentWithdrawn or ObjectionRaised or ObjectionAnswered or NoticeAcknowledged or KeysDestroyed
        or IncidentOpened or IncidentNoted or KeyholderAccepted or KeyholderChanged or WitnessesChanged or DirectoryApproved;

    private static string? Misread(LogEvent happened) => happened switch
    {
        CharterProposed proposal => ProgramEndpoints.Unreadable(proposal),
        RoleGranted grant when Statement.TryRead(grant.Signed.Bytes) is not GrantRole { Role: { } role } || !Vocabulary.Roles.Contains(role) => $"There is no such role. Roles: {string.Join(", ", Vocabulary.Roles)}.",
        _ => null,
    };
}
