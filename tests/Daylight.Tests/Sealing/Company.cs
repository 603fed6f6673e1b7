using Daylight.Sealing;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Sealing;

/// <summary>A company on its first day: a trust root with three approvers, and the log's fold over what happens next.</summary>
internal sealed class Company
{
    public const string PrivacyOfficer = "privacy-officer";
    public const string WorksCouncil = "works-council";
    public const string Owner = Authority.OwnerRole;
    public const string Program = "focus-time";
    public const string Text = "program: focus-time\n";

    public static readonly NoteSigner LogKey = new("log.example/x", NoteKeyType.Ed25519, new Dice(101).Bytes(32));
    public static readonly NoteSigner KeyholderKey = new("keyholder.example", NoteKeyType.Ed25519, new Dice(102).Bytes(32));
    public static readonly NoteSigner WitnessKey = new("witness.example", NoteKeyType.Cosignature, new Dice(103).Bytes(32));

    private ulong next;
    private byte lastSecret;

    public Company(string name = "Example")
    {
        Root = RootOf(name, 2, Anna, Bert, Cleo);
        Assert.Null(Happens(new TrustRootSet(Root)));
    }

    public static DateTimeOffset Now { get; } = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    /// <summary>What approvers read before they sign.</summary>
    public static ExposureRead Read { get; } = new(Now, 10, 3, 0, "c2VhbA==");

    public static string Charter { get; } = Authority.CharterHash(Text);

    /// <summary>Anna is the privacy officer, Bert is the works council, Cleo holds no role besides approving.</summary>
    public CredentialKey Anna { get; } = CredentialKey.Create();

    public CredentialKey Bert { get; } = CredentialKey.Create();

    public CredentialKey Cleo { get; } = CredentialKey.Create();

    public TrustRoot Root { get; }

    public Authority Authority { get; } = new();

    public ulong Last => next - 1;

    /// <summary>Day of the next entries.</summary>
    public DateOnly Today { get; set; } = DateOnly.FromDateTime(Now.UtcDateTime);

    public static TrustRoot RootOf(string name, int quorum, CredentialKey anna, CredentialKey bert, CredentialKey cleo) => new(
        1, name, LogKey.Verifier.Name, LogKey.Verifier.ToString(), KeyholderKey.Verifier.ToString(), WitnessKey.Verifier.ToString(),
        [new("anna", anna.Credential.Text, [PrivacyOfficer]), new("bert", bert.Credential.Text, [WorksCouncil]), new("cleo", cleo.Credential.Text, [])], quorum);

    /// <summary>Puts an event in the log; null when it took effect, else why not.</summary>
    public string? Happens(LogEvent happened) => Authority.Apply(next++, Today, happened);

    /// <summary>Enrolls somebody with a fresh code, as a person or a device.</summary>
    public CredentialKey Enroll(string person, string use = "person")
    {
        var key = CredentialKey.Create();
        Assert.Null(Happens(Registration(person, key, use)));
        return key;
    }

    /// <summary>A further key of somebody's, by the old one.</summary>
    public CredentialKey Further(string person, CredentialKey old)
    {
        var key = CredentialKey.Create();
        Assert.Null(Happens(new CredentialAdded(SignedStatement.Sign(new AddCredential(Root.Fingerprint, Now, person, key.Credential.Text), old, key))));
        return key;
    }

    /// <summary>The registration of a key, under a list of two lines that Anna has signed for it.</summary>
    public CredentialRegistered Registration(string person, CredentialKey key, string use = "person")
    {
        var code = EnrollmentCode.Create(Root, NewSecret()).DeriveKey();
        var line = new EnrollmentLine(person, "c2FsdA==", EnrollmentCode.HashOf(code.Credential), use);
        var other = new EnrollmentLine("somebody else", "c2FsdA==", "00", use);
        Hash[] leaves = [other.Leaf(), line.Leaf()];
        Assert.Null(Happens(new PeopleEnrolled(SignedStatement.Sign(new EnrollPeople(Root.Fingerprint, Now, Merkle.Root(leaves).ToString(), 2), Anna))));
        var statement = new RegisterCredential(Root.Fingerprint, Now, person, key.Credential.Text, use, line.Code);
        return new CredentialRegistered(SignedStatement.Sign(statement, code, key), code.Credential.Text, line, Last, 1, [.. Merkle.Path(leaves, 1).Select(h => h.ToString())]);
    }

    public byte[] NewSecret() => new Dice(++lastSecret).Bytes(16);

    /// <summary>A person with a role until the end of 2027.</summary>
    public CredentialKey Appoint(string person, string role)
    {
        var key = Enroll(person);
        Assert.Null(Happens(Grant(person, role, Anna, Bert)));
        return key;
    }

    public RoleGranted Grant(string person, string role, params CredentialKey[] signers) =>
        new(SignedStatement.Sign(new GrantRole(Root.Fingerprint, Now, person, role, new DateOnly(2027, 11, 1), Exposure: Company.Read), signers));

    public CharterProposed Proposal(CredentialKey by, string text = Text) =>
        new(SignedStatement.Sign(new ProposeCharter(Root.Fingerprint, Now, Program, Authority.CharterHash(text)), by), text);

    public CharterApproved Approval(CredentialKey by, string role) => new(SignedStatement.Sign(new ApproveCharter(Root.Fingerprint, Now, Program, Charter, role, Company.Read), by));

    public CharterActivated Activation(CredentialKey by) => new(SignedStatement.Sign(new ActivateCharter(Root.Fingerprint, Now, Program, Charter), by));

    /// <summary>A charter in force: proposed by Otto, the owner, and approved by Anna and Bert.</summary>
    public CredentialKey Activate()
    {
        var otto = Appoint("otto", Owner);
        Assert.Null(Happens(Proposal(otto)));
        Assert.Null(Happens(Approval(Anna, PrivacyOfficer)));
        Assert.Null(Happens(Approval(Bert, WorksCouncil)));
        Assert.Null(Happens(Activation(otto)));
        return otto;
    }

    /// <summary>A report on which a program may go on.</summary>
    public static ReviewReport Report { get; } = new("What happened, and what was done.", [new ReviewFinding("a leak", "a patch", new NegativeTest("the same again", "refused", ""))]);

    public ProgramResumed Resume(CredentialKey by, string role, ulong pause, ulong review, string program = Program) =>
        new(SignedStatement.Sign(new ResumeProgram(Root.Fingerprint, Now, program, pause, review, role), by));

    public ReviewReported Reported(CredentialKey by, string role, ulong review, ReviewReport? report = null) =>
        new(SignedStatement.Sign(new ReportReview(Root.Fingerprint, Now, Program, review, (report ?? Report).Digest(), role), by), report ?? Report);

    public ReviewSigned SignOff(CredentialKey by, string role, ulong review, ReviewReport? report = null) =>
        new(SignedStatement.Sign(new SignReview(Root.Fingerprint, Now, Program, review, (report ?? Report).Digest(), role), by));

    public SignedStatement Sign(Statement statement, params CredentialKey[] keys) => SignedStatement.Sign(statement, keys);

    /// <summary>The event takes effect, and that was known beforehand.</summary>
    public void Takes(LogEvent happened)
    {
        Assert.Null(Authority.Complaint(Today, happened));
        Assert.Null(Happens(happened));
    }

    /// <summary>The event is complained about, beforehand and in the log, and changes nothing.</summary>
    public void Refuses(string why, LogEvent happened)
    {
        var before = State();
        Assert.Equal(why, Authority.Complaint(Today, happened));
        Assert.Equal(why, Happens(happened));
        Assert.Equal(before, State());
    }

    /// <summary>All that can be seen of the fold, as one text.</summary>
    public string State() => StateOf(Authority);

    public static string StateOf(Authority a)
    {
        string[] people = [.. a.Held.Values.Select(h => h.Person).Concat(["anna", "bert", "cleo", "dora", "erik", "otto"]).Distinct()];
        DateOnly[] days = [default, new(2026, 11, 20), new(2027, 12, 31), new(2028, 1, 1), DateOnly.MaxValue];
        return string.Join('\n', Sorted(
        [
            $"root {a.RootHash} {a.Root?.Fingerprint} keyholder {a.Keyholder} witness {a.Witness} policy {a.Policy} others {a.AsksOtherWitnesses} rests on {List(a.StandingEvidence)}",
            .. a.Held.Select(h => $"credential {h.Key} {h.Value.Person} {h.Value.Use} {List(h.Value.Evidence)}"),
            .. a.Revoked.Select(r => $"revoked {r}"),
            .. a.Lists.Select(l => $"list {l.Key} {l.Value.Root} {l.Value.Size}"),
            .. a.UsedCodes.Select(c => $"code {c}"),
            .. people.SelectMany(p => days, (p, d) => $"roles {p} {d:O} {List(a.RolesOf(p, d))}"),
            .. a.Charters.Select(c => $"charter {c.Key} {c.Value.Program} {c.Value.Proposed} {c.Value.Owner} {List(c.Value.Approvals)} {c.Value.Refused} {c.Value.Activated} {List(c.Value.Evidence)}"),
            .. a.Programs.Select(p => $"program {p}"),
            .. a.Cases.Select(c => $"case {c.Key} {c.Value.Opened} {List(c.Value.Approvals)} {c.Value.Closed}"),
            .. a.Consents.Select(c => $"consent {c}"),
            .. a.Objections.Select(o => $"objection {o}"),
            .. a.NoticeTable.Select(n => $"notice {n}"),
            .. a.Reviews.Select(r => $"review {r} {List(r.Value.SignedOff)}"),
            .. a.AccessReviews.Select(r => $"campaign {r}"),
            .. a.RuleTable.Select(r => $"rule {r}"),
            .. a.Roles.Select(r => $"role {r}"),
            .. a.Incidents.Select(i => $"incident {i.Key} {i.Value.Entry} {List(i.Value.Steps.Select(s => s.Entry))}"),
            .. a.Delayed.Select(d => $"delayed {d}"),
            .. a.Settings.Select(s => $"setting {s}"),
            .. a.AcceptedMarks.Select(m => $"mark {m}"),
        ]));
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);

    private static string List<T>(IEnumerable<T> items) => "[" + string.Join(", ", items) + "]";
}
