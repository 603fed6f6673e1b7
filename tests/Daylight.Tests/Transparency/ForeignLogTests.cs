using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

/// <summary>A log that another implementation wrote.</summary>
public sealed class ForeignLogTests
{
    private const int Entries = 15;

    private static readonly NoteVerifier Key = NoteVerifier.Parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");

    [Fact]
    public async Task the_whole_foreign_log_is_found_good_at_every_size_it_ever_had()
    {
        var folder = Repository.Vector("tessera-log");
        for (var size = 1; size <= Entries; size++)
        {
            var report = await LogFsck.RunAsync(new FolderLog(folder, $"checkpoint.{size}"), [Key], null, null, CancellationToken.None);
            Assert.Empty(report.Problems);
            Assert.Equal(((ulong)size, 1, (ulong)size), (report.Entries, report.Tiles, report.Checkpoint!.Size));
        }

        Assert.True((await LogFsck.RunAsync(new FolderLog(folder, "checkpoint"), [Key], null, null, CancellationToken.None)).Good);
    }

    [Fact]
    public void its_checkpoints_have_the_roots_and_consistency_proofs_that_we_compute_from_its_tile()
    {
        var folder = Repository.Vector("tessera-log");
        var tile = File.ReadAllBytes(Path.Combine(folder, "tile", "0", "000.p", "15"));
        var tree = new TileTree(Entries, (level, index) => (level, index) == (0, 0UL) ? tile : null);
        var checkpoints = new List<Checkpoint>();
        for (var size = 0; size <= Entries; size++)
        {
            Assert.True(Checkpoint.TryOpen(File.ReadAllText(Path.Combine(folder, $"checkpoint.{size}")), out var checkpoint, Key));
            Assert.Equal(Proofs.Root((ulong)size, tree.Node), checkpoint!.Root);
            checkpoints.Add(checkpoint);
        }

        foreach (var (old, now) in from o in checkpoints from n in checkpoints where o.Size <= n.Size select (o, n))
        {
            var proof = Proofs.Consistency(old.Size, now.Size, tree.Node);
            Assert.True(Merkle.VerifyConsistency(old.Size, now.Size, old.Root, now.Root, proof), $"{old.Size} to {now.Size}");
        }
    }

    [Fact]
    public async Task the_foreign_log_is_refused_under_a_key_of_somebody_else()
    {
        var stranger = NoteVerifier.Create(Key.Name, NoteKeyType.Ed25519, Ed25519.PublicKey(new byte[32]));
        var report = await LogFsck.RunAsync(new FolderLog(Repository.Vector("tessera-log"), "checkpoint"), [stranger], null, null, CancellationToken.None);
        Assert.False(report.Good);
        Assert.Null(report.Checkpoint);
    }

    private sealed class FolderLog(string folder, string checkpoint) : ILogSource
    {
        public Task<string> CheckpointAsync(CancellationToken cancel) => File.ReadAllTextAsync(Path.Combine(folder, checkpoint), cancel);

        public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel) => ReadAsync(id.Path, cancel);

        public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel) => ReadAsync(TilePath.Format("entries", index, width), cancel);

        private async Task<byte[]?> ReadAsync(string path, CancellationToken cancel) =>
            File.Exists(Path.Combine(folder, path)) ? await File.ReadAllBytesAsync(Path.Combine(folder, path), cancel) : null;
    }
}
