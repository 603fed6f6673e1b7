using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>When the keyholder opens nothing at all: for its own clock, its own memory, its own storage.</summary>
public sealed class ReadinessTests : KeyholderTests
{
    [Fact]
    public async Task a_clock_that_was_set_back_opens_nothing_until_it_is_right_again()
    {
        await OpenedAsync(await RecordAsync(Ask()));
        var right = Now;
        Company.Clock.Now = right.AddDays(-1);
        var early = Assert.IsType<KeyholderResponse.Refused>(await ExchangeAsync(new KeyholderRequest.StatusOf()));
        Assert.Equal("clock", early.Code);
        Assert.Contains("1440 minutes behind", early.Message, StringComparison.Ordinal);
        await RefusedAsync("clock", await RecordAsync(Ask()));
        await Company.RestartAsync();
        await RefusedAsync("clock", await RecordAsync(Ask()));
        Company.Clock.Now = right;
        await OpenedAsync(await RecordAsync(Ask()));
        Company.Clock.Now = right.AddMinutes(-4); // what time synchronization does
        await OpenedAsync(await RecordAsync(Ask()));
    }

    [Fact]
    public async Task a_clock_that_ran_ahead_is_taken_as_it_is_on_the_operators_word()
    {
        var right = Now;
        Company.Clock.Now = right.AddDays(3);
        await RecordAsync(Ask());
        Company.Clock.Now = right;
        await RefusedAsync("clock", await RecordAsync(Ask()));
        var copy = CopyKeyholder("twin");
        await using (var accepted = await KeyholderService.OpenAsync(new SqliteDatabase(copy), Company.OpenKek(), Company.Clock, acceptClock: true))
        {
            AssertRefused("starting", await HandLog.ExchangeAsync(accepted, new KeyholderRequest.StatusOf()));
        }

        await using var pair = await StartTwinAsync(new SqliteDatabase(copy), hear: false);
        AssertRefused("starting", await HandLog.ExchangeAsync(pair.Keyholder, new KeyholderRequest.StatusOf()));
    }

    [Fact]
    public async Task a_start_opens_nothing_before_its_mark_is_in_the_log()
    {
        await using var pair = await StartTwinAsync(new SqliteDatabase(CopyKeyholder("twin")), hear: false);
        var (twin, log) = pair;
        var early = await RecordByHandAsync(log, Ask());
        AssertRefused("starting", await HandLog.ExchangeAsync(twin, early));
        AssertRefused("starting", await HandLog.ExchangeAsync(twin, new KeyholderRequest.KeyOf(Company.Id("anna"), "focus-time")));
        await log.HearAsync();
        AssertRefused("used", await HandLog.ExchangeAsync(twin, early with { Checkpoint = log.Checkpoint(log.Size), Proof = log.Proof(early.Index) })); // it cannot know that it did not open it
        Assert.IsType<KeyholderResponse.Opened>(await HandLog.ExchangeAsync(twin, await RecordByHandAsync(log, Ask())));
    }

    [Fact]
    public async Task a_keyholder_restored_from_an_older_copy_opens_nothing_until_two_root_approvers_say_that_they_know()
    {
        var copy = CopyKeyholder("older");
        await Company.RestartAsync();
        await using var pair = await StartTwinAsync(new SqliteDatabase(copy));
        var (twin, log) = pair;
        var refused = Assert.IsType<KeyholderResponse.Refused>(await HandLog.ExchangeAsync(twin, new KeyholderRequest.StatusOf()));
        Assert.Equal("rolled-back", refused.Code);
        var mark = refused.Message.Split(' ')[^1];
        var accept = new AcceptKeyholder(Root, Now, mark, "restored");

        // Words without signatures, of one approver, or about another mark change nothing.
        await AcceptAsync(SignedStatement.Sign(accept));
        await AcceptAsync(SignedStatement.Sign(accept, Company.KeyOf("officer")));
        await AcceptAsync(SignedStatement.Sign(accept, Company.KeyOf("officer"), Company.KeyOf("anna")));
        await AcceptAsync(SignedStatement.Sign(accept with { Mark = new string('0', 32) }, Company.KeyOf("officer"), Company.KeyOf("council")));
        await AcceptAsync(SignedStatement.Sign(accept with { Root = new string('0', 64) }, Company.KeyOf("officer"), Company.KeyOf("council")));
        await log.AppendAsync(new KeyholderAccepted(SignedStatement.Sign(accept, Company.KeyOf("officer"), Company.KeyOf("council"))));
        Assert.IsType<KeyholderResponse.Opened>(await HandLog.ExchangeAsync(twin, await RecordByHandAsync(log, Ask())));

        async Task AcceptAsync(SignedStatement signed)
        {
            Assert.IsType<KeyholderResponse.Followed>(await log.AppendAsync(new KeyholderAccepted(signed)));
            AssertRefused("rolled-back", await HandLog.ExchangeAsync(twin, new KeyholderRequest.StatusOf()));
        }
    }

    [Fact]
    public async Task that_it_was_restored_and_that_it_was_accepted_is_known_after_further_starts()
    {
        var copy = CopyKeyholder("older");
        await Company.RestartAsync();
        string mark;
        await using (var restored = await StartTwinAsync(new SqliteDatabase(copy)))
        {
            mark = Assert.IsType<KeyholderResponse.Refused>(await HandLog.ExchangeAsync(restored.Keyholder, new KeyholderRequest.StatusOf())).Message.Split(' ')[^1];
        }

        await using (var keyholder = await KeyholderService.OpenAsync(new SqliteDatabase(copy), Company.OpenKek(), Company.Clock))
        {
            var log = await HandLog.ContinueAsync(keyholder, keyholder, LogSigner(), Company.Clock);
            await log.HearAsync();
            AssertRefused("rolled-back", await HandLog.ExchangeAsync(keyholder, new KeyholderRequest.StatusOf()));
            await log.AppendAsync(new KeyholderAccepted(SignedStatement.Sign(new AcceptKeyholder(Root, Now, mark, "restored"), Company.KeyOf("officer"), Company.KeyOf("council"))));
        }

        await using var last = await KeyholderService.OpenAsync(new SqliteDatabase(copy), Company.OpenKek(), Company.Clock);
        await (await HandLog.ContinueAsync(last, last, LogSigner(), Company.Clock)).HearAsync();
        Assert.IsType<KeyholderResponse.Statements>(await HandLog.ExchangeAsync(last, new KeyholderRequest.StatusOf()));
    }

    [Fact]
    public async Task when_the_log_names_another_keyholder_this_one_cosigns_and_opens_nothing()
    {
        var log = await GoOnByHandAsync();
        var (statements, witness) = (new NoteSigner("keyholder-2", NoteKeyType.Ed25519, Hash.Of("1"u8).ToArray()), new NoteSigner("keyholder-2", NoteKeyType.Cosignature, Hash.Of("2"u8).ToArray()));
        var change = new ChangeKeyholder(Root, Now, statements.Verifier.ToString(), witness.Verifier.ToString(), "the old one burnt");
        Assert.NotNull(Assert.IsType<KeyholderResponse.Followed>(await log.AppendAsync(new KeyholderChanged(SignedStatement.Sign(change, Company.KeyOf("officer"))))).Cosignature);
        Assert.Null(Assert.IsType<KeyholderResponse.Followed>(await log.AppendAsync(new KeyholderChanged(SignedStatement.Sign(change, Company.KeyOf("officer"), Company.KeyOf("council"))))).Cosignature);
        var openings = log.Add(Look(Ask()));
        Assert.Null(Assert.IsType<KeyholderResponse.Followed>(await log.FollowAsync()).Cosignature);
        await RefusedAsync("office", Message(log, openings!));
        AssertRefused("office", await ExchangeAsync(new KeyholderRequest.StatusOf()));

        var back = new ChangeKeyholder(Root, Now, Company.Keyholder.StatementKey, Company.Keyholder.WitnessKey, "it was found again");
        Assert.NotNull(Assert.IsType<KeyholderResponse.Followed>(await log.AppendAsync(new KeyholderChanged(SignedStatement.Sign(back, Company.KeyOf("officer"), Company.KeyOf("council"))))).Cosignature);
        openings = log.Add(Look(Ask()));
        await log.FollowAsync();
        await OpenedAsync(Message(log, openings!));
    }

    [Fact]
    public async Task a_database_file_that_is_gone_opens_nothing_and_one_that_is_back_opens_again()
    {
        var open = await RecordAsync(Ask());
        File.Move(Company.KeyholderFile, Company.KeyholderFile + ".away");
        await RefusedAsync("storage", open);
        File.Move(Company.KeyholderFile + ".away", Company.KeyholderFile);
        await OpenedAsync(open);
    }

    [Fact]
    public async Task a_full_disk_opens_nothing_and_uses_nothing_up()
    {
        var disk = new FullDatabase(new SqliteDatabase(CopyKeyholder("twin")));
        await using var pair = await StartTwinAsync(disk);
        var (twin, log) = pair;
        var openings = log.Add(Look(Ask()));
        await log.FollowAsync();
        disk.Room = 0;
        AssertRefused("storage", await HandLog.ExchangeAsync(twin, Message(log, openings!)));
        log.Add(new RetentionPurge(Today, [new PurgedLine("p", "records", 1, "keep", 0)]));
        AssertRefused("storage", await log.FollowAsync());
        disk.Room = int.MaxValue;
        log.Forget(log.Size - 1);
        Assert.IsType<KeyholderResponse.Opened>(await HandLog.ExchangeAsync(twin, Message(log, openings!)));
        Assert.Equal(1, (await CountAsync(keyholder: twin)).Signed.Looks);
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task a_disk_that_fills_up_while_an_order_is_obeyed_loses_neither_the_order_nor_what_came_after_it(int commits)
    {
        var disk = new FullDatabase(new SqliteDatabase(CopyKeyholder("twin")));
        await using var pair = await StartTwinAsync(disk);
        var (twin, log) = pair;
        var erase = new KeysDestroyed(SignedStatement.Sign(new DestroyKeys(Root, Now, Company.Id("anna"), ["focus-time"], "self", "mine"), Company.KeyOf("anna")));
        var index = log.Size;
        log.Add(erase);
        log.Add(new ProgramPaused("focus-time", "stop", Now));
        disk.Room = commits; // the entries are written, perhaps what was destroyed, and then nothing any more
        AssertRefused("storage", await log.FollowAsync());
        AssertRefused("storage", await HandLog.ExchangeAsync(twin, new KeyholderRequest.StatusOf()));
        disk.Room = int.MaxValue;
        Assert.Equal(log.Size, Assert.IsType<KeyholderResponse.Identity>(await HandLog.ExchangeAsync(twin, new KeyholderRequest.Hello())).Size);
        var certificate = Assert.IsType<KeyholderResponse.Statements>(await HandLog.ExchangeAsync(twin, new KeyholderRequest.CertificateOf(index)));
        Assert.Equal(1, Assert.IsType<DestructionCertificate>(KeyholderStatement.TryOpen(certificate.Notes[0], NoteVerifier.Parse(twin.StatementKey))).Keys);
        var status = Assert.IsType<KeyholderResponse.Statements>(await HandLog.ExchangeAsync(twin, new KeyholderRequest.StatusOf()));
        Assert.Equal("paused", Assert.IsType<StatusStatement>(KeyholderStatement.TryOpen(status.Notes[0], NoteVerifier.Parse(twin.StatementKey))).State);
    }
}
