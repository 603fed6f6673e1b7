using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(ProgramPaused), "program-paused")]
[JsonDerivedType(typeof(ProgramResumed), "program-resumed")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(PauseProgram), "pause-program")]
[JsonDerivedType(typeof(ResumeProgram), "resume-program")]
public abstract partial record Statement;

/// <summary>Somebody stops a program.</summary>
public sealed record PauseProgram(string Root, DateTimeOffset Time, string Program, string Reason) : Statement(Root, Time);

/// <summary>An approver agrees that a paused program may go on; it takes the privacy officer and the works council.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="Program">The program.</param>
/// <param name="Pause">Log index of the pause that this ends, so that an old signature cannot end a new pause.</param>
/// <param name="Role">The role it is given in.</param>
public sealed record ResumeProgram(string Root, DateTimeOffset Time, string Program, ulong Pause, string Role) : Statement(Root, Time);

/// <summary>A program stops. Stopping needs no signature.</summary>
public sealed record ProgramPaused(string Program, string Reason, DateTimeOffset Time, SignedStatement? Signed = null) : PublicEvent
{
    /// <inheritdoc/>
    public override bool Stops => true;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Program(Program).Active is null ? "there is no such program in force"
        : soFar.Program(Program).PausedBy is not null ? "it is paused already"
        : null;

    internal override void Apply(Authority authority, Recording at) => authority.ProgramTable[Program] = authority.Program(Program) with { PausedBy = at.Index };
}

/// <summary>A program goes on, on the signatures of privacy officer and works council.</summary>
public sealed record ProgramResumed(string Program, IReadOnlyList<SignedStatement> Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Program(Program).PausedBy is not { } pause)
        {
            return "the program is not paused";
        }

        var people = new Dictionary<string, string>();
        foreach (var signed in Signed)
        {
            if (soFar.Said<ResumeProgram>(signed) is { } s && s.Pause == pause && string.Equals(s.Program, Program, StringComparison.Ordinal)
                && soFar.Signer(signed) is { } signer && soFar.Holds(signer, s.Role, s.Time, at.Day) && !people.ContainsValue(signer.Person))
            {
                people[s.Role] = signer.Person;
            }
        }

        return Authority.ApprovingRoles.Any(r => !people.ContainsKey(r)) ? "a resume takes the signatures of privacy officer and works council, two people" : null;
    }

    internal override void Apply(Authority authority, Recording at) => authority.ProgramTable[Program] =
        authority.Program(Program) with { PausedBy = null, Resumed = Signed.Select(s => authority.Said<ResumeProgram>(s)?.Time).Max() };
}
