using System.Data.Common;
using System.Globalization;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Ingest;

/// <summary>Sealed bytes, keyed by the keyed hash of person and program. Nothing here can read them.</summary>
internal sealed class ChunkStore(IDatabase database, GroupCommitWriter writer, ServerKeys keys, Shelves shelves)
{
    /// <summary>The table.</summary>
    public const string Table = "chunks";

    /// <summary>Stores a chunk; the same id again changes nothing. Completes when durable.</summary>
    public Task AddAsync(string person, UploadedChunk chunk, SealedChunk bytes, DateOnly expires)
    {
        database.Prepare(Table, expires);
        var row = new
        {
            subject = keys.SubjectRef(person, chunk.Program),
            expires = Sql.Day(expires),
            chunk.Program,
            chunk.Day,
            chunk.Kind,
            chunk.Stream,
            chunk.Id,
            @sealed = bytes.ToArray(),
        };
        return writer.WriteAsync((c, t) => c.Execute(
            """
            INSERT INTO chunks (subject_ref, expires_on, program, day, kind, stream, chunk_id, sealed)
            VALUES (@subject, @expires, @Program, @Day, @Kind, @Stream, @Id, @sealed) ON CONFLICT DO NOTHING
            """,
            row,
            t));
    }

    /// <summary>A person's chunks of one program, kind and range that are not past their retention; with a case, what it keeps of them as well. Corrections come with records.</summary>
    public IReadOnlyList<StoredChunk> Find(string person, string program, string kind, DateOnly from, DateOnly to, string? heldBy = null)
    {
        using var connection = database.Open();
        var shelf = shelves.Of(person, program);
        var kinds = kind == "records" ? ["records", "corrections"] : new[] { kind };
        return [.. kinds.SelectMany(k => connection.Query<(string Stream, string Day, byte[] Sealed)>(
            """
            SELECT stream, day, sealed FROM chunks
            WHERE subject_ref = @subject AND kind = @k AND day >= @from AND day <= @to AND day >= @oldest AND expires_on >= @today
            UNION ALL SELECT stream, day, sealed FROM held_chunks WHERE case_id = @heldBy AND subject_ref = @subject AND kind = @k AND day >= @from AND day <= @to
            ORDER BY 2
            """,
            new { subject = keys.SubjectRef(person, program), k, from = Sql.Day(from), to = Sql.Day(to), oldest = shelf.Oldest(k), today = Sql.Day(shelf.Today), heldBy = heldBy ?? string.Empty })
            .Select(c => new StoredChunk(program, k, c.Stream, c.Day, Convert.ToBase64String(c.Sealed))))];
    }

    /// <summary>People's contributions to one program in some weeks, one per device and week.</summary>
    public IReadOnlyList<PersonChunk> Contributions(IEnumerable<string> people, string program, IReadOnlyCollection<ReleaseWeek> weeks)
    {
        using var connection = database.Open();
        var found = new List<PersonChunk>();
        foreach (var person in people)
        {
            foreach (var week in weeks)
            {
                var (subject, period) = (keys.SubjectRef(person, program), week.ToString());
                found.AddRange(connection.Query<byte[]>("SELECT sealed FROM chunks WHERE subject_ref = @subject AND kind = 'contribution' AND day = @period", new { subject, period })
                    .Select(s => new PersonChunk(person, period, Convert.ToBase64String(s))));
            }
        }

        return found;
    }

    /// <summary>The last local day of which there are records, or null.</summary>
    public DateOnly? LastDay(string person, string program) => DaysOf(person, program).Where(d => d.Kind == "records").Select(d => (DateOnly?)d.Day).LastOrDefault();

    /// <summary>Days of which something of a person is kept for a program, by kind.</summary>
    public IReadOnlyList<(string Kind, DateOnly Day)> DaysOf(string person, string program)
    {
        using var connection = database.Open();
        var shelf = shelves.Of(person, program);
        return [.. connection.Query<(string Kind, string Day)>(
            "SELECT DISTINCT kind, day FROM chunks WHERE subject_ref = @subject AND kind <> 'contribution' AND expires_on >= @today ORDER BY kind, day",
            new { subject = keys.SubjectRef(person, program), today = Sql.Day(shelf.Today) }).Where(r => string.CompareOrdinal(r.Day, shelf.Oldest(r.Kind)) >= 0).Select(r => (r.Kind, Sql.Day(r.Day)))];
    }

    /// <summary>
    /// Deletes what is sealed to a person's keys for a program through an epoch, as far as it was there, and keeps in mind that nothing more of it is taken; what a hold keeps goes with the hold.
    /// </summary>
    public void Delete(DbConnection connection, DbTransaction transaction, string person, string program, int epoch)
    {
        var row = new { subject = keys.SubjectRef(person, program), epoch, through = SealedChunk.EpochBytes(epoch) };
        connection.Execute($"DELETE FROM chunks WHERE subject_ref = @subject AND substr(sealed, {SealedChunk.EpochAt + 1}, 4) <= @through", row, transaction);
        connection.Execute("INSERT INTO destroyed (subject_ref, epoch) VALUES (@subject, @epoch) ON CONFLICT (subject_ref) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch > destroyed.epoch", row, transaction);
    }

    /// <summary>Through which epoch a person's keys are destroyed, by program; those of which none is are left out.</summary>
    public IReadOnlyDictionary<string, int> Destroyed(string person, IReadOnlyCollection<string> named)
    {
        using var connection = database.Open();
        return named.Select(p => (Program: p, Epoch: connection.QuerySingleOrDefault<int>("SELECT epoch FROM destroyed WHERE subject_ref = @subject", new { subject = keys.SubjectRef(person, p) })))
            .Where(p => p.Epoch > 0).ToDictionary(p => p.Program, p => p.Epoch, StringComparer.Ordinal);
    }

    /// <summary>Days for which a kind of chunk is kept.</summary>
    public static int KeptFor(string kind, Retention keep) => kind switch
    {
        "records" or "corrections" => keep.Records,
        "submissions" => keep.Submissions,
        "contribution" => keep.Contributions,
        _ => 0,
    };

    /// <summary>The day on which a chunk goes, or null when its day is none that this charter can have.</summary>
    public static DateOnly? Expiry(UploadedChunk chunk, Charter charter) => chunk.Kind switch
    {
        "records" when DayOf(chunk) is { } day && charter.IsInForce(day)
            && charter.Stream(chunk.Stream) is { Kind: IndividualKind.Records, TimeStep: not null } stream && charter.LeavingFields(stream).Any() => day.AddDays(KeptFor(chunk.Kind, charter.Keep)),
        "submissions" when DayOf(chunk) is { } day && charter.IsInForce(day)
            && charter.Stream(chunk.Stream) is { Kind: IndividualKind.Submissions } stream && charter.LeavingFields(stream).Any() => day.AddDays(KeptFor(chunk.Kind, charter.Keep)),
        "corrections" when DayOf(chunk) is { } day && charter.IsInForce(day) && charter.Keep.Records > 0 && chunk.Stream == "correction" => day.AddDays(KeptFor(chunk.Kind, charter.Keep)),
        "contribution" when ReleaseWeek.TryParse(chunk.Day, out var week) && week.Last >= charter.From && week.First <= charter.Until && chunk.Stream.Length == 0 =>
            week.Last.AddDays(KeptFor(chunk.Kind, charter.Keep)),
        _ => null,
    };

    private static DateOnly? DayOf(UploadedChunk chunk) => DateOnly.TryParseExact(chunk.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
