using Daylight.Sealing;

namespace Daylight.Server.Features.Programs;

/// <summary>Says beforehand why an event would not stand, so that mistakes do not fill the log.</summary>
internal static class Rehearsal
{
    public static string? Complaint(Authority authority, LogEvent happened) => happened switch
    {
        CharterProposed e => Known(authority, e.Signed) ?? (Statement.TryRead(e.Signed.Bytes) is ProposeCharter s
            ? authority.Charters.ContainsKey(s.Charter) ? "this charter was proposed before" : Holds(authority, e.Signed, Authority.OwnerRole)
            : "not a signed proposal"),
        CharterApproved e => Known(authority, e.Signed) ?? Approval(authority, e.Signed),
        CharterRefused e => Known(authority, e.Signed) ?? Approval(authority, e.Signed),
        CharterActivated e => Known(authority, e.Signed) ?? Activation(authority, e.Signed),
        ProgramPaused e => authority.Program(e.Program).Active is null ? "there is no such program in force" : authority.Program(e.Program).PausedBy is not null ? "it is paused already" : null,
        ProgramResumed e => authority.Program(e.Program).PausedBy is null ? "it is not paused" : null,
        _ => null,
    };

    private static string? Known(Authority authority, SignedStatement signed) => Statement.TryRead(signed.Bytes) is not { } statement
        ? "the statement is not canonical"
        : statement.Root != authority.RootHash ? "the statement is of another trust root"
        : authority.Signer(signed) is null ? "no known credential signed it" : null;

    private static string? Approval(Authority authority, SignedStatement signed)
    {
        var (hash, role) = Statement.TryRead(signed.Bytes) switch
        {
            ApproveCharter a => (a.Charter, a.Role),
            RefuseCharter r => (r.Charter, r.Role),
            _ => (string.Empty, string.Empty),
        };
        if (!authority.Charters.TryGetValue(hash, out var charter))
        {
            return "no charter of that hash was proposed";
        }

        var person = authority.Signer(signed)!.Person;
        return charter.Activated is not null ? "it is in force already"
            : charter.Approvals.ContainsKey(role) ? $"{role} has approved it already"
            : person == charter.Owner ? "who proposes does not approve"
            : charter.Approvals.Values.Contains(person) ? "one person does not approve in two roles"
            : Holds(authority, signed, role);
    }

    private static string? Activation(Authority authority, SignedStatement signed)
    {
        if (Statement.TryRead(signed.Bytes) is not ActivateCharter s || !authority.Charters.TryGetValue(s.Charter, out var charter))
        {
            return "no charter of that hash was proposed";
        }

        var missing = Authority.ApprovingRoles.Where(r => !charter.Approvals.ContainsKey(r)).ToList();
        return charter.Activated is not null ? "it is in force already"
            : charter.Refused ? "an approver refused it"
            : missing.Count > 0 ? "it lacks the approval of " + string.Join(" and ", missing)
            : Holds(authority, signed, Authority.OwnerRole);
    }

    private static string? Holds(Authority authority, SignedStatement signed, string role)
    {
        var signer = authority.Signer(signed)!;
        var day = DateOnly.FromDateTime(Statement.TryRead(signed.Bytes)!.Time.UtcDateTime);
        return signer.Use != "person" ? "a device's key carries no authority" : authority.RolesOf(signer.Person, day).Contains(role) ? null : $"the signer does not hold the role {role}";
    }
}
