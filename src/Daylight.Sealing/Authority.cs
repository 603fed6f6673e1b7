using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>A credential in force.</summary>
/// <param name="Person">Whose it is.</param>
/// <param name="Key">The public key.</param>
/// <param name="Use"><c>person</c> or <c>device</c>.</param>
public sealed record HeldCredential(string Person, Credential Key, string Use);

/// <summary>A role in force until the end of a day.</summary>
public sealed record HeldRole(string Role, DateOnly Until);

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
    /// <summary>Log indexes of the proposal, the approvals and the activation: what an agent is given as evidence.</summary>
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

    /// <summary>The role that proposes and activates.</summary>
    public const string OwnerRole = "program-owner";

    private readonly Dictionary<CredentialId, HeldCredential> credentials = [];
    private readonly Dictionary<string, List<HeldRole>> roles = [];
    private readonly Dictionary<ulong, (Hash Root, int Size)> lists = [];
    private readonly HashSet<string> usedCodes = [];
    private readonly Dictionary<string, CharterRecord> charters = [];
    private readonly Dictionary<string, ProgramRecord> programs = [];

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
    /// <returns>Null when it took effect, else why it did not.</returns>
    public string? Apply(ulong index, LogEvent happened) => happened switch
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
        CredentialRegistered e => ApplyCredential(e),
        RoleGranted e => ApplyRole(e),
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
            roles[approver.Person] = [.. approver.Roles.Select(r => new HeldRole(r, DateOnly.MaxValue))];
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

    private string? ApplyCredential(CredentialRegistered e)
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

        if (!e.Signed.IsSignedBy(code))
        {
            return "the one-time code's key did not sign it";
        }

        if (!lists.TryGetValue(e.List, out var list)
            || !string.Equals(e.Line.Person, statement.Person, StringComparison.Ordinal)
            || !string.Equals(e.Line.Code, EnrollmentCode.HashOf(code), StringComparison.Ordinal)
            || e.LineIndex < 0
            || !Merkle.VerifyInclusion((ulong)e.LineIndex, (ulong)list.Size, e.Line.Leaf(), proof, list.Root))
        {
            return "no enrollment list has this person with this code";
        }

        // A code proves who registers, not that the key is theirs: nobody takes over, or downgrades, a key that is in force.
        if (credentials.ContainsKey(key.Id))
        {
            return "the key is registered already";
        }

        if (!usedCodes.Add(e.Line.Code))
        {
            return "the one-time code was used before";
        }

        credentials[key.Id] = new HeldCredential(statement.Person, key, statement.Use);
        return null;
    }

    private string? ApplyRole(RoleGranted e)
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

        (roles.TryGetValue(statement.Person, out var held) ? held : roles[statement.Person] = []).Add(new HeldRole(statement.Role, statement.Until));
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

        charters[statement.Charter] = new CharterRecord(statement.Program, e.Text, index, signer.Person, new Dictionary<string, string>(), false, null) { Evidence = [index] };
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
            : charter with { Approvals = new Dictionary<string, string>(charter.Approvals) { [role] = signer.Person }, Evidence = [.. charter.Evidence, index] };
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

        charters[statement.Charter] = charter with { Activated = index, Evidence = [.. charter.Evidence, index] };
        programs[statement.Program] = Program(statement.Program) with { Active = statement.Charter };
        return null;
    }

    private string? ApplyPause(ulong index, ProgramPaused e)
    {
        if (Program(e.Program).Active is null)
        {
            return "there is no such program in force";
        }

        programs[e.Program] = Program(e.Program) with { PausedBy = Program(e.Program).PausedBy ?? index };
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
        IsPersons(signer) && RolesOf(signer.Person, DateOnly.FromDateTime(time.UtcDateTime)).Contains(role);

    private T? Read<T>(SignedStatement signed)
        where T : Statement =>
        Statement.TryRead(signed.Bytes) is T statement && string.Equals(statement.Root, RootHash, StringComparison.Ordinal) ? statement : null;
}
