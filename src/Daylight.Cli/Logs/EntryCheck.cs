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
