using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>The fixed words of charters.</summary>
public static class Vocabulary
{
    /// <summary>Lawful bases (GDPR Art. 6(1)), with their article; a works agreement is a basis through Art. 88.</summary>
    public static ImmutableSortedDictionary<string, string> LawfulBases { get; } = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("consent", "Art. 6(1)(a) GDPR"),
        KeyValuePair.Create("contract", "Art. 6(1)(b) GDPR"),
        KeyValuePair.Create("legal-obligation", "Art. 6(1)(c) GDPR"),
        KeyValuePair.Create("legitimate-interests", "Art. 6(1)(f) GDPR"),
        KeyValuePair.Create("works-agreement", "Art. 88 GDPR with a works agreement"),
    ]);

    /// <summary>Roles of the fixed vocabulary.</summary>
    public static ImmutableSortedSet<string> Roles { get; } = ImmutableSortedSet.Create(
        StringComparer.Ordinal, "program-owner", "privacy-officer", "works-council", "security", "investigator", "analyst", "workplace-planner", "auditor", "operator");

    /// <summary>Roles that may approve a case: those that are there for the people, and security. Who proposes, measures or operates does not approve.</summary>
    public static ImmutableSortedSet<string> Approvers { get; } = ImmutableSortedSet.Create(StringComparer.Ordinal, "privacy-officer", "works-council", "security");

    /// <summary>
    /// What somebody may try to collect and nobody may (DESIGN.md, <em>Never</em>), by the words that give it away, compared without dashes and case.
    /// </summary>
    internal static string? ForbiddenContent(string name)
    {
        var word = name.Replace("-", string.Empty, StringComparison.Ordinal).Replace("_", string.Empty, StringComparison.Ordinal).ToLowerInvariant();
        return Array.Find(Content, c => word.Contains(c.Word, StringComparison.Ordinal)).What;
    }

    private static readonly (string Word, string What)[] Content =
    [
        ("keystroke", "what was typed"), ("keylog", "what was typed"), ("typed", "what was typed"), ("clipboard", "the clipboard"), ("prompt", "prompts"), ("transcript", "transcripts"),
        ("audio", "sound"), ("microphone", "sound"), ("voice", "sound"), ("speech", "sound"), ("camera", "pictures of people"), ("webcam", "pictures of people"), ("video", "pictures of people"),
        ("face", "pictures of people"), ("emotion", "feelings"), ("sentiment", "feelings"), ("messagebody", "what was written"), ("body", "what was written"), ("content", "what was written"),
        ("subject", "what was written"),
    ];
}
