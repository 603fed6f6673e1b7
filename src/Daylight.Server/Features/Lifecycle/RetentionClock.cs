using System.Data.Common;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// How fast can it be deleted: by program and kind the oldest day of which there is something, and when the last trace of today is gone. What legal holds keep is for those
/// who approve them, for auditors, who read it in the log's certificates, and for the console: a person learns of a hold on the day that its case sets, and not from here.
/// </summary>
internal sealed class RetentionClock(TransparencyLog log, LogStore store, OpeningStore openings, IDatabase database, ProgramCatalog programs, TimeProvider time)
{
    private const int MostCertificates = 60;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(100);

    private volatile Counted? counted;

    /// <summary>Who reads certificates: they count rows by day, and what legal holds keep.</summary>
    private static readonly string[] Readers = ["privacy-officer", "works-council", "auditor"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/retention", async (HttpContext context, Callers callers, RetentionClock clock) => await callers.FindAsync(context) is { } caller
            ? Results.Json(clock.Read(callers.RolesOf(caller.Person).Any(Authority.ApprovingRoles.Contains)), ProtocolJson.Default.IReadOnlyListKeptView)
            : Problems.NotSignedIn()).WithSummary("By program and kind: the oldest day that is kept, and when the last trace of today is gone").Produces<IReadOnlyList<KeptView>>();
        routes.MapGet("/api/v1/retention/certificates", async (HttpContext context, Callers callers, RetentionClock clock) => await callers.FindAsync(context) is not { } caller ? Problems.NotSignedIn()
            : callers.RolesOf(caller.Person).Any(Readers.Contains) ? Results.Json(clock.Certificates(), ProtocolJson.Default.IReadOnlyListPurgeView)
            : Problems.Forbidden($"Certificates of purges are for {string.Join(", ", Readers)}; everybody's oldest day is at /api/v1/retention.", "role:" + Readers[0]))
            .WithSummary("The last certificates of purges, newest first: what went, how much, by which line of which charter").Produces<IReadOnlyList<PurgeView>>();
    }

    /// <summary>Reads the clock.</summary>
    /// <param name="holds">Whether what legal holds keep is said.</param>
    public IReadOnlyList<KeptView> Read(bool holds)
    {
        var (now, kept) = (time.GetUtcNow(), new List<KeptView>());
        var (today, over) = (DateOnly.FromDateTime(now.UtcDateTime), Sql.Day(DateOnly.FromDateTime(now.UtcDateTime.AddHours(-12))));
        using var connection = database.Open();
        var chunks = Chunks(connection);
        var held = !holds ? [] : connection.Query<(string Program, string Kind, long Rows, string Day)>("SELECT program, kind, COUNT(*), MIN(day) FROM held_chunks GROUP BY program, kind").ToDictionary(h => (h.Program, NameOf(h.Kind)));
        var looks = connection.QuerySingleOrDefault<string>("SELECT MIN(expires_on) FROM openings");
        var (firstLook, holding) = (FirstLook(connection), holds ? log.Read(a => a.Cases.Values.Where(c => c.IsHolding(today) && c.Statement.From <= today && today <= c.Statement.To).Select(c => c.Statement).ToList()) : []);
        foreach (var program in programs.Newest().Where(p => p.Record.Activated is not null).OrderBy(p => p.Charter.Program, StringComparer.Ordinal))
        {
            var (name, charter) = (program.Charter.Program, program.Charter);
            foreach (var (kind, days) in KindsOf(charter.Keep))
            {
                var (oldest, expires) = kind switch
                {
                    "releases" => Cells(connection, name),
                    "looks" => (firstLook, looks),
                    _ => chunks.TryGetValue((name, kind), out var c) ? (FirstDay(c.Day), c.Expires) : ((DateOnly?)null, (string?)null),
                };
                var hold = held.GetValueOrDefault((name, kind));
                var gone = program.Record.End is not null || charter.Until < today ? null : LastTrace(kind, charter, today, days);
                var until = kind is "records" or "corrections" or "submissions" ? holding.Where(h => h.Programs.Contains(name, StringComparer.Ordinal)).Select(h => (DateOnly?)h.Until.AddDays(1)).Max() : null;
                kept.Add(new KeptView(
                    name, kind, days, hold.Rows > 0 && (oldest is null || Sql.Day(hold.Day) < oldest) ? Sql.Day(hold.Day) : oldest, hold.Rows, gone < until ? until : gone,
                    expires is not null && string.CompareOrdinal(expires, over) < 0));
            }
        }

        // What no charter names any more and is still there.
        kept.AddRange(chunks.Where(c => kept.TrueForAll(k => (k.Program, k.Kind) != c.Key)).Select(c => new KeptView(
            c.Key.Program, c.Key.Item2, null, FirstDay(c.Value.Day), held.GetValueOrDefault(c.Key).Rows, null, string.CompareOrdinal(c.Value.Expires, over) < 0)));
        return kept;
    }

    /// <summary>The oldest chunk by program and kind. Where there are so many that counting takes its time, it is counted once a minute.</summary>
    private Dictionary<(string Program, string Kind), (string Day, string Expires)> Chunks(DbConnection connection)
    {
        if (counted is { } known && time.GetUtcNow() - known.At < Remembered)
        {
            return known.Oldest;
        }

        var start = time.GetTimestamp();
        var oldest = connection.Query<(string Program, string Kind, string Day, string Expires)>("SELECT program, kind, MIN(day), MIN(expires_on) FROM chunks GROUP BY program, kind").ToDictionary(c => (c.Program, NameOf(c.Kind)), c => (c.Day, c.Expires));
        counted = time.GetElapsedTime(start) > Long ? new Counted(time.GetUtcNow(), oldest) : null;
        return oldest;
    }

    private sealed record Counted(DateTimeOffset At, Dictionary<(string Program, string Kind), (string Day, string Expires)> Oldest);

    private static (DateOnly? Oldest, string? Expires) Cells(DbConnection connection, string program)
    {
        var (name, expires) = connection.QuerySingle<(string?, string?)>(
            "SELECT (SELECT MIN(period) FROM release_cells WHERE program = @program), (SELECT MIN(expires_on) FROM release_cells WHERE program = @program)", new { program });
        return (name is not null && ReleasePeriod.TryParse(name, out var period) ? period.First : null, expires);
    }

    /// <summary>The last certificates of purges, newest first.</summary>
    public IReadOnlyList<PurgeView> Certificates()
    {
        using var connection = database.Open();
        return [.. connection.Query<long>("SELECT idx FROM purge_certificates ORDER BY idx DESC LIMIT @MostCertificates", new { MostCertificates })
            .Select(i => (Entry: (ulong)i, Purge: store.Entry((ulong)i) is { } bytes ? LogEntry.TryRead(bytes)?.Event as RetentionPurge : null)).Where(p => p.Purge is not null)
            .Select(p => new PurgeView(p.Entry, p.Purge!.ExpiredOn, [.. p.Purge.Lines.Select(l => new PurgedLineView(l.Program, l.What, l.Rows, l.Held, l.Line, l.Charter, l.Charter is { } hash ? programs.Proposed(hash)?.Version : null))]))];
    }

    // Corrections are kept as long as what they correct.
    private static IEnumerable<(string Kind, int Days)> KindsOf(Core.Charters.Retention keep) => keep.Kinds.SelectMany(k => k.Kind == "records" ? [k, ("corrections", k.Days)] : new[] { k });

    // A week's contribution is kept from the end of the week on, a figure from the end of its period; a day is over everywhere when it is in UTC−12.
    private static DateOnly? LastTrace(string kind, Charter charter, DateOnly today, int days)
    {
        var last = kind switch
        {
            "contributions" => ReleaseWeek.Of(today).Last,
            "releases" => charter.GroupRules.Select(r => ReleasePeriod.Of(today, r.Weeks).Last).DefaultIfEmpty(today).Max(),
            _ => today,
        };
        return last.AddDays(days + 1);
    }

    /// <summary>The day of the look, shown or refused, that goes next: at anybody, in any program.</summary>
    private DateOnly? FirstLook(DbConnection connection) =>
        connection.QuerySingleOrDefault<long?>("SELECT idx FROM openings ORDER BY expires_on, idx LIMIT 1") is not { } index ? null
        : openings.Find((ulong)index)?.ReadEvent() switch
        {
            Disclosure look => DateOnly.FromDateTime(look.Time.UtcDateTime),
            Refusal refused => DateOnly.FromDateTime(refused.Time.UtcDateTime),
            _ => null, // nothing is left but what is kept for good
        };

    private static DateOnly FirstDay(string day) => ReleaseWeek.TryParse(day, out var week) ? week.First : Sql.Day(day);

    /// <summary>What a charter calls a kind of chunk.</summary>
    public static string NameOf(string kind) => kind == "contribution" ? "contributions" : kind;
}
