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

/// <summary>A range of time, in microseconds since 1970, UTC.</summary>
/// <param name="From">What ends before it is not in it.</param>
/// <param name="To">What begins after it is not in it.</param>
internal readonly record struct RawRange(long From, long To)
{
    /// <summary>A range that may be open.</summary>
    public static RawRange Of(long? from, long? to) => new(from ?? long.MinValue, to ?? long.MaxValue);

    /// <summary>No event is longer than the longest: whatever began earlier cannot touch the range, and need not be looked at.</summary>
    public long Earliest => From > long.MinValue + AgentLimits.LongestEvent ? From - AgentLimits.LongestEvent : long.MinValue;
}

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

    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly StoreKey key;
    private readonly TimeProvider time;
    private readonly EventWriter events;
    private readonly RawScan scan;

    public RawStore(IDatabase database, GroupCommitWriter writer, StoreKey key, TimeProvider time)
    {
        (this.database, this.writer, this.key, this.time) = (database, writer, key, time);
        (events, scan) = (new EventWriter(key, time), new RawScan(database, key));
        writer.OnRollback(events.Undo);
    }

    /// <summary>Where the key lies, in words.</summary>
    public string KeyPlace => key.Where;

    /// <summary>How many events were kept out since the agent started, because they are private.</summary>
    public long KeptOut => events.KeptOut;

    /// <summary>Changes what is kept out, besides the built-in list.</summary>
    public void Admit(IReadOnlyCollection<string> privateLife) => events.Admission = new Admission(privateLife);

    /// <summary>How large the file is, in bytes.</summary>
    public long Size
    {
        get
        {
            using var connection = database.Open();
            return connection.QuerySingle<long>("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
        }
    }

    /// <summary>Which file this is: one that its owner deleted comes back as another.</summary>
    public string Identity
    {
        get
        {
            using var connection = database.Open();
            return connection.QuerySingle<string>("SELECT id FROM identity");
        }
    }

    /// <summary>Notes that something of a bucket was refused at a time: nothing merges across it.</summary>
    public void Refuse(string bucket, long at) => events.Refuse(bucket, at);

    /// <summary>Makes a bucket.</summary>
    public Task<BucketMade> CreateBucketAsync(string id, string type, string client, string hostname, string? name, string data, long? created = null)
    {
        var row = new { id, created = created ?? Micros(time.GetUtcNow()), name, type, client, hostname, data };
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
        DeleteEvents(c, t, id);
        events.ForgetWall(id);
        return c.Execute("DELETE FROM buckets WHERE id = @id", new { id }, t) == 1;
    });

    /// <summary>Removes the events of a bucket.</summary>
    public Task ClearBucketAsync(string id) => writer.WriteAsync((c, t) => DeleteEvents(c, t, id));

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
    public Task<Beat> HeartbeatAsync(string bucket, NewEvent beat, long pulse) => writer.WriteNowAsync((c, t) => events.Merge(c, t, bucket, beat, pulse));

    /// <summary>Takes a point in an editor's day, as WakaTime counts them: the time since the point before belongs to that one, when it is no longer than <paramref name="gap"/>.</summary>
    public Task<Beat> PointAsync(string bucket, NewEvent point, long gap) => writer.WriteAsync((c, t) => events.MergePoint(c, t, bucket, point, gap));

    /// <summary>Inserts events; one with an id replaces that event of this bucket. What is private is left out, and what is longer than a week is stored as several.</summary>
    public Task<IReadOnlyList<StoredEvent>> InsertAsync(long bucket, IReadOnlyList<NewEvent> added) => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        if (c.QuerySingle<long>("SELECT COUNT(*) FROM buckets WHERE key = @bucket", new { bucket }, t) == 0)
        {
            return []; // deleted since somebody looked: its events would be the next bucket's
        }

        return (IReadOnlyList<StoredEvent>)[.. added.SelectMany(Weeks).Select(e => events.Insert(c, t, bucket, e)).OfType<StoredEvent>()];
    });

    /// <summary>Events newest first, clipped to the range.</summary>
    public IEnumerable<StoredEvent> Events(long bucket, long? from, long? to, int limit) => Read(bucket, from, to).Take(limit).Select(e => Clipped(e, from, to));

    /// <summary>Events of a bucket that begin at given times.</summary>
    public IEnumerable<StoredEvent> At(long bucket, IEnumerable<long> starts)
    {
        using var connection = database.Open();
        return [.. starts.Distinct().Chunk(500).SelectMany(part => connection.Query<(long Id, long Start, long Duration, byte[] Data)>("SELECT id, start, duration, data FROM events WHERE bucket = @bucket AND start IN @part", new { bucket, part }))
            .Select(e => (e, Data: key.TryOpen(e.Data))).Where(e => e.Data is not null).Select(e => new StoredEvent(e.e.Id, e.e.Start, e.e.Duration, e.Data))];
    }

    /// <summary>Events that touch a range, whole, newest first, one by one: for few, or for so many that they must not all be in memory.</summary>
    public IEnumerable<StoredEvent> Read(long bucket, long? from, long? to)
    {
        var range = RawRange.Of(from, to);
        using var connection = database.Open();
        foreach (var (id, start, duration, box) in connection.Query<(long, long, long, byte[])>(
            "SELECT id, start, duration, data FROM events WHERE bucket = @bucket AND start <= @To AND start >= @Earliest AND start + duration >= @From ORDER BY start DESC, id DESC",
            new { bucket, range.From, range.To, range.Earliest },
            buffered: false))
        {
            if (key.TryOpen(box) is { } data)
            {
                yield return new StoredEvent(id, start, duration, data);
            }
        }
    }

    /// <summary>The same for many events, of which something is made.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="from">Microseconds since 1970, UTC.</param>
    /// <param name="to">Microseconds since 1970, UTC.</param>
    /// <param name="make">Makes it; called on several threads at a time.</param>
    /// <param name="before">Told how many events come next; what it throws ends the reading.</param>
    public List<T> Read<T>(long bucket, long from, long to, Made<T> make, Action<int> before) => scan.Read(bucket, new RawRange(from, to), make, before);

    /// <summary>Number of events in a range.</summary>
    public long Count(long bucket, long? from, long? to)
    {
        var range = RawRange.Of(from, to);
        using var connection = database.Open();
        return connection.QuerySingle<long>(
            "SELECT COUNT(*) FROM events WHERE bucket = @bucket AND start <= @To AND start >= @Earliest AND start + duration >= @From", new { bucket, range.From, range.To, range.Earliest });
    }

    /// <summary>One event of a bucket.</summary>
    public StoredEvent? Event(long bucket, long id)
    {
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<(long Start, long Duration, byte[]? Data)>("SELECT start, duration, data FROM events WHERE bucket = @bucket AND id = @id", new { bucket, id });
        return row.Data is { } box && key.TryOpen(box) is { } data ? new StoredEvent(id, row.Start, row.Duration, data) : null;
    }

    /// <summary>Removes one event of a bucket.</summary>
    public Task<bool> DeleteEventAsync(long bucket, long id) => writer.WriteAsync((c, t) =>
    {
        if (c.QuerySingleOrDefault<(long Start, long Duration)?>("SELECT start, duration FROM events WHERE bucket = @bucket AND id = @id", new { bucket, id }, t) is not { } gone)
        {
            return false;
        }

        events.Forget();
        events.Mark(c, t, gone.Start, gone.Start + gone.Duration);
        return c.Execute("DELETE FROM events WHERE bucket = @bucket AND id = @id", new { bucket, id }, t) == 1;
    });

    /// <summary>The span of all events that touch a span; null when there are none.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? Reach(DateTimeOffset from, DateTimeOffset to)
    {
        using var connection = database.Open();
        var (first, last) = connection.QuerySingle<(long?, long?)>("SELECT MIN(start), MAX(start + duration) FROM events WHERE start < @to AND start + duration >= @from", new { from = Micros(from), to = Micros(to) });
        return first is { } start && last is { } end ? (Instant(start), Instant(end)) : null;
    }

    /// <summary>Forgets every event that touches a span: what was computed of it stays as it is.</summary>
    public Task<int> ForgetAsync(DateTimeOffset from, DateTimeOffset to) => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        return c.Execute("DELETE FROM events WHERE start < @to AND start + duration >= @from", new { from = Micros(from), to = Micros(to) }, t);
    });

    /// <summary>Forgets every raw event.</summary>
    public Task ForgetAsync() => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        c.Execute("DELETE FROM events; DELETE FROM changed;", transaction: t);
    });

    /// <summary>Forgets raw events that ended before an instant.</summary>
    public Task PruneAsync(DateTimeOffset before) => writer.WriteAsync((c, t) =>
    {
        events.Forget();
        c.Execute("DELETE FROM events WHERE start + duration < @before", new { before = Micros(before) }, t);
    });

    /// <summary>Takes the marks of changes before an instant, as the starts of quarters of an hour. Marks that are set from now on are not among them.</summary>
    public Task<IReadOnlyList<DateTimeOffset>> TakeMarksAsync(DateTimeOffset before)
    {
        var limit = new { limit = Micros(before) / EventWriter.Quarter };
        using (var connection = database.Open())
        {
            if (connection.QuerySingle<long>("SELECT COUNT(*) FROM changed WHERE quarter < @limit", limit) == 0)
            {
                return Task.FromResult<IReadOnlyList<DateTimeOffset>>([]);
            }
        }

        return writer.WriteAsync((c, t) =>
        {
            events.Forget();
            return (IReadOnlyList<DateTimeOffset>)[.. c.Query<long>("UPDATE changed SET taken = 1 WHERE quarter < @limit RETURNING quarter", limit, t).Select(q => Instant(q * EventWriter.Quarter))];
        });
    }

    /// <summary>Removes the marks that were taken, unless something changed there since.</summary>
    public Task SettleMarksAsync() => writer.WriteAsync((c, t) => c.Execute("DELETE FROM changed WHERE taken = 1", transaction: t));

    /// <summary>How many events there are, and when the oldest began.</summary>
    public (long Events, DateTimeOffset? Oldest) Holds()
    {
        using var connection = database.Open();
        var (count, oldest) = connection.QuerySingle<(long, long?)>("SELECT COUNT(*), MIN(start) FROM events");
        return (count, oldest is { } micros ? Instant(micros) : null);
    }

    /// <summary>Every raw event that touches a span, by time; what is damaged is left out: one bad sector must not end the agent's work.</summary>
    public IReadOnlyList<RawEvent> Between(DateTimeOffset from, DateTimeOffset to)
    {
        var (range, begins) = (new RawRange(Micros(from), Micros(to) - 1), Micros(from));
        var found = new List<(long Start, long Id, RawEvent Event)>();
        foreach (var bucket in Buckets())
        {
            var stream = Streams.OfBucketType(bucket.Type) ?? bucket.Type;
            found.AddRange(scan.Read(bucket.Key, range, (id, start, duration, data) => (start, id, Event: new RawEvent(stream, Instant(start), TimeSpan.FromMicroseconds(duration), data.ToArray())))
                .Where(e => e.start >= begins || e.Event.End > from));
        }

        return [.. found.OrderBy(e => e.Start).ThenBy(e => e.Id).Select(e => e.Event)];
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

    private static IEnumerable<NewEvent> Weeks(NewEvent e)
    {
        for (var rest = e; ; rest = rest with { Id = null, Start = rest.Start + AgentLimits.LongestEvent, Duration = rest.Duration - AgentLimits.LongestEvent })
        {
            yield return rest with { Duration = Math.Min(rest.Duration, AgentLimits.LongestEvent) };
            if (rest.Duration <= AgentLimits.LongestEvent)
            {
                yield break;
            }
        }
    }

    private void DeleteEvents(DbConnection connection, DbTransaction transaction, string bucket)
    {
        events.Forget();
        var (from, to) = connection.QuerySingle<(long?, long?)>("SELECT MIN(start), MAX(start + duration) FROM events WHERE bucket = (SELECT key FROM buckets WHERE id = @bucket)", new { bucket }, transaction);
        if (from is { } first && to is { } last)
        {
            events.Mark(connection, transaction, first, last);
            connection.Execute("DELETE FROM events WHERE bucket = (SELECT key FROM buckets WHERE id = @bucket)", new { bucket }, transaction);
        }
    }
}
