using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Daylight.Sealing;

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
