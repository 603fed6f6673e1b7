using System.Text;
using System.Text.Json;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Releases;

/// <summary>
/// Runs the releases of closed weeks: log the groups, have the keyholder count them, store the cells. A run that was cut off goes on with
/// the entry that it had; the keyholder answers a period once and the same ever after.
/// </summary>
internal sealed class ReleaseJob(
    TransparencyLog log, KeyholderClient keyholder, WitnessRound witnesses, ProgramCatalog programs, DirectoryStore directory, ChunkStore chunks, IDatabase database, ServerKeys keys, Callers callers, TimeProvider time)
{
    /// <summary>Runs everything that is due; returns how many weeks were released.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var (released, failures) = (0, new List<string>());
        foreach (var program in programs.InForce().Where(p => !p.Paused && p.Charter.GroupRules.Any()))
        {
            foreach (var week in Due(program))
            {
                try
                {
                    await ReleaseAsync(program, week, cancel);
                    released++;
                }
                catch (KeyholderException e)
                {
                    // The next week's release does not wait for this one; the job says that something failed.
                    failures.Add($"{program.Program} {week}: {e.Message}");
                }
            }
        }

        return failures.Count == 0 ? released : throw new KeyholderException("release", string.Join("; ", failures));
    }

    private List<ReleaseWeek> Due(ProgramInForce program)
    {
        using var connection = database.Open();
        var done = connection.Query<string>("SELECT period FROM release_runs WHERE program = @Program AND done = 1", new { program.Program }).ToHashSet(StringComparer.Ordinal);
        var (weeks, now) = (new List<ReleaseWeek>(), time.GetUtcNow());
        // A week that the charter covers only in part is not comparable with any other, and is not released.
        var first = ReleaseWeek.Of(program.Charter.From);
        for (var week = first.First < program.Charter.From ? first.Next : first; week.ClosedAt <= now && week.Last <= program.Charter.Until; week = week.Next)
        {
            if (!done.Contains(week.ToString()))
            {
                weeks.Add(week);
            }
        }

        return weeks;
    }

    private async Task ReleaseAsync(ProgramInForce program, ReleaseWeek week, CancellationToken cancel)
    {
        var period = week.ToString();
        var (run, groups) = await StartAsync(program, week);
        if (log.Prove(run) is not { } proof)
        {
            throw new InvalidOperationException("The run's entry is not in the published log.");
        }

        var members = groups.SelectMany(g => CanonicalJson.Read(Encoding.UTF8.GetBytes(g.Json), ProtocolJson.Default.CountedGroup)!.Members);
        var contributions = members.SelectMany(m => chunks.Contributions(m, program.Program, period)).ToList();
        var counted = await keyholder.CountAsync(
            new KeyholderRequest.Count(run, proof.Checkpoint, [.. proof.Proof.Select(h => h.ToString())], groups, contributions, await witnesses.ForAsync(covering: null, cancel)), cancel);
        var leaves = counted.Cells.Select(c => Merkle.Leaf(JsonSerializer.SerializeToUtf8Bytes<IReadOnlyList<ReleaseCell>>([c], ProtocolJson.Default.IReadOnlyListReleaseCell))).ToArray();
        var published = new ReleasePublished(run, Merkle.Root(leaves).ToString(), counted.Cells.Count(c => c.Value is not null), counted.Cells.Count(c => c.Value is null));
        var expires = Sql.Day(week.Last.AddDays(program.Charter.Keep.Releases));
        await log.AppendAsync(published, (c, t, _) =>
        {
            foreach (var cell in counted.Cells)
            {
                c.Execute(
                    """
                    INSERT INTO release_cells (program, measure, grp, period, value, people, reason, expires_on)
                    VALUES (@Program, @Measure, @Group, @Period, @Value, @People, @Reason, @expires) ON CONFLICT DO NOTHING
                    """,
                    new { program.Program, cell.Measure, cell.Group, cell.Period, cell.Value, cell.People, cell.Reason, expires },
                    t);
            }

            c.Execute("UPDATE release_runs SET done = 1 WHERE program = @Program AND period = @period", new { program.Program, period }, t);
        });
    }

    private async Task<(ulong Run, IReadOnlyList<Opening> Groups)> StartAsync(ProgramInForce program, ReleaseWeek week)
    {
        var period = week.ToString();
        using (var connection = database.Open())
        {
            var row = connection.QuerySingleOrDefault<(long Run, byte[]? Members)>(
                "SELECT run, members FROM release_runs WHERE program = @Program AND period = @period", new { program.Program, period });
            if (row.Members is not null)
            {
                return ((ulong)row.Run, JsonSerializer.Deserialize(keys.Box.Open(row.Members, $"run {program.Program} {period}"), GroupsJson.Default.ListOpening)!);
            }
        }

        var org = directory.Current;
        var groups = org.AllTeams.OrderBy(t => t.Id, StringComparer.Ordinal)
            .Select(t => new CountedGroup(t.Id, [.. org.Roster(t.Id, week.First, week.Last).Where(p => org.IsCovered(program.Charter.Covers, p, callers.RolesOf(p.Id))).Select(p => p.Id)]))
            .Where(g => g.Members.Count > 0)
            .Select(g => Opening.Of(CanonicalJson.Write(g, ProtocolJson.Default.CountedGroup)))
            .ToList();
        var root = Merkle.Root([.. groups.Select(g => Merkle.Leaf(Encoding.UTF8.GetBytes(g.Commitment())))]).ToString();
        var box = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(groups, GroupsJson.Default.ListOpening), $"run {program.Program} {period}");
        var entry = await log.AppendAsync(new ReleaseRun(program.Program, program.Hash, period, groups.Count, root), (c, t, index) => c.Execute(
            "INSERT INTO release_runs (program, period, run, members, done) VALUES (@Program, @period, @run, @box, 0)",
            new { program.Program, period, run = (long)index, box },
            t));
        return (entry.Index, groups);
    }
}

/// <summary>Serialization of a run's groups.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(List<Opening>))]
internal sealed partial class GroupsJson : System.Text.Json.Serialization.JsonSerializerContext;
