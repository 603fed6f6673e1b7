using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Access;

/// <summary>
/// The only door to a disclosure: one pure function of everything that is known, what is asked and the time. Deny by default; no executive, no administrator
/// and no author of a charter has another one.
/// </summary>
public static class Gate
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <summary>Decides one look. Of several rules that are for who asks, one that allows it is enough; else the nearest says everything that is missing.</summary>
    /// <param name="look">What is wanted.</param>
    /// <param name="world">Everything that is known.</param>
    /// <param name="now">The time.</param>
    public static Decision Decide(Look look, World world, DateTimeOffset now)
    {
        var asker = world.People.Find(look.Asker);
        return look switch
        {
            Look.AtPerson l => DecidePerson(l, asker, world.People.Find(l.Subject), world, now),
            Look.AtGroup l => DecideGroup(l, asker, world),
            _ => throw new InvalidOperationException("Look is closed."),
        };
    }

    /// <summary>Who somebody is to a person, before any rule: the nearest relation.</summary>
    internal static Relation RelationOf(int asker, int subject, World world)
    {
        var people = world.People;
        return asker < 0 || subject < 0 ? Relation.Colleague
            : asker == subject ? Relation.Self
            : people.ManagersOf(subject).Contains(asker) ? Relation.Manager
            : people.IsFurtherUp(asker, subject) ? Relation.FurtherUp
            : world.Roles.HoldsAny(asker) ? Relation.Role
            : people.AreOneTeam(asker, subject) ? Relation.TeamMember
            : Relation.Colleague;
    }

    /// <summary>Whether a rule about one person is for somebody. Needs are another matter.</summary>
    internal static bool IsFor(GatedRule<ShowRule.Individual> rule, int asker, int subject, World world) => rule.Relation switch
    {
        Relation.Self => asker == subject,
        _ when asker == subject => false,
        Relation.Manager => world.People.ManagersOf(subject).Contains(asker),
        Relation.FurtherUp => world.People.IsFurtherUp(asker, subject),
        Relation.TeamMember => world.People.AreOneTeam(asker, subject),
        Relation.Role or Relation.Colleague or _ => world.Roles.HoldsOver(asker, rule.Role, subject),
    };

    /// <summary>Whether a rule about a group is for somebody.</summary>
    internal static bool IsFor(GatedRule<ShowRule.Group> rule, int asker, OrgGroup group, World world) => rule.Relation switch
    {
        Relation.Manager => world.People.ManagesMember(asker, group),
        Relation.FurtherUp => world.People.AboveAllOf(group).BinarySearch(asker) >= 0,
        Relation.TeamMember => world.People.IsCounted(asker, group),
        Relation.Role => world.Roles.HoldsOver(asker, rule.Role, group),
        Relation.Self or Relation.Colleague or _ => false,
    };

    private static Decision DecidePerson(Look.AtPerson look, int asker, int subject, World world, DateTimeOffset now)
    {
        var what = look.What == IndividualKind.Records ? "records" : "submissions";
        if (world.Program(look.Program) is not { } program)
        {
            return RefusedForms.NoProgram(RelationOf(asker, subject, world), what);
        }

        var common = If(program.Facts.Paused, Obstacles.Paused) | If(subject < 0, Obstacles.Unknown) | If(asker != subject && (asker < 0 || !world.People.IsHere(asker)), Obstacles.Left);
        GatedRule<ShowRule.Individual>? nearest = null;
        var missing = Obstacles.None;
        foreach (var rule in program.Individual)
        {
            if (rule.Rule.What != look.What || asker < 0 || subject < 0 || !IsFor(rule, asker, subject, world))
            {
                continue;
            }

            var obstacles = common | (rule.Relation == Relation.Self ? Obstacles.None : Conditions(rule, program, asker, subject, world, look) | Needs(rule, look, asker, subject, world, now));
            if (obstacles == Obstacles.None)
            {
                return rule.Allowed;
            }

            if (nearest is null || int.PopCount((int)obstacles) < int.PopCount((int)missing))
            {
                (nearest, missing) = (rule, obstacles);
            }
        }

        return nearest is null ? program.NoRule.For(RelationOf(asker, subject, world), what, common | Obstacles.NoRule) : nearest.Refused.For(nearest.Relation, what, missing);
    }

    private static Obstacles Conditions(GatedRule<ShowRule.Individual> rule, GatedProgram program, int asker, int subject, World world, Look.AtPerson look) =>
        If(program.IsApprover(asker), Obstacles.Separation)
        | If(!program.MayKnow(subject), Obstacles.NotCovered)
        | If(!world.Agrees(subject, program), Obstacles.Consent)
        | If(rule.Relation == Relation.Manager && world.People.Manages(asker, subject, out var since) && look.From < since, Obstacles.BeforeRelation);

    private static Obstacles If(bool stands, Obstacles obstacle) => stands ? obstacle : Obstacles.None;

    private static Obstacles Needs(GatedRule<ShowRule.Individual> rule, Look.AtPerson look, int asker, int subject, World world, DateTimeOffset now)
    {
        var needs = rule.Rule.Needs;
        var missing = Obstacles.None;
        if (needs.Case)
        {
            missing |= CaseFor(rule, look, asker, subject, world, now);
        }

        if (needs.StepUp is { } fresh && (look.Signed is not { } signed || now - signed > fresh || signed > now + Skew))
        {
            missing |= Obstacles.StepUp;
        }

        if (needs.Hours is { } hours && !hours.Include(now))
        {
            missing |= Obstacles.Hours;
        }

        return needs.Networks.Length > 0 && !IsWithin(needs, look.Address) ? missing | Obstacles.Network : missing;
    }

    private static bool IsWithin(Needs needs, System.Net.IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        foreach (var network in needs.Networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static Obstacles CaseFor(GatedRule<ShowRule.Individual> rule, Look.AtPerson look, int asker, int subject, World world, DateTimeOffset now)
    {
        if (look.Case is null || world.Case(look.Case) is not { } found || found.Asker != asker || found.Subject != subject
            || found.Facts.Rule != rule.Name || !found.Facts.Programs.Contains(look.Program) || look.From < found.Facts.From || look.To > found.Facts.To)
        {
            return Obstacles.Case;
        }

        var isOver = found.Facts.Closed || DateOnly.FromDateTime(now.UtcDateTime) > found.Facts.Until
            || (rule.Rule.Needs.BreakGlass && (now > found.Facts.Opened + Charters.Needs.BreakGlassLife || now < found.Facts.Opened - Skew));
        return If(isOver, Obstacles.CaseOver) | If(Approvals(rule, found, world.People) < rule.Rule.Needs.Enough, Obstacles.Approvals);
    }

    /// <summary>Approvals that count: each of another person in another role that the rule names, who is neither of the two and reports to who asks in no way.</summary>
    private static int Approvals(GatedRule<ShowRule.Individual> rule, GatedCase found, OrgSnapshot people)
    {
        var count = 0;
        for (var i = 0; i < found.Approvals.Length; i++)
        {
            var (role, person) = found.Approvals[i];
            var independent = person >= 0 && person != found.Asker && person != found.Subject && !people.ReportsTo(person, found.Asker) && rule.Approvals.AsSpan().Contains(role);
            for (var j = 0; j < i && independent; j++)
            {
                independent = found.Approvals[j].Person != person && found.Approvals[j].Role != role;
            }

            count += independent ? 1 : 0;
        }

        return count;
    }

    private static Decision DecideGroup(Look.AtGroup look, int asker, World world)
    {
        if (world.Program(look.Program) is not { } program)
        {
            return RefusedForms.NoProgram(Relation.Colleague, look.Measure);
        }

        var group = world.People.Group(look.Level, look.Group);
        var common = If(program.Facts.Paused, Obstacles.Paused) | If(group is null, Obstacles.Unknown) | If(asker < 0 || !world.People.IsHere(asker), Obstacles.Left);
        GatedRule<ShowRule.Group>? nearest = null;
        foreach (var rule in program.Groups)
        {
            if (rule.Rule.Measure != look.Measure || rule.Rule.Level != look.Level || group is not { } g || asker < 0 || !IsFor(rule, asker, g, world))
            {
                continue;
            }

            if (common == Obstacles.None && !program.IsApprover(asker))
            {
                return world.People.IsCounted(asker, g) && program.Covers(asker) && world.IsCollected(asker, program) ? rule.AllowedToCounted : rule.Allowed;
            }

            nearest ??= rule;
        }

        if (nearest is not null)
        {
            return nearest.Refused.For(nearest.Relation, look.Measure, common | If(program.IsApprover(asker), Obstacles.Separation));
        }

        var relation = asker < 0 || group is not { } about ? Relation.Colleague
            : world.People.ManagesMember(asker, about) ? Relation.Manager
            : world.Roles.HoldsAny(asker) ? Relation.Role
            : world.People.IsMember(asker, about) && look.Level == GroupLevel.Team ? Relation.TeamMember
            : Relation.Colleague;
        return program.NoRule.For(relation, look.Measure, common | Obstacles.NoRule);
    }
}
