namespace Daylight.Sealing;

/// <summary>Roles that do not meet in one person: who proposes does not approve, who approves does not look, and who runs the machines investigates nobody.</summary>
public static class Duties
{
    private static readonly (string One, string Other)[] Apart =
    [
        ("operator", "investigator"), ("program-owner", "privacy-officer"), ("program-owner", "works-council"), ("investigator", "privacy-officer"), ("investigator", "works-council"),
    ];

    /// <summary>Why these roles cannot be one person's; null when they can.</summary>
    public static string? Clash(IEnumerable<string> roles)
    {
        var held = roles.ToHashSet(StringComparer.Ordinal);
        return Array.Find(Apart, a => held.Contains(a.One) && held.Contains(a.Other)) is { One: { } one, Other: var other } ? $"{one} and {other} do not meet in one person" : null;
    }
}

/// <summary>What an approver was shown about a change before signing: how many sights (somebody could see something about somebody) appear and disappear.</summary>
/// <param name="Time">When it was computed.</param>
/// <param name="People">How many people the directory had.</param>
/// <param name="Appear">Sights that there were not before.</param>
/// <param name="Disappear">Sights that are no more.</param>
/// <param name="Seal">The server's own mark on all of it and on the change, base64: it knows its answer again.</param>
/// <param name="Shown">For a charter: SHA-256 of everything that was shown with it (what the check found, the text that employees get, the expected error, the last period's facts), hexadecimal.</param>
public sealed record ExposureRead(DateTimeOffset Time, int People, long Appear, long Disappear, string Seal, string? Shown = null);
