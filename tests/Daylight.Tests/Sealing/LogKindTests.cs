using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Sealing;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Sealing;

/// <summary>What holds for every kind of entry, found by reflection, and what docs/formats/log-entries.md says of it.</summary>
public sealed class LogKindTests
{
    private const string Root = "00";
    private static readonly DateOnly Day = new(2026, 11, 20);
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(Repository.Folder, "docs", "formats", "log-entries.md"));

    private static SortedDictionary<string, Type> Kinds { get; } = Discriminators(typeof(LogEvent));

    private static readonly Dictionary<string, LogEvent> Samples = All().ToDictionary(e => Kinds.Single(k => k.Value == e.GetType()).Key);

    // Everything that stands in the open, in whichever kind. A member that is added to a public kind is added here, by somebody who has thought about whom it could name.
    private static readonly Dictionary<string, string[]> PublicMembers = new()
    {
        ["CharterActivated"] = ["Signed"],
        ["CharterApproved"] = ["Signed"],
        ["CharterEnded"] = ["Signed"],
        ["CharterProposed"] = ["Signed", "Text"],
        ["CharterRefused"] = ["Signed"],
        ["DirectoryApproved"] = ["Signed"],
        ["DirectoryChanged"] = ["Appear", "Disappear", "Held", "Joined", "Left", "Moved"],
        ["KeyholderAccepted"] = ["Signed"],
        ["KeyholderChanged"] = ["Signed"],
        ["KeyholderStarted"] = ["Mark"],
        ["PeopleEnrolled"] = ["Signed"],
        ["ProgramPaused"] = ["Program", "Reason", "Signed", "Time"],
        ["ProgramResumed"] = ["Signed"],
        ["ReleasePublished"] = ["Cells", "Published", "Run", "Withheld"],
        ["ReleaseRun"] = ["Charter", "GroupRoot", "Groups", "People", "PeopleRoot", "Period", "Program"],
        ["AccessReviewClosed"] = ["Confirmed", "Lapsed", "Narrowed", "Review", "Revoked"],
        ["AccessReviewOpened"] = ["Due", "Quarter"],
        ["RetentionPurge"] = ["ExpiredOn", "Lines"],
        ["PurgedLine"] = ["Charter", "Held", "Line", "Program", "Rows", "What"],
        ["ReviewClosed"] = ["Signed"],
        ["ReviewOpened"] = ["Charter", "Due", "Pause", "Program"],
        ["ReviewReported"] = ["Report", "Signed"],
        ["ReviewSigned"] = ["Signed"],
        ["ReviewReport"] = ["Findings", "Summary"], // written for everybody; the page says that it names nobody
        ["ReviewFinding"] = ["Fix", "Test", "What"],
        ["NegativeTest"] = ["Output", "Refused", "Tried"],
        ["RuleReviewed"] = ["Signed"],
        ["SettingsChanged"] = ["Name", "Value"],
        ["TrustRootSet"] = ["Root"],
        ["WitnessesChanged"] = ["Signed"],
        ["SignedStatement"] = ["Signatures", "Statement"],
        ["Signature"] = ["Assertion", "Credential", "Value"],
        ["Assertion"] = ["AuthenticatorData", "ClientData"], // the challenge, the portal's origin, flags and a counter
        ["TrustRoot"] = ["Approvers", "Company", "Keyholder", "Log", "Origin", "Quorum", "V", "Witness"],
        ["RootApprover"] = ["Key", "Person", "Roles"],
    };

    // Names of members that could hold somebody's id, name or address, and where they may stand in the open all the same.
    private static readonly string[] Naming = ["person", "people", "subject", "asker", "askedby", "by", "name", "mail", "user", "member", "address", "phone", "owner"];

    private static readonly string[] Allowed =
    [
        "RootApprover.Person", // the first approvers are ids in the trust root, for everybody to compare
        "SettingsChanged.Name", // a setting's
        "ReleaseRun.People", // how many
        "ReleaseRun.PeopleRoot", // a commitment
    ];

    /// <summary>What every kind says of itself, and never writes.</summary>
    private static readonly string[] AboutKinds = [.. typeof(PersonEvent).GetProperties().Select(p => p.Name)];

    public static TheoryData<string> AllKinds() => [.. Kinds.Keys];

    public static TheoryData<string> PrivateKinds() => [.. Kinds.Where(k => k.Value.IsSubclassOf(typeof(PersonEvent))).Select(k => k.Key)];

    public static TheoryData<string> PublicKinds() => [.. Kinds.Where(k => k.Value.IsSubclassOf(typeof(PublicEvent))).Select(k => k.Key)];

    [Fact]
    public void the_page_has_every_kind_once_and_no_other() => Assert.Equal(Kinds.Keys, Rows("Kinds").Select(r => r[0]).Order(StringComparer.Ordinal));

    [Fact]
    public void every_kind_is_sampled_here() => Assert.Equal(Kinds.Keys, Samples.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void the_page_says_of_a_kind_what_the_code_does(string kind)
    {
        var (sample, row) = (Samples[kind], Assert.Single(Rows("Kinds"), r => r[0] == kind));
        Assert.Equal(
            [YesNo(sample.IsPublic), YesNo(sample.CarriesAuthority), Kept(sample), YesNo(sample.Stops), YesNo(sample.Once is not null)],
            row[1..6]);
        Assert.StartsWith(Shown(sample), row[8], StringComparison.Ordinal);
        Assert.NotEmpty(row[7]);
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void the_page_names_the_statement_that_is_signed_for_a_kind(string kind)
    {
        var signed = Assert.Single(Rows("Kinds"), r => r[0] == kind)[6];
        var named = Signed(Samples[kind]).ToList();
        Assert.All(named, act => Assert.Contains($"`{act}`", signed, StringComparison.Ordinal));
        Assert.Equal(named.Count > 0, signed.Contains('`', StringComparison.Ordinal));
    }

    [Fact]
    public void the_page_has_every_statement_with_its_members() => Assert.Equal(Described(typeof(Statement)), Written("Statements"));

    [Fact]
    public void the_page_has_everything_that_the_keyholder_says_with_its_members() => Assert.Equal(Described(typeof(KeyholderStatement)), Written("What the keyholder signs"));

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void an_event_is_read_back_from_its_canonical_bytes(string kind)
    {
        var bytes = CanonicalJson.Write(Samples[kind], SealingJson.Default.LogEvent);
        var read = CanonicalJson.Read(bytes, SealingJson.Default.LogEvent)!;
        Assert.Equal(Kinds[kind], read.GetType());
        Assert.Equal(bytes, CanonicalJson.Write(read, SealingJson.Default.LogEvent));
        using var json = JsonDocument.Parse(bytes);
        Assert.Equal(kind, json.RootElement.GetProperty("kind").GetString());
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void an_event_with_a_member_that_nobody_knows_is_refused(string kind)
    {
        var json = Encoding.UTF8.GetString(CanonicalJson.Write(Samples[kind], SealingJson.Default.LogEvent));
        Assert.Null(CanonicalJson.Read(Encoding.UTF8.GetBytes(json[..^1] + ",\"zzz\":\"x\"}"), SealingJson.Default.LogEvent));
    }

    [Theory]
    [MemberData(nameof(PrivateKinds))]
    public void an_entry_about_a_person_has_the_same_shape_and_length_whatever_happened(string kind)
    {
        var (entry, openings) = LogEntry.Of(Day, (PersonEvent)Samples[kind]);
        var bytes = entry.ToBytes();
        Assert.Equal(LogEntry.Of(Day, (PersonEvent)Samples["refusal"]).Entry.ToBytes().Length, bytes.Length);
        using var json = JsonDocument.Parse(bytes);
        Assert.Equal(["commitments", "day", "v"], json.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal([("asker", 44), ("details", 44), ("subject", 44)], json.RootElement.GetProperty("commitments").EnumerateObject().Select(c => (c.Name, c.Value.GetString()!.Length)));
        Assert.Equal(Kinds[kind], LogEntry.TryRead(bytes)!.Open(openings)!.GetType());
        Assert.Null(LogEntry.TryRead(new LogEntry(1, Day, Samples[kind]).ToBytes()));
    }

    [Theory]
    [MemberData(nameof(PrivateKinds))]
    public void a_subject_is_never_told_who_asked(string kind)
    {
        var happened = (PersonEvent)Samples[kind];
        if (happened is { Asker: { Length: > 0 } asker, View: { } view })
        {
            Assert.NotEqual(asker, view.Subject);
            Assert.DoesNotContain(asker, JsonSerializer.Serialize(view, SealingJson.Default.SubjectView), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(PublicKinds))]
    public void a_public_entry_stands_in_full_and_is_read_back(string kind)
    {
        var bytes = LogEntry.Of(Day, (PublicEvent)Samples[kind]).ToBytes();
        Assert.Equal(bytes, LogEntry.TryRead(bytes)!.ToBytes());
        Assert.Equal(Kinds[kind], LogEntry.TryRead(bytes)!.Open(null)!.GetType());
    }

    [Fact]
    public void what_stands_in_the_open_is_listed_member_by_member()
    {
        var found = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var type in Kinds.Values.Where(k => k.IsSubclassOf(typeof(PublicEvent))))
        {
            Collect(type, found);
        }

        Assert.Equal(PublicMembers.Keys.Order(StringComparer.Ordinal), found.Keys);
        Assert.All(found, f => Assert.Equal(PublicMembers[f.Key], f.Value));
    }

    [Fact]
    public void nothing_in_the_open_could_hold_a_person_besides_what_is_allowed_by_name()
    {
        var named = PublicMembers.SelectMany(t => t.Value, (t, member) => $"{t.Key}.{member}").Where(m => IsNaming(m[(m.IndexOf('.', StringComparison.Ordinal) + 1)..]));
        Assert.Equal(Allowed.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(PublicKinds))]
    public void no_statement_in_the_open_could_hold_a_person(string kind)
    {
        var statements = Discriminators(typeof(Statement)).Concat(Discriminators(typeof(KeyholderStatement))).ToDictionary();
        Assert.All(Signed(Samples[kind]), act => Assert.DoesNotContain(Members(statements[act]), m => IsNaming(m.Name)));
    }

    private static IEnumerable<LogEvent> All()
    {
        var (now, root) = (Company.Now, Company.RootOf("Example", 2, CredentialKey.Create(), CredentialKey.Create(), CredentialKey.Create()));
        var ask = Unsigned(new Ask(Root, now, "i", "mia", "dora", ["p"], ["records"], Day, Day, "role:investigator/records", now, "c"));
        return
        [
            new TrustRootSet(root),
            new PeopleEnrolled(Unsigned(new EnrollPeople(Root, now, "l", 1))),
            new CredentialRegistered(Unsigned(new RegisterCredential(Root, now, "dora", "k", "device", "c")), "code", new EnrollmentLine("dora", "s", "c", "device"), 1, 0, ["x"]),
            new CredentialRevoked(Unsigned(new RevokeCredential(Root, now, "dora", "c", "lost"))),
            new CredentialAdded(Unsigned(new AddCredential(Root, now, "dora", "k"))),
            new CredentialPromised(Unsigned(new PromiseCredential(Root, now, "dora", "k", "lost"))),
            new CredentialRestored(Unsigned(new TakeCredential(Root, now, "dora", 7))),
            new RoleGranted(Unsigned(new GrantRole(Root, now, "dora", "auditor", Day, Exposure: Company.Read))),
            new RoleRevoked(Unsigned(new RevokeRole(Root, now, "dora", "auditor", "over"))),
            new CharterProposed(Unsigned(new ProposeCharter(Root, now, "p", "h")), "text"),
            new CharterApproved(Unsigned(new ApproveCharter(Root, now, "p", "h", "r", Company.Read))),
            new CharterRefused(Unsigned(new RefuseCharter(Root, now, "p", "h", "r", "no"))),
            new CharterActivated(Unsigned(new ActivateCharter(Root, now, "p", "h"))),
            new CharterEnded(Unsigned(new EndCharter(Root, now, "p", "h", "r", "over"))),
            new ReviewOpened("p", "h", Day),
            new ReviewClosed(Unsigned(new CloseReview(Root, now, "p", 1, "r", "continue", "well"))),
            new ProgramPaused("p", "why", now, Unsigned(new PauseProgram(Root, now, "p", "why"))),
            new ProgramResumed(Unsigned(new ResumeProgram(Root, now, "p", 1, 2, "r"))),
            new ReviewReported(Unsigned(new ReportReview(Root, now, "p", 1, Company.Report.Digest(), "security")), Company.Report),
            new ReviewSigned(Unsigned(new SignReview(Root, now, "p", 1, Company.Report.Digest(), "r"))),
            new ObjectionRaised(Unsigned(new RaiseObjection(Root, now, "dora", "p", "mine"))),
            new ObjectionAnswered(Unsigned(new AnswerObjection(Root, now, 1, true, "why", "dora", "p"))),
            new NoticeAcknowledged(Unsigned(new AcknowledgeNotice(Root, now, "dora", "p", "h"))),
            new AccessReviewOpened("2026-Q4", Day),
            new RoleReviewed(Unsigned(new ReviewRole(Root, now, 1, "dora", "auditor", 1, "keep", Day, "privacy-officer"))),
            new RuleReviewed(Unsigned(new ReviewRule(Root, now, 1, "p", "h", "manager/x", "keep", "privacy-officer"))),
            new AccessReviewClosed(1, 1, 2, 3, 4),
            new IncidentOpened(Unsigned(new OpenIncident(Root, now, "i", "what", now, now, ["p"], "f", "security"))),
            new IncidentNoted(Unsigned(new NoteIncident(Root, now, "i", "note", "text", "security"))),
            new ConsentGiven(Unsigned(new GiveConsent(Root, now, "dora", "p", "h"))),
            new ConsentWithdrawn(Unsigned(new WithdrawConsent(Root, now, "dora", "p"))),
            new CaseOpened(Unsigned(new OpenCase(Root, now, "i", "mia", "dora", ["p"], "r", Day, Day, Day, Day, "why"))),
            new CaseApproved(Unsigned(new ApproveCase(Root, now, "h", "r"))),
            new CaseClosed(Unsigned(new CloseCase(Root, now, "h", "r", "over", []))),
            new CaseLapsed("h", [3], now),
            new DirectoryChanged(1, 2, 3, 4, 5, false),
            new DirectoryApproved(Unsigned(new ApproveDirectory(Root, now, Company.Read))),
            new Disclosure(ask, "investigator", ["security"], "records", ["p"], Day, Day, now, Day.AddDays(30), Day.AddDays(700), "case"),
            new Refusal("mia", "dora", "", "manager", ["p"], "records", Day, Day, ["No rule allows it."], now, Day.AddDays(700)),
            new DataExported("mia", "dora", "entries", now),
            new PrivilegedSignIn("dora", ["auditor"], "token", now),
            new KeysDestroyed(Unsigned(new DestroyKeys(Root, now, "dora", ["p"], "self", "left"))),
            new DestructionCertified(new DestructionCertificate(Root, now, "dora", ["p"], [1], 1, 1, Day).Sign(Company.KeyholderKey)),
            new KeyholderStarted(new StartMark(Root, now, "ff", 1).Sign(Company.KeyholderKey)),
            new KeyholderAccepted(Unsigned(new AcceptKeyholder(Root, now, "ff", "restored"))),
            new KeyholderChanged(Unsigned(new ChangeKeyholder(Root, now, "k", "w", "died"))),
            new WitnessesChanged(Unsigned(new SetWitnesses(Root, now, "quorum none\n"))),
            new SettingsChanged("show-looker", "role"),
            new ReleaseRun("p", "h", "2026-W47", 3, "g", 12, "p"),
            new ReleasePublished(1, "c", 2, 1),
            new RetentionPurge(Day, [new PurgedLine("p", "records", 9, "keep: { records: 14d }", 0)]),
        ];
    }

    private static SignedStatement Unsigned(Statement statement) => SignedStatement.Sign(statement);

    /// <summary>What a sample's statements say that they are: <c>act</c> of people's, <c>says</c> of the keyholder's.</summary>
    private static IEnumerable<string> Signed(LogEvent sample) => Members(sample.GetType()).SelectMany(m => m.GetValue(sample) switch
    {
        SignedStatement one => [Act(one)],
        IEnumerable<SignedStatement> many => many.Select(Act),
        string note when KeyholderStatement.TryRead(note) is { } said => [Discriminators(typeof(KeyholderStatement)).Single(d => d.Value == said.GetType()).Key],
        _ => (IEnumerable<string>)[],
    });

    private static string Act(SignedStatement signed) => JsonDocument.Parse(signed.Bytes).RootElement.GetProperty("act").GetString()!;

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Kept(LogEvent sample) => sample switch
    {
        PublicEvent => "-",
        PersonEvent { Kept: var kept } when kept == DateOnly.MaxValue => "for good",
        PersonEvent { Kept: var kept } when kept == DateOnly.FromDateTime(Company.Now.UtcDateTime).AddDays(730) => "730 days",
        PersonEvent { Kept: var kept } when kept == Day.AddDays(700) => "until",
        _ => "undocumented",
    };

    private static string Shown(LogEvent sample) => sample is PersonEvent about ? about.View is { } view ? $"`{view.Happened}`" : "nothing" : "-";

    private static bool IsNaming(string member) => Naming.Any(n => n.Length > 2 ? member.Contains(n, StringComparison.OrdinalIgnoreCase) : member.Equals(n, StringComparison.OrdinalIgnoreCase));

    private static SortedDictionary<string, Type> Discriminators(Type of) =>
        new(of.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).ToDictionary(a => (string)a.TypeDiscriminator!, a => a.DerivedType), StringComparer.Ordinal);

    private static IEnumerable<PropertyInfo> Members(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => !p.IsDefined(typeof(JsonIgnoreAttribute), inherit: false) && !(type.IsSubclassOf(typeof(LogEvent)) && AboutKinds.Contains(p.Name)));

    private static void Collect(Type type, SortedDictionary<string, string[]> found)
    {
        var inner = typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType ? type.GetGenericArguments()[0] : type;
        if (inner.Assembly != typeof(LogEvent).Assembly || found.ContainsKey(inner.Name))
        {
            return;
        }

        var members = Members(inner).ToList();
        found[inner.Name] = [.. members.Select(m => m.Name).Order(StringComparer.Ordinal)];
        members.ForEach(m => Collect(m.PropertyType, found));
    }

    /// <summary>Statements by name with their members besides <c>root</c> and <c>time</c>, as the page writes them.</summary>
    private static IEnumerable<string> Described(Type of) => Discriminators(of).Select(d =>
        $"{d.Key}: {string.Join(", ", Members(d.Value).Select(m => JsonNamingPolicy.CamelCase.ConvertName(m.Name)).Except(["root", "time"]).Order(StringComparer.Ordinal))}");

    private static IEnumerable<string> Written(string section) => Rows(section)
        .Select(r => $"{r[0]}: {string.Join(", ", r[1].Split(", ").Select(m => m.Trim('`')).Order(StringComparer.Ordinal))}")
        .Order(StringComparer.Ordinal);

    /// <summary>Rows of the first table of a section whose first cell is code.</summary>
    private static List<string[]> Rows(string section) => [.. Page
        .SkipWhile(l => l != "## " + section).Skip(1)
        .TakeWhile(l => !l.StartsWith('#'))
        .SkipWhile(l => !l.StartsWith('|'))
        .TakeWhile(l => l.StartsWith('|'))
        .Select(l => l.Trim('|', ' ').Split(" | "))
        .Where(cells => cells[0].StartsWith('`'))
        .Select(cells => (string[])[cells[0].Trim('`'), .. cells[1..]])];
}
