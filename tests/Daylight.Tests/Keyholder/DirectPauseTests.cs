using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>A signed pause that comes to the keyholder itself, past the server.</summary>
public sealed class DirectPauseTests : KeyholderTests
{
    [Fact]
    public async Task it_is_obeyed_before_it_is_logged_over_a_restart_too_and_resumed_through_the_log()
    {
        Company.Channel.Down = true; // the server neither hears nor helps
        var open = (await ExchangeAsync(Pause("council"))) is KeyholderResponse.Paused;
        Assert.True(open);
        Assert.Equal("paused", await StateAsync());
        Assert.NotEmpty((await HelloAsync()).Pauses);
        Company.Channel.Down = false;

        await Log.LookAsync();
        Assert.Empty((await HelloAsync()).Pauses);
        var pause = Assert.NotNull(Log.Read(a => a.Program("focus-time").PausedBy));
        await RefusedAsync("paused", await RecordAsync(Ask()));
        await Company.RestartAsync();
        Assert.Equal("paused", await StateAsync());
        await Company.ResumeAsync(pause);
        Assert.Equal("active", await StateAsync());
        await OpenedAsync(await RecordAsync(Ask()));
    }

    [Fact]
    public async Task it_stops_a_look_whose_entry_is_in_the_log_already()
    {
        var open = await RecordAsync(Ask());
        Assert.IsType<KeyholderResponse.Paused>(await ExchangeAsync(Pause("owner")));
        await RefusedAsync("paused", open);
    }

    [Fact]
    public async Task it_holds_over_a_restart_while_the_log_does_not_have_it()
    {
        await using var before = await StartTwinAsync(new Storage.SqliteDatabase(CopyKeyholder("twin")));
        Assert.IsType<KeyholderResponse.Paused>(await HandLog.ExchangeAsync(before.Keyholder, Pause("officer")));
        var copy = Path.Combine(Company.Folder, "twin", "again.db");
        using (var connection = new Storage.SqliteDatabase(Path.Combine(Company.Folder, "twin", "keyholder.db"), readOnly: true).Open())
        {
            Dapper.SqlMapper.Execute(connection, "VACUUM INTO @copy", new { copy });
        }

        await using var after = await Daylight.Keyholder.KeyholderService.OpenAsync(new Storage.SqliteDatabase(copy), Company.OpenKek(), Company.Clock);
        var log = await HandLog.ContinueAsync(after, after, LogSigner(), Company.Clock);
        await log.HearAsync();
        Assert.Single(Assert.IsType<KeyholderResponse.Identity>(await HandLog.ExchangeAsync(after, new KeyholderRequest.Hello())).Pauses);
        AssertRefused("paused", await HandLog.ExchangeAsync(after, await RecordByHandAsync(log, Ask())));
    }

    [Fact]
    public async Task only_who_may_stop_a_program_stops_it_and_with_a_fresh_signature()
    {
        var device = await Company.EnrollDeviceAsync("officer");
        var pause = new PauseProgram(Root, Now, "focus-time", "stop");
        foreach (var refused in (SignedStatement[])
        [
            SignedStatement.Sign(pause),
            SignedStatement.Sign(pause, Company.KeyOf("anna")),
            SignedStatement.Sign(pause, Company.KeyOf("snoop")),
            SignedStatement.Sign(pause, device),
            SignedStatement.Sign(pause with { Time = Now.AddMinutes(-61) }, Company.KeyOf("officer")),
            SignedStatement.Sign(pause with { Time = Now.AddMinutes(61) }, Company.KeyOf("officer")),
            SignedStatement.Sign(pause with { Program = "another" }, Company.KeyOf("officer")),
            SignedStatement.Sign(pause with { Root = new string('0', 64) }, Company.KeyOf("officer")),
            SignedStatement.Sign(new ApproveCharter(Root, Now, "focus-time", Program.Hash, "privacy-officer", Sealing.Company.Read), Company.KeyOf("officer")),
            SignedStatement.Sign(pause, Company.KeyOf("officer")) with { Statement = Convert.ToBase64String((pause with { Program = "focus-time", Reason = "changed" }).ToBytes()) },
        ])
        {
            AssertRefused("pause", await ExchangeAsync(new KeyholderRequest.Pause(refused)));
        }

        Assert.Equal("active", await StateAsync());
    }

    [Fact]
    public async Task one_that_the_log_already_has_from_somebody_else_is_logged_once_and_not_again_and_again()
    {
        var log = await GoOnByHandAsync();
        Assert.IsType<KeyholderResponse.Paused>(await ExchangeAsync(Pause("council")));
        await log.AppendAsync(new ProgramPaused("focus-time", "the officer was quicker", Now));
        var waiting = Assert.Single((await HelloAsync()).Pauses);
        var answer = Assert.IsType<KeyholderResponse.Followed>(await log.AppendAsync(new ProgramPaused("focus-time", "stop", Now, waiting)));
        Assert.False(answer.Waits);
        Assert.Empty((await HelloAsync()).Pauses);
        Assert.Equal("paused", await StateAsync());
    }

    private KeyholderRequest.Pause Pause(string name) => new(SignedStatement.Sign(new PauseProgram(Root, Now, "focus-time", "stop"), Company.KeyOf(name)));

    private async Task<string> StateAsync()
    {
        var status = Assert.IsType<KeyholderResponse.Statements>(await ExchangeAsync(new KeyholderRequest.StatusOf()));
        return Assert.IsType<StatusStatement>(KeyholderStatement.TryOpen(Assert.Single(status.Notes), NoteVerifier.Parse(Company.Keyholder.StatementKey))).State;
    }
}
