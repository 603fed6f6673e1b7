using Daylight.Tests.Core;

namespace Daylight.Tests.Agent;

/// <summary>When a charter begins on a machine: what widens is told first and starts on the next working day, what narrows starts at once.</summary>
public sealed class CharterBookTests
{
    private static readonly string Focus = Charter("window: { app: category, time: round 5m }");
    private static readonly string Mornings = Charter("window: { app: category, time: round 5m }", hours: "Mon-Sun 00:00-11:00");
    private static readonly string Wider = Charter("window: { app: category, time: round 5m }\nafk: { status: keep, time: round 5m }").Replace("fields: [app, time]", "fields: [app, status, time]", StringComparison.Ordinal);
    private static readonly string Mixed = Wider.Replace("Mon-Sun 00:00-24:00", "Mon-Sun 00:00-11:00", StringComparison.Ordinal);

    [Fact]
    public async Task what_was_shown_when_the_machine_joined_begins_on_that_day()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Focus);
        await agent.WindowAsync("2026-12-02 08:00", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 08:00 Editor 5", await agent.WaitingAsync());
        Assert.Empty(agent.Parts.Book.Coming(agent.Parts.Person.Today));
    }

    [Theory]
    [InlineData("2026-12-02 10:00", "2026-12-03")] // a Wednesday
    [InlineData("2026-12-04 10:00", "2026-12-07")] // on Friday it is told, and begins on Monday
    [InlineData("2026-12-05 10:00", "2026-12-07")]
    [InlineData("2026-12-06 23:59", "2026-12-07")]
    public async Task a_program_that_is_new_here_is_told_first_and_begins_on_the_next_working_day(string now, string begins)
    {
        await using var agent = await TestAgent.StartAsync(now);
        await agent.LearnAsync(Focus);
        var coming = Assert.Single(agent.Parts.Book.Coming(agent.Parts.Person.Today));
        Assert.Equal(begins, coming.Since.ToString("O"));
        await agent.WindowAsync(now, 0);
        await agent.WindowAsync(now[..10] + " 00:10", 5);
        await agent.FillAsync();
        Assert.Equal(string.Empty, await agent.WaitingAsync());

        agent.Set(begins + " 09:00");
        await agent.WindowAsync(begins + " 08:00", 5);
        await agent.FillAsync();
        Assert.Equal($"{begins[5..]} 08:00 Editor 5", await agent.WaitingAsync());
        Assert.Equal(string.Empty, agent.Days());
    }

    [Fact]
    public async Task an_event_over_midnight_counts_from_the_day_on_which_its_charter_begins()
    {
        await using var agent = await TestAgent.StartAsync("2026-12-02 23:00", "Europe/Berlin");
        await agent.LearnAsync(Focus);
        agent.Set("2026-12-03 00:30");
        await agent.WindowAsync("2026-12-02 22:50", 30); // in Berlin the third begins at 23:00 UTC
        await agent.FillAsync();
        Assert.Equal(string.Empty, await agent.WaitingAsync()); // it was the third in Berlin when the program was learned of

        agent.Set("2026-12-04 00:30");
        await agent.WindowAsync("2026-12-03 22:50", 30);
        await agent.FillAsync();
        Assert.Equal("12-03 23:00 Editor 5, 12-03 23:05 Editor 5, 12-03 23:10 Editor 5, 12-03 23:15 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task who_was_not_covered_for_a_while_has_notice_anew_also_on_a_machine_that_never_heard_of_it()
    {
        var noticed = Focus.Replace("consent: none, because it is a test", "notice: 14d\nconsent: none, because it is a test", StringComparison.Ordinal);
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(noticed);
        agent.Set("2026-12-02 12:00");
        var bundle = agent.Bundle(noticed);
        await agent.TakeAsync(bundle);
        Assert.NotNull(agent.Parts.Book.On("trial", agent.Parts.Person.Today));
        agent.Set("2027-01-05 12:00");
        var again = new DateOnly(2027, 1, 4);
        await agent.TakeAsync(bundle with { Covering = [.. bundle.Covering.Select(p => p with { Choice = p.Choice with { Covered = again, Noticing = again } })] });
        Assert.Null(agent.Parts.Book.On("trial", agent.Parts.Person.Today));
        Assert.Equal(new DateOnly(2027, 1, 18), Assert.Single(agent.Parts.Book.Coming(agent.Parts.Person.Today)).Since);
        await agent.TakeAsync(bundle with { Covering = [.. bundle.Covering.Select(p => p with { Choice = p.Choice with { Covered = again, Noticing = again } })] }); // the same again changes nothing
        Assert.Equal(new DateOnly(2027, 1, 18), Assert.Single(agent.Parts.Book.Coming(agent.Parts.Person.Today)).Since);
    }

    [Fact]
    public async Task what_widens_waits_while_the_former_charter_goes_on()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Focus);
        agent.Set("2026-12-02 12:00");
        await agent.LearnAsync(Wider);
        await agent.WindowAsync("2026-12-02 11:00", 5);
        await agent.ThereAsync("2026-12-02 11:00", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 11:00 Editor 5", await agent.WaitingAsync());
        var coming = Assert.Single(agent.Parts.Book.Coming(agent.Parts.Person.Today));
        Assert.NotEmpty(coming.Changes);
        Assert.Contains("From tomorrow on", await agent.Http.GetStringAsync("/"), StringComparison.Ordinal);
        var page = System.Net.WebUtility.HtmlDecode(await agent.Http.GetStringAsync("/collected"));
        Assert.All(coming.Changes, c => Assert.Contains(c, page, StringComparison.Ordinal));

        agent.Set("2026-12-03 12:00");
        await agent.WindowAsync("2026-12-03 11:00", 5);
        await agent.ThereAsync("2026-12-03 11:00", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 11:00 Editor 5, 12-03 11:00 Editor 5, 12-03 11:00 not-afk 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task what_narrows_begins_at_once()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Focus);
        agent.Set("2026-12-02 12:00");
        await agent.LearnAsync(Mornings);
        await agent.WindowAsync("2026-12-02 10:00", 5);
        await agent.WindowAsync("2026-12-02 11:30", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 10:00 Editor 5", await agent.WaitingAsync());
        Assert.Empty(agent.Parts.Book.Coming(agent.Parts.Person.Today));
    }

    [Fact]
    public async Task what_narrows_here_and_widens_there_rests_until_it_may_begin()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Focus);
        await agent.WindowAsync("2026-12-02 08:00", 5);
        await agent.FillAsync();
        agent.Set("2026-12-02 12:00");
        await agent.LearnAsync(Mixed);
        await agent.WindowAsync("2026-12-02 10:00", 5);
        await agent.FillAsync();
        Assert.Equal(string.Empty, await agent.WaitingAsync()); // the former charter is in force nowhere any more, and the new one not here yet: nothing of this day goes
        agent.Set("2026-12-03 12:00");
        await agent.WindowAsync("2026-12-03 10:00", 5);
        await agent.FillAsync();
        Assert.Equal("12-03 10:00 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task a_program_that_is_over_collects_nothing_from_that_day_on()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Focus);
        await agent.WindowAsync("2026-12-02 09:00", 5);
        await agent.FillAsync();
        agent.Set("2026-12-03 12:00");
        await agent.LearnAsync();
        await agent.WindowAsync("2026-12-03 11:00", 5);
        await agent.FillAsync();
        Assert.Equal("12-02 09:00 Editor 5", await agent.WaitingAsync());
        Assert.Empty(await agent.SealAsync(agent.Bundle()));
        Assert.Equal(string.Empty, await agent.WaitingAsync()); // and what waited goes nowhere
    }

    [Fact]
    public async Task a_charter_that_is_overtaken_before_it_began_never_begins()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Mornings);
        await agent.LearnAsync(Wider);
        await agent.LearnAsync(Mornings);
        Assert.Empty(agent.Parts.Book.Coming(agent.Parts.Person.Today));
        agent.Set("2026-12-04 12:00");
        await agent.WindowAsync("2026-12-04 10:58", 5);
        await agent.FillAsync();
        Assert.Equal("12-04 10:55 Editor 2", await agent.WaitingAsync());
    }

    [Fact]
    public async Task before_any_charter_was_verified_nothing_is_minimised_and_nothing_is_lost()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.WindowAsync("2026-12-02 08:00", 5);
        await agent.FillAsync();
        await agent.BeginAsync(Focus);
        await agent.RestartAsync();
        await agent.FillAsync();
        Assert.Equal("12-02 08:00 Editor 5", await agent.WaitingAsync());
    }

    [Fact]
    public async Task the_book_is_read_offline_after_a_restart()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.BeginAsync(Focus);
        await agent.RestartAsync();
        agent.Set("2026-12-16 10:00"); // two weeks without a server
        await agent.WindowAsync("2026-12-16 08:00", 5);
        await agent.FillAsync();
        Assert.Equal("12-16 08:00 Editor 5", await agent.WaitingAsync());
    }

    private static string Charter(string collect, string hours = Trial.AllHours) => string.Join('\n', Trial.Text(collect, shown: "app, time", hours: hours).Split('\n').Select(l => l.StartsWith("purpose:", StringComparison.Ordinal) ? "purpose: workload-management" : l));
}
