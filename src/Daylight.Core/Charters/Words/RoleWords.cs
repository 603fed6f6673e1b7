using System.Collections.Immutable;

namespace Daylight.Core.Charters.Words;

/// <summary>Roles in words, and the words by which a sentence may name them.</summary>
internal static class RoleWords
{
    private static readonly ImmutableSortedDictionary<string, (string English, string German, string French, string[] Known)> All =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, (string, string, string, string[])>(StringComparer.Ordinal)
        {
            ["program-owner"] = ("program owner", "Programmverantwortliche", "responsable du programme", ["owner", "verantwortliche", "responsable"]),
            ["privacy-officer"] = ("privacy officer", "Datenschutzbeauftragte", "délégué à la protection des données", ["privacy officer", "datenschutz", "délégué", "protection des données"]),
            ["works-council"] = ("works council", "Betriebsrat", "comité social et économique", ["works council", "betriebsrat", "comité"]),
            ["security"] = ("security", "Sicherheit", "sécurité", ["security", "sicherheit", "sécurité"]),
            ["investigator"] = ("investigator", "Ermittlung", "enquêteur", ["investigat", "ermittl", "enquêt"]),
            ["analyst"] = ("analyst", "Analyse", "analyste", ["analyst", "analyse"]),
            ["workplace-planner"] = ("workplace planner", "Büroplanung", "planification des bureaux", ["planner", "planning", "planung", "planification"]),
            ["auditor"] = ("auditor", "Prüfung", "auditeur", ["audit", "prüf"]),
            ["operator"] = ("operator", "Betrieb", "exploitant", ["operator", "betrieb", "exploitant"]),
        });

    /// <summary>The role's name in a language.</summary>
    public static string Of(string role, Language language) => All.TryGetValue(role, out var words)
        ? language switch { Language.German => words.German, Language.French => words.French, Language.English or _ => words.English }
        : role;

    /// <summary>Beginnings of words, in any of the languages, that name the audience.</summary>
    public static IReadOnlyList<string> KnownAs(Audience audience) => audience switch
    {
        Audience.Manager or Audience.ManagerChain => ["manager", "vorgesetzt", "führungskraft", "führungskräfte", "responsable", "chef"],
        Audience.TeamMember => ["team", "équipe"],
        Audience.Role role => All[role.Name].Known,
        _ => ["you", "yourself", "sie", "ihnen", "selbst", "vous"],
    };
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
        "timesheet" => "les heures que quelqu'un a notées et remises",
        "outcome" => "les résultats que quelqu'un a écrits et remis",
        _ => stream,
    };
}
