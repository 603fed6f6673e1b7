using Daylight.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Transparency;

public sealed class TileTests
{
    [Theory]
    [InlineData(0UL, 256, "tile/0/000")]
    [InlineData(999UL, 256, "tile/0/999")]
    [InlineData(1_000UL, 256, "tile/0/x001/000")]
    [InlineData(1_234_067UL, 256, "tile/0/x001/x234/067")]
    [InlineData(1_234_067UL, 8, "tile/0/x001/x234/067.p/8")]
    public void a_tile_has_the_path_of_the_specification(ulong index, int width, string path) => Assert.Equal(path, new TileId(0, index, width).Path);

    [Fact]
    public void every_index_and_width_is_read_back_from_its_path() => Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true),
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).Zip(Gen.Choose(1, 256)).ToArbitrary(),
            x => TilePath.TryParse(new TileId(3, (ulong)x.Item1, x.Item2).Path["tile/3/".Length..], out var index, out var width) && (index, width) == ((ulong)x.Item1, x.Item2)));

    [Theory]
    [InlineData("")]
    [InlineData("67")]
    [InlineData("0067")]
    [InlineData("x067")]
    [InlineData("001/067")]
    [InlineData("x000/067")]
    [InlineData("x001/x234/067/")]
    [InlineData("/067")]
    [InlineData("06a")]
    [InlineData("-67")]
    [InlineData("067.p/0")]
    [InlineData("067.p/256")]
    [InlineData("067.p/08")]
    [InlineData("067.p/")]
    [InlineData("067.p/8.p/8")]
    [InlineData("../067")]
    [InlineData("x999/x999/x999/x999/x999/x999/x999/x999/999")]
    public void another_spelling_of_a_path_is_refused(string path) => Assert.False(TilePath.TryParse(path, out _, out _));

    [Fact]
    public void a_log_of_70_000_entries_has_the_tiles_of_the_specification()
    {
        var tiles = TileId.All(70_000).ToList();
        Assert.Equal(273, tiles.Count(t => t is { Level: 0, Width: 256 }));
        Assert.Equal(["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"], tiles.Where(t => t.Level > 0 || t.Width < 256).Select(t => t.Path));
    }

    [Theory]
    [InlineData(0UL, "")]
    [InlineData(1UL, "tile/0/000.p/1")]
    [InlineData(256UL, "tile/0/000 tile/1/000.p/1")]
    [InlineData(257UL, "tile/0/000 tile/0/001.p/1 tile/1/000.p/1")]
    public void a_partial_tile_of_width_zero_does_not_exist(ulong size, string tiles) => Assert.Equal(tiles, string.Join(' ', TileId.All(size).Select(t => t.Path)));

    [Fact]
    public void a_tree_writes_exactly_the_tiles_of_its_size()
    {
        foreach (var size in (int[])[1, 255, 256, 257, 600, 65_536, 65_537])
        {
            var tree = new TileTree(0, (_, _) => null);
            tree.Append(new Hash[size]);
            var written = tree.TakeChanges();
            Assert.Equal(TileId.All((ulong)size).Select(t => t.Path).Order(StringComparer.Ordinal), written.Select(w => w.Id.Path).Order(StringComparer.Ordinal));
            Assert.All(written, w => Assert.Equal(w.Id.Width * Hash.Size, w.Bytes.Length));
        }
    }

    [Fact]
    public void entries_come_back_from_their_bundle() => Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true),
        Prop.ForAll(Gen.Choose(0, 300).ListOf().ToArbitrary(), sizes =>
        {
            var entries = sizes.Select(s => new Dice((ulong)s).Bytes(s)).ToList();
            return EntryBundle.TryDecode(EntryBundle.Encode(entries), out var read) && read.Select(Convert.ToHexString).SequenceEqual(entries.Select(Convert.ToHexString));
        }));

    [Fact]
    public void the_longest_entry_fits_and_a_longer_one_is_refused()
    {
        Assert.True(EntryBundle.TryDecode(EntryBundle.Encode([new byte[65_535]]), out var entries));
        Assert.Equal(65_535, entries[0].Length);
        Assert.Throws<ArgumentException>(() => EntryBundle.Encode([new byte[65_536]]));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("0001")]
    [InlineData("000100" + "0002ff")]
    [InlineData("000161" + "00")]
    public void a_bundle_whose_lengths_point_past_its_end_is_refused(string hex) => Assert.False(EntryBundle.TryDecode(Convert.FromHexString(hex), out _));

    [Fact]
    public void lengths_are_big_endian() => Assert.Equal("0001610000" + "010062".PadRight(6 + 510, '0'), Convert.ToHexStringLower(EntryBundle.Encode(["a"u8.ToArray(), [], [0x62, .. new byte[255]]])));
}
