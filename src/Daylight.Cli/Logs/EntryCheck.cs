using System.Buffers;
using System.Collections.Concurrent;
using Daylight.Sealing;

namespace Daylight.Cli.Logs;

/// <summary>Sees an entry of a log, on several threads.</summary>
internal delegate void EntrySeen(ulong index, ReadOnlySpan<byte> entry, bool isPersonal, LogEvent? happened);

/// <summary>
/// Looks at every entry of a log, on several threads: whether it is of the schema, whether it is public in full, and what it says about keyholder and
/// witnesses.
/// </summary>
internal sealed class EntryCheck(EntrySeen? seen = null)
{
    private readonly ConcurrentDictionary<ulong, (DateOnly Day, LogEvent Happened)> offices = [];
    private int openEntries;

    /// <summary>Entries seen so far that stand in the log in full.</summary>
    public int Public => Volatile.Read(ref openEntries);

    /// <summary>A complaint, or null.</summary>
    public string? Inspect(ulong index, ReadOnlySpan<byte> bytes)
    {
        if (CommittedEntry.IsCanonical(bytes))
        {
            seen?.Invoke(index, bytes, true, null);
            return null;
        }

        if (LogEntry.TryRead(bytes.ToArray()) is not { } entry)
        {
            return "is not of the log's schema";
        }

        seen?.Invoke(index, bytes, entry.Event is null, entry.Event);
        if (entry.Event is not null)
        {
            Interlocked.Increment(ref openEntries);
        }

        if (entry.Event is TrustRootSet or KeyholderChanged or WitnessesChanged)
        {
            offices[index] = (entry.Day, entry.Event);
        }

        return null;
    }

    /// <summary>
    /// Trust root, keyholder and witnesses in office, as the public entries say. What root approvers signed counts; whether one of their keys was revoked
    /// stands in entries about a person, which an auditor does not open.
    /// </summary>
    public Authority Offices()
    {
        var authority = new Authority();
        foreach (var (index, (day, happened)) in offices.OrderBy(o => o.Key))
        {
            _ = authority.Apply(index, day, happened);
        }

        return authority;
    }
}

/// <summary>
/// Recognizes the bytes of an entry about a person without parsing them: all such entries have one length and one shape. What is not
/// recognized here is no verdict; <see cref="LogEntry.TryRead"/> has it.
/// </summary>
internal static class CommittedEntry
{
    private const int Commitment = 44; // base64 of 32 bytes
    private const int Day = 10;        // 2026-11-21

    private static readonly SearchValues<byte> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    /// <summary>Whether these are the canonical bytes of an entry of three commitments.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> bytes) =>
        Takes(ref bytes, "{\"commitments\":{\"asker\":\""u8) && TakesCommitment(ref bytes)
        && Takes(ref bytes, "\",\"details\":\""u8) && TakesCommitment(ref bytes)
        && Takes(ref bytes, "\",\"subject\":\""u8) && TakesCommitment(ref bytes)
        && Takes(ref bytes, "\"},\"day\":\""u8) && TakesDay(ref bytes)
        && bytes.SequenceEqual("\",\"v\":1}"u8);

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
