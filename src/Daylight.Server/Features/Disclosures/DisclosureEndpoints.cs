using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Portal.Layout;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Disclosures;

/// <summary>Asks, records, and who looked.</summary>
internal static class DisclosureEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/asks", AskAsync).WithSummary("Makes an ask; returns the canonical bytes to sign").Accepts<AskWanted>("application/json").Produces<AskCreated>();
        routes.MapGet("/api/v1/me/asks", async (HttpContext context, Callers callers, Asks asks) => await callers.FindAsync(context) is { } caller
            ? Results.Json<IReadOnlyList<AskCreated>>([.. asks.WaitingOf(caller.Person).Select(a => new AskCreated(a.Id, Convert.ToBase64String(a.ToBytes()), a.Expires))], ProtocolJson.Default.IReadOnlyListAskCreated)
            : Problems.NotSignedIn()).WithSummary("My asks about myself that wait for a signature: any key of mine may give it, a machine's too").Produces<IReadOnlyList<AskCreated>>();
        routes.MapForm("/look/by-machine", ByMachineAsync);
        routes.MapPut("/api/v1/asks/{id}/signature", SignAsync).WithSummary("Signs an ask").Accepts<AskSignature>("application/json");
        routes.MapGet("/api/v1/me/records", MyRecordsAsync).WithSummary("My own records").Produces<IReadOnlyList<ShownRecord>>()
            .WithQuery(("from", "first local day, inclusive, such as 2026-11-20"), ("to", "last local day, inclusive"), ("program", "one program; all in force without it")).WithHeader(DaylightHeaders.Ask, "id of a signed ask; a session's own is found without it");
        routes.MapGet("/api/v1/me/submissions", MySubmissionsAsync).WithSummary("What I handed in, as it was handed in last").Produces<IReadOnlyList<ShownRecord>>()
            .WithQuery(("from", "first local day, inclusive, such as 2026-11-20"), ("to", "last local day, inclusive"), ("program", "one program; all in force without it")).WithHeader(DaylightHeaders.Ask, "id of a signed ask; a session's own is found without it");
        routes.MapGet("/api/v1/me/last-day", LastDayAsync).WithSummary("The last local day of which there are records of mine").Produces<string>();
        routes.MapGet("/api/v1/me/disclosures", WhoLookedAsync).WithSummary("Every look at me, and every refused one").Produces<IReadOnlyList<LookAtMe>>();
        routes.MapGet("/api/v1/me/disclosures/{entry}/proof", ProofAsync).WithSummary("What proves one of them").Produces<LookProof>();
        routes.MapGet("/api/v1/people/{id}/submissions", SubmissionsAsync).WithSummary("What one person handed in to the caller").Produces<IReadOnlyList<ShownRecord>>()
            .WithQuery(("program", "the program; required"), ("from", "first local day, inclusive"), ("to", "last local day, inclusive"), ("case", "digest of an approved case, where the rule needs one")).WithHeader(DaylightHeaders.Ask, "id of a signed ask");
        routes.MapGet("/api/v1/people/{id}/records", RecordsAsync).WithSummary("One person's records").Produces<IReadOnlyList<ShownRecord>>()
            .WithQuery(("program", "the program; required"), ("from", "first local day, inclusive"), ("to", "last local day, inclusive"), ("case", "digest of an approved case, where the rule needs one")).WithHeader(DaylightHeaders.Ask, "id of a signed ask");
    }

    private static async Task<IResult> AskAsync(HttpContext context, Callers callers, Asks asks, ProgramCatalog programs, TransparencyLog log, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.AskWanted) is not { } wanted
            || (wanted.Credential is { } credential && !log.Read(a => a.Credentials.TryGetValue(new CredentialId(credential), out var c) && c.Person == caller.Person)))
        {
            return Problems.BadRequest("The body may name a credential, which is one of yours, subject, programs, kinds, from, to and rule.");
        }

        var kinds = wanted.Kinds ?? ["records"];
        if (kinds.Count == 0 || kinds.Except(Asks.Kinds, StringComparer.Ordinal).Any() || (kinds.Count > 1 && (wanted.Subject ?? caller.Person) != caller.Person))
        {
            return Problems.BadRequest("Kinds that can be asked for: records, or submissions; of oneself both.");
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var ask = await asks.CreateAsync(
            caller,
            wanted.Credential,
            wanted.Subject ?? caller.Person,
            wanted.Programs ?? [.. programs.InForce().Select(p => p.Program)],
            kinds,
            wanted.From ?? today.AddDays(-Asks.LongestRange),
            wanted.To ?? today.AddDays(1),
            wanted.Rule ?? (kinds is [var what] ? $"{Ask.SelfRule}/{what}" : Ask.SelfRule));
        return Results.Json(new AskCreated(ask.Id, Convert.ToBase64String(ask.ToBytes()), ask.Expires), ProtocolJson.Default.AskCreated);
    }

    /// <summary>A browser without a passkey: its person's machine signs the look at oneself, and the page says how.</summary>
    private static async Task<IResult> ByMachineAsync(HttpContext context, Callers callers, Asks asks)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var ask = asks.OfSignIn(caller.Person);
        await asks.WaitAsync(ask, caller);
        return new RazorComponentResult<ByMachine>(new { Code = ask.Code(), Back = Forms.BackOf(await context.Request.ReadFormAsync(context.RequestAborted)) });
    }

    private static async Task<IResult> SignAsync(string id, HttpContext context, Callers callers, Asks asks, Passkeys passkeys)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        Func<Ask, Signature?>? sign = await Bodies.ReadAsync(context, ProtocolJson.Default.AskSignature) switch
        {
            { Kind: "device", Value: { } value, Credential: var by } => ask => (by ?? ask.Credential) is { } credential ? new Signature(credential, value) : null,
            { Kind: "webauthn", Assertion: { } assertion } when asks.Waiting(caller, id) is { } bytes && await passkeys.SignatureAsync(caller.Person, bytes, assertion, context) is var signature => _ => signature,
            { Kind: "webauthn", Assertion: not null } => _ => null,
            _ => null,
        };
        if (sign is null)
        {
            return Problems.BadRequest("The body is { kind: device, value: base64 } with a P-256 signature (IEEE P1363) over the ask's bytes and, where the ask names none, its credential; or { kind: webauthn, assertion } with a passkey's answer to their SHA-256.");
        }

        return await asks.SignAsync(caller, id, sign) is { } why ? Problems.Conflict(why) : Results.NoContent();
    }

    private static Task<IResult> MyRecordsAsync(HttpContext context, Callers callers, DisclosurePath path, TimeProvider time) => MineAsync(context, IndividualKind.Records, callers, path, time);

    private static Task<IResult> MySubmissionsAsync(HttpContext context, Callers callers, DisclosurePath path, TimeProvider time) => MineAsync(context, IndividualKind.Submissions, callers, path, time);

    private static async Task<IResult> MineAsync(HttpContext context, IndividualKind what, Callers callers, DisclosurePath path, TimeProvider time) => await callers.FindAsync(context) is { } caller
        ? await ShowAsync(context, caller, caller.Person, what, Optional(context, "program"), path, time)
        : Problems.NotSignedIn();

    private static Task<IResult> RecordsAsync(string id, HttpContext context, Callers callers, DisclosurePath path, DirectoryStore directory, TimeProvider time) =>
        OfAsync(id, context, IndividualKind.Records, callers, path, directory, time);

    private static Task<IResult> SubmissionsAsync(string id, HttpContext context, Callers callers, DisclosurePath path, DirectoryStore directory, TimeProvider time) =>
        OfAsync(id, context, IndividualKind.Submissions, callers, path, directory, time);

    private static async Task<IResult> OfAsync(string id, HttpContext context, IndividualKind what, Callers callers, DisclosurePath path, DirectoryStore directory, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (Optional(context, "program") is not { } program)
        {
            return Problems.BadRequest("Name a program: looks at somebody else are for one purpose at a time.");
        }

        return directory.Current.Person(id) is null ? Problems.NotFound("There is nobody with that id.") : await ShowAsync(context, caller, id, what, program, path, time);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Caller caller, string subject, IndividualKind what, string? program, DisclosurePath path, TimeProvider time)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (!Bodies.TryDay(context, "from", today.AddDays(-14), out var from) || !Bodies.TryDay(context, "to", today.AddDays(1), out var to) || to < from || to.DayNumber - from.DayNumber > Asks.LongestRange)
        {
            return Problems.BadRequest($"'from' and 'to' are days such as 2026-11-20, both inclusive, at most {Asks.LongestRange} days apart.");
        }

        var wanted = new Wanted(subject, what, program, from, to, Optional(context, "case"), Optional(context.Request.Headers[DaylightHeaders.Ask]), context.Connection.RemoteIpAddress);
        var outcome = await path.LookAsync(caller, wanted, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        switch (outcome)
        {
            case LookOutcome.Shown shown:
                if (shown.Entry is { } entry)
                {
                    context.Response.Headers[DaylightHeaders.Entry] = entry.ToString(CultureInfo.InvariantCulture);
                }

                if (shown.Notices.Count > 0)
                {
                    context.Response.Headers[DaylightHeaders.Notice] = string.Join("; ", shown.Notices);
                }

                return Results.Json(shown.Records, ProtocolJson.Default.IReadOnlyListShownRecord);
            case LookOutcome.Refused refused:
                context.Response.Headers[DaylightHeaders.Entry] = refused.Entry.ToString(CultureInfo.InvariantCulture);
                return Problems.Refused(refused.Why, refused.Entry);
            case LookOutcome.Paused paused:
                return Problems.Paused(paused.Program);
            case LookOutcome.UnknownProgram unknown:
                return Problems.NotFound($"There is no program '{unknown.Program}' in force.");
            case LookOutcome.AskMissing missing:
                return Problems.AskRequired(missing.Wanted);
            case LookOutcome.Unavailable unavailable:
                return Problems.Unavailable(unavailable.Why);
            default:
                throw new InvalidOperationException("LookOutcome is closed.");
        }
    }

    private static async Task<IResult> LastDayAsync(HttpContext context, Callers callers, ChunkStore chunks, ProgramCatalog programs)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        return programs.InForce().Select(p => chunks.LastDay(caller.Person, p.Program)).Where(d => d is not null).Max() is { } last
            ? Results.Text(Storage.Sql.Day(last))
            : Problems.NotFound("There are no records of yours.");
    }

    private static async Task<IResult> WhoLookedAsync(HttpContext context, Callers callers, OpeningStore openings, DirectoryStore directory, ServerOptions options, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var looks = openings.Concerning(caller.Person, "subject", DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), DaylightLimits.MostLooks)
            .Select(o => (o.Index, o.Openings, View: CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(o.Openings.Subject.Json), SealingJson.Default.SubjectView)))
            .Where(o => o.View is not null)
            .Select(o => new LookAtMe(
                o.Index, o.View!.Happened, o.View.Time, o.View.Relation, o.View.Rule, o.View.Why, o.View.Programs, o.View.From, o.View.To, options.ShowNames ? NameOf(o.Openings, directory) : null));
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json<IReadOnlyList<LookAtMe>>([.. looks], ProtocolJson.Default.IReadOnlyListLookAtMe);
    }

    private static string? NameOf(Openings openings, DirectoryStore directory)
    {
        var asker = openings.ReadEvent() switch
        {
            Disclosure d when Statement.TryRead(d.Signed.Bytes) is Ask ask => ask.Asker,
            Refusal r => r.AskedBy,
            _ => string.Empty,
        };
        return directory.Current.Person(asker)?.Name;
    }

    private static async Task<IResult> ProofAsync(ulong entry, HttpContext context, Callers callers, OpeningStore openings, LogStore store, TransparencyLog log, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (!openings.Concerns(entry, caller.Person, "subject", DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)) || openings.Find(entry) is not { } opened || log.Prove(entry) is not { } proof)
        {
            return Problems.NotFound("No entry of that number is about you.");
        }

        var file = new TlogProof(entry, proof.Proof, proof.Checkpoint).ToString();
        var look = new LookProof(Convert.ToBase64String(store.Entry(entry)!), new ShownOpening(opened.Subject.Salt, opened.Subject.Json), file, log.Verifier.ToString(), log.Read(a => a.Witness)!.ToString());
        return Results.Json(look, ProtocolJson.Default.LookProof);
    }

    private static string? Optional(HttpContext context, string name) => Optional(context.Request.Query[name]);

    private static string? Optional(Microsoft.Extensions.Primitives.StringValues values) => values.ToString() is { Length: > 0 } text ? text : null;
}
