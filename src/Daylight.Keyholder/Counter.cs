using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>Counts groups for a recorded release run. No contribution leaves; a cell is computed once and answered the same ever after.</summary>
internal sealed class Counter(IDatabase database, KeyVault vault, LogFollower log, CharterShelf charters, OpeningLedger ledger, Witnesses witnesses, SteadyClock clock)
{
    public async Task<KeyholderResponse> CountAsync(KeyholderRequest.Count message)
    {
        if (message.Index >= log.Size)
        {
            return Refuse("not-followed", $"entry {message.Index} has not been followed");
        }

        if (LogEntry.TryRead(log.Entry(message.Index))?.Event is not ReleaseRun run || !ReleaseWeek.TryParse(run.Period, out var week))
        {
            return Refuse("entry", "that entry is not a release run");
        }

        if (log.CheckInclusion(message.Index, message.Checkpoint, message.Proof) is { } refused)
        {
            return refused;
        }

        using (var connection = database.Open())
        {
            if (await connection.QuerySingleOrDefaultAsync<string>(
                "SELECT cells FROM releases WHERE program = @Program AND period = @Period", new { run.Program, run.Period }) is { } before)
            {
                return new KeyholderResponse.Counted(JsonSerializer.Deserialize(before, ProtocolJson.Default.IReadOnlyListReleaseCell)!);
            }
        }

        var (charter, why) = charters.InForce(run.Program);
        if (charter is null || !charters.WasActivated(run.Charter, run.Program))
        {
            return Refuse(why.Length > 0 ? why : "charter", $"no charter of {run.Program} allows it now");
        }

        if (witnesses.Check(message.Checkpoint, message.Witnessed, covering: null, clock.Now) is { } unwitnessed)
        {
            return unwitnessed;
        }

        if (clock.Now < week.ClosedAt)
        {
            return Refuse("period-open", $"{run.Period} closes at {week.ClosedAt:O}");
        }

        return ReadGroups(message, run) is { } groups
            ? await PublishAsync(message, run, charter, groups, week.Last.AddDays(charter.Keep.Releases))
            : Refuse("groups", "the groups are not those that the run committed to, or count somebody twice");
    }

    /// <summary>The groups, when they are the ones committed to and nobody is in two.</summary>
    private static List<CountedGroup>? ReadGroups(KeyholderRequest.Count message, ReleaseRun run)
    {
        var leaves = message.Groups.Select(g => Merkle.Leaf(System.Text.Encoding.UTF8.GetBytes(g.Commitment()))).ToArray();
        var groups = message.Groups
            .Select(g => CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(g.Json), ProtocolJson.Default.CountedGroup))
            .OfType<CountedGroup>()
            .ToList();
        var members = groups.SelectMany(g => g.Members).ToList();
        return groups.Count == run.Groups && Merkle.Root(leaves).ToString() == run.Members
            && members.Count == members.Distinct(StringComparer.Ordinal).Count()
            && groups.Count == groups.Select(g => g.Group).Distinct(StringComparer.Ordinal).Count()
            ? groups
            : null;
    }

    private async Task<KeyholderResponse> PublishAsync(KeyholderRequest.Count message, ReleaseRun run, Charter charter, List<CountedGroup> groups, DateOnly until)
    {
        // One contribution per person and device: the same one handed in twice counts once.
        var contributions = message.Contributions
            .Select(c => (c.Person, Opened: OpenContribution(c, run)))
            .Where(c => c.Opened is not null)
            .DistinctBy(c => (c.Person, c.Opened!.Value.Device))
            .ToLookup(c => c.Person, c => c.Opened!.Value.Payload, StringComparer.Ordinal);
        var cells = new List<ReleaseCell>();
        foreach (var measure in charter.Measures)
        {
            // Where several rules show one measure there is still one cell; the strictest rule decides.
            var rules = charter.GroupRules.Where(r => r.Measure == measure.Name && r.Level == GroupLevel.Team && r.Weeks == 1).ToList();
            if (rules.Count > 0)
            {
                cells.AddRange(groups.Select(g => Cell(measure, rules, measure.IsSelective(charter), g, contributions, run.Period)));
            }
        }

        var json = JsonSerializer.Serialize<IReadOnlyList<ReleaseCell>>(cells, ProtocolJson.Default.IReadOnlyListReleaseCell);
        await ledger.NoteReleaseAsync(message.Index, groups.SelectMany(g => g.Members), until, (c, t) => c.Execute(
            "INSERT INTO releases (program, period, run, cells) VALUES (@Program, @Period, @run, @json)", new { run.Program, run.Period, run = (long)message.Index, json }, t));
        return new KeyholderResponse.Counted(cells);
    }

    private static ReleaseCell Cell(Measure measure, List<ShowRule.Group> rules, bool selective, CountedGroup group, ILookup<string, ContributionPayload> contributions, string period)
    {
        if (rules.Exists(r => r.Noise is not null))
        {
            // A charter that promises noise is not served without it.
            return new ReleaseCell(group.Group, measure.Name, period, null, null, "the charter asks for noise, and this version draws none");
        }

        var round = rules.Max(r => r.Rounding?.StepOf(measure, ReleaseRules.DaysInRange(measure)) ?? 1);
        var value = ReleaseRules.Cell(measure, rules.Max(r => r.Fewest), round, selective, group.Members.Select(m => contributions.Contains(m) ? Values(measure, contributions[m]) : null));
        return value switch
        {
            CellValue.Shown shown => new ReleaseCell(group.Group, measure.Name, period, shown.Mean, shown.People, null),
            CellValue.Withheld withheld => new ReleaseCell(group.Group, measure.Name, period, null, null, withheld.Reason),
            _ => throw new InvalidOperationException("CellValue is closed."),
        };
    }

    private static WeekOfValues Values(Measure measure, IEnumerable<ContributionPayload> devices) => new([.. devices.Select(d => (IReadOnlyDictionary<DateOnly, int>)d.Days
        .Where(day => day.Value.ContainsKey(measure.Name))
        .ToDictionary(day => DateOnly.ParseExact(day.Key, "yyyy-MM-dd", CultureInfo.InvariantCulture), day => day.Value[measure.Name]))]);

    private (CredentialId Device, ContributionPayload Payload)? OpenContribution(PersonChunk chunk, ReleaseRun run)
    {
        if (SealedChunk.TryParse(Convert.FromBase64String(chunk.Sealed)) is not { } sealedChunk || !charters.WasActivated(sealedChunk.Charter.ToHex(), run.Program))
        {
            return null;
        }

        var info = new SealInfo(1, chunk.Person, run.Program, "contribution", string.Empty, run.Period, sealedChunk.Charter.ToHex(), sealedChunk.Epoch);
        using var key = vault.PrivateKey(chunk.Person, run.Program, sealedChunk.Epoch);
        if (key is null)
        {
            return null;
        }

        try
        {
            var opened = Sealer.Open(key, info, sealedChunk);
            return log.Authority.Credentials.TryGetValue(opened.SignedBy, out var device) && device.Person == chunk.Person && opened.IsSignedBy(device.Key, info)
                && JsonSerializer.Deserialize(opened.Payload, ProtocolJson.Default.ContributionPayload) is { } payload && IsOfWeek(payload, run.Period)
                ? (opened.SignedBy, payload)
                : null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null; // not a contribution: it counts for nothing, and nothing about it is told
        }
    }

    private static bool IsOfWeek(ContributionPayload payload, string period) => payload.Week == period && payload.Days.Keys.All(d =>
        DateOnly.TryParseExact(d, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && ReleaseWeek.Of(day).ToString() == period);

    private static KeyholderResponse.Refused Refuse(string code, string message) => new(code, message);
}
