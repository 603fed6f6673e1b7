using Daylight.Protocol;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>What an export's page shows of records, added up while they are sent: by program and stream how much on which local day, and what most of it was. It stays small however many there are.</summary>
/// <param name="zone">The person's zone: days are theirs.</param>
internal sealed class ExportSummary(TimeZoneInfo zone)
{
    /// <summary>Values of one field that are told apart; the rest is left to the files.</summary>
    private const int MostValues = 500;

    private readonly SortedDictionary<(string Program, string Stream), Collected> streams = [];

    /// <summary>By program and stream.</summary>
    public IEnumerable<(string Program, string Stream, Collected What)> Streams => streams.Select(s => (s.Key.Program, s.Key.Stream, s.Value));

    /// <summary>Adds a record; what somebody wrote is to be read, not to be counted.</summary>
    public void Add(ShownRecord record)
    {
        if (record.Stream == "correction")
        {
            return;
        }

        if (!streams.TryGetValue((record.Program, record.Stream), out var to))
        {
            streams[(record.Program, record.Stream)] = to = new Collected();
        }

        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(record.Start, zone).DateTime);
        var (seconds, records) = to.Days.GetValueOrDefault(day);
        to.Days[day] = (seconds + record.Duration, records + 1);
        foreach (var (field, value) in record.Data)
        {
            if (to.Values.ContainsKey((field, value)) || to.Values.Count < MostValues)
            {
                to.Values[(field, value)] = to.Values.GetValueOrDefault((field, value)) + (record.Duration > 0 ? record.Duration : 1);
            }
        }
    }

    /// <summary>What was collected of one stream.</summary>
    internal sealed class Collected
    {
        /// <summary>By local day: seconds, and how many records.</summary>
        public SortedDictionary<DateOnly, (double Seconds, int Records)> Days { get; } = [];

        /// <summary>By field and value: seconds, or how many where records have no duration.</summary>
        public Dictionary<(string Field, string Value), double> Values { get; } = [];

        /// <summary>Whether records last.</summary>
        public bool Lasts => Days.Values.Any(d => d.Seconds > 0);
    }
}
