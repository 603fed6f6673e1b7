using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>The portal in a real browser.</summary>
[Collection(Lanes.Demo)]
public sealed class PortalTests(DemoFixture demo) : IAsyncLifetime
{
    private Visit visit = null!;

    private List<string> Complaints => visit.Complaints;

    private IPage Page => visit.Page;

    private Keyboard Keys => visit.Keyboard;

    public async ValueTask InitializeAsync() => visit = await Visit.StartAsync(demo);

    public ValueTask DisposeAsync() => visit.DisposeAsync();

    [Fact]
    public async Task the_employee_reads_their_day_and_verifies_who_looked()
    {
        await Keys.SignInAsync("employee");
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "My day" }).ClickAsync();
        await Assertions.Expect(Page).ToHaveURLAsync(demo.Portal + "/my-day");
        for (var back = 1; back <= 7; back++) // people of the sample company have weekends, and days off
        {
            await Page.GotoAsync($"{demo.Portal}/my-day?day={TimeProvider.System.GetUtcNow().AddDays(-back):yyyy-MM-dd}");
            if (await Page.Locator("svg.chart rect").CountAsync() > 0)
            {
                break;
            }
        }

        Assert.True(await Page.Locator("svg.chart rect").CountAsync() > 0, await Page.InnerTextAsync("main"));
        Assert.True(await Page.Locator("table tbody tr").CountAsync() > 0);
        Assert.DoesNotContain("SECRET-TITLE", await Page.ContentAsync());

        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Who looked" }).ClickAsync();
        Assert.True(await Page.Locator("text=refused").CountAsync() > 0);
        await Page.Locator("a:has-text('verify')").First.ClickAsync();
        await Assertions.Expect(Page.Locator("#verdict")).ToHaveTextAsync("Everything holds.");

        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "What is collected" }).ClickAsync();
        Assert.Contains("never leaves your machine", await Page.ContentAsync());
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task the_manager_sees_the_teams_weeks_and_is_refused_one_person()
    {
        await Keys.SignInAsync("manager");
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "My team" }).ClickAsync();
        Assert.True(await Page.Locator("svg.chart rect.bar").CountAsync() >= 4);
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "ask for this person's day" }).First.ClickAsync();
        Assert.Contains("No rule of charter focus-time version 1 shows one person", await Page.InnerTextAsync("main"));
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task everybody_reads_who_could_look_and_what_they_are_told()
    {
        await Keys.SignInAsync("colleague");
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Who could look" }).ClickAsync();
        var could = await Page.InnerTextAsync("main");
        Assert.Contains("People with the role investigator", could, StringComparison.Ordinal);
        Assert.Contains("case approved by privacy-officer and works-council", could, StringComparison.Ordinal);
        Assert.Contains("Your manager", could, StringComparison.Ordinal);

        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Inbox" }).ClickAsync();
        Assert.Contains("A credential of yours was registered", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Mark all as read" }).ClickAsync();
        await Assertions.Expect(Page.Locator("caption")).ToContainTextAsync("0 new");
        Assert.Equal(0, await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Mark all as read" }).CountAsync());
        Assert.Equal(0, await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Exposure" }).CountAsync());
        await Page.GotoAsync(demo.Portal + "/exposure");
        Assert.Contains("That is for privacy-officer", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task a_privacy_officer_sees_who_could_see_whom_and_no_address_stands_in_a_url()
    {
        await Keys.SignInAsync("privacy-officer");
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Exposure" }).ClickAsync();
        Assert.Contains("manager/focus-minutes", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        await Page.Locator("input[type=email]").FillAsync("nobody@sample.example");
        await Page.Locator("form.pager button").ClickAsync();
        await Assertions.Expect(Page.Locator("main")).ToContainTextAsync("Nobody in the directory has that address.");
        await Page.Locator("input[type=email]").FillAsync(await demo.EmailOfAsync("manager"));
        await Page.Locator("form.pager button").ClickAsync();
        await Assertions.Expect(Page.Locator("main")).ToContainTextAsync("whom they could see");
        Assert.Equal(demo.Portal + "/exposure", Page.Url);
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cases" }).ClickAsync();
        await Page.WaitForSelectorAsync("h1:has-text('Cases')");
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task an_analyst_reads_figures_of_every_level_that_the_charter_shows_and_people_see_what_counted_them()
    {
        await Keys.SignInAsync("analyst");
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Group figures" }).ClickAsync();
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Berlin" }).ClickAsync();
        await Assertions.Expect(Page.Locator("h2:has-text('Berlin: focus minutes')")).ToBeVisibleAsync();
        await Assertions.Expect(Page.Locator("svg.trend .bar").First).ToBeVisibleAsync();
        await Assertions.Expect(Page.Locator("svg.trend .interval").First).ToBeAttachedAsync(); // rounded to tens
        await Assertions.Expect(Page.Locator("main")).ToContainTextAsync("all of the company");
        var csv = await Page.APIRequest.GetAsync(demo.Portal + await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "The same cells as CSV" }).GetAttributeAsync("href"));
        Assert.StartsWith("level,group,measure,period,value,low,high,people,reason\r\nsite,Berlin,focus-minutes,", await csv.TextAsync(), StringComparison.Ordinal);
        await Keys.SignInAsync("employee");
        await Page.GotoAsync(demo.Portal + "/who-looked");
        await Assertions.Expect(Page.Locator("main")).ToContainTextAsync("Platform (team) 8, Engineering (department) 25");
        await Page.GotoAsync(demo.Portal + "/figures");
        await Assertions.Expect(Page.Locator("main")).ToContainTextAsync("No charter in force shows you a group figure.");
        Assert.Empty(Complaints);
    }

    [Fact]
    public async Task by_keyboard_alone_somebody_objects_takes_everything_with_them_and_reads_the_officers_answer()
    {
        await Keys.SignInAsync("colleague");
        await Keys.FollowAsync("My choices");
        await Keys.TabToAsync("Object to it");
        await Page.Keyboard.PressAsync("Enter");
        await Keys.TypeAsync("grounds", "I often work on what nobody may know of.");
        Assert.Contains("Done: entry ", await Keys.PressAsync("Object"), StringComparison.Ordinal);
        Assert.Contains("you objected, and it is not answered yet", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        await Keys.TabToAsync("Download it");
        var download = await Page.RunAndWaitForDownloadAsync(() => Page.Keyboard.PressAsync("Enter"));
        using (var zip = System.IO.Compression.ZipFile.OpenRead(await download.PathAsync()))
        {
            Assert.Contains(zip.Entries, e => e.FullName == "index.html");
        }

        await Keys.SignInAsync("privacy-officer");
        await Keys.FollowAsync("Requests");
        await Keys.TypeAsync("outcome", "r"); // as a list is chosen from by its letter
        await Keys.TypeAsync("reason", "What is counted says nothing of what you work on.");
        Assert.Contains("Done: entry ", await Keys.PressAsync("Sign the answer"), StringComparison.Ordinal);
        await Keys.TypeAsync("address", "nobody@sample.example");
        await Keys.TypeAsync("reason", "They left.");
        Assert.Contains("there must be somebody of that address", await Keys.PressAsync("Erase it for good"), StringComparison.Ordinal);
        Assert.Equal("nobody@sample.example", await Page.Locator("input[name=address]").InputValueAsync()); // what was typed is not lost
        await Keys.SignInAsync("colleague");
        await Keys.FollowAsync("Inbox");
        Assert.Contains("says nothing of what you work on", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.DoesNotContain(Complaints, c => !c.Contains("422", StringComparison.Ordinal));
    }

    [Fact]
    public async Task by_keyboard_alone_a_program_goes_from_draft_to_force_to_a_pause_its_review_and_its_end()
    {
        using var owner = demo.As("program-owner");
        var programs = System.Text.Json.JsonDocument.Parse(await owner.GetStringAsync("/api/v1/programs")).RootElement.EnumerateArray();
        var text = programs.Single(p => p.GetProperty("program").GetString() == "time-tracking").GetProperty("text").GetString()!.Replace("program: time-tracking", "program: project-hours", StringComparison.Ordinal);
        await Keys.SignInAsync("program-owner");
        await Keys.FollowAsync("Programs");
        await Keys.TypeAsync("text", text.Replace("explain:", "explian:", StringComparison.Ordinal));
        Assert.Contains("'explian'", await Keys.PressAsync("Check it, sign it and propose it"), StringComparison.Ordinal);
        await Keys.TabToAsync("|text|");
        await Page.Keyboard.PressAsync("Control+a");
        await Page.Keyboard.InsertTextAsync(text);
        Assert.Contains("Done: entry ", await Keys.PressAsync("Check it, sign it and propose it"), StringComparison.Ordinal);
        foreach (var approver in (string[])["privacy-officer", "works-council"])
        {
            await Keys.SignInAsync(approver);
            await Keys.FollowAsync("Programs");
            await Keys.FollowAsync("project-hours");
            Assert.Contains("What the check finds", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
            Assert.Contains("Done: entry ", await Keys.PressAsync("Approve as " + approver), StringComparison.Ordinal);
        }

        await OpenAsync("program-owner", "Put it in force");
        await OpenAsync("security", "Pause it", ("reason", "somebody saw too much"), "Pause it now");
        Assert.Contains("machines have taken it", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Contains("Done: entry ", await Keys.PressAsync("Open its review"), StringComparison.Ordinal);
        await Keys.FollowAsync("Its review");
        await Keys.TabToAsync("Write the report");
        await Page.Keyboard.PressAsync("Enter");
        foreach (var (field, words) in new[] { ("summary", "A list was readable for too many."), ("what", "The list was readable."), ("fix", "It is not any more."), ("tried", "Reading it as anybody."), ("refused", "Permission denied.") })
        {
            await Keys.TypeAsync(field, words);
        }

        Assert.Contains("Done: entry ", await Keys.PressAsync("Publish it"), StringComparison.Ordinal);
        var review = Page.Url;
        foreach (var (persona, button) in new[] { ("privacy-officer", "Sign it off as privacy-officer"), ("works-council", "Sign it off as works-council"), ("program-owner", "Let project-hours go on") })
        {
            await Keys.SignInAsync(persona);
            await Page.GotoAsync(review);
            Assert.Contains("Done: entry ", await Keys.PressAsync(button), StringComparison.Ordinal);
        }

        await OpenAsync("works-council", "End it for good", ("reason", "It was a trial."), "End it");
        await Keys.SignInAsync("employee");
        await Keys.FollowAsync("Inbox");
        Assert.Contains("project-hours has ended before its last day: It was a trial.", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Contains("project-hours goes on after its review", await Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.DoesNotContain(Complaints, c => !c.Contains("422", StringComparison.Ordinal));
    }

    [Fact]
    public async Task every_page_says_that_the_data_is_synthetic()
    {
        await Keys.SignInAsync("manager");
        foreach (var path in (string[])["/", "/sign-in", "/my-day", "/who-looked", "/who-could-look", "/collected", "/inbox", "/team", "/figures", "/cases", "/exposure", "/choices", "/programs", "/programs/focus-time", "/reviews", "/retention", "/access-review", "/requests", "/incidents", "/keys"])
        {
            await Page.GotoAsync(demo.Portal + path);
            Assert.Contains("synthetic", await Page.InnerTextAsync("body"));
        }

        await Page.GotoAsync(demo.Agent);
        Assert.Contains("synthetic", await Page.InnerTextAsync("body"));
    }

    [Fact]
    public async Task a_page_of_another_site_can_neither_read_nor_write_the_agent()
    {
        await Page.GotoAsync(demo.Portal + "/sign-in"); // another origin than the agent's
        var outcome = await Page.EvaluateAsync<string>(
            """
            async (agent) => {
              const attempts = [
                () => fetch(agent + "/api/0/buckets/"),
                () => fetch(agent + "/api/0/import", { method: "POST", mode: "no-cors", body: JSON.stringify({ buckets: { evil: { type: "currentwindow", events: [] } } }) }),
                () => fetch(agent + "/daylight/v1/status"),
              ];
              const seen = [];
              for (const attempt of attempts) { try { const r = await attempt(); seen.push(r.type === "opaque" ? "opaque" : String(r.status)); } catch { seen.push("blocked"); } }
              return seen.join(",");
            }
            """,
            demo.Agent);
        Assert.DoesNotContain("200", outcome);
        using var http = new HttpClient { BaseAddress = new Uri(demo.Agent) };
        Assert.DoesNotContain("evil", await http.GetStringAsync("/api/0/buckets/"));
    }

    // Nothing has happened yet in the first minutes of a day, nor on a Sunday.
    private async Task OpenAsync(string persona, string first, (string Field, string Words)? fill = null, string? then = null)
    {
        await Keys.SignInAsync(persona);
        await Keys.FollowAsync("Programs");
        await Keys.FollowAsync("project-hours");
        if (fill is { } typed)
        {
            await Keys.TabToAsync(first);
            await Page.Keyboard.PressAsync("Enter");
            await Keys.TypeAsync(typed.Field, typed.Words);
        }

        Assert.Contains("Done: entry ", await Keys.PressAsync(then ?? first), StringComparison.Ordinal);
    }
}
