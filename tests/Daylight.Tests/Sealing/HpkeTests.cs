using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Sealing;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Sealing;

public sealed class HpkeTests
{
    // RFC 9180, appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0.
    private const string Info = "4f6465206f6e2061204772656369616e2055726e";
    private const string Plaintext = "4265617574792069732074727574682c20747275746820626561757479";
    private const string Aad = "436f756e742d30";
    private const string Ikm = "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e";
    private const string Ephemeral = "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb";
    private const string Private = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
    private const string Public = "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0";
    private const string Enc = "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4";
    private const string Ciphertext = "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434";

    [Fact]
    public void the_example_of_the_rfc_is_sealed_byte_for_byte()
    {
        using var ephemeral = KeyOf(Convert.FromHexString(Ephemeral));
        var message = Hpke.Seal(HpkePublicKey.From(Hex(Public)), ephemeral, Hex(Info), Hex(Aad), Hex(Plaintext), aesKeySize: 16);
        Assert.Equal(Enc + Ciphertext, Convert.ToHexStringLower(message));
    }

    [Fact]
    public void the_example_of_the_rfc_opens()
    {
        using var recipient = HpkePrivateKey.From(Hex(Private), HpkePublicKey.From(Hex(Public)));
        Assert.Equal(Plaintext, Convert.ToHexStringLower(Hpke.Open(recipient, Hex(Info), Hex(Aad), Hex(Enc + Ciphertext), aesKeySize: 16)));
        Assert.Equal(Private, Convert.ToHexStringLower(recipient.ExportScalar()));
    }

    [Fact]
    public void the_key_derivation_of_these_tests_gives_the_rfcs_ephemeral_key() => Assert.Equal(Ephemeral, Convert.ToHexStringLower(DeriveKeyPair(Hex(Ikm))));

    [Fact]
    public void every_published_vector_is_sealed_byte_for_byte()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(Repository.Vector("hpke.json")));
        Assert.Equal(2, vectors.RootElement.GetArrayLength());
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            byte[] Field(string name) => Hex(vector.GetProperty(name).GetString()!);
            using var ephemeral = KeyOf(DeriveKeyPair(Field("ikmE")));
            var message = Hpke.Seal(
                HpkePublicKey.From(Field("pkRm")), ephemeral, Field("info"), Field("aad"), Field("pt"), vector.GetProperty("aead").GetString() == "AES-256-GCM" ? 32 : 16);
            Assert.Equal(Convert.ToHexString(Field("ct")), Convert.ToHexString(message.AsSpan(Hpke.EncapsulatedSize)));
        }
    }

    [Fact]
    public void a_message_opens_for_its_recipient_and_info_only()
    {
        using var recipient = HpkePrivateKey.Create();
        using var other = HpkePrivateKey.Create();
        var message = Hpke.Seal(recipient.PublicKey, "info"u8, "secret"u8);
        Assert.Equal("secret"u8.ToArray(), Hpke.Open(recipient, "info"u8, message));
        Assert.ThrowsAny<CryptographicException>(() => Hpke.Open(other, "info"u8, message));
        Assert.ThrowsAny<CryptographicException>(() => Hpke.Open(recipient, "inf"u8, message));
        Assert.NotEqual(message, Hpke.Seal(recipient.PublicKey, "info"u8, "secret"u8));
    }

    [Fact]
    public void every_flipped_bit_and_every_cut_of_a_message_is_refused()
    {
        using var recipient = HpkePrivateKey.Create();
        var message = Hpke.Seal(recipient.PublicKey, "info"u8, "secret"u8);
        for (var bit = 0; bit < message.Length * 8; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<CryptographicException>(() => Hpke.Open(recipient, "info"u8, message));
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (var length = 0; length < message.Length; length++)
        {
            Assert.ThrowsAny<CryptographicException>(() => Hpke.Open(recipient, "info"u8, message.AsSpan(0, length)));
        }
    }

    [Fact]
    public void a_point_that_is_not_on_the_curve_is_refused()
    {
        var point = Hex(Public);
        point[64] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => HpkePublicKey.From(point));
        Assert.ThrowsAny<CryptographicException>(() => HpkePublicKey.From(Hex(Public).AsSpan(0, 64)));
        Assert.ThrowsAny<CryptographicException>(() => HpkePublicKey.From([2, .. Hex(Public)[1..33]]));
        Assert.ThrowsAny<CryptographicException>(() => HpkePublicKey.From([4, .. new byte[64]]));
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);

    /// <summary>DeriveKeyPair for P-256 (RFC 9180 §7.1.3), which the project itself has no use for.</summary>
    private static byte[] DeriveKeyPair(byte[] ikm)
    {
        byte[] suite = [.. "HPKE-v1"u8, .. "KEM"u8, 0x00, 0x10];
        var prk = HKDF.Extract(HashAlgorithmName.SHA256, [.. suite, .. "dkp_prk"u8, .. ikm]);
        var order = new BigInteger(Hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"), isUnsigned: true, isBigEndian: true);
        for (byte counter = 0; ; counter++)
        {
            var scalar = HKDF.Expand(HashAlgorithmName.SHA256, prk, 32, [0, 32, .. suite, .. "candidate"u8, counter]);
            if (new BigInteger(scalar, isUnsigned: true, isBigEndian: true) is var number && !number.IsZero && number < order)
            {
                return scalar;
            }
        }
    }

    private static ECDiffieHellman KeyOf(byte[] scalar) => ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
}
