using System.Text;
using System.Text.Json;

namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>An event in a query. Its data is read as far as somebody asks, and copied when somebody changes it.</summary>
internal sealed class QueryEvent
{
    private readonly ReadOnlyMemory<byte> json;
    private Dictionary<string, object?>? data;

    public QueryEvent(long? id, long start, long duration, ReadOnlyMemory<byte> json) => (Id, Start, Duration, this.json) = (id, start, duration, json);

    public QueryEvent(long? id, long start, long duration, Dictionary<string, object?> data) => (Id, Start, Duration, this.data) = (id, start, duration, data);

    public long? Id { get; }

    /// <summary>Microseconds since 1970, UTC.</summary>
    public long Start { get; }

    /// <summary>Microseconds.</summary>
    public long Duration { get; }

    /// <summary>Microseconds since 1970, UTC.</summary>
    public long End => Start + Duration;

    /// <summary>Its fields, in order.</summary>
    public IReadOnlyDictionary<string, object?> Data => Fields();

    /// <summary>The same event at another time.</summary>
    public QueryEvent At(long start, long duration) => data is null ? new QueryEvent(Id, start, duration, json) : new QueryEvent(Id, start, duration, new Dictionary<string, object?>(data));

    /// <summary>The same event with fields set.</summary>
    public QueryEvent With(params ReadOnlySpan<(string Key, object? Value)> fields)
    {
        var copy = new Dictionary<string, object?>(Fields(), StringComparer.Ordinal);
        foreach (var (key, value) in fields)
        {
            copy[key] = value;
        }

        return new QueryEvent(Id, Start, Duration, copy);
    }

    /// <summary>A field; false when the event has none of that name.</summary>
    public bool TryGet(string key, ReadOnlySpan<byte> utf8Key, TextPool pool, out object? value)
    {
        value = null;
        if (data is not null)
        {
            return data.TryGetValue(key, out value);
        }

        // Of events that come from the store one field is wanted, mostly: nothing is made of the others.
        var reader = new Utf8JsonReader(json.Span);
        var found = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKey = Is(ref reader, utf8Key);
            reader.Read();
            if (isKey)
            {
                (value, found) = (Value(ref reader, pool), true); // of a key that stands twice the last one holds
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    /// <summary>Writes it as ActivityWatch's clients read events.</summary>
    public void WriteTo(Utf8JsonWriter writer, Action<Utf8JsonWriter, object?> writeValue)
    {
        writer.WriteStartObject();
        if (Id is { } id)
        {
            writer.WriteNumber("id"u8, id);
        }
        else
        {
            writer.WriteNull("id"u8);
        }

        writer.WriteString("timestamp"u8, Store.RawStore.Iso(Start));
        writer.WriteNumber("duration"u8, Duration / 1e6);
        writer.WritePropertyName("data"u8);
        if (data is null)
        {
            writer.WriteRawValue(json.Span, skipInputValidation: true);
        }
        else
        {
            writeValue(writer, data);
        }

        writer.WriteEndObject();
    }

    private Dictionary<string, object?> Fields()
    {
        if (data is null)
        {
            var reader = new Utf8JsonReader(json.Span);
            reader.Read();
            data = Object(ref reader, null);
        }

        return data;
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.SequenceEqual(name);
        }

        return Text(ref reader) is { } text && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(name);
    }

    private static Dictionary<string, object?> Object(ref Utf8JsonReader reader, TextPool? pool)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader);
            reader.Read();
            fields[key] = Value(ref reader, pool);
        }

        return fields;
    }

    private static object? Value(ref Utf8JsonReader reader, TextPool? pool)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return pool is null || reader.ValueIsEscaped ? Text(ref reader) : pool.Get(reader.ValueSpan);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? whole : reader.TryGetDouble(out var number) ? number : 0.0;
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.StartObject:
                return Object(ref reader, pool);
            case JsonTokenType.StartArray:
                var items = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Value(ref reader, pool));
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

/// <summary>Texts by their UTF-8, so that what stands in a hundred thousand events is made once.</summary>
internal sealed class TextPool
{
    private const int Size = 4096;

    private readonly (byte[] Utf8, string Text)[] known = new (byte[], string)[Size];

    /// <summary>The text of some UTF-8.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        var hash = default(HashCode);
        hash.AddBytes(utf8);
        ref var slot = ref known[(uint)hash.ToHashCode() % Size];
        if (slot.Utf8 is null || !utf8.SequenceEqual(slot.Utf8))
        {
            slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        }

        return slot.Text;
    }
}
