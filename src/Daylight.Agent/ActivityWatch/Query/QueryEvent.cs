using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Daylight.Core.Minimization;

namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>An event in a query. Never changed.</summary>
/// <param name="id">Its id in the store, or null for one that a query made.</param>
/// <param name="start">Microseconds since 1970, UTC.</param>
/// <param name="duration">Microseconds.</param>
/// <param name="data">What it says.</param>
internal sealed class QueryEvent(long? id, long start, long duration, EventData data)
{
    public long? Id => id;

    /// <summary>Microseconds since 1970, UTC.</summary>
    public long Start => start;

    /// <summary>Microseconds.</summary>
    public long Duration => duration;

    /// <summary>Microseconds since 1970, UTC.</summary>
    public long End => start + duration;

    /// <summary>What it says.</summary>
    public EventData Data => data;

    /// <summary>The same event at another time.</summary>
    public QueryEvent At(long newStart, long newDuration) => new(id, newStart, newDuration, data);

    /// <summary>The event saying something else.</summary>
    public QueryEvent With(EventData other) => ReferenceEquals(other, data) ? this : new(id, start, duration, other);

    /// <summary>Writes it as ActivityWatch's clients read events.</summary>
    public void WriteTo(Utf8JsonWriter writer, Action<Utf8JsonWriter, object?> writeValue)
    {
        writer.WriteStartObject();
        if (id is { } number)
        {
            writer.WriteNumber("id"u8, number);
        }
        else
        {
            writer.WriteNull("id"u8);
        }

        writer.WriteString("timestamp"u8, Store.RawStore.Iso(start));
        writer.WriteNumber("duration"u8, duration / 1e6);
        writer.WritePropertyName("data"u8);
        data.WriteTo(writer, writeValue);
        writer.WriteEndObject();
    }
}

/// <summary>What an event says: a JSON object. A hundred thousand events say much the same, and share it; so it is never changed, and what is found of it once is found for all.</summary>
internal sealed class EventData
{
    private readonly byte[]? json;
    private IReadOnlyDictionary<string, object?>? fields;

    /// <summary>What the store holds.</summary>
    /// <param name="json">A JSON object in UTF-8, read when somebody asks.</param>
    public EventData(byte[] json) => this.json = json;

    /// <summary>What a query made.</summary>
    public EventData(IReadOnlyDictionary<string, object?> fields) => this.fields = fields;

    /// <summary>Nothing.</summary>
    public static EventData Empty { get; } = new(new Dictionary<string, object?>());

    /// <summary>Its fields, in order.</summary>
    public IReadOnlyDictionary<string, object?> Fields => fields ??= Read(json);

    /// <summary>The same with fields set.</summary>
    public EventData With(params ReadOnlySpan<(string Key, object? Value)> more)
    {
        var copy = new Dictionary<string, object?>(Fields, StringComparer.Ordinal);
        foreach (var (key, value) in more)
        {
            copy[key] = value;
        }

        return new EventData(copy);
    }

    /// <summary>Writes it.</summary>
    public void WriteTo(Utf8JsonWriter writer, Action<Utf8JsonWriter, object?> writeValue)
    {
        if (json is null)
        {
            writeValue(writer, fields);
        }
        else
        {
            writer.WriteRawValue(json, skipInputValidation: true);
        }
    }

    /// <summary>Finds something of what many events say, once for all that say the same.</summary>
    public static Func<EventData, T> Once<T>(Func<EventData, T> find)
    {
        var found = new Dictionary<EventData, T>(ReferenceEqualityComparer.Instance);
        return data => found.TryGetValue(data, out var known) ? known : found[data] = find(data);
    }

    private static Dictionary<string, object?> Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Object(ref reader);
    }

    private static Dictionary<string, object?> Object(ref Utf8JsonReader reader)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader);
            reader.Read();
            fields[key] = Value(ref reader);
        }

        return fields;
    }

    private static object? Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return Text(ref reader);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? whole : reader.TryGetDouble(out var number) ? number : 0.0;
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.StartObject:
                return Object(ref reader);
            case JsonTokenType.StartArray:
                var items = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Value(ref reader));
                }

                return items;
            default:
                return null;
        }
    }

    // A text that was cut inside an emoji is JSON, but no text: what is left of it stands.
    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}

/// <summary>What events say, by its UTF-8: each text once. Used by several threads.</summary>
internal sealed class EventDataPool
{
    private readonly ConcurrentDictionary<byte[], EventData> known = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<byte[], EventData>.AlternateLookup<ReadOnlySpan<byte>> lookup;

    public EventDataPool() => lookup = known.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The data of some UTF-8.</summary>
    public EventData Get(ReadOnlySpan<byte> utf8)
    {
        if (lookup.TryGetValue(utf8, out var data))
        {
            return data;
        }

        var own = utf8.ToArray();
        return known.GetOrAdd(own, new EventData(own));
    }
}
