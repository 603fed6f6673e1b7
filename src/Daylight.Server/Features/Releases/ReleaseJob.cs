using System.Text.Json;
using Dapper;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Releases;

/// <summary>
/// Runs the releases of closed periods: log who will be counted in which group, have the keyholder count them, store the cells. A run that was cut off goes on
/// with the entry that it had; the keyholder answers a period once and the same ever after.
/// </summary>
internal sealed class ReleaseJob(
    TransparencyLog log, KeyholderClient keyholder, WitnessRound witnesses, ProgramCatalog programs, DirectoryStore directory, ChunkStore chunks, ReleaseStore store, Callers callers, TimeProvider time)
{
    /// <summary>People in one message to the keyholder, which answers looks between two of them.</summary>
    private const int PeopleInPart = 1000;

    /// <summary>Runs everything that is due; returns how many periods were released.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var (released, failures) = (0, new List<string>());
        foreach (var program in programs.InForce().Where(p => !p.Paused && p.Charter.GroupRules.Any()))
        {
            foreach (var weeks in ReleasePlan.Of(program.Charter).Lengths)
            {
                try
                {
                    foreach (var period in Due(program, weeks))
                    {
                        released += await ReleaseAsync(program, period, cancel) ? 1 : 0;
                    }
                }
                catch (KeyholderException e)
                {
                    // Periods of a program are released in their order; another program does not wait for this one.
                    failures.Add($"{program.Program}: {e.Message}");
                }
            }
        }

        return failures.Count == 0 ? released : throw new KeyholderException("release", string.Join("; ", failures));
    }

    private List<ReleasePeriod> Due(ProgramInForce program, int weeks)
    {
        var (done, other) = (store.Done(program.Program), store.ReleasedUntil(program.Program, [.. ReleasePlan.Of(program.Charter).Measures.Where(m => m.Weeks == weeks).Select(m => m.Measure.Name)], weeks));
        var (periods, now) = (new List<ReleasePeriod>(), time.GetUtcNow());
        // A period that the charter covers only in part is not comparable with any other, and is not released; nor is one of which a part was, at another length.
        var first = ReleasePeriod.Of(program.Charter.From, weeks);
        for (var period = first.First < program.Charter.From ? first.Next : first; period.ClosedAt <= now && period.Last <= program.Charter.Until; period = period.Next)
        {
            if (!done.Contains(period.ToString()) && (other is null || period.First > other))
            {
                periods.Add(period);
            }
        }

        return periods;
    }

    /// <summary>Releases a period; false when the keyholder says that it never will be.</summary>
    private async Task<bool> ReleaseAsync(ProgramInForce program, ReleasePeriod period, CancellationToken cancel)
    {
        var expires = period.Last.AddDays(program.Charter.Keep.Releases);
        var (run, counted) = store.Started(program.Program, period) ?? await StartAsync(program, period, expires);
        if (log.Prove(run) is not { } proof)
        {
            throw new InvalidOperationException("The run's entry is not in the published log.");
        }

        KeyholderResponse.Counted answer;
        try
        {
            var people = counted.People.Select(p => JsonSerializer.Deserialize(p.Json, ProtocolJson.Default.CountedPerson)!.Person);
            answer = await keyholder.CountAsync(
                new KeyholderRequest.Count(run, proof.Checkpoint, [.. proof.Proof.Select(h => h.ToString())], counted.Groups, counted.People, await witnesses.ForAsync(covering: null, cancel)),
                people.Chunk(PeopleInPart).Select(part => chunks.Contributions(part, program.Program, [.. period.AllWeeks])),
                cancel);
        }
        catch (KeyholderException e) when (e.Code is "released-before" or "rolled-back" or "order")
        {
            await store.GiveUpAsync(program.Program, period); // there is no second answer to the same question, not even a first one that is lost
            return false;
        }

        var leaves = answer.Cells.Select(c => Merkle.Leaf(JsonSerializer.SerializeToUtf8Bytes(c, ProtocolJson.Default.ReleaseCell))).ToArray();
        var published = new ReleasePublished(run, Merkle.Root(leaves).ToString(), answer.Cells.Count(c => c.Value is not null), answer.Cells.Count(c => c.Value is null));
        await log.AppendAsync(published, (c, t, _) => ReleaseStore.Publish(c, t, program.Program, period, answer, expires));
        return true;
    }

    private async Task<(ulong Run, CountedPeople Counted)> StartAsync(ProgramInForce program, ReleasePeriod period, DateOnly expires)
    {
        var org = directory.Current;
        var census = Census.Of(org, period, p => org.IsCovered(program.Charter.Covers, org.At(p), callers.RolesOf(org.IdOf(p))));
        var counted = CountedPeople.Of(census);
        var entry = await log.AppendAsync(
            new ReleaseRun(program.Program, program.Hash, period.ToString(), counted.Groups.Count, ReleaseProof.Root(counted.Groups), counted.People.Count, ReleaseProof.Root(counted.People)),
            (c, t, index) => store.Start(c, t, program.Program, period, index, counted, expires));
        return (entry.Index, counted);
    }
}
