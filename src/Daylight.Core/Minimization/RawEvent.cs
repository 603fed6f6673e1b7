using System.Collections.Immutable;
using System.Globalization;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

/// <summary>Something a watcher saw, on the employee's own machine.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Start">When it began.</param>
/// <param name="Duration">How long it lasted.</param>
/// <param name="Data">Its fields: a JSON object in UTF-8.</param>
public sealed record RawEvent(string Stream, DateTimeOffset Start, TimeSpan Duration, ReadOnlyMemory<byte> Data)
{
    /// <summary>When it ended.</summary>
    public DateTimeOffset End => Start + Duration;
}

/// <summary>What remains of an event: what may leave the machine.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Day">Local day.</param>
/// <param name="Start">Start of the time step it fell into.</param>
/// <param name="Duration">Time within that step; zero where the charter collects no length of time.</param>
/// <param name="Data">The fields that leave, transformed.</param>
public sealed record MinimizedRecord(string Stream, DateOnly Day, DateTimeOffset Start, TimeSpan Duration, ImmutableSortedDictionary<string, string> Data)
{
    /// <summary>Where the number of events stands when a charter counts them: <c>time: count 1h</c>.</summary>
    public const string Events = "events";

    /// <summary>Adds counts to counts.</summary>
    public static IReadOnlyDictionary<string, string> AddUp(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right) => left.Concat(right)
        .GroupBy(c => c.Key, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(g => g.Key, g => g.Sum(c => FieldTransforms.Number(c.Value) ?? 0).ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>
    /// Brings together what fell into one step and reads the same: lengths of time and counts add up. The keyholder does so with what several machines, or one
    /// machine in several pieces, sent.
    /// </summary>
    public static IEnumerable<T> Merge<T>(
        CollectedStream? stream, IEnumerable<T> records, Func<T, (DateTimeOffset Start, IReadOnlyDictionary<string, string> Data)> of, Func<IReadOnlyList<T>, IReadOnlyDictionary<string, string>, T> make)
    {
        bool AddsUp(KeyValuePair<string, string> field) => stream?.AddsUp(field.Key) ?? field.Key == Events;
        return records
            .Select(r => (Record: r, of(r).Start, of(r).Data))
            .GroupBy(r => (r.Start, Same: string.Concat(r.Data.Where(d => !AddsUp(d)).OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key.Length}:{d.Key}{d.Value.Length}:{d.Value}")))))
            .Select(g => g.ToList())
            .Select(same => make(
                same.ConvertAll(r => r.Record),
                Sorted(same is [var only]
                    ? only.Data
                    : same.Select(r => r.Data.Where(AddsUp).ToDictionary() as IReadOnlyDictionary<string, string>)
                        .Aggregate(AddUp)
                        .Concat(same[0].Data.Where(d => !AddsUp(d))))));
    }

    // By name, so that what reads the same is written the same.
    private static Dictionary<string, string> Sorted(IEnumerable<KeyValuePair<string, string>> fields) =>
        fields.OrderBy(f => f.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
