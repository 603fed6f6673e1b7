using System.Collections.Immutable;

namespace Daylight.Core.Minimization;

/// <summary>Time that counts for nothing in a program: a pause, or what the person took back before it was sent.</summary>
/// <param name="From">From here.</param>
/// <param name="To">Up to here, exclusive.</param>
/// <param name="Stream">One stream, or null for all.</param>
/// <param name="Item">What reads like this, counts aside; null for everything in that time.</param>
public sealed record Withheld(DateTimeOffset From, DateTimeOffset To, string? Stream = null, ImmutableSortedDictionary<string, string>? Item = null);

/// <summary>What is withheld, by stream.</summary>
internal sealed class WithheldTime
{
    private readonly List<Span> everything;
    private readonly ILookup<string, Span> streams;
    private readonly ILookup<string, (Span When, ImmutableSortedDictionary<string, string> Data)> items;
    private readonly Dictionary<string, List<Span>> known = [];

    public WithheldTime(IReadOnlyList<Withheld> withheld)
    {
        everything = Spans.Union(withheld.Where(w => w is { Stream: null, Item: null }).Select(When));
        streams = withheld.Where(w => w is { Stream: not null, Item: null }).ToLookup(w => w.Stream!, When, StringComparer.Ordinal);
        items = withheld.Where(w => w is { Stream: not null, Item: not null }).ToLookup(w => w.Stream!, w => (When(w), w.Item!), StringComparer.Ordinal);
    }

    /// <summary>Spans of which nothing of a stream counts: of what a machine saw. What somebody hands in has no time of day, and is theirs to withdraw.</summary>
    public IReadOnlyList<Span> Of(StreamPlan plan) => plan.IsHandedIn ? [] : Of(plan.Name);

    private List<Span> Of(string stream)
    {
        if (!known.TryGetValue(stream, out var spans))
        {
            known[stream] = spans = Spans.Union([.. everything, .. streams[stream]]);
        }

        return spans;
    }

    /// <summary>Spans of which nothing of a stream counts that reads like this.</summary>
    public IReadOnlyList<Span> Of(string stream, IReadOnlyDictionary<string, string> data) => HasItems(stream)
        ? Spans.Union([.. Of(stream), .. items[stream].Where(i => Same(i.Data, data)).Select(i => i.When)])
        : Of(stream);

    /// <summary>Whether single items of a stream were taken back.</summary>
    public bool HasItems(string stream) => items.Contains(stream);

    /// <summary>Whether an item of a step was taken back.</summary>
    public bool HasItem(string stream, long step, IReadOnlyDictionary<string, string> data) => items[stream].Any(i => step >= i.When.From && step < i.When.To && Same(i.Data, data));

    private static Span When(Withheld withheld) => new(withheld.From.UtcTicks, withheld.To.UtcTicks);

    private static bool Same(ImmutableSortedDictionary<string, string> item, IReadOnlyDictionary<string, string> data) =>
        item.Count == data.Count && item.All(f => data.TryGetValue(f.Key, out var value) && value == f.Value);
}
