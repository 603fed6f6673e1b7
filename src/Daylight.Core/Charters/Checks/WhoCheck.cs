using Daylight.Core.Access;
using Daylight.Core.Exposure;

namespace Daylight.Core.Charters.Checks;

/// <summary>Who a rule lets see what about whom, in numbers.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Viewers">How many people could look; null when nobody said who holds the role.</param>
/// <param name="Subjects">About how many.</param>
/// <param name="Widest">The viewer who could see most, or null.</param>
/// <param name="Most">About how many that one could.</param>
/// <param name="FirstReview">When the audience is reviewed first.</param>
public sealed record RuleExposure(string Rule, int? Viewers, int Subjects, string? Widest, int Most, DateOnly FirstReview);

/// <summary>Who could see what about whom.</summary>
/// <param name="Covered">How many people the charter covers.</param>
/// <param name="People">Of how many.</param>
/// <param name="Rules">By rule.</param>
public sealed record WhoAnswer(int Covered, int People, IReadOnlyList<RuleExposure> Rules);

/// <summary>The second question, by enumeration over the directory and never by sample: the same engine that answers it for a running company.</summary>
internal static class WhoCheck
{
    public static WhoAnswer Of(Charter charter, YamlNode root, CheckDirectory directory, Diagnostics problems)
    {
        var org = directory.People;
        var roles = (directory.Roles ?? new Dictionary<string, IReadOnlyList<string>>()).SelectMany(r => r.Value.Select(role => new RoleFacts(r.Key, role, DateOnly.MaxValue)));
        // As if everybody who is asked agreed: that is the most that could be seen.
        var asked = charter with { Consent = new Consent.None(string.Empty) };
        var exposure = new ExposureOf(new World(org, [new ProgramFacts(string.Empty, asked, false, [])], roles, [], [])).Summary()[0];
        if (exposure.People == 0)
        {
            problems.Add(root.Find("covers"), DiagnosticCodes.WhoNobody, "the charter covers nobody in this directory");
        }

        var rules = new List<RuleExposure>();
        var review = charter.From.AddMonths(charter.Review.Months);
        foreach (var (rule, i) in charter.Show.Select((r, i) => (r, i)))
        {
            var counted = exposure.Rules.First(r => r.Rule == rule.Name);
            var (viewers, widest, most) = rule.To is Audience.Self ? (exposure.People, null, Math.Min(1, exposure.People)) : (counted.Viewers, counted.Widest, counted.Most);
            var subjects = rule is ShowRule.Individual { To: Audience.Manager or Audience.ManagerChain or Audience.TeamMember } ? counted.People : counted.Eligible;
            rules.Add(new RuleExposure(rule.Name, IsUnknown(rule, directory) ? null : viewers, subjects, widest is null ? null : org.Person(widest)?.Email, most, review));
            // Holders of a role are its audience, though a group that counts them may be too small for some.
            var audience = rule.To is Audience.Role role && directory.Roles is { } held ? Math.Max(viewers, held.Count(r => r.Value.Contains(role.Name))) : viewers;
            Complain(rule, root.Find($"show/{i}"), IsUnknown(rule, directory) ? null : audience, subjects, exposure.People, org.Count, problems);
        }

        return new WhoAnswer(exposure.People, org.Count, rules);
    }

    private static bool IsUnknown(ShowRule rule, CheckDirectory directory) => rule.To is Audience.Role && directory.Roles is null;

    private static void Complain(ShowRule rule, YamlNode at, int? viewers, int subjects, int covered, int all, Diagnostics problems)
    {
        if (covered > 0 && (viewers == 0 || subjects == 0))
        {
            problems.Add(at, DiagnosticCodes.WhoNobody, subjects == 0
                ? $"rule {rule.Name} matches nobody: no {(rule as ShowRule.Group)?.Level.Word() ?? "person"} is large enough, or none is covered"
                : $"rule {rule.Name} matches nobody: nobody in this directory is {rule.To}");
        }

        if (viewers == all && all > 1 && rule.To is not (Audience.Self or Audience.TeamMember))
        {
            problems.Add(at, DiagnosticCodes.WhoEverybody, $"rule {rule.Name} lets all {all} people of this directory look: an audience is a few who need it");
        }
    }
}
