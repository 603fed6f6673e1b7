using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>What this server can do, as provisioning clients ask (RFC 7644 §4).</summary>
internal static class ScimConfiguration
{
    private const string User = ScimUser.Schema;
    private const string Group = "urn:ietf:params:scim:schemas:core:2.0:Group";

    public static void Map(RouteGroupBuilder scim)
    {
        scim.MapGet("/ServiceProviderConfig", () => ScimAnswers.Json(new JsonObject
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"),
            ["patch"] = Supported(true),
            ["bulk"] = new JsonObject { ["supported"] = false, ["maxOperations"] = 0, ["maxPayloadSize"] = 0 },
            ["filter"] = new JsonObject { ["supported"] = true, ["maxResults"] = 200 },
            ["changePassword"] = Supported(false),
            ["sort"] = Supported(false),
            ["etag"] = Supported(false),
            ["authenticationSchemes"] = new JsonArray(new JsonObject { ["type"] = "oauthbearertoken", ["name"] = "Bearer token", ["description"] = "Made with daylight directory scim-token" }),
        }));
        scim.MapGet("/ResourceTypes", (HttpContext context) => ScimAnswers.List(ResourceTypes(context.Request), 2, 1));
        scim.MapGet("/ResourceTypes/{id}", (string id, HttpContext context) => One(ResourceTypes(context.Request), id));
        scim.MapGet("/Schemas", () => ScimAnswers.List(Schemas(), 3, 1));
        scim.MapGet("/Schemas/{id}", (string id) => One(Schemas(), id));
    }

    private static IResult One(IEnumerable<JsonObject> all, string id) => all.FirstOrDefault(r => r["id"]!.ToString() == id) is { } one ? ScimAnswers.Json(one) : throw ScimException.NotFound(id);

    private static JsonObject Supported(bool supported) => new() { ["supported"] = supported };

    private static IEnumerable<JsonObject> ResourceTypes(HttpRequest request)
    {
        JsonObject Type(string name, string schema, JsonArray extensions) => new()
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ResourceType"),
            ["id"] = name,
            ["name"] = name,
            ["endpoint"] = $"/{name}s",
            ["schema"] = schema,
            ["schemaExtensions"] = extensions,
            ["meta"] = new JsonObject { ["resourceType"] = "ResourceType", ["location"] = $"{ScimEndpoints.Location(request)}/ResourceTypes/{name}" },
        };
        return [Type("User", User, [new JsonObject { ["schema"] = ScimPath.Enterprise, ["required"] = false }]), Type("Group", Group, [])];
    }

    private static IEnumerable<JsonObject> Schemas()
    {
        JsonObject Schema(string id, string name, params JsonNode[] attributes) => new()
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:Schema"),
            ["id"] = id,
            ["name"] = name,
            ["attributes"] = new JsonArray(attributes),
        };
        JsonObject Attribute(string name, string type = "string", bool many = false, bool required = false, bool isUnique = false, string mutability = "readWrite", params JsonNode[] parts)
        {
            var attribute = new JsonObject
            {
                ["name"] = name, ["type"] = parts.Length > 0 ? "complex" : type, ["multiValued"] = many, ["required"] = required, ["caseExact"] = false, ["mutability"] = mutability, ["returned"] = "default",
                ["uniqueness"] = isUnique ? "server" : "none",
            };
            if (parts.Length > 0)
            {
                attribute["subAttributes"] = new JsonArray(parts);
            }

            return attribute;
        }

        return
        [
            Schema(
                User, "User", Attribute("userName", required: true, isUnique: true), Attribute("externalId"), Attribute("displayName"),
                Attribute("name", parts: [Attribute("formatted"), Attribute("givenName"), Attribute("familyName")]), Attribute("active", "boolean"), Attribute("timezone"), Attribute("userType"),
                Attribute("emails", many: true, parts: [Attribute("value"), Attribute("type"), Attribute("primary", "boolean")]),
                Attribute("addresses", many: true, parts: [Attribute("type"), Attribute("locality"), Attribute("country")]),
                Attribute("groups", many: true, mutability: "readOnly", parts: [Attribute("value")])),
            Schema(ScimPath.Enterprise, "EnterpriseUser", Attribute("department"), Attribute("manager", parts: [Attribute("value"), Attribute("$ref", "reference")])),
            Schema(Group, "Group", Attribute("displayName", required: true), Attribute("members", many: true, parts: [Attribute("value"), Attribute("display"), Attribute("type")])),
        ];
    }
}
