using Daylight.Core.Charters;

namespace Daylight.Core.Access;

/// <summary>Decisions in words, written for the person whom they concern.</summary>
public static class AccessWords
{
    /// <summary>A relation in the words of a log entry.</summary>
    public static string Relation(Relation relation) => relation switch
    {
        Access.Relation.Self => "self",
        Access.Relation.Manager => "manager",
        Access.Relation.FurtherUp => "manager's manager",
        Access.Relation.TeamMember => "team member",
        Access.Relation.Role => "holder of a role",
        Access.Relation.Colleague or _ => "colleague",
    };

    /// <summary>The relation of somebody who was refused, with the roles that they hold.</summary>
    public static string Relation(Decision.Refused refused, IReadOnlyCollection<string> roles) =>
        refused.Rule?.To is Audience.Role role ? role.Name : refused.Relation == Access.Relation.Role ? string.Join(", ", roles) : Relation(refused.Relation);

    /// <summary>Every reason of a refusal.</summary>
    /// <param name="refused">The refusal.</param>
    /// <param name="charter">The program's charter, or null when there is none in force.</param>
    /// <param name="relation">Who asked, in words.</param>
    public static IReadOnlyList<string> Reasons(Decision.Refused refused, Charter? charter, string relation)
    {
        var named = charter is null ? "the program" : $"charter {charter.Program} version {charter.Version}";
        var needs = (refused.Rule as ShowRule.Individual)?.Needs ?? Needs.Nothing;
        return [.. All.Where(o => refused.Obstacles.HasFlag(o)).Select(o => Reason(o, refused, named, relation, needs))];
    }

    /// <summary>The short stable names of obstacles, as problem details, tests and the command line have them.</summary>
    public static IReadOnlyList<string> Codes(Obstacles obstacles) => [.. All.Where(o => obstacles.HasFlag(o)).Select(Code).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<Obstacles> All => Enum.GetValues<Obstacles>().Where(o => o != Obstacles.None);

    // Who said no is nobody's business: of them a refusal says what it says of people whom the charter does not cover.
    private static string Code(Obstacles obstacle) => obstacle == Obstacles.Consent ? Code(Obstacles.NotCovered) : string.Concat(obstacle.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : string.Empty) + char.ToLowerInvariant(c) : c.ToString()));

    private static string Reason(Obstacles obstacle, Decision.Refused refused, string charter, string relation, Needs needs) => obstacle switch
    {
        Obstacles.NoRule => NoRule(refused, charter, relation),
        Obstacles.NoProgram => "There is no such program in force.",
        Obstacles.Paused => "The program is paused: nothing is shown to anybody.",
        Obstacles.Unknown => "There is nobody, or no group, of that name in the directory.",
        Obstacles.Left => "Whoever asks does not work here (any more).",
        Obstacles.NotCovered or Obstacles.Consent => $"Nothing is collected of this person under {charter}.",
        Obstacles.Separation => $"Whoever approved {charter} looks at nobody under it.",
        Obstacles.BeforeRelation => "Some of these days are from before this manager led this person.",
        Obstacles.Case => $"The rule for {relation} needs an open case about this person and these days, approved by {Approvers(needs)}; none was named that fits.",
        Obstacles.CaseOver => needs.BreakGlass ? "The case is over: whoever breaks the glass has an hour." : "The case is closed or over.",
        Obstacles.Approvals => $"The case needs the approval of {Approvers(needs)}, of people who do not report to whoever asks.",
        Obstacles.StepUp => $"The rule needs a signature over this very ask, at most {needs.StepUp?.TotalMinutes} minutes old.",
        Obstacles.Hours => $"The rule lets one look {needs.Hours} only.",
        Obstacles.Network => $"The rule lets one look from {string.Join(", ", needs.Networks)} only.",
        Obstacles.None or _ => obstacle.ToString(),
    };

    private static string NoRule(Decision.Refused refused, string charter, string relation) => (refused.Relation, refused.What) switch
    {
        (Access.Relation.Self, "records" or "submissions") => $"{Upper(charter)} keeps no {refused.What} that a person could be shown.",
        (Access.Relation.Manager or Access.Relation.FurtherUp, "records") => $"No rule of {charter} shows one person's records to their {relation}. A manager is shown figures of the team.",
        (_, "records" or "submissions") => $"No rule of {charter} shows this person's {refused.What} to a {relation}.",
        _ => $"No rule of {charter} shows '{refused.What}' of this group to a {relation}.",
    };

    private static string Approvers(Needs needs) => needs.Enough < needs.Approvals.Length
        ? $"{needs.Enough} of {string.Join(", ", needs.Approvals)}"
        : string.Join(" and ", needs.Approvals);

    private static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
