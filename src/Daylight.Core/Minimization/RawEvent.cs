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

    /// <summary>
    /// Brings together what fell into one step and reads the same: lengths of time and counts add up. Done on the machine before records are sealed, and by the
    /// keyholder for what several machines sent.
    /// </summary>
    public static IEnumerable<T> Merge<T>(
        CollectedStream? stream, IEnumerable<T> records, Func<T, (DateTimeOffset Start, IReadOnlyDictionary<string, string> Data)> of, Func<IReadOnlyList<T>, IReadOnlyDictionary<string, string>, T> make)
    {
        bool AddsUp(string field) => field == Events || stream?.Fields.GetValueOrDefault(field) is Transform.Count;
        return records
            .Select(r => (Record: r, of(r).Start, of(r).Data))
            .GroupBy(r => (r.Start, Same: string.Join('\n', r.Data.Where(d => !AddsUp(d.Key)).OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => d.Key + "=" + d.Value))))
            .Select(g => make([.. g.Select(r => r.Record)], g.SelectMany(r => r.Data).GroupBy(d => d.Key, StringComparer.Ordinal).ToImmutableSortedDictionary(
                d => d.Key,
                d => AddsUp(d.Key) ? d.Sum(v => FieldTransforms.Number(v.Value) ?? 0).ToString(CultureInfo.InvariantCulture) : d.First().Value,
                StringComparer.Ordinal)));
    }
}
