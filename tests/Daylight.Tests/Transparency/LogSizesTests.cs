using System.Buffers.Binary;
using System.Text;
using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

/// <summary>Logs of every awkward size, from empty to a million entries, made by our tree and read back through their files.</summary>
public sealed class LogSizesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(70_000)]
    public async Task a_log_of_this_size_has_the_files_of_the_specification_and_verifies(int size)
    {
        var log = MemoryLog.OfSize(size);
        Assert.Equal(
            TileId.All((ulong)size).Select(t => t.Path).Order(StringComparer.Ordinal),
            log.Files.Keys.Where(k => !k.StartsWith("tile/entries/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var report = await log.CheckAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(((ulong)size, TileId.All((ulong)size).Count()), (report.Entries, report.Tiles));
        foreach (var index in (int[])[0, size / 2, size - 1])
        {
            if (index >= 0 && index < size)
            {
                var path = await TileProofs.InclusionAsync(log, (ulong)index, (ulong)size, default);
                Assert.True(Merkle.VerifyInclusion((ulong)index, (ulong)size, Merkle.Leaf(Encoding.UTF8.GetBytes($"e{index}")), path!, log.Tree.Root));
            }
        }
    }

    [Fact]
    public void seventy_thousand_entries_make_the_tiles_that_the_specification_counts()
    {
        var files = MemoryLog.OfSize(70_000).Files.Keys.Where(k => !k.StartsWith("tile/entries/", StringComparison.Ordinal)).ToList();
        Assert.Equal(273, files.Count(f => f.StartsWith("tile/0/", StringComparison.Ordinal) && !f.Contains(".p/", StringComparison.Ordinal)));
        Assert.Equal(
            ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"],
            files.Where(f => f.Contains(".p/", StringComparison.Ordinal) || !f.StartsWith("tile/0/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task a_million_entries_verify_in_memory_and_one_changed_byte_among_them_is_named()
    {
        const int size = 1_000_000;
        var log = new NumberedLog(size);
        var report = await LogFsck.RunAsync(log, MemoryLog.Required, null, null, default);
        Assert.Empty(report.Problems);
        Assert.Equal((size, TileId.All(size).Count()), ((int)report.Entries, report.Tiles));
        log.Changed = 777_777;
        report = await LogFsck.RunAsync(log, MemoryLog.Required, null, null, default);
        Assert.StartsWith("entry 777777: its hash is not the one in tile/0/x003/038", report.Problems[0], StringComparison.Ordinal);
        Assert.StartsWith("checkpoint: says root", report.Problems[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void a_tree_that_is_taken_from_and_opened_anew_at_any_size_goes_on_as_if_it_never_stopped()
    {
        var (stored, whole) = (new Dictionary<(int, ulong), byte[]>(), new TileTree(0, (_, _) => null));
        var dice = new Dice(7);
        for (var size = 0; size < 1_500;)
        {
            var tree = new TileTree((ulong)size, (level, index) => stored.GetValueOrDefault((level, index)));
            for (var batches = 1 + dice.Below(3); batches > 0; batches--)
            {
                var leaves = Enumerable.Range(0, dice.Below(300)).Select(_ => Hash.From(dice.Bytes(32))).ToArray();
                tree.Append(leaves);
                whole.Append(leaves);
                foreach (var (id, bytes) in tree.TakeChanges())
                {
                    stored[(id.Level, id.Index)] = bytes;
                }

                size += leaves.Length;
            }

            Assert.Equal((whole.Size, whole.Root), (tree.Size, tree.Root));
            Assert.Equal(whole.Root, Proofs.Root(whole.Size, tree.Node));
        }

        Assert.Equal(whole.TakeChanges().ToDictionary(c => (c.Id.Level, c.Id.Index), c => Convert.ToHexString(c.Bytes)), stored.ToDictionary(s => s.Key, s => Convert.ToHexString(s.Value)));
    }

    /// <summary>A log whose entries are their own numbers, so that bundles need not be kept.</summary>
    private sealed class NumberedLog : ILogSource
    {
        private readonly Dictionary<TileId, byte[]> tiles;
        private readonly string checkpoint;

        public NumberedLog(int size)
        {
            var tree = new TileTree(0, (_, _) => null);
            Span<byte> entry = stackalloc byte[8];
            for (var i = 0; i < size; i++)
            {
                BinaryPrimitives.WriteInt64BigEndian(entry, i);
                tree.Append(Merkle.Leaf(entry));
            }

            tiles = tree.TakeChanges().ToDictionary(t => t.Id, t => t.Bytes);
            checkpoint = SignedNote.Sign(new Checkpoint(MemoryLog.Origin, tree.Size, tree.Root).ToString(), MemoryLog.Time, MemoryLog.Signer, MemoryLog.Witness).ToString();
        }

        public long Changed { get; set; } = -1;

        public Task<string> CheckpointAsync(CancellationToken cancel) => Task.FromResult(checkpoint);

        public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel) => Task.FromResult(tiles.GetValueOrDefault(id));

        public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel)
        {
            var bundle = new byte[width * 10];
            for (var i = 0; i < width; i++)
            {
                var number = ((long)index * 256) + i;
                bundle[(i * 10) + 1] = 8;
                BinaryPrimitives.WriteInt64BigEndian(bundle.AsSpan((i * 10) + 2), number == Changed ? ~number : number);
            }

            return Task.FromResult<byte[]?>(bundle);
        }
    }
}
