using System.Globalization;
using System.Text.Json.Nodes;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>A filter (RFC 7644 §3.4.2.2): comparisons, <c>and</c>, <c>or</c>, <c>not</c>, parentheses, and <c>emails[type eq "work"].value eq "…"</c>.</summary>
internal abstract record ScimFilter
{
    /// <summary>Longest filter or path in characters. What is read and tried step within step stays within the stack by it.</summary>
    public const int Longest = 2000;

    private ScimFilter()
    {
    }

    private sealed record Compare(ScimPath Path, string Operator, JsonNode? Value) : ScimFilter;

    private sealed record Both(ScimFilter Left, ScimFilter Right) : ScimFilter;

    private sealed record Either(ScimFilter Left, ScimFilter Right) : ScimFilter;

    private sealed record Negated(ScimFilter Inner) : ScimFilter;

    /// <summary>Reads a filter.</summary>
    /// <exception cref="ScimException">It is none; where.</exception>
    public static ScimFilter Parse(string text)
    {
        if (text.Length > Longest)
        {
            throw new ScimException(400, "invalidFilter", $"A filter has at most {Longest} characters.");
        }

        var reader = new Reader(text);
        var filter = reader.ReadOr();
        reader.ExpectEnd();
        return filter;
    }

    /// <summary>Whether it holds for a resource, or an element of a list.</summary>
    public bool Holds(JsonObject resource) => this switch
    {
        Compare c => Matches(c, resource),
        Both b => b.Left.Holds(resource) && b.Right.Holds(resource),
        Either e => e.Left.Holds(resource) || e.Right.Holds(resource),
        Negated n => !n.Inner.Holds(resource),
        _ => false,
    };

    /// <summary>A value that an attribute must equal for the filter to hold; null when there is none. What is found by it need not be searched for.</summary>
    public string? Equal(string attribute) => this switch
    {
        Compare { Operator: "eq", Value: JsonValue value } c when c.Path.ToString().Equals(attribute, StringComparison.OrdinalIgnoreCase) => value.ToString(),
        Both b => b.Left.Equal(attribute) ?? b.Right.Equal(attribute),
        _ => null,
    };

    private static bool Matches(Compare compare, JsonObject resource)
    {
        var values = compare.Path.Values(resource).ToList();
        return compare.Operator switch
        {
            "pr" => values.Exists(v => v is not null),
            "ne" => !values.Exists(v => Is(v, "eq", compare.Value)),
            _ => values.Exists(v => Is(v, compare.Operator, compare.Value)),
        };
    }

    private static bool Is(JsonNode? value, string operation, JsonNode? wanted)
    {
        if (value is null || wanted is null)
        {
            return operation == "eq" && value is null && wanted is null;
        }

        // A complex attribute is compared by its value: Entra asks whether "manager eq X".
        var (one, other) = (value is JsonObject complex ? ScimPath.Member(complex, "value")?.ToString() ?? string.Empty : value.ToString(), wanted.ToString());
        return operation switch
        {
            "eq" => one.Equals(other, StringComparison.OrdinalIgnoreCase),
            "co" => one.Contains(other, StringComparison.OrdinalIgnoreCase),
            "sw" => one.StartsWith(other, StringComparison.OrdinalIgnoreCase),
            "ew" => one.EndsWith(other, StringComparison.OrdinalIgnoreCase),
            "gt" => string.Compare(one, other, StringComparison.OrdinalIgnoreCase) > 0,
            "ge" => string.Compare(one, other, StringComparison.OrdinalIgnoreCase) >= 0,
            "lt" => string.Compare(one, other, StringComparison.OrdinalIgnoreCase) < 0,
            "le" => string.Compare(one, other, StringComparison.OrdinalIgnoreCase) <= 0,
            _ => false,
        };
    }

    /// <summary>Reads from left to right.</summary>
    private sealed class Reader(string text)
    {
        private const int Deepest = 32;
        private static readonly string[] Operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"];
        private int at;
        private int depth;

        public ScimFilter ReadOr()
        {
            if (++depth > Deepest)
            {
                throw Wrong("it is nested too deeply");
            }

            var left = ReadAnd();
            while (TryWord("or"))
            {
                left = new Either(left, ReadAnd());
            }

            depth--;
            return left;
        }

        public void ExpectEnd()
        {
            Skip();
            if (at < text.Length)
            {
                throw Wrong("something follows the filter");
            }
        }

        private ScimFilter ReadAnd()
        {
            var left = ReadOne();
            while (TryWord("and"))
            {
                left = new Both(left, ReadOne());
            }

            return left;
        }

        private ScimFilter ReadOne()
        {
            Skip();
            if (TryWord("not"))
            {
                return new Negated(ReadOne());
            }

            if (at < text.Length && text[at] == '(')
            {
                at++;
                var inner = ReadOr();
                Skip();
                if (at >= text.Length || text[at++] != ')')
                {
                    throw Wrong("a parenthesis is left open");
                }

                return inner;
            }

            var path = ReadPath();
            Skip();
            var operation = Word().ToLowerInvariant();
            return !Operators.Contains(operation) ? throw Wrong($"'{operation}' is no comparison; there are {string.Join(", ", Operators)}")
                : new Compare(path, operation, operation == "pr" ? null : ReadValue());
        }

        private ScimPath ReadPath()
        {
            Skip();
            var start = at;
            var brackets = 0;
            var quoted = false;
            while (at < text.Length && (brackets > 0 || (text[at] != ' ' && text[at] != ')')))
            {
                quoted ^= text[at] == '"' && (at == start || text[at - 1] != '\\');
                brackets += quoted ? 0 : text[at] == '[' ? 1 : text[at] == ']' ? -1 : 0;
                at++;
            }

            return at > start ? ScimPath.Parse(text[start..at]) : throw Wrong("the name of an attribute is missing");
        }

        private JsonNode? ReadValue()
        {
            Skip();
            var start = at;
            if (at < text.Length && text[at] == '"')
            {
                for (at++; at < text.Length && text[at] != '"'; at++)
                {
                    at += text[at] == '\\' ? 1 : 0;
                }

                at++;
            }
            else
            {
                _ = Word();
            }

            try
            {
                var value = at <= text.Length ? JsonNode.Parse(text[start..at]) : throw Wrong("a quotation mark is left open");
                _ = value?.ToString(); // half of a surrogate pair shows here
                return value is null or JsonValue ? value : throw new FormatException();
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or FormatException)
            {
                throw Wrong("a value is a text in quotation marks, a number, true, false or null");
            }
        }

        private bool TryWord(string word)
        {
            Skip();
            if (at + word.Length > text.Length || !text.AsSpan(at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase) || (at + word.Length < text.Length && text[at + word.Length] is not (' ' or '(')))
            {
                return false;
            }

            at += word.Length;
            return true;
        }

        private string Word()
        {
            Skip();
            var start = at;
            while (at < text.Length && text[at] is not (' ' or ')' or '(' or ']'))
            {
                at++;
            }

            return text[start..at];
        }

        private void Skip()
        {
            while (at < text.Length && text[at] == ' ')
            {
                at++;
            }
        }

        private ScimException Wrong(string why) => new(400, "invalidFilter", string.Create(CultureInfo.InvariantCulture, $"The filter cannot be read at character {at + 1}: {why}."));
    }
}

/// <summary>A path to an attribute (RFC 7644 §3.5.2): <c>name.givenName</c>, <c>emails[type eq "work"].value</c>, or with the urn of an extension before it.</summary>
/// <param name="Extension">The extension's urn, or null.</param>
/// <param name="Attribute">The attribute.</param>
/// <param name="Filter">Which elements of a list, or null.</param>
/// <param name="Sub">A part of it, or null.</param>
internal sealed record ScimPath(string? Extension, string Attribute, ScimFilter? Filter, string? Sub)
{
    /// <summary>The extension for employees.</summary>
    public const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    private static readonly string[] InEnterprise = ["manager", "department", "division", "organization", "costCenter", "employeeNumber"];

    /// <summary>Reads a path.</summary>
    /// <exception cref="ScimException">It is none.</exception>
    public static ScimPath Parse(string text)
    {
        if (text.Length > ScimFilter.Longest)
        {
            throw new ScimException(400, "invalidPath", $"A path has at most {ScimFilter.Longest} characters.");
        }

        string? extension = null;
        if (text.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
        {
            var bracket = text.IndexOf('[', StringComparison.Ordinal);
            var colon = text.LastIndexOf(':', (bracket < 0 ? text.Length : bracket) - 1);
            (extension, text) = text.Equals(Enterprise, StringComparison.OrdinalIgnoreCase) ? (null, Enterprise) : (text[..colon], text[(colon + 1)..]);
            extension = extension is not null && extension.Contains(":core:", StringComparison.OrdinalIgnoreCase) ? null : extension;
        }

        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open >= 0)
        {
            var close = text.LastIndexOf(']');
            return open == 0 || close < open ? throw new ScimException(400, "invalidPath", $"'{text}' is no path.")
                : new ScimPath(extension, text[..open], ScimFilter.Parse(text[(open + 1)..close]), close + 1 < text.Length && text[close + 1] == '.' ? text[(close + 2)..] : null);
        }

        var dot = text.StartsWith("urn:", StringComparison.Ordinal) ? -1 : text.IndexOf('.', StringComparison.Ordinal);
        var (attribute, sub) = dot < 0 ? (text, null) : (text[..dot], text[(dot + 1)..]);
        return attribute.Length == 0 ? throw new ScimException(400, "invalidPath", "A path names an attribute.")
            : new ScimPath(extension ?? (Array.Exists(InEnterprise, a => a.Equals(attribute, StringComparison.OrdinalIgnoreCase)) ? Enterprise : null), attribute, null, sub);
    }

    /// <summary>Everything that the path leads to.</summary>
    public IEnumerable<JsonNode?> Values(JsonObject resource)
    {
        var holder = Extension is null ? resource : Member(resource, Extension) as JsonObject;
        var found = holder is null ? null : Member(holder, Attribute);
        IEnumerable<JsonNode?> all = found as JsonArray ?? Enumerable.Repeat(found, found is null ? 0 : 1);
        return all.Where(v => Filter is null || (v is JsonObject o && Filter.Holds(o))).Select(v => Sub is null ? v : v is JsonObject o ? Member(o, Sub) : null).Where(v => v is not null);
    }

    /// <summary>A member by name, in whichever case.</summary>
    public static JsonNode? Member(JsonObject holder, string name) => holder.FirstOrDefault(m => m.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <inheritdoc/>
    public override string ToString() => Filter is null ? Attribute + (Sub is null ? string.Empty : "." + Sub) : $"{Attribute}[].{Sub}";
}
