using System.Text.Json;
using Dapper;
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
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Programs;

/// <summary>
/// What approvers see of a charter before they sign: what the check finds, what employees will read, what changes, what it would publish and how far off, and what the
/// last period shows. Its hash goes into what they sign, so that nobody can say later that they were shown something else.
/// </summary>
internal sealed class Drafts(ProgramCatalog programs, DirectoryStore directory, Callers callers, UseCounts uses, GrantUses grants, TransparencyLog log, IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
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
            [.. record.Decisions.Select(d => new DecisionView(d.Entry, d.Role, d.Shown, d.Reason))],
            0,
            0,
            0,
            [],
            string.Empty);
    }

    /// <summary>
    /// Keeps everything that is shown with a charter, but its exposure (which the approval carries) and who decided meanwhile, and returns its SHA-256 for who approves to sign. Kept, so
    /// that anybody who asks later what was approved reads it, and can compute that hash.
    /// </summary>
    public async Task<string> KeepAsync(DraftView draft)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(draft with { State = string.Empty, Approved = [], Missing = [], Decisions = [] }, ProtocolJson.Default.DraftView);
        var (shown, made) = (Hash.Of(bytes).ToHex(), Sql.Day(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)));
        await writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO drafts (shown, made, sealed) VALUES (@shown, @made, @box) ON CONFLICT (shown) DO UPDATE SET made = excluded.made", new { shown, made, box = keys.Box.Seal(bytes, "draft " + shown) }, t));
        return shown;
    }

    /// <summary>What was shown, byte for byte, as its hash names it; null when it is not kept.</summary>
    public byte[]? Find(string shown)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM drafts WHERE shown = @shown", new { shown }) is { } box ? keys.Box.Open(box, "draft " + shown) : null;
    }

    /// <summary>Forgets what was read too long ago to be signed, and never was.</summary>
    public Task ForgetAsync()
    {
        var (signed, before) = (log.Read(a => a.Charters.Values.SelectMany(c => c.Decisions).Select(d => d.Shown).ToHashSet()), Sql.Day(DateOnly.FromDateTime((time.GetUtcNow() - ApprovalReads.Life).UtcDateTime)));
        return writer.WriteAsync((c, t) =>
        {
            foreach (var shown in c.Query<string>("SELECT shown FROM drafts WHERE made < @before", new { before }, t).Where(s => !signed.Contains(s)).ToList())
            {
                c.Execute("DELETE FROM drafts WHERE shown = @shown AND made < @before", new { shown, before }, t); // another node may just have shown it again
            }
        });
    }
}
