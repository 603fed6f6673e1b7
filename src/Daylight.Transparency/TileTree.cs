namespace Daylight.Transparency;

/// <summary>Reads the newest stored bytes of a tile, or null when there are none; more hashes than asked for are welcome.</summary>
public delegate byte[]? TileReader(int level, ulong index);

/// <summary>
/// A tree kept as tiles: appends leaves, remembers which tiles changed, and reads any node. Only the newest version of a partial
/// tile is kept; a narrower one is its prefix.
/// </summary>
public sealed class TileTree
{
    private const int MostNodes = 16_384;

    private readonly Dictionary<(int Height, ulong Index), Hash> nodes = [];
    private readonly TileReader read;
    private readonly Dictionary<(int Level, ulong Index), byte[]> full = []; // filled by appends, not taken yet
    private readonly Dictionary<(int Level, ulong Index), byte[]> cache = [];
    private readonly List<Edge> edges = [];                                  // the tile of each level that grows
    private readonly Action<int, Hash> closed;
    private CompactRange range;

    /// <summary>Opens a tree of <paramref name="size"/> leaves over stored tiles.</summary>
    /// <exception cref="InvalidDataException">A tile that this size needs is missing or too short.</exception>
    public TileTree(ulong size, TileReader read)
    {
        this.read = read;
        closed = Put;
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
            Append(leaf);
        }
    }

    /// <summary>Appends one leaf hash: one copy, and one node on average.</summary>
    public void Append(Hash leaf)
    {
        Put(0, leaf);
        range.Append(leaf, closed);
    }

    /// <summary>The tiles that appends touched since the last call, widest version only.</summary>
    public IReadOnlyList<(TileId Id, byte[] Bytes)> TakeChanges()
    {
        var list = full.Select(t => (new TileId(t.Key.Level, t.Key.Index, TileId.FullWidth), t.Value)).ToList();
        foreach (var (key, bytes) in full)
        {
            cache[key] = bytes;
        }

        full.Clear();
        for (var level = 0; level < edges.Count; level++)
        {
            if (edges[level].Changed)
            {
                edges[level].Changed = false;
                list.Add((new TileId(level, edges[level].Index, edges[level].Width), edges[level].Written.ToArray()));
            }
        }

        Trim();
        return list;
    }

    /// <summary>Throws away appends that were not stored, and goes back to <paramref name="size"/> leaves.</summary>
    public void Reset(ulong size)
    {
        full.Clear();
        cache.Clear();
        edges.Clear();
        nodes.Clear();
        range = CompactRange.At(size, Node);
    }

    /// <summary>Hash of a complete subtree.</summary>
    /// <exception cref="InvalidDataException">The tile that holds it is missing or too short.</exception>
    public Hash Node(int height, ulong index)
    {
        if (nodes.TryGetValue((height, index), out var known))
        {
            return known;
        }

        var id = TileId.Of(height, index, ulong.MaxValue);
        if (!TryNode(Tile(id.Level, id.Index), height, index, out var hash))
        {
            throw new InvalidDataException($"Tile {(id with { Width = TileId.FullWidth }).Path} is missing or too short.");
        }

        // A complete subtree never changes: the proofs of neighbors share nearly all of them.
        if (nodes.Count >= MostNodes)
        {
            nodes.Clear();
        }

        return nodes[(height, index)] = hash;
    }

    /// <summary>Computes the hash of a complete subtree from the tile that holds it; false when the tile is too short.</summary>
    internal static bool TryNode(ReadOnlySpan<byte> tile, int height, ulong index, out Hash hash)
    {
        var within = height % TileId.Height;
        var offset = (int)((index << within) % TileId.FullWidth) * Hash.Size;
        var length = Hash.Size << within;
        hash = tile.Length < offset + length ? default : Merkle.Subtree(tile.Slice(offset, length));
        return tile.Length >= offset + length;
    }

    private ReadOnlySpan<byte> Tile(int level, ulong index)
    {
        if (level < edges.Count && edges[level].Index == index)
        {
            return edges[level].Written;
        }

        if (full.TryGetValue((level, index), out var bytes) || cache.TryGetValue((level, index), out bytes))
        {
            return bytes;
        }

        bytes = read(level, index) ?? [];
        cache[(level, index)] = bytes;
        return bytes;
    }

    /// <summary>Adds a hash to the tile of its level that grows; <see cref="range"/> has not counted its leaves yet.</summary>
    private void Put(int level, Hash hash)
    {
        while (edges.Count <= level)
        {
            edges.Add(Open(edges.Count));
        }

        var edge = edges[level];
        edge.Add(hash);
        if (edge.Width == TileId.FullWidth)
        {
            full[(level, edge.Index)] = edge.Bytes;
            edges[level] = new Edge(edge.Index + 1);
        }
    }

    private Edge Open(int level)
    {
        var position = range.Size >> (level * TileId.Height);
        var edge = new Edge(position / TileId.FullWidth);
        edge.Load(Tile(level, edge.Index)[..((int)(position % TileId.FullWidth) * Hash.Size)]);
        cache.Remove((level, edge.Index));
        return edge;
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

    /// <summary>A tile that is not full yet, in a buffer as long as a full one.</summary>
    private sealed class Edge(ulong index)
    {
        public ulong Index { get; } = index;

        public byte[] Bytes { get; } = new byte[TileId.FullWidth * Hash.Size];

        public int Width { get; private set; }

        public bool Changed { get; set; }

        public ReadOnlySpan<byte> Written => Bytes.AsSpan(0, Width * Hash.Size);

        public void Load(ReadOnlySpan<byte> hashes)
        {
            hashes.CopyTo(Bytes);
            Width = hashes.Length / Hash.Size;
        }

        public void Add(Hash hash)
        {
            hash.CopyTo(Bytes.AsSpan(Width * Hash.Size));
            Width++;
            Changed = true;
        }
    }
}
