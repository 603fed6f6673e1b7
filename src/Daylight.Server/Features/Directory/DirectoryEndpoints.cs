using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Protocol;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Directory;

/// <summary>Who one is, and whom a manager may name.</summary>
internal static class DirectoryEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/me", MeAsync).WithSummary("Who is calling").Produces<Me>();
        // By POST: an email in an address would stand in the log of every proxy on the way.
        routes.MapPost("/api/v1/people/find", FindAsync).WithSummary("The id of somebody, by email; for holders of a role, and for whoever leads them").Accepts<PersonWanted>("application/json").Produces<PersonSummary>();
        routes.MapGet("/api/v1/me/team", TeamAsync).WithSummary("The people whom the caller directly manages, by name").Produces<IReadOnlyList<PersonSummary>>();
    }

    private static async Task<IResult> MeAsync(HttpContext context, Callers callers, DirectoryStore directory)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var org = directory.Current;
        if (org.Person(caller.Person) is not { } person || org.Find(caller.Person) is not (>= 0 and var number))
        {
            return Problems.NotFound("You are not in the directory (any more).");
        }

        var manages = org.AllTeams.Where(t => org.ManagesMember(number, org.Group(GroupLevel.Team, t.Id)!.Value)).OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => new TeamSummary(t.Id, t.Name)).ToList();
        var me = new Me(person.Id, person.Name, person.Team, org.Team(person.Team)?.Name ?? person.Team, [.. callers.RolesOf(person.Id)], manages, person.Zone);
        return Results.Json(me, ProtocolJson.Default.Me);
    }

    private static async Task<IResult> FindAsync(HttpContext context, Callers callers, DirectoryStore directory)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.PersonWanted) is not { } wanted)
        {
            return Problems.BadRequest("The body is { \"email\": … }.");
        }

        var found = directory.Current.ByEmail(wanted.Email);
        return callers.RolesOf(caller.Person).Count == 0 && (found is null || Reports(directory.Current, caller.Person).All(r => r.Id != found.Id))
            ? Problems.Forbidden("Whoever signs about people holds a role, or leads them.", "role")
            : found is { } person
            ? Results.Json(new PersonSummary(person.Id, person.Name), ProtocolJson.Default.PersonSummary)
            : Problems.NotFound("There is nobody with that email in the directory.");
    }

    private static async Task<IResult> TeamAsync(HttpContext context, Callers callers, DirectoryStore directory) => await callers.FindAsync(context) is not { } caller
        ? Problems.NotSignedIn()
        : Results.Json<IReadOnlyList<PersonSummary>>(
            [.. Reports(directory.Current, caller.Person).OrderBy(p => p.Name, StringComparer.Ordinal)],
            ProtocolJson.Default.IReadOnlyListPersonSummary);

    private static IEnumerable<PersonSummary> Reports(OrgSnapshot org, string manager)
    {
        if (org.Find(manager) is >= 0 and var number)
        {
            foreach (var report in org.ReportsOf(number).ToArray().Where(org.IsHere))
            {
                yield return new PersonSummary(org.IdOf(report), org.NameOf(report));
            }
        }
    }
}
