using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(RetentionPurge), "retention-purge")]
public abstract partial record LogEvent;

/// <summary>Expired chunks went: how many, of which kind, expired on which day.</summary>
public sealed record RetentionPurge(DateOnly ExpiredOn, string What, int Rows) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}
