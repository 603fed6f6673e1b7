using System.CommandLine;
using System.Text;
using Daylight.Cli;
using Daylight.Cli.Logs;
using Daylight.Terminal;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Logs;

/// <summary>The verbs of <c>daylight log</c> as somebody outside types them, in front of a log that is not even Daylight's.</summary>
public sealed class LogCommandTests : IDisposable
{
    private static readonly string Key = MemoryLog.Signer.Verifier.ToString();
    private static readonly string Witness = MemoryLog.Witness.Verifier.ToString();

    private readonly string folder = Directory.CreateTempSubdirectory("daylight-log-").FullName;
    private readonly TileServer server = new(MemoryLog.OfSize(600)) { Token = "secret" };

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(599)]
    public async Task a_proof_that_is_made_checks_without_the_server(int index)
    {
        var file = In("proof.tlog-proof");
        Assert.Equal(0, await LogAsync("proof", $"{index}", "--server", server.Url, "--vkey", Key, "--witness", Witness, "--token", "secret", "-o", file));
        Assert.Equal($"e{index}", await File.ReadAllTextAsync(file + ".entry"));
        server.Dispose();
        Assert.Equal(0, await LogAsync("proof", file, "--entry", file + ".entry", "--vkey", Key, "--witness", Witness));
        Assert.Equal(0, await LogAsync("proof", file, "--entry", file + ".entry", "--vkey", Key));
        await File.WriteAllTextAsync(In("other"), $"e{index} ");
        Assert.Equal(1, await LogAsync("proof", file, "--entry", In("other"), "--vkey", Key));
        var stranger = NoteVerifier.Create(MemoryLog.Origin, NoteKeyType.Ed25519, Ed25519.PublicKey(new byte[32])).ToString();
        Assert.Equal(1, await LogAsync("proof", file, "--entry", file + ".entry", "--vkey", stranger));
        Assert.Equal(1, await LogAsync("proof", file, "--entry", file + ".entry", "--vkey", Key, "--witness", stranger));
    }

    [Fact]
    public async Task no_proof_is_written_of_an_entry_that_does_not_lead_to_the_root()
    {
        foreach (var name in (string[])["tile/entries/001", "tile/0/001", "tile/1/000.p/2", "tile/0/002.p/88"])
        {
            server.Log = MemoryLog.OfSize(600);
            // The entry's own hash in its tile is not read at all: the proof is checked with the hash of its bytes.
            server.Log.Files[name][name.Contains("entries", StringComparison.Ordinal) ? ^1 : 0] ^= 1;
            Assert.Equal(1, await LogAsync("proof", "511", "--server", server.Url, "--vkey", Key, "--token", "secret", "-o", In("bad")));
            Assert.False(File.Exists(In("bad")));
        }
    }

    [Fact]
    public async Task what_cannot_be_is_refused_and_what_is_not_said_is_wrong_usage()
    {
        string[] at = ["--server", server.Url, "--vkey", Key];
        Assert.Equal(1, await LogAsync(["proof", "600", .. at, "--token", "secret"]));
        Assert.Equal(1, await LogAsync(["proof", "17", .. at]));
        Assert.Equal(2, await LogAsync("proof", "17"));
        Assert.Equal(2, await LogAsync("proof", "17", "--server", server.Url, "--token", "secret"));
        Assert.Equal(2, await LogAsync("proof", In("nothing"), "--vkey", Key, "--entry", In("nothing")));
        Assert.Equal(2, await LogAsync("proof", In("nothing"), "--vkey", Key));
        Assert.Equal(2, await LogAsync("watch", server.Url));
        Assert.Equal(2, await LogAsync("watch", server.Url, "--vkey", "nonsense"));
        Assert.Equal(2, await LogAsync("watch", "nonsense", "--vkey", Key));
        Assert.Equal(2, await LogAsync("verify", "--server", server.Url));
        Assert.Equal(2, await LogAsync("vkey"));
    }

    [Fact]
    public async Task a_watch_remembers_where_it_is_told_and_exits_by_what_it_found()
    {
        string[] watch = ["watch", server.Url, "--vkey", Key, "--witness", Witness, "--token", "secret", "--state", In("watch.json"), "--json"];
        Assert.Equal(0, await LogAsync(watch));
        server.Log = MemoryLog.OfSize(700);
        Assert.Equal(0, await LogAsync(watch));
        server.Log = MemoryLog.OfSize(650);
        Assert.Equal(1, await LogAsync(watch));
        Assert.Equal(2, Directory.GetFiles(folder, "watch.json.evidence-*.checkpoint").Length);
        Assert.Equal(0, await LogAsync("vkey", "--server", server.Url));
    }

    [Fact]
    public async Task a_log_that_is_not_daylights_has_no_trust_root_to_verify_by() =>
        Assert.Equal(1, await LogAsync("verify", "--server", server.Url, "--vkey", Key, "--token", "secret"));

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string In(string name) => Path.Combine(folder, name);

    private static Task<int> LogAsync(params string[] arguments) => CommandLine.RunAsync("daylight", new RootCommand { LogCommand.Create() }, ["log", .. arguments]);
}
