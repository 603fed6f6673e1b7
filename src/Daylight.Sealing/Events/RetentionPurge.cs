using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(RetentionPurge), "retention-purge")]
public abstract partial record LogEvent;

/// <summary>A certificate: everything whose last day this was went in the same commit, after nothing of it was left but what a legal hold keeps apart.</summary>
/// <param name="ExpiredOn">The last day.</param>
/// <param name="Lines">What went, by the charter's lines that say so.</param>
public sealed record RetentionPurge(DateOnly ExpiredOn, IReadOnlyList<PurgedLine> Lines) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>What went by one line of a charter.</summary>
/// <param name="Program">Of which program; empty for what belongs to several.</param>
/// <param name="What">Which kind: <c>records</c>, <c>submissions</c>, <c>contributions</c>, <c>corrections</c>, <c>releases</c> or <c>looks</c>.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Line">The line, such as <c>keep: { records: 14d }</c>.</param>
/// <param name="Held">How many of them a legal hold keeps apart.</param>
/// <param name="Charter">SHA-256 of the charter whose line that is; null where it is no single charter's.</param>
public sealed record PurgedLine(string Program, string What, long Rows, string Line, long Held, string? Charter = null);
