namespace Daylight.Core.Directory;

/// <summary>Something that is wrong with a directory.</summary>
/// <param name="Code">Stable name.</param>
/// <param name="Message">What, with the rows that it is about, and what to do.</param>
public sealed record DirectoryFinding(string Code, string Message);

/// <summary>What must hold of a directory before anything is decided by it: one tree of teams, managers who are there, nobody above themselves.</summary>
public static class DirectoryCheck
{
    private const int MostNamed = 20;

    /// <summary>Everything that is wrong, with the names of the rows.</summary>
    /// <param name="people">People; leavers are not looked at.</param>
    /// <param name="teams">Teams.</param>
    /// <param name="where">Names a person's row, such as <c>people.csv:12 (ada@acme.example)</c>.</param>
    /// <param name="alone">Ids of people of whom it is said on purpose that nobody leads them.</param>
    public static IReadOnlyList<DirectoryFinding> Of(IReadOnlyCollection<Person> people, IReadOnlyCollection<Team> teams, Func<Person, string> where, IReadOnlySet<string> alone)
    {
        var found = new List<DirectoryFinding>();
        var here = people.Where(p => p.Left is null).ToList();
        var byId = people.ToDictionary(p => p.Id, StringComparer.Ordinal);
        var teamIds = teams.ToDictionary(t => t.Id, StringComparer.Ordinal);
        foreach (var group in here.GroupBy(p => p.Email, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            found.Add(new DirectoryFinding("email-twice", $"{group.Key} stands there more than once: {Rows(group, where)}"));
        }

        foreach (var person in here)
        {
            found.AddRange(person.Managers.Where(m => !byId.TryGetValue(m.Manager, out var manager) || manager.Left is not null)
                .Select(m => new DirectoryFinding("manager-unknown", $"{where(person)}: the manager {(byId.TryGetValue(m.Manager, out var gone) ? gone.Email + " has left" : m.Manager + " is not in the directory")}")));
            if (!teamIds.ContainsKey(person.Team))
            {
                found.Add(new DirectoryFinding("team-unknown", $"{where(person)}: {(person.Team.Length == 0 ? "no team" : $"there is no team '{person.Team}'")}"));
            }
        }

        var roots = here.Where(p => p.Managers.IsEmpty && !alone.Contains(p.Id)).ToList();
        if (roots.Count > 1)
        {
            found.Add(new DirectoryFinding("two-roots", $"{roots.Count} people have no manager: {Rows(roots, where)}. Write '-' as the manager of those whom nobody leads"));
        }

        found.AddRange(Circles(here, byId).Select(c => new DirectoryFinding("manager-cycle", $"managers go in a circle: {string.Join(" → ", c.Select(p => where(p)))}")));
        found.AddRange(TeamCircles(teams, teamIds));
        if (teams.Where(t => t.Parent.Length == 0).Select(t => t.Id).ToList() is { Count: > 1 } tops)
        {
            found.Add(new DirectoryFinding("two-tops", $"there are {tops.Count} teams at the top ({string.Join(", ", tops.Take(MostNamed))}): all but one stand below another"));
        }

        return found;
    }

    /// <summary>The people of a circle that a manager for somebody would close, beginning with that person; empty when there is none.</summary>
    public static IReadOnlyList<string> CircleOf(string person, string manager, Func<string, IEnumerable<string>> managersOf)
    {
        var (from, open) = (new Dictionary<string, string>(StringComparer.Ordinal) { [manager] = person }, new Stack<string>([manager]));
        while (open.TryPop(out var at))
        {
            if (at == person)
            {
                var circle = new List<string> { person };
                for (var step = from.GetValueOrDefault(at, manager); step != person && circle.Count <= from.Count; step = from[step])
                {
                    circle.Add(step);
                }

                circle.Reverse(1, circle.Count - 1); // upwards: whoever follows leads
                return circle;
            }

            foreach (var above in managersOf(at))
            {
                if (from.TryAdd(above, at))
                {
                    open.Push(above);
                }
            }
        }

        return [];
    }

    private static IEnumerable<IReadOnlyList<Person>> Circles(List<Person> here, Dictionary<string, Person> byId)
    {
        // Kahn's algorithm from the bottom: whoever is left over is in a circle, or above one.
        var reports = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var link in here.SelectMany(p => p.Managers))
        {
            reports[link.Manager] = reports.GetValueOrDefault(link.Manager) + 1;
        }

        var (free, done) = (new Queue<Person>(here.Where(p => !reports.ContainsKey(p.Id))), new HashSet<string>(StringComparer.Ordinal));
        while (free.TryDequeue(out var person))
        {
            done.Add(person.Id);
            foreach (var link in person.Managers)
            {
                if (--reports[link.Manager] == 0 && byId.TryGetValue(link.Manager, out var manager))
                {
                    free.Enqueue(manager);
                }
            }
        }

        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var person in here.Where(p => !done.Contains(p.Id)))
        {
            foreach (var link in person.Managers)
            {
                var circle = CircleOf(person.Id, link.Manager, id => byId.TryGetValue(id, out var p) ? p.Managers.Select(m => m.Manager) : []);
                if (circle.Count > 0 && circle.All(named.Add))
                {
                    yield return [.. circle.Select(id => byId[id])];
                }
            }
        }
    }

    private static IEnumerable<DirectoryFinding> TeamCircles(IReadOnlyCollection<Team> teams, Dictionary<string, Team> byId)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var team in teams)
        {
            var path = new List<string>();
            for (var at = team.Id; byId.TryGetValue(at, out var t) && !path.Contains(at) && path.Count < 64; at = t.Parent)
            {
                path.Add(at);
            }

            if (path.Count > 0 && byId.TryGetValue(path[^1], out var last) && last.Parent == team.Id && path.TrueForAll(named.Add))
            {
                yield return new DirectoryFinding("team-cycle", $"teams go in a circle: {string.Join(" → ", path)}");
            }

            if (team.Parent.Length > 0 && !byId.ContainsKey(team.Parent))
            {
                yield return new DirectoryFinding("team-unknown", $"the team {team.Id} is below '{team.Parent}', which does not exist");
            }
        }
    }

    private static string Rows(IEnumerable<Person> people, Func<Person, string> where)
    {
        var rows = people.Select(where).ToList();
        return string.Join(", ", rows.Take(MostNamed)) + (rows.Count > MostNamed ? $" and {rows.Count - MostNamed} more" : string.Empty);
    }
}
