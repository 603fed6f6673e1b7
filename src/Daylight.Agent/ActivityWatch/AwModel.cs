using System.Text.Json;
using System.Text.Json.Serialization;

namespace Daylight.Agent.ActivityWatch;

/// <summary>An event on the wire: <c>duration</c> in seconds; <c>id</c>, <c>duration</c> and <c>data</c> may be missing.</summary>
internal sealed record AwEvent
{
    [JsonPropertyName("id")]
    public long? Id { get; init; }

    [JsonPropertyName("timestamp")]
    public DateTimeOffset? Timestamp { get; init; }

    [JsonPropertyName("duration")]
    public double? Duration { get; init; }

    /// <summary>The duration in seconds, within 0 and a week.</summary>
    [JsonIgnore]
    public double Seconds => double.Clamp(Duration ?? 0, 0, 7 * 86400);

    [JsonPropertyName("data")]
    public JsonElement Data { get; init; }
}

/// <summary>An event as it is answered: UTC, milliseconds.</summary>
internal sealed record AwEventOut(
    [property: JsonPropertyName("id")] long? Id,
    [property: JsonPropertyName("timestamp")] string Timestamp,
    [property: JsonPropertyName("duration")] double Duration,
    [property: JsonPropertyName("data")] JsonElement Data);

/// <summary>What makes a bucket.</summary>
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
}

/// <summary>A bucket as it is answered.</summary>
internal sealed record AwBucketOut(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("created")] string Created,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("client")] string Client,
    [property: JsonPropertyName("hostname")] string Hostname,
    [property: JsonPropertyName("data")] JsonElement Data,
    [property: JsonPropertyName("last_updated"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LastUpdated);

/// <summary>Who answers.</summary>
internal sealed record AwInfo(
    [property: JsonPropertyName("hostname")] string Hostname,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("testing")] bool Testing,
    [property: JsonPropertyName("device_id")] string DeviceId);

/// <summary>An error as ActivityWatch writes it.</summary>
internal sealed record AwMessage([property: JsonPropertyName("message")] string Message);

/// <summary>A bucket of an export, with its events.</summary>
internal sealed record AwExportBucket
{
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("client")]
    public string? Client { get; init; }

    [JsonPropertyName("hostname")]
    public string? Hostname { get; init; }

    [JsonPropertyName("events")]
    public List<AwEvent>? Events { get; init; }
}

/// <summary>An export.</summary>
internal sealed record AwExport
{
    [JsonPropertyName("buckets")]
    public Dictionary<string, AwExportBucket>? Buckets { get; init; }
}

/// <summary>Serialization of the ActivityWatch API.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(AwEvent))]
[JsonSerializable(typeof(List<AwEvent>))]
[JsonSerializable(typeof(AwEventOut))]
[JsonSerializable(typeof(IReadOnlyList<AwEventOut>))]
[JsonSerializable(typeof(AwBucketIn))]
[JsonSerializable(typeof(AwBucketOut))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, AwBucketOut>))]
[JsonSerializable(typeof(AwInfo))]
[JsonSerializable(typeof(AwMessage))]
[JsonSerializable(typeof(AwExport))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class AwJson : JsonSerializerContext;
