using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Hosting;

/// <summary>Reads what callers send; null where it is not what was asked for.</summary>
internal static class Bodies
{
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            return null;
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Reads a local day from the query; false when it is there but not a day.</summary>
    public static bool TryDay(HttpContext context, string name, DateOnly otherwise, out DateOnly day)
    {
        day = otherwise;
        var text = context.Request.Query[name].ToString();
        return text.Length == 0 || DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }
}
