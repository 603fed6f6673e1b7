using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

/// <summary>What the fold answers besides applying entries: settings, and who may pause directly.</summary>
public sealed class AuthorityQuestionTests
{
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

    private bool MayPause(CredentialKey by, DateTimeOffset? signed = null) =>
        company.Authority.MayPause(company.Authority.Credentials[by.Credential.Id], signed ?? Company.Now, company.Today);
}
