using System.Data.Common;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Releases;

/// <summary>Runs and their cells.</summary>
internal sealed class ReleaseStore(IDatabase database, GroupCommitWriter writer, ServerKeys keys)
{
    /// <summary>People that are sealed together; a power of two, so that a proof is one part's and then the parts'.</summary>
    private const int PeopleInPart = 256;

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

    /// <summary>A run that was logged: where, and whom it counts; null when there is none, or its people are forgotten.</summary>
    public (ulong Run, CountedPeople Counted)? Started(string program, ReleasePeriod period)
    {
        if (Index(program, period.ToString()) is not { } found)
        {
            return null;
        }

        return (found.Run, new CountedPeople(found.Index.Groups, [.. Enumerable.Range(0, found.Index.First.Count).SelectMany(part => People(found.Run, part))]));
    }

    /// <summary>Notes a run, in the commit that logs it.</summary>
    public void Start(DbConnection c, DbTransaction t, string program, ReleasePeriod period, ulong run, CountedPeople counted, DateOnly expires)
    {
        var parts = counted.People.Chunk(PeopleInPart).ToList();
        var index = new CountedIndex(counted.Groups, [.. parts.Select(p => IdOf(p[0]))], [.. parts.Select(ReleaseProof.Root)]);
        c.Execute(
            "INSERT INTO release_runs (program, period, run, counted, done, expires_on) VALUES (@program, @name, @run, @box, 0, @expires)",
            new { program, name = period.ToString(), run = (long)run, box = Seal(index, CountedJson.Default.CountedIndex, Use(run, part: null)), expires = Sql.Day(expires) },
            t);
        Rows.Insert(c, t, "release_people (run, part, people)", [.. parts.Select((p, i) => new object[] { (long)run, i, Seal(p, CountedJson.Default.IReadOnlyListOpening, Use(run, i)) })]);
    }

    /// <summary>Somebody's place in a run with its proof, and the run's groups; null when the run did not count them.</summary>
    public (ReleaseProof Me, long People, IReadOnlyList<Opening> Groups)? Find(string program, string period, string person)
    {
        if (Index(program, period) is not { Index: var index, Run: var run })
        {
            return null;
        }

        // Parts are of a power of two, so the tree over all is the tree over the parts' roots (RFC 6962 §2.1).
        var part = index.First.Count(first => string.CompareOrdinal(first, person) <= 0) - 1;
        if (part < 0)
        {
            return null;
        }

        var people = People(run, part);
        if (people.Index().FirstOrDefault(p => IdOf(p.Item) == person) is not { Item: not null } me)
        {
            return null;
        }

        var within = ReleaseProof.Of(people, [me.Index])[0];
        Hash[] roots = [.. index.Roots.Select(r => Hash.TryParse(r, out var root) ? root : default)];
        var proof = within with { Index = (part * PeopleInPart) + me.Index, Path = [.. within.Path, .. Merkle.Path(roots, part).Select(h => h.ToString())] };
        var last = part == index.First.Count - 1 ? people.Count : People(run, index.First.Count - 1).Count;
        return (proof, ((index.First.Count - 1) * (long)PeopleInPart) + last, index.Groups);
    }

    /// <summary>Stores cells, in the commit that logs them.</summary>
    public static void Publish(DbConnection c, DbTransaction t, string program, ReleasePeriod period, KeyholderResponse.Counted answer, DateOnly expires)
    {
        var name = period.ToString();
        c.Execute("DELETE FROM release_cells WHERE program = @program AND period = @name", new { program, name }, t);
        static object OrNull(object? value) => value ?? DBNull.Value;
        Rows.Insert(c, t, "release_cells (program, measure, level, grp, period, value, low, high, people, reason, expires_on)", [.. answer.Cells.Select(cell => new object[]
        {
            program, cell.Measure, cell.Level, cell.Group, name, OrNull(cell.Value), OrNull(cell.Low), OrNull(cell.High), OrNull(cell.People), OrNull(cell.Reason), Sql.Day(expires),
        })]);
        if (answer.Noise is { } noise)
        {
            c.Execute("DELETE FROM noise_use WHERE program = @program AND year = @Year", new { program, noise.Year }, t);
            c.Execute("INSERT INTO noise_use (program, year, used, budget, delta) VALUES (@program, @Year, @Used, @Budget, @Delta)", new { program, noise.Year, noise.Used, noise.Budget, noise.Delta }, t);
        }

        c.Execute("UPDATE release_runs SET done = 1 WHERE program = @program AND period = @name", new { program, name }, t);
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

    /// <summary>Runs that are done and whose people are not forgotten, newest first.</summary>
    public IReadOnlyList<(string Program, string Period, ulong Run)> Runs(int most)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Program, string Period, long Run)>(
            "SELECT program, period, run FROM release_runs WHERE done = 1 AND counted IS NOT NULL ORDER BY run DESC LIMIT @most", new { most }).Select(r => (r.Program, r.Period, (ulong)r.Run))];
    }

    private (ulong Run, CountedIndex Index)? Index(string program, string period)
    {
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<(long Run, byte[]? Counted)>("SELECT run, counted FROM release_runs WHERE program = @program AND period = @period", new { program, period });
        return row.Counted is null ? null : ((ulong)row.Run, Open(row.Counted, CountedJson.Default.CountedIndex, Use((ulong)row.Run, part: null)));
    }

    private IReadOnlyList<Opening> People(ulong run, int part)
    {
        using var connection = database.Open();
        return Open(connection.QuerySingle<byte[]>("SELECT people FROM release_people WHERE run = @run AND part = @part", new { run = (long)run, part }), CountedJson.Default.IReadOnlyListOpening, Use(run, part));
    }

    private static string IdOf(Opening person) => JsonSerializer.Deserialize(person.Json, ProtocolJson.Default.CountedPerson)!.Person;

    private static string Use(ulong run, int? part) => string.Create(CultureInfo.InvariantCulture, $"run {run} {part}");

    private byte[] Seal<T>(T value, JsonTypeInfo<T> type, string use)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(brotli, value, type);
        }

        return keys.Box.Seal(packed.ToArray(), use);
    }

    private T Open<T>(byte[] box, JsonTypeInfo<T> type, string use)
    {
        using var brotli = new BrotliStream(new MemoryStream(keys.Box.Open(box, use)), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(brotli, type)!;
    }
}
