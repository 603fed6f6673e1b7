using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class RoleRevocationTests
{
    private const string NotHeld = "not the end of a role that this person holds";
    private const string NotAllowed = "a role ends by 2 root approvers, or by who holds it";

    private readonly Company company = new();
    private readonly CredentialKey aud;

    public RoleRevocationTests() => aud = company.Appoint("aud", "auditor");

    [Fact]
    public void a_quorum_of_root_approvers_ends_a_role()
    {
        company.Takes(End("aud", "auditor", company.Anna, company.Cleo));
        Assert.Empty(company.Authority.RolesOf("aud", company.Today));
        Assert.Empty(company.Authority.Holders("auditor", company.Today));
    }

    [Fact]
    public void who_holds_a_role_lays_it_down()
    {
        company.Takes(End("aud", "auditor", aud));
        Assert.Empty(company.Authority.RolesOf("aud", company.Today));
    }

    [Fact]
    public void a_root_approver_loses_a_role_of_the_trust_root_like_any_other_role()
    {
        company.Takes(End("anna", Company.PrivacyOfficer, company.Bert, company.Cleo));
        Assert.Empty(company.Authority.RolesOf("anna", company.Today));
        company.Takes(End("bert", Company.WorksCouncil, company.Bert));
    }

    [Fact]
    public void only_the_named_role_ends()
    {
        company.Takes(company.Grant("aud", Company.Owner, company.Anna, company.Bert));
        company.Takes(End("aud", "auditor", aud));
        Assert.Equal([Company.Owner], company.Authority.RolesOf("aud", company.Today));
    }

    [Fact]
    public void one_approver_a_machine_or_somebody_else_ends_no_role()
    {
        company.Refuses(NotAllowed, End("aud", "auditor", company.Anna));
        company.Refuses(NotAllowed, End("aud", "auditor", company.Anna, company.Anna));
        company.Refuses(NotAllowed, End("aud", "auditor", company.Enroll("aud", "device")));
        company.Refuses(NotAllowed, End("aud", "auditor", company.Enroll("erik")));
        company.Refuses(NotAllowed, End("aud", "auditor", CredentialKey.Create()));
        company.Refuses(NotAllowed, End("aud", "auditor"));
    }

    [Fact]
    public void a_role_that_is_not_held_does_not_end()
    {
        company.Refuses(NotHeld, End("aud", Company.Owner, company.Anna, company.Bert));
        company.Refuses(NotHeld, End("nobody", "auditor", company.Anna, company.Bert));
        company.Today = new DateOnly(2028, 1, 1);
        company.Refuses(NotHeld, End("aud", "auditor", company.Anna, company.Bert));
    }

    [Fact]
    public void an_end_of_another_trust_root_ends_nothing()
    {
        var elsewhere = new RevokeRole(new Company("Other").Root.Fingerprint, Company.Now, "aud", "auditor", "");
        company.Refuses(NotHeld, new RoleRevoked(company.Sign(elsewhere, aud)));
        company.Refuses(NotHeld, new RoleRevoked(company.Grant("aud", "auditor", company.Anna, company.Bert).Signed));
    }

    [Fact]
    public void an_old_grant_does_not_bring_back_a_role_that_was_ended()
    {
        var grant = company.Grant("dora", "auditor", company.Anna, company.Bert);
        company.Takes(grant);
        company.Takes(End("dora", "auditor", company.Anna, company.Bert));
        company.Refuses("this very statement took effect before", grant);
        company.Refuses("this very statement took effect before", new RoleGranted(grant.Signed.With(company.Cleo)));
        company.Takes(new RoleGranted(company.Sign(new GrantRole(company.Root.Fingerprint, Company.Now.AddSeconds(1), "dora", "auditor", new DateOnly(2027, 11, 1), Exposure: Company.Read), company.Anna, company.Bert)));
    }

    [Fact]
    public void an_old_end_does_not_take_a_role_that_was_given_again()
    {
        var end = End("aud", "auditor", company.Anna, company.Bert);
        company.Takes(end);
        company.Takes(new RoleGranted(company.Sign(new GrantRole(company.Root.Fingerprint, Company.Now.AddSeconds(1), "aud", "auditor", new DateOnly(2027, 11, 1), Exposure: Company.Read), company.Anna, company.Bert)));
        company.Refuses("this very statement took effect before", end);
    }

    private RoleRevoked End(string whose, string role, params CredentialKey[] by) => new(company.Sign(new RevokeRole(company.Root.Fingerprint, Company.Now, whose, role, "over"), by));
}
