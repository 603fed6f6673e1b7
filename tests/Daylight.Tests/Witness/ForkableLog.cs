using System.Text;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Witness;

/// <summary>A log that can tell two stories: they agree up to entry <paramref name="forkAt"/> and differ from there on. Both are properly signed.</summary>
internal sealed class ForkableLog(ulong seed, int forkAt)
{
    private const int Entries = 400;

    private readonly TileTree honest = Grow(int.MaxValue);
    private readonly TileTree other = Grow(forkAt);

    public NoteSigner Signer { get; } = new($"log.example/{seed}", NoteKeyType.Ed25519, new Dice(seed).Bytes(32));

    public Checkpoint At(ulong size, bool forked = false) => new(Signer.Verifier.Name, size, Proofs.Root(size, Tree(forked).Node));

    public SignedNote Note(ulong size, bool forked = false) => SignedNote.Sign(At(size, forked).ToString(), MemoryLog.Time, Signer);

    public AddCheckpointRequest Grown(ulong old, ulong size, bool forked = false) => new(old, Proofs.Consistency(old, size, Tree(forked).Node), Note(size, forked));

    private TileTree Tree(bool forked) => forked ? other : honest;

    private static TileTree Grow(int forkAt)
    {
        var tree = new TileTree(0, (_, _) => null);
        tree.Append([.. Enumerable.Range(0, Entries).Select(i => Merkle.Leaf(Encoding.UTF8.GetBytes(i < forkAt ? $"e{i}" : $"f{i}")))]);
        return tree;
    }
}
