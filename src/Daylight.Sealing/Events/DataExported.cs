using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(DataExported), "data-exported")]
public abstract partial record LogEvent;

/// <summary>A copy of a person's data, or of entries about them, was handed out.</summary>
/// <param name="By">Person id of who received it.</param>
/// <param name="Subject">Whom it is about.</param>
/// <param name="What">What, in words.</param>
/// <param name="Time">When.</param>
public sealed record DataExported(string By, string Subject, string What, DateTimeOffset Time) : PersonEvent
{
    private const int KeptDays = 730;

    /// <inheritdoc/>
    public override bool CarriesAuthority => false;

    /// <inheritdoc/>
    public override string Asker => By;

    /// <inheritdoc/>
    public override DateOnly Kept => DateOnly.FromDateTime(Time.UtcDateTime).AddDays(KeptDays);

    /// <inheritdoc/>
    public override SubjectView? View => SubjectView.Of("export", Subject, string.Equals(By, Subject, StringComparison.Ordinal) ? "self" : "officer", Time, why: [What]);
}
