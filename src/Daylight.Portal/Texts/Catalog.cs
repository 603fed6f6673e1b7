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
    /// <summary>What fits two is said by the one that begins with words of its own, and says more. Each is understood when it is needed first: most never are.</summary>
    private readonly IReadOnlyList<(string Start, Lazy<Regex> Whole, string Said)> patterns =
        [.. Api.Where(s => s.Key.Contains('{', StringComparison.Ordinal)).OrderBy(s => s.Key[0] == '{').ThenByDescending(s => s.Key.Length)
            .Select(s => (s.Key[..s.Key.IndexOf('{', StringComparison.Ordinal)], new Lazy<Regex>(() => Pattern(s.Key)), s.Value))];

    /// <summary>Reads a language's file.</summary>
    public static Catalog Load(string language)
    {
        using var stream = typeof(Catalog).Assembly.GetManifestResourceStream($"Daylight.Portal.Texts.{language}.json")!;
        using var json = JsonDocument.Parse(stream);
        return new Catalog(Part("pages"), Part("api"));

        FrozenDictionary<string, string> Part(string name) => json.RootElement.GetProperty(name).EnumerateObject().ToFrozenDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
    }

    /// <summary>A sentence of the API in this language, or as it is; several, one after the other, one by one.</summary>
    public string Again(string english)
    {
        if (Api.TryGetValue(english, out var said))
        {
            return said;
        }

        foreach (var (start, whole, form) in patterns)
        {
            if (english.StartsWith(start, StringComparison.Ordinal) && whole.Value.Match(english) is { Success: true } match)
            {
                return string.Format(CultureInfo.InvariantCulture, form, [.. match.Groups.Values.Skip(1).Select(g => (object)Again(g.Value))]);
            }
        }

        return english;
    }

    /// <summary>The shortest that fits each hole; a sentence as a whole, or nothing. In time that grows with the text alone, since people write into holes.</summary>
    private static Regex Pattern(string english) => new($"^{string.Join("(.+?)", Hole().Split(english).Select(Regex.Escape))}$", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);

    /// <summary>Where something is put in. Holes come in the order of their numbers.</summary>
    [GeneratedRegex(@"\{\d\}", RegexOptions.None, 1000)]
    private static partial Regex Hole();
}
