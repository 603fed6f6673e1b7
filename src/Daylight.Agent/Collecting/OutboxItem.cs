using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Daylight.Agent.Store;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Protocol;

namespace Daylight.Agent.Collecting;

/// <summary>An item that will be sent: what fell into one step and reads the same.</summary>
/// <param name="Id">Names what it is, counts aside: it is the same however often the day is computed.</param>
/// <param name="Program">Program.</param>
/// <param name="Charter">Hash of the charter that it is collected under.</param>
/// <param name="Stream">Stream.</param>
/// <param name="Day">Local day.</param>
/// <param name="Start">Start of its time step.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Data">What goes.</param>
public sealed record OutboxItem(string Id, string Program, string Charter, string Stream, string Day, DateTimeOffset Start, int Duration, IReadOnlyDictionary<string, string> Data)
{
    /// <summary>The item as it is sealed, and as the page shows it.</summary>
    public PayloadRecord Payload => new(Start, Duration, Data);

    internal static OutboxItem Of(AppliedCharter page, MinimizedRecord record)
    {
        var stream = page.Charter!.Stream(record.Stream)!;
        var name = new StringBuilder().Append(page.Program).Append('\n').Append(record.Stream).Append('\n').Append(CultureInfo.InvariantCulture, $"{RawStore.Micros(record.Start)}");
        foreach (var (key, value) in Named(record.Data, stream))
        {
            name.Append(CultureInfo.InvariantCulture, $"\n{key} {value.Length} {value}");
        }

        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name.ToString())).AsSpan(0, 16));
        return new OutboxItem(id, page.Program, page.Hash, record.Stream, Storage.Sql.Day(record.Day), record.Start, (int)Math.Round(record.Duration.TotalSeconds, MidpointRounding.AwayFromZero), record.Data);
    }

    /// <summary>What names an item among others of its step: what is counted is aside.</summary>
    internal static ImmutableSortedDictionary<string, string> Named(IReadOnlyDictionary<string, string> data, CollectedStream stream) =>
        data.Where(d => !stream.AddsUp(d.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>What of the item was not sent yet; null when all of it was.</summary>
    internal OutboxItem? Without(IReadOnlyCollection<SentItem> sent, CollectedStream stream)
    {
        if (sent.Count == 0)
        {
            return this;
        }

        var (duration, isMore, data) = (Math.Max(0, Duration - sent.Sum(s => s.Duration)), false, Data.ToImmutableSortedDictionary(StringComparer.Ordinal));
        foreach (var (key, value) in Data.Where(d => stream.AddsUp(d.Key)))
        {
            var rest = Number(value) - sent.Sum(s => Number(s.Counts.GetValueOrDefault(key)));
            isMore |= rest > 0;
            data = data.SetItem(key, Math.Max(0, rest).ToString(CultureInfo.InvariantCulture));
        }

        return duration > 0 || isMore ? this with { Duration = duration, Data = data } : null;
    }

    private static decimal Number(string? text) => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>What of an item went in a parcel.</summary>
/// <param name="Item">The item's id.</param>
/// <param name="Program">Program.</param>
/// <param name="Charter">Hash of the charter that it was sealed under.</param>
/// <param name="Stream">Stream.</param>
/// <param name="Start">Start of its time step.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Counts">What was counted.</param>
internal sealed record SentItem(string Item, string Program, string Charter, string Stream, DateTimeOffset Start, int Duration, IReadOnlyDictionary<string, string> Counts);

/// <summary>The numbers of one local day that will go into a program's contribution.</summary>
/// <param name="Program">Program.</param>
/// <param name="Day">Local day.</param>
/// <param name="Values">Values by measure.</param>
public sealed record DayNumbers(string Program, string Day, IReadOnlyDictionary<string, int> Values);
