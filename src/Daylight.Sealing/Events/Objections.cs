using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ObjectionRaised), "objection-raised")]
[JsonDerivedType(typeof(ObjectionAnswered), "objection-answered")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(RaiseObjection), "raise-objection")]
[JsonDerivedType(typeof(AnswerObjection), "answer-objection")]
public abstract partial record Statement;

/// <summary>A person objects to a program that does not ask people (GDPR Art. 21(1)), on grounds of their own.</summary>
public sealed record RaiseObjection(string Root, DateTimeOffset Time, string Person, string Program, string Grounds) : Statement(Root, Time)
{
    /// <summary>Within how many days it is answered: a month (GDPR Art. 12(3)).</summary>
    public const int AnswerDays = 30;
}

/// <summary>The privacy officer answers.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Objection">Log index of the objection.</param>
/// <param name="Upheld">Whether the person is left out from now on.</param>
/// <param name="Reason">Why; the person is shown it.</param>
/// <param name="Person">Whose objection.</param>
/// <param name="Program">Against which program.</param>
public sealed record AnswerObjection(string Root, DateTimeOffset Time, ulong Objection, bool Upheld, string Reason, string Person, string Program) : Statement(Root, Time);

/// <summary>An objection. From here on nothing is collected of this person for that program, until it is answered.</summary>
public sealed record ObjectionRaised(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is RaiseObjection s
        ? SubjectView.Of("objection-raised", s.Person, "self", s.Time, why: [s.Grounds]) with { Programs = [s.Program] }
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<RaiseObjection>(Signed) is not { } s || soFar.Signer(Signed) is not { } signer || !string.Equals(signer.Person, s.Person, StringComparison.Ordinal)
            ? "an objection is signed by the person who objects"
        : soFar.Program(s.Program).Active is null ? "there is no such program in force"
        : string.IsNullOrWhiteSpace(s.Grounds) ? "an objection says on which grounds"
        : soFar.Objections.Values.Any(o => o.Answer is null && string.Equals(o.Person, s.Person, StringComparison.Ordinal) && string.Equals(o.Program, s.Program, StringComparison.Ordinal))
            ? "an objection of this person to that program waits for its answer already"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<RaiseObjection>(Signed)!;
        authority.ObjectionTable[at.Index] = new ObjectionRecord(s.Person, s.Program, s.Grounds, DateOnly.FromDayNumber(Math.Min(at.Day.DayNumber + RaiseObjection.AnswerDays, DateOnly.MaxValue.DayNumber)), null);
        authority.Say(s.Person, s.Program, new ConsentRecord(string.Empty, at.Index, Standing.Objected));
    }
}

/// <summary>The answer to an objection.</summary>
public sealed record ObjectionAnswered(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is AnswerObjection s
        ? SubjectView.Of("objection-answered", s.Person, DestroyKeys.OfficerRole, s.Time, why: [s.Upheld ? "upheld" : "rejected", s.Reason]) with { Programs = [s.Program] }
        : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<AnswerObjection>(Signed) is not { } s || soFar.Objections.GetValueOrDefault(s.Objection) is not { Answer: null } found
            || !string.Equals(found.Person, s.Person, StringComparison.Ordinal) || !string.Equals(found.Program, s.Program, StringComparison.Ordinal)
            ? "not about an objection that waits for its answer"
        : soFar.Signer(Signed) is not { } signer || !soFar.Holds(signer, DestroyKeys.OfficerRole, s.Time, at.Day) ? "an objection is answered by a privacy-officer"
        : string.Equals(signer.Person, s.Person, StringComparison.Ordinal) ? "nobody answers their own objection"
        : string.IsNullOrWhiteSpace(s.Reason) ? "an answer says why"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<AnswerObjection>(Signed)!;
        authority.ObjectionTable[s.Objection] = authority.Objections[s.Objection] with { Answer = at.Index, Upheld = s.Upheld };
        if (authority.Consents.GetValueOrDefault((s.Person, s.Program)) is { Standing: Standing.Objected })
        {
            authority.Say(s.Person, s.Program, new ConsentRecord(string.Empty, at.Index, s.Upheld ? Standing.Upheld : Standing.Rejected));
        }
    }
}

/// <summary>An objection.</summary>
/// <param name="Person">Whose.</param>
/// <param name="Program">To which program.</param>
/// <param name="Grounds">Why.</param>
/// <param name="Due">Last day for the answer.</param>
/// <param name="Answer">Log index of the answer, or null.</param>
public sealed record ObjectionRecord(string Person, string Program, string Grounds, DateOnly Due, ulong? Answer)
{
    /// <summary>Whether the person was right; of no meaning before the answer.</summary>
    public bool Upheld { get; init; }

    /// <summary>Whether the person took it back before it was answered: then nothing is left to answer, and they may object again.</summary>
    public bool TakenBack { get; init; }
}
