using System.Text.Json;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Keyholder;

/// <summary>
/// Counts groups for a recorded release run. No contribution leaves. Cells, what is remembered of them, what their noise cost and whom they counted are one
/// commit, before anything is answered: a period is computed once and answered the same ever after.
/// </summary>
internal sealed class Counter(
    KeyVault vault, LogFollower log, CharterShelf charters, OpeningLedger ledger, Witnesses witnesses, Starts starts, SteadyClock clock, ReleaseHistory history)
{
    // One at a time; it is lost with the process, and begun again.
    private Counting? counting;

    public KeyholderResponse Begin(KeyholderRequest.Count message)
    {
        counting = null;
        if (message.Index >= log.Size)
        {
            return Refuse("not-followed", $"entry {message.Index} has not been followed");
        }

        if (LogEntry.TryRead(log.Entry(message.Index))?.Event is not ReleaseRun run || !ReleasePeriod.TryParse(run.Period, out var period))
        {
            return Refuse("entry", "that entry is not a release run");
        }

        if (log.CheckInclusion(message.Index, message.Checkpoint, message.Proof) is { } refused)
        {
            return refused;
        }

        if (history.Find(run.Program, run.Period) is { } before)
        {
            return before.Cells is { } cells
                ? new KeyholderResponse.Counted(cells, Use(run.Program, period))
                : Refuse("released-before", $"the log says that {run.Period} was released, by a state of this keyholder that is gone; it is not computed twice");
        }

        if (starts.Unknown is not null && history.MayHaveBeenCounted(message.Index))
        {
            return Refuse("rolled-back", $"{run.Period} may have been counted before this keyholder was restored from an older copy; it is not computed twice");
        }

        if (charters.InForce(run.Program) is { Charter: null, Why: var why })
        {
            return Refuse(why, $"no charter of {run.Program} allows it now");
        }

        // Not the newest charter, but the newest that covered all of the period; which one that is, the server does not choose.
        if (charters.Covering(run.Program, period) is not { } covering || covering.Hash != run.Charter)
        {
            return Refuse("charter", $"{run.Period} was not under that charter of {run.Program}");
        }

        var plans = ReleasePlan.Of(covering.Charter).Measures.Where(m => m.Weeks == period.Weeks).ToList();

        if (witnesses.Check(message.Checkpoint, message.Witnessed, covering: null, clock.Now) is { } unwitnessed)
        {
            return unwitnessed;
        }

        if (clock.Now < period.ClosedAt)
        {
            return Refuse("period-open", $"{run.Period} closes at {period.ClosedAt:O}");
        }

        if (history.Overlaps(run.Program, period, [.. plans.Select(m => m.Measure.Name)]) is { } other)
        {
            return Refuse("order", $"{other} was released, and {run.Period} is not after it");
        }

        if (ReadCensus(message, run, period) is not { } census)
        {
            return Refuse("groups", "the groups are not those that the run committed to, or count somebody twice");
        }

        counting = new Counting(message.Index, run, covering.Charter, census, plans);
        return new KeyholderResponse.Counting();
    }

    public KeyholderResponse Add(KeyholderRequest.CountMore message)
    {
        if (counting is null || counting.Index != message.Index)
        {
            return NotCounting();
        }

        counting.Add(message.Contributions, vault, charters, log.Authority);
        return new KeyholderResponse.Counting();
    }

    public async Task<KeyholderResponse> EndAsync(KeyholderRequest.CountEnd message)
    {
        if (counting is not { } count || count.Index != message.Index)
        {
            return NotCounting();
        }

        // What may have changed since it began: a pause, most of all; and what people said. What was opened is not kept for another try.
        counting = null;
        if (charters.InForce(count.Run.Program) is { Charter: null, Why: var why })
        {
            return Refuse(why, $"no charter of {count.Run.Program} allows it now");
        }

        var gone = vault.GoneSince(count.Run.Program, message.Index);
        count.Forget(person => gone.Contains(vault.Reference(person)), log.Authority);
        var (run, period) = (count.Run, count.Census.Period);
        var budgets = history.BudgetOf(run.Program, period, count.Plans, ReleasePlan.Of(count.Charter).Measures);
        var people = count.Census.Ids.Select(vault.Reference).ToList();
        var results = count.Figures(people, history.Memory(run.Program, period.Weeks), budgets);
        List<ReleaseCell> cells = [.. results.SelectMany(r => r.Cells).Select(c => Said(c, run.Period))];
        var memory = new ReleaseMemory(run.Period, people, [.. results.Select(r => r.Memory)]);
        var spent = count.Plans.Zip(results).Where(r => r.Second.Cost > 0).Select(r => (r.First.Measure.Name, r.Second.Cost)).ToList();
        await ledger.NoteReleaseAsync(message.Index, count.Census.Ids, period.Last.AddDays(count.Charter.Keep.Releases), (c, t) => history.Note(c, t, message.Index, run.Program, period, cells, memory, spent));
        return new KeyholderResponse.Counted(cells, Use(run.Program, period));
    }

    private NoiseUse? Use(string program, ReleasePeriod period) =>
        charters.InForce(program).Charter is { } charter ? history.Use(program, period, ReleasePlan.Of(charter).Measures) : null;

    private static ReleaseCell Said(Cell cell, string period) => cell.Value switch
    {
        CellValue.Shown shown => new ReleaseCell(cell.Level.Word(), cell.Group, cell.Measure, period, shown.Mean, shown.Low, shown.High, shown.People),
        CellValue.Hidden hidden => new ReleaseCell(cell.Level.Word(), cell.Group, cell.Measure, period, Reason: hidden.Reason),
        _ => throw new InvalidOperationException("CellValue is closed."),
    };

    /// <summary>Who is counted where, when it is what the run committed to and adds up; nobody is in it twice.</summary>
    private static Census? ReadCensus(KeyholderRequest.Count message, ReleaseRun run, ReleasePeriod period)
    {
        if (Root(message.Groups) != (run.Groups, run.GroupRoot) || Root(message.People) != (run.People, run.PeopleRoot))
        {
            return null;
        }

        try
        {
            var groups = message.Groups.Select(g => Read(g, ProtocolJson.Default.CountedGroup)).ToList();
            var people = message.People.Select(p => Read(p, ProtocolJson.Default.CountedPerson)).ToList();
            var census = new Census(
                period,
                [.. groups.Where(g => g.Level == GroupLevel.Team.Word()).Select(g => new CountedTeam(g.Group, g.Parent))],
                [.. people.Select(p => new Counted(p.Person, p.Team, p.Site, p.Leads, p.Stayed))]);
            // The sizes that people are shown are those of the people that are counted.
            return groups.Select(g => (g.Level, g.Group, g.People)).ToHashSet().SetEquals(census.Groups().Select(g => (g.Level.Word(), g.Group, g.People))) ? census : null;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static T Read<T>(Opening opening, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(opening.Json), type) ?? throw new InvalidDataException("Not canonical JSON of a group or a person.");

    private static (int Count, string Root) Root(IReadOnlyList<Opening> openings) => (openings.Count, ReleaseProof.Root(openings));

    private static KeyholderResponse.Refused NotCounting() => Refuse("not-counting", "no such count has begun, or the keyholder was restarted: begin again");

    private static KeyholderResponse.Refused Refuse(string code, string message) => new(code, message);
}
