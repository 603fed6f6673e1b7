using System.Text.Json.Nodes;
using Daylight.Core.Directory;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>
/// A user resource (RFC 7643 §4.1, §4.3) and a person of the directory. What decisions do not need is not kept: no phone, no title, no picture, and never a password.
/// </summary>
internal static class ScimUser
{
    private const int Longest = 256;

    public const string Schema = "urn:ietf:params:scim:schemas:core:2.0:User";

    /// <summary>A person as a resource.</summary>
    public static JsonObject ToJson(StoredPerson stored, string location)
    {
        var person = stored.Person;
        var enterprise = new JsonObject();
        if (stored.Department.Length > 0)
        {
            enterprise["department"] = stored.Department;
        }

        if (!person.Managers.IsEmpty)
        {
            enterprise["manager"] = new JsonObject { ["value"] = person.Managers[0].Manager };
        }

        var resource = new JsonObject
        {
            ["schemas"] = new JsonArray(Schema, ScimPath.Enterprise),
            ["id"] = person.Id,
            ["userName"] = stored.UserName,
            ["displayName"] = person.Name,
            ["name"] = new JsonObject { ["formatted"] = person.Name },
            ["emails"] = new JsonArray(new JsonObject { ["value"] = person.Email, ["type"] = "work", ["primary"] = true }),
            ["active"] = person.Left is null,
            ["timezone"] = person.Zone,
            ["userType"] = person.Employment,
            ["addresses"] = new JsonArray(new JsonObject { ["type"] = "work", ["locality"] = person.Site, ["country"] = person.Country }),
            ["groups"] = new JsonArray([.. stored.Groups.Select(g => (JsonNode)new JsonObject { ["value"] = g })]),
            [ScimPath.Enterprise] = enterprise,
            ["meta"] = new JsonObject { ["resourceType"] = "User", ["location"] = $"{location}/Users/{person.Id}" },
        };
        if (stored.ExternalId.Length > 0)
        {
            resource["externalId"] = stored.ExternalId;
        }

        return resource;
    }

    /// <summary>What a resource says of a person; a PUT replaces (RFC 7644 §3.5.1), so a place or employment not mentioned is emptied; name, zone, team and whether somebody is active stay as they were.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="before">The person before, or null for somebody new.</param>
    /// <param name="id">The person's id.</param>
    /// <param name="defaultZone">Zone of somebody of whom none is said.</param>
    /// <param name="today">Today.</param>
    /// <exception cref="ScimException">It cannot be read.</exception>
    public static StoredPerson FromJson(JsonObject resource, StoredPerson? before, string id, string defaultZone, DateOnly today)
    {
        var userName = Text(resource, "userName") is { Length: > 0 } name ? name : throw ScimException.BadValue("userName is missing.");
        var enterprise = ScimPath.Member(resource, ScimPath.Enterprise) as JsonObject ?? [];
        var address = (ScimPath.Member(resource, "addresses") as JsonArray)?.OfType<JsonObject>().OrderBy(a => Text(a, "type") == "work" ? 0 : 1).FirstOrDefault() ?? [];
        var zone = Text(resource, "timezone") is { Length: > 0 } said ? said : before?.Person.Zone ?? defaultZone;
        var country = Text(address, "country")?.ToUpperInvariant() ?? string.Empty;
        var person = new Person(
            id,
            (Email(resource) ?? userName).ToLowerInvariant(),
            Name(resource) ?? before?.Person.Name ?? userName,
            before?.Person.Team ?? string.Empty,
            Managers(enterprise, before),
            Text(address, "locality") ?? string.Empty,
            TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? zone : throw ScimException.BadValue($"There is no time zone '{zone}'; use IANA names such as Europe/Berlin."),
            country.Length == 2 ? country : string.Empty,
            Text(resource, "userType") ?? string.Empty)
        {
            Left = IsActive(resource, before) ? null : before?.Person.Left ?? today,
            TeamSince = before?.Person.TeamSince ?? default,
            Before = before?.Person.Before ?? [],
        };
        return new StoredPerson(person, userName, Text(resource, "externalId") ?? string.Empty, Text(enterprise, "department") ?? string.Empty, before?.Groups ?? []);
    }

    private static string? Text(JsonObject holder, string name) => ScimPath.Member(holder, name) is not JsonValue value ? null
        : value.ToString() is { Length: <= Longest } text ? text.Trim()
        : throw ScimException.BadValue($"{name} has more than {Longest} characters.");

    /// <summary>Entra writes booleans as texts. What is neither is refused: nobody comes back by a mistake.</summary>
    private static bool IsActive(JsonObject resource, StoredPerson? before) => ScimPath.Member(resource, "active") is not { } said ? before?.Person.Left is null
        : bool.TryParse(said.ToString(), out var active) ? active
        : throw ScimException.BadValue("active is true or false.");

    private static string? Email(JsonObject resource) => (ScimPath.Member(resource, "emails") as JsonArray)?.OfType<JsonObject>()
        .OrderBy(e => Text(e, "primary")?.Equals("true", StringComparison.OrdinalIgnoreCase) == true ? 0 : Text(e, "type") == "work" ? 1 : 2)
        .Select(e => Text(e, "value")).FirstOrDefault(e => e is { Length: > 0 });

    private static string? Name(JsonObject resource)
    {
        if (Text(resource, "displayName") is { Length: > 0 } display)
        {
            return display;
        }

        if (ScimPath.Member(resource, "name") is not JsonObject name)
        {
            return null;
        }

        return Text(name, "formatted") is { Length: > 0 } formatted ? formatted
            : string.Join(' ', new[] { Text(name, "givenName"), Text(name, "familyName") }.Where(n => n is { Length: > 0 })) is { Length: > 0 } joined ? joined : null;
    }

    /// <summary>One manager: an object with a value, a bare text, or (Entra) a list of one. Managers that came by file and stand beside it stay.</summary>
    private static System.Collections.Immutable.ImmutableArray<ManagerLink> Managers(JsonObject enterprise, StoredPerson? before)
    {
        var said = ScimPath.Member(enterprise, "manager") switch
        {
            JsonArray { Count: > 0 } list => list[0] is JsonObject first ? Text(first, "value") : list[0]?.ToString(),
            JsonObject one => Text(one, "value"),
            JsonValue text => text.ToString(),
            _ => null,
        };
        var others = before is null ? [] : before.Person.Managers.Skip(1);
        return said is { Length: > 0 } ? [before?.Person.Managers.FirstOrDefault(m => m.Manager == said) is { Manager: not null } known ? known : new ManagerLink(said), .. others.Where(m => m.Manager != said)] : [];
    }
}
