using Microsoft.Playwright;

namespace Daylight.EndToEnd;

/// <summary>Somebody at the portal in a browser's context of their own, by mouse or by keyboard, and everything that their browser complains about.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext context;

    private Visit(IBrowserContext context, IPage page, string portal) => (this.context, Page, Keyboard) = (context, page, new Keyboard(page, portal));

    public IPage Page { get; }

    public Keyboard Keyboard { get; }

    public List<string> Complaints { get; } = [];

    public static async Task<Visit> StartAsync(DemoFixture demo)
    {
        var context = await demo.Browser.NewContextAsync();
        var visit = new Visit(context, await context.NewPageAsync(), demo.Portal);
        visit.Page.Console += (_, message) =>
        {
            // A page that reports a refusal is right to be a refusal; anything else that the browser complains about is ours to mend.
            if (message.Type is "error" or "warning" && !message.Text.Contains("status of 403", StringComparison.Ordinal))
            {
                visit.Complaints.Add(message.Text);
            }
        };
        visit.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(demo.Portal, StringComparison.Ordinal))
            {
                visit.Complaints.Add("a request left the server: " + request.Url);
            }
        };
        return visit;
    }

    public ValueTask DisposeAsync() => context.DisposeAsync();
}
