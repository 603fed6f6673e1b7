using System.Text.Json.Nodes;
using Daylight.Core.Directory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>Groups (RFC 7643 §4.2) are teams. Who is put into a second one has moved there; a group within a group is a team below it.</summary>
internal static class ScimGroups
{
    private const string Schema = "urn:ietf:params:scim:schemas:core:2.0:Group";

    public static void Map(RouteGroupBuilder scim)
    {
        scim.MapGet("/Groups", List);
        scim.MapPost("/Groups", CreateAsync);
        scim.MapGet("/Groups/{id}", (string id, HttpContext context, DirectoryRows rows) => ScimAnswers.Json(ScimAnswers.Select(ToJson(Find(id, rows), rows, context.Request), context.Request)));
        scim.MapPut("/Groups/{id}", ReplaceAsync);
        scim.MapPatch("/Groups/{id}", PatchAsync);
        scim.MapDelete("/Groups/{id}", DeleteAsync);
    }

    private static IResult List(HttpContext context, DirectoryRows rows)
    {
        var (start, count) = ScimEndpoints.PageOf(context.Request);
        var filter = context.Request.Query["filter"].ToString() is { Length: > 0 } text ? ScimFilter.Parse(text) : null;
        var teams = rows.TeamsAsWanted().Where(t => filter is null || filter.Equal("displayName") is not { } name || t.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(t => ToJson(t, rows, context.Request)).Where(g => filter?.Holds(g) != false).ToList();
        return ScimAnswers.List(teams.Skip(start - 1).Take(count).Select(g => ScimAnswers.Select(g, context.Request)), teams.Count, start);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        var body = await ScimEndpoints.BodyAsync(context);
        var name = ScimPath.Member(body, "displayName")?.ToString() is { Length: > 0 } said ? said : throw ScimException.BadValue("displayName is missing.");
        var teams = rows.TeamsAsWanted();
        var team = new Team(PeopleCsv.Slug(name), name, teams.Any(t => t.Parent.Length == 0) ? PeopleCsv.Company : string.Empty);
        if (team.Id.Length == 0 || teams.Any(t => t.Id == team.Id))
        {
            throw new ScimException(409, "uniqueness", "There is a group of that name already.");
        }

        await SetMembersAsync(team, Members(ScimPath.Member(body, "members")), writer, rows, [team]);
        context.Response.Headers.Location = $"{ScimEndpoints.Location(context.Request)}/Groups/{team.Id}";
        return ScimAnswers.Json(ToJson(team, rows, context.Request), 201);
    }

    private static async Task<IResult> ReplaceAsync(string id, HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        var body = await ScimEndpoints.BodyAsync(context);
        var team = Find(id, rows) with { Name = ScimPath.Member(body, "displayName")?.ToString() is { Length: > 0 } name ? name : throw ScimException.BadValue("displayName is missing.") };
        await SetMembersAsync(team, Members(ScimPath.Member(body, "members")), writer, rows, [team]);
        return ScimAnswers.Json(ToJson(team, rows, context.Request));
    }

    private static async Task<IResult> PatchAsync(string id, HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        var team = Find(id, rows);
        foreach (var operation in ScimOperation.Read(await ScimEndpoints.BodyAsync(context)))
        {
            team = await ApplyAsync(team, operation, writer, rows);
        }

        return Results.NoContent();
    }

    private static async Task<Team> ApplyAsync(Team team, ScimOperation operation, ScimWriter writer, DirectoryRows rows)
    {
        var parts = operation.Path is null ? operation.Value as JsonObject ?? throw ScimException.BadValue("Without a path the value is an object.") : null;
        var name = operation.Path?.Attribute.Equals("displayName", StringComparison.OrdinalIgnoreCase) == true ? operation.Value?.ToString() : parts is null ? null : ScimPath.Member(parts, "displayName")?.ToString();
        if (name is { Length: > 0 } && operation.Op != "remove")
        {
            team = team with { Name = name };
            await writer.WriteAsync([], [team], []);
        }

        var isMembers = operation.Path?.Attribute.Equals("members", StringComparison.OrdinalIgnoreCase) == true;
        var said = isMembers ? operation.Value : parts is null ? null : ScimPath.Member(parts, "members");
        if (!isMembers && said is null)
        {
            return team;
        }

        var members = operation.Path?.Filter?.Equal("value") is { } one ? [one] : Members(said);
        switch (operation.Op)
        {
            case "add":
                await JoinAsync(team, members, writer, rows);
                break;
            case "replace":
                await SetMembersAsync(team, members, writer, rows, []);
                break;
            default:
                await LeaveAsync(team, members.Count > 0 ? members : [.. rows.MembersOf(team.Id).Select(m => m.Person.Id)], writer, rows);
                break;
        }

        return team;
    }

    private static async Task<IResult> DeleteAsync(string id, ScimWriter writer, DirectoryRows rows)
    {
        var team = Find(id, rows);
        if (team.Parent.Length == 0)
        {
            throw ScimException.BadValue("The team at the top stays.");
        }

        // Teams below move up to where this one was.
        var below = rows.TeamsAsWanted().Where(t => t.Parent == id).Select(t => t with { Parent = team.Parent }).ToList();
        await writer.WriteAsync(rows.MembersOf(id).Select(m => Without(m, id)), below, [id]);
        return Results.NoContent();
    }

    private static async Task SetMembersAsync(Team team, IReadOnlyList<string> members, ScimWriter writer, DirectoryRows rows, IReadOnlyCollection<Team> teams)
    {
        var (people, below) = Resolve(team, members, rows);
        var now = rows.MembersOf(team.Id);
        var leaving = now.Where(m => people.All(p => p.Person.Id != m.Person.Id)).Select(m => Without(m, team.Id));
        var joining = people.Where(p => !p.Groups.Contains(team.Id)).Select(p => p with { Groups = [.. p.Groups, team.Id] });
        await writer.WriteAsync(leaving.Concat(joining), [.. teams, .. below], []);
    }

    private static async Task JoinAsync(Team team, IReadOnlyList<string> members, ScimWriter writer, DirectoryRows rows)
    {
        var (people, below) = Resolve(team, members, rows);
        await writer.WriteAsync(people.Select(p => p with { Groups = [.. p.Groups.Where(g => g != team.Id), team.Id] }), below, []);
    }

    private static async Task LeaveAsync(Team team, IReadOnlyList<string> members, ScimWriter writer, DirectoryRows rows)
    {
        var below = rows.TeamsAsWanted().Where(t => t.Parent == team.Id && members.Contains(t.Id)).Select(t => t with { Parent = PeopleCsv.Company }).ToList();
        await writer.WriteAsync(members.Select(rows.Find).OfType<StoredPerson>().Select(p => Without(p, team.Id)), below, []);
    }

    /// <summary>Members are people, or groups, which are then teams below.</summary>
    private static (List<StoredPerson> People, List<Team> Below) Resolve(Team team, IReadOnlyList<string> members, DirectoryRows rows)
    {
        var (people, below, teams) = (new List<StoredPerson>(), new List<Team>(), rows.TeamsAsWanted());
        foreach (var member in members)
        {
            if (rows.Find(member) is { Gone: false } person)
            {
                people.Add(person);
            }
            else if (teams.FirstOrDefault(t => t.Id == member) is { } child)
            {
                for (var at = team.Id; at.Length > 0; at = teams.FirstOrDefault(t => t.Id == at)?.Parent ?? string.Empty)
                {
                    if (at == child.Id)
                    {
                        throw ScimException.BadValue($"The group {child.Id} stands above {team.Id}: groups would go in a circle.");
                    }
                }

                below.Add(child with { Parent = team.Id });
            }
            else
            {
                throw ScimException.BadValue($"There is no user or group {member}.");
            }
        }

        return (people, below);
    }

    private static StoredPerson Without(StoredPerson person, string team)
    {
        IReadOnlyList<string> groups = [.. person.Groups.Where(g => g != team)];
        return person with { Groups = groups, Person = person.Person with { Team = person.Person.Team == team ? groups.LastOrDefault(string.Empty) : person.Person.Team } };
    }

    private static IReadOnlyList<string> Members(JsonNode? value) => value switch
    {
        JsonArray list => [.. list.Select(m => m is JsonObject o ? ScimPath.Member(o, "value")?.ToString() : m?.ToString()).OfType<string>().Distinct()],
        JsonObject one when ScimPath.Member(one, "value")?.ToString() is { } member => [member],
        _ => [],
    };

    private static JsonObject ToJson(Team team, DirectoryRows rows, HttpRequest request)
    {
        var group = new JsonObject
        {
            ["schemas"] = new JsonArray(Schema),
            ["id"] = team.Id,
            ["displayName"] = team.Name,
            ["meta"] = new JsonObject { ["resourceType"] = "Group", ["location"] = $"{ScimEndpoints.Location(request)}/Groups/{team.Id}" },
        };
        if (!request.Query["excludedAttributes"].ToString().Contains("members", StringComparison.OrdinalIgnoreCase))
        {
            group["members"] = new JsonArray(
            [
                .. rows.MembersOf(team.Id).Select(m => (JsonNode)new JsonObject { ["value"] = m.Person.Id, ["display"] = m.Person.Name, ["type"] = "User" }),
                .. rows.TeamsAsWanted().Where(t => t.Parent == team.Id).Select(t => (JsonNode)new JsonObject { ["value"] = t.Id, ["display"] = t.Name, ["type"] = "Group" }),
            ]);
        }

        return group;
    }

    private static Team Find(string id, DirectoryRows rows) => rows.TeamsAsWanted().FirstOrDefault(t => t.Id == id) ?? throw ScimException.NotFound(id);
}
