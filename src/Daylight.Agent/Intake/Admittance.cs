using System.Collections.Concurrent;
using Daylight.Agent.Collecting;
using Daylight.Agent.Store;

namespace Daylight.Agent.Intake;

/// <summary>Why something that a watcher reported was not stored.</summary>
internal enum Dropped
{
    /// <summary>It was.</summary>
    No = 0,

    /// <summary>The person paused everything.</summary>
    Paused = 1,

    /// <summary>It is dated ahead of this machine's clock, or before there were such clocks.</summary>
    Clock = 2,

    /// <summary>It is longer than a year, or larger than events are.</summary>
    Size = 3,

    /// <summary>No charter asks for such events, and without one they are nobody's business: input counts, pictures, positions.</summary>
    NoCharter = 4,

    /// <summary>A private window, or private life.</summary>
    Private = 5,

    /// <summary>Another user of this machine reported it.</summary>
    OtherUser = 6,

    /// <summary>There are too many buckets or events already.</summary>
    TooMany = 7,

    /// <summary>The platform did not say whose program reported it, since it had hung up already, and it sent no key.</summary>
    UnknownUser = 8,
}

/// <summary>
/// What may enter the store. A client gives an event up on any error status, so what may not is answered as if it did, and counted: the page says how often, and why. The
/// counts live in memory only.
/// </summary>
internal sealed class Admittance
{
    /// <summary>Streams of which even the raw event is kept only while a charter asks for it.</summary>
    private static readonly HashSet<string> OnlyUnderCharter = ["input", "screen", "location"];

    private readonly RawStore raw;
    private readonly CharterBook book;
    private readonly Pauses pauses;
    private readonly PersonTime person;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, string> types = new(StringComparer.Ordinal);
    private readonly long[] dropped = new long[Enum.GetValues<Dropped>().Length];
    private HashSet<string> privateLife = [];
    private int admitted = -1;

    public Admittance(RawStore raw, CharterBook book, Pauses pauses, PersonTime person, TimeProvider time)
    {
        (this.raw, this.book, this.pauses, this.person, this.time) = (raw, book, pauses, person, time);
        foreach (var bucket in raw.Buckets())
        {
            types[bucket.Id] = bucket.Type;
        }
    }

    /// <summary>How often something was not stored since the agent started, by reason.</summary>
    public IReadOnlyDictionary<Dropped, long> Drops => Enum.GetValues<Dropped>().Where(d => d != Dropped.No)
        .Select(d => (d, Count: d == Dropped.Private ? raw.KeptOut : Interlocked.Read(ref dropped[(int)d]))).Where(d => d.Count > 0).ToDictionary(d => d.d, d => d.Count);

    /// <summary>Notes what kind of events a bucket holds.</summary>
    public void Know(string bucket, string type) => types[bucket] = type;

    /// <summary>Forgets a bucket that is deleted.</summary>
    public void Forget(string bucket) => types.TryRemove(bucket, out _);

    /// <summary>Whether an event may enter. What is private is found while it is written.</summary>
    public Dropped Check(string bucket, NewEvent e)
    {
        Refresh();
        var now = RawStore.Micros(time.GetUtcNow());
        var verdict = pauses.IsEverythingPaused ? Dropped.Paused
            : e.Start < AgentLimits.Earliest || e.Start > now + AgentLimits.MostAhead ? Dropped.Clock
            : e.Duration is < 0 or > AgentLimits.LongestSpan ? Dropped.Size
            : e.Start + e.Duration > now + AgentLimits.MostAhead ? Dropped.Clock
            : !MayHold(bucket) ? Dropped.NoCharter
            : e.Data.Length > AgentLimits.LongestData && StreamOf(bucket) != "screen" ? Dropped.Size
            : Dropped.No;
        if (verdict == Dropped.No)
        {
            return verdict;
        }

        if (types.ContainsKey(bucket))
        {
            raw.Refuse(bucket, e.Start);
        }

        return Count(verdict);
    }

    /// <summary>Counts something that was not stored.</summary>
    public Dropped Count(Dropped why)
    {
        Interlocked.Increment(ref dropped[(int)why]);
        return why;
    }

    /// <summary>Whether any charter collects a stream today.</summary>
    public bool IsCollected(string stream) => Collecting(stream).Any();

    /// <summary>The charters that collect a stream today.</summary>
    public IEnumerable<AppliedCharter> Collecting(string stream)
    {
        var today = person.Today;
        return book.Programs.Select(p => book.On(p, today)).OfType<AppliedCharter>().Where(p => p.Charter!.Stream(stream) is not null);
    }

    /// <summary>Whether events of a bucket may be stored at all: of input, pictures and positions only while a charter asks for them.</summary>
    public bool MayHold(string bucket) => StreamOf(bucket) is var stream && (!OnlyUnderCharter.Contains(stream) || IsCollected(stream));

    private string StreamOf(string bucket) => Core.Charters.Streams.OfBucketType(types.GetValueOrDefault(bucket) ?? BucketTypes.Of(bucket)) ?? string.Empty;

    // What charters add to the list of private life is kept out as soon as they are known.
    private void Refresh()
    {
        if (Volatile.Read(ref admitted) != book.Version)
        {
            Volatile.Write(ref admitted, book.Version);
            HashSet<string> named = [.. book.Pages.Where(p => p.Charter is not null).SelectMany(p => p.Charter!.PrivateLife)];
            if (!named.SetEquals(privateLife))
            {
                raw.Admit(privateLife = named);
            }
        }
    }
}

/// <summary>The types of buckets that known watchers make.</summary>
internal static class BucketTypes
{
    /// <summary>The type that a bucket of this id has, when its watcher reports before it made the bucket.</summary>
    public static string Of(string bucket) => bucket switch
    {
        _ when bucket.StartsWith("aw-watcher-window", StringComparison.Ordinal) => "currentwindow",
        _ when bucket.StartsWith("aw-watcher-afk", StringComparison.Ordinal) => "afkstatus",
        _ when bucket.StartsWith("aw-watcher-web", StringComparison.Ordinal) => "web.tab.current",
        _ when bucket.StartsWith("aw-watcher-input", StringComparison.Ordinal) => "os.hid.input",
        _ when bucket.StartsWith("aw-watcher-vscode", StringComparison.Ordinal) || bucket.StartsWith("aw-watcher-vim", StringComparison.Ordinal) => "app.editor.activity",
        _ => "unknown",
    };
}
