using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Daylight.Core.Charters.Words;

/// <summary>
/// Says the parts of a charter in words, for the people it concerns: the same words in the portal, on the agent's page and in what <c>charter explain</c> writes.
/// </summary>
public sealed class CharterWords(Language language)
{
    // The program runs without the system's cultures, so that it says the same everywhere: numbers are the invariant culture's, names are here.
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly (string[] English, string[] German, string[] French) Months =
    (
        "January February March April May June July August September October November December".Split(' '),
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".Split(' '),
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".Split(' '));

    private static readonly (string[] English, string[] German, string[] French) DayNames =
    (
        "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".Split(' '),
        "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag".Split(' '),
        "dimanche lundi mardi mercredi jeudi vendredi samedi".Split(' '));

    /// <summary>English.</summary>
    public static CharterWords English { get; } = new(Language.English);

    /// <summary>The language.</summary>
    public Language Language { get; } = language;

    /// <summary>Code of the language, as in HTML.</summary>
    public string Code => Say("en", "de", "fr");

    /// <summary>The field that every record has beside those of its stream.</summary>
    public string TimeField => Say("time", "Zeit", "moment");

    /// <summary>A date.</summary>
    public string Date(DateOnly day) => Say(
        "{0} {1} {2}", "{0}. {1} {2}", "{0} {1} {2}",
        Language == Language.French && day.Day == 1 ? "1er" : day.Day.ToString(Invariant), Say(Months.English[day.Month - 1], Months.German[day.Month - 1], Months.French[day.Month - 1]), day.Year.ToString(Invariant));

    /// <summary>A charter's day; a template's counts from the proposal.</summary>
    public string Day(DateOnly day, bool isTemplate) => isTemplate ? AfterProposal(day.DayNumber - CharterReader.TemplateDay.DayNumber) : Date(day);

    /// <summary>Days and hours of collection.</summary>
    public string Hours(WorkingHours hours) => hours.IsAlways
        ? Say("any day, any hour", "an jedem Tag, zu jeder Stunde", "tous les jours, à toute heure")
        : string.Join("; ", hours.Windows.Select(w => $"{Days(w.Days)}, {Time(w.Time)}")) + Say(", your own time", ", Ihre Ortszeit", ", votre heure locale");

    /// <summary>Why hours are longer than a working day; empty when they are not.</summary>
    public string LongHours(WorkingHours hours) => hours.Because is { } reason ? Say("So long because: {0}.", "So lange, weil: {0}.", "Si longtemps parce que : {0}.", reason.TrimEnd('.')) : string.Empty;

    /// <summary>A part of the day.</summary>
    public string Time(TimeOfDay time) => Say("{0} to {1}", "{0} bis {1} Uhr", "de {0} à {1}", Clock(time.Start), Clock(time.End));

    /// <summary>Whom it covers.</summary>
    public string Covers(Coverage coverage)
    {
        var who = coverage.Everyone ? Say("everyone", "alle Beschäftigten", "l'ensemble du personnel") : List(coverage.Who.Select(Group));
        return coverage.Except.IsEmpty ? who : Say("{0}, but not {1}", "{0}, aber nicht {1}", "{0}, sauf {1}", who, List(coverage.Except.Select(Group)));
    }

    /// <summary>What happens to a field, as its owner reads it.</summary>
    /// <param name="transform">The transform, or null for a field that the charter does not name.</param>
    /// <param name="leaves">Whether it leaves the machine in a record.</param>
    public string Field(Transform? transform, bool leaves) => transform is null or Transform.Drop
        ? Say("never leaves your machine", "verlässt Ihren Rechner nie", "ne quitte jamais votre machine")
        : leaves ? What(transform) : StaysCounted + (transform is Transform.Keep ? string.Empty : $" ({What(transform)})");

    /// <summary>What happens to the time of a stream.</summary>
    public string TimeOf(CollectedStream stream) => stream.Time switch
    {
        null when stream.Kind == IndividualKind.Submissions => Say("the day for which you hand it in", "der Tag, für den Sie es einreichen", "le jour pour lequel vous le remettez"),
        null when stream.TimeStep is { } step => Say("only in which {0} it fell", "nur, in welchen Abschnitt es fiel (je {0})", "seulement la tranche ({0})", Step(step)),
        null => StaysCounted,
        Transform.Round round => Say("how long, in steps of {0}", "wie lange, in Schritten von {0}", "combien de temps, par tranches {0}", StepOf(TimeSpan.FromMinutes((double)round.Step))),
        Transform.Count count => Say("how often in each {0}", "wie oft je {0}", "combien de fois par {0}", Step(count.Period)),
        Transform.Presence presence => Say("only whether at all in each {0}", "nur, ob überhaupt je {0}", "seulement si oui ou non par {0}", Step(presence.Period)),
        _ => What(stream.Time),
    };

    /// <summary>Who is shown what.</summary>
    public string Rule(ShowRule rule, Charter charter) => rule switch
    {
        ShowRule.Individual { To: Audience.Self } r => Say("You: your own {0} ({1}).", "Sie selbst: Ihre eigenen {0} ({1}).", "Vous-même : vos propres {0} ({1}).", Kind(r.What), Fields(r, charter)),
        ShowRule.Individual r => Say("{0}: one person's {1} ({2}){3}{4}.", "{0}: {1} einer einzelnen Person ({2}){3}{4}.", "{0} : {1} d'une personne ({2}){3}{4}.", Who(r.To), Kind(r.What), Fields(r, charter), Needed(r.Needs), Told(r)),
        ShowRule.Group g => Say(
            "{0}: {1} of a {2} per {3}, never of fewer than {4} people{5}.", "{0}: {1} je {2} und {3}, nie von weniger als {4} Personen{5}.", "{0} : {1} par {2} et par {3}, jamais de moins de {4} personnes{5}.",
            Who(g.To), g.Measure, Level(g.Level), Period(g.Weeks), g.Fewest.ToString(Invariant), Blurred(g)),
        _ => rule.Name,
    };

    /// <summary>An audience.</summary>
    public string Who(Audience audience) => audience switch
    {
        Audience.Self => Say("You", "Sie selbst", "Vous-même"),
        Audience.Manager => Say("Your manager", "Ihre Führungskraft", "Votre responsable"),
        Audience.ManagerChain => Say("Managers above your manager", "Führungskräfte darüber", "Les responsables au-dessus"),
        Audience.TeamMember => Say("Your team", "Ihr Team", "Votre équipe"),
        Audience.Role r => Say("People with the role {0}", "Personen mit der Rolle {0}", "Les personnes ayant le rôle {0}", Role(r.Name)),
        _ => audience.Text,
    };

    /// <summary>A measure, as a sentence without its name.</summary>
    public string Measure(Measure measure)
    {
        var shape = Streams.All[measure.From];
        var what = measure.Operation switch
        {
            MeasureOperation.Sum { Field: "duration" } => Say("time ({0}) in {1}", "Zeit ({0}): {1}", "temps ({0}) : {1}", measure.Unit, Stream(shape)),
            MeasureOperation.Sum s => Say("sum of {0} in {1}", "Summe von {0}: {1}", "somme de {0} : {1}", s.Field, Stream(shape)),
            MeasureOperation.Count => Say("number of events: {0}", "Anzahl: {0}", "nombre : {0}", Stream(shape)),
            MeasureOperation.Distinct d => Say("number of different {0} in {1}", "Anzahl verschiedener {0}: {1}", "nombre de {0} différents : {1}", d.Field, Stream(shape)),
            MeasureOperation.Mean m => Say("mean of {0} in {1}", "Mittel von {0}: {1}", "moyenne de {0} : {1}", m.Field, Stream(shape)),
            MeasureOperation.Share => Say("share in percent: {0}", "Anteil in Prozent: {0}", "part en pour cent : {0}", Stream(shape)),
            MeasureOperation.LongestRun => Say("longest stretch ({0}) in {1}", "längster Abschnitt ({0}): {1}", "plus longue période ({0}) : {1}", measure.Unit, Stream(shape)),
            _ => measure.Operation.Word,
        };
        var where = measure.Where.Concat((measure.Operation as MeasureOperation.Share)?.Of ?? []).Select(f => $"{f.Field}: {string.Join(", ", f.Values.Concat(f.Ranges.Select(Range)))}")
            .Concat(measure.While.Select(w => $"{w.Key}: {w.Value}")).ToList();
        return what + (where.Count > 0 ? $" ({string.Join("; ", where)})" : string.Empty) + (measure.Between is { } part ? ", " + Time(part) : string.Empty);
    }

    /// <summary>A stream.</summary>
    public string Stream(StreamShape shape) => Say(shape.Says, StreamWords.German(shape.Name), StreamWords.French(shape.Name));

    /// <summary>A field.</summary>
    public string Field(StreamShape shape, string field) => Say(shape.Fields[field].Says, FieldWords.Of(shape.Name, field).German, FieldWords.Of(shape.Name, field).French);

    /// <summary>A kind of data that is kept.</summary>
    public string KeptKind(string kind) => kind switch
    {
        "records" => Say("your records", "Ihre Aufzeichnungen", "vos enregistrements"),
        "submissions" => Say("what you handed in", "was Sie eingereicht haben", "ce que vous avez remis"),
        "contributions" => Say("your numbers for group figures", "Ihre Zahlen für Gruppenwerte", "vos chiffres pour les valeurs de groupe"),
        "releases" => Say("group figures", "Gruppenwerte", "les valeurs de groupe"),
        _ => Say("who looked", "wer hingesehen hat", "qui a regardé"),
    };

    /// <summary>A number of days.</summary>
    public string Days(int days) => days % 365 == 0
        ? Count(days / 365, Say("year", "Jahr", "an"), Say("years", "Jahre", "ans"))
        : Count(days, Say("day", "Tag", "jour"), Say("days", "Tage", "jours"));

    /// <summary>Consent.</summary>
    public string Consent(Consent consent) => consent switch
    {
        Charters.Consent.OptIn => Say(
            "Nothing is collected unless you say yes; you can take it back at any time, and your managers never learn what you said.",
            "Nur wenn Sie zustimmen; Sie können das jederzeit zurücknehmen, und Ihre Vorgesetzten erfahren nie, was Sie gesagt haben.",
            "Rien n'est collecté sans votre accord ; vous pouvez le retirer à tout moment, et vos responsables n'apprennent jamais ce que vous avez dit."),
        Charters.Consent.OptOut => Say(
            "You can say no at any time, and then nothing is collected of you; your managers never learn what you said.",
            "Sie können jederzeit Nein sagen; dann wird von Ihnen nichts erhoben, und Ihre Vorgesetzten erfahren nie, was Sie gesagt haben.",
            "Vous pouvez dire non à tout moment ; rien n'est alors collecté à votre sujet, et vos responsables n'apprennent jamais ce que vous avez dit."),
        Charters.Consent.None none => Say("Consent is not asked: {0}.", "Eine Einwilligung wird nicht erfragt: {0}.", "Le consentement n'est pas demandé : {0}.", none.Reason),
        _ => string.Empty,
    };

    /// <summary>AI training.</summary>
    public string Training(AiTraining training) => training switch
    {
        AiTraining.OptIn t => Say(
            "Data may train a model ({0}) only of people who said yes to exactly that: {1}, of at least {2} people, kept for {3}.",
            "Daten dürfen ein Modell trainieren ({0}), nur von Menschen, die genau dem zugestimmt haben: {1}, von mindestens {2} Personen, aufbewahrt für {3}.",
            "Les données ne peuvent entraîner un modèle ({0}) que pour les personnes qui y ont consenti précisément : {1}, d'au moins {2} personnes, conservées {3}.",
            t.For, string.Join(", ", t.Fields), t.MinimumPeople.ToString(Invariant), Days(t.KeepDays)),
        _ => Say("Your data never trains a model.", "Ihre Daten trainieren nie ein Modell.", "Vos données n'entraînent jamais un modèle."),
    };

    /// <summary>How people get notice; empty where the next working day is all that a charter says.</summary>
    public string Notice(Notice notice) => string.Join(' ', new[]
    {
        notice.Days == 0 ? string.Empty : Say(
            "You know of it {0} before anything is collected.", "Sie wissen davon {0}, bevor etwas erhoben wird.", "Vous en êtes informé {0} avant toute collecte.", Days(notice.Days)),
        !notice.Acknowledged ? string.Empty : Say(
            "Nothing is collected of you before you have said that you read this; saying so is no consent.",
            "Von Ihnen wird nichts erhoben, bevor Sie gesagt haben, dass Sie das gelesen haben; das ist keine Einwilligung.",
            "Rien n'est collecté à votre sujet avant que vous ayez dit l'avoir lu ; ce n'est pas un consentement."),
    }.Where(t => t.Length > 0));

    /// <summary>Who reviews, and how often.</summary>
    public string Review(ReviewCycle review) => Say(
        "Reviewed every {0} by {1}.", "{0} geprüft von: {1}.", "Revu {0} par : {1}.",
        review.Months == 1
            ? Say("month", "Jeden Monat", "chaque mois")
            : Say("{0} months", "Alle {0} Monate", "tous les {0} mois", review.Months.ToString(Invariant)),
        List(review.By.Select(Role)));

    /// <summary>A role.</summary>
    public string Role(string role) => RoleWords.Of(role, Language);

    /// <summary>Items with commas and an <em>and</em>.</summary>
    public string List(IEnumerable<string> items)
    {
        var all = items.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.Take(all.Count - 1))} {Say("and", "und", "et")} {all[^1]}";
    }

    /// <summary>One of three wordings, with its places filled.</summary>
    internal string Say(string english, string german, string french, params ReadOnlySpan<string> places)
    {
        // In one pass, so that braces in an author's words stay what they are.
        var text = Language switch { Language.German => german, Language.French => french, Language.English or _ => english };
        var said = new StringBuilder(text.Length + 64);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '{' && i + 2 < text.Length && text[i + 2] == '}' && char.IsAsciiDigit(text[i + 1]) && text[i + 1] - '0' < places.Length)
            {
                said.Append(places[text[i + 1] - '0']);
                i += 2;
            }
            else
            {
                said.Append(text[i]);
            }
        }

        return said.ToString();
    }

    /// <summary>Records or submissions.</summary>
    internal string Kind(IndividualKind kind) => kind == IndividualKind.Records ? Say("records", "Aufzeichnungen", "enregistrements") : Say("submissions", "Einreichungen", "documents remis");

    /// <summary>A group of people.</summary>
    internal string Group(PeopleGroup group) => group.Kind switch
    {
        GroupKind.Team => Say("the team {0}", "Team {0}", "l'équipe {0}", group.Name),
        GroupKind.Site => Say("the site {0}", "Standort {0}", "le site {0}", group.Name),
        GroupKind.Country => Say("the country {0}", "Land {0}", "le pays {0}", group.Name),
        GroupKind.Role => Say("people with the role {0}", "Personen mit der Rolle {0}", "les personnes ayant le rôle {0}", Role(group.Name)),
        GroupKind.Employment => Say("people employed as {0}", "Beschäftigte als {0}", "le personnel employé comme {0}", group.Name),
        _ => group.ToString(),
    };

    /// <summary>A level of group figures.</summary>
    internal string Level(GroupLevel level) => level switch
    {
        GroupLevel.Team => Say("team", "Team", "équipe"),
        GroupLevel.Department => Say("department", "Abteilung", "département"),
        GroupLevel.Site => Say("site", "Standort", "site"),
        GroupLevel.Company or _ => Say("company", "Unternehmen", "entreprise"),
    };

    /// <summary>A length of time.</summary>
    internal string Step(TimeSpan step) => step.TotalMinutes switch
    {
        1440 => Say("day", "Tag", "jour"),
        60 => Say("hour", "Stunde", "heure"),
        > 60 => Say("{0} hours", "{0} Stunden", "{0} heures", step.TotalHours.ToString(Invariant)),
        _ => Count((int)step.TotalMinutes, Say("minute", "Minute", "minute"), Say("minutes", "Minuten", "minutes")),
    };

    /// <summary>What remains of a field.</summary>
    internal string What(Transform transform) => transform switch
    {
        Transform.Keep => Say("as it is", "wie es ist", "tel quel"),
        Transform.Category => Say("only its category", "nur die Kategorie", "seulement sa catégorie"),
        Transform.Host => Say("only the host's name", "nur der Name des Servers", "seulement le nom du serveur"),
        Transform.Round r => Say("rounded to {0}", "gerundet auf {0}", "arrondi à {0}", r.Step.ToString(Invariant)),
        Transform.Count c => Say("only how much in each {0}", "nur wie viel je {0}", "seulement combien par {0}", Step(c.Period)),
        Transform.Presence p => Say("only whether at all in each {0}", "nur, ob überhaupt je {0}", "seulement si oui ou non par {0}", Step(p.Period)),
        Transform.Site s => Say("only the site: {0}, or elsewhere", "nur der Standort: {0}, oder anderswo", "seulement le site : {0}, ou ailleurs", string.Join(", ", s.Sites.Select(x => x.Name))),
        Transform.Bucket b => Say("only the range, cut at {0}", "nur der Bereich, geteilt bei {0}", "seulement la tranche, coupée à {0}", string.Join(", ", b.Edges.Select(e => e.ToString(Invariant)))),
        Transform.Pseudonym => Say("under another name that only your machine can make", "unter einem anderen Namen, den nur Ihr Rechner bilden kann", "sous un autre nom que seule votre machine peut former"),
        Transform.Degrade d => Say(
            "made small ({0} pixels across), coarse ({1} pixels a block) and gray", "verkleinert ({0} Pixel breit), vergröbert ({1} Pixel je Block) und grau", "réduit ({0} pixels de large), grossi ({1} pixels par bloc) et en gris",
            d.Width.ToString(Invariant), d.Block.ToString(Invariant)),
        Transform.Redact r => Say("with these blacked out: {0}", "geschwärzt: {0}", "en noircissant : {0}", string.Join(", ", r.Patterns.Select(Pattern))),
        _ => Say("dropped", "verworfen", "supprimé"),
    };

    private string Pattern(RedactPattern pattern) => pattern switch
    {
        RedactPattern.Email => Say("e-mail addresses", "E-Mail-Adressen", "adresses électroniques"),
        RedactPattern.Number => Say("numbers", "Zahlen", "nombres"),
        RedactPattern.Url => Say("web addresses", "Webadressen", "adresses web"),
        RedactPattern.Path => Say("file paths", "Dateipfade", "chemins de fichiers"),
        RedactPattern.Name or _ => Say("names", "Namen", "noms"),
    };

    private string StaysCounted => Say("never leaves your machine; only counted there", "verlässt Ihren Rechner nie; wird nur dort gezählt", "ne quitte jamais votre machine ; seulement compté sur place");

    private string StepOf(TimeSpan step) => step.TotalMinutes switch
    {
        1440 => Say("a day", "einem Tag", "d'un jour"),
        60 => Say("an hour", "einer Stunde", "d'une heure"),
        _ => Say("{0}", "{0}", "de {0}", Step(step)),
    };

    private static string Clock(int minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:D2}:{minutes % 60:D2}");

    private static string Range((decimal Low, decimal High) range) => string.Create(
        CultureInfo.InvariantCulture, $"{(range.Low == decimal.MinValue ? "" : range.Low)}..{(range.High == decimal.MaxValue ? "" : range.High)}");

    private string AfterProposal(int days) => Say("{0} after it is proposed", "{0} nach dem Vorschlag", "{0} après la proposition", Count(days, Say("day", "Tag", "jour"), Say("days", "Tage", "jours")));

    private string Days(ImmutableArray<DayOfWeek> days)
    {
        var names = days.Select(d => Say(DayNames.English[(int)d], DayNames.German[(int)d], DayNames.French[(int)d])).ToList();
        return names.Count > 2 ? Say("{0} to {1}", "{0} bis {1}", "de {0} à {1}", names[0], names[^1]) : List(names);
    }

    private static string Count(int number, string one, string many) => $"{number.ToString(Invariant)} {(number == 1 ? one : many)}";

    private string Fields(ShowRule.Individual rule, Charter charter)
    {
        var fields = charter.Collect.Where(s => s.Kind == rule.What)
            .SelectMany(s => rule.FieldsOf(s).Intersect(charter.LeavingFields(s)).Select(f => f == "time" ? TimeField : Field(s.Shape, f)))
            .Distinct().ToList();
        return fields.Count == 0 ? Say("nothing", "nichts", "rien") : string.Join(", ", fields);
    }

    private string Needed(Needs needs)
    {
        var parts = new List<string>();
        if (needs.Case)
        {
            parts.Add(needs.Enough < needs.Approvals.Length
                ? Say(
                    "only in a case approved by {0} of: {1}", "nur in einem Fall, dem {0} von diesen zugestimmt haben: {1}", "uniquement dans un dossier approuvé par {0} de : {1}",
                    needs.Enough.ToString(Invariant), List(needs.Approvals.Select(Role)))
                : Say("only in a case approved by {0}", "nur in einem Fall, dem {0} zugestimmt haben", "uniquement dans un dossier approuvé par {0}", List(needs.Approvals.Select(Role))));
        }

        if (needs.BreakGlass)
        {
            parts.Add(Say("in an emergency, for one hour", "im Notfall, für eine Stunde", "en cas d'urgence, pendant une heure"));
        }

        if (needs.StepUp is { } fresh)
        {
            parts.Add(Say("with a signature at most {0} old", "mit einer höchstens {0} alten Signatur", "avec une signature datant de moins de {0}", Say("{0} minutes", "{0} Minuten", "{0} minutes", fresh.TotalMinutes.ToString(Invariant))));
        }

        if (needs.Hours is { } hours)
        {
            parts.Add($"{Time(hours.Time)} ({hours.Zone})");
        }

        if (needs.Networks.Length > 0)
        {
            parts.Add(Say("from {0}", "aus {0}", "depuis {0}", string.Join(", ", needs.Networks)));
        }

        return parts.Count == 0 ? string.Empty : ", " + string.Join(", ", parts);
    }

    private string Told(ShowRule.Individual rule) => rule.What == IndividualKind.Submissions && rule.TellWithinDays == 0 ? string.Empty : rule.TellWithinDays == 0
        ? Say("; the person is told at once", "; die Person erfährt es sofort", " ; la personne est informée aussitôt")
        : Say("; the person is told within {0}", "; die Person erfährt es innerhalb von {0}", " ; la personne est informée dans un délai de {0}", Dative(rule.TellWithinDays));

    private string Dative(int days) => Language == Language.German ? $"{days.ToString(Invariant)} {(days == 1 ? "Tag" : "Tagen")}" : Days(days);

    private string Period(int weeks) => weeks == 1 ? Say("week", "Woche", "semaine") : Say("four weeks", "vier Wochen", "quatre semaines");

    private string Blurred(ShowRule.Group rule) =>
        (rule.Rounding is { } r ? Say(", rounded to {0}", ", gerundet auf {0}", ", arrondi à {0}", r.ToString()) : string.Empty)
        + (rule.Noise is { } n ? Say(", with {1}noise (ε {0} a year)", ", mit {1}Rauschen (ε {0} im Jahr)", ", avec du bruit{1} (ε {0} par an)", n.Epsilon.ToString(Invariant), n.Mechanism == NoiseMechanism.Laplace ? Say("Laplace ", "Laplace-", " de Laplace") : string.Empty) : string.Empty);
}
