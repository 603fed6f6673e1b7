using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class EnrollmentRuleTests
{
    private readonly Company company = new();

    [Fact]
    public void a_registration_with_a_code_of_the_list_takes_effect()
    {
        var key = company.Enroll("dora", "device");
        Assert.Equal(("dora", "device"), (company.Authority.Credentials[key.Credential.Id].Person, company.Authority.Credentials[key.Credential.Id].Use));
    }

    [Fact]
    public void a_list_is_signed_by_a_root_approver()
    {
        var dora = company.Enroll("dora");
        Assert.Equal("an enrollment list is signed by a root approver", company.Happens(List(dora)));
        Assert.Null(company.Happens(List(company.Cleo)));
    }

    [Fact]
    public void a_device_of_a_root_approver_signs_no_list()
    {
        var laptop = company.Enroll("anna", "device");
        Assert.NotNull(company.Happens(List(laptop)));
    }

    [Fact]
    public void a_list_of_another_trust_root_is_none()
    {
        var elsewhere = SignedStatement.Sign(new EnrollPeople(new Company("Other").Root.Fingerprint, Company.Now, Daylight.Transparency.Merkle.EmptyRoot.ToString(), 0), company.Anna);
        Assert.NotNull(company.Happens(new PeopleEnrolled(elsewhere)));
    }

    [Fact]
    public void a_code_serves_once()
    {
        var first = company.Registration("dora", CredentialKey.Create(), "device");
        Assert.Null(company.Happens(first));
        var code = EnrollmentCode.Create(company.Root, new Transparency.Dice(1).Bytes(16)).DeriveKey();
        Assert.Equal(first.CodeKey, code.Credential.Text);
        var another = CredentialKey.Create();
        var second = first with { Signed = SignedStatement.Sign(new RegisterCredential(company.Root.Fingerprint, Company.Now, "dora", another.Credential.Text, "device", first.Line.Code), code, another) };
        Assert.Equal("the one-time code was used before", company.Happens(second));
    }

    [Fact]
    public void a_key_that_is_in_force_is_not_taken_over_or_downgraded()
    {
        Assert.Equal("that key is registered already, or was revoked", company.Happens(company.Registration("mallory", company.Anna, "device")));
        Assert.Equal(("anna", "person"), (company.Authority.Credentials[company.Anna.Credential.Id].Person, company.Authority.Credentials[company.Anna.Credential.Id].Use));
    }

    [Fact]
    public void a_refused_registration_does_not_use_up_the_code()
    {
        var good = company.Registration("dora", CredentialKey.Create());
        Assert.NotNull(company.Happens(good with { Line = good.Line with { Person = "erik" } }));
        Assert.Null(company.Happens(good));
    }

    [Fact]
    public void whoever_carries_a_registration_cannot_change_it()
    {
        var good = company.Registration("dora", CredentialKey.Create());
        var mallory = CredentialKey.Create();
        var theirs = new RegisterCredential(company.Root.Fingerprint, Company.Now, "dora", mallory.Credential.Text, "person", good.Line.Code);
        (string Why, CredentialRegistered Event)[] tampered =
        [
            ("another key, signed by that key", good with { Signed = SignedStatement.Sign(theirs, mallory) }),
            ("another key under the old signature", good with { Signed = SignedStatement.Sign(theirs) with { Signatures = good.Signed.Signatures } }),
            ("another code", good with { Signed = SignedStatement.Sign(theirs, mallory), CodeKey = mallory.Credential.Text }),
            ("another code in the line too", good with { Signed = SignedStatement.Sign(theirs, mallory), CodeKey = mallory.Credential.Text, Line = good.Line with { Code = EnrollmentCode.HashOf(mallory.Credential) } }),
            ("another person in the line", good with { Line = good.Line with { Person = "erik" } }),
            ("another salt", good with { Line = good.Line with { Salt = "AAAA" } }),
            ("another place", good with { LineIndex = 0 }),
            ("a place before the first", good with { LineIndex = -1 }),
            ("another list", good with { List = good.List + 1 }),
            ("no proof", good with { Proof = [] }),
            ("a proof that is no hash", good with { Proof = ["!"] }),
            ("a code that is no key", good with { CodeKey = "!" }),
        ];
        Assert.All(tampered, t => Assert.True(company.Authority.Apply(99, company.Today, t.Event) is not null, t.Why));
        Assert.Null(company.Happens(good));
    }

    [Fact]
    public void a_code_is_for_its_person_only()
    {
        var good = company.Registration("dora", CredentialKey.Create());
        var code = EnrollmentCode.Create(company.Root, new Transparency.Dice(1).Bytes(16)).DeriveKey();
        var key = CredentialKey.Create();
        var statement = new RegisterCredential(company.Root.Fingerprint, Company.Now, "erik", key.Credential.Text, "person", good.Line.Code);
        Assert.Equal("no enrollment list has this person with this code", company.Happens(good with { Signed = SignedStatement.Sign(statement, code, key) }));
        Assert.NotNull(company.Happens(good with { Signed = SignedStatement.Sign(statement with { Person = "dora", Use = "root" }, code, key) }));
        Assert.NotNull(company.Happens(good with { Signed = SignedStatement.Sign(statement with { Person = "dora", Key = "!" }, code, key) }));
        Assert.NotNull(company.Happens(good with { Signed = SignedStatement.Sign(statement with { Person = "dora", Root = "00" }, code, key) }));
        Assert.NotNull(company.Happens(good with { Signed = SignedStatement.Sign(statement with { Person = "dora", Code = "00" }, code, key) }));
    }

    [Fact]
    public void a_machines_code_makes_nobody_a_signer()
    {
        var key = CredentialKey.Create();
        var good = company.Registration("dora", key, "device");
        var code = EnrollmentCode.Create(company.Root, new Transparency.Dice(1).Bytes(16)).DeriveKey();
        var person = new RegisterCredential(company.Root.Fingerprint, Company.Now, "dora", key.Credential.Text, "person", good.Line.Code);
        Assert.NotNull(company.Happens(good with { Signed = SignedStatement.Sign(person, code, key) }));
        Assert.NotNull(company.Happens(good with { Signed = SignedStatement.Sign(person, code, key), Line = good.Line with { Use = "person" } }));
    }

    [Fact]
    public void a_key_proves_that_whoever_registers_it_has_it()
    {
        var good = company.Registration("dora", CredentialKey.Create());
        Assert.Equal("the one-time code's key and the new key must both sign it", company.Happens(good with { Signed = good.Signed with { Signatures = [good.Signed.Signatures[0]] } }));
    }

    [Fact]
    public void one_approvers_list_gives_no_approver_a_second_key() =>
        Assert.Equal("this person has, or had, a key to sign with: a further one is signed by an old one, and no list gives it", company.Happens(company.Registration("bert", CredentialKey.Create())));

    [Fact]
    public void a_role_that_is_over_signs_nothing_however_the_statement_is_dated()
    {
        var otto = company.Appoint("otto", Company.Owner);
        company.Today = new DateOnly(2028, 1, 1);
        Assert.NotNull(company.Happens(company.Proposal(otto)));
    }

    private PeopleEnrolled List(CredentialKey by) =>
        new(SignedStatement.Sign(new EnrollPeople(company.Root.Fingerprint, Company.Now, Daylight.Transparency.Merkle.EmptyRoot.ToString(), 0), by));
}
