using Dapper;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>How fast can it be deleted: by program and kind the oldest day of which there is something, and when the last trace of today is gone.</summary>
internal sealed class RetentionClock(IDatabase database, ProgramCatalog programs, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/retention", async (HttpContext context, Callers callers, RetentionClock clock) => await callers.FindAsync(context) is null
            ? Problems.NotSignedIn()
            : Results.Json(clock.Read(), ProtocolJson.Default.IReadOnlyListKeptView)).WithSummary("By program and kind: the oldest day that is kept, and when the last trace of today is gone").Produces<IReadOnlyList<KeptView>>();

    /// <summary>Reads the clock.</summary>
    public IReadOnlyList<KeptView> Read()
    {
        var (now, kept) = (time.GetUtcNow(), new List<KeptView>());
        var (today, over) = (DateOnly.FromDateTime(now.UtcDateTime), Sql.Day(DateOnly.FromDateTime(now.UtcDateTime.AddHours(-12))));
        using var connection = database.Open();
        var chunks = connection.Query<(string Program, string Kind, string Day, string Expires)>("SELECT program, kind, MIN(day), MIN(expires_on) FROM chunks GROUP BY program, kind").ToDictionary(c => (c.Program, NameOf(c.Kind)));
        var cells = connection.Query<(string Program, string Period, string Expires)>("SELECT program, MIN(period), MIN(expires_on) FROM release_cells GROUP BY program").ToDictionary(c => c.Program, StringComparer.Ordinal);
        var held = connection.Query<(string Program, string Kind, long Rows, string Day)>("SELECT program, kind, COUNT(*), MIN(day) FROM held_chunks GROUP BY program, kind").ToDictionary(h => (h.Program, NameOf(h.Kind)));
        var looks = connection.QuerySingleOrDefault<string>("SELECT MIN(expires_on) FROM openings");
        foreach (var program in programs.Newest().Where(p => p.Record.Activated is not null).OrderBy(p => p.Charter.Program, StringComparer.Ordinal))
        {
            var (name, charter) = (program.Charter.Program, program.Charter);
            foreach (var (kind, days) in charter.Keep.Kinds)
            {
                var (oldest, expires) = kind switch
                {
                    "releases" => cells.TryGetValue(name, out var c) ? (ReleasePeriod.TryParse(c.Period, out var period) ? period.First : (DateOnly?)null, c.Expires) : (null, null),
                    "looks" => (null, looks),
                    _ => chunks.TryGetValue((name, kind), out var c) ? (FirstDay(c.Day), c.Expires) : ((DateOnly?)null, (string?)null),
                };
                var hold = held.GetValueOrDefault((name, kind));
                kept.Add(new KeptView(
                    name, kind, days, hold.Rows > 0 && (oldest is null || Sql.Day(hold.Day) < oldest) ? Sql.Day(hold.Day) : oldest, hold.Rows, LastTrace(kind, charter.Until < today ? null : today, days),
                    expires is not null && string.CompareOrdinal(expires, over) < 0));
            }
        }

        // What no charter names any more and is still there.
        kept.AddRange(chunks.Where(c => kept.TrueForAll(k => (k.Program, k.Kind) != c.Key)).Select(c => new KeptView(
            c.Key.Program, c.Key.Item2, null, FirstDay(c.Value.Day), held.GetValueOrDefault(c.Key).Rows, null, string.CompareOrdinal(c.Value.Expires, over) < 0)));
        return kept;
    }

    // A week's contribution is kept from the end of the week on; a day is over everywhere when it is in UTC−12.
    private static DateOnly? LastTrace(string kind, DateOnly? today, int days) => today is not { } day ? null
        : (kind is "contributions" or "releases" ? ReleaseWeek.Of(day).Last : day).AddDays(days + 1);

    private static DateOnly FirstDay(string day) => ReleaseWeek.TryParse(day, out var week) ? week.First : Sql.Day(day);

    private static string NameOf(string kind) => kind == "contribution" ? "contributions" : kind;
}
