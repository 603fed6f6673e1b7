using System.Text.Json;
using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

public sealed class MerkleTests
{
    // The leaves and roots that implementations of RFC 6962 have shared since the first one.
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void the_empty_tree_has_the_root_of_nothing() => Assert.Equal("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Merkle.EmptyRoot.ToString());

    [Fact]
    public void the_empty_tree_has_no_other_root()
    {
        var (other, one) = (Merkle.Leaf("a"u8), Merkle.Root([Merkle.Leaf("a"u8)]));
        Assert.True(Merkle.VerifyConsistency(0, 0, Merkle.EmptyRoot, Merkle.EmptyRoot, []));
        Assert.False(Merkle.VerifyConsistency(0, 0, other, other, []));
        Assert.True(Merkle.VerifyConsistency(0, 1, Merkle.EmptyRoot, one, []));
        Assert.False(Merkle.VerifyConsistency(0, 1, other, one, []));
    }

    [Fact]
    public void eight_known_leaves_give_the_known_roots()
    {
        var leaves = Leaves.Select(l => Merkle.Leaf(Convert.FromHexString(l))).ToArray();
        Assert.Equal(Roots, Enumerable.Range(1, 8).Select(n => Merkle.Root(leaves.AsSpan(0, n)).ToHex()));
    }

    [Fact]
    public void the_path_of_a_leaf_in_memory_verifies_and_proves_no_other_place()
    {
        var leaves = Leaves.Select(l => Merkle.Leaf(Convert.FromHexString(l))).ToArray();
        for (var size = 1; size <= leaves.Length; size++)
        {
            var tree = leaves.AsSpan(0, size);
            var root = Merkle.Root(tree);
            for (var index = 0; index < size; index++)
            {
                var path = Merkle.Path(tree, index);
                for (var claimed = 0; claimed < size + 2; claimed++)
                {
                    Assert.Equal(claimed == index, Merkle.VerifyInclusion((ulong)claimed, (ulong)size, leaves[index], path, root));
                }
            }
        }
    }

    [Fact]
    public void every_published_inclusion_vector_is_judged_as_published() => Judge(Repository.Vector("merkle", "inclusion"), 98, v =>
        v.GetProperty("leafIdx").TryGetUInt64(out var index) && v.GetProperty("treeSize").TryGetUInt64(out var size)
        && TryHash(v.GetProperty("leafHash"), out var leaf) && TryHash(v.GetProperty("root"), out var root) && Proof(v) is { } proof
        && Merkle.VerifyInclusion(index, size, leaf, proof, root));

    [Fact]
    public void every_published_consistency_vector_is_judged_as_published() => Judge(Repository.Vector("merkle", "consistency"), 97, v =>
        v.GetProperty("size1").TryGetUInt64(out var first) && v.GetProperty("size2").TryGetUInt64(out var second)
        && TryHash(v.GetProperty("root1"), out var firstRoot) && TryHash(v.GetProperty("root2"), out var secondRoot) && Proof(v) is { } proof
        && Merkle.VerifyConsistency(first, second, firstRoot, secondRoot, proof));

    private static void Judge(string folder, int count, Func<JsonElement, bool> accepts)
    {
        // One good vector writes "don't care" for its two equal roots, which no hash can hold.
        var files = Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories).Where(f => !f.EndsWith("sizes-are-equal-one-and-proof-is-empty.json", StringComparison.Ordinal)).ToList();
        var wrong = new List<string>();
        foreach (var file in files)
        {
            using var vector = JsonDocument.Parse(File.ReadAllBytes(file));
            if (accepts(vector.RootElement) == vector.RootElement.GetProperty("wantErr").GetBoolean())
            {
                wrong.Add(file);
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(count, files.Count);
    }

    // A value of another length than a hash cannot even be written in our types: that is a refusal.
    private static bool TryHash(JsonElement base64, out Hash hash)
    {
        hash = default;
        var bytes = base64.GetBytesFromBase64();
        if (bytes.Length != Hash.Size)
        {
            return false;
        }

        hash = Hash.From(bytes);
        return true;
    }

    private static List<Hash>? Proof(JsonElement vector)
    {
        var proof = new List<Hash>();
        if (vector.GetProperty("proof") is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (var item in list.EnumerateArray())
            {
                if (!TryHash(item, out var hash))
                {
                    return null;
                }

                proof.Add(hash);
            }
        }

        return proof;
    }
}
