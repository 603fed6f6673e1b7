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
}

/// <summary>A role in force until the end of a day.</summary>
/// <param name="Role">The role.</param>
/// <param name="Until">Last day.</param>
/// <param name="Granted">Log index of the grant; 0 for one of the trust root.</param>
public sealed record HeldRole(string Role, DateOnly Until, ulong Granted);

/// <summary>A charter on its way, or in force.</summary>
/// <param name="Program">The program it says it is for.</param>
/// <param name="Text">Its YAML.</param>
/// <param name="Proposed">Log index of the proposal.</param>
/// <param name="Owner">Person id of who proposed it.</param>
/// <param name="Approvals">Who approved, by role.</param>
/// <param name="Refused">Whether an approver refused it.</param>
/// <param name="Activated">Log index of the activation, when there is one.</param>
public sealed record CharterRecord(
    string Program, string Text, ulong Proposed, string Owner, IReadOnlyDictionary<string, string> Approvals, bool Refused, ulong? Activated)
{
    /// <summary>Log indexes of the proposal, the approvals and the activation, and of what their signers' authority rests on: what an agent is given as evidence.</summary>
    public IReadOnlyList<ulong> Evidence { get; init; } = [];
}

/// <summary>A program's state.</summary>
/// <param name="Active">Hash of the charter in force, or null.</param>
/// <param name="PausedBy">Log index of the pause, or null.</param>
public sealed record ProgramRecord(string? Active, ulong? PausedBy);

/// <summary>
/// What the log's entries say, applied in order from the trust root. An entry whose signatures do not carry it changes nothing: being in
/// the log proves recording, never authority. Keyholder, agents and verifiers all use this one fold.
/// </summary>
public sealed class Authority
{
    /// <summary>Roles that must agree to a charter besides its owner, and to a resume.</summary>
    public static readonly IReadOnlyList<string> ApprovingRoles = ["privacy-officer", "works-council"];

    /// <summary>How many days may lie between a statement and its entry.</summary>
    public const int StatementDays = 30;

    /// <summary>The role that proposes and activates.</summary>
    public const string OwnerRole = "program-owner";

    private readonly Dictionary<CredentialId, HeldCredential> credentials = [];
    private readonly Dictionary<string, List<HeldRole>> roles = [];
    private readonly Dictionary<ulong, (Hash Root, int Size)> lists = [];
    private readonly HashSet<string> usedCodes = [];
    private readonly Dictionary<string, CharterRecord> charters = [];
    private readonly Dictionary<string, ProgramRecord> programs = [];
    private DateOnly day;

    /// <summary>The trust root; null before entry 0.</summary>
    public TrustRoot? Root { get; private set; }

    /// <summary>Its fingerprint, hexadecimal; empty before entry 0.</summary>
    public string RootHash { get; private set; } = string.Empty;

    /// <summary>Every charter ever proposed, by hash.</summary>
    public IReadOnlyDictionary<string, CharterRecord> Charters => charters;

    /// <summary>Every program, by name.</summary>
    public IReadOnlyDictionary<string, ProgramRecord> Programs => programs;

    /// <summary>Credentials in force.</summary>
    public IReadOnlyDictionary<CredentialId, HeldCredential> Credentials => credentials;

    /// <summary>Roles ever granted to a person that are not over on a day.</summary>
    public IEnumerable<string> RolesOf(string person, DateOnly day) =>
        roles.TryGetValue(person, out var held) ? held.Where(r => r.Until >= day).Select(r => r.Role).Distinct() : [];

    /// <summary>Who holds a role on a day.</summary>
    public IEnumerable<string> Holders(string role, DateOnly day) =>
        roles.Where(r => r.Value.Any(h => h.Until >= day && string.Equals(h.Role, role, StringComparison.Ordinal))).Select(r => r.Key);

    /// <summary>Program state; a program nobody ever activated has none.</summary>
    public ProgramRecord Program(string name) => programs.GetValueOrDefault(name) ?? new ProgramRecord(null, null);

    /// <summary>The signer of a statement, when the statement is of this root and one of its signatures is by a credential in force.</summary>
    public HeldCredential? Signer(SignedStatement signed) => signed.Signatures
        .Select(s => credentials.GetValueOrDefault(new CredentialId(s.Credential)))
        .FirstOrDefault(c => c is not null && signed.IsSignedBy(c.Key));

    /// <summary>Applies one entry's event.</summary>
    /// <param name="index">Where the entry stands.</param>
    /// <param name="recorded">The entry's day: roles count on it, not on the time that a signer wrote into a statement.</param>
    /// <param name="happened">The event.</param>
    /// <returns>Null when it took effect, else why it did not.</returns>
    public string? Apply(ulong index, DateOnly recorded, LogEvent happened)
    {
        day = recorded;
        return Apply(index, happened);
    }

    /// <summary>Says beforehand why an event would not stand, so that mistakes do not fill the log; null when it would.</summary>
    public string? Complaint(DateOnly recorded, LogEvent happened) => Copy().Apply(ulong.MaxValue, recorded, happened);

    /// <summary>Whether an enrollment list that a root approver signed has this line at this place.</summary>
    public bool IsEnrolled(ulong list, int lineIndex, EnrollmentLine line, IReadOnlyList<Hash> proof) => lists.TryGetValue(list, out var known)
        && lineIndex >= 0 && Merkle.VerifyInclusion((ulong)lineIndex, (ulong)known.Size, line.Leaf(), proof, known.Root);

    private Authority Copy()
    {
        var copy = new Authority { Root = Root, RootHash = RootHash };
        foreach (var (id, credential) in credentials)
        {
            copy.credentials[id] = credential;
        }

        foreach (var (person, held) in roles)
        {
            copy.roles[person] = [.. held];
        }

        foreach (var (index, list) in lists)
        {
            copy.lists[index] = list;
        }

        foreach (var (hash, charter) in charters)
        {
            copy.charters[hash] = charter;
        }

        foreach (var (name, program) in programs)
        {
            copy.programs[name] = program;
        }

        copy.usedCodes.UnionWith(usedCodes);
        return copy;
    }

    private string? Apply(ulong index, LogEvent happened) => happened switch
    {
        TrustRootSet e => ApplyRoot(index, e.Root),
        _ when Root is null => "there is no trust root before it",
        PeopleEnrolled e => ApplyList(index, e),
        CharterProposed e => ApplyProposal(index, e),
        CharterApproved e => ApplyApproval(index, e.Signed),
        CharterRefused e => ApplyApproval(index, e.Signed),
        CharterActivated e => ApplyActivation(index, e),
        ProgramPaused e => ApplyPause(index, e),
        ProgramResumed e => ApplyResume(e),
        CredentialRegistered e => ApplyCredential(index, e),
        RoleGranted e => ApplyRole(index, e),
        _ => null,
    };

    private string? ApplyRoot(ulong index, TrustRoot root)
    {
        if (index != 0 || Root is not null)
        {
            return "the trust root is entry 0 and never changes";
        }

        if (TrustRoot.TryRead(root.ToBytes()) is null)
        {
            return "not a trust root: a key is damaged, or the quorum is nobody";
        }

        Root = root;
        RootHash = root.Fingerprint;
        foreach (var approver in root.Approvers)
        {
            var key = Credential.TryParse(approver.Key)!;
            credentials[key.Id] = new HeldCredential(approver.Person, key, "person");
            roles[approver.Person] = [.. approver.Roles.Select(r => new HeldRole(r, DateOnly.MaxValue, 0))];
        }

        return null;
    }

    private string? ApplyList(ulong index, PeopleEnrolled e)
    {
        if (Read<EnrollPeople>(e.Signed) is not { } statement || !Hash.TryParse(statement.List, out var list))
        {
            return "not a signed enrollment list of this trust root";
        }

        if (Signer(e.Signed) is not { } signer || !IsRootApprover(signer))
        {
            return "an enrollment list is signed by a root approver";
        }

        lists[index] = (list, statement.Size);
        return null;
    }

    private string? ApplyCredential(ulong index, CredentialRegistered e)
    {
        if (Read<RegisterCredential>(e.Signed) is not { } statement || Credential.TryParse(statement.Key) is not { } key
            || Credential.TryParse(e.CodeKey) is not { } code || statement.Use is not ("person" or "device"))
        {
            return "not a registration of this trust root";
        }

        var proof = new List<Hash>();
        foreach (var text in e.Proof)
        {
            if (!Hash.TryParse(text, out var hash))
            {
                return "the proof of the enrollment line is damaged";
            }

            proof.Add(hash);
        }

        if (!e.Signed.IsSignedBy(code) || !e.Signed.IsSignedBy(key))
        {
            return "the one-time code's key and the new key must both sign it";
        }

        // A known key under another name would take its holder's authority away.
        if (credentials.ContainsKey(key.Id))
        {
            return "that key is registered already";
        }

        // The root approvers' own keys stand in the trust root: one approver's list must not give another approver a second one.
        if (string.Equals(statement.Use, "person", StringComparison.Ordinal) && Root!.Approvers.Any(a => string.Equals(a.Person, statement.Person, StringComparison.Ordinal)))
        {
            return "a root approver's key is in the trust root, and no list gives another";
        }

        if (!string.Equals(e.Line.Person, statement.Person, StringComparison.Ordinal)
            || !string.Equals(e.Line.Code, EnrollmentCode.HashOf(code), StringComparison.Ordinal)
            || !string.Equals(e.Line.Code, statement.Code, StringComparison.Ordinal)
            || !string.Equals(e.Line.Use, statement.Use, StringComparison.Ordinal)
            || !IsEnrolled(e.List, e.LineIndex, e.Line, proof))
        {
            return "no enrollment list has this person with this code";
        }

        if (!usedCodes.Add(e.Line.Code))
        {
            return "the one-time code was used before";
        }

        credentials[key.Id] = new HeldCredential(statement.Person, key, statement.Use) { Evidence = [e.List, index] };
        return null;
    }

    private string? ApplyRole(ulong index, RoleGranted e)
    {
        if (Read<GrantRole>(e.Signed) is not { } statement)
        {
            return "not a role grant of this trust root";
        }

        var approvers = e.Signed.Signatures
            .Select(s => credentials.GetValueOrDefault(new CredentialId(s.Credential)))
            .Where(c => c is not null && e.Signed.IsSignedBy(c.Key) && IsRootApprover(c))
            .Select(c => c!.Person)
            .Distinct()
            .ToList();
        if (approvers.Count < Root!.Quorum)
        {
            return $"a role takes {Root.Quorum} root approvers, {approvers.Count} signed";
        }

        if (approvers.Contains(statement.Person))
        {
            return "nobody grants a role to themselves";
        }

        (roles.TryGetValue(statement.Person, out var held) ? held : roles[statement.Person] = []).Add(new HeldRole(statement.Role, statement.Until, index));
        return null;
    }

    private string? ApplyProposal(ulong index, CharterProposed e)
    {
        if (Read<ProposeCharter>(e.Signed) is not { } statement || !string.Equals(CharterHash(e.Text), statement.Charter, StringComparison.Ordinal))
        {
            return "not a signed proposal of this very text";
        }

        if (Signer(e.Signed) is not { } signer || !Holds(signer, OwnerRole, statement.Time))
        {
            return $"a charter is proposed by a {OwnerRole}";
        }

        if (charters.ContainsKey(statement.Charter))
        {
            return "this charter was proposed before";
        }

        charters[statement.Charter] = new CharterRecord(statement.Program, e.Text, index, signer.Person, new Dictionary<string, string>(), false, null) { Evidence = [.. EvidenceOf(signer), index] };
        return null;
    }

    private string? ApplyApproval(ulong index, SignedStatement signed)
    {
        var (program, hash, role, refuse) = Read<Statement>(signed) switch
        {
            ApproveCharter a => (a.Program, a.Charter, a.Role, false),
            RefuseCharter r => (r.Program, r.Charter, r.Role, true),
            _ => (null, string.Empty, string.Empty, false),
        };
        if (program is null || !charters.TryGetValue(hash, out var charter) || !string.Equals(charter.Program, program, StringComparison.Ordinal))
        {
            return "not about a charter that was proposed";
        }

        if (Signer(signed) is not { } signer || !ApprovingRoles.Contains(role) || !Holds(signer, role, Statement.TryRead(signed.Bytes)!.Time))
        {
            return "the signer does not hold that role";
        }

        if (string.Equals(signer.Person, charter.Owner, StringComparison.Ordinal) || charter.Approvals.Any(a => !string.Equals(a.Key, role, StringComparison.Ordinal) && string.Equals(a.Value, signer.Person, StringComparison.Ordinal)))
        {
            return "proposal and approvals are by distinct people";
        }

        if (charter.Activated is not null)
        {
            return "the charter is in force already";
        }

        charters[hash] = refuse
            ? charter with { Refused = true }
            : charter with { Approvals = new Dictionary<string, string>(charter.Approvals) { [role] = signer.Person }, Evidence = [.. charter.Evidence.Union([.. EvidenceOf(signer), index])] };
        return null;
    }

    private string? ApplyActivation(ulong index, CharterActivated e)
    {
        if (Read<ActivateCharter>(e.Signed) is not { } statement || !charters.TryGetValue(statement.Charter, out var charter)
            || !string.Equals(charter.Program, statement.Program, StringComparison.Ordinal))
        {
            return "not about a charter that was proposed";
        }

        if (Signer(e.Signed) is not { } signer || !Holds(signer, OwnerRole, statement.Time))
        {
            return $"a charter is activated by a {OwnerRole}";
        }

        if (charter.Refused || ApprovingRoles.Any(r => !charter.Approvals.ContainsKey(r)))
        {
            return charter.Refused ? "an approver refused it" : "it lacks an approval";
        }

        if (charter.Activated is not null)
        {
            return "it is in force already";
        }

        charters[statement.Charter] = charter with { Activated = index, Evidence = [.. charter.Evidence.Union([.. EvidenceOf(signer), index])] };
        programs[statement.Program] = Program(statement.Program) with { Active = statement.Charter };
        return null;
    }

    private string? ApplyPause(ulong index, ProgramPaused e)
    {
        if (Program(e.Program).Active is null)
        {
            return "there is no such program in force";
        }

        if (Program(e.Program).PausedBy is not null)
        {
            return "it is paused already";
        }

        programs[e.Program] = Program(e.Program) with { PausedBy = index };
        return null;
    }

    private string? ApplyResume(ProgramResumed e)
    {
        var program = Program(e.Program);
        if (program.PausedBy is not { } pause)
        {
            return "the program is not paused";
        }

        var people = new Dictionary<string, string>();
        foreach (var signed in e.Signed)
        {
            if (Read<ResumeProgram>(signed) is { } s && s.Pause == pause && string.Equals(s.Program, e.Program, StringComparison.Ordinal)
                && Signer(signed) is { } signer && Holds(signer, s.Role, s.Time) && !people.ContainsValue(signer.Person))
            {
                people[s.Role] = signer.Person;
            }
        }

        if (ApprovingRoles.Any(r => !people.ContainsKey(r)))
        {
            return "a resume takes the signatures of privacy officer and works council, two people";
        }

        programs[e.Program] = program with { PausedBy = null };
        return null;
    }

    /// <summary>Hash that names a charter: SHA-256 of its UTF-8 bytes, hexadecimal.</summary>
    public static string CharterHash(string text) => Hash.Of(System.Text.Encoding.UTF8.GetBytes(text)).ToHex();

    // Authority is a person's: a device's key, stolen with the laptop, enrolls, grants, proposes and approves nothing.
    private static bool IsPersons(HeldCredential signer) => string.Equals(signer.Use, "person", StringComparison.Ordinal);

    private bool IsRootApprover(HeldCredential signer) =>
        IsPersons(signer) && Root!.Approvers.Any(a => string.Equals(a.Person, signer.Person, StringComparison.Ordinal));

    private bool Holds(HeldCredential signer, string role, DateTimeOffset time) =>
        IsPersons(signer) && RolesOf(signer.Person, day).Contains(role)
        && Math.Abs(DateOnly.FromDateTime(time.UtcDateTime).DayNumber - day.DayNumber) <= StatementDays;

    /// <summary>What a signer's authority rests on: the list, the registration, and the grants of every role. Those that granted are root approvers.</summary>
    private IEnumerable<ulong> EvidenceOf(HeldCredential signer) =>
        [.. signer.Evidence, .. roles.TryGetValue(signer.Person, out var held) ? held.Select(r => r.Granted).Where(i => i > 0) : []];

    private T? Read<T>(SignedStatement signed)
        where T : Statement =>
        Statement.TryRead(signed.Bytes) is T statement && string.Equals(statement.Root, RootHash, StringComparison.Ordinal) ? statement : null;
}
