using Daylight.Protocol;
using Daylight.Server.Features.Directory;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.SignIn;

/// <summary>In the demo one chooses who one is. Outside the demo these routes do not exist.</summary>
internal static class PersonaEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ServerOptions options)
    {
        if (options.StandIn is not { } standIn)
        {
            return;
        }

        routes.MapGet("/api/v1/demo/personas", (DirectoryStore directory) => Results.Json<IReadOnlyList<DemoChoice>>(
            [.. standIn.Personas.Select(p => new DemoChoice(p.Key, directory.Current.Person(p.Value.Person)?.Name ?? p.Key, directory.Current.Team(p.Value.Team)?.Name ?? p.Value.Team, p.Value.Role))],
            ProtocolJson.Default.IReadOnlyListDemoChoice)).WithSummary("The demo's personas");
        routes.MapForm("/session", async (HttpContext context, Callers callers, Tokens tokens) =>
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            if (!standIn.Personas.TryGetValue(form["persona"].ToString(), out var persona))
            {
                return Problems.NotFound("There is no such persona.");
            }

            await callers.NoteSignInAsync(persona.Person, "session");
            await tokens.BeginSessionAsync(context, persona.Person, "chosen in the demo");
            return Results.LocalRedirect("/");
        });
    }
}
