using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Daylight.Sealing;

/// <summary>
/// Canonical JSON (RFC 8785) over strings, booleans, integers below 2^53, arrays and objects: one value has one spelling, so that a
/// hash or a signature over the bytes is a hash or a signature over the value.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical bytes of a value.</summary>
    /// <exception cref="FormatException">The value holds a null, or a number that is not an integer below 2^53.</exception>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => Write(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>The canonical bytes of any JSON.</summary>
    /// <exception cref="FormatException">It holds a null, or a number that is not an integer below 2^53.</exception>
    public static byte[] Write(JsonElement element) => Write(JsonSerializer.SerializeToUtf8Bytes(element));

    /// <summary>Reads a value from bytes; null when they are not JSON, not canonical, or not of this type.</summary>
    public static T? Read<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type)
        where T : class
    {
        if (!CanonicalScan.IsCanonical(bytes.Span))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes.Span, type);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }

    private static byte[] Write(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        var writer = new CanonicalWriter(json.Length + 64);
        reader.Read();
        writer.Value(ref reader);
        return writer.Finish();
    }
}
