using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Storage;
using Microsoft.Extensions.Logging;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Tells people what happened and concerns them: whom a charter covers, that it came into force and from when on it collects, that it ended, and that a review was published; those who
/// answer for it, that something is paused, that an incident is open, and that a day is near on which they owe an answer. A telling has a name made of what it is about and whom it is
/// for: told twice is told once, wherever it was cut off, and by however many nodes. It is done as soon as such an entry stands, whoever brought it, and again by a job.
/// </summary>
internal sealed partial class Tellings(TransparencyLog log, LogStore store, ProgramCatalog programs, Coverage coverage, NoticeStore notices, TimeProvider time, ILogger<Tellings> logger)
{
    private const string Mark = "tellings";

    /// <summary>How long before an answer is due who owes it is reminded.</summary>
    private static readonly TimeSpan AnswerAhead = TimeSpan.FromDays(7);

    /// <summary>The same for the authority that is told of an incident.</summary>
    private static readonly TimeSpan AuthorityAhead = TimeSpan.FromHours(24);

    /// <summary>Tells what has not been told, and whom a charter began to cover later; returns how many notices were new.</summary>
    public async Task<int> RunAsync() => await NewsAsync() + await coverage.NoteAsync(TellNewcomersAsync);

    /// <summary>The same as soon as an entry stands. It must not fail with what it tells of, which stands already: a job does it again.</summary>
    /// <param name="covering">Whether a charter came into force: whom it covers is noted with it.</param>
    public async Task SoonAsync(bool covering)
    {
        try
        {
            await (covering ? RunAsync() : NewsAsync());
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Later(logger, e.GetType().Name);
        }
    }

    /// <summary>Tells of entries that are new, and of what is owed.</summary>
    public async Task<int> NewsAsync()
    {
        var (from, size) = (notices.ReadMark(Mark), log.Size);
        var (about, paused, to) = log.Read(a => (News(a, from, size).OrderBy(n => n.Entry).ToList(), Paused(a, from, size), Incidents(a, from, size).Concat(Owed(a)).ToList()));
        var told = 0;
        foreach (var (entry, program, hash, kind, text) in about)
        {
            if (programs.EverInForce(program, hash) is not { } charter)
            {
                continue;
            }

            foreach (var people in coverage.BySince(charter))
            {
                told += await notices.TellAsync(people, kind, text ?? Begins(charter, hash, people.Key), entry);
            }
        }

        foreach (var (entry, named) in paused)
        {
            // It may come from the console, or over the keyholder: what counts is that it stands.
            var reason = store.Entry(entry) is { } bytes && LogEntry.TryRead(bytes)?.Event is ProgramPaused pause ? pause.Reason : string.Empty;
            told += await notices.TellRolesAsync(Authority.PausingRoles, "paused", $"Paused: {string.Join(", ", named)}. Why: {reason.TrimEnd('.')}. How far it has come stands under Programs; going on takes a review.", entry);
        }

        foreach (var (entry, kind, roles, text, but) in to)
        {
            told += await notices.TellRolesAsync(roles, kind, text, entry, but);
        }

        if (size > from)
        {
            await notices.MarkAsync(Mark, size);
        }

        return told;
    }

    /// <summary>Whoever a charter began to cover later is told like those whom it covered from the beginning; who comes back is told anew.</summary>
    private Task<int> TellNewcomersAsync(ProgramInForce program, DateOnly since, IReadOnlyList<string> people)
    {
        var (entry, activated) = log.Read(a => (a.Charters[program.Hash].Activated!.Value, a.Charters[program.Hash].ActivatedOn!.Value));
        return notices.TellAsync(people, "charter", Begins(program.Charter, program.Hash, since), entry, since > activated ? Sql.Day(since) : string.Empty);
    }

    // What came into force, what ended before its day, and what goes on after a review.
    private static IEnumerable<(ulong Entry, string Program, string Hash, string Kind, string? Text)> News(Authority authority, ulong from, ulong size)
    {
        bool IsNew(ulong? entry) => entry >= from && entry < size;
        return [
            .. authority.Charters.Where(c => IsNew(c.Value.Activated)).Select(c => (c.Value.Activated!.Value, c.Value.Program, c.Key, "charter", (string?)null)),
            .. authority.Charters.Where(c => IsNew(c.Value.End?.Entry)).Select(c => (c.Value.End!.Entry, c.Value.Program, c.Key, "charter", (string?)$"{c.Value.Program} has ended before its last day: {c.Value.End!.Reason.TrimEnd('.')}. Nothing is collected or shown under it any more, and what was kept goes on its days.")),
            .. authority.Reviews.Values.Where(r => IsNew(r.Closed) && r.Pause is not null && authority.Program(r.Program).Active is not null).Select(r => (r.Closed!.Value, r.Program, authority.Program(r.Program).Active!, "review",
                (string?)$"{r.Program} goes on after its review. What was found, what was done about it, and the tests that show that it holds, stand under Reviews.")),
        ];
    }

    private static List<(ulong Entry, List<string> Programs)> Paused(Authority authority, ulong from, ulong size) => [.. authority.Programs
        .Where(p => p.Value.PausedBy >= from && p.Value.PausedBy < size).GroupBy(p => p.Value.PausedBy!.Value).Select(p => (p.Key, p.Select(x => x.Key).Order(StringComparer.Ordinal).ToList()))];

    private static IEnumerable<(ulong Entry, string Kind, IReadOnlyCollection<string> Roles, string Text, string? But)> Incidents(Authority authority, ulong from, ulong size) => authority.Incidents.Values
        .Where(i => i.Entry >= from && i.Entry < size).Select(i => (
            i.Entry, "incident", (IReadOnlyCollection<string>)OpenIncident.Roles,
            $"An incident is open: {i.Statement.What.TrimEnd('.')}. The authority is told by {Instant(i.Statement.Known + OpenIncident.Clock)}, or it is written down why there is no risk. Read it in the breach register.", (string?)null));

    // Answers that are due soon, or late. Whoever objected does not answer, and is not reminded of it.
    private IEnumerable<(ulong Entry, string Kind, IReadOnlyCollection<string> Roles, string Text, string? But)> Owed(Authority authority)
    {
        var now = time.GetUtcNow();
        foreach (var incident in authority.Incidents.Values.Where(i => i is { IsSettled: false, IsClosed: false }))
        {
            var due = incident.Statement.Known + OpenIncident.Clock;
            if (now >= due - AuthorityAhead)
            {
                yield return (incident.Entry, now > due ? "incident-overdue" : "incident-due", OpenIncident.Roles,
                    $"{(now > due ? "The 72 hours are over" : "The 72 hours are over soon")}, at {Instant(due)}, and nothing says yet that the authority was told: {incident.Statement.What}", null);
            }
        }

        foreach (var (entry, objection) in authority.Objections.Where(o => o.Value is { Answer: null, TakenBack: false }))
        {
            var left = objection.Due.ToDateTime(TimeOnly.MaxValue) - now.UtcDateTime;
            if (left < AnswerAhead)
            {
                yield return (entry, left < TimeSpan.Zero ? "objection-overdue" : "objection-due", [DestroyKeys.OfficerRole],
                    $"An objection to {objection.Program} {(left < TimeSpan.Zero ? "was to be" : "is to be")} answered by {Sql.Day(objection.Due)}. Until then nothing is collected of who objected. Read it under Requests.", objection.Person);
            }
        }
    }

    private string Begins(Charter charter, string hash, DateOnly covered)
    {
        var asks = charter switch
        {
            { Consent: Consent.OptIn } => " Nothing is collected of you unless you say yes, under My choices.",
            { Consent: Consent.OptOut } => " You can say no under My choices.",
            { Notice.Acknowledged: true } => " Nothing is collected of you before you acknowledge this, under My choices.",
            { TakesObjections: true } => " You can object under My choices.",
            _ => string.Empty,
        };
        var (begins, activated) = (programs.BeginningOf(charter.Program, hash, covered)!, log.Read(a => a.Charters[hash].ActivatedOn!.Value));
        var when = begins.First < activated && charter.From <= activated ? "takes the place of the one before at once, and widens nothing"
            : $"collects from {Sql.Day(begins.First)} on{(begins.Former is { } former ? $"; until then version {Number((ulong)former.Version)} goes on" : string.Empty)}";
        return $"{charter.Program}, version {Number((ulong)charter.Version)}, {when}. {charter.Explain.In(Language.English)}{asks}";
    }

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    [LoggerMessage(1, LogLevel.Warning, "Telling failed with {Error} and will be tried again")]
    private static partial void Later(ILogger logger, string error);
}
