using Daylight.Sealing;
using Daylight.Tests.Transparency;
using Daylight.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Sealing;

public sealed class FoldPropertyTests
{
    private const int Events = 40;

    [Fact]
    public void whatever_happens_the_fold_never_throws_and_what_is_complained_about_changes_nothing() =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(40), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => { Run((ulong)seed); }));

    [Fact]
    public void in_what_happens_here_most_kinds_take_effect_so_that_the_property_says_something() =>
        Assert.Empty(((Type[])[typeof(RoleGranted), typeof(RoleRevoked), typeof(CredentialRevoked), typeof(CaseOpened), typeof(ConsentWithdrawn), typeof(ProgramPaused), typeof(KeyholderAccepted), typeof(KeyholderChanged)])
            .Except(Enumerable.Range(1, 90).SelectMany(seed => Run((ulong)seed))));

    [Fact]
    public void before_the_trust_root_nothing_takes_effect_and_nothing_throws()
    {
        var chaos = new Chaos(1);
        for (var i = 0; i < 300; i++)
        {
            var (authority, happened) = (new Authority(), chaos.Next());
            if (happened is TrustRootSet)
            {
                continue;
            }

            Assert.Equal("there is no trust root before it", authority.Apply(1, default, happened));
            Assert.Equal("there is no trust root before it", authority.Complaint(default, happened));
            Assert.Equal(Company.StateOf(new Authority()), Company.StateOf(authority));
        }
    }

    [Fact]
    public void the_same_entries_in_the_same_order_give_the_same_state()
    {
        var chaos = new Chaos(2);
        for (var i = 0; i < 5 * Events; i++)
        {
            chaos.Step();
        }

        var (one, other) = (new Authority(), new Authority());
        foreach (var authority in (Authority[])[one, other])
        {
            authority.Apply(0, chaos.Company.Today, new TrustRootSet(chaos.Company.Root));
            chaos.Log.ForEach(e => authority.Apply(e.Index, e.Day, e.Happened));
        }

        Assert.Equal(Company.StateOf(one), Company.StateOf(other));
    }

    /// <summary>Kinds that took effect.</summary>
    private static List<Type> Run(ulong seed)
    {
        var chaos = new Chaos(seed);
        return [.. Enumerable.Range(0, Events).Select(_ => chaos.Step()).OfType<Type>()];
    }

    /// <summary>A company in which people sign whatever comes: often right, often almost right, sometimes damaged.</summary>
    private sealed class Chaos
    {
        private static readonly string[] People = ["anna", "bert", "cleo", "dora", "erik", "otto", ""];
        private static readonly string[] Roles = [Company.PrivacyOfficer, Company.WorksCouncil, Company.Owner, "security", "auditor", "self", ""];
        private static readonly string[] Programs = [Company.Program, Company.Program, "other", ""];

        private readonly Dice dice;
        private readonly List<CredentialKey> keys;
        private readonly List<SignedStatement> said = [];
        private readonly string otherRoot = new Company("Other").Root.Fingerprint;
        private ulong index;

        public Chaos(ulong seed)
        {
            dice = new Dice(seed);
            keys = [Company.Anna, Company.Bert, Company.Cleo, Company.Anna, Company.Bert, Company.Enroll("dora"), Company.Enroll("dora", "device"), Company.Enroll("erik"), CredentialKey.Create()];
            keys.Add(dice.Below(3) > 0 ? Company.Activate() : Company.Appoint("otto", Company.Owner));
            index = Company.Last;
        }

        public List<(ulong Index, DateOnly Day, LogEvent Happened)> Log { get; } = [];

        public Company Company { get; } = new();

        private string Hash => dice.Below(3) > 0 ? Company.Charter : "00";

        private string Case => Company.Authority.Cases.Keys.ToList() is { Count: > 0 } cases && dice.Below(5) > 0 ? dice.One(cases) : "00";

        private DateTimeOffset Time => Company.Now.AddDays(dice.One([0, 0, 0, 1, -30, 31, -4000])).AddSeconds(dice.Below(5));

        private ulong Pointer => dice.One([0UL, index, index - 1, ulong.MaxValue, (1UL << 53) - 1, Company.Authority.Program(Company.Program).PausedBy ?? 1, Company.Authority.Reviews.Keys.LastOrDefault()]);

        private NoteSigner Signer => dice.One([Company.KeyholderKey, Company.KeyholderKey, Company.LogKey, Company.WitnessKey]);

        /// <summary>One more entry; its kind when it took effect.</summary>
        public Type? Step()
        {
            var happened = Next();
            if (dice.Below(20) == 0)
            {
                Company.Today = dice.One([new DateOnly(2026, 11, 21), new DateOnly(2026, 11, 20), new DateOnly(2026, 11, 21), new DateOnly(2026, 11, 20), new DateOnly(2026, 11, 22), new DateOnly(2028, 1, 1), DateOnly.MaxValue, DateOnly.MinValue]);
            }

            var (before, beforehand) = (Company.State(), Company.Authority.Complaint(Company.Today, happened));
            Assert.Equal(before, Company.State());
            var why = Company.Authority.Apply(++index, Company.Today, happened);
            Log.Add((index, Company.Today, happened));
            Assert.Equal(beforehand, why);
            if (why is not null)
            {
                Assert.Equal(before, Company.State());
                return null;
            }

            return happened.GetType();
        }

        public LogEvent Next() => dice.Below(12) switch
        {
            0 => new ProgramPaused(Program, "why", Time),
            1 => dice.One<LogEvent>([new ReviewReported(Signed(), Company.Report), new AccessReviewOpened("2026-Q4", dice.One([new DateOnly(2026, 12, 10), Company.Today])), new AccessReviewClosed(Pointer, 0, 0, 0, 0)]),
            2 => new ReviewOpened(Program, Hash, Company.Today, dice.One([null, null, Company.Authority.Program(Company.Program).PausedBy])),
            3 => dice.One<LogEvent>([new SettingsChanged(Program, "value"), new RetentionPurge(Company.Today, [new PurgedLine(Program, "records", 1, "keep", 0)]), new ReleaseRun(Program, Hash, "2026-W47", 1, "g", 1, "p")]),
            4 => dice.One<LogEvent>([new KeyholderStarted(Note()), new DestructionCertified(Note())]),
            5 => dice.One<LogEvent>([new TrustRootSet(Company.Root), new PrivilegedSignIn(Person, [Role], "token", Time), new DataExported(Person, Person, "x", Time)]),
            6 => new CredentialRegistered(Signed(), dice.One(keys).Credential.Text, new EnrollmentLine(Person, "s", "c", "person"), Pointer, dice.Below(3) - 1, dice.One<string[]>([[], ["!"], [Merkle.EmptyRoot.ToString()]])),
            _ => ForItsKind(Signed()),
        };

        private string Person => dice.One(People);

        private string Role => dice.One(Roles);

        private string Program => dice.One(Programs);

        /// <summary>A signed statement: a new one, one that was signed before, or a damaged one.</summary>
        private SignedStatement Signed()
        {
            if (said.Count > 0 && dice.Below(8) == 0)
            {
                return dice.One(said);
            }

            var signed = SignedStatement.Sign(Any(dice.Below(20) == 0 ? otherRoot : Company.Root.Fingerprint), [.. dice.Below(3) == 0 ? [Company.Anna, Company.Bert] : Enumerable.Range(0, dice.Below(4)).Select(_ => dice.One(keys))]);
            said.Add(signed);
            return dice.Below(25) switch
            {
                0 => signed with { Statement = "!" },
                1 => signed with { Statement = signed.Statement[..^4] },
                2 => signed with { Signatures = [.. signed.Signatures.Select(s => s with { Value = "AAAA" })] },
                3 => signed with { Signatures = [.. signed.Signatures.Select(s => s with { Credential = dice.One(keys).Credential.Id.Value })] },
                4 => signed with { Signatures = [.. Enumerable.Repeat(new Signature("x", "y"), 20)] },
                _ => signed,
            };
        }

        private Statement Any(string root) => dice.Below(34) switch
        {
            0 => new GrantRole(root, Time, Person, Role, new DateOnly(2027, 11, 1), Exposure: Company.Read),
            1 => dice.Below(2) == 0 ? new RevokeRole(root, Time, "anna", Company.PrivacyOfficer, "r") : new RevokeRole(root, Time, Person, Role, "r"),
            2 => dice.One([.. Company.Authority.Held]) is var held && dice.Below(3) > 0
                ? new RevokeCredential(root, Time, held.Value.Person, held.Key.Value, "r")
                : new RevokeCredential(root, Time, Person, dice.One(keys).Credential.Id.Value, "r"),
            3 => new ProposeCharter(root, Time, Program, Hash),
            4 => new ApproveCharter(root, Time, Program, Hash, Role, Company.Read),
            5 => new RefuseCharter(root, Time, Program, Hash, Role, "r"),
            6 => new ActivateCharter(root, Time, Program, Hash),
            7 => new EndCharter(root, Time, Program, Hash, Role, "r"),
            8 => new CloseReview(root, Time, Program, Pointer & ((1UL << 53) - 1), Role, dice.One(["continue", "change", "end", "maybe"]), "f"),
            9 => new PauseProgram(root, Time, Program, "r"),
            10 or 11 => new ResumeProgram(root, Time, Program, Pointer & ((1UL << 53) - 1), Pointer & ((1UL << 53) - 1), Role),
            24 => new ReportReview(root, Time, Program, Pointer & ((1UL << 53) - 1), dice.One([Company.Report.Digest(), "00"]), Role),
            25 => new SignReview(root, Time, Program, Pointer & ((1UL << 53) - 1), dice.One([Company.Report.Digest(), "00"]), Role),
            26 => new RaiseObjection(root, Time, Person, Program, dice.One(["mine", ""])),
            27 => new AnswerObjection(root, Time, Company.Authority.Objections.Keys.LastOrDefault(), dice.Below(2) == 0, "r", Person, Program),
            28 => new AcknowledgeNotice(root, Time, Person, Program, Hash),
            29 or 30 => new ReviewRole(root, Time, Company.Authority.AccessReviews.Keys.LastOrDefault(), Person, Role, Pointer & ((1UL << 53) - 1), dice.One(["keep", "narrow", "revoke", "all"]), new DateOnly(2027, 11, 1), Role),
            31 => new ReviewRule(root, Time, Company.Authority.AccessReviews.Keys.LastOrDefault(), Program, Hash, "manager/x", dice.One(["keep", "revoke", "narrow"]), Role),
            32 => new OpenIncident(root, Time, "i", "w", Time, Time, [Program], "f", Role),
            33 => new NoteIncident(root, Time, "i", dice.One(["note", "authority-told", "closed", "x"]), "t", Role),
            12 => new GiveConsent(root, Time, Person, Program, Hash),
            13 => new WithdrawConsent(root, Time, Person, Program),
            14 or 15 => new OpenCase(root, Time, "i", dice.Below(2) == 0 ? "anna" : Person, Person, [Program], "r", Company.Today, Company.Today, dice.One([Company.Today, Company.Today, Company.Today, DateOnly.MaxValue]), Company.Today, "r"),
            16 => new ApproveCase(root, Time, Case, Role),
            17 => new CloseCase(root, Time, Case, Role, "r", []),
            18 => new DestroyKeys(root, Time, Person, dice.One<string[]>([[], [Program]]), Role, "r"),
            19 => new AcceptKeyholder(root, Time, "m", "r"),
            20 => dice.Below(3) > 0 ? new ChangeKeyholder(root, Time, Company.Root.Keyholder, Company.Root.Witness, "r") : new ChangeKeyholder(root, Time, Vkey(), Vkey(), "r"),
            21 => new SetWitnesses(root, Time, dice.One([Authority.PlainPolicy(Company.Root.Log, Vkey()), "quorum none\n", "", $"log {Company.Root.Log}\nquorum none\n"])),
            22 => new EnrollPeople(root, Time, dice.One([Merkle.EmptyRoot.ToString(), "!"]), dice.One([0, 1, -1, int.MaxValue])),
            _ => new RegisterCredential(root, Time, Person, dice.One(keys).Credential.Text, dice.One(["person", "device", "root"]), "c"),
        };

        private string Vkey() => dice.One([Company.Root.Keyholder, Company.Root.Keyholder, Company.Root.Witness, Company.Root.Witness, Company.Root.Log, "no key", ""]);

        private string Note() => dice.Below(4) switch
        {
            0 => new StartMark(dice.One([Company.Root.Fingerprint, otherRoot]), Time, "m", 1).Sign(Signer),
            1 => new DestructionCertificate(Company.Root.Fingerprint, Time, Person, [Program], [1], 1, 1, Company.Today).Sign(Signer),
            2 => new TotalOfOpenings(Company.Root.Fingerprint, Time, 1, "c", 1, "r").Sign(Signer),
            _ => dice.One(["", "\n", "text\n\n", "{\"says\":\"start\"}\n\n\u2014 x y\n"]),
        };

        /// <summary>The kind that a statement is for; now and then another one.</summary>
        private LogEvent ForItsKind(SignedStatement signed)
        {
            var statement = dice.Below(10) == 0 ? Any(Company.Root.Fingerprint) : Statement.TryRead(signed.Bytes);
            return statement switch
            {
                GrantRole => new RoleGranted(signed),
                RevokeRole => new RoleRevoked(signed),
                RevokeCredential => new CredentialRevoked(signed),
                ProposeCharter => new CharterProposed(signed, Company.Text),
                ApproveCharter => new CharterApproved(signed),
                RefuseCharter => new CharterRefused(signed),
                ActivateCharter => new CharterActivated(signed),
                EndCharter => new CharterEnded(signed),
                CloseReview => new ReviewClosed(signed),
                GiveConsent => new ConsentGiven(signed),
                WithdrawConsent => new ConsentWithdrawn(signed),
                OpenCase => new CaseOpened(signed),
                ApproveCase => new CaseApproved(signed),
                CloseCase => new CaseClosed(signed),
                DestroyKeys => new KeysDestroyed(signed),
                AcceptKeyholder => new KeyholderAccepted(signed),
                ChangeKeyholder => new KeyholderChanged(signed),
                SetWitnesses => new WitnessesChanged(signed),
                EnrollPeople => new PeopleEnrolled(signed),
                ReportReview => new ReviewReported(signed, Company.Report),
                SignReview => new ReviewSigned(signed),
                RaiseObjection => new ObjectionRaised(signed),
                AnswerObjection => new ObjectionAnswered(signed),
                AcknowledgeNotice => new NoticeAcknowledged(signed),
                ReviewRole => new RoleReviewed(signed),
                ReviewRule => new RuleReviewed(signed),
                OpenIncident => new IncidentOpened(signed),
                NoteIncident => new IncidentNoted(signed),
                _ => new ProgramResumed(signed),
            };
        }
    }
}
