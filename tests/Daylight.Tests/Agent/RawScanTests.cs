using System.Text;
using Daylight.Agent.Store;
using Daylight.Storage;
using Dapper;

namespace Daylight.Tests.Agent;

/// <summary>Reading many events at once says what reading them one by one says.</summary>
public sealed class RawScanTests
{
    private static readonly long Midnight = RawStore.Micros(TestAgent.At("2026-12-01 00:00"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(20_000)]
    public async Task every_event_is_read_once_newest_first(int count)
    {
        await using var agent = await TestAgent.StartAsync();
        var bucket = await FillAsync(agent, count);
        Assert.Equal(count, Seen(agent, bucket).Count);
        Assert.Equal(One(agent, bucket), Seen(agent, bucket));
    }

    [Fact]
    public async Task a_range_is_cut_at_both_ends()
    {
        await using var agent = await TestAgent.StartAsync();
        var bucket = await FillAsync(agent, 3000);
        var (from, to) = (Midnight + (500 * 1_000_000L) + 1, Midnight + (2500 * 1_000_000L));
        Assert.Equal(2001, Seen(agent, bucket, from, to).Count);
        Assert.Equal(One(agent, bucket, from, to), Seen(agent, bucket, from, to));
    }

    [Fact]
    public async Task large_and_damaged_events_among_others()
    {
        await using var agent = await TestAgent.StartAsync();
        var bucket = await FillAsync(agent, 3000, i => i % 700 == 0 ? new string('x', 200_000) : "t");
        await using (var raw = new SqliteDatabase(Path.Combine(agent.Folder, "raw", "raw.db")).OpenWriter())
        {
            raw.Execute("UPDATE events SET data = zeroblob(40) WHERE id % 1000 = 1; UPDATE events SET data = zeroblob(3) WHERE id % 1000 = 2;");
        }

        Assert.Equal(3000 - 6, Seen(agent, bucket).Count);
        Assert.Equal(One(agent, bucket), Seen(agent, bucket));
    }

    [Fact]
    public async Task who_made_enough_of_it_ends_it()
    {
        await using var agent = await TestAgent.StartAsync();
        var bucket = await FillAsync(agent, 5000);
        var told = 0;
        Assert.Throws<InvalidDataException>(() => agent.Parts.Raw.Read(bucket, long.MinValue, long.MaxValue, (id, _, _, _) => id, count => told = told + count <= 2048 ? told + count : throw new InvalidDataException()));
        Assert.Equal(2048, told);
        Assert.Throws<InvalidDataException>(() => agent.Parts.Raw.Read<long>(bucket, long.MinValue, long.MaxValue, (_, _, _, _) => throw new InvalidDataException(), _ => { }));
        Assert.Equal(5000, Seen(agent, bucket).Count);
    }

    private static async Task<long> FillAsync(TestAgent agent, int count, Func<int, string>? title = null)
    {
        await agent.MakeAsync("many", "currentwindow");
        var bucket = agent.Parts.Raw.Bucket("many")!.Key;
        await agent.Parts.Raw.InsertAsync(bucket, [.. Enumerable.Range(0, count).Select(i =>
            new NewEvent(null, Midnight + (i * 1_000_000L), 1_000_000, Encoding.UTF8.GetBytes($$"""{"app":"a{{i % 10}}","title":"{{title?.Invoke(i) ?? $"t{i}"}}"}""")))]);
        return bucket;
    }

    private static List<(long Id, long Start, long Duration, string Data)> Seen(TestAgent agent, long bucket, long from = long.MinValue, long to = long.MaxValue) =>
        agent.Parts.Raw.Read(bucket, from, to, (id, start, duration, data) => (id, start, duration, Encoding.UTF8.GetString(data)), _ => { });

    private static List<(long Id, long Start, long Duration, string Data)> One(TestAgent agent, long bucket, long? from = null, long? to = null) =>
        [.. agent.Parts.Raw.Read(bucket, from, to).Select(e => (e.Id, e.Start, e.Duration, Encoding.UTF8.GetString(e.Data.Span)))];
}
