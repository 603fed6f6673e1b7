using System.Text;
using System.Text.Json;

namespace Daylight.Sealing;

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
