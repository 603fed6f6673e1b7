using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Daylight.Core.Charters.Grammar;

/// <summary>
/// A form that a value of a charter may have. The one definition reads the value, says what is wrong with it, and writes the JSON Schema for editors, so
/// that the three cannot drift apart.
/// </summary>
/// <typeparam name="T">What is read.</typeparam>
internal abstract class Form<T>
{
    /// <summary>Reads a node; what is wrong is added to the problems, and a harmless stand-in comes back so that the rest is read too.</summary>
    /// <param name="node">The value.</param>
    /// <param name="key">What the value is called in a message.</param>
    /// <param name="problems">Where problems go.</param>
    public abstract T Read(YamlNode node, string key, Diagnostics problems);

    /// <summary>The form as JSON Schema (draft-07, which editors' YAML servers read).</summary>
    public abstract JsonObject Schema();

    /// <summary>A result made of what this form read.</summary>
    public Form<TResult> Select<TResult>(Func<T, TResult> make) => new Mapped<TResult>(this, make);

    private sealed class Mapped<TResult>(Form<T> inner, Func<T, TResult> make) : Form<TResult>
    {
        public override TResult Read(YamlNode node, string key, Diagnostics problems) => make(inner.Read(node, key, problems));

        public override JsonObject Schema() => inner.Schema();
    }
}

/// <summary>A text of a pattern.</summary>
/// <param name="pattern">Regular expression for the whole text.</param>
/// <param name="expected">What is expected, after "'key' is ".</param>
/// <param name="parse">Makes the value; false when the text fits the pattern and still is none.</param>
/// <param name="fallback">Stands in for what cannot be read.</param>
/// <param name="code">The diagnostic's code.</param>
internal sealed class TextForm<T>(string pattern, string expected, TextForm<T>.TryParse parse, T fallback, string code = DiagnosticCodes.BadValue) : Form<T>
{
    // No backtracking: a hostile text costs no more than its length.
    private readonly Regex regex = new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public delegate bool TryParse(string text, out T value);

    public override T Read(YamlNode node, string key, Diagnostics problems)
    {
        if (Scalars.Text(node, key, problems) is not { } text)
        {
            return fallback;
        }

        if (regex.IsMatch(text) && parse(text, out var value))
        {
            return value;
        }

        problems.Add(node, code, $"'{key}' is {expected}, not '{Scalars.Short(text)}'");
        return fallback;
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = $"^(?:{pattern})$", ["patternErrorMessage"] = "expected " + expected };
}

/// <summary>A word of a pattern, which may look like a number: <c>5</c> or <c>5%</c>.</summary>
internal sealed class WordForm<T>(string pattern, string expected, Func<string, T> parse, T fallback) : Form<T>
{
    private readonly Regex regex = new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public override T Read(YamlNode node, string key, Diagnostics problems)
    {
        var text = Scalars.Word(node, key, problems);
        if (text is not null && regex.IsMatch(text))
        {
            return parse(text);
        }

        if (text is not null)
        {
            problems.Add(node, DiagnosticCodes.BadValue, $"'{key}' is {expected}, not '{Scalars.Short(text)}'");
        }

        return fallback;
    }

    public override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "integer"), ["minimum"] = 1, ["maximum"] = 999_999, ["pattern"] = $"^(?:{pattern})$", ["patternErrorMessage"] = "expected " + expected };
}

/// <summary>Free text of a length.</summary>
internal sealed class ProseForm(int fewest, int most) : Form<string>
{
    public override string Read(YamlNode node, string key, Diagnostics problems)
    {
        var text = Scalars.Text(node, key, problems) ?? string.Empty;
        if (text.Length > 0 && (text.Length > most || text.Count(char.IsLetter) < fewest))
        {
            problems.Add(node, DiagnosticCodes.BadValue, $"'{key}' is said in words: at least {fewest} letters, at most {most} characters");
        }

        return text.ReplaceLineEndings(" ").Trim();
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["minLength"] = fewest, ["maxLength"] = most };
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceForm<T>(IReadOnlyList<(string Word, T Value)> choices, T fallback, Func<string, (string Code, string Message)?>? never = null) : Form<T>
{
    public override T Read(YamlNode node, string key, Diagnostics problems)
    {
        if (Scalars.Word(node, key, problems) is not { } text)
        {
            return fallback;
        }

        foreach (var (word, value) in choices)
        {
            if (word == text)
            {
                return value;
            }
        }

        var (code, message) = never?.Invoke(text) ?? (DiagnosticCodes.BadValue, $"'{key}' cannot be '{Scalars.Short(text)}'; allowed: {string.Join(", ", choices.Select(c => c.Word))}");
        problems.Add(node, code, message);
        return fallback;
    }

    public override JsonObject Schema() => new() { ["enum"] = new JsonArray([.. choices.Select(c => (JsonNode)c.Word)]) };
}

/// <summary>A whole number.</summary>
internal sealed class WholeForm(int low, int high) : Form<int>
{
    public override int Read(YamlNode node, string key, Diagnostics problems)
    {
        if (Scalars.Word(node, key, problems) is not { } text)
        {
            return low;
        }

        // A leading zero is octal to some readers of YAML.
        if (node is YamlNode.Scalar { Quoted: false } && (text.Length == 1 || text[0] != '0') && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high)
        {
            return number;
        }

        problems.Add(node, DiagnosticCodes.BadValue, $"'{key}' is a whole number from {low} to {high}, not '{Scalars.Short(text)}'");
        return low;
    }

    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = low, ["maximum"] = high };
}

/// <summary>A number with decimals.</summary>
internal sealed class NumberForm(decimal low, decimal high) : Form<decimal>
{
    public override decimal Read(YamlNode node, string key, Diagnostics problems)
    {
        if (Scalars.Word(node, key, problems) is not { } text)
        {
            return low;
        }

        if (node is YamlNode.Scalar { Quoted: false } && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && text.Length <= 20 && number >= low && number <= high)
        {
            return number;
        }

        problems.Add(node, DiagnosticCodes.BadValue, string.Create(CultureInfo.InvariantCulture, $"'{key}' is a number from {low} to {high}, not '{Scalars.Short(text)}'"));
        return low;
    }

    public override JsonObject Schema() => new() { ["type"] = "number", ["minimum"] = low, ["maximum"] = high };
}

/// <summary>True or false, and no other word for it.</summary>
internal sealed class BoolForm : Form<bool>
{
    public override bool Read(YamlNode node, string key, Diagnostics problems)
    {
        if (node is YamlNode.Scalar { Quoted: false, Text: "true" or "false" } scalar)
        {
            return scalar.Text == "true";
        }

        problems.Add(node, DiagnosticCodes.BadValue, $"'{key}' is true or false");
        return false;
    }

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>A word of any type, as values of a filter are: <c>true</c>, <c>5..10</c>, <c>Editor</c>.</summary>
internal sealed class ValueForm : Form<string>
{
    public override string Read(YamlNode node, string key, Diagnostics problems) => Scalars.Word(node, key, problems) ?? string.Empty;

    public override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "number", "boolean") };
}

/// <summary>A list, or where <paramref name="alone"/>, one item without brackets.</summary>
internal sealed class ListForm<T>(Form<T> item, bool alone = false, int most = 200) : Form<ImmutableArray<T>>
{
    public override ImmutableArray<T> Read(YamlNode node, string key, Diagnostics problems)
    {
        switch (node)
        {
            case YamlNode.Sequence list when list.Items.Count == 0 || list.Items.Count > most:
                problems.Add(node, DiagnosticCodes.BadValue, $"'{key}' has 1 to {most} items, this one has {list.Items.Count}");
                return [];
            case YamlNode.Sequence list:
                return [.. list.Items.Select(i => item.Read(i, key, problems))];
            case YamlNode.Scalar when alone:
                return [item.Read(node, key, problems)];
            default:
                problems.Add(node, DiagnosticCodes.WrongShape, $"'{key}' is a list such as [a, b]");
                return [];
        }
    }

    public override JsonObject Schema()
    {
        var list = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["maxItems"] = most, ["items"] = item.Schema() };
        return alone ? new JsonObject { ["anyOf"] = new JsonArray(item.Schema(), list) } : list;
    }
}

/// <summary>Different forms for a text, a list and a mapping.</summary>
internal sealed class ShapeForm<T>(Form<T>? text, Form<T>? list, Form<T>? map) : Form<T>
{
    public override T Read(YamlNode node, string key, Diagnostics problems) => (node switch
    {
        YamlNode.Scalar => text,
        YamlNode.Sequence => list,
        _ => map,
    } ?? text ?? map ?? list!).Read(node, key, problems);

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray([.. new[] { text, list, map }.OfType<Form<T>>().Select(f => (JsonNode)f.Schema())]) };
}

/// <summary>What forms of one word share.</summary>
internal static partial class Scalars
{
    private const int MostShown = 60;

    /// <summary>A word as written, whatever type YAML might see in it; null when it is no word, which is reported.</summary>
    public static string? Word(YamlNode node, string key, Diagnostics problems)
    {
        if (node is YamlNode.Scalar { Text.Length: > 0 } scalar)
        {
            return scalar.Text;
        }

        problems.Add(node, DiagnosticCodes.WrongShape, $"'{key}' is a text");
        return null;
    }

    /// <summary>A text: what YAML takes for a number, a truth value or nothing has to stand in quotes.</summary>
    public static string? Text(YamlNode node, string key, Diagnostics problems)
    {
        if (Word(node, key, problems) is not { } text)
        {
            return null;
        }

        if (node is YamlNode.Scalar { Quoted: false } && (text is "null" or "~" or "true" or "false" or "Null" or "NULL" or "True" or "TRUE" or "False" or "FALSE" || Number().IsMatch(text)))
        {
            problems.Add(node, DiagnosticCodes.WrongShape, $"'{key}' is a text, and YAML reads {Short(text)} as something else: put it in quotes");
            return null;
        }

        return text;
    }

    // What YAML 1.2's core schema reads as a number.
    [GeneratedRegex(@"\A(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+|0o[0-7]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z", RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    /// <summary>A text as a message shows it: short, and with nothing in it that a terminal obeys.</summary>
    public static string Short(string text)
    {
        var shown = text.Any(char.IsControl) ? new string([.. text.Select(c => char.IsControl(c) ? '\uFFFD' : c)]) : text;
        return Cut(shown);
    }

    private static string Cut(string text) => text.Length <= MostShown ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MostShown - 1]) ? MostShown - 1 : MostShown), "…");
}
