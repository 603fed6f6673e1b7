using System.Data.Common;
using System.Globalization;
using Dapper;
using Daylight.Core.Releases;
using Daylight.Sealing;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Drops what is past its day, everywhere on earth: when that day is over in UTC−12. The keyholder refuses earlier. A day goes as a whole: what a legal hold
/// keeps is set apart first, then a partition drops, or rows go in steps that a crash may cut anywhere; the certificate commits with the last of them.
/// </summary>
internal sealed class Retention(TransparencyLog log, ProgramCatalog programs, IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    private const int NoticesKept = 730;

    /// <summary>Contributions are kept from the end of their week on, which may be this much later than the day of the charter before.</summary>
    private const int LongestWeek = 7;

    /// <summary>Rows that go in one commit: nobody who writes waits for all of a day.</summary>
    private const int Step = 2000;

    /// <summary>The last day that is not over everywhere: what expired before it goes.</summary>
    private DateOnly Oldest => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddHours(-12));

    /// <summary>Purges; says how many rows went, or what is left that should not be.</summary>
    public async Task<string> RunAsync()
    {
        var (today, gone) = (Sql.Day(Oldest), 0L);
        await ShareHoldsAsync();
        gone += await EndHoldsAsync();
        await ShortenAsync();
        foreach (var day in Due(today))
        {
            gone += await PurgeAsync(Sql.Day(day));
        }

        foreach (var empty in database.Partitions(ChunkStore.Table).Where(d => d < Sql.Day(today)).ToList())
        {
            await writer.WriteAsync((c, t) => database.DropPartition(c, t, ChunkStore.Table, empty)); // of people who were erased before
        }

        var opened = log.Read(a => a.Incidents.Values.Select(i => i.Statement.Facts).ToHashSet(StringComparer.Ordinal));
        await writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM notices WHERE due < @long", new { @long = Sql.Day(Sql.Day(today).AddDays(-NoticesKept)) }, t);
            c.Execute("DELETE FROM release_people WHERE run IN (SELECT run FROM release_runs WHERE counted IS NOT NULL AND expires_on < @today)", new { today }, t);
            c.Execute("UPDATE release_runs SET counted = NULL, done = 1 WHERE counted IS NOT NULL AND expires_on < @today", new { today }, t);
            c.Execute("DELETE FROM tokens WHERE until < @today", new { today }, t);
            foreach (var id in c.Query<string>("SELECT id FROM incident_facts WHERE made < @today", new { today }, t).Where(i => !opened.Contains(i)).ToList())
            {
                c.Execute("DELETE FROM incident_facts WHERE id = @id", new { id }, t); // computed for an incident that nobody opened
            }
        });

        // Whoever only believes the deletion has not looked.
        return Due(today) is { Count: > 0 } left
            ? throw new InvalidOperationException($"after the purge something is left that expired on {string.Join(", ", left)}")
            : string.Create(CultureInfo.InvariantCulture, $"{gone} rows dropped; looked, and nothing past its day is left");
    }

    /// <summary>Where the charter in force keeps for fewer days than one before it, what was collected under that one goes as early.</summary>
    private async Task ShortenAsync()
    {
        foreach (var (program, hash, charter) in programs.InForce().Select(p => (p.Program, p.Hash, p.Charter)))
        {
            var (before, began) = (programs.AllInForce(program).Select(c => c.Charter.Keep).ToList(), log.Read(a => a.Charters[hash].ActivatedOn!.Value));
            foreach (var kind in (string[])["records", "corrections", "submissions", "contribution"])
            {
                var (former, now) = (before.Max(k => ChunkStore.KeptFor(kind, k)), ChunkStore.KeptFor(kind, charter.Keep));
                if (former <= now || began.AddDays(former + LongestWeek) < Oldest)
                {
                    continue; // it shortens nothing, or nothing of before is left: what comes late is dated by the shorter of both when it comes
                }

                foreach (var (day, expires) in Kept(program, kind))
                {
                    var sooner = LastDay(day).AddDays(now);
                    if (sooner < Sql.Day(expires))
                    {
                        database.Prepare(ChunkStore.Table, sooner);
                        await writer.WriteAsync((c, t) => c.Execute(
                            "UPDATE chunks SET expires_on = @sooner WHERE program = @program AND kind = @kind AND day = @day AND expires_on = @expires", new { sooner = Sql.Day(sooner), program, kind, day, expires }, t));
                    }
                }
            }
        }
    }

    private List<(string Day, string Expires)> Kept(string program, string kind)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string, string)>("SELECT DISTINCT day, expires_on FROM chunks WHERE program = @program AND kind = @kind", new { program, kind })];
    }

    private List<string> Due(string today)
    {
        using var connection = database.Open();
        return [.. connection.Query<string>(
            """
            SELECT DISTINCT expires_on FROM chunks WHERE expires_on < @today UNION SELECT DISTINCT expires_on FROM release_cells WHERE expires_on < @today
            UNION SELECT DISTINCT expires_on FROM openings WHERE expires_on < @today UNION SELECT DISTINCT expires_on FROM purges ORDER BY 1
            """,
            new { today })];
    }

    private async Task<long> PurgeAsync(DateOnly day)
    {
        foreach (var about in Holds().SelectMany(h => h.Value.Statement.Programs.Select(p => (Program: p, Case: h.Key, Hold: h.Value.Statement))).GroupBy(h => (h.Hold.Subject, h.Program)))
        {
            await SetApartAsync(day, about.Key.Subject, about.Key.Program, [.. about.Select(h => (h.Case, h.Hold.From, h.Hold.To))]);
        }

        var expired = Sql.Day(day);
        if (!database.HasPartitions)
        {
            while (await writer.WriteAsync((c, t) => DeleteStep(c, t, expired)) == Step)
            {
                // Step by step; where a crash cuts in, the next run goes on.
            }
        }

        List<PurgedLine> lines;
        using (var connection = database.Open())
        {
            lines = [.. Chunks(connection, expired), .. Others(connection, expired)];
        }

        await log.AppendAsync(new RetentionPurge(day, lines), (c, t, index) =>
        {
            Certify(c, t, index);
            if (database.HasPartitions)
            {
                database.DropPartition(c, t, ChunkStore.Table, day);
            }
            else if (c.QuerySingle<long>("SELECT COUNT(*) FROM chunks WHERE expires_on = @expired", new { expired }, t) is > 0 and var left)
            {
                throw new InvalidOperationException($"{left} rows came while they were purged");
            }

            c.Execute("DELETE FROM purges WHERE expires_on = @expired", new { expired }, t);
            c.Execute("DELETE FROM release_cells WHERE expires_on = @expired", new { expired }, t);
            c.Execute("DELETE FROM concerns WHERE idx IN (SELECT idx FROM openings WHERE expires_on = @expired)", new { expired }, t);
            c.Execute("DELETE FROM openings WHERE expires_on = @expired", new { expired }, t);
        });
        return lines.Sum(l => l.Rows);
    }

    private static void Certify(DbConnection c, DbTransaction t, ulong index) => c.Execute("INSERT INTO purge_certificates (idx) VALUES (@index) ON CONFLICT DO NOTHING", new { index = (long)index }, t);

    private static int DeleteStep(DbConnection c, DbTransaction t, string expired)
    {
        var rows = c.Query<(string Program, string Kind, string Day)>(
            "DELETE FROM chunks WHERE rowid IN (SELECT rowid FROM chunks WHERE expires_on = @expired LIMIT @Step) RETURNING program, kind, day", // SQLite alone comes here
            new { expired, Step },
            t).ToList();
        foreach (var group in rows.GroupBy(r => r))
        {
            Count(c, t, expired, group.Key.Program, group.Key.Kind, group.Key.Day, group.Count(), held: 0);
        }

        return rows.Count;
    }

    private static void Count(DbConnection c, DbTransaction t, string expired, string program, string kind, string day, int gone, int held) => c.Execute(
        """
        INSERT INTO purges (expires_on, program, kind, day, rows_gone, rows_held) VALUES (@expired, @program, @kind, @day, @gone, @held)
        ON CONFLICT (expires_on, program, kind, day) DO UPDATE SET rows_gone = purges.rows_gone + excluded.rows_gone, rows_held = purges.rows_held + excluded.rows_held
        """,
        new { expired, program, kind, day, gone, held },
        t);

    private IEnumerable<PurgedLine> Chunks(DbConnection connection, string expired) => connection.Query<(string Program, string Kind, string Day, long Gone, long Held)>(
            """
            SELECT program, kind, day, SUM(gone), SUM(held) FROM (
              SELECT program, kind, day, rows_gone AS gone, rows_held AS held FROM purges WHERE expires_on = @expired
              UNION ALL SELECT program, kind, day, 1, 0 FROM chunks WHERE expires_on = @expired) AS rows GROUP BY program, kind, day
            """,
            new { expired })
        .Select(r => (r.Gone, r.Held, Clause: ClauseOf(r.Program, RetentionClock.NameOf(r.Kind), LastDay(r.Day), Sql.Day(expired))))
        .GroupBy(r => r.Clause)
        .OrderBy(g => g.Key.Program, StringComparer.Ordinal).ThenBy(g => g.Key.What, StringComparer.Ordinal).ThenBy(g => g.Key.Charter, StringComparer.Ordinal)
        .Select(g => g.Key.Line(g.Sum(r => r.Gone), g.Sum(r => r.Held)));

    private IEnumerable<PurgedLine> Others(DbConnection connection, string expired)
    {
        foreach (var (program, period, rows) in connection.Query<(string Program, string Period, long Rows)>("SELECT program, period, COUNT(*) FROM release_cells WHERE expires_on = @expired GROUP BY program, period ORDER BY program, period", new { expired }))
        {
            yield return ClauseOf(program, "releases", ReleasePeriod.TryParse(period, out var read) ? read.Last : Sql.Day(expired), Sql.Day(expired)).Line(rows, 0);
        }

        if (connection.QuerySingle<long>("SELECT COUNT(*) FROM openings WHERE expires_on = @expired", new { expired }) is > 0 and var looks)
        {
            yield return new PurgedLine(string.Empty, "looks", looks, "keep: { looks }, by the longest of the charters of each look", 0);
        }
    }

    /// <summary>The charter whose line a row goes by: of those that keep for so many days the one under which it was collected, else the first after it, which shortened what was promised before.</summary>
    private Clause ClauseOf(string program, string what, DateOnly last, DateOnly expired)
    {
        var (kind, days) = (what == "corrections" ? "records" : what, expired.DayNumber - last.DayNumber);
        var saying = programs.AllInForce(program).Where(c => c.Charter.Keep.Kinds.Contains((kind, days))).ToList();
        var hash = saying.Find(c => c.Activated <= last) is { Hash: { } then } ? then : saying.Count > 0 ? saying[^1].Hash : null;
        return new Clause(program, what, kind, days, hash);
    }

    /// <summary>A line of a charter that says how long something is kept.</summary>
    private readonly record struct Clause(string Program, string What, string Kind, int Days, string? Charter)
    {
        public PurgedLine Line(long rows, long held) => new(Program, What, rows, string.Create(CultureInfo.InvariantCulture, $"keep: {{ {Kind}: {Days}d }}"), held, Charter);
    }

    // Contributions are kept from the end of their week on.
    private static DateOnly LastDay(string day) => ReleaseWeek.TryParse(day, out var week) ? week.Last : Sql.Day(day);

    private List<KeyValuePair<string, CaseRecord>> Holds() => log.Read(a => a.Cases.Where(c => c.Value.IsHolding(Oldest)).ToList());

    /// <summary>Copies what expired to every hold that is about it, then takes it out: one hold's end takes nothing from another.</summary>
    private Task SetApartAsync(DateOnly day, string person, string program, IReadOnlyList<(string Case, DateOnly From, DateOnly To)> holds)
    {
        const string about = "subject_ref = @subject AND expires_on = @expired AND kind <> 'contribution' AND day >= @from AND day <= @to";
        var rows = holds.Select(h => new { digest = h.Case, subject = keys.SubjectRef(person, program), from = Sql.Day(h.From), to = Sql.Day(h.To), expired = Sql.Day(day) }).ToList();
        return writer.WriteAsync((c, t) =>
        {
            foreach (var row in rows)
            {
                c.Execute(
                    $"""
                    INSERT INTO held_chunks (case_id, subject_ref, program, day, kind, stream, chunk_id, sealed)
                    SELECT @digest, subject_ref, program, day, kind, stream, chunk_id, sealed FROM chunks WHERE {about} ON CONFLICT DO NOTHING
                    """,
                    row,
                    t);
            }

            foreach (var row in rows)
            {
                var found = c.Query<(string Kind, string Day, int Rows)>($"SELECT kind, day, COUNT(*) FROM chunks WHERE {about} GROUP BY kind, day", row, t).ToList();
                c.Execute($"DELETE FROM chunks WHERE {about}", row, t);
                found.ForEach(f => Count(c, t, row.expired, program, f.Kind, f.Day, 0, f.Rows));
            }
        });
    }

    /// <summary>A hold that came after another had set things apart keeps them as well.</summary>
    private async Task ShareHoldsAsync()
    {
        foreach (var (digest, hold) in Holds().Select(h => (h.Key, h.Value.Statement)))
        {
            foreach (var program in hold.Programs)
            {
                await writer.WriteAsync((c, t) => c.Execute(
                    """
                    INSERT INTO held_chunks (case_id, subject_ref, program, day, kind, stream, chunk_id, sealed)
                    SELECT DISTINCT @digest, subject_ref, program, day, kind, stream, chunk_id, sealed FROM held_chunks
                    WHERE case_id <> @digest AND subject_ref = @subject AND day >= @from AND day <= @to ON CONFLICT DO NOTHING
                    """,
                    new { digest, subject = keys.SubjectRef(hold.Subject, program), from = Sql.Day(hold.From), to = Sql.Day(hold.To) },
                    t));
            }
        }
    }

    /// <summary>What a hold kept that is over goes, with a certificate of its own.</summary>
    private async Task<long> EndHoldsAsync()
    {
        var holding = Holds().Select(h => h.Key).ToHashSet(StringComparer.Ordinal);
        List<(string Case, string Program, string Kind, long Rows)> kept;
        using (var connection = database.Open())
        {
            kept = [.. connection.Query<(string, string, string, long)>("SELECT case_id, program, kind, COUNT(*) FROM held_chunks GROUP BY case_id, program, kind")];
        }

        var gone = 0L;
        foreach (var over in kept.Where(k => !holding.Contains(k.Case)).GroupBy(k => k.Case))
        {
            var lines = over.Select(k => new PurgedLine(k.Program, k.Kind, k.Rows, "the legal hold that kept it ended", 0)).ToList();
            await log.AppendAsync(new RetentionPurge(Oldest, lines), (c, t, index) =>
            {
                Certify(c, t, index);
                c.Execute("DELETE FROM held_chunks WHERE case_id = @Key", new { over.Key }, t);
            });
            gone += lines.Sum(l => l.Rows);
        }

        return gone;
    }
}
