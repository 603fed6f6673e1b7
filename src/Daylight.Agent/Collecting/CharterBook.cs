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
/// <param name="Lapsed">Rules that ended in an access review: what only they showed is not collected.</param>
internal sealed record AppliedCharter(string Program, DateOnly Since, string Hash, Charter? Charter, DateTimeOffset Told, IReadOnlyList<string> Changes, IReadOnlyList<string> Lapsed);

/// <summary>
/// Which charter each program collects under, by local day. Only a verified bundle writes in it, and agents read it offline. What widens collection is told
/// first, and begins on the next working day at the earliest, and not before the charter's notice is over; what narrows it begins at once.
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
        foreach (var program in bundle.Programs.Where(p => Newest(p.Charter.Program) is not { } page || page.Hash != p.Hash || IsAnew(page, p) || !page.Lapsed.SequenceEqual(p.Choice.Lapsed, StringComparer.Ordinal)))
        {
            var isFirst = shown.Contains(program.Hash) && Pages.All(p => p.Program != program.Charter.Program);
            changes.AddRange(Begin(program, today, now, isFirst ? enrolled : null));
        }

        foreach (var gone in Programs.Where(p => Newest(p) is not null && bundle.Programs.All(b => b.Charter.Program != p)))
        {
            changes.Add(new AppliedCharter(gone, today, string.Empty, null, now, [], []));
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

    /// <summary>Whether the program stopped covering this person and does again since this machine learned of it: there is notice anew.</summary>
    private static bool IsAnew(AppliedCharter page, VerifiedProgram program) => program.Charter.Notice.Days > 0 && program.Choice.Covered > DateOnly.FromDateTime(page.Told.UtcDateTime);

    private IEnumerable<AppliedCharter> Begin(VerifiedProgram program, DateOnly today, DateTimeOffset now, DateOnly? enrolled)
    {
        var (name, charter, hash, lapsed) = (program.Charter.Program, program.Charter, program.Hash, program.Choice.Lapsed);
        var noticed = program.Choice.Noticing.AddDays(charter.Notice.Days);
        if (Newest(name) is { } page && IsAnew(page, program))
        {
            yield return new AppliedCharter(name, today, string.Empty, null, now, [], []);
            yield return new AppliedCharter(name, Later(NextWorkingDay(today), noticed), hash, charter, now, ["It did not cover you, and does again."], lapsed);
            yield break;
        }

        if (On(name, today) is not { Charter: { } before } current)
        {
            // Whoever says yes has read it, and need not wait for another day; what was before the yes counts for nothing (Pauses.BeginAsync).
            var first = charter.Consent is Consent.OptIn ? today : enrolled ?? NextWorkingDay(today);
            yield return new AppliedCharter(name, Later(first, noticed), hash, charter, now, enrolled is null ? ["Nothing was collected for it here before."] : [], lapsed);
            yield break;
        }

        var wider = CharterDiff.Between(before, charter).Where(c => c.Widens).Select(c => c.Says).ToList();
        if (wider.Count == 0)
        {
            yield return new AppliedCharter(name, today, hash, charter, now, [], lapsed);
            yield break;
        }

        // Until the wider one begins the former goes on, unless it collects what no charter in force names any more: then nothing does.
        if (CharterDiff.NarrowsCollection(before, charter))
        {
            yield return new AppliedCharter(name, today, string.Empty, null, now, [], []);
        }

        yield return new AppliedCharter(name, Later(NextWorkingDay(today), noticed), hash, charter, now, wider, lapsed);
    }

    private static DateOnly Later(DateOnly one, DateOnly other) => one > other ? one : other;

    private static void Write(DbConnection connection, DbTransaction transaction, AppliedCharter page, Dictionary<string, string> texts)
    {
        // What was to begin later and is overtaken never begins.
        connection.Execute("DELETE FROM charters WHERE program = @Program AND since > @since", new { page.Program, since = Sql.Day(page.Since) }, transaction);
        connection.Execute(
            """
            INSERT INTO charters (program, since, hash, text, told, changes, lapsed) VALUES (@Program, @since, @Hash, @text, @told, @changes, @lapsed)
            ON CONFLICT (program, since) DO UPDATE SET hash = excluded.hash, text = excluded.text, told = excluded.told, changes = excluded.changes, lapsed = excluded.lapsed
            """,
            new
            {
                page.Program,
                since = Sql.Day(page.Since),
                page.Hash,
                text = page.Hash.Length == 0 ? string.Empty : texts[page.Hash],
                told = RawStore.Micros(page.Told),
                changes = JsonSerializer.Serialize(page.Changes, CollectingJson.Default.IReadOnlyListString),
                lapsed = JsonSerializer.Serialize(page.Lapsed, CollectingJson.Default.IReadOnlyListString),
            },
            transaction);
    }

    private void Load()
    {
        using var connection = store.Open();
        Pages = [.. connection.Query<(string Program, string Since, string Hash, string Text, long Told, string Changes, string Lapsed)>("SELECT program, since, hash, text, told, changes, lapsed FROM charters ORDER BY program, since")
            .Select(r => (Row: r, Lapsed: JsonSerializer.Deserialize(r.Lapsed, CollectingJson.Default.IReadOnlyListString)!))
            .Select(r => new AppliedCharter(
                r.Row.Program,
                Sql.Day(r.Row.Since),
                r.Row.Hash,
                r.Row.Hash.Length > 0 && CharterReader.Read(r.Row.Text, r.Row.Program) is CharterReading.Good good ? good.Charter.Without(r.Lapsed.Contains) : null,
                RawStore.Instant(r.Row.Told),
                JsonSerializer.Deserialize(r.Row.Changes, CollectingJson.Default.IReadOnlyListString)!,
                r.Lapsed))];
        Version++;
    }
}

/// <summary>Serialization of what is kept about collecting.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, int>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CollectingJson : JsonSerializerContext;
