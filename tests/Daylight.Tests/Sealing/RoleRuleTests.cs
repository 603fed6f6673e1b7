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
        Assert.Equal(["auditor"], company.Authority.RolesOf("dora", new DateOnly(2027, 11, 1)));
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
        Assert.Equal("nobody grants a role to themselves", company.Happens(company.Grant("anna", "auditor", company.Anna, company.Bert)));
        Assert.DoesNotContain("auditor", company.Authority.RolesOf("anna", Today));
        Assert.Null(company.Happens(company.Grant("anna", "auditor", company.Bert, company.Cleo)));
    }

    [Theory]
    [InlineData("operator", "investigator")]
    [InlineData("program-owner", "privacy-officer")]
    [InlineData("program-owner", "works-council")]
    [InlineData("investigator", "privacy-officer")]
    [InlineData("investigator", "works-council")]
    public void some_roles_do_not_meet_in_one_person(string one, string other)
    {
        Assert.Null(company.Happens(company.Grant("dora", one, company.Anna, company.Bert)));
        Assert.Contains("do not meet in one person", company.Happens(company.Grant("dora", other, company.Anna, company.Bert)), StringComparison.Ordinal);
        Assert.Null(company.Happens(company.Grant("erik", other, company.Anna, company.Bert)));
        Assert.Contains("do not meet in one person", company.Happens(company.Grant("erik", one, company.Anna, company.Bert)), StringComparison.Ordinal);
    }

    [Fact]
    public void a_trust_root_whose_approver_has_roles_that_do_not_meet_is_none()
    {
        var (anna, bert, cleo) = (CredentialKey.Create(), CredentialKey.Create(), CredentialKey.Create());
        var root = Company.RootOf("Example", 2, anna, bert, cleo);
        Assert.NotNull(TrustRoot.TryRead(root.ToBytes()));
        Assert.Null(TrustRoot.TryRead((root with { Approvers = [root.Approvers[0] with { Roles = ["privacy-officer", "program-owner"] }, .. root.Approvers.Skip(1)] }).ToBytes()));
    }

    [Fact]
    public void a_grant_carries_the_exposure_that_was_read_and_lasts_a_year_at_most()
    {
        var grant = new GrantRole(company.Root.Fingerprint, Company.Now, "dora", "auditor", Today.AddDays(GrantRole.MostDays));
        Assert.Equal("a grant carries the exposure that was read", company.Happens(new RoleGranted(SignedStatement.Sign(grant, company.Anna, company.Bert))));
        grant = grant with { Exposure = Company.Read };
        Assert.Contains("then it is reviewed", company.Happens(new RoleGranted(SignedStatement.Sign(grant with { Until = grant.Until.AddDays(1) }, company.Anna, company.Bert))), StringComparison.Ordinal);
        Assert.Null(company.Happens(new RoleGranted(SignedStatement.Sign(grant with { Scope = "team:red" }, company.Anna, company.Bert))));
        Assert.Equal("team:red", company.Authority.Roles.Single(r => r.Person == "dora").Role.Scope);
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
        var statement = new GrantRole(new Company("Other").Root.Fingerprint, Company.Now, "dora", "auditor", new DateOnly(2027, 11, 1), Exposure: Company.Read);
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
