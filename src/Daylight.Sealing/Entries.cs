using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>Where an entry stands, and its day: roles count on it, not on the time that a signer wrote into a statement.</summary>
/// <param name="Index">Log index.</param>
/// <param name="Day">UTC day.</param>
public readonly record struct Recording(ulong Index, DateOnly Day);

/// <summary>
/// What happened. Each kind is a file in <c>Events/</c>: its name, its fields, the statement that is signed for it, the rule that it must meet, and
/// what its subject is shown. Which kinds are public in full, and which only as commitments, says each kind.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
public abstract partial record LogEvent
{
    /// <summary>Whether the event is about the program and stands in the log in full. Otherwise it is about a person and only its commitments do.</summary>
    [JsonIgnore]
    public abstract bool IsPublic { get; }

    /// <summary>Whether a credential, a role, a pause or a charter rests on it, so that it must stay openable.</summary>
    [JsonIgnore]
    public virtual bool CarriesAuthority => true;

    /// <summary>Whether it only stops something: such an event is kept even while the keyholder is away, and published when it is back.</summary>
    [JsonIgnore]
    public virtual bool Stops => false;

    /// <summary>A statement that takes effect once: whoever keeps an old one cannot play it again after it was taken back.</summary>
    internal virtual SignedStatement? Once => null;

    /// <summary>Why it would change nothing; null when it stands. Pure: being in the log proves recording, this decides authority.</summary>
    internal virtual string? Complaint(Authority soFar, Recording at) => null;

    /// <summary>What it changes, once nothing speaks against it.</summary>
    internal virtual void Apply(Authority authority, Recording at)
    {
    }
}

/// <summary>An event that stands in the log in full.</summary>
public abstract record PublicEvent : LogEvent
{
    /// <inheritdoc/>
    public sealed override bool IsPublic => true;
}

/// <summary>An event about a person: in the log as commitments only.</summary>
public abstract record PersonEvent : LogEvent
{
    /// <inheritdoc/>
    public sealed override bool IsPublic => false;

    /// <summary>What its subject is shown; null when it has no single subject, or is not theirs to see.</summary>
    [JsonIgnore]
    public virtual SubjectView? View => null;

    /// <summary>Person id of who asked for it; empty when nobody did.</summary>
    [JsonIgnore]
    public virtual string Asker => string.Empty;

    /// <summary>Last UTC day on which its openings are kept.</summary>
    [JsonIgnore]
    public virtual DateOnly Kept => DateOnly.MaxValue;

    /// <summary>The asker's part, canonical JSON.</summary>
    internal virtual byte[] AskerSees => Asker.Length > 0 && View is { } view ? CanonicalJson.Write(view, SealingJson.Default.SubjectView) : "{}"u8.ToArray();
}

/// <summary>What the subject of an event is shown about it, by the charter's words rather than the server's: derived from the event, never written freely.</summary>
/// <param name="Happened"><c>disclosure</c>, <c>refusal</c>, <c>credential</c>, <c>role</c> and others, as each kind says.</param>
/// <param name="Subject">Whom it is about; that person alone gets this opening.</param>
/// <param name="Relation">Role or relation of who asked.</param>
/// <param name="Rule">The rule, or empty when none allowed it.</param>
/// <param name="Why">Purposes, or the reasons of a refusal.</param>
/// <param name="Programs">Programs it covered.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Time">When.</param>
/// <param name="Tell">UTC day from which on the subject is shown it.</param>
public sealed record SubjectView(
    string Happened,
    string Subject,
    string Relation,
    string Rule,
    IReadOnlyList<string> Why,
    IReadOnlyList<string> Programs,
    DateOnly From,
    DateOnly To,
    DateTimeOffset Time,
    DateOnly Tell)
{
    /// <summary>A view without a rule, told at once.</summary>
    internal static SubjectView Of(string happened, string subject, string relation, DateTimeOffset time, IReadOnlyList<string>? why = null) =>
        new(happened, subject, relation, string.Empty, why ?? [], [], default, default, time, DateOnly.FromDateTime(time.UtcDateTime));
}

/// <summary>What opens a commitment: 32 random bytes, and the canonical JSON that was committed to.</summary>
/// <param name="Salt">Base64.</param>
/// <param name="Json">Canonical JSON.</param>
public sealed record Opening(string Salt, string Json)
{
    /// <summary>Commits to canonical JSON with a fresh salt.</summary>
    public static Opening Of(byte[] canonicalJson) => new(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), System.Text.Encoding.UTF8.GetString(canonicalJson));

    /// <summary>SHA-256(salt ‖ JSON), base64.</summary>
    public string Commitment()
    {
        var bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(Salt.Length + System.Text.Encoding.UTF8.GetMaxByteCount(Json.Length));
        _ = Convert.TryFromBase64String(Salt, bytes, out var salt);
        var length = System.Text.Encoding.UTF8.GetBytes(Json, bytes.AsSpan(salt));
        var commitment = Hash.Of(bytes.AsSpan(0, salt + length)).ToString();
        System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        return commitment;
    }

    /// <summary>Whether this opens that commitment.</summary>
    public bool Opens(string commitment)
    {
        Span<byte> salt = stackalloc byte[33];
        return Salt.Length == 44 && Convert.TryFromBase64String(Salt, salt, out var n) && n == 32 && string.Equals(Commitment(), commitment, StringComparison.Ordinal);
    }
}

/// <summary>The three commitments of an entry about a person; every such entry looks the same, whatever happened.</summary>
/// <param name="Asker">To the asker's part.</param>
/// <param name="Details">To the whole event.</param>
/// <param name="Subject">To what the subject is shown.</param>
public sealed record Commitments(string Asker, string Details, string Subject);

/// <summary>The openings of one entry, each for its party.</summary>
public sealed record Openings(Opening Asker, Opening Details, Opening Subject)
{
    private const int SaltSize = 32;

    /// <summary>Their commitments.</summary>
    public Commitments Commit() => new(Asker.Commitment(), Details.Commitment(), Subject.Commitment());

    /// <summary>The event that the details say happened; null when they say none. <see cref="LogEntry.Open"/> holds it against an entry.</summary>
    public LogEvent? ReadEvent() => CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(Details.Json), SealingJson.Default.LogEvent);

    /// <summary>As they are stored and carried: asker, details and subject, each salt (32 bytes) ‖ length (u32 big-endian) ‖ canonical JSON.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[(3 * (SaltSize + sizeof(int))) + LengthOf(Asker) + LengthOf(Details) + LengthOf(Subject)];
        var rest = bytes.AsSpan();
        foreach (var opening in (ReadOnlySpan<Opening>)[Asker, Details, Subject])
        {
            if (!Convert.TryFromBase64String(opening.Salt, rest, out var salt) || salt != SaltSize)
            {
                throw new FormatException("A salt is 32 bytes in base64.");
            }

            var length = System.Text.Encoding.UTF8.GetBytes(opening.Json, rest[(SaltSize + sizeof(int))..]);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(rest[SaltSize..], length);
            rest = rest[(SaltSize + sizeof(int) + length)..];
        }

        return bytes;
    }

    /// <summary>Reads them; null when the bytes are none.</summary>
    public static Openings? TryRead(ReadOnlySpan<byte> bytes) =>
        Take(ref bytes) is { } asker && Take(ref bytes) is { } details && Take(ref bytes) is { } subject && bytes.IsEmpty ? new Openings(asker, details, subject) : null;

    private static int LengthOf(Opening opening) => System.Text.Encoding.UTF8.GetByteCount(opening.Json);

    private static Opening? Take(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SaltSize + sizeof(int) || System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes[SaltSize..]) is var length && (length < 0 || length > bytes.Length - SaltSize - sizeof(int)))
        {
            return null;
        }

        var opening = new Opening(Convert.ToBase64String(bytes[..SaltSize]), System.Text.Encoding.UTF8.GetString(bytes.Slice(SaltSize + sizeof(int), length)));
        bytes = bytes[(SaltSize + sizeof(int) + length)..];
        return opening;
    }
}

/// <summary>One entry of the log, as it is public.</summary>
/// <param name="V">Schema version, 1.</param>
/// <param name="Day">UTC day on which it was appended.</param>
/// <param name="Event">What happened, when that is public in full.</param>
/// <param name="Commitments">Otherwise what it is committed to.</param>
public sealed record LogEntry(int V, DateOnly Day, LogEvent? Event = null, Commitments? Commitments = null)
{
    /// <summary>The canonical bytes: what the log hashes.</summary>
    public byte[] ToBytes() => CommittedEntry.TryWrite(this) ?? CanonicalJson.Write(this, SealingJson.Default.LogEntry);

    /// <summary>Reads an entry; null when the bytes are not one in its one spelling.</summary>
    public static LogEntry? TryRead(ReadOnlyMemory<byte> bytes) => CommittedEntry.TryRead(bytes.Span) ?? (CanonicalJson.Read(bytes, SealingJson.Default.LogEntry) is { V: 1 } entry
        && entry is { Event: PublicEvent, Commitments: null } or { Event: null, Commitments: not null } ? entry : null);

    /// <summary>A public entry.</summary>
    public static LogEntry Of(DateOnly day, PublicEvent happened) => new(1, day, happened, null);

    /// <summary>An entry about a person, with what opens it.</summary>
    /// <param name="day">UTC day.</param>
    /// <param name="happened">The event.</param>
    public static (LogEntry Entry, Openings Openings) Of(DateOnly day, PersonEvent happened)
    {
        var subject = happened.View is { } view ? CanonicalJson.Write(view, SealingJson.Default.SubjectView) : "{}"u8.ToArray();
        var openings = new Openings(Opening.Of(happened.AskerSees), Opening.Of(CanonicalJson.Write<LogEvent>(happened, SealingJson.Default.LogEvent)), Opening.Of(subject));
        return (new LogEntry(1, day, null, openings.Commit()), openings);
    }

    /// <summary>
    /// What happened, when the openings open this entry and the subject's view is the one that follows from the event. Null otherwise:
    /// a server cannot tell the subject one thing and the keyholder another.
    /// </summary>
    public LogEvent? Open(Openings? openings)
    {
        if (Commitments is null)
        {
            return Event;
        }

        if (openings is null || !openings.Asker.Opens(Commitments.Asker) || !openings.Details.Opens(Commitments.Details) || !openings.Subject.Opens(Commitments.Subject)
            || openings.ReadEvent() is not PersonEvent happened)
        {
            return null;
        }

        var expected = happened.View is { } view ? System.Text.Encoding.UTF8.GetString(CanonicalJson.Write(view, SealingJson.Default.SubjectView)) : "{}";
        return string.Equals(expected, openings.Subject.Json, StringComparison.Ordinal) ? happened : null;
    }
}
