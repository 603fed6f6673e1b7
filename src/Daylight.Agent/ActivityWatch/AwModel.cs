using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Agent.Store;

namespace Daylight.Agent.ActivityWatch;

/// <summary>What makes or changes a bucket.</summary>
internal sealed record AwBucketIn
{
    [JsonPropertyName("client")]
    public string? Client { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("hostname")]
    public string? Hostname { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("data")]
    public JsonElement Data { get; init; }

    /// <summary>Whether everything in it is as long as it may be.</summary>
    [JsonIgnore]
    public bool IsSane => ((string?[])[Client, Type, Hostname, Name]).All(t => t is null || t.Length <= AgentLimits.LongestName) && (Data.ValueKind != JsonValueKind.Object || Data.GetRawText().Length <= AgentLimits.LongestData);

    /// <summary>Its data as text; null when there is none.</summary>
    [JsonIgnore]
    public string? DataText => Data.ValueKind == JsonValueKind.Object ? Data.GetRawText() : null;
}

/// <summary>A query.</summary>
internal sealed record AwQuery
{
    [JsonPropertyName("timeperiods")]
    public IReadOnlyList<string>? Timeperiods { get; init; }

    [JsonPropertyName("query")]
    public IReadOnlyList<string>? Query { get; init; }
}

/// <summary>Who answers.</summary>
internal sealed record AwInfo(
    [property: JsonPropertyName("hostname")] string Hostname,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("testing")] bool Testing,
    [property: JsonPropertyName("device_id")] string DeviceId);

/// <summary>An error as ActivityWatch writes it.</summary>
internal sealed record AwMessage(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Type = null);

/// <summary>Serialization of the ActivityWatch API.</summary>
[JsonSerializable(typeof(AwBucketIn))]
[JsonSerializable(typeof(AwQuery))]
[JsonSerializable(typeof(AwInfo))]
[JsonSerializable(typeof(AwMessage))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class AwJson : JsonSerializerContext;

/// <summary>Buckets and events as ActivityWatch's clients read them. The data of both is JSON already.</summary>
internal static class AwWriter
{
    /// <summary>Text as it is: what reads an export with a tool for text finds a plus sign where there is one.</summary>
    public static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteBucket(this Utf8JsonWriter writer, Bucket bucket, long? lastUpdated)
    {
        writer.WriteStartObject();
        WriteFields(writer, bucket);
        if (lastUpdated is { } last)
        {
            writer.WriteString("last_updated"u8, RawStore.Iso(last));
        }

        writer.WriteEndObject();
    }

    public static void WriteFields(Utf8JsonWriter writer, Bucket bucket)
    {
        writer.WriteString("id"u8, bucket.Id);
        writer.WriteString("created"u8, RawStore.Iso(bucket.Created));
        writer.WriteString("name"u8, bucket.Name);
        writer.WriteString("type"u8, bucket.Type);
        writer.WriteString("client"u8, bucket.Client);
        writer.WriteString("hostname"u8, bucket.Hostname);
        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(bucket.Data, skipInputValidation: true);
    }

    public static void WriteEvent(this Utf8JsonWriter writer, StoredEvent e, bool withId = true)
    {
        writer.WriteStartObject();
        if (withId)
        {
            writer.WriteNumber("id"u8, e.Id);
        }

        writer.WriteString("timestamp"u8, RawStore.Iso(e.Start));
        writer.WriteNumber("duration"u8, e.Duration / 1e6);
        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(e.Data.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }

    /// <summary>Writes JSON into a text.</summary>
    public static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
