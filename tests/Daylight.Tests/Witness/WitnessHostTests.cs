using System.Net;
using System.Text;
using Dapper;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Tests.Transparency;
using Daylight.Transparency;
using Daylight.Witness;

namespace Daylight.Tests.Witness;

/// <summary>The witness that a works council runs, over real HTTP and with its real file.</summary>
public sealed class WitnessHostTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly string folder = Directory.CreateTempSubdirectory("daylight-witness-").FullName;
    private readonly ForkableLog log = new(1, forkAt: 100);
    private readonly TestClock clock = new(Start);
    private readonly HttpClient http = new();
    private WitnessHost witness = null!;

    public async ValueTask InitializeAsync() => witness = await StartAsync(Options(log));

    public async ValueTask DisposeAsync()
    {
        await witness.DisposeAsync();
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Data => Path.Combine(folder, "w");

    private WitnessOptions Options(params ForkableLog[] logs) => new() { Data = Data, Logs = [.. logs.Select(l => l.Signer.Verifier)], Listen = "http://127.0.0.1:0" };

    private Task<WitnessHost> StartAsync(WitnessOptions options) => WitnessHost.StartAsync(options, clock, CancellationToken.None);

    private async Task RestartAsync(WitnessOptions? options = null)
    {
        await witness.DisposeAsync();
        witness = await StartAsync(options ?? new WitnessOptions { Data = Data });
    }

    private Task<(HttpStatusCode Status, string Body, string? Type)> AddAsync(AddCheckpointRequest request, WitnessHost? at = null) => PostAsync(Encoding.UTF8.GetBytes(request.ToString()), at);

    private async Task<(HttpStatusCode Status, string Body, string? Type)> PostAsync(byte[] body, WitnessHost? at = null)
    {
        using var response = await http.PostAsync(new Uri((at ?? witness).Url, "add-checkpoint"), new ByteArrayContent(body));
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.ToString());
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await http.GetAsync(new Uri(witness.Url, path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task CosignedAsync(AddCheckpointRequest request) => Assert.Equal(HttpStatusCode.OK, (await AddAsync(request)).Status);

    private WitnessedLog Recorded() => Assert.Single(WitnessStatus.Read(Data).Logs);

    private void Execute(string sql)
    {
        using var connection = new SqliteDatabase(Path.Combine(Data, "witness.db")).Open();
        connection.Execute(sql);
    }

    [Fact]
    public async Task a_log_that_grows_is_cosigned_each_time_with_the_time_of_the_witness()
    {
        foreach (var (old, size) in ((ulong, ulong)[])[(0, 7), (7, 7), (7, 300)])
        {
            clock.Now += TimeSpan.FromMinutes(1);
            var request = log.Grown(old, size);
            var (status, body, type) = await AddAsync(request);
            Assert.Equal((HttpStatusCode.OK, "text/plain; charset=utf-8"), (status, type));
            var line = WitnessProtocol.ReadCosignature(body, request.Note, witness.Verifier);
            Assert.NotNull(line);
            Assert.Equal(clock.Now, witness.Verifier.CosignedAt(line));
            Assert.Equal((size, clock.Now, log.At(size).Root.ToString()), (Recorded().Size, Recorded().CosignedAt, Recorded().Root));
        }
    }

    [Fact]
    public async Task its_answer_satisfies_a_policy_that_wants_it()
    {
        var request = log.Grown(0, 20);
        var policy = TlogPolicy.Parse($"log {log.Signer.Verifier}\nwitness {witness.Verifier.Name} {witness.Verifier} {witness.Url}\nquorum {witness.Verifier.Name}\n");
        Assert.False(policy.TryOpen(request.Note.ToString(), out _));
        Assert.True(policy.TryOpen(request.Note + (await AddAsync(request)).Body, out var checkpoint, notBefore: Start, notAfter: Start));
        Assert.Equal(log.At(20), checkpoint);
    }

    [Fact]
    public async Task every_refusal_has_its_status_and_leaves_the_record_as_it_was()
    {
        await CosignedAsync(log.Grown(0, 200));
        var unknown = new ForkableLog(2, 100);
        var unsigned = log.Grown(200, 300) with { Note = SignedNote.Sign(log.At(300).ToString(), Start, new NoteSigner(log.Signer.Verifier.Name, NoteKeyType.Ed25519, new Dice(3).Bytes(32))) };
        Assert.Equal(HttpStatusCode.NotFound, (await AddAsync(unknown.Grown(0, 5))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AddAsync(unsigned)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AddAsync(log.Grown(0, 150) with { OldSize = 200 })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AddAsync(log.Grown(200, 300, forked: true))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AddAsync(log.Grown(200, 200, forked: true))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AddAsync(log.Grown(200, 300) with { Proof = [] })).Status);
        foreach (var request in (AddCheckpointRequest[])[log.Grown(0, 300), log.Grown(100, 300), log.Grown(250, 300), log.Grown(100, 150)])
        {
            Assert.Equal((HttpStatusCode.Conflict, "200\n", "text/x.tlog.size"), await AddAsync(request));
        }

        Assert.Equal((200ul, log.At(200).Root.ToString()), (Recorded().Size!.Value, Recorded().Root));
        await CosignedAsync(log.Grown(200, 300));
    }

    [Fact]
    public async Task what_is_no_request_is_400_and_what_is_too_long_is_413_and_nobody_sees_a_stack_trace()
    {
        foreach (var body in (byte[][])[[], [.. "hello"u8], [0xff, 0xfe, 0xfd], [.. "old 0\n\n"u8], [.. Encoding.UTF8.GetBytes(log.Grown(0, 5).ToString()), 0xff]])
        {
            var answer = await PostAsync(body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.DoesNotContain("   at ", answer.Body, StringComparison.Ordinal);
        }

        var (status, text, _) = await PostAsync(new byte[300 * 1024]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await GetAsync("add-checkpoint")).Status);
    }

    [Fact]
    public async Task after_a_restart_it_knows_its_key_its_logs_and_what_it_cosigned()
    {
        await CosignedAsync(log.Grown(0, 200));
        var key = witness.Verifier.ToString();
        await RestartAsync();
        Assert.Equal((key, log.Signer.Verifier.ToString()), (witness.Verifier.ToString(), Assert.Single(witness.Logs).ToString()));
        Assert.Equal(HttpStatusCode.Conflict, (await AddAsync(log.Grown(0, 300, forked: true))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AddAsync(log.Grown(200, 300, forked: true))).Status);
        await CosignedAsync(log.Grown(200, 300));
    }

    [Fact]
    public async Task of_two_histories_that_race_only_one_is_ever_cosigned()
    {
        await CosignedAsync(log.Grown(0, 100));
        var requests = Enumerable.Range(0, 40).Select(i => log.Grown(100, (ulong)(200 + (i % 4)), forked: i % 2 == 1)).ToList();
        var answers = await Task.WhenAll(requests.Select(r => Task.Run(() => AddAsync(r))));
        var cosigned = requests.Zip(answers).Where(x => x.Second.Status == HttpStatusCode.OK).Select(x => x.First.Checkpoint).ToList();
        Assert.Single(cosigned);
        Assert.Equal((cosigned[0].Size, cosigned[0].Root.ToString()), (Recorded().Size!.Value, Recorded().Root));
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.OK), a => Assert.True(a.Status is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task what_was_answered_is_on_disk_already()
    {
        await CosignedAsync(log.Grown(0, 100));
        await CosignedAsync(log.Grown(100, 200));
        // What a power cut at this moment would leave: the files as they are, without anybody closing anything.
        var left = Path.Combine(folder, "left");
        Directory.CreateDirectory(left);
        foreach (var file in (string[])["witness.db", "witness.db-wal", "witness.key"])
        {
            using var from = new FileStream(Path.Combine(Data, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using var to = File.Create(Path.Combine(left, file));
            await from.CopyToAsync(to);
        }

        await using var again = await StartAsync(new WitnessOptions { Data = left });
        Assert.Equal(witness.Verifier.ToString(), again.Verifier.ToString());
        Assert.Equal((HttpStatusCode.Conflict, "200\n"), ((HttpStatusCode, string))((await AddAsync(log.Grown(100, 200, forked: true), again)).Status, (await AddAsync(log.Grown(100, 200, forked: true), again)).Body));
    }

    [Theory]
    [InlineData("CREATE TRIGGER broken BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'disk full'); END", "DROP TRIGGER broken")]
    [InlineData("ALTER TABLE checkpoints RENAME TO gone", "ALTER TABLE gone RENAME TO checkpoints")]
    public async Task without_its_storage_it_cosigns_nothing_and_goes_on_afterwards(string breakIt, string mendIt)
    {
        await CosignedAsync(log.Grown(0, 100));
        Execute(breakIt);
        var (status, body, _) = await AddAsync(log.Grown(100, 200));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain("\u2014", body, StringComparison.Ordinal);
        Assert.DoesNotContain("disk full", body, StringComparison.Ordinal);
        Execute(mendIt);
        Assert.Equal(100ul, Recorded().Size);
        await CosignedAsync(log.Grown(100, 200, forked: true));
    }

    [Fact]
    public async Task a_clock_that_was_set_back_signs_nothing_until_it_is_right()
    {
        await CosignedAsync(log.Grown(0, 100));
        clock.Now = Start.AddHours(-1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AddAsync(log.Grown(100, 200))).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("healthz")).Status);
        Assert.Equal(100ul, Recorded().Size);
        clock.Now = Start.AddHours(1);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("healthz"));
        await CosignedAsync(log.Grown(100, 200));
    }

    [Fact]
    public async Task a_clock_that_is_set_back_by_seconds_signs_no_earlier_time()
    {
        await CosignedAsync(log.Grown(0, 100));
        clock.Now = Start.AddSeconds(-5);
        var request = log.Grown(100, 200);
        Assert.Equal(Start, witness.Verifier.CosignedAt(WitnessProtocol.ReadCosignature((await AddAsync(request)).Body, request.Note, witness.Verifier)!));
    }

    [Fact]
    public async Task a_machine_that_wakes_up_in_1970_signs_nothing()
    {
        clock.Now = DateTimeOffset.UnixEpoch.AddDays(1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AddAsync(log.Grown(0, 100))).Status);
        Assert.Null(Recorded().Size);
    }

    [Fact]
    public async Task after_a_clock_that_was_ahead_its_operator_lets_it_go_on_and_the_history_stays()
    {
        clock.Now = Start.AddYears(10);
        await CosignedAsync(log.Grown(0, 100));
        clock.Now = Start;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AddAsync(log.Grown(100, 200))).Status);
        await RestartAsync(new WitnessOptions { Data = Data, ClockWasAhead = true });
        Assert.Equal(HttpStatusCode.Conflict, (await AddAsync(log.Grown(0, 200))).Status);
        await CosignedAsync(log.Grown(100, 200));
    }

    [Fact]
    public async Task two_signed_histories_are_kept_as_evidence()
    {
        await CosignedAsync(log.Grown(0, 200));
        await AddAsync(log.Grown(0, 200, forked: true));
        await AddAsync(log.Grown(0, 200, forked: true));
        await AddAsync(log.Grown(200, 300, forked: true));
        var refusals = WitnessStatus.Read(Data).Refusals;
        var fork = Assert.Single(refusals, r => r.ShowsFork);
        Assert.Equal(2, refusals.Count);
        Assert.True(Checkpoint.TryOpen(fork.Checkpoint, out var second, log.Signer.Verifier));
        Assert.True(Checkpoint.TryOpen(fork.Known, out var first, log.Signer.Verifier, witness.Verifier));
        Assert.Equal(first!.Size, second!.Size);
        Assert.NotEqual(first.Root, second.Root);
    }

    [Fact]
    public async Task each_log_has_its_own_history()
    {
        var second = new ForkableLog(2, 100);
        await RestartAsync(Options(second));
        await CosignedAsync(log.Grown(0, 100));
        await CosignedAsync(second.Grown(0, 50));
        await CosignedAsync(log.Grown(100, 200));
        Assert.Equal([200ul, 50ul], WitnessStatus.Read(Data).Logs.Select(l => l.Size!.Value));
    }

    [Fact]
    public async Task anybody_can_fetch_the_checkpoint_that_it_cosigned_last()
    {
        var path = Hash.Of(Encoding.UTF8.GetBytes(log.Signer.Verifier.Name)).ToHex() + "/checkpoint";
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("x/checkpoint")).Status);
        var stranger = new NoteSigner("stranger.example", NoteKeyType.Ed25519, new Dice(9).Bytes(32));
        await CosignedAsync(log.Grown(0, 100) with { Note = log.Note(100).With(Start, stranger) });
        var note = (await GetAsync(path)).Body;
        Assert.True(Checkpoint.TryOpen(note, out var checkpoint, log.Signer.Verifier, witness.Verifier));
        Assert.Equal(log.At(100), checkpoint);
        Assert.DoesNotContain("stranger", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task its_page_says_what_it_is()
    {
        var (status, body) = await GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("reads nothing about anybody", body, StringComparison.Ordinal);
        Assert.Contains(witness.Verifier.ToString(), body, StringComparison.Ordinal);
        Assert.Contains(log.Signer.Verifier.Name, body, StringComparison.Ordinal);
    }

    [Fact]
    public void key_and_record_are_for_their_owner_only()
    {
        foreach (var file in (string[])["witness.key", "witness.db"])
        {
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(Data, file)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }
    }

    [Fact]
    public async Task two_processes_cannot_share_a_folder() =>
        Assert.Contains("Another process", (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Options(log)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("witness.db", "would cosign any history")]
    [InlineData("witness.key", "its key")]
    public async Task a_key_without_its_record_and_a_record_without_its_key_are_refused(string lost, string says)
    {
        await CosignedAsync(log.Grown(0, 100));
        await witness.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(Data, lost + "*"))
        {
            File.Move(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Options(log)))).Message, StringComparison.Ordinal);
        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Options(log)))).Message, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, lost + "*"))
        {
            File.Move(file, Path.Combine(Data, Path.GetFileName(file)), overwrite: true);
        }

        witness = await StartAsync(new WitnessOptions { Data = Data });
        Assert.Equal(100ul, Recorded().Size);
    }

    [Fact]
    public async Task an_emptied_record_and_another_key_are_refused()
    {
        await witness.DisposeAsync();
        var key = await File.ReadAllTextAsync(Path.Combine(Data, "witness.key"));
        await File.WriteAllTextAsync(Path.Combine(Data, "witness.key"), new string('0', 64));
        Assert.Contains("is not the key", (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Options()))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(Data, "witness.key"), "damaged");
        Assert.Contains("is damaged", (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Options()))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(Data, "witness.key"), key);
        Execute("DELETE FROM settings");
        Assert.Contains("would cosign any history", (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Options()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_name_is_part_of_the_key_and_stays()
    {
        var elsewhere = new WitnessOptions { Data = Path.Combine(folder, "named"), Logs = [log.Signer.Verifier], Listen = "http://127.0.0.1:0", Name = "council.acme.example" };
        await using (var named = await StartAsync(elsewhere))
        {
            Assert.Equal("council.acme.example", named.Verifier.Name);
        }

        var renamed = new WitnessOptions { Data = elsewhere.Data, Name = "other.example" };
        Assert.Contains("council.acme.example", (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(renamed))).Message, StringComparison.Ordinal);
        foreach (var name in (string[])["a b", "a+b", "none", ""])
        {
            var bad = new WitnessOptions { Data = Path.Combine(folder, "bad"), Logs = [log.Signer.Verifier], Name = name };
            await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(bad));
            Assert.False(Directory.Exists(bad.Data)); // so that the next try is a first run again
        }
    }

    [Fact]
    public async Task a_new_witness_wants_a_log_and_leaves_no_folder_behind()
    {
        var nowhere = Path.Combine(folder, "nowhere");
        await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(new WitnessOptions { Data = nowhere }));
        await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(new WitnessOptions { Data = nowhere, Logs = [witness.Verifier] }));
        Assert.Throws<InvalidOperationException>(() => WitnessStatus.Read(nowhere));
        Assert.False(Directory.Exists(nowhere));
    }
}
