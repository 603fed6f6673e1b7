using System.Buffers;

namespace Daylight.Sealing;

/// <summary>
/// Recognizes the bytes of an entry about a person without parsing them: all such entries have one length and one shape. What is not
/// recognized here is no verdict; <see cref="LogEntry.TryRead"/> has it.
/// </summary>
public static class CommittedEntry
{
    private const int Commitment = 44; // base64 of 32 bytes
    private const int Day = 10;        // 2026-11-21

    private static readonly SearchValues<byte> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    /// <summary>Length of every such entry in bytes.</summary>
    internal const int Length = 211;

    /// <summary>Whether these are the canonical bytes of an entry of three commitments.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> bytes) =>
        Takes(ref bytes, "{\"commitments\":{\"asker\":\""u8) && TakesCommitment(ref bytes)
        && Takes(ref bytes, "\",\"details\":\""u8) && TakesCommitment(ref bytes)
        && Takes(ref bytes, "\",\"subject\":\""u8) && TakesCommitment(ref bytes)
        && Takes(ref bytes, "\"},\"day\":\""u8) && TakesDay(ref bytes)
        && bytes.SequenceEqual("\",\"v\":1}"u8);

    /// <summary>The entry that these bytes are; null when they are not one of this shape.</summary>
    internal static LogEntry? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (!IsCanonical(bytes))
        {
            return null;
        }

        static string Text(ReadOnlySpan<byte> bytes, int at) => System.Text.Encoding.ASCII.GetString(bytes.Slice(at, Commitment));
        var day = bytes.Slice(DayAt, Day);
        return new LogEntry(1, new DateOnly(Number(day[..4]), Number(day[5..7]), Number(day[8..])), null, new Commitments(Text(bytes, AskerAt), Text(bytes, DetailsAt), Text(bytes, SubjectAt)));
    }

    /// <summary>Writes an entry about a person; null when its commitments are not such as are made here.</summary>
    internal static byte[]? TryWrite(LogEntry entry)
    {
        if (entry is not { V: 1, Event: null, Commitments: { } commitments })
        {
            return null;
        }

        var bytes = new byte[Length];
        Template.CopyTo(bytes, 0);
        return Put(bytes, AskerAt, commitments.Asker) && Put(bytes, DetailsAt, commitments.Details) && Put(bytes, SubjectAt, commitments.Subject)
            && entry.Day.TryFormat(bytes.AsSpan(DayAt), out _, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)
            ? bytes
            : null;
    }

    private static readonly byte[] Template =
        [.. "{\"commitments\":{\"asker\":\""u8, .. new byte[Commitment], .. "\",\"details\":\""u8, .. new byte[Commitment], .. "\",\"subject\":\""u8, .. new byte[Commitment], .. "\"},\"day\":\""u8, .. new byte[Day], .. "\",\"v\":1}"u8];

    private const int AskerAt = 25;
    private const int DetailsAt = AskerAt + Commitment + 13;
    private const int SubjectAt = DetailsAt + Commitment + 13;
    private const int DayAt = SubjectAt + Commitment + 10;

    private static bool Put(byte[] bytes, int at, string commitment) => commitment.Length == Commitment
        && System.Text.Encoding.ASCII.GetBytes(commitment, bytes.AsSpan(at)) == Commitment && !bytes.AsSpan(at, Commitment).ContainsAnyExcept(Base64);

    private static bool Takes(ref ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> text)
    {
        var there = bytes.StartsWith(text);
        bytes = there ? bytes[text.Length..] : bytes;
        return there;
    }

    private static bool TakesCommitment(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Commitment || bytes[..Commitment].ContainsAnyExcept(Base64))
        {
            return false;
        }

        bytes = bytes[Commitment..];
        return true;
    }

    private static bool TakesDay(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Day || bytes[4] != '-' || bytes[7] != '-'
            || Number(bytes[..4]) is not (>= 1 and var year) || Number(bytes[5..7]) is not (>= 1 and <= 12 and var month)
            || Number(bytes[8..10]) is not (>= 1 and var day) || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        bytes = bytes[Day..];
        return true;
    }

    /// <summary>A number of digits only; below zero when it is none.</summary>
    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return -1;
            }

            number = (number * 10) + (digit - '0');
        }

        return number;
    }
}
