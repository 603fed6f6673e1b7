using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class ErasureRuleTests
{
    private const string NotAnErasure = "not a signed erasure of this trust root";
    private const string NotTheirs = "a person's own erasure is signed by that person";
    private const string ByWhom = "erasure is signed by the person or by the privacy officer";
    private const string NotCertified = "the keyholder did not sign this certificate";

    private readonly Company company = new();
    private readonly CredentialKey dora;

    public ErasureRuleTests() => dora = company.Enroll("dora");

    private DestroyKeys Order => new(company.Root.Fingerprint, Company.Now, "dora", [Company.Program], "self", "I left");

    private DestroyKeys OfficersOrder => Order with { Role = Company.PrivacyOfficer };

    private DestructionCertificate Certificate => new(company.Root.Fingerprint, Company.Now, "dora", [Company.Program], [1], 7, 3, new DateOnly(2026, 12, 20));

    [Fact]
    public void a_person_erases_their_own_data_with_any_key_of_theirs()
    {
        company.Takes(Destroyed(Order, dora));
        company.Takes(Destroyed(Order with { Time = Company.Now.AddDays(1) }, company.Enroll("dora", "device")));
    }

    [Fact]
    public void the_privacy_officer_erases_for_somebody() => company.Takes(Destroyed(OfficersOrder, company.Anna));

    [Fact]
    public void nobody_erases_as_somebody_else()
    {
        company.Refuses(NotTheirs, Destroyed(Order, company.Enroll("erik")));
        company.Refuses(NotTheirs, Destroyed(Order, company.Anna));
        company.Refuses(NotAnErasure, Destroyed(Order, CredentialKey.Create()));
        company.Refuses(NotAnErasure, Destroyed(Order));
    }

    [Fact]
    public void no_other_role_erases()
    {
        company.Refuses(ByWhom, Destroyed(OfficersOrder, company.Bert));
        company.Refuses(ByWhom, Destroyed(OfficersOrder, dora));
        company.Refuses(ByWhom, Destroyed(Order with { Role = Company.WorksCouncil }, company.Bert));
        company.Refuses(ByWhom, Destroyed(OfficersOrder, company.Enroll("anna", "device")));
        company.Refuses(ByWhom, Destroyed(OfficersOrder with { Time = Company.Now.AddDays(-31) }, company.Anna));
    }

    [Fact]
    public void an_erasure_names_its_programs_and_is_of_this_trust_root()
    {
        company.Refuses(NotAnErasure, Destroyed(Order with { Programs = [] }, dora));
        company.Refuses(NotAnErasure, Destroyed(Order with { Root = new Company("Other").Root.Fingerprint }, dora));
        company.Refuses(NotAnErasure, new KeysDestroyed(company.Sign(new WithdrawConsent(company.Root.Fingerprint, Company.Now, "dora", Company.Program), dora)));
    }

    [Fact]
    public void an_old_order_does_not_destroy_keys_that_came_after_it()
    {
        company.Takes(Destroyed(Order, dora));
        company.Refuses("this very statement took effect before", Destroyed(Order, dora));
    }

    [Fact]
    public void the_order_is_what_was_signed()
    {
        Assert.Equal("dora", Destroyed(Order, dora).Order!.Person);
        Assert.Null(new KeysDestroyed(company.Sign(new WithdrawConsent(company.Root.Fingerprint, Company.Now, "dora", Company.Program))).Order);
    }

    [Fact]
    public void a_certificate_is_the_keyholders_and_of_this_trust_root()
    {
        company.Takes(new DestructionCertified(Certificate.Sign(Company.KeyholderKey)));
        company.Refuses(NotCertified, new DestructionCertified(Certificate.Sign(Company.LogKey)));
        company.Refuses(NotCertified, new DestructionCertified(Certificate.Sign(Company.WitnessKey)));
        company.Refuses(NotCertified, new DestructionCertified((Certificate with { Root = new Company("Other").Root.Fingerprint }).Sign(Company.KeyholderKey)));
        company.Refuses(NotCertified, new DestructionCertified(Certificate.Sign(Company.KeyholderKey).Replace("\"keys\":3", "\"keys\":4", StringComparison.Ordinal)));
        company.Refuses(NotCertified, new DestructionCertified(new StartMark(company.Root.Fingerprint, Company.Now, "00", 0).Sign(Company.KeyholderKey)));
        company.Refuses(NotCertified, new DestructionCertified("nothing"));
    }

    private KeysDestroyed Destroyed(DestroyKeys order, params CredentialKey[] by) => new(company.Sign(order, by));
}
