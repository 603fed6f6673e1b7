using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Agent.Store;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Differences;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Collecting;

/// <summary>What a program collects under from a local day on.</summary>
/// <param name="Program">Program.</param>
/// <param name="Since">First local day.</param>
/// <param name="Hash">The charter's hash; empty when nothing is collected from this day on.</param>
/// <param name="Charter">The charter; null when nothing is collected.</param>
/// <param name="Told">When this machine learned of it.</param>
/// <param name="Changes">What became wider, in words; empty when nothing did.</param>
internal sealed record AppliedCharter(string Program, DateOnly Since, string Hash, Charter? Charter, DateTimeOffset Told, IReadOnlyList<string> Changes);

/// <summary>
/// Which charter each program collects under, by local day. Only a verified bundle writes in it, and agents read it offline. What widens collection is told
/// first, and begins on the next working day at the earliest; what narrows it begins at once.
/// </summary>
internal sealed class CharterBook
{
    private readonly AgentStore store;
    private readonly TimeProvider time;

    public CharterBook(AgentStore store, TimeProvider time)
    {
        (this.store, this.time) = (store, time);
        Load();
    }

    /// <summary>Every page, by program and day.</summary>
    public IReadOnlyList<AppliedCharter> Pages { get; private set; } = [];

    /// <summary>Counts up with each change.</summary>
    public int Version { get; private set; }

    /// <summary>Programs that ever collected here.</summary>
    public IEnumerable<string> Programs => Pages.Select(p => p.Program).Distinct(StringComparer.Ordinal);

    /// <summary>What a program collects under on a local day; null when it does not.</summary>
    public AppliedCharter? On(string program, DateOnly day) =>
        Pages.LastOrDefault(p => p.Program == program && p.Since <= day) is { Charter: { } charter } page && charter.IsInForce(day) ? page : null;

    /// <summary>The page that a program is on, or will be on next; null when it is on none.</summary>
    public AppliedCharter? Newest(string program) => Pages.LastOrDefault(p => p.Program == program) is { Charter: not null } page ? page : null;

    /// <summary>What begins after a day, and was told.</summary>
    public IEnumerable<AppliedCharter> Coming(DateOnly today) => Pages.Where(p => p.Since > today && p.Charter is not null);

    /// <summary>Writes down what a verified bundle says.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="today">Today, in the zone that is in force here.</param>
    /// <param name="shown">Hashes of the charters that the person was shown when this machine was enrolled: the first of each program begins on that day.</param>
    /// <param name="enrolled">Which day that was.</param>
    public async Task TakeAsync(VerifiedBundle bundle, DateOnly today, IReadOnlyCollection<string> shown, DateOnly enrolled)
    {
        var now = time.GetUtcNow();
        var changes = new List<AppliedCharter>();
        foreach (var program in bundle.Programs.Where(p => Newest(p.Charter.Program)?.Hash != p.Hash))
        {
            var isFirst = shown.Contains(program.Hash) && Pages.All(p => p.Program != program.Charter.Program);
            changes.AddRange(Begin(program, today, now, isFirst ? enrolled : null));
        }

        foreach (var gone in Programs.Where(p => Newest(p) is not null && bundle.Programs.All(b => b.Charter.Program != p)))
        {
            changes.Add(new AppliedCharter(gone, today, string.Empty, null, now, []));
        }

        if (changes.Count > 0)
        {
            var texts = bundle.Programs.ToDictionary(p => p.Hash, p => p.Text, StringComparer.Ordinal);
            await store.WriteAsync((c, t) =>
            {
                changes.ForEach(page => Write(c, t, page, texts));
                for (var day = changes.Min(p => p.Since); day < today; day = day.AddDays(1))
                {
                    c.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day = Sql.Day(day) }, t);
                }
            });
            Load();
        }
    }

    /// <summary>The next day from Monday to Friday.</summary>
    public static DateOnly NextWorkingDay(DateOnly day)
    {
        do
        {
            day = day.AddDays(1);
        }
        while (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);
        return day;
    }

    private IEnumerable<AppliedCharter> Begin(VerifiedProgram program, DateOnly today, DateTimeOffset now, DateOnly? enrolled)
    {
        var (name, charter, hash) = (program.Charter.Program, program.Charter, program.Hash);
        if (On(name, today) is not { Charter: { } before } current)
        {
            yield return new AppliedCharter(name, enrolled ?? NextWorkingDay(today), hash, charter, now, enrolled is null ? ["Nothing was collected for it here before."] : []);
            yield break;
        }

        var wider = CharterDiff.Between(before, charter).Where(c => c.Widens).Select(c => c.Says).ToList();
        if (wider.Count == 0)
        {
            yield return new AppliedCharter(name, today, hash, charter, now, []);
            yield break;
        }

        // Until the wider one begins the former goes on, unless it collects what no charter in force names any more: then nothing does.
        if (CharterDiff.NarrowsCollection(before, charter))
        {
            yield return new AppliedCharter(name, today, string.Empty, null, now, []);
        }

        yield return new AppliedCharter(name, NextWorkingDay(today), hash, charter, now, wider);
    }

    private static void Write(DbConnection connection, DbTransaction transaction, AppliedCharter page, Dictionary<string, string> texts)
    {
        // What was to begin later and is overtaken never begins.
        connection.Execute("DELETE FROM charters WHERE program = @Program AND since > @since", new { page.Program, since = Sql.Day(page.Since) }, transaction);
        connection.Execute(
            """
            INSERT INTO charters (program, since, hash, text, told, changes) VALUES (@Program, @since, @Hash, @text, @told, @changes)
            ON CONFLICT (program, since) DO UPDATE SET hash = excluded.hash, text = excluded.text, told = excluded.told, changes = excluded.changes
            """,
            new
            {
                page.Program,
                since = Sql.Day(page.Since),
                page.Hash,
                text = page.Hash.Length == 0 ? string.Empty : texts[page.Hash],
                told = RawStore.Micros(page.Told),
                changes = JsonSerializer.Serialize(page.Changes, CollectingJson.Default.IReadOnlyListString),
            },
            transaction);
    }

    private void Load()
    {
        using var connection = store.Open();
        Pages = [.. connection.Query<(string Program, string Since, string Hash, string Text, long Told, string Changes)>("SELECT program, since, hash, text, told, changes FROM charters ORDER BY program, since")
            .Select(r => new AppliedCharter(
                r.Program,
                Sql.Day(r.Since),
                r.Hash,
                r.Hash.Length > 0 && CharterReader.Read(r.Text, r.Program) is CharterReading.Good good ? good.Charter : null,
                RawStore.Instant(r.Told),
                JsonSerializer.Deserialize(r.Changes, CollectingJson.Default.IReadOnlyListString)!))];
        Version++;
    }
}

/// <summary>Serialization of what is kept about collecting.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, int>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CollectingJson : JsonSerializerContext;
