using System.Text.Json;
using Daylight.Core.Charters;
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
        foreach (var program in programs.InForce().Where(p => !p.Paused))
        {
            foreach (var weeks in (int[])[1, 4])
            {
                try
                {
                    foreach (var (period, charter) in Due(program.Program, weeks))
                    {
                        released += await ReleaseAsync(program.Program, charter.Hash, charter.Charter, period, cancel) ? 1 : 0;
                    }
                }
                catch (Exception e) when (!cancel.IsCancellationRequested)
                {
                    // Periods of a program are released in their order; another program does not wait for this one.
                    failures.Add($"{program.Program}: {e.Message}");
                }
            }
        }

        return failures.Count == 0 ? released : throw new KeyholderException("release", string.Join("; ", failures));
    }

    /// <summary>
    /// Periods that are closed and not released, in order, each with the last charter that covered all of it: one that is covered only in part is not
    /// comparable with any other. Left out are periods of which a part was released at another length, and those of which contributions may have gone.
    /// </summary>
    private List<(ReleasePeriod Period, (string Hash, Charter Charter) Charter)> Due(string program, int weeks)
    {
        var (due, charters, done, now) = (new List<(ReleasePeriod, (string, Charter))>(), programs.AllInForce(program), store.Done(program), time.GetUtcNow());
        var other = store.ReleasedUntil(program, [.. charters.SelectMany(c => ReleasePlan.Of(c.Charter).Measures).Where(m => m.Weeks == weeks).Select(m => m.Measure.Name).Distinct()], weeks);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        for (var period = ReleasePeriod.Of(charters.Select(c => c.Charter.From).DefaultIfEmpty(DateOnly.MaxValue.AddDays(-60)).Min(), weeks); period.ClosedAt <= now; period = period.Next)
        {
            var under = charters.FirstOrDefault(c => c.Charter.From <= period.First && period.Last <= c.Charter.Until && !(programs.EndedOn(c.Hash) <= period.Last));
            if (under.Charter is { } charter && !done.Contains(period.ToString()) && (other is null || period.First > other)
                && ReleasePlan.Of(charter).Measures.Any(m => m.Weeks == weeks) && period.Start.Last.AddDays(charter.Keep.Contributions) >= today)
            {
                due.Add((period, (under.Hash, charter)));
            }
        }

        return due;
    }

    /// <summary>Releases a period; false when the keyholder says that it never will be.</summary>
    private async Task<bool> ReleaseAsync(string program, string hash, Charter charter, ReleasePeriod period, CancellationToken cancel)
    {
        var expires = period.Last.AddDays(charter.Keep.Releases);
        var (run, counted) = store.Started(program, period) ?? await StartAsync(program, hash, charter, period, expires);
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
                people.Chunk(PeopleInPart).Select(part => chunks.Contributions(part, program, [.. period.AllWeeks])),
                cancel);
        }
        catch (KeyholderException e) when (e.Code is "released-before" or "rolled-back" or "order" or "charter")
        {
            await store.GiveUpAsync(program, period); // there is no second answer to the same question, not even a first one that is lost
            return false;
        }

        var leaves = answer.Cells.Select(c => Merkle.Leaf(JsonSerializer.SerializeToUtf8Bytes(c, ProtocolJson.Default.ReleaseCell))).ToArray();
        var published = new ReleasePublished(run, Merkle.Root(leaves).ToString(), answer.Cells.Count(c => c.Value is not null), answer.Cells.Count(c => c.Value is null));
        await log.AppendAsync(published, (c, t, _) => ReleaseStore.Publish(c, t, program, period, answer, expires));
        return true;
    }

    private async Task<(ulong Run, CountedPeople Counted)> StartAsync(string program, string hash, Charter charter, ReleasePeriod period, DateOnly expires)
    {
        var org = directory.Current;
        var census = Census.Of(org, period, p => org.IsCovered(charter.Covers, org.At(p), callers.RolesOf(org.IdOf(p))));
        var counted = CountedPeople.Of(census);
        var entry = await log.AppendAsync(
            new ReleaseRun(program, hash, period.ToString(), counted.Groups.Count, ReleaseProof.Root(counted.Groups), counted.People.Count, ReleaseProof.Root(counted.People)),
            (c, t, index) => store.Start(c, t, program, period, index, counted, expires));
        return (entry.Index, counted);
    }
}
