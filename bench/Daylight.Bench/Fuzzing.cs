using System.Diagnostics;
using System.Globalization;
using System.Text;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Tests.Core;

namespace Daylight.Bench;

/// <summary>Feeds the charter reader what a structure-aware mutator makes of the ready-made charters. Any exception, or anything that takes too long, ends the run with the input.</summary>
internal static class Fuzzing
{
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(10);

    public static int Run(long inputs, ulong seed)
    {
        var seeds = Directory.GetFiles("charters", "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        var (watch, done, good, bad, slowest) = (Stopwatch.StartNew(), 0L, 0L, 0L, TimeSpan.Zero);
        var gate = new Lock();
        var failed = false;
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            var mutator = new CharterMutator(seed + ((ulong)worker * 1_000_003), seeds);
            while (!Volatile.Read(ref failed) && Interlocked.Increment(ref done) is var number && number <= inputs)
            {
                var input = mutator.Next();
                var started = Stopwatch.GetTimestamp();
                try
                {
                    var reading = CharterReader.Read(input, "fuzz");
                    var report = CharterCheck.Of(reading, "fuzz");
                    Interlocked.Increment(ref reading is CharterReading.Bad ? ref bad : ref good);
                    if (report is null == reading is not CharterReading.Bad)
                    {
                        throw new InvalidOperationException("What reads was not checked.");
                    }
                }
                catch (Exception e)
                {
                    Fail(input, e.ToString());
                }

                var took = Stopwatch.GetElapsedTime(started);
                if (took > slowest)
                {
                    lock (gate)
                    {
                        slowest = took > slowest ? took : slowest;
                    }
                }

                if (took > TooLong)
                {
                    Fail(input, $"took {took}");
                }

                if (number % 1_000_000 == 0)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number:N0} inputs, {good:N0} charters, {bad:N0} refused, slowest {slowest.TotalMilliseconds:0} ms, {watch.Elapsed:hh\\:mm\\:ss}"));
                }
            }
        });
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"seed {seed}: {Math.Min(done, inputs):N0} inputs, {good:N0} charters, {bad:N0} refused, {(failed ? "STOPPED" : "no exception")}, slowest {slowest.TotalMilliseconds:0} ms, {watch.Elapsed:hh\\:mm\\:ss}"));
        return failed ? 1 : 0;

        void Fail(byte[] input, string why)
        {
            Volatile.Write(ref failed, true);
            lock (gate)
            {
                Console.Error.WriteLine($"{why}\n--- base64 of the input:\n{Convert.ToBase64String(input)}\n---\n{Encoding.UTF8.GetString(input)}");
            }
        }
    }
}
