using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>Every page in both themes, as somebody whom it is for: nothing for axe to find (WCAG 2.2 AA), and nothing wider than a telephone. With DAYLIGHT_SCREENS=FOLDER it leaves pictures there.</summary>
[Collection(Lanes.Demo)]
public sealed class EveryPageTests(DemoFixture demo)
{
    private const int Phone = 360;

    private static readonly (string Persona, string[] Pages)[] Readers =
    [
        ("", ["/sign-in", "/welcome", "/password", "/setup"]),
        ("employee", ["/", "/my-day", "/my-day?view=week", "/handed-in", "/who-looked", "/who-looked/{entry}", "/who-could-look", "/collected", "/choices", "/programs", "/programs/focus-time", "/inbox", "/keys", "/reviews", "/retention", "/exposure"]),
        ("manager", ["/team", "/team/{person}", "/team/{person}/handed-in"]),
        ("analyst", ["/figures"]),
        ("investigator", ["/cases"]),
        ("auditor", ["/log", "/log/{entry}"]),
        ("operator", ["/operations"]),
        ("privacy-officer", ["/cases", "/requests", "/access-review", "/incidents", "/exposure", "/codes", "/programs/focus-time"]),
    ];

    [Fact]
    public async Task no_page_has_a_barrier_in_either_theme_or_is_wider_than_a_telephone()
    {
        var screens = Environment.GetEnvironmentVariable("DAYLIGHT_SCREENS");
        var found = new List<string>();
        foreach (var (persona, pages) in Readers)
        {
            await using var context = await demo.Browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1100, Height = 800 }, ReducedMotion = ReducedMotion.Reduce });
            var page = await context.NewPageAsync();
            if (persona.Length > 0)
            {
                await page.GotoAsync(demo.Portal + "/sign-in");
                await page.Locator($"button[value={persona}]").ClickAsync();
                await Assertions.Expect(page).ToHaveURLAsync(demo.Portal + "/", new PageAssertionsToHaveURLOptions { Timeout = 30_000 });
            }

            foreach (var path in pages)
            {
                await page.GotoAsync(demo.Portal + await FilledAsync(page, path));
                var name = $"{(persona.Length == 0 ? "nobody" : persona)} {path}";
                foreach (var theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
                {
                    await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = theme });
                    var result = await page.RunAxe(new AxeRunOptions { Rules = new Dictionary<string, RuleOptions> { ["target-size"] = new() { Enabled = true } } }); // WCAG 2.2, 2.5.8: off unless asked for
                    found.AddRange(result.Violations.SelectMany(v => v.Nodes.Select(n => $"{name}, {theme}: {v.Id} at {n.Target}: {n.Html}")));
                }

                if (screens is not null)
                {
                    await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
                    await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(screens, $"{name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Trim('/').Replace(" /", "-", StringComparison.Ordinal).Replace('/', '-').Replace("?view=", "-", StringComparison.Ordinal).TrimEnd('-', ' ')}.png"), FullPage = true });
                }

                found.AddRange(await LanguagesAsync(context, page, name));
            }
        }

        Assert.True(found.Count == 0, string.Join('\n', found.Distinct()));
    }

    /// <summary>The page in each language: no wider than a telephone, and what is seen of a link or button is in its name, so that it can be called by it (WCAG 2.5.3).</summary>
    private async Task<IReadOnlyList<string>> LanguagesAsync(IBrowserContext context, IPage page, string name)
    {
        var found = new List<string>();
        await page.SetViewportSizeAsync(Phone, 740);
        foreach (var language in (string[])["en", "de", "fr"])
        {
            if (language != "en")
            {
                await SpeakAsync(context, language);
                await page.ReloadAsync();
            }

            if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") is > Phone and var wide)
            {
                found.Add($"{name} in {language}: {wide} pixels wide on a telephone of {Phone}");
            }

            if (await page.EvaluateAsync<string>("document.documentElement.lang") is var said && said != language)
            {
                found.Add($"{name} in {language}: it says that it is in {said}");
            }

            found.AddRange((await page.EvaluateAsync<string[]>("""
                [...document.querySelectorAll('a[aria-label], button[aria-label]')].filter(e => !e.getAttribute('aria-label').toLowerCase().includes(e.innerText.trim().toLowerCase())).map(e => e.outerHTML)
                """)).Select(e => $"{name} in {language}: the name lacks what is seen: {e}"));
        }

        await SpeakAsync(context, "en");
        await page.SetViewportSizeAsync(1100, 800);
        return found;
    }

    private Task SpeakAsync(IBrowserContext context, string language) => context.AddCookiesAsync([new Cookie { Name = "daylight-language", Value = language, Url = demo.Portal }]);

    /// <summary>A page about one thing is reached by a link of the page that lists them.</summary>
    private async Task<string> FilledAsync(IPage page, string path)
    {
        var (list, link) = path switch
        {
            "/who-looked/{entry}" => ("/who-looked", "a[href^='/who-looked/']"),
            "/log/{entry}" => ("/log?only=public", "td a[href^='/log/']"),
            "/team/{person}" => ("/team", "a[href^='/team/']:not([href$='handed-in'])"),
            "/team/{person}/handed-in" => ("/team", "a[href$='/handed-in'][href^='/team/']"),
            _ => (path, null),
        };
        if (link is null)
        {
            return path;
        }

        await page.GotoAsync(demo.Portal + list);
        return await page.Locator(link).First.GetAttributeAsync("href") ?? throw new InvalidOperationException($"{list} links to no {path}.");
    }
}
