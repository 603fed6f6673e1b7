using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>A request that cannot be met (RFC 7644 §3.12).</summary>
internal sealed class ScimException(int status, string? type, string detail) : Exception(detail)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>SCIM's own name for it, or null.</summary>
    public string? Type { get; } = type;

    public static ScimException BadValue(string detail) => new(400, "invalidValue", detail);

    public static ScimException NotFound(string id) => new(404, null, $"There is no resource {id}.");
}

/// <summary>Answers in SCIM's shapes, <c>application/scim+json</c>.</summary>
internal static class ScimAnswers
{
    private const string ContentType = "application/scim+json";

    public static IResult Json(JsonObject resource, int status = 200) => Results.Text(resource.ToJsonString(), ContentType, null, status);

    /// <summary>Errors have their status as a text (RFC 7644 §3.12).</summary>
    public static IResult Error(int status, string? type, string detail)
    {
        var error = new JsonObject { ["schemas"] = new JsonArray("urn:ietf:params:scim:api:messages:2.0:Error"), ["status"] = status.ToString(CultureInfo.InvariantCulture), ["detail"] = detail };
        if (type is not null)
        {
            error["scimType"] = type;
        }

        return Json(error, status);
    }

    public static IResult List(IEnumerable<JsonObject> resources, long total, int startIndex)
    {
        var page = new JsonArray([.. resources]);
        return Json(new JsonObject
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:api:messages:2.0:ListResponse"),
            ["totalResults"] = total,
            ["startIndex"] = startIndex,
            ["itemsPerPage"] = page.Count,
            ["Resources"] = page,
        });
    }

    /// <summary>Keeps only what was asked for (RFC 7644 §3.9).</summary>
    public static JsonObject Select(JsonObject resource, HttpRequest request)
    {
        var wanted = Names(request, "attributes");
        var unwanted = Names(request, "excludedAttributes");
        foreach (var name in resource.Select(a => a.Key).Where(k => k is not ("id" or "schemas" or "meta") && (unwanted.Contains(k) || (wanted.Count > 0 && !wanted.Contains(k)))).ToList())
        {
            resource.Remove(name);
        }

        return resource;
    }

    private static HashSet<string> Names(HttpRequest request, string parameter) =>
        request.Query[parameter].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(n => n.Split('.')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
