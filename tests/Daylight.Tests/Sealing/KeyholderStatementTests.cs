using Daylight.Sealing;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Sealing;

public sealed class KeyholderStatementTests
{
    private static readonly NoteSigner Keyholder = new("keyholder.example", NoteKeyType.Ed25519, new Dice(3).Bytes(32));
    private static readonly KeyStatement Key = new("00", Company.Now, "dora", "focus-time", 1, "BA==");

    [Fact]
    public void a_statement_opens_under_the_keyholders_key_only()
    {
        Assert.Equal(Key, KeyholderStatement.TryOpen(Key.Sign(Keyholder), Keyholder.Verifier));
        Assert.Null(KeyholderStatement.TryOpen(Key.Sign(Keyholder), MemoryLog.Signer.Verifier));
        Assert.Null(KeyholderStatement.TryOpen(Key.Sign(MemoryLog.Signer), Keyholder.Verifier));
    }

    [Fact]
    public void a_key_of_somebody_else_cannot_be_put_in()
    {
        var note = Key.Sign(Keyholder);
        Assert.Null(KeyholderStatement.TryOpen(note.Replace("dora", "dorb", StringComparison.Ordinal), Keyholder.Verifier));
        Assert.Null(KeyholderStatement.TryOpen(note.Replace("\"epoch\":1", "\"epoch\":2", StringComparison.Ordinal), Keyholder.Verifier));
    }

    [Fact]
    public void a_signed_text_that_is_no_statement_opens_to_nothing() =>
        Assert.Null(KeyholderStatement.TryOpen(SignedNote.Sign("{\"says\":\"hello\"}\n", Company.Now, Keyholder).ToString(), Keyholder.Verifier));

    [Fact]
    public void a_status_is_told_apart_from_a_key()
    {
        var status = new StatusStatement("00", Company.Now, "focus-time", "", "none", 7, Merkle.EmptyRoot.ToString());
        Assert.Equal(status, KeyholderStatement.TryOpen(status.Sign(Keyholder), Keyholder.Verifier));
    }
}
