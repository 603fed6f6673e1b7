using Daylight.Cli.Logs;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Tests.Logs;

/// <summary>The keyholder's total, as a server shows it, held against a log: an old one, a shorter log, another order or an entry that opens nothing is found.</summary>
public sealed class OpenedEntriesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly NoteSigner Keyholder = new("keyholder.example", NoteKeyType.Ed25519, new byte[32]);

    [Fact]
    public void a_fresh_total_over_entries_of_this_log_has_no_problem() => Assert.Empty(Problems(Opened(), 4));

    [Fact]
    public void a_total_of_another_key_is_found() =>
        Assert.Contains("not signed", Assert.Single(Problems(Opened(by: new NoteSigner("other.example", NoteKeyType.Ed25519, new byte[32])), 4)), StringComparison.Ordinal);

    [Theory]
    [InlineData(-11)]
    [InlineData(11)]
    public void an_old_total_that_would_hide_what_was_opened_since_is_found(int minutes) =>
        Assert.Contains("shows an old one", Assert.Single(Problems(Opened(time: Now.AddMinutes(minutes)), 4)), StringComparison.Ordinal);

    [Fact]
    public void a_log_shorter_than_the_one_that_was_counted_in_is_found() => Assert.Contains("a log of 3 entries", Assert.Single(Problems(Opened(), 3)), StringComparison.Ordinal);

    [Fact]
    public void an_opening_left_out_or_moved_is_found()
    {
        Assert.Contains("other entries", Assert.Single(Problems(Opened(shown: [1]), 4)), StringComparison.Ordinal);
        Assert.Contains("other entries", Assert.Single(Problems(Opened(shown: [3, 1]), 4)), StringComparison.Ordinal);
    }

    [Fact]
    public void an_opening_under_an_entry_that_is_not_there_or_opens_nothing_is_found()
    {
        Assert.Contains(Problems(Opened(shown: [1, 9]), 10, walked: 4), p => p.Contains("entry 9, which is not in this log", StringComparison.Ordinal));
        Assert.Contains(Problems(Opened(shown: [1, 2]), 4), p => p.Contains("entry 2, under which nothing can be opened", StringComparison.Ordinal));
    }

    private static byte[] Entry(int index) => [(byte)index, 1, 2, 3];

    /// <summary>Entries 1 and 3 were opened; the server shows these.</summary>
    private static OpenedEntries Opened(NoteSigner? by = null, DateTimeOffset? time = null, ulong[]? shown = null)
    {
        var chain = default(OpeningChain);
        foreach (var index in (int[])[1, 3])
        {
            chain.Add((ulong)index, Merkle.Leaf(Entry(index)));
        }

        return new OpenedEntries(shown ?? [1, 3], chain.Value.ToString(), new TotalOfOpenings("00", time ?? Now, 2, chain.Value.ToString(), 4, default(Hash).ToString()).Sign(by ?? Keyholder));
    }

    private static List<string> Problems(OpenedEntries opened, ulong size, int walked = -1)
    {
        for (var index = 0; index < (walked < 0 ? (int)size : walked); index++)
        {
            opened.See((ulong)index, Entry(index), isPersonal: index != 2, null);
        }

        return [.. opened.Problems(size, Keyholder.Verifier, Now)];
    }
}
