using Daylight.Protocol;
using Daylight.Server.Features.Disclosures;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Hosting;

/// <summary>Every refusal as RFC 9457 problem details: what, where, what to do.</summary>
internal static class Problems
{
    private const string Base = "https://daylight.example/problems/";

    public static IResult BadRequest(string detail) => Of(400, "bad-request", "That request cannot be understood", detail);

    public static IResult NotSignedIn() => Of(
        401, "not-signed-in", "Who are you?", "Send a token (Authorization: Bearer …) or sign the call with a credential. This token is unknown, over, or missing.");

    public static IResult SignInRefused(string detail) => Of(401, "sign-in-refused", "Not signed in", detail);

    public static IResult Forbidden(string detail, string missing) => Of(403, "no-rule", "No rule allows it", detail, missing);

    public static IResult AskRequired(AskWanted wanted) => Json(new Problem(
        Base + "ask-required",
        "A session or token alone opens nothing",
        403,
        $"Make an ask (POST /api/v1/asks), sign its bytes with your credential (PUT /api/v1/asks/{{id}}/signature), and send its id in {DaylightHeaders.Ask}.") { Missing = "signed ask", Ask = wanted });

    public static IResult NotFound(string detail) => Of(404, "not-found", "There is no such thing", detail);

    public static IResult Conflict(string detail) => Of(409, "conflict", "The log does not carry that", detail);

    public static IResult Paused(string program) => Of(423, "paused", $"{program} is paused", $"The program {program} is paused. Nothing is collected and nothing is shown until it is resumed.");

    public static IResult Unavailable(string detail) => Of(503, "no-log-no-look", "Nothing can be shown now", detail);

    public static IResult Refused(RefusedLook why, ulong entry) => Json(new Problem(
        Base + "no-rule", "No rule allows it", 403, string.Join(" ", why.Reasons)) { Missing = why.Missing, Codes = why.Codes, Reasons = why.Reasons, Entry = entry });

    private static IResult Of(int status, string type, string title, string detail, string? missing = null) => Json(new Problem(Base + type, title, status, detail) { Missing = missing });

    private static IResult Json(Problem problem) => Results.Json(problem, ProtocolJson.Default.Problem, "application/problem+json", problem.Status);
}
