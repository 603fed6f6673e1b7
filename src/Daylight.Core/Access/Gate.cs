using Daylight.Core.Charters;
using Daylight.Core.Directory;

namespace Daylight.Core.Access;

/// <summary>A program as the gate sees it: its charter in force, and whether it is paused.</summary>
public sealed record GateProgram(Charter Charter, bool Paused);

/// <summary>An open case of this asker about this person, as the log has it.</summary>
/// <param name="Digest">What names it.</param>
/// <param name="Rule">The rule that it is for.</param>
/// <param name="Programs">Its programs.</param>
/// <param name="From">First day of the records.</param>
/// <param name="To">Last day of the records.</param>
/// <param name="Approvals">Roles that approved it.</param>
public sealed record CaseAtHand(string Digest, string Rule, IReadOnlyList<string> Programs, DateOnly From, DateOnly To, IReadOnlyList<string> Approvals)
{
    /// <summary>Whether it serves for a look under a rule of a charter.</summary>
    public bool Serves(Look.AtPerson look, Charter charter, ShowRule.Individual rule) =>
        Rule == rule.Name && Programs.Contains(charter.Program) && look.From >= From && look.To <= To && rule.Needs.Approvals.All(Approvals.Contains);
}

/// <summary>What somebody wants to see. It is a wish; only <see cref="Decision.Allowed"/> is more.</summary>
public abstract record Look(string Asker)
{
    /// <summary>Records of one person.</summary>
    /// <param name="Asker">Who asks.</param>
    /// <param name="Subject">About whom.</param>
    /// <param name="From">First local day.</param>
    /// <param name="To">Last local day.</param>
    /// <param name="Case">A case that was named, or null.</param>
    public sealed record AtPerson(string Asker, string Subject, DateOnly From, DateOnly To, CaseAtHand? Case = null) : Look(Asker);

    /// <summary>Group figures of a team.</summary>
    public sealed record AtTeam(string Asker, string Team, string Measure) : Look(Asker);
}

/// <summary>What the gate decided.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>A rule allows it.</summary>
    public sealed record Allowed(ShowRule Rule, string Relation) : Decision;

    /// <summary>No rule allows it, or one would but something is missing.</summary>
    /// <param name="Relation">Who the asker is to whom it is about.</param>
    /// <param name="Missing">Stable name of what is missing.</param>
    /// <param name="Reasons">Every reason, in words for the person it concerns.</param>
    public sealed record Refused(string Relation, string Missing, IReadOnlyList<string> Reasons) : Decision;

    /// <summary>The program is paused: nobody is shown anything.</summary>
    public sealed record Paused(string Program) : Decision;
}

/// <summary>The gate's decision: one pure function, and deny by default.</summary>
public static class Gate
{
    /// <summary>Decides one look under one program.</summary>
    /// <param name="look">What is wanted.</param>
    /// <param name="program">The program.</param>
    /// <param name="directory">Who is who, now.</param>
    /// <param name="roles">The asker's roles, as the log grants them.</param>
    public static Decision Decide(Look look, GateProgram program, OrgSnapshot directory, IReadOnlyCollection<string> roles)
    {
        if (program.Paused)
        {
            return new Decision.Paused(program.Charter.Program);
        }

        return look switch
        {
            Look.AtPerson l => DecidePerson(l, program.Charter, directory, roles),
            Look.AtTeam l => DecideTeam(l, program.Charter, directory, roles),
            _ => throw new InvalidOperationException("Look is closed."),
        };
    }

    /// <summary>Who the asker is to a person, in the words of a log entry.</summary>
    public static string Relation(string asker, string subject, OrgSnapshot directory, IReadOnlyCollection<string> roles) => asker == subject
        ? "self"
        : directory.Manages(asker, subject) ? "manager"
        : directory.IsInChainAbove(asker, subject) ? "manager's manager"
        : roles.Count > 0 ? string.Join(", ", roles)
        : directory.Person(asker)?.Team is { } team && team == directory.Person(subject)?.Team ? "team member"
        : "colleague";

    private static Decision DecidePerson(Look.AtPerson look, Charter charter, OrgSnapshot directory, IReadOnlyCollection<string> roles)
    {
        var relation = Relation(look.Asker, look.Subject, directory, roles);
        var rules = charter.IndividualRules.Where(r => r.What == IndividualKind.Records).ToList();
        if (relation == "self")
        {
            return rules.Find(r => r.To is Audience.Self) is { } self
                ? new Decision.Allowed(self, "self")
                : new Decision.Refused(relation, "self/records", [$"Charter {charter.Program} version {charter.Version} keeps no records that a person could be shown."]);
        }

        var reasons = new List<string>();
        var missing = relation is "manager" or "manager's manager" ? "manager/records" : "records";
        foreach (var rule in rules)
        {
            if (rule.To is Audience.Role role && roles.Contains(role.Name))
            {
                if (!rule.Needs.Case || look.Case?.Serves(look, charter, rule) == true)
                {
                    return new Decision.Allowed(rule, role.Name);
                }

                missing = rule.Name;
                reasons.Add(look.Case is not null
                    ? $"The rule for {role.Name} needs an open case about this person and these days, approved by {string.Join(" and ", rule.Needs.Approvals)}; there is no such case."
                    : $"The rule for {role.Name} needs a case, approved by {string.Join(" and ", rule.Needs.Approvals)}; none was named.");
            }
        }

        if (reasons.Count == 0)
        {
            reasons.Add(relation is "manager" or "manager's manager"
                ? $"No rule of charter {charter.Program} version {charter.Version} shows one person's records to their {relation}. A manager is shown figures of the team."
                : $"No rule of charter {charter.Program} version {charter.Version} shows this person's records to a {relation}.");
        }

        return new Decision.Refused(relation, missing, reasons);
    }

    private static Decision DecideTeam(Look.AtTeam look, Charter charter, OrgSnapshot directory, IReadOnlyCollection<string> roles)
    {
        var manages = directory.ManagesTeam(look.Asker, look.Team);
        foreach (var rule in charter.GroupRules.Where(r => r.Measure == look.Measure && r.Level == GroupLevel.Team))
        {
            switch (rule.To)
            {
                case Audience.Manager when manages:
                    return new Decision.Allowed(rule, "manager");
                case Audience.ManagerChain when directory.IsInChainAboveTeam(look.Asker, look.Team):
                    return new Decision.Allowed(rule, "manager's manager");
                case Audience.TeamMember when directory.Person(look.Asker)?.Team == look.Team && !manages:
                    return new Decision.Allowed(rule, "team member");
                case Audience.Role role when roles.Contains(role.Name) && directory.Person(look.Asker)?.Team != look.Team:
                    return new Decision.Allowed(rule, role.Name); // a viewer never counts towards what they view
                default:
                    break;
            }
        }

        var relation = manages ? "manager" : roles.Count > 0 ? string.Join(", ", roles) : "colleague";
        return new Decision.Refused(
            relation, $"{relation}/{look.Measure}", [$"No rule of charter {charter.Program} version {charter.Version} shows '{look.Measure}' of this team to a {relation}."]);
    }
}
