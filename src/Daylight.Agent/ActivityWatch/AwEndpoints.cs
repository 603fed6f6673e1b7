using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Daylight.Agent.Sending;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent.ActivityWatch;

/// <summary>
/// ActivityWatch's REST API, as its clients expect it. A client that gets an error status for a heartbeat drops it for good, so what a
/// pause drops is still answered with 200 and an echo.
/// </summary>
internal sealed class AwEndpoints(RawStore store, Sender sender, AgentOptions options, DeviceName device)
{
    private const double LongestDuration = 7 * 86400;
    private const int LongestId = 200;

    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/0");
        api.MapGet("/info", () => Json(new AwInfo(device.Hostname, "v0.13.2 (Daylight)", options.Port == 5666, device.Id), AwJson.Default.AwInfo));
        api.MapGet("/buckets", () => Json(store.Buckets().ToDictionary(b => b.Id), AwJson.Default.IReadOnlyDictionaryStringAwBucketOut));
        api.MapGet("/buckets/{id}", (string id) => store.Buckets().FirstOrDefault(b => b.Id == id) is { } bucket ? Json(bucket, AwJson.Default.AwBucketOut) : NoBucket(id));
        api.MapPost("/buckets/{id}", CreateAsync);
        api.MapPut("/buckets/{id}", CreateAsync);
        api.MapDelete("/buckets/{id}", async (string id) => await store.DeleteBucketAsync(id) ? Empty() : NoBucket(id));
        api.MapGet("/buckets/{id}/events", EventsAsync);
        api.MapPost("/buckets/{id}/events", InsertAsync);
        api.MapGet("/buckets/{id}/events/count", CountAsync);
        api.MapGet("/buckets/{id}/events/{n:long}", (string id, long n) => store.BucketKey(id) is { } key && store.Event(key, n) is { } found ? Json(Out(found), AwJson.Default.AwEventOut) : NoBucket(id));
        api.MapDelete("/buckets/{id}/events/{n:long}", async (string id, long n) => store.BucketKey(id) is { } key ? Results.Text(await store.DeleteEventAsync(key, n) ? "true" : "false", "application/json") : NoBucket(id));
        api.MapPost("/buckets/{id}/heartbeat", HeartbeatAsync);
        api.MapPost("/import", async (HttpContext context, CancellationToken cancel) => await ImportAsync(context, cancel));
    }

    /// <summary>Takes an export; returns how many events were new, or null when it is not an export.</summary>
    public async Task<int?> ImportAsync(Stream json, CancellationToken cancel)
    {
        AwExport? export;
        try
        {
            export = await JsonSerializer.DeserializeAsync(json, AwJson.Default.AwExport, cancel);
        }
        catch (JsonException)
        {
            return null;
        }

        if (export?.Buckets is not { } buckets)
        {
            return null;
        }

        var count = 0;
        foreach (var (name, bucket) in buckets)
        {
            var id = bucket?.Id ?? name;
            await store.CreateBucketAsync(id, bucket?.Type ?? TypeOf(id), bucket?.Client ?? "import", bucket?.Hostname ?? device.Hostname, null, "{}");
            var key = store.BucketKey(id)!.Value;
            // Imported twice is imported once: an event that is there already, at this time with this data, is left as it is.
            var events = (bucket?.Events ?? []).Where(e => e?.Timestamp is not null && IsSane(e)).Select(e => e with { Id = null }).ToList();
            var fresh = events.Count == 0 ? [] : Fresh(key, events);
            foreach (var part in fresh.Chunk(5000))
            {
                await store.InsertAsync(key, part);
            }

            count += fresh.Count;
        }

        return count;
    }

    private List<AwEvent> Fresh(long key, List<AwEvent> events)
    {
        var known = store.Events(key, RawStore.Micros(events.Min(e => e.Timestamp!.Value)) - 1, null, int.MaxValue).Select(e => (e.Start, e.Data)).ToHashSet();
        return events.FindAll(e => known.Add((RawStore.Micros(e.Timestamp!.Value), RawStore.Text(e.Data))));
    }

    private async Task<IResult> CreateAsync(string id, HttpContext context)
    {
        using var body = await AwBody.ReadAsync(context);
        if (body is null || Read(body.RootElement, AwJson.Default.AwBucketIn) is not { } bucket || id.Length > LongestId)
        {
            return NotJson();
        }

        var host = bucket.Hostname is null or "!local" ? device.Hostname : bucket.Hostname;
        var made = await store.CreateBucketAsync(id, bucket.Type ?? "unknown", bucket.Client ?? "unknown", host, bucket.Name, RawStore.Text(bucket.Data));
        return made || HttpMethods.IsPut(context.Request.Method) ? Empty() : Results.StatusCode(StatusCodes.Status304NotModified);
    }

    private async Task<IResult> HeartbeatAsync(string id, HttpContext context)
    {
        using var body = await AwBody.ReadAsync(context);
        if (body is null || Read(body.RootElement, AwJson.Default.AwEvent) is not { Timestamp: { } timestamp } beat)
        {
            return NotJson();
        }

        var pulse = double.TryParse(context.Request.Query["pulsetime"], NumberStyles.Float, CultureInfo.InvariantCulture, out var p) && p is >= 0 and < LongestDuration ? p : 0;
        var data = RawStore.Text(beat.Data);
        if (sender.IsPaused || !IsSane(beat))
        {
            return Json(Out(new StoredEvent(0, RawStore.Micros(timestamp), (long)(beat.Seconds * 1e6), data)), AwJson.Default.AwEventOut);
        }

        // A client gives an event up on any error status, so a bucket that is missing (deleted while the watcher runs) is made anew.
        var stored = await store.HeartbeatAsync(id, timestamp, beat.Seconds, data, pulse);
        if (stored is null && id.Length <= LongestId)
        {
            await store.CreateBucketAsync(id, TypeOf(id), "unknown", device.Hostname, null, "{}");
            stored = await store.HeartbeatAsync(id, timestamp, beat.Seconds, data, pulse);
        }

        return stored is null ? NoBucket(id) : Results.Text(Echo(stored), "application/json");
    }

    private async Task<IResult> InsertAsync(string id, HttpContext context)
    {
        using var body = await AwBody.ReadAsync(context);
        var events = body is null ? null
            : body.RootElement.ValueKind == JsonValueKind.Array ? Read(body.RootElement, AwJson.Default.ListAwEvent)
            : Read(body.RootElement, AwJson.Default.AwEvent) is { } one ? [one] : null;
        if (events is null || events.Exists(e => e?.Timestamp is null || !IsSane(e)))
        {
            return NotJson();
        }

        if (store.BucketKey(id) is not { } key)
        {
            return NoBucket(id);
        }

        var stored = sender.IsPaused ? [] : await store.InsertAsync(key, events);
        return stored is [var single] && body!.RootElement.ValueKind == JsonValueKind.Object
            ? Json(Out(single), AwJson.Default.AwEventOut)
            : Json([.. stored.Select(Out)], AwJson.Default.IReadOnlyListAwEventOut);
    }

    private IResult EventsAsync(string id, HttpContext context)
    {
        if (store.BucketKey(id) is not { } key)
        {
            return NoBucket(id);
        }

        if (!TryRange(context, out var from, out var to) || !TryLimit(context, out var limit))
        {
            return Message(400, "start and end are ISO 8601 times, limit is a whole number");
        }

        return Json([.. store.Events(key, from, to, limit).Select(Out)], AwJson.Default.IReadOnlyListAwEventOut);
    }

    private IResult CountAsync(string id, HttpContext context) => store.BucketKey(id) is not { } key
        ? NoBucket(id)
        : TryRange(context, out var from, out var to)
            ? Results.Text(store.Count(key, from, to).ToString(CultureInfo.InvariantCulture), "application/json")
            : Message(400, "start and end are ISO 8601 times");

    private async Task<IResult> ImportAsync(HttpContext context, CancellationToken cancel)
    {
        if (!context.Request.HasJsonContentType())
        {
            return NotJson(); // a multipart upload is how a foreign page writes into other servers
        }

        return await ImportAsync(context.Request.Body, cancel) is not null ? Empty() : NotJson();
    }

    private static bool TryRange(HttpContext context, out long? from, out long? to)
    {
        (from, to) = (null, null);
        foreach (var name in (string[])["start", "end"])
        {
            if (context.Request.Query[name].ToString() is { Length: > 0 } text)
            {
                // A plus sign that was not encoded arrives as a space.
                if (!DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
                {
                    return false;
                }

                from = name == "start" ? RawStore.Micros(instant) : from;
                to = name == "end" ? RawStore.Micros(instant) : to;
            }
        }

        return true;
    }

    private static bool TryLimit(HttpContext context, out int limit)
    {
        limit = int.MaxValue;
        if (context.Request.Query["limit"].ToString() is not { Length: > 0 } text)
        {
            return true;
        }

        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var asked))
        {
            return false;
        }

        limit = asked < 0 ? int.MaxValue : asked;
        return true;
    }

    private static bool IsSane(AwEvent e) => (e.Duration is null or (>= 0 and <= LongestDuration)) && e.Timestamp is { Year: >= 1971 and < 9000 };

    private static string TypeOf(string bucket) => bucket switch
    {
        _ when bucket.StartsWith("aw-watcher-window", StringComparison.Ordinal) => "currentwindow",
        _ when bucket.StartsWith("aw-watcher-afk", StringComparison.Ordinal) => "afkstatus",
        _ when bucket.StartsWith("aw-watcher-web", StringComparison.Ordinal) => "web.tab.current",
        _ when bucket.StartsWith("aw-watcher-input", StringComparison.Ordinal) => "os.hid.input",
        _ => "unknown",
    };

    /// <summary>The event as JSON. Its data is the text that was stored, which is JSON already: nothing is parsed again on the busiest route.</summary>
    private static string Echo(StoredEvent e) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{e.Id},\"timestamp\":\"{RawStore.Iso(e.Start)}\",\"duration\":{e.Duration / 1e6:R},\"data\":{e.Data}}}");

    private static AwEventOut Out(StoredEvent e) => new(e.Id == 0 ? null : e.Id, RawStore.Iso(e.Start), e.Duration / 1e6, RawStore.Json(e.Data));

    private static T? Read<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return element.Deserialize(type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IResult Json<T>(T value, JsonTypeInfo<T> type) => Results.Json(value, type);

    private static IResult Empty() => Results.Text("{}", "application/json");

    private static IResult NoBucket(string id) => Message(404, $"There's no bucket named {id}");

    private static IResult NotJson() => Message(400, "The body is JSON (Content-Type: application/json) of the shape that ActivityWatch documents; times are ISO 8601, durations seconds.");

    private static IResult Message(int status, string message) => Results.Json(new AwMessage(message), AwJson.Default.AwMessage, statusCode: status);
}

/// <summary>What this machine calls itself towards its own watchers.</summary>
internal sealed record DeviceName(string Hostname, string Id);
