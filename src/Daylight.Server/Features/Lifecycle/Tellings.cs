using Daylight.Core.Charters;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Storage;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Tells everybody whom it concerns that a charter came into force and from when on it collects, that it ended, and that a review was published. A telling has a name made of what it
/// is about and whom it is for: told twice is told once, wherever it was cut off, and by however many nodes. It is done as soon as such an entry stands, and again by a job.
/// </summary>
internal sealed class Tellings(TransparencyLog log, ProgramCatalog programs, Choices choices, NoticeStore notices)
{
    private const string Mark = "tellings";

    /// <summary>Tells what has not been told; returns how many notices were new.</summary>
    public async Task<int> RunAsync()
    {
        var (from, told) = (ReadMark(), 0);
        var size = log.Size;
        foreach (var (entry, program, hash, kind, text) in log.Read(a => News(a, from, size).OrderBy(n => n.Entry).ToList()))
        {
            if (programs.EverInForce(program, hash) is { } charter)
            {
                told += await notices.TellAsync(choices.Covered(charter).Select(p => p.Id), kind, text ?? Begins(charter, hash), entry);
            }
        }

        if (size > from)
        {
            await notices.MarkAsync(Mark, size);
        }

        return told;
    }

    private ulong ReadMark() => notices.ReadMark(Mark);

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

    private string Begins(Charter charter, string hash)
    {
        var begins = charter.Begins(log.Read(a => a.Charters[hash].ActivatedOn!.Value));
        var asks = charter switch
        {
            { Consent: Consent.OptIn } => " Nothing is collected of you unless you say yes, under My choices.",
            { Consent: Consent.OptOut } => " You can say no under My choices.",
            { Notice.Acknowledged: true } => " Nothing is collected of you before you acknowledge this, under My choices.",
            { TakesObjections: true } => " You can object under My choices.",
            _ => string.Empty,
        };
        return $"{charter.Program}, version {charter.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)}, collects from {Sql.Day(begins)} on. {charter.Explain.In(Language.English)}{asks}";
    }
}
