using System.Text.Json.Serialization;
using Daylight.Sealing;

namespace Daylight.Protocol;

/// <summary>How the server reaches its keyholder: bytes there, bytes back. In one process or two, the messages are the same.</summary>
public interface IKeyholderChannel
{
    /// <summary>Sends one message and waits for the answer.</summary>
    /// <exception cref="IOException">The keyholder cannot be reached.</exception>
    Task<byte[]> ExchangeAsync(ReadOnlyMemory<byte> message, CancellationToken cancel);
}

/// <summary>A message to the keyholder.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "verb")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Follow), "follow")]
[JsonDerivedType(typeof(KeyOf), "key")]
[JsonDerivedType(typeof(StatusOf), "status")]
[JsonDerivedType(typeof(Open), "open")]
[JsonDerivedType(typeof(Count), "count")]
public abstract record KeyholderRequest
{
    private KeyholderRequest()
    {
    }

    /// <summary>Who are you, and how far have you followed?</summary>
    public sealed record Hello : KeyholderRequest;

    /// <summary>Here is what the log appended; cosign this checkpoint.</summary>
    /// <param name="From">Index of the first entry.</param>
    /// <param name="Entries">Entries, with the openings of those about a person.</param>
    /// <param name="Checkpoint">Signed by the log, for the tree after the last entry.</param>
    public sealed record Follow(ulong From, IReadOnlyList<FollowedEntry> Entries, string Checkpoint) : KeyholderRequest;

    /// <summary>To which key is this person's data for a program sealed? Makes one when there is none.</summary>
    public sealed record KeyOf(string Person, string Program) : KeyholderRequest;

    /// <summary>Which programs may collect?</summary>
    public sealed record StatusOf : KeyholderRequest;

    /// <summary>Open these seals for the disclosure at an index of the log.</summary>
    /// <param name="Index">Where the disclosure stands.</param>
    /// <param name="Openings">What opens its commitments.</param>
    /// <param name="Checkpoint">A checkpoint that covers it.</param>
    /// <param name="Proof">Audit path to that checkpoint, base64.</param>
    /// <param name="Chunks">Sealed chunks.</param>
    public sealed record Open(ulong Index, Openings Openings, string Checkpoint, IReadOnlyList<string> Proof, IReadOnlyList<StoredChunk> Chunks) : KeyholderRequest;

    /// <summary>Count the groups that the release run at an index of the log committed to.</summary>
    /// <param name="Index">Where the run stands.</param>
    /// <param name="Checkpoint">A checkpoint that covers it.</param>
    /// <param name="Proof">Audit path to that checkpoint, base64.</param>
    /// <param name="Groups">Openings of the groups, each a canonical <see cref="CountedGroup"/>.</param>
    /// <param name="Contributions">Sealed contributions.</param>
    public sealed record Count(
        ulong Index, string Checkpoint, IReadOnlyList<string> Proof, IReadOnlyList<Opening> Groups, IReadOnlyList<PersonChunk> Contributions) : KeyholderRequest;
}

/// <summary>An entry on its way to the keyholder.</summary>
/// <param name="Entry">Bytes, base64.</param>
/// <param name="Openings">For an entry about a person.</param>
public sealed record FollowedEntry(string Entry, Openings? Openings = null);

/// <summary>A stored chunk with what the keyholder needs to rebuild its <c>info</c>; the subject comes from the log entry.</summary>
public sealed record StoredChunk(string Program, string Kind, string Stream, string Day, string Sealed);

/// <summary>A contribution of a person.</summary>
public sealed record PersonChunk(string Person, string Sealed);

/// <summary>A group that a run counts: a team without its managers.</summary>
public sealed record CountedGroup(string Group, IReadOnlyList<string> Members);

/// <summary>The keyholder's answer.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "answer")]
[JsonDerivedType(typeof(Identity), "identity")]
[JsonDerivedType(typeof(Followed), "followed")]
[JsonDerivedType(typeof(Statements), "statements")]
[JsonDerivedType(typeof(Opened), "opened")]
[JsonDerivedType(typeof(Counted), "counted")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record KeyholderResponse
{
    private KeyholderResponse()
    {
    }

    /// <summary>The keyholder's keys, and how many entries it has followed.</summary>
    public sealed record Identity(string StatementKey, string WitnessKey, ulong Size) : KeyholderResponse;

    /// <summary>Its cosignature line (C2SP tlog-cosignature).</summary>
    public sealed record Followed(ulong Size, string Cosignature) : KeyholderResponse;

    /// <summary>Signed statements.</summary>
    public sealed record Statements(IReadOnlyList<string> Notes) : KeyholderResponse;

    /// <summary>What the rule shows, and nothing else.</summary>
    /// <param name="Records">Projected records.</param>
    /// <param name="Unreadable">Chunks that did not open: changed, moved, or sealed to a destroyed key.</param>
    /// <param name="Unsigned">Chunks that no device of this person had signed; left out.</param>
    public sealed record Opened(IReadOnlyList<ShownRecord> Records, int Unreadable, int Unsigned) : KeyholderResponse;

    /// <summary>Release cells.</summary>
    public sealed record Counted(IReadOnlyList<ReleaseCell> Cells) : KeyholderResponse;

    /// <summary>No, and why.</summary>
    /// <param name="Code">Stable name of the condition that failed.</param>
    /// <param name="Message">In words.</param>
    public sealed record Refused(string Code, string Message) : KeyholderResponse;
}

/// <summary>A cell as the keyholder released it.</summary>
/// <param name="Group">Team id.</param>
/// <param name="Measure">Measure.</param>
/// <param name="Period">ISO week.</param>
/// <param name="Value">Mean per person and week, when shown.</param>
/// <param name="People">People counted, when shown.</param>
/// <param name="Reason">Why it is withheld, otherwise.</param>
public sealed record ReleaseCell(string Group, string Measure, string Period, int? Value = null, int? People = null, string? Reason = null);

/// <summary>What a records chunk holds.</summary>
/// <param name="Start">Start of the time step, UTC.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Data">Fields.</param>
public sealed record PayloadRecord(DateTimeOffset Start, int Duration, IReadOnlyDictionary<string, string> Data);

/// <summary>What a contribution holds: one person's day values of one week, from one device.</summary>
/// <param name="Week">ISO week.</param>
/// <param name="Days">Values by local day, then measure.</param>
public sealed record ContributionPayload(string Week, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Days);
