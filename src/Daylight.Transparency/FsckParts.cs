namespace Daylight.Transparency;

/// <summary>One bundle of entries, hashed entry by entry and compared with its tile of leaf hashes.</summary>
/// <param name="Index">Which bundle.</param>
/// <param name="Width">How many entries the checkpoint says it has.</param>
/// <param name="Root">Root of the leaves, when the bundle is full.</param>
/// <param name="Leaves">The leaf hashes, when the tree needs them one by one; empty otherwise.</param>
/// <param name="Readable">Whether every entry was there to be hashed.</param>
/// <param name="Problems">What is wrong.</param>
internal sealed record CheckedBundle(ulong Index, int Width, Hash Root, byte[] Leaves, bool Readable, IReadOnlyList<string> Problems)
{
    /// <summary>Fetches and checks a bundle.</summary>
    public static async Task<CheckedBundle> ReadAsync(
        ILogSource source, ulong index, ulong size, EntryInspector? entry, bool keepLeaves, CancellationToken cancel)
    {
        var width = (int)Math.Min(TileId.FullWidth, size - (index * TileId.FullWidth));
        var bundle = source.BundleAsync(index, width, cancel);
        var tile = source.TileAsync(new TileId(0, index, width), cancel);
        await Task.WhenAll(bundle, tile);
        return Check(index, width, await bundle, await tile, entry, keepLeaves);
    }

    private static CheckedBundle Check(ulong index, int width, byte[]? bundle, byte[]? tile, EntryInspector? entry, bool keepLeaves)
    {
        var problems = new List<string>();
        var first = index * TileId.FullWidth;
        var leaves = new byte[width * Hash.Size];
        ReadOnlySpan<byte> rest = bundle;
        for (var i = 0; i < width; i++)
        {
            if (!EntryBundle.TryTake(ref rest, out var bytes))
            {
                return new CheckedBundle(index, width, default, [], false, [.. problems, Damaged(index, width, "missing or damaged")]);
            }

            Sha256.Prefixed(0, bytes, leaves.AsSpan(i * Hash.Size, Hash.Size));
            if (entry?.Invoke(first + (ulong)i, bytes) is { } complaint)
            {
                problems.Add($"entry {first + (ulong)i}: {complaint}");
            }
        }

        if (!rest.IsEmpty)
        {
            // What follows the last entry is hashed by nobody, so it must not be there.
            return new CheckedBundle(index, width, default, [], false, [.. problems, Damaged(index, width, "longer than its entries")]);
        }

        Compare(new TileId(0, index, width), leaves, tile, problems);
        var full = width == TileId.FullWidth;
        return new CheckedBundle(index, width, full ? Merkle.Subtree(leaves) : default, full && !keepLeaves ? [] : leaves, true, problems);
    }

    private static string Damaged(ulong index, int width, string how) =>
        $"{TilePath.Format("entries", index, width)}: {how}, so {width} entries from {index * TileId.FullWidth} on cannot be checked";

    private static void Compare(TileId id, byte[] leaves, byte[]? tile, List<string> problems)
    {
        if (tile is not null && tile.AsSpan().SequenceEqual(leaves))
        {
            return;
        }

        for (var at = 0; tile is not null && at < Math.Min(tile.Length, leaves.Length) / Hash.Size * Hash.Size; at += Hash.Size)
        {
            if (!tile.AsSpan(at, Hash.Size).SequenceEqual(leaves.AsSpan(at, Hash.Size)))
            {
                problems.Add($"entry {(id.Index * TileId.FullWidth) + (ulong)(at / Hash.Size)}: its hash is not the one in {id.Path}; the entry or the tile was changed");
            }
        }

        problems.Add(tile is null ? $"{id.Path}: missing" : $"{id.Path}: is not what the entries give");
    }
}

/// <summary>Joins checked bundles in order: the levels above the leaves, each tile compared when it is complete, and the root.</summary>
internal sealed class FsckSpine(ILogSource source, Checkpoint checkpoint, IReadOnlyDictionary<ulong, Hash> history, List<string> problems)
{
    private readonly CompactRange range = new();
    private readonly List<Level> levels = [];
    private bool parted;

    /// <summary>Entries joined so far.</summary>
    public ulong Size => range.Size;

    /// <summary>Tiles compared so far.</summary>
    public int Tiles { get; private set; }

    /// <summary>Earlier roots compared so far.</summary>
    public int Compared { get; private set; }

    /// <summary>Takes the next bundle; false when it cannot be joined, so that nothing after it can be either.</summary>
    public async Task<bool> JoinAsync(CheckedBundle bundle, CancellationToken cancel)
    {
        problems.AddRange(bundle.Problems);
        if (!bundle.Readable)
        {
            return false;
        }

        Tiles++;
        if (bundle.Leaves.Length == 0)
        {
            range.Append(bundle.Root, TileId.Height);
        }
        else
        {
            for (var at = 0; at < bundle.Leaves.Length; at += Hash.Size)
            {
                range.Append(Hash.From(bundle.Leaves.AsSpan(at, Hash.Size)));
                Compare();
            }
        }

        if (bundle.Width == TileId.FullWidth)
        {
            await PutAsync(1, bundle.Root, cancel);
        }

        return true;
    }

    /// <summary>Compares the tiles that stay partial, and the root.</summary>
    public async Task FinishAsync(CancellationToken cancel)
    {
        for (var level = 1; level <= levels.Count; level++)
        {
            if (levels[level - 1].Width > 0)
            {
                await CompareAsync(level, levels[level - 1], cancel);
            }
        }

        if (range.Root() != checkpoint.Root)
        {
            problems.Add($"checkpoint: says root {checkpoint.Root} for size {checkpoint.Size}, but the entries give {range.Root()}");
        }
    }

    private async Task PutAsync(int level, Hash hash, CancellationToken cancel)
    {
        if (levels.Count < level)
        {
            levels.Add(new Level());
        }

        var at = levels[level - 1];
        hash.CopyTo(at.Bytes.AsSpan(at.Width++ * Hash.Size));
        if (at.Width == TileId.FullWidth)
        {
            await CompareAsync(level, at, cancel);
            (at.Index, at.Width) = (at.Index + 1, 0);
            await PutAsync(level + 1, Merkle.Subtree(at.Bytes), cancel);
        }
    }

    private async Task CompareAsync(int level, Level expected, CancellationToken cancel)
    {
        var id = new TileId(level, expected.Index, expected.Width);
        var tile = await source.TileAsync(id, cancel);
        Tiles++;
        if (tile is null || !tile.AsSpan().SequenceEqual(expected.Bytes.AsSpan(0, expected.Width * Hash.Size)))
        {
            problems.Add(tile is null ? $"{id.Path}: missing" : $"{id.Path}: is not what the entries give");
        }
    }

    /// <summary>Once the history has parted from a known root, every later one differs too: the first says where.</summary>
    private void Compare()
    {
        if (!parted && history.TryGetValue(range.Size, out var root))
        {
            Compared++;
            parted = root != range.Root();
            if (parted)
            {
                problems.Add($"entry {range.Size - 1}: at size {range.Size} another root was vouched for: the history up to here was changed");
            }
        }
    }

    private sealed class Level
    {
        public byte[] Bytes { get; } = new byte[TileId.FullWidth * Hash.Size];

        public ulong Index { get; set; }

        public int Width { get; set; }
    }
}
