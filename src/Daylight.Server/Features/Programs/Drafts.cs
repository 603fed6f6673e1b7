using System.Text.Json;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Core.Charters.Differences;
using Daylight.Core.Charters.Words;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Transparency;

namespace Daylight.Server.Features.Programs;

/// <summary>
/// What approvers see of a charter before they sign: what the check finds, what employees will read, what changes, what it would publish and how far off, and what the
/// last period shows. Its hash goes into what they sign, so that nobody can say later that they were shown something else.
/// </summary>
internal sealed class Drafts(ProgramCatalog programs, DirectoryStore directory, Callers callers, UseCounts uses, GrantUses grants, TransparencyLog log)
{
    /// <summary>The draft without its exposure; null when no such charter was proposed.</summary>
    public DraftView? Of(string hash)
    {
        if (log.Read(a => a.Charters.GetValueOrDefault(hash)) is not { } record || programs.Proposed(hash) is not { } charter)
        {
            return null;
        }

        var report = CharterCheck.Of(CharterReader.Read(record.Text, charter.Program), charter.Program)!;
        var before = programs.Find(charter.Program) is { } inForce && inForce.Hash != hash ? inForce : null;
        var facts = before is null ? null : uses.Of(before.Charter, log.Read(a => a.Charters[before.Hash].ActivatedOn!.Value), grants.All());
        var missing = Authority.ApprovingRoles.Where(r => !record.Approvals.ContainsKey(r)).ToList();
        return new DraftView(
            charter.Program,
            hash,
            charter.Version,
            record.Activated is not null ? "active" : record.Refused ? "refused" : missing.Count == 0 ? "approved" : "proposed",
            record.Text,
            EmployeeText.Write(report, Language.English),
            [.. report.Findings.Select(f => f.ToString())],
            before is null ? [] : [.. CharterDiff.Between(before.Charter, charter).Select(c => (c.Widens ? "+ " : "- ") + c.Says)],
            [.. Forecast.Of(charter, directory.Current, callers.RolesOf).Select(ForecastWords.Say)],
            facts,
            [.. record.Approvals.Keys.Order(StringComparer.Ordinal)],
            missing,
            0,
            0,
            0,
            [],
            string.Empty);
    }

    /// <summary>SHA-256 of everything that is shown with a charter, but its exposure and who approved meanwhile; null when no such charter was proposed.</summary>
    public string? ShownOf(string hash) => Of(hash) is { } draft
        ? Hash.Of(JsonSerializer.SerializeToUtf8Bytes(draft with { State = string.Empty, Approved = [], Missing = [] }, ProtocolJson.Default.DraftView)).ToHex()
        : null;
}
