using System.Text;
using System.Text.Json;

namespace Daylight.Core.Minimization;

/// <summary>
/// The few fields of an event's JSON that somebody looks at, found in one pass; nothing is made of the others. Holds places in the JSON that was read last,
/// so it is not for two threads at once.
/// </summary>
internal sealed class EventFields
{
    private readonly Slot[] slots;

    public EventFields(IReadOnlyList<string> names) => slots = [.. names.Select(n => new Slot(n))];

    public int Count => slots.Length;

    /// <summary>Reads a data object, at whose start the reader stands.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public void Read(ref Utf8JsonReader reader)
    {
        foreach (var slot in slots)
        {
            slot.Clear();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var slot = Find(ref reader);
            reader.Read();
            slot?.Take(ref reader);
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                reader.Skip();
            }
        }
    }

    public bool IsThere(int field) => slots[field].IsThere;

    /// <summary>A field's text, unescaped; empty when it is absent, or field is negative.</summary>
    public ReadOnlySpan<byte> Value(int field, ReadOnlySpan<byte> json) => field < 0 ? default : slots[field].Value(json);

    /// <summary>Whether a flag is set, however a watcher writes that.</summary>
    public bool IsSet(int field, ReadOnlySpan<byte> json) =>
        Value(field, json) is { IsEmpty: false } flag && !flag.SequenceEqual("0"u8) && !Ascii.EqualsIgnoreCase(flag, "false"u8);

    private Slot? Find(ref Utf8JsonReader reader)
    {
        foreach (var slot in slots)
        {
            if (Json.Is(ref reader, slot.Name))
            {
                return slot;
            }
        }

        return null;
    }

    /// <summary>Where a field's value lies in the event, or its unescaped copy.</summary>
    private sealed class Slot(string field)
    {
        private byte[] copy = [];
        private (int Start, int Length) at;
        private bool isCopy;

        public byte[] Name { get; } = Encoding.UTF8.GetBytes(field);

        public bool IsThere { get; private set; }

        public void Clear() => (IsThere, isCopy, at) = (false, false, default);

        public void Take(ref Utf8JsonReader reader)
        {
            IsThere = reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False;
            isCopy = IsThere && reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped;
            at = ((int)reader.TokenStartIndex + (reader.TokenType == JsonTokenType.String ? 1 : 0), reader.ValueSpan.Length);
            if (isCopy)
            {
                Copy(ref reader);
            }
        }

        public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json) => !IsThere ? default : isCopy ? copy.AsSpan(0, at.Length) : json.Slice(at.Start, at.Length);

        private void Copy(ref Utf8JsonReader reader)
        {
            if (copy.Length < reader.ValueSpan.Length)
            {
                copy = new byte[reader.ValueSpan.Length];
            }

            try
            {
                at = (0, reader.CopyString(copy));
            }
            catch (InvalidOperationException)
            {
                IsThere = false; // a text that was cut inside an emoji is JSON, but no text: such a field is as good as absent
            }
        }
    }
}

/// <summary>What reading JSON takes besides the reader.</summary>
internal static class Json
{
    /// <summary>Whether the property at which the reader stands has a name. A name that is no text (half an emoji) has none.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.SequenceEqual(name);
        }

        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
