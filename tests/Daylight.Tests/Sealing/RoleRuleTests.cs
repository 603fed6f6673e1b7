using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class RoleRuleTests
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    private readonly Company company = new();

    [Fact]
    public void a_quorum_of_root_approvers_grants_a_role_until_its_day()
    {
        Assert.Null(company.Happens(company.Grant("dora", "auditor", company.Anna, company.Cleo)));
        Assert.Equal(["auditor"], company.Authority.RolesOf("dora", new DateOnly(2027, 12, 31)));
        Assert.Empty(company.Authority.RolesOf("dora", new DateOnly(2028, 1, 1)));
        Assert.Equal(["dora"], company.Authority.Holders("auditor", Today));
    }

    [Fact]
    public void one_approver_is_no_quorum() => Refused(company.Grant("dora", "auditor", company.Anna));

    [Fact]
    public void one_approver_who_signs_twice_is_no_quorum() => Refused(company.Grant("dora", "auditor", company.Anna, company.Anna));

    [Fact]
    public void the_device_of_an_approver_does_not_count() => Refused(company.Grant("dora", "auditor", company.Anna, company.Enroll("bert", "device")));

    [Fact]
    public void somebody_enrolled_is_no_approver() => Refused(company.Grant("dora", "auditor", company.Anna, company.Enroll("erik")));

    [Fact]
    public void a_stranger_does_not_count() => Refused(company.Grant("dora", "auditor", company.Anna, CredentialKey.Create()));

    [Fact]
    public void nobody_grants_a_role_to_themselves()
    {
        Assert.Equal("nobody grants a role to themselves", company.Happens(company.Grant("anna", Company.Owner, company.Anna, company.Bert)));
        Assert.DoesNotContain(Company.Owner, company.Authority.RolesOf("anna", Today));
        Assert.Null(company.Happens(company.Grant("anna", Company.Owner, company.Bert, company.Cleo)));
    }

    [Fact]
    public void a_grant_changed_after_its_signatures_grants_nothing()
    {
        var signed = company.Grant("dora", "auditor", company.Anna, company.Bert).Signed;
        Refused(new RoleGranted(company.Grant("dora", Company.Owner).Signed with { Signatures = signed.Signatures }));
    }

    [Fact]
    public void a_grant_of_another_trust_root_grants_nothing()
    {
        var statement = new GrantRole(new Company("Other").Root.Fingerprint, Company.Now, "dora", "auditor", new DateOnly(2027, 12, 31));
        Refused(new RoleGranted(SignedStatement.Sign(statement, company.Anna, company.Bert)));
    }

    [Fact]
    public void another_statement_in_the_place_of_a_grant_grants_nothing() =>
        Refused(new RoleGranted(SignedStatement.Sign(new EnrollPeople(company.Root.Fingerprint, Company.Now, "x", 1), company.Anna, company.Bert)));

    private void Refused(RoleGranted grant)
    {
        Assert.NotNull(company.Happens(grant));
        Assert.Empty(company.Authority.RolesOf("dora", Today));
    }
}
