using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Daylight.Agent.Sending;
using Daylight.Agent.Store;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Collecting;

/// <summary>
/// What is about to leave, before anything is sealed: of today as it stands now, of the days before as they were computed at local midnight. It needs no server, and a
/// day that was computed needs no raw event.
/// </summary>
internal sealed class Outbox(AgentStore store, RawStore raw, CharterBook book, Pauses pauses, PersonTime person, Minimizers minimizers, TimeProvider time)
{
    /// <summary>How long after a day's end its raw events stay at least: watchers report late.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromHours(2);

    private readonly LocalDays days = new(store, raw, book, person, minimizers);

    /// <summary>Makes this store ready: its secret of pseudonyms, and whether the raw events are those that it knows.</summary>
    public async Task PrepareAsync()
    {
        await minimizers.PrepareAsync();
        if (store.State("raw") != raw.Identity)
        {
            await store.WriteAsync((c, t) =>
            {
                if (store.State("raw") is not null)
                {
                    SetForgotten(c, t, person.Midnight); // the owner deleted the file: what was computed from it stays as it is
                }

                AgentStore.SetState(c, t, "raw", raw.Identity);
            });
        }
    }

    /// <summary>Computes the days that are over and were touched since they were computed last; today as well, if it is to be sealed as it stands.</summary>
    public Task FillAsync(bool withToday) => InTurnAsync(async () =>
    {
        await FillInTurnAsync(withToday);
        return true;
    });

    /// <summary>What will be sent, newest first.</summary>
    public Task<IReadOnlyList<OutboxItem>> ItemsAsync() => InTurnAsync(() =>
    {
        var today = person.Today;
        var computed = days.Compute(today);
        using var connection = store.Open();
        var waiting = connection.Query<(string Id, string Program, string Charter, string Stream, string Day, long Start, long Duration, string Data)>(
            "SELECT id, program, charter, stream, day, start, duration, data FROM pending WHERE day < @today", new { today = Sql.Day(today) })
            .Select(p => new OutboxItem(p.Id, p.Program, p.Charter, p.Stream, p.Day, RawStore.Instant(p.Start), (int)p.Duration, LocalDays.Fields(p.Data)));
        return Task.FromResult<IReadOnlyList<OutboxItem>>([.. days.NotSent(connection, null, today, computed).Concat(waiting).OrderByDescending(i => i.Start).ThenBy(i => i.Program, StringComparer.Ordinal).ThenBy(i => i.Stream, StringComparer.Ordinal).ThenBy(i => i.Id, StringComparer.Ordinal)]);
    });

    /// <summary>Numbers of days that are over and whose week is not sealed yet, newest first.</summary>
    public IReadOnlyList<DayNumbers> Days()
    {
        using var connection = store.Open();
        return [.. connection.Query<(string Program, string Day, string Measures)>("SELECT program, day, measures FROM day_values WHERE day < @today ORDER BY day DESC, program", new { today = Sql.Day(person.Today) })
            .Select(d => new DayNumbers(d.Program, d.Day, LocalDays.Values(d.Measures)))];
    }

    /// <summary>Today's numbers so far.</summary>
    public Task<IReadOnlyList<DayNumbers>> TodayAsync() => InTurnAsync(() =>
    {
        var today = person.Today;
        return Task.FromResult<IReadOnlyList<DayNumbers>>([.. days.Compute(today).Where(d => d.Values is not null).Select(d => new DayNumbers(d.Page.Program, Sql.Day(today), d.Values!))]);
    });

    /// <summary>The raw events that each item was made of, as long as they are kept.</summary>
    public Task<IReadOnlyList<IReadOnlyList<RawEvent>>> SourcesAsync(IReadOnlyList<OutboxItem> items) => InTurnAsync(() =>
    {
        var events = items.Count == 0 ? [] : raw.Between(items.Min(i => i.Start), items.Max(i => i.Start) + TimeSpan.FromDays(1));
        return Task.FromResult<IReadOnlyList<IReadOnlyList<RawEvent>>>([.. items.Select(item => Sources(item, events))]);
    });

    /// <summary>Takes what a verified bundle says of the person's zone, of pauses by the company and of charters; what it changes of days before is computed again.</summary>
    public Task TakeAsync(VerifiedBundle bundle, EnrolledAs enrolled) => TakeAsync(bundle, enrolled.Shown ?? [], enrolled.Enrolled);

    internal Task TakeAsync(VerifiedBundle bundle, IReadOnlyCollection<string> shown, DateTimeOffset enrolled) => InTurnAsync(async () =>
    {
        await person.TakeAsync(bundle.Local);
        await pauses.TakeAsync(bundle, (c, t, program, from) => Reopen(c, t, program, from, time.GetUtcNow()));
        foreach (var begins in bundle.Programs.Where(p => p.Charter.Consent is Consent.OptIn && book.Newest(p.Charter.Program) is null))
        {
            await pauses.BeginAsync(begins.Charter.Program, person.Midnight, begins.StatusTime); // first, so that no crash lets it begin without
        }

        await book.TakeAsync(bundle, person.Today, shown, person.Local.DayOf(enrolled));
        await FillInTurnAsync(withToday: false);
        return true;
    });

    /// <summary>Takes an item back before it is sealed: it will not be sent, and what it was made of counts in no figure of its program. False when it is gone already.</summary>
    public async Task<bool> TakeBackAsync(string id)
    {
        if ((await ItemsAsync()).FirstOrDefault(i => i.Id == id) is not { } item || book.On(item.Program, Sql.Day(item.Day))?.Charter?.Stream(item.Stream) is not { } stream)
        {
            return false;
        }

        await TakeBackAsync(item.Program, new Withheld(item.Start, item.Start + (stream.TimeStep ?? TimeSpan.FromDays(1)), item.Stream, OutboxItem.Named(item.Data, stream)), id);
        return true;
    }

    /// <summary>Takes back everything of a span that the server has not acknowledged: an hour, or a day; of one program, or of all.</summary>
    public Task TakeBackAsync(string? program, DateTimeOffset from, DateTimeOffset to) => TakeBackAsync(program, new Withheld(from, to));

    /// <summary>Deletes the raw events of a day that is over; what was made of them stays. Of today nothing was made yet: it counts nowhere.</summary>
    public Task<int> ForgetRawAsync(DateOnly day) => InTurnAsync(async () =>
    {
        await FillInTurnAsync(withToday: false);
        var (from, to) = (person.Local.At(day, 0), person.Local.At(day.AddDays(1), 0));
        if (raw.Reach(from, to) is { } reach)
        {
            // An event that reaches into other days is missing there too.
            await store.WriteAsync((c, t) =>
            {
                foreach (var touched in DaysOf(reach.From, reach.To).Where(d => d < person.Today))
                {
                    c.Execute("INSERT INTO forgotten_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day = Sql.Day(touched) }, t);
                }
            });
        }

        return await raw.ForgetAsync(from, to);
    });

    /// <summary>Forgets everything that has not left: raw events, items, numbers, sealed parcels, reasons of pauses.</summary>
    public Task ForgetAsync() => InTurnAsync(async () =>
    {
        await store.WriteAsync((c, t) =>
        {
            SetForgotten(c, t, person.Midnight);
            Sending.Sealing.Withdraw(c, t, [.. c.Query<string>("SELECT id FROM sealed", transaction: t)]);
            c.Execute("DELETE FROM pending; DELETE FROM day_values; DELETE FROM touched_days; DELETE FROM pause_reasons WHERE sent = 0;", transaction: t);
        });
        await raw.ForgetAsync();
        return true;
    });

    /// <summary>Forgets raw events of the days before the last so many, never of a day that is still to be computed.</summary>
    public Task PruneAsync(int keepDays) => InTurnAsync(async () =>
    {
        await FillInTurnAsync(withToday: false);
        var limit = person.Local.At(person.Local.DayOf(time.GetUtcNow() - Late).AddDays(-keepDays), 0);
        if (limit > ForgottenBefore)
        {
            // First it is written down that something is missing, then it goes.
            await store.WriteAsync((c, t) =>
            {
                SetForgotten(c, t, limit);
                c.Execute("DELETE FROM sent_items WHERE day < @day; DELETE FROM forgotten_days WHERE day < @day;", new { day = Sql.Day(person.Local.DayOf(limit)) }, t);
            });
            await raw.PruneAsync(limit);
            await pauses.PruneAsync(limit - RawStore.Memory);
        }

        return true;
    });

    private async Task<T> InTurnAsync<T>(Func<Task<T>> act)
    {
        await minimizers.Turn.WaitAsync();
        try
        {
            await pauses.SetRightAsync();
            if (ForgottenBefore > person.Midnight)
            {
                await store.WriteAsync((c, t) => SetForgotten(c, t, person.Midnight)); // a clock that ran ahead forgot much, but nothing of what comes now
            }

            return await act();
        }
        finally
        {
            minimizers.Turn.Release();
        }
    }

    private async Task FillInTurnAsync(bool withToday)
    {
        var today = person.Today;
        var marks = await raw.TakeMarksAsync(person.Midnight);
        List<string> touched;
        using (var connection = store.Open())
        {
            touched = [.. connection.Query<string>("SELECT day FROM touched_days WHERE day < @today", new { today = Sql.Day(today) })];
        }

        var due = marks.Select(person.Local.DayOf).Concat(touched.Select(Sql.Day)).Where(d => d < today).Concat(withToday ? [today] : []).Distinct().Order();
        foreach (var day in due)
        {
            var isWhole = IsWhole(day);
            var computed = isWhole ? days.Compute(day) : days.ComputeHandedIn(day);
            await store.WriteAsync((c, t) =>
            {
                if (isWhole)
                {
                    days.Write(c, t, day, computed);
                }
                else
                {
                    LocalDays.WriteHandedIn(c, t, day, computed);
                }
            });
        }

        if (marks.Count > 0)
        {
            await raw.SettleMarksAsync();
        }

        await person.TurnAsync();
    }

    /// <summary>Whether every raw event of a day is still there, so that it can be computed again.</summary>
    private bool IsWhole(DateOnly day)
    {
        var begins = person.Local.At(day, 0);
        if (begins < ForgottenBefore || day < person.Local.DayOf(person.Since))
        {
            return false;
        }

        using var connection = store.Open();
        return connection.QuerySingle<long>("SELECT COUNT(*) FROM forgotten_days WHERE day = @day", new { day = Sql.Day(day) }) == 0;
    }

    private DateTimeOffset ForgottenBefore => store.State("forgotten-before") is { } micros ? RawStore.Instant(long.Parse(micros, CultureInfo.InvariantCulture)) : DateTimeOffset.MinValue;

    private static void SetForgotten(DbConnection connection, DbTransaction transaction, DateTimeOffset before) =>
        AgentStore.SetState(connection, transaction, "forgotten-before", RawStore.Micros(before).ToString(CultureInfo.InvariantCulture));

    private Task TakeBackAsync(string? program, Withheld what, string? item = null) => InTurnAsync(async () =>
    {
        await pauses.TakeBackAsync(program, Occurrences(what), (c, t) => Reopen(c, t, program, what.From, what.To, item));
        await FillInTurnAsync(withToday: false);
        return true;
    });

    /// <summary>Of an hour that clocks show twice, items stand in the first one: what is taken back there is taken back of both.</summary>
    private IEnumerable<Withheld> Occurrences(Withheld what)
    {
        yield return what;
        var local = TimeZoneInfo.ConvertTime(what.From, person.Local.Zone).DateTime;
        if (person.Local.Zone.IsAmbiguousTime(local))
        {
            var offsets = person.Local.Zone.GetAmbiguousTimeOffsets(local);
            yield return what with { From = what.From + (offsets.Max() - offsets.Min()), To = what.To + (offsets.Max() - offsets.Min()) };
        }
    }

    /// <summary>What is withheld now goes from what waits; days are computed again, if their raw events are all there, and their numbers go altogether if not.</summary>
    private void Reopen(DbConnection connection, DbTransaction transaction, string? program, DateTimeOffset from, DateTimeOffset to, string? item = null)
    {
        var touched = DaysOf(from, to).Where(d => d <= person.Today).Select(Sql.Day).ToList();
        var (first, last) = (touched.FirstOrDefault(), touched.LastOrDefault());
        var key = new { program, first, last };
        const string Within = "WHERE (@program IS NULL OR program = @program) AND day >= @first AND day <= @last";
        foreach (var waiting in connection.Query<(string Id, string Program, string Charter, string Stream, long Start)>("SELECT id, program, charter, stream, start FROM pending " + Within, key, transaction).ToList())
        {
            var start = RawStore.Instant(waiting.Start);
            if (item is null ? start < to && start + days.StepOf(waiting.Program, waiting.Charter, waiting.Stream) > from : waiting.Id == item)
            {
                connection.Execute("DELETE FROM pending WHERE id = @Id", new { waiting.Id }, transaction);
            }
        }

        connection.Execute("DELETE FROM day_values " + Within, key, transaction);
        if (item is null)
        {
            Sending.Sealing.Withdraw(connection, transaction, [.. connection.Query<string>("SELECT id FROM sealed " + Within + " AND kind = 'records'", key, transaction)]);
        }

        var weeks = touched.Select(d => Core.Releases.ReleaseWeek.Of(Sql.Day(d)).ToString()).Distinct().ToList();
        Sending.Sealing.Withdraw(connection, transaction, [.. connection.Query<string>("SELECT id FROM sealed WHERE (@program IS NULL OR program = @program) AND kind = 'contribution' AND day IN @weeks", new { program, weeks }, transaction)]);
        foreach (var day in touched)
        {
            connection.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day }, transaction);
        }
    }

    private IReadOnlyList<RawEvent> Sources(OutboxItem item, IReadOnlyList<RawEvent> events)
    {
        if (minimizers.On(item.Program, Sql.Day(item.Day)) is not { Page.Charter: { } charter } applied || charter.Stream(item.Stream) is not { } stream)
        {
            return [];
        }

        var (end, wanted) = (item.Start + (stream.TimeStep ?? TimeSpan.FromDays(1)), OutboxItem.Named(item.Data, stream));
        return [.. events.Where(e => e.Stream == item.Stream && e.Start < end && e.End >= item.Start && applied.Minimizer.Records(e).Any(r => r.Start == item.Start && OutboxItem.Named(r.Data, stream).SequenceEqual(wanted)))];
    }

    private IEnumerable<DateOnly> DaysOf(DateTimeOffset from, DateTimeOffset to)
    {
        for (var day = person.Local.DayOf(from); day <= person.Local.DayOf(to.AddTicks(-1)); day = day.AddDays(1))
        {
            yield return day;
        }
    }
}
