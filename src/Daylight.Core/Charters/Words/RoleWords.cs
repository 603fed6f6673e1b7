using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Daylight.Core.Charters.Words;

/// <summary>Roles in words, and the words by which a sentence names them.</summary>
internal static class RoleWords
{
    private static readonly ImmutableSortedDictionary<string, (string English, string German, string French, string Said)> All =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, (string, string, string, string)>(StringComparer.Ordinal)
        {
            ["program-owner"] = ("program owner", "Programmverantwortliche", "responsable du programme", "program owners?|Programmverantwortlichen?|responsables? du programme"),
            ["privacy-officer"] = ("privacy officer", "Datenschutzbeauftragte", "délégué à la protection des données", "privacy officers?|Datenschutzbeauftragten?|délégué à la protection des données"),
            ["works-council"] = ("works council", "Betriebsrat", "comité social et économique", "works council|Betriebsrat|comité social et économique|CSE"),
            ["security"] = ("security", "Sicherheit", "sécurité", "security|Sicherheit|Sicherheitsteam|sécurité"),
            ["investigator"] = ("investigator", "Ermittlung", "enquêteur", "investigators?|Ermittlung|Ermittler|Ermittlerin|Ermittelnden?|enquêteurs?|enquêtrices?"),
            ["analyst"] = ("analyst", "Analyse", "analyste", "analysts?|Analyse|Analystin|Analyst|analystes?"),
            ["workplace-planner"] = ("workplace planner", "Büroplanung", "planification des bureaux", "(?:workplace )?planners?|Büroplanung|planification des bureaux"),
            ["auditor"] = ("auditor", "Prüfung", "auditeur", "auditors?|Prüfung|Prüfer|Prüferin|auditeurs?|auditrices?"),
            ["operator"] = ("operator", "Betrieb", "exploitant", "operators?|Betrieb|exploitants?"),
        });

    /// <summary>The role's name in a language.</summary>
    public static string Of(string role, Language language) => All.TryGetValue(role, out var words)
        ? language switch { Language.German => words.German, Language.French => words.French, Language.English or _ => words.English }
        : role;

    /// <summary>Whether a clause names the audience, in whole words.</summary>
    public static bool Names(string clause, Audience audience, Language language) => Regex($@"\b(?:{Said(audience, language)})\b").IsMatch(clause);

    /// <summary>Whether a clause names the audience only to say that it does not see.</summary>
    public static bool Denies(string clause, Audience audience, Language language) =>
        Regex($@"\b(?:no|not|not even|never|nor|kein|keine|keinem|nicht|auch nicht|nie|aucun|aucune|ni|pas|même pas)(?: \p{{L}}+){{0,2}} (?:{Said(audience, language)})\b|\b(?:{Said(audience, language)}) (?:nicht|nie|never)\b").IsMatch(clause);

    // A few dozen patterns in all, each made once.
    private static readonly ConcurrentDictionary<string, Regex> Made = new(StringComparer.Ordinal);

    private static Regex Regex(string pattern) => Made.GetOrAdd(pattern, static p => new Regex(p, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    private static string Said(Audience audience, Language language) => audience switch
    {
        Audience.Manager or Audience.ManagerChain => language switch
        {
            Language.German => "Führungskraft|Führungskräfte|Vorgesetzten?|Vorgesetzter",
            Language.French => "(?:votre|vos|leur|le|la|les|un|une) (?:responsables?|managers?|supérieurs?|supérieure)",
            Language.English or _ => "managers?",
        },
        Audience.TeamMember => language switch { Language.German => "Team|Teams|Teammitglieder", Language.French => "équipes?", Language.English or _ => "teams?|teammates?|colleagues" },
        Audience.Role role => All[role.Name].Said,
        _ => "you|Sie|vous",
    };
}

/// <summary>Fields in German and French; English stands where they are defined.</summary>
internal static class FieldWords
{
    private static readonly ImmutableSortedDictionary<string, (string German, string French)> All = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["window.app"] = ("das Programm", "l'application"),
        ["window.title"] = ("der Fenstertitel", "le titre de la fenêtre"),
        ["window.url"] = ("die Adresse einer Seite", "l'adresse d'une page"),
        ["afk.status"] = ("am Rechner oder nicht", "devant la machine ou non"),
        ["web.url"] = ("die Adresse der Seite", "l'adresse de la page"),
        ["web.title"] = ("der Titel der Seite", "le titre de la page"),
        ["web.audible"] = ("ob die Seite Ton abspielt", "si la page émet du son"),
        ["web.tabCount"] = ("Anzahl offener Tabs", "le nombre d'onglets ouverts"),
        ["editor.project"] = ("das Projekt", "le projet"),
        ["editor.file"] = ("die Datei", "le fichier"),
        ["editor.language"] = ("die Programmiersprache", "le langage de programmation"),
        ["editor.branch"] = ("der Branch", "la branche"),
        ["input.presses"] = ("Anzahl der Tastendrücke", "le nombre de frappes"),
        ["input.clicks"] = ("Anzahl der Klicks", "le nombre de clics"),
        ["input.deltaX"] = ("Mausbewegung waagerecht", "le mouvement horizontal de la souris"),
        ["input.deltaY"] = ("Mausbewegung senkrecht", "le mouvement vertical de la souris"),
        ["input.scrollX"] = ("Scrollen waagerecht", "le défilement horizontal"),
        ["input.scrollY"] = ("Scrollen senkrecht", "le défilement vertical"),
        ["screen.image"] = ("das Bild", "l'image"),
        ["screen.app"] = ("das Programm im Vordergrund", "l'application au premier plan"),
        ["location.position"] = ("die Position", "la position"),
        ["calendar.title"] = ("der Titel des Treffens", "le titre de la réunion"),
        ["calendar.attendees"] = ("wie viele teilnehmen", "le nombre de participants"),
        ["calendar.teams"] = ("aus wie vielen Teams", "le nombre d'équipes"),
        ["calendar.organizer"] = ("wer eingeladen hat", "qui a convoqué la réunion"),
        ["calendar.recurring"] = ("ob es sich wiederholt", "si elle se répète"),
        ["calendar.external"] = ("ob Externe teilnehmen", "si des externes participent"),
        ["contact.channel"] = ("auf welchem Weg", "par quel moyen"),
        ["contact.people"] = ("mit wie vielen Menschen", "avec combien de personnes"),
        ["contact.teams"] = ("mit wie vielen anderen Teams", "avec combien d'autres équipes"),
        ["contact.with"] = ("mit wem", "avec qui"),
        ["change.repository"] = ("das Repository", "le dépôt"),
        ["change.step"] = ("welcher Schritt", "l'étape"),
        ["change.wait"] = ("Stunden seit dem Schritt davor", "les heures depuis l'étape précédente"),
        ["change.lines"] = ("geänderte Zeilen", "les lignes modifiées"),
        ["change.title"] = ("der Titel der Änderung", "le titre du changement"),
        ["badge.site"] = ("der Standort", "le site"),
        ["badge.door"] = ("die Tür", "la porte"),
        ["badge.direction"] = ("hinein oder hinaus", "entrée ou sortie"),
        ["desk.site"] = ("der Standort", "le site"),
        ["desk.floor"] = ("die Etage", "l'étage"),
        ["desk.space"] = ("der Platz oder Raum", "le bureau ou la salle"),
        ["desk.kind"] = ("Platz oder Raum", "bureau ou salle"),
        ["device.platform"] = ("das Betriebssystem", "le système d'exploitation"),
        ["device.encrypted"] = ("ob die Festplatte verschlüsselt ist", "si le disque est chiffré"),
        ["device.screenLock"] = ("ob sich der Bildschirm sperrt", "si l'écran se verrouille"),
        ["device.firewall"] = ("ob die Firewall an ist", "si le pare-feu est actif"),
        ["device.patchAge"] = ("Tage seit der letzten Aktualisierung", "les jours depuis la dernière mise à jour"),
        ["sign-in.application"] = ("das System", "le système"),
        ["sign-in.method"] = ("auf welche Weise", "de quelle manière"),
        ["sign-in.result"] = ("mit welchem Ergebnis", "avec quel résultat"),
        ["sign-in.network"] = ("aus welchem Netz", "depuis quel réseau"),
        ["sign-in.privileged"] = ("ob es ein privilegiertes Konto war", "si c'était un compte privilégié"),
        ["pause.reason"] = ("der Grund", "la raison"),
        ["pause.minutes"] = ("wie lange", "pour combien de temps"),
        ["timesheet.project"] = ("das Projekt", "le projet"),
        ["timesheet.hours"] = ("Stunden", "les heures"),
        ["timesheet.note"] = ("eine Notiz", "une note"),
        ["outcome.objective"] = ("das Ziel", "l'objectif"),
        ["outcome.result"] = ("das Ergebnis", "le résultat clé"),
        ["outcome.progress"] = ("Fortschritt in Prozent", "l'avancement en pour cent"),
        ["outcome.note"] = ("eine Notiz", "une note"),
    });

    public static (string German, string French) Of(string stream, string field) => All.TryGetValue($"{stream}.{field}", out var words) ? words : (field, field);
}

/// <summary>Streams in German and French; English stands where they are defined.</summary>
internal static class StreamWords
{
    public static string German(string stream) => stream switch
    {
        "window" => "das aktive Fenster",
        "afk" => "ob jemand am Rechner ist",
        "web" => "der aktive Browser-Tab",
        "editor" => "Arbeit im Code-Editor",
        "input" => "wie viel Tastatur und Maus benutzt werden, nie was getippt wird",
        "screen" => "ein Bild des Bildschirms",
        "location" => "wo jemand arbeitet",
        "calendar" => "Besprechungen im Kalender",
        "contact" => "dass Menschen in Kontakt waren, nie worüber",
        "change" => "Schritte von Änderungen in der Code-Verwaltung",
        "badge" => "Türen, die mit einem Ausweis geöffnet wurden",
        "desk" => "benutzte Arbeitsplätze und Räume",
        "device" => "der Zustand eines Firmengeräts",
        "sign-in" => "Anmeldungen an Firmensystemen",
        "pause" => "warum jemand das Programm auf dem eigenen Gerät angehalten hat",
        "timesheet" => "Stunden, die jemand notiert und eingereicht hat",
        "outcome" => "Ergebnisse, die jemand aufgeschrieben und eingereicht hat",
        _ => stream,
    };

    public static string French(string stream) => stream switch
    {
        "window" => "la fenêtre active",
        "afk" => "si quelqu'un est devant la machine",
        "web" => "l'onglet actif du navigateur",
        "editor" => "le travail dans un éditeur de code",
        "input" => "l'intensité d'usage du clavier et de la souris, jamais ce qui est tapé",
        "screen" => "une image de l'écran",
        "location" => "où quelqu'un travaille",
        "calendar" => "les réunions du calendrier",
        "contact" => "le fait que des personnes aient été en contact, jamais à quel sujet",
        "change" => "les étapes des modifications dans la forge logicielle",
        "badge" => "les portes ouvertes avec un badge",
        "desk" => "les bureaux et salles utilisés",
        "device" => "l'état d'un appareil de l'entreprise",
        "sign-in" => "les connexions aux systèmes de l'entreprise",
        "pause" => "pourquoi quelqu'un a mis le programme en pause sur sa machine",
        "timesheet" => "les heures que quelqu'un a notées et remises",
        "outcome" => "les résultats que quelqu'un a écrits et remis",
        _ => stream,
    };
}
