using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>The portal in a real browser.</summary>
[Collection(Lanes.Demo)]
public sealed class PortalTests(DemoFixture demo) : IAsyncLifetime
{
    private readonly List<string> complaints = [];
    private IBrowserContext context = null!;
    private IPage page = null!;
    private Keyboard keyboard = null!;

    public async ValueTask InitializeAsync()
    {
        context = await demo.Browser.NewContextAsync();
        page = await context.NewPageAsync();
        keyboard = new Keyboard(page, demo.Portal);
        page.Console += (_, message) =>
        {
            // A page that reports a refusal is right to be a refusal; anything else that the browser complains about is ours to mend.
            if (message.Type is "error" or "warning" && !message.Text.Contains("status of 403", StringComparison.Ordinal))
            {
                complaints.Add(message.Text);
            }
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(demo.Portal, StringComparison.Ordinal))
            {
                complaints.Add("a request left the server: " + request.Url);
            }
        };
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    [Fact]
    public async Task the_employee_reads_their_day_and_verifies_who_looked()
    {
        await keyboard.SignInAsync("employee");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "My day" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(demo.Portal + "/my-day");
        for (var back = 1; back <= 7; back++) // people of the sample company have weekends, and days off
        {
            await page.GotoAsync($"{demo.Portal}/my-day?day={TimeProvider.System.GetUtcNow().AddDays(-back):yyyy-MM-dd}");
            if (await page.Locator("svg.chart rect").CountAsync() > 0)
            {
                break;
            }
        }

        Assert.True(await page.Locator("svg.chart rect").CountAsync() > 0, await page.InnerTextAsync("main"));
        Assert.True(await page.Locator("table tbody tr").CountAsync() > 0);
        Assert.DoesNotContain("SECRET-TITLE", await page.ContentAsync());

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Who looked" }).ClickAsync();
        Assert.True(await page.Locator("text=refused").CountAsync() > 0);
        await page.Locator("a:has-text('verify')").First.ClickAsync();
        await Assertions.Expect(page.Locator("#verdict")).ToHaveTextAsync("Everything holds.");

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "What is collected" }).ClickAsync();
        Assert.Contains("never leaves your machine", await page.ContentAsync());
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task the_manager_sees_the_teams_weeks_and_is_refused_one_person()
    {
        await keyboard.SignInAsync("manager");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "My team" }).ClickAsync();
        Assert.True(await page.Locator("svg.chart rect.bar").CountAsync() >= 4);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "ask for this person's day" }).First.ClickAsync();
        Assert.Contains("No rule of charter focus-time version 1 shows one person", await page.InnerTextAsync("main"));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task everybody_reads_who_could_look_and_what_they_are_told()
    {
        await keyboard.SignInAsync("colleague");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Who could look" }).ClickAsync();
        var could = await page.InnerTextAsync("main");
        Assert.Contains("People with the role investigator", could, StringComparison.Ordinal);
        Assert.Contains("case approved by privacy-officer and works-council", could, StringComparison.Ordinal);
        Assert.Contains("Your manager", could, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Inbox" }).ClickAsync();
        Assert.Contains("A credential of yours was registered", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Mark all as read" }).ClickAsync();
        await Assertions.Expect(page.Locator("caption")).ToContainTextAsync("0 new");
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Mark all as read" }).CountAsync());
        Assert.Equal(0, await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Exposure" }).CountAsync());
        await page.GotoAsync(demo.Portal + "/exposure");
        Assert.Contains("That is for privacy-officer", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task a_privacy_officer_sees_who_could_see_whom_and_no_address_stands_in_a_url()
    {
        await keyboard.SignInAsync("privacy-officer");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Exposure" }).ClickAsync();
        Assert.Contains("manager/focus-minutes", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await page.Locator("input[type=email]").FillAsync("nobody@sample.example");
        await page.Locator("form.pager button").ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Nobody in the directory has that address.");
        await page.Locator("input[type=email]").FillAsync(await demo.EmailOfAsync("manager"));
        await page.Locator("form.pager button").ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("whom they could see");
        Assert.Equal(demo.Portal + "/exposure", page.Url);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cases" }).ClickAsync();
        await page.WaitForSelectorAsync("h1:has-text('Cases')");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task an_analyst_reads_figures_of_every_level_that_the_charter_shows_and_people_see_what_counted_them()
    {
        await keyboard.SignInAsync("analyst");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Group figures" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Berlin" }).ClickAsync();
        await Assertions.Expect(page.Locator("h2:has-text('Berlin: focus minutes')")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("svg.trend .bar").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("svg.trend .interval").First).ToBeAttachedAsync(); // rounded to tens
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("all of the company");
        var csv = await page.APIRequest.GetAsync(demo.Portal + await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "The same cells as CSV" }).GetAttributeAsync("href"));
        Assert.StartsWith("level,group,measure,period,value,low,high,people,reason\r\nsite,Berlin,focus-minutes,", await csv.TextAsync(), StringComparison.Ordinal);
        await keyboard.SignInAsync("employee");
        await page.GotoAsync(demo.Portal + "/who-looked");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Platform (team) 8, Engineering (department) 25");
        await page.GotoAsync(demo.Portal + "/figures");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("No charter in force shows you a group figure.");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task by_keyboard_alone_somebody_objects_takes_everything_with_them_and_reads_the_officers_answer()
    {
        await keyboard.SignInAsync("colleague");
        await keyboard.FollowAsync("My choices");
        await keyboard.TabToAsync("Object to it");
        await page.Keyboard.PressAsync("Enter");
        await keyboard.TypeAsync("grounds", "I often work on what nobody may know of.");
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Object"), StringComparison.Ordinal);
        Assert.Contains("you objected, and it is not answered yet", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await keyboard.TabToAsync("Download it");
        var download = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("Enter"));
        using (var zip = System.IO.Compression.ZipFile.OpenRead(await download.PathAsync()))
        {
            Assert.Contains(zip.Entries, e => e.FullName == "index.html");
        }

        await keyboard.SignInAsync("privacy-officer");
        await keyboard.FollowAsync("Requests");
        await keyboard.TypeAsync("outcome", "r"); // as a list is chosen from by its letter
        await keyboard.TypeAsync("reason", "What is counted says nothing of what you work on.");
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Sign the answer"), StringComparison.Ordinal);
        await keyboard.TypeAsync("address", "nobody@sample.example");
        await keyboard.TypeAsync("reason", "They left.");
        Assert.Contains("there must be somebody of that address", await keyboard.PressAsync("Erase it for good"), StringComparison.Ordinal);
        Assert.Equal("nobody@sample.example", await page.Locator("input[name=address]").InputValueAsync()); // what was typed is not lost
        await keyboard.SignInAsync("colleague");
        await keyboard.FollowAsync("Inbox");
        Assert.Contains("says nothing of what you work on", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.DoesNotContain(complaints, c => !c.Contains("422", StringComparison.Ordinal));
    }

    [Fact]
    public async Task by_keyboard_alone_a_program_goes_from_draft_to_force_to_a_pause_its_review_and_its_end()
    {
        using var owner = demo.As("program-owner");
        var programs = System.Text.Json.JsonDocument.Parse(await owner.GetStringAsync("/api/v1/programs")).RootElement.EnumerateArray();
        var text = programs.Single(p => p.GetProperty("program").GetString() == "time-tracking").GetProperty("text").GetString()!.Replace("program: time-tracking", "program: project-hours", StringComparison.Ordinal);
        await keyboard.SignInAsync("program-owner");
        await keyboard.FollowAsync("Programs");
        await keyboard.TypeAsync("text", text.Replace("explain:", "explian:", StringComparison.Ordinal));
        Assert.Contains("'explian'", await keyboard.PressAsync("Check it, sign it and propose it"), StringComparison.Ordinal);
        await keyboard.TabToAsync("|text|");
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.InsertTextAsync(text);
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Check it, sign it and propose it"), StringComparison.Ordinal);
        foreach (var approver in (string[])["privacy-officer", "works-council"])
        {
            await keyboard.SignInAsync(approver);
            await keyboard.FollowAsync("Programs");
            await keyboard.FollowAsync("project-hours");
            Assert.Contains("What the check finds", await page.InnerTextAsync("main"), StringComparison.Ordinal);
            Assert.Contains("Done: entry ", await keyboard.PressAsync("Approve as " + approver), StringComparison.Ordinal);
        }

        await OpenAsync("program-owner", "Put it in force");
        await OpenAsync("security", "Pause it", ("reason", "somebody saw too much"), "Pause it now");
        Assert.Contains("machines have taken it", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Contains("Done: entry ", await keyboard.PressAsync("Open its review"), StringComparison.Ordinal);
        await keyboard.FollowAsync("Its review");
        await keyboard.TabToAsync("Write the report");
        await page.Keyboard.PressAsync("Enter");
        foreach (var (field, words) in new[] { ("summary", "A list was readable for too many."), ("what", "The list was readable."), ("fix", "It is not any more."), ("tried", "Reading it as anybody."), ("refused", "Permission denied.") })
        {
            await keyboard.TypeAsync(field, words);
        }

        Assert.Contains("Done: entry ", await keyboard.PressAsync("Publish it"), StringComparison.Ordinal);
        var review = page.Url;
        foreach (var (persona, button) in new[] { ("privacy-officer", "Sign it off as privacy-officer"), ("works-council", "Sign it off as works-council"), ("program-owner", "Let project-hours go on") })
        {
            await keyboard.SignInAsync(persona);
            await page.GotoAsync(review);
            Assert.Contains("Done: entry ", await keyboard.PressAsync(button), StringComparison.Ordinal);
        }

        await OpenAsync("works-council", "End it for good", ("reason", "It was a trial."), "End it");
        await keyboard.SignInAsync("employee");
        await keyboard.FollowAsync("Inbox");
        Assert.Contains("project-hours has ended before its last day: It was a trial.", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Contains("project-hours goes on after its review", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.DoesNotContain(complaints, c => !c.Contains("422", StringComparison.Ordinal));
    }

    [Fact]
    public async Task every_page_says_that_the_data_is_synthetic()
    {
        await keyboard.SignInAsync("manager");
        foreach (var path in (string[])["/", "/sign-in", "/my-day", "/who-looked", "/who-could-look", "/collected", "/inbox", "/team", "/figures", "/cases", "/exposure", "/choices", "/programs", "/programs/focus-time", "/reviews", "/retention", "/access-review", "/requests", "/incidents", "/keys"])
        {
            await page.GotoAsync(demo.Portal + path);
            Assert.Contains("synthetic", await page.InnerTextAsync("body"));
        }

        await page.GotoAsync(demo.Agent);
        Assert.Contains("synthetic", await page.InnerTextAsync("body"));
    }

    [Fact]
    public async Task a_page_of_another_site_can_neither_read_nor_write_the_agent()
    {
        await page.GotoAsync(demo.Portal + "/sign-in"); // another origin than the agent's
        var outcome = await page.EvaluateAsync<string>(
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
        await keyboard.SignInAsync(persona);
        await keyboard.FollowAsync("Programs");
        await keyboard.FollowAsync("project-hours");
        if (fill is { } typed)
        {
            await keyboard.TabToAsync(first);
            await page.Keyboard.PressAsync("Enter");
            await keyboard.TypeAsync(typed.Field, typed.Words);
        }

        Assert.Contains("Done: entry ", await keyboard.PressAsync(then ?? first), StringComparison.Ordinal);
    }
}
