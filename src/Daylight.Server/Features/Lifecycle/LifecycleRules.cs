using Daylight.Core.Charters;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Storage;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>What the server knows beyond the log's own rules, because it reads charters and has the directory: whether a step of a program's life makes sense.</summary>
internal sealed class LifecycleRules(TransparencyLog log, ProgramCatalog programs, DirectoryStore directory, TimeProvider time)
{
    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Why an event must not be recorded; null when nothing speaks against it.</summary>
    public string? Complaint(LogEvent happened) => happened switch
    {
        CharterProposed { Signed: var signed, Text: var text } when Statement.TryRead(signed.Bytes) is ProposeCharter => Over(CharterReader.Read(text, "charter") is CharterReading.Good good ? good.Charter : null),
        CharterApproved { Signed: var signed } when Statement.TryRead(signed.Bytes) is ApproveCharter s => Twice(s) ?? Over(programs.Proposed(s.Charter)),
        CharterActivated { Signed: var signed } when Statement.TryRead(signed.Bytes) is ActivateCharter s => Over(programs.Proposed(s.Charter)),
        ConsentGiven { Signed: var signed } when Statement.TryRead(signed.Bytes) is GiveConsent s => Asks(s.Person, s.Program) ? null : $"{s.Program} asks nobody for consent: there is nothing to say yes to",
        ConsentWithdrawn { Signed: var signed } when Statement.TryRead(signed.Bytes) is WithdrawConsent s => programs.Find(s.Program) is { Charter: { Consent: Consent.None } charter }
            ? $"{s.Program} asks nobody for consent{(charter.TakesObjections ? "; you can object to it, and it is answered" : $", and rests on {charter.LawfulBasis}")}"
            : null,
        ObjectionRaised { Signed: var signed } when Statement.TryRead(signed.Bytes) is RaiseObjection s => programs.Find(s.Program)?.Charter switch
        {
            null => "there is no such program in force",
            { Consent: not Consent.None } => $"{s.Program} asks people: say no to it, and nothing is collected from then on",
            { TakesObjections: false } charter => $"{s.Program} rests on {charter.LawfulBasis}, to which there is no objection (GDPR Art. 21(1)); you can ask the privacy officer, or complain to the supervisory authority",
            _ => null,
        },
        KeysDestroyed { Order: { } order } => ErasureComplaint(order),
        ReviewOpened { Pause: null } => "a review that a charter asks for is opened when it is due, by itself",
        ReviewSigned { Signed: var signed } when Statement.TryRead(signed.Bytes) is SignReview s && !ReviewersOf(s.Review).Contains(s.Role) => $"this review is signed off by {string.Join(", ", ReviewersOf(s.Review))}",
        ProgramResumed { Signed: var signed } when Statement.TryRead(signed.Bytes) is ResumeProgram s => Missing(s.Review) is { Count: > 0 } missing ? $"the review is not signed off by {string.Join(", ", missing)}" : null,
        RuleReviewed { Signed: var signed } when Statement.TryRead(signed.Bytes) is ReviewRule s => programs.Find(s.Program)?.Charter.Show.Any(r => r.To is not Audience.Self && r.Name == s.Rule) == true ? null : $"{s.Program} has no rule {s.Rule} for others",
        IncidentOpened { Signed: var signed } when Statement.TryRead(signed.Bytes) is OpenIncident s => Unknown(s.Programs),
        _ => null,
    };

    /// <summary>Roles that sign a review off: those that its charter names, and those that approve.</summary>
    public IReadOnlyList<string> ReviewersOf(ulong review) => log.Read(a => a.Reviews.GetValueOrDefault(review)) is { } found
        ? [.. Authority.ApprovingRoles.Union(programs.EverInForce(found.Program, found.Charter)?.Review.By ?? [], StringComparer.Ordinal)]
        : [];

    /// <summary>Roles whose sign-off a review lacks.</summary>
    public IReadOnlyList<string> Missing(ulong review) => log.Read(a => a.Reviews.GetValueOrDefault(review)) is { } found ? [.. ReviewersOf(review).Except(found.SignedOff.Keys)] : [];

    /// <summary>What somebody is told whose erasure is not done in all programs; null when it is.</summary>
    public string? Delay(DestroyKeys order, IReadOnlyList<string> done)
    {
        var waiting = order.Programs.Except(done, StringComparer.Ordinal).ToList();
        return waiting.Count == 0 ? null : string.Join(" ", waiting.Select(p => log.Read(a => a.HoldOn(order.Person, p, Today)) switch
        {
            { } hold when hold.Statement.Tell <= Today => $"{p} waits: an approved case keeps it until {Sql.Day(hold.Statement.Until)} at the latest, for this reason: {hold.Statement.Reason}. Until then nobody else can look at it.",
            { } hold => $"{p} waits: an obligation to keep it stands against its erasure. Which one, you are told by {Sql.Day(hold.Statement.Tell)}; until it ends nobody else can look at it.",
            null => $"{p} is not done yet; it is tried again by itself.",
        }));
    }

    private static string? Twice(ApproveCharter s) => Authority.ApprovingRoles.Contains(s.Role) ? null : $"charters are approved by {string.Join(" and ", Authority.ApprovingRoles)}";

    private string? Over(Charter? charter) => charter is not null && charter.Until < Today ? $"the last day of this charter was {Sql.Day(charter.Until)}: a new version has another" : null;

    // A person who objected may take that back by a yes.
    private bool Asks(string person, string program) => programs.Find(program)?.Charter.Consent is not Consent.None || log.Read(a => a.Consents.ContainsKey((person, program)));

    private string? ErasureComplaint(DestroyKeys order) =>
        directory.Current.Person(order.Person) is null && log.Read(a => a.Credentials.Values.All(c => c.Person != order.Person)) ? "there is nobody of that id"
        : Unknown(order.Programs);

    private string? Unknown(IReadOnlyList<string> named)
    {
        var known = log.Read(a => a.Programs.Keys.ToHashSet(StringComparer.Ordinal));
        return named.FirstOrDefault(p => !known.Contains(p)) is { } unknown ? $"there never was a program '{unknown}'; programs: {string.Join(", ", known.Order(StringComparer.Ordinal))}" : null;
    }
}
