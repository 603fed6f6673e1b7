using System.Globalization;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Storage;

namespace Daylight.Server.Features.Programs;

/// <summary>How often a program's rules and fields served anybody but the person: what a renewal is asked about. Counts only; who looked is in the log.</summary>
internal sealed class UseCounts(IDatabase database, GroupCommitWriter writer, TimeProvider time)
{
    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Notes a look at somebody else, and which fields it showed.</summary>
    public Task NoteAsync(string rule, IReadOnlyList<string> programs, IReadOnlyList<ShownRecord> shown)
    {
        var (month, today) = (Today.ToString("yyyy-MM", CultureInfo.InvariantCulture), Sql.Day(Today));
        var fields = shown.SelectMany(r => r.Data.Keys.Append(r.Duration > 0 ? "time" : null).OfType<string>().Select(f => (r.Program, r.Stream, Field: f))).Distinct().ToList();
        return writer.WriteAsync((c, t) =>
        {
            foreach (var program in programs)
            {
                c.Execute(
                    "INSERT INTO rule_uses (program, rule, month, looks) VALUES (@program, @rule, @month, 1) ON CONFLICT (program, rule, month) DO UPDATE SET looks = rule_uses.looks + 1", new { program, rule, month }, t);
            }

            foreach (var (program, stream, field) in fields)
            {
                c.Execute(
                    "INSERT INTO field_uses (program, stream, field, looks, last) VALUES (@program, @stream, @field, 1, @today) ON CONFLICT (program, stream, field) DO UPDATE SET looks = field_uses.looks + 1, last = excluded.last",
                    new { program, stream, field, today },
                    t);
            }
        });
    }

    /// <summary>What the period of a charter in force shows, up to today.</summary>
    public ProgramFacts Of(Charter charter, DateOnly began, IReadOnlyDictionary<(string Program, string Rule), DateOnly> lastUses)
    {
        var (from, to) = (began > charter.From ? began : charter.From, charter.Until < Today ? charter.Until : Today);
        var (program, month) = (charter.Program, from.ToString("yyyy-MM", CultureInfo.InvariantCulture));
        using var connection = database.Open();
        var looks = connection.Query<(string Rule, long Looks)>("SELECT rule, SUM(looks) FROM rule_uses WHERE program = @program AND month >= @month GROUP BY rule", new { program, month }).ToDictionary(r => r.Rule, r => r.Looks, StringComparer.Ordinal);
        var used = connection.Query<(string Stream, string Field)>("SELECT stream, field FROM field_uses WHERE program = @program AND last >= @began", new { program, began = Sql.Day(from) }).ToHashSet();
        var cells = connection.Query<(string Measure, string? Reason, string Period, long Cells)>(
                "SELECT measure, reason, period, COUNT(*) FROM release_cells WHERE program = @program GROUP BY measure, reason, period", new { program })
            .Where(c => ReleasePeriod.TryParse(c.Period, out var period) && period.Last >= from).ToList();
        var published = cells.Where(c => c.Reason is null).Select(c => "measure " + c.Measure).ToHashSet(StringComparer.Ordinal); // as the check names them
        var days = Math.Max(0, to.DayNumber - from.DayNumber + 1);
        var need = CharterCheck.Of(new CharterReading.Good(charter), program)?.Need ?? [];
        List<UnusedField> unused = [.. need.Where(n => !used.Contains((n.Stream, n.Field)) && !n.Uses.Any(published.Contains)).Select(n => new UnusedField(n.Stream, n.Field, days))];
        List<RuleUse> rules = [.. charter.Show.Where(r => r.To is not Audience.Self).Select(r => new RuleUse(r.Name, looks.GetValueOrDefault(r.Name), lastUses.TryGetValue((program, r.Name), out var last) ? last : null))];
        return new ProgramFacts(
            program, from, to, rules, unused, cells.Where(c => c.Reason is null).Sum(c => c.Cells),
            [.. cells.Where(c => c.Reason is not null).GroupBy(c => c.Reason!).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new SuppressedCells(g.Key, g.Sum(c => c.Cells)))],
            [
                .. unused.Select(u => string.Create(CultureInfo.InvariantCulture, $"{u.Stream}/{u.Field}: collected {u.Days} days, never used by a figure or a look at somebody else in them: remove it.")),
                .. rules.Where(r => r.Looks == 0 && !(r.Last >= from)).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Rule}: in force {days} days, never used in them: remove it.")),
            ]);
    }
}
