using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Keyholder;

namespace Daylight.Tests.Server;

/// <summary>Breaking the glass: one approval, one hour, and the person is told at once. And so many approvals of several, and consent.</summary>
public sealed class BreakGlassTests : KeyholderTests
{
    private const string Glass = "role:security/records/break-glass";

    private protected override string? Charter => TestCompany.Charter("""
          - { to: role:security, what: records, fields: [app], needs: { case: true, approvals: [privacy-officer], break-glass: true }, tell: at once }
          - { to: role:auditor, what: records, fields: [app], needs: { case: true, approvals: { any: 2, of: [privacy-officer, works-council, security] } }, tell: within 30d }
        """).Replace("an investigator in", "an investigator, an auditor or security in", StringComparison.Ordinal);

    [Fact]
    public async Task who_breaks_the_glass_has_one_approval_one_hour_and_the_person_knows_at_once()
    {
        await Company.GrantAsync("ben", "security");
        await Company.UploadAsync("anna", Device, ChunkSealer.Records(Program, Company.Id("anna"), Device, "window", "2026-11-02", Records()));
        var wanted = new OpenCase(Root, Now, "glass", Company.Id("ben"), Company.Id("anna"), ["focus-time"], Glass, Day, Day.AddDays(20), Today, Today, "a laptop was stolen");
        Assert.Contains("within 0 days", await Company.RefusesAsync("ben", new CaseOpened(SignedStatement.Sign(wanted with { Tell = Today.AddDays(1) }, Company.KeyOf("ben")))));

        var digest = await OpenCaseAsync(_ => wanted, asker: "ben", bad: false, "officer");
        Assert.Contains("a laptop was stolen", Assert.Single(await Company.NoticesAsync("anna", "case")).Text);
        Assert.Single((await Company.LookAsync("ben", "anna", digest, Glass)).OrThrow());
        Assert.Single(await Company.NoticesAsync("anna", "look"));

        Company.Clock.Now += TimeSpan.FromHours(1);
        Assert.Single((await Company.LookAsync("ben", "anna", digest, Glass)).OrThrow());
        Company.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(["case-over"], (await Company.LookAsync("ben", "anna", digest, Glass)).Problem!.Codes!);
        Assert.Equal("over", Assert.Single(await Company.CasesAsync("ben")).State);
        await RefusedAsync("case-over", await RecordCaseAsync(digest, "ben", a => a with { Rule = Glass }, d => d with { Relation = "security", Tell = Today })); // a server gone bad
    }

    [Fact]
    public async Task a_glass_that_is_to_be_broken_tomorrow_or_to_be_told_later_is_the_keyholders_to_refuse()
    {
        await Company.GrantAsync("ben", "security");
        async Task<KeyholderRequest.Open> RecordAsync(Func<OpenCase, OpenCase> change)
        {
            var digest = await OpenCaseAsync(c => change(c with { Rule = Glass, Until = Today.AddDays(3), Tell = Today }), asker: "ben", bad: true, "officer");
            return await RecordCaseAsync(digest, "ben", a => a with { Rule = Glass }, d => d with { Relation = "security", Tell = Today });
        }

        await RefusedAsync("case-over", await RecordAsync(c => c with { Time = Now.AddHours(3) }));
        await RefusedAsync("tell", await RecordAsync(c => c with { Tell = Today.AddDays(2) }));
        await OpenedAsync(await RecordAsync(c => c));
    }

    [Fact]
    public async Task two_of_three_approvals_are_enough_and_one_is_not()
    {
        await Company.GrantAsync("ben", "security");
        Func<OpenCase, OpenCase> byAuditor = c => c with { Rule = "role:auditor/records" };
        var digest = await OpenCaseAsync(byAuditor, asker: "other", bad: false, "officer");
        Task<KeyholderRequest.Open> LookAsync() => RecordCaseAsync(digest, "other", a => a with { Rule = "role:auditor/records" }, d => d with { Relation = "auditor" });
        await RefusedAsync("approvals", await LookAsync());
        Assert.Single(await Company.CasesAsync("ben")); // this rule names security
        await Company.SubmitAsync("ben", new CaseApproved(SignedStatement.Sign(new ApproveCase(Root, Now, digest, "security"), Company.KeyOf("ben"))));
        await OpenedAsync(await LookAsync());
    }
}
