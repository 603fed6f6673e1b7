using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Lifecycle;

public sealed class DraftTests
{
    private const string Next = "version: 2";

    [Fact]
    public async Task approvers_see_findings_exposure_error_text_and_the_last_period_and_sign_all_of_it()
    {
        await using var company = await TestCompany.StartCopyAsync();
        company.Clock.Now = new DateTimeOffset(2026, 12, 12, 9, 0, 0, TimeSpan.Zero);
        var text = TestCompany.Charter().Replace("version: 1", Next, StringComparison.Ordinal);
        var hash = await ProposeAsync(company, text);
        var draft = (await company.As("officer").GetAsync("/api/v1/programs/focus-time/draft", ProtocolJson.Default.DraftView, default)).OrThrow();
        Assert.Equal((hash, 2, "proposed"), (draft.Charter, draft.Version, draft.State));
        Assert.Contains("What “focus-time” measures", draft.Employees);
        Assert.Equal(["privacy-officer", "works-council"], draft.Missing);
        Assert.NotEmpty(draft.Forecast);
        Assert.Equal(new DateOnly(2026, 11, 2), draft.Facts!.From);
        Assert.Contains("window/app: collected 41 days, never used by a figure or a look at somebody else in them: remove it.", draft.Facts.Advice);
        Assert.Contains("role:investigator/records: in force 41 days, never used in them: remove it.", draft.Facts.Advice);
        var read = System.Text.Json.JsonSerializer.Deserialize(Convert.FromBase64String(draft.Read), ProtocolJson.Default.ExposureRead)!;
        Assert.NotNull(read.Shown);
        Assert.Equal(403, (await company.As("anna").GetAsync("/api/v1/programs/focus-time/draft", ProtocolJson.Default.DraftView, default)).Problem!.Status);

        var other = read with { Shown = new string('0', 64) };
        Assert.Contains("not what this server said", await company.RefusedAsync("officer", Approve(company, "officer", hash, "privacy-officer", other)));
        Assert.Contains("names everything that was shown", await company.RefusedAsync("officer", Approve(company, "officer", hash, "privacy-officer", (await company.ReadAsync("officer", new ChangeWanted(CharterText: text))))));
        await company.SubmitAsync("officer", Approve(company, "officer", hash, "privacy-officer", read));

        // What was signed is kept, byte for byte; what was only read is forgotten when nobody can sign it any more.
        company.Clock.Now += TimeSpan.FromDays(20);
        var later = (await company.As("council").GetAsync("/api/v1/programs/focus-time/draft", ProtocolJson.Default.DraftView, default)).OrThrow();
        Assert.Equal([(read.Shown, null)], later.Decisions.Select(d => (d.Shown, d.Reason)));
        await company.SubmitAsync("council", new CharterRefused(company.Sign("council", new RefuseCharter(company.Root.Fingerprint, company.Clock.Now, "focus-time", hash, "works-council", "nobody uses it"))));
        company.Clock.Now += TimeSpan.FromDays(8);
        await company.Server.RunJobsAsync(default);
        var kept = (await company.As("other").GetBytesAsync("/api/v1/programs/focus-time/shown/" + read.Shown, default)).OrThrow();
        Assert.Equal(read.Shown, Daylight.Transparency.Hash.Of(kept).ToHex());
        Assert.Contains(draft.Forecast[0], System.Text.Json.JsonSerializer.Deserialize(kept, ProtocolJson.Default.DraftView)!.Forecast);
        var unsigned = System.Text.Json.JsonSerializer.Deserialize(Convert.FromBase64String(later.Read), ProtocolJson.Default.ExposureRead)!.Shown;
        Assert.Equal(404, (await company.As("other").GetBytesAsync("/api/v1/programs/focus-time/shown/" + unsigned, default)).Problem!.Status);
        Assert.Equal(404, (await company.As("other").GetBytesAsync("/api/v1/programs/other/shown/" + read.Shown, default)).Problem!.Status);
        Assert.Equal(403, (await company.As("anna").GetBytesAsync("/api/v1/programs/focus-time/shown/" + read.Shown, default)).Problem!.Status);
        var refused = (await company.As("owner").GetAsync("/api/v1/programs/focus-time/draft", ProtocolJson.Default.DraftView, default)).OrThrow();
        Assert.Equal(("refused", "nobody uses it"), (refused.State, refused.Decisions[^1].Reason));
    }

    [Fact]
    public async Task everybody_reads_every_version_who_decided_what_about_it_and_what_it_changed()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var second = TestCompany.Charter().Replace("version: 1", Next, StringComparison.Ordinal);
        var hash = await ProposeAsync(company, second);
        await company.SubmitAsync("council", new CharterRefused(company.Sign("council", new RefuseCharter(company.Root.Fingerprint, company.Clock.Now, "focus-time", hash, "works-council", "nobody uses it"))));
        await company.ActivateAsync(second.Replace(Next, "version: 3", StringComparison.Ordinal).Replace("records: 14d", "records: 7d", StringComparison.Ordinal));

        var versions = (await company.As("anna").GetAsync("/api/v1/programs/focus-time/versions", ProtocolJson.Default.IReadOnlyListVersionView, default)).OrThrow();
        Assert.Equal([(3, "active"), (2, "refused"), (1, "replaced")], versions.Select(v => (v.Version, v.State)));
        Assert.Contains(versions[0].Changes, c => c.StartsWith("- ", StringComparison.Ordinal) && c.Contains('7', StringComparison.Ordinal));
        Assert.Equal(["privacy-officer", "works-council"], versions[0].Decisions.Select(d => d.Role));
        Assert.Equal([("works-council", "nobody uses it")], versions[1].Decisions.Select(d => (d.Role, d.Reason)));
        Assert.Equal((second, null), (versions[1].Text, versions[1].InForce));
        Assert.Empty(versions[2].Changes);
        Assert.Empty((await company.As("anna").GetAsync("/api/v1/programs/nothing/versions", ProtocolJson.Default.IReadOnlyListVersionView, default)).OrThrow());
    }

    [Fact]
    public async Task looks_at_others_count_for_their_rule_and_their_fields()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.SendDayAsync("anna");
        await company.SignAskAsync("anna");
        Assert.Single((await company.LookAsync("anna")).OrThrow());
        var facts = (await company.As("officer").GetAsync("/api/v1/programs/focus-time/facts", ProtocolJson.Default.ProgramFacts, default)).OrThrow();
        Assert.Contains(facts.Unused, u => u is { Stream: "window", Field: "app" }); // a look at oneself justifies nothing
        var digest = await company.HoldAsync("anna", new DateOnly(2026, 12, 1), tell: new DateOnly(2026, 11, 20));
        Assert.Single((await company.LookUnderAsync(digest, "anna")).OrThrow());
        facts = (await company.As("officer").GetAsync("/api/v1/programs/focus-time/facts", ProtocolJson.Default.ProgramFacts, default)).OrThrow();
        Assert.Equal(1, facts.Looks.Single(l => l.Rule == Life.Investigation).Looks);
        Assert.DoesNotContain(facts.Unused, u => u is { Stream: "window", Field: "app" });
    }

    [Fact]
    public async Task bad_steps_are_refused_each_with_its_reason()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var (root, now) = (company.Root.Fingerprint, company.Clock.Now);
        var hash = await ProposeAsync(company, TestCompany.Charter().Replace("version: 1", Next, StringComparison.Ordinal));
        var read = await company.ReadAsync("officer", new ChangeWanted(Charter: hash));
        await company.SubmitAsync("officer", Approve(company, "officer", hash, "privacy-officer", read));
        Assert.Contains("proposal and approvals are by distinct people", await company.RefusedAsync("owner", Approve(company, "owner", hash, "works-council", read)));
        Assert.Contains("does not hold that role", await company.RefusedAsync("officer", Approve(company, "officer", hash, "works-council", read)));
        Assert.Contains("it lacks an approval", await company.RefusedAsync("owner", new CharterActivated(company.Sign("owner", new ActivateCharter(root, now, "focus-time", hash)))));
        Assert.Contains("proposed before", await company.RefusedAsync("owner", new CharterProposed(company.Sign("owner", new ProposeCharter(root, now.AddSeconds(1), "focus-time", hash)), TestCompany.Charter().Replace("version: 1", Next, StringComparison.Ordinal))));
        company.Clock.Now = new DateTimeOffset(2027, 6, 1, 9, 0, 0, TimeSpan.Zero);
        var late = TestCompany.Charter().Replace("version: 1", "version: 3", StringComparison.Ordinal);
        Assert.Contains("the last day of this charter was 2027-05-31", await company.RefusedAsync("owner", new CharterProposed(company.Sign("owner", new ProposeCharter(root, company.Clock.Now, "focus-time", Authority.CharterHash(late))), late)));
        var device = await company.EnrollDeviceAsync("anna");
        var program = Assert.Single((await company.BundleAsync("anna", device)).Programs);
        Assert.Contains("none that the charter collects", Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, program, "2027-06-01"))).Outcomes).Reason);
    }

    private static async Task<string> ProposeAsync(TestCompany company, string text)
    {
        var hash = Authority.CharterHash(text);
        await company.SubmitAsync("owner", new CharterProposed(company.Sign("owner", new ProposeCharter(company.Root.Fingerprint, company.Clock.Now, "focus-time", hash)), text));
        return hash;
    }

    private static CharterApproved Approve(TestCompany company, string by, string hash, string role, ExposureRead read) =>
        new(company.Sign(by, new ApproveCharter(company.Root.Fingerprint, company.Clock.Now, "focus-time", hash, role, read)));
}
