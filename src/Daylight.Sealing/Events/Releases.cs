using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ReleaseRun), "release-run")]
[JsonDerivedType(typeof(ReleasePublished), "release-published")]
public abstract partial record LogEvent;

/// <summary>The keyholder is about to count: program, charter, period, and commitments to every group, with its size, and to every person, with the groups that count them.</summary>
/// <param name="Program">The program.</param>
/// <param name="Charter">Hash of the charter.</param>
/// <param name="Period">The period.</param>
/// <param name="Groups">How many groups.</param>
/// <param name="GroupRoot">Merkle root of the groups' commitments.</param>
/// <param name="People">How many people.</param>
/// <param name="PeopleRoot">Merkle root of the people's commitments.</param>
public sealed record ReleaseRun(string Program, string Charter, string Period, int Groups, string GroupRoot, int People, string PeopleRoot) : PublicEvent
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
