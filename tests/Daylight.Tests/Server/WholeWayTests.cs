using System.Net;
using Daylight.Agent.Sending;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Server;

/// <summary>What the server promises, on both databases alike.</summary>
public sealed class WholeWayTests
{
    private static readonly DateOnly Day = new(2026, 11, 2);

    public static TheoryData<DatabaseKind> Both => [DatabaseKind.Sqlite, DatabaseKind.PostgreSql];

    [Theory, MemberData(nameof(Both))]
    public async Task a_person_with_a_signed_ask_sees_their_own_records_and_the_look_is_recorded(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await SendDayAsync(company, "anna");
        var ask = await company.SignAskAsync("anna");
        var result = await company.As("anna").GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default, ask);
        var record = Assert.Single(result.OrThrow());
        Assert.Equal(("focus-time", "window", 300, "Editor"), (record.Program, record.Stream, record.Duration, record.Data["app"]));
        var look = Assert.Single(await LooksAsync(company, "anna"), l => l.Happened == "disclosure");
        Assert.Equal((result.Entry, "self", "self/records"), (look.Entry, look.Relation, look.Rule));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_token_alone_opens_nothing(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await SendDayAsync(company, "anna");
        var token = ApiClient.WithToken(company.Http, await company.Server.Founding().MakeTokenAsync(company.Id("anna"), 1));
        var refused = await token.GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default);
        Assert.Equal((403, "signed ask"), (refused.Problem!.Status, refused.Problem.Missing));
        Assert.DoesNotContain(await LooksAsync(company, "anna"), l => l.Happened == "disclosure");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task once_signed_an_ask_for_oneself_serves_the_session_for_eight_hours(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await SendDayAsync(company, "anna");
        await company.SignAskAsync("anna");
        async Task<int?> ReadAsync() => (await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem?.Status;
        Assert.Null(await ReadAsync());
        Assert.Null(await ReadAsync());
        company.Clock.Now += TimeSpan.FromHours(8) + TimeSpan.FromSeconds(1);
        Assert.Equal(403, await ReadAsync());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_manager_is_refused_one_persons_day_and_that_person_sees_it_once_an_hour(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        var path = $"/api/v1/people/{company.Id("anna")}/records?program=focus-time&from=2026-11-02&to=2026-11-02";
        var first = (await company.As("boss").GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!;
        var second = (await company.As("boss").GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!;
        Assert.Equal((403, "manager/records", first.Entry), (second.Status, second.Missing, second.Entry));
        company.Clock.Now += TimeSpan.FromHours(1);
        var third = (await company.As("boss").GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!;
        Assert.NotEqual(first.Entry, third.Entry);
        var refusals = (await LooksAsync(company, "anna")).Where(l => l.Happened == "refusal").ToList();
        Assert.Equal(2, refusals.Count);
        Assert.All(refusals, r => Assert.Equal("manager", r.Relation));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task an_unknown_token_is_told_401_and_an_unknown_program_404(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        Assert.Equal(401, (await ApiClient.WithToken(company.Http, "dlt_nobody").GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).Problem!.Status);
        Assert.Equal(404, (await company.As("anna").GetAsync("/api/v1/me/records?program=nothing", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
        Assert.Equal(400, (await company.As("anna").GetAsync("/api/v1/me/records?from=yesterday", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_paused_program_answers_423_takes_nothing_and_resumes_on_two_signatures(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        var device = await SendDayAsync(company, "anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        await company.SignAskAsync("anna");
        var pause = await company.SubmitAsync("officer", new ProgramPaused("focus-time", "a test", company.Clock.Now));
        Assert.Equal(423, (await company.As("anna").GetAsync("/api/v1/me/records?program=focus-time", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
        var others = await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default);
        Assert.Empty(others.OrThrow());
        Assert.Contains("focus-time is paused", others.Notice);
        var upload = await Assert.ThrowsAsync<ApiException>(() => company.UploadAsync("anna", device, Chunk(company, device, program)));
        Assert.Equal(423, upload.Problem.Status);
        Assert.True((await company.BundleAsync("anna", device)).Programs[0].Paused);

        var early = new ProgramResumed(SignedStatement.Sign(new ResumeProgram(company.Root.Fingerprint, company.Clock.Now, "focus-time", pause, 0, "privacy-officer"), company.KeyOf("officer")));
        Assert.Equal(409, (await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("officer", early))).Problem.Status);
        Assert.Equal(423, (await company.As("anna").GetAsync("/api/v1/me/records?program=focus-time", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
        await company.ResumeAsync(pause);
        Assert.Single((await company.As("anna").GetAsync("/api/v1/me/records?program=focus-time", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task the_same_chunk_sent_twice_is_stored_once(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        var device = await company.EnrollDeviceAsync("anna");
        var chunk = Chunk(company, device, (await company.BundleAsync("anna", device)).Programs[0]);
        await company.UploadAsync("anna", device, chunk);
        await company.UploadAsync("anna", device, chunk, chunk);
        await company.SignAskAsync("anna");
        Assert.Equal(300, Assert.Single((await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow()).Duration);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task what_the_charter_does_not_collect_is_not_taken(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        UploadedChunk[] chunks =
        [
            Chunk(company, device, program) with { Stream = "afk" },
            Chunk(company, device, program) with { Day = "2026-10-01" },
            Chunk(company, device, program) with { Day = "2026-12-24" },
            Chunk(company, device, program) with { Program = "shadow" },
            Chunk(company, device, program) with { Kind = "screenshots" },
            Chunk(company, device, program) with { Sealed = "AAAA" },
            Chunk(company, device, program with { Hash = new string('0', 64) }),
        ];
        Assert.All((await company.UploadAsync("anna", device, chunks)).Outcomes, o => Assert.Equal("refused", o.State));
        Assert.Equal(0L, Count(company, "SELECT COUNT(*) FROM chunks"));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task no_table_holds_a_name_a_category_or_a_persons_id_in_clear(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await SendDayAsync(company, "anna");
        await company.SignAskAsync("anna");
        await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default);
        await company.As("boss").GetAsync($"/api/v1/people/{company.Id("anna")}/records?program=focus-time", ProtocolJson.Default.IReadOnlyListShownRecord, default);
        string[] secrets = ["anna@", "@test.example", "Editor", company.Id("anna"), company.Id("boss")]; // four letters alone turn up in base64 by chance
        foreach (var table in (string[])["people", "chunks", "openings", "concerns", "asks", "tokens", "enrollment_lines", "coalesced", "settings", "log_entries", "log_tiles"])
        {
            // The charter stands in the log in full, and names categories; what somebody did with them does not.
            foreach (var secret in secrets.Where(s => table != "log_entries" || s != "Editor"))
            {
                Assert.False(Dump(company, table).Contains(secret, StringComparison.OrdinalIgnoreCase), $"{table} holds '{secret}'");
            }
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_closed_week_is_released_once_and_never_with_fewer_than_five(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        foreach (var (name, minutes) in new[] { ("anna", 100), ("ben", 200), ("cleo", 300), ("dora", 400) })
        {
            await ContributeAsync(company, name, minutes);
        }

        company.Clock.Now = new DateTimeOffset(2026, 11, 13, 0, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        var cell = Assert.Single(await CellsAsync(company));
        Assert.Equal(("2026-W45", null, "fewer than 5 people contributed"), (cell.Period, cell.Value, cell.Reason));

        await ContributeAsync(company, "emil", 500, late: true);
        await company.Server.RunJobsAsync(default);
        Assert.Null(Assert.Single(await CellsAsync(company)).Value);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_figure_is_the_mean_of_clamped_days_without_the_manager(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        foreach (var (name, minutes) in new[] { ("anna", 100), ("ben", 200), ("cleo", 300), ("dora", 400), ("emil", 5000), ("boss", 0) })
        {
            await ContributeAsync(company, name, minutes);
        }

        company.Clock.Now = new ReleaseWeek(2026, 45).ClosedAt.AddSeconds(-1);
        await company.Server.RunJobsAsync(default);
        Assert.Empty(await CellsAsync(company));
        company.Clock.Now = new ReleaseWeek(2026, 45).ClosedAt;
        await company.Server.RunJobsAsync(default);
        var cell = Assert.Single(await CellsAsync(company));
        Assert.Equal((320, 5), (cell.Value, cell.People)); // (100 + 200 + 300 + 400 + 600) / 5
        Assert.Equal(403, (await company.As("anna").GetAsync("/api/v1/teams/crew/releases?program=focus-time&measure=focus-minutes", ProtocolJson.Default.IReadOnlyListReleaseCell, default)).Problem!.Status);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task what_is_past_its_day_is_dropped_and_certified(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await SendDayAsync(company, "anna");
        company.Clock.Now = new DateTimeOffset(2026, 11, 17, 11, 59, 0, TimeSpan.Zero); // the 16th is not over in UTC−12
        await company.Server.RunJobsAsync(default);
        Assert.Equal(1L, Count(company, "SELECT COUNT(*) FROM chunks WHERE kind = 'records'"));
        company.Clock.Now = company.Clock.Now.AddMinutes(1);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0L, Count(company, "SELECT COUNT(*) FROM chunks WHERE kind = 'records'"));
        var purge = Assert.IsType<RetentionPurge>(LogEntry.TryRead(company.Part<LogStore>().Entries(0, 1000)[^1])!.Event);
        Assert.Equal(Day.AddDays(14), purge.ExpiredOn);
        Assert.Equal([new PurgedLine("focus-time", "records", 1, "keep: { records: 14d }", 0, company.Part<TransparencyLog>().Read(a => a.Program("focus-time").Active!))], purge.Lines);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task without_the_keyholder_nothing_is_shown_and_all_recovers_by_itself(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await SendDayAsync(company, "anna");
        await company.SignAskAsync("anna");
        company.Channel.Down = true;
        Assert.Equal(503, (await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await company.Http.GetAsync("/readyz")).StatusCode);
        company.Channel.Down = false;
        Assert.Single((await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow());
        Assert.Equal(HttpStatusCode.OK, (await company.Http.GetAsync("/readyz")).StatusCode);
        Assert.True((await FsckAsync(company)).Good);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task everything_survives_a_restart_and_the_log_holds(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await SendDayAsync(company, "anna");
        await company.RestartAsync();
        await company.SignAskAsync("anna");
        Assert.Single((await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow());
        var report = await FsckAsync(company);
        Assert.True(report.Good, string.Join('\n', report.Problems));
        Assert.Equal(company.Part<TransparencyLog>().Size, report.Entries);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task one_changed_byte_of_an_entry_a_tile_or_the_checkpoint_is_found_and_named(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        var entry = company.Part<LogStore>().Entry(3)!;
        await TamperAsync(company, "UPDATE log_entries SET entry = @bytes WHERE idx = 3", Flip(entry));
        Assert.Contains((await FsckAsync(company)).Problems, p => p.StartsWith("entry 3:", StringComparison.Ordinal));
        await TamperAsync(company, "UPDATE log_entries SET entry = @bytes WHERE idx = 3", entry);
        Assert.True((await FsckAsync(company)).Good);

        var tile = company.Part<LogStore>().Tile(0, 0)!;
        await TamperAsync(company, "UPDATE log_tiles SET hashes = @bytes WHERE level = 0 AND idx = 0", Flip(tile));
        Assert.Contains((await FsckAsync(company)).Problems, p => p.StartsWith("tile/0/000.p/", StringComparison.Ordinal));
        await TamperAsync(company, "UPDATE log_tiles SET hashes = @bytes WHERE level = 0 AND idx = 0", tile);

        // A running server makes its checkpoint good again by itself; what somebody was shown meanwhile is found.
        var shown = company.Part<LogStore>().Checkpoint()!.Replace('A', 'B');
        Assert.Contains((await FsckAsync(company, shown)).Problems, p => p.StartsWith("checkpoint:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/api/v1/credentials", """{"event":{"kind":"credential-registered","signed":{"statement":"AAAA"},"codeKey":"x","line":{"person":"a","salt":"b","code":"c"},"list":0,"lineIndex":0,"proof":[]}}""")]
    [InlineData("/api/v1/credentials", """{"event":{"kind":"credential-registered"}}""")]
    [InlineData("/api/v1/credentials", """{"event":{"kind":"trust-root"}}""")]
    [InlineData("/api/v1/credentials", """{}""")]
    [InlineData("/api/v1/credentials", """[]""")]
    [InlineData("/api/v1/events", """{"event":{"kind":"role-granted","signed":{"statement":"AAAA"}}}""")]
    [InlineData("/api/v1/events", """{"event":{"kind":"program-resumed","program":"focus-time"}}""")]
    [InlineData("/api/v1/events", """{"event":{"kind":"charter-approved","signed":{"statement":"AAAA","signatures":null}}}""")]
    [InlineData("/api/v1/asks", """{"credential":7}""")]
    public async Task a_broken_event_is_refused_and_the_log_goes_on(string path, string body)
    {
        await using var company = await TestCompany.StartAsync();
        var size = company.Part<TransparencyLog>().Size;
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", await company.Server.Founding().MakeTokenAsync(company.Id("anna"), 1));
        Assert.InRange((int)(await company.Http.SendAsync(request)).StatusCode, 400, 409);
        Assert.Equal(size, company.Part<TransparencyLog>().Size);
        await company.SubmitAsync("officer", new ProgramPaused("focus-time", "the log still works", company.Clock.Now));
        await company.RestartAsync();
    }

    [Fact]
    public async Task a_second_version_by_an_owner_whose_role_was_granted_is_believed_by_agents_and_the_first_ones_chunks_are_still_taken()
    {
        await using var company = await TestCompany.StartAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var under = (await company.BundleAsync("anna", device)).Programs[0];
        var waiting = Chunk(company, device, under);
        await company.GrantAsync("ben", "program-owner");
        await company.ActivateAsync(TestCompany.Charter().Replace("version: 1", "version: 2", StringComparison.Ordinal), "ben");
        Assert.Equal(2, (await company.BundleAsync("anna", device)).Programs[0].Charter.Version);
        Assert.Equal("stored", Assert.Single((await company.UploadAsync("anna", device, waiting)).Outcomes).State);
        await company.SignAskAsync("anna");
        Assert.Single((await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).OrThrow());
    }

    [Fact]
    public async Task the_log_goes_on_when_the_clock_falls_back_over_midnight()
    {
        await using var company = await TestCompany.StartAsync();
        company.Clock.Now = new DateTimeOffset(2026, 11, 3, 0, 0, 1, TimeSpan.Zero);
        var path = $"/api/v1/people/{company.Id("anna")}/records?program=focus-time";
        await company.As("boss").GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, default);
        company.Clock.Now -= TimeSpan.FromSeconds(2);
        Assert.Equal(403, (await company.As("ben").GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
        await company.RestartAsync();
        Assert.Equal(403, (await company.As("snoop").GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, default)).Problem!.Status);
        Assert.True((await FsckAsync(company)).Good);
    }

    [Fact]
    public async Task the_logs_files_are_served_to_auditors_only()
    {
        await using var company = await TestCompany.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await company.Http.GetAsync("/log/checkpoint")).StatusCode);
        Assert.StartsWith("log daylight.log/", await company.Http.GetStringAsync("/log/policy"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await company.Http.GetAsync("/log/tile/entries/000.p/1")).StatusCode);
        Assert.Equal(403, (await company.As("anna").GetBytesAsync("/log/tile/entries/000.p/1", default)).Problem!.Status);
        Assert.NotNull((await company.As("other").GetBytesAsync("/log/tile/entries/000.p/1", default)).Value);
        Assert.Equal(64, (await company.As("other").GetBytesAsync("/log/tile/0/000.p/2", default)).Value!.Length);
        Assert.Equal(404, (await company.As("other").GetBytesAsync("/log/tile/0/001", default)).Problem!.Status);
    }

    [Fact]
    public async Task one_person_is_shown_no_proof_of_anothers_entry()
    {
        await using var company = await TestCompany.StartAsync();
        await company.SignAskAsync("anna");
        var entry = (await company.As("anna").GetAsync("/api/v1/me/records", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Entry;
        Assert.Equal(404, (await company.As("ben").GetAsync($"/api/v1/me/disclosures/{entry}/proof", ProtocolJson.Default.LookProof, default)).Problem!.Status);
        var proof = (await company.As("anna").GetAsync($"/api/v1/me/disclosures/{entry}/proof", ProtocolJson.Default.LookProof, default)).OrThrow();
        Assert.True(TlogProof.TryParse(proof.Proof, out var parsed));
        Assert.True(parsed!.Verify(Convert.FromBase64String(proof.Entry), NoteVerifier.Parse(proof.LogKey), NoteVerifier.Parse(proof.WitnessKey)));
    }

    [Fact]
    public async Task the_directory_and_the_programs_are_told_to_nobody_unknown()
    {
        await using var company = await TestCompany.StartAsync();
        foreach (var path in (string[])["/api/v1/me", "/api/v1/me/team", "/api/v1/me/records", "/api/v1/me/disclosures", "/api/v1/me/last-day", "/api/v1/programs", "/api/v1/agent/bundle", "/api/v1/teams/crew/releases", "/api/v1/people/p/records"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await company.Http.GetAsync(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await company.Http.GetAsync("/api/v1/demo/personas")).StatusCode);
    }

    private static async Task<CredentialKey> SendDayAsync(TestCompany company, string name)
    {
        var device = await company.EnrollDeviceAsync(name);
        await company.UploadAsync(name, device, Chunk(company, device, (await company.BundleAsync(name, device)).Programs[0], name));
        return device;
    }

    private static UploadedChunk Chunk(TestCompany company, CredentialKey device, Daylight.Agent.Trust.VerifiedProgram program, string name = "anna") => ChunkSealer.Records(
        program, company.Id(name), device, "window", "2026-11-02", [new PayloadRecord(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero), 300, new Dictionary<string, string> { ["app"] = "Editor" })]);

    private static async Task ContributeAsync(TestCompany company, string name, int minutes, bool late = false)
    {
        var device = await company.EnrollDeviceAsync(name);
        var program = (await company.BundleAsync(name, device)).Programs[0];
        var payload = new ContributionPayload("2026-W45", new Dictionary<string, IReadOnlyDictionary<string, int>> { ["2026-11-03"] = new Dictionary<string, int> { ["focus-minutes"] = minutes }, ["2026-11-04"] = new Dictionary<string, int> { ["focus-minutes"] = 0 } });
        var before = company.Clock.Now;
        company.Clock.Now = late ? before : new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
        Assert.Equal("stored", Assert.Single((await company.UploadAsync(name, device, ChunkSealer.Contribution(program, company.Id(name), device, payload))).Outcomes).State);
        company.Clock.Now = before;
    }

    private static async Task<IReadOnlyList<ReleaseCell>> CellsAsync(TestCompany company) =>
        (await company.As("boss").GetAsync("/api/v1/teams/crew/releases?program=focus-time&measure=focus-minutes", ProtocolJson.Default.IReadOnlyListReleaseCell, default)).OrThrow();

    private static async Task<IReadOnlyList<LookAtMe>> LooksAsync(TestCompany company, string name) =>
        (await company.As(name).GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, default)).OrThrow();

    private static async Task<LogReport> FsckAsync(TestCompany company, string? shown = null)
    {
        await company.Part<TransparencyLog>().LookAsync(); // the file gets the newest checkpoint when the log has nothing else to do
        var store = new LogStore(company.Database);
        return await LogFsck.RunAsync(shown is null ? store : new Daylight.Cli.Logs.At(store, shown), [NoteVerifier.Parse(company.Root.Log), NoteVerifier.Parse(company.Root.Witness)], null, null, default);
    }

    private static long Count(TestCompany company, string sql)
    {
        using var connection = company.Database.Open();
        return Dapper.SqlMapper.ExecuteScalar<long>(connection, sql);
    }

    private static string Dump(TestCompany company, string table)
    {
        using var connection = company.Database.Open();
        return string.Join('\n', Dapper.SqlMapper.Query(connection, $"SELECT * FROM {table}").SelectMany(row => ((IDictionary<string, object?>)row).Values)
            .Select(v => v is byte[] bytes ? System.Text.Encoding.Latin1.GetString(bytes) : v?.ToString()));
    }

    private static async Task TamperAsync(TestCompany company, string sql, byte[] bytes)
    {
        await using var writer = new Daylight.Storage.GroupCommitWriter(company.Database);
        await writer.WriteAsync((c, t) => Dapper.SqlMapper.Execute(c, sql, new { bytes }, t));
    }

    private static byte[] Flip(byte[] bytes)
    {
        var changed = bytes.ToArray();
        changed[changed.Length / 2] ^= 1;
        return changed;
    }
}
