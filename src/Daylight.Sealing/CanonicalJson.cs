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

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

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
                AppendNumber(buffer, element);
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

    private static void AppendNumber(ArrayBufferWriter<byte> buffer, JsonElement element)
    {
        if (!element.TryGetInt64(out var number) || number is > MaxInteger or < -MaxInteger)
        {
            throw new FormatException($"Canonical JSON here has integers below 2^53 only, not {element.GetRawText()}.");
        }

        _ = number.TryFormat(buffer.GetSpan(32), out var written, default, CultureInfo.InvariantCulture);
        buffer.Advance(written);
    }

    private static void AppendObject(ArrayBufferWriter<byte> buffer, JsonElement element)
    {
        var members = ArrayPool<(string Name, JsonElement Value)>.Shared.Rent(element.GetPropertyCount());
        var count = 0;
        foreach (var member in element.EnumerateObject())
        {
            members[count++] = (member.Name, member.Value);
        }

        // RFC 8785 §3.2.3: by UTF-16 code units.
        members.AsSpan(0, count).Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        buffer.Write("{"u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }

            AppendString(buffer, members[i].Name);
            buffer.Write(":"u8);
            Append(buffer, members[i].Value);
        }

        buffer.Write("}"u8);
        ArrayPool<(string, JsonElement)>.Shared.Return(members, clearArray: true);
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
        buffer.Write("\""u8);
        var rest = text.AsSpan();
        for (int at; (at = rest.IndexOfAny(Escaped)) >= 0; rest = rest[(at + 1)..])
        {
            AppendPlain(buffer, rest[..at]);
            AppendPlain(buffer, rest[at] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                var control => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)control:x4}"),
            });
        }

        AppendPlain(buffer, rest);
        buffer.Write("\""u8);
    }

    private static void AppendPlain(ArrayBufferWriter<byte> buffer, ReadOnlySpan<char> text) =>
        buffer.Advance(Encoding.UTF8.GetBytes(text, buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
}

/// <summary>Whether bytes are canonical JSON as they stand: read once, nothing allocated.</summary>
internal ref struct CanonicalScan
{
    private const int MaxDepth = 32;
    private const int MaxDigits = 16;
    private const ulong MaxInteger = (1UL << 53) - 1;

    private ReadOnlySpan<byte> rest;
    private int depth;

    /// <summary>Whether these bytes are one value in its one spelling.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> bytes)
    {
        var scan = new CanonicalScan { rest = bytes };
        return System.Text.Unicode.Utf8.IsValid(bytes) && scan.Value() && scan.rest.IsEmpty;
    }

    private bool Value() => rest.IsEmpty ? false : rest[0] switch
    {
        (byte)'{' => Object(),
        (byte)'[' => Array(),
        (byte)'"' => String(out _),
        (byte)'t' => Take("true"u8),
        (byte)'f' => Take("false"u8),
        _ => Number(),
    };

    private bool Object()
    {
        if (++depth > MaxDepth)
        {
            return false;
        }

        rest = rest[1..];
        ReadOnlySpan<byte> last = default;
        var any = false;
        while (!Take("}"u8))
        {
            // Strictly ascending: sorted, and no name twice.
            if ((any && !Take(","u8)) || !String(out var name) || (any && !IsBefore(last, name)) || !Take(":"u8) || !Value())
            {
                return false;
            }

            last = name;
            any = true;
        }

        depth--;
        return true;
    }

    private bool Array()
    {
        if (++depth > MaxDepth)
        {
            return false;
        }

        rest = rest[1..];
        for (var any = false; !Take("]"u8); any = true)
        {
            if ((any && !Take(","u8)) || !Value())
            {
                return false;
            }
        }

        depth--;
        return true;
    }

    /// <summary>A string; what is between its quotes, as it is written.</summary>
    private bool String(out ReadOnlySpan<byte> inside)
    {
        inside = default;
        if (!Take("\""u8))
        {
            return false;
        }

        for (var length = 0; length < rest.Length; length++)
        {
            switch (rest[length])
            {
                case (byte)'"':
                    inside = rest[..length];
                    rest = rest[(length + 1)..];
                    return true;
                case (byte)'\\':
                    if (EscapeLength(rest[(length + 1)..]) is not (> 0 and var escape))
                    {
                        return false;
                    }

                    length += escape;
                    break;
                case < 0x20:
                    return false;
                default:
                    break;
            }
        }

        return false;
    }

    // RFC 8785 §3.2.2.2: the two-character escapes where there are such, lower-case \u00xx for other control characters, nothing else escaped.
    private static int EscapeLength(ReadOnlySpan<byte> escape) => escape switch
    {
        [(byte)'"' or (byte)'\\' or (byte)'b' or (byte)'t' or (byte)'n' or (byte)'f' or (byte)'r', ..] => 1,
        [(byte)'u', (byte)'0', (byte)'0', (byte)'0', (>= (byte)'0' and <= (byte)'7') or (byte)'b' or (byte)'e' or (byte)'f', ..] => 5,
        [(byte)'u', (byte)'0', (byte)'0', (byte)'1', (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f'), ..] => 5,
        _ => 0,
    };

    private bool Number()
    {
        var negative = Take("-"u8);
        var digits = 0;
        var value = 0UL;
        for (; digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9'; digits++)
        {
            if (digits == MaxDigits)
            {
                return false;
            }

            value = (value * 10) + (ulong)(rest[digits] - '0');
        }

        if (digits == 0 || value > MaxInteger || (rest[0] == '0' && (digits > 1 || negative)))
        {
            return false;
        }

        rest = rest[digits..];
        return true;
    }

    private bool Take(ReadOnlySpan<byte> text)
    {
        if (!rest.StartsWith(text))
        {
            return false;
        }

        rest = rest[text.Length..];
        return true;
    }

    // Names are compared by UTF-16 code units; for plain ASCII without escapes that is the order of the bytes.
    private static bool IsBefore(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => IsPlain(first) && IsPlain(second)
        ? first.SequenceCompareTo(second) < 0
        : string.CompareOrdinal(Unescape(first), Unescape(second)) < 0;

    private static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.IsValid(name) && !name.Contains((byte)'\\');

    private static string Unescape(ReadOnlySpan<byte> name) => JsonDocument.Parse((byte[])[(byte)'"', .. name, (byte)'"']).RootElement.GetString()!;
}
