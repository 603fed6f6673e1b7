using System.Globalization;
using Daylight.Core.Charters.Checks;

namespace Daylight.Core.Charters.Words;

/// <summary>What employees read about a charter, in English, German or French. The author's own sentences stand as they were written; everything else follows from the charter.</summary>
public static class EmployeeText
{
    /// <summary>Writes it as Markdown.</summary>
    public static string Write(CheckReport report, Language language)
    {
        var (charter, words) = (report.Charter, new CharterWords(language));
        var page = new Markdown();
        page.Heading(1, words.Say("What “{0}” measures, and what it does not", "Was „{0}“ misst, und was nicht", "Ce que « {0} » mesure, et ce qu'il ne mesure pas", charter.Program));
        page.Quote(charter.Explain.In(language));
        page.Paragraph(words.Say(
            "Version {0}. For: {1}. First day: {2}. Last day: {3}; then it ends by itself. It covers {4}. Collected: {5}; outside of that, nothing.",
            "Version {0}. Zweck: {1}. Erster Tag: {2}. Letzter Tag: {3}; dann endet es von selbst. Gilt für: {4}. Erhoben wird: {5}; sonst nichts.",
            "Version {0}. But : {1}. Premier jour : {2}. Dernier jour : {3} ; puis cela s'arrête de soi-même. Concerne : {4}. Collecte : {5} ; en dehors, rien.",
            charter.Version.ToString(CultureInfo.InvariantCulture), Purposes.All[charter.Purpose].Says.In(language),
            words.Day(charter.From, report.IsTemplate), words.Day(charter.Until, report.IsTemplate), words.Covers(charter.Covers), words.Hours(charter.Hours)));
        if (charter.Hours.Because is not null)
        {
            page.Paragraph(words.LongHours(charter.Hours));
        }

        page.Heading(2, words.Say("Why", "Warum", "Pourquoi")).Quote(charter.Necessity.In(language));
        page.Paragraph(words.Say("Lawful basis: {0}.", "Rechtsgrundlage: {0}.", "Base légale : {0}.", Vocabulary.LawfulBases[charter.LawfulBasis].Replace("GDPR", words.Say("GDPR", "DSGVO", "RGPD"), StringComparison.Ordinal)
            .Replace("with a works agreement", words.Say("with a works agreement", "mit einer Betriebsvereinbarung", "avec un accord d'entreprise"), StringComparison.Ordinal)));
        AppendCollected(page, charter, words);
        AppendShown(page, charter, words);
        AppendKept(page, report, words);
        AppendRights(page, charter, words);
        return page.ToString();
    }

    private static void AppendCollected(Markdown page, Charter charter, CharterWords words)
    {
        page.Heading(2, words.Say("What is collected", "Was erhoben wird", "Ce qui est collecté"));
        page.Table(
            [words.Say("From", "Woher", "Source"), words.Say("What", "Was", "Quoi"), words.Say("What happens to it on your machine", "Was damit auf Ihrem Rechner geschieht", "Ce qui lui arrive sur votre machine")],
            charter.Collect.SelectMany(s => Rows(charter, s, words)));
        page.Paragraph(words.Say(
            "Everything else is dropped on your machine. So is, whatever this charter says, what you do in a window that says that it is private, and in some five hundred applications and sites that tell about health, religion, union, finances or private life; you can read that list. What was typed, said or written is never collected.",
            "Alles andere wird auf Ihrem Rechner verworfen. Verworfen wird auch, was immer diese Charta sagt, was Sie in einem Fenster tun, das sich privat nennt, und in rund fünfhundert Programmen und Seiten, die etwas über Gesundheit, Religion, Gewerkschaft, Finanzen oder Privatleben sagen; Sie können diese Liste lesen. Was getippt, gesagt oder geschrieben wurde, wird nie erhoben.",
            "Tout le reste est supprimé sur votre machine. De même, quoi que dise cette charte, ce que vous faites dans une fenêtre qui se dit privée, et dans quelque cinq cents applications et sites qui touchent à la santé, à la religion, au syndicat, aux finances ou à la vie privée ; vous pouvez lire cette liste. Ce qui est tapé, dit ou écrit n'est jamais collecté."));
        if (charter.Collect.Any(s => s.Kind == IndividualKind.Submissions))
        {
            page.Paragraph(words.Say("Except what you write to hand in: that is what you hand in.", "Außer dem, was Sie schreiben, um es einzureichen: Das reichen Sie ein.", "Sauf ce que vous écrivez pour le remettre : c'est cela que vous remettez."));
        }

        if (charter.Categories.Length > 0)
        {
            page.Paragraph(words.Say("Categories of this charter, and by which words on your machine they are known:", "Kategorien dieser Charta, und an welchen Wörtern auf Ihrem Rechner sie erkannt werden:", "Catégories de cette charte, et les mots qui les font reconnaître sur votre machine :"));
            page.Bullets(charter.Categories.Select(c => $"{c.Name}{words.Say(": ", ": ", " : ")}{string.Join(", ", c.Apps.Concat(c.Titles).Concat(c.Hosts))}"));
        }

        if (charter.Collect.Any(s => s.Shape.Nature == StreamNature.System))
        {
            page.Paragraph(words.Say(
                "What doors and systems record does not pass your machine: the connector that reads it does the same to it before anything is stored.",
                "Was Türen und Systeme aufzeichnen, läuft nicht über Ihren Rechner: Der Konnektor, der es liest, tut dasselbe damit, bevor etwas gespeichert wird.",
                "Ce que les portes et les systèmes enregistrent ne passe pas par votre machine : le connecteur qui le lit lui applique le même traitement avant tout stockage."));
        }

        if (charter.Measures.Length > 0)
        {
            page.Paragraph(words.Say("Computed on your machine, for figures of groups:", "Auf Ihrem Rechner berechnet, für Werte von Gruppen:", "Calculé sur votre machine, pour des valeurs de groupe :"));
            page.Bullets(charter.Measures.Select(m => $"{m.Name}{words.Say(": ", ": ", " : ")}{words.Measure(m)}"));
        }
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(Charter charter, CollectedStream stream, CharterWords words)
    {
        var leaving = charter.LeavingFields(stream).ToHashSet(StringComparer.Ordinal);
        foreach (var field in stream.Shape.Fields.Keys)
        {
            yield return [words.Stream(stream.Shape), words.Field(stream.Shape, field), words.Field(stream.Fields.GetValueOrDefault(field), leaving.Contains(field))];
        }

        yield return [words.Stream(stream.Shape), words.Say("time", "Zeit", "moment"), leaving.Count == 0 ? words.TimeOf(stream with { Time = null, Fields = stream.Fields.Clear() }) : words.TimeOf(stream)];
    }

    private static void AppendShown(Markdown page, Charter charter, CharterWords words)
    {
        page.Heading(2, words.Say("Who is shown what", "Wer was sieht", "Qui voit quoi")).Bullets(charter.Show.Select(r => words.Rule(r, charter)));
        page.Paragraph(words.Say(
            "Daylight shows nothing to anybody else. Before anybody is shown anything about you, the look is recorded; you can read and verify that record under “Who looked”, at the latest on the day that the rule names. Where everything runs on one machine, whoever administers that machine could get at its keys; the portal says whether it is so.",
            "Sonst zeigt Daylight niemandem etwas. Bevor jemandem etwas über Sie gezeigt wird, wird der Blick aufgezeichnet; Sie können das unter „Wer hat hingesehen“ lesen und prüfen, spätestens an dem Tag, den die Regel nennt. Läuft alles auf einem einzigen Rechner, könnte dessen Administration an die Schlüssel gelangen; das Portal sagt, ob es so ist.",
            "Daylight ne montre rien à personne d'autre. Avant que quoi que ce soit vous concernant ne soit montré, ce regard est consigné ; vous pouvez le lire et le vérifier sous « Qui a regardé », au plus tard le jour que la règle indique. Si tout fonctionne sur une seule machine, son administration pourrait accéder aux clés ; le portail indique si c'est le cas."));
        page.Paragraph(words.Training(charter.AiTraining));
    }

    private static void AppendKept(Markdown page, CheckReport report, CharterWords words)
    {
        page.Heading(2, words.Say("How long it is kept", "Wie lange es aufbewahrt wird", "Combien de temps c'est conservé"));
        page.Bullets(report.Fast.Kinds.Select(k => $"{words.KeptKind(k.Kind)}{words.Say(": ", ": ", " : ")}{words.Days(k.Days)}{(k.Because is null ? "" : $" ({k.Because})")}"));
        page.Paragraph(words.Say(
            "If the charter ends as planned, the last trace of what you did is gone: {0}; the last trace of anything: {1}.",
            "Endet die Charta wie geplant, verschwindet die letzte Spur dessen, was Sie getan haben: {0}; die letzte Spur von allem: {1}.",
            "Si la charte se termine comme prévu, la dernière trace de ce que vous avez fait disparaît : {0} ; la dernière trace de tout : {1}.",
            words.Day(report.Fast.PersonalGone, report.IsTemplate), words.Day(report.Fast.Gone, report.IsTemplate)));
    }

    private static void AppendRights(Markdown page, Charter charter, CharterWords words)
    {
        page.Heading(2, words.Say("What you can do", "Was Sie tun können", "Ce que vous pouvez faire"));
        page.Bullets(
        [
            .. new[] { words.Consent(charter.Consent), words.Notice(charter.Notice) }.Where(t => t.Length > 0),
            words.Say("Look at what will be sent, delete it, or pause: on Daylight's page on your own machine.", "Ansehen, was gesendet wird, es löschen oder pausieren: auf der Seite von Daylight auf Ihrem Rechner.", "Voir ce qui sera envoyé, le supprimer ou mettre en pause : sur la page de Daylight sur votre machine."),
            words.Say("See your own data, and who looked at it and why: in the portal.", "Ihre eigenen Daten sehen, und wer sie warum angesehen hat: im Portal.", "Voir vos propres données, et qui les a regardées et pourquoi : dans le portail."),
            words.Say("Ask for a copy, for a correction or for erasure, object, or complain to the supervisory authority (GDPR Art. 15 to 21 and 77).", "Kopie, Berichtigung oder Löschung verlangen, widersprechen oder sich bei der Aufsichtsbehörde beschweren (DSGVO Art. 15 bis 21 und 77).", "Demander une copie, une rectification ou l'effacement, vous opposer, ou saisir l'autorité de contrôle (RGPD art. 15 à 21 et 77)."),
            words.Review(charter.Review),
        ]);
    }
}
