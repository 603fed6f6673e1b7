using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Playwright;

[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace Daylight.EndToEnd;

/// <summary>What runs side by side: tests in the one demo, tests that set up companies of their own, and tests about processes that are killed. All wait for processes most of the time.</summary>
internal static class Lanes
{
    public const string Demo = "demo";

    public const string Companies = "companies";

    public const string Processes = "processes";
}

/// <summary>The lane of the demo; the others do not wait until it runs.</summary>
[CollectionDefinition(Lanes.Demo)]
public sealed class DemoLane : ICollectionFixture<DemoFixture>;

/// <summary>One running demo, and a browser, for every test that uses it as a stranger does.</summary>
public sealed class DemoFixture : IAsyncLifetime
{
    private Serving? serving;
    private IPlaywright? playwright;

    public int Port { get; } = Programs.FreePort();

    public int AgentPort { get; } = Programs.FreePort();

    public string Folder { get; } = Path.Combine(Directory.CreateTempSubdirectory("daylight-e2e-").FullName, "demo");

    public string Portal => $"http://localhost:{Port}";

    public string Agent => $"http://127.0.0.1:{AgentPort}";

    /// <summary>The browser; each test has a context of its own in it.</summary>
    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        serving = await Serving.StartAsync(2, Arguments);
        playwright = await Playwright.CreateAsync();
        Browser = await PasskeyJourney.LaunchAsync(playwright);
    }

    public string[] Arguments => ["demo", "--port", $"{Port}", "--agent-port", $"{AgentPort}", "--data", Folder];

    /// <summary>Stops it with Ctrl-C and starts it again.</summary>
    public async Task<int> RestartAsync()
    {
        var exit = await serving!.InterruptAsync();
        await serving.DisposeAsync();
        serving = await Serving.StartAsync(2, Arguments);
        return exit;
    }

    public JsonElement Persona(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "demo-tokens.json")));
        return document.RootElement.GetProperty(name).Clone();
    }

    public HttpClient As(string persona)
    {
        var http = new HttpClient { BaseAddress = new Uri(Portal) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Persona(persona).GetProperty("token").GetString());
        return http;
    }

    /// <summary>The address of a persona: the sample company makes it of the name and a number.</summary>
    public async Task<string> EmailOfAsync(string persona)
    {
        using var http = As(persona);
        using var me = JsonDocument.Parse(await http.GetStringAsync("/api/v1/me"));
        var name = me.RootElement.GetProperty("name").GetString()!.ToLowerInvariant().Replace(' ', '.');
        using var officer = As("privacy-officer");
        for (var number = 0; number < 60; number++)
        {
            var email = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}.{number:00}@sample.example");
            using var found = await officer.PostAsync("/api/v1/people/find", new StringContent($$"""{"email":"{{email}}"}""", System.Text.Encoding.UTF8, "application/json"));
            if (found.IsSuccessStatusCode)
            {
                return email;
            }
        }

        throw new InvalidOperationException($"{persona} has no address.");
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        playwright?.Dispose();
        if (serving is not null)
        {
            await serving.DisposeAsync();
        }

        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }
}
