using System.Numerics;

namespace Daylight.Transparency;

/// <summary>RFC 6962 hashing, and the verification of its proofs as in RFC 9162 §2.1.3.2 and §2.1.4.2.</summary>
public static class Merkle
{
    /// <summary>Root of the tree without entries: SHA-256 of nothing (RFC 6962 §2.1).</summary>
    public static Hash EmptyRoot { get; } = Hash.Of([]);

    /// <summary>Hash of an entry: SHA-256(0x00 ‖ entry).</summary>
    public static Hash Leaf(ReadOnlySpan<byte> entry)
    {
        Hash hash = default;
        Sha256.Prefixed(0, entry, hash);
        return hash;
    }

    /// <summary>Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).</summary>
    public static Hash Node(Hash left, Hash right)
    {
        Span<byte> pair = stackalloc byte[2 * Hash.Size];
        left.CopyTo(pair);
        right.CopyTo(pair[Hash.Size..]);
        Hash hash = default;
        Sha256.Prefixed(1, pair, hash);
        return hash;
    }

    /// <summary>Root of a complete subtree of up to a tile, whose hashes are written one after the other.</summary>
    internal static Hash Subtree(ReadOnlySpan<byte> hashes)
    {
        if (hashes.Length == Hash.Size)
        {
            return Hash.From(hashes);
        }

        Span<byte> row = stackalloc byte[hashes.Length / 2];
        for (var length = hashes.Length / 2; length >= Hash.Size; length /= 2)
        {
            var below = length == row.Length ? hashes : row;
            for (var at = 0; at < length; at += Hash.Size)
            {
                Sha256.Prefixed(1, below.Slice(2 * at, 2 * Hash.Size), row.Slice(at, Hash.Size));
            }
        }

        return Hash.From(row[..Hash.Size]);
    }

    /// <summary>Root over leaf hashes, for small trees that are kept in memory (commitments to many subjects, for one).</summary>
    public static Hash Root(ReadOnlySpan<Hash> leaves)
    {
        var range = new CompactRange();
        foreach (var leaf in leaves)
        {
            range.Append(leaf);
        }

        return range.Root();
    }

    /// <summary>Audit path of one leaf among leaf hashes kept in memory (RFC 6962 §2.1.1).</summary>
    public static IReadOnlyList<Hash> Path(ReadOnlySpan<Hash> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Length);
        if (leaves.Length == 1)
        {
            return [];
        }

        var split = (int)SplitPoint((ulong)leaves.Length);
        return index < split
            ? [.. Path(leaves[..split], index), Root(leaves[split..])]
            : [.. Path(leaves[split..], index - split), Root(leaves[..split])];
    }

    /// <summary>Whether <paramref name="proof"/> shows that the leaf stands at <paramref name="index"/> in the tree of this size and root.</summary>
    public static bool VerifyInclusion(ulong index, ulong size, Hash leaf, IReadOnlyList<Hash> proof, Hash root)
    {
        if (index >= size)
        {
            return false;
        }

        var (fn, sn, r) = (index, size - 1, leaf);
        foreach (var p in proof)
        {
            if (sn == 0)
            {
                return false;
            }

            if ((fn & 1) == 1 || fn == sn)
            {
                r = Node(p, r);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                r = Node(r, p);
            }

            fn >>= 1;
            sn >>= 1;
        }

        return sn == 0 && r == root;
    }

    /// <summary>Whether <paramref name="proof"/> shows that the tree of the second size only appended to the tree of the first.</summary>
    public static bool VerifyConsistency(ulong first, ulong second, Hash firstRoot, Hash secondRoot, IReadOnlyList<Hash> proof)
    {
        if (first > second)
        {
            return false;
        }

        if (first == second)
        {
            return proof.Count == 0 && firstRoot == secondRoot && (first != 0 || firstRoot == EmptyRoot);
        }

        if (first == 0)
        {
            return proof.Count == 0 && firstRoot == EmptyRoot;
        }

        if (proof.Count == 0)
        {
            return false;
        }

        var start = 0;
        Hash fr;
        if (BitOperations.IsPow2(first))
        {
            fr = firstRoot;
        }
        else
        {
            fr = proof[0];
            start = 1;
        }

        var sr = fr;
        var (fn, sn) = (first - 1, second - 1);
        while ((fn & 1) == 1)
        {
            fn >>= 1;
            sn >>= 1;
        }

        for (var i = start; i < proof.Count; i++)
        {
            if (sn == 0)
            {
                return false;
            }

            var c = proof[i];
            if ((fn & 1) == 1 || fn == sn)
            {
                fr = Node(c, fr);
                sr = Node(c, sr);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                sr = Node(sr, c);
            }

            fn >>= 1;
            sn >>= 1;
        }

        return sn == 0 && fr == firstRoot && sr == secondRoot;
    }

    /// <summary>Largest power of two smaller than <paramref name="size"/> (RFC 6962 §2.1).</summary>
    internal static ulong SplitPoint(ulong size) => 1UL << (63 - BitOperations.LeadingZeroCount(size - 1));
}
