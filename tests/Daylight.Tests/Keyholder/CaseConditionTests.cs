using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;

namespace Daylight.Tests.Keyholder;

/// <summary>A look at somebody else: the case, its approvals, and what else the rule asks for. One condition is broken at a time.</summary>
public sealed class CaseConditionTests : KeyholderTests
{
    private protected override string? Charter => TestCompany.Charter("""
          - { to: role:auditor, what: records, fields: [app], needs: { case: true, approvals: [privacy-officer, works-council], step-up: 5m }, tell: within 30d }
          - { to: role:security, what: records, fields: [app], needs: { case: true, approvals: [privacy-officer, works-council], hours: 08:00-18:00 Europe/Berlin }, tell: within 30d }
        """).Replace("an investigator in", "an investigator, an auditor or security in", StringComparison.Ordinal);

    [Fact]
    public async Task an_approved_case_opens_what_its_rule_shows_and_the_subject_sees_it_from_the_tell_date_on()
    {
        var digest = await OpenCaseAsync();
        var open = await RecordCaseAsync(digest);
        Assert.Equal(["app"], (await OpenedAsync(open)).Data.Keys);
        async Task<(int Shown, int Counted)> AnnaSeesAsync() => (
            (await Company.As("anna").GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, default)).OrThrow().Count(l => l.Entry == open.Index),
            (await CountAsync()).Signed.Looks);
        Assert.Equal((0, 0), await AnnaSeesAsync());
        Company.Clock.Now += TimeSpan.FromDays(29);
        Assert.Equal((0, 0), await AnnaSeesAsync());
        Company.Clock.Now += TimeSpan.FromDays(1);
        Assert.Equal((1, 1), await AnnaSeesAsync());
    }

    [Fact]
    public async Task a_case_of_another_asker_subject_rule_program_or_of_other_days_is_none()
    {
        await Company.GrantAsync("ben", "investigator");
        await RefusedAsync("case", await RecordCaseAsync(null));
        await RefusedAsync("case", await RecordCaseAsync(new string('0', 64)));
        await RefusedAsync("case", await RecordCaseAsync(await OpenCaseAsync(asker: "ben")));
        await RefusedAsync("case", await RecordCaseAsync(await OpenCaseAsync(c => c with { Subject = Company.Id("ben") })));
        // A server in its right mind does not record a case that could open nothing; one gone bad does.
        await RefusedAsync("case", await RecordCaseAsync(await OpenCaseAsync(c => c with { Rule = "role:auditor/records" }, bad: true)));
        await RefusedAsync("case", await RecordCaseAsync(await OpenCaseAsync(c => c with { Programs = ["another"] }, bad: true)));
        await RefusedAsync("case", await RecordCaseAsync(await OpenCaseAsync(c => c with { From = Day.AddDays(1) })));
        await RefusedAsync("case", await RecordCaseAsync(await OpenCaseAsync(c => c with { To = Day.AddDays(-1) })));
        await OpenedAsync(await RecordCaseAsync(await OpenCaseAsync(c => c with { From = Day, To = Day })));
    }

    [Fact]
    public async Task a_case_that_was_closed_or_is_over_opens_nothing()
    {
        var closed = await OpenCaseAsync();
        await OpenedAsync(await RecordCaseAsync(closed));
        await Company.SubmitAsync("council", new CaseClosed(SignedStatement.Sign(new CloseCase(Root, Now, closed, "works-council", "done", [Log.Size - 1]), Company.KeyOf("council"))));
        await RefusedAsync("case-over", await RecordCaseAsync(closed));
        var over = await OpenCaseAsync(c => c with { Until = Today.AddDays(2) });
        Company.Clock.Now += TimeSpan.FromDays(2);
        await OpenedAsync(await RecordCaseAsync(over));
        Company.Clock.Now += TimeSpan.FromDays(1);
        await RefusedAsync("case-over", await RecordCaseAsync(over));
    }

    [Fact]
    public async Task a_case_with_one_approval_of_two_opens_nothing()
    {
        await RefusedAsync("approvals", await RecordCaseAsync(await OpenCaseAsync(approvers: "officer")));
        await RefusedAsync("approvals", await RecordCaseAsync(await OpenCaseAsync(approvers: "council")));
    }

    [Fact]
    public async Task an_approval_by_who_asks_is_recorded_by_a_server_gone_bad_and_counts_for_nothing()
    {
        await Company.GrantAsync("boss", "investigator");
        await Company.GrantAsync("boss", "security");
        var wanted = new OpenCase(
            Root, Now, Guid.CreateVersion7().ToString("N"), Company.Id("boss"), Company.Id("anna"), ["focus-time"], CaseRule, Day, Day.AddDays(20), Today.AddDays(60), Today.AddDays(30), "mine");
        var opened = SignedStatement.Sign(wanted, Company.KeyOf("boss"));
        var digest = opened.Digest().ToHex();
        await Log.AppendAsync(new CaseOpened(opened));
        await Log.AppendAsync(new CaseApproved(SignedStatement.Sign(new ApproveCase(Root, Now, digest, "privacy-officer"), Company.KeyOf("officer"))));
        await Log.AppendAsync(new CaseApproved(SignedStatement.Sign(new ApproveCase(Root, Now, digest, "security"), Company.KeyOf("boss"))));
        await RefusedAsync("approvals", await RecordCaseAsync(digest, asker: "boss"));
    }

    [Fact]
    public async Task an_ask_about_somebody_else_opens_once_whatever_entries_carry_it()
    {
        var ask = AskBy("snoop") with { Rule = CaseRule };
        var digest = await OpenCaseAsync();
        var first = await RecordCaseAsync(digest, ask: _ => ask);
        var second = await RecordCaseAsync(digest, ask: _ => ask);
        await OpenedAsync(first);
        await RefusedAsync("used", second);
        await RefusedAsync("used", second);
        await Company.RestartAsync();
        await RefusedAsync("used", second);
    }

    [Fact]
    public async Task a_signature_that_is_older_than_the_rule_allows()
    {
        var digest = await OpenCaseAsync(c => c with { Rule = "role:auditor/records" }, asker: "other");
        Task<KeyholderRequest.Open> RecordOldAsync(TimeSpan age) =>
            RecordCaseAsync(digest, asker: "other", ask: a => a with { Rule = "role:auditor/records", Time = Now - age }, disclosure: d => d with { Relation = "auditor" });
        await RefusedAsync("ask-expired", await RecordOldAsync(TimeSpan.FromMinutes(6))); // ten minutes from its signature, and no longer
        var ask = AskBy("other") with { Rule = "role:auditor/records" };
        Company.Clock.Now += TimeSpan.FromMinutes(5);
        await OpenedAsync(await RecordCaseAsync(digest, "other", _ => ask, d => d with { Relation = "auditor" }));
        ask = AskBy("other") with { Rule = "role:auditor/records" };
        Company.Clock.Now += TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1);
        await RefusedAsync("step-up", await RecordCaseAsync(digest, "other", _ => ask, d => d with { Relation = "auditor" }));
    }

    [Fact]
    public async Task a_rule_with_hours_opens_within_them_by_the_keyholders_clock_and_the_charters_zone()
    {
        await Company.GrantAsync("ben", "security");
        var digest = await OpenCaseAsync(c => c with { Rule = "role:security/records" }, asker: "ben");
        Task<KeyholderRequest.Open> LookAsync() => RecordCaseAsync(digest, "ben", a => a with { Rule = "role:security/records" }, d => d with { Relation = "security" });
        await OpenedAsync(await LookAsync());
        Company.Clock.Now = new DateTimeOffset(Company.Clock.Now.Date.AddDays(1), TimeSpan.Zero).AddHours(6).AddMinutes(59); // 07:59 in Berlin
        await RefusedAsync("hours", await LookAsync());
        Company.Clock.Now += TimeSpan.FromMinutes(1);
        await OpenedAsync(await LookAsync());
        Company.Clock.Now += TimeSpan.FromHours(10);
        await RefusedAsync("hours", await LookAsync());
    }
}
