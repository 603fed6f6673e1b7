using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Transparency;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>Reviews as everybody may read them; and the job that opens those which charters ask for.</summary>
internal sealed class ReviewBook(TransparencyLog log, LogStore store, ProgramCatalog programs, LifecycleRules rules, NoticeStore notices, TimeProvider time)
{
    /// <summary>How long before a review is due it is opened.</summary>
    private const int Ahead = 30;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Every review, newest first.</summary>
    public IReadOnlyList<ReviewView> All() => [.. log.Read(a => a.Reviews.ToList()).OrderByDescending(r => r.Key).Select(r => View(r.Key, r.Value))];

    /// <summary>One review with the entries that it rests on, so that whoever doubts it checks it without this server.</summary>
    public ReviewView? Find(ulong entry)
    {
        if (log.Read(a => a.Reviews.GetValueOrDefault(entry)) is not { } found)
        {
            return null;
        }

        var signed = found.SignedOff.OrderBy(r => r.Value.Entry).Select(r => (r.Value.Entry, "the sign-off as " + r.Key));
        List<(ulong Index, string What)> parts = [.. found.Pause is { } pause ? [(pause, "the pause")] : Array.Empty<(ulong, string)>(), (entry, "the opening of the review"),
            .. found.Reported is { } reported ? [(reported, "the report")] : Array.Empty<(ulong, string)>(), .. signed, .. found.Closed is { } closed ? [(closed, "its end")] : Array.Empty<(ulong, string)>()];
        return View(entry, found) with { Evidence = [.. parts.Select(p => Part(p.Index, p.What)).OfType<SignedPart>()] };
    }

    /// <summary>Opens reviews that are due soon by their charters, and tells who does them; returns how many.</summary>
    public async Task<int> OpenDueAsync()
    {
        var opened = 0;
        foreach (var program in programs.InForce().Where(p => p.Charter.Until >= Today))
        {
            var (open, last) = log.Read(a => (
                a.Reviews.Where(r => r.Value.Program == program.Program && r.Value.Pause is null && r.Value.Closed is null).Select(r => ((ulong Entry, DateOnly Due)?)(r.Key, r.Value.Due)).FirstOrDefault(),
                a.Reviews.Values.Where(r => r.Program == program.Program && r.Pause is null).Select(r => (DateOnly?)r.Due).Max() ?? a.Charters[program.Hash].ActivatedOn!.Value));
            var due = last.AddMonths(program.Charter.Review.Months);
            if (open is null && due.AddDays(-Ahead) <= Today)
            {
                due = due <= Today ? Today.AddDays(Ahead) : due;
                open = ((await log.AppendAsync(new ReviewOpened(program.Program, program.Hash, due))).Index, due);
                opened++;
            }

            if (open is { } waiting)
            {
                await notices.TellRolesAsync(program.Charter.Review.By, "review-waiting", $"{program.Program} is due for review by {Storage.Sql.Day(waiting.Due)}: is it still needed, who looked, what was never used? Read it under Reviews.", waiting.Entry);
            }
        }

        return opened;
    }

    private ReviewView View(ulong entry, ReviewRecord record)
    {
        var report = record.Reported is { } at && EventAt(at) is ReviewReported reported ? reported.Report : null;
        var missing = record.Pause is null ? [] : rules.Missing(entry);
        var state = record.Closed is not null ? "closed" : report is null ? "open" : missing.Count > 0 ? "reported" : "signed";
        var why = record.Pause is { } pause && EventAt(pause) is ProgramPaused paused ? paused.Reason
            : record.Closed is { } closed && EventAt(closed) is ReviewClosed { Signed: var signed } && Statement.TryRead(signed.Bytes) is CloseReview s ? $"{s.Outcome}: {s.Finding}" : null;
        return new ReviewView(entry, record.Program, record.Pause, why, record.Opened, record.Due, state, report is null ? null : Text(report), record.Report, [.. record.SignedOff.Keys.Order(StringComparer.Ordinal)], missing);
    }

    private static ReviewText Text(ReviewReport report) => new(report.Summary, [.. report.Findings.Select(f => new FindingText(f.What, f.Fix, f.Test.Tried, f.Test.Refused, f.Test.Output))]);

    private LogEvent? EventAt(ulong index) => store.Entry(index) is { } bytes ? LogEntry.TryRead(bytes)?.Event : null;

    private SignedPart? Part(ulong index, string what) => store.Entry(index) is { } bytes && log.Prove(index) is { } proof
        ? new SignedPart(what, Convert.ToBase64String(bytes), new TlogProof(index, proof.Proof, proof.Checkpoint).ToString())
        : null;
}
