using System.Text.Json;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>The breach register (GDPR Art. 33(5)): what was reachable, who could look, who did by the log, whose data, and how much of the 72 hours is left.</summary>
internal sealed class IncidentBook(TransparencyLog log, OpeningStore openings, ExposureHistory history, Choices choices, DirectoryStore directory, IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    private const ulong Page = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/incidents/facts", FactsAsync).WithSummary("Computes who could look and who did, for an incident that is about to be opened, and answers in counts; its hash goes into what is signed").Accepts<IncidentAsked>("application/json").Produces<IncidentFactsMade>();
        routes.MapGet("/api/v1/incidents", ListAsync).WithSummary("The breach register").Produces<IReadOnlyList<IncidentView>>();
        routes.MapGet("/api/v1/incidents/{id}", FindAsync).WithSummary("One incident, with what was computed when it was opened").Produces<IncidentView>();
    }

    /// <summary>Computes and keeps the facts, and says how many: who looked at whom is shown once the incident stands in the log.</summary>
    public async Task<IncidentFactsMade> ComputeAsync(IncidentAsked asked)
    {
        await history.NoteAsync();
        var (from, most) = history.Since(DateOnly.FromDateTime(asked.Since.UtcDateTime));
        var could = most.Where(m => asked.Programs.Contains(m.Program, StringComparer.Ordinal)).Select(m => new CouldLook(m.Program, m.Rule, m.Viewers, m.Sights)).ToList();
        var facts = new IncidentFacts(time.GetUtcNow(), asked.Since, from, could, Did(asked), Whose(asked.Programs));
        var (bytes, made) = (CanonicalJson.Write(facts, ProtocolJson.Default.IncidentFacts), Sql.Day(DateOnly.FromDateTime(facts.Computed.UtcDateTime)));
        var digest = Hash.Of(bytes).ToHex();
        var box = keys.Box.Seal(bytes, "incident " + digest);
        await writer.WriteAsync((c, t) => c.Execute("INSERT INTO incident_facts (id, made, sealed) VALUES (@digest, @made, @box) ON CONFLICT DO NOTHING", new { digest, made, box }, t));
        return new IncidentFactsMade(digest, from, could, facts.Did.Count, facts.Whose);
    }

    /// <summary>The register, newest first.</summary>
    public IReadOnlyList<IncidentView> All() => [.. log.Read(a => a.Incidents.Values.ToList()).OrderByDescending(i => i.Entry).Select(i => View(i, withFacts: false))];

    private IncidentView View(IncidentRecord record, bool withFacts)
    {
        var s = record.Statement;
        var state = record.IsClosed ? "closed" : record.IsSettled ? "settled" : time.GetUtcNow() > s.Known + OpenIncident.Clock ? "overdue" : "open";
        return new IncidentView(
            s.Id, record.Entry, s.What, s.Since, s.Known, s.Known + OpenIncident.Clock, state, s.Programs, [.. record.Steps.Select(x => new IncidentStep(x.Entry, x.Note.Time, x.Note.Step, x.Note.Text))],
            withFacts ? Facts(s.Facts) : null);
    }

    private IncidentFacts? Facts(string digest)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM incident_facts WHERE id = @digest", new { digest }) is { } box
            && keys.Box.Open(box, "incident " + digest) is var bytes && Hash.Of(bytes).ToHex() == digest ? JsonSerializer.Deserialize(bytes, ProtocolJson.Default.IncidentFacts) : null;
    }

    /// <summary>Looks at others since a time, as the log has them; what is past its retention opens no more. Whoever is told later is not named before: they may be who reads this.</summary>
    private List<DidLook> Did(IncidentAsked asked)
    {
        var (did, today) = (new List<DidLook>(), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        for (var from = 0UL; from < log.Size; from += Page)
        {
            foreach (var (index, opened) in openings.Range(from, Page).OrderBy(o => o.Key))
            {
                if (opened.ReadEvent() is Disclosure d && d.Time >= asked.Since && d.Programs.Intersect(asked.Programs, StringComparer.Ordinal).Any()
                    && Statement.TryRead(d.Signed.Bytes) is Ask { IsSelf: false } ask)
                {
                    did.Add(new DidLook(index, d.Time, d.Programs, ask.RuleFor(d.What) ?? ask.Rule, NameOf(ask.Asker), d.Tell <= today ? NameOf(ask.Subject) : $"somebody who is told by {Sql.Day(d.Tell)}"));
                }
            }
        }

        return did;
    }

    // The number of people with data says how many said yes: it is said as consents are, and otherwise how many there can be at the most.
    private List<WhoseData> Whose(IReadOnlyList<string> named)
    {
        using var connection = database.Open();
        return [.. named.Select(p =>
        {
            var people = connection.QuerySingle<int>("SELECT COUNT(DISTINCT subject_ref) FROM chunks WHERE program = @p", new { p });
            return choices.Counts(p) is not { } counts || (people >= counts.Fewest && counts.Covered - people >= counts.Fewest)
                ? new WhoseData(p, people, UpTo: false)
                : new WhoseData(p, Math.Max(people, counts.Covered), UpTo: true);
        })];
    }

    private string NameOf(string person) => directory.Current.Person(person)?.Name ?? "somebody who left";

    private static async Task<IResult> FactsAsync(HttpContext context, Callers callers, IncidentBook book)
    {
        if (await RefuseAsync(context, callers) is { } refused)
        {
            return refused;
        }

        return await Bodies.ReadAsync(context, ProtocolJson.Default.IncidentAsked) is { Programs.Count: > 0 } asked
            ? Results.Json(await book.ComputeAsync(asked), ProtocolJson.Default.IncidentFactsMade)
            : Problems.BadRequest("The body is { \"since\": …, \"programs\": [ … ] }.");
    }

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, IncidentBook book) =>
        await RefuseAsync(context, callers) ?? Results.Json(book.All(), ProtocolJson.Default.IReadOnlyListIncidentView);

    private static async Task<IResult> FindAsync(string id, HttpContext context, Callers callers, IncidentBook book, TransparencyLog log) =>
        await RefuseAsync(context, callers) ?? (log.Read(a => a.Incidents.GetValueOrDefault(id)) is { } found
            ? Results.Json(book.View(found, withFacts: true), ProtocolJson.Default.IncidentView)
            : Problems.NotFound("The register has no incident of that id."));

    private static async Task<IResult?> RefuseAsync(HttpContext context, Callers callers)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return callers.RolesOf(caller.Person).Any(OpenIncident.Roles.Contains) ? null : Problems.Forbidden($"The breach register is kept by {string.Join(" and ", OpenIncident.Roles)}.", "role:" + OpenIncident.Roles[0]);
    }
}
