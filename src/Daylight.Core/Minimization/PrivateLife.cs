using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;

namespace Daylight.Core.Minimization;

/// <summary>
/// What never leaves a machine, whatever a charter says: applications and hosts whose use tells about health, religion, union membership, personal finance
/// or private life (GDPR Art. 9, and what is nobody's business besides). A charter can add to the list and not shorten it.
/// </summary>
public sealed class PrivateLife
{
    private readonly FrozenDictionary<string, string> hosts;
    private readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> hostLookup;
    private readonly ImmutableArray<(string Word, string Section)> apps;
    private readonly SearchValues<string> appWords;
    private readonly FrozenDictionary<string, string> labels;

    private PrivateLife(IEnumerable<(string Section, string Kind, string Word)> entries)
    {
        var all = entries.ToList();
        hosts = all.Where(e => e.Kind == "host").DistinctBy(e => e.Word).ToFrozenDictionary(e => e.Word, e => e.Section, StringComparer.OrdinalIgnoreCase);
        hostLookup = hosts.GetAlternateLookup<ReadOnlySpan<char>>();
        apps = [.. all.Where(e => e.Kind == "app").Select(e => (Plain(e.Word), e.Section)).DistinctBy(a => a.Item1)];
        labels = all.Where(e => e.Kind == "host").Select(e => (Label: LabelOf(e.Word), e.Section)).Where(e => e.Label.Length >= 3).DistinctBy(e => e.Label).ToFrozenDictionary(e => e.Label, e => e.Section, StringComparer.OrdinalIgnoreCase);
        appWords = SearchValues.Create([.. apps.Select(a => a.Word)], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The built-in list.</summary>
    public static PrivateLife BuiltIn { get; } = new(ReadBuiltIn());

    /// <summary>How many entries it has.</summary>
    public int Count => hosts.Count + apps.Length;

    /// <summary>This list and a charter's own entries; what is a host is looked for in addresses, and everything in the names of applications.</summary>
    public PrivateLife With(ImmutableArray<string> more) => more.IsEmpty
        ? this
        : new PrivateLife([
            .. hosts.Select(h => (h.Value, "host", h.Key)), .. apps.Select(a => (a.Section, "app", a.Word)),
            .. more.Where(m => m.Contains('.', StringComparison.Ordinal)).Select(m => ("private life", "host", m)), .. more.Select(m => ("private life", "app", m)),
        ]);

    /// <summary>Whether an application's name is on the list.</summary>
    public bool HasApp(ReadOnlySpan<char> app) => SectionOfApp(app) is not null;

    /// <summary>Whether a host, or one above it, is on the list.</summary>
    public bool HasHost(ReadOnlySpan<char> host)
    {
        for (var rest = host; rest.Length > 0;)
        {
            if (hostLookup.ContainsKey(rest))
            {
                return true;
            }

            var dot = rest.IndexOf('.');
            rest = dot < 0 ? [] : rest[(dot + 1)..];
        }

        return false;
    }

    /// <summary>What a word of a category, or a title, would tell about, or null: an entry of the list, the name of a listed site, or a word that gives it away.</summary>
    public string? Touches(string text) =>
        SectionOfApp(text) ?? (HasHost(text) ? hosts.First(h => text.EndsWith(h.Key, StringComparison.OrdinalIgnoreCase)).Value : null)
        ?? Telltales.FirstOrDefault(t => Words.Contains(text, t.Word)).Section
        ?? Plain(text).Split(' ').Select(w => labels.GetValueOrDefault(w)).FirstOrDefault(s => s is not null);

    // A site's own name: aok of aok.de, lloydsbank of lloydsbank.co.uk.
    private static string LabelOf(string host) => host.Split('.') is var parts && parts.Length > 2 && parts[^2].Length <= 3 ? parts[^3] : parts.Length > 1 ? parts[^2] : parts[0];

    /// <summary>Letters and digits in lower case, with single blanks between.</summary>
    private static string Plain(ReadOnlySpan<char> text)
    {
        var plain = new System.Text.StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark)
            {
                plain.Append(char.ToLowerInvariant(c));
            }
            else if (char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format && plain.Length > 0 && plain[^1] != ' ')
            {
                plain.Append(' ');
            }
        }

        return plain.ToString().TrimEnd();
    }

    private string? SectionOfApp(ReadOnlySpan<char> name)
    {
        var app = Plain(name);
        if (!app.AsSpan().ContainsAny(appWords))
        {
            return null;
        }

        foreach (var (word, section) in apps)
        {
            if (Words.Contains(app, word))
            {
                return section;
            }
        }

        return null;
    }

    private static IEnumerable<(string Section, string Kind, string Word)> ReadBuiltIn()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Daylight.Core.private-life.txt")!;
        using var reader = new StreamReader(stream);
        var section = string.Empty;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']').Replace('-', ' ');
            }
            else if (line.Split(' ', 2) is ["host" or "app", var word] parts)
            {
                yield return (section, parts[0], word.Trim());
            }
        }
    }

    /// <summary>Words that give a category away for what it is.</summary>
    private static readonly ImmutableArray<(string Word, string Section)> Telltales =
    [
        .. "health healthcare medical medicine doctor doctors hospital clinic therapy therapist pregnancy pregnant schwanger enceinte illness sick sickness disease burnout depression depressed cancer Krebs HIV AIDS diabetes addiction alcoholism surgery symptom symptoms disability Gesundheit Arzt Ärztin Krankheit Depression Schwangerschaft santé médecin maladie".Split(' ').Select(w => (w, "health")),
        .. "religion religious church mosque synagogue temple prayer prayers bible quran koran ramadan sabbath shabbat rosary Kirche Moschee Gebet église prière".Split(' ').Select(w => (w, "religion")),
        .. new[] { "trade union", "labor union", "labour union", "trade-union", "works council", "strike", "union drive", "unionize", "unionise", "collective bargaining", "Tarifverhandlung", "Gewerkschaft", "Betriebsrat", "syndicat" }.Select(w => (w, "union")),
        .. new[] { "banking", "online bank", "loan", "debt", "mortgage", "bankruptcy", "salary", "payday", "Sparkasse", "Schulden", "Gehalt", "dette", "crédit" }.Select(w => (w, "finance")),
        .. new[] { "dating", "divorce", "job search", "job hunting", "sex", "sexuality", "porn", "politics", "family", "private", "resume", "résumé", "resignation", "headhunter", "job application", "cover letter", "job offer", "lawyer", "custody", "asylum", "gay", "lesbian", "transgender", "AfD", "SPD", "CDU", "Republican", "Democrat", "Bewerbung", "Lebenslauf", "Kündigung", "Partnersuche", "Scheidung", "Anwalt", "candidature", "avocat" }.Select(w => (w, "private life")),
    ];
}

/// <summary>Whole words in a text, ignoring case.</summary>
internal static class Words
{
    /// <summary>Whether a text contains a word, or several in a row, with no letter or digit on either side.</summary>
    public static bool Contains(ReadOnlySpan<char> text, ReadOnlySpan<char> word)
    {
        for (var start = 0; start <= text.Length - word.Length;)
        {
            var found = text[start..].IndexOf(word, StringComparison.OrdinalIgnoreCase);
            if (found < 0)
            {
                return false;
            }

            var (at, after) = (start + found, start + found + word.Length);
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (after == text.Length || !char.IsLetterOrDigit(text[after])))
            {
                return true;
            }

            start = at + 1;
        }

        return false;
    }
}
