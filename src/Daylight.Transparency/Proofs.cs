using System.Numerics;

namespace Daylight.Transparency;

/// <summary>Makes inclusion and consistency proofs from stored nodes (RFC 6962 §2.1.1 and §2.1.2).</summary>
public static class Proofs
{
    /// <summary>Root of the tree of <paramref name="size"/> leaves.</summary>
    public static Hash Root(ulong size, NodeReader nodes) => size == 0 ? Merkle.EmptyRoot : Subtree(0, size, nodes);

    /// <summary>The audit path for one leaf.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the size.</exception>
    public static IReadOnlyList<Hash> Inclusion(ulong index, ulong size, NodeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Hash>();
        var (start, end) = (0UL, size);
        while (end - start > 1)
        {
            var middle = start + Merkle.SplitPoint(end - start);
            if (index < middle)
            {
                path.Add(Subtree(middle, end, nodes));
                end = middle;
            }
            else
            {
                path.Add(Subtree(start, middle, nodes));
                start = middle;
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>The proof that the tree of <paramref name="first"/> leaves is a prefix of the tree of <paramref name="second"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The first size is larger than the second.</exception>
    public static IReadOnlyList<Hash> Consistency(ulong first, ulong second, NodeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        if (first == 0 || first == second)
        {
            return [];
        }

        var proof = new List<Hash>();
        var (start, end, known) = (0UL, second, true);
        while (first != end)
        {
            var middle = start + Merkle.SplitPoint(end - start);
            if (first <= middle)
            {
                proof.Add(Subtree(middle, end, nodes));
                end = middle;
            }
            else
            {
                proof.Add(Subtree(start, middle, nodes));
                start = middle;
                known = false;
            }
        }

        if (!known)
        {
            proof.Add(Subtree(start, end, nodes));
        }

        proof.Reverse();
        return proof;
    }

    private static Hash Subtree(ulong start, ulong end, NodeReader nodes)
    {
        var width = end - start;
        if (BitOperations.IsPow2(width))
        {
            var height = BitOperations.TrailingZeroCount(width);
            return nodes(height, start >> height);
        }

        var middle = start + Merkle.SplitPoint(width);
        return Merkle.Node(Subtree(start, middle, nodes), Subtree(middle, end, nodes));
    }
}
