using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Storage;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>Drops what is past its day, everywhere on earth: when that day is over in UTC−12. The keyholder refuses earlier.</summary>
internal sealed class Retention(TransparencyLog log, IDatabase database, GroupCommitWriter writer, TimeProvider time)
{
    private const int NoticesKept = 730;

    /// <summary>Purges; returns how many rows went.</summary>
    public async Task<int> RunAsync()
    {
        var today = Sql.Day(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddHours(-12)));
        List<(string Day, string Kind, int Rows)> due;
        using (var connection = database.Open())
        {
            due = [.. connection.Query<(string, string, long)>(
                "SELECT expires_on, kind, COUNT(*) FROM chunks WHERE expires_on < @today GROUP BY expires_on, kind ORDER BY expires_on, kind", new { today })
                .Select(d => (d.Item1, d.Item2, (int)d.Item3))];
        }

        foreach (var (day, kind, rows) in due)
        {
            // The rows and the entry that certifies them go in one commit.
            await log.AppendAsync(new RetentionPurge(Sql.Day(day), kind, rows), (c, t, _) =>
                c.Execute("DELETE FROM chunks WHERE expires_on = @day AND kind = @kind", new { day, kind }, t));
        }

        await writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM notices WHERE due < @long", new { @long = Sql.Day(Sql.Day(today).AddDays(-NoticesKept)) }, t);
            c.Execute("DELETE FROM concerns WHERE idx IN (SELECT idx FROM openings WHERE expires_on < @today)", new { today }, t);
            c.Execute("DELETE FROM openings WHERE expires_on < @today", new { today }, t);
            c.Execute("DELETE FROM release_cells WHERE expires_on < @today", new { today }, t);
            c.Execute("DELETE FROM release_people WHERE run IN (SELECT run FROM release_runs WHERE counted IS NOT NULL AND expires_on < @today)", new { today }, t);
            c.Execute("UPDATE release_runs SET counted = NULL, done = 1 WHERE counted IS NOT NULL AND expires_on < @today", new { today }, t);
            c.Execute("DELETE FROM tokens WHERE until < @today", new { today }, t);
        });
        return due.Sum(d => d.Rows);
    }
}
