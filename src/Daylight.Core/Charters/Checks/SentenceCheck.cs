using System.Globalization;
using System.Text.RegularExpressions;
using Daylight.Core.Charters.Words;

namespace Daylight.Core.Charters.Checks;

/// <summary>How plain the one sentence is.</summary>
/// <param name="Language">Language.</param>
/// <param name="Words">Number of words; at most 40.</param>
/// <param name="Readability">Flesch's reading ease, in the language's own variant: 100 is very easy, 0 very hard.</param>
public sealed record SentenceAnswer(Language Language, int Words, double Readability);

/// <summary>The fourth question: could we say it to those it concerns, in one plain sentence that names who sees them.</summary>
internal static partial class SentenceCheck
{
    private const int MostWords = 40;

    /// <summary>Below this a sentence is for specialists; the scores of the three languages are not comparable, so each has its own.</summary>
    private static double LeastReadable(Language language) => language switch { Language.German => 35, Language.French => 40, Language.English or _ => 40 };

    public static IReadOnlyList<SentenceAnswer> Of(Charter charter, YamlNode root, Diagnostics problems)
    {
        var answers = new List<SentenceAnswer>();
        foreach (var (language, text) in charter.Explain.Written)
        {
            var at = root.Find("explain/" + language switch { Language.German => "de", Language.French => "fr", Language.English or _ => "en" });
            var words = Word().Matches(text).Select(m => m.Value).ToList();
            var answer = new SentenceAnswer(language, words.Count, Math.Round(Readability.Of(words, language), 1));
            answers.Add(answer);
            if (words.Count > MostWords)
            {
                problems.Add(at, DiagnosticCodes.SentenceTooLong, $"the sentence has {words.Count} words; at most {MostWords} are read");
            }
            else if (End().Count(text) > 1)
            {
                problems.Add(at, DiagnosticCodes.SentenceTooLong, "this is more than one sentence: say it in one");
            }
            else if (answer.Readability < LeastReadable(language))
            {
                problems.Add(at, DiagnosticCodes.SentenceHard, string.Create(
                    CultureInfo.InvariantCulture, $"the sentence is hard to read: {answer.Readability:0} of 100, and {LeastReadable(language):0} is the least. Use shorter words"));
            }

            foreach (var weasel in Weasels(language).Where(w => Minimization.Words.Contains(text, w.Word)))
            {
                problems.Add(at, DiagnosticCodes.SentenceWeasel, $"'{weasel.Word}' says nothing: {weasel.Instead}");
            }

            CheckViewers(charter, text, language, at, problems);
        }

        return answers;
    }

    /// <summary>
    /// Whoever can see one person's data is named where the sentence says who sees it; and where nobody can, that is said. A rule of thumb: a sentence that lies
    /// on purpose is for those who sign, and what Daylight writes beside it lists every rule.
    /// </summary>
    private static void CheckViewers(Charter charter, string text, Language language, YamlNode at, Diagnostics problems)
    {
        var others = charter.IndividualRules.Select(r => r.To).Where(a => a is not Audience.Self).Distinct().ToList();
        var clauses = text.Split(';', ':', '.', '!', '?', '–', '—').Where(c => Sees(language).IsMatch(c)).ToList();
        foreach (var audience in others.Where(a => !clauses.Exists(c => RoleWords.Names(c, a, language) && !RoleWords.Denies(c, a, language))))
        {
            problems.Add(at, DiagnosticCodes.SentenceViewer, $"the sentence does not say that {audience} can see one person's data: name them where it says who sees it");
        }

        if (others.Count == 0 && !Nobody(language).IsMatch(text))
        {
            problems.Add(at, DiagnosticCodes.SentenceViewer, "the sentence does not say who sees one person's data: say 'nobody sees … but you', or 'only you see …'");
        }
    }

    private static Regex Sees(Language language) => language switch { Language.German => GermanSees(), Language.French => FrenchSees(), Language.English or _ => EnglishSees() };

    private static Regex Nobody(Language language) => language switch { Language.German => GermanNobody(), Language.French => FrenchNobody(), Language.English or _ => EnglishNobody() };

    [GeneratedRegex(@"\b(?:sees?|seen|look(?:s|ed)?|reads?|shown)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex EnglishSees();

    [GeneratedRegex(@"\b(?:sieht|sehen|ansehen|ansieht|liest|lesen|gezeigt|zeigen|angesehen)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex GermanSees();

    [GeneratedRegex(@"\b(?:voit|voient|voyez|voir|lit|lisent|lisez|lire|montré|montrée|montrés|regarde|regardent|regardez)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex FrenchSees();

    [GeneratedRegex(@"\b(?:nobody|no one|no-one)(?: else)? (?:sees|can see|looks|reads|is shown)\b|\bonly you (?:see|can see|read)\b|\byou alone (?:see|read)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex EnglishNobody();

    [GeneratedRegex(@"\bniemand(?: sonst)? (?:sieht|liest)\b|\bnur Sie (?:sehen|lesen)\b|\bnur du (?:siehst|liest)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex GermanNobody();

    [GeneratedRegex(@"\bpersonne(?: d'autre)? ne (?:les |la |le )?(?:voit|lit|regarde)\b|\bvous seule? (?:les |la |le )?(?:voyez|lisez)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex FrenchNobody();

    private static (string Word, string Instead)[] Weasels(Language language) => language switch
    {
        Language.German =>
        [
            ("operativ", "sagen Sie, was getan wird"), ("operative", "sagen Sie, was getan wird"), ("Erkenntnisse", "sagen Sie, welche"), ("optimieren", "sagen Sie, was besser wird"), ("Optimierung", "sagen Sie, was besser wird"),
            ("Synergien", "sagen Sie, welche"), ("ganzheitlich", "lassen Sie es weg"), ("gegebenenfalls", "sagen Sie, wann"), ("unter anderem", "sagen Sie alles"), ("usw", "sagen Sie alles"), ("Mehrwert", "sagen Sie, für wen"),
        ],
        Language.French =>
        [
            ("opérationnel", "dites ce qui est fait"), ("opérationnelle", "dites ce qui est fait"), ("optimiser", "dites ce qui s'améliore"), ("optimisation", "dites ce qui s'améliore"), ("synergies", "dites lesquelles"),
            ("le cas échéant", "dites quand"), ("notamment", "dites tout"), ("etc", "dites tout"), ("valeur ajoutée", "dites pour qui"),
        ],
        Language.English or _ =>
        [
            ("operational", "say what is done"), ("insights", "say what is learnt"), ("insight", "say what is learnt"), ("optimise", "say what gets better"), ("optimize", "say what gets better"), ("optimisation", "say what gets better"),
            ("optimization", "say what gets better"), ("leverage", "say use, and of what"), ("enhance", "say what gets better"), ("productivity", "say what is measured"), ("efficiency", "say what is measured"), ("synergies", "say which"),
            ("holistic", "leave it out"), ("stakeholders", "say who"), ("business purposes", "say which"), ("legitimate interests", "say which"), ("may be", "say when"), ("as needed", "say when"), ("such as", "say all of it"), ("etc", "say all of it"),
            ("and more", "say all of it"), ("experience", "say what changes"), ("empower", "say who can do what"), ("data-driven", "leave it out"),
        ],
    };

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*", RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    [GeneratedRegex(@"[\p{L}\p{N})”’""'»]\s*[.!?]+(?:\s|$)|[。！？।]", RegexOptions.NonBacktracking)]
    private static partial Regex End();
}

/// <summary>Flesch's reading ease: 1948 for English, Amstad 1978 for German, Kandel and Moles 1958 for French.</summary>
internal static partial class Readability
{
    /// <summary>The score of one sentence.</summary>
    public static double Of(IReadOnlyCollection<string> words, Language language)
    {
        if (words.Count == 0)
        {
            return 0;
        }

        var syllables = words.Sum(w => Syllables(w, language)) / (double)words.Count;
        return language switch
        {
            Language.German => 180 - words.Count - (58.5 * syllables),
            Language.French => 207 - (1.015 * words.Count) - (73.6 * syllables),
            Language.English or _ => 206.835 - (1.015 * words.Count) - (84.6 * syllables),
        };
    }

    /// <summary>Syllables by rule of thumb: right for nine words in ten, and within one for nearly all.</summary>
    public static int Syllables(string word, Language language)
    {
        var lower = word.ToLowerInvariant();
        return Math.Max(1, language switch
        {
            Language.German => German().Count(lower.Replace("qu", "q", StringComparison.Ordinal)),
            Language.French => Vowels().Count(FrenchEnding().Replace(FrenchElision().Replace(lower, string.Empty).Replace("qu", "q", StringComparison.Ordinal), string.Empty)),
            Language.English or _ => Vowels().Count(EnglishEnding().Replace(lower, "$1")),
        });
    }

    [GeneratedRegex("[aeiouyàâäéèêëîïôöùûüœæ]+", RegexOptions.NonBacktracking)]
    private static partial Regex Vowels();

    [GeneratedRegex("aa|ee|oo|ie|ai|ei|au|äu|eu|ay|ey|oi|ou|[aeiouyäöü]", RegexOptions.NonBacktracking)]
    private static partial Regex German();

    [GeneratedRegex("([^aeiouyl])(?:es|ed|e)$", RegexOptions.NonBacktracking)]
    private static partial Regex EnglishEnding();

    [GeneratedRegex("^(?:[cdjlmnst]|qu)['’]", RegexOptions.NonBacktracking)]
    private static partial Regex FrenchElision();

    [GeneratedRegex("(?:es?|ent)$", RegexOptions.NonBacktracking)]
    private static partial Regex FrenchEnding();
}
