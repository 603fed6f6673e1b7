using System.Data.Common;
using System.IO.Compression;
using System.Text.Json;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;
using Daylight.Protocol;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Releases;

/// <summary>Runs and their cells.</summary>
internal sealed class ReleaseStore(IDatabase database, GroupCommitWriter writer, ServerKeys keys)
{
    /// <summary>Periods of a program that are done.</summary>
    public HashSet<string> Done(string program)
    {
        using var connection = database.Open();
        return connection.Query<string>("SELECT period FROM release_runs WHERE program = @program AND done = 1", new { program }).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The last day up to which one of the measures was released over periods of another length, or null.</summary>
    public DateOnly? ReleasedUntil(string program, IReadOnlyList<string> measures, int weeks)
    {
        using var connection = database.Open();
        var days = measures.SelectMany(measure => connection.Query<string>("SELECT DISTINCT period FROM release_cells WHERE program = @program AND measure = @measure", new { program, measure }))
            .Select(p => ReleasePeriod.TryParse(p, out var period) && period.Weeks != weeks ? period.Last : default).ToList();
        return days.Count == 0 || days.Max() == default ? null : days.Max();
    }

    /// <summary>A run that was logged: where, and whom it counts.</summary>
    public (ulong Run, CountedPeople Counted)? Started(string program, ReleasePeriod period) => Read(program, period.ToString());

    /// <summary>Notes a run, in the commit that logs it.</summary>
    public void Start(DbConnection c, DbTransaction t, string program, ReleasePeriod period, ulong run, CountedPeople counted, DateOnly expires) => c.Execute(
        "INSERT INTO release_runs (program, period, run, members, done, expires_on) VALUES (@program, @name, @run, @box, 0, @expires)",
        new { program, name = period.ToString(), run = (long)run, box = keys.Box.Seal(Pack(counted), Use(program, period.ToString())), expires = Sql.Day(expires) },
        t);

    /// <summary>Stores cells, in the commit that logs them.</summary>
    public static void Publish(DbConnection c, DbTransaction t, string program, ReleasePeriod period, KeyholderResponse.Counted answer, DateOnly expires)
    {
        foreach (var cell in answer.Cells)
        {
            c.Execute(
                """
                INSERT INTO release_cells (program, measure, level, grp, period, value, low, high, people, reason, expires_on)
                VALUES (@program, @Measure, @Level, @Group, @Period, @Value, @Low, @High, @People, @Reason, @expires) ON CONFLICT DO NOTHING
                """,
                new { program, cell.Measure, cell.Level, cell.Group, cell.Period, cell.Value, cell.Low, cell.High, cell.People, cell.Reason, expires = Sql.Day(expires) },
                t);
        }

        if (answer.Noise is { } noise)
        {
            c.Execute("DELETE FROM noise_use WHERE program = @program AND year = @Year", new { program, noise.Year }, t);
            c.Execute("INSERT INTO noise_use (program, year, used, budget, delta) VALUES (@program, @Year, @Used, @Budget, @Delta)", new { program, noise.Year, noise.Used, noise.Budget, noise.Delta }, t);
        }

        c.Execute("UPDATE release_runs SET done = 1 WHERE program = @program AND period = @name", new { program, name = period.ToString() }, t);
    }

    /// <summary>A period that will never have cells.</summary>
    public Task GiveUpAsync(string program, ReleasePeriod period) =>
        writer.WriteAsync((c, t) => c.Execute("UPDATE release_runs SET done = 1 WHERE program = @program AND period = @name", new { program, name = period.ToString() }, t));

    /// <summary>The cells of one measure and group, oldest first.</summary>
    public IReadOnlyList<ReleaseCell> Cells(string program, string measure, string level, string group)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Period, int? Value, int? Low, int? High, int? People, string? Reason)>(
            "SELECT period, value, low, high, people, reason FROM release_cells WHERE program = @program AND measure = @measure AND level = @level AND grp = @group ORDER BY period",
            new { program, measure, level, group }).Select(c => new ReleaseCell(level, group, measure, c.Period, c.Value, c.Low, c.High, c.People, c.Reason))];
    }

    /// <summary>What of this year's noise each program has used; the newest year of each.</summary>
    public IReadOnlyDictionary<string, NoiseUse> NoiseUses()
    {
        using var connection = database.Open();
        return connection.Query<(string Program, int Year, double Used, double Budget, double Delta)>("SELECT program, year, used, budget, delta FROM noise_use ORDER BY year")
            .GroupBy(n => n.Program).ToDictionary(g => g.Key, g => g.Last() is var n ? new NoiseUse(n.Year, n.Used, n.Budget, n.Delta) : null!, StringComparer.Ordinal);
    }

    /// <summary>A charter's noise before there are any figures; null where it has none.</summary>
    public static NoiseUse? NotUsed(Charter charter, DateOnly today)
    {
        var year = ReleasePlan.Of(charter).Measures.Sum(m => m.Noise is { } noise ? NoisePlan.YearOf(noise) : 0);
        return year == 0 ? null : new NoiseUse(ReleaseWeek.Of(today).Year, 0, Zcdp.Epsilon((double)year / Zcdp.Units), Zcdp.Delta);
    }

    /// <summary>Runs that are done and whose members are not forgotten, newest first.</summary>
    public IReadOnlyList<(string Program, string Period, ulong Run)> Runs(int most)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Program, string Period, long Run)>(
            "SELECT program, period, run FROM release_runs WHERE done = 1 AND members IS NOT NULL ORDER BY run DESC LIMIT @most", new { most }).Select(r => (r.Program, r.Period, (ulong)r.Run))];
    }

    /// <summary>Whom a run counts; null when it is not known, or forgotten.</summary>
    public (ulong Run, CountedPeople Counted)? Read(string program, string period)
    {
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<(long Run, byte[]? Members)>("SELECT run, members FROM release_runs WHERE program = @program AND period = @period", new { program, period });
        return row.Members is null ? null : ((ulong)row.Run, Unpack(keys.Box.Open(row.Members, Use(program, period))));
    }

    private static string Use(string program, string period) => $"run {program} {period}";

    private static byte[] Pack(CountedPeople counted)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(brotli, counted, CountedJson.Default.CountedPeople);
        }

        return packed.ToArray();
    }

    private static CountedPeople Unpack(byte[] packed)
    {
        using var brotli = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(brotli, CountedJson.Default.CountedPeople)!;
    }
}
