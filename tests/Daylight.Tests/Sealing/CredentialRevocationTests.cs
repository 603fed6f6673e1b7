using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class CredentialRevocationTests
{
    private const string NotAllowed = "a credential is revoked by its person or by a root approver";
    private const string NotHeld = "not a revocation of a credential in force";

    private readonly Company company = new();
    private readonly CredentialKey person;
    private readonly CredentialKey laptop;

    public CredentialRevocationTests() => (person, laptop) = (company.Enroll("dora"), company.Enroll("dora", "device"));

    [Fact]
    public void a_person_revokes_their_machine_with_a_key_of_their_own()
    {
        company.Takes(Revocation("dora", laptop, person));
        Assert.DoesNotContain(laptop.Credential.Id, company.Authority.Credentials.Keys);
        Assert.Contains(person.Credential.Id, company.Authority.Credentials.Keys);
    }

    [Fact]
    public void a_person_revokes_the_very_key_that_signs()
    {
        company.Takes(Revocation("dora", person, person));
        company.Refuses(NotAllowed, Revocation("dora", laptop, person));
    }

    [Fact]
    public void one_root_approver_revokes_the_key_of_anybody_who_is_none()
    {
        company.Takes(Revocation("dora", laptop, company.Cleo));
        company.Takes(Revocation("dora", person, company.Cleo));
    }

    [Fact]
    public void a_machine_revokes_nothing_not_even_itself()
    {
        company.Refuses(NotAllowed, Revocation("dora", person, laptop));
        company.Refuses(NotAllowed, Revocation("dora", laptop, laptop));
        company.Refuses(NotAllowed, Revocation("dora", laptop, company.Enroll("anna", "device")));
    }

    [Fact]
    public void nobody_else_revokes_it()
    {
        company.Refuses(NotAllowed, Revocation("dora", laptop, company.Enroll("erik")));
        company.Refuses(NotAllowed, Revocation("dora", laptop, company.Appoint("pia", Company.PrivacyOfficer)));
        company.Refuses(NotAllowed, Revocation("dora", laptop, CredentialKey.Create()));
        company.Refuses(NotAllowed, Revocation("dora", laptop));
    }

    [Fact]
    public void a_revocation_names_a_credential_in_force_and_whose_it_is()
    {
        company.Refuses(NotHeld, Revocation("erik", laptop, company.Anna));
        company.Refuses(NotHeld, Revocation("dora", CredentialKey.Create(), company.Anna));
        company.Takes(Revocation("dora", laptop, company.Anna));
        company.Refuses(NotHeld, Revocation("dora", laptop, company.Anna));
    }

    [Fact]
    public void a_revocation_of_another_trust_root_or_changed_after_its_signature_revokes_nothing()
    {
        var statement = new RevokeCredential(new Company("Other").Root.Fingerprint, Company.Now, "dora", laptop.Credential.Id.Value, "lost");
        company.Refuses(NotHeld, new CredentialRevoked(company.Sign(statement, person)));
        var mine = company.Sign(statement with { Root = company.Root.Fingerprint }, person);
        var changed = company.Sign(statement with { Root = company.Root.Fingerprint, Credential = person.Credential.Id.Value });
        company.Refuses(NotAllowed, new CredentialRevoked(changed with { Signatures = mine.Signatures }));
    }

    [Fact]
    public void a_root_approvers_own_key_takes_a_quorum_of_the_others()
    {
        company.Refuses("a root approver's key takes 2 of the others to revoke, 0 signed", Revocation("anna", company.Anna, company.Anna));
        company.Refuses("a root approver's key takes 2 of the others to revoke, 1 signed", Revocation("anna", company.Anna, company.Anna, company.Bert));
        company.Refuses("a root approver's key takes 2 of the others to revoke, 1 signed", Revocation("anna", company.Anna, company.Bert, company.Bert));
        company.Refuses("a root approver's key takes 2 of the others to revoke, 1 signed", Revocation("anna", company.Anna, company.Bert, company.Enroll("cleo", "device")));
        company.Takes(Revocation("anna", company.Anna, company.Bert, company.Cleo));
        Assert.DoesNotContain(company.Anna.Credential.Id, company.Authority.Credentials.Keys);
    }

    [Fact]
    public void the_machine_of_a_root_approver_is_revoked_like_any_other()
    {
        company.Takes(Revocation("anna", company.Enroll("anna", "device"), company.Anna));
        company.Takes(Revocation("anna", company.Enroll("anna", "device"), company.Bert));
    }

    [Fact]
    public void a_revoked_key_does_not_come_back()
    {
        company.Takes(Revocation("dora", laptop, person));
        company.Refuses("that key is registered already, or was revoked", company.Registration("dora", laptop, "device"));
        company.Refuses("that key is registered already, or was revoked", company.Registration("erik", laptop));
    }

    [Fact]
    public void a_revoked_root_approver_gets_no_second_key_and_makes_no_quorum_any_more()
    {
        company.Takes(Revocation("anna", company.Anna, company.Bert, company.Cleo));
        company.Refuses("a role takes 2 root approvers, 1 signed", company.Grant("erik", "auditor", company.Anna, company.Bert));
        var list = new EnrollPeople(company.Root.Fingerprint, Company.Now, Daylight.Transparency.Merkle.EmptyRoot.ToString(), 0);
        company.Refuses("an enrollment list is signed by a root approver", new PeopleEnrolled(company.Sign(list, company.Anna)));
        company.Takes(company.Grant("erik", "auditor", company.Bert, company.Cleo));
    }

    [Fact]
    public void a_revoked_credential_signs_nothing_any_more()
    {
        var otto = company.Appoint("otto", Company.Owner);
        var held = company.Authority.Credentials[otto.Credential.Id];
        Assert.True(company.Authority.MayPause(held, Company.Now, company.Today));
        company.Takes(Revocation("otto", otto, company.Anna));
        company.Refuses($"a charter is proposed by a {Company.Owner}", company.Proposal(otto));
        Assert.Null(company.Authority.Signer(company.Proposal(otto).Signed));
    }

    private CredentialRevoked Revocation(string whose, CredentialKey key, params CredentialKey[] by) =>
        new(company.Sign(new RevokeCredential(company.Root.Fingerprint, Company.Now, whose, key.Credential.Id.Value, "lost"), by));
}
