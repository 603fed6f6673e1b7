using System.Text.Json.Serialization;
using Daylight.Portal.Layout;
using Daylight.Portal.Texts;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Server.Features.SignIn;

/// <summary>
/// One-time codes, made in a browser: the list is shown, an approver of the trust root signs it with a passkey, and the codes are shown once. The server sees these codes; who does not want
/// that makes them with a key file: <c>daylight credential codes</c>.
/// </summary>
internal static class CodeForms
{
    /// <summary>How many codes are made at once.</summary>
    public const int Most = 500;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapForm("/codes/begin", BeginAsync);
        routes.MapForm("/codes/confirm", ConfirmAsync);
    }

    private static async Task<IResult> BeginAsync(HttpContext context, Callers callers, DirectoryStore directory, TransparencyLog log, Passkeys passkeys, Enrollments enrollments, ServerOptions options, ServerKeys keys, TimeProvider time)
    {
        if (await ApproverAsync(context, callers, log) is not { } caller)
        {
            return Refused();
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (use, typed) = (form["use"].ToString(), form["addresses"].ToString());
        RazorComponentResult<CodesForm> Again(string wrong) => new(new { Wrong = wrong, Addresses = typed, Use = use }) { StatusCode = StatusCodes.Status422UnprocessableEntity };
        List<string> addresses = [.. typed.Split(['\n', '\r', ',', ';', ' '], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (use is not ("device" or "person") || addresses.Count is 0 or > Most)
        {
            return Again(Say("Name 1 to {0} people by address, and what their codes are for.", Most));
        }

        var people = addresses.Select(a => (Address: a, Person: directory.Current.ByEmail(a))).ToList();
        if (people.Where(p => p.Person is null).Select(p => p.Address).ToList() is { Count: > 0 } unknown)
        {
            return Again(SayMany("The directory has nobody of this address: {1}", "The directory has nobody of these addresses: {1}", unknown.Count, string.Join(", ", unknown)));
        }

        if (use == "person" && people.Where(p => log.Read(a => a.HasSigned(p.Person!.Id))).Select(p => p.Address).ToList() is { Count: > 0 } signed)
        {
            return Again(Say("A code gives a first key to sign with, and these have had one: {0}. A further key is signed by the old one; who lost it is promised another.", string.Join(", ", signed)));
        }

        var (statement, lines, codes) = EnrollmentList.Draft(log.Read(a => a.Root)!, people.Select(p => p.Person!.Id), use, time.GetUtcNow());
        var state = new CodesState(time.GetUtcNow() + Life, statement.ToBytes(), lines, codes.ToDictionary(c => c.Key, c => c.Value.ToString()));
        if (options.StandIn?.KeyOf(caller.Person) is { } key)
        {
            return await KeepAsync(context, SignedStatement.Sign(statement, key), state, log, enrollments, directory, time);
        }

        return passkeys.InForce(caller.Person, log) is { Count: > 0 } its
            ? LifeForms.ToSign("/codes/confirm", SayMany("Sign {0} one-time code", "Sign {0} one-time codes", lines.Count), "/codes", state.Statement, its, [("state", keys.Pack("codes", state, CodesJson.Default.CodesState))])
            : Note(Say("This takes your signature"), Say("You have no passkey here. With a key file: daylight credential codes ADDRESS --server URL --key FILE"), 403);
    }

    private static async Task<IResult> ConfirmAsync(HttpContext context, Callers callers, DirectoryStore directory, TransparencyLog log, Passkeys passkeys, Enrollments enrollments, ServerKeys keys, TimeProvider time)
    {
        if (await ApproverAsync(context, callers, log) is not { } caller)
        {
            return Refused();
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return keys.Unpack("codes", form["state"].ToString(), CodesJson.Default.CodesState) is { } state && state.Expires > time.GetUtcNow()
            && LifeForms.AssertionIn(form) is { } assertion && await passkeys.SignatureAsync(caller.Person, state.Statement, assertion, context) is { } signature
            ? await KeepAsync(context, new SignedStatement(Convert.ToBase64String(state.Statement), [signature]), state, log, enrollments, directory, time)
            : Note(Say("No code was made"), Say("That is no signature of a passkey of yours over what was shown, or it came too late."), 400);
    }

    private static async Task<IResult> KeepAsync(HttpContext context, SignedStatement signed, CodesState state, TransparencyLog log, Enrollments enrollments, DirectoryStore directory, TimeProvider time)
    {
        if (log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), new PeopleEnrolled(signed))) is { } complaint)
        {
            return Note(Say("No code was made"), Say("That would not stand: {0}.", Speech.Again(complaint)), 409);
        }

        if (state.Lines.Any(l => enrollments.Find(l.Code) is not null))
        {
            return Note(Say("That was signed already"), Say("These codes are in the log; they were shown once. Make others for whoever has not got theirs."), 409); // the page was sent again
        }

        var entry = await enrollments.AddAsync(signed, state.Lines);
        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<CodesMade>(new
        {
            Entry = entry.Index,
            Use = state.Lines[0].Use,
            Codes = (IReadOnlyList<(string, string, string)>)[.. state.Codes.Select(c => (directory.Current.Person(c.Key)?.Name ?? string.Empty, directory.Current.Person(c.Key)?.Email ?? c.Key, c.Value)).OrderBy(c => c.Item1, StringComparer.Ordinal)],
        });
    }

    private static async Task<Caller?> ApproverAsync(HttpContext context, Callers callers, TransparencyLog log) =>
        await callers.FindAsync(context) is { } caller && log.Read(a => a.Root?.Approvers.Any(p => p.Person == caller.Person) == true) ? caller : null;

    private static RazorComponentResult<Onward> Refused() => Note(Say("That is for the approvers of the trust root"), Say("They alone enroll people and machines."), 403);

    private static RazorComponentResult<Onward> Note(string title, string text, int status) => new(new { Title = title, Text = text, To = "/codes", Label = Say("Go back"), AtOnce = false }) { StatusCode = status };
}

/// <summary>Codes that wait for an approver's signature, as they travel with the browser, sealed.</summary>
internal sealed record CodesState(DateTimeOffset Expires, byte[] Statement, IReadOnlyList<EnrollmentLine> Lines, IReadOnlyDictionary<string, string> Codes);

/// <summary>Serialization of them.</summary>
[JsonSerializable(typeof(CodesState))]
internal sealed partial class CodesJson : JsonSerializerContext;
