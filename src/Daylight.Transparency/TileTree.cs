namespace Daylight.Transparency;

/// <summary>Reads the newest stored bytes of a tile, or null when there are none; more hashes than asked for are welcome.</summary>
public delegate byte[]? TileReader(int level, ulong index);

/// <summary>
/// A tree kept as tiles: appends leaves, remembers which tiles changed, and reads any node. Only the newest version of a partial
/// tile is kept; a narrower one is its prefix.
/// </summary>
public sealed class TileTree
{
    private readonly TileReader read;
    private readonly Dictionary<(int Level, ulong Index), byte[]> changed = [];
    private readonly Dictionary<(int Level, ulong Index), byte[]> cache = [];
    private CompactRange range;

    /// <summary>Opens a tree of <paramref name="size"/> leaves over stored tiles.</summary>
    /// <exception cref="InvalidDataException">A tile that this size needs is missing or too short.</exception>
    public TileTree(ulong size, TileReader read)
    {
        this.read = read;
        range = CompactRange.At(size, Node);
    }

    /// <summary>Number of leaves.</summary>
    public ulong Size => range.Size;

    /// <summary>Root of all leaves.</summary>
    public Hash Root => range.Root();

    /// <summary>Appends leaf hashes. What changed stays in memory until <see cref="TakeChanges"/>.</summary>
    public void Append(ReadOnlySpan<Hash> leaves)
    {
        foreach (var leaf in leaves)
        {
            Put(0, range.Size, leaf);
            range.Append(leaf);
        }
    }

    /// <summary>The tiles that appends touched since the last call, widest version only.</summary>
    public IReadOnlyList<(TileId Id, byte[] Bytes)> TakeChanges()
    {
        var list = changed.Select(c => (new TileId(c.Key.Level, c.Key.Index, c.Value.Length / Hash.Size), c.Value)).ToList();
        foreach (var (key, bytes) in changed)
        {
            cache[key] = bytes;
        }

        changed.Clear();
        Trim();
        return list;
    }

    /// <summary>Throws away appends that were not stored, and goes back to <paramref name="size"/> leaves.</summary>
    public void Reset(ulong size)
    {
        changed.Clear();
        cache.Clear();
        range = CompactRange.At(size, Node);
    }

    /// <summary>Hash of a complete subtree.</summary>
    public Hash Node(int height, ulong index)
    {
        var level = height / TileId.Height;
        var within = height % TileId.Height;
        var first = index << within;
        var tile = Tile(level, first / TileId.FullWidth);
        var offset = (int)(first % TileId.FullWidth);
        var count = 1 << within;
        if (tile.Length < (offset + count) * Hash.Size)
        {
            throw new InvalidDataException($"Tile {new TileId(level, first / TileId.FullWidth, TileId.FullWidth).Path} is missing or too short.");
        }

        return RootOf(tile.AsSpan(offset * Hash.Size, count * Hash.Size));
    }

    /// <summary>Root over a power of two of hashes, written one after the other.</summary>
    private static Hash RootOf(ReadOnlySpan<byte> hashes)
    {
        var count = hashes.Length / Hash.Size;
        Span<Hash> row = stackalloc Hash[count];
        for (var i = 0; i < count; i++)
        {
            row[i] = Hash.From(hashes.Slice(i * Hash.Size, Hash.Size));
        }

        for (; count > 1; count /= 2)
        {
            for (var i = 0; i < count / 2; i++)
            {
                row[i] = Merkle.Node(row[2 * i], row[(2 * i) + 1]);
            }
        }

        return row[0];
    }

    private byte[] Tile(int level, ulong index)
    {
        if (changed.TryGetValue((level, index), out var bytes) || cache.TryGetValue((level, index), out bytes))
        {
            return bytes;
        }

        bytes = read(level, index) ?? [];
        cache[(level, index)] = bytes;
        return bytes;
    }

    private void Put(int level, ulong position, Hash hash)
    {
        var index = position / TileId.FullWidth;
        var offset = (int)(position % TileId.FullWidth);
        var old = offset == 0 ? [] : Tile(level, index);
        var tile = new byte[(offset + 1) * Hash.Size];
        old.AsSpan(0, offset * Hash.Size).CopyTo(tile);
        hash.CopyTo(tile.AsSpan(offset * Hash.Size));
        changed[(level, index)] = tile;
        if (offset == TileId.FullWidth - 1)
        {
            Put(level + 1, index, RootOf(tile));
        }
    }

    private void Trim()
    {
        // The right edge is what appends and fresh proofs need; older tiles come back from the store.
        const int most = 4096;
        if (cache.Count > most)
        {
            cache.Clear();
        }
    }
}
