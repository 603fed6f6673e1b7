using System.Collections.Immutable;
using System.Data.Common;
using System.Numerics;
using System.Text.Json;
using Daylight.Agent.Collecting;
using Daylight.Agent.Store;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Sending;

/// <summary>A sealed chunk that waits for the server.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Program">Program.</param>
/// <param name="Kind">records, submissions or contribution.</param>
/// <param name="Stream">Stream, or empty.</param>
/// <param name="Day">Local day, or ISO week.</param>
/// <param name="Bytes">Its size.</param>
public sealed record SealedItem(string Id, string Program, string Kind, string Stream, string Day, int Bytes);

/// <summary>
/// Seals what is due, for every day and stream that a charter covers, whether anything happened or not, and as large as the busiest day of late: what lies
/// at the server does not tell who worked on a Saturday. From then on the same bytes are sent until they are acknowledged.
/// </summary>
internal sealed class Sealing(AgentStore store, CharterBook book, PauseReasons reasons, PersonTime person)
{
    /// <summary>For how long the busiest day sets the size of the quiet ones.</summary>
    private const int DaysOfSize = 28;

    /// <summary>Sealed bytes in one upload; the server takes 8 MiB of JSON, and base64 adds a third.</summary>
    private const long MostBytes = 4 * 1024 * 1024;

    /// <summary>Seals what is due of every program that the keyholder says is active.</summary>
    /// <param name="bundle">A fresh, verified bundle.</param>
    /// <param name="who">Person id.</param>
    /// <param name="device">The device's key.</param>
    /// <param name="all">Today's items too.</param>
    public Task SealAsync(VerifiedBundle bundle, string who, CredentialKey device, bool all) => store.WriteAsync((c, t) =>
    {
        DropGone(c, t, bundle);
        foreach (var program in bundle.Programs.Where(p => !p.Paused))
        {
            SealRecords(c, t, program, who, device, all);
            SealQuietDays(c, t, program, who, device);
            SealContributions(c, t, program, who, device);
            SealReasons(c, t, program, who, device);
        }
    });

    /// <summary>Sealed chunks that wait for the server; those of paused programs stay behind and hold nobody up.</summary>
    public IReadOnlyList<UploadedChunk> Waiting(VerifiedBundle? bundle, int most)
    {
        var bytes = 0L;
        var paused = (bundle?.Programs ?? []).Where(p => p.Paused).Select(p => p.Charter.Program).ToHashSet(StringComparer.Ordinal);
        using var connection = store.Open();
        return [.. connection.Query<(string Id, string Program, string Kind, string Stream, string Day, byte[] Bytes)>(
            "SELECT id, program, kind, stream, day, bytes FROM sealed ORDER BY id", buffered: false)
            .Where(s => !paused.Contains(s.Program))
            .Take(most)
            .TakeWhile((s, i) => (bytes += s.Bytes.Length) <= MostBytes || i == 0)
            .Select(s => new UploadedChunk(s.Program, s.Kind, s.Stream, s.Day, s.Id, Convert.ToBase64String(s.Bytes)))];
    }

    /// <summary>What is sealed and waits, in short.</summary>
    public IReadOnlyList<SealedItem> Items()
    {
        using var connection = store.Open();
        return [.. connection.Query<(string Id, string Program, string Kind, string Stream, string Day, long Bytes)>("SELECT id, program, kind, stream, day, LENGTH(bytes) FROM sealed ORDER BY day, program, kind, stream")
            .Select(s => new SealedItem(s.Id, s.Program, s.Kind, s.Stream, s.Day, (int)s.Bytes))];
    }

    /// <summary>Removes chunks that the server stored, or will never take.</summary>
    public Task DoneAsync(IReadOnlyCollection<string> ids) => store.WriteAsync((c, t) =>
    {
        foreach (var id in ids)
        {
            c.Execute("DELETE FROM sealed WHERE id = @id", new { id }, t);
        }
    });

    /// <summary>Takes chunks back that wait for the server: an empty one goes in the place of each, since a hole would tell.</summary>
    public Task WithdrawAsync(params IReadOnlyCollection<string> ids) => store.WriteAsync((c, t) => Withdraw(c, t, ids));

    /// <summary>Takes chunks back that wait for the server, within other work. What counted as sent, or as handed in, does not any more.</summary>
    public static void Withdraw(DbConnection connection, DbTransaction transaction, IReadOnlyCollection<string> ids)
    {
        foreach (var id in ids)
        {
            var chunk = connection.QuerySingleOrDefault<(string Program, string Kind, string Stream, string Day)>("SELECT program, kind, stream, day FROM sealed WHERE id = @id", new { id }, transaction);
            var key = new { id, chunk.Program, chunk.Stream, chunk.Day };
            connection.Execute("DELETE FROM sealed WHERE id = @id", key, transaction);
            switch (chunk.Kind)
            {
                case "records":
                    connection.Execute("DELETE FROM sent_items WHERE parcel = @id", key, transaction);
                    connection.Execute("UPDATE sent_days SET owed = 1 WHERE program = @Program AND stream = @Stream AND day = @Day", key, transaction);
                    break;
                case "contribution":
                    connection.Execute("DELETE FROM sent_weeks WHERE program = @Program AND week = @Day", key, transaction);
                    foreach (var day in Enumerable.Range(0, 7).Select(i => Sql.Day(ReleaseWeek.TryParse(chunk.Day, out var week) ? week.First.AddDays(i) : default)))
                    {
                        connection.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day }, transaction);
                    }

                    break;
                case "submissions" when connection.QuerySingle<long>("SELECT COUNT(*) FROM sealed WHERE program = @Program AND kind = 'submissions' AND stream = @Stream AND day = @Day", key, transaction) > 0:
                    break; // handed in again since: that one still goes
                case "submissions":
                    connection.Execute("DELETE FROM handed_in WHERE program = @Program AND day = @Day AND @Stream = 'timesheet'", key, transaction);
                    connection.Execute("DELETE FROM pause_reasons WHERE program = @Program AND day = @Day AND @Stream = 'pause' AND sent = 1", key, transaction);
                    connection.Execute("INSERT INTO touched_days (day) VALUES (@Day) ON CONFLICT DO NOTHING", key, transaction);
                    break;
            }
        }
    }

    /// <summary>Adds a chunk that something else sealed, within other work.</summary>
    public static void Add(DbConnection connection, DbTransaction transaction, UploadedChunk chunk) => connection.Execute(
        "INSERT INTO sealed (id, program, kind, stream, day, bytes) VALUES (@Id, @Program, @Kind, @Stream, @Day, @bytes)",
        new { chunk.Id, chunk.Program, chunk.Kind, chunk.Stream, chunk.Day, bytes = Convert.FromBase64String(chunk.Sealed) },
        transaction);

    /// <summary>What was collected for a program that is over, or no longer covers this person, goes nowhere.</summary>
    private static void DropGone(DbConnection connection, DbTransaction transaction, VerifiedBundle bundle)
    {
        var active = bundle.Programs.Select(p => p.Charter.Program).ToList();
        foreach (var table in (string[])["pending", "day_values", "sealed"])
        {
#pragma warning disable CA2100 // one of three constants
            connection.Execute($"DELETE FROM {table} WHERE program NOT IN @active", new { active }, transaction);
#pragma warning restore CA2100
        }
    }

    private void SealRecords(DbConnection connection, DbTransaction transaction, VerifiedProgram program, string who, CredentialKey device, bool all)
    {
        var key = new { program.Charter.Program, oldest = Sql.Day(OldestOf(program)), last = Sql.Day(all ? person.Today : person.Today.AddDays(-1)) };
        var items = connection.Query<(string Id, string Charter, string Stream, string Day, long Start, long Duration, string Data)>(
            "SELECT id, charter, stream, day, start, duration, data FROM pending WHERE program = @Program AND day >= @oldest AND day <= @last ORDER BY start, id", key, transaction)
            .Select(i => new OutboxItem(i.Id, program.Charter.Program, i.Charter, i.Stream, i.Day, RawStore.Instant(i.Start), (int)i.Duration, LocalDays.Fields(i.Data)));
        foreach (var group in items.GroupBy(i => (i.Charter, i.Stream, i.Day)))
        {
            SealDay(connection, transaction, program with { Hash = group.Key.Charter }, who, device, group.Key.Stream, group.Key.Day, [.. group]);
        }

        // What is older than records are kept would be deleted on arrival, and would tell on which days of an absence something was.
        connection.Execute("DELETE FROM pending WHERE program = @Program AND day <= @last", key, transaction);
    }

    private DateOnly OldestOf(VerifiedProgram program) => person.Today.AddDays(-Math.Max(1, program.Charter.Keep.Records));

    /// <summary>Days that are over and on which nothing was collected of a stream: they are sealed as full as the others.</summary>
    private void SealQuietDays(DbConnection connection, DbTransaction transaction, VerifiedProgram program, string who, CredentialKey device)
    {
        var (name, today) = (program.Charter.Program, person.Today);
        var sent = connection.Query<(string Stream, string Day)>("SELECT stream, day FROM sent_days WHERE program = @name AND owed = 0", new { name }, transaction).ToHashSet();
        for (var day = OldestOf(program); day < today; day = day.AddDays(1))
        {
            if (book.On(name, day) is not { Charter: { } charter } page)
            {
                continue;
            }

            foreach (var stream in charter.Collect.Where(s => s.Kind == IndividualKind.Records && charter.LeavingFields(s).Any() && !sent.Contains((s.Stream, Sql.Day(day)))))
            {
                SealDay(connection, transaction, program with { Hash = page.Hash }, who, device, stream.Stream, Sql.Day(day), []);
            }
        }

        connection.Execute("DELETE FROM sent_days WHERE program = @name AND day < @oldest", new { name, oldest = Sql.Day(today.AddDays(-400)) }, transaction);
    }

    /// <summary>Seals a day of a stream in as many parcels, and each as large, as the busiest day of late needed.</summary>
    private static void SealDay(DbConnection connection, DbTransaction transaction, VerifiedProgram program, string who, CredentialKey device, string stream, string day, IReadOnlyList<OutboxItem> items)
    {
        var key = new { program.Charter.Program, stream, day, from = Sql.Day(Sql.Day(day).AddDays(-DaysOfSize)) };
        var (size, count) = connection.QuerySingle<(long, long)>("SELECT COALESCE(MAX(class), 0), COALESCE(MAX(parts), 0) FROM sent_days WHERE program = @Program AND stream = @stream AND day >= @from", key, transaction);
        var parts = ChunkSealer.Parts(items, i => i.Payload).ToList();
        var needed = parts.Max(ChunkSealer.ClassOf);
        connection.Execute(
            """
            INSERT INTO sent_days (program, stream, day, class, parts) VALUES (@Program, @stream, @day, @needed, @Count)
            ON CONFLICT (program, stream, day) DO UPDATE SET class = MAX(class, excluded.class), parts = MAX(parts, excluded.parts), owed = 0
            """,
            new { program.Charter.Program, stream, day, needed, parts.Count },
            transaction);
        foreach (var part in parts.Concat(Enumerable.Repeat<IReadOnlyList<OutboxItem>>([], Math.Max(0, (int)count - parts.Count))))
        {
            var chunk = ChunkSealer.Records(program, who, device, stream, day, [.. part.Select(i => i.Payload)], Math.Max(needed, (int)size));
            Add(connection, transaction, chunk);
            Rows.Insert(connection, transaction, "sent_items (parcel, item, program, charter, stream, day, start, duration, counts)", [.. part.Select(i => new object[]
            {
                chunk.Id,
                i.Id,
                i.Program,
                i.Charter,
                i.Stream,
                i.Day,
                RawStore.Micros(i.Start),
                i.Duration,
                LocalDays.Text(i.Data.Where(d => program.Charter.Stream(stream)?.AddsUp(d.Key) ?? d.Key == Core.Minimization.MinimizedRecord.Events)),
            })]);
        }
    }

    /// <summary>Why the person paused a program, where its charter asks: all of a day, since what is handed in last counts.</summary>
    private void SealReasons(DbConnection connection, DbTransaction transaction, VerifiedProgram program, string who, CredentialKey device)
    {
        foreach (var (day, hash, entries) in reasons.Due(connection, transaction, program.Charter.Program))
        {
            var payload = new SubmissionPayload(program.StatusTime, [], entries);
            Add(connection, transaction, ChunkSealer.Submission(program with { Hash = hash }, who, device, PauseReasons.Stream, Sql.Day(day), payload));
        }
    }

    private void SealContributions(DbConnection connection, DbTransaction transaction, VerifiedProgram program, string who, CredentialKey device)
    {
        var (name, today) = (program.Charter.Program, person.Today);
        var first = book.Pages.Where(p => p.Program == name && p.Charter is not null).Select(p => p.Since < p.Charter!.From ? p.Charter.From : p.Since).DefaultIfEmpty(today).Min();
        var values = connection.Query<(string Day, string Charter, string Measures)>("SELECT day, charter, measures FROM day_values WHERE program = @name", new { name }, transaction).ToList();
        var sent = connection.Query<string>("SELECT week FROM sent_weeks WHERE program = @name", new { name }, transaction).ToHashSet(StringComparer.Ordinal);
        var oldest = today.AddDays(-Math.Max(14, program.Charter.Keep.Contributions));
        connection.Execute("DELETE FROM day_values WHERE program = @name AND day < @first", new { name, first = Sql.Day(ReleaseWeek.Of(oldest).First) }, transaction);

        // One day after the local week's end, so that a laptop that slept over Sunday is still counted. A week without a day is sealed like any other.
        for (var week = ReleaseWeek.Of(first > oldest ? first : oldest); week.Last < today.AddDays(-1); week = week.Next)
        {
            var days = values.Where(v => ReleaseWeek.Of(Sql.Day(v.Day)) == week).ToList();
            var page = Enumerable.Range(0, 7).Select(i => book.On(name, week.First.AddDays(i))).OfType<AppliedCharter>().LastOrDefault();
            if (page?.Charter is { Measures.Length: > 0 } charter && !sent.Contains(week.ToString()))
            {
                var payload = new ContributionPayload(week.ToString(), days.ToDictionary(d => d.Day, d => JsonSerializer.Deserialize(d.Measures, CollectingJson.Default.IReadOnlyDictionaryStringInt32)!));
                Add(connection, transaction, ChunkSealer.Contribution(program with { Hash = page.Hash, Charter = charter }, who, device, payload));
                connection.Execute("INSERT INTO sent_weeks (program, week) VALUES (@name, @week) ON CONFLICT DO NOTHING", new { name, week = week.ToString() }, transaction);
            }

            connection.Execute("DELETE FROM day_values WHERE program = @name AND day >= @first AND day <= @last", new { name, first = Sql.Day(week.First), last = Sql.Day(week.Last) }, transaction);
        }
    }
}
