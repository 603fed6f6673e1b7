using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Daylight.Portal.Texts;

/// <summary>What one language calls the sentences of the pages, and those of the API that people come to read.</summary>
/// <param name="Pages">By the English sentence as pages have it.</param>
/// <param name="Api">By the English sentence as the API, the log or a notice has it.</param>
internal sealed partial record Catalog(FrozenDictionary<string, string> Pages, FrozenDictionary<string, string> Api)
{
    /// <summary>Longer than a sentence with the most that a person may write into it is no sentence; and what is put in is looked at in turn.</summary>
    private const int Longest = 2500;

    /// <summary>What fits two is said by the one that begins with words of its own, and says more.</summary>
    private readonly IReadOnlyList<(string[] Parts, string Said)> forms =
        [.. Api.Where(s => s.Key.Contains('{', StringComparison.Ordinal)).OrderBy(s => s.Key[0] == '{').ThenByDescending(s => s.Key.Length).Select(s => (Hole().Split(s.Key), s.Value))];

    /// <summary>Reads a language's file.</summary>
    public static Catalog Load(string language)
    {
        using var stream = typeof(Catalog).Assembly.GetManifestResourceStream($"Daylight.Portal.Texts.{language}.json")!;
        using var json = JsonDocument.Parse(stream);
        return new Catalog(Part("pages"), Part("api"));

        FrozenDictionary<string, string> Part(string name) => json.RootElement.GetProperty(name).EnumerateObject().ToFrozenDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
    }

    /// <summary>A sentence of the API in this language, and so is what is put into it; as it is where nothing fits.</summary>
    public string Again(string english)
    {
        if (Api.TryGetValue(english, out var said) || english.Length > Longest)
        {
            return said ?? english;
        }

        foreach (var (parts, form) in forms)
        {
            if (Holes(parts, english) is { } holes)
            {
                return string.Format(CultureInfo.InvariantCulture, form, [.. holes.Select(h => (object)Again(h))]);
            }
        }

        return english;
    }

    /// <summary>What stands between the parts of a sentence, the shortest that fits; null when it is not that sentence as a whole. Once through the text, since people write into holes.</summary>
    private static List<string>? Holes(string[] parts, string text)
    {
        var (at, end) = (parts[0].Length, text.Length - parts[^1].Length);
        if (at >= end || !text.StartsWith(parts[0], StringComparison.Ordinal) || !text.EndsWith(parts[^1], StringComparison.Ordinal))
        {
            return null;
        }

        var holes = new List<string>();
        foreach (var part in parts[1..^1])
        {
            var next = text.IndexOf(part, at + 1, end - at - 1, StringComparison.Ordinal);
            if (next < 0 || next + part.Length >= end)
            {
                return null;
            }

            holes.Add(text[at..next]);
            at = next + part.Length;
        }

        holes.Add(text[at..end]);
        return holes;
    }

    /// <summary>Where something is put in. Holes come in the order of their numbers.</summary>
    [GeneratedRegex(@"\{\d\}", RegexOptions.None, 1000)]
    private static partial Regex Hole();
}
