using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Agent.ActivityWatch;
using Daylight.Agent.Collecting;
using Daylight.Agent.Intake;
using Daylight.Agent.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent.WakaTime;

/// <summary>
/// WakaTime's API, as far as its plug-ins need it: any of them works with <c>api_url</c> at this agent. What it takes is answered with 201 or 202 only, since anything
/// else is an error to wakatime-cli, and an item that it leaves out is sent again.
/// </summary>
internal sealed class WakaEndpoints(RawStore store, Admittance admittance, PersonTime person, DeviceName device, TimeProvider time)
{
    /// <summary>Between two points no further apart than this the time counts: WakaTime's own default.</summary>
    private const long Gap = 15 * 60 * 1_000_000L;

    private const int MostBody = 8 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, WakaPoint> last = new(StringComparer.Ordinal);

    /// <summary>Whether a path is one on which WakaTime's plug-ins report.</summary>
    public static bool IsReport(PathString path) => path.Value is { } p && (p.EndsWith("/users/current/heartbeats", StringComparison.Ordinal) || p.EndsWith("/users/current/heartbeats.bulk", StringComparison.Ordinal))
        && (p.StartsWith("/api/v1/", StringComparison.Ordinal) || p.StartsWith("/api/compat/wakatime/v1/", StringComparison.Ordinal));

    /// <summary>Whether a path is one that a browser's extension of WakaTime reads.</summary>
    public static bool IsRead(PathString path) => path.Value is "/api/v1/users/current" or "/api/v1/users/current/summaries" or "/api/v1/users/current/statusbar/today";

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var prefix in (string[])["/api/v1", "/api/compat/wakatime/v1"])
        {
            var api = routes.MapGroup(prefix + "/users/current");
            api.MapPost("/heartbeats", (HttpContext context, CancellationToken _) => ReportAsync(context, isBulk: false));
            api.MapPost("/heartbeats.bulk", (HttpContext context, CancellationToken _) => ReportAsync(context, isBulk: true));
            api.MapGet("/statusbar/today", StatusBar);
            api.MapGet("/status_bar/today", StatusBar);
            api.MapGet("/summaries", Summaries);
            routes.MapGet(prefix + "/users/current", () => Results.Json(new WakaUser(new WakaPerson(device.Id, Environment.UserName, person.Local.Zone.Id)), WakaJson.Default.WakaUser));
        }
    }

    private async Task<IResult> ReportAsync(HttpContext context, bool isBulk)
    {
        if (await AwRequest.ReadAsync(context, MostBody) is not { } body || Parse(body) is not { } document)
        {
            return Results.Json(new WakaError("the body is a heartbeat, or a list of them, in JSON"), WakaJson.Default.WakaError, statusCode: 400);
        }

        using (document)
        {
            var heartbeats = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray().ToList() : [document.RootElement];
            var answers = new List<(int Status, (string Field, string Text) Problem)>();
            foreach (var heartbeat in heartbeats.Take(AgentLimits.MostPoints))
            {
                answers.Add(WakaPoint.Read(heartbeat, out var problem) is { } point ? await TakeAsync(point, context.Request.Headers.UserAgent.ToString()) : (400, problem));
            }

            return isBulk ? Bulk(answers) : answers is [(>= 400, var why)] ? Results.Json(new WakaError($"{why.Field}: {why.Text}"), WakaJson.Default.WakaError, statusCode: 400)
                : document.RootElement.ValueKind == JsonValueKind.Array ? Bulk(answers) : Results.Text("""{"data":null,"error":null}""", "application/json", statusCode: 201);
        }
    }

    private async Task<(int Status, (string Field, string Text) Problem)> TakeAsync(WakaPoint point, string userAgent)
    {
        var kind = point.BucketType switch { "currentwindow" => "app", "web.tab.current" => "web", _ => WakaPoint.EditorOf(point.UserAgent ?? userAgent) };
        var bucket = $"aw-watcher-wakatime-{kind}_{device.Hostname}"; // whatever X-Machine-Name says: wakatime-cli escapes it once more with every request
        point = Resolve(bucket, point);
        var happened = new NewEvent(null, point.Time, 0, point.Data());
        if (admittance.Check(bucket, happened) != Dropped.No)
        {
            return (201, default); // as if it were kept: nothing else ends it
        }

        var taken = await store.PointAsync(bucket, happened, Gap);
        if (taken is Beat.NoBucket)
        {
            if (await store.CreateBucketAsync(bucket, point.BucketType, "wakatime", device.Hostname, null, "{}") == BucketMade.TooMany)
            {
                admittance.Count(Dropped.TooMany);
                return (201, default);
            }

            admittance.Know(bucket, point.BucketType);
            await store.PointAsync(bucket, happened, Gap);
        }

        if (last.Count >= AgentLimits.MostBuckets)
        {
            last.Clear(); // of buckets that were deleted
        }

        last[bucket] = point;
        return (201, default);
    }

    /// <summary>Plug-ins write <c>&lt;&lt;LAST_PROJECT&gt;&gt;</c> where they mean what the heartbeat before said.</summary>
    private WakaPoint Resolve(string bucket, WakaPoint point)
    {
        var before = last.GetValueOrDefault(bucket);
        return point with
        {
            Project = point.Project == "<<LAST_PROJECT>>" ? before?.Project : point.Project,
            Branch = point.Branch == "<<LAST_BRANCH>>" ? before?.Branch : point.Branch,
            Language = point.Language == "<<LAST_LANGUAGE>>" ? before?.Language : point.Language,
        };
    }

    /// <summary>What the status bar of an editor shows: the time that editors reported today.</summary>
    private IResult StatusBar() => Results.Json(
        new WakaStatusBar(new WakaToday(Total(), []), time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)), WakaJson.Default.WakaStatusBar);

    /// <summary>What the popup of a browser's extension shows: today.</summary>
    private IResult Summaries() => Results.Json(new WakaSummaries([new WakaToday(Total(), [])]), WakaJson.Default.WakaSummaries);

    private WakaTotal Total()
    {
        var (today, now) = (person.Today, time.GetUtcNow());
        var (from, to) = (RawStore.Micros(person.Local.At(today, 0)), RawStore.Micros(now));
        var spans = store.Buckets().Where(b => b.Type == "app.editor.activity").SelectMany(b => store.Read(b.Key, from, to)).Select(e => (From: Math.Max(e.Start, from), To: Math.Min(e.Start + e.Duration, to))).OrderBy(s => s.From);
        var (total, reached) = (0L, from);
        foreach (var span in spans)
        {
            total += Math.Max(0, span.To - Math.Max(span.From, reached));
            reached = Math.Max(reached, span.To);
        }

        var seconds = total / 1e6;
        var (hours, minutes) = ((int)(seconds / 3600), (int)(seconds / 60) % 60);
        var text = hours == 0 ? Plural(minutes, "min") : $"{Plural(hours, "hr")} {Plural(minutes, "min")}";
        return new WakaTotal(Math.Round(seconds / 3600, 2).ToString("0.00", CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{hours}:{minutes:00}"), hours, minutes, text, seconds);
    }

    private static string Plural(int number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number == 1 ? "" : "s")}");

    private static IResult Bulk(List<(int Status, (string Field, string Text) Problem)> answers) => Results.Bytes(
        AwWriter.ToBytes(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("responses"u8);
            foreach (var (status, problem) in answers)
            {
                writer.WriteStartArray();
                writer.WriteStartObject();
                writer.WriteNull("data"u8);
                writer.WriteNull("error"u8); // a browser's extension sends again whatever has an error here, for ever
                if (status >= 400)
                {
                    writer.WriteStartObject("errors"u8);
                    writer.WriteStartArray(problem.Field);
                    writer.WriteStringValue(problem.Text);
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
                writer.WriteNumberValue(status);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }),
        "application/json").WithStatus(answers.TrueForAll(a => a.Status == 201) ? 201 : 202);

    /// <summary>A body: JSON whatever its content type says, or a JSON text that holds it, as VS Code for the web sends.</summary>
    private static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.String)
            {
                var text = document.RootElement.GetString()!;
                document.Dispose();
                document = JsonDocument.Parse(text);
            }

            if (document.RootElement.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>An answer with another status.</summary>
internal static class StatusResults
{
    /// <summary>The same body with a status of its own.</summary>
    public static IResult WithStatus(this IResult result, int status) => new Status(result, status);

    private sealed class Status(IResult result, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            return result.ExecuteAsync(httpContext);
        }
    }
}

/// <summary>An error as WakaTime writes it.</summary>
internal sealed record WakaError([property: JsonPropertyName("error")] string Error);

/// <summary>A total.</summary>
internal sealed record WakaTotal(
    [property: JsonPropertyName("decimal")] string Decimal,
    [property: JsonPropertyName("digital")] string Digital,
    [property: JsonPropertyName("hours")] int Hours,
    [property: JsonPropertyName("minutes")] int Minutes,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("total_seconds")] double TotalSeconds);

/// <summary>Today.</summary>
internal sealed record WakaToday([property: JsonPropertyName("grand_total")] WakaTotal GrandTotal, [property: JsonPropertyName("categories")] IReadOnlyList<WakaTotal> Categories);

/// <summary>What a status bar shows.</summary>
internal sealed record WakaStatusBar([property: JsonPropertyName("data")] WakaToday Data, [property: JsonPropertyName("cached_at")] string CachedAt);

/// <summary>Days.</summary>
internal sealed record WakaSummaries([property: JsonPropertyName("data")] IReadOnlyList<WakaToday> Data);

/// <summary>Whose agent this is, as a browser's extension asks.</summary>
internal sealed record WakaUser([property: JsonPropertyName("data")] WakaPerson Data);

/// <summary>A person, as WakaTime describes one.</summary>
internal sealed record WakaPerson([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("display_name")] string DisplayName, [property: JsonPropertyName("timezone")] string Timezone);

/// <summary>Serialization of WakaTime's answers.</summary>
[JsonSerializable(typeof(WakaSummaries))]
[JsonSerializable(typeof(WakaUser))]
[JsonSerializable(typeof(WakaError))]
[JsonSerializable(typeof(WakaStatusBar))]
internal sealed partial class WakaJson : JsonSerializerContext;
