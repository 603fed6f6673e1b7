using Dapper;
using Daylight.Protocol;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Storage;
using Daylight.Tests.Keyholder;

namespace Daylight.Tests.Server;

/// <summary>What people are told in their inbox, and the mail that says that there is something.</summary>
public sealed class NoticeTests : KeyholderTests
{
    [Fact]
    public async Task an_inbox_is_ones_own_and_so_is_what_was_seen_of_it()
    {
        Assert.Equal(401, (await ApiClient.WithToken(Company.Http, null).GetBytesAsync("/api/v1/me/notices", default)).Problem!.Status);
        var role = Assert.Single(await Company.NoticesAsync("snoop", "role"));
        Assert.StartsWith("You hold the role investigator until ", role.Text, StringComparison.Ordinal);
        Assert.Empty(await Company.NoticesAsync("anna", "role"));
        await SeenAsync("anna", role.Id);
        Assert.False(Assert.Single(await Company.NoticesAsync("snoop", "role")).Seen);
        await SeenAsync("snoop", role.Id);
        Assert.True(Assert.Single(await Company.NoticesAsync("snoop", "role")).Seen);
        Assert.DoesNotContain(await Company.NoticesAsync("snoop", "credential"), n => n.Seen);
    }

    [Fact]
    public async Task a_mail_says_that_there_is_something_once_and_neither_what_nor_about_whom()
    {
        await using var smtp = new SmtpListener();
        await StartMailAsync(smtp.Port);
        Assert.StartsWith("failed", await MailJobAsync(smtp.Port, down: true), StringComparison.Ordinal);
        var outcome = await MailJobAsync();
        Assert.Matches("^[0-9]+ people were mailed$", outcome);
        var (_, text) = Assert.Single(smtp.Received, m => m.To == "snoop@test.example");
        Assert.Contains("https://portal.example/inbox", text);
        foreach (var word in (string[])["investigator", "role", "credential", "focus-time", "anna", "snoop,", "approver"])
        {
            Assert.DoesNotContain(word, text.Replace("snoop@test.example", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        }

        var before = smtp.Received.Count;
        Assert.Equal(before, smtp.Received.Select(m => m.To).Distinct().Count());
        Assert.Equal("0 people were mailed", await MailJobAsync());
        await Company.RestartAsync();
        Assert.Equal("0 people were mailed", await MailJobAsync());
        Assert.Equal(before, smtp.Received.Count);
    }

    [Fact]
    public async Task a_mailbox_that_is_gone_and_somebody_without_a_row_hold_up_nobody_and_stand_in_no_outcome()
    {
        await using var smtp = new SmtpListener(refuses: "officer@test.example");
        await StartMailAsync(smtp.Port);
        await Company.Part<GroupCommitWriter>().WriteAsync((c, t) => Rows.Insert(
            c, t, NoticeStore.Table, [NoticeStore.Row(Company.Part<Daylight.Server.Hosting.ServerKeys>(), new Notice("nobody", "role", "x"), Today.AddDays(-1))]));
        await Company.HireAsync(60); // it waits: the officer is told
        var outcome = await MailJobAsync();
        Assert.EndsWith("1 addresses were refused", outcome, StringComparison.Ordinal);
        Assert.DoesNotContain("@", outcome, StringComparison.Ordinal);
        Assert.Contains(smtp.Received, m => m.To == "snoop@test.example");
        Assert.NotEmpty(await Company.NoticesAsync("officer", "directory-held"));
        Assert.Equal("0 people were mailed", await MailJobAsync());
    }

    [Fact]
    public async Task nobody_is_mailed_before_the_day_on_which_they_are_told()
    {
        await using var smtp = new SmtpListener();
        await StartMailAsync(smtp.Port);
        await MailJobAsync();
        smtp.Received.Clear();
        var digest = await OpenCaseAsync();
        Assert.Null((await Company.LookAsync("snoop", "anna", digest)).Problem);
        await MailJobAsync();
        Assert.DoesNotContain(smtp.Received, m => m.To == "anna@test.example");
        Company.Clock.Now += TimeSpan.FromDays(30);
        await MailJobAsync();
        Assert.Contains("There are 2 notices", Assert.Single(smtp.Received, m => m.To == "anna@test.example").Text);
    }

    [Fact]
    public async Task a_look_and_its_notice_are_one_commit()
    {
        var digest = await OpenCaseAsync();
        var entry = (await Company.LookAsync("snoop", "anna", digest)).Entry!.Value;
        using var connection = Company.Database.Open();
        Assert.Equal(1, connection.QuerySingle<int>("SELECT COUNT(*) FROM notices WHERE idx = @entry AND due = @due", new { entry = (long)entry, due = Sql.Day(Today.AddDays(30)) }));
        // The notice cannot be written: then there is no look either.
        connection.Execute("ALTER TABLE notices RENAME TO gone");
        var size = Company.Part<LogStore>().Size();
        Assert.Equal(503, (await Company.LookAsync("snoop", "anna", digest)).Problem!.Status);
        Assert.Equal(size, Company.Part<LogStore>().Size());
        connection.Execute("ALTER TABLE gone RENAME TO notices");
    }

    [Fact]
    public async Task notices_are_purged_after_two_years()
    {
        Assert.NotEmpty(await Company.NoticesAsync("anna", "credential"));
        Company.Clock.Now += TimeSpan.FromDays(732);
        await Company.Part<Retention>().RunAsync();
        using var connection = Company.Database.Open();
        Assert.Equal(0, connection.QuerySingle<int>("SELECT COUNT(*) FROM notices"));
    }

    private async Task SeenAsync(string name, string id) => await Company.As(name).PostAsync("/api/v1/me/notices/seen", new NoticesSeen([id]), ProtocolJson.Default.NoticesSeen, ProtocolJson.Default.Recorded, default);

    private async Task StartMailAsync(int port)
    {
        Company.Mail = new MailOptions { Host = "127.0.0.1", Port = port, Tls = false, From = "daylight@test.example", Portal = "https://portal.example/" };
        await Company.RestartAsync();
    }

    private async Task<string> MailJobAsync(int port = 0, bool down = false)
    {
        if (down)
        {
            await StartMailAsync(1); // nothing listens there
        }

        await Company.Part<Jobs>().RunAllAsync(default);
        var outcome = Company.Part<Jobs>().Views.Single(v => v.Name == "mail").LastOutcome;
        if (down)
        {
            await StartMailAsync(port);
        }

        return outcome;
    }
}
