using Daylight.Core.Access;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Tests.Company;
using Daylight.Tests.Server;

namespace Daylight.Tests.Lifecycle;

public sealed class AccessReviewTests
{
    private static readonly DateOnly Due = new(2026, 12, 2);

    [Fact]
    public async Task what_nobody_confirms_is_over_by_itself_for_server_keyholder_and_machines()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var campaign = await OpenAsync(company);
        var items = await ItemsAsync(company, campaign, "officer");
        Assert.Equal(["other auditor", "snoop investigator"], items.Where(i => i.Kind == "role").Select(i => $"{i.Name} {i.What}").Order());
        Assert.Equal(["manager/focus-minutes", "role:investigator/records"], items.Where(i => i.Kind == "rule").Select(i => i.What).Order());
        Assert.All(items, i => Assert.Null(i.LastUse));

        await company.SubmitAsync("officer", Review(company, campaign, items.Single(i => i.Name == "snoop"), "keep"));
        await company.SubmitAsync("officer", Review(company, campaign, items.Single(i => i.What == "manager/focus-minutes"), "keep"));
        company.Clock.Now = new DateTimeOffset(2026, 12, 3, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(new AccessReviewClosed(campaign, 2, 0, 0, 2), Assert.Single(company.Logged<AccessReviewClosed>()));
        Assert.Empty((await company.As("other").GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).OrThrow().Roles);
        Assert.Equal(["investigator"], (await company.As("snoop").GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).OrThrow().Roles);

        // The investigator's rule is gone: at the gate, and on the machine nothing is collected for it alone.
        var world = company.Part<Daylight.Server.Features.Exposure.Worlds>().Current;
        Assert.DoesNotContain(Assert.Single(world.Programs).Charter.Show, r => r.Name == Life.Investigation);
        var device = await company.EnrollDeviceAsync("anna");
        var program = Assert.Single((await company.BundleAsync("anna", device)).Programs);
        Assert.Equal([Life.Investigation], program.Choice.Lapsed);
        Assert.DoesNotContain(program.Charter.Show, r => r.Name == Life.Investigation);
        Assert.Contains(program.Charter.Show, r => r.Name == "self/records");
    }

    [Fact]
    public async Task one_at_a_time_in_time_once_and_nobody_their_own()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.GrantAsync("anna", "privacy-officer");
        company.Clock.Now += TimeSpan.FromMinutes(1);
        var campaign = await OpenAsync(company);
        Assert.DoesNotContain(await ItemsAsync(company, campaign, "anna"), i => i.Name == "anna");
        var snoop = (await ItemsAsync(company, campaign, "officer")).Single(i => i.Name == "snoop");
        var anna = (await ItemsAsync(company, campaign, "officer")).Single(i => i.Name == "anna");
        Assert.Contains("nobody reviews a role of their own", await company.RefusedAsync("anna", new RoleReviewed(company.Sign("anna", Statement(company, campaign, anna, "keep")))));
        Assert.Contains("reviewed by a privacy-officer", await company.RefusedAsync("boss", new RoleReviewed(company.Sign("boss", Statement(company, campaign, snoop, "keep")))));
        Assert.Contains("what is kept stays", await company.RefusedAsync("officer", new RoleReviewed(company.Sign("officer", Statement(company, campaign, snoop, "keep") with { Until = snoop.Until!.Value.AddDays(1) }))));
        Assert.Contains("narrower is", await company.RefusedAsync("officer", new RoleReviewed(company.Sign("officer", Statement(company, campaign, snoop, "narrow")))));
        await company.SubmitAsync("officer", new RoleReviewed(company.Sign("officer", Statement(company, campaign, snoop, "narrow") with { Scope = "team:crew", Until = new DateOnly(2027, 1, 31) })));
        company.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Contains("reviewed in this campaign", await company.RefusedAsync("officer", new RoleReviewed(company.Sign("officer", Statement(company, campaign, snoop, "keep") with { Scope = "team:crew", Until = new DateOnly(2027, 1, 31) }))));
        await company.SubmitAsync("council", new RoleReviewed(company.Sign("council", Statement(company, campaign, (await ItemsAsync(company, campaign, "council")).Single(i => i.Name == "other"), "revoke"))));
        Assert.Empty((await company.As("other").GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).OrThrow().Roles);
        var held = company.Part<TransparencyLog>().Read(a => a.HeldBy(company.Id("snoop")).Single());
        Assert.Equal(("team:crew", new DateOnly(2027, 1, 31)), (held.Scope, held.Until));
        var seen = Assert.Single((await company.As("ben").GetAsync("/api/v1/access-reviews", ProtocolJson.Default.IReadOnlyListAccessReviewView, default)).OrThrow());
        Assert.Equal((0, 1, 1, null, null), (seen.Kept, seen.Narrowed, seen.Revoked, seen.Lapsed, seen.Waiting));
        Assert.Equal(403, (await company.As("ben").GetAsync($"/api/v1/access-reviews/{campaign}/items", ProtocolJson.Default.IReadOnlyListAccessItem, default)).Problem!.Status);
    }

    [Fact]
    public async Task a_campaign_opens_once_a_quarter_where_the_company_has_them()
    {
        await using var company = await TestCompany.StartCopyAsync();
        company.AccessReviewDays = 30;
        await company.RestartAsync();
        await company.Server.RunJobsAsync(default);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(new AccessReviewOpened("2026-Q4", Due), Assert.Single(company.Logged<AccessReviewOpened>()));
        Assert.Contains((await company.As("officer").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow(), n => n.Kind == "access-review");
        company.Clock.Now = new DateTimeOffset(2027, 1, 2, 9, 0, 0, TimeSpan.Zero);
        await company.Server.RunJobsAsync(default);
        Assert.Equal(["2026-Q4", "2027-Q1"], company.Logged<AccessReviewOpened>().Select(o => o.Quarter));
    }

    private static async Task<ulong> OpenAsync(TestCompany company) => (await company.Part<TransparencyLog>().AppendAsync(new AccessReviewOpened("2026-Q4", Due))).Index;

    private static async Task<IReadOnlyList<AccessItem>> ItemsAsync(TestCompany company, ulong campaign, string name) =>
        (await company.As(name).GetAsync($"/api/v1/access-reviews/{campaign}/items", ProtocolJson.Default.IReadOnlyListAccessItem, default)).OrThrow();

    private static LogEvent Review(TestCompany company, ulong campaign, AccessItem item, string outcome) => item.Kind == "role"
        ? new RoleReviewed(company.Sign("officer", Statement(company, campaign, item, outcome)))
        : new RuleReviewed(company.Sign("officer", new ReviewRule(company.Root.Fingerprint, company.Clock.Now, campaign, item.Name, item.Charter!, item.What, outcome, item.As)));

    private static ReviewRole Statement(TestCompany company, ulong campaign, AccessItem item, string outcome) =>
        new(company.Root.Fingerprint, company.Clock.Now, campaign, item.Person, item.What, item.Granted, outcome, item.Until!.Value, item.As, item.Scope);
}
