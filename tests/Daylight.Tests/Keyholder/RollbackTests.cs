using Daylight.Protocol;
using Daylight.Storage;

namespace Daylight.Tests.Keyholder;

/// <summary>What a keyholder restored from an older copy of itself does not remember, it takes from the log.</summary>
public sealed class RollbackTests : KeyholderTests
{
    [Fact]
    public async Task a_look_opened_after_the_copy_was_taken_is_counted_by_the_restored_copy_too()
    {
        var copy = CopyKeyholder("older");
        var look = await RecordAsync(Ask());
        await OpenedAsync(look);
        await using var twin = await StartTwinAsync(new SqliteDatabase(copy));
        Assert.IsType<KeyholderResponse.Statements>(await HandLog.ExchangeAsync(twin.Keyholder, new KeyholderRequest.StatusOf())); // not rolled-back
        Assert.Equal(1, (await CountAsync(keyholder: twin.Keyholder)).Signed.Looks);
    }

    [Fact]
    public async Task an_entry_opened_before_the_copy_was_restored_does_not_open_again()
    {
        var copy = CopyKeyholder("older");
        var look = await RecordAsync(Ask());
        await OpenedAsync(look);
        await using var twin = await StartTwinAsync(new SqliteDatabase(copy));
        AssertRefused("used", await HandLog.ExchangeAsync(twin.Keyholder, look with { Checkpoint = twin.Log.Checkpoint(twin.Log.Size), Proof = twin.Log.Proof(look.Index) }));
    }

    [Fact]
    public async Task a_clock_set_ahead_and_back_forgets_no_look()
    {
        var open = await RecordAsync(Ask());
        await OpenedAsync(open);
        var right = Now;
        Company.Clock.Now = right.AddYears(3);
        await HelloAsync();
        Company.Clock.Now = right;
        Assert.Equal(1, (await CountAsync()).Signed.Looks);
    }
}
