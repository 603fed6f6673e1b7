using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

/// <summary>What the fold answers besides applying entries: settings, who may pause directly, and who approved an ask.</summary>
public sealed class AuthorityQuestionTests
{
    private const string AskDigest = "00ff";

    private readonly Company company = new();

    [Fact]
    public void a_setting_has_the_value_that_the_log_had_last()
    {
        Assert.Empty(company.Authority.Settings);
        company.Takes(new SettingsChanged("show-looker", "role"));
        company.Takes(new SettingsChanged("show-looker", "name"));
        company.Takes(new SettingsChanged("other", ""));
        Assert.Equal(new Dictionary<string, string> { ["show-looker"] = "name", ["other"] = "" }, company.Authority.Settings);
    }

    [Theory]
    [InlineData(Company.Owner, true)]
    [InlineData(Company.PrivacyOfficer, true)]
    [InlineData(Company.WorksCouncil, true)]
    [InlineData("security", true)]
    [InlineData("auditor", false)]
    [InlineData("investigator", false)]
    public void a_program_is_paused_directly_by_owner_approvers_and_security(string role, bool may) =>
        Assert.Equal(may, MayPause(company.Appoint("dora", role)));

    [Fact]
    public void a_pause_takes_a_key_of_ones_own_a_role_of_today_and_a_fresh_signature()
    {
        var otto = company.Appoint("otto", Company.Owner);
        Assert.False(MayPause(company.Enroll("otto", "device")));
        Assert.False(MayPause(company.Enroll("erik")));
        Assert.False(MayPause(company.Cleo));
        Assert.True(MayPause(otto, Company.Now.AddDays(-30)));
        Assert.False(MayPause(otto, Company.Now.AddDays(-31)));
        Assert.False(MayPause(otto, Company.Now.AddDays(31)));
        company.Today = new DateOnly(2028, 1, 1);
        Assert.False(MayPause(otto, new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void an_approver_of_an_ask_is_who_signed_it_and_the_role_it_was_given_in() =>
        Assert.Equal(("anna", Company.PrivacyOfficer), Approver(Approval, company.Anna));

    [Fact]
    public void an_approval_of_another_ask_or_company_or_without_the_role_is_none()
    {
        Assert.Null(Approver(Approval with { Ask = "00" }, company.Anna));
        Assert.Null(Approver(Approval with { Root = "00" }, company.Anna));
        Assert.Null(Approver(Approval with { Role = Company.WorksCouncil }, company.Anna));
        Assert.Null(Approver(Approval, company.Cleo));
        Assert.Null(Approver(Approval, company.Enroll("anna", "device")));
        Assert.Null(Approver(Approval, CredentialKey.Create()));
        Assert.Null(Approver(Approval));
        Assert.Null(Approver(Approval with { Time = Company.Now.AddDays(-31) }, company.Anna));
        Assert.Null(company.Authority.Approver(company.Sign(new ApproveCase(company.Root.Fingerprint, Company.Now, AskDigest, Company.PrivacyOfficer), company.Anna), AskDigest, company.Today));
    }

    private ApproveAsk Approval => new(company.Root.Fingerprint, Company.Now, AskDigest, Company.PrivacyOfficer);

    private bool MayPause(CredentialKey by, DateTimeOffset? signed = null) =>
        company.Authority.MayPause(company.Authority.Credentials[by.Credential.Id], signed ?? Company.Now, company.Today);

    private (string Person, string Role)? Approver(ApproveAsk approval, params CredentialKey[] by) =>
        company.Authority.Approver(company.Sign(approval, by), AskDigest, company.Today);
}
