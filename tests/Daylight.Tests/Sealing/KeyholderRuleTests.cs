using Daylight.Sealing;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Sealing;

public sealed class KeyholderRuleTests
{
    private const string NotMarked = "the keyholder did not sign this mark";
    private const string Damaged = "not a signed change of the keyholder, or its keys are damaged";
    private static readonly NoteSigner NewKeyholder = new("keyholder2.example", NoteKeyType.Ed25519, new Dice(112).Bytes(32));
    private static readonly NoteSigner NewWitness = new("witness2.example", NoteKeyType.Cosignature, new Dice(113).Bytes(32));

    private readonly Company company = new();

    private StartMark Mark => new(company.Root.Fingerprint, Company.Now, "00ff", 3);

    private ChangeKeyholder Change => new(company.Root.Fingerprint, Company.Now, NewKeyholder.Verifier.ToString(), NewWitness.Verifier.ToString(), "the disk died");

    private AcceptKeyholder Acceptance => new(company.Root.Fingerprint, Company.Now, "00ff", "restored from the backup");

    [Fact]
    public void a_mark_is_signed_by_the_keyholder_in_office()
    {
        company.Takes(new KeyholderStarted(Mark.Sign(Company.KeyholderKey)));
        company.Refuses(NotMarked, new KeyholderStarted(Mark.Sign(NewKeyholder)));
        company.Refuses(NotMarked, new KeyholderStarted(Mark.Sign(Company.WitnessKey)));
        company.Refuses(NotMarked, new KeyholderStarted(Mark.Sign(Company.KeyholderKey).Replace("00ff", "00fe", StringComparison.Ordinal)));
        company.Refuses(NotMarked, new KeyholderStarted((Mark with { Root = new Company("Other").Root.Fingerprint }).Sign(Company.KeyholderKey)));
        company.Refuses(NotMarked, new KeyholderStarted(new TotalOfOpenings(company.Root.Fingerprint, Company.Now, 0, "", 0, "").Sign(Company.KeyholderKey)));
        company.Refuses(NotMarked, new KeyholderStarted(string.Empty));
    }

    [Fact]
    public void another_keyholder_takes_over_with_its_own_keys_and_the_plain_policy()
    {
        company.Takes(Changed(Change, company.Anna, company.Bert));
        Assert.Equal((NewKeyholder.Verifier, NewWitness.Verifier), (company.Authority.Keyholder, company.Authority.Witness));
        Assert.Equal($"log {company.Root.Log}\nwitness keyholder {NewWitness.Verifier}\nquorum keyholder\n", company.Authority.Policy!.ToString());
        Assert.Equal([company.Last], company.Authority.StandingEvidence);
        company.Refuses(NotMarked, new KeyholderStarted(Mark.Sign(Company.KeyholderKey)));
        company.Takes(new KeyholderStarted(Mark.Sign(NewKeyholder)));
    }

    [Fact]
    public void the_old_keyholder_certifies_nothing_any_more()
    {
        var certificate = new DestructionCertificate(company.Root.Fingerprint, Company.Now, "dora", [Company.Program], [1], 1, 1, company.Today);
        company.Takes(Changed(Change, company.Anna, company.Bert));
        company.Refuses("the keyholder did not sign this certificate", new DestructionCertified(certificate.Sign(Company.KeyholderKey)));
        company.Takes(new DestructionCertified(certificate.Sign(NewKeyholder)));
    }

    [Fact]
    public void a_change_takes_a_quorum_of_root_approvers()
    {
        company.Refuses("another keyholder takes 2 root approvers, 0 signed", Changed(Change));
        company.Refuses("another keyholder takes 2 root approvers, 1 signed", Changed(Change, company.Anna));
        company.Refuses("another keyholder takes 2 root approvers, 1 signed", Changed(Change, company.Anna, company.Anna));
        company.Refuses("another keyholder takes 2 root approvers, 1 signed", Changed(Change, company.Anna, company.Enroll("bert", "device")));
        company.Refuses("another keyholder takes 2 root approvers, 1 signed", Changed(Change, company.Anna, company.Enroll("erik")));
    }

    [Fact]
    public void keys_that_are_damaged_or_of_the_wrong_type_or_of_the_log_are_refused()
    {
        ChangeKeyholder[] bad =
        [
            Change with { Root = new Company("Other").Root.Fingerprint },
            Change with { Keyholder = "no key" },
            Change with { Witness = string.Empty },
            Change with { Keyholder = NewWitness.Verifier.ToString() },
            Change with { Witness = NewKeyholder.Verifier.ToString() },
            Change with { Witness = new NoteSigner("w.example", NoteKeyType.Cosignature, new Dice(101).Bytes(32)).Verifier.ToString() }, // the log's own key
        ];
        Assert.All(bad, change => company.Refuses(Damaged, Changed(change, company.Anna, company.Bert)));
        company.Refuses(Damaged, new KeyholderChanged(company.Sign(Acceptance, company.Anna, company.Bert)));
    }

    [Fact]
    public void an_old_change_does_not_bring_back_a_keyholder_that_was_replaced()
    {
        var first = Changed(Change, company.Anna, company.Bert);
        company.Takes(first);
        company.Takes(Changed(Change with { Keyholder = company.Root.Keyholder, Witness = company.Root.Witness }, company.Anna, company.Bert));
        company.Refuses("this very statement took effect before", first);
        Assert.Equal(Company.KeyholderKey.Verifier, company.Authority.Keyholder);
    }

    [Fact]
    public void a_restored_keyholder_goes_on_when_a_quorum_accepts_its_mark()
    {
        company.Refuses("a restored keyholder takes 2 root approvers, 1 signed", new KeyholderAccepted(company.Sign(Acceptance, company.Bert)));
        company.Refuses("a restored keyholder takes 2 root approvers, 1 signed", new KeyholderAccepted(company.Sign(Acceptance, company.Bert, company.Enroll("anna", "device"))));
        company.Refuses("not a signed acceptance of this trust root", new KeyholderAccepted(company.Sign(Acceptance with { Root = "00" }, company.Anna, company.Bert)));
        company.Refuses("not a signed acceptance of this trust root", new KeyholderAccepted(company.Sign(Change, company.Anna, company.Bert)));
        company.Takes(new KeyholderAccepted(company.Sign(Acceptance, company.Anna, company.Bert)));
        Assert.Equal(["00ff"], company.Authority.AcceptedMarks);
    }

    private KeyholderChanged Changed(ChangeKeyholder change, params CredentialKey[] by) => new(company.Sign(change, by));
}
