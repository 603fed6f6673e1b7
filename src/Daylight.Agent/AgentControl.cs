using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Agent.Collecting;
using Daylight.Agent.Intake;
using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent;

/// <summary>Where a running agent is, and the secret that its own user's commands show it.</summary>
public sealed record AgentRuntime(int Port, string Secret);

/// <summary>A pause of the person's.</summary>
/// <param name="Program">Program, or null for everything.</param>
/// <param name="Until">When it ends; null until it is resumed.</param>
public sealed record AgentPause(string? Program, DateTimeOffset? Until);

/// <summary>A program that will begin, or become wider.</summary>
/// <param name="Program">Program.</param>
/// <param name="Since">First local day.</param>
/// <param name="Changes">What becomes wider.</param>
public sealed record AgentNotice(string Program, DateOnly Since, IReadOnlyList<string> Changes);

/// <summary>How an agent is doing.</summary>
/// <param name="Enrolled">Whether it is enrolled.</param>
/// <param name="Pauses">What the employee paused.</param>
/// <param name="Programs">Programs that it collects for today.</param>
/// <param name="Coming">What will begin, or become wider.</param>
/// <param name="InputCounted">Whether key presses and clicks are being counted.</param>
/// <param name="OutboxItems">Items that will be sent.</param>
/// <param name="NextUpload">When; null when none is planned.</param>
/// <param name="Last">How the last sending went.</param>
/// <param name="RawEvents">Raw events on this machine.</param>
/// <param name="RawDays">How many days they stay.</param>
/// <param name="RawKey">Where the key lies that they are encrypted with.</param>
/// <param name="NotStored">How often something was not stored since the agent started, by reason.</param>
/// <param name="Openings">What the keyholder's count of openings said; its warnings are those of now.</param>
public sealed record AgentStatus(
    bool Enrolled,
    IReadOnlyList<AgentPause> Pauses,
    IReadOnlyList<string> Programs,
    IReadOnlyList<AgentNotice> Coming,
    bool InputCounted,
    int OutboxItems,
    DateTimeOffset? NextUpload,
    SendOutcome Last,
    long RawEvents,
    int RawDays,
    string RawKey,
    IReadOnlyDictionary<string, long> NotStored,
    OpeningsSeen Openings);

/// <summary>What is in the outbox.</summary>
/// <param name="Items">Items, newest first; those of today still grow.</param>
/// <param name="Days">Numbers of days that are over.</param>
/// <param name="Sealed">Sealed chunks that wait for the server.</param>
public sealed record OutboxView(IReadOnlyList<OutboxItem> Items, IReadOnlyList<DayNumbers> Days, IReadOnlyList<SealedItem> Sealed);

/// <summary>A pause that is wanted.</summary>
/// <param name="Program">Program, or null for everything.</param>
/// <param name="Minutes">For so long; null until resumed.</param>
/// <param name="Today">For the rest of the day.</param>
/// <param name="Reason">Why, where a charter asks.</param>
public sealed record PauseWanted(string? Program = null, int? Minutes = null, bool Today = false, string? Reason = null);

/// <summary>How the person stands to a program that covers them.</summary>
/// <param name="Program">Program.</param>
/// <param name="Version">Version of its charter.</param>
/// <param name="Explain">The one sentence.</param>
/// <param name="Asks"><c>opt-in</c>, <c>opt-out</c> or <c>none</c>.</param>
/// <param name="MayObject">Whether one may object to it.</param>
/// <param name="Said"><c>given</c>, <c>withdrawn</c>, <c>objected</c>, <c>upheld</c>, <c>rejected</c>, or empty.</param>
/// <param name="Against">Why nothing is collected of this person; null when something is.</param>
public sealed record AgentChoice(string Program, int Version, string Explain, string Asks, bool MayObject, string Said, string? Against);

/// <summary>A decision of the person's about a program.</summary>
/// <param name="Program">Program.</param>
/// <param name="Answer"><c>yes</c>, <c>no</c>, <c>noticed</c>, <c>object</c> or <c>erase</c>.</param>
/// <param name="Grounds">On which grounds, of an objection.</param>
/// <param name="Erase">Whether what is kept is erased, too.</param>
public sealed record Decision(string Program, string Answer, string? Grounds = null, bool Erase = false);

/// <summary>What became of a decision.</summary>
/// <param name="Done">Whether it stands in the log.</param>
/// <param name="Says">In words.</param>
public sealed record Decided(bool Done, string Says);

/// <summary>What an import did.</summary>
/// <param name="Events">How many events were new.</param>
/// <param name="Skipped">How many could not be read, or may not be stored.</param>
/// <param name="Problem">Why it was not read to its end; null when it was.</param>
public sealed record Imported(int Events, int Skipped, string? Problem = null);

/// <summary>What stood in the way.</summary>
public sealed record AgentProblem(string Detail);

/// <summary>A look at oneself that a browser waits with.</summary>
/// <param name="Code">What the browser shows as well.</param>
/// <param name="Time">When it was asked for.</param>
/// <param name="Expires">Until when it serves.</param>
/// <param name="Kinds">Records, submissions.</param>
/// <param name="Programs">Programs.</param>
public sealed record AgentAsk(string Code, DateTimeOffset Time, DateTimeOffset Expires, IReadOnlyList<string> Kinds, IReadOnlyList<string> Programs);

/// <summary>Serialization of the agent's control.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentRuntime))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(OutboxView))]
[JsonSerializable(typeof(PauseWanted))]
[JsonSerializable(typeof(IReadOnlyList<AgentChoice>))]
[JsonSerializable(typeof(IReadOnlyList<AgentAsk>))]
[JsonSerializable(typeof(Decision))]
[JsonSerializable(typeof(Decided))]
[JsonSerializable(typeof(Imported))]
[JsonSerializable(typeof(AgentProblem))]
[JsonSerializable(typeof(OpeningsSeen))]
[JsonSerializable(typeof(SendOutcome))]
public sealed partial class AgentJson : JsonSerializerContext;

/// <summary>The agent's side of its own commands: only who can read the runtime file knows the secret.</summary>
internal sealed class AgentControl(AgentParts parts, ActivityWatch.AwEndpoints activityWatch, string secret)
{
    private const int MostMinutes = 366 * 24 * 60;

    public void Map(IEndpointRouteBuilder routes)
    {
        var control = routes.MapGroup("/daylight/v1").AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.Headers.Authorization == "Bearer " + secret ? await next(context) : Results.StatusCode(StatusCodes.Status401Unauthorized));
        control.MapGet("/status", async () => Results.Json(await StatusAsync(), AgentJson.Default.AgentStatus));
        control.MapGet("/outbox", async () => Results.Json(
            new OutboxView(await parts.Outbox.ItemsAsync(), parts.Outbox.Days(), parts.Sender.Sealing.Items()), AgentJson.Default.OutboxView));
        control.MapPost("/flush", async (HttpContext _, CancellationToken cancel) => Results.Json(await parts.Sender.SendAsync(all: true, cancel), AgentJson.Default.SendOutcome));
        var decisions = new Decisions(parts);
        control.MapGet("/choices", () => Results.Json(decisions.All(), AgentJson.Default.IReadOnlyListAgentChoice));
        control.MapPost("/choices", async (HttpContext context, CancellationToken cancel) => await ActivityWatch.AwRequest.BodyAsync(context, AgentJson.Default.Decision) is { Program: not null, Answer: not null } wanted
            ? Results.Json(await decisions.TakeAsync(wanted, cancel), AgentJson.Default.Decided)
            : Results.Json(new AgentProblem("A decision names a program and an answer, in JSON."), AgentJson.Default.AgentProblem, statusCode: 400));
        control.MapGet("/asks", async (HttpContext _, CancellationToken cancel) => await AskedAsync(async () => Results.Json<IReadOnlyList<AgentAsk>>(
            [.. (await parts.Sender.AsksAsync(cancel)).Select(a => new AgentAsk(a.Code(), a.Time, a.Expires, a.Kinds, a.Programs))], AgentJson.Default.IReadOnlyListAgentAsk)));
        control.MapPost("/asks/{code}", async (string code, CancellationToken cancel) => await AskedAsync(async () => Results.Json(
            await parts.Sender.SignAskAsync(code, cancel) ? new Decided(true, "Signed: go back to your browser.") : new Decided(false, "Nothing waits under that code; nothing was signed."), AgentJson.Default.Decided)));
        control.MapPost("/pause", PauseAsync);
        control.MapPost("/resume", async (HttpContext context, CancellationToken _) =>
        {
            await parts.Pauses.ResumeAsync(context.Request.Query["program"] is [{ Length: > 0 } program] ? program : null);
            return Results.NoContent();
        });
        control.MapPost("/forget", async () =>
        {
            await parts.Outbox.ForgetAsync();
            return Results.NoContent();
        });
        control.MapPost("/import", async (HttpContext context, CancellationToken cancel) =>
        {
            // The employee's own file, however many years it holds.
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            return Results.Json(await activityWatch.ImportAsync(context.Request.Body, cancel), AgentJson.Default.Imported);
        });
    }

    private static async Task<IResult> AskedAsync(Func<Task<IResult>> act)
    {
        IResult? answer = null;
        var tried = await Decisions.TryAsync(async () =>
        {
            answer = await act();
            return string.Empty;
        });
        return answer ?? Results.Json(new AgentProblem(tried.Says), AgentJson.Default.AgentProblem, statusCode: StatusCodes.Status502BadGateway);
    }

    private async Task<AgentStatus> StatusAsync()
    {
        var (today, now) = (parts.Person.Today, parts.Time.GetUtcNow());
        var openings = parts.Sender.Openings;
        return new AgentStatus(
            parts.Enrollment.Exists,
            [.. parts.Pauses.On.Select(p => new AgentPause(p.Program, p.Until))],
            [.. parts.Book.Programs.Where(p => parts.Book.On(p, today) is not null)],
            [.. parts.Book.Coming(today).Select(p => new AgentNotice(p.Program, p.Since, p.Changes))],
            parts.Admittance.IsCollected("input"),
            (await parts.Outbox.ItemsAsync()).Count,
            parts.Schedule.Next,
            parts.Sender.Last,
            parts.Raw.Holds().Events,
            parts.RawDays,
            parts.Raw.KeyPlace,
            parts.Admittance.Drops.ToDictionary(d => JsonNamingPolicy.KebabCaseLower.ConvertName(d.Key.ToString()), d => d.Value),
            openings with { Warnings = openings.WarningsAt(now) });
    }

    private async Task<IResult> PauseAsync(HttpContext context, CancellationToken cancel)
    {
        if (await ActivityWatch.AwRequest.BodyAsync(context, AgentJson.Default.PauseWanted) is not { Minutes: null or (> 0 and <= MostMinutes) } wanted)
        {
            return Results.Json(new AgentProblem("A pause names a program or none, and minutes up to a year or none, in JSON."), AgentJson.Default.AgentProblem, statusCode: 400);
        }

        var now = parts.Time.GetUtcNow();
        if (wanted.Program is { } program && !parts.Book.Programs.Contains(program, StringComparer.Ordinal))
        {
            return Results.Json(new AgentProblem($"This machine collects for no program '{program}'. Programs: {string.Join(", ", parts.Book.Programs.DefaultIfEmpty("none"))}."), AgentJson.Default.AgentProblem, statusCode: 404);
        }

        DateTimeOffset? until = wanted.Today ? parts.Person.Local.At(parts.Person.Today.AddDays(1), 0) : wanted.Minutes is { } minutes ? now.AddMinutes(minutes) : null;
        return await parts.PauseAsync(wanted.Program, until, wanted.Reason ?? string.Empty) is { } missing
            ? Results.Json(new AgentProblem(missing), AgentJson.Default.AgentProblem, statusCode: 400)
            : Results.NoContent();
    }
}
