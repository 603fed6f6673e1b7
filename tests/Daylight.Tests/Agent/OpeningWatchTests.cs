using Dapper;
using Daylight.Agent;
using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Agent;

/// <summary>A server that hides a look, or tells of it otherwise, against the agent's check of the keyholder's count.</summary>
public sealed class OpeningWatchTests
{
    [Fact]
    public async Task a_look_that_the_list_leaves_out_is_shown_as_a_warning()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await using var agent = await company.StartAgentAsync("anna", Ports.Free());
        var entry = await LookedAsync(company);
        Assert.Empty((await SeenAsync(company, agent)).Warnings);

        await ForgetAsync(company, "concerns", entry);
        var seen = await SeenAsync(company, agent);
        Assert.Equal((1, entry), (seen.Looks, Assert.Single(seen.Newest).Entry));
        Assert.Equal([$"the keyholder opened your records under entry {entry}, and the list of looks that you are shown leaves it out"], seen.Warnings);
    }

    [Fact]
    public async Task a_look_of_which_the_server_tells_nothing_is_shown_as_a_warning()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await using var agent = await company.StartAgentAsync("anna", Ports.Free());
        var entry = await LookedAsync(company);
        await ForgetAsync(company, "openings", entry);
        await ForgetAsync(company, "concerns", entry);
        var seen = await SeenAsync(company, agent);
        Assert.Contains($"the server does not say what happened under entry {entry}, under which your records were opened", seen.Warnings);
        Assert.Contains($"the keyholder opened your records under entry {entry}, and the list of looks that you are shown leaves it out", seen.Warnings);
    }

    [Fact]
    public void a_look_that_the_list_tells_otherwise_is_named()
    {
        var time = new DateTimeOffset(2026, 11, 2, 9, 0, 0, TimeSpan.Zero);
        var look = new CountedLook(7, time, "investigator", ["security"], ["focus-time"]);
        var line = new LookAtMe(7, "disclosure", time, "investigator", "role:investigator/records", ["security"], ["focus-time"], default, default);
        Assert.Empty(OpeningCheck.Differing([look], [line]));
        Assert.All(
            new[] { line with { Relation = "self" }, line with { Time = time.AddDays(-1) }, line with { Why = ["workload-management"] }, line with { Programs = [] }, line with { Happened = "refusal" } },
            wrong => Assert.Contains("entry 7", Assert.Single(OpeningCheck.Differing([look], [wrong]))));
    }

    [Fact]
    public void a_count_that_never_came_is_missed_after_a_day()
    {
        var since = new DateTimeOffset(2026, 11, 2, 9, 0, 0, TimeSpan.Zero);
        var seen = OpeningsSeen.Never with { Since = since };
        Assert.Empty(OpeningsSeen.Never.WarningsAt(since));
        Assert.Empty(seen.WarningsAt(since.AddDays(1)));
        Assert.Single(seen.WarningsAt(since.AddDays(1).AddSeconds(1)));
    }

    private static async Task<ulong> LookedAsync(TestCompany company)
    {
        using var device = new Enrollment(Path.Combine(company.Folder, "agent-anna")).ReadKey();
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        PayloadRecord[] records = [new(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero), 300, new Dictionary<string, string> { ["app"] = "Editor" })];
        await company.UploadAsync("anna", device, ChunkSealer.Records(program, company.Id("anna"), device, "window", "2026-11-02", records));
        await company.SignAskAsync("anna");
        var look = await company.LookAsync("anna");
        Assert.Single(look.OrThrow());
        return look.Entry!.Value;
    }

    private static Task ForgetAsync(TestCompany company, string table, ulong entry) => company.Part<GroupCommitWriter>().WriteAsync((c, t) =>
#pragma warning disable CA2100 // one of two constants
        c.Execute($"DELETE FROM {table} WHERE idx = @idx", new { idx = (long)entry }, t));
#pragma warning restore CA2100

    private static async Task<OpeningsSeen> SeenAsync(TestCompany company, AgentHost agent)
    {
        await agent.FlushAsync(default);
        using var client = await AgentClient.FindAsync(Path.Combine(company.Folder, "agent-anna"), default);
        return (await client!.StatusAsync(default)).Openings;
    }
}
