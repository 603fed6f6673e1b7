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

/// <summary>Writes what a reader reads, in its one spelling: members sorted after they were written, strings copied where nothing in them is escaped.</summary>
internal ref struct CanonicalWriter(int expected)
{
    private const long MaxInteger = (1L << 53) - 1;

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(expected);
    private int length;

    /// <summary>The bytes; the writer is used up.</summary>
    public byte[] Finish()
    {
        var bytes = buffer[..length];
        ArrayPool<byte>.Shared.Return(buffer);
        return bytes;
    }

    /// <summary>Writes the value that the reader stands on.</summary>
    public void Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                Object(ref reader);
                break;
            case JsonTokenType.StartArray:
                Array(ref reader);
                break;
            case JsonTokenType.String:
                String(ref reader);
                break;
            case JsonTokenType.Number:
                Number(ref reader);
                break;
            case JsonTokenType.True:
                Put("true"u8);
                break;
            case JsonTokenType.False:
                Put("false"u8);
                break;
            default:
                throw new FormatException("Canonical JSON here has no null: leave the member out.");
        }
    }

    private void Object(ref Utf8JsonReader reader)
    {
        Put("{"u8);
        var (start, members) = (length, new List<(int Start, int NameEnd, int End)>(16));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = length;
            String(ref reader);
            var nameEnd = length;
            Put(":"u8);
            reader.Read();
            Value(ref reader);
            members.Add((at, nameEnd, length));
        }

        var written = ArrayPool<byte>.Shared.Rent(length - start);
        buffer.AsSpan(start, length - start).CopyTo(written);
        var content = written;
        // RFC 8785 §3.2.3: by UTF-16 code units.
        members.Sort((a, b) => Compare(content.AsSpan((a.Start - start)..(a.NameEnd - start)), content.AsSpan((b.Start - start)..(b.NameEnd - start))));
        length = start;
        foreach (var member in members)
        {
            if (length > start)
            {
                Put(","u8);
            }

            Put(content.AsSpan((member.Start - start)..(member.End - start)));
        }

        ArrayPool<byte>.Shared.Return(written);
        Put("}"u8);
    }

    private static int Compare(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Ascii.IsValid(first) && Ascii.IsValid(second) && !first.Contains((byte)'\\') && !second.Contains((byte)'\\')
        ? first[1..^1].SequenceCompareTo(second[1..^1])
        : string.CompareOrdinal(CanonicalScan.Unescape(first[1..^1]), CanonicalScan.Unescape(second[1..^1]));

    private void Array(ref Utf8JsonReader reader)
    {
        Put("["u8);
        for (var any = false; reader.Read() && reader.TokenType != JsonTokenType.EndArray; any = true)
        {
            if (any)
            {
                Put(","u8);
            }

            Value(ref reader);
        }

        Put("]"u8);
    }

    private void Number(ref Utf8JsonReader reader)
    {
        if (!reader.TryGetInt64(out var number) || number is > MaxInteger or < -MaxInteger)
        {
            throw new FormatException($"Canonical JSON here has integers below 2^53 only, not {Encoding.UTF8.GetString(reader.ValueSpan)}.");
        }

        Reserve(32);
        _ = number.TryFormat(buffer.AsSpan(length), out var written, default, CultureInfo.InvariantCulture);
        length += written;
    }

    private void String(ref Utf8JsonReader reader)
    {
        Put("\""u8);
        if (reader.ValueIsEscaped)
        {
            Text(reader.GetString());
        }
        else
        {
            Put(reader.ValueSpan);
        }

        Put("\""u8);
    }

    private void Text(ReadOnlySpan<char> rest)
    {
        for (int at; (at = rest.IndexOfAny(Escaped)) >= 0; rest = rest[(at + 1)..])
        {
            Plain(rest[..at]);
            Plain(rest[at] switch
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

        Plain(rest);
    }

    private void Plain(ReadOnlySpan<char> text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        length += Encoding.UTF8.GetBytes(text, buffer.AsSpan(length));
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }

    private void Reserve(int more)
    {
        if (length + more > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * (length + more));
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }
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

    internal static string Unescape(ReadOnlySpan<byte> name) => JsonDocument.Parse((byte[])[(byte)'"', .. name, (byte)'"']).RootElement.GetString()!;
}
