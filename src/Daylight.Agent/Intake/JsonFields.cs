using System.Text.Json;

namespace Daylight.Agent.Intake;

/// <summary>
/// Single fields of JSON that another program wrote. What was cut inside an emoji (<c>"\ud83d"</c>) is JSON, but no text: a field with such a name or value is as if it were
/// not there, and stands in nobody's way.
/// </summary>
internal static class JsonFields
{
    /// <summary>A field of an object; null when there is none, or this is no object.</summary>
    public static JsonElement? Field(this JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        try
        {
            return json.TryGetProperty(name, out var value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            // Another field's name is no text.
            return json.EnumerateObject().Where(p => IsNamed(p, name)).Select(p => (JsonElement?)p.Value).LastOrDefault();
        }
    }

    /// <summary>A text of an object; null when there is none of that name.</summary>
    public static string? Text(this JsonElement json, string name)
    {
        try
        {
            return json.Field(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A number of an object; null when there is none of that name.</summary>
    public static double? Number(this JsonElement json, string name) => json.Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) ? number : null;

    private static bool IsNamed(JsonProperty property, string name)
    {
        try
        {
            return property.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
