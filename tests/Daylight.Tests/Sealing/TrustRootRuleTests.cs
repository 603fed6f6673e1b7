using Daylight.Sealing;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Sealing;

public sealed class TrustRootRuleTests
{
    private static (CredentialKey Anna, CredentialKey Bert, CredentialKey Cleo) Keys { get; } = (CredentialKey.Create(), CredentialKey.Create(), CredentialKey.Create());

    private static TrustRoot Root(int quorum = 2) => Company.RootOf("Example", quorum, Keys.Anna, Keys.Bert, Keys.Cleo);

    [Fact]
    public void nothing_happens_before_there_is_a_trust_root() =>
        Assert.Equal("there is no trust root before it", new Authority().Apply(0, default, new ProgramPaused("p", "r", Company.Now)));

    [Fact]
    public void the_trust_root_never_changes()
    {
        var company = new Company();
        Assert.NotNull(company.Happens(new TrustRootSet(Root())));
        Assert.Equal(company.Root.Fingerprint, company.Authority.RootHash);
        Assert.NotNull(new Authority().Apply(1, default, new TrustRootSet(Root())));
    }

    [Fact]
    public void a_root_that_is_not_one_founds_nothing()
    {
        TrustRoot[] bad =
        [
            Root(quorum: 0), Root(quorum: -1), Root() with { V = 2 }, Root() with { Log = "no key" }, Root() with { Witness = string.Empty },
            Root() with { Witness = Company.LogKey.Verifier.ToString() }, Root() with { Log = Company.WitnessKey.Verifier.ToString() }, Root() with { Keyholder = Company.WitnessKey.Verifier.ToString() },
            Root() with { Witness = new NoteSigner("w.example", NoteKeyType.Cosignature, new Dice(101).Bytes(32)).Verifier.ToString() }, // the log's own key: no witness of itself
            Root() with { Approvers = [new RootApprover("anna", "bm8ga2V5", [Company.PrivacyOfficer])] },
        ];
        Assert.All(bad, root =>
        {
            var authority = new Authority();
            Assert.NotNull(authority.Apply(0, default, new TrustRootSet(root)));
            Assert.Null(authority.Root);
            Assert.Empty(authority.Credentials);
        });
    }

    [Fact]
    public void a_root_survives_being_written_and_its_fingerprint_covers_every_approver()
    {
        Assert.Equal(Root().Fingerprint, TrustRoot.TryRead(Root().ToBytes())!.Fingerprint);
        Assert.NotEqual(Root().Fingerprint, (Root() with { Approvers = [.. Root().Approvers.Take(2)] }).Fingerprint);
        Assert.NotEqual(Root().Fingerprint, Root(quorum: 1).Fingerprint);
    }
}
