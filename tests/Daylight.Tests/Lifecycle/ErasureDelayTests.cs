using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Lifecycle;

public sealed class ErasureDelayTests
{
    [Fact]
    public async Task a_hold_delays_an_erasure_says_so_and_opens_to_nobody_else_meanwhile()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"));
        var digest = await company.HoldAsync("anna", new DateOnly(2026, 11, 10), tell: new DateOnly(2026, 11, 2));
        company.Clock.Now += TimeSpan.FromMinutes(1);
        var said = (await company.As("anna").PostAsync("/api/v1/events", new SubmitEvent(company.Erasure("anna", "focus-time")), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, default)).OrThrow();
        Assert.Contains("focus-time waits: an approved case keeps it until 2026-11-10", said.Says);
        Assert.Contains("a lawsuit", said.Says);

        await company.SignAskAsync("anna");
        Assert.Empty((await company.LookAsync("anna")).OrThrow());
        Assert.Single((await company.LookUnderAsync(digest, "anna")).OrThrow());
        var after = (await company.BundleAsync("anna", device)).Programs[0];
        Assert.Equal(program.Epoch + 1, after.Epoch); // who is still covered goes on under another key
        await company.UploadAsync("anna", device, company.Day("anna", device, after, "2026-11-02"));
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        Assert.Equal("stored", Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"))).Outcomes).State); // the hold's case may open it

        company.Clock.Now = new DateTimeOffset(2026, 11, 11, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        var erasure = Assert.Single((await company.As("anna").GetAsync("/api/v1/me/erasures", ProtocolJson.Default.IReadOnlyListErasureView, default)).OrThrow());
        Assert.Null(erasure.Waiting);
        Assert.Equal(["focus-time"], Assert.Single(erasure.Certificates).Programs);
        Assert.Equal(1L, company.Count("SELECT COUNT(*) FROM chunks")); // what was sealed to the next key stays, and opens
        var late = Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"))).Outcomes);
        Assert.Equal(("refused", 1L), (late.State, company.Count("SELECT COUNT(*) FROM chunks")));
        Assert.Contains("key was destroyed", late.Reason);
        await company.SignAskAsync("anna");
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM settings WHERE name LIKE 'erasure %'"));
    }

    [Fact]
    public async Task a_hold_of_which_the_person_is_not_told_yet_is_not_told_by_an_erasure()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.SendDayAsync("anna");
        await company.HoldAsync("anna", new DateOnly(2026, 12, 10), tell: new DateOnly(2026, 11, 30));
        var said = (await company.As("anna").PostAsync("/api/v1/events", new SubmitEvent(company.Erasure("anna", "focus-time")), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, default)).OrThrow();
        Assert.Contains("you are told by 2026-11-30", said.Says);
        Assert.DoesNotContain("lawsuit", said.Says);
        Assert.DoesNotContain("2026-12-10", said.Says);
    }

    [Fact]
    public async Task what_no_hold_keeps_is_erased_at_once_and_certified_by_itself()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.Charter("second"));
        await company.SendDayAsync("anna");
        await company.HoldAsync("anna", new DateOnly(2026, 11, 10), tell: new DateOnly(2026, 11, 2));
        await company.SubmitAsync("anna", company.Erasure("anna", "focus-time", "second"));
        var erasure = Assert.Single((await company.As("anna").GetAsync("/api/v1/me/erasures", ProtocolJson.Default.IReadOnlyListErasureView, default)).OrThrow());
        Assert.Equal(["second"], Assert.Single(erasure.Certificates).Programs);
        Assert.Contains("focus-time waits", erasure.Waiting);
        company.Clock.Now = new DateTimeOffset(2026, 11, 11, 9, 0, 0, TimeSpan.Zero);
        await company.RestartAsync();
        await company.Server.RunJobsAsync(default);
        erasure = Assert.Single((await company.As("anna").GetAsync("/api/v1/me/erasures", ProtocolJson.Default.IReadOnlyListErasureView, default)).OrThrow());
        Assert.Equal((2, null), (erasure.Certificates.Count, erasure.Waiting));
        Assert.Equal(0L, company.Count("SELECT COUNT(*) FROM chunks"));
    }

    [Fact]
    public async Task an_unknown_person_or_program_is_refused_by_name()
    {
        await using var company = await TestCompany.StartCopyAsync();
        Assert.Contains("there never was a program 'nothing'", await company.RefusedAsync("anna", company.Erasure("anna", "nothing")));
        var nobody = new KeysDestroyed(company.Sign("officer", new DestroyKeys(company.Root.Fingerprint, company.Clock.Now, "nobody", ["focus-time"], "privacy-officer", "gone")));
        Assert.Contains("there is nobody of that id", await company.RefusedAsync("officer", nobody));
    }
}
