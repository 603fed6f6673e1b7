using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Daylight.Agent.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Daylight.Agent.ActivityWatch;

/// <summary>Reads what clients send: bodies that are bounded, and parameters as ActivityWatch's servers take them.</summary>
internal static class AwRequest
{
    private const int MostEventsInOnePost = 100_000;

    /// <summary>Whether a body is JSON.</summary>
    public static bool IsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The events of a body: a list, or one. Null when it is neither.</summary>
    public static List<NewEvent>? ReadEvents(ReadOnlyMemory<byte> json, out bool isList)
    {
        var reader = new Utf8JsonReader(json.Span);
        var events = new List<NewEvent>();
        isList = false;
        try
        {
            if (!reader.Read())
            {
                return null;
            }

            isList = reader.TokenType == JsonTokenType.StartArray;
            if (!isList)
            {
                return HeartbeatReader.TryRead(ref reader, json, out var one) && !reader.Read() ? [one] : null;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (events.Count == MostEventsInOnePost || !HeartbeatReader.TryRead(ref reader, json, out var e))
                {
                    return null;
                }

                events.Add(e);
            }

            return reader.TokenType == JsonTokenType.EndArray && !reader.Read() ? events : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Reads <c>start</c> and <c>end</c>, in microseconds since 1970; false when one is no time.</summary>
    public static bool TryRange(HttpContext context, out long? from, out long? to)
    {
        (from, to) = (null, null);
        if (context.Request.Query["start"].ToString() is { Length: > 0 } start)
        {
            if (!Iso8601.TryParse(start, out var instant))
            {
                return false;
            }

            from = RawStore.Micros(instant);
        }

        if (context.Request.Query["end"].ToString() is { Length: > 0 } end)
        {
            if (!Iso8601.TryParse(end, out var instant))
            {
                return false;
            }

            to = RawStore.Micros(instant);
        }

        return true;
    }

    /// <summary>Reads <c>limit</c>; without one, or below zero, everything. False when it is no number.</summary>
    public static bool TryLimit(HttpContext context, out int limit)
    {
        limit = int.MaxValue;
        if (context.Request.Query["limit"].ToString() is not { Length: > 0 } text)
        {
            return true;
        }

        if (!double.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var asked))
        {
            return false;
        }

        limit = asked is < 0 or > int.MaxValue ? int.MaxValue : (int)asked;
        return true;
    }

    /// <summary>A body of JSON; null when it is not, or not declared as JSON (which a simple cross-site request cannot do).</summary>
    public static async Task<T?> BodyAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!context.Request.HasJsonContentType() || await ReadAsync(context, AgentLimits.MostSmallBody) is not { } body)
        {
            return null;
        }

        try
        {
            // The reader does not look at bytes that it does not need; whoever asks for them as text would fail then.
            return Utf8.IsValid(body.Span) ? JsonSerializer.Deserialize(body.Span, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A body of at most so many bytes; null when it is larger.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, long most)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.SetMost(most);
        if (context.Request.ContentLength > most)
        {
            return null;
        }

        using var buffer = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 1024, most));
        try
        {
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        }
        catch (BadHttpRequestException)
        {
            return null;
        }

        return buffer.Length > most ? null : buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}

/// <summary>Limits of single requests.</summary>
internal static class BodyLimits
{
    /// <summary>Lets a body be so large, where the server still lets one say so.</summary>
    public static void SetMost(this IHttpMaxRequestBodySizeFeature feature, long? most)
    {
        if (!feature.IsReadOnly)
        {
            feature.MaxRequestBodySize = most;
        }
    }
}
