using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>The keyholder's own copy of the log: one history, in order, whole.</summary>
public sealed class FollowingTests : KeyholderTests
{
    [Fact]
    public async Task entries_are_followed_in_steps_in_order_and_without_gaps()
    {
        var log = await GoOnByHandAsync();
        var size = log.Size;
        for (var i = 0; i < 5; i++)
        {
            log.Add(new RetentionPurge(Today, [new PurgedLine("p", "records", i, "keep", 0)]));
        }

        AssertRefused("gap", await ExchangeAsync(log.Message(size + 1, size + 2)));
        AssertRefused("fork", await ExchangeAsync(log.Message(size, size + 2) with { Entries = [log.Entries[(int)size + 1], log.Entries[(int)size]] }));
        AssertRefused("fork", await ExchangeAsync(log.Message(size, size + 2) with { Entries = [log.Entries[(int)size]] }));
        Assert.Equal(size + 2, Assert.IsType<KeyholderResponse.Followed>(await log.FollowAsync(size + 2)).Size);
        Assert.Equal(size + 3, Assert.IsType<KeyholderResponse.Followed>(await ExchangeAsync(log.Message(size - 1, size + 3))).Size); // what it knows already is compared
        Assert.Equal(size + 5, Assert.IsType<KeyholderResponse.Followed>(await ExchangeAsync(log.Message(0, size + 5))).Size);
        Assert.Equal(log.Size, (await HelloAsync()).Size);
    }

    [Fact]
    public async Task another_entry_in_the_place_of_one_that_was_followed_is_a_fork()
    {
        var log = await GoOnByHandAsync();
        var size = log.Size;
        log.Add(new RetentionPurge(Today, [new PurgedLine("p", "records", 1, "keep", 0)]));
        await log.FollowAsync();
        log.Forget(size);
        log.Add(new RetentionPurge(Today, [new PurgedLine("p", "records", 2, "keep", 0)]));
        AssertRefused("fork", await ExchangeAsync(log.Message(size, size + 1)));
        log.Add(new RetentionPurge(Today, [new PurgedLine("p", "records", 3, "keep", 0)]));
        AssertRefused("fork", await ExchangeAsync(log.Message(size + 1, size + 2))); // a good continuation of a history that it does not know
        AssertRefused("fork", await ExchangeAsync(log.Message(size - 1, size)));     // nor does it cosign a smaller tree again
        Assert.Equal(size + 1, (await HelloAsync()).Size);
    }

    [Fact]
    public async Task days_run_forward_and_not_ahead_of_its_clock()
    {
        var log = await GoOnByHandAsync();
        AssertRefused("day", await TryAsync(Today.AddDays(-1)));
        AssertRefused("day", await TryAsync(Today.AddDays(2)));
        Assert.IsType<KeyholderResponse.Followed>(await TryAsync(Today.AddDays(1)));
        AssertRefused("day", await TryAsync(Today));
        var state = await HelloAsync();
        Assert.Equal((log.Size, log.Followed), (state.Size, state.Size));

        async Task<KeyholderResponse> TryAsync(DateOnly day)
        {
            var answer = await log.AppendAsync(new RetentionPurge(day, [new PurgedLine("p", "records", 1, "keep", 0)]), day);
            if (answer is KeyholderResponse.Refused)
            {
                log.Forget(log.Size - 1);
            }

            return answer;
        }
    }

    [Fact]
    public async Task in_office_it_follows_nothing_about_a_person_without_what_opens_it()
    {
        var log = await GoOnByHandAsync();
        log.Add(Look(Ask()));
        var message = log.Message(log.Followed, log.Size);
        AssertRefused("entry", await ExchangeAsync(message with { Entries = [message.Entries[0] with { Openings = null }] }));
        Company.Clock.Now += TimeSpan.FromDays(40); // however old it is
        AssertRefused("entry", await ExchangeAsync(message with { Entries = [message.Entries[0] with { Openings = null }] }));
        var other = LogEntry.Of(Today, new ConsentWithdrawn(SignedStatement.Sign(new WithdrawConsent(Root, Now, "p", "x")))).Openings;
        AssertRefused("entry", await ExchangeAsync(message with { Entries = [message.Entries[0] with { Openings = other }] }));
        Assert.IsType<KeyholderResponse.Followed>(await ExchangeAsync(message));
    }

    [Fact]
    public async Task a_keyholder_that_is_brought_up_anew_takes_old_entries_without_openings_and_recent_ones_with_them()
    {
        var log = await GoOnByHandAsync();
        await log.AppendAsync(Look(Ask()));
        var look = (int)log.Size - 1;
        var folder = Path.Combine(Company.Folder, "second");
        await using var second = await KeyholderService.OpenAsync(
            new SqliteDatabase(Path.Combine(folder, "keyholder.db")), KeyEncryptionKey.Open(Path.Combine(folder, "keys"), new KekSource.FromCommand("echo " + new string('5', 64)), Company.Clock), Company.Clock);
        var message = log.Message(0, log.Size) with { Entries = [.. log.Entries.Select((e, i) => i == look ? e with { Openings = null } : e)] };
        AssertRefused("entry", await HandLog.ExchangeAsync(second, message));
        Company.Clock.Now += TimeSpan.FromDays(31);
        var followed = Assert.IsType<KeyholderResponse.Followed>(await HandLog.ExchangeAsync(second, message));
        Assert.Equal((log.Size, (string?)null), (followed.Size, followed.Cosignature));
        AssertRefused("office", await HandLog.ExchangeAsync(second, new KeyholderRequest.StatusOf()));
    }

    [Fact]
    public async Task a_log_that_does_not_begin_with_a_trust_root_is_followed_by_nobody()
    {
        var log = await GoOnByHandAsync();
        var folder = Path.Combine(Company.Folder, "second");
        await using var second = await KeyholderService.OpenAsync(
            new SqliteDatabase(Path.Combine(folder, "keyholder.db")), KeyEncryptionKey.Open(Path.Combine(folder, "keys"), new KekSource.FromCommand("echo " + new string('5', 64)), Company.Clock), Company.Clock);
        AssertRefused("trust-root", await HandLog.ExchangeAsync(second, log.Message(0, 1) with { Entries = [log.Entries[^1]] }));
        AssertRefused("trust-root", await HandLog.ExchangeAsync(second, log.Message(0, 0)));
        AssertRefused("checkpoint-signature", await HandLog.ExchangeAsync(second, log.Message(0, 1) with { Checkpoint = "nonsense" }));
        Assert.Equal(0UL, Assert.IsType<KeyholderResponse.Identity>(await HandLog.ExchangeAsync(second, new KeyholderRequest.Hello())).Size);
    }

    [Fact]
    public async Task it_gives_back_exactly_what_it_followed_and_forgets_after_30_days_what_carries_no_authority()
    {
        var open = await RecordAsync(Ask());
        var kept = await KeptAsync();
        Assert.Equal(Log.Size, (ulong)kept.Count);
        Assert.Equal(open.Openings, kept[(int)open.Index].Openings);
        Assert.Equal((await HelloAsync()).LogRoot, Merkle.Root([.. kept.Select(k => Merkle.Leaf(Convert.FromBase64String(k.Entry)))]).ToString());
        Assert.Equal(kept.Skip(3).Take(2), Assert.IsType<KeyholderResponse.EntriesKept>(await ExchangeAsync(new KeyholderRequest.EntriesFrom(3, 2))).Entries);
        var authority = kept.Where(k => k.Openings is not null).Select(k => k.Entry).Except([kept[(int)open.Index].Entry]).ToList();
        Assert.NotEmpty(authority); // enrollments, credentials, roles

        Company.Clock.Now += TimeSpan.FromDays(30);
        Assert.NotNull((await KeptAsync())[(int)open.Index].Openings);
        Company.Clock.Now += TimeSpan.FromDays(1);
        kept = await KeptAsync();
        Assert.Null(kept[(int)open.Index].Openings);
        Assert.Equal(authority, kept.Where(k => k.Openings is not null).Select(k => k.Entry));
        await Company.RestartAsync();
        Assert.IsType<KeyholderResponse.Opened>(await SendAsync((await RecordAsync(Ask())) with { Chunks = [] }));
    }

    private async Task<IReadOnlyList<FollowedEntry>> KeptAsync() => Assert.IsType<KeyholderResponse.EntriesKept>(await ExchangeAsync(new KeyholderRequest.EntriesFrom(0, 2000))).Entries;
}
