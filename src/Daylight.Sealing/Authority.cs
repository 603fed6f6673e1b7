using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>A credential in force.</summary>
/// <param name="Person">Whose it is.</param>
/// <param name="Key">The public key.</param>
/// <param name="Use"><c>person</c> or <c>device</c>.</param>
public sealed record HeldCredential(string Person, Credential Key, string Use)
{
    /// <summary>Log indexes that it rests on: its list and its registration; none for a root approver's own key.</summary>
    public IReadOnlyList<ulong> Evidence { get; init; } = [];

    /// <summary>
    /// First UTC day on which it signs looks. One approver's code enrolls a machine; where its person had a key before, the machine could be somebody else's, and they have the days of a promised key
    /// to find it among theirs and to end it.
    /// </summary>
    public DateOnly LooksFrom { get; init; }
}

/// <summary>A role in force until the end of a day.</summary>
/// <param name="Role">The role.</param>
/// <param name="Until">Last day; then it is reviewed and granted again, or it is over.</param>
/// <param name="Granted">Log index of the grant; 0 for one of the trust root.</param>
/// <param name="Scope">Of whom it holds, such as <c>team:red</c>; null for everybody.</param>
/// <param name="Confirmed">The last access review that confirmed it, or 0.</param>
public sealed record HeldRole(string Role, DateOnly Until, ulong Granted, string? Scope = null, ulong Confirmed = 0);

/// <summary>A program's state.</summary>
/// <param name="Active">Hash of the charter in force, or null.</param>
/// <param name="PausedBy">Log index of the pause, or null.</param>
/// <param name="Resumed">When the last resume was signed, or null when it was never paused.</param>
/// <param name="Review">The review that the last resume rests on, or null.</param>
public sealed record ProgramRecord(string? Active, ulong? PausedBy, DateTimeOffset? Resumed = null, ulong? Review = null);

/// <summary>
/// What the log's entries say, applied in order from the trust root. An entry whose signatures do not carry it changes nothing: being in
/// the log proves recording, never authority. Keyholder, agents and verifiers all use this one fold; the rule of each kind stands with the kind, in
/// <c>Events/</c>.
/// </summary>
public sealed class Authority
{
    /// <summary>Roles that must agree to a charter besides its owner, and to a resume.</summary>
    public static readonly IReadOnlyList<string> ApprovingRoles = ["privacy-officer", "works-council"];

    /// <summary>Roles that may stop a program, and report what a review of the stop found.</summary>
    public static readonly IReadOnlyList<string> PausingRoles = [OwnerRole, .. ApprovingRoles, "security"];

    /// <summary>How many days may lie between a statement and its entry.</summary>
    public const int StatementDays = 30;

    /// <summary>The role that proposes and activates.</summary>
    public const string OwnerRole = "program-owner";

    private readonly Dictionary<string, List<HeldRole>> roles = [];
    private readonly List<ulong> standingEvidence = [];
    private readonly HashSet<Hash> spent = [];
    private readonly HashSet<string> signers = []; // who ever had a key to sign with
    private readonly HashSet<string> keyed = []; // who ever had any, a machine's too

    /// <summary>The trust root; null before entry 0.</summary>
    public TrustRoot? Root { get; private set; }

    /// <summary>Its fingerprint, hexadecimal; empty before entry 0.</summary>
    public string RootHash { get; private set; } = string.Empty;

    /// <summary>The key that the keyholder in office signs statements with; null before entry 0.</summary>
    public NoteVerifier? Keyholder { get; private set; }

    /// <summary>The key that the keyholder in office cosigns checkpoints with; null before entry 0.</summary>
    public NoteVerifier? Witness { get; private set; }

    /// <summary>Which keys must sign a checkpoint (C2SP tlog-policy): as root approvers set it, else log and keyholder.</summary>
    public TlogPolicy? Policy { get; private set; }

    /// <summary>Whether looks wait for witnesses besides the keyholder.</summary>
    public bool AsksOtherWitnesses { get; private set; }

    /// <summary>Log indexes that every proof rests on, besides the trust root: who keeps the keys, the policy, and further keys of root approvers.</summary>
    public IReadOnlyList<ulong> StandingEvidence => standingEvidence;

    /// <summary>Every charter ever proposed, by hash.</summary>
    public IReadOnlyDictionary<string, CharterRecord> Charters => CharterTable;

    /// <summary>Every program, by name.</summary>
    public IReadOnlyDictionary<string, ProgramRecord> Programs => ProgramTable;

    /// <summary>Credentials in force.</summary>
    public IReadOnlyDictionary<CredentialId, HeldCredential> Credentials => Held;

    /// <summary>Every case, by the digest of what was asked for, hexadecimal.</summary>
    public IReadOnlyDictionary<string, CaseRecord> Cases => CaseTable;

    /// <summary>What people said last about programs that ask them.</summary>
    public IReadOnlyDictionary<(string Person, string Program), ConsentRecord> Consents => ConsentTable;

    /// <summary>Log index of the last entry in which somebody said something about a program: a yes, a no, an objection or its answer, an acknowledgment.</summary>
    public ulong LastSaid { get; private set; }

    /// <summary>Reviews, by the log index of their opening.</summary>
    public IReadOnlyDictionary<ulong, ReviewRecord> Reviews => ReviewTable;

    /// <summary>Objections, by log index.</summary>
    public IReadOnlyDictionary<ulong, ObjectionRecord> Objections => ObjectionTable;

    /// <summary>Campaigns in which roles and rules are reviewed, by the log index of their opening.</summary>
    public IReadOnlyDictionary<ulong, AccessReviewRecord> AccessReviews => AccessReviewTable;

    /// <summary>The breach register, by id.</summary>
    public IReadOnlyDictionary<string, IncidentRecord> Incidents => IncidentTable;

    /// <summary>Erasures that a legal hold stood against when they were ordered, in their order.</summary>
    public IReadOnlyList<DelayedErasure> Delayed => DelayedList;

    /// <summary>Settings that people's rights touch, as the log last had them.</summary>
    public IReadOnlyDictionary<string, string> Settings => SettingTable;

    /// <summary>Marks that a restored keyholder did not remember and root approvers accepted.</summary>
    public IReadOnlySet<string> AcceptedMarks => Accepted;

    internal Dictionary<CredentialId, HeldCredential> Held { get; } = [];

    internal HashSet<CredentialId> Revoked { get; } = [];

    /// <summary>Keys that root approvers promised to who lost theirs, by the log index of the promise.</summary>
    public IReadOnlyDictionary<ulong, PromisedCredential> Promises => PromiseTable;

    internal Dictionary<ulong, PromisedCredential> PromiseTable { get; } = [];

    internal void Hold(HeldCredential credential)
    {
        Held[credential.Key.Id] = credential;
        keyed.Add(credential.Person);
        foreach (var promise in PromiseTable.Values.Where(p => p.Key.Id == credential.Key.Id).ToList())
        {
            PromiseTable.Remove(promise.Index); // a key that is in force waits for nothing, and is ended by the rule for keys in force
        }

        if (IsPersons(credential))
        {
            signers.Add(credential.Person);
        }

        if (IsRootApprover(credential))
        {
            standingEvidence.AddRange(credential.Evidence.Except(standingEvidence));
        }
    }

    /// <summary>Whether a person has, or ever had, a key to sign with.</summary>
    public bool HasSigned(string person) => signers.Contains(person);

    /// <summary>Whether somebody has, or had, a key of their own or of a machine.</summary>
    internal bool HasHadKey(string person) => keyed.Contains(person);

    internal Dictionary<ulong, (Hash Root, int Size)> Lists { get; } = [];

    internal HashSet<string> UsedCodes { get; } = [];

    internal Dictionary<string, CharterRecord> CharterTable { get; } = [];

    internal Dictionary<string, ProgramRecord> ProgramTable { get; } = [];

    internal Dictionary<string, CaseRecord> CaseTable { get; } = [];

    internal Dictionary<(string Person, string Program), ConsentRecord> ConsentTable { get; } = [];

    internal void Say(string person, string program, ConsentRecord said)
    {
        ConsentTable[(person, program)] = said;
        LastSaid = said.Entry;
    }

    internal void Acknowledge(string person, string program, string charter, ulong entry)
    {
        NoticeTable[(person, program)] = (charter, entry);
        LastSaid = entry;
    }

    internal Dictionary<ulong, ReviewRecord> ReviewTable { get; } = [];

    internal Dictionary<ulong, ObjectionRecord> ObjectionTable { get; } = [];

    internal Dictionary<(string Person, string Program), (string Charter, ulong Entry)> NoticeTable { get; } = [];

    internal SortedDictionary<ulong, AccessReviewRecord> AccessReviewTable { get; } = [];

    internal Dictionary<(string Charter, string Rule), ReviewedRule> RuleTable { get; } = [];

    internal Dictionary<string, IncidentRecord> IncidentTable { get; } = [];

    internal List<DelayedErasure> DelayedList { get; } = [];

    internal HashSet<string> Accepted { get; } = [];

    internal Dictionary<string, string> SettingTable { get; } = [];

    /// <summary>Roles ever granted to a person that are not over on a day.</summary>
    public IEnumerable<string> RolesOf(string person, DateOnly day) =>
        roles.TryGetValue(person, out var held) ? held.Where(r => EndOf(r) >= day).Select(r => r.Role).Distinct() : [];

    /// <summary>Every role that anybody was granted, with its holder and the day on which it really ends.</summary>
    public IEnumerable<(string Person, HeldRole Role)> Roles => roles.SelectMany(r => r.Value.Select(h => (r.Key, h with { Until = EndOf(h) })));

    /// <summary>Every role of a person, as it was granted or last confirmed.</summary>
    public IEnumerable<HeldRole> HeldBy(string person) => roles.TryGetValue(person, out var held) ? held : [];

    /// <summary>Who holds a role on a day.</summary>
    public IEnumerable<string> Holders(string role, DateOnly day) =>
        roles.Where(r => r.Value.Any(h => EndOf(h) >= day && string.Equals(h.Role, role, StringComparison.Ordinal))).Select(r => r.Key);

    /// <summary>Last day of a role: its own, or that of a campaign that came after it and did not confirm it. The trust root's own stand with the trust root.</summary>
    public DateOnly EndOf(HeldRole role)
    {
        var end = role.Until;
        if (role.Granted > 0)
        {
            foreach (var (index, campaign) in AccessReviewTable)
            {
                end = index > role.Granted && index > role.Confirmed && campaign.Due < end ? campaign.Due : end;
            }
        }

        return end;
    }

    /// <summary>Whether a rule of a charter in force is over: revoked in a campaign, or not confirmed by the last day of one.</summary>
    public bool IsLapsed(string charter, string rule, DateOnly day)
    {
        var said = RuleTable.GetValueOrDefault((charter, rule));
        return said is { Revoked: true } || (Charters.GetValueOrDefault(charter)?.Activated is { } activated
            && AccessReviewTable.Any(c => c.Key > activated && c.Key > (said?.Confirmed ?? 0) && day > c.Value.Due));
    }

    /// <summary>Whether a rule of a charter was reviewed in a campaign, or is over.</summary>
    public bool IsReviewed(string charter, string rule, ulong campaign) => RuleTable.GetValueOrDefault((charter, rule)) is { } said && (said.Revoked || said.Confirmed >= campaign);

    /// <summary>Whether somebody acknowledged the notice of a charter.</summary>
    public bool Acknowledged(string person, string program, string charter) => string.Equals(NoticedCharter(person, program), charter, StringComparison.Ordinal);

    /// <summary>The charter whose notice somebody acknowledged last; null before they did.</summary>
    public string? NoticedCharter(string person, string program) => NoticeTable.TryGetValue((person, program), out var said) ? said.Charter : null;

    /// <summary>What an approved case keeps of a person for a program on a day (a legal hold), or null.</summary>
    public CaseRecord? HoldOn(string person, string program, DateOnly day) =>
        CaseTable.Values.FirstOrDefault(c => c.IsHolding(day) && string.Equals(c.Statement.Subject, person, StringComparison.Ordinal) && c.Statement.Programs.Contains(program, StringComparer.Ordinal));

    /// <summary>The programs in force that a name means: one, or all of them.</summary>
    public IEnumerable<string> Named(string program) => string.Equals(program, PauseProgram.Everything, StringComparison.Ordinal)
        ? ProgramTable.Where(p => p.Value.Active is not null).Select(p => p.Key)
        : Program(program).Active is not null ? [program] : [];

    /// <summary>Whether everything that a name means is paused.</summary>
    public bool IsPaused(string program) => Named(program).All(p => Program(p).PausedBy is not null);

    /// <summary>Program state; a program nobody ever activated has none.</summary>
    public ProgramRecord Program(string name) => ProgramTable.GetValueOrDefault(name) ?? new ProgramRecord(null, null);

    /// <summary>The signer of a statement, when one of its signatures is by a credential in force.</summary>
    public HeldCredential? Signer(SignedStatement signed) => signed.Signatures
        .Select(s => Held.GetValueOrDefault(new CredentialId(s.Credential)))
        .FirstOrDefault(c => c is not null && signed.IsSignedBy(c.Key));

    /// <summary>Applies one entry's event.</summary>
    /// <param name="index">Where the entry stands.</param>
    /// <param name="recorded">The entry's day.</param>
    /// <param name="happened">The event.</param>
    /// <returns>Null when it took effect, else why it did not.</returns>
    public string? Apply(ulong index, DateOnly recorded, LogEvent happened)
    {
        var at = new Recording(index, recorded);
        if (Complaint(at, happened) is { } why)
        {
            return why;
        }

        if (happened.Once is { } signed)
        {
            spent.Add(signed.Digest());
        }

        happened.Apply(this, at);
        return null;
    }

    /// <summary>Says beforehand why an event would not stand, so that mistakes do not fill the log; null when it would.</summary>
    public string? Complaint(DateOnly recorded, LogEvent happened) => Complaint(new Recording(ulong.MaxValue, recorded), happened);

    /// <summary>Whether an enrollment list that a root approver signed has this line at this place.</summary>
    public bool IsEnrolled(ulong list, int lineIndex, EnrollmentLine line, IReadOnlyList<Hash> proof) => Lists.TryGetValue(list, out var known)
        && lineIndex >= 0 && Merkle.VerifyInclusion((ulong)lineIndex, (ulong)known.Size, line.Leaf(), proof, known.Root);

    /// <summary>Whether this person may stop a program with a signature of their own, directly at the keyholder.</summary>
    public bool MayPause(HeldCredential signer, DateTimeOffset time, DateOnly today) =>
        PausingRoles.Any(role => Holds(signer, role, time, today));

    /// <summary>Hash that names a charter: SHA-256 of its UTF-8 bytes, hexadecimal.</summary>
    public static string CharterHash(string text) => Hash.Of(System.Text.Encoding.UTF8.GetBytes(text)).ToHex();

    /// <summary>A policy of this log's own key and the keyholder's, before root approvers set another.</summary>
    public static string PlainPolicy(string log, string witness) => $"log {log}\nwitness keyholder {witness}\nquorum keyholder\n";

    // Authority is a person's: a device's key, stolen with the laptop, enrolls, grants, proposes and approves nothing.
    internal static bool IsPersons(HeldCredential signer) => string.Equals(signer.Use, "person", StringComparison.Ordinal);

    internal bool IsRootApprover(HeldCredential signer) =>
        IsPersons(signer) && Root!.Approvers.Any(a => string.Equals(a.Person, signer.Person, StringComparison.Ordinal));

    /// <summary>Root approvers among the signers with a good signature, each once.</summary>
    internal List<string> RootSigners(SignedStatement signed) => [.. signed.Signatures
        .Select(s => Held.GetValueOrDefault(new CredentialId(s.Credential)))
        .Where(c => c is not null && IsRootApprover(c) && signed.IsSignedBy(c.Key))
        .Select(c => c!.Person)
        .Distinct(StringComparer.Ordinal)];

    internal string? QuorumComplaint(SignedStatement signed, Recording at, string what) =>
        RootSigners(signed).Count is var signers && signers < Root!.Quorum ? $"{what} takes {Root.Quorum} root approvers, {signers} signed"
        : Statement.TryRead(signed.Bytes) is not { } statement || !IsTimely(statement.Time, at.Day) ? "it was signed too long ago, or ahead of time"
        : null;

    internal bool Holds(HeldCredential signer, string role, DateTimeOffset time, DateOnly day) =>
        IsPersons(signer) && RolesOf(signer.Person, day).Contains(role)
        && IsTimely(time, day);

    /// <summary>What was signed and held back does not take effect much later.</summary>
    internal static bool IsTimely(DateTimeOffset time, DateOnly day) => Math.Abs(DateOnly.FromDateTime(time.UtcDateTime).DayNumber - day.DayNumber) <= StatementDays;

    /// <summary>What a signer's authority rests on: the list, the registration, and the grants of every role. Those that granted are root approvers.</summary>
    internal IEnumerable<ulong> EvidenceOf(HeldCredential signer) =>
        [.. signer.Evidence, .. roles.TryGetValue(signer.Person, out var held) ? held.Select(r => r.Granted).Where(i => i > 0) : []];

    internal T? Said<T>(SignedStatement signed)
        where T : Statement =>
        Statement.TryRead(signed.Bytes) is T statement && string.Equals(statement.Root, RootHash, StringComparison.Ordinal) ? statement : null;

    internal void Give(string person, HeldRole role) => (roles.TryGetValue(person, out var held) ? held : roles[person] = []).Add(role);

    internal void Review(string person, ulong granted, string role, Func<HeldRole, HeldRole?> becomes)
    {
        var held = roles[person];
        var at = held.FindIndex(r => r.Granted == granted && string.Equals(r.Role, role, StringComparison.Ordinal));
        if (becomes(held[at]) is { } after)
        {
            held[at] = after;
        }
        else
        {
            held.RemoveAt(at);
        }
    }

    internal void Take(string person, string role) => roles[person].RemoveAll(r => string.Equals(r.Role, role, StringComparison.Ordinal));

    internal void Found(TrustRoot root)
    {
        (Root, RootHash) = (root, root.Fingerprint);
        foreach (var approver in root.Approvers)
        {
            var key = Credential.TryParse(approver.Key)!;
            Hold(new HeldCredential(approver.Person, key, "person"));
            roles[approver.Person] = [.. approver.Roles.Select(r => new HeldRole(r, DateOnly.MaxValue, 0))];
        }

        SetKeys(root.Keyholder, root.Witness);
    }

    internal void SetKeyholder(string keyholder, string witness, ulong index)
    {
        // The witness's key stands in the policy: another keyholder starts with a plain one, until root approvers set theirs again.
        SetKeys(keyholder, witness);
        standingEvidence.Add(index);
    }

    /// <summary>Why a text cannot be the policy: not one, of another log, or one that the keyholder need not sign.</summary>
    internal string? PolicyComplaint(string text) =>
        !TlogPolicy.TryParse(text, out var policy, out var problem) ? $"the policy cannot be read: {problem}"
        : policy.Logs is not [var log] || !string.Equals(log.Key.ToString(), Root!.Log, StringComparison.Ordinal) ? "the policy is for this log and no other"
        : !NeedsKeyholder(policy) ? "the keyholder is the first witness: the quorum must need it"
        : null;

    private bool NeedsKeyholder(TlogPolicy policy)
    {
        var others = policy.Witnesses.Where(w => !IsKeyholder(w));
        return !IsReached(policy, others);
    }

    private bool IsKeyholder(PolicyWitness witness) => witness.Key == Witness;

    private static bool IsReached(TlogPolicy policy, IEnumerable<PolicyWitness> by)
    {
        var reached = by.Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var group in policy.Groups.Where(g => g.Members.Count(reached.Contains) >= g.Threshold))
        {
            reached.Add(group.Name);
        }

        return policy.Quorum is null || reached.Contains(policy.Quorum);
    }

    internal void SetPolicy(string text, ulong index)
    {
        _ = TlogPolicy.TryParse(text, out var policy, out _);
        Policy = policy;
        AsksOtherWitnesses = !IsReached(policy!, policy!.Witnesses.Where(IsKeyholder));
        standingEvidence.Add(index);
    }

    private void SetKeys(string keyholder, string witness)
    {
        (Keyholder, Witness) = (NoteVerifier.Parse(keyholder), NoteVerifier.Parse(witness));
        _ = TlogPolicy.TryParse(PlainPolicy(Root!.Log, witness), out var policy, out _);
        (Policy, AsksOtherWitnesses) = (policy, false);
    }

    private string? Complaint(Recording at, LogEvent happened) =>
        Root is null && happened is not TrustRootSet ? "there is no trust root before it"
        : happened.Complaint(this, at) ?? (happened.Once is { } signed && spent.Contains(signed.Digest()) ? "this very statement took effect before" : null);
}
