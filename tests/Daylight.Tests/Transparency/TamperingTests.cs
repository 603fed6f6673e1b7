using System.Text;
using Daylight.Cli.Logs;
using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

/// <summary>Flips bits everywhere in a log: what verifies unchanged must verify no more.</summary>
public sealed class TamperingTests
{
    // One full and one partial tile at level 0, a partial one at level 1, two bundles.
    private const int Size = 300;

    [Fact]
    public async Task an_unchanged_log_is_good()
    {
        var report = await MemoryLog.OfSize(Size).CheckAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(((ulong)Size, 3), (report.Entries, report.Tiles));
    }

    [Fact]
    public async Task a_log_without_a_key_to_check_it_with_is_never_good()
    {
        var report = await LogFsck.RunAsync(MemoryLog.OfSize(Size), [], null, null, CancellationToken.None);
        Assert.StartsWith("checkpoint: no key was given", Assert.Single(report.Problems), StringComparison.Ordinal);
        Assert.Null(report.Checkpoint);
    }

    [Theory]
    [InlineData("tile/0/000")]
    [InlineData("tile/1/000.p/1")]
    [InlineData("tile/entries/000")]
    [InlineData("tile/entries/001.p/44")]
    public async Task a_file_with_more_than_its_entries_is_found(string name)
    {
        var log = MemoryLog.OfSize(Size);
        log.Files[name] = [.. log.Files[name], 0, 0];
        Assert.Contains((await log.CheckAsync()).Problems, p => p.StartsWith(name + ":", StringComparison.Ordinal));
    }

    [Fact]
    public async Task every_earlier_root_must_lie_on_the_history()
    {
        var log = MemoryLog.OfSize(Size);
        var history = Enumerable.Range(0, Size + 1).ToDictionary(n => (ulong)n, n => Proofs.Root((ulong)n, log.Tree.Node));
        var report = await LogFsck.RunAsync(log, MemoryLog.Required, null, history, null, CancellationToken.None);
        Assert.True(report.Good);
        Assert.Equal(Size, report.Compared);
        history[256] = history[255];
        report = await LogFsck.RunAsync(log, MemoryLog.Required, null, history, null, CancellationToken.None);
        Assert.StartsWith("entry 255: at size 256 another root", Assert.Single(report.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task every_flipped_bit_of_the_checkpoint_is_found()
    {
        var log = MemoryLog.OfSize(Size);
        for (var bit = 0; bit < log.Checkpoint.Length * 8; bit++)
        {
            Flip(log.Checkpoint, bit);
            Assert.False(Checkpoint.TryOpen(Encoding.UTF8.GetString(log.Checkpoint), out _, MemoryLog.Required), $"bit {bit}: opened");
            Assert.False((await log.CheckAsync()).Good, $"bit {bit}: found good");
            Flip(log.Checkpoint, bit);
        }
    }

    [Fact]
    public async Task a_flipped_bit_in_any_byte_of_any_tile_or_bundle_is_found()
    {
        var log = MemoryLog.OfSize(Size);
        foreach (var (name, bytes) in log.Files)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                var bit = (i * 8) + (i % 8);
                Flip(bytes, bit);
                Assert.False((await log.CheckAsync()).Good, $"{name}: bit {bit} found good");
                Flip(bytes, bit);
            }
        }

        Assert.True((await log.CheckAsync()).Good);
    }

    [Theory]
    [InlineData(257)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(769)]
    [InlineData(1_285)]
    public async Task no_tile_of_any_size_of_log_goes_unauthenticated(int size)
    {
        var log = MemoryLog.OfSize(size);
        foreach (var (name, bytes) in log.Files)
        {
            foreach (var at in (int[])[0, bytes.Length / 2, bytes.Length - 1])
            {
                Flip(bytes, at * 8);
                Assert.False((await log.CheckAsync()).Good, $"{name}: byte {at} found good");
                Flip(bytes, at * 8);
            }
        }
    }

    [Fact]
    public async Task every_missing_or_shortened_file_is_found_and_named()
    {
        var log = MemoryLog.OfSize(Size);
        foreach (var (name, bytes) in log.Files.ToList())
        {
            log.Files.Remove(name);
            Assert.Contains((await log.CheckAsync()).Problems, p => p.StartsWith(name + ":", StringComparison.Ordinal));
            log.Files[name] = bytes[..^1];
            Assert.Contains((await log.CheckAsync()).Problems, p => p.StartsWith(name + ":", StringComparison.Ordinal));
            log.Files[name] = bytes;
        }
    }

    [Fact]
    public async Task a_changed_entry_with_tiles_made_to_match_still_breaks_the_root()
    {
        var (log, other) = (MemoryLog.OfSize(Size), new MemoryLog([.. Enumerable.Range(0, Size).Select(i => Encoding.UTF8.GetBytes(i == 17 ? "x17" : $"e{i}"))]));
        other.Checkpoint = log.Checkpoint;
        var report = await other.CheckAsync();
        Assert.StartsWith("checkpoint: says root", Assert.Single(report.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_hopelessly_damaged_log_is_reported_without_end_or_exception()
    {
        var log = MemoryLog.OfSize(1_000);
        Array.Clear(log.Files["tile/0/000"]);
        Array.Clear(log.Files["tile/0/001"]);
        Assert.InRange((await log.CheckAsync()).Problems.Count, 100, 600);
    }

    [Fact]
    public async Task a_complaint_about_an_entry_is_reported_with_its_number()
    {
        var report = await MemoryLog.OfSize(Size).CheckAsync((index, bytes) => index == 299 ? Encoding.UTF8.GetString(bytes) + " is odd" : null);
        Assert.Equal(["entry 299: e299 is odd"], report.Problems);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(299)]
    public void every_flipped_bit_of_a_proof_file_is_refused(int index)
    {
        var log = MemoryLog.OfSize(Size);
        var entry = Encoding.UTF8.GetBytes($"e{index}");
        var file = Encoding.UTF8.GetBytes(new TlogProof((ulong)index, Proofs.Inclusion((ulong)index, Size, log.Tree.Node), Encoding.UTF8.GetString(log.Checkpoint)).ToString());
        Assert.True(Verifies(file, entry));
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            Flip(file, bit);
            Assert.False(Verifies(file, entry), $"bit {bit}");
            Flip(file, bit);
        }

        Assert.False(Verifies(file, [.. entry, 0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(299)]
    public void the_proof_command_refuses_every_flipped_bit_of_file_and_entry(int index)
    {
        var log = MemoryLog.OfSize(Size);
        var entry = Encoding.UTF8.GetBytes($"e{index}");
        var file = Encoding.UTF8.GetBytes(new TlogProof((ulong)index, Proofs.Inclusion((ulong)index, Size, log.Tree.Node), Encoding.UTF8.GetString(log.Checkpoint)).ToString());
        Assert.Null(ProofCommand.Complaint(file, entry, MemoryLog.Required));
        foreach (var bytes in (byte[][])[file, entry])
        {
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                Flip(bytes, bit);
                Assert.True(ProofCommand.Complaint(file, entry, MemoryLog.Required) is not null, $"bit {bit}");
                Flip(bytes, bit);
            }
        }
    }

    /// <summary>Every bit of every hash, both roots and both sizes. A size may stand for another only where the same proof is that one's too; so sizes are changed in their low 11 bits.</summary>
    [Theory]
    [InlineData(255, 300)]
    [InlineData(256, 300)]
    [InlineData(257, 600)]
    [InlineData(1, 600)]
    [InlineData(599, 600)]
    public void every_flipped_bit_of_a_consistency_proof_is_refused(int first, int second)
    {
        var tree = MemoryLog.OfSize(second).Tree;
        var (before, now) = (Proofs.Root((ulong)first, tree.Node), tree.Root);
        var proof = Proofs.Consistency((ulong)first, (ulong)second, tree.Node).ToArray();
        Assert.True(Merkle.VerifyConsistency((ulong)first, (ulong)second, before, now, proof));
        for (var bit = 0; bit < Hash.Size * 8; bit++)
        {
            Assert.False(Merkle.VerifyConsistency((ulong)first, (ulong)second, Flipped(before, bit), now, proof), $"first root, bit {bit}");
            Assert.False(Merkle.VerifyConsistency((ulong)first, (ulong)second, before, Flipped(now, bit), proof), $"second root, bit {bit}");
            for (var line = 0; line < proof.Length; line++)
            {
                var changed = proof.ToArray();
                changed[line] = Flipped(changed[line], bit);
                Assert.False(Merkle.VerifyConsistency((ulong)first, (ulong)second, before, now, changed), $"line {line}, bit {bit}");
            }
        }

        Assert.False(Merkle.VerifyConsistency((ulong)first, (ulong)second, before, now, proof[1..]));
        Assert.False(Merkle.VerifyConsistency((ulong)first, (ulong)second, before, now, [.. proof, now]));
    }

    /// <summary>
    /// One bit of every byte of every tile that the check reads. A flipped bit in a tile is damage, not a fork: it must be neither accepted
    /// nor called one. Tiles that it does not read (those wholly before the older edge, when a node above covers them) are unrelated, and
    /// hashes that no node of the proof covers are too; both are told apart by what the proof reads.
    /// </summary>
    [Theory]
    [InlineData(255, 600)]
    [InlineData(257, 600)]
    [InlineData(511, 513)]
    public async Task a_watch_neither_accepts_nor_calls_a_fork_what_is_a_flipped_bit_in_a_tile(int first, int second)
    {
        var log = MemoryLog.OfSize(second);
        var (before, now) = (new Checkpoint(MemoryLog.Origin, (ulong)first, Proofs.Root((ulong)first, log.Tree.Node)), new Checkpoint(MemoryLog.Origin, (ulong)second, log.Tree.Root));
        Assert.IsType<LogChange.Grew>(await LogFollower.CompareAsync(before, now, log, default));
        var covered = new HashSet<(string Tile, int Hash)>();
        NodeReader reader = (height, index) =>
        {
            var id = TileId.Of(height, index, now.Size);
            var offset = (int)((index << (height % 8)) % 256);
            covered.UnionWith(Enumerable.Range(offset, 1 << (height % 8)).Select(i => (id.Path, i)));
            return log.Tree.Node(height, index);
        };
        _ = Proofs.Consistency(before.Size, now.Size, reader);
        _ = Proofs.Root(before.Size, reader);
        Assert.True(covered.Count > 50);
        foreach (var (tile, hash) in covered)
        {
            for (var at = hash * Hash.Size; at < (hash + 1) * Hash.Size; at++)
            {
                var bit = (at * 8) + (at % 8);
                Flip(log.Files[tile], bit);
                Assert.True(await LogFollower.CompareAsync(before, now, log, default) is LogChange.Unproven, $"{tile}: bit {bit}");
                Flip(log.Files[tile], bit);
            }
        }
    }

    /// <summary>Every bit of the roots that are signed: whoever signs another root signs a fork, and it is told as one.</summary>
    [Fact]
    public async Task a_watch_calls_every_other_root_of_the_past_a_fork()
    {
        var log = MemoryLog.OfSize(Size);
        var now = new Checkpoint(MemoryLog.Origin, Size, log.Tree.Root);
        foreach (var first in (ulong[])[1, 255, 256, 257, 299, 300])
        {
            var root = Proofs.Root(first, log.Tree.Node);
            for (var bit = 0; bit < Hash.Size * 8; bit++)
            {
                Assert.IsType<LogChange.Forked>(await LogFollower.CompareAsync(new Checkpoint(MemoryLog.Origin, first, Flipped(root, bit)), now, log, default));
            }
        }
    }

    [Fact]
    public void a_proof_file_may_carry_an_extra_line()
    {
        var log = MemoryLog.OfSize(3);
        var file = new TlogProof(1, Proofs.Inclusion(1, 3, log.Tree.Node), Encoding.UTF8.GetString(log.Checkpoint)).ToString();
        Assert.True(Verifies(Encoding.UTF8.GetBytes(file.Replace("@v1\n", "@v1\nextra AAAA\n", StringComparison.Ordinal)), "e1"u8));
        Assert.False(TlogProof.TryParse(file.Replace("@v1", "@v2", StringComparison.Ordinal), out _));
        Assert.False(TlogProof.TryParse(file.Replace("\n\n", "\n", StringComparison.Ordinal), out _));
    }

    private static bool Verifies(byte[] file, ReadOnlySpan<byte> entry) =>
        TlogProof.TryParse(Encoding.UTF8.GetString(file), out var proof) && proof!.Verify(entry, MemoryLog.Required);

    private static Hash Flipped(Hash hash, int bit)
    {
        var bytes = hash.ToArray();
        Flip(bytes, bit);
        return Hash.From(bytes);
    }

    private static void Flip(byte[] bytes, int bit) => bytes[bit / 8] ^= (byte)(1 << (bit % 8));
}
