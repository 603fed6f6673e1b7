using System.Globalization;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Exposure;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Hosting;

namespace Daylight.Server.Features.Exposure;

/// <summary>
/// What approvers read before they sign, and whether an approval carries it: the exposure diff of a charter, a role or a held directory, marked by this server so
/// that it knows its own answer again. Who would gain by a change does not approve it.
/// </summary>
internal sealed class ApprovalReads(Worlds worlds, ProgramCatalog programs, DirectoryStore directory, TransparencyLog log, ServerKeys keys, TimeProvider time)
{
    /// <summary>How long what was read serves for an approval.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>Marks a diff for a change.</summary>
    /// <param name="change">What names the change.</param>
    /// <param name="diff">Its diff.</param>
    /// <param name="shown">For a charter: the hash of everything that was shown with it.</param>
    public ExposureRead Mark(string change, ExposureDiff diff, string? shown = null)
    {
        var read = new ExposureRead(time.GetUtcNow(), directory.Current.Count, diff.Appear, diff.Disappear, string.Empty, shown);
        return read with { Seal = SealOf(change, read) };
    }

    /// <summary>The diff of a charter that takes the place of the one in force.</summary>
    public ExposureDiff OfCharter(Charter charter, string hash, IEnumerable<string>? approvers = null)
    {
        var before = worlds.IfAllAgree;
        var facts = new ProgramFacts(hash, charter, false, [.. approvers ?? []]).IfAllAgree();
        return new ExposureDiff(before, before.With(otherPrograms: [.. before.Programs.Where(p => p.Charter.Program != charter.Program), facts]));
    }

    /// <summary>The diff of a role that is granted, or taken away.</summary>
    public ExposureDiff OfRole(RoleFacts role, bool granted)
    {
        var before = worlds.IfAllAgree;
        return new ExposureDiff(before, before.With(roles: granted ? before.HeldRoles.Append(role) : before.HeldRoles.Where(r => r.Person != role.Person || r.Role != role.Role)));
    }

    /// <summary>What names a grant.</summary>
    public static string NameOf(string person, string role, string? scope, DateOnly until) => string.Create(CultureInfo.InvariantCulture, $"grant\n{person}\n{role}\n{scope}\n{until:yyyy-MM-dd}");

    /// <summary>What names the approval of a charter.</summary>
    public static string NameOf(string charter) => "charter\n" + charter;

    /// <summary>What names the approval of a held directory.</summary>
    public static string NameOf(HeldChange held) => "directory\n" + held.Digest;

    /// <summary>Why an event must not be recorded, by what its approver read or would gain; null when nothing speaks against it.</summary>
    public string? Complaint(LogEvent happened) => happened switch
    {
        CharterApproved { Signed: var signed } when Statement.TryRead(signed.Bytes) is ApproveCharter s => ComplaintOfCharter(signed, s),
        CharterActivated { Signed: var signed } when Statement.TryRead(signed.Bytes) is ActivateCharter s => ComplaintOfActivation(s),
        RoleGranted { Signed: var signed } when Statement.TryRead(signed.Bytes) is GrantRole s => s.Scope is { } scope && (!PeopleGroup.TryParse(scope, out var group) || group.Kind == GroupKind.Role)
            ? "a scope is team:NAME, site:NAME, country:XX or employment:NAME"
            : ComplaintOfRead(NameOf(s.Person, s.Role, s.Scope, s.Until), s.Exposure),
        DirectoryApproved { Signed: var signed } when Statement.TryRead(signed.Bytes) is ApproveDirectory s => ComplaintOfDirectory(signed, s),
        _ => null,
    };

    private string? ComplaintOfCharter(SignedStatement signed, ApproveCharter statement)
    {
        if (ComplaintOfRead(NameOf(statement.Charter), statement.Exposure) is { } why)
        {
            return why;
        }

        if (statement.Exposure!.Shown is null)
        {
            return "an approval of a charter names everything that was shown with it";
        }

        return ParsedOf(statement.Charter) is { } charter && SignerOf(signed) is { } signer && Gains(OfCharter(charter, statement.Charter), signer)
            ? "who could look at others by a charter does not approve it"
            : null;
    }

    private string? ComplaintOfActivation(ActivateCharter statement)
    {
        var record = log.Read(a => a.Charters.GetValueOrDefault(statement.Charter));
        if (record is null || ParsedOf(statement.Charter) is not { } charter)
        {
            return null; // the fold's own rules say what is wrong
        }

        var now = OfCharter(charter, statement.Charter, record.Approvals.Values).Appear;
        return now > record.Appear + Math.Max(50, record.Appear / 20)
            ? $"by now {now} sights would appear, where the approvers read {record.Appear}: it is approved anew"
            : null;
    }

    private string? ComplaintOfDirectory(SignedStatement signed, ApproveDirectory statement)
    {
        if (directory.Held is not { } held)
        {
            return "no change of the directory waits";
        }

        if (ComplaintOfRead(NameOf(held), statement.Exposure) is { } why)
        {
            return why;
        }

        var (read, diff) = (statement.Exposure.Appear, directory.Waiting().Diff);
        return diff.Appear > read + Math.Max(50, read / 20) ? $"by now {diff.Appear} sights would appear, where {read} were read: read it again"
            : SignerOf(signed) is { } signer && Gains(diff, signer) ? "who could look at others by a change does not approve it" : null;
    }

    /// <summary>The held change that an approval is of, by its digest; null when another waits by now.</summary>
    public string? ApprovedBy(DirectoryApproved approval) =>
        directory.Held is { } held && Statement.TryRead(approval.Signed.Bytes) is ApproveDirectory s && ComplaintOfRead(NameOf(held), s.Exposure) is null ? held.Digest : null;

    private string? ComplaintOfRead(string change, ExposureRead? read) =>
        read is null ? "an approval carries the exposure that was read: POST /api/v1/exposure/diff makes it"
        : read.Seal != SealOf(change, read) ? "that is not what this server said of this change"
        : time.GetUtcNow() - read.Time > Life ? "what was read is older than a week: read it again"
        : null;

    private static bool Gains(ExposureDiff diff, string person) => diff.Appearing.Any(s => s.Viewer == person);

    private string? SignerOf(SignedStatement signed) => log.Read(a => a.Signer(signed)?.Person);

    private Charter? ParsedOf(string hash) => programs.Proposed(hash);

    private string SealOf(string change, ExposureRead read) =>
        keys.Reference("exposure", string.Create(CultureInfo.InvariantCulture, $"{change}\n{read.Time:O}\n{read.People}\n{read.Appear}\n{read.Disappear}\n{read.Shown}"));
}
