using Daylight.Core.Directory;
using Daylight.Core.Releases;

namespace Daylight.Core.Charters.Checks;

/// <summary>The answers to the four questions, and everything that is wrong with them.</summary>
/// <param name="Charter">The charter.</param>
/// <param name="IsTemplate">Whether its days count from the day on which it is proposed.</param>
/// <param name="Need">Do we need this data: what each collected field is for.</param>
/// <param name="Who">Who can view it: null when no directory was given.</param>
/// <param name="Fast">How fast can it be deleted.</param>
/// <param name="Sentences">Could it be explained in one sentence, by language.</param>
/// <param name="Publishes">What would be published, level by level: null when no directory was given.</param>
/// <param name="Findings">Everything that is wrong; none is a pass.</param>
public sealed record CheckReport(
    Charter Charter, bool IsTemplate, IReadOnlyList<FieldNeed> Need, WhoAnswer? Who, FastAnswer Fast, IReadOnlyList<SentenceAnswer> Sentences, IReadOnlyList<LevelForecast>? Publishes, IReadOnlyList<Diagnostic> Findings);

/// <summary>
/// Answers the four questions by computation: do we need this data, who can view it, how fast is it gone, and could we say it in one sentence. Never looks at
/// today's date: what passed yesterday passes tomorrow.
/// </summary>
public static class CharterCheck
{
    /// <summary>Checks a charter or a template; null when the file is neither.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="file">File name, for findings.</param>
    /// <param name="directory">Who is there, or null: then <em>who</em> is not answered in numbers.</param>
    public static CheckReport? Of(CharterReading reading, string file, CheckDirectory? directory = null)
    {
        var (charter, root) = reading switch
        {
            CharterReading.Good good => (good.Charter, good.Root),
            CharterReading.Template template => (template.Sketch, template.Root),
            _ => (null, null),
        };
        if (charter is null || root is null)
        {
            return null;
        }

        var problems = new Diagnostics(file);
        var need = NeedCheck.Of(charter, root, problems);
        var who = directory is null ? null : WhoCheck.Of(charter, root, directory, problems);
        var fast = FastCheck.Of(charter, root, problems);
        var sentences = SentenceCheck.Of(charter, root, problems);
        var publishes = directory is null ? null : PublishCheck.Of(charter, root, directory, problems);
        return new CheckReport(charter, reading is CharterReading.Template, need, who, fast, sentences, publishes, problems.Found);
    }
}

/// <summary>The people against whom a charter is checked.</summary>
/// <param name="People">The directory.</param>
/// <param name="Roles">Roles by person, or null when nobody said who holds which.</param>
public sealed record CheckDirectory(OrgSnapshot People, IReadOnlyDictionary<string, IReadOnlyList<string>>? Roles);
