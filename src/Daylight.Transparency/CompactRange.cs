using System.Numerics;

namespace Daylight.Transparency;

/// <summary>The right edge of a growing tree: enough to append leaves and to compute the root, in space log n.</summary>
public sealed class CompactRange
{
    private readonly List<Hash> peaks = [];

    /// <summary>Number of leaves so far.</summary>
    public ulong Size { get; private set; }

    /// <summary>Appends one leaf hash.</summary>
    public void Append(Hash leaf)
    {
        var node = leaf;
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            node = Merkle.Node(peaks[^1], node);
            peaks.RemoveAt(peaks.Count - 1);
        }

        peaks.Add(node);
        Size++;
    }

    /// <summary>Root of everything appended so far.</summary>
    public Hash Root()
    {
        if (peaks.Count == 0)
        {
            return Merkle.EmptyRoot;
        }

        var root = peaks[^1];
        for (var i = peaks.Count - 2; i >= 0; i--)
        {
            root = Merkle.Node(peaks[i], root);
        }

        return root;
    }

    /// <summary>An independent copy, so that a batch can be tried and thrown away.</summary>
    public CompactRange Copy()
    {
        var copy = new CompactRange { Size = Size };
        copy.peaks.AddRange(peaks);
        return copy;
    }

    /// <summary>Restores the range of a tree of <paramref name="size"/> leaves from its tiles.</summary>
    public static CompactRange At(ulong size, NodeReader nodes)
    {
        var range = new CompactRange { Size = size };
        var start = 0UL;
        for (var remaining = size; remaining != 0;)
        {
            var height = 63 - BitOperations.LeadingZeroCount(remaining);
            range.peaks.Add(nodes(height, start >> height));
            start += 1UL << height;
            remaining -= 1UL << height;
        }

        return range;
    }
}

/// <summary>Reads the hash of a complete subtree: <paramref name="height"/> 0 is a leaf, <paramref name="index"/> counts at that height.</summary>
public delegate Hash NodeReader(int height, ulong index);
