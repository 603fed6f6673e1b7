using System.Text;
using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

/// <summary>A small signed log whose files are in memory, where they can be damaged.</summary>
internal sealed class MemoryLog : ILogSource
{
    public const string Origin = "log.example/memory";

    public MemoryLog(IReadOnlyList<byte[]> entries)
    {
        Tree.Append([.. entries.Select(e => Merkle.Leaf(e))]);
        foreach (var (id, bytes) in Tree.TakeChanges())
        {
            Files[id.Path] = bytes;
        }

        foreach (var (chunk, index) in entries.Chunk(TileId.FullWidth).Select((c, i) => (c, i)))
        {
            Files[TilePath.Format("entries", (ulong)index, chunk.Length)] = EntryBundle.Encode(chunk);
        }

        Checkpoint = Encoding.UTF8.GetBytes(SignedNote.Sign(new Checkpoint(Origin, Tree.Size, Tree.Root).ToString(), Time, Signer, Witness).ToString());
    }

    public static DateTimeOffset Time { get; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static NoteSigner Signer { get; } = new(Origin, NoteKeyType.Ed25519, new Dice(1).Bytes(32));

    public static NoteSigner Witness { get; } = new("witness.example", NoteKeyType.Cosignature, new Dice(2).Bytes(32));

    public static NoteVerifier[] Required { get; } = [Signer.Verifier, Witness.Verifier];

    public TileTree Tree { get; } = new(0, (_, _) => null);

    public Dictionary<string, byte[]> Files { get; } = [];

    public byte[] Checkpoint { get; set; }

    public static MemoryLog OfSize(int size) => new([.. Enumerable.Range(0, size).Select(i => Encoding.UTF8.GetBytes($"e{i}"))]);

    public Task<string> CheckpointAsync(CancellationToken cancel) => Task.FromResult(Encoding.UTF8.GetString(Checkpoint));

    public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel) => Task.FromResult(Files.GetValueOrDefault(id.Path));

    public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel) => Task.FromResult(Files.GetValueOrDefault(TilePath.Format("entries", index, width)));

    public Task<LogReport> CheckAsync(EntryInspector? entry = null) => LogFsck.RunAsync(this, Required, entry, null, CancellationToken.None);
}
