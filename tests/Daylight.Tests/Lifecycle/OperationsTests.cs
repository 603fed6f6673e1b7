using Daylight.Protocol;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Tests.Company;

namespace Daylight.Tests.Lifecycle;

/// <summary>What an operator sees: counts of what runs, and of nobody.</summary>
public sealed class OperationsTests : IAsyncLifetime
{
    private TestCompany company = null!;

    public async ValueTask InitializeAsync()
    {
        company = await TestCompany.StartCopyAsync();
        await company.GrantAsync("anna", "operator");
    }

    public async ValueTask DisposeAsync() => await company.DisposeAsync();

    [Fact]
    public async Task machines_jobs_and_programs_are_counted_and_nobody_is_named()
    {
        await company.EnrollDeviceAsync("anna");
        await company.Server.RunJobsAsync(default);
        var now = await ReadAsync();
        Assert.Equal(("ready", 1, 0, 0L), (now.Health.State, now.Machines, now.Connected, now.Confirmed));
        Assert.Equal([TestCompany.Program], now.Received.Select(r => r.Program));
        Assert.All(now.Jobs, j => Assert.NotNull(j.LastRun));
        Assert.True(now.FreeBytes > 0);
        var text = (await company.As("anna").GetTextAsync("/api/v1/operations", default)).OrThrow();
        Assert.All(company.People, p => Assert.DoesNotContain(p.Id, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_keyholder_that_is_away_shows_in_health()
    {
        company.Channel.Down = true;
        await company.EventuallyAsync(() => company.Part<TransparencyLog>() is var log && (log.Trouble ?? log.KeyholderTrouble) is not null);
        var now = await ReadAsync();
        Assert.NotEqual("ready", now.Health.State);
        Assert.NotEmpty(now.Health.Problems);
    }

    [Fact]
    public async Task a_node_is_there_as_long_as_it_says_so_late_after_minutes_and_forgotten_after_a_day()
    {
        var folder = Directory.CreateTempSubdirectory("daylight-nodes-").FullName;
        var database = TestDatabases.Create(DatabaseKind.PostgreSql, folder);
        Migrations.Apply(database, typeof(Nodes).Assembly);
        await using var writer = new GroupCommitWriter(database);
        using Nodes killed = new(database, writer, company.Clock), other = new(database, writer, company.Clock);
        await killed.SayAsync();
        await other.SayAsync();
        Assert.True(other.All() is [{ IsThis: true, IsLate: false }, { IsThis: false, IsLate: false }]);
        Assert.Equal(Nodes.Version, other.All()[0].Version);
        company.Clock.Now += TimeSpan.FromMinutes(5);
        await other.SayAsync();
        Assert.True(other.All() is [{ IsLate: false }, { IsLate: true }]);
        company.Clock.Now += TimeSpan.FromDays(1);
        await other.SayAsync();
        Assert.True(other.All() is [{ IsThis: true, IsLate: false }]);
        await other.StopAsync(default);
        Assert.Empty(other.All());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task of_an_embedded_file_the_process_that_was_killed_is_forgotten_at_the_next_start()
    {
        await company.EventuallyAsync(() => company.Part<Nodes>().All().Count == 1);
        await using var writer = new GroupCommitWriter(company.Database);
        using var next = new Nodes(company.Database, writer, company.Clock);
        await next.SayAsync();
        Assert.True(next.All() is [{ IsThis: true }]);
    }

    private async Task<OperationsView> ReadAsync() => (await company.As("anna").GetAsync("/api/v1/operations", ProtocolJson.Default.OperationsView, default)).OrThrow();
}
