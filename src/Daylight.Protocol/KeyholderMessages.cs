using System.Text.Json;
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
[JsonDerivedType(typeof(CountMore), "count-more")]
[JsonDerivedType(typeof(CountEnd), "count-end")]
[JsonDerivedType(typeof(Pause), "pause")]
[JsonDerivedType(typeof(EntriesFrom), "entries")]
[JsonDerivedType(typeof(OpeningsOf), "openings")]
[JsonDerivedType(typeof(AllOpenings), "all-openings")]
[JsonDerivedType(typeof(CertificateOf), "certificate")]
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
    /// <param name="Witnessed">A checkpoint that the witnesses cosigned, where the policy asks for others than the keyholder.</param>
    public sealed record Open(
        ulong Index, [property: JsonConverter(typeof(PackedOpenings))] Openings Openings, string Checkpoint, IReadOnlyList<string> Proof, IReadOnlyList<StoredChunk> Chunks, string? Witnessed = null) : KeyholderRequest;

    /// <summary>Begin to count what the release run at an index of the log committed to. Contributions follow in parts, so that looks are answered meanwhile.</summary>
    /// <param name="Index">Where the run stands.</param>
    /// <param name="Checkpoint">A checkpoint that covers it.</param>
    /// <param name="Proof">Audit path to that checkpoint, base64.</param>
    /// <param name="Groups">Openings of the groups, each a canonical <see cref="CountedGroup"/>.</param>
    /// <param name="People">Openings of the people, each a canonical <see cref="CountedPerson"/>.</param>
    /// <param name="Witnessed">A checkpoint that the witnesses cosigned, where the policy asks for others than the keyholder.</param>
    public sealed record Count(
        ulong Index, string Checkpoint, IReadOnlyList<string> Proof, IReadOnlyList<Opening> Groups, IReadOnlyList<Opening> People, string? Witnessed = null) : KeyholderRequest;

    /// <summary>Sealed contributions for the count that has begun; all of a person in one part.</summary>
    /// <param name="Index">Where the run stands.</param>
    /// <param name="Contributions">Contributions.</param>
    public sealed record CountMore(ulong Index, IReadOnlyList<PersonChunk> Contributions) : KeyholderRequest;

    /// <summary>That was all: answer with the cells.</summary>
    /// <param name="Index">Where the run stands.</param>
    public sealed record CountEnd(ulong Index) : KeyholderRequest;

    /// <summary>Stop a program now: a signed <see cref="PauseProgram"/>, obeyed before it is logged. Anybody may bring one; the signature is what counts.</summary>
    public sealed record Pause(SignedStatement Signed) : KeyholderRequest;

    /// <summary>Give back what was followed, so that a server restored from an older copy goes on with this history instead of another.</summary>
    /// <param name="From">Index of the first entry.</param>
    /// <param name="Most">How many at the most.</param>
    public sealed record EntriesFrom(ulong From, int Most) : KeyholderRequest;

    /// <summary>How often were this person's seals opened, and under which entries?</summary>
    /// <param name="Person">Person id.</param>
    /// <param name="Nonce">Chosen by who asks; it stands in the signed answer.</param>
    public sealed record OpeningsOf(string Person, string Nonce) : KeyholderRequest;

    /// <summary>Every entry that was ever opened, in order, from a position on.</summary>
    public sealed record AllOpenings(long From, int Most) : KeyholderRequest;

    /// <summary>The certificate of the destruction at an index of the log.</summary>
    public sealed record CertificateOf(ulong Index) : KeyholderRequest;
}

/// <summary>An entry on its way to the keyholder.</summary>
/// <param name="Entry">Bytes, base64.</param>
/// <param name="Openings">For an entry about a person.</param>
public sealed record FollowedEntry(string Entry, [property: JsonConverter(typeof(PackedOpenings))] Openings? Openings = null);

/// <summary>Openings on their way, packed: base64 of <see cref="Openings.ToBytes"/>, which is read and written faster than JSON within JSON.</summary>
public sealed class PackedOpenings : JsonConverter<Openings>
{
    /// <inheritdoc/>
    public override Openings Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Openings.TryRead(reader.GetBytesFromBase64()) ?? throw new JsonException("Not openings.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Openings value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value.ToBytes());
}

/// <summary>An entry whose seals were opened.</summary>
/// <param name="Index">Log index.</param>
/// <param name="Leaf">Its leaf hash, base64.</param>
public sealed record OpenedEntry(ulong Index, string Leaf);

/// <summary>A stored chunk with what the keyholder needs to rebuild its <c>info</c>; the subject comes from the log entry.</summary>
public sealed record StoredChunk(string Program, string Kind, string Stream, string Day, string Sealed);

/// <summary>A contribution of a person.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Week">ISO week.</param>
/// <param name="Sealed">Sealed bytes, base64.</param>
public sealed record PersonChunk(string Person, string Week, string Sealed);

/// <summary>A group that a run counts, with how many people the directory has in it.</summary>
/// <param name="Level">team, department, site or company.</param>
/// <param name="Group">Its id or name.</param>
/// <param name="Parent">Of a team: the team above, or empty.</param>
/// <param name="People">People; of a team without those who lead somebody of it.</param>
public sealed record CountedGroup(string Level, string Group, string Parent, int People);

/// <summary>Somebody whom a run counts, and where.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Team">Team on the first day of the period.</param>
/// <param name="Site">Site, or empty.</param>
/// <param name="Leads">Whether they lead somebody of the team, and count around it only.</param>
/// <param name="Stayed">Whether they were in the team to the last day; otherwise their number counts nowhere.</param>
public sealed record CountedPerson(string Person, string Team, string Site, bool Leads, bool Stayed);

/// <summary>The keyholder's answer.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "answer")]
[JsonDerivedType(typeof(Identity), "identity")]
[JsonDerivedType(typeof(Followed), "followed")]
[JsonDerivedType(typeof(Statements), "statements")]
[JsonDerivedType(typeof(Opened), "opened")]
[JsonDerivedType(typeof(Counting), "counting")]
[JsonDerivedType(typeof(Counted), "counted")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Paused), "paused")]
[JsonDerivedType(typeof(EntriesKept), "entries")]
[JsonDerivedType(typeof(OpeningsMade), "openings")]
[JsonDerivedType(typeof(AllOpeningsMade), "all-openings")]
public abstract record KeyholderResponse
{
    private KeyholderResponse()
    {
    }

    /// <summary>The keyholder's keys, how far it has followed, and what it waits for.</summary>
    /// <param name="StatementKey">vkey of its statements.</param>
    /// <param name="WitnessKey">vkey of its cosignatures.</param>
    /// <param name="Size">Entries followed.</param>
    /// <param name="LogRoot">Root of the log at that size.</param>
    /// <param name="Pauses">Pauses that came to it directly and are not in the log yet.</param>
    /// <param name="Mark">A <see cref="StartMark"/> that the log is to hold before anything is opened, or null.</param>
    /// <param name="Trouble">Why nothing is opened now, in words; null when it is ready.</param>
    public sealed record Identity(
        string StatementKey, string WitnessKey, ulong Size, string LogRoot, IReadOnlyList<SignedStatement> Pauses, string? Mark = null, string? Trouble = null) : KeyholderResponse;

    /// <summary>Its cosignature line (C2SP tlog-cosignature).</summary>
    /// <param name="Size">Entries followed.</param>
    /// <param name="Waits">Whether it has something for the log: its mark, or a pause (see <see cref="Identity"/>).</param>
    /// <param name="Cosignature">The line; null while the log names another keyholder.</param>
    public sealed record Followed(ulong Size, bool Waits, string? Cosignature = null) : KeyholderResponse;

    /// <summary>The program is paused from now on.</summary>
    public sealed record Paused(string Program) : KeyholderResponse;

    /// <summary>Entries that it keeps, with the openings of the last 30 days and of all that carries authority.</summary>
    public sealed record EntriesKept(IReadOnlyList<FollowedEntry> Entries) : KeyholderResponse;

    /// <summary>The signed count of a person's openings, and what it counts.</summary>
    /// <param name="Note">A signed <see cref="CountOfOpenings"/>.</param>
    /// <param name="Looks">Looks, in the order of the chain.</param>
    /// <param name="Releases">Release runs, in the order of the chain.</param>
    /// <param name="Asked">Looks at others in the person's name, in the order of the chain.</param>
    public sealed record OpeningsMade(string Note, IReadOnlyList<OpenedEntry> Looks, IReadOnlyList<OpenedEntry> Releases, IReadOnlyList<OpenedEntry> Asked) : KeyholderResponse;

    /// <summary>The signed total, and a part of what it counts, in order.</summary>
    /// <param name="Note">A signed <see cref="TotalOfOpenings"/>.</param>
    /// <param name="Indexes">Log indexes.</param>
    public sealed record AllOpeningsMade(string Note, IReadOnlyList<ulong> Indexes) : KeyholderResponse;

    /// <summary>Signed statements.</summary>
    public sealed record Statements(IReadOnlyList<string> Notes) : KeyholderResponse;

    /// <summary>What the rule shows, and nothing else.</summary>
    /// <param name="Records">Projected records.</param>
    /// <param name="Unreadable">Chunks that did not open: changed, moved, or sealed to a destroyed key.</param>
    /// <param name="Unsigned">Chunks that no device of this person had signed; left out.</param>
    public sealed record Opened(IReadOnlyList<ShownRecord> Records, int Unreadable, int Unsigned) : KeyholderResponse;

    /// <summary>The count goes on.</summary>
    public sealed record Counting : KeyholderResponse;

    /// <summary>Release cells.</summary>
    /// <param name="Cells">Every cell of the period, shown or not.</param>
    /// <param name="Noise">What of the year's noise the program has used, or null where it draws none.</param>
    public sealed record Counted(IReadOnlyList<ReleaseCell> Cells, NoiseUse? Noise = null) : KeyholderResponse;

    /// <summary>No, and why.</summary>
    /// <param name="Code">Stable name of the condition that failed.</param>
    /// <param name="Message">In words.</param>
    public sealed record Refused(string Code, string Message) : KeyholderResponse;
}

/// <summary>A cell as the keyholder released it.</summary>
/// <param name="Level">team, department, site or company.</param>
/// <param name="Group">Team id, name of a site, or company.</param>
/// <param name="Measure">Measure.</param>
/// <param name="Period">ISO week such as 2026-W47, or four of them: 2026-W45/P4W.</param>
/// <param name="Value">Mean per person and period, when shown.</param>
/// <param name="Low">What it is at least, by its rounding or, with noise, by the 95 % interval.</param>
/// <param name="High">What it is at the most.</param>
/// <param name="People">People counted, when shown; with noise, people of the directory.</param>
/// <param name="Reason">Why it is withheld, otherwise.</param>
public sealed record ReleaseCell(
    string Level, string Group, string Measure, string Period, int? Value = null, int? Low = null, int? High = null, int? People = null, string? Reason = null);

/// <summary>How much of the noise that hides people a program has used in a year.</summary>
/// <param name="Year">ISO year.</param>
/// <param name="Used">What the figures so far can cost anybody at the most, as ε.</param>
/// <param name="Budget">What those of the whole year can, as ε.</param>
/// <param name="Delta">The chance that the promise does not hold.</param>
public sealed record NoiseUse(int Year, double Used, double Budget, double Delta);

/// <summary>What a records chunk holds.</summary>
/// <param name="Start">Start of the time step, UTC.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Data">Fields.</param>
public sealed record PayloadRecord(DateTimeOffset Start, int Duration, IReadOnlyDictionary<string, string> Data);

/// <summary>
/// What a person handed in of one stream and day. To whom it is handed in, the person signs with it: the keyholder shows it to nobody else of the rule's relation, whatever
/// the directory says later. What was handed in last counts.
/// </summary>
/// <param name="Submitted">When.</param>
/// <param name="To">Person ids of those to whom it was handed in; who holds a role that the charter names, and the person, need not stand here.</param>
/// <param name="Entries">What it says; none takes back what was handed in before.</param>
public sealed record SubmissionPayload(DateTimeOffset Submitted, IReadOnlyList<string> To, IReadOnlyList<PayloadRecord> Entries);

/// <summary>What a contribution holds: one person's day values of one week, from one device.</summary>
/// <param name="Week">ISO week.</param>
/// <param name="Days">Values by local day, then measure.</param>
public sealed record ContributionPayload(string Week, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Days);
