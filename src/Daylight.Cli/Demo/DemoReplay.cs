using System.Collections.Concurrent;
using System.Collections.Immutable;
using Daylight.Agent.Sending;
using Daylight.Agent.Timesheets;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Cli.Demo;

/// <summary>Replays days through the real path: minimise, seal, upload, release runs, purges, looks. Only the people are made up.</summary>
internal sealed class DemoReplay
{
    private readonly DemoState state;
    private readonly DaylightServer server;
    private readonly HttpClient http;
    private readonly DemoClock clock;
    private readonly TrustRoot root;
    private readonly LocalTime local = new(TimeZoneInfo.FindSystemTimeZoneById(SampleCompany.Zone));
    private readonly SampleDays days;
    private readonly ConcurrentDictionary<string, (CredentialKey Key, IReadOnlyList<VerifiedProgram> Programs)> machines = new(StringComparer.Ordinal);

    public DemoReplay(DemoState state, DaylightServer server, HttpClient http, DemoClock clock)
    {
        (this.state, this.server, this.http, this.clock) = (state, server, http, clock);
        root = TrustRoot.TryRead(Convert.FromBase64String(state.Root))!;
        days = new SampleDays(local);
    }

    /// <summary>Replays one local day.</summary>
    public async Task DayAsync(DateOnly day, CancellationToken cancel)
    {
        clock.Set(local.At(day, 23 * 60 + 30));
        foreach (var people in state.People.Chunk(10))
        {
            await Task.WhenAll(people.Select(p => WorkAsync(p, day, cancel)));
        }

        await LooksAsync(day, cancel);
        var jobs = local.At(day.AddDays(1), 13 * 60);
        clock.Set(jobs < TimeProvider.System.GetUtcNow() ? jobs : TimeProvider.System.GetUtcNow());
        await server.RunJobsAsync(cancel);
    }

    private async Task WorkAsync(SamplePerson person, DateOnly day, CancellationToken cancel)
    {
        var (key, programs) = await MachineAsync(person, cancel);
        if (person.Person == state.Personas["employee"].Person && await ReportedAsync(day, cancel))
        {
            return; // a real watcher told this day: nothing is made up about it
        }

        var chunks = new List<UploadedChunk>();
        foreach (var program in programs.Where(p => p.Charter.IsInForce(day)))
        {
            var minimizer = new Minimizer(program.Charter, local, new PseudonymKey(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(person.Device)), program.Epoch));
            chunks.AddRange(Records(program, minimizer, person, key, day));
            if (day.DayOfWeek == DayOfWeek.Friday)
            {
                chunks.AddRange(Sheets(program, minimizer, person, key, day));
            }

            // As an agent does: the contribution of a week goes up two days after it ended.
            if (day.DayOfWeek == DayOfWeek.Tuesday && ReleaseWeek.Of(day.AddDays(-7)) is var week && week.Last >= program.Charter.From && !program.Charter.Measures.IsEmpty)
            {
                var values = Enumerable.Range(0, 7).Select(i => week.First.AddDays(i)).Where(program.Charter.IsInForce)
                    .ToDictionary(Sql.Day, d => minimizer.DayValues(d, [.. days.Of(person.Person, person.Team, d), .. HandedIn.Events(local, d, days.Sheet(person.Person, person.Team, d))]));
                chunks.Add(Again(ChunkSealer.Contribution(program, person.Person, key, new ContributionPayload(week.ToString(), values)), person));
            }
        }

        if (chunks.Count > 0)
        {
            (await Api(key).PostAsync("/api/v1/agent/chunks", new Upload(chunks), ProtocolJson.Default.Upload, ProtocolJson.Default.UploadResult, cancel)).OrThrow();
        }
    }

    /// <summary>As an agent does: one chunk for each stream, also when nothing happened.</summary>
    private IEnumerable<UploadedChunk> Records(VerifiedProgram program, Minimizer minimizer, SamplePerson person, CredentialKey key, DateOnly day)
    {
        var records = days.Of(person.Person, person.Team, day).SelectMany(e => minimizer.Records(e))
            .GroupBy(r => r.Stream)
            .SelectMany(s => MinimizedRecord.Merge(program.Charter.Stream(s.Key), s, r => (r.Start, r.Data), (same, data) => same[0] with
            {
                Duration = TimeSpan.FromTicks(same.Sum(r => r.Duration.Ticks)),
                Data = data.ToImmutableSortedDictionary(StringComparer.Ordinal),
            }))
            .ToLookup(r => r.Stream, r => new PayloadRecord(r.Start, (int)r.Duration.TotalSeconds, r.Data));
        return program.Charter.Collect.Where(s => s.Kind == IndividualKind.Records && program.Charter.LeavingFields(s).Any())
            .Select(s => Again(ChunkSealer.Records(program, person.Person, key, s.Stream, Sql.Day(day), [.. records[s.Stream]]), person));
    }

    /// <summary>On Fridays people hand in their week.</summary>
    private IEnumerable<UploadedChunk> Sheets(VerifiedProgram program, Minimizer minimizer, SamplePerson person, CredentialKey key, DateOnly friday)
    {
        if (program.Charter.Stream("timesheet") is null)
        {
            yield break;
        }

        for (var day = friday.AddDays(-4); day <= friday; day = day.AddDays(1))
        {
            var entries = HandedIn.Events(local, day, days.Sheet(person.Person, person.Team, day)).SelectMany(e => minimizer.Records(e)).Select(r => new PayloadRecord(r.Start, 0, r.Data)).ToList();
            if (entries.Count > 0)
            {
                yield return Again(ChunkSealer.Submission(program, person.Person, key, "timesheet", Sql.Day(day), new SubmissionPayload(clock.GetUtcNow(), person.Managers, entries)), person);
            }
        }
    }

    private async Task<bool> ReportedAsync(DateOnly day, CancellationToken cancel) =>
        (await ApiClient.WithToken(http, state.Personas["employee"].Token).GetTextAsync("/api/v1/me/last-day", cancel)).Value is { } last && Sql.Day(last) >= day;

    /// <summary>The same chunk has the same id when a day that was cut off is replayed again.</summary>
    private static UploadedChunk Again(UploadedChunk chunk, SamplePerson person) =>
        chunk with { Id = Hash.Of(System.Text.Encoding.UTF8.GetBytes($"{person.Person} {chunk.Program} {chunk.Kind} {chunk.Stream} {chunk.Day}")).ToHex()[..32] };

    /// <summary>What a verified machine knows. Verified once per start: the demo's clock may stand weeks from where a fresh statement would be.</summary>
    private async Task<(CredentialKey Key, IReadOnlyList<VerifiedProgram> Programs)> MachineAsync(SamplePerson person, CancellationToken cancel)
    {
        if (!machines.TryGetValue(person.Person, out var machine))
        {
            var key = CredentialKey.FromPem(person.Device);
            var bundle = (await Api(key).GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, cancel)).OrThrow();
            machine = (key, [.. BundleVerifier.Verify(bundle, root, person.Person, KnownLog.Nothing, clock.GetUtcNow()).Programs.Where(p => !p.Paused)]);
            machines[person.Person] = machine;
        }

        return machine;
    }

    /// <summary>People look at themselves now and then; and now and then somebody wants more than a rule allows.</summary>
    private async Task LooksAsync(DateOnly day, CancellationToken cancel)
    {
        clock.Set(local.At(day, 23 * 60 + 45));
        var subject = state.Personas["employee"].Person;
        var range = $"from={Sql.Day(day)}&to={Sql.Day(day)}";
        if (day.DayOfWeek == DayOfWeek.Friday)
        {
            await LookAsync("employee", "/api/v1/me/records?" + range, cancel);
        }

        if (day.DayOfWeek == DayOfWeek.Thursday && day.DayNumber % 2 == 0)
        {
            await LookAsync("manager", $"/api/v1/people/{subject}/records?program=focus-time&{range}", cancel);
        }

        if (day.DayOfWeek == DayOfWeek.Tuesday && day.DayNumber % 3 == 0)
        {
            await LookAsync("investigator", $"/api/v1/people/{subject}/records?program=focus-time&{range}", cancel);
        }
    }

    // A refusal is part of the picture, so its answer is not looked at.
    private Task LookAsync(string persona, string path, CancellationToken cancel) =>
        ApiClient.WithToken(http, state.Personas[persona].Token).GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, cancel);

    private ApiClient Api(CredentialKey key) => ApiClient.WithCredential(http, key, root.Fingerprint, clock);
}
