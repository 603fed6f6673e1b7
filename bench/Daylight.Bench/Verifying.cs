using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Daylight.Cli.Logs;
using Daylight.Transparency;

namespace Daylight.Bench;

/// <summary>A whole log verified, and leaves appended, next to one SHA-256 pass over the same entry bytes on one thread.</summary>
internal static class Verifying
{
    private const int Entries = 1_000_000;

    public static async Task VerifyAsync(TimeSpan length)
    {
        var log = new GeneratedLog(Entries);
        var (verify, bare, pass) = (new List<double>(), new List<double>(), new List<double>());
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 4 || clock.Elapsed < length; round++)
        {
            // In turns, so that none of them has the quieter machine. The first round warms up.
            var inspected = await TimeAsync(() => log.VerifyAsync(new EntryCheck().Inspect));
            var plain = await TimeAsync(() => log.VerifyAsync(null));
            var hashed = await TimeAsync(() => Task.FromResult(SHA256.HashData(log.EntryBytes)));
            if (round > 0)
            {
                verify.Add(inspected);
                bare.Add(plain);
                pass.Add(hashed);
            }
        }

        var (v, b, p) = (Median(verify), Median(bare), Median(pass));
        Say($"{Entries} entries of {log.EntryBytes.Length / Entries} bytes, {pass.Count} rounds in turns, medians, {Environment.ProcessorCount} processors");
        Say($"one SHA-256 pass over the entry bytes, one thread: {p:0} ms");
        Say($"whole log verified (signatures, every entry's leaf hash, every tile of every level, root): {b:0} ms, {Entries / b / 1000:0.00} M entries/s, {b / p:0.00} times the pass");
        Say($"the same, with every entry's schema checked: {v:0} ms, {Entries / v / 1000:0.00} M entries/s, {v / p:0.00} times the pass");
    }

    public static async Task AppendAsync(TimeSpan length)
    {
        var entries = GeneratedLog.MakeEntries(Entries);
        var flat = entries.SelectMany(e => e).ToArray();
        var (append, pass, changes) = (new List<double>(), new List<double>(), 0);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 4 || clock.Elapsed < length; round++)
        {
            var appended = await TimeAsync(() =>
            {
                var tree = new TileTree(0, (_, _) => null);
                foreach (var entry in entries)
                {
                    tree.Append(Merkle.Leaf(entry));
                }

                changes = tree.TakeChanges().Count;
                return Task.CompletedTask;
            });
            var hashed = await TimeAsync(() => Task.FromResult(SHA256.HashData(flat)));
            if (round > 0)
            {
                append.Add(appended);
                pass.Add(hashed);
            }
        }

        var (a, p) = (Median(append), Median(pass));
        Say($"{Entries} entries of {flat.Length / Entries} bytes hashed and appended to a tree of tiles ({changes} tiles), one thread: {a:0} ms, {Entries / a / 1000:0.00} M leaves/s");
        Say($"one SHA-256 pass over the same bytes: {p:0} ms, {Entries / p / 1000:0.00} M entries/s; ratio {a / p:0.00}");
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        GC.Collect();
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>A signed log in memory whose entries have the bytes of entries about people.</summary>
    private sealed class GeneratedLog : ILogSource
    {
        private readonly Dictionary<TileId, byte[]> tiles = [];
        private readonly List<byte[]> bundles;
        private readonly string checkpoint;
        private readonly NoteVerifier[] required;

        public GeneratedLog(int size)
        {
            var entries = MakeEntries(size);
            EntryBytes = [.. entries.SelectMany(e => e)];
            var tree = new TileTree(0, (_, _) => null);
            tree.Append([.. entries.Select(e => Merkle.Leaf(e))]);
            foreach (var (id, bytes) in tree.TakeChanges())
            {
                tiles[id] = bytes;
            }

            bundles = [.. entries.Chunk(TileId.FullWidth).Select(EntryBundle.Encode)];
            var (log, witness) = (new NoteSigner("bench.example/log", NoteKeyType.Ed25519, new byte[32]), new NoteSigner("keyholder.example", NoteKeyType.Cosignature, new byte[32]));
            required = [log.Verifier, witness.Verifier];
            checkpoint = SignedNote.Sign(new Checkpoint("bench.example/log", tree.Size, tree.Root).ToString(), DateTimeOffset.UnixEpoch, log, witness).ToString();
        }

        public byte[] EntryBytes { get; }

        public static byte[][] MakeEntries(int count)
        {
            var entries = new byte[count][];
            for (var i = 0; i < count; i++)
            {
                string Commitment(int part) => Convert.ToBase64String(SHA256.HashData(BitConverter.GetBytes((3L * i) + part)));
                entries[i] = Encoding.UTF8.GetBytes($"{{\"commitments\":{{\"asker\":\"{Commitment(0)}\",\"details\":\"{Commitment(1)}\",\"subject\":\"{Commitment(2)}\"}},\"day\":\"2026-11-21\",\"v\":1}}");
            }

            return entries;
        }

        public async Task VerifyAsync(EntryInspector? inspect)
        {
            var report = await LogFsck.RunAsync(this, required, inspect, null, CancellationToken.None);
            if (!report.Good || report.Entries != Entries)
            {
                throw new InvalidOperationException("The log was not found good: " + string.Join("; ", report.Problems));
            }
        }

        public Task<string> CheckpointAsync(CancellationToken cancel) => Task.FromResult(checkpoint);

        public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel) => Task.FromResult(tiles.GetValueOrDefault(id));

        public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel) => Task.FromResult<byte[]?>(bundles[(int)index]);
    }
}
