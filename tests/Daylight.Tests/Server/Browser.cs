using System.Net;
using System.Text.RegularExpressions;

namespace Daylight.Tests.Server;

/// <summary>A browser without script: keeps cookies, and sends a page's form with the page's token.</summary>
internal sealed partial class Browser
{
    private readonly Dictionary<string, string> cookies = [];

    public HttpClient Http { get; set; } = null!;

    public async Task<string> PageAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Keeps a cookie.</summary>
    public void Keep(string set)
    {
        var at = set.IndexOf('=', StringComparison.Ordinal);
        cookies[set[..at]] = set.Split(';')[0][(at + 1)..];
    }

    /// <summary>Fills in a form of a page.</summary>
    public async Task<HttpResponseMessage> SendAsync(string page, string form, params (string Name, string Value)[] fields)
    {
        using var shown = await SendAsync(HttpMethod.Get, page, null);
        var token = Token().Match(await shown.Content.ReadAsStringAsync()).Groups[1].Value;
        return await SendAsync(HttpMethod.Post, form, new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]));
    }

    /// <summary>Sends anything.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(c => $"{c.Key}={c.Value}")));
        }

        var answer = await Http.SendAsync(request);
        foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var all) ? all : [])
        {
            Keep(set);
        }

        return answer;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"", RegexOptions.None, 1000)]
    private static partial Regex Token();
}
