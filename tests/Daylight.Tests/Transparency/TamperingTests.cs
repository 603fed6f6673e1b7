using System.Text;
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

    private static void Flip(byte[] bytes, int bit) => bytes[bit / 8] ^= (byte)(1 << (bit % 8));
}
