using System.Text;
using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

public sealed class SignedNoteTests
{
    private const string SpecKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    private static readonly NoteSigner Log = MemoryLog.Signer;
    private static readonly NoteSigner Other = new("other.example", NoteKeyType.Ed25519, new Dice(9).Bytes(32));

    private static SignedNote Note(string text) => SignedNote.Sign(text, MemoryLog.Time, Log);

    [Fact]
    public void the_test_key_of_the_specification_has_its_id()
    {
        var key = NoteVerifier.Parse(SpecKey);
        Assert.Equal(("example.com/foo", NoteKeyType.Ed25519, 0x530d903au), (key.Name, key.Type, key.Id));
        Assert.Equal(SpecKey, key.ToString());
        Assert.Equal("e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4", Convert.ToHexStringLower(key.PublicKey));
    }

    [Theory]
    [InlineData("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")] // another id
    [InlineData("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")] // another name
    [InlineData("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")] // upper case
    [InlineData("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")] // type 2
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==")] // short
    [InlineData("example.com/foo+530d903a")]
    [InlineData("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("")]
    public void a_key_in_any_other_spelling_is_refused(string vkey) => Assert.False(NoteVerifier.TryParse(vkey, out _));

    [Fact]
    public void a_note_survives_being_written_and_read()
    {
        var note = Note("one\n\ntwo\n").With(MemoryLog.Time, MemoryLog.Witness);
        Assert.True(SignedNote.TryParse(note.ToString(), out var read));
        Assert.Equal(note.ToString(), read!.ToString());
        Assert.Equal([Log.Verifier, MemoryLog.Witness.Verifier], read.Verify(MemoryLog.Required)!);
    }

    [Fact]
    public void a_note_is_split_at_its_last_blank_line()
    {
        // The text itself ends in what looks like a signed note: everything before the last blank line is text.
        var inner = Note("inner\n").ToString();
        var outer = SignedNote.Sign(inner, MemoryLog.Time, Other).ToString();
        Assert.True(SignedNote.TryParse(outer, out var note));
        Assert.Equal(inner, note!.Text);
        Assert.True(note.IsSignedBy(Other.Verifier));
        Assert.False(note.IsSignedBy(Log.Verifier));
    }

    [Fact]
    public void signatures_of_unknown_keys_are_ignored()
    {
        var note = Note("text\n").With(MemoryLog.Time, Other);
        var broken = note with { Signatures = [note.Signatures[0], note.Signatures[1] with { Signature = [1, 2, 3] }] };
        Assert.True(broken.IsSignedBy(Log.Verifier));
    }

    [Fact]
    public void a_bad_signature_of_a_known_key_refuses_the_whole_note()
    {
        var note = Note("text\n").With(MemoryLog.Time, Other);
        var broken = note with { Signatures = [note.Signatures[0], note.Signatures[1] with { Signature = new byte[64] }] };
        Assert.Null(broken.Verify(Log.Verifier, Other.Verifier));
        Assert.Null((note with { Text = "another text\n" }).Verify(Log.Verifier));
    }

    [Fact]
    public void a_good_signature_beside_a_bad_one_of_the_same_key_does_not_save_the_note()
    {
        var note = Note("text\n");
        var twice = note with { Signatures = [note.Signatures[0], note.Signatures[0] with { Signature = new byte[64] }] };
        Assert.False(twice.IsSignedBy(Log.Verifier));
    }

    [Fact]
    public void nobody_signed_when_only_strangers_did() => Assert.Empty(Note("text\n").Verify(Other.Verifier)!);

    [Fact]
    public void at_least_16_signatures_are_accepted_and_an_endless_list_is_not()
    {
        var signers = Enumerable.Range(0, SignedNote.MaxSignatures + 1).Select(i => new NoteSigner($"s{i}", NoteKeyType.Ed25519, new Dice((ulong)i).Bytes(32))).ToArray();
        Assert.True(SignedNote.TryParse(SignedNote.Sign("t\n", MemoryLog.Time, signers.AsSpan(0, 16)).ToString(), out var note));
        Assert.True(note!.IsSignedBy(signers[15].Verifier));
        Assert.False(SignedNote.TryParse(SignedNote.Sign("t\n", MemoryLog.Time, signers).ToString(), out _));
    }

    [Fact]
    public void a_cosignature_is_bound_to_its_time()
    {
        var signature = MemoryLog.Witness.Sign("body\n"u8, MemoryLog.Time);
        Assert.True(MemoryLog.Witness.Verifier.Verify("body\n"u8, signature));
        signature[7] ^= 1;
        Assert.False(MemoryLog.Witness.Verifier.Verify("body\n"u8, signature));
    }

    [Fact]
    public void a_cosignature_is_no_plain_signature_under_the_same_key()
    {
        var seed = new Dice(5).Bytes(32);
        var plain = new NoteSigner("same.example", NoteKeyType.Ed25519, seed);
        var witness = new NoteSigner("same.example", NoteKeyType.Cosignature, seed);
        Assert.NotEqual(plain.Verifier.Id, witness.Verifier.Id);
        Assert.False(plain.Verifier.Verify("x\n"u8, witness.Sign("x\n"u8, MemoryLog.Time).AsSpan(8)));
        Assert.False(witness.Verifier.Verify("x\n"u8, plain.Sign("x\n"u8, MemoryLog.Time)));
    }

    public static TheoryData<string> NotNotes()
    {
        var good = SignedNote.Sign("text\n", MemoryLog.Time, MemoryLog.Signer).ToString();
        var line = good[(good.IndexOf('\u2014', StringComparison.Ordinal) - 1)..];
        return
        [
            string.Empty, "text\n", "text\n\n", "\n", good[..^1], good + "\n", good + "more\n", good.Replace("\n\n", "\n", StringComparison.Ordinal),
            good.Replace('\u2014', '-'), good.Replace("text", "te\rxt", StringComparison.Ordinal), good.Replace("text", "te\0xt", StringComparison.Ordinal),
            good.Replace("\u2014 ", "\u2014  ", StringComparison.Ordinal), "text\n" + line.TrimStart('\n'), good.Replace("=\n", " =\n", StringComparison.Ordinal), "text\n\n\u2014 name AAAAAA==\n",
        ];
    }

    [Theory]
    [MemberData(nameof(NotNotes))]
    public void what_is_not_a_note_is_not_parsed(string text) => Assert.False(SignedNote.TryParse(text, out _));

    [Fact]
    public void text_without_its_final_newline_cannot_be_signed() => Assert.Throws<ArgumentException>(() => Note("text"));

    [Fact]
    public void a_signature_covers_text_beyond_ascii()
    {
        var note = Note("Größe 日本\n");
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(note.ToString())), out var read));
        Assert.True(read!.IsSignedBy(Log.Verifier));
    }
}
