using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Portal.Layout;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn.Local;
using Daylight.Server.Features.SignIn.Oidc;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Server.Features.SignIn;

/// <summary>Trust root, enrollment, credentials and tokens.</summary>
internal static class SignInEndpoints
{
    /// <summary>What a person's token begins with.</summary>
    public const string Prefix = "dlt_";

    /// <summary>What a session begins with.</summary>
    public const string SessionPrefix = "dls_";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/about", (TransparencyLog log, ServerOptions options) => Results.Json(
            new About(log.Read(a => a.Root?.Company) ?? string.Empty, options.Synthetic, options.KeyholderApart, options.Oidc?.Name, options.Passwords), ProtocolJson.Default.About)).WithSummary("What this installation is: for whoever is not signed in, too").Produces<About>();
        routes.MapGet("/api/v1/trust-root", (TransparencyLog log) => log.Read(a => a.Root) is { } root
            ? Results.Bytes(root.ToBytes(), "application/json")
            : Problems.NotFound("There is no trust root yet.")).WithSummary("The trust root, as canonical bytes");
        routes.MapGet("/api/v1/enrollments/{code}", (string code, Enrollments enrollments) => enrollments.Find(code) is { } found
            ? Results.Json(found, ProtocolJson.Default.EnrollmentFound)
            : Problems.NotFound("No enrollment list has this code. Was it copied whole?")).WithSummary("The enrollment line of a one-time code, by the hash of the code's public key");
        routes.MapPost("/api/v1/enrollments", AddListAsync).WithSummary("Records an enrollment list that a root approver signed, for people who joined or need another machine").Accepts<EnrollmentListMade>("application/json").Produces<Recorded>();
        routes.MapPost("/api/v1/credentials", RegisterAsync).WithSummary("Registers a credential that a one-time code's key signed").Accepts<SubmitEvent>("application/json");
        routes.MapPost("/api/v1/tokens", MakeTokenAsync).WithSummary("Makes a token; the call must be signed by a person's credential").Accepts<TokenWanted>("application/json");
        routes.MapGet("/api/v1/me/tokens", async (HttpContext context, Callers callers, Tokens tokens) => await callers.FindAsync(context) is { } caller
            ? Results.Json(tokens.Of(caller.Person), ProtocolJson.Default.IReadOnlyListTokenView)
            : Problems.NotSignedIn()).WithSummary("My tokens and sessions, with what each may do, its end, and the day of its last use").Produces<IReadOnlyList<TokenView>>();
        routes.MapDelete("/api/v1/me/tokens/{id}", async (string id, HttpContext context, Callers callers, Tokens tokens) => await callers.FindAsync(context) is not { } caller ? Problems.NotSignedIn()
            : await tokens.EndAsync(caller.Person, id) ? Results.NoContent()
            : Problems.NotFound("You have no token of that id.")).WithSummary("Ends a token or a session of mine at once");
        routes.MapGet("/api/v1/me/credentials", async (HttpContext context, Callers callers, TransparencyLog log) => await callers.FindAsync(context) is { } caller
            ? Results.Json<IReadOnlyList<CredentialView>>(
                [.. log.Read(a => a.Credentials.Values.Where(c => c.Person == caller.Person).Select(c => new CredentialView(c.Key.Id.Value, c.Use, c.Evidence.Select(e => (ulong?)e).LastOrDefault(), c.Key.Origin)).ToList()).OrderBy(c => c.Use, StringComparer.Ordinal).ThenBy(c => c.Entry)],
                ProtocolJson.Default.IReadOnlyListCredentialView)
            : Problems.NotSignedIn()).WithSummary("My keys: each registered machine, and what I sign with").Produces<IReadOnlyList<CredentialView>>();
        routes.MapGet("/api/v1/me/sign-in", async (HttpContext context, Callers callers, Passwords passwords) => await callers.FindAsync(context) is { } caller
            ? Results.Json(new WaysIn(context.RequestServices.GetService<ProviderAccounts>()?.Has(caller.Person) ?? false, passwords.Of(caller.Person)?.Recovery.Count), ProtocolJson.Default.WaysIn)
            : Problems.NotSignedIn()).WithSummary("What signs in as me besides my passkeys").Produces<WaysIn>();
        routes.MapForm("/keys/end", EndAsync);
        routes.MapForm("/sign-out", async (HttpContext context, Tokens tokens) =>
        {
            // Signed out here in any case; where a provider signed in, the next who sits down must not be signed in by it again. A page leads there: forms lead to no other site.
            return await tokens.EndSessionAsync(context) is { IdToken: { } idToken } && context.RequestServices.GetService<OidcProvider>() is { } provider && await OidcSignIn.LogoutUrlAsync(provider, context, idToken) is { } elsewhere
                ? new RazorComponentResult<Onward>(new { Title = Say("You are signed out here"), Text = Say("Now {0} signs you out as well.", provider.Options.Name), To = elsewhere, Label = Say("Go on"), AtOnce = true })
                : Results.LocalRedirect("/sign-in");
        });
    }

    /// <summary>The form that ends a token or a session of one's own.</summary>
    private static async Task<IResult> EndAsync(HttpContext context, Callers callers, Tokens tokens)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        await tokens.EndAsync(caller.Person, (await context.Request.ReadFormAsync(context.RequestAborted))["id"].ToString());
        return Results.LocalRedirect("/keys");
    }

    private static async Task<IResult> AddListAsync(HttpContext context, Callers callers, Enrollments enrollments, TransparencyLog log, TimeProvider time)
    {
        if (await callers.FindAsync(context) is null)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.EnrollmentListMade) is not { Lines: { Count: > 0 } lines } made || !EnrollmentList.IsAbout(made.Signed, lines)
            || lines.Any(l => l.Use is not ("device" or "person")))
        {
            return Problems.BadRequest("The body is an enrollment list with the lines that its signed statement is about; each is for a device or a person.");
        }

        if (log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), new PeopleEnrolled(made.Signed))) is { } complaint)
        {
            return Problems.Conflict("That would not stand: " + complaint + ".");
        }

        if (lines.Any(l => enrollments.Find(l.Code) is not null))
        {
            return Problems.Conflict("One of these codes is in a list already.");
        }

        return Results.Json(new Recorded((await enrollments.AddAsync(made.Signed, lines)).Index), ProtocolJson.Default.Recorded);
    }

    private static async Task<IResult> RegisterAsync(HttpContext context, TransparencyLog log, TimeProvider time)
    {
        if (await Bodies.ReadAsync(context, ProtocolJson.Default.SubmitEvent) is not { Event: CredentialRegistered happened })
        {
            return Problems.BadRequest("The body is an event of kind credential-registered.");
        }

        if (log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), happened)) is { } complaint)
        {
            return Problems.Conflict("That would not stand: " + complaint + ".");
        }

        var (entry, _) = await log.AppendAsync(happened);
        // Recorded is not yet granted: the log's own rules decide.
        var key = Statement.TryRead(happened.Signed.Bytes) is RegisterCredential r ? Credential.TryParse(r.Key) : null;
        return key is not null && log.Read(a => a.Credentials.ContainsKey(key.Id))
            ? Results.Json(new Recorded(entry.Index), ProtocolJson.Default.Recorded)
            : Problems.Conflict("The registration was recorded but does not stand: the code was used before, or the signature is not the code's.");
    }

    private static async Task<IResult> MakeTokenAsync(HttpContext context, Callers callers, Tokens tokens)
    {
        if (await callers.FindAsync(context) is not { Credential.Use: "person" } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.TokenWanted) is not { Days: >= 1 and <= 366, Name: { Length: > 0 and <= Tokens.LongestName }, Scope: var scope } wanted || !Tokens.Scopes.Contains(scope))
        {
            return Problems.BadRequest($"A token has a name of up to {Tokens.LongestName} characters, lives 1 to 366 days, and has the scope {string.Join(" or ", Tokens.Scopes)}.");
        }

        await callers.NoteSignInAsync(caller.Person, "token");
        return Results.Json(await tokens.MakeAsync(Prefix, caller.Person, wanted.Name, scope, wanted.Days), ProtocolJson.Default.TokenMade);
    }
}
