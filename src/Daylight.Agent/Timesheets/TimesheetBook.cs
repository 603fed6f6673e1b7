using System.Collections.Immutable;
using System.Text.Json;
using Daylight.Agent.Collecting;
using Daylight.Agent.Intake;
using Daylight.Agent.Sending;
using Daylight.Agent.Store;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Timesheets;

/// <summary>An entry of the person's own timesheet.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Day">Local day.</param>
/// <param name="Project">Project.</param>
/// <param name="Minutes">How long; of the one that runs, what it had before.</param>
/// <param name="Note">A note, or empty.</param>
/// <param name="Started">When its timer was started; null when it does not run.</param>
public sealed record TimeEntry(long Id, DateOnly Day, string Project, int Minutes, string Note, DateTimeOffset? Started);

/// <summary>What one's own activity says about a day: nothing is taken over unless one does so.</summary>
/// <param name="Project">A project that an editor named, or what one did.</param>
/// <param name="Minutes">How long.</param>
public sealed record Suggestion(string Project, int Minutes);

/// <summary>How a day stands towards a program.</summary>
/// <param name="Day">Local day.</param>
/// <param name="Submitted">When it was handed in last; null when it never was.</param>
/// <param name="Differs">Whether the entries are other than what was handed in.</param>
public sealed record SheetDay(DateOnly Day, DateTimeOffset? Submitted, bool Differs);

/// <summary>Who will see what is handed in.</summary>
/// <param name="Names">In words.</param>
/// <param name="Managers">Ids of the managers among them.</param>
/// <param name="Unseen">Days that none of them may see.</param>
public sealed record SheetReaders(IReadOnlyList<string> Names, IReadOnlyList<string> Managers, IReadOnlyList<DateOnly> Unseen);

/// <summary>The person's timer and timesheet. What is in it stays here until the person hands it in; then that, and not their activity, is what others see.</summary>
internal sealed class TimesheetBook(AgentStore store, RawStore raw, PersonTime person, CharterBook book, Minimizers minimizers, Sender sender, TimeProvider time)
{
    /// <summary>Longest that an entry may be, in minutes: a day.</summary>
    public const int MostMinutes = 24 * 60;

    private const int MostEntries = 200; // of a day

    /// <summary>Programs whose charter takes timesheets today.</summary>
    public IReadOnlyList<AppliedCharter> Programs => [.. book.Programs.Select(p => book.On(p, person.Today)).OfType<AppliedCharter>().Where(p => p.Charter!.Stream("timesheet") is not null)];

    /// <summary>The entry whose timer runs, or null.</summary>
    public TimeEntry? Running
    {
        get
        {
            using var connection = store.Open();
            return connection.Query<Row>(Columns + "WHERE started IS NOT NULL").Select(Entry).FirstOrDefault();
        }
    }

    private const string Columns = "SELECT id AS Id, day AS Day, project AS Project, minutes AS Minutes, note AS Note, started AS Started FROM time_entries ";

    /// <summary>Entries of some days, in order.</summary>
    public IReadOnlyList<TimeEntry> Entries(DateOnly from, DateOnly to)
    {
        using var connection = store.Open();
        return [.. connection.Query<Row>(Columns + "WHERE day >= @from AND day <= @to ORDER BY day, id", new { from = Sql.Day(from), to = Sql.Day(to) }).Select(Entry)];
    }

    /// <summary>Starts a timer for a project; the one that runs is stopped.</summary>
    public async Task StartAsync(string project, string note)
    {
        await StopAsync();
        await store.WriteAsync((c, t) => c.Execute(
            "INSERT INTO time_entries (day, project, minutes, note, started) VALUES (@day, @project, 0, @note, @started)",
            new { day = Sql.Day(person.Today), project, note, started = RawStore.Micros(time.GetUtcNow()) },
            t));
    }

    /// <summary>Stops the timer; a minute that was begun counts. A timer that was forgotten overnight ends with its day.</summary>
    public async Task StopAsync()
    {
        if (Running is { } running)
        {
            var midnight = person.Local.At(running.Day.AddDays(1), 0);
            var end = time.GetUtcNow() < midnight ? time.GetUtcNow() : midnight;
            var minutes = Math.Clamp(running.Minutes + (int)Math.Ceiling((end - running.Started!.Value).TotalMinutes), 1, MostMinutes);
            await store.WriteAsync((c, t) => c.Execute("UPDATE time_entries SET minutes = @minutes, started = NULL WHERE id = @Id", new { running.Id, minutes }, t));
        }
    }

    /// <summary>Adds an entry; false when the day has too many.</summary>
    public Task<bool> AddAsync(DateOnly day, string project, int minutes, string note) => store.WriteAsync((c, t) =>
        c.QuerySingle<long>("SELECT COUNT(*) FROM time_entries WHERE day = @day", new { day = Sql.Day(day) }, t) < MostEntries
        && c.Execute("INSERT INTO time_entries (day, project, minutes, note) VALUES (@day, @project, @minutes, @note)", new { day = Sql.Day(day), project, minutes, note }, t) == 1);

    /// <summary>Changes an entry; false when it is gone.</summary>
    public Task<bool> ChangeAsync(long id, string project, int minutes, string note) => store.WriteAsync((c, t) =>
        c.Execute("UPDATE time_entries SET project = @project, minutes = @minutes, note = @note, started = NULL WHERE id = @id", new { id, project, minutes, note }, t) == 1);

    /// <summary>Deletes an entry.</summary>
    public Task DeleteAsync(long id) => store.WriteAsync((c, t) => c.Execute("DELETE FROM time_entries WHERE id = @id", new { id }, t));

    /// <summary>What the machine saw of a day, by project, or else by what it was: a proposal that only this page sees.</summary>
    public IReadOnlyList<Suggestion> Suggestions(DateOnly day)
    {
        var events = raw.Between(person.Local.At(day, 0), person.Local.At(day.AddDays(1), 0));
        var named = events.Where(e => e.Stream is "editor" or "window").Select(e => (Name: e.Stream == "editor" ? Field(e, "project") : Field(e, "app") is { } app && Categories.Of(app) is "Meeting" or "Mail" ? Categories.Of(Field(e, "app")!) : null, e));
        return [.. named.Where(n => n.Name is { Length: > 0 }).GroupBy(n => LastPart(n.Name!), n => n.e).Select(g => new Suggestion(g.Key, (int)Math.Round(Length(g).TotalMinutes)))
            .Where(s => s.Minutes >= 5).OrderByDescending(s => s.Minutes).Take(8)];
    }

    /// <summary>How the days of a week stand towards a program.</summary>
    public IReadOnlyList<SheetDay> Week(string program, ReleaseWeek week)
    {
        using var connection = store.Open();
        var handed = connection.Query<(string Day, long Submitted, string Entries)>(
            "SELECT day, submitted, entries FROM handed_in WHERE program = @program AND day >= @first AND day <= @last", new { program, first = Sql.Day(week.First), last = Sql.Day(week.Last) }).ToDictionary(h => h.Day);
        return [.. Enumerable.Range(0, 7).Select(i => week.First.AddDays(i)).Select(day => handed.TryGetValue(Sql.Day(day), out var row)
            ? new SheetDay(day, RawStore.Instant(row.Submitted), row.Entries != Json(Lines(day)))
            : new SheetDay(day, null, Lines(day).Count > 0))];
    }

    /// <summary>Who will see what is handed in of a week.</summary>
    public SheetReaders Readers(string program, ReleaseWeek week)
    {
        var rules = (book.On(program, person.Today)?.Charter?.IndividualRules ?? []).Where(r => r.What == IndividualKind.Submissions).ToList();
        var managers = rules.Any(r => r.To is Audience.Manager) ? sender.Bundle?.Managers ?? [] : [];
        return new SheetReaders(
            [
                .. managers.Select(m => m.Name + ", your manager as the directory says" + (m.From > week.First ? $" (days since {Sql.Day(m.From)})" : string.Empty)),
                .. rules.Select(r => r.To).OfType<Audience.Role>().Select(r => "people with the role " + r.Name),
            ],
            [.. managers.Select(m => m.Id).Order(StringComparer.Ordinal)],
            rules.Any(r => r.To is Audience.Role) ? [] : [.. Enumerable.Range(0, 7).Select(i => week.First.AddDays(i)).Where(d => d <= person.Today && managers.All(m => d < m.From))]);
    }

    /// <summary>Hands in the days of a week up to today: each as it stands; what was handed in before is replaced.</summary>
    /// <param name="program">Program.</param>
    /// <param name="week">Week.</param>
    /// <param name="managers">Ids of the managers whom the person was told of; when they are others meanwhile nothing is handed in.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="UnverifiableException">The server could not prove that the program is in force, or names other managers; nothing was handed in.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached; nothing was handed in.</exception>
    public async Task<SendOutcome> HandInAsync(string program, ReleaseWeek week, IReadOnlyList<string> managers, CancellationToken cancel)
    {
        await StopAsync();
        var days = Week(program, week).Where(d => d.Day <= person.Today && d.Differs && book.On(program, d.Day) is not null).Select(d => d.Day).ToList();
        if (days.Count == 0)
        {
            return new SendOutcome(true, "nothing was to be handed in: the days are as they were handed in last, or no charter takes them", 0, 0);
        }

        var (sheets, submitted) = (await MinimizeAsync(program, days, cancel), DateTimeOffset.MinValue);
        return await sender.HandInAsync(
            program,
            (verified, who, device) =>
            {
                if (!Readers(program, week).Managers.SequenceEqual(managers, StringComparer.Ordinal))
                {
                    throw new UnverifiableException("the directory names other managers now than this page did; look again at who will see it");
                }

                // The keyholder's clock, since this machine's may have been set back, and a second machine has its own.
                submitted = new[] { verified.StatusTime, LastSubmitted(program).AddMilliseconds(1) }.Max();
                return [.. sheets.Select(s => ChunkSealer.Submission(verified with { Hash = s.Hash }, who, device, "timesheet", Sql.Day(s.Day), new SubmissionPayload(submitted, To(verified.Charter, s.Day), s.Entries)))];
            },
            (c, t) =>
            {
                foreach (var sheet in sheets)
                {
                    c.Execute(
                        "INSERT INTO handed_in (program, day, submitted, entries) VALUES (@program, @day, @submitted, @entries) ON CONFLICT (program, day) DO UPDATE SET submitted = excluded.submitted, entries = excluded.entries",
                        new { program, day = Sql.Day(sheet.Day), submitted = RawStore.Micros(submitted), entries = Json(sheet.Lines) },
                        t);
                    c.Execute("INSERT INTO touched_days (day) VALUES (@day) ON CONFLICT DO NOTHING", new { day = Sql.Day(sheet.Day) }, t);
                }
            },
            cancel);
    }

    private List<string> To(Charter charter, DateOnly day) =>
        charter.IndividualRules.Any(r => r is { What: IndividualKind.Submissions, To: Audience.Manager }) ? [.. sender.Bundle!.Managers.Where(m => m.From <= day).Select(m => m.Id)] : [];

    private DateTimeOffset LastSubmitted(string program)
    {
        using var connection = store.Open();
        return RawStore.Instant(connection.QuerySingle<long>("SELECT COALESCE(MAX(submitted), 0) FROM handed_in WHERE program = @program", new { program }));
    }

    /// <summary>What of the days' lines a charter lets through: it may round hours, and black out notes.</summary>
    private async Task<List<Sheet>> MinimizeAsync(string program, List<DateOnly> days, CancellationToken cancel)
    {
        await minimizers.Turn.WaitAsync(cancel);
        try
        {
            var sheets = new List<Sheet>();
            foreach (var day in days)
            {
                var (lines, applied) = (Lines(day), minimizers.On(program, day)!);
                sheets.Add(new Sheet(day, lines, applied.Page.Hash, [.. HandedIn.Events(person.Local, day, lines).SelectMany(e => applied.Minimizer.Records(e)).Select(r => new PayloadRecord(r.Start, 0, r.Data))]));
            }

            return sheets;
        }
        finally
        {
            minimizers.Turn.Release();
        }
    }

    private List<SheetLine> Lines(DateOnly day) => [.. Entries(day, day).Where(e => e.Minutes > 0).Select(e => new SheetLine(e.Project, e.Minutes, e.Note))];

    private static string Json(IReadOnlyList<SheetLine> lines) => JsonSerializer.Serialize(lines, TimesheetJson.Default.IReadOnlyListSheetLine);

    private static TimeSpan Length(IEnumerable<RawEvent> events)
    {
        var (total, reached) = (TimeSpan.Zero, DateTimeOffset.MinValue);
        foreach (var e in events.OrderBy(e => e.Start))
        {
            var from = e.Start > reached ? e.Start : reached;
            total += e.End > from ? e.End - from : TimeSpan.Zero;
            reached = e.End > reached ? e.End : reached;
        }

        return total;
    }

    private static string? Field(RawEvent e, string field)
    {
        using var data = JsonDocument.Parse(e.Data);
        return data.RootElement.Text(field);
    }

    private static string LastPart(string path)
    {
        var trimmed = path.TrimEnd('/', '\\');
        return trimmed[(trimmed.LastIndexOfAny(['/', '\\']) + 1)..];
    }

    private static TimeEntry Entry(Row row) => new(row.Id, Sql.Day(row.Day), row.Project, (int)row.Minutes, row.Note, row.Started is { } started ? RawStore.Instant(started) : null);

    private sealed record Sheet(DateOnly Day, IReadOnlyList<SheetLine> Lines, string Hash, IReadOnlyList<PayloadRecord> Entries);

    private sealed record Row(long Id, string Day, string Project, long Minutes, string Note, long? Started);
}
