using System.Text;
using Daylight.Cli.Logs;
using Daylight.Sealing;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Logs;

/// <summary>The quick look at an entry accepts exactly what reading it in full accepts.</summary>
public sealed class EntryCheckTests
{
    private static readonly byte[] Pool = Encoding.ASCII.GetBytes("AZaz09+/=-\",:{}\\ \n\0v1dm€");

    [Fact]
    public void an_entry_about_a_person_is_recognized_without_being_parsed()
    {
        var entry = LogEntry.Of(new DateOnly(2026, 11, 21), new Refusal("p1", "p2", "", "manager", [], "records", default, default, [], MemoryLog.Time, default)).Entry.ToBytes();
        Assert.True(CommittedEntry.IsCanonical(entry));
        Assert.NotNull(LogEntry.TryRead(entry));
    }

    [Theory]
    [InlineData("2024-02-29", true)]
    [InlineData("2023-02-29", false)]
    [InlineData("0001-01-01", true)]
    [InlineData("0000-01-01", false)]
    [InlineData("9999-12-31", true)]
    [InlineData("2026-13-01", false)]
    [InlineData("2026-00-01", false)]
    [InlineData("2026-04-31", false)]
    [InlineData("2026-04-00", false)]
    [InlineData("2026-4-010", false)]
    [InlineData("2026/04/01", false)]
    [InlineData("+026-04-01", false)]
    public void a_day_is_one_of_the_calendar(string day, bool good)
    {
        var entry = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Entry(new Dice(1))).Replace("2026-11-21", day, StringComparison.Ordinal));
        Assert.Equal(good, CommittedEntry.IsCanonical(entry));
        Assert.Equal(good, new EntryCheck().Inspect(0, entry) is null);
        Assert.Equal(good, LogEntry.TryRead(entry) is not null);
    }

    [Fact]
    public void whatever_is_changed_in_an_entry_both_ways_of_looking_agree()
    {
        var dice = new Dice(20_261_121);
        var recognized = 0;
        for (var round = 0; round < 40_000; round++)
        {
            var bytes = Changed(Entry(dice), dice);
            var quick = CommittedEntry.IsCanonical(bytes);
            recognized += quick ? 1 : 0;
            var read = LogEntry.TryRead(bytes);
            Assert.False(quick && read is not { Event: null }, Encoding.UTF8.GetString(bytes));
            Assert.Equal(read is null, new EntryCheck().Inspect(0, bytes) is not null);
        }

        Assert.InRange(recognized, 1_000, 39_000);
    }

    [Fact]
    public void every_flipped_bit_of_an_entry_is_seen_alike()
    {
        var bytes = Entry(new Dice(3));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(CommittedEntry.IsCanonical(bytes) && LogEntry.TryRead(bytes) is not { Event: null });
            Assert.Equal(LogEntry.TryRead(bytes) is null, new EntryCheck().Inspect(0, bytes) is not null);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private static byte[] Entry(Dice dice) => new LogEntry(
        1, new DateOnly(2026, 11, 21), null, new Commitments(Convert.ToBase64String(dice.Bytes(32)), Convert.ToBase64String(dice.Bytes(32)), Convert.ToBase64String(dice.Bytes(32)))).ToBytes();

    private static byte[] Changed(byte[] entry, Dice dice)
    {
        var bytes = entry.ToList();
        for (var changes = dice.Below(3); changes > 0; changes--)
        {
            var at = dice.Below(bytes.Count);
            switch (dice.Below(4))
            {
                case 0:
                    bytes.Insert(at, dice.One(Pool));
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes[at] = dice.One(Pool);
                    break;
            }
        }

        return [.. bytes];
    }
}
