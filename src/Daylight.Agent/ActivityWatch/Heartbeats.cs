using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Daylight.Agent.Intake;
using Daylight.Agent.Store;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.ActivityWatch;

/// <summary>
/// The busiest route. One pass over the body, one merge, one durable commit, and an echo. A client that gets an error status for a heartbeat drops it for good, so
/// only what is no heartbeat at all gets one.
/// </summary>
internal sealed class Heartbeats(RawStore store, Admittance admittance, string hostname)
{
    private const string Prefix = "/api/0/buckets/";
    private const string Suffix = "/heartbeat";

    /// <summary>The bucket that a request's heartbeat is for; null when it is another request.</summary>
    public static string? BucketOf(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && request.Path.Value is { } path && path.Length > Prefix.Length + Suffix.Length
        && path.StartsWith(Prefix, StringComparison.Ordinal) && path.EndsWith(Suffix, StringComparison.Ordinal) && !path.AsSpan(Prefix.Length, path.Length - Prefix.Length - Suffix.Length).Contains('/')
            ? Decoded(path[Prefix.Length..^Suffix.Length])
            : null;

    /// <summary>A bucket's id as it is: in a path a slash of it stays encoded.</summary>
    public static string Decoded(string id) => id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes a heartbeat.</summary>
    public async Task HandleAsync(HttpContext context, string bucket)
    {
        if (!context.Request.HasJsonContentType())
        {
            await AwEndpoints.NotJson().ExecuteAsync(context);
            return;
        }

        if (context.Request.ContentLength > AgentLimits.MostHeartbeat || bucket.Length > AgentLimits.LongestName)
        {
            admittance.Count(Dropped.Size);
            await WriteAsync(context, new StoredEvent(0, 0, 0, default));
            return;
        }

        var body = context.Request.BodyReader;
        var read = await ReadAllAsync(body, context.RequestAborted);
        var rented = read.IsSingleSegment ? null : ArrayPool<byte>.Shared.Rent((int)read.Length);
        try
        {
            if (rented is not null)
            {
                read.CopyTo(rented);
            }

            var json = rented is null ? read.First : rented.AsMemory(0, (int)read.Length);
            if (!HeartbeatReader.TryRead(json, out var beat) && !HeartbeatReader.TryRead(HeartbeatReader.WithoutNaN(json), out beat))
            {
                await AwEndpoints.NotJson().ExecuteAsync(context);
                return;
            }

            await WriteAsync(context, await TakeAsync(bucket, beat, PulseOf(context.Request)));
        }
        finally
        {
            body.AdvanceTo(read.End);
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Stores a heartbeat if it may be; what may not is echoed.</summary>
    private async Task<StoredEvent> TakeAsync(string bucket, NewEvent beat, long pulse)
    {
        if (admittance.Check(bucket, beat) != Dropped.No)
        {
            return Echo(beat);
        }

        var taken = await store.HeartbeatAsync(bucket, beat, pulse);
        if (taken is Beat.NoBucket)
        {
            // A bucket that is missing (deleted while its watcher runs) is made anew.
            var type = BucketTypes.Of(bucket);
            if (await store.CreateBucketAsync(bucket, type, "unknown", hostname, null, "{}") == BucketMade.TooMany)
            {
                admittance.Count(Dropped.TooMany);
                return Echo(beat);
            }

            admittance.Know(bucket, type);
            taken = await store.HeartbeatAsync(bucket, beat, pulse);
        }

        return taken is Beat.Stored stored ? stored.Event : Echo(beat);
    }

    private static StoredEvent Echo(NewEvent beat) => new(0, beat.Start, beat.Duration, beat.Data);

    private static long PulseOf(HttpRequest request) =>
        double.TryParse(request.Query["pulsetime"], NumberStyles.Float, CultureInfo.InvariantCulture, out var pulse) && pulse >= 0 ? (long)(Math.Min(pulse, AgentLimits.LongestEvent / 1e6) * 1e6) : 0;

    private static async ValueTask<ReadOnlySequence<byte>> ReadAllAsync(PipeReader body, CancellationToken cancel)
    {
        while (true)
        {
            var result = await body.ReadAsync(cancel);
            if (result.IsCompleted || result.Buffer.Length > AgentLimits.MostHeartbeat)
            {
                return result.Buffer;
            }

            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>The event as JSON. Its data is JSON already: nothing is parsed again.</summary>
    private static Task WriteAsync(HttpContext context, StoredEvent e)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        var data = e.Data.IsEmpty ? "{}"u8 : e.Data.Span;
        var writer = response.BodyWriter;
        var span = writer.GetSpan(128 + data.Length);
        var length = 0;
        Append(span, ref length, "{\"id\":"u8);
        if (e.Id == 0)
        {
            Append(span, ref length, "null"u8);
        }
        else
        {
            _ = Utf8Formatter.TryFormat(e.Id, span[length..], out var id);
            length += id;
        }

        Append(span, ref length, ",\"timestamp\":\""u8);
        _ = RawStore.Instant(e.Start).UtcDateTime.TryFormat(span[length..], out var time, "yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'", CultureInfo.InvariantCulture);
        length += time;
        Append(span, ref length, "\",\"duration\":"u8);
        _ = (e.Duration / 1e6).TryFormat(span[length..], out var duration, "R", CultureInfo.InvariantCulture);
        length += duration;
        Append(span, ref length, ",\"data\":"u8);
        Append(span, ref length, data);
        span[length++] = (byte)'}';
        response.ContentLength = length;
        writer.Advance(length);
        return Task.CompletedTask; // the server sends it at the end of the request
    }

    private static void Append(Span<byte> span, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(span[length..]);
        length += text.Length;
    }
}

/// <summary>Reads an event as ActivityWatch's clients write it.</summary>
internal static class HeartbeatReader
{
    private static readonly ReadOnlyMemory<byte> NoData = "{}"u8.ToArray();

    private const double Longest = AgentLimits.LongestEvent / 1e6 * 100;

    /// <summary>Reads one event; false when it is none. Its data is where it stands in the JSON.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, out NewEvent e)
    {
        e = default;
        var reader = new Utf8JsonReader(json.Span);
        try
        {
            return reader.Read() && TryRead(ref reader, json, out e) && !reader.Read();
        }
        catch (Exception x) when (x is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads the event at whose start the reader stands; the reader stands at its end then.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static bool TryRead(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, out NewEvent e)
    {
        e = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        long? id = null;
        DateTimeOffset? start = null;
        var (seconds, data, sane) = (0.0, NoData, true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isTime, isDuration, isData, isId) = (reader.ValueTextEquals("timestamp"u8), reader.ValueTextEquals("duration"u8), reader.ValueTextEquals("data"u8), reader.ValueTextEquals("id"u8));
            reader.Read();
            if (isTime)
            {
                start = Time(ref reader);
            }
            else if (isDuration)
            {
                sane &= TryNumber(ref reader, ref seconds);
            }
            else if (isId)
            {
                id = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var known) && known > 0 ? known : null;
            }
            else if (isData && reader.TokenType == JsonTokenType.StartObject)
            {
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                data = json[from..(int)reader.BytesConsumed];
                continue;
            }

            reader.Skip();
        }

        if (start is not { } at || !sane || seconds is not (> -Longest and < Longest))
        {
            return false;
        }

        // One byte that is no text would make a whole export unreadable.
        data = Utf8.IsValid(data.Span) ? data : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(data.Span));

        // Milliseconds, as in ActivityWatch, so that what is exported and imported again is the same event.
        e = new NewEvent(id, RawStore.Micros(at) / 1000 * 1000, (long)Math.Round(seconds * 1e6), data);
        return true;
    }

    /// <summary>Python writes numbers that are none as NaN and Infinity, which is not JSON: null stands there then. Empty when there is none of them.</summary>
    public static ReadOnlyMemory<byte> WithoutNaN(ReadOnlyMemory<byte> json)
    {
        var text = json.Span;
        if (text.IndexOf("NaN"u8) < 0 && text.IndexOf("Infinity"u8) < 0)
        {
            return default;
        }

        var plain = new ArrayBufferWriter<byte>(json.Length + 16);
        for (var (i, isText) = (0, false); i < text.Length;)
        {
            var number = isText ? 0 : text[i..].StartsWith("NaN"u8) ? 3 : text[i..].StartsWith("Infinity"u8) ? 8 : text[i..].StartsWith("-Infinity"u8) ? 9 : 0;
            var length = number > 0 ? number : isText && text[i] == (byte)'\\' && i + 1 < text.Length ? 2 : 1;
            plain.Write(number > 0 ? "null"u8 : text.Slice(i, length));
            isText ^= length == 1 && text[i] == (byte)'"';
            i += length;
        }

        return plain.WrittenMemory;
    }

    // Most times come as .NET reads them, with a zone; for the others there is a slower way.
    private static DateTimeOffset? Time(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return null;
        }

        return !reader.ValueIsEscaped && HasZone(reader.ValueSpan) && reader.TryGetDateTimeOffset(out var time) || Iso8601.TryParse(reader.GetString()!, out time) ? time : null;
    }

    private static bool HasZone(ReadOnlySpan<byte> text) => text.Length > 6 && (text[^1] is (byte)'Z' || text[^6] is (byte)'+' or (byte)'-');

    private static bool TryNumber(ref Utf8JsonReader reader, ref double number) => reader.TokenType == JsonTokenType.Null
        || (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out number))
        || (reader.TokenType == JsonTokenType.String && double.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number));
}
