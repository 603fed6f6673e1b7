using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>One program's charter: what is measured, why, of whom, for how long and who is shown what. Nothing happens that no charter names.</summary>
public sealed record Charter
{
    /// <summary>The program's name, lower case with dashes.</summary>
    public required string Program { get; init; }

    /// <summary>Counts up from 1.</summary>
    public required int Version { get; init; }

    /// <summary>The one sentence that employees read.</summary>
    public required LocalizedText Explain { get; init; }

    /// <summary>One of <see cref="Purposes.All"/>.</summary>
    public required string Purpose { get; init; }

    /// <summary>One of <see cref="Vocabulary.LawfulBases"/> (GDPR Art. 6).</summary>
    public required string LawfulBasis { get; init; }

    /// <summary>Why less would not do, in prose.</summary>
    public required LocalizedText Necessity { get; init; }

    /// <summary>The role that proposes it.</summary>
    public required string Owner { get; init; }

    /// <summary>Whom it covers.</summary>
    public required Coverage Covers { get; init; }

    /// <summary>First local day of collection.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last local day of collection; agents know it offline.</summary>
    public required DateOnly Until { get; init; }

    /// <summary>Outside of these nothing is collected, in each person's own zone.</summary>
    public required WorkingHours Hours { get; init; }

    /// <summary>Applications and hosts that never leave a machine, on top of the built-in list.</summary>
    public required ImmutableArray<string> PrivateLife { get; init; }

    /// <summary>The charter's own categories, tried in order before the built-in ones.</summary>
    public required ImmutableArray<CategoryRule> Categories { get; init; }

    /// <summary>What is collected. A stream or a field that is not named is dropped on the machine.</summary>
    public required ImmutableArray<CollectedStream> Collect { get; init; }

    /// <summary>What is computed on the machine for group figures.</summary>
    public required ImmutableArray<Measure> Measures { get; init; }

    /// <summary>How long each kind is kept.</summary>
    public required Retention Keep { get; init; }

    /// <summary>Who is shown what. Whoever is not named is shown nothing.</summary>
    public required ImmutableArray<ShowRule> Show { get; init; }

    /// <summary>Consent, or why none is asked.</summary>
    public required Consent Consent { get; init; }

    /// <summary>How people get notice before anything is collected.</summary>
    public Notice Notice { get; init; } = Notice.NextDay;

    /// <summary>Whether data may train models.</summary>
    public required AiTraining AiTraining { get; init; }

    /// <summary>How often it is reviewed, and by whom.</summary>
    public required ReviewCycle Review { get; init; }

    /// <summary>The stream's rules, or null when the charter does not collect it.</summary>
    public CollectedStream? Stream(string name) => Collect.FirstOrDefault(s => s.Stream == name);

    /// <summary>Whether collection is on, on a local day.</summary>
    public bool IsInForce(DateOnly day) => day >= From && day <= Until;

    /// <summary>First local day of collection for somebody: a notice begins when it is put in force, and for whomever it covers later, when it does.</summary>
    /// <param name="activated">The day on which it was put in force.</param>
    /// <param name="covered">The day since which it covers this person.</param>
    public DateOnly Begins(DateOnly activated, DateOnly covered)
    {
        var noticed = (Notice.Days > 0 && covered > activated ? covered : activated).AddDays(Notice.Days);
        return noticed > From ? noticed : From;
    }

    /// <summary>Whether people may object to it (GDPR Art. 21(1)): where it rests on a balance of interests, and does not ask them anyway.</summary>
    public bool TakesObjections => Consent is Consent.None && LawfulBasis is "legitimate-interests" or "works-agreement";

    /// <summary>The charter without some of its rules: what only they showed leaves no machine any more, and is counted no more.</summary>
    /// <param name="lapsed">Whether a rule of this name is over. Nobody loses the look at oneself.</param>
    public Charter Without(Func<string, bool> lapsed)
    {
        if (!Show.Any(r => r.To is not Audience.Self && lapsed(r.Name)))
        {
            return this;
        }

        ImmutableArray<ShowRule> left = [.. Show.Where(r => r.To is Audience.Self || !lapsed(r.Name))];
        var gone = GroupRules.Select(r => r.Measure).Except(left.OfType<ShowRule.Group>().Select(r => r.Measure)).ToHashSet(StringComparer.Ordinal);
        return this with { Show = left, Measures = [.. Measures.Where(m => !gone.Contains(m.Name))] };
    }

    /// <summary>The rules about one person's own data.</summary>
    public IEnumerable<ShowRule.Individual> IndividualRules => Show.OfType<ShowRule.Individual>();

    /// <summary>The rules about groups.</summary>
    public IEnumerable<ShowRule.Group> GroupRules => Show.OfType<ShowRule.Group>();

    /// <summary>
    /// The fields of a stream that leave the machine in a record or a submission: those that some rule shows. What only feeds a measure is counted on the
    /// machine and stays there, and so does a stream without a time step, or of which nothing but the time would be shown.
    /// </summary>
    public IEnumerable<string> LeavingFields(CollectedStream stream)
    {
        var shown = IndividualRules.Where(r => r.What == stream.Kind).SelectMany(r => r.FieldsOf(stream)).ToHashSet(StringComparer.Ordinal);
        List<string> leaving = [.. stream.Collected.Where(shown.Contains)];
        return stream.TimeStep is not null && leaving.Exists(f => f != "time" || stream.IsOnlyTime) ? leaving : [];
    }
}

/// <summary>An author's sentence, in one or more languages.</summary>
/// <param name="English">English.</param>
/// <param name="German">German.</param>
/// <param name="French">French.</param>
public sealed record LocalizedText(string? English, string? German = null, string? French = null)
{
    /// <summary>In one language, or else in the first that the author wrote.</summary>
    public string In(Language language) => language switch
    {
        Language.German => German ?? Any,
        Language.French => French ?? Any,
        Language.English => English ?? Any,
        _ => Any,
    };

    /// <summary>What the author wrote, by language.</summary>
    public IEnumerable<(Language Language, string Text)> Written =>
        new[] { (Language.English, English), (Language.German, German), (Language.French, French) }.Where(t => t.Item2 is not null).Select(t => (t.Item1, t.Item2!));

    private string Any => English ?? German ?? French ?? string.Empty;

    /// <inheritdoc/>
    public override string ToString() => Any;
}

/// <summary>The languages that employees are written to in.</summary>
public enum Language
{
    /// <summary>English.</summary>
    English = 0,

    /// <summary>German.</summary>
    German = 1,

    /// <summary>French.</summary>
    French = 2,
}

/// <summary>How long each kind is kept, in days; 0 for a kind that the charter does not have.</summary>
/// <param name="Records">Records.</param>
/// <param name="Submissions">What people handed in.</param>
/// <param name="Contributions">A person's numbers for group figures.</param>
/// <param name="Releases">Group figures.</param>
/// <param name="Looks">What the log's entries open to.</param>
public sealed record Retention(int Records, int Submissions, int Contributions, int Releases, int Looks)
{
    /// <summary>Why a kind is kept longer than is usual for the purpose, by kind.</summary>
    public ImmutableSortedDictionary<string, string> Reasons { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Kinds in words, with their days.</summary>
    public IEnumerable<(string Kind, int Days)> Kinds => new[] { ("records", Records), ("submissions", Submissions), ("contributions", Contributions), ("releases", Releases), ("looks", Looks) }
        .Where(k => k.Item2 > 0);
}

/// <summary>Consent.</summary>
public abstract record Consent
{
    private Consent()
    {
    }

    /// <summary>None is asked, and why.</summary>
    public sealed record None(string Reason) : Consent;

    /// <summary>Collected unless the person objects.</summary>
    public sealed record OptOut : Consent;

    /// <summary>Collected only of people who said yes.</summary>
    public sealed record OptIn : Consent;
}

/// <summary>How people get notice of a charter before anything is collected under it.</summary>
/// <param name="Days">Days between its coming into force and the first day of collection.</param>
/// <param name="Acknowledged">Whether a person must say that they read it, before anything is collected of them.</param>
public sealed record Notice(int Days, bool Acknowledged)
{
    /// <summary>Notice is given; what is new begins on the next working day.</summary>
    public static Notice NextDay { get; } = new(0, false);
}

/// <summary>Whether data may train models.</summary>
public abstract record AiTraining
{
    private AiTraining()
    {
    }

    /// <summary>It may not.</summary>
    public sealed record Never : AiTraining;

    /// <summary>Of people who said yes to this, apart from everything else.</summary>
    /// <param name="For">What the model is for.</param>
    /// <param name="Fields">Fields that a data set may hold.</param>
    /// <param name="MinimumPeople">Fewest people in a data set.</param>
    /// <param name="KeepDays">How long a data set lives.</param>
    public sealed record OptIn(string For, ImmutableArray<string> Fields, int MinimumPeople, int KeepDays) : AiTraining;
}

/// <summary>Months between reviews, and the roles that do them.</summary>
public sealed record ReviewCycle(int Months, ImmutableArray<string> By);
