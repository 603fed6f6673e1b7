using System.Data.Common;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Keyholder;

/// <summary>
/// What the keyholder remembers of releases: every period's cells, so that no question has two answers; who counted where in the last one, so that the next
/// gives nobody away beside it; and the noise that a year's figures have used.
/// </summary>
internal sealed class ReleaseHistory(IDatabase database, KeyVault vault)
{
    /// <summary>A release that is known; <paramref name="Cells"/> is null when only the log knows what they were.</summary>
    public sealed record Known(IReadOnlyList<ReleaseCell>? Cells);

    /// <summary>A release of this very period, or null.</summary>
    public Known? Find(string program, string period)
    {
        using var connection = database.Open();
        var cells = connection.QuerySingleOrDefault<string>("SELECT cells FROM releases WHERE program = @program AND period = @period", new { program, period });
        return cells is null ? null : new Known(cells.Length == 0 ? null : JsonSerializer.Deserialize(cells, ProtocolJson.Default.IReadOnlyListReleaseCell));
    }

    /// <summary>A released period that does not lie before this one, of the same length or with one of the same measures: periods are released in their order, and no time twice.</summary>
    public string? Overlaps(string program, ReleasePeriod period, IReadOnlyCollection<string> measures)
    {
        return Released(program).Where(r => r.Period.Last >= period.First && (r.Period.Weeks == period.Weeks || !r.IsKnown || Find(program, r.Period.ToString())!.Cells!.Any(c => measures.Contains(c.Measure))))
            .Select(r => r.Period.ToString()).FirstOrDefault();
    }

    /// <summary>What was remembered of the last period of a length: null when there was none, <see cref="ReleaseMemory.Lost"/> when only the log knows that there was one.</summary>
    public ReleaseMemory? Memory(string program, int weeks)
    {
        if (Released(program).Where(r => r.Period.Weeks == weeks).Select(r => r.Period.ToString()).Order(StringComparer.Ordinal).LastOrDefault() is not { } last)
        {
            return null;
        }

        using var connection = database.Open();
        var memory = connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM release_memory WHERE program = @program AND weeks = @weeks", new { program, weeks }) is { } box
            ? JsonSerializer.Deserialize(Unpack(vault.OpenOwn(box, Use(program, weeks))), MemoryJson.Default.ReleaseMemory)
            : null;
        return memory?.Period == last ? memory : ReleaseMemory.Lost;
    }

    /// <summary>By measure of a run: what a person may still lose this year to its noise.</summary>
    /// <param name="program">The program.</param>
    /// <param name="period">The run's period.</param>
    /// <param name="plans">The run's measures.</param>
    /// <param name="all">All of the charter's, of every length.</param>
    public IReadOnlyList<long> BudgetOf(string program, ReleasePeriod period, IReadOnlyList<MeasurePlan> plans, IReadOnlyList<MeasurePlan> all)
    {
        // The year's budget of the program is the sum of its measures'; a measure under a new name has the old one's to share.
        var left = all.Sum(YearOf) - Spent(program, period.Start.Year) - Unknown(program, period, all);
        var budgets = new long[plans.Count];
        for (var m = 0; m < budgets.Length; m++)
        {
            budgets[m] = Math.Max(0, Math.Min(YearOf(plans[m]) - Spent(program, period.Start.Year, plans[m].Measure.Name), left));
            left -= Math.Min(budgets[m], YearOf(plans[m]) / NoisePlan.PeriodsAYear(period.Weeks));
        }

        return budgets;
    }

    /// <summary>What of the year's noise is used, or null where no measure has any.</summary>
    public NoiseUse? Use(string program, ReleasePeriod period, IReadOnlyList<MeasurePlan> plans)
    {
        var year = plans.Sum(YearOf);
        return year == 0 ? null : new NoiseUse(period.Start.Year, Zcdp.Epsilon((double)(Spent(program, period.Start.Year) + Unknown(program, period, plans)) / Zcdp.Units), Zcdp.Epsilon((double)year / Zcdp.Units), Zcdp.Delta);
    }

    /// <summary>Writes a release down, in the commit that also notes whom it counted.</summary>
    public void Note(DbConnection c, DbTransaction t, ulong run, string program, ReleasePeriod period, IReadOnlyList<ReleaseCell> cells, ReleaseMemory memory, IEnumerable<(string Measure, long Cost)> spent)
    {
        var json = JsonSerializer.Serialize(cells, ProtocolJson.Default.IReadOnlyListReleaseCell);
        c.Execute("INSERT INTO releases (program, period, run, cells) VALUES (@program, @period, @run, @json)", new { program, period = period.ToString(), run = (long)run, json }, t);
        foreach (var (measure, cost) in spent)
        {
            c.Execute(
                "INSERT INTO noise_spent (program, year, measure, period, cost) VALUES (@program, @year, @measure, @period, @cost)",
                new { program, year = period.Start.Year, measure, period = period.ToString(), cost },
                t);
        }

        var box = vault.SealOwn(Pack(JsonSerializer.SerializeToUtf8Bytes(memory, MemoryJson.Default.ReleaseMemory)), Use(program, period.Weeks));
        c.Execute("DELETE FROM release_memory WHERE program = @program AND weeks = @weeks", new { program, weeks = period.Weeks }, t);
        c.Execute("INSERT INTO release_memory (program, weeks, sealed) VALUES (@program, @weeks, @box)", new { program, weeks = period.Weeks, box }, t);
    }

    /// <summary>What the log says was released: known, though it may be that no cells are.</summary>
    public static void NotePublished(DbConnection c, DbTransaction t, ReleaseRun run, ulong index) => c.Execute(
        "INSERT INTO releases (program, period, run, cells) VALUES (@Program, @Period, @index, '') ON CONFLICT DO NOTHING", new { run.Program, run.Period, index = (long)index }, t);

    /// <summary>A run that was logged before this start of the keyholder stood in the log: an older state of it may have counted it.</summary>
    public static void NotePossible(DbConnection c, DbTransaction t, ulong index) => c.Execute("INSERT INTO possible_runs (run) VALUES (@index) ON CONFLICT DO NOTHING", new { index = (long)index }, t);

    /// <summary>Whether that is so of a run.</summary>
    public bool MayHaveBeenCounted(ulong index)
    {
        using var connection = database.Open();
        return connection.QuerySingle<long>("SELECT COUNT(*) FROM possible_runs WHERE run = @index", new { index = (long)index }) > 0;
    }

    /// <summary>What periods may have cost of which only the log knows: their full share.</summary>
    private long Unknown(string program, ReleasePeriod period, IReadOnlyList<MeasurePlan> plans) => Released(program)
        .Where(r => !r.IsKnown && r.Period.Start.Year == period.Start.Year)
        .Sum(r => plans.Where(p => p.Weeks == r.Period.Weeks).Sum(p => YearOf(p) / NoisePlan.PeriodsAYear(p.Weeks)));

    private List<(ReleasePeriod Period, bool IsKnown)> Released(string program)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Period, int Known)>("SELECT period, CASE WHEN cells = '' THEN 0 ELSE 1 END FROM releases WHERE program = @program", new { program })
            .Where(r => ReleasePeriod.TryParse(r.Period, out _)).Select(r => (ReleasePeriod.TryParse(r.Period, out var period) ? period : default, r.Known == 1))];
    }

    private long Spent(string program, int year, string? measure = null)
    {
        using var connection = database.Open();
        return connection.QuerySingle<long?>(
            "SELECT SUM(cost) FROM noise_spent WHERE program = @program AND year = @year AND (@measure IS NULL OR measure = @measure)", new { program, year, measure }) ?? 0;
    }

    private static long YearOf(MeasurePlan plan) => plan.Noise is { } noise ? NoisePlan.YearOf(noise) : 0;

    private static string Use(string program, int weeks) => $"releases {program} {weeks}";

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest))
        {
            brotli.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var brotli = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        brotli.CopyTo(bytes);
        return bytes.ToArray();
    }
}

/// <summary>Serialization of what is remembered.</summary>
[JsonSerializable(typeof(ReleaseMemory))]
internal sealed partial class MemoryJson : JsonSerializerContext;
