using Daylight.Core.Charters;
using Daylight.Core.Exposure;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Campaigns: each quarter every role and every rule for others goes to a reviewer, one by one, with its last use and what it lets see. What nobody confirmed by the
/// last day is over, by the log's own rules: the server need do nothing for it, and cannot prevent it.
/// </summary>
internal sealed class AccessReviews(TransparencyLog log, Worlds worlds, GrantUses uses, Callers callers, NoticeStore notices, ServerOptions options, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/access-reviews", ListAsync).WithSummary("Campaigns in which roles and rules are reviewed, in counts").Produces<IReadOnlyList<AccessReviewView>>();
        routes.MapGet("/api/v1/access-reviews/{entry}/items", ItemsAsync).WithSummary("What waits for me in a campaign, one by one: last use, and what it lets see").Produces<IReadOnlyList<AccessItem>>();
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Opens the quarter's campaign when there is none, tells reviewers of the one that is on, and writes down what became of one that is over.</summary>
    public async Task<string> RunAsync()
    {
        var said = new List<string>();
        foreach (var (index, campaign) in log.Read(a => a.AccessReviews.Where(c => c.Value.Closed is null).ToList()))
        {
            if (campaign.Due < Today)
            {
                var lapsed = Lapsed(index, campaign.Due);
                await log.AppendAsync(new AccessReviewClosed(index, campaign.Kept, campaign.Narrowed, campaign.Revoked, lapsed));
                said.Add($"{campaign.Quarter} closed: {campaign.Kept} kept, {campaign.Narrowed} narrowed, {campaign.Revoked} revoked, {lapsed} lapsed");
            }
            else
            {
                await RemindAsync(index, campaign.Quarter, campaign.Due);
            }
        }

        var quarter = AccessReviewOpened.QuarterOf(Today);
        if (options.AccessReviewDays is { } days && log.Read(a => a.Root is not null && a.AccessReviews.Values.All(r => r.Quarter != quarter) && (a.Programs.Count > 0 || a.Roles.Any(r => r.Role.Granted > 0))))
        {
            await RemindAsync((await log.AppendAsync(new AccessReviewOpened(quarter, Today.AddDays(days)))).Index, quarter, Today.AddDays(days));
            said.Add($"{quarter} opened");
        }

        return said.Count == 0 ? "nothing to open or close" : string.Join("; ", said);
    }

    // Whoever becomes a reviewer meanwhile is told as well, and everybody once.
    private Task RemindAsync(ulong campaign, string quarter, DateOnly due) => notices.TellRolesAsync(
        Authority.ApprovingRoles, "access-review", $"The access review of {quarter} is on until {Storage.Sql.Day(due)}. What nobody confirms by then is over by itself. Read it under Access review.", campaign);

    /// <summary>What waits for somebody in a campaign.</summary>
    public IReadOnlyList<AccessItem> Items(ulong campaign, string reviewer)
    {
        var (mine, waitingRoles, waitingRules) = Waiting(campaign, reviewer);
        if (waitingRoles.Count == 0 && waitingRules.Count == 0)
        {
            return [];
        }

        var (world, all) = (worlds.IfAllAgree, uses.All());
        var sights = new ExposureOf(world).Summary().SelectMany(p => p.Rules.Select(r => ((p.Program, r.Rule), r.Sights))).ToDictionary(r => r.Item1, r => r.Sights);
        return
        [
            .. waitingRoles.Select(r =>
            {
                var rules = world.Programs.SelectMany(p => p.Charter.Show.Where(s => s.To is Audience.Role role && role.Name == r.Role.Role).Select(s => (p.Charter.Program, s.Name))).ToList();
                var used = uses.Of(r.Person);
                return new AccessItem(
                    "role", r.Person, world.People.Person(r.Person)?.Name ?? "somebody who left", r.Role.Role, r.Role.Granted, null, r.Role.Until, r.Role.Scope,
                    rules.Select(k => used.TryGetValue(k, out var day) ? day : (DateOnly?)null).Max(), rules.Count == 0 ? 0 : new ExposureDiff(world, world.With(roles: world.HeldRoles.Where(h => (h.Person, h.Role) != (r.Person, r.Role.Role)))).Disappear, mine[0]);
            }),
            .. waitingRules.Select(r => new AccessItem(
                "rule", string.Empty, r.Program, r.Rule, 0, r.Charter, null, null, all.TryGetValue((r.Program, r.Rule), out var last) ? last : null, sights.GetValueOrDefault((r.Program, r.Rule)), mine.First(r.By.Contains))),
        ];
    }

    /// <summary>Campaigns, newest first.</summary>
    public IReadOnlyList<AccessReviewView> All(string person)
    {
        var reviews = callers.RolesOf(person).Any(Authority.ApprovingRoles.Contains);
        return [.. log.Read(a => a.AccessReviews.ToList()).OrderByDescending(c => c.Key).Select(c => new AccessReviewView(
            c.Key, c.Value.Quarter, c.Value.Due, c.Value.Kept, c.Value.Narrowed, c.Value.Revoked, c.Value.Closed is null ? null : c.Value.Lapsed, reviews && c.Value.Due >= Today && Waiting(c.Key, person) is var (_, roles, rules) ? roles.Count + rules.Count : null))];
    }

    // In which of their roles somebody reviews, and what: nobody a role of their own.
    private (List<string> As, List<(string Person, HeldRole Role)> Roles, List<(string Program, string Charter, string Rule, IReadOnlyList<string> By)> Rules) Waiting(ulong campaign, string reviewer)
    {
        var held = callers.RolesOf(reviewer);
        var mine = Authority.ApprovingRoles.Where(held.Contains).ToList();
        return mine.Count == 0 || log.Read(a => a.AccessReviews.GetValueOrDefault(campaign)) is not { } found || found.Due < Today
            ? ([], [], [])
            : (mine, [.. RolesWaiting(campaign).Where(r => r.Person != reviewer)], [.. RulesWaiting(campaign).Where(r => r.By.Any(mine.Contains))]);
    }

    private List<(string Person, HeldRole Role)> RolesWaiting(ulong campaign) => log.Read(a => a.Roles.Select(r => r.Person).Distinct().ToList()
        .SelectMany(p => a.HeldBy(p).Select(r => (p, r))).Where(r => r.r.Granted > 0 && r.r.Granted < campaign && r.r.Confirmed < campaign && a.EndOf(r.r) >= Today).ToList());

    private List<(string Program, string Charter, string Rule, IReadOnlyList<string> By)> RulesWaiting(ulong campaign) => [.. worlds.Current.Programs
        .SelectMany(p => p.Charter.Show.Where(r => r.To is not Audience.Self).Select(r => (p.Charter.Program, p.Hash, r.Name, By: (IReadOnlyList<string>)[.. Authority.ApprovingRoles.Intersect(p.Charter.Review.By)])))
        .Where(r => log.Read(a => a.Charters[r.Hash].Activated < campaign && !a.IsReviewed(r.Hash, r.Name, campaign)))];

    // What was there at the end of the last day and is not any more.
    private int Lapsed(ulong campaign, DateOnly due)
    {
        var roles = log.Read(a => a.Roles.Select(r => r.Person).Distinct().ToList().SelectMany(p => a.HeldBy(p).Select(r => r)).Count(r => r.Granted > 0 && r.Granted < campaign && r.Confirmed < campaign && r.Until > due && a.EndOf(r) == due));
        var rules = log.Read(a => a.Programs.Values.Where(p => p.Active is not null && a.Charters[p.Active].Activated < campaign).Select(p => (Hash: p.Active!, a.Charters[p.Active!].Text)).ToList())
            .SelectMany(c => CharterReader.Read(c.Text, c.Hash) is CharterReading.Good good ? good.Charter.Show.Where(r => r.To is not Audience.Self).Select(r => (c.Hash, r.Name)) : [])
            .Count(r => log.Read(a => a.IsLapsed(r.Hash, r.Name, due.AddDays(1)) && !a.IsLapsed(r.Hash, r.Name, due)));
        return roles + rules;
    }

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, AccessReviews reviews) =>
        await callers.FindAsync(context) is { } caller ? Results.Json(reviews.All(caller.Person), ProtocolJson.Default.IReadOnlyListAccessReviewView) : Problems.NotSignedIn();

    private static async Task<IResult> ItemsAsync(ulong entry, HttpContext context, Callers callers, AccessReviews reviews)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return callers.RolesOf(caller.Person).Any(Authority.ApprovingRoles.Contains)
            ? Results.Json(reviews.Items(entry, caller.Person), ProtocolJson.Default.IReadOnlyListAccessItem)
            : Problems.Forbidden($"Roles and rules are reviewed by {string.Join(" and ", Authority.ApprovingRoles)}.", "role:" + Authority.ApprovingRoles[0]);
    }
}
