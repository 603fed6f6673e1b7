using System.Text.Json.Serialization;

namespace Daylight.Protocol;

/// <summary>What somebody may decide about a program that covers them, and has decided.</summary>
/// <param name="Program">Program.</param>
/// <param name="Charter">Hash of the charter in force.</param>
/// <param name="State"><c>active</c>, <c>paused</c> or <c>ended</c>.</param>
/// <param name="Explain">The one sentence.</param>
/// <param name="Asks"><c>opt-in</c>, <c>opt-out</c>, or <c>none</c>.</param>
/// <param name="MayObject">Whether one may object to it.</param>
/// <param name="Said"><c>given</c>, <c>withdrawn</c>, <c>objected</c>, <c>upheld</c>, <c>rejected</c>; null when nothing was said.</param>
/// <param name="Entry">Log index of what was said last, or of the answer.</param>
/// <param name="IsCollected">Whether anything is collected of this person, by what they said.</param>
/// <param name="Why">Why not, in words; null when it is.</param>
/// <param name="Begins">First local day of collection under the charter in force.</param>
/// <param name="Former">The version that goes on until then; null when none does, or it has begun.</param>
/// <param name="AsksNotice">Whether nothing is collected before the notice is acknowledged.</param>
/// <param name="Noticed">Whether it was, for this charter.</param>
/// <param name="Due">Last day for the answer to an objection that waits.</param>
public sealed record ChoiceView(
    string Program, string Charter, string State, string Explain, string Asks, bool MayObject, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Said, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ulong? Entry, bool IsCollected, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Why, DateOnly Begins, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Former, bool AsksNotice, bool Noticed, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? Due);

/// <summary>An erasure of one's own.</summary>
/// <param name="Entry">Log index of the order.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="By"><c>self</c> or <c>privacy-officer</c>.</param>
/// <param name="Programs">Of which programs.</param>
/// <param name="Reason">Why.</param>
/// <param name="Certificates">What the keyholder certified.</param>
/// <param name="Waiting">Why the rest waits, in words; null when all is done.</param>
public sealed record ErasureView(ulong Entry, DateTimeOffset Time, string By, IReadOnlyList<string> Programs, string Reason, IReadOnlyList<CertificateView> Certificates, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Waiting);

/// <summary>A certificate of the keyholder.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Programs">Programs whose keys are destroyed.</param>
/// <param name="Keys">How many keys.</param>
/// <param name="Time">When.</param>
/// <param name="BackupsUnreadable">First day on which the keyholder's own backups cannot be read either.</param>
/// <param name="Note">The signed note itself.</param>
public sealed record CertificateView(ulong Entry, IReadOnlyList<string> Programs, int Keys, DateTimeOffset Time, DateOnly BackupsUnreadable, string Note);

/// <summary>How many people said what about a program. Nobody learns who; what would be few says so instead of its number.</summary>
/// <param name="Program">Program.</param>
/// <param name="Asks"><c>opt-in</c>, <c>opt-out</c> or <c>none</c>.</param>
/// <param name="Covered">How many it covers.</param>
/// <param name="Fewest">Smallest number that is said.</param>
/// <param name="Yes">Who said yes; null where either side would be fewer than <paramref name="Fewest"/>.</param>
/// <param name="No">Who said no, or objected and is not collected; null likewise.</param>
public sealed record ConsentCounts(string Program, string Asks, int Covered, int Fewest, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Yes, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? No);

/// <summary>An objection, for who answers it.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Person">Person id.</param>
/// <param name="Name">Name.</param>
/// <param name="Program">Program.</param>
/// <param name="Grounds">Why.</param>
/// <param name="Due">Last day for the answer.</param>
/// <param name="State"><c>waiting</c>, <c>overdue</c>, <c>upheld</c> or <c>rejected</c>.</param>
public sealed record ObjectionView(ulong Entry, string Person, string Name, string Program, string Grounds, DateOnly Due, string State);

/// <summary>Everything that approvers see of a charter, and what they sign with it.</summary>
/// <param name="Program">Program.</param>
/// <param name="Charter">Hash of the charter.</param>
/// <param name="Version">Its version.</param>
/// <param name="State"><c>proposed</c>, <c>approved</c>, <c>refused</c>, <c>active</c>.</param>
/// <param name="Text">The YAML.</param>
/// <param name="Employees">What employees read, as Markdown, in English.</param>
/// <param name="Findings">What the check found.</param>
/// <param name="Changes">What is different from the charter in force; wider first, marked with +.</param>
/// <param name="Forecast">What it would publish, with the expected error.</param>
/// <param name="Facts">What the last period shows; null before there was one.</param>
/// <param name="Approved">Roles that approved.</param>
/// <param name="Missing">Roles that have not.</param>
/// <param name="Decisions">What was decided, in order.</param>
/// <param name="People">How many people the directory has.</param>
/// <param name="Appear">How many sights appear: somebody could see something about somebody.</param>
/// <param name="Disappear">How many disappear.</param>
/// <param name="Terms">Both by terms.</param>
/// <param name="Read">What an approval carries of all this, as JSON in base64.</param>
public sealed record DraftView(
    string Program, string Charter, int Version, string State, string Text, string Employees, IReadOnlyList<string> Findings, IReadOnlyList<string> Changes, IReadOnlyList<string> Forecast, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ProgramFacts? Facts,
    IReadOnlyList<string> Approved, IReadOnlyList<string> Missing, IReadOnlyList<DecisionView> Decisions, int People, long Appear, long Disappear, IReadOnlyList<TermsChangeView> Terms, string Read);

/// <summary>A version of a program's charter, from its proposal on: everybody may read it.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Charter">Its hash.</param>
/// <param name="State"><c>proposed</c>, <c>refused</c>, <c>active</c>, <c>replaced</c> by a later one, or <c>ended</c>.</param>
/// <param name="Proposed">Log index of the proposal.</param>
/// <param name="InForce">The day on which it was put in force.</param>
/// <param name="EndedOn">The day on which it was ended before its last one.</param>
/// <param name="Why">Why it was ended so.</param>
/// <param name="Decisions">Who agreed to it or refused it, by role.</param>
/// <param name="Changes">What is different from the version that was in force before it: what widens begins with +, what narrows with -.</param>
/// <param name="Text">It in full.</param>
public sealed record VersionView(
    int Version, string Charter, string State, ulong Proposed, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? InForce, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? EndedOn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Why, IReadOnlyList<DecisionView> Decisions, IReadOnlyList<string> Changes, string Text);

/// <summary>An approval or a refusal of a charter.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Role">In which role.</param>
/// <param name="Shown">SHA-256 of everything that was shown to who approved, which the server keeps; null for a refusal.</param>
/// <param name="Reason">Why it was refused; null for an approval.</param>
public sealed record DecisionView(ulong Entry, string Role, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Shown, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Reason);

/// <summary>What a period of a program shows: who looked how often, and what nobody ever used.</summary>
/// <param name="Program">Program.</param>
/// <param name="From">First day of the period.</param>
/// <param name="To">Last day.</param>
/// <param name="Looks">By rule: looks at others.</param>
/// <param name="Unused">Fields that no release and no look at somebody else ever used.</param>
/// <param name="Published">Cells that were shown.</param>
/// <param name="Suppressed">Cells that were not, by reason.</param>
/// <param name="Advice">In sentences: what to remove.</param>
public sealed record ProgramFacts(
    string Program, DateOnly From, DateOnly To, IReadOnlyList<RuleUse> Looks, IReadOnlyList<UnusedField> Unused, long Published, IReadOnlyList<SuppressedCells> Suppressed, IReadOnlyList<string> Advice);

/// <summary>How often a rule served for a look at somebody else.</summary>
public sealed record RuleUse(string Rule, long Looks, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? Last);

/// <summary>A field that was collected and never used.</summary>
public sealed record UnusedField(string Stream, string Field, int Days);

/// <summary>Cells that were not shown.</summary>
public sealed record SuppressedCells(string Reason, long Cells);

/// <summary>How a stop spreads.</summary>
/// <param name="Program">Program.</param>
/// <param name="Pause">Log index of the pause; null when it is not paused.</param>
/// <param name="Reason">Why it was paused.</param>
/// <param name="Since">Since when.</param>
/// <param name="Keyholder">Whether the keyholder says that it keeps it shut.</param>
/// <param name="Machines">Enrolled machines.</param>
/// <param name="Connected">Machines that wait at this node for news now.</param>
/// <param name="Told">Machines that this node told, whether they have taken it or not.</param>
/// <param name="Confirmed">Machines that have taken it.</param>
/// <param name="LastReceived">When something last came for it, to the minute.</param>
/// <param name="Review">Log index of the review that is open, or null.</param>
public sealed record StopView(
    string Program, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ulong? Pause, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Reason, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? Since, bool Keyholder, int Machines, int Connected, int Told, long Confirmed, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? LastReceived, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ulong? Review);

/// <summary>A review, as everybody may read it.</summary>
/// <param name="Entry">Log index of its opening.</param>
/// <param name="Program">Program.</param>
/// <param name="Pause">Log index of the pause that it is about; null for one that the charter asks for.</param>
/// <param name="Why">Why the program was paused.</param>
/// <param name="Opened">When it was opened.</param>
/// <param name="Due">By when.</param>
/// <param name="State"><c>open</c>, <c>reported</c>, <c>signed</c> or <c>closed</c>.</param>
/// <param name="Report">The report, or null before there is one.</param>
/// <param name="Digest">Its SHA-256, hexadecimal.</param>
/// <param name="SignedOff">Roles that signed it off.</param>
/// <param name="Missing">Roles that have not.</param>
/// <param name="Evidence">The entries that it rests on, with proofs, for whoever checks it offline.</param>
public sealed record ReviewView(
    ulong Entry, string Program, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ulong? Pause, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Why, DateOnly Opened, DateOnly Due, string State, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ReviewText? Report, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Digest, IReadOnlyList<string> SignedOff, IReadOnlyList<string> Missing,
    IReadOnlyList<SignedPart>? Evidence = null);

/// <summary>What a review after a pause found.</summary>
/// <param name="Summary">For every employee.</param>
/// <param name="Findings">What was wrong.</param>
public sealed record ReviewText(string Summary, IReadOnlyList<FindingText> Findings);

/// <summary>Something that was wrong, its fix, and the test that shows that the fix holds.</summary>
public sealed record FindingText(string What, string Fix, string Tried, string Refused, string Output);

/// <summary>An entry that a published review rests on.</summary>
/// <param name="What">What it is, in words.</param>
/// <param name="Entry">The entry's bytes, base64.</param>
/// <param name="Proof">C2SP tlog-proof.</param>
public sealed record SignedPart(string What, string Entry, string Proof);

/// <summary>What a program keeps, of one kind.</summary>
/// <param name="Program">Program.</param>
/// <param name="Kind">records, submissions, contributions, corrections, releases or looks.</param>
/// <param name="Days">How long it is kept, by the charter in force; null when none is.</param>
/// <param name="Oldest">The oldest day of which there is something (of looks: in any program); null when there is nothing.</param>
/// <param name="Held">How many rows legal holds keep past their day; 0 for whoever does not approve holds.</param>
/// <param name="TodayGone">The day after which the last trace of today is gone, if nothing changes.</param>
/// <param name="IsLate">Whether something is there that should be gone.</param>
public sealed record KeptView(string Program, string Kind, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Days, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? Oldest, long Held, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? TodayGone, bool IsLate);

/// <summary>A certificate of a purge.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="ExpiredOn">The day that was over.</param>
/// <param name="Lines">What went, by which line of which charter.</param>
public sealed record PurgeView(ulong Entry, DateOnly ExpiredOn, IReadOnlyList<PurgedLineView> Lines);

/// <summary>What went by one line of a charter.</summary>
/// <param name="Program">Program; empty for what belongs to several.</param>
/// <param name="What">Kind.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Held">How many of them a legal hold keeps apart.</param>
/// <param name="Line">The line.</param>
/// <param name="Charter">SHA-256 of the charter; null where it is no single charter's.</param>
/// <param name="Version">Its version.</param>
public sealed record PurgedLineView(string Program, string What, long Rows, long Held, string Line, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Charter, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Version);

/// <summary>A campaign in which roles and rules are reviewed.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Quarter">Which.</param>
/// <param name="Due">Its last day.</param>
/// <param name="Kept">How many were kept.</param>
/// <param name="Narrowed">How many were narrowed.</param>
/// <param name="Revoked">How many were revoked.</param>
/// <param name="Lapsed">How many nobody confirmed; null before its end.</param>
/// <param name="Waiting">How many wait; null for who reviews nothing.</param>
public sealed record AccessReviewView(ulong Entry, string Quarter, DateOnly Due, int Kept, int Narrowed, int Revoked, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Lapsed, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Waiting);

/// <summary>A role or a rule that waits for its reviewer.</summary>
/// <param name="Kind"><c>role</c> or <c>rule</c>.</param>
/// <param name="Person">Who holds the role; empty for a rule.</param>
/// <param name="Name">Their name, or the program.</param>
/// <param name="What">The role, or the rule.</param>
/// <param name="Granted">Log index of the grant; 0 for a rule.</param>
/// <param name="Charter">Hash of the charter, for a rule.</param>
/// <param name="Until">Last day of the role.</param>
/// <param name="Scope">Of whom the role holds.</param>
/// <param name="LastUse">When it last served.</param>
/// <param name="Sights">How many sights it gives: who could see what about whom.</param>
/// <param name="As">The role in which the caller may review it.</param>
public sealed record AccessItem(
    string Kind, string Person, string Name, string What, ulong Granted, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Charter, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? Until, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Scope, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? LastUse, long Sights, string As);

/// <summary>What an incident is to be about.</summary>
/// <param name="Since">From when on something was reachable.</param>
/// <param name="Programs">Of which programs.</param>
public sealed record IncidentAsked(DateTimeOffset Since, IReadOnlyList<string> Programs);

/// <summary>What was computed for an incident.</summary>
/// <param name="Computed">When.</param>
/// <param name="Since">From when on.</param>
/// <param name="From">First day of the exposures that <paramref name="Could"/> rests on; null when none was noted.</param>
/// <param name="Could">Who could look, by rule and relation: how many people, at how many, on the day on which it was most.</param>
/// <param name="Did">Who did look, from the log.</param>
/// <param name="Whose">How many people's data, by program.</param>
public sealed record IncidentFacts(DateTimeOffset Computed, DateTimeOffset Since, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? From, IReadOnlyList<CouldLook> Could, IReadOnlyList<DidLook> Did, IReadOnlyList<WhoseData> Whose);

/// <summary>Who could look by one rule.</summary>
public sealed record CouldLook(string Program, string Rule, int Viewers, long Sights);

/// <summary>One look at somebody else that the log has.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Time">When.</param>
/// <param name="Programs">Of which programs.</param>
/// <param name="Rule">By which rule.</param>
/// <param name="Viewer">Name of who looked.</param>
/// <param name="Subject">Name of whom it was about.</param>
public sealed record DidLook(ulong Entry, DateTimeOffset Time, IReadOnlyList<string> Programs, string Rule, string Viewer, string Subject);

/// <summary>How many people a program has data of.</summary>
/// <param name="Program">Program.</param>
/// <param name="People">How many.</param>
/// <param name="UpTo">Whether that is only how many it can be at the most: the number itself would say who agreed.</param>
public sealed record WhoseData(string Program, int People, bool UpTo);

/// <summary>Facts that were computed, in counts: names are shown of an incident that stands in the log only.</summary>
/// <param name="Digest">SHA-256 of the facts, hexadecimal: the opening of the incident carries it.</param>
/// <param name="From">First day of the exposures that <paramref name="Could"/> rests on.</param>
/// <param name="Could">Who could look, on the day on which it was most.</param>
/// <param name="Did">How many looks the log has.</param>
/// <param name="Whose">How many people's data.</param>
public sealed record IncidentFactsMade(string Digest, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? From, IReadOnlyList<CouldLook> Could, int Did, IReadOnlyList<WhoseData> Whose);

/// <summary>An incident of the breach register.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Entry">Log index of its opening.</param>
/// <param name="What">What was reachable.</param>
/// <param name="Since">From when on.</param>
/// <param name="Known">When it became known.</param>
/// <param name="Due">When the authority is to be told at the latest.</param>
/// <param name="State"><c>open</c>, <c>overdue</c>, <c>settled</c> or <c>closed</c>.</param>
/// <param name="Programs">Whose data.</param>
/// <param name="Steps">What was done.</param>
/// <param name="Facts">What was computed when it was opened; null in a list.</param>
public sealed record IncidentView(
    string Id, ulong Entry, string What, DateTimeOffset Since, DateTimeOffset Known, DateTimeOffset Due, string State, IReadOnlyList<string> Programs, IReadOnlyList<IncidentStep> Steps, IncidentFacts? Facts = null);

/// <summary>A step of an incident.</summary>
public sealed record IncidentStep(ulong Entry, DateTimeOffset Time, string Step, string Text);
