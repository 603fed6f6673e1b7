using System.Buffers.Binary;
using Daylight.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Transparency;

public sealed class ProofTests
{
    private const int Most = 66_100;

    private static readonly Hash[] Leaves = [.. Enumerable.Range(0, Most).Select(LeafOf)];
    private static readonly Dictionary<(int, ulong), byte[]> Stored = Store();
    private static readonly Hash[] Roots = RootsOfAllSizes();

    // A reader that is handed only what is stored, widest version of every tile, as a server has it.
    private static readonly TileTree Tree = new(Most, (level, index) => Stored.GetValueOrDefault((level, index)));

    private static Gen<int> Sizes => Gen.Frequency(
        (3, Gen.Choose(1, 600)), (2, Gen.Choose(1, Most)), (2, Gen.Elements(1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537)));

    [Fact]
    public void an_inclusion_proof_from_tiles_verifies_for_its_leaf_and_for_no_other_index() =>
        Holds(Sizes.SelectMany(size => Gen.Choose(0, size - 1).Select(index => (Size: (ulong)size, Index: (ulong)index))), x =>
        {
            var proof = Proofs.Inclusion(x.Index, x.Size, Tree.Node);
            var root = Roots[x.Size];
            return Merkle.VerifyInclusion(x.Index, x.Size, Leaves[x.Index], proof, root)
                && !Merkle.VerifyInclusion(x.Index, x.Size, Leaves[(x.Index + 1) % Most], proof, root)
                && !Merkle.VerifyInclusion(x.Index + 1, x.Size, Leaves[x.Index], proof, root)
                && !Merkle.VerifyInclusion(x.Index, x.Size, Leaves[x.Index], [.. proof, root], root);
        });

    [Fact]
    public void a_consistency_proof_from_tiles_verifies_and_holds_for_these_two_roots_only() =>
        Holds(Sizes.SelectMany(second => Gen.Choose(0, second).Select(first => (First: (ulong)first, Second: (ulong)second))), x =>
        {
            var proof = Proofs.Consistency(x.First, x.Second, Tree.Node);
            return Merkle.VerifyConsistency(x.First, x.Second, Roots[x.First], Roots[x.Second], proof)
                && !Merkle.VerifyConsistency(x.First, x.Second, Leaves[0], Roots[x.Second], proof) == (x.First != 1)
                && !Merkle.VerifyConsistency(x.First, x.Second, Roots[x.First], Roots[x.Second], [.. proof, Leaves[0]]);
        });

    [Fact]
    public void a_tree_reopened_over_its_stored_tiles_has_the_root_of_the_appended_leaves_and_grows_on() =>
        Holds(Gen.Elements(0, 1, 255, 256, 257, 65_536, 65_537).Or(Gen.Choose(0, 2000)).Zip(Gen.Choose(0, 600)), x =>
        {
            var (size, more) = (x.Item1, Math.Min(x.Item2, Most - x.Item1));
            var tree = new TileTree((ulong)size, (level, index) => Stored.GetValueOrDefault((level, index)));
            var reopened = tree.Root;
            tree.Append(Leaves.AsSpan(size, more));
            return reopened == Roots[size] && tree.Root == Roots[size + more] && tree.Size == (ulong)(size + more)
                && Proofs.Root((ulong)(size + more), tree.Node) == Roots[size + more];
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    public void a_batch_that_is_thrown_away_leaves_no_trace(int size)
    {
        var tree = new TileTree((ulong)size, (level, index) => Stored.GetValueOrDefault((level, index)));
        tree.Append([.. Enumerable.Range(7_000_000, 300).Select(LeafOf)]);
        tree.Reset((ulong)size);
        Assert.Equal(Roots[size], tree.Root);
        Assert.Empty(tree.TakeChanges());
        tree.Append(Leaves.AsSpan(size, 300));
        Assert.Equal(Roots[size + 300], tree.Root);
    }

    [Fact]
    public void a_missing_or_short_tile_stops_the_tree_from_opening()
    {
        Assert.Throws<InvalidDataException>(() => new TileTree(300, (level, index) => level == 0 && index == 1 ? null : Stored.GetValueOrDefault((level, index))));
        Assert.Throws<InvalidDataException>(() => new TileTree(300, (level, index) => level == 0 && index == 1 ? Stored[(0, 1)][..(43 * 32)] : Stored.GetValueOrDefault((level, index))));
    }

    [Fact]
    public void no_proof_is_made_for_a_leaf_that_is_not_there_or_a_tree_that_shrank()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Proofs.Inclusion(5, 5, Tree.Node));
        Assert.Throws<ArgumentOutOfRangeException>(() => Proofs.Consistency(6, 5, Tree.Node));
        Assert.False(Merkle.VerifyConsistency(6, 5, Roots[6], Roots[5], []));
    }

    [Fact]
    public void a_copied_range_grows_apart_from_its_original()
    {
        var range = CompactRange.At(300, Tree.Node);
        var copy = range.Copy();
        copy.Append(Leaves[300]);
        Assert.Equal((Roots[300], Roots[301]), (range.Root(), copy.Root()));
    }

    private static void Holds<T>(Gen<T> gen, Func<T, bool> property) =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(200), Prop.ForAll(gen.ToArbitrary(), property));

    private static Hash LeafOf(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return Merkle.Leaf(bytes);
    }

    private static Dictionary<(int, ulong), byte[]> Store()
    {
        var tree = new TileTree(0, (_, _) => null);
        tree.Append(Leaves);
        return tree.TakeChanges().ToDictionary(c => (c.Id.Level, c.Id.Index), c => c.Bytes);
    }

    private static Hash[] RootsOfAllSizes()
    {
        var range = new CompactRange();
        var roots = new List<Hash> { range.Root() };
        foreach (var leaf in Leaves)
        {
            range.Append(leaf);
            roots.Add(range.Root());
        }

        return [.. roots];
    }
}
