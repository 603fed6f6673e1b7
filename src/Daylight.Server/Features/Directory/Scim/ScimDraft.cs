using Daylight.Core.Directory;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>What a request changes of people and groups: read as if it were written already, and written at the end, all of it or nothing.</summary>
internal sealed class ScimDraft(DirectoryRows rows)
{
    private readonly Dictionary<string, StoredPerson> people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Team> teams = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<Team> before = rows.TeamsAsWanted();

    public IReadOnlyCollection<StoredPerson> People => people.Values;

    public IReadOnlyCollection<Team> Changed => teams.Values;

    public IEnumerable<Team> Teams => before.Where(t => !teams.ContainsKey(t.Id)).Concat(teams.Values);

    public Team? Team(string id) => teams.GetValueOrDefault(id) ?? before.FirstOrDefault(t => t.Id == id);

    public StoredPerson? Find(string id) => people.GetValueOrDefault(id) ?? rows.Find(id);

    public IReadOnlyList<StoredPerson> MembersOf(string team) =>
        [.. rows.MembersOf(team).Select(m => people.GetValueOrDefault(m.Person.Id, m)).Concat(people.Values).DistinctBy(m => m.Person.Id).Where(m => m.Groups.Contains(team))];

    public void Put(StoredPerson person) => people[person.Person.Id] = person;

    public void Put(Team team) => teams[team.Id] = team;
}
