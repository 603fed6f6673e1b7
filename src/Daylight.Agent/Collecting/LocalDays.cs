using System.Data.Common;
using System.Text.Json;
using Daylight.Agent.Store;
using Daylight.Agent.Timesheets;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Collecting;

/// <summary>What a local day comes to for one program.</summary>
/// <param name="Page">The charter that it is collected under.</param>
/// <param name="Items">What will be sent.</param>
/// <param name="Values">Its numbers; null when nothing fell into its open hours.</param>
internal sealed record ComputedDay(AppliedCharter Page, IReadOnlyList<OutboxItem> Items, IReadOnlyDictionary<string, int>? Values);

/// <summary>
/// Computes local days from raw events, whole: whatever comes late, is edited or is taken back, the day is computed again, and so nothing is counted twice or lost. Of a day
/// of which raw events are gone only what was handed in can be computed; the rest of it stays as it was.
/// </summary>
internal sealed class LocalDays(AgentStore store, RawStore raw, CharterBook book, PersonTime person, Minimizers minimizers)
{
    /// <summary>Everything of a day. Under <see cref="Minimizers.Turn"/>.</summary>
    public IReadOnlyList<ComputedDay> Compute(DateOnly day)
    {
        var events = raw.Between(person.Local.At(day, 0), person.Local.At(day.AddDays(1), 0));
        using var connection = store.Open();
        return [.. On(day).Select(a =>
        {
            IReadOnlyList<RawEvent> seen = [.. events, .. HandedIn.Events(connection, person.Local, a.Page.Program, day)];
            var items = a.Minimizer.RecordsOf(day, events).Where(r => a.Page.Charter!.Stream(r.Stream)!.Kind == IndividualKind.Records).Select(r => OutboxItem.Of(a.Page, r));
            return new ComputedDay(a.Page, [.. items], a.Minimizer.Saw(day, seen) ? a.Minimizer.DayValues(day, seen) : null);
        })];
    }

    /// <summary>The numbers of what was handed in of a day, and of nothing else.</summary>
    public IReadOnlyList<ComputedDay> ComputeHandedIn(DateOnly day)
    {
        using var connection = store.Open();
        return [.. On(day).Select(a =>
        {
            var (seen, names) = (HandedIn.Events(connection, person.Local, a.Page.Program, day), HandedInMeasures(a.Page.Charter!));
            return new ComputedDay(a.Page, [], seen.Count > 0 && a.Minimizer.Saw(day, seen) ? a.Minimizer.DayValues(day, seen).Where(v => names.Contains(v.Key)).ToDictionary() : null);
        })];
    }

    /// <summary>Writes a day that was computed whole: what stood there of it is replaced, but for what was sent.</summary>
    public void Write(DbConnection connection, DbTransaction transaction, DateOnly day, IReadOnlyList<ComputedDay> computed)
    {
        var key = new { day = Sql.Day(day) };
        connection.Execute("DELETE FROM pending WHERE day = @day; DELETE FROM day_values WHERE day = @day; DELETE FROM touched_days WHERE day = @day;", key, transaction);
        Rows.Insert(
            connection,
            transaction,
            "pending (id, program, charter, stream, day, start, duration, data)",
            [.. NotSent(connection, transaction, day, computed).Select(i => new object[] { i.Id, i.Program, i.Charter, i.Stream, i.Day, RawStore.Micros(i.Start), i.Duration, Text(i.Data) })]);
        foreach (var (page, _, values) in computed)
        {
            Write(connection, transaction, page, day, values);
        }
    }

    /// <summary>Writes what was handed in of a day of which raw events are gone: the numbers of anything else stay.</summary>
    public static void WriteHandedIn(DbConnection connection, DbTransaction transaction, DateOnly day, IReadOnlyList<ComputedDay> computed)
    {
        foreach (var (page, _, values) in computed)
        {
            var known = connection.QuerySingleOrDefault<string>("SELECT measures FROM day_values WHERE program = @Program AND day = @day", new { page.Program, day = Sql.Day(day) }, transaction);
            var names = HandedInMeasures(page.Charter!);
            var both = (known is null ? [] : Values(known).Where(v => !names.Contains(v.Key))).Concat(values ?? new Dictionary<string, int>()).ToDictionary();
            connection.Execute("DELETE FROM day_values WHERE program = @Program AND day = @day", new { page.Program, day = Sql.Day(day) }, transaction);
            Write(connection, transaction, page, day, both.Count > 0 ? both : null);
        }

        connection.Execute("DELETE FROM touched_days WHERE day = @day", new { day = Sql.Day(day) }, transaction);
    }

    /// <summary>What of a computed day was not sent yet.</summary>
    public IEnumerable<OutboxItem> NotSent(DbConnection connection, DbTransaction? transaction, DateOnly day, IReadOnlyList<ComputedDay> computed)
    {
        var sent = connection.Query<(string Item, string Program, string Charter, string Stream, long Start, long Duration, string Counts)>(
            "SELECT item, program, charter, stream, start, duration, counts FROM sent_items WHERE day = @day", new { day = Sql.Day(day) }, transaction)
            .Select(s => new SentItem(s.Item, s.Program, s.Charter, s.Stream, RawStore.Instant(s.Start), (int)s.Duration, Fields(s.Counts))).ToList();
        if (sent.Count == 0)
        {
            return computed.SelectMany(c => c.Items);
        }

        var byItem = sent.ToLookup(s => s.Item, StringComparer.Ordinal);
        return computed.SelectMany(c => c.Items.Where(i => i.Start >= SentUpTo(sent, i)).Select(i => i.Without([.. byItem[i.Id]], c.Page.Charter!.Stream(i.Stream)!))).OfType<OutboxItem>();
    }

    /// <summary>How long a step of a stream is; a day where times are not told.</summary>
    public TimeSpan StepOf(string program, string charter, string stream) =>
        book.Pages.FirstOrDefault(p => p.Program == program && p.Hash == charter)?.Charter?.Stream(stream)?.TimeStep ?? TimeSpan.FromDays(1);

    internal static string Text(IEnumerable<KeyValuePair<string, string>> fields) => JsonSerializer.Serialize(fields.ToDictionary(), CollectingJson.Default.DictionaryStringString);

    internal static Dictionary<string, string> Fields(string data) => JsonSerializer.Deserialize(data, CollectingJson.Default.DictionaryStringString)!;

    internal static IReadOnlyDictionary<string, int> Values(string measures) => JsonSerializer.Deserialize(measures, CollectingJson.Default.IReadOnlyDictionaryStringInt32)!;

    // Under another charter, earlier on the day, steps may have been others: what they reached is not sent again in other words.
    private DateTimeOffset SentUpTo(List<SentItem> sent, OutboxItem item) => sent.Where(s => s.Charter != item.Charter && s.Program == item.Program && s.Stream == item.Stream)
        .Select(s => s.Start + StepOf(s.Program, s.Charter, s.Stream)).DefaultIfEmpty(DateTimeOffset.MinValue).Max();

    private IEnumerable<Applied> On(DateOnly day) => book.Programs.Select(p => minimizers.On(p, day)).OfType<Applied>();

    private static HashSet<string> HandedInMeasures(Charter charter) =>
        [.. charter.Measures.Where(m => charter.Stream(m.From)!.Kind == IndividualKind.Submissions).Select(m => m.Name)];

    private static void Write(DbConnection connection, DbTransaction transaction, AppliedCharter page, DateOnly day, IReadOnlyDictionary<string, int>? values)
    {
        if (values is not null)
        {
            connection.Execute(
                "INSERT INTO day_values (program, day, charter, measures) VALUES (@Program, @day, @Hash, @measures)",
                new { page.Program, page.Hash, day = Sql.Day(day), measures = JsonSerializer.Serialize(values, CollectingJson.Default.IReadOnlyDictionaryStringInt32) },
                transaction);
        }
    }
}
