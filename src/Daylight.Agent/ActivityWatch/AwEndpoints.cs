using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Daylight.Agent.ActivityWatch.Query;
using Daylight.Agent.Intake;
using Daylight.Agent.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent.ActivityWatch;

/// <summary>What this machine calls itself towards its own watchers.</summary>
internal sealed record DeviceName(string Hostname, string Id);

/// <summary>ActivityWatch's REST API, as its clients expect it; heartbeats have a way of their own (<see cref="Heartbeats"/>).</summary>
internal sealed class AwEndpoints(RawStore store, Admittance admittance, AgentOptions options, DeviceName device) : IDisposable
{
    private const int Large = 1024 * 1024;

    // What takes much memory or time goes one after the other: a machine's own programs have nothing to gain by doing it side by side.
    private readonly SemaphoreSlim queries = new(2, 2);
    private readonly SemaphoreSlim imports = new(1, 1);

    public void Dispose()
    {
        queries.Dispose();
        imports.Dispose();
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/0");
        api.MapGet("/info", () => Json(new AwInfo(device.Hostname, "v0.13.2 (Daylight)", options.Port == 5666, device.Id), AwJson.Default.AwInfo));
        api.MapGet("/buckets", Buckets);
        api.MapGet("/buckets/{id}", (string id) => store.Bucket(id) is { } bucket ? Json(w => w.WriteBucket(bucket, store.LastUpdated(bucket.Key))) : NoBucket(id));
        api.MapPost("/buckets/{id}", CreateAsync);
        api.MapPut("/buckets/{id}", UpdateAsync);
        api.MapDelete("/buckets/{id}", DeleteAsync);
        api.MapGet("/buckets/{id}/events", EventsAsync);
        api.MapPost("/buckets/{id}/events", InsertAsync);
        api.MapGet("/buckets/{id}/events/count", Count);
        api.MapGet("/buckets/{id}/events/{n:long}", (string id, long n) => store.Bucket(id) is not { } bucket ? NoBucket(id) : store.Event(bucket.Key, n) is { } found ? Json(w => w.WriteEvent(found)) : NoEvent(n));
        api.MapDelete("/buckets/{id}/events/{n:long}", async (string id, long n) => store.Bucket(id) is not { } bucket ? NoBucket(id) : Text($$"""{"success":{{(await store.DeleteEventAsync(bucket.Key, n) ? "true" : "false")}}}"""));
        api.MapPost("/query", QueryAsync);
        api.MapGet("/export", (HttpContext context) => ExportAsync(context, store.Buckets(), "aw-buckets-export.json"));
        api.MapGet("/buckets/{id}/export", (string id, HttpContext context) => store.Bucket(id) is { } bucket ? ExportAsync(context, [bucket], $"aw-bucket-export_{FileName(bucket.Id)}.json") : NoBucket(id).ExecuteAsync(context));
        api.MapPost("/import", async (HttpContext context, CancellationToken cancel) => !context.Request.HasJsonContentType() ? NotJson()
            : await ImportAsync(context.Request.Body, cancel) is { Problem: { } problem } ? Message(400, $"It was not read to its end: {problem}. Events before that were taken.") : Empty());
        api.MapGet("/settings", SettingsAsync);
        api.MapGet("/settings/{key}", (string key) => Text(store.Setting(key) ?? "null"));
        api.MapPost("/settings/{key}", SetAsync);
        api.MapDelete("/settings/{key}", async (string key) =>
        {
            await store.SetSettingAsync(key, null);
            return Empty();
        });
    }

    /// <summary>Takes an export.</summary>
    public async Task<Imported> ImportAsync(Stream json, CancellationToken cancel)
    {
        await imports.WaitAsync(cancel);
        try
        {
            return await new AwImport(store, admittance, device).RunAsync(json, cancel);
        }
        finally
        {
            imports.Release();
        }
    }

    private IResult Buckets() => Json(writer =>
    {
        writer.WriteStartObject();
        foreach (var bucket in store.Buckets())
        {
            writer.WritePropertyName(bucket.Id);
            writer.WriteBucket(bucket, store.LastUpdated(bucket.Key));
        }

        writer.WriteEndObject();
    });

    private async Task<IResult> CreateAsync(string id, HttpContext context)
    {
        if (await AwRequest.BodyAsync(context, AwJson.Default.AwBucketIn) is not { IsSane: true } bucket || id.Length > AgentLimits.LongestName)
        {
            return NotJson();
        }

        var isHere = bucket.Hostname is null or "!local";
        var (type, host) = (bucket.Type ?? BucketTypes.Of(id), isHere ? device.Hostname : bucket.Hostname!);
        var made = await store.CreateBucketAsync(id, type, bucket.Client ?? "unknown", host, bucket.Name, bucket.DataText ?? (isHere ? $$"""{"device_id":"{{device.Id}}"}""" : "{}"));
        if (made == BucketMade.New)
        {
            admittance.Know(id, type);
        }

        return made switch
        {
            BucketMade.New => Empty(),
            BucketMade.Known => Results.StatusCode(StatusCodes.Status304NotModified),
            BucketMade.TooMany or _ => Message(400, $"There are {AgentLimits.MostBuckets} buckets already: delete some first."),
        };
    }

    private async Task<IResult> DeleteAsync(string id)
    {
        // Only when it is gone: until then its type says what may not be stored, such as input counts that no charter asks for.
        if (!await store.DeleteBucketAsync(id))
        {
            return NoBucket(id);
        }

        admittance.Forget(id);
        if (store.Bucket(id) is { } anew)
        {
            admittance.Know(id, anew.Type); // its watcher was quicker
        }

        return Empty();
    }

    private async Task<IResult> UpdateAsync(string id, HttpContext context)
    {
        if (await AwRequest.BodyAsync(context, AwJson.Default.AwBucketIn) is not { IsSane: true } bucket || id.Length > AgentLimits.LongestName)
        {
            return NotJson();
        }

        if (await store.UpdateBucketAsync(id, bucket.Type, bucket.Client, bucket.Hostname == "!local" ? device.Hostname : bucket.Hostname, bucket.DataText))
        {
            if (bucket.Type is { } type)
            {
                admittance.Know(id, type);
                if (!admittance.MayHold(id))
                {
                    await store.ClearBucketAsync(id);
                }
            }

            return Empty();
        }

        return NoBucket(id);
    }

    private async Task<IResult> InsertAsync(string id, HttpContext context)
    {
        if (context.Request.ContentLength is null or > Large)
        {
            await imports.WaitAsync(context.RequestAborted);
            try
            {
                return await InsertNowAsync(id, context);
            }
            finally
            {
                imports.Release();
            }
        }

        return await InsertNowAsync(id, context);
    }

    private async Task<IResult> InsertNowAsync(string id, HttpContext context)
    {
        if (!context.Request.HasJsonContentType() || await AwRequest.ReadAsync(context, AgentLimits.MostBody) is not { } body || AwRequest.ReadEvents(body, out var isList) is not { } events)
        {
            return NotJson();
        }

        if (store.Bucket(id) is not { } bucket)
        {
            return NoBucket(id);
        }

        var verdicts = events.ConvertAll(e => admittance.Check(id, e));
        if (events.Count > 0 && verdicts.TrueForAll(v => v is Dropped.Clock or Dropped.Size))
        {
            return Message(400, $"Dated ahead of this machine's clock, longer than a year, or larger than {AgentLimits.LongestData} bytes: nothing was stored.");
        }

        if (events.Count > 1 && store.Size > AgentLimits.MostStore)
        {
            return Message(400, $"There are {AgentLimits.MostStore >> 30} GiB of events: forget some first. Nothing was stored.");
        }

        List<NewEvent> taken = [.. events.Where((_, i) => verdicts[i] == Dropped.No)];
        var stored = taken.Count == 0 ? [] : await store.InsertAsync(bucket.Key, taken);
        return Json(writer =>
        {
            if (!isList)
            {
                writer.WriteEvent(stored.Count > 0 ? stored[0] : new StoredEvent(0, events[0].Start, events[0].Duration, events[0].Data));
                return;
            }

            writer.WriteStartArray();
            foreach (var e in stored)
            {
                writer.WriteEvent(e);
            }

            writer.WriteEndArray();
        });
    }

    private async Task EventsAsync(string id, HttpContext context)
    {
        if (store.Bucket(id) is not { } bucket)
        {
            await NoBucket(id).ExecuteAsync(context);
            return;
        }

        if (!AwRequest.TryRange(context, out var from, out var to) || !AwRequest.TryLimit(context, out var limit))
        {
            await Message(400, "start and end are ISO 8601 times, limit is a whole number.").ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, AwWriter.Plain);
        writer.WriteStartArray();
        foreach (var e in store.Events(bucket.Key, from, to, limit))
        {
            writer.WriteEvent(e);
            await SendAsync(writer, context);
        }

        writer.WriteEndArray();
    }

    /// <summary>Sends what is written, bit by bit: no more than that is in memory.</summary>
    private static async ValueTask SendAsync(Utf8JsonWriter writer, HttpContext context)
    {
        if (writer.BytesPending > 64 * 1024)
        {
            await writer.FlushAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }

    private IResult Count(string id, HttpContext context) => store.Bucket(id) is not { } bucket ? NoBucket(id)
        : AwRequest.TryRange(context, out var from, out var to) ? Text(store.Count(bucket.Key, from, to).ToString(CultureInfo.InvariantCulture))
        : Message(400, "start and end are ISO 8601 times.");

    private async Task<IResult> QueryAsync(HttpContext context, CancellationToken cancel)
    {
        if (await AwRequest.BodyAsync(context, AwJson.Default.AwQuery) is not { Query: { } lines, Timeperiods: { Count: <= QueryRun.MostPeriods } named } || lines.Any(l => l is null))
        {
            return NotJson();
        }

        var periods = new List<(DateTimeOffset, DateTimeOffset)>();
        foreach (var period in named)
        {
            if (period?.Split('/') is not [var from, var to, ..] || !Iso8601.TryParse(from, out var start) || !Iso8601.TryParse(to, out var end))
            {
                return Message(400, "A period is two ISO 8601 times with a slash between them.", "QueryParseException");
            }

            periods.Add((start, end));
        }

        await queries.WaitAsync(cancel);
        try
        {
            var answers = QueryRun.Run(store, string.Join('\n', lines), context.Request.Query["name"].ToString(), periods, cancel);
            return Json(writer => QueryRun.Write(writer, answers.ToList()));
        }
        catch (QueryException e)
        {
            return Message(400, e.Message, e.Type);
        }
        finally
        {
            queries.Release();
        }
    }

    private async Task ExportAsync(HttpContext context, IReadOnlyList<Bucket> buckets, string file)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file}\"";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, AwWriter.Plain);
        writer.WriteStartObject();
        writer.WriteStartObject("buckets"u8);
        foreach (var bucket in buckets)
        {
            writer.WriteStartObject(bucket.Id);
            AwWriter.WriteFields(writer, bucket);
            writer.WriteStartArray("events"u8);
            foreach (var e in store.Read(bucket.Key, null, null))
            {
                writer.WriteEvent(e, withId: false);
                await SendAsync(writer, context);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private async Task SettingsAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, AwWriter.Plain);
        writer.WriteStartObject();
        foreach (var (key, value) in store.Settings())
        {
            writer.WritePropertyName(key);
            writer.WriteRawValue(value, skipInputValidation: true);
            await SendAsync(writer, context);
        }

        writer.WriteEndObject();
    }

    private async Task<IResult> SetAsync(string key, HttpContext context)
    {
        if (key.Length is 0 or > AgentLimits.LongestName || !context.Request.HasJsonContentType() || await AwRequest.ReadAsync(context, AgentLimits.MostSetting) is not { } body || !AwRequest.IsJson(body))
        {
            return NotJson();
        }

        return await store.SetSettingAsync(key, System.Text.Encoding.UTF8.GetString(body.Span)) ? Results.Text(body.Span, "application/json", 200) : Message(400, $"There are {AgentLimits.MostSettings} settings already.");
    }

    // What stands in a header must not break out of it.
    private static string FileName(string id) => string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));

    private static IResult Json<T>(T value, JsonTypeInfo<T> type) => Results.Json(value, type);

    private static IResult Json(Action<Utf8JsonWriter> write) => Results.Bytes(AwWriter.ToBytes(write), "application/json");

    private static IResult Text(string json) => Results.Text(json, "application/json");

    private static IResult Empty() => Text("{}");

    private static IResult NoBucket(string id) => Message(404, $"There's no bucket named {id}");

    private static IResult NoEvent(long id) => Message(404, $"There's no event {id.ToString(CultureInfo.InvariantCulture)} in this bucket");

    internal static IResult NotJson() => Message(400, "The body is JSON (Content-Type: application/json) of the shape that ActivityWatch documents; times are ISO 8601, durations seconds.");

    private static IResult Message(int status, string message, string? type = null) => Results.Json(new AwMessage(message, type), AwJson.Default.AwMessage, statusCode: status);
}
