using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Daylight.Agent.Store;
using Daylight.Agent.Trust;
using Daylight.Core.Minimization;
using Dapper;

namespace Daylight.Agent.Collecting;

/// <summary>A pause of the person's that is on.</summary>
/// <param name="Program">Program, or null for everything.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ends, or null until it is resumed.</param>
internal sealed record Pause(string? Program, DateTimeOffset Since, DateTimeOffset? Until);

/// <summary>
/// Time that counts for nothing: the person's pauses, pauses of a program by the company, and what the person took back. All three are one thing: a span that
/// is cut out of everything that is minimised or counted, now and later.
/// </summary>
internal sealed class Pauses
{
    private const string Everything = "";

    private readonly AgentStore store;
    private readonly TimeProvider time;
    private IReadOnlyList<Row> rows = [];
    private long everythingUntil; // by the person

    public Pauses(AgentStore store, TimeProvider time)
    {
        (this.store, this.time) = (store, time);
        Load();
    }

    /// <summary>Counts up with each change.</summary>
    public int Version { get; private set; }

    /// <summary>The person's pauses that are on.</summary>
    public IReadOnlyList<Pause> On
    {
        get
        {
            var now = RawStore.Micros(time.GetUtcNow());
            return [.. rows.Where(r => IsOn(r, now))
                .GroupBy(r => r.Program)
                .Select(g => new Pause(g.Key.Length == 0 ? null : g.Key, RawStore.Instant(g.Min(r => r.Start)), g.Any(r => r.Until is null) ? null : RawStore.Instant(g.Max(r => r.Until!.Value))))];
        }
    }

    /// <summary>Whether everything is paused: then nothing is stored at all.</summary>
    public bool IsEverythingPaused => Volatile.Read(ref everythingUntil) > RawStore.Micros(time.GetUtcNow());

    /// <summary>Pauses one program, or everything, until an instant or until resumed.</summary>
    public Task PauseAsync(string? program, DateTimeOffset? until) => ChangeAsync((c, t, now) => Insert(c, t, new Row(0, program ?? Everything, now, until is { } end ? RawStore.Micros(end) : null, "person", null, null)));

    /// <summary>Ends the pause of one program, that of everything (an empty name), or every pause (null).</summary>
    public Task ResumeAsync(string? program) => ChangeAsync((c, t, now) => c.Execute(
        "UPDATE withheld SET start = MIN(start, @now), until = @now WHERE why = 'person' AND (until IS NULL OR until > @now) AND (@program IS NULL OR program = @program)", new { now, program }, t));

    /// <summary>Takes back what was collected for one program, or for all: of one stream, of one item, or everything in a span.</summary>
    public Task TakeBackAsync(string? program, IEnumerable<Withheld> what, Action<DbConnection, DbTransaction> also) => ChangeAsync((c, t, _) =>
    {
        foreach (var span in what)
        {
            var item = span.Item is null ? null : JsonSerializer.Serialize(span.Item.ToDictionary(), CollectingJson.Default.DictionaryStringString);
            var row = new Row(0, program ?? Everything, RawStore.Micros(span.From), RawStore.Micros(span.To), "deleted", span.Stream, item);
            c.Execute("DELETE FROM withheld WHERE why = @Why AND program = @Program AND stream IS @Stream AND data IS @Data AND start >= @Start AND until <= @Until", row, t); // what is within it says no more
            Insert(c, t, row);
        }

        also(c, t);
    });

    /// <summary>A pause that began by a clock that was ahead began now at the latest.</summary>
    public async Task SetRightAsync()
    {
        if (rows.Any(r => r is { Why: "person", Until: null } && r.Start > RawStore.Micros(time.GetUtcNow())))
        {
            await ChangeAsync((c, t, now) => c.Execute("UPDATE withheld SET start = @now WHERE why = 'person' AND until IS NULL AND start > @now", new { now }, t));
        }
    }

    /// <summary>
    /// Takes what the keyholder says of pauses by the company. A machine that was away learns of one only when it is over, perhaps: then everything since it last
    /// heard that the program was active counts for nothing.
    /// </summary>
    /// <param name="bundle">What was verified.</param>
    /// <param name="reopen">What was computed of a program since an instant is to be computed again, in the same commit.</param>
    public async Task TakeAsync(VerifiedBundle bundle, Action<DbConnection, DbTransaction, string, DateTimeOffset> reopen)
    {
        foreach (var program in bundle.Programs)
        {
            var (name, heard) = (program.Charter.Program, "active " + program.Charter.Program);
            var open = rows.FirstOrDefault(r => r.Why == "company" && r.Program == name && r.Until is null);
            var last = store.State(heard) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : (long?)null;
            var said = RawStore.Micros(program.StatusTime);
            if (program.Paused)
            {
                if (open is null)
                {
                    await WithholdAsync(name, last ?? said, null, reopen);
                }

                continue;
            }

            var resumed = program.Resumed is { } at ? RawStore.Micros(at) : (long?)null;
            if (open is not null)
            {
                await ChangeAsync((c, t, _) => c.Execute("UPDATE withheld SET until = @until WHERE id = @Id", new { open.Id, until = resumed ?? said }, t));
            }
            else if (last is { } before && resumed > before)
            {
                await WithholdAsync(name, before, resumed, reopen);
            }

            await store.SetStateAsync(heard, said.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A program that waited for a yes collects from the moment at which the keyholder said that there is one: nothing of the hours of that day before.</summary>
    public Task BeginAsync(string program, DateTimeOffset midnight, DateTimeOffset said) => ChangeAsync((c, t, _) =>
        Insert(c, t, new Row(0, program, RawStore.Micros(midnight), RawStore.Micros(said), "company", null, null)));

    /// <summary>What counts for nothing in a program.</summary>
    public IReadOnlyList<Withheld> Of(string program) =>
    [
        .. rows.Where(r => r.Program.Length == 0 || r.Program == program).Select(r => new Withheld(
            RawStore.Instant(r.Start),
            r.Until is { } until ? RawStore.Instant(until) : new DateTimeOffset(8999, 1, 1, 0, 0, 0, TimeSpan.Zero),
            r.Stream,
            r.Data is null ? null : JsonSerializer.Deserialize(r.Data, CollectingJson.Default.DictionaryStringString)!.ToImmutableSortedDictionary(StringComparer.Ordinal))),
    ];

    /// <summary>Forgets spans that ended before an instant: no event of then is left.</summary>
    public Task PruneAsync(DateTimeOffset before) => ChangeAsync((c, t, _) => c.Execute("DELETE FROM withheld WHERE until < @before", new { before = RawStore.Micros(before) }, t));

    private Task WithholdAsync(string program, long from, long? until, Action<DbConnection, DbTransaction, string, DateTimeOffset> reopen) => ChangeAsync((c, t, _) =>
    {
        Insert(c, t, new Row(0, program, from, until, "company", null, null));
        reopen(c, t, program, RawStore.Instant(from));
    });

    // Whoever paused has not resumed, whatever became of the clock since.
    private static bool IsOn(Row row, long now) => row.Why == "person" && (row.Until ?? long.MaxValue) > now;

    private static void Insert(DbConnection connection, DbTransaction transaction, Row row) => connection.Execute(
        "INSERT INTO withheld (program, start, until, why, stream, data) VALUES (@Program, @Start, @Until, @Why, @Stream, @Data)", row, transaction);

    private async Task ChangeAsync(Action<DbConnection, DbTransaction, long> change)
    {
        var now = RawStore.Micros(time.GetUtcNow());
        await store.WriteAsync((c, t) => change(c, t, now));
        Load();
    }

    private void Load()
    {
        using var connection = store.Open();
        rows = [.. connection.Query<Row>("SELECT id AS Id, program AS Program, start AS Start, until AS Until, why AS Why, stream AS Stream, data AS Data FROM withheld ORDER BY start")];
        Volatile.Write(ref everythingUntil, rows.Where(r => r.Why == "person" && r.Program.Length == 0).Max(r => (long?)(r.Until ?? long.MaxValue)) ?? 0);
        Version++;
    }

    private sealed record Row(long Id, string Program, long Start, long? Until, string Why, string? Stream, string? Data);
}
