using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(NoticeAcknowledged), "notice-acknowledged")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(AcknowledgeNotice), "acknowledge-notice")]
public abstract partial record Statement;

/// <summary>A person has read what a charter collects; it is no consent.</summary>
public sealed record AcknowledgeNotice(string Root, DateTimeOffset Time, string Person, string Program, string Charter) : Statement(Root, Time);

/// <summary>Somebody acknowledged the notice of a charter, where the law wants that on record (NY Civil Rights Law § 52-c*2).</summary>
public sealed record NoticeAcknowledged(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is AcknowledgeNotice s
        ? SubjectView.Of("notice-acknowledged", s.Person, "self", s.Time) with { Programs = [s.Program] }
        : null;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<AcknowledgeNotice>(Signed) is not { } s || soFar.Signer(Signed) is not { } signer || !string.Equals(signer.Person, s.Person, StringComparison.Ordinal)
            ? "a notice is acknowledged by the person who was given it"
        : !string.Equals(soFar.Program(s.Program).Active, s.Charter, StringComparison.Ordinal) ? "not about a charter in force"
        : soFar.Acknowledged(s.Person, s.Program, s.Charter) ? "it was acknowledged before"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<AcknowledgeNotice>(Signed)!;
        authority.Acknowledge(s.Person, s.Program, s.Charter, at.Index);
    }
}
