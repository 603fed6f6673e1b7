using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(KeysDestroyed), "key-destroyed")]
[JsonDerivedType(typeof(DestructionCertified), "destruction-certified")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(DestroyKeys), "destroy-keys")]
public abstract partial record Statement;

/// <summary>Erasure: the keys that a person's data is sealed to are to be destroyed.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose data.</param>
/// <param name="Programs">Of which programs.</param>
/// <param name="Role"><c>self</c>, or <c>privacy-officer</c>.</param>
/// <param name="Reason">Why.</param>
public sealed record DestroyKeys(string Root, DateTimeOffset Time, string Person, IReadOnlyList<string> Programs, string Role, string Reason) : Statement(Root, Time)
{
    /// <summary>The role that may erase besides the person.</summary>
    public const string OfficerRole = "privacy-officer";
}

/// <summary>Keys are destroyed, on the signature of the person or of the privacy officer. The keyholder obeys while it follows this entry.</summary>
public sealed record KeysDestroyed(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is DestroyKeys s
        ? SubjectView.Of("key-destroyed", s.Person, s.Role, s.Time, why: [s.Reason]) with { Programs = s.Programs }
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<DestroyKeys>(Signed) is not { Programs.Count: > 0 } s || soFar.Signer(Signed) is not { } signer ? "not a signed erasure of this trust root"
        : string.Equals(s.Role, "self", StringComparison.Ordinal)
            ? string.Equals(signer.Person, s.Person, StringComparison.Ordinal) ? null : "a person's own erasure is signed by that person"
        : string.Equals(s.Role, DestroyKeys.OfficerRole, StringComparison.Ordinal) && soFar.Holds(signer, s.Role, s.Time, at.Day) ? null
        : "erasure is signed by the person or by the privacy officer";

    internal override void Apply(Authority authority, Recording at)
    {
        var order = authority.Said<DestroyKeys>(Signed)!;
        authority.DelayedList.AddRange(order.Programs.Distinct(StringComparer.Ordinal).Where(p => authority.HoldOn(order.Person, p, at.Day) is not null).Select(p => new DelayedErasure(at.Index, order.Person, p)));
    }

    /// <summary>What is ordered; null when it is no such statement.</summary>
    [JsonIgnore]
    public DestroyKeys? Order => Statement.TryRead(Signed.Bytes) as DestroyKeys;
}

/// <summary>The keyholder's certificate of a destruction.</summary>
/// <param name="Note">A <see cref="DestructionCertificate"/>, signed by the keyholder.</param>
public sealed record DestructionCertified(string Note) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => KeyholderStatement.TryRead(Note) is DestructionCertificate c
        ? SubjectView.Of("destruction-certified", c.Person, "keyholder", c.Time, why: [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"copies in the keyholder's backups are unreadable from {c.BackupsUnreadable:yyyy-MM-dd} on")]) with { Programs = c.Programs }
        : null;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Keyholder is { } key && KeyholderStatement.TryOpen(Note, key) is DestructionCertificate c && string.Equals(c.Root, soFar.RootHash, StringComparison.Ordinal)
            ? null
            : "the keyholder did not sign this certificate";
}

/// <summary>An erasure that waits for the end of a legal hold.</summary>
/// <param name="Entry">Log index of the order.</param>
/// <param name="Person">Whose data.</param>
/// <param name="Program">Of which program.</param>
public sealed record DelayedErasure(ulong Entry, string Person, string Program);
