using Daylight.Portal.Texts;
using Daylight.Protocol;
using Microsoft.AspNetCore.Http;

namespace Daylight.Portal;

/// <summary>
/// The portal's only source: the same API, over the same contract, as any outside client, with the session of who is signed in. No page can show
/// what the gate would not disclose.
/// </summary>
/// <param name="http">Reaches the API.</param>
/// <param name="accessor">The request that is being answered.</param>
public sealed class PortalApi(HttpClient http, IHttpContextAccessor accessor)
{
    /// <summary>Name of the session cookie; it holds a session.</summary>
    public const string Cookie = "__Host-daylight-session";

    /// <summary>Name of the cookie that says once what a form did.</summary>
    public const string Said = "daylight-said";

    private Me? me;
    private About? about;
    private IReadOnlyList<NoticeView>? notices;

    /// <summary>The API, as who is signed in, in the language of who reads.</summary>
    public ApiClient Client => ApiClient.WithSession(http, Cookie, accessor.HttpContext?.Request.Cookies[Cookie], Speech.Language);

    /// <summary>The signed ask that the page was reached with; null when there is none.</summary>
    public string? Ask => accessor.HttpContext?.Request.Query["ask"].ToString() is { Length: > 0 } id ? id : null;

    /// <summary>The passkeys of who is signed in.</summary>
    public async Task<IReadOnlyList<PasskeyView>> PasskeysAsync() => (await Client.GetAsync("/api/v1/me/passkeys", ProtocolJson.Default.IReadOnlyListPasskeyView, CancellationToken.None)).Value ?? [];

    /// <summary>What a form did, as its cookie carries it to the next page.</summary>
    /// <param name="done">Whether it did what was wanted.</param>
    /// <param name="text">In words.</param>
    public static string Tell(bool done, string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes((done ? '+' : '-') + text));

    /// <summary>What the form did that led here; said once. Null when none did.</summary>
    public (bool Done, string Text)? TakeSaid()
    {
        if (accessor.HttpContext is not { } context || context.Request.Cookies[Said] is not { } text)
        {
            return null;
        }

        if (!context.Response.HasStarted)
        {
            context.Response.Cookies.Delete(Said);
        }

        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var length) && length > 0 ? (buffer[0] == '+', System.Text.Encoding.UTF8.GetString(buffer, 1, length - 1)) : null;
    }

    /// <summary>What a page answers instead of 200: it is refused, or there is nothing to show.</summary>
    /// <param name="status">HTTP status.</param>
    public void Answer(int status)
    {
        // A page that answers 404 is thrown away by .NET, which then looks for another: what is not there is said with 200.
        if (status != 404 && accessor.HttpContext is { Response.HasStarted: false } context)
        {
            context.Response.StatusCode = status;
        }
    }

    /// <summary>What who is signed in is told, newest first.</summary>
    public async Task<IReadOnlyList<NoticeView>> NoticesAsync() =>
        notices ??= (await Client.GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, CancellationToken.None)).Value ?? [];

    /// <summary>What this installation is.</summary>
    public async Task<About> AboutAsync() => about ??= (await Client.GetAsync("/api/v1/about", ProtocolJson.Default.About, CancellationToken.None)).OrThrow();

    /// <summary>Who is signed in; null when nobody is.</summary>
    public async Task<Me?> MeAsync() => me ??= (await Client.GetAsync("/api/v1/me", ProtocolJson.Default.Me, CancellationToken.None)).Value;
}
