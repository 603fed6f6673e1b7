using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Daylight.Core.Charters.Grammar;

/// <summary>A key of a mapping.</summary>
internal abstract class Key(string name, string says, bool required)
{
    public string Name { get; } = name;

    /// <summary>What it says, for the schema and the reference.</summary>
    public string Says { get; } = says;

    public bool Required { get; } = required;

    public abstract JsonObject Schema();
}

/// <summary>A key with the form of its value.</summary>
internal sealed class Key<T>(string name, string says, Form<T> form, T fallback, bool required = true) : Key(name, says, required)
{
    public Form<T> Form { get; } = form;

    /// <summary>Stands in where the key is missing.</summary>
    public T Fallback { get; } = fallback;

    public override JsonObject Schema()
    {
        var schema = Form.Schema();
        schema["description"] = Says;
        return schema;
    }
}

/// <summary>The members of a mapping that is being read.</summary>
internal sealed class Members(YamlNode.Mapping node, string what, Diagnostics problems)
{
    public YamlNode.Mapping Node { get; } = node;

    public Diagnostics Problems { get; } = problems;

    public bool Has(string key) => Node[key] is not null;

    public T Get<T>(Key<T> key)
    {
        if (Node[key.Name] is { } value)
        {
            return key.Form.Read(value, key.Name, Problems);
        }

        if (key.Required)
        {
            Problems.Add(Node, key.Name switch { "until" => DiagnosticCodes.NeverEndless, "review" => DiagnosticCodes.NeverUnreviewed, _ => DiagnosticCodes.MissingKey }, $"{what} lacks '{key.Name}'");
        }

        return key.Fallback;
    }
}

/// <summary>A mapping with known keys. A key that is not known is a problem: a word that is not understood must not be signed.</summary>
/// <param name="what">What it is called in messages.</param>
/// <param name="keys">Its keys, in the order that the reference and the schema list them.</param>
/// <param name="fallback">Stands in for what is no mapping.</param>
/// <param name="build">Makes the value; gets every key, those that are missing too.</param>
/// <param name="never">Refuses an unknown key for a reason of its own.</param>
/// <param name="fewest">Fewest keys, for the schema.</param>
internal sealed class MapForm<T>(string what, IReadOnlyList<Key> keys, T fallback, Func<Members, T> build, Func<string, (string Code, string Message)?>? never = null, int fewest = 0) : Form<T>
{
    public override T Read(YamlNode node, string key, Diagnostics problems)
    {
        if (node is not YamlNode.Mapping map)
        {
            problems.Add(node, DiagnosticCodes.WrongShape, $"{what} is a mapping (key: value)");
            return fallback;
        }

        foreach (var (name, _) in map.Members)
        {
            if (!keys.Any(k => k.Name == name.Text))
            {
                var (code, message) = never?.Invoke(name.Text)
                    ?? (DiagnosticCodes.UnknownKey, $"{what} has no key '{Scalars.Short(name.Text)}'; allowed: {string.Join(", ", keys.Select(k => k.Name))}");
                problems.Add(name, code, message);
            }
        }

        return build(new Members(map, what, problems));
    }

    public override JsonObject Schema()
    {
        var properties = new JsonObject();
        foreach (var key in keys)
        {
            properties[key.Name] = key.Schema();
        }

        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (fewest > 0)
        {
            schema["minProperties"] = fewest;
        }

        if (keys.Any(k => k.Required))
        {
            schema["required"] = new JsonArray([.. keys.Where(k => k.Required).Select(k => (JsonNode)k.Name)]);
        }

        return schema;
    }
}

/// <summary>A mapping with names that the author chooses.</summary>
/// <param name="what">What it is called in messages.</param>
/// <param name="name">The form of a name.</param>
/// <param name="value">The form of a value.</param>
/// <param name="most">Most names.</param>
internal sealed class NamedForm<T>(string what, Form<string> name, Form<T> value, int most = 50) : Form<ImmutableArray<(string Name, T Value)>>
{
    public override ImmutableArray<(string Name, T Value)> Read(YamlNode node, string key, Diagnostics problems)
    {
        if (node is not YamlNode.Mapping { Members.Count: > 0 } map)
        {
            problems.Add(node, DiagnosticCodes.WrongShape, $"{what} is a mapping (name: value)");
            return [];
        }

        if (map.Members.Count > most)
        {
            problems.Add(node, DiagnosticCodes.BadValue, $"{what} has at most {most} names, this one has {map.Members.Count}");
            return [];
        }

        return [.. map.Members.Select(m => (name.Read(m.Key, "name", problems), value.Read(m.Value, m.Key.Text, problems)))];
    }

    public override JsonObject Schema() => new() { ["type"] = "object", ["minProperties"] = 1, ["maxProperties"] = most, ["additionalProperties"] = value.Schema(), ["propertyNames"] = name.Schema() };
}

/// <summary>A mapping whose form depends on which key it has, or on the value of one: the first that fits.</summary>
internal sealed class SwitchForm<T>(Func<YamlNode.Mapping, int> choose, params IReadOnlyList<Form<T>> forms) : Form<T>
{
    public override T Read(YamlNode node, string key, Diagnostics problems) => forms[node is YamlNode.Mapping map ? choose(map) : 0].Read(node, key, problems);

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray([.. forms.Select(f => (JsonNode)f.Schema())]) };
}
