using Daylight.Core.Directory;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Ingest;

/// <summary>What agents call: the bundle that they verify, and the upload of sealed chunks.</summary>
internal static class IngestEndpoints
{
    private const int MostChunks = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/agent/bundle", BundleAsync).WithSummary("Charters with their evidence, keys and status, for an enrolled device to verify").Produces<AgentBundle>();
        routes.MapGet("/api/v1/agent/changes", ChangesAsync).WithSummary("What became of programs, in the keyholder's words; waits until something is new").Produces<AgentChanges>()
            .WithQuery(("seen", "the mark of what this machine has taken; asking with it confirms it"));
        routes.MapPost("/api/v1/agent/chunks", UploadAsync).WithSummary("Sealed chunks of an enrolled device").Accepts<Upload>("application/json").Produces<UploadResult>();
    }

    private static async Task<IResult> BundleAsync(
        HttpContext context, Callers callers, TransparencyLog log, LogStore store, OpeningStore openings, WitnessRound witnesses, KeyholderClient keyholder, DirectoryStore directory, ProgramCatalog catalog, Coverage coverage, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { Credential: not null } caller)
        {
            return Problems.NotSignedIn();
        }

        var witnessed = await witnesses.ForAsync(covering: null, context.RequestAborted);
        var org = directory.Current;
        var (indexes, programs) = log.Read(a => (Evidence(a), a.Programs.Where(p => p.Value.Active is not null).Select(p => p.Key).ToList()));
        if (org.Person(caller.Person) is not { } person || store.Checkpoint() is not { } note || !Checkpoint.TryOpen(note, out var checkpoint, log.Verifier))
        {
            return Problems.NotFound("This device's person is not in the directory (any more), or the log is empty.");
        }

        var (today, coverable) = (DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), org.Coverable(person, callers.RolesOf(person.Id)));
        var covered = await coverage.SinceAsync(person.Id, [.. catalog.InForce().Where(p => p.Charter.Covers.Covers(coverable)).Select(p => p.Program)]);
        var since = ulong.TryParse(context.Request.Query["since"], out var known) ? Math.Min(known, checkpoint!.Size) : 0;
        var tree = new TileTree(checkpoint!.Size, store.Tile);
        var evidence = indexes.Select(i => new EvidenceEntry(
            i, Convert.ToBase64String(store.Entry(i)!), [.. Proofs.Inclusion(i, checkpoint.Size, tree.Node).Select(h => h.ToString())], openings.Find(i))).ToList();
        var keys = new List<string>();
        foreach (var program in programs)
        {
            keys.Add(await keyholder.KeyOfAsync(person.Id, program, context.RequestAborted));
        }

        return Results.Json(
            new AgentBundle(
                note,
                [.. Proofs.Consistency(since, checkpoint.Size, tree.Node).Select(h => h.ToString())],
                evidence,
                keys,
                await keyholder.StatusAsync(context.RequestAborted),
                person.Zone,
                org.TeamsOf(person),
                person.Site,
                person.Country,
                person.Employment,
                [.. callers.RolesOf(person.Id)],
                person.Left,
                [.. person.Managers.Where(m => m.IsInForce(today)).SelectMany(m => org.Person(m.Manager) is { } manager ? [new ManagerSummary(manager.Id, manager.Name, m.From)] : Array.Empty<ManagerSummary>())],
                witnessed,
                witnessed is not null && Checkpoint.TryOpen(witnessed, out var seen, log.Verifier) && seen!.Size <= checkpoint.Size ? [.. Proofs.Consistency(seen.Size, checkpoint.Size, tree.Node).Select(h => h.ToString())] : null,
                covered),
            ProtocolJson.Default.AgentBundle);
    }

    private static async Task<IResult> ChangesAsync(HttpContext context, Callers callers, StopSpread spread) =>
        await callers.FindAsync(context) is { Credential: { } device, Person: var person }
            ? Results.Json(await spread.WaitAsync(device.Key.Id.Value, person, context.Request.Query["seen"].ToString(), context.RequestAborted), ProtocolJson.Default.AgentChanges)
            : Problems.NotSignedIn();

    // The trust root, changes of the keyholder and its policy, and for each program in force its proposal, approvals and activation with what their signers' authority rests on.
    private static List<ulong> Evidence(Authority authority) =>
        [.. authority.Programs.Values.Where(p => p.Active is not null).SelectMany(p => authority.Charters[p.Active!].Evidence).Concat(authority.StandingEvidence).Append(0UL).Distinct().Order()];

    private static async Task<IResult> UploadAsync(
        HttpContext context, Callers callers, ProgramCatalog programs, ChunkStore chunks, Coverage coverage, DirectoryStore directory, TransparencyLog log, StopSpread spread, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { Credential: not null } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.Upload) is not { Chunks.Count: <= MostChunks } upload)
        {
            return Problems.BadRequest($"The body is an upload of at most {MostChunks} chunks.");
        }

        if (directory.Current.Person(caller.Person) is not { } person)
        {
            return Problems.Forbidden("This device's person is not in the directory (any more).", "directory");
        }

        var inForce = programs.InForce().ToDictionary(p => p.Program, StringComparer.Ordinal);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var coverable = directory.Current.Coverable(person, callers.RolesOf(person.Id));
        var named = upload.Chunks.Select(c => c.Program).Where(inForce.ContainsKey).Distinct(StringComparer.Ordinal).ToList();
        var (since, destroyed) = (coverage.Since(person.Id, named), chunks.Destroyed(person.Id, named));
        var facts = log.Read(a => named.ToDictionary(
            p => p, p => new PersonFacts(a.Consents.GetValueOrDefault((person.Id, p)), a.NoticedCharter(person.Id, p), since.GetValueOrDefault(p, today), destroyed.GetValueOrDefault(p)), StringComparer.Ordinal));
        var outcomes = await Task.WhenAll(upload.Chunks.Select(async chunk =>
        {
            var checkedChunk = Check(chunk, inForce, programs, coverable, person.Left, today, facts);
            if (checkedChunk.Accepted is { } accepted)
            {
                await chunks.AddAsync(person.Id, chunk, accepted.Bytes, accepted.Expires);
            }

            return checkedChunk.Outcome;
        }));
        await spread.ReceivedAsync(upload.Chunks.Zip(outcomes).Where(c => c.Second.State == "stored").Select(c => c.First.Program).Distinct(StringComparer.Ordinal));
        if (outcomes.Length > 0 && Array.TrueForAll(outcomes, o => o.State == "paused"))
        {
            return Problems.Paused(upload.Chunks[0].Program);
        }

        return Results.Json(new UploadResult(outcomes), ProtocolJson.Default.UploadResult);
    }

    private static (ChunkOutcome Outcome, (SealedChunk Bytes, DateOnly Expires)? Accepted) Check(
        UploadedChunk chunk, Dictionary<string, ProgramInForce> inForce, ProgramCatalog programs, Core.Charters.Coverable person, DateOnly? left, DateOnly today,
        Dictionary<string, PersonFacts> facts)
    {
        (ChunkOutcome, (SealedChunk, DateOnly)?) Refuse(string reason, string state = "refused") => (new ChunkOutcome(chunk.Id, state, reason), null);
        if (!inForce.TryGetValue(chunk.Program, out var program))
        {
            return Refuse("no charter of that program is in force");
        }

        if (program.Paused)
        {
            return Refuse("the program is paused", "paused");
        }

        var (consent, noticed, covered, destroyed) = facts[chunk.Program];
        if (consent is { Given: false } || (program.Charter.Consent is Core.Charters.Consent.OptIn && consent is null))
        {
            return Refuse(program.Charter.Consent is Core.Charters.Consent.OptIn ? "the program collects with consent only, and there is none of this person" : "this person said no, or objected");
        }

        if (!program.Charter.Covers.Covers(person))
        {
            return Refuse("the charter does not cover this person");
        }

        var buffer = new byte[chunk.Sealed.Length];
        if (chunk.Id.Length != 32 || !chunk.Id.All(char.IsAsciiHexDigitLower) || !Convert.TryFromBase64String(chunk.Sealed, buffer, out var length)
            || SealedChunk.TryParse(buffer.AsSpan(0, length)) is not { } bytes)
        {
            return Refuse("not a sealed chunk");
        }

        if (bytes.Epoch <= destroyed)
        {
            return Refuse("its key was destroyed by an erasure since: nobody could ever open it");
        }

        // What was sealed under a former charter while this server was away is still owed to it.
        if (programs.EverInForce(chunk.Program, bytes.Charter.ToHex()) is not { } charter)
        {
            return Refuse("it was sealed under a charter that was never in force here");
        }

        if (programs.EndedOn(bytes.Charter.ToHex()) is { } ended && First(chunk) >= ended)
        {
            return Refuse("its charter had ended by that day");
        }

        if (charter.Consent is Core.Charters.Consent.OptIn && consent!.Charter != bytes.Charter.ToHex() && consent.Charter != program.Hash)
        {
            return Refuse("this person agreed to another version of the charter");
        }

        if (charter.Notice.Acknowledged && noticed != bytes.Charter.ToHex() && noticed != program.Hash)
        {
            return Refuse("this person has not acknowledged the notice of the charter");
        }

        if ((ReleaseWeek.TryParse(chunk.Day, out var counted) ? counted.Last : First(chunk)) < programs.BeginningOf(chunk.Program, bytes.Charter.ToHex(), covered)!.First)
        {
            return Refuse("the notice that people are given was not over on that day");
        }

        if (left is { } gone && First(chunk) >= gone)
        {
            return Refuse("this person no longer works here on that day");
        }

        if (ChunkStore.Expiry(chunk, charter) is not { } expires || Starts(chunk) > today.AddDays(1))
        {
            return Refuse("its kind, stream or day is none that the charter collects");
        }

        // A later version that keeps for fewer days holds for what comes late, too.
        var longer = ChunkStore.KeptFor(chunk.Kind, program.Charter.Keep) - ChunkStore.KeptFor(chunk.Kind, charter.Keep);
        expires = longer < 0 ? expires.AddDays(longer) : expires;
        return expires < today ? Refuse("it is past its retention already") : (new ChunkOutcome(chunk.Id, "stored", null), (bytes, expires));
    }

    /// <summary>What decides about a person's chunks of one program, besides charter and directory.</summary>
    /// <param name="Consent">What they said last.</param>
    /// <param name="Noticed">The charter whose notice they acknowledged.</param>
    /// <param name="Covered">Since when it covers them.</param>
    /// <param name="Destroyed">Through which epoch their keys are destroyed; 0 when none is.</param>
    private sealed record PersonFacts(ConsentRecord? Consent, string? Noticed, DateOnly Covered, int Destroyed);

    private static DateOnly First(UploadedChunk chunk) =>
        ReleaseWeek.TryParse(chunk.Day, out var week) ? week.First
        : DateOnly.TryParseExact(chunk.Day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var day) ? day
        : DateOnly.MinValue; // no day at all is refused next

    private static DateOnly Starts(UploadedChunk chunk) => ReleaseWeek.TryParse(chunk.Day, out var week) ? week.Last : Storage.Sql.Day(chunk.Day);
}
