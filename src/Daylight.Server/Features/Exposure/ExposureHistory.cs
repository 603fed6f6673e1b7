using Dapper;
using Daylight.Core.Access;
using Daylight.Core.Exposure;
using Daylight.Storage;

namespace Daylight.Server.Features.Exposure;

/// <summary>How many people could see how much by which rule, day by day: what an incident is asked about later. Counts, and no names.</summary>
internal sealed class ExposureHistory(Worlds worlds, IDatabase database, GroupCommitWriter writer, TimeProvider time)
{
    private const int DaysKept = 730;

    private World? noted;

    /// <summary>Notes what could be seen now; of a day the most counts. Returns of how many rules.</summary>
    public async Task<int> NoteAsync()
    {
        var world = worlds.IfAllAgree; // a new one each day, and whenever directory or log go on
        if (ReferenceEquals(world, noted))
        {
            return 0;
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var rows = new ExposureOf(world).Summary().SelectMany(p => p.Rules.Select(r => new { day = Sql.Day(today), program = p.Program, rule = r.Rule, viewers = r.Viewers, sights = r.Sights })).ToList();
        await writer.WriteAsync((c, t) =>
        {
            foreach (var row in rows)
            {
                c.Execute(
                    """
                    INSERT INTO exposures (day, program, rule, viewers, sights) VALUES (@day, @program, @rule, @viewers, @sights) ON CONFLICT (day, program, rule) DO UPDATE SET
                      viewers = CASE WHEN excluded.viewers > exposures.viewers THEN excluded.viewers ELSE exposures.viewers END,
                      sights = CASE WHEN excluded.sights > exposures.sights THEN excluded.sights ELSE exposures.sights END
                    """,
                    row,
                    t);
            }

            c.Execute("DELETE FROM exposures WHERE day < @before", new { before = Sql.Day(today.AddDays(-DaysKept)) }, t);
        });
        noted = world;
        return rows.Count;
    }

    /// <summary>By program and rule, the most people who could look at the most on any day since one, and the first day that is known of.</summary>
    public (DateOnly? From, IReadOnlyList<(string Program, string Rule, int Viewers, long Sights)> Most) Since(DateOnly day)
    {
        using var connection = database.Open();
        var from = connection.QuerySingleOrDefault<string>("SELECT MIN(day) FROM exposures WHERE day >= @since", new { since = Sql.Day(day) });
        return (from is null ? null : Sql.Day(from), [.. connection.Query<(string, string, int, long)>(
            "SELECT program, rule, MAX(viewers), MAX(sights) FROM exposures WHERE day >= @since GROUP BY program, rule ORDER BY program, rule", new { since = Sql.Day(day) })]);
    }
}
