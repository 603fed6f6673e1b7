using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.SignIn;

/// <summary>Trust root, enrollment, credentials and tokens.</summary>
internal static class SignInEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/trust-root", (TransparencyLog log) => log.Read(a => a.Root) is { } root
            ? Results.Bytes(root.ToBytes(), "application/json")
            : Problems.NotFound("There is no trust root yet.")).WithSummary("The trust root, as canonical bytes");
        routes.MapGet("/api/v1/enrollments/{code}", (string code, Enrollments enrollments) => enrollments.Find(code) is { } found
            ? Results.Json(found, ProtocolJson.Default.EnrollmentFound)
            : Problems.NotFound("No enrollment list has this code. Was it copied whole?")).WithSummary("The enrollment line of a one-time code, by the hash of the code's public key");
        routes.MapPost("/api/v1/enrollments", AddListAsync).WithSummary("Records an enrollment list that a root approver signed, for people who joined or need another machine").Accepts<EnrollmentListMade>("application/json").Produces<Recorded>();
        routes.MapPost("/api/v1/credentials", RegisterAsync).WithSummary("Registers a credential that a one-time code's key signed").Accepts<SubmitEvent>("application/json");
        routes.MapPost("/api/v1/tokens", MakeTokenAsync).WithSummary("Makes a token; the call must be signed by a person's credential").Accepts<TokenWanted>("application/json");
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

    private static async Task<IResult> MakeTokenAsync(HttpContext context, Callers callers)
    {
        if (await callers.FindAsync(context) is not { Credential.Use: "person" } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.TokenWanted) is not { Days: >= 1 and <= 366 } wanted)
        {
            return Problems.BadRequest("A token lives 1 to 366 days.");
        }

        await callers.NoteSignInAsync(caller.Person, "token");
        return Results.Json(await callers.MakeTokenAsync(caller.Person, wanted.Days), ProtocolJson.Default.TokenMade);
    }
}
