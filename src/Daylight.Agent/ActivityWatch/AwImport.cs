using System.Text;
using System.Text.Json;
using Daylight.Agent.Intake;
using Daylight.Agent.Store;

namespace Daylight.Agent.ActivityWatch;

/// <summary>Takes an export, event by event, however many years it holds. Imported twice is imported once.</summary>
internal sealed class AwImport(RawStore store, Admittance admittance, DeviceName device)
{
    private const int Together = 5000;

    private int taken;
    private int skipped;

    /// <summary>What became of its events.</summary>
    public async Task<Imported> RunAsync(Stream json, CancellationToken cancel)
    {
        var feed = new JsonFeed(json, AgentLimits.MostHeartbeat);
        try
        {
            await ObjectAsync(feed, async name =>
            {
                if (name == "buckets")
                {
                    await ObjectAsync(feed, id => BucketAsync(feed, id, cancel), cancel);
                }
                else
                {
                    await feed.ValueAsync(cancel);
                }
            }, cancel);
            return new Imported(taken, skipped, await feed.IsAtEndAsync(cancel) ? null : "something follows after its end");
        }
        catch (JsonException e)
        {
            return new Imported(taken, skipped, e.Message);
        }
        catch (InvalidOperationException)
        {
            return new Imported(taken, skipped, "a name in it is no text");
        }
    }

    private async Task BucketAsync(JsonFeed feed, string key, CancellationToken cancel)
    {
        var fields = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        await ObjectAsync(feed, async field =>
        {
            if (field == "events")
            {
                await EventsAsync(feed, await MakeAsync(key, fields), cancel);
                return;
            }

            fields[field] = (await feed.ValueAsync(cancel)).ToArray();
        }, cancel);

        // What describes it may have come after its events; and it may have none.
        var bucket = await MakeAsync(key, fields);
        if (AsText(fields, "type") is { } type && type != bucket.Type)
        {
            await store.UpdateBucketAsync(bucket.Id, type, AsText(fields, "client"), AsText(fields, "hostname"), DataOf(fields));
            admittance.Know(bucket.Id, type);
            if (!admittance.MayHold(bucket.Id))
            {
                await store.ClearBucketAsync(bucket.Id);
            }
        }
    }

    private async Task<Bucket> MakeAsync(string key, Dictionary<string, ReadOnlyMemory<byte>> fields)
    {
        var (id, type, client, hostname, name) = (AsText(fields, "id") ?? key, AsText(fields, "type"), AsText(fields, "client"), AsText(fields, "hostname"), AsText(fields, "name"));
        if (((string?[])[id, type, client, hostname, name]).Any(t => t?.Length > AgentLimits.LongestName) || DataOf(fields)?.Length > AgentLimits.LongestData)
        {
            throw new JsonException($"a bucket's name is longer than {AgentLimits.LongestName} characters, or its data too large");
        }

        var kind = type ?? BucketTypes.Of(id);
        long? created = Iso8601.TryParse(AsText(fields, "created") ?? string.Empty, out var at) ? RawStore.Micros(at) : null;
        switch (await store.CreateBucketAsync(id, kind, client ?? "import", hostname ?? device.Hostname, name, DataOf(fields) ?? "{}", created))
        {
            case BucketMade.TooMany:
                throw new JsonException($"there are {AgentLimits.MostBuckets} buckets already: delete some first");
            case BucketMade.New:
                admittance.Know(id, kind);
                break;
            case BucketMade.Known:
            default:
                break;
        }

        return store.Bucket(id) ?? throw new JsonException($"the bucket {id} was deleted meanwhile");
    }

    private async Task EventsAsync(JsonFeed feed, Bucket bucket, CancellationToken cancel)
    {
        if (!await feed.StartArrayAsync(cancel))
        {
            return;
        }

        var batch = new List<NewEvent>();
        while (await feed.ItemAsync(cancel) is { } item)
        {
            if ((HeartbeatReader.TryRead(item, out var e) || HeartbeatReader.TryRead(HeartbeatReader.WithoutNaN(item), out e)) && admittance.Check(bucket.Id, e) == Dropped.No)
            {
                batch.Add(e with { Id = null, Data = e.Data.ToArray() });
            }
            else
            {
                skipped++; // one event that is none does not keep the others out
            }

            if (batch.Count == Together)
            {
                await StoreAsync(bucket, batch);
            }
        }

        await StoreAsync(bucket, batch);
    }

    /// <summary>Stores what is not there yet; of an event that has grown since, the longer one stays.</summary>
    private async Task StoreAsync(Bucket bucket, List<NewEvent> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var known = new Dictionary<(long, string), StoredEvent>();
        foreach (var e in store.At(bucket.Key, batch.Select(e => e.Start)))
        {
            known[(e.Start, Encoding.UTF8.GetString(e.Data.Span))] = e;
        }

        var fresh = new List<NewEvent>();
        foreach (var same in batch.GroupBy(e => (e.Start, Data: Encoding.UTF8.GetString(e.Data.Span))))
        {
            var longest = same.MaxBy(e => e.Duration);
            if (!known.TryGetValue(same.Key, out var before))
            {
                fresh.Add(longest);
                taken++;
            }
            else if (before.Duration < Math.Min(longest.Duration, AgentLimits.LongestEvent))
            {
                fresh.Add(longest with { Id = before.Id });
            }
        }

        if (store.Size > AgentLimits.MostStore)
        {
            throw new JsonException($"there are {AgentLimits.MostStore >> 30} GiB of events already: forget some first");
        }

        if (fresh.Count > 0)
        {
            await store.InsertAsync(bucket.Key, fresh);
        }

        batch.Clear();
    }

    private static string? DataOf(Dictionary<string, ReadOnlyMemory<byte>> fields) =>
        fields.TryGetValue("data", out var data) && data.Span.TrimStart(" \r\n\t"u8) is [(byte)'{', ..] ? Encoding.UTF8.GetString(data.Span) : null;

    private static string? AsText(Dictionary<string, ReadOnlyMemory<byte>> fields, string name)
    {
        if (!fields.TryGetValue(name, out var value))
        {
            return null;
        }

        var reader = new Utf8JsonReader(value.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
    }

    private static async Task ObjectAsync(JsonFeed feed, Func<string, Task> field, CancellationToken cancel)
    {
        await feed.StartObjectAsync(cancel);
        while (await feed.NameAsync(cancel) is { } name)
        {
            await field(name);
        }
    }
}

/// <summary>JSON from a stream, value by value: no more of it is in memory than one value.</summary>
/// <param name="stream">The stream.</param>
/// <param name="most">Largest value in bytes.</param>
internal sealed class JsonFeed(Stream stream, int most)
{
    private byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;
    private bool isWhole;
    private JsonReaderState state;

    /// <summary>Reads the start of an object.</summary>
    /// <exception cref="JsonException">Something else comes.</exception>
    public async Task StartObjectAsync(CancellationToken cancel) => _ = await TokenAsync(cancel) is (JsonTokenType.StartObject, _) ? 0 : throw new JsonException("an object is missing");

    /// <summary>Reads the start of a list; false for null.</summary>
    /// <exception cref="JsonException">Something else comes.</exception>
    public async Task<bool> StartArrayAsync(CancellationToken cancel) => await TokenAsync(cancel) switch
    {
        (JsonTokenType.StartArray, _) => true,
        (JsonTokenType.Null, _) => false,
        _ => throw new JsonException("a list is missing"),
    };

    /// <summary>The next name of an object; null at its end.</summary>
    /// <exception cref="JsonException">Something else comes.</exception>
    public async Task<string?> NameAsync(CancellationToken cancel) => await TokenAsync(cancel) switch
    {
        (JsonTokenType.PropertyName, var name) => name,
        (JsonTokenType.EndObject, _) => null,
        _ => throw new JsonException("a name is missing"),
    };

    /// <summary>The next value, whole; valid until the next call.</summary>
    /// <exception cref="JsonException">None comes.</exception>
    public async Task<ReadOnlyMemory<byte>> ValueAsync(CancellationToken cancel) => await ItemAsync(cancel) ?? throw new JsonException("a value is missing");

    /// <summary>The next item of a list, whole; null at its end. Valid until the next call.</summary>
    /// <exception cref="JsonException">Something else comes.</exception>
    public async Task<ReadOnlyMemory<byte>?> ItemAsync(CancellationToken cancel)
    {
        ReadOnlyMemory<byte>? value;
        while (!TryValue(out value))
        {
            await FillAsync(cancel);
        }

        return value;
    }

    /// <summary>Whether nothing but blanks follows.</summary>
    public async Task<bool> IsAtEndAsync(CancellationToken cancel)
    {
        while (!isWhole)
        {
            await FillAsync(cancel);
            if (!buffer.AsSpan(start, end - start).TrimStart(" \r\n\t"u8).IsEmpty)
            {
                return false;
            }

            start = end;
        }

        return buffer.AsSpan(start, end - start).TrimStart(" \r\n\t"u8).IsEmpty;
    }

    private async Task<(JsonTokenType Type, string? Name)> TokenAsync(CancellationToken cancel)
    {
        (JsonTokenType, string?) token;
        while (!TryToken(out token))
        {
            await FillAsync(cancel);
        }

        return token;
    }

    private bool TryToken(out (JsonTokenType, string?) token)
    {
        var reader = new Utf8JsonReader(buffer.AsSpan(start, end - start), isWhole, state);
        token = default;
        if (!reader.Read())
        {
            return false;
        }

        token = (reader.TokenType, reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null);
        (state, start) = (reader.CurrentState, start + (int)reader.BytesConsumed);
        return true;
    }

    private bool TryValue(out ReadOnlyMemory<byte>? value)
    {
        var reader = new Utf8JsonReader(buffer.AsSpan(start, end - start), isWhole, state);
        value = null;
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
        {
            (state, start) = (reader.CurrentState, start + (int)reader.BytesConsumed);
            return true;
        }

        var from = start + (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return false;
        }

        (state, start) = (reader.CurrentState, start + (int)reader.BytesConsumed);
        value = buffer.AsMemory(from, start - from);
        return true;
    }

    private async Task FillAsync(CancellationToken cancel)
    {
        if (isWhole)
        {
            throw new JsonException("it ends too early");
        }

        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length)
        {
            if (buffer.Length >= most)
            {
                throw new JsonException("a value is too large");
            }

            Array.Resize(ref buffer, Math.Min(most, buffer.Length * 2));
        }

        var read = await stream.ReadAsync(buffer.AsMemory(end), cancel);
        (end, isWhole) = (end + read, read == 0);
    }
}
