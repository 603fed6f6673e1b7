using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>One journey for each role that the portal has pages for, by keyboard alone, from signing in on. Those of employee, owner, officer and works council are in <see cref="PortalTests"/>.</summary>
[Collection(Lanes.Demo)]
public sealed class RoleJourneys(DemoFixture demo) : IAsyncLifetime
{
    private Visit visit = null!;

    private List<string> Complaints => visit.Complaints;

    private IPage Page => visit.Page;

    private Keyboard Keys => visit.Keyboard;

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    public async ValueTask InitializeAsync() => visit = await Visit.StartAsync(demo);

    public ValueTask DisposeAsync() => visit.DisposeAsync();

    [Fact]
    public async Task an_investigator_asks_for_a_case_looks_once_it_is_approved_and_closes_it_and_the_person_reads_all_of_it()
    {
        await Keys.SignInAsync("investigator");
        await Keys.FollowAsync("Cases");
        await Keys.UnfoldAsync("Ask for a case under role:investigator/records");
        await Keys.TypeAsync("address", await demo.EmailOfAsync("other-manager"));
        await Keys.TypeAsync("from", Today.AddDays(-9));
        await Keys.TypeAsync("to", Today.AddDays(-1));
        await Keys.TypeAsync("reason", "Report 17 of the compliance office.");
        Assert.Contains("Done: entry ", await Keys.PressAsync("Ask for the case"), StringComparison.Ordinal);

        foreach (var approver in (string[])["privacy-officer", "works-council"])
        {
            await OpenCaseAsync(approver);
            Assert.Contains("It opens nothing before it is approved.", await Keys.ReadAsync(), StringComparison.Ordinal);
            Assert.Contains("Done: entry ", await Keys.PressAsync($"Approve it as {approver}"), StringComparison.Ordinal);
        }

        await OpenCaseAsync("investigator");
        Assert.Contains("Open for 14 more days.", await Keys.ReadAsync(), StringComparison.Ordinal);
        await Keys.FollowAsync("Look at the records of focus-time");
        var seen = await Keys.ReadAsync();
        Assert.Contains("shown under entry", seen, StringComparison.Ordinal);
        Assert.True(await Page.Locator("[aria-labelledby=records] svg.chart").CountAsync() > 0, seen);
        Assert.Equal(1, await Page.Locator("[aria-labelledby=seen] tbody tr").CountAsync());
        await Keys.UnfoldAsync("Close the case");
        await Keys.TypeAsync("reason", "Nothing was found.");
        Assert.Contains("Done: entry ", await Keys.PressAsync("Close it"), StringComparison.Ordinal);
        Assert.Contains("It was closed", await Keys.ReadAsync(), StringComparison.Ordinal);

        await Keys.SignInAsync("other-manager");
        await Keys.FollowAsync("Who looked");
        var told = await Keys.ReadAsync();
        Assert.Contains("Report 17 of the compliance office.", told, StringComparison.Ordinal);
        Assert.Contains("role:investigator/records", told, StringComparison.Ordinal);
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task an_auditor_checks_an_entry_in_the_browser_and_that_the_log_only_grew()
    {
        await Keys.SignInAsync("auditor");
        await Keys.FollowAsync("The log");
        await Assertions.Expect(Page.Locator("#growth")).ToHaveTextAsync("First visit");
        Assert.Contains("the keyholder", await Keys.ReadAsync(), StringComparison.Ordinal);
        await Keys.FollowAsync("In full");
        await Keys.FollowAsync(await Page.Locator("#entries ~ table a").First.InnerTextAsync());
        await Assertions.Expect(Page.Locator("#verdict")).ToHaveTextAsync("Everything holds.");
        Assert.Contains("\"kind\"", await Keys.ReadAsync(), StringComparison.Ordinal);

        await Keys.FollowAsync("My day"); // a look at oneself is an entry
        await Keys.FollowAsync("The log");
        await Assertions.Expect(Page.Locator("#growth")).ToHaveTextAsync("It only grew");

        // What this browser remembers, and this log never was: as after a rewriting of it.
        await Page.EvaluateAsync("for (const key of Object.keys(localStorage)) localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), root: btoa('another log of the same length..') }))");
        await Keys.FollowAsync("My day");
        await Keys.FollowAsync("The log");
        await Assertions.Expect(Page.Locator("#growth")).ToHaveTextAsync("It was rewritten");
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task an_operator_sees_what_runs_and_nobody()
    {
        await Keys.SignInAsync("operator");
        await Keys.FollowAsync("Operations");
        var shown = await Keys.ReadAsync();
        Assert.Contains("Ready", shown, StringComparison.Ordinal);
        Assert.Contains("answers you", shown, StringComparison.Ordinal);
        Assert.Contains("focus-time", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("@", shown, StringComparison.Ordinal);
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task a_manager_reads_the_teams_weeks_and_what_was_handed_in_and_is_refused_a_persons_day()
    {
        await Keys.SignInAsync("manager");
        await Keys.FollowAsync("My team");
        Assert.True(await Page.Locator("svg.chart rect.bar").CountAsync() >= 4);
        await Keys.FollowAsync("what they handed in");
        Assert.Contains("handed in", await Keys.ReadAsync(), StringComparison.OrdinalIgnoreCase);
        await Keys.FollowAsync("My team");
        await Keys.FollowAsync("ask for this person's day");
        Assert.Contains("No rule allows it", await Keys.ReadAsync(), StringComparison.Ordinal);
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task an_analyst_reads_a_site_and_takes_it_as_csv()
    {
        await Keys.SignInAsync("analyst");
        await Keys.FollowAsync("Group figures");
        await Keys.FollowAsync("Leipzig");
        Assert.Contains("Leipzig: focus minutes", await Keys.ReadAsync(), StringComparison.Ordinal);
        await Keys.TabToAsync("The same cells as CSV");
        var download = await Page.RunAndWaitForDownloadAsync(() => Page.Keyboard.PressAsync("Enter"));
        Assert.StartsWith("level,group,measure,period,value,low,high,people,reason\r\nsite,Leipzig,focus-minutes,", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task a_planner_for_whom_no_program_has_figures_is_told_so()
    {
        await Keys.SignInAsync("workplace-planner");
        await Keys.FollowAsync("Group figures");
        Assert.Contains("No charter in force shows you a group figure.", await Keys.ReadAsync(), StringComparison.Ordinal); // the sample company has no program about rooms
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task security_opens_an_incident_and_keeps_its_register()
    {
        await Keys.SignInAsync("security");
        await Keys.FollowAsync("Breach register");
        await Keys.TypeAsync("what", "A copy of the database was left on a train.");
        await Keys.TypeAsync("since", Today.AddDays(-1));
        await Page.Keyboard.PressAsync("ArrowRight"); // from the year to the hour
        await Page.Keyboard.TypeAsync("0930A");
        await Keys.TabToAsync("|program|");
        await Page.Keyboard.PressAsync("Space");
        Assert.Contains("Done: entry ", await Keys.PressAsync("Open it: the clock runs"), StringComparison.Ordinal);
        await Keys.TypeAsync("text", "The train's lost property office has it, sealed as it was.");
        Assert.Contains("Done: entry ", await Keys.PressAsync("Add it"), StringComparison.Ordinal);
        Assert.Contains("lost property office", await Keys.ReadAsync(), StringComparison.Ordinal);
        Assert.Empty(Complaints);
    }

    private async Task OpenCaseAsync(string persona)
    {
        await Keys.SignInAsync(persona);
        await Keys.FollowAsync("Cases");
        await Keys.FollowAsync(await Page.Locator("td a[href^='/cases/']").First.InnerTextAsync());
    }
}
