namespace Daylight.Transparency;

/// <summary>Where a log's files are read from: a data folder, or a server.</summary>
public interface ILogSource
{
    /// <summary>The newest signed checkpoint.</summary>
    Task<string> CheckpointAsync(CancellationToken cancel);

    /// <summary>A tile's bytes, or null when it is missing.</summary>
    Task<byte[]?> TileAsync(TileId id, CancellationToken cancel);

    /// <summary>An entry bundle's bytes, or null when it is missing.</summary>
    Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel);
}

/// <summary>What a verification found.</summary>
/// <param name="Checkpoint">The checkpoint that was verified against, when it could be opened.</param>
/// <param name="Entries">Entries whose own leaf hash was checked.</param>
/// <param name="Tiles">Tiles compared with what the entries say.</param>
/// <param name="Problems">Everything that is wrong, each naming the file or the entry.</param>
public sealed record LogReport(Checkpoint? Checkpoint, ulong Entries, int Tiles, IReadOnlyList<string> Problems)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool Good => Problems.Count == 0;
}

/// <summary>
/// Checks a whole log from its parts: signatures, every entry's own hash against the tiles, every tile against the level below, and the
/// root against the checkpoint. The tree is rebuilt from the entries; no tile is ever trusted (see CVE-2026-56865 for a reader that did).
/// </summary>
public static class LogFsck
{
    private const int MostProblems = 100;

    /// <summary>Runs the check. <paramref name="entry"/> sees every entry in order and may return a complaint of its own.</summary>
    public static async Task<LogReport> RunAsync(
        ILogSource source, NoteVerifier[] required, Func<ulong, byte[], string?>? entry, IProgress<(ulong Done, ulong Total)>? progress, CancellationToken cancel)
    {
        var problems = new List<string>();
        if (await OpenCheckpointAsync(source, required, problems, cancel) is not { } checkpoint)
        {
            return new LogReport(null, 0, 0, problems);
        }

        var leaves = new List<Hash>();
        var count = 0UL;
        var tiles = 0;
        var levels = new List<List<Hash>> { leaves };
        var range = new CompactRange();
        for (var index = 0UL; index * TileId.FullWidth < checkpoint.Size && problems.Count < MostProblems; index++)
        {
            var width = (int)Math.Min(TileId.FullWidth, checkpoint.Size - (index * TileId.FullWidth));
            var name = TilePath.Format("entries", index, width);
            var bundle = await source.BundleAsync(index, width, cancel);
            if (bundle is null || !EntryBundle.TryDecode(bundle, out var entries) || entries.Count < width)
            {
                problems.Add($"{name}: missing or damaged, so {width} entries from {index * TileId.FullWidth} on cannot be checked");
                return new LogReport(checkpoint, count, tiles, problems);
            }

            var tile = await source.TileAsync(new TileId(0, index, width), cancel);
            for (var i = 0; i < width; i++, count++)
            {
                var hash = Merkle.Leaf(entries[i]);
                leaves.Add(hash);
                range.Append(hash);
                if (tile is not null && tile.Length >= (i + 1) * Hash.Size && Hash.From(tile.AsSpan(i * Hash.Size, Hash.Size)) != hash)
                {
                    problems.Add($"entry {count}: its hash is not the one in {new TileId(0, index, width).Path}; the entry or the tile was changed");
                }

                if (entry?.Invoke(count, entries[i]) is { } complaint)
                {
                    problems.Add($"entry {count}: {complaint}");
                }
            }

            progress?.Report((count, checkpoint.Size));
        }

        tiles = await CompareTilesAsync(source, checkpoint, levels, problems, cancel);
        if (range.Root() != checkpoint.Root)
        {
            problems.Add($"checkpoint: says root {checkpoint.Root} for size {checkpoint.Size}, but the entries give {range.Root()}");
        }

        return new LogReport(checkpoint, count, tiles, problems);
    }

    private static async Task<Checkpoint?> OpenCheckpointAsync(ILogSource source, NoteVerifier[] required, List<string> problems, CancellationToken cancel)
    {
        var note = await source.CheckpointAsync(cancel);
        if (!SignedNote.TryParse(note, out var signed) || !Checkpoint.TryParse(signed!.Text, out var checkpoint))
        {
            problems.Add("checkpoint: not a signed checkpoint");
            return null;
        }

        foreach (var verifier in required)
        {
            if (!signed.IsSignedBy(verifier))
            {
                problems.Add($"checkpoint: no good signature of {verifier.Name} (key {verifier.Id:x8})");
            }
        }

        if (required.Length > 0 && !string.Equals(required[0].Name, checkpoint!.Origin, StringComparison.Ordinal))
        {
            problems.Add($"checkpoint: is of the log {checkpoint.Origin}, not of {required[0].Name}");
        }

        return problems.Count == 0 ? checkpoint : null;
    }

    private static async Task<int> CompareTilesAsync(
        ILogSource source, Checkpoint checkpoint, List<List<Hash>> levels, List<string> problems, CancellationToken cancel)
    {
        var tiles = 0;
        foreach (var id in TileId.All(checkpoint.Size))
        {
            while (levels.Count <= id.Level)
            {
                levels.Add(Above(levels[^1]));
            }

            var expected = levels[id.Level].GetRange((int)id.Index * TileId.FullWidth, id.Width);
            var tile = await source.TileAsync(id, cancel);
            tiles++;
            if (tile is null || tile.Length < id.Width * Hash.Size || !Same(tile, expected))
            {
                problems.Add(tile is null ? $"{id.Path}: missing" : $"{id.Path}: is not what the entries give");
            }

            if (problems.Count >= MostProblems)
            {
                break;
            }
        }

        return tiles;
    }

    private static bool Same(byte[] tile, List<Hash> expected)
    {
        for (var i = 0; i < expected.Count; i++)
        {
            if (Hash.From(tile.AsSpan(i * Hash.Size, Hash.Size)) != expected[i])
            {
                return false;
            }
        }

        return true;
    }

    private static List<Hash> Above(List<Hash> level)
    {
        var above = new List<Hash>();
        for (var i = 0; i + TileId.FullWidth <= level.Count; i += TileId.FullWidth)
        {
            above.Add(Merkle.Root(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(level).Slice(i, TileId.FullWidth)));
        }

        return above;
    }
}
