using Daylight.Protocol;
using Daylight.Server.Features.Directory.Scim;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Daylight.Server.Features.Directory;

/// <summary>
/// Changes of the directory: by operators and privacy officers, or from the server's console. Whoever brings one has no authority by it: what lets people see much
/// more than before waits for a privacy officer's signature.
/// </summary>
internal static class DirectoryChangeEndpoints
{
    private const int MostScimDays = 730;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/directory").AddEndpointFilter(async (context, next) => await RefuseAsync(context.HttpContext) is { } refused ? refused : await next(context));
        api.MapGet("/", State).WithSummary("How the directory stands, and what waits; for operators and privacy officers").Produces<DirectoryState>();
        api.MapPost("/import", ImportAsync).WithSummary("Makes a CSV the whole directory, or says what that would do").Accepts<DirectoryImport>("application/json").Produces<DirectoryOutcome>();
        api.MapPost("/people", EditAsync).WithSummary("Changes one person by hand").Accepts<PersonEdit>("application/json").Produces<DirectoryOutcome>();
        api.MapPost("/discard", DiscardAsync).WithSummary("Forgets the change that waits");

        // The same from the console: whoever can open the control socket.
        var console = routes.MapGroup("/control/directory").AddEndpointFilter(async (context, next) => LifecycleEndpoints.IsConsole(context.HttpContext) ? await next(context) : Problems.NotFound("There is nothing here.")).ExcludeFromDescription();
        console.MapGet("/", State);
        console.MapPost("/import", ImportAsync);
        console.MapPost("/people", EditAsync);
        console.MapPost("/discard", DiscardAsync);
        console.MapPost("/scim-token", ScimTokenAsync);
    }

    private static IResult State(DirectoryEditor editor) => Results.Json(editor.State(), ProtocolJson.Default.DirectoryState);

    private static async Task<IResult> ImportAsync(HttpContext context, DirectoryEditor editor) => await Bodies.ReadAsync(context, ProtocolJson.Default.DirectoryImport) is not { } import
        ? Problems.BadRequest("The body is { csv, file, zone, dryRun }.")
        : Results.Json(await editor.ImportAsync(import), ProtocolJson.Default.DirectoryOutcome);

    private static async Task<IResult> EditAsync(HttpContext context, DirectoryEditor editor) => await Bodies.ReadAsync(context, ProtocolJson.Default.PersonEdit) is not { Email.Length: > 0 } edit
        ? Problems.BadRequest("The body names a person by email, and what is to change.")
        : Results.Json(await editor.EditAsync(edit), ProtocolJson.Default.DirectoryOutcome);

    private static async Task<IResult> DiscardAsync(DirectoryStore directory)
    {
        if (directory.Held is null)
        {
            return Problems.Conflict("No change of the directory waits.");
        }

        await directory.DiscardAsync();
        return Results.NoContent();
    }

    private static async Task<IResult> ScimTokenAsync(HttpContext context, ScimTokens tokens) => await Bodies.ReadAsync(context, ProtocolJson.Default.TokenWanted) is not { Days: >= 1 and <= MostScimDays } wanted
        ? Problems.BadRequest($"A provisioning client's token lives 1 to {MostScimDays} days.")
        : Results.Json(await tokens.MakeAsync(wanted.Days), ProtocolJson.Default.ScimToken);

    private static async Task<IResult?> RefuseAsync(HttpContext context)
    {
        var callers = context.RequestServices.GetRequiredService<Callers>();
        return await callers.FindAsync(context) is not { } caller ? Problems.NotSignedIn()
            : callers.RolesOf(caller.Person).Any(r => r is "operator" or "privacy-officer") ? null
            : Problems.Forbidden("The directory is kept by operators and privacy officers.", "role:operator");
    }
}
