using Daylight.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Transparency;

public sealed class PolicyTests
{
    private static readonly NoteSigner Log = MemoryLog.Signer;
    private static readonly NoteSigner[] Signers = [.. Enumerable.Range(0, 5).Select(i => new NoteSigner($"w{i}.example", NoteKeyType.Cosignature, new Dice((ulong)(100 + i)).Bytes(32)))];
    private static readonly DateTimeOffset Time = MemoryLog.Time;
    private static readonly string Checkpoint = new Checkpoint(MemoryLog.Origin, 3, Merkle.Leaf("x"u8)).ToString();

    private static string LogLine => $"log {Log.Verifier}\n";

    private static string Witness(int i, string? name = null) => $"witness {name ?? "W" + i} {Signers[i].Verifier}\n";

    private static string Witnesses => string.Concat(Enumerable.Range(0, Signers.Length).Select(i => Witness(i)));

    /// <summary>The checkpoint, signed by the log and cosigned by these, all at <see cref="Time"/>.</summary>
    private static SignedNote Note(params int[] witnesses) => SignedNote.Sign(Checkpoint, Time, Log).With(Time, [.. witnesses.Select(i => Signers[i])]);

    [Fact]
    public void a_file_with_comments_blank_lines_tabs_and_urls_is_read()
    {
        var text = $"""
            # the company's policy

            {'\t'}log {Log.Verifier}   https://log.example/tiles
              # and the witnesses
            witness{'\t'}council {Signers[0].Verifier} https://witness.example
            witness auditor {Signers[1].Verifier}
            group both all council auditor
            quorum both
            """;
        var policy = TlogPolicy.Parse(text);
        Assert.Equal((Log.Verifier.ToString(), "https://log.example/tiles"), (Assert.Single(policy.Logs).Key.ToString(), policy.Logs[0].Url!.OriginalString));
        Assert.Equal(["council", "auditor"], policy.Witnesses.Select(w => w.Name));
        Assert.Equal(("https://witness.example/", null), (policy.Witnesses[0].Url!.ToString(), policy.Witnesses[1].Url));
        Assert.Equal("both", policy.Quorum);
        Assert.True(policy.IsSatisfiedBy(Note(0, 1)));
        Assert.False(policy.IsSatisfiedBy(Note(1)));
    }

    [Theory]
    [InlineData("quorum none", new int[0], true)]
    [InlineData("quorum W0", new[] { 0 }, true)]
    [InlineData("quorum W0", new[] { 1 }, false)]
    [InlineData("group g any W0 W1 W2\nquorum g", new[] { 2 }, true)]
    [InlineData("group g any W0 W1 W2\nquorum g", new[] { 3 }, false)]
    [InlineData("group g all W0 W1 W2\nquorum g", new[] { 0, 1 }, false)]
    [InlineData("group g all W0 W1 W2\nquorum g", new[] { 2, 1, 0 }, true)]
    [InlineData("group g 2 W0 W1 W2\nquorum g", new[] { 2 }, false)]
    [InlineData("group g 2 W0 W1 W2\nquorum g", new[] { 2, 2 }, false)]
    [InlineData("group g 2 W0 W1 W2\nquorum g", new[] { 2, 0 }, true)]
    [InlineData("group a all W0 W1\ngroup b any W2 W3\ngroup g 2 a b W4\nquorum g", new[] { 0, 1, 4 }, true)]
    [InlineData("group a all W0 W1\ngroup b any W2 W3\ngroup g 2 a b W4\nquorum g", new[] { 0, 2, 3 }, false)]
    [InlineData("group a all W0 W1\ngroup b any W2 W3\ngroup g 2 a b W4\nquorum g", new[] { 2, 4 }, true)]
    public void a_quorum_counts_witnesses_and_groups(string rules, int[] cosigned, bool satisfied) =>
        Assert.Equal(satisfied, TlogPolicy.Parse(LogLine + Witnesses + rules + "\n").IsSatisfiedBy(Note(cosigned)));

    [Fact]
    public void without_a_logs_signature_nothing_satisfies_it()
    {
        var cosignedOnly = SignedNote.Sign(Checkpoint, Time, Signers[0]);
        Assert.False(TlogPolicy.Parse(LogLine + Witness(0) + "quorum W0\n").IsSatisfiedBy(cosignedOnly));
        Assert.False(TlogPolicy.Parse("quorum none\n").IsSatisfiedBy(Note()));
        Assert.True(TlogPolicy.Parse(LogLine + "quorum none\n").IsSatisfiedBy(Note()));
    }

    [Fact]
    public void a_log_signs_for_its_own_origin_only()
    {
        var other = new NoteSigner("another.example/log", NoteKeyType.Ed25519, new Dice(70).Bytes(32));
        var policy = TlogPolicy.Parse($"{LogLine}log {other.Verifier}\nquorum none\n");
        Assert.False(policy.IsSatisfiedBy(SignedNote.Sign(Checkpoint, Time, other)));
        Assert.True(policy.IsSatisfiedBy(SignedNote.Sign(Checkpoint, Time, other, Log)));
    }

    [Fact]
    public void a_bad_signature_of_any_known_key_refuses_the_note_and_one_of_a_stranger_does_not()
    {
        var policy = TlogPolicy.Parse(LogLine + Witness(0) + Witness(1) + "group g any W0 W1\nquorum g\n");
        var note = Note(0, 1, 2);
        SignedNote Broken(int line) => note with { Signatures = [.. note.Signatures.Select((s, i) => i == line ? s with { Signature = [.. s.Signature[..^1], (byte)(s.Signature[^1] ^ 1)] } : s)] };
        Assert.True(policy.IsSatisfiedBy(note));
        Assert.All((int[])[0, 1, 2], line => Assert.False(policy.IsSatisfiedBy(Broken(line))));
        Assert.All((int[])[0, 1, 2], line => Assert.Empty(policy.Cosignatures(Broken(line))));
        Assert.True(policy.IsSatisfiedBy(Broken(3)));
    }

    [Fact]
    public void a_cosignature_counts_within_its_time_only_and_the_bounds_are_included()
    {
        var policy = TlogPolicy.Parse(LogLine + Witness(0) + "quorum W0\n");
        var second = TimeSpan.FromSeconds(1);
        Assert.True(policy.IsSatisfiedBy(Note(0), Time, Time));
        Assert.True(policy.IsSatisfiedBy(Note(0), notBefore: Time.AddMilliseconds(900)));
        Assert.False(policy.IsSatisfiedBy(Note(0), notBefore: Time + second));
        Assert.False(policy.IsSatisfiedBy(Note(0), notAfter: Time - second));
        var later = Note(0).With(Time + TimeSpan.FromHours(1), Signers[0]);
        Assert.True(policy.IsSatisfiedBy(later, notBefore: Time + second));
        Assert.Equal([Time, Time + TimeSpan.FromHours(1)], policy.Cosignatures(later).Select(c => c.At));
    }

    [Fact]
    public void it_says_who_cosigned_and_when()
    {
        var policy = TlogPolicy.Parse(LogLine + Witnesses + "quorum none\n");
        var note = Note(3).With(Time.AddMinutes(5), Signers[1]);
        Assert.Equal([("W3", Time), ("W1", Time.AddMinutes(5))], policy.Cosignatures(note).Select(c => (c.Witness.Name, c.At)));
    }

    [Fact]
    public void a_cosignature_without_a_time_is_none()
    {
        var zero = SignedNote.Sign(Checkpoint, Time, Log).With(DateTimeOffset.UnixEpoch, Signers[0]);
        Assert.Empty(TlogPolicy.Parse(LogLine + Witness(0) + "quorum W0\n").Cosignatures(zero));
        Assert.Null(Signers[0].Verifier.CosignedAt(zero.Signatures[1]));
        Assert.Null(Log.Verifier.CosignedAt(zero.Signatures[0]));
        Assert.Null(Signers[1].Verifier.CosignedAt(Note(0).Signatures[1]));
        Assert.Equal(Time, Signers[0].Verifier.CosignedAt(Note(0).Signatures[1]));
        var never = Note(0).Signatures[1] with { Signature = [.. Enumerable.Repeat((byte)255, 72)] };
        Assert.Null(Signers[0].Verifier.CosignedAt(never));
    }

    [Fact]
    public void a_checkpoint_is_opened_by_its_policy()
    {
        var policy = TlogPolicy.Parse(LogLine + Witness(0) + "quorum W0\n");
        Assert.True(policy.TryOpen(Note(0).ToString(), out var checkpoint));
        Assert.Equal(Checkpoint, checkpoint.ToString());
        Assert.False(policy.TryOpen(Note().ToString(), out _));
        Assert.False(policy.TryOpen(SignedNote.Sign(MemoryLog.Origin + "\nno checkpoint\n", Time, Log, Signers[0]).ToString(), out _));
    }

    public static TheoryData<string, int, string> Refused()
    {
        var sameKey = new NoteSigner("other-name.example", NoteKeyType.Cosignature, new Dice(100).Bytes(32)).Verifier;
        var logsKey = new NoteSigner("log-as-witness.example", NoteKeyType.Cosignature, new Dice(1).Bytes(32)).Verifier;
        var renamedLog = new NoteSigner("renamed.example", NoteKeyType.Ed25519, new Dice(1).Bytes(32)).Verifier;
        return new()
        {
            { LogLine, 2, "without a quorum" },
            { "", 1, "without a quorum" },
            { "quorum none\nquorum none\n", 2, "a quorum already" },
            { "quorum W0\n" + Witness(0), 1, "'W0' is no witness or group so far" },
            { "quorum\n", 1, "'quorum NAME'" },
            { "quorum a b\n", 1, "several witnesses make a group" },
            { LogLine + LogLine, 2, "the same key" },
            { LogLine + $"log {renamedLog}\n", 2, "the same key" },
            { LogLine + $"witness self {logsKey}\n", 2, "the same key as log" },
            { Witness(0) + $"witness other {sameKey}\n", 2, "the same key as witness W0" },
            { Witness(0) + Witness(1, "W0"), 2, "the name 'W0' is taken" },
            { Witness(0) + "group W0 any W0\n", 2, "is taken" },
            { Witness(0, "none"), 1, "'none'" },
            { Witness(0) + "group none any W0\n", 2, "'none'" },
            { Witness(0) + "group g any none\n", 2, "'none' is no witness" },
            { Witness(0) + "group g any g\n", 2, "'g' is no witness or group so far" },
            { Witness(0) + "group a any b W0\ngroup b any a\n", 2, "'b' is no witness or group so far" },
            { Witness(0) + "group g any\n", 2, "at least one member" },
            { Witness(0) + "group g 0 W0\n", 2, "a number from 1 to 1" },
            { Witness(0) + "group g 2 W0\n", 2, "a number from 1 to 1" },
            { Witness(0) + "group g -1 W0\n", 2, "a number from 1 to 1" },
            { Witness(0) + "group g most W0\n", 2, "a number from 1 to 1" },
            { Witness(0) + "group g 99999999999 W0\n", 2, "a number from 1 to 1" },
            { Witness(0) + Witness(1) + "group g 2 W0 W0\n", 3, "'W0' is a member already" },
            { Witness(0) + Witness(1) + "group g any W0\ngroup h all W0 W1\n", 4, "'W0' is a member already" },
            { $"log {Signers[0].Verifier}\n", 1, "is a witness's" },
            { $"witness w {Log.Verifier}\n", 1, "is a log's" },
            { "witness w example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n", 1, "not a verification key" },
            { $"witness w {Signers[0].Verifier}\u00a0\n", 1, "not a verification key" },
            { $"witness w {Signers[0].Verifier} witness.example\n", 1, "not a URL" },
            { $"witness w {Signers[0].Verifier} https://a https://b\n", 1, "'witness NAME VKEY URL'" },
            { $"witness {Signers[0].Verifier}\n", 1, "'witness NAME VKEY'" },
            { "log\n", 1, "'log VKEY'" },
            { "# fine\n\nlogs x\n", 3, "'logs' is not known here" },
            { "quorum none\r\n", 1, "U+000D" },
            { "quorum none\n# \0\n", 2, "U+0000" },
            { "quorum\vnone\n", 1, "U+000B" },
        };
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void what_contradicts_itself_is_refused_with_its_line(string text, int line, string says)
    {
        Assert.False(TlogPolicy.TryParse(text, out _, out var problem));
        Assert.StartsWith($"line {line}: ", problem, StringComparison.Ordinal);
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void names_are_compared_byte_by_byte()
    {
        // The Kelvin sign and K are different names, as in the specification.
        var policy = TlogPolicy.Parse(Witness(0, "K") + Witness(1, "\u212a") + "group g all K \u212a\nquorum g\n");
        Assert.Equal(["K", "\u212a"], policy.Groups[0].Members);
    }

    [Fact]
    public void parts_that_contradict_each_other_make_no_policy()
    {
        PolicyWitness council = new("council", Signers[0].Verifier, null);
        Assert.Equal("council", TlogPolicy.Create([new PolicyLog(Log.Verifier, null)], [council], [], "council").Quorum);
        Assert.Throws<FormatException>(() => TlogPolicy.Create([], [council, council], [], null));
        Assert.Throws<FormatException>(() => TlogPolicy.Create([], [council with { Name = "a b" }], [], null));
        Assert.Throws<FormatException>(() => TlogPolicy.Create([], [council with { Name = "a\nquorum" }], [], null));
        Assert.Throws<FormatException>(() => TlogPolicy.Create([], [council], [], "nobody"));
    }

    [Fact]
    public void at_least_32_of_each_are_read_and_an_endless_file_is_not()
    {
        string Many(int count) => string.Concat(Enumerable.Range(0, count).Select(i =>
            $"log {new NoteSigner($"l{i}", NoteKeyType.Ed25519, new Dice((ulong)(1000 + i)).Bytes(32)).Verifier}\n"
            + $"witness w{i} {new NoteSigner($"w{i}", NoteKeyType.Cosignature, new Dice((ulong)(9000 + i)).Bytes(32)).Verifier}\ngroup g{i} all w{i}\n"));
        Assert.Equal(32, TlogPolicy.Parse(Many(32) + "quorum g31\n").Groups.Count);
        Assert.False(TlogPolicy.TryParse(Many(TlogPolicy.MostOfEach + 1) + "quorum none\n", out _, out var problem));
        Assert.Contains("more than", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void what_is_written_is_read_back_the_same() =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300), Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(seed => Any((ulong)seed)).ToArbitrary(), policy =>
        {
            var text = policy.ToString();
            var read = TlogPolicy.Parse(text);
            return read.ToString() == text
                && read.Logs.Select(l => $"{l}").SequenceEqual(policy.Logs.Select(l => $"{l}")) && read.Witnesses.Select(w => $"{w}").SequenceEqual(policy.Witnesses.Select(w => $"{w}")) && read.Quorum == policy.Quorum
                && read.Groups.Zip(policy.Groups).All(g => g.First.Name == g.Second.Name && g.First.Threshold == g.Second.Threshold && g.First.Members.SequenceEqual(g.Second.Members))
                && read.Groups.Count == policy.Groups.Count;
        }));

    /// <summary>Any policy: some logs, some witnesses, groups of whatever is free.</summary>
    private static TlogPolicy Any(ulong seed)
    {
        var dice = new Dice(seed);
        Uri? Url() => dice.Below(2) == 0 ? null : new Uri($"https://host{dice.Below(100)}.example/Ä/%7E?q");
        PolicyLog[] logs = [.. Enumerable.Range(0, dice.Below(3)).Select(i => new PolicyLog(new NoteSigner($"log{i}.example/ü", NoteKeyType.Ed25519, dice.Bytes(32)).Verifier, Url()))];
        PolicyWitness[] witnesses = [.. Enumerable.Range(0, dice.Below(7)).Select(i => new PolicyWitness($"w{i}ß#", new NoteSigner($"w{i}", NoteKeyType.Cosignature, dice.Bytes(32)).Verifier, Url()))];
        var free = witnesses.Select(w => w.Name).ToList();
        var groups = new List<PolicyGroup>();
        while (free.Count > 0 && dice.Below(4) > 0)
        {
            var members = free.Take(1 + dice.Below(free.Count)).ToList();
            groups.Add(new PolicyGroup($"g{groups.Count}", 1 + dice.Below(members.Count), members));
            free = [.. free.Skip(members.Count), groups[^1].Name];
        }

        return TlogPolicy.Create(logs, witnesses, groups, free.Count == 0 || dice.Below(4) == 0 ? null : dice.One(free));
    }
}
