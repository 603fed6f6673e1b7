using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ReleaseRun), "release-run")]
[JsonDerivedType(typeof(ReleasePublished), "release-published")]
public abstract partial record LogEvent;

/// <summary>The keyholder is about to count: program, charter, period, and a commitment to every group and member that it will count.</summary>
public sealed record ReleaseRun(string Program, string Charter, string Period, int Groups, string Members) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>What a run published: the Merkle root of its cells.</summary>
public sealed record ReleasePublished(ulong Run, string Cells, int Published, int Withheld) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}
