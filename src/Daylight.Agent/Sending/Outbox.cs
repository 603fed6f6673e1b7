using System.Collections.Immutable;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Agent.ActivityWatch;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Sending;

/// <summary>An item that will be sent.</summary>
/// <param name="Id">Its id; 0 for one that is still growing.</param>
/// <param name="Program">Program.</param>
/// <param name="Stream">Stream.</param>
/// <param name="Day">Local day.</param>
/// <param name="Start">Start of its time step.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Data">What goes.</param>
public sealed record OutboxItem(long Id, string Program, string Stream, string Day, DateTimeOffset Start, double Duration, IReadOnlyDictionary<string, string> Data);

/// <summary>What is about to leave: minimised items, day values, and sealed chunks that wait for the server. Every step is one transaction.</summary>
internal sealed class Outbox(IDatabase database, GroupCommitWriter writer, RawStore raw, TimeProvider time)
{
    private const int MostAtOnce = 20_000;

    /// <summary>Sealed bytes in one upload; the server takes 8 MiB of JSON, and base64 adds a third.</summary>
    private const long MostBytes = 4 * 1024 * 1024;

    /// <summary>Minimises what is new. A paused program's share is dropped, not kept for later: a pause means that it never was.</summary>
    public async Task FillAsync(VerifiedBundle bundle, bool all, TimeSpan settle)
    {
        for (var more = true; more;)
        {
            (var events, more) = raw.Unminimized(all, settle, MostAtOnce);
            if (events.Count > 0)
            {
                var minimizers = await MinimizersAsync(bundle);
                await writer.WriteAsync((c, t) => Fill(c, t, bundle, minimizers, events));
            }
        }
    }

    /// <summary>What <see cref="FillAsync"/> would add, without adding it.</summary>
    public async Task<IReadOnlyList<OutboxItem>> PreviewAsync(VerifiedBundle bundle)
    {
        var minimizers = await MinimizersAsync(bundle);
        return [.. raw.Unminimized(all: true, TimeSpan.Zero, MostAtOnce).Events
            .SelectMany(e => Minimize(minimizers, e.Event, e.Done))
            .Select(m => new OutboxItem(0, m.Program, m.Record.Stream, Sql.Day(m.Record.Day), m.Record.Start, m.Record.Duration.TotalSeconds, m.Record.Data))];
    }

    /// <summary>Minimised items that wait to be sealed, newest first.</summary>
    public IReadOnlyList<OutboxItem> Items()
    {
        using var connection = database.Open();
        return [.. connection.Query<(long Id, string Program, string Stream, string Day, long Start, long Duration, string Data, string Counts)>(
            "SELECT id, program, stream, day, start, duration, data, counts FROM pending ORDER BY start DESC, id")
            .Select(p => new OutboxItem(p.Id, p.Program, p.Stream, p.Day, RawStore.Instant(p.Start), p.Duration / 1e6, Fields(p.Data).AddRange(Fields(p.Counts))))];
    }

    /// <summary>Deletes an item before it is sealed: it will not be sent, and what it came from counts in no figure of its program.</summary>
    public Task DeleteAsync(long id, TimeSpan step) => writer.WriteAsync((c, t) =>
    {
        c.Execute(
            """
            INSERT INTO dropped (event, program)
            SELECT e.id, p.program FROM pending p JOIN buckets b ON b.type = @type
            JOIN events e ON e.bucket = b.key AND e.start < p.start + @step AND e.start + e.duration >= p.start
            WHERE p.id = @id ON CONFLICT DO NOTHING
            """,
            new { id, type = BucketTypeOf(c, t, id), step = (long)step.TotalMicroseconds },
            t);
        c.Execute("INSERT INTO touched_days (day) SELECT day FROM pending WHERE id = @id ON CONFLICT DO NOTHING", new { id }, t);
        c.Execute("DELETE FROM pending WHERE id = @id", new { id }, t);
    });

    /// <summary>Forgets everything that has not left: raw events, items, day values and chunks.</summary>
    public Task ForgetAsync() => writer.WriteAsync((c, t) =>
    {
        raw.ForgetAll(c, t);
        c.Execute("DELETE FROM pending; DELETE FROM day_values; DELETE FROM touched_days; DELETE FROM sealed;", transaction: t);
    });

    /// <summary>Computes the day values of days that are over and were touched since.</summary>
    public async Task ComputeDaysAsync(VerifiedBundle bundle)
    {
        var today = bundle.Local.DayOf(time.GetUtcNow());
        List<string> days;
        using (var connection = database.Open())
        {
            days = [.. connection.Query<string>("SELECT day FROM touched_days WHERE day < @today ORDER BY day", new { today = Sql.Day(today) })];
        }

        var minimizers = await MinimizersAsync(bundle);
        foreach (var day in days)
        {
            // A late event of a day whose raw events are partly forgotten must not shrink its value.
            var whole = raw.IsWhole(bundle.Local.At(Sql.Day(day), 0));
            await writer.WriteAsync((c, t) =>
            {
                foreach (var program in bundle.Programs.Where(p => !p.Paused && p.Charter.IsInForce(Sql.Day(day))))
                {
                    var events = raw.Between(bundle.Local.At(Sql.Day(day), 0), bundle.Local.At(Sql.Day(day).AddDays(1), 0), program.Charter.Program);
                    var measures = JsonSerializer.Serialize(minimizers[program.Charter.Program].DayValues(Sql.Day(day), events), OutboxJson.Default.IReadOnlyDictionaryStringInt32);
                    c.Execute(
                        "INSERT INTO day_values (program, day, measures) VALUES (@Program, @day, @measures) ON CONFLICT (program, day) DO UPDATE SET measures = CASE WHEN @whole THEN excluded.measures ELSE measures END",
                        new { program.Charter.Program, day, measures, whole },
                        t);
                }

                // While a program is paused the day stays open: the hours before the pause are counted when it goes on.
                if (!bundle.Programs.Any(p => p.Paused))
                {
                    c.Execute("DELETE FROM touched_days WHERE day = @day", new { day }, t);
                }
            });
        }
    }

    /// <summary>Seals items and the contributions of weeks that are over; from here on the same bytes are sent until they are acknowledged.</summary>
    public async Task SealAsync(VerifiedBundle bundle, string person, CredentialKey device)
    {
        foreach (var program in bundle.Programs.Where(p => !p.Paused))
        {
            await writer.WriteAsync((c, t) => SealRecords(c, t, program, person, device));
            await writer.WriteAsync((c, t) => SealContributions(c, t, bundle, program, person, device));
        }
    }

    /// <summary>Sealed chunks that wait for the server; those of paused programs stay behind and hold nobody up.</summary>
    public IReadOnlyList<UploadedChunk> Waiting(VerifiedBundle? bundle, int most)
    {
        var bytes = 0L;
        var paused = (bundle?.Programs ?? []).Where(p => p.Paused).Select(p => p.Charter.Program).ToHashSet(StringComparer.Ordinal);
        using var connection = database.Open();
        return [.. connection.Query<(string Id, string Program, string Kind, string Stream, string Day, byte[] Bytes)>(
            "SELECT id, program, kind, stream, day, bytes FROM sealed ORDER BY id")
            .Where(s => !paused.Contains(s.Program))
            .Take(most)
            .TakeWhile((s, i) => (bytes += s.Bytes.Length) <= MostBytes || i == 0)
            .Select(s => new UploadedChunk(s.Program, s.Kind, s.Stream, s.Day, s.Id, Convert.ToBase64String(s.Bytes)))];
    }

    /// <summary>Removes chunks that the server stored, or will never take.</summary>
    public Task DoneAsync(IReadOnlyCollection<string> ids) => writer.WriteAsync((c, t) =>
    {
        foreach (var id in ids)
        {
            c.Execute("DELETE FROM sealed WHERE id = @id", new { id }, t);
        }
    });

    /// <summary>A remembered value.</summary>
    public string? State(string name)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT value FROM state WHERE name = @name", new { name });
    }

    /// <summary>Remembers a value; null forgets it.</summary>
    public Task SetStateAsync(string name, string? value) => writer.WriteAsync((c, t) => c.Execute(
        value is null ? "DELETE FROM state WHERE name = @name" : "INSERT INTO state (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        new { name, value },
        t));

    private static string BucketTypeOf(DbConnection connection, DbTransaction transaction, long id) =>
        connection.QuerySingleOrDefault<string>("SELECT stream FROM pending WHERE id = @id", new { id }, transaction) is { } stream
        && Streams.All.TryGetValue(stream, out var shape) ? shape.BucketType : string.Empty;

    /// <summary>Every program's charter, compiled. The secret of pseudonyms is made once and stays in this store.</summary>
    private async Task<IReadOnlyDictionary<string, Minimizer>> MinimizersAsync(VerifiedBundle bundle)
    {
        if (State("pseudonym-secret") is null)
        {
            await writer.WriteAsync((c, t) => c.Execute(
                "INSERT INTO state (name, value) VALUES ('pseudonym-secret', @secret) ON CONFLICT DO NOTHING", new { secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) }, t));
        }

        var secret = Convert.FromBase64String(State("pseudonym-secret")!);
        return bundle.Programs.Where(p => !p.Paused).ToDictionary(p => p.Charter.Program, p => new Minimizer(p.Charter, bundle.Local, new PseudonymKey(secret, p.Epoch)), StringComparer.Ordinal);
    }

    private static void Fill(DbConnection connection, DbTransaction transaction, VerifiedBundle bundle, IReadOnlyDictionary<string, Minimizer> minimizers, IReadOnlyList<(long Id, RawEvent Event, TimeSpan? Done)> events)
    {
        var days = new HashSet<DateOnly>();
        var streams = bundle.Programs.SelectMany(p => p.Charter.Collect.Select(s => (p.Charter.Program, Stream: s))).ToDictionary(s => (s.Program, s.Stream.Stream), s => s.Stream);
        foreach (var (id, happened, done) in events)
        {
            foreach (var (program, record) in Minimize(minimizers, happened, done))
            {
                Add(connection, transaction, program, streams[(program, record.Stream)], record);
            }

            for (var day = bundle.Local.DayOf(happened.Start); day <= bundle.Local.DayOf(happened.End); day = day.AddDays(1))
            {
                days.Add(day);
            }

            foreach (var paused in bundle.Programs.Where(p => p.Paused))
            {
                connection.Execute("INSERT INTO dropped (event, program) VALUES (@id, @Program) ON CONFLICT DO NOTHING", new { id, paused.Charter.Program }, transaction);
            }

            // The event may have grown meanwhile: what was minimised is what was read.
            connection.Execute("UPDATE events SET minimized = @done WHERE id = @id", new { id, done = (long)happened.Duration.TotalMicroseconds }, transaction);
        }

        foreach (var day in days)
        {
            connection.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day = Sql.Day(day) }, transaction);
        }
    }

    /// <summary>Adds a record to the item that reads the same: lengths add up, and so do counts.</summary>
    private static void Add(DbConnection connection, DbTransaction transaction, string program, CollectedStream stream, MinimizedRecord record)
    {
        var counts = record.Data.Where(d => stream.AddsUp(d.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal);
        var item = new
        {
            program,
            record.Stream,
            day = Sql.Day(record.Day),
            start = RawStore.Micros(record.Start),
            duration = (long)record.Duration.TotalMicroseconds,
            data = Text(record.Data.RemoveRange(counts.Keys)),
        };
        connection.Execute(
            """
            INSERT INTO pending (program, stream, day, start, duration, data) VALUES (@program, @Stream, @day, @start, @duration, @data)
            ON CONFLICT (program, stream, start, data) DO UPDATE SET duration = duration + excluded.duration
            """,
            item,
            transaction);
        if (!counts.IsEmpty)
        {
            const string Same = "WHERE program = @program AND stream = @Stream AND start = @start AND data = @data";
            var counted = Fields(connection.QuerySingle<string>("SELECT counts FROM pending " + Same, item, transaction));
            var sum = Text(MinimizedRecord.AddUp(counted, counts));
            connection.Execute("UPDATE pending SET counts = @sum " + Same, new { item.program, item.Stream, item.start, item.data, sum }, transaction);
        }
    }

    private static string Text(IEnumerable<KeyValuePair<string, string>> fields) => JsonSerializer.Serialize(fields.ToDictionary(), AwJson.Default.DictionaryStringString);

    private static IEnumerable<(string Program, MinimizedRecord Record)> Minimize(IReadOnlyDictionary<string, Minimizer> minimizers, RawEvent happened, TimeSpan? done) =>
        done is null || done < happened.Duration
            ? minimizers.SelectMany(m => m.Value.Records(happened, done).Select(r => (m.Key, r)))
            : [];

    private static void SealRecords(DbConnection connection, DbTransaction transaction, VerifiedProgram program, string person, CredentialKey device)
    {
        var items = connection.Query<(long Id, string Stream, string Day, long Start, long Duration, string Data, string Counts)>(
            "SELECT id, stream, day, start, duration, data, counts FROM pending WHERE program = @Program ORDER BY start", new { program.Charter.Program }, transaction).ToList();
        foreach (var group in items.GroupBy(i => (i.Stream, i.Day)))
        {
            var records = group.Select(i => new PayloadRecord(
                RawStore.Instant(i.Start), (int)Math.Round(i.Duration / 1e6, MidpointRounding.AwayFromZero), Fields(i.Data).AddRange(Fields(i.Counts)))).ToList();
            Insert(connection, transaction, ChunkSealer.Records(program, person, device, group.Key.Stream, group.Key.Day, records));
        }

        connection.Execute("DELETE FROM pending WHERE program = @Program", new { program.Charter.Program }, transaction);
    }

    private void SealContributions(DbConnection connection, DbTransaction transaction, VerifiedBundle bundle, VerifiedProgram program, string person, CredentialKey device)
    {
        // One day after the local week's end, so that a laptop that slept over Sunday is still counted.
        var closed = bundle.Local.DayOf(time.GetUtcNow()).AddDays(-1);
        var values = connection.Query<(string Day, string Measures)>("SELECT day, measures FROM day_values WHERE program = @Program", new { program.Charter.Program }, transaction).ToList();
        foreach (var week in values.GroupBy(v => ReleaseWeek.Of(Sql.Day(v.Day))).Where(w => w.Key.Last < closed))
        {
            if (connection.Execute("INSERT INTO sent_weeks (program, week) VALUES (@Program, @week) ON CONFLICT DO NOTHING", new { program.Charter.Program, week = week.Key.ToString() }, transaction) == 1)
            {
                var days = week.ToDictionary(d => d.Day, d => JsonSerializer.Deserialize(d.Measures, OutboxJson.Default.IReadOnlyDictionaryStringInt32)!);
                Insert(connection, transaction, ChunkSealer.Contribution(program, person, device, new ContributionPayload(week.Key.ToString(), days)));
            }

            connection.Execute("DELETE FROM day_values WHERE program = @Program AND day >= @first AND day <= @last", new { program.Charter.Program, first = Sql.Day(week.Key.First), last = Sql.Day(week.Key.Last) }, transaction);
        }
    }

    private static void Insert(DbConnection connection, DbTransaction transaction, UploadedChunk chunk) => connection.Execute(
        "INSERT INTO sealed (id, program, kind, stream, day, bytes) VALUES (@Id, @Program, @Kind, @Stream, @Day, @bytes)",
        new { chunk.Id, chunk.Program, chunk.Kind, chunk.Stream, chunk.Day, bytes = Convert.FromBase64String(chunk.Sealed) },
        transaction);

    private static ImmutableSortedDictionary<string, string> Fields(string data) =>
        JsonSerializer.Deserialize(data, AwJson.Default.DictionaryStringString)!.ToImmutableSortedDictionary(StringComparer.Ordinal);
}

/// <summary>Serialization of day values.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(IReadOnlyDictionary<string, int>))]
internal sealed partial class OutboxJson : System.Text.Json.Serialization.JsonSerializerContext;
