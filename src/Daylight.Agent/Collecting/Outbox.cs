using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Daylight.Agent.Store;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Collecting;

/// <summary>An item that will be sent.</summary>
/// <param name="Id">Its id; 0 for one that is still growing.</param>
/// <param name="Program">Program.</param>
/// <param name="Stream">Stream.</param>
/// <param name="Day">Local day.</param>
/// <param name="Start">Start of its time step.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Data">What goes.</param>
public sealed record OutboxItem(long Id, string Program, string Stream, string Day, DateTimeOffset Start, double Duration, IReadOnlyDictionary<string, string> Data);

/// <summary>The numbers of one local day that will go into a program's contribution.</summary>
/// <param name="Program">Program.</param>
/// <param name="Day">Local day.</param>
/// <param name="Values">Values by measure.</param>
public sealed record DayNumbers(string Program, string Day, IReadOnlyDictionary<string, int> Values);

/// <summary>What is about to leave: minimised items and day values, before anything is sealed. It needs no server, and after a day is over no raw event of it.</summary>
internal sealed class Outbox(AgentStore store, RawStore raw, CharterBook book, Pauses pauses, PersonTime person, Minimizers minimizers, TimeProvider time)
{
    private const int MostAtOnce = 2000;

    /// <summary>An event that has grown by this much is worth a new piece, though it still grows.</summary>
    private static readonly TimeSpan Piece = TimeSpan.FromMinutes(5);

    /// <summary>Finds what watchers reported before the agent stopped and nothing was made of yet.</summary>
    public async Task ReconcileAsync()
    {
        await minimizers.PrepareAsync();
        using var connection = store.Open();
        var done = connection.Query<(long Event, long Duration)>("SELECT event, duration FROM done").ToDictionary(d => d.Event, d => d.Duration);
        raw.Touch(raw.Since(time.GetUtcNow() - RawStore.Memory).Where(e => !done.TryGetValue(e.Id, out var made) || made < e.Duration).Select(e => e.Id));
    }

    /// <summary>Minimises what is new; what is still growing only if <paramref name="all"/>, or when it has rested for a while.</summary>
    public async Task FillAsync(bool all, TimeSpan rest)
    {
        if (book.Pages.Count == 0)
        {
            return; // no charter was ever verified here: what was reported waits until one is, or until it is forgotten
        }

        var now = RawStore.Micros(time.GetUtcNow());
        var changes = raw.Touched.OrderBy(c => c.Key).ToList();
        foreach (var batch in changes.Chunk(MostAtOnce))
        {
            await minimizers.Turn.WaitAsync();
            try
            {
                var made = Minimize(batch, (change, grown) => all || now - change.Value >= (long)rest.TotalMicroseconds || grown >= Piece);
                await store.WriteAsync((c, t) => Write(c, t, made));
                foreach (var one in made)
                {
                    raw.Settle(one.Change);
                }
            }
            finally
            {
                minimizers.Turn.Release();
            }
        }
    }

    /// <summary>What <see cref="FillAsync"/> would add of events that still grow, without adding it.</summary>
    public async Task<IReadOnlyList<OutboxItem>> GrowingAsync()
    {
        await minimizers.Turn.WaitAsync();
        try
        {
            return [.. Minimize([.. raw.Touched.OrderByDescending(c => c.Key).Take(MostAtOnce)], (_, _) => true)
                .SelectMany(m => m.Records)
                .Select(r => new OutboxItem(0, r.Page.Program, r.Record.Stream, Sql.Day(r.Record.Day), r.Record.Start, r.Record.Duration.TotalSeconds, r.Record.Data))];
        }
        finally
        {
            minimizers.Turn.Release();
        }
    }

    /// <summary>Minimised items that wait to be sealed, newest first.</summary>
    public IReadOnlyList<OutboxItem> Items()
    {
        using var connection = store.Open();
        return [.. connection.Query<(long Id, string Program, string Stream, string Day, long Start, long Duration, string Data, string Counts)>(
            "SELECT id, program, stream, day, start, duration, data, counts FROM pending ORDER BY start DESC, id")
            .Select(p => new OutboxItem(p.Id, p.Program, p.Stream, p.Day, RawStore.Instant(p.Start), p.Duration / 1e6, Fields(p.Data).AddRange(Fields(p.Counts))))];
    }

    /// <summary>Numbers of days that are over and whose week is not sealed yet, newest first.</summary>
    public IReadOnlyList<DayNumbers> Days()
    {
        using var connection = store.Open();
        return [.. connection.Query<(string Program, string Day, string Measures)>("SELECT program, day, measures FROM day_values ORDER BY day DESC, program")
            .Select(d => new DayNumbers(d.Program, d.Day, JsonSerializer.Deserialize(d.Measures, CollectingJson.Default.IReadOnlyDictionaryStringInt32)!))];
    }

    /// <summary>Today's numbers so far.</summary>
    public async Task<IReadOnlyList<DayNumbers>> TodayAsync()
    {
        var today = person.Today;
        await minimizers.Turn.WaitAsync();
        try
        {
            var events = raw.Between(person.Local.At(today, 0), person.Local.At(today.AddDays(1), 0));
            return [.. book.Programs.Select(p => minimizers.On(p, today)).OfType<Applied>().Where(a => a.Minimizer.Saw(today, events))
                .Select(a => new DayNumbers(a.Page.Program, Sql.Day(today), a.Minimizer.DayValues(today, events)))];
        }
        finally
        {
            minimizers.Turn.Release();
        }
    }

    /// <summary>The raw events that each item was made of, as long as they are kept.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<RawEvent>>> SourcesAsync(IReadOnlyList<OutboxItem> items)
    {
        if (items.Count == 0)
        {
            return [];
        }

        await minimizers.Turn.WaitAsync();
        try
        {
            var events = raw.Between(items.Min(i => i.Start), items.Max(i => i.Start) + TimeSpan.FromDays(1));
            return [.. items.Select(item => Sources(item, events))];
        }
        finally
        {
            minimizers.Turn.Release();
        }
    }

    /// <summary>Takes an item back before it is sealed: it will not be sent, and what it was made of counts in no figure of its program. False when it is gone already.</summary>
    public async Task<bool> TakeBackAsync(long id)
    {
        if (Items().FirstOrDefault(i => i.Id == id) is not { } item)
        {
            return false;
        }

        var stream = book.Pages.LastOrDefault(p => p.Program == item.Program && p.Charter?.Stream(item.Stream) is not null)?.Charter!.Stream(item.Stream)!;
        var step = stream.TimeStep ?? TimeSpan.FromDays(1);
        var what = new Withheld(item.Start, item.Start + step, item.Stream, Named(item.Data, stream));
        await pauses.TakeBackAsync(item.Program, what, (c, t) =>
        {
            c.Execute("DELETE FROM pending WHERE id = @id", new { id }, t);
            Reopen(c, t, item.Program, [item.Day]);
        });
        await TurnDayAsync();
        return true;
    }

    /// <summary>Takes back everything of a span that was not sealed yet: an hour, or a day; of one program, or of all.</summary>
    public async Task TakeBackAsync(string? program, DateTimeOffset from, DateTimeOffset to)
    {
        var days = Days(from, to).ToList();
        await pauses.TakeBackAsync(program, new Withheld(from, to), (c, t) =>
        {
            var items = c.Query<(long Id, string Program, string Charter, string Stream, long Start)>("SELECT id, program, charter, stream, start FROM pending WHERE @program IS NULL OR program = @program", new { program }, t);
            foreach (var item in items.Where(i => i.Start < RawStore.Micros(to) && i.Start + StepOf(i.Program, i.Charter, i.Stream) > RawStore.Micros(from)))
            {
                c.Execute("DELETE FROM pending WHERE id = @Id", new { item.Id }, t);
            }

            foreach (var one in program is null ? book.Programs.ToList() : [program])
            {
                Reopen(c, t, one, days);
            }
        });
        await TurnDayAsync();
    }

    /// <summary>Forgets everything that has not left: raw events, items, day values, sealed chunks.</summary>
    public async Task ForgetAsync()
    {
        await raw.ForgetAsync();
        await store.WriteAsync((c, t) => c.Execute("DELETE FROM pending; DELETE FROM day_values; DELETE FROM touched_days; DELETE FROM sealed; DELETE FROM done;", transaction: t));
    }

    /// <summary>Computes the values of days that are over and were touched since. From then on they need no raw event.</summary>
    public async Task TurnDayAsync()
    {
        await person.TurnAsync();
        var today = person.Today;
        List<string> days;
        using (var connection = store.Open())
        {
            days = [.. connection.Query<string>("SELECT day FROM touched_days WHERE day < @today ORDER BY day", new { today = Sql.Day(today) })];
        }

        foreach (var day in days)
        {
            await minimizers.Turn.WaitAsync();
            try
            {
                var values = Compute(Sql.Day(day), out var whole);
                await store.WriteAsync((c, t) => Write(c, t, day, values, whole));
            }
            finally
            {
                minimizers.Turn.Release();
            }
        }
    }

    /// <summary>Forgets raw events that ended before an instant, never of a day whose values are still to be computed.</summary>
    public async Task PruneAsync(DateTimeOffset before)
    {
        string? open;
        using (var connection = store.Open())
        {
            open = connection.QuerySingleOrDefault<string>("SELECT MIN(day) FROM touched_days");
        }

        // An event that is still to be minimised is young: minimising needs no server.
        var limit = open is not null && person.Local.At(Sql.Day(open), 0) is var begins && begins < before ? begins : before;
        if (limit <= ForgottenBefore)
        {
            return;
        }

        // First it is written down that something is missing, then it goes.
        await store.SetStateAsync("forgotten-before", RawStore.Micros(limit).ToString(System.Globalization.CultureInfo.InvariantCulture));
        await raw.PruneAsync(limit);
        var lowest = raw.LowestId() ?? long.MaxValue;
        raw.SettleBelow(lowest);
        await store.WriteAsync((c, t) => c.Execute("DELETE FROM done WHERE event < @lowest", new { lowest }, t));
        await pauses.PruneAsync(limit - RawStore.Memory);
    }

    private IReadOnlyList<RawEvent> Sources(OutboxItem item, IReadOnlyList<RawEvent> events)
    {
        if (minimizers.On(item.Program, Sql.Day(item.Day)) is not { Page.Charter: { } charter } applied || charter.Stream(item.Stream) is not { } stream)
        {
            return [];
        }

        var (end, wanted) = (item.Start + (stream.TimeStep ?? TimeSpan.FromDays(1)), Named(item.Data, stream));
        return [.. events.Where(e => e.Stream == item.Stream && e.Start < end && e.End >= item.Start && applied.Minimizer.Records(e).Any(r => r.Start == item.Start && Same(Named(r.Data, stream), wanted)))];
    }

    /// <summary>What is counted aside: what names an item among others of its step.</summary>
    private static ImmutableSortedDictionary<string, string> Named(IReadOnlyDictionary<string, string> data, CollectedStream stream) =>
        data.Where(d => !stream.AddsUp(d.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static bool Same(ImmutableSortedDictionary<string, string> one, ImmutableSortedDictionary<string, string> other) => one.SequenceEqual(other);

    private DateTimeOffset ForgottenBefore =>
        store.State("forgotten-before") is { } micros ? RawStore.Instant(long.Parse(micros, System.Globalization.CultureInfo.InvariantCulture)) : DateTimeOffset.MinValue;

    private long StepOf(string program, string charter, string stream) =>
        (long)(book.Pages.FirstOrDefault(p => p.Program == program && p.Hash == charter)?.Charter?.Stream(stream)?.TimeStep ?? TimeSpan.FromDays(1)).TotalMicroseconds;

    private IEnumerable<string> Days(DateTimeOffset from, DateTimeOffset to)
    {
        for (var day = person.Local.DayOf(from); day <= person.Local.DayOf(to.AddTicks(-1)); day = day.AddDays(1))
        {
            yield return Sql.Day(day);
        }
    }

    /// <summary>A day's value is computed again, if its raw events are all there; else it goes altogether.</summary>
    private void Reopen(DbConnection connection, DbTransaction transaction, string program, IEnumerable<string> days)
    {
        foreach (var day in days)
        {
            if (person.Local.At(Sql.Day(day), 0) < ForgottenBefore)
            {
                connection.Execute("DELETE FROM day_values WHERE program = @program AND day = @day", new { program, day }, transaction);
            }
            else
            {
                connection.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day }, transaction);
            }
        }
    }

    private List<Made> Minimize(IReadOnlyList<KeyValuePair<long, long>> changes, Func<KeyValuePair<long, long>, TimeSpan, bool> ready)
    {
        var (events, done) = (raw.Raw([.. changes.Select(c => c.Key)]), Done(changes.Select(c => c.Key)));
        var made = new List<Made>();
        foreach (var change in changes)
        {
            if (!events.TryGetValue(change.Key, out var happened))
            {
                made.Add(new Made(change, null, []));
                continue;
            }

            var already = done.TryGetValue(change.Key, out var micros) ? TimeSpan.FromMicroseconds(micros) : (TimeSpan?)null;
            if (already is { } before && before >= happened.Duration)
            {
                made.Add(new Made(change, null, []));
            }
            else if (ready(change, happened.Duration - (already ?? TimeSpan.Zero)))
            {
                made.Add(new Made(change, happened, [.. minimizers.Current.SelectMany(a => a.Minimizer.Records(happened, already).Select(r => (a.Page, r)))]));
            }
        }

        return made;
    }

    private Dictionary<long, long> Done(IEnumerable<long> ids)
    {
        using var connection = store.Open();
        return ids.Chunk(500).SelectMany(part => connection.Query<(long Event, long Duration)>("SELECT event, duration FROM done WHERE event IN @part", new { part })).ToDictionary(d => d.Event, d => d.Duration);
    }

    private void Write(DbConnection connection, DbTransaction transaction, IReadOnlyList<Made> made)
    {
        var days = new HashSet<DateOnly>();
        foreach (var (change, happened, records) in made)
        {
            if (happened is null)
            {
                continue;
            }

            foreach (var (page, record) in records)
            {
                Add(connection, transaction, page, record);
            }

            for (var day = person.Local.DayOf(happened.Start); day <= person.Local.DayOf(happened.End); day = day.AddDays(1))
            {
                days.Add(day);
            }

            // The event may have grown meanwhile: what was minimised is what was read.
            connection.Execute(
                "INSERT INTO done (event, duration) VALUES (@id, @duration) ON CONFLICT (event) DO UPDATE SET duration = excluded.duration",
                new { id = change.Key, duration = (long)happened.Duration.TotalMicroseconds },
                transaction);
        }

        foreach (var day in days)
        {
            connection.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day = Sql.Day(day) }, transaction);
        }
    }

    /// <summary>Adds a record to the item that reads the same: lengths add up, and so do counts.</summary>
    private static void Add(DbConnection connection, DbTransaction transaction, AppliedCharter page, MinimizedRecord record)
    {
        var stream = page.Charter!.Stream(record.Stream)!;
        var counts = record.Data.Where(d => stream.AddsUp(d.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal);
        var item = new
        {
            page.Program,
            page.Hash,
            record.Stream,
            day = Sql.Day(record.Day),
            start = RawStore.Micros(record.Start),
            duration = (long)record.Duration.TotalMicroseconds,
            data = Text(record.Data.RemoveRange(counts.Keys)),
        };
        connection.Execute(
            """
            INSERT INTO pending (program, charter, stream, day, start, duration, data) VALUES (@Program, @Hash, @Stream, @day, @start, @duration, @data)
            ON CONFLICT (program, charter, stream, start, data) DO UPDATE SET duration = duration + excluded.duration
            """,
            item,
            transaction);
        if (!counts.IsEmpty)
        {
            const string Same = "WHERE program = @Program AND charter = @Hash AND stream = @Stream AND start = @start AND data = @data";
            var counted = Fields(connection.QuerySingle<string>("SELECT counts FROM pending " + Same, item, transaction));
            var sum = Text(MinimizedRecord.AddUp(counted, counts));
            connection.Execute("UPDATE pending SET counts = @sum " + Same, new { item.Program, item.Hash, item.Stream, item.start, item.data, sum }, transaction);
        }
    }

    private List<(AppliedCharter Page, IReadOnlyDictionary<string, int>? Values)> Compute(DateOnly day, out bool whole)
    {
        var begins = person.Local.At(day, 0);
        whole = begins >= ForgottenBefore;
        var events = raw.Between(begins, person.Local.At(day.AddDays(1), 0));
        using var connection = store.Open();
        var values = new List<(AppliedCharter, IReadOnlyDictionary<string, int>?)>();
        foreach (var applied in book.Programs.Select(p => minimizers.On(p, day)).OfType<Applied>())
        {
            IReadOnlyList<RawEvent> seen = [.. events, .. Timesheets.HandedIn.Events(connection, person.Local, applied.Page.Program, day)];
            values.Add((applied.Page, applied.Minimizer.Saw(day, seen) ? applied.Minimizer.DayValues(day, seen) : null));
        }

        return values;
    }

    private static void Write(DbConnection connection, DbTransaction transaction, string day, List<(AppliedCharter Page, IReadOnlyDictionary<string, int>? Values)> values, bool whole)
    {
        foreach (var (page, measured) in values)
        {
            var row = new { page.Program, page.Hash, day, measures = measured is null ? null : JsonSerializer.Serialize(measured, CollectingJson.Default.IReadOnlyDictionaryStringInt32), whole };
            if (measured is not null)
            {
                // A late event of a day whose raw events are partly forgotten must not shrink its value.
                connection.Execute(
                    """
                    INSERT INTO day_values (program, day, charter, measures) VALUES (@Program, @day, @Hash, @measures)
                    ON CONFLICT (program, day) DO UPDATE SET measures = CASE WHEN @whole THEN excluded.measures ELSE measures END, charter = CASE WHEN @whole THEN excluded.charter ELSE charter END
                    """,
                    row,
                    transaction);
            }
            else if (whole)
            {
                connection.Execute("DELETE FROM day_values WHERE program = @Program AND day = @day", row, transaction);
            }
        }

        connection.Execute("DELETE FROM touched_days WHERE day = @day", new { day }, transaction);
    }

    private static string Text(IEnumerable<KeyValuePair<string, string>> fields) => JsonSerializer.Serialize(fields.ToDictionary(), CollectingJson.Default.DictionaryStringString);

    internal static ImmutableSortedDictionary<string, string> Fields(string data) =>
        JsonSerializer.Deserialize(data, CollectingJson.Default.DictionaryStringString)!.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private sealed record Made(KeyValuePair<long, long> Change, RawEvent? Event, IReadOnlyList<(AppliedCharter Page, MinimizedRecord Record)> Records);
}
