using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>A usual limit for keeping something.</summary>
/// <param name="Days">Days.</param>
/// <param name="Source">Who says so. A limit is practice, not law, unless the source is a law.</param>
public sealed record UsualLimit(int Days, string Source);

/// <summary>A purpose of the fixed vocabulary.</summary>
/// <param name="Name">As written in charters.</param>
/// <param name="Dpv">The term of the W3C Data Privacy Vocabulary 2.3.</param>
/// <param name="Streams">Streams that can serve it; a measure of any other serves another purpose.</param>
/// <param name="Records">How long records about one person are usually kept for it.</param>
/// <param name="Submissions">How long what people handed in is usually kept for it.</param>
/// <param name="Says">In words.</param>
public sealed record Purpose(string Name, string Dpv, ImmutableArray<string> Streams, UsualLimit Records, UsualLimit Submissions, LocalizedText Says);

/// <summary>Every purpose there is.</summary>
public static class Purposes
{
    /// <summary>How long one person's numbers for group figures are kept, whatever the purpose.</summary>
    public static UsualLimit Contributions { get; } = new(42, "Daylight: four weeks of a release period, its three days of grace, and a week");

    /// <summary>How long group figures are kept, whatever the purpose.</summary>
    public static UsualLimit Releases { get; } = new(1095, "Daylight: three years compare a season with the two before it");

    /// <summary>How long a person can find out who looked, whatever the purpose.</summary>
    public static UsualLimit Looks { get; } = new(1095, "the usual limitation of claims, three years (§ 195 BGB)");

    private static readonly UsualLimit Individual = new(30, "CNIL SAN-2023-021 (27 Dec 2023): 31 days of individual activity indicators held excessive; Conseil d'État no 492830 (23 Dec 2025) kept that finding");
    private static readonly UsualLimit Doors = new(90, "CNIL, norme simplifiée 42: three months for badge movements; BSI, Mindeststandard Protokollierung 2.1: 90 days for security logs");
    private static readonly UsualLimit Logs = new(180, "CNIL, délibération 2021-122: six to twelve months for logs");
    private static readonly UsualLimit Space = new(30, "Daylight: by analogy with SAN-2023-021; no authority has named a figure for desks");
    private static readonly UsualLimit Pictures = new(30, "CNIL, video at work: one month at most");
    private static readonly UsualLimit Hours = new(1825, "CNIL, norme simplifiée 42: five years at most; ArbZG § 16(2) asks for two at least");
    private static readonly UsualLimit Results = new(400, "Daylight: a year's round of objectives, and the talk about it");
    private static readonly UsualLimit Training = new(180, "GDPR Art. 5(1)(e): no figure exists; half a year to make a data set");

    /// <summary>By name.</summary>
    public static ImmutableSortedDictionary<string, Purpose> All { get; } = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new[]
    {
        Make("workload-management", "dpv:PersonnelWorkloadManagement", ["window", "afk", "web", "editor", "input", "calendar", "contact"], Individual, Individual,
            "how work is spread, so that teams are not overloaded", "wie Arbeit verteilt ist, damit Teams nicht überlastet werden", "la répartition du travail, afin que les équipes ne soient pas surchargées"),
        Make("collaboration", "dpv:CommunicationManagement", ["calendar", "contact"], Individual, Individual,
            "how teams meet and work together", "wie Teams sich treffen und zusammenarbeiten", "la façon dont les équipes se réunissent et travaillent ensemble"),
        Make("time-recording", "dpv:RecordManagement", ["timesheet", "afk"], Individual, Hours,
            "recording of working time", "Aufzeichnung der Arbeitszeit", "l'enregistrement du temps de travail"),
        Make("workspace-planning", "dpv:InternalResourceOptimisation", ["desk", "badge", "location"], Space, Space,
            "planning of desks, rooms and sites", "Planung von Arbeitsplätzen, Räumen und Standorten", "la planification des bureaux, des salles et des sites"),
        Make("security", "dpv:EnforceSecurity", ["device", "sign-in", "badge", "pause"], Doors, Doors,
            "security of systems and buildings", "Sicherheit von Systemen und Gebäuden", "la sécurité des systèmes et des bâtiments"),
        Make("compliance", "dpv:OrganisationComplianceManagement", ["device", "sign-in", "afk", "timesheet"], Logs, Hours,
            "keeping to law and to company policy", "Einhaltung von Gesetz und Betriebsregeln", "le respect de la loi et des règles internes"),
        Make("process-improvement", "dpv:OptimisationForController", ["change", "editor", "window", "calendar"], Individual, Individual,
            "finding where work waits, so that it flows better", "herausfinden, wo Arbeit liegen bleibt, damit sie besser fließt", "repérer où le travail attend, afin qu'il avance mieux"),
        Make("process-documentation", "dpv:RecordManagement", ["screen", "window"], Pictures, Pictures,
            "documenting how a task is done", "Dokumentation, wie eine Aufgabe erledigt wird", "documenter la façon dont une tâche est accomplie"),
        Make("team-outcomes", "dpv:OrganisationGovernance", ["outcome", "change"], Individual, Results,
            "what teams achieved", "was Teams erreicht haben", "ce que les équipes ont accompli"),
        Make("model-training", "dpv:ResearchAndDevelopment", ["window", "editor", "change"], Training, Training,
            "training of models on data of people who agreed", "Training von Modellen mit Daten von Menschen, die zugestimmt haben", "l'entraînement de modèles avec les données de personnes qui y ont consenti"),
    }.Select(p => KeyValuePair.Create(p.Name, p)));

    /// <summary>How long a kind is usually kept for a purpose.</summary>
    public static UsualLimit Usual(string purpose, string kind) => kind switch
    {
        "records" => All[purpose].Records,
        "submissions" => All[purpose].Submissions,
        "contributions" => Contributions,
        "releases" => Releases,
        _ => Looks,
    };

    private static Purpose Make(string name, string dpv, ImmutableArray<string> streams, UsualLimit records, UsualLimit submissions, string english, string german, string french) =>
        new(name, dpv, streams, records, submissions, new LocalizedText(english, german, french));
}
