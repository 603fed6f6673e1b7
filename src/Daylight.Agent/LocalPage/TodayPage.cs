using System.Globalization;
using System.Text.Json;
using Daylight.Agent.Intake;
using Daylight.Core.Minimization;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>Today at a glance: what this machine saw, what of it will go, and the buttons to stop it.</summary>
internal sealed class TodayPage(AgentParts parts, Frame frame)
{
    private const int MostNotices = 10;

    public async Task<IResult> RenderAsync(string? done, CancellationToken cancel)
    {
        if (parts.Enrollment.Exists && parts.Sender.Bundle is null && parts.Sender.Failures == 0 && parts.Options.RunInBackground)
        {
            await parts.Sender.RefreshAsync(cancel);
        }

        var today = parts.Person.Today;
        var (begins, ends) = (parts.Person.Local.At(today, 0), parts.Person.Local.At(today.AddDays(1), 0));
        var spans = Spans(begins, ends);
        var numbers = await parts.Outbox.TodayAsync();
        var items = (await parts.Outbox.ItemsAsync()).Count(i => i.Day == Storage.Sql.Day(today));
        return frame.Page("/", today.ToString("dddd d MMMM", CultureInfo.InvariantCulture), Html.Of(
            $"""
            {State(items)}
            {Pause()}
            <section><h2>What this machine saw</h2>
            <p class="quiet">For you alone: this picture is drawn here, from your raw events, and goes nowhere.</p>
            {DayChart.Draw(spans, begins, ends, frame)}</section>
            {Numbers(numbers)}
            {Notices()}
            """), done);
    }

    private Html State(int items)
    {
        if (!parts.Enrollment.Exists)
        {
            return Html.Of($"<section><h2 class=\"bad\">Not enrolled</h2><p>Nothing is sent. What your watchers report stays here. Enroll with <code>daylight agent enroll URL CODE</code>.</p></section>");
        }

        var programs = parts.Book.Programs.Select(p => parts.Book.On(p, parts.Person.Today)).OfType<Collecting.AppliedCharter>().ToList();
        var looks = parts.Sender.Openings;
        var warnings = looks.WarningsAt(parts.Time.GetUtcNow());
        return Html.Of(
            $"""
            <section class="cards">
            <div class="card"><h2>Collected for</h2><p class="big">{(programs.Count == 0 ? "nothing today" : string.Join(", ", programs.Select(p => p.Program)))}</p><p><a href="/collected">What, and why</a></p></div>
            <div class="card"><h2>Waiting to go</h2><p class="big">{items} items of today</p><p>{Next()} <a href="/outbox">Look at them</a></p></div>
            <div class="card"><h2>Who looked</h2><p class="big{(warnings.Count > 0 ? " bad" : "")}">{(warnings.Count > 0 ? "something does not fit" : looks.Checked is null ? "not checked yet" : looks.Looks == 1 ? "one look ever" : looks.Looks == 0 ? "nobody yet" : looks.Looks + " looks in all")}</p><p><a href="/looked">When, and what for</a></p></div>
            </section>
            <p class="quiet">Last try to reach the server: <span class="{(parts.Sender.Last.Ok ? "good" : "")}">{parts.Sender.Last.Message}</span>.</p>
            """);
    }

    private string Next() => parts.Options.UploadEvery < TimeSpan.FromHours(1) ? $"Sent every {parts.Options.UploadEvery.TotalSeconds:0} seconds."
        : parts.Schedule.Next is { } next ? $"Next upload: {frame.When(next)}." : "The next upload is being planned.";

    private Html Pause()
    {
        if (parts.Pauses.IsEverythingPaused)
        {
            return Html.Nothing;
        }

        return Html.Of(
            $"""
            <section><h2>Pause</h2><p>While you pause, what your watchers report is dropped, not kept for later.</p>
            <div class="row">{frame.Button("/pause", "Pause for an hour", "/", ("for", "hour"))}{frame.Button("/pause", "Pause for today", "/", ("for", "today"))}{frame.Button("/pause", "Pause until I resume", "/", ("for", "ever"))}</div>
            <p class="quiet">One program alone can be paused under <a href="/collected">what is collected</a>.</p></section>
            """);
    }

    private static Html Numbers(IReadOnlyList<Collecting.DayNumbers> numbers) => numbers.Count == 0 ? Html.Nothing : Html.Of(
        $"""
        <section><h2>Numbers so far that go into group figures</h2>
        {Frame.Table("Today's numbers", ["Program", "Measure", "So far"], numbers.SelectMany(n => n.Values.Select(v => (IReadOnlyList<Html>)[Frame.Cell(n.Program), Frame.Cell(v.Key), Html.Of($"{v.Value}")])))}
        <p class="quiet">At midnight they are computed for good, and sealed when the week is over. If you use several machines, each sends its part: sums and counts add up, up to the charter's limit for a day, so time in which two machines ran may count twice up to there; of a longest stretch the longer one counts.</p></section>
        """);

    private Html Notices()
    {
        var notices = parts.Sender.Notices.Where(n => !n.Seen).Take(MostNotices).ToList();
        return notices.Count == 0 ? Html.Nothing : Html.Of(
            $"""
            <section><h2>You are told</h2><ul>{Html.Each(notices, n => Html.Of($"<li>{n.Day:yyyy-MM-dd}: {n.Text}{Html.If(n.Entry is not null, $" <span class=\"quiet\">(entry {n.Entry ?? 0})</span>")}</li>"))}</ul>
            <p class="quiet">These are the server's words, from your inbox in the portal. What this machine checks itself stands under <a href="/verify">Verify</a>.</p></section>
            """);
    }

    private List<(string Category, DateTimeOffset From, DateTimeOffset To)> Spans(DateTimeOffset begins, DateTimeOffset ends) =>
    [
        .. parts.Raw.Between(begins, ends).Where(e => e.Stream == "window" && e.Duration > TimeSpan.Zero)
            .Select(e => (Categories.Of(App(e)), e.Start < begins ? begins : e.Start, e.End > ends ? ends : e.End)),
    ];

    private static string App(RawEvent e)
    {
        using var data = JsonDocument.Parse(e.Data);
        return data.RootElement.Text("app") ?? string.Empty;
    }
}
