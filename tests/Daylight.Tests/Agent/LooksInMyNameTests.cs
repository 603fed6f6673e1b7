using Dapper;
using Daylight.Agent;
using Daylight.Agent.Sending;
using Daylight.Storage;
using Daylight.Tests.Keyholder;
using Daylight.Tests.Server;

namespace Daylight.Tests.Agent;

/// <summary>What was opened with somebody's signature, on that somebody's machine: a server that had them sign something else cannot keep it from them.</summary>
public sealed class LooksInMyNameTests : KeyholderTests
{
    [Fact]
    public async Task every_look_in_ones_name_is_shown_and_one_that_is_kept_back_is_a_warning()
    {
        var port = Ports.Free();
        await using var agent = await Company.StartAgentAsync("snoop", port);
        await Company.UploadAsync("anna", Device, ChunkSealer.Records(Program, Company.Id("anna"), Device, "window", "2026-11-02", Records()));
        var digest = await OpenCaseAsync();
        var opened = await Company.LookAsync("snoop", "anna", digest);
        Assert.Single(opened.OrThrow());
        var first = opened.Entry!.Value;
        await agent.FlushAsync(default);
        using var client = await AgentClient.FindAsync(Path.Combine(Company.Folder, "agent-snoop"), default);
        var seen = (await client!.StatusAsync(default)).Openings;
        var look = Assert.Single(seen.Mine!);
        Assert.Equal((1, first, Company.Id("anna"), "role:investigator/records"), (seen.Asked, look.Entry, look.Subject, look.Rule));
        Assert.Empty(seen.Warnings);
        using (var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") })
        {
            Assert.Contains("One look at somebody else was opened with a signature of yours", await http.GetStringAsync(new Uri("/looked", UriKind.Relative)), StringComparison.Ordinal);
        }

        var second = (await Company.LookAsync("snoop", "anna", digest)).Entry!.Value;
        await Company.Part<GroupCommitWriter>().WriteAsync((c, t) => c.Execute("DELETE FROM openings WHERE idx = @idx", new { idx = (long)second }, t));
        await agent.FlushAsync(default);
        seen = (await client.StatusAsync(default)).Openings;
        Assert.Equal(2, seen.Asked);
        Assert.Contains($"the server does not say what happened under entry {second}, a look in your name", seen.Warnings);
    }
}
