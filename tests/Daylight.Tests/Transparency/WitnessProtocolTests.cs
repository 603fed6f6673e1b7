using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

public sealed class WitnessProtocolTests
{
    private static readonly TileTree Tree = MemoryLog.OfSize(300).Tree;
    private static readonly NoteVerifier Trusted = MemoryLog.Signer.Verifier;
    private static readonly NoteSigner Stranger = new(MemoryLog.Origin, NoteKeyType.Ed25519, new Dice(40).Bytes(32));

    private static Checkpoint At(ulong size, string origin = MemoryLog.Origin) => new(origin, size, Proofs.Root(size, Tree.Node));

    private static SignedNote Sign(Checkpoint checkpoint, params NoteSigner[] signers) => SignedNote.Sign(checkpoint.ToString(), MemoryLog.Time, signers.Length == 0 ? [MemoryLog.Signer] : signers);

    private static AddCheckpointRequest From(ulong old, ulong size) => new(old, Proofs.Consistency(old, size, Tree.Node), Sign(At(size)));

    private static int Status(AddCheckpointRequest request, Checkpoint? known) => WitnessProtocol.Decide(request, known, Trusted).Status;

    [Fact]
    public void a_request_is_written_and_read_as_the_specification_says()
    {
        var request = From(200, 300);
        var lines = request.ToString().Split('\n');
        Assert.Equal("old 200", lines[0]);
        Assert.Equal(request.Proof.Select(h => h.ToString()), lines[1..(1 + request.Proof.Count)]);
        Assert.Equal((string.Empty, MemoryLog.Origin), (lines[1 + request.Proof.Count], lines[2 + request.Proof.Count]));
        Assert.True(AddCheckpointRequest.TryParse(request.ToString(), out var read, out _));
        Assert.Equal(request.ToString(), read.ToString());
        Assert.Equal(At(300), read.Checkpoint);
    }

    [Fact]
    public void the_example_of_the_specification_is_read()
    {
        const string Body = """
            old 20852014
            PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
            jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
            5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
            /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=

            """;
        Assert.True(AddCheckpointRequest.TryParse(Body, out var request, out _));
        Assert.Equal((20852014ul, 4, 20852163ul, 2), (request.OldSize, request.Proof.Count, request.Checkpoint.Size, request.Note.Signatures.Count));
        Assert.Equal(Body, request.ToString());
    }

    public static TheoryData<string> NotRequests()
    {
        var good = From(200, 300).ToString();
        var note = Sign(At(300)).ToString();
        var hash = At(300).Root.ToString();
        return
        [
            "", "old 0", "old 0\n", "old 0\n\n", "old 0\n" + note, note, good[..^1], good.Replace("old 200", "old 0200", StringComparison.Ordinal), good.Replace("old 200", "old  200", StringComparison.Ordinal),
            good.Replace("old 200", "old +200", StringComparison.Ordinal), good.Replace("old 200", "old -1", StringComparison.Ordinal), good.Replace("old 200", "OLD 200", StringComparison.Ordinal), good.Replace("old 200", "old", StringComparison.Ordinal),
            good.Replace("old 200", "old 18446744073709551616", StringComparison.Ordinal), good.Replace("old 200\n", "old 200\r\n", StringComparison.Ordinal), "old 200\nAAAA\n\n" + note, "old 200\n\n\n" + note,
            "old 200\n" + string.Concat(Enumerable.Repeat(hash + "\n", 64)) + "\n" + note, "old 0\n\n" + SignedNote.Sign("no checkpoint\n", MemoryLog.Time, MemoryLog.Signer),
            "old 0\n\n" + SignedNote.Sign(At(300).ToString() + "\nafter an empty line\n", MemoryLog.Time, MemoryLog.Signer), "old 0\n\n" + SignedNote.Sign($"{MemoryLog.Origin}\n0300\n{hash}\n", MemoryLog.Time, MemoryLog.Signer),
            "old 0\n\n" + SignedNote.Sign($"{MemoryLog.Origin}\n9223372036854775808\n{hash}\n", MemoryLog.Time, MemoryLog.Signer),
        ];
    }

    [Theory]
    [MemberData(nameof(NotRequests))]
    public void what_is_no_request_is_refused_and_never_throws(string body)
    {
        Assert.False(AddCheckpointRequest.TryParse(body, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void sixty_three_hashes_are_read() =>
        Assert.True(AddCheckpointRequest.TryParse("old 200\n" + string.Concat(Enumerable.Repeat(At(300).Root + "\n", 63)) + "\n" + Sign(At(300)), out _, out _));

    [Fact]
    public void extension_lines_are_signed_and_mean_nothing()
    {
        var note = SignedNote.Sign(At(300) + "an extension\n", MemoryLog.Time, MemoryLog.Signer);
        Assert.True(AddCheckpointRequest.TryParse("old 0\n\n" + note, out var request, out _));
        Assert.Equal(new WitnessDecision.Cosign(At(300)), WitnessProtocol.Decide(request, null, Trusted));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 300)]
    [InlineData(1, 300)]
    [InlineData(128, 256)]
    [InlineData(255, 257)]
    [InlineData(299, 300)]
    [InlineData(300, 300)]
    public void a_log_that_only_appended_is_cosigned(int old, int size) =>
        Assert.Equal(new WitnessDecision.Cosign(At((ulong)size)), WitnessProtocol.Decide(From((ulong)old, (ulong)size), old == 0 ? null : At((ulong)old), Trusted));

    [Fact]
    public void every_pair_of_small_sizes_is_cosigned_with_its_own_proof_and_refused_with_another()
    {
        for (var size = 1UL; size <= 40; size++)
        {
            for (var old = 1UL; old < size; old++)
            {
                Assert.Equal(200, Status(From(old, size), At(old)));
                Assert.Equal(422, Status(From(old, size) with { Proof = [] }, At(old)));
                Assert.Equal(422, Status(From(old, size) with { Proof = [.. From(old, size).Proof, At(size).Root] }, At(old)));
                Assert.Equal(422, Status(From(old, size), At(old) with { Root = At(old + 100).Root }));
            }
        }
    }

    [Fact]
    public void a_log_that_is_not_watched_is_404_whoever_signed()
    {
        var other = new NoteSigner("another.example", NoteKeyType.Ed25519, new Dice(41).Bytes(32));
        Assert.Equal(404, Status(new AddCheckpointRequest(0, [], Sign(At(300, "another.example"), other)), null));
        Assert.Equal(404, Status(new AddCheckpointRequest(0, [], Sign(At(300, "another.example"))), null));
        Assert.Equal(404, WitnessProtocol.Decide(From(0, 300), null).Status);
        // A witness's key of the same name watches nothing.
        Assert.Equal(404, WitnessProtocol.Decide(From(0, 300), null, NoteVerifier.Create(MemoryLog.Origin, NoteKeyType.Cosignature, Trusted.PublicKey)).Status);
    }

    [Fact]
    public void without_a_trusted_signature_or_with_a_bad_one_it_is_403()
    {
        Assert.Equal(403, Status(new AddCheckpointRequest(0, [], Sign(At(300), Stranger)), null));
        Assert.Equal(200, Status(new AddCheckpointRequest(0, [], Sign(At(300), Stranger, MemoryLog.Signer)), null));
        var bad = Sign(At(300)).Signatures[0] with { Signature = new byte[64] };
        Assert.Equal(403, Status(new AddCheckpointRequest(0, [], Sign(At(300)) with { Signatures = [bad] }), null));
        Assert.Equal(403, Status(new AddCheckpointRequest(0, [], Sign(At(300)) with { Signatures = [Sign(At(300)).Signatures[0], bad] }), null));
        // Any one of a log's trusted keys will do, and a signature comes before everything else that is wrong.
        Assert.Equal(200, WitnessProtocol.Decide(new AddCheckpointRequest(0, [], Sign(At(300), Stranger)), null, Trusted, Stranger.Verifier).Status);
        Assert.Equal(403, Status(new AddCheckpointRequest(301, [], Sign(At(300), Stranger)), At(5)));
    }

    [Fact]
    public void an_old_size_above_the_checkpoints_is_400() => Assert.Equal(400, Status(new AddCheckpointRequest(301, [], Sign(At(300))), At(301 - 1)));

    [Fact]
    public void another_old_size_than_the_known_one_is_409_and_says_which_is_known()
    {
        Assert.Equal(200ul, Assert.IsType<WitnessDecision.OtherSize>(WitnessProtocol.Decide(From(0, 300), At(200), Trusted)).KnownSize);
        Assert.Equal("200\n", Assert.IsType<WitnessDecision.OtherSize>(WitnessProtocol.Decide(From(199, 300), At(200), Trusted)).Body);
        Assert.Equal("0\n", Assert.IsType<WitnessDecision.OtherSize>(WitnessProtocol.Decide(From(200, 300), null, Trusted)).Body);
        Assert.Equal(409, Status(From(100, 150), At(200)));
        Assert.True(WitnessProtocol.TryReadSize("200\n", out var size));
        Assert.Equal(200ul, size);
        Assert.All((string[])["200", "0200\n", "\n", "", "x\n", "-1\n"], text => Assert.False(WitnessProtocol.TryReadSize(text, out _)));
    }

    [Fact]
    public void an_empty_log_has_the_empty_root()
    {
        Assert.Equal(200, Status(From(0, 0), null));
        Assert.Equal(200, Status(From(0, 0), At(0)));
        Assert.Equal(422, Status(new AddCheckpointRequest(0, [], Sign(At(0) with { Root = At(1).Root })), null));
    }

    [Fact]
    public void from_nothing_there_is_no_proof() => Assert.Equal(422, Status(From(0, 300) with { Proof = [At(1).Root] }, null));

    [Fact]
    public void the_same_size_wants_the_same_root_and_no_proof()
    {
        Assert.Equal(200, Status(From(300, 300), At(300)));
        Assert.Equal(422, Status(From(300, 300) with { Proof = [At(1).Root] }, At(300)));
        Assert.Equal(422, Status(new AddCheckpointRequest(300, [], Sign(At(300) with { Root = At(1).Root })), At(300)));
    }

    [Fact]
    public void two_signed_roots_of_one_size_show_a_fork_whatever_old_size_is_claimed()
    {
        var forked = Sign(At(300) with { Root = At(1).Root });
        Assert.True(WitnessProtocol.Decide(new AddCheckpointRequest(300, [], forked), At(300), Trusted).ShowsFork);
        Assert.True(WitnessProtocol.Decide(new AddCheckpointRequest(0, [], forked), At(300), Trusted) is WitnessDecision.OtherSize { ShowsFork: true });
        Assert.False(WitnessProtocol.Decide(new AddCheckpointRequest(200, [], forked), At(200), Trusted).ShowsFork);
        Assert.False(WitnessProtocol.Decide(new AddCheckpointRequest(300, [], Sign(At(300) with { Root = At(1).Root }, Stranger)), At(300), Trusted).ShowsFork);
        Assert.False(WitnessProtocol.Decide(From(300, 300), At(300), Trusted).ShowsFork);
    }

    [Fact]
    public void what_is_known_of_another_log_is_never_compared() => Assert.Throws<ArgumentException>(() => WitnessProtocol.Decide(From(0, 300), At(200, "another.example"), Trusted));

    [Fact]
    public void a_good_cosignature_is_found_in_the_answer_and_a_bad_one_is_not()
    {
        var (note, witness) = (Sign(At(300)), MemoryLog.Witness.Verifier);
        var line = note.With(MemoryLog.Time, MemoryLog.Witness).Signatures[1].ToString();
        var stranger = note.With(MemoryLog.Time, new NoteSigner("x.example", NoteKeyType.Cosignature, new Dice(43).Bytes(32))).Signatures[1].ToString();
        Assert.Equal(line, WitnessProtocol.ReadCosignature(stranger + line, note, witness)!.ToString());
        Assert.Null(WitnessProtocol.ReadCosignature(stranger, note, witness));
        Assert.Null(WitnessProtocol.ReadCosignature(line, Sign(At(299)), witness));
        Assert.All((string[])["", "\n", "ok\n", line[..^1], "x\n\n" + line], answer => Assert.Null(WitnessProtocol.ReadCosignature(answer, note, witness)));
    }
}
