using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Access;

/// <summary>A program in force, as the log has it.</summary>
/// <param name="Hash">Hash of its charter.</param>
/// <param name="Charter">Its charter.</param>
/// <param name="Paused">Whether it is paused.</param>
/// <param name="Approvers">Person ids of who approved the charter: they look at nobody under it.</param>
public sealed record ProgramFacts(string Hash, Charter Charter, bool Paused, ImmutableArray<string> Approvers)
{
    /// <summary>The program as if everybody who is asked agreed.</summary>
    public ProgramFacts IfAllAgree() => this with { Charter = Charter with { Consent = new Consent.None(string.Empty) } };
}

/// <summary>A role that somebody holds.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Role">The role.</param>
/// <param name="Until">Last day.</param>
/// <param name="Scope">Of whom it holds: everybody, or a team with those below it, a site, a country, an employment type.</param>
public sealed record RoleFacts(string Person, string Role, DateOnly Until, PeopleGroup? Scope = null);

/// <summary>A case, as the log has it.</summary>
/// <param name="Digest">What names it.</param>
/// <param name="Asker">Who will look.</param>
/// <param name="Subject">At whom.</param>
/// <param name="Rule">Under which rule.</param>
/// <param name="Programs">Of which programs.</param>
/// <param name="From">First day of the records.</param>
/// <param name="To">Last day of the records.</param>
/// <param name="Until">Last day of the case.</param>
/// <param name="Opened">When it was signed.</param>
/// <param name="Closed">Whether it was closed.</param>
/// <param name="Approvals">Who approved, in which role.</param>
public sealed record CaseFacts(
    string Digest, string Asker, string Subject, string Rule, ImmutableArray<string> Programs, DateOnly From, DateOnly To, DateOnly Until, DateTimeOffset Opened, bool Closed,
    ImmutableArray<(string Role, string Person)> Approvals);

/// <summary>What somebody said last about a program that asks.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Program">The program.</param>
/// <param name="Charter">Hash of the charter agreed to, or empty.</param>
/// <param name="Given">Yes, or an objection that was answered; no: withdrawn, or objected.</param>
public sealed record ConsentFacts(string Person, string Program, string Charter, bool Given);

/// <summary>Everything that a decision rests on, at one moment, immutable: directory, programs, roles, cases and consents. A change is another one.</summary>
public sealed class World
{
    private readonly FrozenDictionary<string, GatedProgram> programs;
    private readonly FrozenDictionary<string, GatedCase> cases;
    private readonly FrozenDictionary<(int Person, string Program), ConsentFacts> consents;

    /// <summary>Puts the facts together.</summary>
    public World(OrgSnapshot people, IEnumerable<ProgramFacts> programs, IEnumerable<RoleFacts> roles, IEnumerable<CaseFacts> cases, IEnumerable<ConsentFacts> consents)
    {
        People = people;
        Roles = new RoleTable(people, roles);
        this.programs = programs.Select(p => new GatedProgram(people, Roles, p)).ToFrozenDictionary(p => p.Charter.Program, StringComparer.Ordinal);
        this.cases = cases.Select(c => new GatedCase(people, c)).ToFrozenDictionary(c => c.Facts.Digest, StringComparer.Ordinal);
        this.consents = consents.Where(c => people.Find(c.Person) >= 0).ToFrozenDictionary(c => (people.Find(c.Person), c.Program));
    }

    /// <summary>The directory.</summary>
    public OrgSnapshot People { get; }

    /// <summary>The programs in force.</summary>
    public IEnumerable<ProgramFacts> Programs => programs.Values.Select(p => p.Facts).OrderBy(p => p.Charter.Program, StringComparer.Ordinal);

    /// <summary>Every role that is held today.</summary>
    public IReadOnlyList<RoleFacts> HeldRoles => Roles.All;

    /// <summary>What people said last about programs that ask them.</summary>
    public IEnumerable<ConsentFacts> SaidByPeople => consents.Values;

    internal RoleTable Roles { get; }

    internal IEnumerable<GatedProgram> Gated => programs.Values.OrderBy(p => p.Charter.Program, StringComparer.Ordinal);

    /// <summary>The same with another directory, other programs, other roles, or other answers of people: what would be.</summary>
    public World With(OrgSnapshot? people = null, IEnumerable<ProgramFacts>? otherPrograms = null, IEnumerable<RoleFacts>? roles = null, IEnumerable<ConsentFacts>? said = null) =>
        new(people ?? People, otherPrograms ?? Programs, roles ?? HeldRoles, cases.Values.Select(c => c.Facts), said ?? consents.Values);

    /// <summary>The same as if everybody who is asked agreed and nobody objected: what could be seen at the most, and nothing of who said what.</summary>
    public World IfAllAgree() => With(otherPrograms: Programs.Select(p => p.IfAllAgree()), said: []);

    internal GatedProgram? Program(string name) => programs.GetValueOrDefault(name);

    internal GatedCase? Case(string digest) => cases.GetValueOrDefault(digest);

    /// <summary>
    /// Whether somebody agreed to a charter that asks people, or did not say no. What rests on no consent stays open to an approved case, whatever was objected
    /// (GDPR Art. 18(2)): nothing more is collected.
    /// </summary>
    internal bool Agrees(int person, GatedProgram program) => program.Charter.Consent is Consent.None || IsCollected(person, program);

    /// <summary>Whether anything is collected of somebody, by what they said: a yes where people are asked first, no objection anywhere.</summary>
    internal bool IsCollected(int person, GatedProgram program) => consents.TryGetValue((person, program.Charter.Program), out var said)
        ? said.Given && (program.Charter.Consent is not Consent.OptIn || said.Charter == program.Facts.Hash)
        : program.Charter.Consent is not Consent.OptIn;
}

/// <summary>Who holds which role, of whom.</summary>
internal sealed class RoleTable
{
    private readonly Dictionary<int, List<(int Role, NumberedPeople? Scope)>> byPerson = [];
    private readonly List<(int Person, NumberedPeople? Scope)>[] byRole;
    private readonly OrgSnapshot people;

    public RoleTable(OrgSnapshot people, IEnumerable<RoleFacts> roles)
    {
        this.people = people;
        byRole = [.. Vocabulary.Roles.Select(_ => new List<(int, NumberedPeople?)>())];
        All = [.. roles.Where(r => r.Until >= people.Day && people.Find(r.Person) >= 0 && NumberOf(r.Role) >= 0).Distinct()];
        foreach (var held in All)
        {
            var (person, role) = (people.Find(held.Person), NumberOf(held.Role));
            NumberedPeople? scope = held.Scope is { } named ? people.Numbered(named) : null;
            (byPerson.TryGetValue(person, out var own) ? own : byPerson[person] = []).Add((role, scope));
            byRole[role].Add((person, scope));
        }
    }

    public IReadOnlyList<RoleFacts> All { get; }

    public static int NumberOf(string role) => Vocabulary.Roles.IndexOf(role);

    public List<(int Person, NumberedPeople? Scope)> Holders(int role) => byRole[role];

    public bool Holds(int person, int role)
    {
        if (byPerson.TryGetValue(person, out var held))
        {
            foreach (var h in held)
            {
                if (h.Role == role)
                {
                    return true;
                }
            }
        }

        return false;
    }

    public bool HoldsOver(int person, int role, int subject)
    {
        if (byPerson.TryGetValue(person, out var held))
        {
            foreach (var h in held)
            {
                if (h.Role == role && (h.Scope is not { } scope || people.IsIn(subject, scope)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    public bool HoldsOver(int person, int role, OrgGroup group)
    {
        if (byPerson.TryGetValue(person, out var held))
        {
            foreach (var h in held)
            {
                if (h.Role == role && (h.Scope is not { } scope || people.IsIn(group, scope)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    public bool HoldsAny(int person) => byPerson.ContainsKey(person);
}

/// <summary>A case with its people numbered.</summary>
internal sealed class GatedCase(OrgSnapshot people, CaseFacts facts)
{
    public CaseFacts Facts { get; } = facts;

    public int Asker { get; } = people.Find(facts.Asker);

    public int Subject { get; } = people.Find(facts.Subject);

    public (int Role, int Person)[] Approvals { get; } = [.. facts.Approvals.Select(a => (RoleTable.NumberOf(a.Role), people.Find(a.Person)))];
}

/// <summary>A program with everything looked up once that its rules ask for.</summary>
internal sealed class GatedProgram
{
    private readonly OrgSnapshot people;
    private readonly RoleTable roles;
    private readonly Func<int, bool>[] who;
    private readonly Func<int, bool>[] except;
    private readonly int keptDays;

    public GatedProgram(OrgSnapshot people, RoleTable roles, ProgramFacts facts)
    {
        (this.people, this.roles, Facts) = (people, roles, facts);
        (who, except) = ([.. Charter.Covers.Who.Select(g => Picks(g, unknown: false))], [.. Charter.Covers.Except.Select(g => Picks(g, unknown: true))]);
        keptDays = Math.Max(Charter.Keep.Records, Charter.Keep.Submissions);
        Approvers = [.. facts.Approvers.Select(people.Find).Where(p => p >= 0).Distinct()];
        NoRule = new RefusedForms(null, [.. Charter.Measures.Select(m => m.Name)]);
        Individual = [.. Charter.Show.OfType<ShowRule.Individual>().Select(r => new GatedRule<ShowRule.Individual>(r))];
        Groups = [.. Charter.Show.OfType<ShowRule.Group>().Select(r => new GatedRule<ShowRule.Group>(r))];
    }

    public ProgramFacts Facts { get; }

    public Charter Charter => Facts.Charter;

    /// <summary>A handful: a look at each is faster than a hash.</summary>
    public int[] Approvers { get; }

    public GatedRule<ShowRule.Individual>[] Individual { get; }

    public GatedRule<ShowRule.Group>[] Groups { get; }

    public RefusedForms NoRule { get; }

    public bool IsApprover(int person) => Array.IndexOf(Approvers, person) >= 0;

    /// <summary>Whether the charter covers somebody, by today's directory.</summary>
    public bool Covers(int person) => (Charter.Covers.Everyone || Any(who, person)) && !Any(except, person);

    /// <summary>Whether there may be records of somebody: covered today, or by a team that was left while what was collected there is still kept.</summary>
    public bool MayKnow(int person) => Covers(person) || WasCovered(person);

    private bool WasCovered(int person)
    {
        foreach (var span in people.TeamsBefore(person))
        {
            if (span.Until.AddDays(keptDays) >= people.Day && people.Team(span.Team) is not null
                && Charter.Covers.Who.Any(g => g.Kind == GroupKind.Team && people.IsTeamWithin(span.Team, g.Name)) && !Any(except, person))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Any(Func<int, bool>[] picks, int person)
    {
        foreach (var pick in picks)
        {
            if (pick(person))
            {
                return true;
            }
        }

        return false;
    }

    private Func<int, bool> Picks(PeopleGroup group, bool unknown)
    {
        if (group.Kind != GroupKind.Role)
        {
            return people.Picks(group, unknown);
        }

        var role = RoleTable.NumberOf(group.Name);
        return p => roles.Holds(p, role);
    }
}

/// <summary>A rule with its answers made beforehand, so that deciding makes nothing.</summary>
internal sealed class GatedRule<T>
    where T : ShowRule
{
    public GatedRule(T rule)
    {
        (Rule, Name) = (rule, rule.Name);
        Role = rule.To is Audience.Role role ? RoleTable.NumberOf(role.Name) : OrgSnapshot.None;
        Relation = rule.To switch
        {
            Audience.Self => Relation.Self,
            Audience.Manager => Relation.Manager,
            Audience.ManagerChain => Relation.FurtherUp,
            Audience.TeamMember => Relation.TeamMember,
            _ => Relation.Role,
        };
        var fewest = (rule as ShowRule.Group)?.MinimumGroup ?? 0;
        (Allowed, AllowedToCounted) = (new Decision.Allowed(rule, Relation, fewest), new Decision.Allowed(rule, Relation, fewest + 1));
        Refused = new RefusedForms(rule, rule is ShowRule.Group { Measure: var measure } ? [measure] : []);
        Approvals = rule is ShowRule.Individual { Needs: var needs } ? [.. needs.Approvals.Select(RoleTable.NumberOf)] : [];
    }

    public T Rule { get; }

    /// <summary>The rule's name, put together once.</summary>
    public string Name { get; }

    public int Role { get; }

    public Relation Relation { get; }

    public int[] Approvals { get; }

    public Decision.Allowed Allowed { get; }

    /// <summary>For somebody who counts in the very group: one more must be in it.</summary>
    public Decision.Allowed AllowedToCounted { get; }

    public RefusedForms Refused { get; }
}

/// <summary>Refusals that were made once. What is none of the charter's words is made anew: whoever asks for it could fill the memory otherwise.</summary>
internal sealed class RefusedForms(ShowRule? rule, ImmutableArray<string> measures)
{
    private static readonly RefusedForms None = new(null, []);
    private readonly string[] whats = ["records", "submissions", .. measures];
    private readonly ConcurrentDictionary<int, Decision.Refused> made = [];

    public static Decision.Refused NoProgram(Relation relation, string what) => None.For(relation, what, Obstacles.NoProgram);

    public Decision.Refused For(Relation relation, string what, Obstacles obstacles)
    {
        var place = Array.IndexOf(whats, what);
        var key = (place << 20) | ((int)relation << 16) | (int)obstacles; // obstacles take fifteen bits, relations three
        return place < 0 ? new Decision.Refused(relation, rule, what, obstacles)
            : made.TryGetValue(key, out var known) ? known
            : made.GetOrAdd(key, new Decision.Refused(relation, rule, what, obstacles));
    }
}
