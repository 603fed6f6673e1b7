using System.Collections.Concurrent;
using Dapper;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Exposure;

/// <summary>On which day a rule last served somebody, so that a review sees what nobody uses. By keyed hash: the table names nobody.</summary>
internal sealed class GrantUses(IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Viewer, string Program, string Rule), DateOnly> written = [];

    /// <summary>Notes that a rule served; once a day is enough.</summary>
    public async Task NoteAsync(string viewer, string program, string rule)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (written.TryGetValue((viewer, program, rule), out var last) && last == today)
        {
            return;
        }

        var row = new { viewer = keys.Reference("use", viewer), program, rule, last = Sql.Day(today) };
        await writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO grant_uses (viewer_ref, program, rule, last) VALUES (@viewer, @program, @rule, @last) ON CONFLICT (viewer_ref, program, rule) DO UPDATE SET last = excluded.last", row, t));
        written[(viewer, program, rule)] = today;
    }

    /// <summary>When somebody last used which rule.</summary>
    public IReadOnlyDictionary<(string Program, string Rule), DateOnly> Of(string viewer)
    {
        using var connection = database.Open();
        return connection.Query<(string Program, string Rule, string Last)>("SELECT program, rule, last FROM grant_uses WHERE viewer_ref = @viewer", new { viewer = keys.Reference("use", viewer) })
            .ToDictionary(r => (r.Program, r.Rule), r => Sql.Day(r.Last));
    }

    /// <summary>When anybody last used which rule.</summary>
    public IReadOnlyDictionary<(string Program, string Rule), DateOnly> All()
    {
        using var connection = database.Open();
        return connection.Query<(string Program, string Rule, string Last)>("SELECT program, rule, MAX(last) FROM grant_uses GROUP BY program, rule").ToDictionary(r => (r.Program, r.Rule), r => Sql.Day(r.Last));
    }
}
