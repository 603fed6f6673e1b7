using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Core.Exposure;
using Daylight.Protocol;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Exposure;

/// <summary>Who could see what about whom: everybody asks about themselves, officers about anybody, and whoever approves about a change.</summary>
internal static class ExposureEndpoints
{
    private static readonly string[] Askers = ["program-owner", "privacy-officer", "works-council", "auditor", "operator"];
    private static readonly string[] Officers = ["privacy-officer", "works-council", "auditor"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/me/exposure", MineAsync).WithSummary("Who could see what about me").Produces<IReadOnlyList<CouldSeeMe>>().WithHeader("Accept-Language", "en, de or fr: the language of what charters say");
        routes.MapGet("/api/v1/exposure/people/{id}", WhoAsync).WithSummary("Everybody who could see anything about a person; for officers").Produces<IReadOnlyList<SightView>>();
        routes.MapGet("/api/v1/exposure/viewers/{id}", OfAsync).WithSummary("Everything that somebody could see; for officers").Produces<ExposureOfViewer>().WithQuery(("list", "true for each single sight"));
        routes.MapGet("/api/v1/exposure/summary", SummaryAsync).WithSummary("Every program's exposure, and every role with its last use and what would go with it; for officers").Produces<ExposureSummary>();
        routes.MapPost("/api/v1/exposure/diff", DiffAsync).WithSummary("What a change of charter, role or directory would do to who could see what; for those who propose, approve, review or keep it").Accepts<ChangeWanted>("application/json").Produces<ChangeExposure>();
    }

    private static async Task<IResult> MineAsync(HttpContext context, Callers callers, Worlds worlds, ServerOptions options)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var (world, words) = (worlds.Current, Readers.Words);
        var sights = new ExposureOf(world).Who(caller.Person).Where(s => s.Viewer != s.Person);
        var view = sights.GroupBy(s => (s.Program, s.Rule, s.What, s.Granularity, s.Needs)).Select(g => new CouldSeeMe(
            g.Key.Program, g.Key.Rule, words.Who(world.Programs.First(p => p.Charter.Program == g.Key.Program).Charter.Show.First(r => r.Name == g.Key.Rule).To),
            g.Key.What, g.Key.Granularity, g.Key.Needs, g.Count(), options.ShowNames ? [.. g.Select(s => world.People.Person(s.Viewer)!.Name).Order(StringComparer.Ordinal)] : null));
        return Results.Json<IReadOnlyList<CouldSeeMe>>([.. view], ProtocolJson.Default.IReadOnlyListCouldSeeMe);
    }

    private static async Task<IResult> WhoAsync(string id, HttpContext context, Callers callers, Worlds worlds, GrantUses uses)
    {
        if (await RefuseAsync(context, callers, Officers) is { } refused)
        {
            return refused;
        }

        var world = worlds.IfAllAgree;
        if (world.People.Person(id) is null)
        {
            return Problems.NotFound("There is nobody with that id.");
        }

        var used = new Dictionary<string, IReadOnlyDictionary<(string, string), DateOnly>>(StringComparer.Ordinal);
        IReadOnlyList<SightView> who = [.. new ExposureOf(world).Who(id).Select(s => View(s, world.People.Person(s.Viewer)!.Name) with
        {
            LastUsed = (used.TryGetValue(s.Viewer, out var known) ? known : used[s.Viewer] = uses.Of(s.Viewer)).TryGetValue((s.Program, s.Rule), out var last) ? last : null,
        })];
        return Results.Json(who, ProtocolJson.Default.IReadOnlyListSightView);
    }

    private static async Task<IResult> OfAsync(string id, HttpContext context, Callers callers, Worlds worlds, GrantUses uses)
    {
        if (await RefuseAsync(context, callers, Officers) is { } refused)
        {
            return refused;
        }

        var world = worlds.IfAllAgree;
        if (world.People.Person(id) is not { } viewer)
        {
            return Problems.NotFound("There is nobody with that id.");
        }

        var (sights, used) = (new ExposureOf(world).Of(id).ToList(), uses.Of(id));
        var rules = sights.GroupBy(s => (s.Program, s.Rule, s.What, s.Needs)).Select(g => new CouldSee(
            g.Key.Program, g.Key.Rule, g.Key.What, g.Key.Needs, g.Select(s => s.Person).Distinct(StringComparer.Ordinal).Count(),
            g.Where(s => s.Granularity != "person").Select(s => s.Granularity).Distinct(StringComparer.Ordinal).Count(), used.TryGetValue((g.Key.Program, g.Key.Rule), out var last) ? last : null));
        return Results.Json(
            new ExposureOfViewer(id, viewer.Name, [.. rules], context.Request.Query["list"] == "true" ? [.. sights.Select(s => View(s, world.People.Person(s.Person)!.Name))] : null), ProtocolJson.Default.ExposureOfViewer);
    }

    private static async Task<IResult> SummaryAsync(HttpContext context, Callers callers, Worlds worlds, TransparencyLog log, GrantUses uses)
    {
        if (await RefuseAsync(context, callers, Officers) is { } refused)
        {
            return refused;
        }

        var (world, used) = (worlds.IfAllAgree, uses.All());
        string? Name(string? id) => id is null ? null : world.People.Person(id)?.Name;
        var programs = worlds.Summary.Select(p => new ProgramExposureView(
            p.Program, p.People, p.Individual, p.Group, Name(p.Widest), p.WidestCount, p.Sights,
            [.. p.Rules.Select(r => new RuleExposureView(r.Rule, r.Viewers, r.People, r.Sights, Name(r.Widest), r.Most, used.TryGetValue((p.Program, r.Rule), out var last) ? last : null))]));
        return Results.Json(new ExposureSummary(world.People.Count, [.. programs], Grants(worlds, log, uses)), ProtocolJson.Default.ExposureSummary);
    }

    /// <summary>Every role that is held, with when it was last used, and what would be lost if it went.</summary>
    private static IReadOnlyList<GrantView> Grants(Worlds worlds, TransparencyLog log, GrantUses uses)
    {
        var world = worlds.IfAllAgree;
        var granted = log.Read(a => a.Roles.ToList());
        return [.. granted.Where(g => g.Role.Until >= world.People.Day && world.People.Person(g.Person) is not null).Select(g =>
        {
            var rules = world.Programs.SelectMany(p => p.Charter.Show.Where(r => r.To is Audience.Role role && role.Name == g.Role.Role).Select(r => (p.Charter.Program, r.Name))).ToList();
            var used = uses.Of(g.Person);
            var last = rules.Select(r => used.TryGetValue(r, out var day) ? day : (DateOnly?)null).Max();
            return new GrantView(
                g.Role.Role, g.Person, world.People.Person(g.Person)!.Name, g.Role.Scope, g.Role.Until, rules.Count, rules.Count == 0 ? 0 : worlds.SightsOf(g.Person, g.Role.Role), last, g.Role.Granted);
        }).OrderBy(g => g.Role, StringComparer.Ordinal).ThenBy(g => g.Name, StringComparer.Ordinal)];
    }

    private static async Task<IResult> DiffAsync(HttpContext context, Callers callers, ApprovalReads reads, ProgramCatalog programs, DirectoryStore directory, Worlds worlds, DirectoryEditor editor)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        // Counts tell sizes of groups, and whether somebody is there: they are for those who propose, approve or keep, and for nobody who looks.
        var roles = callers.RolesOf(caller.Person);
        if (!roles.Any(Askers.Contains))
        {
            return Problems.Forbidden("What a change does is for those who propose, approve, review or keep it.", "role:privacy-officer");
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.ChangeWanted) is not { } wanted)
        {
            return Problems.BadRequest("The body names one change: charter, charterText, grant, revoke, held or people.");
        }

        if (wanted.List && !roles.Any(Officers.Contains))
        {
            return Problems.Forbidden("Single sights, with names, are for the privacy officer, the works council and auditors.", "role:privacy-officer");
        }

        return Find(wanted, reads, programs, directory, worlds, editor) switch
        {
            ({ } name, { } diff, _) => Results.Json(View(reads.Mark(name, diff), diff, wanted.List, worlds.Current.People), ProtocolJson.Default.ChangeExposure),
            (_, _, var why) => Problems.BadRequest(why ?? "The body names one change: charter, charterText, grant, revoke, held or people."),
        };
    }

    private static (string? Name, ExposureDiff? Diff, string? Why) Find(ChangeWanted wanted, ApprovalReads reads, ProgramCatalog programs, DirectoryStore directory, Worlds worlds, DirectoryEditor editor)
    {
        switch (wanted)
        {
            case { Charter: { } hash }:
                return programs.Proposed(hash) is { } proposed ? (ApprovalReads.NameOf(hash), reads.OfCharter(proposed, hash), null) : (null, null, "No charter of that hash was proposed.");
            case { CharterText: { } text }:
                return CharterReader.Read(text, "charter") switch
                {
                    CharterReading.Good good => (ApprovalReads.NameOf(Sealing.Authority.CharterHash(text)), reads.OfCharter(good.Charter, Sealing.Authority.CharterHash(text)), null),
                    CharterReading.Bad bad => (null, null, string.Join("\n", bad.Problems)),
                    _ => (null, null, "This is a template: its days are fixed to dates first (daylight charter fix)."),
                };
            case { Grant: { Until: { } until } role }:
                return (ApprovalReads.NameOf(role.Person, role.Role, role.Scope, until), reads.OfRole(new RoleFacts(role.Person, role.Role, until, Worlds.ScopeOf(role.Scope)), granted: true), null);
            case { Revoke: { } role }:
                return ("revoke", reads.OfRole(new RoleFacts(role.Person, role.Role, DateOnly.MaxValue), granted: false), null);
            case { Held: true }:
                return directory.Held is { } held ? (ApprovalReads.NameOf(held), directory.Waiting().Diff, null) : (null, null, "No change of the directory waits.");
            case { People: { } csv }:
                var read = editor.Read(csv, "people.csv", "Etc/UTC");
                var before = worlds.IfAllAgree;
                return read.Problems.Count > 0
                    ? (null, null, string.Join("\n", read.Problems))
                    : ("people", DirectoryStore.DiffOf(before, DirectoryPlan.Of(before.People, read.People, read.Teams, before.People.Day)), null);
            default:
                return (null, null, null);
        }
    }

    /// <summary>A diff by terms.</summary>
    public static IReadOnlyList<TermsChangeView> Terms(ExposureDiff diff) =>
        [.. diff.Changes.Select(c => new TermsChangeView(c.Terms.Program, c.Terms.What, c.Terms.Level?.Word() ?? "person", c.Terms.Needs, c.Appear, c.Disappear))];

    private static ChangeExposure View(Sealing.ExposureRead read, ExposureDiff diff, bool list, OrgSnapshot people) => new(
        read,
        Terms(diff),
        list ? [.. diff.Appearing.Select(s => View(s, people.Person(s.Viewer)?.Name))] : null,
        list ? [.. diff.Disappearing.Select(s => View(s, people.Person(s.Viewer)?.Name))] : null);

    private static SightView View(Sight s, string? name) => new(s.Viewer, s.Person, s.Program, s.Rule, s.What, s.Granularity, s.Needs, name);

    private static async Task<IResult?> RefuseAsync(HttpContext context, Callers callers, string[] roles) =>
        await callers.FindAsync(context) is not { } caller ? Problems.NotSignedIn()
        : callers.RolesOf(caller.Person).Any(roles.Contains) ? null
        : Problems.Forbidden($"That is for {string.Join(", ", roles)}.", "role:" + roles[0]);
}
