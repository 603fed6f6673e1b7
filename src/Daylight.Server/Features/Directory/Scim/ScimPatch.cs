using System.Text.Json.Nodes;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>One operation of a PATCH.</summary>
/// <param name="Op"><c>add</c>, <c>replace</c> or <c>remove</c>, in lower case: Entra writes capitals.</param>
/// <param name="Path">The path, or null for the whole resource.</param>
/// <param name="Value">The value, or null.</param>
internal sealed record ScimOperation(string Op, ScimPath? Path, JsonNode? Value)
{
    private const int Most = 1000;

    /// <summary>Reads the operations of a body (RFC 7644 §3.5.2).</summary>
    /// <exception cref="ScimException">They are none.</exception>
    public static IReadOnlyList<ScimOperation> Read(JsonObject body)
    {
        if (ScimPath.Member(body, "Operations") is not JsonArray { Count: > 0 and <= Most } list)
        {
            throw new ScimException(400, "invalidSyntax", $"The body has 1 to {Most} Operations.");
        }

        return [.. list.Select(item => item is JsonObject o && ScimPath.Member(o, "op")?.ToString().ToLowerInvariant() is ("add" or "replace" or "remove") and { } op
            ? new ScimOperation(op, ScimPath.Member(o, "path")?.ToString() is { Length: > 0 } path ? ScimPath.Parse(path) : null, ScimPath.Member(o, "value"))
            : throw new ScimException(400, "invalidSyntax", "An operation has an op: add, replace or remove."))];
    }

    /// <summary>Whether it is about an attribute, or a part of it.</summary>
    public bool Touches(string attribute) => Path is not null ? Path.Attribute.Equals(attribute, StringComparison.OrdinalIgnoreCase)
        : Value is JsonObject parts && parts.Any(p => p.Key.Equals(attribute, StringComparison.OrdinalIgnoreCase) || p.Key.StartsWith(attribute + ".", StringComparison.OrdinalIgnoreCase));

    /// <summary>Applies it to a resource.</summary>
    /// <exception cref="ScimException">It cannot be.</exception>
    public void Apply(JsonObject resource)
    {
        if (Path is not null)
        {
            Apply(resource, Path, Value);
            return;
        }

        // Without a path the value is a part of the resource (Okta), whose names may be paths themselves (Entra).
        if (Value is not JsonObject parts)
        {
            throw new ScimException(400, Op == "remove" ? "noTarget" : "invalidValue", "Without a path the value is an object.");
        }

        foreach (var (name, value) in parts.ToList())
        {
            if (value is JsonObject extension && name.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
            {
                foreach (var (inner, part) in extension.ToList())
                {
                    Apply(resource, new ScimPath(name, inner, null, null), part);
                }
            }
            else
            {
                Apply(resource, ScimPath.Parse(name), value);
            }
        }
    }

    private void Apply(JsonObject resource, ScimPath path, JsonNode? value)
    {
        var holder = resource;
        if (path.Extension is { } extension)
        {
            holder = ScimPath.Member(resource, extension) as JsonObject ?? new JsonObject();
            if (holder.Parent is null)
            {
                resource[extension] = holder;
            }
        }

        var name = KeyOf(holder, path.Attribute);
        if (path.Filter is not null)
        {
            ApplyToElements(holder, name, path, value);
        }
        else if (path.Sub is { } sub)
        {
            if (Op == "remove")
            {
                (holder[name] as JsonObject)?.Remove(sub);
                return;
            }

            var part = holder[name] as JsonObject ?? new JsonObject();
            part[KeyOf(part, sub)] = value?.DeepClone();
            if (part.Parent is null)
            {
                holder[name] = part;
            }
        }
        else if (Op == "remove")
        {
            Remove(holder, name, value);
        }
        else if (Op == "add" && holder[name] is JsonArray list)
        {
            foreach (var item in value is JsonArray items ? items.ToList() : [value])
            {
                list.Add(item?.DeepClone());
            }
        }
        else if (holder[name] is JsonObject whole && value is JsonObject some)
        {
            Merge(whole, some); // what is not mentioned of a complex attribute stays (RFC 7644 §3.5.2.3)
        }
        else
        {
            holder[name] = value?.DeepClone();
        }
    }

    private static string KeyOf(JsonObject holder, string name) => holder.FirstOrDefault(m => m.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Key ?? name;

    private static void Merge(JsonObject whole, JsonObject parts)
    {
        foreach (var (name, part) in parts.ToList())
        {
            whole[KeyOf(whole, name)] = part?.DeepClone();
        }
    }

    private void ApplyToElements(JsonObject holder, string name, ScimPath path, JsonNode? value)
    {
        var list = holder[name] as JsonArray ?? [];
        var chosen = list.OfType<JsonObject>().Where(path.Filter!.Holds).ToList();
        if (Op == "remove")
        {
            foreach (var item in chosen)
            {
                if (path.Sub is { } part)
                {
                    item.Remove(part);
                }
                else
                {
                    list.Remove(item);
                }
            }

            return;
        }

        if (chosen.Count == 0)
        {
            // Entra replaces emails[type eq "work"].value before there is any.
            var made = new JsonObject();
            if (path.Filter!.Equal("type") is { } type)
            {
                made["type"] = type;
            }

            list.Add(made);
            chosen.Add(made);
        }

        if (list.Parent is null)
        {
            holder[name] = list;
        }

        foreach (var item in chosen)
        {
            if (path.Sub is { } part)
            {
                item[KeyOf(item, part)] = value?.DeepClone();
            }
            else if (value is JsonObject parts)
            {
                Merge(item, parts);
            }
        }
    }

    private static void Remove(JsonObject holder, string name, JsonNode? value)
    {
        if (value is not JsonArray unwanted || holder[name] is not JsonArray list)
        {
            holder.Remove(name);
            return;
        }

        foreach (var item in unwanted.OfType<JsonObject>().Select(u => ScimPath.Member(u, "value")?.ToString()))
        {
            list.OfType<JsonObject>().Where(o => ScimPath.Member(o, "value")?.ToString() == item).ToList().ForEach(o => list.Remove(o));
        }
    }
}
