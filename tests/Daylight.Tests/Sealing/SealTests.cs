using System.Security.Cryptography;
using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class SealTests : IDisposable
{
    private static readonly SealInfo Info = new(1, "dora", "focus-time", "records", "window", "2026-11-20", Authority.CharterHash("a charter"), 3);

    private readonly HpkePrivateKey recipient = HpkePrivateKey.Create();
    private readonly CredentialKey device = CredentialKey.Create();

    public static TheoryData<string> Members() => ["v", "subject", "program", "kind", "stream", "day", "charter", "epoch"];

    [Fact]
    public void a_seal_opens_to_its_payload_and_names_its_device()
    {
        var opened = Sealer.Open(recipient, Info, Seal("payload"u8));
        Assert.Equal("payload"u8.ToArray(), opened.Payload);
        Assert.Equal(device.Credential.Id, opened.SignedBy);
        Assert.True(opened.IsSignedBy(device.Credential, Info));
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void a_seal_opens_under_no_other_info(string changed)
    {
        var chunk = Seal("payload"u8);
        Assert.ThrowsAny<CryptographicException>(() => Sealer.Open(recipient, With(changed), chunk));
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void a_device_signature_holds_for_no_other_info(string changed) =>
        Assert.False(Sealer.Open(recipient, Info, Seal("payload"u8)).IsSignedBy(device.Credential, With(changed)));

    [Fact]
    public void a_device_signature_holds_for_no_other_payload_or_device()
    {
        var opened = Sealer.Open(recipient, Info, Seal("payload"u8));
        Assert.False((opened with { Payload = "another"u8.ToArray() }).IsSignedBy(device.Credential, Info));
        using var other = CredentialKey.Create();
        Assert.False(opened.IsSignedBy(other.Credential, Info));
        Assert.False((opened with { SignedBy = other.Credential.Id }).IsSignedBy(other.Credential, Info));
    }

    [Fact]
    public void a_seal_opens_for_no_other_key()
    {
        using var other = HpkePrivateKey.Create();
        Assert.ThrowsAny<CryptographicException>(() => Sealer.Open(other, Info, Seal("payload"u8)));
    }

    [Fact]
    public void a_seal_with_a_changed_byte_does_not_open()
    {
        var chunk = Seal("payload"u8);
        for (var i = 0; i < chunk.Message.Length; i++)
        {
            chunk.Message[i] ^= 0x20;
            Assert.ThrowsAny<CryptographicException>(() => Sealer.Open(recipient, Info, chunk));
            chunk.Message[i] ^= 0x20;
        }
    }

    [Theory]
    [InlineData(0, 1024)]
    [InlineData(1, 1024)]
    [InlineData(940, 1024)]
    [InlineData(941, 2048)]
    [InlineData(1964, 2048)]
    [InlineData(1965, 4096)]
    [InlineData(100_000, 131_072)]
    public void only_the_class_of_a_length_can_be_seen(int payload, int plaintext) =>
        Assert.Equal(plaintext + Hpke.EncapsulatedSize + Hpke.TagSize, Seal(new byte[payload]).Message.Length);

    [Fact]
    public void padding_is_no_part_of_the_payload() => Assert.Equal(new byte[500], Sealer.Open(recipient, Info, Seal(new byte[500])).Payload);

    [Fact]
    public void a_chunk_survives_the_wire()
    {
        var chunk = Seal("payload"u8);
        var read = SealedChunk.TryParse(chunk.ToArray())!;
        Assert.Equal((Info.Charter, Info.Epoch), (read.Charter.ToHex(), read.Epoch));
        Assert.Equal("payload"u8.ToArray(), Sealer.Open(recipient, Info, read).Payload);
    }

    [Fact]
    public void what_cannot_be_a_chunk_is_not_parsed()
    {
        var bytes = Seal("payload"u8).ToArray();
        Assert.Null(SealedChunk.TryParse([]));
        Assert.Null(SealedChunk.TryParse(bytes.AsSpan(0, 37 + 65 + 15)));
        Assert.Null(SealedChunk.TryParse(new byte[SealedChunk.MaxSize + 1]));
        bytes[0] = 2;
        Assert.Null(SealedChunk.TryParse(bytes));
    }

    public void Dispose()
    {
        recipient.Dispose();
        device.Dispose();
    }

    private static SealInfo With(string changed) => changed switch
    {
        "v" => Info with { V = 2 },
        "subject" => Info with { Subject = "erik" },
        "program" => Info with { Program = "focus-time2" },
        "kind" => Info with { Kind = "contribution" },
        "stream" => Info with { Stream = string.Empty },
        "day" => Info with { Day = "2026-11-21" },
        "charter" => Info with { Charter = Authority.CharterHash("another charter") },
        "epoch" => Info with { Epoch = 4 },
        _ => throw new ArgumentOutOfRangeException(nameof(changed)),
    };

    private SealedChunk Seal(ReadOnlySpan<byte> payload) => Sealer.Seal(recipient.PublicKey, Info, device, payload, atLeast: 0);
}
