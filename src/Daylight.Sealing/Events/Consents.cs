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

/// <summary>A person takes consent back, or says no to a program that collects unless one does (GDPR Art. 7(3)).</summary>
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
        foreach (var open in authority.Objections.Where(o => o.Value.Answer is null && o.Value.Person == s.Person && o.Value.Program == s.Program).Select(o => o.Key).ToList())
        {
            authority.ObjectionTable[open] = authority.Objections[open] with { Answer = at.Index, TakenBack = true };
        }

        authority.Say(s.Person, s.Program, new ConsentRecord(s.Charter, at.Index, Standing.Given));
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
        authority.Say(s.Person, s.Program, new ConsentRecord(string.Empty, at.Index, Standing.Withdrawn));
    }
}

/// <summary>Where a person stands to a program, by what was said last.</summary>
public enum Standing
{
    /// <summary>Said yes.</summary>
    Given = 0,

    /// <summary>Said no: where a program asks people, that is the end of it.</summary>
    Withdrawn = 1,

    /// <summary>Objected, and waits for the answer: until then nothing is collected (GDPR Art. 18(1)(d)).</summary>
    Objected = 2,

    /// <summary>Objected, and was right.</summary>
    Upheld = 3,

    /// <summary>Objected, and the reasons of the company were compelling.</summary>
    Rejected = 4,
}

/// <summary>What a person said last about a program, or was answered.</summary>
/// <param name="Charter">The charter agreed to, or empty.</param>
/// <param name="Entry">Log index.</param>
/// <param name="Standing">Where that leaves the person.</param>
public sealed record ConsentRecord(string Charter, ulong Entry, Standing Standing)
{
    /// <summary>Whether nothing that was said stands against collecting. A program that asks first wants a yes besides, to its very charter.</summary>
    public bool Given => Standing is Standing.Given or Standing.Rejected;
}
