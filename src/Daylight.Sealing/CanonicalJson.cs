using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Daylight.Sealing;

/// <summary>
/// Canonical JSON (RFC 8785) over strings, booleans, integers below 2^53, arrays and objects: one value has one spelling, so that a
/// hash or a signature over the bytes is a hash or a signature over the value.
/// </summary>
public static class CanonicalJson
{
    private const long MaxInteger = (1L << 53) - 1;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>The canonical bytes of a value.</summary>
    /// <exception cref="FormatException">The value holds a number that is not an integer below 2^53.</exception>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type)
    {
        using var document = JsonSerializer.SerializeToDocument(value, type);
        return Write(document.RootElement);
    }

    /// <summary>The canonical bytes of any JSON.</summary>
    /// <exception cref="FormatException">It holds a number that is not an integer below 2^53.</exception>
    public static byte[] Write(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        Append(buffer, element);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a value from bytes; null when they are not JSON, not canonical, or not of this type.</summary>
    public static T? Read<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            return Write(document.RootElement).AsSpan().SequenceEqual(bytes.Span) ? document.RootElement.Deserialize(type) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }

    private static void Append(ArrayBufferWriter<byte> buffer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(buffer, element);
                break;
            case JsonValueKind.Array:
                AppendArray(buffer, element);
                break;
            case JsonValueKind.String:
                AppendString(buffer, element.GetString()!);
                break;
            case JsonValueKind.Number:
                if (!element.TryGetInt64(out var number) || number is > MaxInteger or < -MaxInteger)
                {
                    throw new FormatException($"Canonical JSON here has integers below 2^53 only, not {element.GetRawText()}.");
                }

                buffer.Write(Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
                break;
            case JsonValueKind.True:
                buffer.Write("true"u8);
                break;
            case JsonValueKind.False:
                buffer.Write("false"u8);
                break;
            case JsonValueKind.Null or JsonValueKind.Undefined:
            default:
                throw new FormatException("Canonical JSON here has no null: leave the member out.");
        }
    }

    private static void AppendObject(ArrayBufferWriter<byte> buffer, JsonElement element)
    {
        buffer.Write("{"u8);
        var first = true;
        foreach (var member in element.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (!first)
            {
                buffer.Write(","u8);
            }

            first = false;
            AppendString(buffer, member.Name);
            buffer.Write(":"u8);
            Append(buffer, member.Value);
        }

        buffer.Write("}"u8);
    }

    private static void AppendArray(ArrayBufferWriter<byte> buffer, JsonElement element)
    {
        buffer.Write("["u8);
        var first = true;
        foreach (var item in element.EnumerateArray())
        {
            if (!first)
            {
                buffer.Write(","u8);
            }

            first = false;
            Append(buffer, item);
        }

        buffer.Write("]"u8);
    }

    private static void AppendString(ArrayBufferWriter<byte> buffer, string text)
    {
        var builder = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => builder.Append("\\\""),
                '\\' => builder.Append("\\\\"),
                '\b' => builder.Append("\\b"),
                '\t' => builder.Append("\\t"),
                '\n' => builder.Append("\\n"),
                '\f' => builder.Append("\\f"),
                '\r' => builder.Append("\\r"),
                < ' ' => builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => builder.Append(c),
            };
        }

        buffer.Write(Encoding.UTF8.GetBytes(builder.Append('"').ToString()));
    }
}
