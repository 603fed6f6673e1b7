using System.Globalization;
using Daylight.Agent.Timesheets;
using Daylight.Core.Releases;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>Timer and timesheet of a week, with what one's own activity suggests, and the button to hand it in.</summary>
internal sealed class TimePage(AgentParts parts, Frame frame)
{
    public IResult Render(string? asked, string? done)
    {
        var week = asked is not null && ReleaseWeek.TryParse(asked, out var named) ? named : ReleaseWeek.Of(parts.Person.Today);
        var here = "/time?week=" + week;
        var entries = parts.Timesheets.Entries(week.First, week.Last);
        var total = entries.Sum(e => e.Minutes);
        return frame.Page("/time", "Timesheet", Html.Of(
            $"""
            {Timer(here)}
            <nav class="row" aria-label="Weeks"><a href="/time?week={ReleaseWeek.Of(week.First.AddDays(-7)).ToString()}">Week before</a><strong>{week.First.ToString("d MMMM", CultureInfo.InvariantCulture)} to {week.Last.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}: {Frame.Length(total)}</strong>{Html.If(week.Last < parts.Person.Today, $"<a href=\"/time?week={week.Next.ToString()}\">Week after</a>")}</nav>
            {Html.Each(parts.Timesheets.Programs, p => HandIn(p.Program, week, here))}
            {Html.If(parts.Timesheets.Programs.Count == 0, $"<p class=\"quiet\">No charter takes timesheets from you: what you write here is for yourself.</p>")}
            {Html.Each(Enumerable.Range(0, 7).Select(i => week.First.AddDays(i)).Where(d => d <= parts.Person.Today).Reverse(), d => Day(d, [.. entries.Where(e => e.Day == d)], here))}
            """), done);
    }

    private Html Timer(string here) => parts.Timesheets.Running is { } running
        ? Html.Of($"<section class=\"timer on\"><p><span class=\"lamp\" aria-hidden=\"true\"></span> <strong>{running.Project}</strong> since {frame.Clock(running.Started!.Value)}{Html.If(running.Note.Length > 0, $": {running.Note}")}</p>{frame.Button("/time/stop", "Stop", here)}</section>")
        : Html.Of($"<section class=\"timer\">{frame.Form("/time/start", here, Html.Of($"<label>Project <input name=\"project\" required maxlength=\"80\" list=\"projects\"></label> <label>Note <input name=\"note\" maxlength=\"500\"></label> <button>Start the timer</button>{Projects()}"))}</section>");

    private Html Projects() => Html.Of($"<datalist id=\"projects\">{Html.Each(parts.Timesheets.Entries(parts.Person.Today.AddDays(-60), parts.Person.Today).Select(e => e.Project).Distinct(StringComparer.Ordinal).Take(30), p => Html.Of($"<option value=\"{p}\"></option>"))}</datalist>");

    private Html HandIn(string program, ReleaseWeek week, string here)
    {
        var days = parts.Timesheets.Week(program, week).Where(d => d.Day <= parts.Person.Today).ToList();
        var (open, last, readers) = (days.Count(d => d.Differs), days.Max(d => d.Submitted), parts.Timesheets.Readers(program, week));
        return Html.Of(
            $"""
            <section class="handin"><h2>Hand in for {program}</h2>
            <p>{(open == 0 ? last is null ? "There is nothing to hand in." : $"Handed in {frame.When(last.Value)}, as it stands below." : last is null ? "Not handed in yet." : $"You changed {open} {(open == 1 ? "day" : "days")} since you handed it in {frame.When(last.Value)}.")}</p>
            <p>It goes, sealed, to {(readers.Names.Count == 0 ? "nobody but you, as far as this machine knows now" : string.Join("; ", readers.Names))}. Each time somebody opens it you see that under <a href="/looked">who looked</a>. What this machine saw of you is not part of it.</p>
            {Html.If(readers.Names.Count > 0 && readers.Unseen.Count > 0, $"<p class=\"notice\">Nobody who leads you now led you then, so nobody but you will see {string.Join(", ", readers.Unseen.Select(frame.DayName))}.</p>")}
            {Html.If(open > 0, $"{frame.Button("/time/hand-in", last is null ? "Hand in this week up to today" : "Hand in again", here, ("program", program), ("week", week.ToString()), ("managers", string.Join(' ', readers.Managers)))}")}
            </section>
            """);
    }

    private Html Day(DateOnly day, List<TimeEntry> entries, string here) => Html.Of(
        $"""
        <section><h2>{frame.DayTitle(day)} <span class="quiet">{Frame.Length(entries.Sum(e => e.Minutes))}</span></h2>
        {Html.Each(entries, e => Entry(e, here))}
        {frame.Form("/time/add", here, Html.Of($"<div class=\"row entry\"><label>Project <input name=\"project\" required maxlength=\"80\" list=\"projects\"></label><label>Time <input name=\"time\" required maxlength=\"10\" placeholder=\"1:30\" size=\"6\"></label><label>Note <input name=\"note\" maxlength=\"500\"></label><button>Add</button></div>"), ("day", Storage.Sql.Day(day)))}
        {Suggestions(day, entries, here)}
        </section>
        """);

    private Html Entry(TimeEntry e, string here) => Html.Of(
        $"""
        {frame.Form("/time/change", here, Html.Of($"<div class=\"row entry\"><label>Project <input name=\"project\" required maxlength=\"80\" list=\"projects\" value=\"{e.Project}\"></label><label>Time <input name=\"time\" required maxlength=\"10\" size=\"6\" value=\"{Clock(e.Minutes)}\"></label><label>Note <input name=\"note\" maxlength=\"500\" value=\"{e.Note}\"></label><button>Save</button><button class=\"danger\" name=\"delete\" value=\"yes\" formnovalidate>Delete</button></div>"), ("id", e.Id.ToString(CultureInfo.InvariantCulture)))}
        """);

    private Html Suggestions(DateOnly day, List<TimeEntry> entries, string here)
    {
        var known = entries.Select(e => e.Project).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var suggestions = parts.Timesheets.Suggestions(day).Where(s => !known.Contains(s.Project)).ToList();
        return suggestions.Count == 0 ? Html.Nothing : Html.Of(
            $"""<div class="row suggestions"><span class="quiet">From your own activity, for you alone:</span>{Html.Each(suggestions, s => frame.Button("/time/add", $"{s.Project}, {Frame.Length(s.Minutes)}", here, ("day", Storage.Sql.Day(day)), ("project", s.Project), ("time", Clock(s.Minutes)), ("note", string.Empty)))}</div>""");
    }

    private static string Clock(int minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60}:{minutes % 60:00}");
}

/// <summary>What the forms of the timesheet do.</summary>
internal sealed class TimeForms(AgentParts parts)
{
    private const int LongestProject = 80;
    private const int LongestNote = 500;

    public void Map(Action<string, Func<IFormCollection, CancellationToken, Task<string>>> on)
    {
        on("/time/start", async (form, _) =>
        {
            if (Project(form) is not { } project)
            {
                return "A timer needs a project.";
            }

            await parts.Timesheets.StartAsync(project, Note(form));
            return $"The timer runs for {project}.";
        });
        on("/time/stop", async (_, _) =>
        {
            await parts.Timesheets.StopAsync();
            return "The timer has stopped.";
        });
        on("/time/add", async (form, _) => Project(form) is { } project && Minutes(form) is { } minutes && Day(form) is { } day
            ? await parts.Timesheets.AddAsync(day, project, minutes, Note(form)) ? $"Added: {project}, {Frame.Length(minutes)}." : "That day has too many entries."
            : "An entry needs a project and a time such as 1:30, 1.5 or 90 min; nothing was added.");
        on("/time/change", ChangeAsync);
        on("/time/hand-in", HandInAsync);
    }

    private async Task<string> ChangeAsync(IFormCollection form, CancellationToken cancel)
    {
        if (!long.TryParse(form["id"], CultureInfo.InvariantCulture, out var id))
        {
            return "Nothing was changed.";
        }

        if (form["delete"] == "yes")
        {
            await parts.Timesheets.DeleteAsync(id);
            return "The entry is gone.";
        }

        return Project(form) is not { } project || Minutes(form) is not { } minutes ? "An entry needs a project and a time such as 1:30, 1.5 or 90 min; nothing was changed."
            : await parts.Timesheets.ChangeAsync(id, project, minutes, Note(form)) ? "Saved." : "That entry is gone.";
    }

    private async Task<string> HandInAsync(IFormCollection form, CancellationToken cancel)
    {
        if (!ReleaseWeek.TryParse(form["week"].ToString(), out var week))
        {
            return "That is not a week.";
        }

        try
        {
            var outcome = await parts.Timesheets.HandInAsync(form["program"].ToString(), week, form["managers"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries), cancel);
            return outcome.Ok ? "Handed in: " + outcome.Message + "." : "Sealed, and on its way as soon as the server takes it: " + outcome.Message + ".";
        }
        catch (Exception e) when (e is Trust.UnverifiableException or HttpRequestException or Protocol.ApiException)
        {
            return "Nothing was handed in: " + (e is HttpRequestException ? "the server cannot be reached" : e.Message) + ".";
        }
    }

    /// <summary>Minutes of 1:30, 1.5, 1,5 h, 90m or 90 min; null when it is none of them, or more than a day.</summary>
    internal static int? Minutes(string text)
    {
        var plain = text.Trim().ToLowerInvariant().Replace(',', '.').Replace(" ", string.Empty, StringComparison.Ordinal);
        var minutes = plain.Split(':') is [var h, var m] && int.TryParse(h, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && int.TryParse(m, NumberStyles.None, CultureInfo.InvariantCulture, out var rest) && rest < 60 ? (hours * 60) + rest
            : Unit(plain, "min", "m") is { } some ? (int)Math.Round(some)
            : Unit(plain, "h", "") is { } whole ? (int)Math.Round(whole * 60)
            : -1;
        return minutes is > 0 and <= TimesheetBook.MostMinutes ? minutes : null;
    }

    private static double? Unit(string text, params ReadOnlySpan<string> units)
    {
        foreach (var unit in units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < 10_000)
            {
                return number;
            }
        }

        return null;
    }

    private static int? Minutes(IFormCollection form) => Minutes(form["time"].ToString());

    private static string? Project(IFormCollection form) => form["project"].ToString().Trim() is { Length: > 0 and <= LongestProject } project ? project : null;

    private static string Note(IFormCollection form) => form["note"].ToString().Trim() is { Length: <= LongestNote } note ? note : form["note"].ToString().Trim()[..LongestNote];

    private DateOnly? Day(IFormCollection form) => DateOnly.TryParseExact(form["day"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day <= parts.Person.Today && day > parts.Person.Today.AddDays(-400) ? day : null;
}
