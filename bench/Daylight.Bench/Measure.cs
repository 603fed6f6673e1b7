using System.Diagnostics;

namespace Daylight.Bench;

/// <summary>Runs something again and again and says how long each took.</summary>
internal static class Measure
{
    /// <summary>Durations in milliseconds, sorted.</summary>
    public static async Task<double[]> LoopAsync(TimeSpan length, Func<Task> once)
    {
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < TimeSpan.FromSeconds(2);)
        {
            await once();
        }

        var times = new List<double>();
        for (var all = Stopwatch.StartNew(); all.Elapsed < length;)
        {
            var start = Stopwatch.GetTimestamp();
            await once();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return [.. times];
    }

    /// <summary>Calls a second of several clients at once.</summary>
    public static async Task<double> RateAsync(int clients, TimeSpan length, Func<int, Task> once)
    {
        var count = 0L;
        using var stop = new CancellationTokenSource();
        async Task ClientAsync(int client)
        {
            while (!stop.IsCancellationRequested)
            {
                await once(client);
                Interlocked.Increment(ref count);
            }
        }

        var running = Enumerable.Range(0, clients).Select(c => Task.Run(() => ClientAsync(c))).ToList();
        await Task.Delay(TimeSpan.FromSeconds(2));
        Interlocked.Exchange(ref count, 0);
        var clock = Stopwatch.StartNew();
        await Task.Delay(length);
        var rate = Interlocked.Read(ref count) / clock.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return rate;
    }

    public static double At(this double[] sorted, double quantile) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * quantile)];
}
