using System.Data.Common;
using System.Text.Json;
using Daylight.Agent.ActivityWatch;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent;

/// <summary>A stored event. Times in microseconds since 1970, UTC.</summary>
internal sealed record StoredEvent(long Id, long Start, long Duration, string Data);

/// <summary>Raw events: the employee's own file, which is never synchronised. One writer; a call returns when its commit is durable.</summary>
internal sealed class RawStore
{
    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly TimeProvider time;
    private readonly HeartbeatStatements statements = new();

    public RawStore(IDatabase database, GroupCommitWriter writer, TimeProvider time)
    {
        (this.database, this.writer, this.time) = (database, writer, time);
        writer.OnRollback(statements.Forget);
    }

    /// <summary>When each bucket was last written to, so that a growing event is not sent in shreds.</summary>
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, DateTimeOffset> touched = new();

    /// <summary>Makes a bucket; false when it exists.</summary>
    public Task<bool> CreateBucketAsync(string id, string type, string client, string hostname, string? name, string data)
    {
        var row = new { id, created = Micros(time.GetUtcNow()), name, type, client, hostname, data };
        return writer.WriteAsync((c, t) => c.Execute(
            """
            INSERT INTO buckets (id, created, name, type, client, hostname, data) VALUES (@id, @created, @name, @type, @client, @hostname, @data)
            ON CONFLICT (id) DO NOTHING
            """,
            row,
            t) == 1);
    }

    /// <summary>Removes a bucket with its events; false when there is none.</summary>
    public Task<bool> DeleteBucketAsync(string id) => writer.WriteAsync((c, t) =>
    {
        statements.Forget();
        c.Execute("DELETE FROM events WHERE bucket = (SELECT key FROM buckets WHERE id = @id)", new { id }, t);
        return c.Execute("DELETE FROM buckets WHERE id = @id", new { id }, t) == 1;
    });

    /// <summary>Forgets every raw event.</summary>
    public void ForgetAll(DbConnection connection, DbTransaction transaction)
    {
        statements.Forget();
        connection.Execute("DELETE FROM events; DELETE FROM dropped;", transaction: transaction);
    }

    /// <summary>Every bucket.</summary>
    public IReadOnlyList<AwBucketOut> Buckets()
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Id, long Created, string? Name, string Type, string Client, string Hostname, string Data, long? Last)>(
            """
            SELECT b.id, b.created, b.name, b.type, b.client, b.hostname, b.data,
              (SELECT e.start + e.duration FROM events e WHERE e.bucket = b.key ORDER BY e.start DESC LIMIT 1)
            FROM buckets b ORDER BY b.id
            """)
            .Select(b => new AwBucketOut(b.Id, Iso(b.Created), b.Name, b.Type, b.Client, b.Hostname, Json(b.Data), b.Last is { } last ? Iso(last) : null))];
    }

    /// <summary>A bucket's key, or null.</summary>
    public long? BucketKey(string id)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<long?>("SELECT key FROM buckets WHERE id = @id", new { id });
    }

    /// <summary>
    /// Merges a heartbeat: the bucket's last event grows iff its data is equal and the heartbeat falls into it or into <paramref name="pulse"/> after it;
    /// otherwise a new event begins. Null when there is no such bucket.
    /// </summary>
    public async Task<StoredEvent?> HeartbeatAsync(string bucket, DateTimeOffset timestamp, double duration, string data, double pulse)
    {
        var (start, length, gap) = (Micros(timestamp), (long)(duration * 1e6), (long)(pulse * 1e6));
        var (key, stored) = await writer.WriteAsync((c, t) => statements.Merge(c, t, bucket, start, length, data, gap));
        if (stored is not null)
        {
            touched[key] = time.GetUtcNow();
        }

        return stored;
    }

    /// <summary>Inserts events; one with an id replaces that event of this bucket.</summary>
    public Task<IReadOnlyList<StoredEvent>> InsertAsync(long bucket, IReadOnlyList<AwEvent> events) => writer.WriteAsync((c, t) =>
    {
        statements.Forget();
        var stored = new List<StoredEvent>(events.Count);
        foreach (var e in events)
        {
            stored.Add(statements.Insert(c, t, bucket, e.Id, Micros(e.Timestamp!.Value), (long)(e.Seconds * 1e6), Text(e.Data)));
        }

        return (IReadOnlyList<StoredEvent>)stored;
    });

    /// <summary>Events newest first, clipped to the range.</summary>
    public IReadOnlyList<StoredEvent> Events(long bucket, long? from, long? to, int limit)
    {
        using var connection = database.Open();
        return [.. connection.Query<StoredEvent>(
            """
            SELECT id AS Id, start AS Start, duration AS Duration, data AS Data FROM events
            WHERE bucket = @bucket AND start <= @to AND start + duration >= @from ORDER BY start DESC, id DESC LIMIT @limit
            """,
            new { bucket, from = from ?? long.MinValue, to = to ?? long.MaxValue, limit })
            .Select(e =>
            {
                var start = Math.Max(e.Start, from ?? long.MinValue);
                return e with { Start = start, Duration = Math.Min(e.Start + e.Duration, to ?? long.MaxValue) - start };
            })];
    }

    /// <summary>Number of events in a range.</summary>
    public long Count(long bucket, long? from, long? to)
    {
        using var connection = database.Open();
        return connection.QuerySingle<long>(
            "SELECT COUNT(*) FROM events WHERE bucket = @bucket AND start <= @to AND start + duration >= @from",
            new { bucket, from = from ?? long.MinValue, to = to ?? long.MaxValue });
    }

    /// <summary>One event of a bucket.</summary>
    public StoredEvent? Event(long bucket, long id)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<StoredEvent>("SELECT id AS Id, start AS Start, duration AS Duration, data AS Data FROM events WHERE bucket = @bucket AND id = @id", new { bucket, id });
    }

    /// <summary>Removes one event of a bucket.</summary>
    public Task<bool> DeleteEventAsync(long bucket, long id) =>
        writer.WriteAsync((c, t) =>
        {
            statements.Forget();
            return c.Execute("DELETE FROM events WHERE bucket = @bucket AND id = @id", new { bucket, id }, t) == 1;
        });

    /// <summary>Events that have grown since they were minimised, or never were; those still growing only if <paramref name="all"/>.</summary>
    public (IReadOnlyList<(long Id, RawEvent Event, TimeSpan? Done)> Events, bool More) Unminimized(bool all, TimeSpan settle, int most)
    {
        var now = time.GetUtcNow();
        using var connection = database.Open();
        var open = connection.Query<(long Id, long Bucket, string Type, long Start, long Duration, string Data, long? Done, long Last)>(
            """
            SELECT e.id, e.bucket, b.type, e.start, e.duration, e.data, e.minimized, (SELECT l.id FROM events l WHERE l.bucket = e.bucket ORDER BY l.start DESC, l.id DESC LIMIT 1)
            FROM events e JOIN buckets b ON b.key = e.bucket WHERE e.minimized IS NULL OR e.minimized < e.duration ORDER BY e.id LIMIT @most
            """,
            new { most }).ToList();
        List<(long, RawEvent, TimeSpan?)> events = [.. open
            .Where(e => all || e.Id != e.Last || e.Duration - (e.Done ?? 0) >= (long)TimeSpan.FromMinutes(5).TotalMicroseconds || now - touched.GetValueOrDefault(e.Bucket) >= settle)
            .Select(e => (e.Id, Raw(e.Type, e.Start, e.Duration, e.Data), e.Done is { } done ? TimeSpan.FromMicroseconds(done) : (TimeSpan?)null))];
        return (events, open.Count == most && events.Count > 0);
    }

    /// <summary>Every raw event that touches a span and was not dropped from a program.</summary>
    public IReadOnlyList<RawEvent> Between(DateTimeOffset from, DateTimeOffset to, string program)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Type, long Start, long Duration, string Data)>(
            "SELECT b.type, e.start, e.duration, e.data FROM events e JOIN buckets b ON b.key = e.bucket WHERE e.start < @to AND e.start + e.duration > @from AND NOT EXISTS (SELECT 1 FROM dropped d WHERE d.event = e.id AND d.program = @program)",
            new { from = Micros(from), to = Micros(to), program }).Select(e => Raw(e.Type, e.Start, e.Duration, e.Data))];
    }

    /// <summary>Forgets raw events that ended before an instant and are minimised; what still waits for the server is kept until <paramref name="atLast"/>.</summary>
    public Task PruneAsync(DateTimeOffset before, DateTimeOffset atLast) => writer.WriteAsync((c, t) =>
    {
        statements.Forget();
        c.Execute(
            """
            DELETE FROM events WHERE start + duration < @before AND (minimized >= duration OR start + duration < @atLast)
              AND (start + duration < @atLast OR start + duration < COALESCE((SELECT CAST(strftime('%s', MIN(day), '-1 day') AS INTEGER) * 1000000 FROM touched_days), @before))
            """,
            new { before = Micros(before), atLast = Micros(atLast) },
            t);
        c.Execute("INSERT INTO state (name, value) VALUES ('forgotten-before', @before) ON CONFLICT (name) DO UPDATE SET value = excluded.value", new { before = Micros(before).ToString(System.Globalization.CultureInfo.InvariantCulture) }, t);
        c.Execute("DELETE FROM dropped WHERE event NOT IN (SELECT id FROM events)", transaction: t);
    });

    /// <summary>Whether nothing after an instant has been forgotten yet.</summary>
    public bool IsWhole(DateTimeOffset from)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT value FROM state WHERE name = 'forgotten-before'") is not { } forgotten
            || long.Parse(forgotten, System.Globalization.CultureInfo.InvariantCulture) <= Micros(from);
    }

    /// <summary>Microseconds since 1970.</summary>
    public static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    /// <summary>The instant of stored microseconds.</summary>
    public static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * 10);

    /// <summary>UTC with milliseconds, as ActivityWatch's clients expect.</summary>
    public static string Iso(long micros) => Instant(micros).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Data as stored text; nothing is an empty object.</summary>
    public static string Text(JsonElement data) => data.ValueKind == JsonValueKind.Object ? data.GetRawText() : "{}";

    /// <summary>Stored text as JSON.</summary>
    public static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static RawEvent Raw(string type, long start, long duration, string data) =>
        new(Streams.OfBucketType(type) ?? type, Instant(start), TimeSpan.FromMicroseconds(duration), System.Text.Encoding.UTF8.GetBytes(data));
}

/// <summary>Prepared statements of the writing connection; used by its one thread only.</summary>
/// <remarks>INVARIANT: `newest` says what the store says. Whatever else changes events calls Forget in the same work, and so does a rollback.</remarks>
internal sealed class HeartbeatStatements
{
    private readonly Dictionary<string, (long Key, StoredEvent Last)> newest = [];
    private DbConnection? owner;
    private DbCommand find = null!;
    private DbCommand latest = null!;
    private DbCommand grow = null!;
    private DbCommand insert = null!;
    private DbCommand replace = null!;

    public (long Bucket, StoredEvent? Event) Merge(DbConnection connection, DbTransaction transaction, string bucket, long start, long duration, string data, long pulse)
    {
        Prepare(connection);
        var (key, last) = newest.TryGetValue(bucket, out var known) ? known : Find(transaction, bucket);
        if (key == 0)
        {
            return (0, null);
        }

        if (last is { } e && start >= e.Start && start <= e.Start + e.Duration + pulse && SameData(e.Data, data))
        {
            var grown = e with { Duration = Math.Max(e.Duration, start - e.Start + duration) };
            if (grown.Duration != e.Duration)
            {
                grow.Transaction = transaction;
                (grow.Parameters[0].Value, grow.Parameters[1].Value) = (grown.Duration, grown.Id);
                grow.ExecuteNonQuery();
            }

            newest[bucket] = (key, grown);
            return (key, grown);
        }

        var stored = Insert(connection, transaction, key, null, start, duration, data);
        if (last is null || start >= last.Start)
        {
            newest[bucket] = (key, stored);
        }

        return (key, stored);
    }

    /// <summary>Forgets what it knows of each bucket's last event; the store is asked again.</summary>
    public void Forget() => newest.Clear();

    public StoredEvent Insert(DbConnection connection, DbTransaction transaction, long bucket, long? id, long start, long duration, string data)
    {
        Prepare(connection);
        if (id is { } known)
        {
            replace.Transaction = transaction;
            (replace.Parameters[0].Value, replace.Parameters[1].Value, replace.Parameters[2].Value) = (start, duration, data);
            (replace.Parameters[3].Value, replace.Parameters[4].Value) = (known, bucket);
            if (replace.ExecuteNonQuery() == 1)
            {
                return new StoredEvent(known, start, duration, data);
            }
        }

        insert.Transaction = transaction;
        (insert.Parameters[0].Value, insert.Parameters[1].Value, insert.Parameters[2].Value, insert.Parameters[3].Value) = (bucket, start, duration, data);
        return new StoredEvent((long)insert.ExecuteScalar()!, start, duration, data);
    }

    private (long Key, StoredEvent? Last) Find(DbTransaction transaction, string bucket)
    {
        find.Transaction = transaction;
        find.Parameters[0].Value = bucket;
        return find.ExecuteScalar() is long key ? (key, Last(transaction, key)) : (0, null);
    }

    private StoredEvent? Last(DbTransaction transaction, long bucket)
    {
        latest.Transaction = transaction;
        latest.Parameters[0].Value = bucket;
        using var reader = latest.ExecuteReader();
        return reader.Read() ? new StoredEvent(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetString(3)) : null;
    }

    private static bool SameData(string left, string right)
    {
        try
        {
            return left == right || JsonElement.DeepEquals(RawStore.Json(left), RawStore.Json(right));
        }
        catch (InvalidOperationException)
        {
            return false; // a text that is none, cut inside an emoji: it begins a new event
        }
    }

    private void Prepare(DbConnection connection)
    {
        if (ReferenceEquals(owner, connection))
        {
            return;
        }

        owner = connection;
        newest.Clear();
        find = Command("SELECT key FROM buckets WHERE id = @a", 1);
        latest = Command("SELECT id, start, duration, data FROM events WHERE bucket = @a ORDER BY start DESC, id DESC LIMIT 1", 1);
        grow = Command("UPDATE events SET duration = @a WHERE id = @b", 2);
        insert = Command("INSERT INTO events (bucket, start, duration, data) VALUES (@a, @b, @c, @d) RETURNING id", 4);
        replace = Command("UPDATE events SET start = @a, duration = @b, data = @c WHERE id = @d AND bucket = @e", 5);
    }

    private DbCommand Command(string sql, int parameters)
    {
        var command = owner!.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < parameters; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + (char)('a' + i);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
