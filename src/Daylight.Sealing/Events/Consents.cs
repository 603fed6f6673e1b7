using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ConsentGiven), "consent-given")]
[JsonDerivedType(typeof(ConsentWithdrawn), "consent-withdrawn")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(GiveConsent), "give-consent")]
[JsonDerivedType(typeof(WithdrawConsent), "withdraw-consent")]
public abstract partial record Statement;

/// <summary>A person agrees to a program under one charter. Another charter asks anew.</summary>
public sealed record GiveConsent(string Root, DateTimeOffset Time, string Person, string Program, string Charter) : Statement(Root, Time);

/// <summary>A person takes consent back, or objects.</summary>
public sealed record WithdrawConsent(string Root, DateTimeOffset Time, string Person, string Program) : Statement(Root, Time);

/// <summary>Consent, signed by the person: with a key of their own, or on their machine.</summary>
public sealed record ConsentGiven(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is GiveConsent s
        ? SubjectView.Of("consent-given", s.Person, "self", s.Time) with { Programs = [s.Program] }
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<GiveConsent>(Signed) is not { } s || soFar.Signer(Signed) is not { } signer || !string.Equals(signer.Person, s.Person, StringComparison.Ordinal)
            ? "consent is signed by the person who gives it"
        : !string.Equals(soFar.Program(s.Program).Active, s.Charter, StringComparison.Ordinal) ? "not about a charter in force"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<GiveConsent>(Signed)!;
        authority.ConsentTable[(s.Person, s.Program)] = new ConsentRecord(s.Charter, at.Index, Given: true);
    }
}

/// <summary>Consent taken back; effective at once.</summary>
public sealed record ConsentWithdrawn(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is WithdrawConsent s
        ? SubjectView.Of("consent-withdrawn", s.Person, "self", s.Time) with { Programs = [s.Program] }
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<WithdrawConsent>(Signed) is { } s && soFar.Signer(Signed) is { } signer && string.Equals(signer.Person, s.Person, StringComparison.Ordinal)
            ? null
            : "consent is withdrawn by the person who gave it";

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<WithdrawConsent>(Signed)!;
        authority.ConsentTable[(s.Person, s.Program)] = new ConsentRecord(string.Empty, at.Index, Given: false);
    }
}

/// <summary>What a person said last about a program.</summary>
/// <param name="Charter">The charter agreed to, or empty.</param>
/// <param name="Entry">Log index.</param>
/// <param name="Given">Yes, or withdrawn and objected.</param>
public sealed record ConsentRecord(string Charter, ulong Entry, bool Given);
