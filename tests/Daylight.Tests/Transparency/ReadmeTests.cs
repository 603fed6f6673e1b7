using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

/// <summary>The library's README shows code; it is this code, and it runs.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task the_log_in_ten_lines_runs()
    {
        var (seed, now, cancel) = (new Dice(1).Bytes(32), MemoryLog.Time, CancellationToken.None);
        var files = new Dictionary<string, byte[]>();
        // The README, from here
        var key = new NoteSigner("example.com/log", NoteKeyType.Ed25519, seed);
        var tree = new TileTree(size: 0, read: (level, index) => null); // nothing stored yet
        byte[][] entries = ["hello"u8.ToArray(), "world"u8.ToArray()];
        tree.Append([.. entries.Select(e => Merkle.Leaf(e))]);
        foreach (var (id, bytes) in tree.TakeChanges()) files[id.Path] = bytes; // tile/0/000.p/2
        files[TilePath.Format("entries", 0, 2)] = EntryBundle.Encode(entries); // tile/entries/000.p/2
        var note = SignedNote.Sign(new Checkpoint("example.com/log", tree.Size, tree.Root).ToString(), now, key).ToString();
        var source = new Files(files, note);
        var proof = new TlogProof(1, Proofs.Inclusion(1, tree.Size, tree.Node), note); // .ToString() is a .tlog-proof file
        var there = proof.Verify("world"u8, key.Verifier); // true
        var report = await LogFsck.RunAsync(source, [key.Verifier], null, null, cancel); // everything, from the files
        // to here
        Assert.True(there);
        Assert.Equal(["tile/0/000.p/2", "tile/entries/000.p/2"], files.Keys);
        Assert.Equal((true, 2UL, 1), (report.Good, report.Entries, report.Tiles));
    }

    [Fact]
    public async Task the_readme_shows_that_very_code()
    {
        var readme = await File.ReadAllLinesAsync(Path.Combine(Repository.Folder, "src", "Daylight.Transparency", "README.md"));
        var test = await File.ReadAllLinesAsync(Path.Combine(Repository.Folder, "tests", "Daylight.Tests", "Transparency", "ReadmeTests.cs"));
        var shown = readme.SkipWhile(l => l != "```csharp").Skip(1).TakeWhile(l => l != "```").ToList();
        var run = test.Select(l => l.Trim()).SkipWhile(l => l != "// The README, from here").Skip(1).TakeWhile(l => l != "// to here").Where(l => !l.StartsWith("var source", StringComparison.Ordinal));
        Assert.Equal(10, shown.Count);
        Assert.Equal(run, shown);
    }

    private sealed class Files(Dictionary<string, byte[]> files, string note) : ILogSource
    {
        public Task<string> CheckpointAsync(CancellationToken cancel) => Task.FromResult(note);

        public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel) => Task.FromResult(files.GetValueOrDefault(id.Path));

        public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel) => Task.FromResult(files.GetValueOrDefault(TilePath.Format("entries", index, width)));
    }
}
