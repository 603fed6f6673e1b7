using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

/// <summary>
/// What a charter does to one stream, compiled: one pass over an event's JSON finds the few fields that matter, and nothing is made of the others. Not for
/// two threads at once.
/// </summary>
internal sealed class StreamPlan
{
    private const int MostRemembered = 2_000;

    private readonly CollectedStream stream;
    private readonly EventFields fields;
    private readonly Dictionary<string?[], ImmutableSortedDictionary<string, string>> made = new(ValuesComparer.Instance);
    private readonly Func<string, string?>?[] transforms; // by slot; null where the field is only looked at
    private readonly Dictionary<byte[], string?>.AlternateLookup<ReadOnlySpan<byte>>[] remembered;
    private readonly CategoryPlan categories;
    private readonly (int App, int Title, int Url, int Incognito) inspected;
    private readonly (int[] Slot, string[] Field) collected;
    private readonly int[] leaving;
    private readonly int[] counts;
    private readonly string?[] values;

    public StreamPlan(Charter charter, CollectedStream stream, CategoryPlan categories, PseudonymKey key)
    {
        (this.stream, this.categories) = (stream, categories);
        var names = stream.Fields.Where(f => f.Value is not Transform.Drop).Select(f => f.Key).ToArray();
        var app = stream.Shape.Fields.Values.FirstOrDefault(f => f.Kind == FieldKind.App)?.Name;
        var hasUrl = stream.Shape.Fields.ContainsKey("url");
        var all = new List<string>();
        inspected = (Add(all, app), Add(all, hasUrl ? "title" : null), Add(all, hasUrl ? "url" : null), Add(all, "incognito"));
        collected = ([.. names.Select(f => Add(all, f))], names);
        fields = new EventFields(all);
        transforms = new Func<string, string?>?[fields.Count];
        remembered = new Dictionary<byte[], string?>.AlternateLookup<ReadOnlySpan<byte>>[fields.Count];
        for (var i = 0; i < names.Length; i++)
        {
            if (stream.Fields[names[i]] is not Transform.Category)
            {
                transforms[collected.Slot[i]] = FieldTransforms.Of(stream.Fields[names[i]], charter.Program, stream.Shape.Fields[names[i]], key);
            }
        }

        for (var i = 0; i < fields.Count; i++)
        {
            remembered[i] = new Dictionary<byte[], string?>(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        }

        var leavingFields = charter.LeavingFields(stream).ToHashSet(StringComparer.Ordinal);
        leaving = [.. Enumerable.Range(0, names.Length).Where(i => leavingFields.Contains(names[i]))];
        counts = [.. Enumerable.Range(0, names.Length).Where(i => stream.Fields[names[i]] is Transform.Count)];
        values = new string?[names.Length];
        Leaves = leavingFields.Count > 0;
        Step = stream.TimeStep?.Ticks ?? 0;
        (HasLength, CountsEvents) = (stream.Time is Transform.Round, stream.Time is Transform.Count);
        EveryStep = HasLength || stream.Time is Transform.Presence || stream.Fields.Values.Any(t => t is Transform.Presence);
    }

    /// <summary>Whether any record of the stream leaves the machine.</summary>
    public bool Leaves { get; }

    /// <summary>What the charter says of the stream.</summary>
    public CollectedStream Stream => stream;

    /// <summary>The stream's name.</summary>
    public string Name => stream.Stream;

    /// <summary>Whether people hand it in.</summary>
    public bool IsHandedIn => stream.Kind == IndividualKind.Submissions;

    /// <summary>Ticks of a time step.</summary>
    public long Step { get; }

    /// <summary>Whether records say how long something lasted.</summary>
    public bool HasLength { get; }

    /// <summary>Whether records say how many events there were.</summary>
    public bool CountsEvents { get; }

    /// <summary>Whether every step that an event touches makes a record; otherwise only the one in which it begins.</summary>
    public bool EveryStep { get; }

    /// <summary>The transformed values of the fields, in the order of <see cref="CollectedStream.Fields"/> without the dropped ones, of the event that was read last; null is nothing.</summary>
    public ReadOnlySpan<string?> Values => values;

    /// <summary>Where a field stands in <see cref="Values"/>, or −1.</summary>
    public int IndexOf(string field) => Array.IndexOf(collected.Field, field);

    /// <summary>Reads an event's data object. False when nothing of it may be used: a private window, or something on the private-life list.</summary>
    public bool Read(ReadOnlySpan<byte> data, bool withPictures = true)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && Read(ref reader, data, withPictures);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads an event's data object, at whose start the reader stands. A measure needs no picture, and a picture takes long.</summary>
    public bool Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, bool withPictures = true)
    {
        fields.Read(ref reader);
        if (fields.IsSet(inspected.Incognito, json))
        {
            return false;
        }

        var category = categories.Of(fields.Value(inspected.App, json), fields.Value(inspected.Url, json), fields.Value(inspected.Title, json));
        if (category is null)
        {
            return false;
        }

        for (var i = 0; i < values.Length; i++)
        {
            var slot = collected.Slot[i];
            values[i] = !fields.IsThere(slot) || (!withPictures && stream.Fields[collected.Field[i]] is Transform.Degrade) ? null : transforms[slot] is { } transform ? Transformed(slot, transform, json) : category;
        }

        return true;
    }

    /// <summary>What leaves of the event that was read last; counts only with the first part of it.</summary>
    public ImmutableSortedDictionary<string, string> Data(bool withCounts, bool countEvents)
    {
        // Most events read like one before; those with counts seldom do.
        if (counts.Length > 0 || countEvents)
        {
            return Make(withCounts, countEvents);
        }

        if (!made.TryGetValue(values, out var data))
        {
            if (made.Count == MostRemembered)
            {
                made.Clear();
            }

            made[[.. values]] = data = Make(withCounts, countEvents);
        }

        return data;
    }

    private ImmutableSortedDictionary<string, string> Make(bool withCounts, bool countEvents)
    {
        var data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var i in leaving)
        {
            if (values[i] is { } value && (withCounts || !counts.AsSpan().Contains(i)))
            {
                data[collected.Field[i]] = value;
            }
        }

        if (countEvents)
        {
            data[MinimizedRecord.Events] = "1";
        }

        return data.ToImmutable();
    }

    private string? Transformed(int slot, Func<string, string?> transform, ReadOnlySpan<byte> json)
    {
        var value = fields.Value(slot, json);
        var known = remembered[slot];
        if (known.TryGetValue(value, out var result))
        {
            return result;
        }

        result = transform(Encoding.UTF8.GetString(value));
        if (value.Length <= 1024)
        {
            if (known.Dictionary.Count == MostRemembered)
            {
                known.Dictionary.Clear();
            }

            known[value] = result;
        }

        return result;
    }

    private static int Add(List<string> all, string? field)
    {
        if (field is null)
        {
            return -1;
        }

        if (all.IndexOf(field) is >= 0 and var known)
        {
            return known;
        }

        all.Add(field);
        return all.Count - 1;
    }
}

/// <summary>The values of an event as a key. Values come out of memories that hand out the same text each time, so the same text is the same object; one that is not only makes one entry more.</summary>
internal sealed class ValuesComparer : IEqualityComparer<string?[]>
{
    public static ValuesComparer Instance { get; } = new();

    public bool Equals(string?[]? x, string?[]? y)
    {
        for (var i = 0; i < x!.Length; i++)
        {
            if (!ReferenceEquals(x[i], y![i]))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(string?[] obj)
    {
        var hash = 17;
        foreach (var value in obj)
        {
            hash = (hash * 31) + RuntimeHelpers.GetHashCode(value);
        }

        return hash;
    }
}
