using System.Text;
using System.Text.Json;
using Daylight.Cli;
using Daylight.Cli.Logs;
using Daylight.Terminal;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Logs;

/// <summary>A monitor in front of a log that grows, forks, rolls back, is closed, is damaged or is gone.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("daylight-watch-").FullName;
    private readonly TileServer server = new(MemoryLog.OfSize(300));

    [Fact]
    public async Task a_log_that_only_appends_is_accepted_again_and_again()
    {
        Assert.Equal("first", (await LookAsync()).Outcome);
        Assert.Equal("same", (await LookAsync()).Outcome);
        server.Log = MemoryLog.OfSize(600);
        var grown = await LookAsync();
        Assert.Equal(("grew", 600UL, 300UL), (grown.Outcome, grown.Size, grown.Before));
        Assert.Contains("none of which changed", grown.Message);
        Assert.Equal(server.Log.Checkpoint, Encoding.UTF8.GetBytes(WatchState.Load(State, MemoryLog.Required)!.Accepted));
        server.Log = MemoryLog.OfSize(70_000);
        Assert.Equal("grew", (await LookAsync()).Outcome);
        Assert.Empty(Evidence);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(301)]
    [InlineData(700)]
    public async Task another_history_is_a_fork_and_both_checkpoints_are_kept(int size)
    {
        await LookAsync();
        var before = server.Log;
        server.Log = Other(size);
        var fork = await LookAsync();
        Assert.Equal("fork", fork.Outcome);
        Assert.Equal([before.Checkpoint, server.Log.Checkpoint], fork.Evidence!.Select(File.ReadAllBytes));
        Assert.All(fork.Evidence!, f => Assert.True(Checkpoint.TryOpen(File.ReadAllText(f), out _, MemoryLog.Required)));
        Assert.Equal(Encoding.UTF8.GetString(before.Checkpoint), WatchState.Load(State, MemoryLog.Required)!.Accepted);

        // The same fork again is the same evidence; another one is added and overwrites nothing.
        Assert.Equal(fork.Evidence, (await LookAsync()).Evidence);
        server.Log = Other(size + 1);
        Assert.Equal("fork", (await LookAsync()).Outcome);
        Assert.Equal(3, Evidence.Length);
        Assert.Equal(before.Checkpoint, await File.ReadAllBytesAsync(fork.Evidence![0]));
    }

    [Fact]
    public async Task a_shorter_log_is_a_rollback()
    {
        await LookAsync();
        server.Log = MemoryLog.OfSize(299);
        var report = await LookAsync();
        Assert.Equal(("rollback", 2), (report.Outcome, Evidence.Length));
        server.Log = MemoryLog.OfSize(300);
        Assert.Equal("same", (await LookAsync()).Outcome);
    }

    [Fact]
    public async Task evidence_that_has_the_name_already_is_left_as_it_is()
    {
        await LookAsync();
        server.Log = Other(300);
        var first = (await LookAsync()).Evidence!;
        await File.WriteAllTextAsync(first[1], "somebody's notes");
        var second = (await LookAsync()).Evidence!;
        Assert.NotEqual(first[1], second[1]);
        Assert.Equal("somebody's notes", await File.ReadAllTextAsync(first[1]));
        Assert.Equal(server.Log.Checkpoint, await File.ReadAllBytesAsync(second[1]));
    }

    [Fact]
    public async Task without_a_token_growth_is_seen_but_not_proven_and_a_fork_of_what_was_seen_is_found()
    {
        server.Token = "secret";
        Assert.Equal("first", (await LookAsync()).Outcome);
        server.Log = MemoryLog.OfSize(600);
        var seen = await LookAsync();
        Assert.Equal("seen", seen.Outcome);
        Assert.Contains("--token", seen.Message);
        Assert.Equal(300UL, (await LookAsync()).Before);

        var honest = server.Log;
        server.Log = Other(600);
        Assert.Equal("fork", (await LookAsync()).Outcome);
        server.Log = MemoryLog.OfSize(500);
        Assert.Equal("rollback", (await LookAsync()).Outcome);
        server.Log = honest;
        Assert.Equal("grew", (await LookAsync("secret")).Outcome);
        Assert.Null(WatchState.Load(State, MemoryLog.Required)!.Seen);
    }

    [Fact]
    public async Task damaged_or_missing_tiles_are_neither_accepted_nor_called_a_fork()
    {
        await LookAsync();
        server.Log = MemoryLog.OfSize(600);
        server.Log.Files["tile/0/002.p/88"][0] ^= 1;
        var report = await LookAsync();
        Assert.Equal(("unproven", false, false), (report.Outcome, report.Good, report.IsProvenWrong));
        server.Log.Files.Remove("tile/0/002.p/88");
        Assert.Equal("unproven", (await LookAsync()).Outcome);
        Assert.Empty(Evidence);
        server.Log = MemoryLog.OfSize(600);
        Assert.Equal("grew", (await LookAsync()).Outcome);
    }

    [Fact]
    public async Task every_flipped_bit_of_a_checkpoint_is_a_bad_signature_and_never_a_fork()
    {
        await LookAsync();
        var note = server.Log.Checkpoint;
        var watch = new Watch(server.Log, MemoryLog.Required, State);
        for (var bit = 0; bit < note.Length * 8; bit++)
        {
            note[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal("bad-signature", (await watch.LookAsync(default)).Outcome);
            note[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal("same", (await watch.LookAsync(default)).Outcome);
        Assert.Empty(Evidence);
    }

    [Fact]
    public async Task a_server_that_does_not_answer_is_no_fork()
    {
        await LookAsync();
        server.Status = 503;
        Assert.Equal("unreachable", (await LookAsync()).Outcome);
        server.Dispose();
        Assert.Equal("unreachable", (await LookAsync()).Outcome);
        Assert.Empty(Evidence);
    }

    [Fact]
    public async Task a_damaged_memory_is_not_taken_for_a_first_look()
    {
        await LookAsync();
        var good = await File.ReadAllTextAsync(State);
        foreach (var bad in (string[])["", "{}", good[..^9], good.Replace("300", "301", StringComparison.Ordinal)])
        {
            await File.WriteAllTextAsync(State, bad);
            Assert.Contains("damaged", (await Assert.ThrowsAsync<InvalidDataException>(() => LookAsync())).Message);
        }
    }

    [Fact]
    public async Task a_partial_tile_that_was_deleted_is_read_from_the_full_one()
    {
        var (old, grown) = (MemoryLog.OfSize(300), MemoryLog.OfSize(600));
        server.Log = old;
        await LookAsync();
        server.Log = MemoryLog.OfSize(310);
        foreach (var name in (string[])["tile/0/001", "tile/entries/001"])
        {
            server.Log.Files.Remove(name + ".p/54");
            server.Log.Files[name] = grown.Files[name];
        }

        Assert.Equal("grew", (await LookAsync()).Outcome);
        using var source = new HttpLogSource(server.Url, null);
        Assert.Empty((await LogFsck.RunAsync(source, MemoryLog.Required, null, null, default)).Problems);
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7_200)]
    [InlineData("1d", 86_400)]
    public void a_period_is_a_number_and_a_letter(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), WatchCommand.Period(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("0m")]
    [InlineData("-5m")]
    [InlineData("5")]
    [InlineData("5w")]
    [InlineData("999d")]
    public void any_other_period_is_wrong_usage(string text) => Assert.Throws<UsageException>(() => WatchCommand.Period(text));

    [Fact]
    public async Task looking_again_and_again_ends_at_the_fork()
    {
        await LookAsync();
        server.Log = Other(400);
        var watch = new Watch(server.Log, MemoryLog.Required, State);
        Assert.Equal(1, await WatchCommand.RunAsync(watch, TimeSpan.FromDays(1), json: true, TimeProvider.System, default));
    }

    [Fact]
    public void the_report_in_json_keeps_its_names() => Assert.Equal(
        """{"outcome":"fork","origin":"o","size":2,"before":1,"message":"m","evidence":["f"],"good":false}""",
        JsonSerializer.Serialize(new WatchReport("fork", "o", 2, 1, "m", ["f"]), LogJson.Default.WatchReport));

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string State => Path.Combine(folder, "state", "watch.json");

    private string[] Evidence => Directory.GetFiles(Path.Combine(folder, "state"), "*.evidence-*");

    private static MemoryLog Other(int size) => new([.. Enumerable.Range(0, size).Select(i => Encoding.UTF8.GetBytes(i == 17 ? "other" : $"e{i}"))]);

    private async Task<WatchReport> LookAsync(string? token = null)
    {
        using var source = new HttpLogSource(server.Url, token);
        return await new Watch(source, MemoryLog.Required, State).LookAsync(default);
    }
}
