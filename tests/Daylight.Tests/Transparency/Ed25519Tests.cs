using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

public sealed class Ed25519Tests
{
    private static readonly byte[] Seed = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    [Fact]
    public void the_first_example_of_rfc_8032_is_met()
    {
        const string Signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        Assert.Equal("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", Convert.ToHexStringLower(Ed25519.PublicKey(Seed)));
        Assert.Equal(Signature, Convert.ToHexStringLower(Ed25519.Sign(Seed, [])));
        Assert.True(Ed25519.Verify(Ed25519.PublicKey(Seed), [], Convert.FromHexString(Signature)));
    }

    [Fact]
    public void a_flipped_bit_in_key_message_or_signature_refuses()
    {
        var (key, message) = (Ed25519.PublicKey(Seed), "daylight"u8.ToArray());
        byte[] all = [.. key, .. message, .. Ed25519.Sign(Seed, message)];
        for (var bit = 0; bit < all.Length * 8; bit++)
        {
            all[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Ed25519.Verify(all.AsSpan(0, 32), all.AsSpan(32, message.Length), all.AsSpan(32 + message.Length)), $"bit {bit}");
            all[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    [InlineData(0, 0)]
    public void keys_and_signatures_of_another_length_are_simply_not_good(int key, int signature) =>
        Assert.False(Ed25519.Verify(new byte[key], "x"u8, new byte[signature]));

    /// <summary>No cofactor, so a low-order residue refuses; R is compared as bytes, so its other spelling refuses. Everything else passes.</summary>
    [Fact]
    public void of_914_edge_cases_exactly_the_expected_208_are_accepted()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(Repository.Vector("ed25519", "ed25519vectors.json")));
        var (accepted, wrong) = (0, new List<int>());
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            var flags = vector.GetProperty("flags") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(f => f.GetString()).ToList() : [];
            var good = Ed25519.Verify(Bytes(vector, "key"), Encoding.UTF8.GetBytes(vector.GetProperty("msg").GetString()!), Bytes(vector, "sig"));
            accepted += good ? 1 : 0;
            if (good == (flags.Contains("low_order_residue") || flags.Contains("non_canonical_R")))
            {
                wrong.Add(vector.GetProperty("number").GetInt32());
            }
        }

        Assert.Empty(wrong);
        Assert.Equal((914, 208), (vectors.RootElement.GetArrayLength(), accepted));
    }

    [Fact]
    public async Task the_openssl_command_makes_the_same_signature_and_accepts_ours()
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, "openssl"))), "The openssl command is not on the path.");
        var folder = Directory.CreateTempSubdirectory("daylight-ed25519-").FullName;
        try
        {
            var message = "what the log says"u8.ToArray();
            await File.WriteAllBytesAsync(Path.Combine(folder, "message"), message);
            await File.WriteAllBytesAsync(Path.Combine(folder, "ours"), Ed25519.Sign(Seed, message));
            await File.WriteAllBytesAsync(Path.Combine(folder, "private.der"), [.. Convert.FromHexString("302e020100300506032b657004220420"), .. Seed]);
            await File.WriteAllBytesAsync(Path.Combine(folder, "public.der"), [.. Convert.FromHexString("302a300506032b6570032100"), .. Ed25519.PublicKey(Seed)]);

            Assert.Equal(0, await OpenSslAsync(folder, "-sign", "-rawin", "-keyform", "DER", "-inkey", "private.der", "-in", "message", "-out", "theirs"));
            Assert.Equal(Convert.ToHexString(Ed25519.Sign(Seed, message)), Convert.ToHexString(await File.ReadAllBytesAsync(Path.Combine(folder, "theirs"))));
            Assert.Equal(0, await OpenSslAsync(folder, "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-in", "message", "-sigfile", "ours"));

            await File.WriteAllTextAsync(Path.Combine(folder, "message"), "what the log never said");
            Assert.NotEqual(0, await OpenSslAsync(folder, "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-in", "message", "-sigfile", "ours"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);

    private static async Task<int> OpenSslAsync(string folder, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", ["pkeyutl", .. arguments]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
