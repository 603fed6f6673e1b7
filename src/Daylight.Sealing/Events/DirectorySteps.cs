using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(DirectoryChanged), "directory-changed")]
[JsonDerivedType(typeof(DirectoryApproved), "directory-approved")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(ApproveDirectory), "approve-directory")]
public abstract partial record Statement;

/// <summary>A privacy officer agrees to a change of the directory that lets people see much more than before.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Exposure">What was read; its seal names the change.</param>
public sealed record ApproveDirectory(string Root, DateTimeOffset Time, ExposureRead Exposure) : Statement(Root, Time);

/// <summary>The directory changed, in counts: who moved is in no log.</summary>
/// <param name="Joined">People who came.</param>
/// <param name="Moved">People with another team, manager, site, country or employment.</param>
/// <param name="Left">People who left.</param>
/// <param name="Appear">Sights that there were not before.</param>
/// <param name="Disappear">Sights that are no more.</param>
/// <param name="Held">Whether it waits for a privacy officer; then only what narrows took effect.</param>
public sealed record DirectoryChanged(int Joined, int Moved, int Left, long Appear, long Disappear, bool Held) : PublicEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;
}

/// <summary>A held change of the directory takes effect.</summary>
public sealed record DirectoryApproved(SignedStatement Signed) : PublicEvent
{
    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ApproveDirectory>(Signed) is not { Exposure: { } } s ? "not a signed approval of a directory"
        : soFar.Signer(Signed) is not { } signer || !soFar.Holds(signer, "privacy-officer", s.Time, at.Day) ? "a held directory is approved by a privacy officer"
        : null;
}
