using Daylight.Core.Directory;
using Daylight.Core.Exposure;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Directory;

/// <summary>Changes of the directory by file and by hand, with what they would do before anything does.</summary>
internal sealed class DirectoryEditor(DirectoryStore directory, DirectoryRows rows, Worlds worlds, TimeProvider time)
{
    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Reads a file of everybody, with the ids that people have.</summary>
    public PeopleRead Read(string csv, string file, string zone)
    {
        using var reader = new StringReader(csv);
        var ids = directory.Current.People.Where(p => p.Left is null).GroupBy(p => p.Email, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Id, StringComparer.OrdinalIgnoreCase);
        return PeopleCsv.Read(reader, file, ids, zone);
    }

    /// <summary>Makes a file the whole directory, or says what that would do.</summary>
    /// <exception cref="FormatException">The file is wrong; every problem with its line.</exception>
    public async Task<DirectoryOutcome> ImportAsync(DirectoryImport import)
    {
        var read = Read(import.Csv, import.File, import.Zone);
        if (read.Problems.Count > 0)
        {
            throw new FormatException(string.Join("\n", read.Problems));
        }

        var plan = DirectoryPlan.Of(directory.Current, read.People, read.Teams, Today);
        if (import.DryRun || plan.IsEmpty)
        {
            return Preview(plan, import.DryRun ? "dry-run" : "unchanged");
        }

        var lines = plan.Lines(directory.Current).ToList();
        return Outcome(await directory.ReplaceAsync(read.People, read.Teams), lines, plan);
    }

    /// <summary>Changes one person, or takes one in.</summary>
    /// <exception cref="FormatException">It cannot be; why.</exception>
    public async Task<DirectoryOutcome> EditAsync(PersonEdit edit)
    {
        var lines = await directory.InTurnAsync(() => WantAsync(edit));
        return Outcome(await directory.SettleAsync(), lines, null);
    }

    private async Task<IReadOnlyList<string>> WantAsync(PersonEdit edit)
    {
        var before = rows.ByEmail(edit.Email).FirstOrDefault(p => p.Person.Left is null);
        if (before is null && (edit.Leaves || edit.Name is null || edit.Team is null))
        {
            throw new FormatException(edit.Leaves ? "Nobody with that email works here." : "Nobody has that email; somebody new needs a name and a team.");
        }

        var teams = rows.TeamsAsWanted();
        var person = (before?.Person ?? new Person(PeopleCsv.NewId(), edit.Email.ToLowerInvariant(), string.Empty, string.Empty, [], string.Empty, "Etc/UTC")) with { Left = edit.Leaves ? Today : null };
        person = person with
        {
            Name = edit.Name ?? person.Name,
            Team = edit.Team is null ? person.Team : teams.FirstOrDefault(t => t.Name.Equals(edit.Team, StringComparison.OrdinalIgnoreCase) || t.Id == edit.Team)?.Id ?? throw new FormatException($"There is no team '{edit.Team}'."),
            Managers = edit.Managers is null ? person.Managers : [.. edit.Managers.Select(ManagerOf).Distinct().Select(m => new ManagerLink(m))],
            Site = edit.Site ?? person.Site,
            Zone = edit.Zone ?? person.Zone,
            Country = edit.Country?.ToUpperInvariant() ?? person.Country,
            Employment = edit.Employment ?? person.Employment,
        };
        CheckOne(person);
        var stored = before is null ? StoredPerson.Of(person) : before with { Person = person };
        await directory.WantAsync(rows.WithWayMade([stored]), [], []);
        return [.. directory.Waiting().Plan.Lines(directory.Current)];
    }

    private sealed record Checked(OrgSnapshot Of, int Here, int Left, IReadOnlyList<string> Findings);

    private volatile Checked? checkedLast;

    /// <summary>How the directory stands.</summary>
    public DirectoryState State()
    {
        var org = directory.Current;
        if (checkedLast is not { } known || !ReferenceEquals(known.Of, org))
        {
            // A snapshot does not change: what is wrong with a large one is looked for once.
            var people = org.People.ToList();
            checkedLast = known = new Checked(org, people.Count(p => p.Left is null), people.Count(p => p.Left is not null), [.. DirectoryCheck.Of(people, [.. org.AllTeams], p => p.Email, new HashSet<string>()).Select(f => f.Message)]);
        }

        return new DirectoryState(
            known.Here, known.Left, org.AllTeams.Count, known.Findings,
            directory.Held is { } held ? Outcome(new Settled.Held(held), [.. directory.Waiting().Plan.Lines(org)], directory.Waiting().Plan) : null);
    }

    /// <summary>What must hold of one person before the row is wanted.</summary>
    /// <exception cref="FormatException">It does not.</exception>
    public void CheckOne(Person person)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(person.Zone, out _))
        {
            throw new FormatException($"There is no time zone '{person.Zone}'; use names such as Europe/Berlin.");
        }

        if (person.Name.Any(char.IsControl) || person.Email.Any(c => char.IsControl(c) || c == ' '))
        {
            throw new FormatException("A name or an address holds characters that cannot be printed.");
        }

        if (rows.ByEmail(person.Email).Any(other => other.Person.Id != person.Id && other.Person.Left is null))
        {
            throw new FormatException("Somebody else has that email already: nobody stands there twice.");
        }

        // Who led somebody and left is still named there until another is: that is no reason to refuse other changes.
        var before = rows.Find(person.Id)?.Person.Managers ?? [];
        foreach (var link in person.Managers)
        {
            if (link.Manager != person.Id && before.All(b => b.Manager != link.Manager) && rows.Find(link.Manager) is not { Person.Left: null })
            {
                throw new FormatException("The manager is not in the directory.");
            }

            var circle = link.Manager == person.Id ? [person.Id] : DirectoryCheck.CircleOf(person.Id, link.Manager, id => rows.Find(id)?.Person.Managers.Select(m => m.Manager) ?? []);
            if (circle.Count > 0)
            {
                throw new FormatException($"Managers would go in a circle: {string.Join(" → ", circle.Select(id => rows.Find(id)?.Person.Email ?? person.Email))}.");
            }
        }
    }

    private string ManagerOf(string email) => rows.ByEmail(email).FirstOrDefault(p => p.Person.Left is null)?.Person.Id ?? throw new FormatException($"The manager {email} is not in the directory.");

    private DirectoryOutcome Preview(DirectoryPlan plan, string state)
    {
        var before = worlds.Current;
        var diff = DirectoryStore.DiffOf(before, plan);
        return new DirectoryOutcome(state, [.. plan.Lines(before.People)], plan.Joiners.Length, plan.Changed.Length, plan.Leavers.Length, diff.Appear, diff.Disappear);
    }

    private static DirectoryOutcome Outcome(Settled settled, IReadOnlyList<string> lines, DirectoryPlan? plan) => settled switch
    {
        Settled.Active a => new DirectoryOutcome(a.Plan.IsEmpty ? "unchanged" : "active", lines, a.Plan.Joiners.Length, a.Plan.Changed.Length, a.Plan.Leavers.Length, a.Appear, a.Disappear),
        Settled.Held h => new DirectoryOutcome("held", lines, plan?.Joiners.Length ?? 0, plan?.Changed.Length ?? 0, plan?.Leavers.Length ?? 0, h.Change.Appear, h.Change.Disappear, h.Change.Why),
        _ => throw new InvalidOperationException("Settled is closed."),
    };
}
