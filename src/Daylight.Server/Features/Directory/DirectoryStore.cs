using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Core.Directory;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Directory;

/// <summary>The directory: people encrypted in the database, one immutable snapshot in memory.</summary>
internal sealed class DirectoryStore(IDatabase database, GroupCommitWriter writer, ServerKeys keys)
{
    private OrgSnapshot? snapshot;

    /// <summary>The directory now.</summary>
    public OrgSnapshot Current => snapshot ??= Load();

    /// <summary>Replaces the whole directory.</summary>
    public async Task ReplaceAsync(IReadOnlyCollection<Person> people, IReadOnlyCollection<Team> teams)
    {
        await writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM people", transaction: t);
            c.Execute("DELETE FROM teams", transaction: t);
            foreach (var person in people)
            {
                var reference = keys.PersonRef(person.Id);
                var json = JsonSerializer.SerializeToUtf8Bytes(person, DirectoryJson.Default.Person);
                c.Execute("INSERT INTO people (subject_ref, sealed) VALUES (@reference, @sealed)", new { reference, @sealed = keys.Box.Seal(json, "person " + reference) }, t);
            }

            foreach (var team in teams)
            {
                c.Execute("INSERT INTO teams (id, name, parent) VALUES (@Id, @Name, @Parent)", team, t);
            }
        });
        snapshot = new OrgSnapshot(people, teams);
    }

    private OrgSnapshot Load()
    {
        using var connection = database.Open();
        var people = connection.Query<(string Ref, byte[] Sealed)>("SELECT subject_ref, sealed FROM people")
            .Select(p => JsonSerializer.Deserialize(keys.Box.Open(p.Sealed, "person " + p.Ref), DirectoryJson.Default.Person)!)
            .ToList();
        var teams = connection.Query<(string Id, string Name, string Parent)>("SELECT id, name, parent FROM teams").Select(t => new Team(t.Id, t.Name, t.Parent)).ToList();
        return new OrgSnapshot(people, teams);
    }
}

/// <summary>Serialization of directory rows.</summary>
[JsonSerializable(typeof(Person))]
internal sealed partial class DirectoryJson : JsonSerializerContext;
