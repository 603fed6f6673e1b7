using Daylight.Sealing;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Sealing;

public sealed class WitnessRuleTests
{
    private const string NotNeeded = "the keyholder is the first witness: the quorum must need it";
    private const string OtherLog = "the policy is for this log and no other";
    private static readonly NoteSigner Council = new("council.example", NoteKeyType.Cosignature, new Dice(121).Bytes(32));
    private static readonly NoteSigner Auditor = new("auditor.example", NoteKeyType.Cosignature, new Dice(122).Bytes(32));

    private readonly Company company = new();

    private static string Log => $"log {Company.LogKey.Verifier}\n";

    private static string Three => Log + $"witness keyholder {Company.WitnessKey.Verifier}\nwitness council {Council.Verifier}\nwitness auditor {Auditor.Verifier}\n";

    public static TheoryData<string, bool> Good() => new()
    {
        { "quorum keyholder\n", false },
        { "group all3 all keyholder council auditor\nquorum all3\n", true },
        { "group others any council auditor\ngroup both all keyholder others\nquorum both\n", true },
        { "group others 2 council auditor\ngroup both 2 keyholder others\nquorum both\n", true },
        { "group alone any keyholder\nquorum alone\n", false },
    };

    public static TheoryData<string> NotNeedingTheKeyholder() =>
    [
        "quorum none\n",
        "quorum council\n",
        "group any3 any keyholder council auditor\nquorum any3\n",
        "group two 2 keyholder council auditor\nquorum two\n",
        "group others all council auditor\nquorum others\n",
        "group others any council auditor\ngroup either any keyholder others\nquorum either\n",
    ];

    [Fact]
    public void the_first_policy_is_the_log_and_its_keyholder()
    {
        Assert.Equal(Log + $"witness keyholder {Company.WitnessKey.Verifier}\nquorum keyholder\n", company.Authority.Policy!.ToString());
        Assert.False(company.Authority.AsksOtherWitnesses);
        Assert.Empty(company.Authority.StandingEvidence);
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void a_policy_that_needs_the_keyholder_is_in_force_and_says_whether_others_are_asked(string quorum, bool others)
    {
        company.Takes(Changed(Three + quorum, company.Anna, company.Cleo));
        Assert.Equal(Three + quorum, Spelled(Three + quorum, company.Authority.Policy!));
        Assert.Equal(others, company.Authority.AsksOtherWitnesses);
        Assert.Equal([company.Last], company.Authority.StandingEvidence);
    }

    [Theory]
    [MemberData(nameof(NotNeedingTheKeyholder))]
    public void a_policy_that_can_do_without_the_keyholder_is_refused(string quorum) =>
        company.Refuses(NotNeeded, Changed(Three + quorum, company.Anna, company.Cleo));

    [Fact]
    public void a_policy_without_the_keyholder_or_with_its_key_under_another_name_is_refused()
    {
        company.Refuses(NotNeeded, Changed(Log + $"witness council {Council.Verifier}\nquorum council\n", company.Anna, company.Bert));
        company.Refuses(NotNeeded, Changed(Log + "quorum none\n", company.Anna, company.Bert));
        var renamed = new NoteSigner("other.example", NoteKeyType.Cosignature, new Dice(103).Bytes(32)).Verifier;
        company.Refuses(NotNeeded, Changed(Log + $"witness keyholder {renamed}\nquorum keyholder\n", company.Anna, company.Bert));
    }

    [Fact]
    public void a_policy_is_for_this_log_and_no_other()
    {
        var other = new NoteSigner("log.example/other", NoteKeyType.Ed25519, new Dice(131).Bytes(32)).Verifier;
        var rest = Three[Log.Length..] + "quorum keyholder\n";
        company.Refuses(OtherLog, Changed($"log {other}\n" + rest, company.Anna, company.Bert));
        company.Refuses(OtherLog, Changed(Log + $"log {other}\n" + rest, company.Anna, company.Bert));
        company.Refuses(OtherLog, Changed(rest, company.Anna, company.Bert));
    }

    [Theory]
    [InlineData("")]
    [InlineData("quorum nobody\n")]
    [InlineData("witness keyholder\n")]
    [InlineData("group g 2 keyholder\nquorum g\n")]
    [InlineData("quorum keyholder\r\n")]
    public void a_policy_that_cannot_be_read_is_refused_and_says_where(string rest) =>
        Assert.StartsWith("the policy cannot be read: line ", Refused(Changed(Three + rest, company.Anna, company.Bert)), StringComparison.Ordinal);

    [Fact]
    public void a_policy_takes_a_quorum_of_root_approvers_of_this_trust_root()
    {
        var policy = Three + "quorum keyholder\n";
        company.Refuses("a policy takes 2 root approvers, 1 signed", Changed(policy, company.Anna));
        company.Refuses("a policy takes 2 root approvers, 1 signed", Changed(policy, company.Anna, company.Anna));
        company.Refuses("a policy takes 2 root approvers, 1 signed", Changed(policy, company.Anna, company.Enroll("bert", "device")));
        company.Refuses("a policy takes 2 root approvers, 0 signed", Changed(policy));
        company.Refuses("not a signed policy of this trust root", new WitnessesChanged(company.Sign(new SetWitnesses("00", Company.Now, policy), company.Anna, company.Bert)));
    }

    [Fact]
    public void another_keyholder_starts_with_the_plain_policy_and_its_key_must_stand_in_the_next_one()
    {
        company.Takes(Changed(Three + "group both all keyholder council\nquorum both\n", company.Anna, company.Bert));
        var asked = company.Last;
        var witness = new NoteSigner("witness2.example", NoteKeyType.Cosignature, new Dice(132).Bytes(32)).Verifier.ToString();
        var change = new ChangeKeyholder(company.Root.Fingerprint, Company.Now, company.Root.Keyholder, witness, "moved");
        company.Takes(new KeyholderChanged(company.Sign(change, company.Anna, company.Bert)));
        Assert.Equal(Authority.PlainPolicy(company.Root.Log, witness), company.Authority.Policy!.ToString());
        Assert.False(company.Authority.AsksOtherWitnesses);
        Assert.Equal([asked, company.Last], company.Authority.StandingEvidence);
        company.Refuses(NotNeeded, Changed(Three + "quorum keyholder\n", company.Anna, company.Bert));
        company.Takes(Changed(Log + $"witness keyholder {witness}\nwitness council {Council.Verifier}\ngroup both all keyholder council\nquorum both\n", company.Anna, company.Bert));
        Assert.True(company.Authority.AsksOtherWitnesses);
    }

    [Fact]
    public void an_old_policy_does_not_undo_a_newer_one()
    {
        var old = Changed(Three + "quorum keyholder\n", company.Anna, company.Bert);
        company.Takes(old);
        company.Takes(Changed(Three + "group both all keyholder council\nquorum both\n", company.Anna, company.Bert));
        company.Refuses("this very statement took effect before", old);
        Assert.True(company.Authority.AsksOtherWitnesses);
    }

    private static string Spelled(string text, TlogPolicy policy) => string.Equals(TlogPolicy.Parse(text).ToString(), policy.ToString(), StringComparison.Ordinal) ? text : policy.ToString();

    private string Refused(WitnessesChanged happened)
    {
        var why = company.Authority.Complaint(company.Today, happened);
        Assert.NotNull(why);
        company.Refuses(why, happened);
        return why;
    }

    private WitnessesChanged Changed(string policy, params CredentialKey[] by) => new(company.Sign(new SetWitnesses(company.Root.Fingerprint, Company.Now, policy), by));
}
