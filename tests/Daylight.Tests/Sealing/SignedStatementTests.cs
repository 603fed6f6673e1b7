using System.Text;
using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class SignedStatementTests
{
    private static readonly PauseProgram Statement = new("00", Company.Now, "focus-time", "because");

    [Fact]
    public void a_statement_is_read_back_from_what_was_signed()
    {
        using var key = CredentialKey.Create();
        var signed = SignedStatement.Sign(Statement, key);
        Assert.Equal(Statement, Daylight.Sealing.Statement.TryRead(signed.Bytes));
        Assert.True(signed.IsSignedBy(key.Credential));
    }

    [Fact]
    public void every_kind_of_statement_names_what_it_is()
    {
        Statement[] all =
        [
            new Ask("00", Company.Now, "i", "a", "s", ["p"], ["records"], new DateOnly(2026, 1, 1), new DateOnly(2026, 1, 2), "self/records", Company.Now, "c"),
            new ProposeCharter("00", Company.Now, "p", "c"), new ApproveCharter("00", Company.Now, "p", "c", "r", Company.Read), new RefuseCharter("00", Company.Now, "p", "c", "r", "w"),
            new ActivateCharter("00", Company.Now, "p", "c"), Statement, new ResumeProgram("00", Company.Now, "p", 1, 2, "r"), new GrantRole("00", Company.Now, "x", "r", new DateOnly(2026, 1, 1), Exposure: Company.Read),
            new EnrollPeople("00", Company.Now, "l", 1), new RegisterCredential("00", Company.Now, "x", "k", "person", "c"), new HttpCall("00", Company.Now, "GET", "/", ""),
        ];
        Assert.All(all, s => Assert.Equal(s.GetType(), Daylight.Sealing.Statement.TryRead(s.ToBytes())!.GetType()));
        Assert.Equal(all.Length, all.Select(s => Convert.ToHexString(s.ToBytes())).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("AAA")]
    [InlineData("AA==A")]
    [InlineData("äöü=")]
    public void broken_base64_says_nothing_and_is_signed_by_nobody(string broken)
    {
        using var key = CredentialKey.Create();
        var signed = SignedStatement.Sign(Statement, key) with { Statement = broken };
        Assert.Empty(signed.Bytes);
        Assert.Null(Daylight.Sealing.Statement.TryRead(signed.Bytes));
        Assert.False(signed.IsSignedBy(key.Credential));
    }

    [Fact]
    public void a_broken_signature_is_no_signature_and_does_not_spoil_a_good_one()
    {
        using var key = CredentialKey.Create();
        var good = SignedStatement.Sign(Statement, key);
        var broken = good.Signatures[0] with { Value = "!" };
        Assert.False((good with { Signatures = [broken] }).IsSignedBy(key.Credential));
        Assert.False((good with { Signatures = [] }).IsSignedBy(key.Credential));
        Assert.True((good with { Signatures = [broken, good.Signatures[0]] }).IsSignedBy(key.Credential));
    }

    [Fact]
    public void a_signature_under_another_credentials_name_is_none()
    {
        using var key = CredentialKey.Create();
        using var other = CredentialKey.Create();
        var good = SignedStatement.Sign(Statement, key);
        var renamed = good with { Signatures = [good.Signatures[0] with { Credential = other.Credential.Id.Value }] };
        Assert.False(renamed.IsSignedBy(other.Credential));
        Assert.False(renamed.IsSignedBy(key.Credential));
    }

    [Theory]
    [InlineData("""{"program":"p","reason":"r","root":"00","time":"2026-11-20T09:00:00+00:00"}""")]
    [InlineData("""{"act":"dance","program":"p","reason":"r","root":"00","time":"2026-11-20T09:00:00+00:00"}""")]
    [InlineData("""{"act":"pause-program","program":"p","root":"00","time":"2026-11-20T09:00:00+00:00"}""")]
    [InlineData("""{"act":"pause-program","program":"p","reason":"r","root":"00","time":"yesterday"}""")]
    [InlineData("""{"act":"pause-program","extra":"x","program":"p","reason":"r","root":"00","time":"2026-11-20T09:00:00+00:00"}""")]
    public void what_is_no_known_statement_is_not_read(string json) => Assert.Null(Daylight.Sealing.Statement.TryRead(Encoding.UTF8.GetBytes(json)));
}
