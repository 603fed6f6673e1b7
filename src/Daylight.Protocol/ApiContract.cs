using System.Text.Json.Serialization;
using Daylight.Sealing;

namespace Daylight.Protocol;

/// <summary>Names of the headers that the API knows.</summary>
public static class DaylightHeaders
{
    /// <summary>Request: id of a signed ask.</summary>
    public const string Ask = "Daylight-Ask";

    /// <summary>Response: log index of the entry under which this answer was given.</summary>
    public const string Entry = "Daylight-Entry";

    /// <summary>Response: something the reader should know, such as a paused program that is left out.</summary>
    public const string Notice = "Daylight-Notice";

    /// <summary>Scheme of <c>Authorization</c> for calls that a credential signs.</summary>
    public const string CredentialScheme = "Daylight";
}

/// <summary>Limits that both sides know.</summary>
public static class DaylightLimits
{
    /// <summary>Most lines of <em>Who looked</em> in one answer, newest first.</summary>
    public const int MostLooks = 1000;
}

/// <summary>What anybody may know of this installation before signing in.</summary>
/// <param name="Company">Its name, as the trust root has it; empty before there is one.</param>
/// <param name="Synthetic">Whether everything here is made up.</param>
/// <param name="KeyholderApart">Whether the keyholder is a process of its own.</param>
/// <param name="Passwords">Whether a password with an authenticator app signs in.</param>
/// <param name="Provider">What the company's identity provider is called; null where people sign in here alone.</param>
public sealed record About(string Company, bool Synthetic, bool KeyholderApart, string? Provider = null, bool Passwords = false);

/// <summary>Who is calling.</summary>
public sealed record Me(string Person, string Name, string Team, string TeamName, IReadOnlyList<string> Roles, IReadOnlyList<TeamSummary> Manages, string Zone);

/// <summary>A team, in short.</summary>
public sealed record TeamSummary(string Id, string Name);

/// <summary>Somebody of the team, for a manager.</summary>
public sealed record PersonSummary(string Id, string Name);

/// <summary>Somebody who leads the caller.</summary>
/// <param name="Id">Person id.</param>
/// <param name="Name">Name.</param>
/// <param name="From">First day of the caller's that this manager may see.</param>
public sealed record ManagerSummary(string Id, string Name, DateOnly From);

/// <summary>Whom somebody means.</summary>
public sealed record PersonWanted(string Email);

/// <summary>A record as a person is shown it.</summary>
/// <param name="Program">Program.</param>
/// <param name="Stream">Stream.</param>
/// <param name="Start">UTC.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Data">The fields that the rule shows.</param>
public sealed record ShownRecord(string Program, string Stream, DateTimeOffset Start, int Duration, IReadOnlyDictionary<string, string> Data);

/// <summary>One line of <em>Who looked</em>.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Happened"><c>disclosure</c>, <c>refusal</c>, <c>credential</c> or <c>role</c>.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Relation">Role or relation of who looked.</param>
/// <param name="Rule">The rule that allowed it, or empty.</param>
/// <param name="Why">Purposes, or the reasons of a refusal.</param>
/// <param name="Programs">Programs.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Name">Who, when the company shows names.</param>
public sealed record LookAtMe(
    ulong Entry,
    string Happened,
    DateTimeOffset Time,
    string Relation,
    string Rule,
    IReadOnlyList<string> Why,
    IReadOnlyList<string> Programs,
    DateOnly From,
    DateOnly To,
    string? Name = null);

/// <summary>Everything that proves one line of <em>Who looked</em>, for the person's own check.</summary>
/// <param name="Entry">The entry's bytes, base64.</param>
/// <param name="Opening">What opens the subject's commitment.</param>
/// <param name="Proof">C2SP tlog-proof.</param>
/// <param name="LogKey">The log's vkey.</param>
/// <param name="WitnessKey">The keyholder's cosigning vkey.</param>
public sealed record LookProof(string Entry, ShownOpening Opening, string Proof, string LogKey, string WitnessKey);

/// <summary>What opens a commitment: SHA-256(salt ‖ JSON).</summary>
/// <param name="Salt">32 bytes, base64.</param>
/// <param name="Json">Canonical JSON.</param>
public sealed record ShownOpening(string Salt, string Json);

/// <summary>The keyholder's count of what it opened of a person, and what it counts.</summary>
/// <param name="Note">A signed <see cref="CountOfOpenings"/>.</param>
/// <param name="Looks">Looks, in the order of the chain.</param>
/// <param name="Releases">Release runs that counted the person, in the order of the chain.</param>
/// <param name="Asked">Looks at others that were made in the person's name, in the order of the chain.</param>
/// <param name="Consistency">Proof from the size that the caller knows to the statement's, base64.</param>
public sealed record OpeningsOfMe(string Note, IReadOnlyList<CountedEntry> Looks, IReadOnlyList<CountedEntry> Releases, IReadOnlyList<CountedEntry> Asked, IReadOnlyList<string> Consistency);

/// <summary>One of them.</summary>
/// <param name="Index">Log index.</param>
/// <param name="Leaf">Leaf hash, base64.</param>
/// <param name="Entry">The entry's bytes, base64, when they were asked for.</param>
/// <param name="Opening">What opens the person's part: the subject's, or the asker's.</param>
public sealed record CountedEntry(ulong Index, string Leaf, string? Entry = null, ShownOpening? Opening = null);

/// <summary>Everything that the keyholder ever opened, a page of it.</summary>
/// <param name="Note">A signed <see cref="TotalOfOpenings"/>.</param>
/// <param name="Indexes">Log indexes, in order.</param>
public sealed record OpeningsOfAll(string Note, IReadOnlyList<ulong> Indexes);

/// <summary>A group figure that somebody may see.</summary>
/// <param name="Program">Program.</param>
/// <param name="Measure">Measure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Weeks">Length of its periods: 1 or 4.</param>
/// <param name="Level">team, department, site or company.</param>
/// <param name="Group">The group.</param>
/// <param name="Name">Its name.</param>
/// <param name="Fewest">Fewest people in a figure.</param>
/// <param name="Noisy">Whether noise hides each person's part.</param>
/// <param name="Above">What is around the group and open to the same viewer, to compare with; null where the charter opens nothing.</param>
public sealed record FigureView(string Program, string Measure, string Unit, int Weeks, string Level, string Group, string Name, int Fewest, bool Noisy, GroupName? Above = null);

/// <summary>What a charter would publish of one level, before anything is collected.</summary>
/// <param name="Measure">Measure.</param>
/// <param name="Level">team, department, site or company.</param>
/// <param name="Weeks">Length of the period.</param>
/// <param name="Fewest">Fewest people in a figure.</param>
/// <param name="Groups">Groups that have anybody.</param>
/// <param name="Shown">How many would be shown in an ordinary period, on average.</param>
/// <param name="TooSmall">How many never would.</param>
/// <param name="NowAndThen">How many would now and then not be shown.</param>
/// <param name="HalfWidth">With noise: half the width of the 95 % interval of the group in the middle, in units of the measure.</param>
/// <param name="Range">With noise: the width of a person's range.</param>
/// <param name="Swamps">Whether noise would leave next to nothing to read.</param>
/// <param name="Says">All of it in a sentence.</param>
public sealed record PublishView(
    string Measure, string Level, int Weeks, int Fewest, int Groups, double Shown, int TooSmall, double NowAndThen, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? HalfWidth, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Range, bool Swamps, string Says);

/// <summary>A group by name.</summary>
/// <param name="Level">team, department, site or company.</param>
/// <param name="Group">The group.</param>
/// <param name="Name">Its name.</param>
public sealed record GroupName(string Level, string Group, string Name);

/// <summary>A release run that counted somebody, with what proves that it committed to so many people before it counted.</summary>
/// <param name="Program">Program.</param>
/// <param name="Period">Period.</param>
/// <param name="Run">Log index of the run.</param>
/// <param name="PeopleInRun">How many people it committed to.</param>
/// <param name="GroupsInRun">How many groups.</param>
/// <param name="Groups">Those that counted this person.</param>
/// <param name="Me">Proof of one's own place, under the run's <c>peopleRoot</c>.</param>
/// <param name="Proofs">Proofs of the groups and their sizes, under its <c>groupRoot</c>, in the order of <paramref name="Groups"/>.</param>
public sealed record CountedMe(
    string Program, string Period, ulong Run, int PeopleInRun, int GroupsInRun, IReadOnlyList<CountedIn> Groups, ReleaseProof Me, IReadOnlyList<ReleaseProof> Proofs);

/// <summary>A group that counted somebody.</summary>
/// <param name="Level">team, department, site or company.</param>
/// <param name="Group">The group.</param>
/// <param name="Name">Its name.</param>
/// <param name="People">How many people the run says it has.</param>
public sealed record CountedIn(string Level, string Group, string Name, int People);

/// <summary>A program, as everybody may read it.</summary>
/// <param name="Program">Name.</param>
/// <param name="Version">Version in force.</param>
/// <param name="State"><c>proposed</c>, <c>active</c>, <c>paused</c>, <c>ended</c>.</param>
/// <param name="Charter">Hash of the charter.</param>
/// <param name="Explain">The one sentence.</param>
/// <param name="Purpose">Purpose.</param>
/// <param name="Necessity">Why.</param>
/// <param name="From">First day.</param>
/// <param name="Until">Last day.</param>
/// <param name="Hours">When it collects, in words.</param>
/// <param name="Collected">Streams and fields, with what happens to each.</param>
/// <param name="Kept">How long each kind is kept.</param>
/// <param name="Viewers">Who is shown what, in words.</param>
/// <param name="Approvals">Roles that agreed.</param>
/// <param name="Measures">Names of the measures.</param>
/// <param name="Text">The charter itself.</param>
/// <param name="Consent">Consent, or why none is asked, in words.</param>
/// <param name="Pending">Hash of a newer charter that waits for approval or activation.</param>
/// <param name="Noise">What of this year's noise its figures have used; null where they have none, or none yet.</param>
/// <param name="HandedIn">Streams that people hand in themselves.</param>
public sealed record ProgramView(
    string Program,
    int Version,
    string State,
    string Charter,
    string Explain,
    string Purpose,
    string Necessity,
    DateOnly From,
    DateOnly Until,
    string Hours,
    IReadOnlyList<CollectedField> Collected,
    IReadOnlyList<KeptKind> Kept,
    IReadOnlyList<string> Viewers,
    IReadOnlyList<string> Approvals,
    IReadOnlyList<string> Measures,
    string Text,
    string Consent,
    string? Pending = null,
    NoiseUse? Noise = null,
    IReadOnlyList<string>? HandedIn = null);

/// <summary>One field that is collected.</summary>
public sealed record CollectedField(string Stream, string Field, string Transform);

/// <summary>How long a kind is kept.</summary>
public sealed record KeptKind(string Kind, int Days);

/// <summary>Asks for an ask: what is wanted. The server fills in the rest and returns the bytes to sign.</summary>
/// <param name="Subject">Person id; absent for oneself.</param>
/// <param name="Programs">Programs; absent for all in force.</param>
/// <param name="Kinds">Kinds; absent for records. Both, for oneself.</param>
/// <param name="From">First local day.</param>
/// <param name="To">Last local day.</param>
/// <param name="Credential">The credential that will sign; absent for whichever of the caller's does, a passkey for one.</param>
/// <param name="Rule">The rule; absent for a look at oneself.</param>
public sealed record AskWanted(
    string? Credential = null, string? Subject = null, IReadOnlyList<string>? Programs = null, IReadOnlyList<string>? Kinds = null, DateOnly? From = null, DateOnly? To = null, string? Rule = null);

/// <summary>An ask that waits for its signature.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Bytes">The canonical bytes to sign, base64.</param>
/// <param name="Expires">When it stops serving.</param>
public sealed record AskCreated(string Id, string Bytes, DateTimeOffset Expires);

/// <summary>A signature for an ask.</summary>
/// <param name="Kind"><c>device</c>: P-256 over the bytes, IEEE P1363; <c>webauthn</c>: a passkey's assertion, whose challenge is SHA-256 of the bytes.</param>
/// <param name="Value">Base64; for a passkey absent.</param>
/// <param name="Credential">Who signed, where the ask names nobody; for a passkey absent.</param>
/// <param name="Assertion">What <c>PublicKeyCredential.toJSON()</c> gives (WebAuthn Level 3 §5.1).</param>
public sealed record AskSignature(string Kind, string? Value = null, string? Credential = null, System.Text.Json.JsonElement? Assertion = null);

/// <summary>An event with authority, on its way to the log.</summary>
public sealed record SubmitEvent(LogEvent Event);

/// <summary>Where something was recorded.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Says">What who brought it should know; null when there is nothing.</param>
public sealed record Recorded(ulong Entry, string? Says = null);

/// <summary>Stops a program.</summary>
public sealed record PauseWanted(string Reason);

/// <summary>A token for scripts.</summary>
/// <param name="Name">What its holder calls it.</param>
/// <param name="Days">How long it lives.</param>
/// <param name="Scope"><c>read</c>: it reads only; <c>all</c>: what its holder may do without a signature.</param>
public sealed record TokenWanted(string Name, int Days, string Scope = "all");

/// <summary>A token or a session of one's own.</summary>
/// <param name="Id">Names it: the beginning of its hash.</param>
/// <param name="Name">What its holder calls it.</param>
/// <param name="Scope"><c>read</c> or <c>all</c>.</param>
/// <param name="Made">On which day it was made.</param>
/// <param name="Until">Its last day.</param>
/// <param name="LastUsed">On which day it was used last; null when never.</param>
public sealed record TokenView(string Id, string Name, string Scope, DateOnly Made, DateOnly Until, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? LastUsed);

/// <summary>A key of one's own.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Use"><c>person</c>: what one signs with; <c>device</c>: an enrolled machine.</param>
/// <param name="Entry">Log index of its registration; null for a key of the trust root.</param>
/// <param name="Origin">Where a passkey signs; null for another key.</param>
public sealed record CredentialView(string Id, string Use, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ulong? Entry, string? Origin = null);

/// <summary>A fresh token; shown once.</summary>
public sealed record TokenMade(string Token, DateOnly Until);

/// <summary>An enrollment list that an approver signed, with its lines.</summary>
/// <param name="Signed">The list's Merkle root, signed.</param>
/// <param name="Lines">Its lines.</param>
public sealed record EnrollmentListMade(SignedStatement Signed, IReadOnlyList<EnrollmentLine> Lines);

/// <summary>The enrollment list's line for a one-time code, with its proof.</summary>
/// <param name="Line">The line.</param>
/// <param name="List">Log index of the list.</param>
/// <param name="Index">Position in the list.</param>
/// <param name="Proof">Audit path of the line.</param>
/// <param name="Root">The trust root's canonical bytes, as text.</param>
/// <param name="Checkpoint">A checkpoint that covers the list.</param>
/// <param name="Evidence">The trust root's entry and the list's, with their proofs.</param>
public sealed record EnrollmentFound(
    EnrollmentLine Line, ulong List, int Index, IReadOnlyList<string> Proof, string Root, string Checkpoint, IReadOnlyList<EvidenceEntry> Evidence);

/// <summary>Everything an agent needs to know whether, and what, it may collect; each part is checked from the pinned trust root.</summary>
/// <param name="Checkpoint">Signed by the log, cosigned by the keyholder.</param>
/// <param name="Consistency">Proof from the size that the agent knows.</param>
/// <param name="Evidence">The entries that its charters rest on, each with its proof.</param>
/// <param name="Keys">The keyholder's key statements for this person.</param>
/// <param name="Status">The keyholder's status statements.</param>
/// <param name="Zone">The person's zone, as the directory has it.</param>
/// <param name="Teams">Team ids from the person's own team upwards.</param>
/// <param name="Site">Site.</param>
/// <param name="Country">Country, or empty.</param>
/// <param name="Employment">Employment type, or empty.</param>
/// <param name="Roles">Roles held.</param>
/// <param name="Left">First day on which the person no longer works here, or null: from then on nothing is collected.</param>
/// <param name="Managers">Whom the directory has as the person's managers today: to them a submission goes, if the person says so.</param>
/// <param name="Witnessed">A checkpoint of the last 24 hours with the witnesses' cosignatures, where the policy asks for others than the keyholder.</param>
/// <param name="WitnessedConsistency">Proof from the witnessed checkpoint's size to <paramref name="Checkpoint"/>'s.</param>
/// <param name="Covered">Since which day each program covers this person, by the directory: from there their notice counts.</param>
public sealed record AgentBundle(
    string Checkpoint,
    IReadOnlyList<string> Consistency,
    IReadOnlyList<EvidenceEntry> Evidence,
    IReadOnlyList<string> Keys,
    IReadOnlyList<string> Status,
    string Zone,
    IReadOnlyList<string> Teams,
    string Site,
    string Country,
    string Employment,
    IReadOnlyList<string> Roles,
    DateOnly? Left = null,
    IReadOnlyList<ManagerSummary>? Managers = null,
    string? Witnessed = null,
    IReadOnlyList<string>? WitnessedConsistency = null,
    IReadOnlyDictionary<string, DateOnly>? Covered = null);

/// <summary>What became of programs, as the keyholder says it.</summary>
/// <param name="Mark">Names it; to ask with the next time.</param>
/// <param name="Status">The keyholder's status statements; empty when nothing is new.</param>
public sealed record AgentChanges(string Mark, IReadOnlyList<string> Status);

/// <summary>An entry with its proof.</summary>
public sealed record EvidenceEntry(ulong Index, string Entry, IReadOnlyList<string> Proof, Openings? Openings = null);

/// <summary>A sealed chunk on its way up.</summary>
/// <param name="Program">Program.</param>
/// <param name="Kind"><c>records</c>, <c>submissions</c> or <c>contribution</c>.</param>
/// <param name="Stream">Stream, or empty.</param>
/// <param name="Day">Local day, or ISO week.</param>
/// <param name="Id">Random, 32 hexadecimal digits; the same again is the same chunk.</param>
/// <param name="Sealed">Base64.</param>
public sealed record UploadedChunk(string Program, string Kind, string Stream, string Day, string Id, string Sealed);

/// <summary>Chunks in one upload.</summary>
public sealed record Upload(IReadOnlyList<UploadedChunk> Chunks);

/// <summary>What became of each chunk: <c>stored</c>, or why not.</summary>
public sealed record UploadResult(IReadOnlyList<ChunkOutcome> Outcomes);

/// <summary>What became of one chunk.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State"><c>stored</c>, <c>paused</c> (keep it) or <c>refused</c> (for good).</param>
/// <param name="Reason">Why, when not stored.</param>
public sealed record ChunkOutcome(string Id, string State, string? Reason = null);

/// <summary>RFC 9457 problem details, with the rule that is missing.</summary>
public sealed record Problem(string Type, string Title, int Status, string Detail)
{
    /// <summary>The rule or the credential that is missing.</summary>
    public string? Missing { get; init; }

    /// <summary>Stable names of every reason.</summary>
    public IReadOnlyList<string>? Codes { get; init; }

    /// <summary>Every reason, in words.</summary>
    public IReadOnlyList<string>? Reasons { get; init; }

    /// <summary>Log index under which the refusal was recorded.</summary>
    public ulong? Entry { get; init; }

    /// <summary>What to ask for, and sign, where nothing but that is missing.</summary>
    public AskWanted? Ask { get; init; }
}

/// <summary>What the demo lets one be.</summary>
public sealed record DemoPersona(string Token, string Person, string Team, string Role);

/// <summary>A persona of the demo, as the sign-in page lists it: no token.</summary>
public sealed record DemoChoice(string Name, string DisplayName, string Team, string Role);

/// <summary>Serialization of the contract.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(KeyholderRequest))]
[JsonSerializable(typeof(KeyholderResponse))]
[JsonSerializable(typeof(CountedGroup))]
[JsonSerializable(typeof(CountedPerson))]
[JsonSerializable(typeof(IReadOnlyList<PayloadRecord>))]
[JsonSerializable(typeof(ContributionPayload))]
[JsonSerializable(typeof(SubmissionPayload))]
[JsonSerializable(typeof(IReadOnlyList<ReleaseCell>))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(About))]
[JsonSerializable(typeof(PersonWanted))]
[JsonSerializable(typeof(PersonSummary))]
[JsonSerializable(typeof(IReadOnlyList<PersonSummary>))]
[JsonSerializable(typeof(IReadOnlyList<ShownRecord>))]
[JsonSerializable(typeof(IReadOnlyList<LookAtMe>))]
[JsonSerializable(typeof(LookProof))]
[JsonSerializable(typeof(IReadOnlyList<VersionView>))]
[JsonSerializable(typeof(LogState))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(LogEntryProof))]
[JsonSerializable(typeof(LogGrowth))]
[JsonSerializable(typeof(OperationsView))]
[JsonSerializable(typeof(IReadOnlyList<FigureView>))]
[JsonSerializable(typeof(IReadOnlyList<CountedMe>))]
[JsonSerializable(typeof(IReadOnlyList<PublishView>))]
[JsonSerializable(typeof(IReadOnlyList<ProgramView>))]
[JsonSerializable(typeof(IReadOnlyList<PasskeyView>))]
[JsonSerializable(typeof(PasskeyInvitation))]
[JsonSerializable(typeof(Daylight.Sealing.SignedStatement))]
[JsonSerializable(typeof(SignInWanted))]
[JsonSerializable(typeof(WaysIn))]
[JsonSerializable(typeof(PasskeyWaits))]
[JsonSerializable(typeof(PasskeyWanted))]
[JsonSerializable(typeof(PasskeyQuestion))]
[JsonSerializable(typeof(PasskeyAnswer))]
[JsonSerializable(typeof(AskWanted))]
[JsonSerializable(typeof(AskCreated))]
[JsonSerializable(typeof(IReadOnlyList<AskCreated>))]
[JsonSerializable(typeof(AskSignature))]
[JsonSerializable(typeof(SubmitEvent))]
[JsonSerializable(typeof(Recorded))]
[JsonSerializable(typeof(PauseWanted))]
[JsonSerializable(typeof(TokenWanted))]
[JsonSerializable(typeof(TokenMade))]
[JsonSerializable(typeof(IReadOnlyList<TokenView>))]
[JsonSerializable(typeof(IReadOnlyList<CredentialView>))]
[JsonSerializable(typeof(EnrollmentFound))]
[JsonSerializable(typeof(EnrollmentListMade))]
[JsonSerializable(typeof(AgentBundle))]
[JsonSerializable(typeof(AgentChanges))]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(UploadResult))]
[JsonSerializable(typeof(OpeningsOfMe))]
[JsonSerializable(typeof(OpeningsOfAll))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(IReadOnlyList<DemoChoice>))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(TrustRoot))]
[JsonSerializable(typeof(IReadOnlyList<JobView>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, DemoPersona>))]
[JsonSerializable(typeof(IReadOnlyList<SightView>))]
[JsonSerializable(typeof(IReadOnlyList<CouldSeeMe>))]
[JsonSerializable(typeof(ExposureOfViewer))]
[JsonSerializable(typeof(ExposureSummary))]
[JsonSerializable(typeof(ChangeWanted))]
[JsonSerializable(typeof(ChangeExposure))]
[JsonSerializable(typeof(DirectoryImport))]
[JsonSerializable(typeof(PersonEdit))]
[JsonSerializable(typeof(DirectoryOutcome))]
[JsonSerializable(typeof(DirectoryState))]
[JsonSerializable(typeof(ScimToken))]
[JsonSerializable(typeof(IReadOnlyList<CaseView>))]
[JsonSerializable(typeof(IReadOnlyList<CaseRule>))]
[JsonSerializable(typeof(IReadOnlyList<NoticeView>))]
[JsonSerializable(typeof(NoticesSeen))]
[JsonSerializable(typeof(IReadOnlyList<ChoiceView>))]
[JsonSerializable(typeof(IReadOnlyList<ErasureView>))]
[JsonSerializable(typeof(ConsentCounts))]
[JsonSerializable(typeof(IReadOnlyList<ObjectionView>))]
[JsonSerializable(typeof(DraftView))]
[JsonSerializable(typeof(ProgramFacts))]
[JsonSerializable(typeof(StopView))]
[JsonSerializable(typeof(IReadOnlyList<ReviewView>))]
[JsonSerializable(typeof(ReviewView))]
[JsonSerializable(typeof(ExposureRead))]
[JsonSerializable(typeof(IReadOnlyList<KeptView>))]
[JsonSerializable(typeof(IReadOnlyList<PurgeView>))]
[JsonSerializable(typeof(IReadOnlyList<AccessReviewView>))]
[JsonSerializable(typeof(IReadOnlyList<AccessItem>))]
[JsonSerializable(typeof(IncidentAsked))]
[JsonSerializable(typeof(IncidentFactsMade))]
[JsonSerializable(typeof(IncidentFacts))]
[JsonSerializable(typeof(IReadOnlyList<IncidentView>))]
[JsonSerializable(typeof(IncidentView))]
public sealed partial class ProtocolJson : JsonSerializerContext;
