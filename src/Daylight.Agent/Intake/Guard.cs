using System.Security.Cryptography;
using System.Text;
using Daylight.Agent.ActivityWatch;
using Daylight.Agent.OwnTracks;
using Daylight.Agent.WakaTime;
using Daylight.Storage;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.Intake;

/// <summary>Whose program is at the other end of a request's connection.</summary>
internal sealed record Peer(PeerUser User);

/// <summary>
/// Keeps others out: foreign names (the Host must be the loopback address: DNS rebinding, GHSA-v9fg-6g9j-h4x4), foreign pages (an Origin must be the agent's own page, or
/// a browser extension on the routes that it needs), and foreign users of this machine.
/// </summary>
internal sealed class Guard(ApiKey key, ApiKey phone, IReadOnlyCollection<string> more, Admittance admittance)
{
    private const string ActivityWatchExtension = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi";
    private const string WakaTimeInChrome = "chrome-extension://jnbbnacmeggbgdjgaoojpmhdlkkpblgi";
    private const string WakaTimeInEdge = "chrome-extension://cdnpfnaadjmaplhghnlonephmabegadl";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (context.Features.Get<Peer>()?.User == PeerUser.Phone)
        {
            await LetPhoneInAsync(context, next);
            return;
        }

        if (request.Host.Host is not ("localhost" or "127.0.0.1" or "[::1]" or "::1"))
        {
            await RefuseAsync(context, "This agent answers on the loopback address only.");
            return;
        }

        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsOwn(origin, request))
        {
            if (!IsExtension(origin) || !IsExtensionRoute(request, origin))
            {
                await RefuseAsync(context, "Pages of other sites may not use this agent.");
                return;
            }

            context.Response.Headers.AccessControlAllowOrigin = origin;
            context.Response.Headers.Vary = "Origin";
            if (HttpMethods.IsOptions(request.Method))
            {
                context.Response.Headers.AccessControlAllowMethods = "GET, POST";
                context.Response.Headers.AccessControlAllowHeaders = "content-type, authorization, x-machine-name, timezone";
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }
        else if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none") && !IsExtension(origin))
        {
            // A page that is not ours, though the browser sends no Origin with it: an image, a link that was followed from elsewhere.
            if (!HttpMethods.IsGet(request.Method) || !IsNavigation(request))
            {
                await RefuseAsync(context, "Pages of other sites may not use this agent.");
                return;
            }
        }

        if (!IsThisUser(context))
        {
            await AnswerStrangerAsync(context);
            return;
        }

        await next(context);
    }

    /// <summary>A phone on the network reaches one route, with a key of its own.</summary>
    private async Task LetPhoneInAsync(HttpContext context, RequestDelegate next)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (!HttpMethods.IsPost(context.Request.Method) || context.Request.Path.Value?.TrimEnd('/') != OwnTracksEndpoint.Path || context.Request.Headers.Origin.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || !phone.IsBasic(authorization[6..]))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Daylight\"";
        }
        else
        {
            await next(context);
        }
    }

    /// <summary>The person's own programs: the platform says so, or where it does not, the key.</summary>
    private bool IsThisUser(HttpContext context) => (context.Features.Get<Peer>()?.User ?? PeerUser.Unknown) switch
    {
        PeerUser.Same => true,
        PeerUser.Unknown => key.IsIn(context.Request),
        PeerUser.Other or PeerUser.Phone or _ => false,
    };

    /// <summary>Another user's watcher is answered as it expects, so that it does not end or complain; nothing of it is kept, and nothing is told.</summary>
    private async Task AnswerStrangerAsync(HttpContext context)
    {
        var (path, method) = (context.Request.Path.Value ?? string.Empty, context.Request.Method);
        var why = context.Features.Get<Peer>()?.User == PeerUser.Other ? Dropped.OtherUser : Dropped.UnknownUser;
        if (HttpMethods.IsGet(method) && path == "/api/0/info")
        {
            await AnswerAsync(context, """{"hostname":"unknown","version":"v0.13.2 (Daylight)","testing":false,"device_id":"unknown"}""");
        }
        else if (HttpMethods.IsPost(method) && WakaEndpoints.IsReport(context.Request.Path))
        {
            admittance.Count(why);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            await AnswerAsync(context, """{"responses":[]}""");
        }
        else if (HttpMethods.IsPost(method) && path.StartsWith("/api/0/buckets/", StringComparison.Ordinal) && (path.EndsWith("/heartbeat", StringComparison.Ordinal) || path.Count(c => c == '/') == 4))
        {
            admittance.Count(why);
            await AnswerAsync(context, path.EndsWith("/heartbeat", StringComparison.Ordinal) ? """{"id":null,"timestamp":"1970-01-01T00:00:00.000+00:00","duration":0,"data":{}}""" : "{}");
        }
        else
        {
            await RefuseAsync(context, "This agent is another user's.");
        }
    }

    private static bool IsOwn(string origin, HttpRequest request) => origin == "http://" + request.Host.Value;

    // Firefox and Safari give an extension another id in every browser.
    private bool IsExtension(string origin) => origin is ActivityWatchExtension or WakaTimeInChrome or WakaTimeInEdge
        || origin.StartsWith("moz-extension://", StringComparison.Ordinal) || origin.StartsWith("safari-web-extension://", StringComparison.Ordinal) || more.Contains(origin, StringComparer.Ordinal);

    private static bool IsNavigation(HttpRequest request) => request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document" 
        && !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !request.Path.StartsWithSegments("/daylight", StringComparison.OrdinalIgnoreCase);

    private static bool IsExtensionRoute(HttpRequest request, string origin)
    {
        var path = request.Path.Value ?? string.Empty;
        if (WakaEndpoints.IsReport(request.Path) && origin != ActivityWatchExtension)
        {
            return HttpMethods.IsPost(request.Method) || HttpMethods.IsOptions(request.Method);
        }

        if (WakaEndpoints.IsRead(request.Path) && origin != ActivityWatchExtension)
        {
            return HttpMethods.IsGet(request.Method) || HttpMethods.IsOptions(request.Method);
        }

        if (origin is WakaTimeInChrome or WakaTimeInEdge)
        {
            return false;
        }

        var isPost = HttpMethods.IsPost(request.Method) || (HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod == "POST");
        var isGet = HttpMethods.IsGet(request.Method) || (HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod is [] or ["GET"]);
        return path == "/api/0/info" ? isGet
            : path.StartsWith("/api/0/buckets/", StringComparison.Ordinal) && path.Length > "/api/0/buckets/".Length
                && ((path.EndsWith("/heartbeat", StringComparison.Ordinal) && path.Count(c => c == '/') == 5) || path.Count(c => c == '/') == 4) && (isPost || (isGet && HttpMethods.IsOptions(request.Method)));
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new AwMessage(why), AwJson.Default.AwMessage);
    }

    private static Task AnswerAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }
}

/// <summary>
/// The key of this agent, for programs that send one. It is asked for only where the platform does not say whose a connection is. It has the form that WakaTime's
/// plug-ins insist on.
/// </summary>
internal sealed class ApiKey
{
    private readonly byte[] expected;

    private ApiKey(string text) => (Text, expected) = (text, Encoding.UTF8.GetBytes(text));

    /// <summary>The key: a random UUID in lower case.</summary>
    public string Text { get; }

    /// <summary>Reads a key of an agent's folder, or makes one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Name of its file.</param>
    public static ApiKey Open(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: 36 } known)
        {
            return new ApiKey(known);
        }

        var bytes = RandomNumberGenerator.GetBytes(16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        var key = new Guid(bytes, bigEndian: true).ToString("D");
        Folders.WritePrivate(file, key + "\n");
        return new ApiKey(key);
    }

    /// <summary>Whether a request carries the key: as a bearer, as WakaTime's plug-ins (Basic, the key alone or before a colon), or in its query.</summary>
    public bool IsIn(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? Is(authorization[7..])
            : authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? IsBasic(authorization[6..])
            : request.Query["api_key"] is [{ } named] && Is(named);
    }

    /// <summary>Whether credentials of a Basic header have the key, as the name or as the password.</summary>
    internal bool IsBasic(string base64)
    {
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64.Trim(), buffer, out var length) && Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2).Any(Is);
    }

    private bool Is(string key) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), expected);
}
