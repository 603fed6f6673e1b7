using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Daylight.Core.Charters;

/// <summary>Something wrong in a charter file.</summary>
/// <param name="File">File name as given.</param>
/// <param name="Line">1 is the first.</param>
/// <param name="Column">1 is the first.</param>
/// <param name="Message">What is wrong, and what is allowed.</param>
public sealed record Diagnostic(string File, int Line, int Column, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Message}");
}

/// <summary>Collects what is wrong, so that a file's problems are all reported at once.</summary>
internal sealed class Diagnostics(string file)
{
    private readonly List<Diagnostic> found = [];

    public IReadOnlyList<Diagnostic> Found => [.. found.OrderBy(d => d.Line).ThenBy(d => d.Column)];

    public void Add(YamlNode at, string message) => Add((int)at.Start.Line, (int)at.Start.Column, message);

    public void Add(int line, int column, string message) => found.Add(new Diagnostic(file, Math.Max(line, 1), Math.Max(column, 1), message));
}

/// <summary>A YAML mapping that is read strictly: every key must be asked for, every value have its type.</summary>
internal sealed class YamlMap
{
    private readonly Dictionary<string, (YamlScalarNode Key, YamlNode Value)> members = [];
    private readonly HashSet<string> known = [];
    private readonly Diagnostics problems;

    private YamlMap(YamlMappingNode node, Diagnostics problems, string what)
    {
        (Node, this.problems, What) = (node, problems, what);
        foreach (var (key, value) in node.Children)
        {
            if (key is YamlScalarNode { Value: { } name } scalar)
            {
                members[name] = (scalar, value);
            }
            else
            {
                problems.Add(key, $"a key of {what} is a plain word");
            }
        }
    }

    public YamlMappingNode Node { get; }

    public string What { get; }

    public IEnumerable<(string Name, YamlNode Key, YamlNode Value)> Members => members.Select(m => (m.Key, (YamlNode)m.Value.Key, m.Value.Value));

    public static YamlMap? Of(YamlNode node, Diagnostics problems, string what)
    {
        if (node is YamlMappingNode map)
        {
            return new YamlMap(map, problems, what);
        }

        problems.Add(node, $"{what} is a mapping (key: value)");
        return null;
    }

    public bool Has(string key)
    {
        known.Add(key);
        return members.ContainsKey(key);
    }

    public YamlNode? Optional(string key)
    {
        known.Add(key);
        return members.TryGetValue(key, out var member) ? member.Value : null;
    }

    public YamlNode? Required(string key)
    {
        if (Optional(key) is { } value)
        {
            return value;
        }

        problems.Add(Node, $"{What} lacks '{key}'");
        return null;
    }

    public string Text(string key) => Required(key) is { } node ? Scalar(node, key) : string.Empty;

    public string Scalar(YamlNode node, string key)
    {
        if (node is YamlScalarNode { Value: { Length: > 0 } text })
        {
            return text;
        }

        problems.Add(node, $"'{key}' is a text");
        return string.Empty;
    }

    public string OneOf(string key, IEnumerable<string> allowed)
    {
        var text = Text(key);
        if (text.Length > 0 && !allowed.Contains(text))
        {
            problems.Add(Optional(key)!, $"'{key}' cannot be '{text}'; allowed: {string.Join(", ", allowed)}");
        }

        return text;
    }

    public int Integer(string key, int low, int high)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            return low;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < low || number > high)
        {
            problems.Add(Optional(key)!, $"'{key}' is a whole number from {low} to {high}, not '{text}'");
            return low;
        }

        return number;
    }

    public DateOnly Date(string key)
    {
        var text = Text(key);
        if (text.Length > 0 && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            problems.Add(Optional(key)!, $"'{key}' is a date such as 2026-12-01, not '{text}'");
        }

        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : default;
    }

    public ImmutableArray<string> List(YamlNode node, string key)
    {
        switch (node)
        {
            case YamlSequenceNode sequence:
                return [.. sequence.Children.Select(c => Scalar(c, key)).Where(t => t.Length > 0)];
            case YamlScalarNode:
                return [Scalar(node, key)];
            default:
                problems.Add(node, $"'{key}' is a list such as [a, b]");
                return [];
        }
    }

    /// <summary>Reports every key that nobody asked for.</summary>
    public void Done()
    {
        foreach (var (name, (key, _)) in members)
        {
            if (!known.Contains(name))
            {
                problems.Add(key, $"{What} has no key '{name}'; allowed: {string.Join(", ", known.Order(StringComparer.Ordinal))}");
            }
        }
    }
}
