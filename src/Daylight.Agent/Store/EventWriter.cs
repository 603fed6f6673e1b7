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
    /// <param name="Before">Id of the event before it, when that grew too.</param>
    public sealed record Stored(StoredEvent Event, long? Before = null) : Beat;

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
/// <remarks>INVARIANT: `newest` says what the store says. Whatever else changes events calls Forget in the same work, and so does a rollback.</remarks>
internal sealed class EventWriter(StoreKey key)
{
    private readonly Dictionary<string, Newest> newest = [];
    private DbConnection? owner;
    private DbCommand find = null!;
    private DbCommand latest = null!;
    private DbCommand grow = null!;
    private DbCommand insert = null!;
    private DbCommand replace = null!;
    private DbCommand before = null!;
    private DbCommand after = null!;

    /// <summary>What is kept out.</summary>
    public Admission Admission { get; set; } = new([]);

    /// <summary>How many events were kept out.</summary>
    public long KeptOut { get; private set; }

    /// <summary>Forgets what it knows of each bucket's last event; the store is asked again.</summary>
    public void Forget() => newest.Clear();

    /// <summary>Merges a heartbeat into a bucket's last event, or begins a new one.</summary>
    public Beat Merge(DbConnection connection, DbTransaction transaction, string bucket, NewEvent beat, long pulse)
    {
        Prepare(connection);
        if (Find(transaction, bucket) is not { } known)
        {
            return Beat.NoBucket.Instance;
        }

        if (known.Last is { } last && beat.Start >= last.Start && beat.Start <= last.Start + last.Duration + pulse && SameData(last.Data.Span, beat.Data.Span))
        {
            var grown = last with { Duration = Math.Max(last.Duration, beat.Start - last.Start + beat.Duration) };
            Grow(transaction, last, grown);
            known.Last = grown;
            return new Beat.Stored(grown);
        }

        if (Insert(connection, transaction, known.Key, beat) is not { } stored)
        {
            return Beat.Private.Instance;
        }

        if (known.Last is null || stored.Start >= known.Last.Value.Start)
        {
            known.Last = stored;
        }

        return new Beat.Stored(stored);
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
        if (earlier is { } last && point.Start <= last.Start + last.Duration + gap)
        {
            var (end, same) = (last.Start + last.Duration, SameData(last.Data.Span, point.Data.Span));
            var grown = last with { Duration = same ? Math.Max(last.Duration, point.Start - last.Start) : point.Start - last.Start };
            Grow(transaction, last, grown);
            if (same)
            {
                return new Beat.Stored(grown);
            }

            // What was between belongs to the point from here on: up to where the one before had reached, or to the next point.
            var until = end > point.Start ? end : later is { } next && next.Start <= point.Start + gap ? next.Start : point.Start;
            return Insert(connection, transaction, known.Key, point with { Duration = until - point.Start }) is { } split ? new Beat.Stored(split, last.Id) : Beat.Private.Instance;
        }

        var reach = later is { } following && following.Start <= point.Start + gap ? following.Start - point.Start : 0;
        return Insert(connection, transaction, known.Key, point with { Duration = reach }) is { } stored ? new Beat.Stored(stored) : Beat.Private.Instance;
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
        if (e.Id is { } known)
        {
            replace.Transaction = transaction;
            (replace.Parameters[0].Value, replace.Parameters[1].Value, replace.Parameters[2].Value) = (e.Start, e.Duration, data);
            (replace.Parameters[3].Value, replace.Parameters[4].Value) = (known, bucket);
            if (replace.ExecuteNonQuery() == 1)
            {
                return new StoredEvent(known, e.Start, e.Duration, e.Data.ToArray());
            }
        }

        insert.Transaction = transaction;
        (insert.Parameters[0].Value, insert.Parameters[1].Value, insert.Parameters[2].Value, insert.Parameters[3].Value) = (bucket, e.Start, e.Duration, data);
        return new StoredEvent((long)insert.ExecuteScalar()!, e.Start, e.Duration, e.Data.ToArray()); // a copy: the request's buffer goes back
    }

    private void Grow(DbTransaction transaction, StoredEvent was, StoredEvent becomes)
    {
        if (was.Duration != becomes.Duration)
        {
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
        return reader.Read() ? new StoredEvent(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), key.Open(reader.GetFieldValue<byte[]>(3))) : null;
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
        newest.Clear();
        find = Command("SELECT key FROM buckets WHERE id = @a", 1);
        latest = Command("SELECT id, start, duration, data FROM events WHERE bucket = @a ORDER BY start DESC, id DESC LIMIT 1", 1);
        grow = Command("UPDATE events SET duration = @a WHERE id = @b", 2);
        insert = Command("INSERT INTO events (bucket, start, duration, data) VALUES (@a, @b, @c, @d) RETURNING id", 4);
        replace = Command("UPDATE events SET start = @a, duration = @b, data = @c WHERE id = @d AND bucket = @e", 5);
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
