using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class CaseRuleTests
{
    private const string Unknown = "not about an open case";
    private const string Distinct = "approvals are by distinct people, neither who asks nor whom it is about";
    private const string WrongRole = "the signer does not hold that role";
    private const string ByWho = "a case is asked for, with a signature, by who will look";

    private readonly Company company = new();
    private readonly CredentialKey ivan;

    public CaseRuleTests() => ivan = company.Enroll("ivan");

    private OpenCase Wish => new(
        company.Root.Fingerprint, Company.Now, "id", "ivan", "dora", [Company.Program], "role:investigator/records",
        company.Today.AddDays(-7), company.Today, company.Today.AddDays(30), company.Today.AddDays(30), "a leak");

    private CaseRecord Case => Assert.Single(company.Authority.Cases).Value;

    [Fact]
    public void a_case_gathers_approvals_and_is_open_until_its_last_day_or_its_end()
    {
        var hash = Open();
        Assert.Empty(Case.Approvals);
        company.Takes(Approval(hash, Company.PrivacyOfficer, company.Anna));
        company.Takes(Approval(hash, Company.WorksCouncil, company.Bert));
        Assert.Equal(new Dictionary<string, string> { [Company.PrivacyOfficer] = "anna", [Company.WorksCouncil] = "bert" }, Case.Approvals);
        Assert.True(Case.IsOpen(company.Today.AddDays(30)));
        Assert.False(Case.IsOpen(company.Today.AddDays(31)));
        company.Takes(End(hash, "", ivan));
        Assert.False(Case.IsOpen(company.Today));
    }

    [Fact]
    public void a_case_that_is_over_lapses_with_what_was_looked_at_and_not_a_day_earlier()
    {
        var hash = Open();
        var lapse = new CaseLapsed(hash, [4, 7], Company.Now);
        company.Today = Wish.Until;
        company.Refuses("the case is not over", lapse);
        company.Today = Wish.Until.AddDays(1);
        company.Takes(lapse);
        company.Refuses("not about an open case", lapse);
    }

    [Fact]
    public void the_person_is_not_told_later_than_a_case_may_live() =>
        company.Refuses("the person is told too late", Opened(Wish with { Tell = company.Today.AddDays(91) }, ivan));

    [Fact]
    public void a_case_is_asked_for_by_who_will_look()
    {
        company.Refuses(ByWho, Opened(Wish, company.Anna));
        company.Refuses(ByWho, Opened(Wish with { Asker = "anna" }, ivan));
        company.Refuses(ByWho, Opened(Wish, company.Enroll("ivan", "device")));
        company.Refuses(ByWho, Opened(Wish, CredentialKey.Create()));
        company.Refuses(ByWho, Opened(Wish));
    }

    [Fact]
    public void a_case_of_another_trust_root_or_changed_after_its_signature_is_none()
    {
        company.Refuses(ByWho, Opened(Wish with { Root = new Company("Other").Root.Fingerprint }, ivan));
        company.Refuses(ByWho, new CaseOpened(company.Sign(Wish with { Subject = "erik" }) with { Signatures = company.Sign(Wish, ivan).Signatures }));
        company.Refuses(ByWho, new CaseOpened(company.Sign(new ApproveCase(company.Root.Fingerprint, Company.Now, "00", ""), ivan)));
    }

    [Fact]
    public void nobody_opens_a_case_about_themselves() => company.Refuses("nobody needs a case about themselves", Opened(Wish with { Subject = "ivan" }, ivan));

    [Fact]
    public void a_case_lives_at_most_ninety_days_from_its_entry()
    {
        const string TooLong = "a case lives 90 days at the most, a legal hold 366";
        company.Refuses(TooLong, Opened(Wish with { Until = company.Today.AddDays(91) }, ivan));
        company.Refuses(TooLong, Opened(Wish with { Until = company.Today.AddDays(-1) }, ivan));
        company.Refuses(TooLong, Opened(Wish with { Until = DateOnly.MaxValue }, ivan));
        company.Takes(Opened(Wish with { Until = company.Today.AddDays(90) }, ivan));
        company.Takes(Opened(Wish with { Id = "another", Until = company.Today }, ivan));
        company.Refuses(TooLong, Opened(Wish with { Hold = true, Until = company.Today.AddDays(367) }, ivan));
        company.Takes(Opened(Wish with { Hold = true, Until = company.Today.AddDays(366) }, ivan));
    }

    [Fact]
    public void on_the_last_days_of_the_calendar_a_case_is_judged_like_on_any_other()
    {
        var wish = Opened(Wish with { Until = DateOnly.MaxValue }, ivan);
        company.Today = DateOnly.MaxValue;
        company.Refuses("it was signed too long ago", wish);
    }

    [Theory]
    [InlineData(-31, "it was signed too long ago")]
    [InlineData(-30, null)]
    [InlineData(30, null)]
    [InlineData(31, "it was signed too long ago")]
    public void a_wish_is_recorded_within_thirty_days_of_its_signature(int days, string? complaint) =>
        Assert.Equal(complaint, company.Happens(Opened(Wish with { Time = Company.Now.AddDays(days) }, ivan)));

    [Fact]
    public void the_same_wish_is_opened_once_even_after_its_end()
    {
        var hash = Open();
        company.Refuses("this case was opened before", Opened(Wish, ivan));
        company.Takes(End(hash, "", ivan));
        company.Refuses("this case was opened before", Opened(Wish, ivan));
        company.Takes(Opened(Wish with { Id = "another" }, ivan));
    }

    [Fact]
    public void an_approver_holds_the_role_with_a_key_of_their_own_and_signed_lately()
    {
        var hash = Open();
        company.Refuses(WrongRole, Approval(hash, Company.WorksCouncil, company.Anna));
        company.Refuses(WrongRole, Approval(hash, Company.PrivacyOfficer, company.Cleo));
        company.Refuses(WrongRole, Approval(hash, Company.PrivacyOfficer, company.Enroll("anna", "device")));
        company.Refuses(WrongRole, Approval(hash, Company.PrivacyOfficer, CredentialKey.Create()));
        company.Refuses(WrongRole, Approval(hash, Company.PrivacyOfficer));
        company.Refuses(WrongRole, new CaseApproved(company.Sign(new ApproveCase(company.Root.Fingerprint, Company.Now.AddDays(-31), hash, Company.PrivacyOfficer), company.Anna)));
    }

    [Fact]
    public void a_role_that_is_over_approves_no_case()
    {
        var hash = Open();
        var pia = company.Appoint("pia", Company.PrivacyOfficer);
        company.Today = new DateOnly(2028, 1, 1);
        var late = new ApproveCase(company.Root.Fingerprint, new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero), hash, Company.PrivacyOfficer);
        company.Refuses(WrongRole, new CaseApproved(company.Sign(late, pia)));
        company.Takes(new CaseApproved(company.Sign(late, company.Anna)));
    }

    [Fact]
    public void who_asks_and_whom_it_is_about_approve_nothing()
    {
        var dora = company.Appoint("dora", Company.PrivacyOfficer);
        company.Takes(company.Grant("ivan", Company.PrivacyOfficer, company.Anna, company.Bert));
        var hash = Open();
        company.Refuses(Distinct, Approval(hash, Company.PrivacyOfficer, ivan));
        company.Refuses(Distinct, Approval(hash, Company.PrivacyOfficer, dora));
    }

    [Fact]
    public void one_person_does_not_approve_in_two_roles()
    {
        company.Takes(company.Grant("anna", Company.WorksCouncil, company.Bert, company.Cleo));
        var hash = Open();
        company.Takes(Approval(hash, Company.PrivacyOfficer, company.Anna));
        company.Refuses(Distinct, Approval(hash, Company.WorksCouncil, company.Anna));
        company.Takes(Approval(hash, Company.WorksCouncil, company.Bert));
        company.Refuses(Distinct, Approval(hash, Company.WorksCouncil, company.Anna));
    }

    [Fact]
    public void an_approval_is_for_one_case_of_one_company()
    {
        var hash = Open();
        var elsewhere = new ApproveCase(new Company("Other").Root.Fingerprint, Company.Now, hash, Company.PrivacyOfficer);
        company.Refuses(Unknown, new CaseApproved(company.Sign(elsewhere, company.Anna)));
        company.Refuses(Unknown, Approval("00", Company.PrivacyOfficer, company.Anna));
        company.Refuses(Unknown, new CaseApproved(company.Sign(new CloseCase(company.Root.Fingerprint, Company.Now, hash, Company.PrivacyOfficer, "", []), company.Anna)));
    }

    [Fact]
    public void a_closed_case_is_neither_approved_nor_closed_again()
    {
        var hash = Open();
        company.Takes(End(hash, Company.PrivacyOfficer, company.Anna));
        company.Refuses(Unknown, Approval(hash, Company.WorksCouncil, company.Bert));
        company.Refuses(Unknown, End(hash, Company.WorksCouncil, company.Bert));
    }

    [Fact]
    public void a_case_is_closed_by_who_asked_or_by_an_approver_and_by_nobody_else()
    {
        const string Why = "a case is closed by who asked for it or by an approver";
        var hash = Open();
        company.Refuses(Why, End(hash, "", company.Enroll("dora")));
        company.Refuses(Why, End(hash, Company.WorksCouncil, company.Anna));
        company.Refuses(Why, End(hash, Company.PrivacyOfficer, company.Enroll("anna", "device")));
        company.Refuses(Why, End(hash, "", company.Enroll("ivan", "device")));
        company.Refuses(Why, End(hash, "auditor", company.Appoint("aud", "auditor")));
        company.Refuses(Why, End(hash, Company.PrivacyOfficer));
        company.Takes(End(hash, Company.WorksCouncil, company.Bert));
        Assert.True(Case.Closed);
    }

    private string Open()
    {
        var opened = Opened(Wish, ivan);
        company.Takes(opened);
        return opened.Signed.Digest().ToHex();
    }

    private CaseOpened Opened(OpenCase wish, params CredentialKey[] by) => new(company.Sign(wish, by));

    private CaseApproved Approval(string hash, string role, params CredentialKey[] by) => new(company.Sign(new ApproveCase(company.Root.Fingerprint, Company.Now, hash, role), by));

    private CaseClosed End(string hash, string role, params CredentialKey[] by) => new(company.Sign(new CloseCase(company.Root.Fingerprint, Company.Now, hash, role, "done", []), by));
}
