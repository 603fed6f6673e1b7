using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class CharterRuleTests
{
    private readonly Company company = new();
    private readonly CredentialKey otto;

    public CharterRuleTests() => otto = company.Appoint("otto", Company.Owner);

    private CharterRecord Record => company.Authority.Charters[Company.Charter];

    [Fact]
    public void an_owner_and_two_approvers_put_a_charter_in_force()
    {
        Propose();
        var proposed = company.Last;
        Approve();
        Assert.Null(company.Happens(company.Activation(otto)));
        Assert.Equal(new ProgramRecord(Company.Charter, null), company.Authority.Program(Company.Program));
        // The owner's enrollment list, registration and role, and then the four steps: all that a verifier needs besides the trust root.
        Assert.Equal([proposed - 3, proposed - 2, proposed - 1, proposed, proposed + 1, proposed + 2, proposed + 3], Record.Evidence);
    }

    [Fact]
    public void only_an_owner_proposes() => Assert.NotNull(company.Happens(company.Proposal(company.Anna)));

    [Fact]
    public void an_owners_device_proposes_nothing() => Assert.NotNull(company.Happens(company.Proposal(company.Enroll("otto", "device"))));

    [Fact]
    public void a_role_that_is_over_proposes_nothing()
    {
        var late = new ProposeCharter(company.Root.Fingerprint, new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero), Company.Program, Company.Charter);
        Assert.NotNull(company.Happens(new CharterProposed(SignedStatement.Sign(late, otto), Company.Text)));
    }

    [Fact]
    public void a_text_changed_after_the_signature_is_not_proposed()
    {
        Assert.NotNull(company.Happens(company.Proposal(otto) with { Text = Company.Text + " " }));
        Assert.Empty(company.Authority.Charters);
    }

    [Fact]
    public void the_same_text_is_proposed_once()
    {
        Propose();
        Assert.Equal("this charter was proposed before", company.Happens(company.Proposal(company.Appoint("olga", Company.Owner))));
    }

    [Fact]
    public void an_approver_holds_the_role_they_approve_in()
    {
        Propose();
        Assert.NotNull(company.Happens(company.Approval(company.Anna, Company.WorksCouncil)));
        Assert.NotNull(company.Happens(company.Approval(company.Cleo, Company.PrivacyOfficer)));
        Assert.NotNull(company.Happens(company.Approval(CredentialKey.Create(), Company.PrivacyOfficer)));
        Assert.Empty(Record.Approvals);
    }

    [Fact]
    public void a_role_that_approves_no_charters_does_not_approve_this_one()
    {
        Propose();
        Assert.NotNull(company.Happens(company.Approval(company.Appoint("aud", "auditor"), "auditor")));
    }

    [Fact]
    public void an_approvers_device_approves_nothing()
    {
        Propose();
        Assert.Equal("the signer does not hold that role", company.Happens(company.Approval(company.Enroll("anna", "device"), Company.PrivacyOfficer)));
    }

    [Fact]
    public void the_proposer_does_not_approve()
    {
        Propose();
        // Roles of both kinds do not meet in one person at once; one after the other, they still do not for one charter.
        Assert.Null(company.Happens(new RoleRevoked(SignedStatement.Sign(new RevokeRole(company.Root.Fingerprint, Company.Now, "otto", Company.Owner, "moved on"), company.Anna, company.Bert))));
        Assert.Null(company.Happens(company.Grant("otto", Company.PrivacyOfficer, company.Anna, company.Bert)));
        Assert.Equal("proposal and approvals are by distinct people", company.Happens(company.Approval(otto, Company.PrivacyOfficer)));
        Assert.Equal("proposal and approvals are by distinct people", company.Happens(company.Approval(company.Further("otto", otto), Company.PrivacyOfficer)));
    }

    [Fact]
    public void one_person_does_not_approve_in_two_roles()
    {
        Assert.Null(company.Happens(company.Grant("anna", Company.WorksCouncil, company.Bert, company.Cleo)));
        Propose();
        Assert.Null(company.Happens(company.Approval(company.Anna, Company.PrivacyOfficer)));
        Assert.Equal("proposal and approvals are by distinct people", company.Happens(company.Approval(company.Anna, Company.WorksCouncil)));
        Assert.Equal("it lacks an approval", company.Happens(company.Activation(otto)));
    }

    [Fact]
    public void nothing_comes_into_force_without_both_approvals()
    {
        Propose();
        Assert.Equal("it lacks an approval", company.Happens(company.Activation(otto)));
        Assert.Null(company.Happens(company.Approval(company.Bert, Company.WorksCouncil)));
        Assert.Equal("it lacks an approval", company.Happens(company.Activation(otto)));
        Assert.Null(company.Authority.Program(Company.Program).Active);
    }

    [Fact]
    public void a_refused_charter_never_comes_into_force()
    {
        Propose();
        Approve();
        Assert.Null(company.Happens(new CharterRefused(SignedStatement.Sign(
            new RefuseCharter(company.Root.Fingerprint, Company.Now, Company.Program, Company.Charter, Company.WorksCouncil, "too much"), company.Bert))));
        Assert.Equal("an approver refused it", company.Happens(company.Approval(company.Bert, Company.WorksCouncil)));
        Assert.Equal("an approver refused it", company.Happens(company.Activation(otto)));
    }

    [Fact]
    public void nobody_approves_twice_and_no_role_does()
    {
        Assert.Null(company.Happens(company.Grant("dora", Company.PrivacyOfficer, company.Anna, company.Bert)));
        Propose();
        Assert.Null(company.Happens(company.Approval(company.Anna, Company.PrivacyOfficer)));
        Assert.Equal("it is approved as privacy-officer already, and no more could be seen by now", company.Happens(company.Approval(company.Anna, Company.PrivacyOfficer)));
        Assert.Equal("it is approved as privacy-officer already, and no more could be seen by now", company.Happens(company.Approval(company.Enroll("dora"), Company.PrivacyOfficer)));
        Assert.Equal("anna", Record.Approvals[Company.PrivacyOfficer]);
    }

    [Fact]
    public void only_an_owner_activates()
    {
        Propose();
        Approve();
        Assert.NotNull(company.Happens(company.Activation(company.Anna)));
        Assert.NotNull(company.Happens(company.Activation(company.Enroll("otto", "device"))));
    }

    [Fact]
    public void a_signature_for_another_program_or_trust_root_carries_nothing_here()
    {
        Propose();
        var elsewhere = new ApproveCharter(new Company("Other").Root.Fingerprint, Company.Now, Company.Program, Company.Charter, Company.PrivacyOfficer, Company.Read);
        Assert.NotNull(company.Happens(new CharterApproved(SignedStatement.Sign(elsewhere, company.Anna))));
        Assert.NotNull(company.Happens(new CharterApproved(SignedStatement.Sign(elsewhere with { Root = company.Root.Fingerprint, Program = "other" }, company.Anna))));
        Assert.NotNull(company.Happens(new CharterApproved(SignedStatement.Sign(elsewhere with { Root = company.Root.Fingerprint, Charter = "00" }, company.Anna))));
        Assert.Empty(Record.Approvals);
    }

    [Fact]
    public void a_proposal_signed_by_the_owner_is_no_approval()
    {
        Propose();
        Assert.NotNull(company.Happens(new CharterApproved(company.Proposal(otto).Signed)));
        Assert.NotNull(company.Happens(new CharterActivated(company.Approval(company.Anna, Company.PrivacyOfficer).Signed)));
    }

    [Fact]
    public void a_charter_that_was_in_force_does_not_come_back()
    {
        Propose();
        Approve();
        Assert.Null(company.Happens(company.Activation(otto)));
        Assert.NotNull(company.Happens(company.Activation(otto)));
        Assert.NotNull(company.Happens(company.Approval(company.Anna, Company.PrivacyOfficer)));
    }

    private void Propose() => Assert.Null(company.Happens(company.Proposal(otto)));

    private void Approve()
    {
        Assert.Null(company.Happens(company.Approval(company.Anna, Company.PrivacyOfficer)));
        Assert.Null(company.Happens(company.Approval(company.Bert, Company.WorksCouncil)));
    }
}
