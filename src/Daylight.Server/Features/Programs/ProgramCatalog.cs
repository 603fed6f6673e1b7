using System.Collections.Concurrent;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Differences;
using Daylight.Sealing;
using Daylight.Server.Features.Log;

namespace Daylight.Server.Features.Programs;

/// <summary>A program with its parsed charter.</summary>
internal sealed record ProgramInForce(string Program, string Hash, Charter Charter, bool Paused, IReadOnlyList<string> Approvers)
{
    public ProgramFacts ForGate => new(Hash, Charter, Paused, [.. Approvers]);
}

/// <summary>When a charter begins for somebody.</summary>
/// <param name="First">First local day of collection under it.</param>
/// <param name="Former">The charter that goes on until then; null when nothing is collected meanwhile, or it began at once.</param>
internal sealed record Beginning(DateOnly First, Charter? Former);

/// <summary>Programs as the log has them, with their charters parsed once.</summary>
internal sealed class ProgramCatalog(TransparencyLog log, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Charter?> parsed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Former, string Hash), bool> widened = new();

    /// <summary>Programs that have a charter in force, paused ones included.</summary>
    public IReadOnlyList<ProgramInForce> InForce() => [.. log.Read(a => a.Programs.Where(p => p.Value.Active is not null)
            .Select(p => (Name: p.Key, Hash: p.Value.Active!, a.Charters[p.Value.Active!].Text, Paused: p.Value.PausedBy is not null, Approvers: a.Charters[p.Value.Active!].Approvals.Values.ToList(),
                Charter: Parse(p.Value.Active!, a.Charters[p.Value.Active!].Text)?.Without(rule => a.IsLapsed(p.Value.Active!, rule, Today)))).ToList())
        .Where(p => p.Charter is not null)
        .Select(p => new ProgramInForce(p.Name, p.Hash, p.Charter!, p.Paused, p.Approvers))
        .OrderBy(p => p.Program, StringComparer.Ordinal)];

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>One program in force.</summary>
    public ProgramInForce? Find(string program) => InForce().FirstOrDefault(p => p.Program == program);

    /// <summary>A charter that is, or was, in force for a program.</summary>
    public Charter? EverInForce(string program, string hash) => log.Read(a => a.Charters.TryGetValue(hash, out var r) && r.Activated is not null && r.Program == program ? r.Text : null) is { } text
        ? Parse(hash, text)
        : null;

    /// <summary>The day on which a charter was ended before its last one, or null.</summary>
    public DateOnly? EndedOn(string hash) => log.Read(a => a.Charters.GetValueOrDefault(hash)?.End?.Day);

    /// <summary>Every charter that is, or was, in force for a program, the last one first, without the rules that lapsed; with the day on which it was put in force.</summary>
    public IReadOnlyList<(string Hash, Charter Charter, DateOnly Activated)> AllInForce(string program) =>
        [.. log.Read(a => a.Charters.Where(c => c.Value.Program == program && c.Value.Activated is not null).OrderByDescending(c => c.Value.Activated).Select(c => (c.Key, c.Value.Text, On: c.Value.ActivatedOn!.Value)).ToList())
            .Select(c => (c.Key, Charter: Parse(c.Key, c.Text)?.Without(rule => log.Read(a => a.IsLapsed(c.Key, rule, Today))), c.On)).Where(c => c.Charter is not null).Select(c => (c.Key, c.Charter!, c.On))];

    /// <summary>
    /// When a charter that is, or was, in force begins for somebody; null when it never was. What widens nothing goes on at once where the one before it was; what widens waits for its own notice,
    /// and the one before goes on until then, unless it collects what no charter in force names any more. Machines go by the same (the agent's <c>CharterBook</c>), and never begin sooner.
    /// </summary>
    /// <param name="program">Program.</param>
    /// <param name="hash">The charter's hash.</param>
    /// <param name="covered">Since when the program covers this person: whom it covers later than it came into force has notice of this very charter.</param>
    public Beginning? BeginningOf(string program, string hash, DateOnly covered)
    {
        var before = new List<(string Hash, Charter Charter, DateOnly First, bool Ended)>();
        foreach (var (key, text, on, ended) in log.Read(a => a.Charters.Where(c => c.Value.Program == program && c.Value.Activated is not null).OrderBy(c => c.Value.Activated)
            .Select(c => (c.Key, c.Value.Text, c.Value.ActivatedOn!.Value, c.Value.End is not null)).ToList()))
        {
            if (Parse(key, text) is not { } charter)
            {
                continue;
            }

            var page = covered > on ? default : before.LastOrDefault(b => b.First <= on);
            var former = page is { Charter: { } then, Ended: false } && then.Until >= on ? then : null;
            var waits = former is null || Widens(page.Hash, former, key, charter);
            var first = waits ? charter.Begins(on, covered) : page.First;
            if (key == hash)
            {
                return new Beginning(first, waits && former is not null && !CharterDiff.NarrowsCollection(former, charter) ? former : null);
            }

            before.Add((key, charter, first, ended));
        }

        return null;
    }

    private bool Widens(string former, Charter before, string hash, Charter after) => widened.GetOrAdd((former, hash), _ => CharterDiff.Between(before, after).Any(c => c.Widens));

    /// <summary>A charter that was proposed.</summary>
    public Charter? Proposed(string hash) => log.Read(a => a.Charters.GetValueOrDefault(hash)?.Text) is { } text ? Parse(hash, text) : null;

    /// <summary>Hash of the newest charter of a program that is neither in force nor refused.</summary>
    public string? Pending(string program) => log.Read(a => a.Charters
        .Where(c => c.Value.Program == program && c.Value.Activated is null && !c.Value.Refused)
        .OrderByDescending(c => c.Value.Proposed)
        .Select(c => c.Key)
        .FirstOrDefault());

    /// <summary>Hash of the charter of a program that was proposed last, whatever became of it.</summary>
    public string? Last(string program) => log.Read(a => a.Charters.Where(c => c.Value.Program == program).OrderByDescending(c => c.Value.Proposed).Select(c => c.Key).FirstOrDefault());

    /// <summary>Every charter of a program that was ever proposed, newest first, each with what it changed from the one that was in force before it.</summary>
    public IReadOnlyList<Protocol.VersionView> Versions(string program)
    {
        var (all, active) = log.Read(a => (a.Charters.Where(c => c.Value.Program == program).OrderBy(c => c.Value.Proposed).ToList(), a.Program(program).Active));
        var versions = new List<Protocol.VersionView>();
        foreach (var (hash, record) in all)
        {
            if (Parse(hash, record.Text) is not { } charter)
            {
                continue;
            }

            var before = all.Where(c => c.Value.Activated < (record.Activated ?? ulong.MaxValue)).OrderByDescending(c => c.Value.Activated).FirstOrDefault();
            versions.Add(new Protocol.VersionView(
                charter.Version,
                hash,
                record.Refused ? "refused" : record.Activated is null ? "proposed" : record.End is not null || charter.Until < Today ? "ended" : hash == active ? "active" : "replaced",
                record.Proposed,
                record.ActivatedOn,
                record.End?.Day,
                record.End?.Reason,
                [.. record.Decisions.Select(d => new Protocol.DecisionView(d.Entry, d.Role, d.Shown, d.Reason))],
                before.Value is { } former && Parse(before.Key, former.Text) is { } then ? [.. CharterDiff.Between(then, charter).Select(c => (c.Widens ? "+ " : "- ") + c.Says)] : [],
                record.Text));
        }

        versions.Reverse();
        return versions;
    }

    /// <summary>The newest charter of every program that was ever proposed, in force or not.</summary>
    public IReadOnlyList<(CharterRecord Record, string Hash, Charter Charter, bool Paused)> Newest() => [.. log.Read(a => a.Charters
            .GroupBy(c => c.Value.Program, StringComparer.Ordinal)
            .Select(g => a.Program(g.Key).Active is { } active ? g.First(c => c.Key == active) : g.OrderBy(c => c.Value.Proposed).Last())
            .Select(c => (c.Value, c.Key, Paused: a.Program(c.Value.Program).PausedBy is not null))
            .ToList())
        .Select(c => (c.Value, c.Key, Charter: Parse(c.Key, c.Value.Text), c.Paused))
        .Where(c => c.Charter is not null)
        .Select(c => (c.Value, c.Key, c.Charter!, c.Paused))];

    private Charter? Parse(string hash, string text) =>
        parsed.GetOrAdd(hash, static (h, t) => CharterReader.Read(t, h) is CharterReading.Good good ? good.Charter : null, text);
}
