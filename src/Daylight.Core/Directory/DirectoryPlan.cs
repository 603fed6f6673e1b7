using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Daylight.Core.Directory;

/// <summary>Somebody about whom the directory says something else from now on.</summary>
/// <param name="Before">What it said.</param>
/// <param name="After">What it says, with the days on which the new began.</param>
public sealed record PersonChange(Person Before, Person After)
{
    /// <summary>Whether a relation, a team or anything that a charter or a scope asks for changed.</summary>
    public bool IsMove => !Before.StandsAs(After);
}

/// <summary>What a new directory does to the one there is: joiners, movers, leavers. Nothing is forgotten at once: a leaver's data stays theirs until its retention is over.</summary>
/// <param name="Joiners">People who come, or come back.</param>
/// <param name="Changed">People about whom something changed.</param>
/// <param name="Leavers">People who go, with their last word.</param>
/// <param name="TeamsAdded">New teams.</param>
/// <param name="TeamsChanged">Teams with another name or place.</param>
/// <param name="TeamsGone">Teams that are no more.</param>
public sealed record DirectoryPlan(
    ImmutableArray<Person> Joiners, ImmutableArray<PersonChange> Changed, ImmutableArray<Person> Leavers, ImmutableArray<Team> TeamsAdded, ImmutableArray<Team> TeamsChanged, ImmutableArray<Team> TeamsGone)
{
    /// <summary>Whether nothing would change.</summary>
    public bool IsEmpty => Joiners.IsEmpty && Changed.IsEmpty && Leavers.IsEmpty && TeamsAdded.IsEmpty && TeamsChanged.IsEmpty && TeamsGone.IsEmpty;

    /// <summary>Rows of people after the change, of those whom it touches.</summary>
    public IEnumerable<Person> Touched => Joiners.Concat(Changed.Select(c => c.After)).Concat(Leavers);

    /// <summary>Works out what changes.</summary>
    /// <param name="now">The directory as it is.</param>
    /// <param name="people">Everybody who works here, by the same ids.</param>
    /// <param name="teams">Every team.</param>
    /// <param name="today">The day from which on it holds.</param>
    public static DirectoryPlan Of(OrgSnapshot now, IReadOnlyCollection<Person> people, IReadOnlyCollection<Team> teams, DateOnly today)
    {
        var wanted = people.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        var leavers = now.People.Where(p => p.Left is null && !wanted.Contains(p.Id)).Select(p => p with { Left = today });
        return Of(now, people.Concat(leavers), teams, [.. now.AllTeams.Where(t => teams.All(w => w.Id != t.Id)).Select(t => t.Id)], today);
    }

    /// <summary>Works out what some rows change.</summary>
    /// <param name="now">The directory as it is.</param>
    /// <param name="rows">People as they are wanted; a leaver has <see cref="Person.Left"/>.</param>
    /// <param name="teams">Teams as they are wanted.</param>
    /// <param name="teamsGone">Ids of teams that are no more.</param>
    /// <param name="today">The day from which on it holds.</param>
    public static DirectoryPlan Of(OrgSnapshot now, IEnumerable<Person> rows, IReadOnlyCollection<Team> teams, IReadOnlyCollection<string> teamsGone, DateOnly today)
    {
        var (joiners, changed, leavers) = (ImmutableArray.CreateBuilder<Person>(), ImmutableArray.CreateBuilder<PersonChange>(), ImmutableArray.CreateBuilder<Person>());
        foreach (var row in rows)
        {
            if (now.Person(row.Id) is not { } before)
            {
                if (row.Left is null)
                {
                    joiners.Add(now.Count == 0 ? row : Since(row, today)); // the first directory speaks of how it has been
                }
            }
            else if (before.Left is null && row.Left is not null)
            {
                leavers.Add(Merge(before, row with { Team = before.Team, Managers = before.Managers }, today));
            }
            else if (before.Left is not null && row.Left is null)
            {
                var last = before.Left.Value.AddDays(-1);
                joiners.Add(Since(row, today) with { Before = before.TeamSince > last ? before.Before : [.. before.Before, new TeamSpan(before.Team, before.TeamSince, last)] });
            }
            else if (!before.SaysTheSame(Merge(before, row, today)))
            {
                changed.Add(new PersonChange(before, Merge(before, row, today)));
            }
        }

        return new DirectoryPlan(
            joiners.ToImmutable(), changed.ToImmutable(), leavers.ToImmutable(),
            [.. teams.Where(t => now.Team(t.Id) is null)], [.. teams.Where(t => now.Team(t.Id) is { } old && old != t)], [.. now.AllTeams.Where(t => teamsGone.Contains(t.Id))]);
    }

    /// <summary>The directory after the change.</summary>
    public OrgSnapshot Apply(OrgSnapshot now)
    {
        var touched = Touched.ToDictionary(p => p.Id, StringComparer.Ordinal);
        var known = now.People.Select(p => touched.Remove(p.Id, out var after) ? after : p).ToList();
        var teams = TeamsChanged.ToDictionary(t => t.Id, StringComparer.Ordinal);
        return new OrgSnapshot(
            known.Concat(touched.Values), now.AllTeams.Where(t => !TeamsGone.Contains(t)).Select(t => teams.GetValueOrDefault(t.Id, t)).Concat(TeamsAdded), now.Day);
    }

    /// <summary>Only what takes sight away whatever else waits: people who leave.</summary>
    public DirectoryPlan OnlyLeavers() => new([], [], Leavers, [], [], []);

    /// <summary>The change in lines that people read.</summary>
    /// <param name="now">The directory before it, for names.</param>
    public IEnumerable<string> Lines(OrgSnapshot now) => RawLines(now).Select(Plain);

    private IEnumerable<string> RawLines(OrgSnapshot now)
    {
        var names = Joiners.ToDictionary(p => p.Id, p => p.Email, StringComparer.Ordinal);
        string Email(string id) => names.GetValueOrDefault(id) ?? now.Person(id)?.Email ?? id;
        string Managers(Person p) => p.Managers.IsEmpty ? "nobody" : string.Join(", ", p.Managers.Select(m => Email(m.Manager)));
        foreach (var team in TeamsAdded)
        {
            yield return $"+ team {team.Name}{(team.Parent.Length > 0 ? $" below {team.Parent}" : string.Empty)}";
        }

        foreach (var team in TeamsChanged)
        {
            yield return $"~ team {team.Id}: {now.Team(team.Id)!.Name} below {now.Team(team.Id)!.Parent} becomes {team.Name} below {team.Parent}";
        }

        foreach (var team in TeamsGone)
        {
            yield return $"- team {team.Name}";
        }

        foreach (var person in Joiners)
        {
            yield return $"+ {person.Email} joins {person.Team}, led by {Managers(person)}";
        }

        foreach (var (before, after) in Changed)
        {
            var parts = new (string What, string Was, string Becomes)[]
            {
                ("email", before.Email, after.Email), ("name", before.Name, after.Name), ("team", before.Team, after.Team), ("led by", Managers(before), Managers(after)), ("site", before.Site, after.Site),
                ("zone", before.Zone, after.Zone), ("country", before.Country, after.Country), ("employment", before.Employment, after.Employment),
            };
            yield return $"~ {before.Email}: {string.Join("; ", parts.Where(p => p.Was != p.Becomes).Select(p => $"{p.What} {Or(p.Was)} → {Or(p.Becomes)}"))}";
        }

        foreach (var person in Leavers)
        {
            yield return $"- {person.Email} leaves";
        }
    }

    private static string Or(string text) => text.Length > 0 ? text : "(none)";

    /// <summary>What stands in a line is said by others: it must neither begin a line of its own nor steer the terminal of who reads it.</summary>
    private static string Plain(string line) => string.Concat(line.EnumerateRunes().Select(r =>
        Rune.GetUnicodeCategory(r) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? "\uFFFD" : r.ToString()));

    private static Person Since(Person row, DateOnly today) => row with { TeamSince = today, Managers = [.. row.Managers.Select(m => Since(m, [], today))] };

    /// <summary>A manager who is none yet begins today at the earliest, whatever a file says: nobody is made to have led before.</summary>
    private static ManagerLink Since(ManagerLink link, ImmutableArray<ManagerLink> before, DateOnly today)
    {
        var first = before.Where(b => b.Manager == link.Manager && b.Until >= today).Select(b => b.From).Append(today).Min();
        return link.From >= first || link.Until < today ? link : link with { From = first };
    }

    /// <summary>A row with the days that the new began: whoever leads a mover from now on sees nothing of before.</summary>
    private static Person Merge(Person before, Person row, DateOnly today) => row with
    {
        TeamSince = row.Team == before.Team ? before.TeamSince : today,
        Before = row.Team == before.Team || before.TeamSince >= today ? before.Before : [.. before.Before, new TeamSpan(before.Team, before.TeamSince, today.AddDays(-1))],
        Managers = [.. row.Managers.Select(m => Since(m, before.Managers, today))],
    };
}
