using System.Text.Json;
using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>A person with nothing but a browser and a one-time code: a real Chromium, whose authenticators are virtual.</summary>
internal static class PasskeyJourney
{
    /// <summary>Somebody with a key file comes to a passkey: the browser makes it, the file signs for it.</summary>
    public static async Task InviteAsync(string portal, string address, string keyFile)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        await AuthenticatorAsync(devtools, "internal");
        using var command = Programs.Start(Programs.Daylight, "credential", "passkey", "--server", portal, "--key", keyFile, "--yes");
        var code = (await command.StandardOutput.ReadLineAsync())!["code".Length..].Trim();
        await page.GotoAsync(portal + "/welcome");
        await page.GetByLabel("Your one-time code").FillAsync(code);
        await PressAsync(page, "Make a passkey");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("waits for your key file");
        var name = (await page.GetByRole(AriaRole.Status).InnerTextAsync()).Split(' ')[2];
        Assert.Contains($"passkey {name} at {portal}", await command.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        await command.WaitForExitAsync();
        Assert.Equal(0, command.ExitCode);
        await page.GotoAsync(portal + "/sign-in");
        await page.GetByLabel("Your address at the company").FillAsync(address);
        await PressAsync(page, "Sign in");
        await Assertions.Expect(page.Locator("nav")).ToContainTextAsync("privacy-officer");
    }

    public static async Task GoAsync(string portal, string address, string code)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.AddRange(message.Type == "error" ? [message.Text] : []);
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        var laptop = await AuthenticatorAsync(devtools, "internal");
        var (signings, beforeSigning) = (0, (Func<int, Task>)(_ => Task.CompletedTask));
        await page.ExposeFunctionAsync("beforeSigning", async () => await beforeSigning(++signings));
        await page.AddInitScriptAsync("{ const get = navigator.credentials.get.bind(navigator.credentials); navigator.credentials.get = async o => { await window.beforeSigning(); return get(o); }; }");

        // The code makes the first passkey, and opens a session that has signed nothing yet.
        await page.GotoAsync(portal + "/my-day");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Choose who you are" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Make a passkey with it" }).ClickAsync();
        complaints.Clear(); // the page that first asks who it is answers 401
        await page.GetByLabel("Your one-time code").FillAsync("AAAA-BBBB");
        await PressAsync(page, "Make a passkey");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("No enrollment list has this code");
        Assert.Contains("404", Assert.Single(complaints), StringComparison.Ordinal);
        complaints.Clear();
        await page.GetByLabel("Your one-time code").FillAsync(code.ToLowerInvariant());
        await PressAsync(page, "Make a passkey");
        await Assertions.Expect(page).ToHaveURLAsync(portal + "/keys");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("You have one passkey, on one device");

        // Looking at oneself takes a signature, once.
        await page.GotoAsync(portal + "/my-day");
        await PressAsync(page, "Sign this look with your passkey");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "This look takes your signature" })).ToHaveCountAsync(0);
        await page.GotoAsync(portal + "/who-looked");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("self");

        // What a button would have signed is shown, and the passkey signs just that.
        await page.GotoAsync(portal + "/choices");
        await page.GetByText("Object to it").ClickAsync();
        await page.GetByLabel("Your grounds").FillAsync("I share this machine.");
        await PressAsync(page, "Object");
        await Assertions.Expect(page.Locator("main dl.facts")).ToContainTextAsync("I share this machine.");
        await PressAsync(page, "Sign");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Done: entry ");

        // A second passkey, signed for by the first. One authenticator is plugged in at a time: one that does not know the key, and is touched, would refuse for the other.
        var first = await UnplugAsync(devtools, laptop);
        var stick = await AuthenticatorAsync(devtools, "usb");
        var second = default(JsonElement);
        await page.GotoAsync(portal + "/keys");
        signings = 0;
        beforeSigning = async time =>
        {
            if (time == 2)
            {
                second = await UnplugAsync(devtools, stick);
                laptop = await AuthenticatorAsync(devtools, "internal", first);
            }
        };
        await PressAsync(page, "Register a second passkey");
        await Assertions.Expect(page.Locator("main table").Last.GetByText("a passkey, at")).ToHaveCountAsync(2);

        // The first is lost, and ended with the second.
        await UnplugAsync(devtools, laptop);
        await AuthenticatorAsync(devtools, "usb", second);
        await page.Locator("tr", new PageLocatorOptions { HasText = "a passkey, at" }).First.GetByRole(AriaRole.Button).ClickAsync();
        await PressAsync(page, "Sign");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Done: entry ");

        // Out, and in again with what is left.
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "sign out" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(portal + "/sign-in");
        await page.GetByLabel("Your address at the company").FillAsync(address);
        await PressAsync(page, "Sign in");
        await Assertions.Expect(page).ToHaveURLAsync(portal + "/my-day");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "sign out" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "This look takes your signature" })).ToHaveCountAsync(0);
        Assert.Empty(complaints);
    }

    internal static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(p => Path.Combine(p, "chromium")).First(File.Exists),
        Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });

    internal static Task PressAsync(IPage page, string name) => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true }).ClickAsync();

    /// <summary>Takes an authenticator away; returns what it held.</summary>
    private static async Task<JsonElement> UnplugAsync(ICDPSession devtools, string authenticator)
    {
        var named = new Dictionary<string, object> { ["authenticatorId"] = authenticator };
        var held = (await devtools.SendAsync("WebAuthn.getCredentials", named))!.Value.GetProperty("credentials")[0].Clone();
        await devtools.SendAsync("WebAuthn.removeVirtualAuthenticator", named);
        return held;
    }

    internal static async Task<string> AuthenticatorAsync(ICDPSession devtools, string transport, JsonElement? holding = null)
    {
        var made = await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = transport, ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        var id = made!.Value.GetProperty("authenticatorId").GetString()!;
        if (holding is { } credential)
        {
            await devtools.SendAsync("WebAuthn.addCredential", new Dictionary<string, object> { ["authenticatorId"] = id, ["credential"] = credential });
        }

        return id;
    }
}
