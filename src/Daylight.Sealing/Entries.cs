using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>What happened. Which kinds are public in full, and which only as commitments, says each kind.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TrustRootSet), "trust-root")]
[JsonDerivedType(typeof(PeopleEnrolled), "people-enrolled")]
[JsonDerivedType(typeof(CharterProposed), "charter-proposed")]
[JsonDerivedType(typeof(CharterApproved), "charter-approved")]
[JsonDerivedType(typeof(CharterRefused), "charter-refused")]
[JsonDerivedType(typeof(CharterActivated), "charter-activated")]
[JsonDerivedType(typeof(ProgramPaused), "program-paused")]
[JsonDerivedType(typeof(ProgramResumed), "program-resumed")]
[JsonDerivedType(typeof(ReleaseRun), "release-run")]
[JsonDerivedType(typeof(ReleasePublished), "release-published")]
[JsonDerivedType(typeof(RetentionPurge), "retention-purge")]
[JsonDerivedType(typeof(CredentialRegistered), "credential-registered")]
[JsonDerivedType(typeof(RoleGranted), "role-granted")]
[JsonDerivedType(typeof(Disclosure), "disclosure")]
[JsonDerivedType(typeof(Refusal), "refusal")]
public abstract record LogEvent
{
    /// <summary>Whether the event is about the program and stands in the log in full. Otherwise it is about a person and only its commitments do.</summary>
    [JsonIgnore]
    public abstract bool IsPublic { get; }

    /// <summary>Whether a credential, a role, a pause or a charter rests on it, so that it must stay openable.</summary>
    [JsonIgnore]
    public virtual bool CarriesAuthority => true;
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
}

/// <summary>Entry 0: the trust root.</summary>
public sealed record TrustRootSet(TrustRoot Root) : PublicEvent;

/// <summary>An enrollment list, signed by an approver.</summary>
public sealed record PeopleEnrolled(SignedStatement Signed) : PublicEvent;

/// <summary>A charter, in full, signed by its owner.</summary>
/// <param name="Signed">A <see cref="ProposeCharter"/>.</param>
/// <param name="Text">The charter's YAML; its SHA-256 is what is signed.</param>
public sealed record CharterProposed(SignedStatement Signed, string Text) : PublicEvent;

/// <summary>An approval.</summary>
public sealed record CharterApproved(SignedStatement Signed) : PublicEvent;

/// <summary>A refusal to approve.</summary>
public sealed record CharterRefused(SignedStatement Signed) : PublicEvent;

/// <summary>A charter comes into force.</summary>
public sealed record CharterActivated(SignedStatement Signed) : PublicEvent;

/// <summary>A program stops. Stopping needs no signature.</summary>
public sealed record ProgramPaused(string Program, string Reason, DateTimeOffset Time, SignedStatement? Signed = null) : PublicEvent;

/// <summary>A program goes on, on the signatures of privacy officer and works council.</summary>
public sealed record ProgramResumed(string Program, IReadOnlyList<SignedStatement> Signed) : PublicEvent;

/// <summary>The keyholder is about to count: program, charter, period, and a commitment to every group and member that it will count.</summary>
public sealed record ReleaseRun(string Program, string Charter, string Period, int Groups, string Members) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>What a run published: the Merkle root of its cells.</summary>
public sealed record ReleasePublished(ulong Run, string Cells, int Published, int Withheld) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>Expired chunks went: how many, of which kind, expired on which day.</summary>
public sealed record RetentionPurge(DateOnly ExpiredOn, string What, int Rows) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>A credential that chains to an enrollment list.</summary>
/// <param name="Signed">A <see cref="RegisterCredential"/>, signed by the code's key.</param>
/// <param name="CodeKey">The code's public key.</param>
/// <param name="Line">The person's line of the list.</param>
/// <param name="List">Log index of the list.</param>
/// <param name="LineIndex">Position in the list.</param>
/// <param name="Proof">Audit path of the line, base64.</param>
public sealed record CredentialRegistered(
    SignedStatement Signed, string CodeKey, EnrollmentLine Line, ulong List, int LineIndex, IReadOnlyList<string> Proof) : PersonEvent;

/// <summary>A role, on the signatures of a quorum of root approvers.</summary>
public sealed record RoleGranted(SignedStatement Signed) : PersonEvent;

/// <summary>A look, before it happens: the signed ask, and under which rule and relation it is about to be answered.</summary>
/// <param name="Signed">The <see cref="Ask"/>.</param>
/// <param name="Relation">Who the asker is to the subject: <c>self</c>, or a role.</param>
/// <param name="Why">The purposes of the programs.</param>
/// <param name="Programs">What this very read covers; within the ask.</param>
/// <param name="From">First local day of this read.</param>
/// <param name="To">Last local day of this read.</param>
/// <param name="Time">When the server recorded it.</param>
public sealed record Disclosure(
    SignedStatement Signed, string Relation, IReadOnlyList<string> Why, IReadOnlyList<string> Programs, DateOnly From, DateOnly To, DateTimeOffset Time) : PersonEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>A look that was refused. Nothing was shown.</summary>
/// <param name="Asker">Person id of who asked.</param>
/// <param name="Subject">Person id, or empty when it was about a group.</param>
/// <param name="Group">The team, or empty when it was about a person.</param>
/// <param name="Relation">Who the asker is to the subject.</param>
/// <param name="Programs">What was asked for.</param>
/// <param name="What">Records, or the measure.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Reasons">Why not, in words for the person it concerns.</param>
/// <param name="Time">When the first of them came: identical refusals within an hour are one.</param>
public sealed record Refusal(
    string Asker,
    string Subject,
    string Group,
    string Relation,
    IReadOnlyList<string> Programs,
    string What,
    DateOnly From,
    DateOnly To,
    IReadOnlyList<string> Reasons,
    DateTimeOffset Time) : PersonEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>What the subject of an event is shown about it, by the charter's words rather than the server's: derived from the event, never written freely.</summary>
/// <param name="Happened"><c>disclosure</c>, <c>refusal</c>, <c>credential</c> or <c>role</c>.</param>
/// <param name="Subject">Whom it is about; that person alone gets this opening.</param>
/// <param name="Relation">Role or relation of who asked.</param>
/// <param name="Rule">The rule, or empty when none allowed it.</param>
/// <param name="Why">Purposes, or the reasons of the refusal.</param>
/// <param name="Programs">Programs it covered.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Time">When.</param>
public sealed record SubjectView(
    string Happened,
    string Subject,
    string Relation,
    string Rule,
    IReadOnlyList<string> Why,
    IReadOnlyList<string> Programs,
    DateOnly From,
    DateOnly To,
    DateTimeOffset Time)
{
    /// <summary>The view that follows from an event; null when the event has no single subject.</summary>
    public static SubjectView? Of(PersonEvent happened) => happened switch
    {
        Disclosure d when Statement.TryRead(d.Signed.Bytes) is Ask ask =>
            new SubjectView("disclosure", ask.Subject, d.Relation, ask.Rule, d.Why, d.Programs, d.From, d.To, d.Time),
        Refusal { Subject.Length: > 0 } r =>
            new SubjectView("refusal", r.Subject, r.Relation, string.Empty, r.Reasons, r.Programs, r.From, r.To, r.Time),
        CredentialRegistered c when Statement.TryRead(c.Signed.Bytes) is RegisterCredential s =>
            new SubjectView("credential", s.Person, "self", string.Empty, [s.Use], [], default, default, s.Time),
        RoleGranted g when Statement.TryRead(g.Signed.Bytes) is GrantRole s =>
            new SubjectView("role", s.Person, "approvers", string.Empty, [s.Role], [], default, s.Until, s.Time),
        _ => null,
    };
}

/// <summary>What opens a commitment: 32 random bytes, and the canonical JSON that was committed to.</summary>
/// <param name="Salt">Base64.</param>
/// <param name="Json">Canonical JSON.</param>
public sealed record Opening(string Salt, string Json)
{
    /// <summary>Commits to canonical JSON with a fresh salt.</summary>
    public static Opening Of(byte[] canonicalJson) => new(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), System.Text.Encoding.UTF8.GetString(canonicalJson));

    /// <summary>SHA-256(salt ‖ JSON), base64.</summary>
    public string Commitment() => Hash.Of([.. Convert.FromBase64String(Salt), .. System.Text.Encoding.UTF8.GetBytes(Json)]).ToString();

    /// <summary>Whether this opens that commitment.</summary>
    public bool Opens(string commitment)
    {
        var salt = new byte[Salt.Length];
        return Convert.TryFromBase64String(Salt, salt, out var n) && n == 32 && string.Equals(Commitment(), commitment, StringComparison.Ordinal);
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
    /// <summary>Their commitments.</summary>
    public Commitments Commit() => new(Asker.Commitment(), Details.Commitment(), Subject.Commitment());
}

/// <summary>One entry of the log, as it is public.</summary>
/// <param name="V">Schema version, 1.</param>
/// <param name="Day">UTC day on which it was appended.</param>
/// <param name="Event">What happened, when that is public in full.</param>
/// <param name="Commitments">Otherwise what it is committed to.</param>
public sealed record LogEntry(int V, DateOnly Day, LogEvent? Event = null, Commitments? Commitments = null)
{
    /// <summary>The canonical bytes: what the log hashes.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(this, SealingJson.Default.LogEntry);

    /// <summary>Reads an entry; null when the bytes are not one in its one spelling.</summary>
    public static LogEntry? TryRead(ReadOnlyMemory<byte> bytes) => CanonicalJson.Read(bytes, SealingJson.Default.LogEntry) is { V: 1 } entry
        && entry is { Event: PublicEvent, Commitments: null } or { Event: null, Commitments: not null } ? entry : null;

    /// <summary>A public entry.</summary>
    public static LogEntry Of(DateOnly day, PublicEvent happened) => new(1, day, happened, null);

    /// <summary>An entry about a person, with what opens it.</summary>
    /// <param name="day">UTC day.</param>
    /// <param name="happened">The event.</param>
    /// <param name="asker">Canonical JSON that the asker gets; empty object when nobody asked.</param>
    public static (LogEntry Entry, Openings Openings) Of(DateOnly day, PersonEvent happened, byte[] asker)
    {
        var subject = SubjectView.Of(happened) is { } view ? CanonicalJson.Write(view, SealingJson.Default.SubjectView) : "{}"u8.ToArray();
        var openings = new Openings(Opening.Of(asker), Opening.Of(CanonicalJson.Write<LogEvent>(happened, SealingJson.Default.LogEvent)), Opening.Of(subject));
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
            || CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(openings.Details.Json), SealingJson.Default.LogEvent) is not PersonEvent happened)
        {
            return null;
        }

        var expected = SubjectView.Of(happened) is { } view ? System.Text.Encoding.UTF8.GetString(CanonicalJson.Write(view, SealingJson.Default.SubjectView)) : "{}";
        return string.Equals(expected, openings.Subject.Json, StringComparison.Ordinal) ? happened : null;
    }
}
