using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>What happens to a field before it may leave the machine. A closed set; each is total: it has an answer for every value, and "nothing" is one.</summary>
public abstract record Transform
{
    private Transform()
    {
    }

    /// <summary>It stays behind.</summary>
    public sealed record Drop : Transform;

    /// <summary>It goes as it is; only for fields whose values are few and harmless, or that the person wrote to hand in.</summary>
    public sealed record Keep : Transform;

    /// <summary>Only its category goes: the first rule that fits application, title or host names it. None of the three goes itself.</summary>
    public sealed record Category : Transform;

    /// <summary>Of a URL, only the host goes: <c>https://docs.example.com/a?b</c> becomes <c>docs.example.com</c>.</summary>
    public sealed record Host : Transform;

    /// <summary>A number goes as the nearest multiple; a half goes away from zero.</summary>
    /// <param name="Step">Of what it becomes a multiple.</param>
    public sealed record Round(decimal Step) : Transform;

    /// <summary>Numbers are added up over a period; of anything else it is counted how often it was there.</summary>
    public sealed record Count(TimeSpan Period) : Transform;

    /// <summary>Only that it was there (a flag set, a number not zero, a text not empty) within a period.</summary>
    public sealed record Presence(TimeSpan Period) : Transform;

    /// <summary>Of a position only the name of the site goes, or <c>elsewhere</c>.</summary>
    public sealed record Site(ImmutableArray<Geofence> Sites) : Transform;

    /// <summary>Of a number only the range goes: <c>under 5</c>, <c>5 to under 10</c>, <c>10 or more</c>.</summary>
    public sealed record Bucket(ImmutableArray<decimal> Edges) : Transform;

    /// <summary>Another name goes, made with a key that never leaves the machine; another one for each program and key epoch.</summary>
    public sealed record Pseudonym : Transform;

    /// <summary>A picture goes at half its size or less, in coarse blocks, and without color, so that no text in it can be read.</summary>
    /// <param name="Width">Pixels across, at most.</param>
    /// <param name="Block">Pixels across of each block that becomes one shade, measured after it was made smaller.</param>
    public sealed record Degrade(int Width, int Block) : Transform;

    /// <summary>A text goes with every match of these patterns blacked out.</summary>
    public sealed record Redact(ImmutableArray<RedactPattern> Patterns) : Transform;
}

/// <summary>A circle on the map with a name.</summary>
/// <param name="Name">The site.</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
/// <param name="Meters">Radius.</param>
public sealed record Geofence(string Name, double Latitude, double Longitude, int Meters);

/// <summary>What is blacked out.</summary>
public enum RedactPattern
{
    /// <summary>E-mail addresses.</summary>
    Email = 0,

    /// <summary>Every run of two or more digits.</summary>
    Number = 1,

    /// <summary>Web addresses.</summary>
    Url = 2,

    /// <summary>File paths.</summary>
    Path = 3,

    /// <summary>Two or more capitalized words in a row, as names of people are.</summary>
    Name = 4,
}

/// <summary>One of the charter's own categories: any of these words in the application or the title, or any of these hosts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Apps">Words of an application's name.</param>
/// <param name="Titles">Words of a title.</param>
/// <param name="Hosts">Hosts, with the hosts below them.</param>
public sealed record CategoryRule(string Name, ImmutableArray<string> Apps, ImmutableArray<string> Titles, ImmutableArray<string> Hosts);

/// <summary>What is collected of one stream.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Fields">Transform by field; a field that is absent is dropped.</param>
/// <param name="Time">What happens to the time; null when the charter does not name it.</param>
public sealed record CollectedStream(string Stream, ImmutableSortedDictionary<string, Transform> Fields, Transform? Time)
{
    /// <summary>What the stream's events look like.</summary>
    public StreamShape Shape => Streams.All[Stream];

    /// <summary>Records of what happened, or submissions of what a person handed in.</summary>
    public IndividualKind Kind => Shape.Nature == StreamNature.Submission ? IndividualKind.Submissions : IndividualKind.Records;

    /// <summary>Fields of which something remains; <c>time</c> among them when the charter names it.</summary>
    public IEnumerable<string> Collected => Fields.Where(f => f.Value is not Transform.Drop).Select(f => f.Key).Concat(Time is null ? [] : ["time"]);

    /// <summary>
    /// The step of the stream's records: that of its time, or of what is counted; a day for a submission. Null when there is none, and then no record
    /// leaves the machine: the stream only feeds measures.
    /// </summary>
    public TimeSpan? TimeStep => Steps.Select(s => (TimeSpan?)s).FirstOrDefault() ?? (Kind == IndividualKind.Submissions ? TimeSpan.FromDays(1) : null);

    /// <summary>Whether a field of a record adds up when records come together: a counted field, or the number of events.</summary>
    public bool AddsUp(string field) => field == Minimization.MinimizedRecord.Events || Fields.GetValueOrDefault(field) is Transform.Count;

    /// <summary>Whether nothing is collected but when something happened.</summary>
    public bool IsOnlyTime => Collected.All(f => f == "time");

    /// <summary>Every step that the charter names; it must be one.</summary>
    internal IEnumerable<TimeSpan> Steps => Fields.Values.Append(Time).Select(t => t switch
    {
        Transform.Count count => count.Period,
        Transform.Presence presence => presence.Period,
        Transform.Round round when ReferenceEquals(t, Time) => TimeSpan.FromMinutes((double)round.Step),
        _ => (TimeSpan?)null,
    }).OfType<TimeSpan>();
}
