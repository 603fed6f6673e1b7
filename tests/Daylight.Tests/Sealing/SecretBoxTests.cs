using System.Security.Cryptography;
using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class SecretBoxTests
{
    private static readonly byte[] Key = new Transparency.Dice(1).Bytes(32);

    [Fact]
    public void a_box_opens_with_its_key_for_its_use_only()
    {
        var box = new SecretBox(Key).Seal("secret"u8, "a use");
        Assert.Equal("secret"u8.ToArray(), new SecretBox(Key).Open(box, "a use"));
        Assert.ThrowsAny<CryptographicException>(() => new SecretBox(Key).Open(box, "another use"));
        Assert.ThrowsAny<CryptographicException>(() => new SecretBox(new byte[32]).Open(box, "a use"));
    }

    [Fact]
    public void a_changed_or_shortened_box_does_not_open()
    {
        var box = new SecretBox(Key).Seal("secret"u8, "a use");
        for (var i = 0; i < box.Length; i++)
        {
            Assert.ThrowsAny<CryptographicException>(() => new SecretBox(Key).Open(box.AsSpan(0, i), "a use"));
            box[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => new SecretBox(Key).Open(box, "a use"));
            box[i] ^= 1;
        }
    }

    [Fact]
    public void many_boxes_are_opened_in_place()
    {
        var box = new SecretBox(Key);
        using var reader = box.Reader("a use");
        foreach (var text in (string[])["", "secret", new string('x', 100_000)])
        {
            var sealedText = box.Seal(System.Text.Encoding.UTF8.GetBytes(text), "a use");
            Assert.True(reader.TryOpen(sealedText, out var plaintext));
            Assert.Equal(text, System.Text.Encoding.UTF8.GetString(plaintext));
        }
    }

    [Fact]
    public void one_that_does_not_open_does_not_spoil_the_next()
    {
        var box = new SecretBox(Key);
        using var reader = box.Reader("a use");
        for (var i = 0; i < 34; i++)
        {
            var changed = box.Seal("secret"u8, "a use");
            changed[i] ^= 1;
            Assert.False(reader.TryOpen(changed, out _));
            Assert.False(reader.TryOpen(box.Seal("secret"u8, "a use").AsSpan(0, i), out _));
            Assert.False(reader.TryOpen(box.Seal("secret"u8, "another use"), out _));
            Assert.True(reader.TryOpen(box.Seal("secret"u8, "a use"), out var plaintext));
            Assert.Equal("secret"u8, plaintext);
        }
    }

    [Fact]
    public void the_same_secret_never_makes_the_same_box() => Assert.NotEqual(new SecretBox(Key).Seal("x"u8, "u"), new SecretBox(Key).Seal("x"u8, "u"));

    [Fact]
    public void derived_keys_differ_by_use_and_by_key()
    {
        Assert.Equal(SecretBox.Derive(Key, "a"), SecretBox.Derive(Key, "a"));
        Assert.NotEqual(SecretBox.Derive(Key, "a"), SecretBox.Derive(Key, "b"));
        Assert.NotEqual(SecretBox.Derive(Key, "a"), SecretBox.Derive(new byte[32], "a"));
    }

    [Fact]
    public void a_reference_cannot_be_made_without_the_key()
    {
        Assert.Equal(32, SecretBox.Reference(Key, "dora").Length);
        Assert.NotEqual(SecretBox.Reference(Key, "dora"), SecretBox.Reference(new byte[32], "dora"));
        Assert.NotEqual(SecretBox.Reference(Key, "dora"), SecretBox.Reference(Key, "erik"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void a_key_of_another_length_is_refused(int length) => Assert.Throws<ArgumentException>(() => new SecretBox(new byte[length]));

    [Fact]
    public void a_key_file_holds_64_digits_and_nothing_else()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Convert.ToHexStringLower(Key) + "\n");
            Assert.Equal(Key, SecretBox.ReadKeyFile(path));
            foreach (var bad in (string[])[string.Empty, Convert.ToHexStringLower(Key)[1..], Convert.ToHexStringLower(Key) + "00", new string('g', 64)])
            {
                File.WriteAllText(path, bad);
                Assert.Throws<InvalidDataException>(() => SecretBox.ReadKeyFile(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
