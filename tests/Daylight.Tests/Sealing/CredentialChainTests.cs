using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

/// <summary>How a person comes to a further key: by the old one, or by two root approvers and a wait.</summary>
public sealed class CredentialChainTests : IDisposable
{
    private readonly Company company = new();
    private readonly TestPasskey passkey = new();
    private readonly CredentialKey person;

    public CredentialChainTests() => person = company.Enroll("dora");

    [Fact]
    public void an_old_key_and_the_new_one_sign_for_a_further_one()
    {
        company.Takes(Added("dora", person));
        var held = company.Authority.Credentials[passkey.Credential.Id];
        Assert.Equal(("dora", "person"), (held.Person, held.Use));
        Assert.Contains(company.Last, held.Evidence);
    }

    [Fact]
    public void a_passkey_signs_for_a_further_one_too()
    {
        using var second = new TestPasskey();
        company.Takes(Added("dora", person));
        var statement = new AddCredential(company.Root.Fingerprint, Company.Now, "dora", second.Credential.Text);
        company.Takes(new CredentialAdded(passkey.Sign(statement).With(second.Sign(statement.ToBytes()))));
    }

    [Fact]
    public void a_root_approver_gets_a_further_key_by_the_old_one_alone()
    {
        company.Takes(Added("anna", company.Anna));
        Assert.Equal("anna", company.Authority.Credentials[passkey.Credential.Id].Person);
    }

    [Fact]
    public void no_machine_and_nobody_else_signs_for_it()
    {
        const string none = "a further key is signed by one that its person signs with already";
        company.Refuses(none, Added("dora", company.Enroll("dora", "device")));
        company.Refuses(none, Added("dora", company.Anna));
        company.Refuses(none, Added("dora"));
        company.Refuses(none, Added("erik", person));
    }

    [Fact]
    public void the_new_key_signs_and_none_comes_twice()
    {
        var statement = new AddCredential(company.Root.Fingerprint, Company.Now, "dora", passkey.Credential.Text);
        company.Refuses("the new key must sign it too", new CredentialAdded(SignedStatement.Sign(statement, person)));
        company.Takes(Added("dora", person));
        company.Refuses("that key is registered already, or was revoked", Added("dora", person));
    }

    [Fact]
    public void a_list_gives_nobody_a_second_key_to_sign_with_and_no_machine_a_passkey()
    {
        const string once = "this person has, or had, a key to sign with: a further one is signed by an old one, and no list gives it";
        company.Refuses(once, company.Registration("dora", CredentialKey.Create()));
        company.Takes(new CredentialRevoked(company.Sign(new RevokeCredential(company.Root.Fingerprint, Company.Now, "dora", person.Credential.Id.Value, "lost"), company.Anna)));
        company.Refuses(once, company.Registration("dora", CredentialKey.Create()));
        company.Takes(company.Registration("dora", CredentialKey.Create(), "device"));
        var machine = company.Registration("dora", CredentialKey.Create(), "device");
        var asPasskey = (RegisterCredential)Statement.TryRead(machine.Signed.Bytes)! with { Key = passkey.Credential.Text };
        company.Refuses("the one-time code's key and the new key must both sign it", machine with { Signed = passkey.Sign(asPasskey) });
    }

    [Fact]
    public void a_promise_takes_the_quorum_where_that_is_more_and_is_over_when_nobody_takes_it()
    {
        var strict = new Authority();
        var root = Company.RootOf("Example", 3, company.Anna, company.Bert, company.Cleo);
        Assert.Null(strict.Apply(0, company.Today, new TrustRootSet(root)));
        var statement = new PromiseCredential(root.Fingerprint, Company.Now, "dora", passkey.Credential.Text, "lost");
        Assert.Equal("a lost key is replaced by 3 root approvers besides the person, 2 signed", strict.Apply(1, company.Today, new CredentialPromised(SignedStatement.Sign(statement, company.Anna, company.Bert))));
        Assert.Null(strict.Apply(2, company.Today, new CredentialPromised(SignedStatement.Sign(statement, company.Anna, company.Bert, company.Cleo))));

        company.Takes(Promised("dora", company.Anna, company.Bert));
        var promise = company.Last;
        company.Today = company.Today.AddDays(PromiseCredential.WaitDays + 1 + PromiseCredential.TakeDays);
        company.Refuses($"a promised key takes its place until {company.Today.AddDays(-1):yyyy-MM-dd}; after that it takes another promise", Restored("dora", promise));
    }

    [Fact]
    public void a_promised_key_that_came_into_force_otherwise_is_ended_like_any_in_force()
    {
        company.Takes(Promised("anna", company.Bert, company.Cleo));
        company.Takes(Added("anna", company.Anna));
        var end = new RevokeCredential(company.Root.Fingerprint, Company.Now, "anna", passkey.Credential.Id.Value, "lost");
        company.Refuses("a root approver's key takes 2 of the others to revoke, 1 signed", new CredentialRevoked(company.Sign(end, company.Bert)));
        company.Takes(new CredentialRevoked(company.Sign(end, company.Bert, company.Cleo)));
    }

    [Fact]
    public void a_lost_key_is_replaced_by_two_root_approvers_after_the_wait()
    {
        company.Takes(Promised("dora", company.Anna, company.Bert));
        var promise = company.Last;
        Assert.DoesNotContain(passkey.Credential.Id, company.Authority.Credentials.Keys);
        company.Today = company.Today.AddDays(PromiseCredential.WaitDays);
        company.Refuses($"a promised key waits until {company.Today.AddDays(1):yyyy-MM-dd}, so that its person can notice", Restored("dora", promise));
        company.Today = company.Today.AddDays(1);
        company.Takes(Restored("dora", promise));
        Assert.Equal("dora", company.Authority.Credentials[passkey.Credential.Id].Person);
        company.Refuses("no such key is promised to this person, or it was taken back", Restored("dora", promise));
    }

    [Fact]
    public void one_approver_or_the_person_as_one_of_two_promises_nothing()
    {
        company.Refuses("a lost key is replaced by 2 root approvers besides the person, 1 signed", Promised("dora", company.Anna));
        company.Refuses("a lost key is replaced by 2 root approvers besides the person, 1 signed", Promised("anna", company.Anna, company.Bert));
        company.Refuses("a lost key is replaced by 2 root approvers besides the person, 0 signed", Promised("dora", person, company.Enroll("erik")));
        company.Takes(Promised("anna", company.Bert, company.Cleo));
    }

    [Fact]
    public void the_person_takes_a_promise_back_with_any_key_also_a_machines()
    {
        var laptop = company.Enroll("dora", "device");
        company.Takes(Promised("dora", company.Anna, company.Bert));
        var promise = company.Last;
        var back = new RevokeCredential(company.Root.Fingerprint, Company.Now, "dora", passkey.Credential.Id.Value, "not mine");
        company.Refuses("a promised key is taken back by its person or by a root approver", new CredentialRevoked(company.Sign(back, company.Enroll("erik"))));
        company.Takes(new CredentialRevoked(company.Sign(back, laptop)));
        company.Today = company.Today.AddDays(20);
        company.Refuses("no such key is promised to this person, or it was taken back", Restored("dora", promise));
    }

    public void Dispose()
    {
        passkey.Dispose();
        person.Dispose();
    }

    private CredentialAdded Added(string whose, params CredentialKey[] by)
    {
        var statement = new AddCredential(company.Root.Fingerprint, Company.Now, whose, passkey.Credential.Text);
        return new CredentialAdded(SignedStatement.Sign(statement, by).With(passkey.Sign(statement.ToBytes())));
    }

    private CredentialPromised Promised(string whose, params CredentialKey[] by)
    {
        var statement = new PromiseCredential(company.Root.Fingerprint, Company.Now, whose, passkey.Credential.Text, "lost the telephone");
        return new CredentialPromised(SignedStatement.Sign(statement, by));
    }

    private CredentialRestored Restored(string whose, ulong promise) => new(passkey.Sign(new TakeCredential(company.Root.Fingerprint, Company.Now, whose, promise)));
}
