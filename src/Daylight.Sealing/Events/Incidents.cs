using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(IncidentOpened), "incident-opened")]
[JsonDerivedType(typeof(IncidentNoted), "incident-noted")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(OpenIncident), "open-incident")]
[JsonDerivedType(typeof(NoteIncident), "note-incident")]
public abstract partial record Statement;

/// <summary>An exposure becomes a record of the breach register (GDPR Art. 33(5)).</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="Id">Random, hexadecimal.</param>
/// <param name="What">What was reachable that should not have been.</param>
/// <param name="Since">From when on.</param>
/// <param name="Known">When the company became aware: from here 72 hours run (GDPR Art. 33(1)).</param>
/// <param name="Programs">Whose data: of which programs.</param>
/// <param name="Facts">SHA-256 of the facts that were computed (who could, who did), hexadecimal.</param>
/// <param name="Role">The role it is opened in.</param>
public sealed record OpenIncident(
    string Root, DateTimeOffset Time, string Id, string What, DateTimeOffset Since, DateTimeOffset Known, IReadOnlyList<string> Programs, string Facts, string Role) : Statement(Root, Time)
{
    /// <summary>How long after it became known the authority is to be told.</summary>
    public static readonly TimeSpan Clock = TimeSpan.FromHours(72);

    /// <summary>Roles that keep the register.</summary>
    public static readonly IReadOnlyList<string> Roles = ["privacy-officer", "security"];
}

/// <summary>Something is added to an incident.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="Incident">The incident's id.</param>
/// <param name="Step"><c>note</c>, <c>authority-told</c>, <c>people-told</c>, <c>no-risk</c> (why the authority need not be told) or <c>closed</c>.</param>
/// <param name="Text">In words.</param>
/// <param name="Role">The role it is written in.</param>
public sealed record NoteIncident(string Root, DateTimeOffset Time, string Incident, string Step, string Text, string Role) : Statement(Root, Time)
{
    /// <summary>Everything that a step may be.</summary>
    public static readonly IReadOnlyList<string> Steps = ["note", "authority-told", "people-told", "no-risk", "closed"];
}

/// <summary>An incident, in the log as commitments only: what is not mended yet is not told to everybody.</summary>
public sealed record IncidentOpened(SignedStatement Signed) : PersonEvent
{
    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<OpenIncident>(Signed) is not { Programs.Count: > 0 } s || soFar.Incidents.ContainsKey(s.Id) ? "not a new incident of this trust root"
        : soFar.Signer(Signed) is not { } signer || !OpenIncident.Roles.Contains(s.Role) || !soFar.Holds(signer, s.Role, s.Time, at.Day) ? $"the breach register is kept by {string.Join(" and ", OpenIncident.Roles)}"
        : s.Known > s.Time || s.Since > s.Known ? "it began before it was known, and was known before it was written down"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<OpenIncident>(Signed)!;
        authority.IncidentTable[s.Id] = new IncidentRecord(s, at.Index, []);
    }
}

/// <summary>A step of an incident.</summary>
public sealed record IncidentNoted(SignedStatement Signed) : PersonEvent
{
    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<NoteIncident>(Signed) is not { } s || !NoteIncident.Steps.Contains(s.Step) || soFar.Incidents.GetValueOrDefault(s.Incident) is not { IsClosed: false } found ? "not about an open incident"
        : soFar.Signer(Signed) is not { } signer || !OpenIncident.Roles.Contains(s.Role) || !soFar.Holds(signer, s.Role, s.Time, at.Day) ? $"the breach register is kept by {string.Join(" and ", OpenIncident.Roles)}"
        : string.Equals(s.Step, "closed", StringComparison.Ordinal) && !found.IsSettled ? "before it ends the authority was told, or it is written down why there is no risk"
        : string.IsNullOrWhiteSpace(s.Text) ? "a step says what was done"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<NoteIncident>(Signed)!;
        var found = authority.Incidents[s.Incident];
        authority.IncidentTable[s.Incident] = found with { Steps = [.. found.Steps, (at.Index, s)] };
    }
}

/// <summary>An incident.</summary>
/// <param name="Statement">What was opened.</param>
/// <param name="Entry">Log index.</param>
/// <param name="Steps">What was added, with log indexes.</param>
public sealed record IncidentRecord(OpenIncident Statement, ulong Entry, IReadOnlyList<(ulong Entry, NoteIncident Note)> Steps)
{
    /// <summary>Whether it is over.</summary>
    public bool IsClosed => Steps.Any(s => string.Equals(s.Note.Step, "closed", StringComparison.Ordinal));

    /// <summary>Whether the authority was told, or need not be.</summary>
    public bool IsSettled => Steps.Any(s => s.Note.Step is "authority-told" or "no-risk");
}
