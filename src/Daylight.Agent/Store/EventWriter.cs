using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Daylight.Core.Minimization;

namespace Daylight.Agent.Store;

/// <summary>What became of a heartbeat.</summary>
internal abstract record Beat
{
    private Beat()
    {
    }

    /// <summary>It is stored, in this event.</summary>
    /// <param name="Event">The event.</param>
    public sealed record Stored(StoredEvent Event) : Beat;

    /// <summary>It is private, and kept out.</summary>
    public sealed record Private : Beat
    {
        /// <summary>The one there is.</summary>
        public static Private Instance { get; } = new();
    }

    /// <summary>There is no such bucket.</summary>
    public sealed record NoBucket : Beat
    {
        /// <summary>The one there is.</summary>
        public static NoBucket Instance { get; } = new();
    }
}

/// <summary>Prepared statements of the writing connection, used by whoever commits.</summary>
/// <remarks>INVARIANT: `newest` and `marked` say what the store says. Whatever else changes events calls Forget in the same work, and so does a rollback.</remarks>
internal sealed class EventWriter(StoreKey key, TimeProvider time)
{
    /// <summary>A quarter of an hour, in microseconds.</summary>
    public const long Quarter = 900_000_000;

    private readonly Dictionary<string, Newest> newest = [];
    private readonly HashSet<long> marked = [];
    private readonly ConcurrentDictionary<string, long> walls = new(StringComparer.Ordinal);
    private long walled = RawStore.Micros(time.GetUtcNow()); // of all buckets
    private Admission admission = new([]);
    private DbConnection? owner;
    private DbCommand find = null!;
    private DbCommand latest = null!;
    private DbCommand grow = null!;
    private DbCommand insert = null!;
    private DbCommand replace = null!;
    private DbCommand before = null!;
    private DbCommand after = null!;
    private DbCommand span = null!;
    private DbCommand mark = null!;

    /// <summary>What is kept out. What came before a change does not go on behind it: it may be what is kept out now.</summary>
    public Admission Admission
    {
        get => Volatile.Read(ref admission);
        set
        {
            Volatile.Write(ref walled, RawStore.Micros(time.GetUtcNow()));
            Volatile.Write(ref admission, value);
        }
    }

    /// <summary>How many events were kept out.</summary>
    public long KeptOut { get; private set; }

    /// <summary>Forgets what it knows of each bucket's last event, and of what is marked; the store is asked again.</summary>
    public void Forget()
    {
        newest.Clear();
        marked.Clear();
    }

    /// <summary>Forgets what it knows, since work was undone; what was refused may have been part of it, so nothing goes on behind this moment.</summary>
    public void Undo()
    {
        Forget();
        Volatile.Write(ref walled, RawStore.Micros(time.GetUtcNow()));
    }

    /// <summary>Marks a span as changed: what was computed of it must be computed again. What is older than <see cref="RawStore.Memory"/> can be in nobody's outbox.</summary>
    public void Mark(DbConnection connection, DbTransaction transaction, long from, long to)
    {
        Prepare(connection);
        var first = Math.Max(from, RawStore.Micros(time.GetUtcNow() - RawStore.Memory)) / Quarter;
        for (var quarter = first; quarter <= to / Quarter; quarter++)
        {
            if (marked.Add(quarter))
            {
                mark.Transaction = transaction;
                mark.Parameters[0].Value = quarter;
                mark.ExecuteNonQuery();
            }
        }
    }

    /// <summary>
    /// Notes that something of a bucket was refused at a time: what was before it does not go on behind it, or else time in a private window would be the page's that came before
    /// it. Only in memory, so that no trace of it is on the disk; what came before this start is behind such a wall altogether.
    /// </summary>
    public void Refuse(string bucket, long at) => walls.AddOrUpdate(bucket, at, (_, known) => Math.Max(known, at));

    /// <summary>Forgets that of a bucket which is deleted: there is nothing before it any more.</summary>
    public void ForgetWall(string bucket) => walls.TryRemove(bucket, out _);

    /// <summary>Merges a heartbeat into the event that it goes on from, or begins a new one.</summary>
    public Beat Merge(DbConnection connection, DbTransaction transaction, string bucket, NewEvent beat, long pulse)
    {
        Prepare(connection);
        if (Find(transaction, bucket) is not { } known)
        {
            return Beat.NoBucket.Instance;
        }

        // After a clock was set back there is an event ahead of what comes: it must not keep all that from merging.
        var last = known.Last is { } newestEvent && beat.Start < newestEvent.Start ? Neighbor(transaction, known.Key, beat.Start, isBefore: true) : known.Last;
        if (last is { } before && beat.Start >= before.Start && beat.Start <= before.Start + before.Duration + pulse && !IsWalled(bucket, before, beat.Start) && SameData(before.Data.Span, beat.Data.Span))
        {
            var reach = Math.Max(before.Duration, beat.Start - before.Start + beat.Duration);
            var grown = before with { Duration = Math.Min(reach, AgentLimits.LongestEvent) };
            Grow(connection, transaction, before, grown);
            if (known.Last?.Id == grown.Id)
            {
                known.Last = grown;
            }

            // No event is longer than the longest, since ranges are looked up by that: the next one goes on from there.
            return reach <= AgentLimits.LongestEvent ? new Beat.Stored(grown) : Rest(connection, transaction, bucket, beat, grown, reach, pulse);
        }

        var first = beat with { Duration = Math.Min(beat.Duration, AgentLimits.LongestEvent) };
        if (Insert(connection, transaction, known.Key, first) is not { } stored)
        {
            Refuse(bucket, beat.Start);
            return Beat.Private.Instance;
        }

        if (known.Last is null || stored.Start >= known.Last.Value.Start)
        {
            known.Last = stored;
        }

        return beat.Duration == first.Duration ? new Beat.Stored(stored) : Rest(connection, transaction, bucket, beat, stored, beat.Duration, pulse);
    }

    /// <summary>
    /// Takes a point: the event that it follows, if that ended no longer than <paramref name="gap"/> ago, goes on up to it, and on, if it reads the same. A point
    /// that is sent again changes nothing; a late one takes its place between its neighbors.
    /// </summary>
    public Beat MergePoint(DbConnection connection, DbTransaction transaction, string bucket, NewEvent point, long gap)
    {
        Prepare(connection);
        if (Find(transaction, bucket) is not { } known)
        {
            return Beat.NoBucket.Instance;
        }

        // Only the bucket's own newest event is remembered, and a late point is not about that one.
        newest.Remove(bucket);
        var (earlier, later) = (Neighbor(transaction, known.Key, point.Start, isBefore: true), Neighbor(transaction, known.Key, point.Start, isBefore: false));
        var next = later is { } following && following.Start <= point.Start + gap ? following.Start : point.Start; // up to there the time is this point's
        if (earlier is not { } last || point.Start > last.Start + last.Duration + gap || IsWalled(bucket, last, point.Start))
        {
            return Point(connection, transaction, bucket, known.Key, point with { Duration = next - point.Start });
        }

        var (end, same) = (last.Start + last.Duration, SameData(last.Data.Span, point.Data.Span));
        if (same)
        {
            var grown = last with { Duration = Math.Min(Math.Max(end, next) - last.Start, AgentLimits.LongestEvent) };
            Grow(connection, transaction, last, grown);
            return new Beat.Stored(grown);
        }

        Grow(connection, transaction, last, last with { Duration = point.Start - last.Start });
        if (end > point.Start && !(later is { } after && after.Start <= end))
        {
            Insert(connection, transaction, known.Key, new NewEvent(null, end, 0, last.Data)); // where it had ended was a point of its own, from which it may go on
        }

        return Point(connection, transaction, bucket, known.Key, point with { Duration = (end > point.Start ? end : next) - point.Start });
    }

    /// <summary>Inserts an event, or replaces one of the bucket; null when it is private.</summary>
    public StoredEvent? Insert(DbConnection connection, DbTransaction transaction, long bucket, NewEvent e)
    {
        Prepare(connection);
        if (!Admission.Admits(e.Data.Span))
        {
            KeptOut++;
            return null;
        }

        var data = key.Seal(e.Data.Span);
        Mark(connection, transaction, e.Start, e.Start + e.Duration);
        if (e.Id is { } known)
        {
            span.Transaction = transaction;
            (span.Parameters[0].Value, span.Parameters[1].Value) = (known, bucket);
            using (var was = span.ExecuteReader())
            {
                if (was.Read())
                {
                    Mark(connection, transaction, was.GetInt64(0), was.GetInt64(1));
                }
            }

            replace.Transaction = transaction;
            (replace.Parameters[0].Value, replace.Parameters[1].Value, replace.Parameters[2].Value) = (e.Start, e.Duration, data);
            (replace.Parameters[3].Value, replace.Parameters[4].Value) = (known, bucket);
            if (replace.ExecuteNonQuery() == 1)
            {
                return new StoredEvent(known, e.Start, e.Duration, e.Data.ToArray());
            }

            // A client that tries again does not know the id that its event got.
            if (Neighbor(transaction, bucket, e.Start, isBefore: true) is { } twin && twin.Start == e.Start && twin.Duration == e.Duration && SameData(twin.Data.Span, e.Data.Span))
            {
                return twin;
            }
        }

        insert.Transaction = transaction;
        (insert.Parameters[0].Value, insert.Parameters[1].Value, insert.Parameters[2].Value, insert.Parameters[3].Value) = (bucket, e.Start, e.Duration, data);
        return new StoredEvent((long)insert.ExecuteScalar()!, e.Start, e.Duration, e.Data.ToArray()); // a copy: the request's buffer goes back
    }

    /// <summary>What of a beat reaches beyond an event of the greatest length: it goes on in the next one.</summary>
    private Beat Rest(DbConnection connection, DbTransaction transaction, string bucket, NewEvent beat, StoredEvent full, long reach, long pulse) =>
        Merge(connection, transaction, bucket, beat with { Start = full.Start + full.Duration, Duration = reach - full.Duration }, pulse);

    private Beat Point(DbConnection connection, DbTransaction transaction, string name, long bucket, NewEvent point)
    {
        if (Insert(connection, transaction, bucket, point) is { } stored)
        {
            return new Beat.Stored(stored);
        }

        Refuse(name, point.Start);
        return Beat.Private.Instance;
    }

    /// <summary>Whether something was refused between the end of an event and a time.</summary>
    private bool IsWalled(string bucket, StoredEvent before, long at)
    {
        var (end, all) = (before.Start + before.Duration, Volatile.Read(ref walled));
        return (end <= all && all <= at) || (walls.TryGetValue(bucket, out var wall) && end <= wall && wall <= at);
    }

    private void Grow(DbConnection connection, DbTransaction transaction, StoredEvent was, StoredEvent becomes)
    {
        if (was.Duration != becomes.Duration)
        {
            Mark(connection, transaction, was.Start + Math.Min(was.Duration, becomes.Duration), was.Start + Math.Max(was.Duration, becomes.Duration));
            grow.Transaction = transaction;
            (grow.Parameters[0].Value, grow.Parameters[1].Value) = (becomes.Duration, becomes.Id);
            grow.ExecuteNonQuery();
        }
    }

    private Newest? Find(DbTransaction transaction, string bucket)
    {
        if (newest.TryGetValue(bucket, out var known))
        {
            return known;
        }

        find.Transaction = transaction;
        find.Parameters[0].Value = bucket;
        return find.ExecuteScalar() is long found ? newest[bucket] = new Newest(found) { Last = One(latest, transaction, found) } : null;
    }

    private StoredEvent? Neighbor(DbTransaction transaction, long bucket, long at, bool isBefore)
    {
        var neighbor = isBefore ? before : after;
        neighbor.Parameters[1].Value = at;
        return One(neighbor, transaction, bucket);
    }

    private StoredEvent? One(DbCommand command, DbTransaction transaction, long bucket)
    {
        command.Transaction = transaction;
        command.Parameters[0].Value = bucket;
        using var reader = command.ExecuteReader();
        return reader.Read() && key.TryOpen(reader.GetFieldValue<byte[]>(3)) is { } data ? new StoredEvent(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), data) : null;
    }

    private static bool SameData(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
        {
            return true;
        }

        try
        {
            var one = new Utf8JsonReader(left);
            var other = new Utf8JsonReader(right);
            using var a = JsonDocument.ParseValue(ref one);
            using var b = JsonDocument.ParseValue(ref other);
            return JsonElement.DeepEquals(a.RootElement, b.RootElement);
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
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
        Forget();
        find = Command("SELECT key FROM buckets WHERE id = @a", 1);
        latest = Command("SELECT id, start, duration, data FROM events WHERE bucket = @a ORDER BY start DESC, id DESC LIMIT 1", 1);
        grow = Command("UPDATE events SET duration = @a WHERE id = @b", 2);
        insert = Command("INSERT INTO events (bucket, start, duration, data) VALUES (@a, @b, @c, @d) RETURNING id", 4);
        replace = Command("UPDATE events SET start = @a, duration = @b, data = @c WHERE id = @d AND bucket = @e", 5);
        span = Command("SELECT start, start + duration FROM events WHERE id = @a AND bucket = @b", 2);
        mark = Command("INSERT INTO changed (quarter) VALUES (@a) ON CONFLICT (quarter) DO UPDATE SET taken = 0", 1);
        before = Command("SELECT id, start, duration, data FROM events WHERE bucket = @a AND start <= @b ORDER BY start DESC, id DESC LIMIT 1", 2);
        after = Command("SELECT id, start, duration, data FROM events WHERE bucket = @a AND start > @b ORDER BY start, id LIMIT 1", 2);
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

    private sealed class Newest(long key)
    {
        public long Key { get; } = key;

        public StoredEvent? Last { get; set; }
    }
}
