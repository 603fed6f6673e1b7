using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ProgramPaused), "program-paused")]
[JsonDerivedType(typeof(ProgramResumed), "program-resumed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(PauseProgram), "pause-program")]
[JsonDerivedType(typeof(ResumeProgram), "resume-program")]
public abstract partial record Statement;

/// <summary>Somebody stops a program, or all of them.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Program">The program, or <see cref="Everything"/>.</param>
/// <param name="Reason">Why.</param>
public sealed record PauseProgram(string Root, DateTimeOffset Time, string Program, string Reason) : Statement(Root, Time)
{
    /// <summary>Every program that is in force.</summary>
    public const string Everything = "*";
}

/// <summary>A paused program may go on, after its review was signed off.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="Program">The program.</param>
/// <param name="Pause">Log index of the pause that this ends, so that an old signature cannot end a new pause.</param>
/// <param name="Review">Log index of the opening of the review that it rests on.</param>
/// <param name="Role">The role it is given in: the owner's, or an approver's.</param>
public sealed record ResumeProgram(string Root, DateTimeOffset Time, string Program, ulong Pause, ulong Review, string Role) : Statement(Root, Time);

/// <summary>A program stops, or all that are in force do. Stopping needs no signature.</summary>
public sealed record ProgramPaused(string Program, string Reason, DateTimeOffset Time, SignedStatement? Signed = null) : PublicEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    internal override string? Complaint(Authority soFar, Recording at) =>
        !soFar.Named(Program).Any() ? "there is no such program in force"
        : soFar.IsPaused(Program) ? "it is paused already"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        foreach (var program in authority.Named(Program).Where(p => !authority.IsPaused(p)).ToList())
        {
            authority.ProgramTable[program] = authority.Program(program) with { PausedBy = at.Index };
        }
    }
}

/// <summary>A program goes on: its review has a report with a negative test for every fix, and privacy officer and works council signed it off.</summary>
public sealed record ProgramResumed(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<ResumeProgram>(Signed) is not { } s || soFar.Program(s.Program).PausedBy is not { } pause || pause != s.Pause ? "not about a pause that is on"
        : soFar.Reviews.GetValueOrDefault(s.Review) is not { Closed: null } review || review.Pause != pause || !string.Equals(review.Program, s.Program, StringComparison.Ordinal)
            ? "a paused program goes on through a review of this very pause: open one first"
        : DateOnly.FromDateTime(s.Time.UtcDateTime) != at.Day ? "a program goes on from the moment of the signature, and this one is of another day"
        : review.Report is null ? "the review has no report yet"
        : Authority.ApprovingRoles.FirstOrDefault(r => !review.SignedOff.ContainsKey(r)) is { } missing ? $"the review is not signed off by a {missing}"
        : soFar.Signer(Signed) is not { } signer || !(string.Equals(s.Role, Authority.OwnerRole, StringComparison.Ordinal) || Authority.ApprovingRoles.Contains(s.Role)) || !soFar.Holds(signer, s.Role, s.Time, at.Day)
            ? $"a program goes on at the word of its {Authority.OwnerRole} or of an approver"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var s = authority.Said<ResumeProgram>(Signed)!;
        authority.ProgramTable[s.Program] = authority.Program(s.Program) with { PausedBy = null, Resumed = s.Time, Review = s.Review };
        authority.ReviewTable[s.Review] = authority.Reviews[s.Review] with { Closed = at.Index };
    }
}
