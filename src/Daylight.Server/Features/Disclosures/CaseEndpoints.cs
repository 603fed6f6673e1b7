using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Disclosures;

/// <summary>Cases, for who takes part in them: the one who looks, and those who may approve.</summary>
internal static class CaseEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/cases", ListAsync).WithSummary("Cases that I opened, or may approve or close").Produces<IReadOnlyList<CaseView>>();
        routes.MapGet("/api/v1/cases/rules", RulesAsync).WithSummary("Rules of programs in force under which I may ask for a case").Produces<IReadOnlyList<CaseRule>>();
    }

    private static async Task<IResult> RulesAsync(HttpContext context, Callers callers, CaseBook cases) => await callers.FindAsync(context) is { } caller
        ? Results.Json<IReadOnlyList<CaseRule>>(cases.RulesFor(caller.Person), ProtocolJson.Default.IReadOnlyListCaseRule)
        : Problems.NotSignedIn();

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, CaseBook cases)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json<IReadOnlyList<CaseView>>(cases.For(caller.Person), ProtocolJson.Default.IReadOnlyListCaseView);
    }
}

/// <summary>Cases as people see them, and what the server refuses before it is recorded.</summary>
internal sealed class CaseBook(Worlds worlds, TransparencyLog log, OpeningStore openings, Callers callers, TimeProvider time)
{
    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Cases that somebody opened, or may approve or close, newest first. Nobody sees their own before they are told.</summary>
    public IReadOnlyList<CaseView> For(string person)
    {
        var roles = callers.RolesOf(person);
        var looks = new Dictionary<string, ILookup<string, CaseLook>>(StringComparer.Ordinal);
        return [.. log.Read(a => a.Cases.ToList())
            .Where(c => c.Value.Statement.Asker == person || (c.Value.Statement.Subject != person && MayDecide(c.Value.Statement, roles)))
            .OrderByDescending(c => c.Value.Opened)
            .Select(c => View(c.Key, c.Value, [.. (looks.TryGetValue(c.Value.Statement.Asker, out var known) ? known : looks[c.Value.Statement.Asker] = LooksBy(c.Value.Statement.Asker))[c.Key].OrderBy(l => l.Entry)]))];
    }

    /// <summary>Log indexes of everything that was looked at under a case: what its end writes down.</summary>
    public IReadOnlyList<ulong> LooksOf(string digest, CaseRecord record) => [.. LooksBy(record.Statement.Asker)[digest].Select(l => l.Entry).Order()];

    /// <summary>Why a case must not be opened or closed so; null when nothing speaks against it.</summary>
    public string? Complaint(LogEvent happened)
    {
        switch (happened)
        {
            case CaseOpened { Signed: var signed } when Statement.TryRead(signed.Bytes) is OpenCase s:
                return ComplaintOf(s);
            case CaseApproved { Signed: var signed } when Statement.TryRead(signed.Bytes) is ApproveCase s:
                var people = worlds.Current.People;
                return log.Read(a => (Case: a.Cases.GetValueOrDefault(s.Case), a.Signer(signed)?.Person)) is ({ } found, { } approver)
                    && people.Find(approver) is >= 0 and var p && people.Find(found.Statement.Asker) is >= 0 and var asker && people.ReportsTo(p, asker)
                    ? "whoever reports to the asker does not approve their case"
                    : null;
            case CaseClosed { Signed: var signed } when Statement.TryRead(signed.Bytes) is CloseCase s:
                return log.Read(a => a.Cases.GetValueOrDefault(s.Case)) is { } record && !LooksOf(s.Case, record).SequenceEqual(s.Looks)
                    ? "its end names everything that was looked at: GET /api/v1/cases has the list"
                    : null;
            default:
                return null;
        }
    }

    /// <summary>The roles that may approve a case, by its rule; and of a legal hold those that every hold takes.</summary>
    public IReadOnlyList<string> ApproversOf(OpenCase wanted) => [.. worlds.Current.Programs.Where(p => wanted.Programs.Contains(p.Charter.Program))
        .SelectMany(p => p.Charter.IndividualRules.Where(r => r.Name == wanted.Rule)).SelectMany(r => r.Needs.Approvals).Union(wanted.Hold ? Authority.ApprovingRoles : [])];

    /// <summary>Rules under which somebody may ask for a case, by the roles that they hold.</summary>
    public IReadOnlyList<CaseRule> RulesFor(string person)
    {
        var audiences = callers.RolesOf(person).Select(r => "role:" + r).ToHashSet(StringComparer.Ordinal);
        return [.. worlds.Current.Programs.SelectMany(p => p.Charter.IndividualRules.Where(r => r.Needs is { Case: true, BreakGlass: false } && audiences.Contains(r.To.Text)).Select(r => (p.Charter.Program, Rule: r)))
            .GroupBy(r => r.Rule.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new CaseRule(g.Key, [.. g.Select(r => r.Program).Order(StringComparer.Ordinal)], g.Min(r => r.Rule.TellWithinDays), [.. g.SelectMany(r => r.Rule.Needs.Approvals).Distinct()]))];
    }

    /// <summary>Closes cases that are over and that nobody closed; returns how many.</summary>
    public async Task<int> LapseAsync()
    {
        var over = log.Read(a => a.Cases.Where(c => !c.Value.Closed && c.Value.Statement.Until < Today).ToList());
        foreach (var (digest, record) in over)
        {
            await log.AppendAsync(new CaseLapsed(digest, LooksOf(digest, record), time.GetUtcNow()));
        }

        return over.Count;
    }

    /// <summary>Whether one of these roles approves such a case by a charter in force, or may close any.</summary>
    private bool MayDecide(OpenCase s, IReadOnlyCollection<string> roles) => roles.Any(r => Authority.ApprovingRoles.Contains(r))
        || worlds.Current.Programs.Where(p => s.Programs.Contains(p.Charter.Program)).SelectMany(p => p.Charter.IndividualRules).Any(r => r.Name == s.Rule && r.Needs.Approvals.Any(roles.Contains));

    private ILookup<string, CaseLook> LooksBy(string asker) => openings.Concerning(asker, "asker", DateOnly.MaxValue, int.MaxValue)
        .Select(o => (o.Index, Look: o.Openings.ReadEvent() as Disclosure))
        .Where(o => o.Look?.Case is not null).ToLookup(o => o.Look!.Case!, o => new CaseLook(o.Index, o.Look!.Time, o.Look.Programs), StringComparer.Ordinal);

    private string? ComplaintOf(OpenCase s)
    {
        var world = worlds.Current;
        if (world.People.Person(s.Subject) is null)
        {
            return "there is nobody of that id";
        }

        foreach (var program in s.Programs)
        {
            if (world.Programs.FirstOrDefault(p => p.Charter.Program == program)?.Charter is not { } charter || charter.IndividualRules.FirstOrDefault(r => r.Name == s.Rule) is not { } rule)
            {
                return $"{program} has no rule {s.Rule} in force";
            }

            if (s.Tell > DateOnly.FromDateTime(s.Time.UtcDateTime).AddDays(rule.TellWithinDays))
            {
                return $"the rule tells the person within {rule.TellWithinDays} days";
            }

            if (Gate.Decide(new Look.AtPerson(s.Asker, s.Subject, program, rule.What, s.From, s.To), world, time.GetUtcNow()) is Decision.Refused { Obstacles: var obstacles }
                && (obstacles & (Obstacles.NoRule | Obstacles.Separation | Obstacles.NotCovered | Obstacles.Left | Obstacles.Consent)) != Obstacles.None)
            {
                return $"no case helps there: {string.Join(", ", AccessWords.Codes(obstacles))}";
            }
        }

        return s.Programs.Count == 0 ? "it names no program" : null;
    }

    private CaseView View(string digest, CaseRecord record, IReadOnlyList<CaseLook> looks)
    {
        var (s, world) = (record.Statement, worlds.Current);
        var missing = s.Programs.Select(p => Gate.Decide(new Look.AtPerson(s.Asker, s.Subject, p, IndividualKind.Records, s.From, s.To, digest), world, time.GetUtcNow())).OfType<Decision.Refused>()
            .Select(r => r.Obstacles & (Obstacles.Approvals | Obstacles.CaseOver | Obstacles.Case)).FirstOrDefault(o => o != Obstacles.None);
        var state = record.Closed ? "closed" : !record.IsOpen(Today) || missing.HasFlag(Obstacles.CaseOver) ? "over" : missing.HasFlag(Obstacles.Approvals) || (s.Hold && !record.IsHolding(Today)) ? "waiting" : "open";
        return new CaseView(
            digest, state, s.Asker, world.People.Person(s.Asker)?.Name ?? "somebody who left", s.Subject, world.People.Person(s.Subject)?.Name ?? "somebody who left", s.Rule, s.Programs, s.From, s.To, s.Until, s.Tell,
            s.Reason, [.. record.Approvals.Keys.Order(StringComparer.Ordinal)], state == "waiting" ? "approvals" : null, looks, record.Opened, s.Hold, ApproversOf(s));
    }
}
