using System.Net;
using System.Net.Sockets;
using Dapper;
using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Transparency;
using Daylight.Witness;
using Microsoft.Extensions.DependencyInjection;

namespace Daylight.Tests.Server;

/// <summary>What breaks under the server while it runs: nothing is shown meanwhile, <c>/readyz</c> says what is missing, and it goes on by itself once it is back.</summary>
public sealed class LogFailureTests
{
    private const string Investigation = "role:investigator/records";

    private static readonly DateOnly Day = new(2026, 11, 2);

    public static TheoryData<DatabaseKind> Both => [DatabaseKind.Sqlite, DatabaseKind.PostgreSql];

    [Fact]
    public async Task full_storage_stops_looks_until_there_is_room_again()
    {
        await using var company = await TestCompany.StartAsync();
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        await PragmaAsync(company, "PRAGMA max_page_count = 1"); // no smaller than the file is: not a page more
        var refused = await UntilRefusedAsync(company, "anna");
        Assert.Equal((503, "The log's storage cannot be written."), (refused.Status, refused.Detail));
        for (var round = 0; round < 3; round++)
        {
            await company.HearAsync();
            await company.NotReadyAsync("storage cannot be written");
        }

        await PragmaAsync(company, "PRAGMA max_page_count = 4294967294");
        await company.HearAsync();
        await company.ReadyAsync();
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        await company.VerifiedAsync();
    }

    [Fact]
    public async Task a_database_file_that_is_gone_stops_looks_until_it_is_back()
    {
        await using var company = await TestCompany.StartAsync();
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        var file = Path.Combine(company.Folder, "server", "server.db");
        File.Move(file, file + ".gone");
        await company.HearAsync(); // nobody has to look first
        await company.NotReadyAsync("storage cannot be written");
        Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status);
        await company.HearAsync();
        await company.NotReadyAsync("storage cannot be written");

        File.Move(file + ".gone", file);
        await company.HearAsync();
        await company.ReadyAsync();
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        await company.RestartAsync();
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        await company.VerifiedAsync();
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, false)]
    [InlineData(DatabaseKind.Sqlite, true)]
    [InlineData(DatabaseKind.PostgreSql, false)]
    [InlineData(DatabaseKind.PostgreSql, true)]
    public async Task a_pause_while_the_keyholder_is_away_is_kept_and_holds_when_it_is_back(DatabaseKind kind, bool afterALook)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        company.Channel.Down = true;
        if (afterALook)
        {
            Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status);
        }

        var pause = await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("officer", new ProgramPaused("focus-time", "a suspicion", company.Clock.Now)));
        Assert.Equal(503, pause.Problem.Status);
        company.Channel.Down = false;
        Assert.Equal(423, (await company.LookAsync("anna")).Problem?.Status);
        Assert.Single(company.Entries().Select(e => e?.Event).OfType<ProgramPaused>());
        await company.VerifiedAsync();
    }

    [Fact]
    public async Task a_pause_while_the_keyholder_is_away_outlives_the_server()
    {
        await using var company = await TestCompany.StartAsync();
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        company.Channel.Down = true;
        await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("officer", new ProgramPaused("focus-time", "a suspicion", company.Clock.Now)));
        await company.RestartAsync();
        Assert.Equal(423, (await company.LookAsync("anna")).Problem?.Status);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task looks_while_the_keyholder_is_away_leave_one_entry_at_the_most(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        var (store, before) = (company.Part<LogStore>(), company.Part<LogStore>().Size());
        company.Channel.Down = true;
        for (var look = 0; look < 20; look++)
        {
            Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status);
        }

        Assert.InRange(store.Size(), before, before + 1);
        await company.NotReadyAsync("keyholder cannot be reached");
        company.Channel.Down = false;
        await company.HearAsync();
        await company.ReadyAsync();
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        Assert.InRange((await company.WhoLookedAsync("anna")).Count(l => l.Happened == "disclosure"), 1, 2);
        await company.VerifiedAsync();
    }

    [Fact]
    public async Task a_clock_set_back_a_day_opens_nothing_until_it_is_right_again()
    {
        await using var company = await TestCompany.StartAsync();
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        company.Clock.Now -= TimeSpan.FromDays(1);
        var refused = (await company.LookAsync("anna")).Problem!;
        Assert.Equal((503, true), (refused.Status, refused.Detail.Contains("clock", StringComparison.Ordinal)));
        await company.HearAsync();
        await company.NotReadyAsync("clock");
        await company.RestartAsync(); // the keyholder remembers how late it was
        Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status);

        company.Clock.Now += TimeSpan.FromDays(1);
        await company.HearAsync();
        await company.ReadyAsync();
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        await company.VerifiedAsync();
    }

    [Fact]
    public async Task without_the_second_witness_a_look_at_oneself_works_for_a_day_and_a_look_at_somebody_else_not_at_all()
    {
        await using var company = await TestCompany.StartAsync();
        await company.SendDayAsync("anna");
        var data = Path.Combine(company.Folder, "witness");
        var url = FreeUrl();
        var log = NoteVerifier.Parse(company.Root.Log);
        Task<WitnessHost> WitnessAsync() => WitnessHost.StartAsync(new WitnessOptions { Data = data, Logs = [log], Name = "council.example", Listen = url }, company.Clock, CancellationToken.None);
        await using (var witness = await WitnessAsync())
        {
            await NameWitnessAsync(company, $"witness council.example {witness.Verifier} {url}");
        }

        var investigation = await OpenCaseAsync(company);

        // Nobody has ever cosigned: nothing opens.
        await company.SignAskAsync("anna");
        Assert.Contains("witness", (await company.LookAsync("anna")).Problem!.Detail);
        await company.Server.RunJobsAsync(default);
        Assert.Contains("council.example (it cannot be reached)", await company.Http.GetStringAsync("/readyz"));

        await using (await WitnessAsync())
        {
            Assert.Single((await company.LookAsync("anna")).OrThrow());
            Assert.Single((await InvestigateAsync(company, investigation)).OrThrow());
        }

        // Away again: others' records at once, one's own after a day.
        company.Clock.Now += TimeSpan.FromHours(23);
        await company.SignAskAsync("anna");
        Assert.Contains("witness", (await InvestigateAsync(company, investigation)).Problem!.Detail);
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        company.Clock.Now += TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1);
        Assert.Equal((503, true), (await company.LookAsync("anna")).Problem is { } late ? (late.Status, late.Detail.Contains("witness", StringComparison.Ordinal)) : default);

        var pause = await company.SubmitAsync("officer", new ProgramPaused("focus-time", "stopping waits for nobody", company.Clock.Now));
        Assert.Equal(423, (await company.LookAsync("anna")).Problem?.Status);
        await ResumeAsync(company, pause);

        await using (await WitnessAsync())
        {
            Assert.Single((await company.LookAsync("anna")).OrThrow());
            Assert.Single((await InvestigateAsync(company, investigation)).OrThrow());
            await company.ReadyAsync();
        }

        await company.VerifiedAsync();
    }

    [Fact]
    public async Task a_witness_that_cannot_be_asked_is_missing_and_breaks_nothing_else()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        var key = new NoteSigner("council.example", NoteKeyType.Cosignature, new byte[32]);
        await NameWitnessAsync(company, $"witness council.example {key.Verifier} ftp://council.example/");
        var refused = (await company.LookAsync("anna")).Problem!;
        Assert.Equal(503, refused.Status);
        Assert.Contains("witness", refused.Detail);
        await company.Server.RunJobsAsync(default);
        Assert.Contains("council.example (it cannot be asked at that address)", await company.Http.GetStringAsync("/readyz"));
    }

    [Fact]
    public async Task a_database_that_gives_no_turn_fails_the_jobs_and_not_the_server()
    {
        await using var company = await TestCompany.StartCopyAsync();
        using var jobs = ActivatorUtilities.CreateInstance<Jobs>(company.Server.Services, new NoTurns(company.Database));
        await jobs.RunAllAsync(default);
        Assert.Equal(["access-reviews", "cases", "erasures", "mail", "releases", "retention", "reviews", "tellings"], jobs.Views.Where(v => v.LastOutcome.StartsWith("failed", StringComparison.Ordinal)).Select(v => v.Name));
    }

    [Fact]
    public async Task an_erasure_while_the_keyholder_is_away_is_finished_when_it_is_back()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.SendDayAsync("anna");
        company.Channel.Down = true;
        var order = SignedStatement.Sign(
            new DestroyKeys(company.Root.Fingerprint, company.Clock.Now, company.Id("anna"), ["focus-time"], "self", "wish"), company.KeyOf("anna"));
        await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("anna", new KeysDestroyed(order)));
        company.Channel.Down = false;
        await company.HearAsync();
        Assert.Equal(1, Chunks());
        company.Clock.Now += TimeSpan.FromMinutes(2);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0, Chunks());
        await company.Server.RunJobsAsync(default);
        Assert.Single(await company.WhoLookedAsync("anna"), l => l.Happened == "key-destroyed");
        Assert.Single(await company.WhoLookedAsync("anna"), l => l.Happened == "destruction-certified");
        await company.VerifiedAsync();

        int Chunks()
        {
            using var connection = company.Database.Open();
            return connection.QuerySingle<int>("SELECT COUNT(*) FROM chunks");
        }
    }

    [Fact]
    public async Task a_database_server_that_drops_every_connection_is_found_again()
    {
        await using var company = await TestCompany.StartAsync(DatabaseKind.PostgreSql);
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        TestCopies.DropConnections(company.Database);
        await Eventually.HoldsAsync(async () => (await company.LookAsync("anna")) is var look && look.Value is [_] ? true : look.Problem?.Status == 503 ? false : throw new InvalidOperationException(look.Problem?.Title));
        await company.HearAsync();
        await company.ReadyAsync();
        await company.VerifiedAsync();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task sixty_four_callers_at_once_each_get_an_index_of_their_own_and_a_proof_that_holds(DatabaseKind kind)
    {
        const int callers = 64, each = 200;
        await using var company = await TestCompany.StartAsync(kind);
        var (log, store) = (company.Part<TransparencyLog>(), company.Part<LogStore>());
        var before = log.Size;
        var appended = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var mine = new List<(int Rows, AppendedEntry Entry)>(each);
            for (var i = 0; i < each; i++)
            {
                mine.Add(((caller * each) + i, await log.AppendAsync(new RetentionPurge(Day, [new PurgedLine("p", "records", (caller * each) + i, "keep", 0)]))));
            }

            return mine;
        })));
        var all = appended.SelectMany(a => a).OrderBy(a => a.Entry.Index).ToList();
        Assert.Equal(Enumerable.Range((int)before, callers * each).Select(i => (ulong)i), all.Select(a => a.Entry.Index));
        Assert.All(appended, mine => Assert.Equal(mine.Select(m => m.Entry.Index).Order(), mine.Select(m => m.Entry.Index)));
        var (entries, checkpoints) = (store.Entries(before, callers * each), new Dictionary<string, Checkpoint>());
        foreach (var (rows, entry) in all)
        {
            if (!checkpoints.TryGetValue(entry.Checkpoint, out var checkpoint))
            {
                Assert.True(Checkpoint.TryOpen(entry.Checkpoint, out checkpoint, NoteVerifier.Parse(company.Root.Log), NoteVerifier.Parse(company.Root.Witness)));
                checkpoints[entry.Checkpoint] = checkpoint!;
            }

            var bytes = entries[(int)(entry.Index - before)];
            Assert.Equal(rows, Assert.IsType<RetentionPurge>(LogEntry.TryRead(bytes)!.Event).Lines[0].Rows);
            Assert.True(Merkle.VerifyInclusion(entry.Index, checkpoint!.Size, Merkle.Leaf(bytes), [.. entry.Proof.Select(h => Hash.TryParse(h, out var hash) ? hash : default)], checkpoint.Root));
        }

        Assert.True(checkpoints.Count <= callers * each / 8, $"{checkpoints.Count} checkpoints: callers who wait together should share one");
        await company.VerifiedAsync();
    }

    private static Task PragmaAsync(TestCompany company, string pragma) => company.Part<GroupCommitWriter>().WriteAsync((c, _) => c.Execute(pragma));

    /// <summary>Looks until there is no page left to record one: rows share pages.</summary>
    private static async Task<Problem> UntilRefusedAsync(TestCompany company, string name)
    {
        for (var look = 0; look < 500; look++)
        {
            if ((await company.LookAsync(name)).Problem is { } problem)
            {
                return problem;
            }
        }

        throw new InvalidOperationException("The storage did not get full.");
    }

    private static async Task NameWitnessAsync(TestCompany company, string line)
    {
        var policy = $"log {company.Root.Log}\nwitness keyholder {company.Root.Witness}\n{line}\ngroup both all keyholder council.example\nquorum both\n";
        var signed = SignedStatement.Sign(new SetWitnesses(company.Root.Fingerprint, company.Clock.Now, policy), company.KeyOf("officer"), company.KeyOf("council"));
        await company.SubmitAsync("officer", new WitnessesChanged(signed));
    }

    private static async Task<string> OpenCaseAsync(TestCompany company)
    {
        var (root, now) = (company.Root.Fingerprint, company.Clock.Now);
        var opened = SignedStatement.Sign(
            new OpenCase(root, now, "case-1", company.Id("snoop"), company.Id("anna"), ["focus-time"], Investigation, Day, Day, Day.AddDays(30), Day, "a report"), company.KeyOf("snoop"));
        await company.SubmitAsync("snoop", new CaseOpened(opened));
        var digest = opened.Digest().ToHex();
        foreach (var (name, role) in new[] { ("officer", "privacy-officer"), ("council", "works-council") })
        {
            await company.SubmitAsync(name, new CaseApproved(SignedStatement.Sign(new ApproveCase(root, now, digest, role), company.KeyOf(name))));
        }

        return digest;
    }

    private static async Task<ApiResult<IReadOnlyList<ShownRecord>>> InvestigateAsync(TestCompany company, string digest)
    {
        var ask = await company.SignAskAsync("snoop", new AskWanted(company.KeyOf("snoop").Credential.Id.Value, company.Id("anna"), ["focus-time"], ["records"], Day, Day, Investigation));
        return await company.As("snoop").GetAsync(
            $"/api/v1/people/{company.Id("anna")}/records?program=focus-time&from=2026-11-02&to=2026-11-02&case={digest}", ProtocolJson.Default.IReadOnlyListShownRecord, default, ask);
    }

    private static Task ResumeAsync(TestCompany company, ulong pause) => company.ResumeAsync(pause);

    private static string FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}

/// <summary>A database whose turn is somebody else's for too long.</summary>
internal sealed class NoTurns(IDatabase inner) : IDatabase
{
    public string Description => inner.Description;

    public bool IsShared => inner.IsShared;

    public bool HasPartitions => inner.HasPartitions;

    public string PartitionedBy(string column) => inner.PartitionedBy(column);

    public void Prepare(string table, DateOnly day) => inner.Prepare(table, day);

    public IReadOnlyList<DateOnly> Partitions(string table) => inner.Partitions(table);

    public void DropPartition(System.Data.Common.DbConnection connection, System.Data.Common.DbTransaction transaction, string table, DateOnly day) => inner.DropPartition(connection, transaction, table, day);

    public System.Data.Common.DbConnection Open() => inner.Open();

    public System.Data.Common.DbConnection OpenWriter() => inner.OpenWriter();

    public IDisposable LockExclusively(string what) => inner.LockExclusively(what);

    public IDisposable TakeTurn(string what) => throw new TimeoutException("lock timeout");

    public void CheckInPlace(System.Data.Common.DbConnection connection) => inner.CheckInPlace(connection);

    public void Scrub() => inner.Scrub();
}

/// <summary>What people of the test's company do, in a word.</summary>
internal static class Doings
{
    /// <summary>Enrolls a machine and sends five minutes of the company's first day.</summary>
    public static async Task SendDayAsync(this TestCompany company, string name)
    {
        var device = await company.EnrollDeviceAsync(name);
        var program = (await company.BundleAsync(name, device)).Programs[0];
        PayloadRecord[] records = [new(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero), 300, new Dictionary<string, string> { ["app"] = "Editor" })];
        await company.UploadAsync(name, device, ChunkSealer.Records(program, company.Id(name), device, "window", "2026-11-02", records));
    }

    /// <summary>Looks at oneself, on the session's ask.</summary>
    public static Task<ApiResult<IReadOnlyList<ShownRecord>>> LookAsync(this TestCompany company, string name) =>
        company.As(name).GetAsync("/api/v1/me/records?program=focus-time&from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default);

    public static async Task<IReadOnlyList<LookAtMe>> WhoLookedAsync(this TestCompany company, string name) =>
        (await company.As(name).GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, default)).OrThrow();

    /// <summary>Has the log look around now, as it does every two seconds.</summary>
    public static Task HearAsync(this TestCompany company) => company.Part<TransparencyLog>().LookAsync();

    public static async Task ReadyAsync(this TestCompany company)
    {
        using var answer = await company.Http.GetAsync("/readyz");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK && text.Contains("\"ready\"", StringComparison.Ordinal), text);
    }

    /// <summary><c>/readyz</c> refuses with this as what is missing; a process that just started may first have to ask its keyholder.</summary>
    public static Task NotReadyAsync(this TestCompany company, string missing) => Eventually.HoldsAsync(async () =>
    {
        using var answer = await company.Http.GetAsync("/readyz");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, text);
        return text.Contains(missing, StringComparison.Ordinal);
    });

    public static IReadOnlyList<LogEntry?> Entries(this TestCompany company) => [.. company.Part<LogStore>().Entries(0, 100_000).Select(e => LogEntry.TryRead(e))];

    /// <summary>The whole log holds, and nothing of it stays unpublished; a job's entry may come between, and is published a moment after it is stored.</summary>
    public static Task VerifiedAsync(this TestCompany company) => Eventually.HoldsAsync(async () =>
    {
        await company.HearAsync();
        var store = new LogStore(company.Database);
        var report = await LogFsck.RunAsync(store, [NoteVerifier.Parse(company.Root.Log), NoteVerifier.Parse(company.Root.Witness)], null, null, default);
        Assert.True(report.Good, string.Join('\n', report.Problems));
        return store.Size() == report.Entries;
    });
}

/// <summary>Waits for what becomes true by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Between);
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
