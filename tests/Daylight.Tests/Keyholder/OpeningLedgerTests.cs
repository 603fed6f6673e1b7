using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>What the keyholder signs of what it opened, held against what the server shows.</summary>
public sealed class OpeningLedgerTests : KeyholderTests
{
    [Fact]
    public async Task every_look_is_counted_also_one_whose_answer_nobody_got()
    {
        var (first, second, never) = (await RecordAsync(Ask()), await RecordAsync(Ask()), await RecordAsync(Ask()));
        await OpenedAsync(first);
        Assert.IsType<KeyholderResponse.Refused>(await SendAsync(second with { Chunks = [Chunk() with { Sealed = "not base64" }] })); // counted, and then it broke
        var (signed, made) = await CountAsync();
        Assert.Equal([first.Index, second.Index], made.Looks.Select(l => l.Index));
        Assert.Equal((2, Chain(made.Looks)), (signed.Looks, signed.LookChain));
        Assert.Equal((0, Chain([])), (signed.Releases, signed.ReleaseChain));
        Assert.Equal((Log.Size, (await HelloAsync()).LogRoot), (signed.Size, signed.LogRoot));
        Assert.All(made.Looks, l => Assert.Equal(Leaf(l.Index), l.Leaf));
        await OpenedAsync(never);
        Assert.Equal(3, (await CountAsync()).Signed.Looks);
        Assert.Equal(0, (await CountAsync("ben")).Signed.Looks);
    }

    [Fact]
    public async Task a_list_with_one_look_left_out_or_put_elsewhere_does_not_match_what_was_signed()
    {
        for (var i = 0; i < 3; i++)
        {
            await OpenedAsync(await RecordAsync(Ask()));
        }

        var (signed, made) = await CountAsync();
        var looks = made.Looks;
        Assert.Equal(signed.LookChain, Chain(looks));
        Assert.NotEqual(signed.LookChain, Chain([looks[0], looks[2]]));
        Assert.NotEqual(signed.LookChain, Chain([looks[1], looks[0], looks[2]]));
        Assert.NotEqual(signed.LookChain, Chain([looks[0], looks[1], looks[2] with { Index = looks[2].Index + 1 }]));
        Assert.NotEqual(signed.LookChain, Chain([.. looks, looks[2]]));
    }

    [Fact]
    public async Task a_count_answers_the_nonce_that_was_sent_and_no_short_one()
    {
        AssertRefused("nonce", await ExchangeAsync(new KeyholderRequest.OpeningsOf(Company.Id("anna"), "short")));
        AssertRefused("nonce", await ExchangeAsync(new KeyholderRequest.OpeningsOf(Company.Id("anna"), new string('x', 129))));
        Assert.NotEqual((await CountAsync()).Made.Note, (await CountAsync()).Made.Note);
    }

    [Fact]
    public async Task a_look_enters_the_count_on_its_tell_date_in_order_and_leaves_when_its_openings_go()
    {
        var digest = await OpenCaseAsync();
        var secret = await RecordCaseAsync(digest);
        await OpenedAsync(secret);
        var own = await RecordAsync(Ask());
        await OpenedAsync(own);
        Assert.Equal([own.Index], (await CountAsync()).Made.Looks.Select(l => l.Index));
        Company.Clock.Now += TimeSpan.FromDays(30);
        var (signed, made) = await CountAsync();
        Assert.Equal([own.Index, secret.Index], made.Looks.Select(l => l.Index));
        Assert.Equal(signed.LookChain, Chain(made.Looks));
        Company.Clock.Now += TimeSpan.FromDays(700);
        Assert.Equal(2, (await CountAsync()).Signed.Looks);
        Company.Clock.Now += TimeSpan.FromDays(1);
        Assert.Equal(0, (await CountAsync()).Signed.Looks);
    }

    [Fact]
    public async Task a_look_at_somebody_else_counts_at_once_for_whoever_signed_for_it()
    {
        var secret = await RecordCaseAsync(await OpenCaseAsync());
        await OpenedAsync(secret);
        await OpenedAsync(await RecordAsync(Ask())); // at oneself: it stands among one's looks
        var (signed, made) = await CountAsync("snoop");
        Assert.Equal([secret.Index], made.Asked.Select(l => l.Index));
        Assert.Equal((1, Chain(made.Asked), 0), (signed.Asked, signed.AskedChain, signed.Looks));
        Assert.Equal((0, Chain([])), ((await CountAsync()).Signed.Asked, (await CountAsync()).Signed.AskedChain));
    }

    [Fact]
    public async Task release_runs_are_counted_apart()
    {
        await OpenedAsync(await RecordAsync(Ask()));
        Company.Clock.Now = new DateTimeOffset(2026, 11, 13, 9, 0, 0, TimeSpan.Zero);
        string[] members = ["anna", "ben", "cleo", "dora", "emil"];
        IReadOnlyList<Opening> groups = [.. new[] { new CountedGroup("team", "crew", "", 5), new CountedGroup("company", "company", "", 5) }.Select(g => Opening.Of(CanonicalJson.Write(g, ProtocolJson.Default.CountedGroup)))];
        IReadOnlyList<Opening> people = [.. members.Select(m => Opening.Of(CanonicalJson.Write(new CountedPerson(Company.Id(m), "crew", "", false, true), ProtocolJson.Default.CountedPerson)))];
        var run = await Log.AppendAsync(new ReleaseRun("focus-time", Program.Hash, "2026-W45", 2, ReleaseProof.Root(groups), 5, ReleaseProof.Root(people)));
        var message = new KeyholderRequest.Count(run.Index, run.Checkpoint, run.Proof, groups, people);
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(message));
        var cells = Assert.IsType<KeyholderResponse.Counted>(await ExchangeAsync(new KeyholderRequest.CountEnd(run.Index))).Cells;
        Assert.Equal(cells, Assert.IsType<KeyholderResponse.Counted>(await ExchangeAsync(message)).Cells);
        foreach (var name in members)
        {
            var (signed, made) = await CountAsync(name);
            Assert.Equal((name == "anna" ? 1 : 0, 1), (signed.Looks, signed.Releases));
            Assert.Equal(run.Index, Assert.Single(made.Releases).Index);
            Assert.Equal(signed.ReleaseChain, Chain(made.Releases));
        }

        Assert.Equal(0, (await CountAsync("boss")).Signed.Releases);
        Assert.Equal(2, (await TotalAsync(0, 10)).Signed.Openings);
    }

    [Fact]
    public async Task the_total_counts_everything_in_the_order_in_which_it_was_opened()
    {
        var late = await RecordCaseAsync(await OpenCaseAsync());
        var early = await RecordAsync(Ask());
        await OpenedAsync(early);
        await OpenedAsync(late);
        var (signed, indexes) = await TotalAsync(0, 10);
        Assert.Equal([early.Index, late.Index], indexes);
        Assert.Equal((2L, Chain([.. indexes.Select(i => new OpenedEntry(i, Leaf(i)))])), (signed.Openings, signed.Chain));
        Assert.Equal([early.Index], (await TotalAsync(0, 1)).Indexes);
        Assert.Equal([late.Index], (await TotalAsync(1, 10)).Indexes);
        Assert.Empty((await TotalAsync(2, 10)).Indexes);
    }

    [Fact]
    public async Task a_restart_forgets_no_opening()
    {
        var open = await RecordAsync(Ask());
        await OpenedAsync(open);
        var (before, total) = ((await CountAsync()).Signed, (await TotalAsync(0, 10)).Signed);
        await Company.RestartAsync();
        var (after, totalAfter) = ((await CountAsync()).Signed, (await TotalAsync(0, 10)).Signed);
        Assert.Equal((before.Looks, before.LookChain), (after.Looks, after.LookChain));
        Assert.Equal((total.Openings, total.Chain), (totalAfter.Openings, totalAfter.Chain));
        await RefusedAsync("used", open);
    }

    [Fact]
    public async Task an_entry_opens_once_however_often_it_is_tried_at_one_instant()
    {
        var open = await RecordAsync(Ask());
        await OpenedAsync(open);
        for (var i = 0; i < 4; i++)
        {
            await RefusedAsync("used", open);
        }

        Assert.Equal(1, (await CountAsync()).Signed.Looks);
    }

    [Fact]
    public async Task an_attempt_that_failed_is_not_counted_and_does_not_use_up_the_entry()
    {
        var open = await RecordAsync(Ask());
        await RefusedAsync("beyond-entry", open with { Chunks = [Chunk() with { Day = "2026-11-03" }] });
        await RefusedAsync("inclusion", open with { Proof = [] });
        var ask = AskBy("snoop") with { Rule = CaseRule };
        var digest = await OpenCaseAsync();
        var (first, second) = (await RecordCaseAsync(digest, ask: _ => ask), await RecordCaseAsync(digest, ask: _ => ask));
        await OpenedAsync(first);
        await RefusedAsync("used", second);
        Assert.Equal(1, (await TotalAsync(0, 10)).Signed.Openings);
        using var connection = new SqliteDatabase(Company.KeyholderFile, readOnly: true).Open();
        Assert.Equal(0L, Dapper.SqlMapper.QuerySingle<long>(connection, "SELECT COUNT(*) FROM used WHERE what = @what", new { what = $"entry {second.Index}" }));
        await OpenedAsync(open);
    }

    /// <summary>As PROTOCOLS.md has it, written again.</summary>
    private static string Chain(IReadOnlyList<OpenedEntry> entries)
    {
        var link = new byte[32];
        foreach (var entry in entries)
        {
            var index = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(index, entry.Index);
            link = SHA256.HashData([.. link, .. index, .. Convert.FromBase64String(entry.Leaf)]);
        }

        return Convert.ToBase64String(link);
    }

    private string Leaf(ulong index)
    {
        using var connection = Company.Database.Open();
        var entry = Dapper.SqlMapper.QuerySingle<byte[]>(connection, "SELECT entry FROM log_entries WHERE idx = @index", new { index = (long)index });
        return Convert.ToBase64String(SHA256.HashData([0, .. entry]));
    }

    private async Task<(TotalOfOpenings Signed, IReadOnlyList<ulong> Indexes)> TotalAsync(long from, int most)
    {
        var all = Assert.IsType<KeyholderResponse.AllOpeningsMade>(await ExchangeAsync(new KeyholderRequest.AllOpenings(from, most)));
        return (Assert.IsType<TotalOfOpenings>(KeyholderStatement.TryOpen(all.Note, NoteVerifier.Parse(Company.Keyholder.StatementKey))), all.Indexes);
    }
}
