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
        var (body, draft) = (await ScimEndpoints.BodyAsync(context), new ScimDraft(rows));
        var team = Named(new Team(string.Empty, string.Empty, PeopleCsv.Company), ScimPath.Member(body, "displayName"));
        team = team with { Id = PeopleCsv.Slug(team.Name) is { Length: > 0 } slug ? slug : throw ScimException.BadValue("A group's name has letters or digits.") };
        if (draft.Team(team.Id) is not null)
        {
            throw new ScimException(409, "uniqueness", "There is a group of that name already.");
        }

        draft.Put(team);
        SetMembers(team.Id, Members(ScimPath.Member(body, "members")), draft);
        await writer.WriteAsync(draft.People, draft.Changed, []);
        context.Response.Headers.Location = $"{ScimEndpoints.Location(context.Request)}/Groups/{team.Id}";
        return ScimAnswers.Json(ToJson(team, rows, context.Request), 201);
    }

    private static async Task<IResult> ReplaceAsync(string id, HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        var (body, draft) = (await ScimEndpoints.BodyAsync(context), new ScimDraft(rows));
        var team = Named(Find(id, rows), ScimPath.Member(body, "displayName"));
        draft.Put(team);
        SetMembers(id, Members(ScimPath.Member(body, "members")), draft);
        await writer.WriteAsync(draft.People, draft.Changed, []);
        return ScimAnswers.Json(ToJson(team, rows, context.Request));
    }

    private static async Task<IResult> PatchAsync(string id, HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        _ = Find(id, rows);
        var draft = new ScimDraft(rows);
        foreach (var operation in ScimOperation.Read(await ScimEndpoints.BodyAsync(context)))
        {
            Apply(id, operation, draft);
        }

        await writer.WriteAsync(draft.People, draft.Changed, []);
        return Results.NoContent();
    }

    private static void Apply(string id, ScimOperation operation, ScimDraft draft)
    {
        if (operation.Path is null)
        {
            var parts = operation.Value as JsonObject ?? throw ScimException.BadValue("Without a path the value is an object.");
            foreach (var name in (string[])["displayName", "members"])
            {
                if (ScimPath.Member(parts, name) is { } said)
                {
                    Apply(id, operation with { Path = ScimPath.Parse(name), Value = said }, draft);
                }
            }
        }
        else if (operation.Touches("displayName") && operation.Op != "remove")
        {
            draft.Put(Named(draft.Team(id)!, operation.Value));
        }
        else if (operation.Touches("members"))
        {
            ApplyToMembers(id, operation, draft);
        }
    }

    private static void ApplyToMembers(string id, ScimOperation operation, ScimDraft draft)
    {
        switch (operation)
        {
            case { Op: "remove", Path.Filter: { } filter }:
                Leave(id, filter.Equal("value") is { } one ? [one] : [.. MembersOf(id, draft.MembersOf(id), draft.Teams).Where(filter.Holds).Select(m => m["value"]!.ToString())], draft);
                break;
            case { Path.Filter: not null }:
                throw ScimException.BadValue("A member that a filter finds can be removed, and nothing else.");
            case { Op: "remove", Value: null }:
                Leave(id, [.. draft.MembersOf(id).Select(m => m.Person.Id)], draft);
                break;
            case { Op: "remove" }:
                Leave(id, Members(operation.Value), draft);
                break;
            case { Op: "add" }:
                Join(id, Members(operation.Value), draft);
                break;
            default:
                SetMembers(id, Members(operation.Value), draft);
                break;
        }
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
        await writer.WriteAsync([.. rows.MembersOf(id).Select(m => Without(m, id))], below, [id]);
        return Results.NoContent();
    }

    private static void SetMembers(string id, IReadOnlyList<string> members, ScimDraft draft)
    {
        Leave(id, [.. draft.MembersOf(id).Select(m => m.Person.Id).Except(members)], draft);
        Join(id, [.. members.Where(m => draft.Find(m) is not { Gone: false } known || !known.Groups.Contains(id))], draft);
    }

    /// <summary>Members are people, or groups, which are then teams below.</summary>
    private static void Join(string id, IReadOnlyList<string> members, ScimDraft draft)
    {
        foreach (var member in members)
        {
            if (draft.Find(member) is { Gone: false } person)
            {
                draft.Put(person with { Groups = [.. person.Groups.Where(g => g != id), id] });
            }
            else if (draft.Team(member) is { } child)
            {
                var above = new HashSet<string>(StringComparer.Ordinal);
                for (var at = draft.Team(id); at is not null && above.Add(at.Id); at = draft.Team(at.Parent))
                {
                    if (at.Id == child.Id)
                    {
                        throw ScimException.BadValue($"The group {child.Id} stands above {id}: groups would go in a circle.");
                    }
                }

                draft.Put(child with { Parent = id });
            }
            else
            {
                throw ScimException.BadValue($"There is no user or group {member}.");
            }
        }
    }

    private static void Leave(string id, IReadOnlyList<string> members, ScimDraft draft)
    {
        foreach (var member in members)
        {
            if (draft.Find(member) is { } person)
            {
                draft.Put(Without(person, id));
            }
            else if (draft.Team(member) is { } child && child.Parent == id)
            {
                draft.Put(child with { Parent = PeopleCsv.Company });
            }
        }
    }

    private static Team Named(Team team, JsonNode? name) => name is JsonValue && name.ToString().Trim() is { Length: > 0 and <= 256 } said
        ? team with { Name = said }
        : throw ScimException.BadValue("displayName is missing, or longer than 256 characters.");

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
            group["members"] = new JsonArray([.. MembersOf(team.Id, rows.MembersOf(team.Id), rows.TeamsAsWanted())]);
        }

        return group;
    }

    private static IEnumerable<JsonObject> MembersOf(string id, IEnumerable<StoredPerson> people, IEnumerable<Team> teams) =>
    [
        .. people.Select(m => new JsonObject { ["value"] = m.Person.Id, ["display"] = m.Person.Name, ["type"] = "User" }),
        .. teams.Where(t => t.Parent == id).Select(t => new JsonObject { ["value"] = t.Id, ["display"] = t.Name, ["type"] = "Group" }),
    ];

    private static Team Find(string id, DirectoryRows rows) => rows.TeamsAsWanted().FirstOrDefault(t => t.Id == id) ?? throw ScimException.NotFound(id);
}
