using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Core.Directory;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Directory;

/// <summary>A person as the directory stores them: what decisions need, and what a provisioning client wants to find again. Nothing else that it sends is kept.</summary>
/// <param name="Person">The person.</param>
/// <param name="UserName">SCIM <c>userName</c>.</param>
/// <param name="ExternalId">SCIM <c>externalId</c>.</param>
/// <param name="Department">SCIM <c>department</c>: the team of somebody who is in no group.</param>
/// <param name="Groups">Ids of groups, in the order of joining; the last is the team.</param>
/// <param name="Gone">Whether the provisioning client deleted the user: it finds them no more.</param>
internal sealed record StoredPerson(Person Person, string UserName, string ExternalId, string Department, IReadOnlyList<string> Groups, bool Gone = false)
{
    /// <summary>Somebody who came by a file.</summary>
    public static StoredPerson Of(Person person) => new(person, person.Email, string.Empty, string.Empty, []);
}

/// <summary>The rows of the directory: active, and wanted.</summary>
internal sealed class DirectoryRows(IDatabase database, ServerKeys keys)
{
    public long Version()
    {
        using var connection = database.Open();
        return connection.QuerySingle<long>("SELECT version FROM directory_state");
    }

    /// <summary>People who are active and changed after a version; all with −1.</summary>
    public IReadOnlyList<Person> ActiveSince(long version)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Ref, byte[] Sealed)>("SELECT subject_ref, active FROM people WHERE active IS NOT NULL AND version > @version", new { version }).Select(r => Open(r.Ref, r.Sealed).Person)];
    }

    public IReadOnlyList<Team> ActiveTeams() => Teams("SELECT active FROM teams WHERE active IS NOT NULL");

    /// <summary>People whose wanted row is not active.</summary>
    public IReadOnlyList<StoredPerson> Wanted()
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Ref, byte[] Sealed)>("SELECT subject_ref, wanted FROM people WHERE wanted IS NOT NULL").Select(r => Open(r.Ref, r.Sealed))];
    }

    /// <summary>Teams that are wanted otherwise, and ids of those that are to go.</summary>
    public (IReadOnlyList<Team> Changed, IReadOnlyList<string> Gone) WantedTeams()
    {
        using var connection = database.Open();
        var gone = connection.Query<string>("SELECT id FROM teams WHERE wanted = ''").ToList();
        return (Teams("SELECT wanted FROM teams WHERE wanted IS NOT NULL AND wanted <> ''"), gone);
    }

    /// <summary>Teams as they are wanted.</summary>
    public IReadOnlyList<Team> TeamsAsWanted() => Teams("SELECT COALESCE(wanted, active) FROM teams WHERE COALESCE(wanted, active) <> '' ORDER BY id");

    /// <summary>A person as they are wanted.</summary>
    public StoredPerson? Find(string id) => FindWhere("subject_ref = @value", keys.PersonRef(id)).SingleOrDefault();

    public IReadOnlyList<StoredPerson> ByUserName(string userName) => FindWhere("user_ref = @value", UserRef(userName));

    public IReadOnlyList<StoredPerson> ByExternalId(string externalId) => FindWhere("external_ref = @value", keys.Reference("external", externalId));

    public IReadOnlyList<StoredPerson> ByEmail(string email) => FindWhere("email_ref = @value", keys.Reference("email", email.ToLowerInvariant()));

    public IReadOnlyList<StoredPerson> MembersOf(string team) => FindWhere("subject_ref IN (SELECT subject_ref FROM team_members WHERE team = @value)", team);

    /// <summary>Adds the leavers whose user names somebody takes over; a provisioning client finds them no more. An address that is given anew never brings back its former holder's data.</summary>
    /// <param name="wanted">People as they are wanted.</param>
    /// <exception cref="FormatException">A user name is somebody else's who works here.</exception>
    public IReadOnlyList<StoredPerson> WithWayMade(IReadOnlyCollection<StoredPerson> wanted)
    {
        var all = wanted.ToDictionary(p => p.Person.Id, StringComparer.Ordinal);
        foreach (var person in wanted.Where(p => p.Person.Left is null))
        {
            foreach (var other in ByUserName(person.UserName).Where(o => o.Person.Id != person.Person.Id).Select(o => all.GetValueOrDefault(o.Person.Id, o)))
            {
                all[other.Person.Id] = other.Person.Left is not null ? other with { Gone = true }
                    : throw new FormatException($"{other.UserName} is the user name of somebody else, whose address is {other.Person.Email}.");
            }
        }

        return [.. all.Values.OrderBy(p => p.Gone ? 0 : 1)]; // a name is free before it is taken
    }

    /// <summary>People as they are wanted, a page, in a stable order; with how many there are, without those whom the client deleted.</summary>
    public (long Total, IReadOnlyList<StoredPerson> Page) List(int skip, int take)
    {
        using var connection = database.Open();
        return (
            connection.QuerySingle<long>("SELECT COUNT(*) FROM people WHERE user_ref IS NOT NULL"),
            [.. connection.Query<(string Ref, byte[] Sealed)>("SELECT subject_ref, COALESCE(wanted, active) FROM people WHERE user_ref IS NOT NULL ORDER BY subject_ref LIMIT @take OFFSET @skip", new { skip, take }).Select(r => Open(r.Ref, r.Sealed))]);
    }

    public (string? Held, long WindowStart, long WindowAppear) State()
    {
        using var connection = database.Open();
        return connection.QuerySingle<(string?, long, long)>("SELECT held, window_start, window_appear FROM directory_state");
    }

    /// <summary>Writes what is wanted of people; it becomes active when it is settled.</summary>
    public void Want(System.Data.Common.DbConnection c, System.Data.Common.DbTransaction t, IEnumerable<StoredPerson> people)
    {
        foreach (var person in people)
        {
            var reference = keys.PersonRef(person.Person.Id);
            c.Execute(
                """
                INSERT INTO people (subject_ref, wanted, version, user_ref, external_ref, email_ref) VALUES (@reference, @wanted, 0, @user, @external, @email)
                ON CONFLICT (subject_ref) DO UPDATE SET wanted = excluded.wanted, user_ref = excluded.user_ref, external_ref = excluded.external_ref, email_ref = excluded.email_ref
                """,
                new
                {
                    reference,
                    wanted = Seal(reference, person),
                    user = person.Gone ? null : UserRef(person.UserName),
                    external = person.ExternalId.Length > 0 ? keys.Reference("external", person.ExternalId) : null,
                    email = keys.Reference("email", person.Person.Email.ToLowerInvariant()),
                },
                t);
            c.Execute("DELETE FROM team_members WHERE subject_ref = @reference", new { reference }, t);
            foreach (var team in person.Groups)
            {
                c.Execute("INSERT INTO team_members (team, subject_ref) VALUES (@team, @reference) ON CONFLICT DO NOTHING", new { team, reference }, t);
            }
        }
    }

    public static void WantTeams(System.Data.Common.DbConnection c, System.Data.Common.DbTransaction t, IEnumerable<Team> teams, IEnumerable<string> gone)
    {
        foreach (var team in teams)
        {
            c.Execute(
                "INSERT INTO teams (id, wanted, version) VALUES (@Id, @wanted, 0) ON CONFLICT (id) DO UPDATE SET wanted = excluded.wanted",
                new { team.Id, wanted = JsonSerializer.Serialize(team, DirectoryJson.Default.Team) }, t);
        }

        foreach (var id in gone)
        {
            c.Execute("UPDATE teams SET wanted = '' WHERE id = @id", new { id }, t);
        }
    }

    /// <summary>Makes rows active.</summary>
    public void Activate(System.Data.Common.DbConnection c, System.Data.Common.DbTransaction t, IReadOnlyList<StoredPerson> people, bool teamsToo)
    {
        c.Execute("UPDATE directory_state SET version = version + 1", transaction: t);
        foreach (var person in people)
        {
            var reference = keys.PersonRef(person.Person.Id);
            c.Execute(
                "UPDATE people SET active = @row, wanted = NULL, version = (SELECT version FROM directory_state) WHERE subject_ref = @reference", new { reference, row = Seal(reference, person) }, t);
        }

        if (teamsToo)
        {
            c.Execute("DELETE FROM teams WHERE wanted = ''", transaction: t);
            c.Execute("UPDATE teams SET active = wanted, wanted = NULL, version = (SELECT version FROM directory_state) WHERE wanted IS NOT NULL", transaction: t);
        }
    }

    /// <summary>Forgets what is wanted and not active.</summary>
    public void Discard(System.Data.Common.DbConnection c, System.Data.Common.DbTransaction t)
    {
        var rows = c.Query<(string Ref, byte[]? Active)>("SELECT subject_ref, active FROM people WHERE wanted IS NOT NULL", transaction: t).ToList();
        c.Execute("DELETE FROM team_members WHERE subject_ref IN (SELECT subject_ref FROM people WHERE wanted IS NOT NULL)", transaction: t);
        c.Execute("DELETE FROM people WHERE active IS NULL", transaction: t);
        Want(c, t, rows.Where(r => r.Active is not null).Select(r => Open(r.Ref, r.Active!)));
        c.Execute("UPDATE people SET wanted = NULL", transaction: t);
        c.Execute("DELETE FROM teams WHERE active IS NULL", transaction: t);
        c.Execute("UPDATE teams SET wanted = NULL", transaction: t);
    }

    private string UserRef(string userName) => keys.Reference("user name", userName.ToLowerInvariant());

    private byte[] Seal(string reference, StoredPerson person) => keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(person, DirectoryJson.Default.StoredPerson), "person " + reference);

    private StoredPerson Open(string reference, byte[] box) => JsonSerializer.Deserialize(keys.Box.Open(box, "person " + reference), DirectoryJson.Default.StoredPerson)!;

    private IReadOnlyList<StoredPerson> FindWhere(string condition, string value)
    {
        using var connection = database.Open();
#pragma warning disable CA2100 // one of this class's own conditions
        return [.. connection.Query<(string Ref, byte[] Sealed)>($"SELECT subject_ref, COALESCE(wanted, active) FROM people WHERE {condition}", new { value }).Select(r => Open(r.Ref, r.Sealed))];
#pragma warning restore CA2100
    }

    private List<Team> Teams(string sql)
    {
        using var connection = database.Open();
        return [.. connection.Query<string>(sql).Select(json => JsonSerializer.Deserialize(json, DirectoryJson.Default.Team)!)];
    }
}

/// <summary>Serialization of directory rows.</summary>
[JsonSerializable(typeof(StoredPerson))]
[JsonSerializable(typeof(Team))]
[JsonSerializable(typeof(HeldChange))]
internal sealed partial class DirectoryJson : JsonSerializerContext;
