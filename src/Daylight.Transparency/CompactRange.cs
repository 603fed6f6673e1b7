using System.Numerics;

namespace Daylight.Transparency;

/// <summary>The right edge of a growing tree: enough to append leaves and to compute the root, in space log n.</summary>
public sealed class CompactRange
{
    // The complete subtree of height h at the right edge; it is there when bit h of the size is set.
    private readonly Hash[] peaks = new Hash[64];

    /// <summary>Number of leaves so far.</summary>
    public ulong Size { get; private set; }

    /// <summary>Appends one leaf hash.</summary>
    public void Append(Hash leaf) => Append(leaf, 0);

    /// <summary>Appends a complete subtree of 2^<paramref name="height"/> leaves at once.</summary>
    /// <exception cref="ArgumentException">The leaves so far do not end where a subtree of this height may begin.</exception>
    public void Append(Hash subtree, int height)
    {
        if ((Size & ((1UL << height) - 1)) != 0)
        {
            throw new ArgumentException($"A subtree of height {height} cannot follow {Size} leaves.", nameof(height));
        }

        Carry(subtree, height, null);
    }

    /// <summary>Appends one leaf hash and tells of every complete subtree of whole tile height that it closes, lowest first.</summary>
    internal void Append(Hash leaf, Action<int, Hash> closed) => Carry(leaf, 0, closed);

    /// <summary>Root of everything appended so far.</summary>
    public Hash Root()
    {
        if (Size == 0)
        {
            return Merkle.EmptyRoot;
        }

        var lowest = BitOperations.TrailingZeroCount(Size);
        var root = peaks[lowest];
        for (var height = lowest + 1; height < peaks.Length; height++)
        {
            if ((Size >> height & 1) == 1)
            {
                root = Merkle.Node(peaks[height], root);
            }
        }

        return root;
    }

    /// <summary>An independent copy, so that a batch can be tried and thrown away.</summary>
    public CompactRange Copy()
    {
        var copy = new CompactRange { Size = Size };
        peaks.CopyTo(copy.peaks, 0);
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
            range.peaks[height] = nodes(height, start >> height);
            start += 1UL << height;
            remaining -= 1UL << height;
        }

        return range;
    }

    private void Carry(Hash node, int height, Action<int, Hash>? closed)
    {
        var from = height;
        for (; (Size >> height & 1) == 1; height++)
        {
            node = Merkle.Node(peaks[height], node);
            if (closed is not null && (height + 1) % TileId.Height == 0)
            {
                closed((height + 1) / TileId.Height, node);
            }
        }

        peaks[height] = node;
        Size += 1UL << from;
    }
}

/// <summary>Reads the hash of a complete subtree: <paramref name="height"/> 0 is a leaf, <paramref name="index"/> counts at that height.</summary>
public delegate Hash NodeReader(int height, ulong index);
