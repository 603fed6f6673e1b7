using System.Text;
using System.Text.Json;
using Daylight.Agent.Intake;
using Daylight.Agent.Store;

namespace Daylight.Agent.ActivityWatch;

/// <summary>
/// Takes an export, event by event, however many years it holds. Imported twice is imported once: an event that is there already, at this time with this
/// data, is left as it is.
/// </summary>
internal sealed class AwImport(RawStore store, Admittance admittance, DeviceName device)
{
    private const int Together = 5000;

    private int taken;

    /// <summary>How many events were new; null when it is not an export.</summary>
    public async Task<int?> RunAsync(Stream json, CancellationToken cancel)
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
            return await feed.IsAtEndAsync(cancel) ? taken : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task BucketAsync(JsonFeed feed, string name, CancellationToken cancel)
    {
        string? id = name, type = null, client = null, hostname = null;
        await ObjectAsync(feed, async field =>
        {
            if (field == "events")
            {
                await EventsAsync(feed, id ?? name, type, client, hostname, cancel);
                return;
            }

            var value = await feed.ValueAsync(cancel);
            _ = field switch
            {
                "id" => id = AsText(value),
                "type" => type = AsText(value),
                "client" => client = AsText(value),
                "hostname" => hostname = AsText(value),
                _ => null,
            };
        }, cancel);
        if (type is not null)
        {
            await store.UpdateBucketAsync(id ?? name, type, null, null, null); // its events may have come before its type
            admittance.Know(id ?? name, type);
        }
    }

    private async Task EventsAsync(JsonFeed feed, string id, string? type, string? client, string? hostname, CancellationToken cancel)
    {
        if (((string?[])[id, type, client, hostname]).Any(t => t?.Length > AgentLimits.LongestName))
        {
            throw new JsonException("a name is too long");
        }

        var kind = type ?? BucketTypes.Of(id);
        if (await store.CreateBucketAsync(id, kind, client ?? "import", hostname ?? device.Hostname, null, "{}") == BucketMade.TooMany)
        {
            throw new JsonException("too many buckets");
        }

        admittance.Know(id, kind);
        var (bucket, batch) = (store.Bucket(id)!, new List<NewEvent>());
        await feed.StartArrayAsync(cancel);
        while (await feed.ItemAsync(cancel) is { } item)
        {
            if (!HeartbeatReader.TryRead(item, out var e))
            {
                throw new JsonException("an event is none");
            }

            if (admittance.Check(id, e) == Dropped.No)
            {
                batch.Add(e with { Id = null, Data = e.Data.ToArray() });
            }

            if (batch.Count == Together)
            {
                await StoreAsync(bucket, batch);
            }
        }

        await StoreAsync(bucket, batch);
    }

    private async Task StoreAsync(Bucket bucket, List<NewEvent> batch)
    {
        if (batch.Count > 0)
        {
            var (first, last) = (batch.Min(e => e.Start), batch.Max(e => e.Start));
            var known = store.Read(bucket.Key, first, last).Select(e => (e.Start, Encoding.UTF8.GetString(e.Data.Span))).ToHashSet();
            var fresh = batch.FindAll(e => known.Add((e.Start, Encoding.UTF8.GetString(e.Data.Span))));
            taken += fresh.Count == 0 ? 0 : (await store.InsertAsync(bucket.Key, fresh)).Count;
            batch.Clear();
        }
    }

    private static string? AsText(ReadOnlyMemory<byte> value)
    {
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

    /// <summary>Reads the start of a list.</summary>
    /// <exception cref="JsonException">Something else comes.</exception>
    public async Task StartArrayAsync(CancellationToken cancel) => _ = await TokenAsync(cancel) is (JsonTokenType.StartArray, _) ? 0 : throw new JsonException("a list is missing");

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
