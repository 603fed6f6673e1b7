using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

/// <summary>A passkey signs a statement through what the browser says it was asked; keyholder, agents and verifiers check that by themselves.</summary>
public sealed class PasskeyTests : IDisposable
{
    private static readonly Statement Paused = new RevokeRole("00", DateTimeOffset.UnixEpoch, "p-1", "auditor", "enough");

    private readonly TestPasskey passkey = new();

    [Fact]
    public void its_signature_is_over_the_statement_whose_hash_is_the_challenge()
    {
        var signed = passkey.Sign(Paused);
        Assert.True(signed.IsSignedBy(passkey.Credential));
        var other = signed with { Statement = Convert.ToBase64String((Paused with { Time = DateTimeOffset.UnixEpoch.AddSeconds(1) }).ToBytes()) };
        Assert.False(other.IsSignedBy(passkey.Credential));
    }

    [Fact]
    public void its_text_names_its_origin_and_reads_back()
    {
        Assert.EndsWith("@" + TestPasskey.Portal, passkey.Credential.Text, StringComparison.Ordinal);
        var read = Credential.TryParse(passkey.Credential.Text)!;
        Assert.Equal(passkey.Credential.Id, read.Id);
        Assert.True(passkey.Sign(Paused).IsSignedBy(read));
    }

    [Theory]
    [InlineData("http://daylight.acme.example")]
    [InlineData("https://daylight.acme.example/")]
    [InlineData("https://daylight.acme.example:443")]
    [InlineData("https://Daylight.acme.example")]
    [InlineData("https://eve@daylight.acme.example")]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("null")]
    [InlineData("")]
    public void an_origin_has_one_spelling_and_is_one_that_passkeys_work_at(string origin) =>
        Assert.Null(Credential.TryParse(passkey.Credential.Text.Split('@')[0] + "@" + origin));

    [Theory]
    [InlineData("http://localhost:8080")]
    [InlineData("https://daylight.acme.example:8443")]
    public void ports_and_localhost_are_origins(string origin)
    {
        using var there = new TestPasskey(origin);
        Assert.True(there.Sign(Paused).IsSignedBy(there.Credential));
    }

    [Theory]
    [InlineData(0x01)] // nobody showed who they are
    [InlineData(0x04)] // nobody was there
    [InlineData(0x00)]
    public void somebody_was_there_and_showed_who_they_are(byte flags)
    {
        passkey.Flags = flags;
        Refused();
    }

    [Fact]
    public void a_signature_for_another_page_is_none()
    {
        passkey.Page = "https://evil.acme.example";
        Refused();
    }

    [Fact]
    public void a_signature_for_another_party_is_none()
    {
        passkey.Host = "acme.example";
        Refused();
    }

    [Fact]
    public void making_a_passkey_signs_nothing()
    {
        passkey.Type = "webauthn.create";
        Refused();
    }

    [Theory]
    [InlineData(",\"crossOrigin\":true")]
    [InlineData(",\"origin\":\"https://daylight.acme.example\"")]
    [InlineData(",\"challenge\":\"AAAA\"")]
    [InlineData(",")]
    public void frames_and_doubled_members_are_refused(string more)
    {
        passkey.More = more;
        Refused();
    }

    [Fact]
    public void members_that_browsers_add_later_are_no_trouble()
    {
        passkey.More = ",\"crossOrigin\":false,\"other_keys_can_be_added_here\":\"do not compare clientDataJSON against a template\"";
        Assert.True(passkey.Sign(Paused).IsSignedBy(passkey.Credential));
    }

    [Fact]
    public void a_passkey_signs_no_bytes_and_a_plain_key_no_assertions()
    {
        using var plain = CredentialKey.Create();
        var raw = SignedStatement.Sign(Paused, plain).Signatures[0];
        var made = passkey.Sign(Paused.ToBytes());
        Assert.True(plain.Credential.Signed(Paused.ToBytes(), raw));
        Assert.False(plain.Credential.Signed(Paused.ToBytes(), raw with { Assertion = made.Assertion }));
        Assert.False(passkey.Credential.Signed(Paused.ToBytes(), made with { Assertion = null }));
        Assert.False(passkey.Credential.Verify(Paused.ToBytes(), Convert.FromBase64String(made.Value)));

        // The same key as a plain one: what it signed around the statement is still no signature over the statement.
        Assert.False(Credential.TryParse(passkey.Credential.Text.Split('@')[0])!.Signed(Paused.ToBytes(), made));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("!", "e30=")]
    public void what_is_damaged_is_refused_and_throws_nothing(string? data, string? client) =>
        Assert.False(passkey.Credential.Signed(Paused.ToBytes(), passkey.Sign(Paused.ToBytes()) with { Assertion = new Assertion(data!, client!) }));

    [Fact]
    public void changing_any_byte_breaks_it()
    {
        var made = passkey.Sign(Paused.ToBytes());
        IEnumerable<Signature> changed =
        [
            .. Changed(made.Assertion!.AuthenticatorData).Select(d => made with { Assertion = made.Assertion with { AuthenticatorData = d } }),
            .. Changed(made.Assertion.ClientData).Select(d => made with { Assertion = made.Assertion with { ClientData = d } }),
            .. Changed(made.Value).Select(d => made with { Value = d }),
        ];
        Assert.All(changed, s => Assert.False(passkey.Credential.Signed(Paused.ToBytes(), s)));
    }

    public void Dispose() => passkey.Dispose();

    private static IEnumerable<string> Changed(string base64)
    {
        var bytes = Convert.FromBase64String(base64);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x10;
            yield return Convert.ToBase64String(bytes);
            bytes[i] ^= 0x10;
        }
    }

    private void Refused() => Assert.False(passkey.Sign(Paused).IsSignedBy(passkey.Credential));
}
