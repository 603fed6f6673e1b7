using Daylight.Core.Charters;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Storage;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Tells everybody whom it concerns that a charter came into force and from when on it collects, and that a review was published. A telling has a name made of what it
/// is about and whom it is for: told twice is told once, wherever the job was cut off, and by however many nodes.
/// </summary>
internal sealed class Tellings(TransparencyLog log, ProgramCatalog programs, Choices choices, NoticeStore notices)
{
    private const string Mark = "tellings";

    /// <summary>Tells what has not been told; returns how many notices were new.</summary>
    public async Task<int> RunAsync()
    {
        var (from, told) = (ReadMark(), 0);
        var size = log.Size;
        var news = log.Read(a => a.Charters.Where(c => c.Value.Activated >= from && c.Value.Activated < size).Select(c => (Entry: c.Value.Activated!.Value, Hash: c.Key, c.Value.Program))
            .Concat(a.Reviews.Where(r => r.Value.Closed >= from && r.Value.Closed < size && r.Value.Pause is not null).Select(r => (Entry: r.Value.Closed!.Value, Hash: string.Empty, r.Value.Program))).OrderBy(n => n.Entry).ToList());
        foreach (var (entry, hash, program) in news)
        {
            var text = hash.Length > 0 ? Begins(program, hash) : $"{program} goes on after its review. What was found, what was done about it, and the tests that show that it holds, stand under Reviews.";
            if (text is not null && programs.EverInForce(program, hash.Length > 0 ? hash : ActiveOf(program)) is { } charter)
            {
                told += await notices.TellAsync(choices.Covered(charter).Select(p => p.Id), hash.Length > 0 ? "charter" : "review", text, entry);
            }
        }

        if (size > from)
        {
            await notices.MarkAsync(Mark, size);
        }

        return told;
    }

    private ulong ReadMark() => notices.ReadMark(Mark);

    private string ActiveOf(string program) => log.Read(a => a.Program(program).Active) ?? string.Empty;

    private string? Begins(string program, string hash)
    {
        if (programs.EverInForce(program, hash) is not { } charter)
        {
            return null;
        }

        var begins = charter.Begins(log.Read(a => a.Charters[hash].ActivatedOn!.Value));
        var asks = charter switch
        {
            { Consent: Consent.OptIn } => " Nothing is collected of you unless you say yes, under My choices.",
            { Consent: Consent.OptOut } => " You can say no under My choices.",
            { Notice.Acknowledged: true } => " Nothing is collected of you before you acknowledge this, under My choices.",
            { TakesObjections: true } => " You can object under My choices.",
            _ => string.Empty,
        };
        return $"{program}, version {charter.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)}, collects from {Sql.Day(begins)} on. {charter.Explain.In(Language.English)}{asks}";
    }
}
