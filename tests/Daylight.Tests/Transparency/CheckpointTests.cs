using Daylight.Transparency;

namespace Daylight.Tests.Transparency;

public sealed class CheckpointTests
{
    private const string Root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    private static string Signed(string body, params NoteSigner[] signers) => SignedNote.Sign(body, MemoryLog.Time, signers).ToString();

    [Fact]
    public void the_canonical_spelling_is_read_and_written_alike()
    {
        const string Body = $"example.com/log\n18446744073709551615\n{Root}\n";
        Assert.True(Checkpoint.TryParse(Body, out var checkpoint));
        Assert.Equal(("example.com/log", ulong.MaxValue, Merkle.EmptyRoot), (checkpoint!.Origin, checkpoint.Size, checkpoint.Root));
        Assert.Equal(Body, checkpoint.ToString());
    }

    [Theory]
    [InlineData($"example.com/log\n07\n{Root}\n")]
    [InlineData($"example.com/log\n+7\n{Root}\n")]
    [InlineData($"example.com/log\n 7\n{Root}\n")]
    [InlineData($"example.com/log\n-7\n{Root}\n")]
    [InlineData($"example.com/log\n7.0\n{Root}\n")]
    [InlineData($"example.com/log\n0x7\n{Root}\n")]
    [InlineData($"example.com/log\n\n{Root}\n")]
    [InlineData($"example.com/log\n18446744073709551616\n{Root}\n")]
    [InlineData($"example.com/log\n7\n{Root}")]
    [InlineData($"example.com/log\n7\n{Root}\n\n")]
    [InlineData($"example.com/log\n7\n{Root}\nextension\n")]
    [InlineData($"\n7\n{Root}\n")]
    [InlineData($"example.com/log\r\n7\r\n{Root}\r\n")]
    [InlineData("example.com/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n")] // padding bits that are not zero
    [InlineData("example.com/log\n7\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n")] // the URL alphabet
    [InlineData("example.com/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n")] // 31 bytes
    [InlineData("example.com/log\n7\n\n")]
    [InlineData("")]
    public void any_other_spelling_is_refused(string body) => Assert.False(Checkpoint.TryParse(body, out _));

    [Fact]
    public void it_opens_only_when_everyone_required_has_signed()
    {
        var body = new Checkpoint(MemoryLog.Origin, 0, Merkle.EmptyRoot).ToString();
        Assert.True(Checkpoint.TryOpen(Signed(body, MemoryLog.Signer, MemoryLog.Witness), out var opened, MemoryLog.Required));
        Assert.Equal(0UL, opened!.Size);
        Assert.False(Checkpoint.TryOpen(Signed(body, MemoryLog.Signer), out _, MemoryLog.Required));
        Assert.False(Checkpoint.TryOpen(Signed(body, MemoryLog.Witness), out _, MemoryLog.Required));
    }

    [Fact]
    public void it_never_opens_when_nobody_is_required() =>
        Assert.False(Checkpoint.TryOpen(Signed(new Checkpoint(MemoryLog.Origin, 0, Merkle.EmptyRoot).ToString(), MemoryLog.Signer), out _));

    [Fact]
    public void a_checkpoint_of_another_log_under_this_logs_key_is_refused()
    {
        var body = new Checkpoint("log.example/other", 0, Merkle.EmptyRoot).ToString();
        Assert.False(Checkpoint.TryOpen(Signed(body, MemoryLog.Signer, MemoryLog.Witness), out _, MemoryLog.Required));
    }
}
