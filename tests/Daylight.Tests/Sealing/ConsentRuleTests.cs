using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class ConsentRuleTests
{
    private const string NotTheirs = "consent is signed by the person who gives it";
    private const string NotTheirsToWithdraw = "consent is withdrawn by the person who gave it";
    private const string Again = "this very statement took effect before";

    private readonly Company company = new();
    private readonly CredentialKey otto;
    private readonly CredentialKey dora;
    private readonly CredentialKey laptop;

    public ConsentRuleTests() => (otto, dora, laptop) = (company.Activate(), company.Enroll("dora"), company.Enroll("dora", "device"));

    private GiveConsent Yes => new(company.Root.Fingerprint, Company.Now, "dora", Company.Program, Company.Charter);

    private WithdrawConsent No => new(company.Root.Fingerprint, Company.Now, "dora", Company.Program);

    private ConsentRecord? Said => company.Authority.Consents.GetValueOrDefault(("dora", Company.Program));

    [Fact]
    public void a_person_agrees_with_a_key_of_their_own()
    {
        company.Takes(Given(Yes, dora));
        Assert.Equal(new ConsentRecord(Company.Charter, company.Last, Standing.Given), Said);
    }

    [Fact]
    public void a_person_agrees_on_their_machine()
    {
        company.Takes(Given(Yes, laptop));
        Assert.True(Said!.Given);
    }

    [Fact]
    public void nobody_agrees_for_somebody_else()
    {
        company.Refuses(NotTheirs, Given(Yes, company.Anna));
        company.Refuses(NotTheirs, Given(Yes, company.Enroll("erik", "device")));
        company.Refuses(NotTheirs, Given(Yes, CredentialKey.Create()));
        company.Refuses(NotTheirs, Given(Yes));
        company.Refuses(NotTheirs, Given(Yes with { Root = new Company("Other").Root.Fingerprint }, dora));
        company.Refuses(NotTheirs, new ConsentGiven(company.Sign(No, dora)));
    }

    [Fact]
    public void consent_is_to_the_charter_in_force()
    {
        const string NotInForce = "not about a charter in force";
        company.Refuses(NotInForce, Given(Yes with { Charter = "00" }, dora));
        company.Refuses(NotInForce, Given(Yes with { Program = "other" }, dora));
        company.Takes(new CharterEnded(company.Sign(new EndCharter(company.Root.Fingerprint, Company.Now, Company.Program, Company.Charter, Company.Owner, ""), otto)));
        company.Refuses(NotInForce, Given(Yes, dora));
    }

    [Fact]
    public void withdrawing_always_works()
    {
        company.Takes(Withdrawn(No, laptop)); // an objection, before any consent
        Assert.Equal(new ConsentRecord(string.Empty, company.Last, Standing.Withdrawn), Said);
        company.Takes(Given(Yes, dora));
        company.Takes(new CharterEnded(company.Sign(new EndCharter(company.Root.Fingerprint, Company.Now, Company.Program, Company.Charter, Company.Owner, ""), otto)));
        company.Takes(Withdrawn(No with { Time = Company.Now.AddYears(-1) }, dora));
        Assert.False(Said!.Given);
    }

    [Fact]
    public void nobody_withdraws_for_somebody_else()
    {
        company.Takes(Given(Yes, dora));
        company.Refuses(NotTheirsToWithdraw, Withdrawn(No, company.Anna));
        company.Refuses(NotTheirsToWithdraw, Withdrawn(No, company.Enroll("erik")));
        company.Refuses(NotTheirsToWithdraw, Withdrawn(No));
        company.Refuses(NotTheirsToWithdraw, Withdrawn(No with { Root = new Company("Other").Root.Fingerprint }, dora));
        company.Refuses(NotTheirsToWithdraw, new ConsentWithdrawn(company.Sign(Yes, dora)));
    }

    [Fact]
    public void an_old_yes_does_not_undo_a_no()
    {
        company.Takes(Given(Yes, dora));
        company.Takes(Withdrawn(No, dora));
        company.Refuses(Again, Given(Yes, dora));
        company.Takes(Given(Yes with { Time = Company.Now.AddMinutes(1) }, dora));
        company.Refuses(Again, Withdrawn(No, dora));
        company.Takes(Withdrawn(No with { Time = Company.Now.AddMinutes(2) }, dora));
    }

    private ConsentGiven Given(GiveConsent statement, params CredentialKey[] by) => new(company.Sign(statement, by));

    private ConsentWithdrawn Withdrawn(WithdrawConsent statement, params CredentialKey[] by) => new(company.Sign(statement, by));
}
