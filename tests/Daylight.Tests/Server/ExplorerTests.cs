using Daylight.Protocol;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Server;

/// <summary>The log as an auditor reads it: nothing left out, and everything that is said proven.</summary>
public sealed class ExplorerTests : IAsyncLifetime
{
    private TestCompany company = null!;

    private ApiClient Auditor => company.As("other");

    public async ValueTask InitializeAsync() => company = await TestCompany.StartCopyAsync();

    public async ValueTask DisposeAsync() => await company.DisposeAsync();

    [Fact]
    public async Task the_log_and_its_keyholder_sign_the_whole_of_it_and_the_keyholder_counts_what_it_opened()
    {
        var state = (await Auditor.GetAsync("/api/v1/log", ProtocolJson.Default.LogState, default)).OrThrow();
        Assert.True(Checkpoint.TryOpen(state.Checkpoint, out var checkpoint, [.. state.Signers.Select(s => NoteVerifier.Parse(s.Key))]));
        Assert.Equal((checkpoint!.Size, checkpoint.Root.ToString(), checkpoint.Origin), (state.Size, state.Root, state.Origin));
        Assert.Equal([("log", (ulong?)state.Size, false), ("keyholder", state.Size, true)], state.Signers.Select(s => (s.As, s.Size, s.At is not null)));
        Assert.Equal(0, state.Openings);

        company.Channel.Down = true;
        Assert.Null((await Auditor.GetAsync("/api/v1/log", ProtocolJson.Default.LogState, default)).OrThrow().Openings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("public")]
    [InlineData("committed")]
    public async Task paging_back_finds_every_entry_of_the_kind_once(string only)
    {
        for (var i = 0; i < 60; i++)
        {
            await company.GrantAsync("anna", i % 2 == 0 ? "analyst" : "workplace-planner");
            company.Clock.Now += TimeSpan.FromSeconds(1); // the same statement takes effect once
        }

        var (all, wanted) = (await PagesAsync(string.Empty), await PagesAsync(only));
        Assert.Equal(Enumerable.Range(0, (int)all[0].Index + 1).Select(i => (ulong)i).Reverse(), all.Select(e => e.Index));
        Assert.Equal(all.Where(e => only.Length == 0 || e.Kind is not null == (only == "public")), wanted);
        Assert.Contains(wanted, e => e.Kind is null == (only != "public"));
        Assert.Contains(all, e => e is { Kind: "charter-activated", About: TestCompany.Program });
        Assert.DoesNotContain(all, e => e.Kind is null && e.About is not null);
    }

    [Fact]
    public async Task each_entry_comes_with_its_proof_and_one_that_is_not_there_is_not_found()
    {
        var size = (await Auditor.GetAsync("/api/v1/log", ProtocolJson.Default.LogState, default)).OrThrow().Size;
        for (ulong i = 0; i < size; i++)
        {
            var found = (await Auditor.GetAsync($"/api/v1/log/entries/{i}", ProtocolJson.Default.LogEntryProof, default)).OrThrow();
            Assert.True(TlogProof.TryParse(found.Proof, out var proof));
            Assert.True(proof!.Index == i && proof.Verify(Convert.FromBase64String(found.Entry), NoteVerifier.Parse(found.LogKey), NoteVerifier.Parse(found.WitnessKey)), $"entry {i}");
        }

        foreach (var none in (string[])[$"{size}", "-1", "x", "18446744073709551616"])
        {
            Assert.Equal(404, (await Auditor.GetAsync($"/api/v1/log/entries/{none}", ProtocolJson.Default.LogEntryProof, default)).Problem!.Status);
        }
    }

    [Fact]
    public async Task a_log_that_grew_proves_that_it_begins_with_what_it_was()
    {
        var before = (await Auditor.GetAsync("/api/v1/log", ProtocolJson.Default.LogState, default)).OrThrow();
        await company.GrantAsync("anna", "analyst");
        var growth = (await Auditor.GetAsync($"/api/v1/log/consistency?from={before.Size}", ProtocolJson.Default.LogGrowth, default)).OrThrow();
        Assert.True(Checkpoint.TryOpen(growth.Checkpoint, out var now, NoteVerifier.Parse(before.Signers[0].Key)));
        Assert.True(now!.Size > before.Size);
        Assert.True(Merkle.VerifyConsistency(before.Size, now.Size, Of(before.Root), now.Root, [.. growth.Consistency.Select(Of)]));

        foreach (var none in (string[])["", "0", "x", $"{now.Size + 1}"])
        {
            Assert.Equal(400, (await Auditor.GetAsync($"/api/v1/log/consistency?from={none}", ProtocolJson.Default.LogGrowth, default)).Problem!.Status);
        }

        Assert.Equal(400, (await Auditor.GetAsync("/api/v1/log/entries?only=secrets", ProtocolJson.Default.LogPage, default)).Problem!.Status);
        Assert.Equal(400, (await Auditor.GetAsync("/api/v1/log/entries?before=yesterday", ProtocolJson.Default.LogPage, default)).Problem!.Status);
    }

    private static Hash Of(string base64) => Hash.TryParse(base64, out var hash) ? hash : throw new FormatException(base64);

    private async Task<IReadOnlyList<LogEntryView>> PagesAsync(string only)
    {
        var all = new List<LogEntryView>();
        for (var next = string.Empty; ;)
        {
            var page = (await Auditor.GetAsync($"/api/v1/log/entries?only={only}&before={next}", ProtocolJson.Default.LogPage, default)).OrThrow();
            all.AddRange(page.Entries);
            if (page.Before is not { } before)
            {
                return all;
            }

            next = $"{before}";
        }
    }
}
