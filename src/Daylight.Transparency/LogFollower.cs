namespace Daylight.Transparency;

/// <summary>Makes proofs from a log's published tiles. A proof proves nothing until it is verified; only the tiles it needs are fetched.</summary>
public static class TileProofs
{
    /// <summary>The audit path for one leaf; null when a tile that it needs is missing or too short.</summary>
    public static Task<IReadOnlyList<Hash>?> InclusionAsync(ILogSource source, ulong index, ulong size, CancellationToken cancel) =>
        ReadAsync(source, size, nodes => Proofs.Inclusion(index, size, nodes), cancel);

    /// <summary>What the tiles of the tree of <paramref name="second"/> leaves say about its first leaves: their root, and the consistency proof. Null as above.</summary>
    internal static Task<(Hash Root, IReadOnlyList<Hash> Proof)?> ConsistencyAsync(ILogSource source, ulong first, ulong second, CancellationToken cancel) =>
        ReadAsync<(Hash, IReadOnlyList<Hash>)?>(source, second, nodes => (Proofs.Root(first, nodes), Proofs.Consistency(first, second, nodes)), cancel);

    /// <summary>Computes twice: once to learn which tiles are read, and once with them.</summary>
    private static async Task<T?> ReadAsync<T>(ILogSource source, ulong size, Func<NodeReader, T> compute, CancellationToken cancel)
    {
        var needed = new HashSet<TileId>();
        _ = compute((height, index) =>
        {
            needed.Add(TileId.Of(height, index, size));
            return default;
        });
        var ids = needed.ToArray();
        var tiles = await Task.WhenAll(ids.Select(id => source.TileAsync(id, cancel)));
        var read = ids.Zip(tiles).ToDictionary(t => t.First, t => t.Second);
        var whole = true;
        var result = compute((height, index) =>
        {
            whole &= TileTree.TryNode(read[TileId.Of(height, index, size)], height, index, out var hash);
            return hash;
        });
        return whole ? result : default;
    }
}

/// <summary>How a log's newest checkpoint stands to the last one that was accepted.</summary>
public abstract record LogChange
{
    private LogChange()
    {
    }

    /// <summary>The same size and root.</summary>
    /// <param name="Now">The newest checkpoint.</param>
    public sealed record Same(Checkpoint Now) : LogChange;

    /// <summary>It only appended: proven.</summary>
    /// <param name="Before">The accepted checkpoint.</param>
    /// <param name="Now">The newest checkpoint.</param>
    public sealed record Grew(Checkpoint Before, Checkpoint Now) : LogChange;

    /// <summary>It is longer, but nothing shows yet that it only appended.</summary>
    /// <param name="Before">The accepted checkpoint.</param>
    /// <param name="Now">The newest checkpoint.</param>
    /// <param name="Why">What stands in the way.</param>
    public sealed record Unproven(Checkpoint Before, Checkpoint Now, string Why) : LogChange;

    /// <summary>Two histories under one key: proven by the two signed checkpoints and, when sizes differ, the tiles.</summary>
    /// <param name="Before">The accepted checkpoint.</param>
    /// <param name="Now">The newest checkpoint.</param>
    public sealed record Forked(Checkpoint Before, Checkpoint Now) : LogChange;

    /// <summary>It is shorter than it was.</summary>
    /// <param name="Before">The accepted checkpoint.</param>
    /// <param name="Now">The newest checkpoint.</param>
    public sealed record Shrank(Checkpoint Before, Checkpoint Now) : LogChange;
}

/// <summary>Follows a log from one checkpoint to the next, as a monitor does.</summary>
public static class LogFollower
{
    /// <summary>
    /// Compares two opened checkpoints of one log. Tiles are believed only as far as they lead to the newer root: damaged tiles are
    /// <see cref="LogChange.Unproven"/>, and a fork is claimed only when what is signed shows one.
    /// </summary>
    /// <param name="before">The accepted checkpoint.</param>
    /// <param name="now">The newest checkpoint.</param>
    /// <param name="tiles">Reads the log's tiles; null when they are not ours to read.</param>
    /// <param name="cancel">Stops the reading.</param>
    public static async Task<LogChange> CompareAsync(Checkpoint before, Checkpoint now, ILogSource? tiles, CancellationToken cancel)
    {
        if (now.Size == before.Size)
        {
            return now.Root == before.Root ? new LogChange.Same(now) : new LogChange.Forked(before, now);
        }

        if (now.Size < before.Size)
        {
            return new LogChange.Shrank(before, now);
        }

        if (before.Size == 0)
        {
            return before.Root == Merkle.EmptyRoot ? new LogChange.Grew(before, now) : new LogChange.Forked(before, now);
        }

        if (tiles is null)
        {
            return new LogChange.Unproven(before, now, "the checkpoint is open to all, but the tiles are not");
        }

        if (await TileProofs.ConsistencyAsync(tiles, before.Size, now.Size, cancel) is not { } shown)
        {
            return new LogChange.Unproven(before, now, "a tile that the proof needs is missing or too short");
        }

        return !Merkle.VerifyConsistency(before.Size, now.Size, shown.Root, now.Root, shown.Proof)
            ? new LogChange.Unproven(before, now, "the tiles do not lead to the root that the log signed; they are damaged")
            : shown.Root == before.Root ? new LogChange.Grew(before, now) : new LogChange.Forked(before, now);
    }
}
