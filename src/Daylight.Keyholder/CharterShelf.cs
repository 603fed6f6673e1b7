using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Sealing;

namespace Daylight.Keyholder;

/// <summary>Charters that the log put in force, parsed; a text that does not parse as its own program's charter is none.</summary>
internal sealed class CharterShelf(Authority authority, DirectPauses pauses, SteadyClock clock)
{
    private readonly Dictionary<string, Charter?> parsed = [];

    /// <summary>The charter in force and not paused, or why there is none.</summary>
    public (Charter? Charter, string Why) InForce(string program) => IsPaused(program) ? (null, "paused")
        : authority.Program(program).Active is { } hash && Get(hash) is { } charter ? (charter.Without(Lapsed(hash)), string.Empty)
        : (null, "charter");

    /// <summary>
    /// Whether a program is paused: by the log, by a signed pause that the log does not have yet, or since the review that its last resume rests on lacks the
    /// sign-off of a role that its charter names.
    /// </summary>
    public bool IsPaused(string program) => authority.Program(program) is var state && (state.PausedBy is not null || pauses.Has(program)
        || (state.Review is { } review && authority.Reviews[review] is var reviewed && Get(reviewed.Charter) is { } charter && charter.Review.By.Except(reviewed.SignedOff.Keys).Any()));

    /// <summary>Rules of the charter in force that ended in an access review.</summary>
    public IReadOnlyList<string> LapsedRules(string program) => authority.Program(program).Active is { } hash && Get(hash) is { } charter
        ? [.. charter.Show.Where(r => r.To is not Audience.Self).Select(r => r.Name).Where(Lapsed(hash)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The charter under which something of a day can have been sealed: it was put in force for the program, and had not ended by then; null otherwise.</summary>
    public Charter? Sealing(string hash, string program, DateOnly day) =>
        authority.Charters.TryGetValue(hash, out var record) && record.Activated is not null && record.Program == program && !(record.End?.Day <= day) ? Get(hash) : null;

    /// <summary>The charter that a period was under: of those that were put in force and cover all of it, the one that was last, without the rules that lapsed since.</summary>
    public (string Hash, Charter Charter)? Covering(string program, ReleasePeriod period) => authority.Charters
        .Where(c => c.Value.Program == program && c.Value.Activated is not null)
        .OrderByDescending(c => c.Value.Activated)
        .Select(c => (Hash: c.Key, Charter: Sealing(c.Key, program, period.Last)?.Without(Lapsed(c.Key))))
        .Where(c => c.Charter is not null && c.Charter.From <= period.First && period.Last <= c.Charter.Until)
        .Select(c => ((string, Charter)?)(c.Hash, c.Charter!))
        .FirstOrDefault();

    private Func<string, bool> Lapsed(string hash)
    {
        var today = DateOnly.FromDateTime(clock.Now.UtcDateTime);
        return rule => authority.IsLapsed(hash, rule, today);
    }

    private Charter? Get(string hash)
    {
        if (!parsed.TryGetValue(hash, out var charter))
        {
            var record = authority.Charters[hash];
            charter = CharterReader.Read(record.Text, hash) is CharterReading.Good good && good.Charter.Program == record.Program ? good.Charter : null;
            parsed[hash] = charter;
        }

        return charter;
    }
}
