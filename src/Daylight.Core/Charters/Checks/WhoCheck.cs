using Daylight.Core.Directory;

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

/// <summary>The second question, by enumeration over the directory and never by sample.</summary>
internal static class WhoCheck
{
    public static WhoAnswer Of(Charter charter, YamlNode root, CheckDirectory directory, Diagnostics problems)
    {
        var org = directory.People;
        var all = org.People.ToList();
        var covered = charter.Covers is { Everyone: true, Except.IsEmpty: true } ? all : all.Where(p => org.IsCovered(charter.Covers, p, RolesOf(directory, p.Id))).ToList();
        if (covered.Count == 0)
        {
            problems.Add(root.Find("covers"), DiagnosticCodes.WhoNobody, "the charter covers nobody in this directory");
        }

        var rules = new List<RuleExposure>();
        var review = charter.From.AddMonths(charter.Review.Months);
        for (var i = 0; i < charter.Show.Length; i++)
        {
            var (rule, at) = (charter.Show[i], root.Find($"show/{i}"));
            var seen = rule switch
            {
                ShowRule.Individual individual => Individual(individual, org, directory, covered),
                ShowRule.Group group => Group(group, org, directory, covered),
                _ => new Seen(),
            };
            var viewers = IsUnknown(rule, directory) ? (int?)null : seen.Viewers.Count;
            var widest = seen.Viewers.Count > 0 ? seen.Viewers.MaxBy(v => (v.Value, v.Key)) : default;
            rules.Add(new RuleExposure(rule.Name, viewers, seen.Subjects, widest.Key is { } id ? org.Person(id)?.Email : null, widest.Value, review));
            if (covered.Count > 0 && (viewers == 0 || seen.Subjects == 0))
            {
                problems.Add(at, DiagnosticCodes.WhoNobody, seen.Subjects == 0
                    ? $"rule {rule.Name} matches nobody: no {(rule as ShowRule.Group)?.Level.ToString().ToLowerInvariant() ?? "person"} is large enough, or none is covered"
                    : $"rule {rule.Name} matches nobody: nobody in this directory is {rule.To}");
            }

            if (viewers == all.Count && all.Count > 1 && rule.To is not (Audience.Self or Audience.TeamMember))
            {
                problems.Add(at, DiagnosticCodes.WhoEverybody, $"rule {rule.Name} lets all {all.Count} people of this directory look: an audience is a few who need it");
            }
        }

        return new WhoAnswer(covered.Count, all.Count, rules);
    }

    private static IReadOnlyList<string> RolesOf(CheckDirectory directory, string person) => directory.Roles?.GetValueOrDefault(person) ?? [];

    private static bool IsUnknown(ShowRule rule, CheckDirectory directory) => rule.To is Audience.Role && directory.Roles is null;

    /// <summary>Viewers, each with the number of people that one could see something about.</summary>
    private sealed class Seen
    {
        public Dictionary<string, int> Viewers { get; } = new(StringComparer.Ordinal);

        public int Subjects { get; set; }

        public void Add(string viewer, int people) => Viewers[viewer] = Viewers.GetValueOrDefault(viewer) + people;
    }

    private static Seen Individual(ShowRule.Individual rule, OrgSnapshot org, CheckDirectory directory, List<Person> covered)
    {
        var seen = new Seen { Subjects = rule.To is Audience.Manager or Audience.ManagerChain ? covered.Count(p => p.Manager.Length > 0) : covered.Count };
        foreach (var person in covered)
        {
            switch (rule.To)
            {
                case Audience.Self:
                    seen.Add(person.Id, 1);
                    break;
                case Audience.Manager when person.Manager.Length > 0:
                    seen.Add(person.Manager, 1);
                    break;
                case Audience.ManagerChain:
                    Above(org, person.Manager).ForEach(m => seen.Add(m, 1));
                    break;
                default:
                    break;
            }
        }

        switch (rule.To)
        {
            case Audience.TeamMember:
                foreach (var team in covered.GroupBy(p => p.Team, StringComparer.Ordinal))
                {
                    team.ToList().ForEach(p => seen.Add(p.Id, team.Count() - 1));
                }

                break;
            case Audience.Role role:
                Holders(directory, role.Name).ForEach(h => seen.Add(h, covered.Count));
                break;
            default:
                break;
        }

        return seen;
    }

    private static Seen Group(ShowRule.Group rule, OrgSnapshot org, CheckDirectory directory, List<Person> covered)
    {
        var groups = Groups(rule.Level, org, covered).Where(g => g.Members.Count >= rule.Fewest).ToList();
        var seen = new Seen { Subjects = groups.SelectMany(g => g.Members).Select(p => p.Id).Distinct(StringComparer.Ordinal).Count() };
        foreach (var (_, members) in groups)
        {
            IEnumerable<string> viewers = rule.To switch
            {
                Audience.Manager => members.Select(p => p.Manager).Where(m => m.Length > 0).Distinct(StringComparer.Ordinal),
                Audience.ManagerChain => Above(org, members[0].Manager).Where(m => members.TrueForAll(p => org.IsInChainAbove(m, p.Id))),
                Audience.TeamMember => members.Select(p => p.Id),
                _ => [],
            };
            foreach (var viewer in viewers)
            {
                seen.Add(viewer, members.Count);
            }
        }

        if (rule.To is Audience.Role role)
        {
            Holders(directory, role.Name).ForEach(h => seen.Add(h, seen.Subjects));
        }

        return seen;
    }

    /// <summary>The groups of a level, without the managers of their members, who do not count.</summary>
    private static IEnumerable<(string Name, List<Person> Members)> Groups(GroupLevel level, OrgSnapshot org, List<Person> covered)
    {
        switch (level)
        {
            case GroupLevel.Team:
                var byTeam = covered.ToLookup(p => p.Team, StringComparer.Ordinal);
                return byTeam.Select(t => (t.Key, Counted(org, t)));
            case GroupLevel.Site:
                return covered.Where(p => p.Site.Length > 0).GroupBy(p => p.Site, StringComparer.OrdinalIgnoreCase).Select(s => (s.Key, s.ToList()));
            case GroupLevel.Department:
                var parents = org.Teams.Select(t => t.Parent).Where(p => org.Team(p)?.Parent.Length > 0).ToHashSet(StringComparer.Ordinal);
                return covered.SelectMany(p => org.TeamsOf(p).Where(parents.Contains).Select(d => (Department: d, Person: p))).GroupBy(d => d.Department, d => d.Person, StringComparer.Ordinal).Select(d => (d.Key, d.ToList()));
            case GroupLevel.Company:
            default:
                return [("company", covered)];
        }
    }

    private static List<Person> Counted(OrgSnapshot org, IGrouping<string, Person> team)
    {
        var managers = org.ManagersOf(team.Key);
        return [.. team.Where(p => !managers.Contains(p.Id))];
    }

    private static List<string> Above(OrgSnapshot org, string manager)
    {
        var above = new List<string>();
        for (var at = manager; at.Length > 0 && above.Count < 64 && !above.Contains(at); at = org.Person(at)?.Manager ?? string.Empty)
        {
            above.Add(at);
        }

        return above;
    }

    private static List<string> Holders(CheckDirectory directory, string role) => [.. (directory.Roles ?? new Dictionary<string, IReadOnlyList<string>>()).Where(r => r.Value.Contains(role)).Select(r => r.Key)];
}
