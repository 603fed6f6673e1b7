using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>One journey for each role that the portal has pages for, by keyboard alone, from signing in on. Those of employee, owner, officer and works council are in <see cref="PortalTests"/>.</summary>
[Collection(Lanes.Demo)]
public sealed class RoleJourneys(DemoFixture demo) : IAsyncLifetime
{
    private readonly List<string> complaints = [];
    private IBrowserContext context = null!;
    private IPage page = null!;
    private Keyboard keyboard = null!;

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    public async ValueTask InitializeAsync()
    {
        context = await demo.Browser.NewContextAsync();
        page = await context.NewPageAsync();
        keyboard = new Keyboard(page, demo.Portal);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.Contains("status of 403", StringComparison.Ordinal))
            {
                complaints.Add(message.Text);
            }
        };
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    [Fact]
    public async Task an_investigator_asks_for_a_case_looks_once_it_is_approved_and_closes_it_and_the_person_reads_all_of_it()
    {
        await keyboard.SignInAsync("investigator");
        await keyboard.FollowAsync("Cases");
        await keyboard.UnfoldAsync("Ask for a case under role:investigator/records");
        await keyboard.TypeAsync("address", await demo.EmailOfAsync("other-manager"));
        await keyboard.TypeAsync("from", Today.AddDays(-9));
        await keyboard.TypeAsync("to", Today.AddDays(-1));
        await keyboard.TypeAsync("reason", "Report 17 of the compliance office.");
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Ask for the case"), StringComparison.Ordinal);

        foreach (var approver in (string[])["privacy-officer", "works-council"])
        {
            await OpenCaseAsync(approver);
            Assert.Contains("It opens nothing before it is approved.", await keyboard.ReadAsync(), StringComparison.Ordinal);
            Assert.Contains("Done: entry ", await keyboard.PressAsync($"Approve it as {approver}"), StringComparison.Ordinal);
        }

        await OpenCaseAsync("investigator");
        Assert.Contains("Open for 14 more days.", await keyboard.ReadAsync(), StringComparison.Ordinal);
        await keyboard.FollowAsync("Look at the records of focus-time");
        var seen = await keyboard.ReadAsync();
        Assert.Contains("shown under entry", seen, StringComparison.Ordinal);
        Assert.True(await page.Locator("[aria-labelledby=records] svg.chart").CountAsync() > 0, seen);
        Assert.Equal(1, await page.Locator("[aria-labelledby=seen] tbody tr").CountAsync());
        await keyboard.UnfoldAsync("Close the case");
        await keyboard.TypeAsync("reason", "Nothing was found.");
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Close it"), StringComparison.Ordinal);
        Assert.Contains("It was closed", await keyboard.ReadAsync(), StringComparison.Ordinal);

        await keyboard.SignInAsync("other-manager");
        await keyboard.FollowAsync("Who looked");
        var told = await keyboard.ReadAsync();
        Assert.Contains("Report 17 of the compliance office.", told, StringComparison.Ordinal);
        Assert.Contains("role:investigator/records", told, StringComparison.Ordinal);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task an_auditor_checks_an_entry_in_the_browser_and_that_the_log_only_grew()
    {
        await keyboard.SignInAsync("auditor");
        await keyboard.FollowAsync("The log");
        await Assertions.Expect(page.Locator("#growth")).ToHaveTextAsync("First visit");
        Assert.Contains("the keyholder", await keyboard.ReadAsync(), StringComparison.Ordinal);
        await keyboard.FollowAsync("In full");
        await keyboard.FollowAsync(await page.Locator("#entries ~ table a").First.InnerTextAsync());
        await Assertions.Expect(page.Locator("#verdict")).ToHaveTextAsync("Everything holds.");
        Assert.Contains("\"kind\"", await keyboard.ReadAsync(), StringComparison.Ordinal);

        await keyboard.FollowAsync("My day"); // a look at oneself is an entry
        await keyboard.FollowAsync("The log");
        await Assertions.Expect(page.Locator("#growth")).ToHaveTextAsync("It only grew");

        // What this browser remembers, and this log never was: as after a rewriting of it.
        await page.EvaluateAsync("for (const key of Object.keys(localStorage)) localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), root: btoa('another log of the same length..') }))");
        await keyboard.FollowAsync("My day");
        await keyboard.FollowAsync("The log");
        await Assertions.Expect(page.Locator("#growth")).ToHaveTextAsync("It was rewritten");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task an_operator_sees_what_runs_and_nobody()
    {
        await keyboard.SignInAsync("operator");
        await keyboard.FollowAsync("Operations");
        var page = await keyboard.ReadAsync();
        Assert.Contains("Ready", page, StringComparison.Ordinal);
        Assert.Contains("answers you", page, StringComparison.Ordinal);
        Assert.Contains("focus-time", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@", page, StringComparison.Ordinal);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task a_manager_reads_the_teams_weeks_and_what_was_handed_in_and_is_refused_a_persons_day()
    {
        await keyboard.SignInAsync("manager");
        await keyboard.FollowAsync("My team");
        Assert.True(await page.Locator("svg.chart rect.bar").CountAsync() >= 4);
        await keyboard.FollowAsync("what they handed in");
        Assert.Contains("handed in", await keyboard.ReadAsync(), StringComparison.OrdinalIgnoreCase);
        await keyboard.FollowAsync("My team");
        await keyboard.FollowAsync("ask for this person's day");
        Assert.Contains("No rule allows it", await keyboard.ReadAsync(), StringComparison.Ordinal);
        Assert.Empty(complaints);
    }

    [Theory]
    [InlineData("analyst", "Leipzig")]
    [InlineData("workplace-planner", null)]
    public async Task who_plans_reads_levels_and_takes_them_as_csv(string role, string? group)
    {
        await keyboard.SignInAsync(role);
        await keyboard.FollowAsync("Group figures");
        if (group is not null)
        {
            await keyboard.FollowAsync(group);
            Assert.Contains($"{group}: focus minutes", await keyboard.ReadAsync(), StringComparison.Ordinal);
            await keyboard.TabToAsync("The same cells as CSV");
        }
        else
        {
            Assert.Contains("No charter in force shows you a group figure.", await keyboard.ReadAsync(), StringComparison.Ordinal); // the sample company has no program about rooms
        }

        Assert.Empty(complaints);
    }

    [Fact]
    public async Task security_opens_an_incident_and_keeps_its_register()
    {
        await keyboard.SignInAsync("security");
        await keyboard.FollowAsync("Breach register");
        await keyboard.TypeAsync("what", "A copy of the database was left on a train.");
        await keyboard.TypeAsync("since", Today.AddDays(-1));
        await page.Keyboard.PressAsync("ArrowRight"); // from the year to the hour
        await page.Keyboard.TypeAsync("0930A");
        await keyboard.TabToAsync("|program|");
        await page.Keyboard.PressAsync("Space");
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Open it: the clock runs"), StringComparison.Ordinal);
        await keyboard.TypeAsync("text", "The train's lost property office has it, sealed as it was.");
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Add it"), StringComparison.Ordinal);
        Assert.Contains("lost property office", await keyboard.ReadAsync(), StringComparison.Ordinal);
        Assert.Empty(complaints);
    }

    private async Task OpenCaseAsync(string persona)
    {
        await keyboard.SignInAsync(persona);
        await keyboard.FollowAsync("Cases");
        await keyboard.FollowAsync(await page.Locator("td a[href^='/cases/']").First.InnerTextAsync());
    }
}
