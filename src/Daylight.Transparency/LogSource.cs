namespace Daylight.Transparency;

/// <summary>Where a log's files are read from: a data folder, or a server. May be asked from several threads at once.</summary>
public interface ILogSource
{
    /// <summary>The newest signed checkpoint.</summary>
    Task<string> CheckpointAsync(CancellationToken cancel);

    /// <summary>A tile's bytes, or null when it is missing.</summary>
    Task<byte[]?> TileAsync(TileId id, CancellationToken cancel);

    /// <summary>An entry bundle's bytes, or null when it is missing.</summary>
    Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel);
}

/// <summary>Looks at one entry and returns a complaint, or null. Called from several threads at once, each entry once, in no order.</summary>
public delegate string? EntryInspector(ulong index, ReadOnlySpan<byte> entry);

/// <summary>What a verification found.</summary>
/// <param name="Checkpoint">The checkpoint that was verified against, when it could be opened.</param>
/// <param name="Entries">Entries whose own leaf hash was checked.</param>
/// <param name="Tiles">Tiles compared with what the entries say.</param>
/// <param name="Problems">Everything that is wrong, each naming the file or the entry.</param>
public sealed record LogReport(Checkpoint? Checkpoint, ulong Entries, int Tiles, IReadOnlyList<string> Problems)
{
    /// <summary>Earlier roots that this history was compared with.</summary>
    public int Compared { get; init; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool Good => Problems.Count == 0;
}
