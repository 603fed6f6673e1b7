using System.Security.Cryptography;
using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class CredentialTests
{
    [Fact]
    public void a_key_survives_its_pem_file()
    {
        using var key = CredentialKey.Create();
        using var read = CredentialKey.FromPem(key.ToPem());
        Assert.Equal(key.Credential.Id, read.Credential.Id);
        Assert.True(key.Credential.Verify("x"u8, read.Sign("x"u8)));
    }

    [Fact]
    public void a_credential_survives_its_text_and_keeps_its_id()
    {
        using var key = CredentialKey.Create();
        var read = Credential.TryParse(key.Credential.Text)!;
        Assert.Equal(key.Credential.Id, read.Id);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(read.Text)))[..32], read.Id.Value);
    }

    [Fact]
    public void a_signature_is_good_for_its_bytes_and_its_key_only()
    {
        using var key = CredentialKey.Create();
        using var other = CredentialKey.Create();
        var signature = key.Sign("bytes"u8);
        Assert.True(key.Credential.Verify("bytes"u8, signature));
        Assert.False(key.Credential.Verify("byte"u8, signature));
        Assert.False(other.Credential.Verify("bytes"u8, signature));
        Assert.False(key.Credential.Verify("bytes"u8, signature.AsSpan(1)));
        Assert.False(key.Credential.Verify("bytes"u8, []));
        Assert.False(key.Credential.Verify("bytes"u8, new byte[64]));
        signature[40] ^= 1;
        Assert.False(key.Credential.Verify("bytes"u8, signature));
    }

    [Theory]
    [InlineData("1.2.840.10045.3.1.7", true)] // P-256
    [InlineData("1.3.132.0.10", false)] // secp256k1: as long, but another curve
    [InlineData("1.3.132.0.34", false)] // P-384
    public void only_p_256_makes_a_credential(string curve, bool accepted)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue(curve));
        Assert.Equal(accepted, Credential.TryParse(Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())) is not null);
        var pem = key.ExportPkcs8PrivateKeyPem();
        Assert.Equal(accepted, Record.Exception(() => CredentialKey.FromPem(pem).Dispose()) is not CryptographicException);
    }

    [Fact]
    public void what_is_no_key_is_no_credential()
    {
        using var key = CredentialKey.Create();
        var spki = Convert.FromBase64String(key.Credential.Text);
        var compressed = (byte[])[.. spki[..26], (byte)(2 + (spki[^1] & 1)), .. spki[27..59]];
        string[] bad =
        [
            string.Empty, "!", "AAAA", Convert.ToBase64String(spki[..^1]), Convert.ToBase64String([.. spki, 0]), Convert.ToBase64String(compressed),
            key.Credential.Text.Insert(10, "\n"), key.ToPem(),
        ];
        Assert.All(bad, text => Assert.Null(Credential.TryParse(text)));
    }
}
