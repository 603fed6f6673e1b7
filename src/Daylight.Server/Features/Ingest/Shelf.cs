using Daylight.Core.Charters;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Programs;
using Daylight.Storage;

namespace Daylight.Server.Features.Ingest;

/// <summary>
/// What of a person's is still open under the charter in force: one that keeps for fewer days than the one before closes what is older at once. Days are whole: they end
/// in the person's zone, or in UTC where that is earlier, since the keyholder counts in UTC and knows no zones.
/// </summary>
/// <param name="Today">The day that it is.</param>
/// <param name="Keep">How long what is kept; null when no charter is in force, and nothing is open.</param>
internal readonly record struct Shelf(DateOnly Today, Retention? Keep)
{
    /// <summary>First day that is open, of a kind of chunk.</summary>
    public string Oldest(string kind) => Sql.Day(Keep is null ? DateOnly.MaxValue : Today.AddDays(-ChunkStore.KeptFor(kind, Keep)));
}

/// <summary>Whose shelf is how long.</summary>
internal sealed class Shelves(ProgramCatalog programs, DirectoryStore directory, TimeProvider time)
{
    /// <summary>A person's for a program.</summary>
    public Shelf Of(string person, string program)
    {
        var now = time.GetUtcNow();
        var utc = DateOnly.FromDateTime(now.UtcDateTime);
        var local = directory.Current.Person(person) is { Zone: var zone } && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, found).DateTime) : utc;
        return new Shelf(local > utc ? local : utc, programs.Find(program)?.Charter.Keep);
    }
}
