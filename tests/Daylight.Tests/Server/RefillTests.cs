using Dapper;
using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Storage.PostgreSql;
using Daylight.Tests.Company;
using Microsoft.Data.Sqlite;

namespace Daylight.Tests.Server;

/// <summary>
/// An older copy of the server's database is put back: a restored backup, or a replica that was promoted before it had everything. What the keyholder has
/// followed is the log; the server fills up from it, and never tells a second history.
/// </summary>
public sealed class RefillTests
{
    public static TheoryData<DatabaseKind> Both => [DatabaseKind.Sqlite, DatabaseKind.PostgreSql];

    [Theory, MemberData(nameof(Both))]
    public async Task an_older_copy_is_filled_up_from_the_keyholder(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        var older = await TestCopies.TakeAsync(company);

        // What the copy does not know: looks, refusals, a role, a machine, a purge.
        for (var i = 0; i < 3; i++)
        {
            Assert.Single((await company.LookAsync("anna")).OrThrow());
        }

        await company.As("boss").GetAsync($"/api/v1/people/{company.Id("anna")}/records?program=focus-time", ProtocolJson.Default.IReadOnlyListShownRecord, default);
        await company.GrantAsync("ben", "auditor");
        var machine = await company.EnrollDeviceAsync("emil");
        company.Clock.Now += TimeSpan.FromDays(16);
        await company.Server.RunJobsAsync(default);
        var (looks, entries, size) = (await company.WhoLookedAsync("anna"), company.Part<LogStore>().Entries(0, 100_000), company.Part<LogStore>().Size());
        Assert.Equal((4, 1), (looks.Count(l => l.Happened == "disclosure"), looks.Count(l => l.Happened == "refusal")));

        await company.RestartAsync(() => TestCopies.PutBack(company, older));
        await company.ReadyAsync();
        Assert.Equal(entries, company.Part<LogStore>().Entries(0, size));
        Assert.Equal(looks.Select(Shown), (await company.WhoLookedAsync("anna")).Select(Shown));
        Assert.Contains("auditor", (await company.As("ben").GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).OrThrow().Roles);
        Assert.Single((await company.BundleAsync("emil", machine)).Programs);
        Assert.Equal(409, (await Assert.ThrowsAsync<ApiException>(() => company.EnrollDeviceAsync("emil"))).Problem.Status);
        await company.VerifiedAsync();

        // What was past its day is so again, and goes with the next run.
        await company.Server.RunJobsAsync(default);
        Assert.Equal(0L, Count(company, "SELECT COUNT(*) FROM chunks WHERE kind = 'records'"));
        await company.SignAskAsync("anna");
        Assert.Empty((await company.LookAsync("anna")).OrThrow());
        await company.VerifiedAsync();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task entries_that_were_never_published_give_way_to_what_the_keyholder_followed(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        var older = await TestCopies.TakeAsync(company);
        company.Channel.Down = true;
        Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status);
        var otherwise = await TestCopies.TakeAsync(company);
        await company.RestartAsync(() => TestCopies.PutBack(company, older));
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        var (looks, entries, size) = (await company.WhoLookedAsync("anna"), company.Part<LogStore>().Entries(0, 100_000), company.Part<LogStore>().Size());

        await company.RestartAsync(() => TestCopies.PutBack(company, otherwise));
        await company.ReadyAsync();
        Assert.Equal(entries, company.Part<LogStore>().Entries(0, size));
        Assert.Equal(looks.Select(Shown), (await company.WhoLookedAsync("anna")).Select(Shown));
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        await company.VerifiedAsync();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task another_published_history_is_never_published_again(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        var (older, olderKeyholder) = (await TestCopies.TakeAsync(company), TestCopies.TakeKeyholder(company));
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        var keyholder = TestCopies.TakeKeyholder(company);

        // Both put back together go on with a history of their own.
        await company.RestartAsync(() =>
        {
            TestCopies.PutBack(company, older);
            TestCopies.PutBackKeyholder(company, olderKeyholder);
        });
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        var published = company.Part<LogStore>().Checkpoint();

        // The keyholder that followed the first one is asked about the second.
        await company.RestartAsync(() => TestCopies.PutBackKeyholder(company, keyholder));
        await company.NotReadyAsync("another history");
        Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status);
        Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("officer", new ProgramPaused("focus-time", "a test", company.Clock.Now)))).Problem.Status);
        await company.HearAsync();
        await company.NotReadyAsync("another history");
        Assert.Equal(published, company.Part<LogStore>().Checkpoint());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task a_week_that_was_released_before_reads_the_same_after_an_older_copy_was_put_back(DatabaseKind kind)
    {
        await using var company = await TestCompany.StartAsync(kind);
        company.Clock.Now = new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
        foreach (var (name, minutes) in new[] { ("anna", 100), ("ben", 200), ("cleo", 300), ("dora", 400), ("emil", 500) })
        {
            await ContributeAsync(company, name, minutes);
        }

        var older = await TestCopies.TakeAsync(company);
        company.Clock.Now = new DateTimeOffset(2026, 11, 13, 0, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        var released = await CellsAsync(company);
        Assert.Equal((300, 5), Assert.Single(released) is var cell ? (cell.Value, cell.People) : default);

        await company.RestartAsync(() => TestCopies.PutBack(company, older));
        await company.Server.RunJobsAsync(default);
        Assert.Equal(released, await CellsAsync(company));
        await company.VerifiedAsync();
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, false)]
    [InlineData(DatabaseKind.Sqlite, true)]
    [InlineData(DatabaseKind.PostgreSql, true)]
    public async Task a_keyholder_that_is_lost_is_replaced_on_the_signatures_of_two_root_approvers(DatabaseKind kind, bool afterALook)
    {
        await using var company = await TestCompany.StartAsync(kind);
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        company.Channel.Down = true;
        if (afterALook)
        {
            Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status); // leaves an entry that the lost one never saw
        }

        await company.RestartAsync(() => TestCopies.LoseKeyholder(company));
        await company.NotReadyAsync("keyholder change");
        Assert.Equal(503, (await company.LookAsync("anna")).Problem?.Status);
        var change = new ChangeKeyholder(company.Root.Fingerprint, company.Clock.Now, company.Keyholder.StatementKey, company.Keyholder.WitnessKey, "lost");
        var alone = await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync("officer", new KeyholderChanged(SignedStatement.Sign(change, company.KeyOf("officer")))));
        Assert.Equal(409, alone.Problem.Status);
        await company.SubmitAsync("officer", new KeyholderChanged(SignedStatement.Sign(change, company.KeyOf("officer"), company.KeyOf("council"))));
        await company.HearAsync();
        await company.ReadyAsync();

        // What was sealed to the lost one's keys stays shut.
        var look = await company.LookAsync("anna");
        Assert.Empty(look.OrThrow());
        Assert.Contains("did not open", look.Notice);
        await company.HearAsync();
        var report = await Daylight.Transparency.LogFsck.RunAsync(
            new LogStore(company.Database), [Daylight.Transparency.NoteVerifier.Parse(company.Root.Log), Daylight.Transparency.NoteVerifier.Parse(company.Keyholder.WitnessKey)], null, null, default);
        Assert.True(report.Good, string.Join('\n', report.Problems));
    }

    private static (ulong Entry, string Happened, string Relation, DateTimeOffset Time) Shown(LookAtMe look) => (look.Entry, look.Happened, look.Relation, look.Time);

    private static long Count(TestCompany company, string sql)
    {
        using var connection = company.Database.Open();
        return connection.ExecuteScalar<long>(sql);
    }

    private static async Task ContributeAsync(TestCompany company, string name, int minutes)
    {
        var device = await company.EnrollDeviceAsync(name);
        var program = (await company.BundleAsync(name, device)).Programs[0];
        var payload = new ContributionPayload("2026-W45", new Dictionary<string, IReadOnlyDictionary<string, int>> { ["2026-11-03"] = new Dictionary<string, int> { ["focus-minutes"] = minutes }, ["2026-11-04"] = new Dictionary<string, int> { ["focus-minutes"] = 0 } });
        Assert.Equal("stored", Assert.Single((await company.UploadAsync(name, device, ChunkSealer.Contribution(program, company.Id(name), device, payload))).Outcomes).State);
    }

    private static async Task<IReadOnlyList<ReleaseCell>> CellsAsync(TestCompany company) =>
        (await company.As("boss").GetAsync("/api/v1/teams/crew/releases?program=focus-time&measure=focus-minutes", ProtocolJson.Default.IReadOnlyListReleaseCell, default)).OrThrow();
}

/// <summary>Copies of a running company's databases, and putting them back while it is stopped.</summary>
internal static class TestCopies
{
    /// <summary>Copies the server's database while it runs: a backup.</summary>
    public static async Task<string> TakeAsync(TestCompany company)
    {
        if (!company.Database.IsShared)
        {
            return CopyFile(company, Path.Combine(company.Folder, "server", "server.db"));
        }

        var copy = CopyDatabase(company.Database);
        await Eventually.HoldsAsync(async () =>
        {
            await company.HearAsync();
            return company.Part<TransparencyLog>().Trouble is null or "The keyholder cannot be reached.";
        });
        return copy;
    }

    /// <summary>Copies the keyholder's database while it runs.</summary>
    public static string TakeKeyholder(TestCompany company) => CopyFile(company, company.KeyholderFile);

    /// <summary>Puts a copy in the place of the server's database.</summary>
    public static void PutBack(TestCompany company, string copy)
    {
        if (company.Database.IsShared)
        {
            ReplaceDatabase(company.Database, copy);
        }
        else
        {
            ReplaceFile(Path.Combine(company.Folder, "server", "server.db"), copy);
        }
    }

    /// <summary>Puts a copy in the place of the keyholder's database.</summary>
    public static void PutBackKeyholder(TestCompany company, string copy) => ReplaceFile(company.KeyholderFile, copy);

    /// <summary>Deletes the keyholder's database: the next start makes another keyholder.</summary>
    public static void LoseKeyholder(TestCompany company)
    {
        SqliteConnection.ClearAllPools();
        foreach (var side in (string[])["", "-wal", "-shm"])
        {
            File.Delete(company.KeyholderFile + side);
        }
    }

    /// <summary>Ends every connection to a database, as a restart of PostgreSQL does.</summary>
    public static void DropConnections(IDatabase database)
    {
        var name = NameOf(database);
        Maintain(connection => Terminate(connection, name));
    }

    private static string CopyFile(TestCompany company, string file)
    {
        var copy = Path.Combine(company.Folder, $"{Path.GetFileName(file)}.{Guid.CreateVersion7():N}");
        using var connection = new SqliteDatabase(file, readOnly: true).Open();
        connection.Execute("VACUUM INTO @copy", new { copy });
        return copy;
    }

    private static void ReplaceFile(string file, string copy)
    {
        SqliteConnection.ClearAllPools(); // they would go on with the file that was there
        foreach (var side in (string[])["", "-wal", "-shm"])
        {
            File.Delete(file + side);
        }

        File.Copy(copy, file);
    }

    private static string CopyDatabase(IDatabase database)
    {
        var (name, copy) = (NameOf(database), "c" + Guid.CreateVersion7().ToString("N"));
        Maintain(connection =>
        {
            // A template may have no connections; the server finds its way back, as after a restart of PostgreSQL.
            connection.Execute($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
            Terminate(connection, name);
            connection.Execute($"CREATE DATABASE {copy} TEMPLATE {name}");
            connection.Execute($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        });
        Reconnect(database);
        return copy;
    }

    private static void ReplaceDatabase(IDatabase database, string copy)
    {
        var name = NameOf(database);
        Maintain(connection =>
        {
            connection.Execute($"DROP DATABASE {name} WITH (FORCE)");
            connection.Execute($"CREATE DATABASE {name} TEMPLATE {copy}");
        });
        Reconnect(database);
    }

    /// <summary>Uses up the pool's connections that lead nowhere any more.</summary>
    private static void Reconnect(IDatabase database)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                _ = NameOf(database);
                return;
            }
            catch (Npgsql.NpgsqlException) when (attempt < 100)
            {
                // That one was from before.
            }
        }
    }

    private static void Terminate(System.Data.Common.DbConnection connection, string name) =>
        connection.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = @name", new { name });

    private static string NameOf(IDatabase database)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<string>("SELECT current_database()")!;
    }

    private static void Maintain(Action<System.Data.Common.DbConnection> work)
    {
        using var database = new PostgreSqlDatabase(Environment.GetEnvironmentVariable(TestDatabases.Variable)!.Replace("{db}", "postgres", StringComparison.Ordinal));
        using var connection = database.Open();
        work(connection);
    }
}
