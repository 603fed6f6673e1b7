using System.Diagnostics;
using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>Somebody who has an account at the company's provider, a real one in a process of its own, and nothing else.</summary>
internal static class ProviderJourney
{
    public const string Secret = "a secret of the tests";

    /// <summary>Starts the provider for a portal.</summary>
    public static async Task<Process> StartAsync(int port, string portal)
    {
        var provider = Programs.Start("node", "provider.mjs", $"{port}", portal);
        while (await provider.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready:", StringComparison.Ordinal))
            {
                return provider;
            }
        }

        throw new InvalidOperationException(await provider.StandardError.ReadToEndAsync());
    }

    /// <param name="sign">Has anna's machine sign what shows a code.</param>
    public static async Task GoAsync(string portal, string provider, Func<string, Task> sign)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PasskeyJourney.LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        await page.RouteAsync(url => !url.StartsWith(portal, StringComparison.Ordinal) && !url.StartsWith(provider, StringComparison.Ordinal), r => r.AbortAsync());

        // There and back: the provider asks who it is, and whether Daylight may know.
        await page.GotoAsync(portal + "/sign-in");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Sign in with Acme Login" }).ClickAsync();
        await page.GetByPlaceholder("Enter any login").FillAsync("anna");
        await page.GetByPlaceholder("and password").FillAsync("anything");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Continue" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(portal + "/");
        await Assertions.Expect(page.Locator(".who")).ToContainTextAsync("Anna Able");

        // A provider's word is no look: anna's machine signs it.
        await page.GotoAsync(portal + "/my-day");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "This look takes your signature" }).First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign it with my machine's key" }).ClickAsync();
        await sign(await page.Locator("main strong code").InnerTextAsync());
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "I have signed" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("This look at yourself is entry");
        await page.GotoAsync(portal + "/keys");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("single sign-on");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Your account at Acme Login" })).ToBeVisibleAsync();

        // Signed out here, and there: the next sign-in asks again who it is.
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "sign out" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Yes, sign me out" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(portal + "/sign-in");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Sign in with Acme Login" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("It was declined there");
        await page.GotoAsync(portal + "/keys");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Who are you?" })).ToBeVisibleAsync();
    }
}
