using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Store;

/// <summary>A stored event.</summary>
/// <param name="Id">Its id; 0 for one that is only echoed.</param>
/// <param name="Start">Microseconds since 1970, UTC.</param>
/// <param name="Duration">Microseconds.</param>
/// <param name="Data">A JSON object in UTF-8.</param>
internal readonly record struct StoredEvent(long Id, long Start, long Duration, ReadOnlyMemory<byte> Data);

/// <summary>An event on its way into the store.</summary>
/// <param name="Id">The event of the bucket that it replaces, or null.</param>
/// <param name="Start">Microseconds since 1970, UTC.</param>
/// <param name="Duration">Microseconds.</param>
/// <param name="Data">A JSON object in UTF-8.</param>
internal readonly record struct NewEvent(long? Id, long Start, long Duration, ReadOnlyMemory<byte> Data);

/// <summary>A bucket.</summary>
internal sealed record Bucket(long Key, string Id, long Created, string? Name, string Type, string Client, string Hostname, string Data);

/// <summary>What became of a wish for a bucket.</summary>
internal enum BucketMade
{
    /// <summary>It is new.</summary>
    New = 0,

    /// <summary>It was there.</summary>
    Known = 1,

    /// <summary>There are too many already.</summary>
    TooMany = 2,
}

/// <summary>
/// Raw events: the employee's own file, which is never synchronised. What is private does not enter it; what does is encrypted. One writer; a call returns when
/// its commit is durable.
/// </summary>
internal sealed class RawStore
{
    /// <summary>What is older can be in no charter's outbox: it is history that somebody brought along.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(62);

    private static readonly long Recent = (long)Memory.TotalMicroseconds;

    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly StoreKey key;
    private readonly TimeProvider time;
    private readonly EventWriter events;

    /// <summary>Events that grew or changed since they were minimised, with when that was. What came before this start is found by <see cref="Since"/>.</summary>
    private readonly ConcurrentDictionary<long, long> touched = new();

    public RawStore(IDatabase database, GroupCommitWriter writer, StoreKey key, TimeProvider time)
    {
        (this.database, this.writer, this.key, this.time) = (database, writer, key, time);
        events = new EventWriter(key, Micros(time.GetUtcNow()));
        writer.OnRollback(events.Forget);
    }

    /// <summary>Where the key lies, in words.</summary>
    public string KeyPlace => key.Where;

    /// <summary>How many events were kept out since the agent started, because they are private.</summary>
    public long KeptOut => events.KeptOut;

    /// <summary>Changes what is kept out, besides the built-in list.</summary>
    public void Admit(IReadOnlyCollection<string> privateLife) => events.Admission = new Admission(privateLife);

    /// <summary>Notes that something of a bucket was refused at a time: nothing merges across it.</summary>
    public void Refuse(string bucket, long at) => events.Refuse(bucket, at);

    /// <summary>Makes a bucket.</summary>
    public Task<BucketMade> CreateBucketAsync(string id, string type, string client, string hostname, string? name, string data)
    {
        var row = new { id, created = Micros(time.GetUtcNow()), name, type, client, hostname, data };
        return writer.WriteAsync((c, t) =>
        {
            if (c.QuerySingleOrDefault<long?>("SELECT key FROM buckets WHERE id = @id", row, t) is not null)
            {
                return BucketMade.Known;
            }

            if (c.QuerySingle<long>("SELECT COUNT(*) FROM buckets", transaction: t) >= AgentLimits.MostBuckets)
            {
                return BucketMade.TooMany;
            }

            c.Execute("INSERT INTO buckets (id, created, name, type, client, hostname, data) VALUES (@id, @created, @name, @type, @client, @hostname, @data)", row, t);
            return BucketMade.New;
        });
    }

    /// <summary>Changes what a bucket says of itself; what is null stays. False when there is none.</summary>
    public Task<bool> UpdateBucketAsync(string id, string? type, string? client, string? hostname, string? data) => writer.WriteAsync((c, t) => c.Execute(
        "UPDATE buckets SET type = COALESCE(@type, type), client = COALESCE(@client, client), hostname = COALESCE(@hostname, hostname), data = COALESCE(@data, data) WHERE id = @id",
        new { id, type, client, hostname, data },
        t) == 1);

    /// <summary>Removes a bucket with its events; false when there is none.</summary>
    public Task<bool> DeleteBucketAsync(string id) => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        c.Execute("DELETE FROM events WHERE bucket = (SELECT key FROM buckets WHERE id = @id)", new { id }, t);
        return c.Execute("DELETE FROM buckets WHERE id = @id", new { id }, t) == 1;
    });

    /// <summary>Every bucket.</summary>
    public IReadOnlyList<Bucket> Buckets()
    {
        using var connection = database.Open();
        return [.. connection.Query<Bucket>("SELECT key AS Key, id AS Id, created AS Created, name AS Name, type AS Type, client AS Client, hostname AS Hostname, data AS Data FROM buckets ORDER BY id")];
    }

    /// <summary>A bucket, or null.</summary>
    public Bucket? Bucket(string id)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Bucket>(
            "SELECT key AS Key, id AS Id, created AS Created, name AS Name, type AS Type, client AS Client, hostname AS Hostname, data AS Data FROM buckets WHERE id = @id", new { id });
    }

    /// <summary>When a bucket's newest event ends, or null.</summary>
    public long? LastUpdated(long bucket)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<long?>("SELECT start + duration FROM events WHERE bucket = @bucket ORDER BY start DESC, id DESC LIMIT 1", new { bucket });
    }

    /// <summary>
    /// Merges a heartbeat: the bucket's last event grows iff its data is equal and the heartbeat falls into it or into <paramref name="pulse"/> after it;
    /// otherwise a new event begins.
    /// </summary>
    public async Task<Beat> HeartbeatAsync(string bucket, NewEvent beat, long pulse)
    {
        var merged = await writer.WriteNowAsync((c, t) => events.Merge(c, t, bucket, beat, pulse));
        Touch(merged);
        return merged;
    }

    /// <summary>Takes a point in an editor's day, as WakaTime counts them: the time since the point before belongs to that one, when it is no longer than <paramref name="gap"/>.</summary>
    public async Task<Beat> PointAsync(string bucket, NewEvent point, long gap)
    {
        var merged = await writer.WriteAsync((c, t) => events.MergePoint(c, t, bucket, point, gap));
        Touch(merged);
        return merged;
    }

    /// <summary>Inserts events; one with an id replaces that event of this bucket. What is private is left out.</summary>
    public async Task<IReadOnlyList<StoredEvent>> InsertAsync(long bucket, IReadOnlyList<NewEvent> added)
    {
        var stored = await writer.WriteAsync((c, t) =>
        {
            events.Forget();
            return (IReadOnlyList<StoredEvent>)[.. added.Select(e => events.Insert(c, t, bucket, e)).OfType<StoredEvent>()];
        });
        var now = Micros(time.GetUtcNow());
        foreach (var e in stored.Where(e => e.Start > now - Recent))
        {
            touched[e.Id] = now;
        }

        return stored;
    }

    /// <summary>Events newest first, clipped to the range.</summary>
    public IReadOnlyList<StoredEvent> Events(long bucket, long? from, long? to, int limit) => [.. Read(bucket, from, to).Take(limit).Select(e => Clipped(e, from, to))];

    /// <summary>Events that touch a range, whole, newest first, one by one.</summary>
    public IEnumerable<StoredEvent> Read(long bucket, long? from, long? to)
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, start, duration, data FROM events WHERE bucket = @bucket AND start <= @to AND start >= @earliest AND start + duration >= @from ORDER BY start DESC, id DESC";
        foreach (var (name, value) in Range(bucket, from, to))
        {
            Add(command, name, value);
        }

        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new StoredEvent(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), key.Open(reader.GetFieldValue<byte[]>(3)));
        }
    }

    /// <summary>Number of events in a range.</summary>
    public long Count(long bucket, long? from, long? to)
    {
        using var connection = database.Open();
        return connection.QuerySingle<long>(
            "SELECT COUNT(*) FROM events WHERE bucket = @bucket AND start <= @to AND start >= @earliest AND start + duration >= @from", new DynamicParameters(Range(bucket, from, to).ToDictionary()));
    }

    /// <summary>One event of a bucket.</summary>
    public StoredEvent? Event(long bucket, long id)
    {
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<(long Start, long Duration, byte[]? Data)>("SELECT start, duration, data FROM events WHERE bucket = @bucket AND id = @id", new { bucket, id });
        return row.Data is null ? null : new StoredEvent(id, row.Start, row.Duration, key.Open(row.Data));
    }

    /// <summary>Removes one event of a bucket.</summary>
    public Task<bool> DeleteEventAsync(long bucket, long id) => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        return c.Execute("DELETE FROM events WHERE bucket = @bucket AND id = @id", new { bucket, id }, t) == 1;
    });

    /// <summary>Removes every event that touches a span.</summary>
    public Task<int> DeleteAsync(DateTimeOffset from, DateTimeOffset to) => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        return c.Execute("DELETE FROM events WHERE start < @to AND start + duration > @from", new { from = Micros(from), to = Micros(to) }, t);
    });

    /// <summary>Forgets every raw event.</summary>
    public Task ForgetAsync() => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        touched.Clear();
        c.Execute("DELETE FROM events", transaction: t);
    });

    /// <summary>Forgets raw events that ended before an instant.</summary>
    public Task PruneAsync(DateTimeOffset before) => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        c.Execute("DELETE FROM events WHERE start + duration < @before", new { before = Micros(before) }, t);
    });

    /// <summary>The lowest id of an event that is still there, or null.</summary>
    public long? LowestId()
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<long?>("SELECT MIN(id) FROM events");
    }

    /// <summary>How many events there are, and when the oldest began.</summary>
    public (long Events, DateTimeOffset? Oldest) Holds()
    {
        using var connection = database.Open();
        var (count, oldest) = connection.QuerySingle<(long, long?)>("SELECT COUNT(*), MIN(start) FROM events");
        return (count, oldest is { } micros ? Instant(micros) : null);
    }

    /// <summary>Ids and lengths of events that began at or after an instant: what a new start compares with what was minimised.</summary>
    public IReadOnlyList<(long Id, long Duration)> Since(DateTimeOffset from)
    {
        using var connection = database.Open();
        return [.. connection.Query<(long, long)>("SELECT id, duration FROM events WHERE start >= @from", new { from = Micros(from) })];
    }

    /// <summary>Marks events as changed since they were minimised.</summary>
    public void Touch(IEnumerable<long> ids)
    {
        foreach (var id in ids)
        {
            touched.TryAdd(id, 0);
        }
    }

    /// <summary>Events that changed since they were minimised, with when that was.</summary>
    public IReadOnlyCollection<KeyValuePair<long, long>> Touched => [.. touched];

    /// <summary>Settles a change, unless it changed again.</summary>
    public void Settle(KeyValuePair<long, long> change) => touched.TryRemove(change);

    /// <summary>Settles changes of events that are gone: ids are given in order, and never twice.</summary>
    public void SettleBelow(long id)
    {
        foreach (var gone in touched.Keys.Where(k => k < id))
        {
            touched.TryRemove(gone, out _);
        }
    }

    /// <summary>Events with their streams, as a charter sees them; those that are gone are left out.</summary>
    public IReadOnlyDictionary<long, RawEvent> Raw(IReadOnlyCollection<long> ids)
    {
        using var connection = database.Open();
        return ids.Chunk(500)
            .SelectMany(part => connection.Query<(long Id, string Type, long Start, long Duration, byte[] Data)>(
                "SELECT e.id, b.type, e.start, e.duration, e.data FROM events e JOIN buckets b ON b.key = e.bucket WHERE e.id IN @part", new { part }))
            .ToDictionary(e => e.Id, e => Raw(e.Type, e.Start, e.Duration, e.Data));
    }

    /// <summary>Every raw event that touches a span.</summary>
    public IReadOnlyList<RawEvent> Between(DateTimeOffset from, DateTimeOffset to)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Type, long Start, long Duration, byte[] Data)>(
            """
            SELECT b.type, e.start, e.duration, e.data FROM buckets b JOIN events e ON e.bucket = b.key
            WHERE e.start < @to AND e.start >= @earliest AND (e.start + e.duration > @from OR e.start >= @from) ORDER BY e.start
            """,
            new { from = Micros(from), to = Micros(to), earliest = Micros(from) - AgentLimits.LongestEvent }).Select(e => Raw(e.Type, e.Start, e.Duration, e.Data))];
    }

    /// <summary>A setting of ActivityWatch's pages, as JSON; null when there is none.</summary>
    public string? Setting(string name)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT value FROM settings WHERE key = @name", new { name });
    }

    /// <summary>Every setting.</summary>
    public IReadOnlyDictionary<string, string> Settings()
    {
        using var connection = database.Open();
        return connection.Query<(string Key, string Value)>("SELECT key, value FROM settings ORDER BY key").ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal);
    }

    /// <summary>Keeps a setting; null removes it. False when there are too many.</summary>
    public Task<bool> SetSettingAsync(string name, string? value) => writer.WriteAsync((c, t) =>
    {
        if (value is null)
        {
            c.Execute("DELETE FROM settings WHERE key = @name", new { name }, t);
            return true;
        }

        return (c.QuerySingle<long>("SELECT COUNT(*) FROM settings WHERE key <> @name", new { name }, t) < AgentLimits.MostSettings)
            && c.Execute("INSERT INTO settings (key, value) VALUES (@name, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value", new { name, value }, t) == 1;
    });

    /// <summary>Microseconds since 1970.</summary>
    public static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    /// <summary>The instant of stored microseconds.</summary>
    public static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * 10);

    /// <summary>UTC with milliseconds, as ActivityWatch's clients expect.</summary>
    public static string Iso(long micros) => Instant(micros).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'", CultureInfo.InvariantCulture);

    private static StoredEvent Clipped(StoredEvent e, long? from, long? to)
    {
        var start = Math.Max(e.Start, from ?? long.MinValue);
        return e with { Start = start, Duration = Math.Min(e.Start + e.Duration, to ?? long.MaxValue) - start };
    }

    // No event is longer than the longest: whatever began earlier cannot touch the range, and the index ends there.
    private static IEnumerable<KeyValuePair<string, object>> Range(long bucket, long? from, long? to) =>
    [
        new("bucket", bucket), new("from", from ?? long.MinValue), new("to", to ?? long.MaxValue), new("earliest", from is { } f && f > long.MinValue + AgentLimits.LongestEvent ? f - AgentLimits.LongestEvent : long.MinValue),
    ];

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@" + name, value);
        command.Parameters.Add(parameter);
    }

    private RawEvent Raw(string type, long start, long duration, byte[] data) => new(Streams.OfBucketType(type) ?? type, Instant(start), TimeSpan.FromMicroseconds(duration), key.Open(data));

    private void Touch(Beat beat)
    {
        var now = Micros(time.GetUtcNow());
        IEnumerable<long> changed = beat switch { Beat.Stored stored => [stored.Event.Id, .. stored.Also], Beat.Private kept => kept.Also, _ => [] };
        foreach (var id in changed)
        {
            touched[id] = now;
        }
    }
}
