using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Daylight.Core.Charters.Grammar;

/// <summary>What a charter file is: its keys, in the order that a reader wants them. The parser, the JSON Schema and the reference follow from here.</summary>
internal static class CharterGrammar
{
    private static readonly Key<string> Program = new("program", "The program's name", Terms.ProgramName, string.Empty);
    private static readonly Key<int> Version = new("version", "Counts up from 1", new WholeForm(1, 1_000_000), 1);
    private static readonly Key<LocalizedText> Explain = new("explain", "The one sentence that employees read: at most 40 plain words, and it names who sees one person's data", Terms.Localized(Terms.Sentence), new LocalizedText(string.Empty));
    private static readonly Key<string> Purpose = new("purpose", "What it is for", new ChoiceForm<string>([.. Purposes.All.Keys.Select(p => (p, p))], string.Empty), string.Empty);
    private static readonly Key<string> LawfulBasis = new("lawful-basis", "Lawful basis (GDPR Art. 6)", new ChoiceForm<string>([.. Vocabulary.LawfulBases.Keys.Select(p => (p, p))], string.Empty), string.Empty);
    private static readonly Key<LocalizedText> Necessity = new("necessity", "Why less would not do", Terms.Localized(Terms.Prose), new LocalizedText(string.Empty));
    private static readonly Key<string> Owner = new("owner", "The role that proposes it", Terms.RoleOwner, string.Empty);
    private static readonly Key<Coverage> Covers = new("covers", "Whom it covers", Terms.Covers, new Coverage(true, [], []));
    private static readonly Key<CharterDay> From = new("from", "First local day", Terms.Day, CharterDay.Unread);
    private static readonly Key<CharterDay> Until = new("until", "Last local day; collection stops by itself", Terms.Day, CharterDay.Unread);
    private static readonly Key<WorkingHours> Hours = new("hours", "Outside of these nothing is collected, in each person's own time zone; longer than a working day with a reason: { when: always, because: … }", Terms.Hours, new WorkingHours([]));
    private static readonly Key<ImmutableArray<string>> PrivateLife = new(
        "private-life", "Applications and hosts that never leave a machine, on top of the built-in list", new ListForm<string>(Terms.Match, most: 500), [], required: false);

    private static readonly Key<ImmutableArray<CategoryRule>> Categories = new(
        "categories", "Categories of your own, tried in this order before the built-in ones", new ListForm<CategoryRule>(Category(), most: 100), [], required: false);

    private static readonly Key<ImmutableArray<CollectedStream>> Collect = new("collect", "Per stream and field, what may leave the machine; what is not named is dropped there", TransformGrammar.Collect, []);
    private static readonly Key<ImmutableArray<Measure>> Measures = new(
        "measures", "Numbers that the machine computes for group figures",
        new NamedForm<Measure>("'measures'", Terms.MeasureName, MeasureGrammar.Measure).Select(m => m.Select(x => x.Value with { Name = x.Name }).ToImmutableArray()), [], required: false);

    private static readonly Key<Retention> Keep = new("keep", "How long each kind is kept: 14d, 5w, 6m, 2y, or with a reason { for: 1y, because: … }", KeepForm(), new Retention(0, 0, 0, 0, 0));
    private static readonly Key<ImmutableArray<ShowRule>> Show = new("show", "Who is shown what; whoever is not named is shown nothing", ShowGrammar.Show, []);
    private static readonly Key<Consent> Consent = new("consent", "opt-in, opt-out, or none with its reason: 'none, by works agreement 2026-11'", ConsentForm(), new Consent.None(string.Empty));
    private static readonly Key<Notice> Notice = new(
        "notice", "How long people know of it before anything is collected: 14d, or { before: 14d, acknowledged: true } where the law wants their acknowledgment on record", NoticeForm(), Charters.Notice.NextDay, required: false);

    private static readonly Key<AiTraining> AiTraining = new("ai-training", "never, or the conditions of an opt-in of its own", AiForm(), new AiTraining.Never());
    private static readonly Key<ReviewCycle> Review = new("review", "How often it is reviewed, and by whom", ReviewForm(), new ReviewCycle(1, []));

    private static readonly MapForm<Draft?> Charter = new(
        "a charter",
        [Program, Version, Explain, Purpose, LawfulBasis, Necessity, Owner, Covers, From, Until, Hours, PrivateLife, Categories, Collect, Measures, Keep, Show, Consent, Notice, AiTraining, Review],
        null,
        m => new Draft(
            new Charter
            {
                Program = m.Get(Program),
                Version = m.Get(Version),
                Explain = m.Get(Explain),
                Purpose = m.Get(Purpose),
                LawfulBasis = m.Get(LawfulBasis),
                Necessity = m.Get(Necessity),
                Owner = m.Get(Owner),
                Covers = m.Get(Covers),
                From = default,
                Until = default,
                Hours = m.Get(Hours),
                PrivateLife = m.Get(PrivateLife),
                Categories = m.Get(Categories),
                Collect = m.Get(Collect),
                Measures = m.Get(Measures),
                Keep = m.Get(Keep),
                Show = m.Get(Show),
                Consent = m.Get(Consent),
                Notice = m.Get(Notice),
                AiTraining = m.Get(AiTraining),
                Review = m.Get(Review),
            },
            m.Get(From),
            m.Get(Until)),
        Never);

    /// <summary>Reads a document; null when it is no mapping.</summary>
    public static Draft? Read(YamlNode root, Diagnostics problems) => Charter.Read(root, "a charter", problems);

    /// <summary>The JSON Schema of charters.</summary>
    public static JsonObject Schema()
    {
        var schema = Charter.Schema();
        var document = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A Daylight charter",
            ["description"] = "What may be measured, why, of whom, for how long, and who is shown what. `daylight charter check FILE` computes what a schema cannot.",
        };
        foreach (var (name, value) in schema)
        {
            document[name] = value?.DeepClone();
        }

        return document;
    }

    private static (string, string)? Never(string name) => name switch
    {
        _ when name.Contains("hidden", StringComparison.OrdinalIgnoreCase) || name.Contains("stealth", StringComparison.OrdinalIgnoreCase) || name.Contains("silent", StringComparison.OrdinalIgnoreCase)
            => (DiagnosticCodes.NeverHidden, "never: there is no hidden mode; what is collected is shown on the machine that it is collected on"),
        _ when name.Contains("score", StringComparison.OrdinalIgnoreCase) || name.Contains("ranking", StringComparison.OrdinalIgnoreCase)
            => (DiagnosticCodes.NeverScore, "never: nobody is given a score or a rank"),
        _ => null,
    };

    private static MapForm<CategoryRule> Category()
    {
        Key<string> name = new("name", "Its name", Terms.Label, string.Empty);
        Key<ImmutableArray<string>> app = new("app", "Words of an application's name", new ListForm<string>(Terms.Match, alone: true), [], required: false);
        Key<ImmutableArray<string>> title = new("title", "Words of a title; the title itself never leaves", new ListForm<string>(Terms.Match, alone: true), [], required: false);
        Key<ImmutableArray<string>> host = new("host", "Hosts, with the hosts below them", new ListForm<string>(Terms.HostName, alone: true), [], required: false);
        return new MapForm<CategoryRule>("a category", [name, app, title, host], new CategoryRule(string.Empty, [], [], []), m =>
        {
            var rule = new CategoryRule(m.Get(name), m.Get(app), m.Get(title), m.Get(host));
            if (!m.Has("app") && !m.Has("title") && !m.Has("host"))
            {
                m.Problems.Add(m.Node, DiagnosticCodes.MissingKey, "a category says what it is known by: app, title or host");
            }

            return rule;
        });
    }

    private static MapForm<Retention> KeepForm()
    {
        Key<int> length = new("for", "How long", Terms.Days, 0);
        Key<string> because = new("because", "Why longer than is usual for the purpose", Terms.Reason, string.Empty);
        var kept = new ShapeForm<(int Days, string Because)>(
            Terms.Days.Select(d => (d, string.Empty)), null, new MapForm<(int, string)>("a length of time with its reason", [length, because], default, m => (m.Get(length), m.Get(because))));
        Key<(int Days, string Because)> Kind(string name, string says, bool required = false) => new(name, says, kept, default, required);
        var (records, submissions, contributions, releases, looks) = (
            Kind("records", "What was recorded of one person"), Kind("submissions", "What people handed in"), Kind("contributions", "One person's numbers for group figures"),
            Kind("releases", "Group figures"), Kind("looks", "What the log's entries open to: who looked at whom", required: true));
        return new MapForm<Retention>("'keep'", [records, submissions, contributions, releases, looks], new Retention(0, 0, 0, 0, 0), m =>
        {
            var kinds = new[] { records, submissions, contributions, releases, looks }.Select(k => (k.Name, Value: m.Get(k))).ToList();
            return new Retention(kinds[0].Value.Days, kinds[1].Value.Days, kinds[2].Value.Days, kinds[3].Value.Days, kinds[4].Value.Days)
            {
                Reasons = kinds.Where(k => k.Value.Because is { Length: > 0 }).ToImmutableSortedDictionary(k => k.Name, k => k.Value.Because, StringComparer.Ordinal),
            };
        });
    }

    private static TextForm<Consent> ConsentForm() => new(
        "opt-in|opt-out|none, .{10,200}", "opt-in, opt-out, or none with its reason, such as 'none, by works agreement 2026-11'",
        (string text, out Consent value) =>
        {
            value = text switch { "opt-in" => new Consent.OptIn(), "opt-out" => new Consent.OptOut(), _ => new Consent.None(text["none, ".Length..]) };
            return true;
        },
        new Consent.None(string.Empty));

    private static ShapeForm<Notice> NoticeForm()
    {
        Key<int> before = new("before", "How long before", Terms.Days, 0);
        Key<bool> acknowledged = new("acknowledged", "Whether nothing is collected of somebody who has not said that they read it", new BoolForm(), false);
        return new ShapeForm<Notice>(
            Terms.Days.Select(d => new Notice(d, false)), null, new MapForm<Notice>("'notice'", [before, acknowledged], Charters.Notice.NextDay, m => new Notice(m.Get(before), m.Get(acknowledged))));
    }

    private static ShapeForm<AiTraining> AiForm()
    {
        Key<string> consent = new("consent", "An opt-in of its own", new ChoiceForm<string>([("opt-in", "opt-in")], string.Empty), string.Empty);
        Key<string> purpose = new("for", "What the model is for", Terms.Reason, string.Empty);
        Key<ImmutableArray<string>> fields = new("fields", "Fields that a data set may hold", new ListForm<string>(Terms.Text("[a-zA-Z][a-zA-Z-]{0,30}", "the name of a field")), []);
        Key<int> people = new("minimum-people", "Fewest people in a data set", new WholeForm(20, 100_000), 20);
        Key<int> keep = new("keep", "How long a data set lives", Terms.Days, 1);
        return new ShapeForm<AiTraining>(
            new ChoiceForm<AiTraining>([("never", new AiTraining.Never())], new AiTraining.Never()),
            null,
            new MapForm<AiTraining>("'ai-training'", [consent, purpose, fields, people, keep], new AiTraining.Never(), m =>
            {
                m.Get(consent);
                return new AiTraining.OptIn(m.Get(purpose), m.Get(fields), m.Get(people), m.Get(keep));
            }));
    }

    private static MapForm<ReviewCycle> ReviewForm()
    {
        Key<int> every = new("every", "1 to 12 months, such as '3 months'", Terms.Months, 1);
        Key<ImmutableArray<string>> by = new("by", "Roles that review", new ListForm<string>(Terms.Role), []);
        return new MapForm<ReviewCycle>("'review'", [every, by], new ReviewCycle(1, []), m => new ReviewCycle(m.Get(every), m.Get(by)));
    }
}

/// <summary>A charter whose days may still be relative to the day on which it is proposed.</summary>
internal sealed record Draft(Charter Charter, CharterDay From, CharterDay Until);
