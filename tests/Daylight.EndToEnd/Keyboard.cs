using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>Somebody who uses the portal by keyboard alone.</summary>
internal sealed class Keyboard(IPage page, string portal)
{
    /// <summary>Chooses a persona of the demo.</summary>
    public async Task SignInAsync(string persona)
    {
        await page.GotoAsync(portal + "/sign-in");
        await TabUntilAsync(persona, $"(e => e.value === '{persona}')(document.activeElement)");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(portal + "/", new PageAssertionsToHaveURLOptions { Timeout = 30_000 });
    }

    /// <summary>Goes on with the tabulator until the focus is on what begins with a text, or with <c>|name|</c> on the field of that name.</summary>
    public Task TabToAsync(string what) => TabUntilAsync(what, $$"""
        (e => {
          const what = {{System.Text.Json.JsonSerializer.Serialize(what)}};
          return what.startsWith('|') ? '|' + (e.getAttribute('name') || '') + '|' === what : (e.innerText || e.value || '').trim().startsWith(what);
        })(document.activeElement)
        """);

    /// <summary>Fills in a field; one letter chooses from a list.</summary>
    public async Task TypeAsync(string field, string words)
    {
        await TabToAsync($"|{field}|");
        if (words.Length == 1)
        {
            await page.Keyboard.PressAsync(words);
        }
        else
        {
            await page.Keyboard.InsertTextAsync(words);
        }
    }

    /// <summary>Fills in a day as somebody types it, by the American order that the browser of the tests has.</summary>
    public async Task TypeAsync(string field, DateOnly day)
    {
        await TabToAsync($"|{field}|");
        await page.Keyboard.TypeAsync(day.ToString("MMddyyyy", System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Opens what is folded.</summary>
    public async Task UnfoldAsync(string what)
    {
        await TabToAsync(what);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Follows a link.</summary>
    public async Task FollowAsync(string link)
    {
        await TabToAsync(link);
        await EnterAsync();
    }

    /// <summary>Presses a button, and reads what the next page says of it.</summary>
    public async Task<string> PressAsync(string button)
    {
        await TabToAsync(button);
        await EnterAsync();
        return string.Join('\n', await page.Locator(".said").AllInnerTextsAsync());
    }

    /// <summary>What the page says.</summary>
    public Task<string> ReadAsync() => page.InnerTextAsync("main");

    private async Task TabUntilAsync(string what, string there)
    {
        for (var i = 0; i < 250; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>(there))
            {
                return;
            }
        }

        Assert.Fail($"The tabulator does not come to '{what}' on {page.Url}: {await ReadAsync()}");
    }

    /// <summary>Presses Enter, and waits for the page that comes of it.</summary>
    private async Task EnterAsync()
    {
        await page.EvaluateAsync("document.documentElement.dataset.left = 'soon'");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("html[data-left]")).ToHaveCountAsync(0);
        await page.WaitForLoadStateAsync();
    }
}
