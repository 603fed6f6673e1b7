using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Log;
using Daylight.Tests.Keyholder;

namespace Daylight.Tests.Server;

/// <summary>The life of a case, as those who take part in it meet it, and who may take no part.</summary>
public sealed class CaseTests : KeyholderTests
{
    [Fact]
    public async Task a_case_waits_for_its_approvals_then_shows_the_rules_fields_and_ends_with_the_list_of_its_looks()
    {
        await UploadAsync();
        var digest = await OpenOnlyAsync();
        Assert.Equal(("waiting", "approvals"), await StateAsync(digest));
        Assert.Equal(["approvals"], (await Company.LookAsync("snoop", "anna", digest)).Problem!.Codes!);
        await ApproveAsync(digest, "officer", "privacy-officer");
        Assert.Equal(["approvals"], (await Company.LookAsync("snoop", "anna", digest)).Problem!.Codes!);
        await ApproveAsync(digest, "council", "works-council");
        Assert.Equal(("open", null), await StateAsync(digest));

        var look = await Company.LookAsync("snoop", "anna", digest);
        Assert.Equal(["app"], Assert.Single(look.OrThrow()).Data.Keys);
        Assert.Equal([look.Entry!.Value], Assert.Single(await Company.CasesAsync("officer")).Looks.Select(l => l.Entry));
        Assert.Equal(["privacy-officer", "works-council"], Assert.Single(await Company.CasesAsync("council")).Approved);

        Assert.Contains("everything that was looked at", await Company.RefusesAsync("snoop", Close(digest, "snoop", "asker")));
        Assert.Contains("everything that was looked at", await Company.RefusesAsync("council", Close(digest, "council", "works-council", look.Entry.Value, 0)));
        await Company.SubmitAsync("snoop", Close(digest, "snoop", "asker", look.Entry.Value));
        Assert.Equal("closed", (await StateAsync(digest)).State);
        Assert.Equal(["case-over"], (await Company.LookAsync("snoop", "anna", digest)).Problem!.Codes!);
    }

    [Fact]
    public async Task nobody_sees_a_case_but_who_asked_and_who_may_decide_on_it()
    {
        await Company.GrantAsync("ben", "security"); // a role that approves, though not by this charter
        await OpenOnlyAsync();
        await OpenOnlyAsync(c => c with { Subject = Company.Id("officer"), Reason = "about the officer" });
        Assert.Equal(2, (await Company.CasesAsync("snoop")).Count);
        Assert.Equal(2, (await Company.CasesAsync("council")).Count);
        Assert.Equal("a test", Assert.Single(await Company.CasesAsync("officer")).Reason);
        foreach (var name in (string[])["anna", "boss", "other", "ben", "owner"])
        {
            Assert.Empty(await Company.CasesAsync(name));
        }

        Assert.Equal(401, (await ApiClient.WithToken(Company.Http, null).GetAsync("/api/v1/cases", ProtocolJson.Default.IReadOnlyListCaseView, default)).Problem!.Status);
    }

    [Fact]
    public async Task the_person_is_told_on_the_day_and_not_one_before_also_when_all_who_took_part_have_left()
    {
        await UploadAsync();
        var digest = await OpenCaseAsync();
        var look = await Company.LookAsync("snoop", "anna", digest);
        Assert.Single(look.OrThrow());
        foreach (var name in (string[])["snoop", "officer", "council"])
        {
            await Company.EditAsync(name, leaves: true);
        }

        Company.Clock.Now += TimeSpan.FromDays(29);
        Assert.Empty(await Company.NoticesAsync("anna", "look", "case"));
        Assert.DoesNotContain(await Company.LooksAsync("anna"), l => l.Happened is "disclosure" or "case-opened");
        Company.Clock.Now += TimeSpan.FromDays(1);
        var told = await Company.NoticesAsync("anna", "look", "case");
        Assert.Equal(["case", "look"], told.Select(n => n.Kind).Order(StringComparer.Ordinal));
        Assert.Contains("An investigator looked at your records of 2026-11-02 to 2026-11-22", told.Single(n => n.Kind == "look").Text);
        Assert.Contains("was opened by an investigator", told.Single(n => n.Kind == "case").Text);
        Assert.Contains("a test", told.Single(n => n.Kind == "case").Text);
        Assert.Contains(await Company.LooksAsync("anna"), l => l.Entry == look.Entry);
        Assert.Empty(await Company.NoticesAsync("boss", "look", "case"));
    }

    [Fact]
    public async Task a_case_that_nobody_closed_is_closed_when_it_is_over_with_what_was_looked_at()
    {
        await UploadAsync();
        var digest = await OpenCaseAsync(c => c with { Until = Today.AddDays(2) });
        var look = (await Company.LookAsync("snoop", "anna", digest)).Entry!.Value;
        Company.Clock.Now += TimeSpan.FromDays(2);
        Assert.Equal(0, await Company.Part<CaseBook>().LapseAsync());
        Company.Clock.Now += TimeSpan.FromDays(1);
        Assert.Equal("over", (await StateAsync(digest)).State);
        Assert.Equal(["case-over"], (await Company.LookAsync("snoop", "anna", digest)).Problem!.Codes!);
        Assert.Equal(1, await Company.Part<CaseBook>().LapseAsync());
        var lapsed = Assert.IsType<CaseLapsed>(LogEntry.TryRead(Company.Part<LogStore>().Entry(Log.Size - 1)!)!.Open(Company.Part<OpeningStore>().Find(Log.Size - 1)!));
        Assert.Equal((digest, look), (lapsed.Case, Assert.Single(lapsed.Looks)));
        Assert.Equal(0, await Company.Part<CaseBook>().LapseAsync());
        Assert.Equal("closed", (await StateAsync(digest)).State);
    }

    [Fact]
    public async Task a_case_that_could_open_nothing_is_not_recorded()
    {
        await Company.GrantAsync("ben", "investigator", "team:office");
        Assert.Contains("no rule role:security/records/break-glass", await RefusesAsync("snoop", c => c with { Rule = "role:security/records/break-glass" }));
        Assert.Contains("another has no rule", await RefusesAsync("snoop", c => c with { Programs = ["another"] }));
        Assert.Contains("names no program", await RefusesAsync("snoop", c => c with { Programs = [] }));
        Assert.Contains("nobody of that id", await RefusesAsync("snoop", c => c with { Subject = "nobody" }));
        Assert.Contains("within 30 days", await RefusesAsync("snoop", c => c with { Tell = Today.AddDays(31) }));
        Assert.Contains("90 days", await RefusesAsync("snoop", c => c with { Until = Today.AddDays(91) }));
        Assert.Contains("no-rule", await RefusesAsync("boss", c => c));
        Assert.Contains("no-rule", await RefusesAsync("ben", c => c)); // investigates the office, and anna is of the crew
        Assert.Contains("about themselves", await RefusesAsync("snoop", c => c with { Subject = Company.Id("snoop") }));
        Assert.Contains("by who will look", await Company.RefusesAsync("snoop", new CaseOpened(SignedStatement.Sign(Wanted("snoop"), Company.KeyOf("boss")))));
        Assert.Empty(await Company.CasesAsync("officer"));
    }

    [Fact]
    public async Task a_role_over_one_team_looks_at_nobody_else_whatever_a_bad_server_recorded()
    {
        await Company.GrantAsync("ben", "investigator", "team:office");
        Assert.Equal(["no-rule"], (await Company.LookAsync("ben", "anna", await OpenCaseAsync(asker: "ben", bad: true))).Problem!.Codes!);
        Assert.Empty((await Company.LookAsync("ben", "owner", await OpenCaseAsync(c => c with { Subject = Company.Id("owner") }, asker: "ben"))).OrThrow());
    }

    [Fact]
    public async Task who_reports_to_the_asker_approves_nothing()
    {
        await Company.EditAsync("officer", managers: ["owner"]);
        await Company.EditAsync("owner", managers: ["snoop"]);
        var digest = await OpenOnlyAsync();
        Assert.Contains("reports to the asker", await Company.RefusesAsync("officer", Approval(digest, "officer", "privacy-officer")));
        await ApproveAsync(digest, "council", "works-council");
        await Log.AppendAsync(Approval(digest, "officer", "privacy-officer")); // a server gone bad
        Assert.Equal(["approvals"], (await Company.LookAsync("snoop", "anna", digest)).Problem!.Codes!);
    }

    [Fact]
    public async Task one_person_is_one_approval_whatever_roles_they_hold()
    {
        await GrantByAsync("officer", "works-council", "owner", "council");
        var digest = await OpenOnlyAsync();
        await ApproveAsync(digest, "officer", "privacy-officer");
        Assert.Contains("distinct people", await Company.RefusesAsync("officer", Approval(digest, "officer", "works-council")));
        await Log.AppendAsync(Approval(digest, "officer", "works-council"));
        Assert.Equal(["approvals"], (await Company.LookAsync("snoop", "anna", digest)).Problem!.Codes!);
        await RefusedAsync("approvals", await RecordCaseAsync(digest));
        Assert.Contains("does not hold that role", await Company.RefusesAsync("boss", Approval(digest, "boss", "works-council", "anna")));
    }

    [Fact]
    public async Task whom_it_is_about_neither_approves_nor_hears_of_it_early()
    {
        var digest = await OpenOnlyAsync(c => c with { Subject = Company.Id("officer") });
        await ApproveAsync(digest, "council", "works-council");
        Assert.Contains("nor whom it is about", await Company.RefusesAsync("officer", Approval(digest, "officer", "privacy-officer")));
        await Log.AppendAsync(Approval(digest, "officer", "privacy-officer"));
        await RefusedAsync("approvals", await RecordCaseAsync(digest, ask: a => a with { Subject = Company.Id("officer") }));
        Assert.Empty(await Company.CasesAsync("officer"));
        Assert.Empty(await Company.NoticesAsync("officer", "look", "case"));
    }

    private OpenCase Wanted(string asker) => new(
        Root, Now, Guid.CreateVersion7().ToString("N"), Company.Id(asker), Company.Id("anna"), ["focus-time"], CaseRule, Day, Day.AddDays(20), Today.AddDays(60), Today.AddDays(30), "a test");

    private Task<string> RefusesAsync(string asker, Func<OpenCase, OpenCase> change) => Company.RefusesAsync(asker, new CaseOpened(SignedStatement.Sign(change(Wanted(asker)), Company.KeyOf(asker))));

    private async Task<string> OpenOnlyAsync(Func<OpenCase, OpenCase>? change = null)
    {
        var signed = SignedStatement.Sign(change?.Invoke(Wanted("snoop")) ?? Wanted("snoop"), Company.KeyOf("snoop"));
        await Company.SubmitAsync("snoop", new CaseOpened(signed));
        return signed.Digest().ToHex();
    }

    private CaseApproved Approval(string digest, string name, string role, string? key = null) => new(SignedStatement.Sign(new ApproveCase(Root, Now, digest, role), Company.KeyOf(key ?? name)));

    private Task ApproveAsync(string digest, string name, string role) => Company.SubmitAsync(name, Approval(digest, name, role));

    private CaseClosed Close(string digest, string name, string role, params IReadOnlyList<ulong> looks) => new(SignedStatement.Sign(new CloseCase(Root, Now, digest, role, "done", looks), Company.KeyOf(name)));

    private async Task<(string State, string? Missing)> StateAsync(string digest)
    {
        var found = Assert.Single(await Company.CasesAsync("snoop"), c => c.Case == digest);
        return (found.State, found.Missing);
    }

    private async Task GrantByAsync(string name, string role, params IReadOnlyList<string> approvers)
    {
        var until = Today.AddDays(100);
        var read = await Company.ReadAsync("officer", new ChangeWanted(Grant: new RoleWanted(Company.Id(name), role, null, until)));
        await Company.SubmitAsync("owner", new RoleGranted(SignedStatement.Sign(new GrantRole(Root, Now, Company.Id(name), role, until, null, read), [.. approvers.Select(Company.KeyOf)])));
    }

    private Task UploadAsync() => Company.UploadAsync("anna", Device, ChunkSealer.Records(Program, Company.Id("anna"), Device, "window", "2026-11-02", Records()));
}
