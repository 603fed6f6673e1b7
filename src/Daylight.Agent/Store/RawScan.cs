using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Daylight.Storage;

namespace Daylight.Agent.Store;

/// <summary>Makes something of a stored event; called on several threads at a time. The data is only there until it returns.</summary>
internal delegate T Made<out T>(long id, long start, long duration, ReadOnlySpan<byte> data);

/// <summary>
/// Reads many events at once. Decrypting an event takes longer than getting it out of SQLite: the threads take turns at SQLite, and decrypt what they took beside
/// each other, batch by batch.
/// </summary>
internal sealed class RawScan(IDatabase database, StoreKey key)
{
    private const int PerBatch = 1024;

    /// <summary>What is made of each event of a bucket that touches a range, newest first. What cannot be decrypted is left out.</summary>
    /// <param name="bucket">The bucket's key.</param>
    /// <param name="range">The range.</param>
    /// <param name="make">Makes it.</param>
    /// <param name="before">Told how many events come next; what it throws ends the scan.</param>
    public List<T> Read<T>(long bucket, RawRange range, Made<T> make, Action<int>? before = null)
    {
        using var connection = database.Open();
        using var rows = new SqliteRows(
            connection,
            "SELECT id, start, duration, data FROM events WHERE bucket = ?1 AND start <= ?2 AND start >= ?3 AND start + duration >= ?4 ORDER BY start DESC, id DESC",
            bucket,
            range.To,
            range.Earliest,
            range.From);
        var batches = Batches(rows, make, before);
        var first = batches.First();
        if (first.IsLast)
        {
            return first.Open(key);
        }

        try
        {
            // Whoever has nothing to decrypt takes the next rows, one thread at a time.
            var rest = Partitioner.Create(batches, EnumerablePartitionerOptions.NoBuffering).AsParallel().AsOrdered().Select(b => b.Open(key)).ToList();
            return [.. first.Open(key), .. rest.SelectMany(r => r)];
        }
        catch (AggregateException e) when (e.InnerException is { } why)
        {
            ExceptionDispatchInfo.Throw(why);
            throw;
        }
    }

    /// <summary>Batches of the rows that are left; the last one may be empty.</summary>
    private static IEnumerable<Batch<T>> Batches<T>(SqliteRows rows, Made<T> make, Action<int>? before)
    {
        for (var isLast = false; !isLast;)
        {
            var batch = new Batch<T>(make);
            batch.Fill(rows);
            isLast = batch.IsLast;
            before?.Invoke(batch.Count);
            yield return batch;
        }
    }

    private sealed class Batch<T>(Made<T> make)
    {
        private readonly (long Id, long Start, long Duration, int End)[] rows = ArrayPool<(long, long, long, int)>.Shared.Rent(PerBatch);
        private byte[] bytes = ArrayPool<byte>.Shared.Rent(PerBatch * 128);

        public int Count { get; private set; }

        /// <summary>Whether no row is left.</summary>
        public bool IsLast { get; private set; }

        /// <summary>Takes rows.</summary>
        public void Fill(SqliteRows from)
        {
            var end = 0;
            while (Count < PerBatch)
            {
                if (!from.Read())
                {
                    IsLast = true;
                    return;
                }

                var data = from.Blob(3);
                if (end + data.Length > bytes.Length)
                {
                    Grow(end, data.Length);
                }

                data.CopyTo(bytes.AsSpan(end));
                end += data.Length;
                rows[Count++] = (from.Int64(0), from.Int64(1), from.Int64(2), end);
            }
        }

        /// <summary>Decrypts what was taken, and gives its room back.</summary>
        public List<T> Open(StoreKey key)
        {
            var (opened, begin) = (new List<T>(Count), 0);
            using var reader = key.Reader();
            foreach (var row in rows.AsSpan(0, Count))
            {
                if (reader.TryOpen(bytes.AsSpan(begin..row.End), out var data))
                {
                    opened.Add(make(row.Id, row.Start, row.Duration, data));
                }

                begin = row.End;
            }

            ArrayPool<(long, long, long, int)>.Shared.Return(rows);
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
            return opened;
        }

        private void Grow(int used, int more)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * bytes.Length, used + more));
            bytes.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
    }
}
