using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>A company that is set up in browsers alone: the code on the console, three people with a passkey each, and one-time codes that one of them signs.</summary>
[Collection(Lanes.Companies)]
public sealed partial class FirstStartTests
{
    private const string People = """
        email,name,team,manager
        olga@acme.example,Olga Owner,Office,-
        petra@acme.example,Petra Privacy,Office,-
        wim@acme.example,Wim Works,Office,-
        anna@acme.example,Anna Able,Crew,wim@acme.example
        """;

    [Fact]
    public async Task three_people_with_a_passkey_each_make_the_trust_root_and_one_signs_codes_for_the_rest()
    {
        var folder = Directory.CreateTempSubdirectory("daylight-first-").FullName;
        var (data, keys, url) = (Path.Combine(folder, "acme"), Path.Combine(folder, "keys"), $"http://localhost:{Programs.FreePort()}");
        await Programs.DaylightAsync("keys", "new", keys);
        await using var server = await Serving.StartAsync(1, "serve", "--data", data, "--keys", keys, "--listen", url);
        var code = server.Lines.Single(l => l.StartsWith("setup code:", StringComparison.Ordinal))["setup code:".Length..].Trim();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PasskeyJourney.LaunchAsync(playwright);

        // Whatever one opens leads to the first page; a wrong code, and one person in two roles, set up nothing.
        var page = await browser.NewPageAsync();
        await page.GotoAsync(url + "/my-day");
        await Assertions.Expect(page).ToHaveURLAsync(url + "/setup");
        Assert.Empty((await page.RunAxe()).Violations);
        await FillAsync(page, "AAAAA-AAAAA-AAAAA-AAAAA", "wim@acme.example");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("That is not the setup code");
        await page.GotoAsync(url + "/setup");
        await FillAsync(page, code, "petra@acme.example");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("three different people");
        await FillAsync(page, code, "wim@acme.example"); // what was written is still there
        var rows = await page.Locator("tbody tr").AllInnerTextsAsync();
        Assert.Equal(3, rows.Count);
        Assert.Empty((await page.RunAxe()).Violations);

        // Each makes a passkey in a browser of their own.
        var words = string.Empty;
        IPage petra = null!;
        foreach (var row in rows)
        {
            var context = await browser.NewContextAsync();
            var own = await context.NewPageAsync();
            var devtools = await context.NewCDPSessionAsync(own);
            await devtools.SendAsync("WebAuthn.enable");
            await PasskeyJourney.AuthenticatorAsync(devtools, "internal");
            await own.GotoAsync(url + "/welcome");
            await own.GetByLabel("Your one-time code").FillAsync(Code().Match(row).Value.ToLowerInvariant());
            await PasskeyJourney.PressAsync(own, "Make a passkey");
            await Assertions.Expect(own.GetByRole(AriaRole.Status)).ToContainTextAsync("rust root stands");
            words = await own.GetByRole(AriaRole.Status).InnerTextAsync();
            petra = row.Contains("petra", StringComparison.Ordinal) ? own : petra;
        }

        Assert.Contains("its words are", words, StringComparison.Ordinal);
        await page.GotoAsync(url + "/setup");
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Acme is set up");

        // The privacy officer signs in, and signs a code for anna, who makes a key file with it.
        await petra.GotoAsync(url + "/sign-in");
        await petra.GetByLabel("Your address at the company").First.FillAsync("petra@acme.example");
        await PasskeyJourney.PressAsync(petra, "Sign in");
        await petra.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Codes" }).ClickAsync();
        await petra.GetByLabel("For whom").FillAsync("anna@acme.example");
        await PasskeyJourney.PressAsync(petra, "Show what I sign");
        await PasskeyJourney.PressAsync(petra, "Sign");
        await Assertions.Expect(petra.Locator("main")).ToContainTextAsync("Each code serves once");
        var annas = await petra.Locator("tbody tr code").InnerTextAsync();
        await Programs.DaylightAsync("credential", "new", Path.Combine(folder, "anna.pem"), "--server", url, "--code", annas);
        Assert.Contains("entry", await Programs.DaylightAsync("me", "disclosures", "--server", url, "--key", Path.Combine(folder, "anna.pem")), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", data));
    }

    private static async Task FillAsync(IPage page, string code, string works)
    {
        await page.GetByLabel("Setup code").FillAsync(code);
        await page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true }).FillAsync("Acme");
        await page.GetByLabel("Everybody, as CSV").FillAsync(People);
        await page.GetByLabel("Program owner").FillAsync("olga@acme.example");
        await page.GetByLabel("Privacy officer").FillAsync("petra@acme.example");
        await page.GetByLabel("Works council").FillAsync(works);
        await PasskeyJourney.PressAsync(page, "Invite them");
    }

    [GeneratedRegex("[A-Z2-9]{5}(?:-[A-Z2-9]{5}){3}", RegexOptions.None, 1000)]
    private static partial Regex Code();
}
