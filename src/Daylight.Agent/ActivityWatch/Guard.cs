using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.ActivityWatch;

/// <summary>
/// Keeps foreign pages and foreign names out: the Host must be the loopback address (DNS rebinding, GHSA-v9fg-6g9j-h4x4), and an Origin must be
/// the agent's own page, or a browser extension on the three routes that it needs.
/// </summary>
internal static class Guard
{
    private const string ChromeExtension = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi";

    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.Host.Host is not ("localhost" or "127.0.0.1" or "[::1]" or "::1"))
        {
            await RefuseAsync(context, "This agent answers on the loopback address only.");
            return;
        }

        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsOwn(origin, request))
        {
            if (!IsExtension(origin) || !IsExtensionRoute(request.Path))
            {
                await RefuseAsync(context, "Pages of other sites may not use this agent.");
                return;
            }

            context.Response.Headers.AccessControlAllowOrigin = origin;
            context.Response.Headers.Vary = "Origin";
            if (HttpMethods.IsOptions(request.Method))
            {
                context.Response.Headers.AccessControlAllowMethods = "GET, POST";
                context.Response.Headers.AccessControlAllowHeaders = "content-type, authorization";
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }

        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        await next(context);
    }

    private static bool IsOwn(string origin, HttpRequest request) => origin == "http://" + request.Host.Value;

    private static bool IsExtension(string origin) => origin == ChromeExtension || origin.StartsWith("moz-extension://", StringComparison.Ordinal);

    private static bool IsExtensionRoute(PathString path) => path.Value is { } p
        && (p == "/api/0/info" || (p.StartsWith("/api/0/buckets/", StringComparison.Ordinal) && (p.EndsWith("/heartbeat", StringComparison.Ordinal) || (p.Count(c => c == '/') == 4 && p.Length > "/api/0/buckets/".Length))));

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new AwMessage(why), AwJson.Default.AwMessage);
    }
}

/// <summary>Reads bodies as ActivityWatch's clients send them.</summary>
internal static class AwBody
{
    /// <summary>Reads JSON; null when it is not JSON, or not declared as JSON (which a simple cross-site request cannot do).</summary>
    public static async Task<JsonDocument?> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            return null;
        }

        try
        {
            return await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
