using Daylight.Protocol;
using Microsoft.AspNetCore.Http;

namespace Daylight.Portal;

/// <summary>
/// The portal's only source: the same API, over the same contract, as any outside client, with the token of the session. No page can show
/// what the gate would not disclose.
/// </summary>
/// <param name="http">Reaches the API.</param>
/// <param name="accessor">The request that is being answered.</param>
public sealed class PortalApi(HttpClient http, IHttpContextAccessor accessor)
{
    /// <summary>Name of the session cookie; it holds a token.</summary>
    public const string Cookie = "daylight-session";

    private Me? me;
    private IReadOnlyList<NoticeView>? notices;

    /// <summary>The API, as who is signed in.</summary>
    public ApiClient Client => ApiClient.WithToken(http, accessor.HttpContext?.Request.Cookies[Cookie]);

    /// <summary>What who is signed in is told, newest first.</summary>
    public async Task<IReadOnlyList<NoticeView>> NoticesAsync() =>
        notices ??= (await Client.GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, CancellationToken.None)).Value ?? [];

    /// <summary>Who is signed in; null when nobody is.</summary>
    public async Task<Me?> MeAsync() => me ??= (await Client.GetAsync("/api/v1/me", ProtocolJson.Default.Me, CancellationToken.None)).Value;
}
