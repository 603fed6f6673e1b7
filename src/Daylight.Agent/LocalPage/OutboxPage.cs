using System.Globalization;
using System.Text;
using System.Text.Json;
using Daylight.Agent.Collecting;
using Daylight.Core.Minimization;
using Daylight.Protocol;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>What will be sent, when, and what it came from; everything of it can be deleted before it goes.</summary>
internal sealed class OutboxPage(AgentParts parts, Frame frame)
{
    private const int MostSources = 4;

    public async Task<IResult> RenderAsync(string? hour, string? done)
    {
        var items = await parts.Outbox.ItemsAsync();
        var hours = items.Select(i => Hour(i.Start)).Distinct().ToList();
        var chosen = DateTimeOffset.TryParse(hour, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var asked) && hours.Contains(asked.ToUniversalTime()) ? asked.ToUniversalTime() : hours.FirstOrDefault();
        return frame.Page("/outbox", "What will be sent", Html.Of(
            $"""
            {When()}
            {Html.If(items.Count == 0, $"<section><p>Nothing is waiting.</p></section>")}
            {(items.Count == 0 ? Html.Nothing : await HoursAsync(items, hours, chosen))}
            {Reasons()}
            {Numbers()}
            {Sealed()}
            """), done);
    }

    private Html When() => Html.Of(
        $"""
        <section><p>{(parts.Options.UploadEvery < TimeSpan.FromHours(1) ? string.Create(CultureInfo.InvariantCulture, $"Sent every {parts.Options.UploadEvery.TotalSeconds:0} seconds.")
            : parts.Schedule.Next is { } next ? $"The days before today go {frame.When(next)}, at a time that was drawn by lot." : "The next upload is being planned.")}
        What you delete here is never sent, and counts in no figure. Of today it shows what there is so far, and goes on growing.</p>
        <p class="quiet">For each day one parcel goes for each program and kind of event, as large as that of your busiest day of the last four weeks, and an empty one for a day on which nothing was collected: what is sent does not tell when you worked.</p>
        {frame.Button("/send", "Send everything now", "/outbox")}</section>
        """);

    private async Task<Html> HoursAsync(IReadOnlyList<OutboxItem> items, List<DateTimeOffset> hours, DateTimeOffset chosen)
    {
        var shown = items.Where(i => Hour(i.Start) == chosen).ToList();
        var sources = await parts.Outbox.SourcesAsync(shown);
        return Html.Of(
            $"""
            <section><h2>By hour</h2>
            {Html.Each(hours.GroupBy(h => parts.Person.Local.DayOf(h)), d => Html.Of($"""
                <div class="hours"><h3>{frame.DayTitle(d.Key)} {frame.Danger("/delete-span", "Delete the day", "/outbox", ("day", Storage.Sql.Day(d.Key)))}</h3>
                <p>{Html.Each(d.Order(), h => Html.Of($"<a class=\"hour\" href=\"/outbox?hour={Address(h)}#items\"{Html.If(h == chosen, $" aria-current=\"true\"")}>{frame.Clock(h)}<span class=\"count\">{items.Count(i => Hour(i.Start) == h)}</span></a> "))}</p></div>
                """))}
            </section>
            <section id="items"><h2>{frame.DayTitle(parts.Person.Local.DayOf(chosen))}, {frame.Clock(chosen)} to {frame.Clock(chosen.AddHours(1))}</h2>
            <p>{frame.Danger("/delete-span", "Delete this hour", "/outbox", ("hour", chosen.ToString("O", CultureInfo.InvariantCulture)))}</p>
            {Frame.Table("Items of this hour", ["In plain words", "What goes", "What it came from, which stays here", "Program", ""], shown.Select((item, i) => Row(item, sources[i])))}
            </section>
            """);
    }

    private IReadOnlyList<Html> Row(OutboxItem item, IReadOnlyList<RawEvent> sources) =>
    [
        Html.Of($"{Words(item)}"),
        Html.Of($"<code>{Json(item)}</code>"),
        Html.Of($"{Html.Each(sources.Take(MostSources), s => Html.Of($"<code class=\"raw\">{frame.Clock(s.Start)}, {s.Duration.TotalSeconds:0} s {Encoding.UTF8.GetString(s.Data.Span)}</code>"))}{Html.If(sources.Count > MostSources, $"<span class=\"quiet\">and {sources.Count - MostSources} more</span>")}{Html.If(sources.Count == 0, $"<span class=\"quiet\">forgotten already</span>")}"),
        Frame.Cell(item.Program),
        frame.Danger("/delete", "Delete", "/outbox?hour=" + Address(Hour(item.Start)), ("id", item.Id)),
    ];

    private Html Reasons()
    {
        var waiting = parts.Reasons.Waiting();
        return waiting.Count == 0 ? Html.Nothing : Html.Of(
            $"""
            <section><h2>Why you paused</h2><p>Handed in with the next upload, since the charter asks for it.</p>
            {Frame.Table("Reasons of pauses", ["Day", "Program", "Reason", ""], waiting.Select(w => (IReadOnlyList<Html>)
            [
                Frame.Cell(frame.DayTitle(Storage.Sql.Day(w.Day))), Frame.Cell(w.Program), Frame.Cell(w.Reason), frame.Danger("/delete-reason", "Delete", "/outbox", ("id", w.Id.ToString(CultureInfo.InvariantCulture))),
            ]))}</section>
            """);
    }

    private Html Numbers()
    {
        var days = parts.Outbox.Days();
        return days.Count == 0 ? Html.Nothing : Html.Of(
            $"""
            <section><h2>Numbers for group figures</h2><p>Computed when each day was over. They are sealed when the week is, one parcel for each program; nobody is shown yours, only figures of groups.</p>
            {Frame.Table("Numbers of past days", ["Day", "Program", "Numbers", ""], days.Select(d => (IReadOnlyList<Html>)
            [
                Frame.Cell(frame.DayTitle(Storage.Sql.Day(d.Day))), Frame.Cell(d.Program), Frame.Cell(string.Join(", ", d.Values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key}: {v.Value}")))),
                frame.Danger("/delete-span", "Delete", "/outbox", ("day", d.Day), ("program", d.Program)),
            ]))}</section>
            """);
    }

    private Html Sealed()
    {
        var waiting = parts.Sender.Sealing.Items();
        return waiting.Count == 0 ? Html.Nothing : Html.Of(
            $"""
            <section><h2>Sealed, waiting for the server</h2><p>These can be opened by the keyholder alone, not by this machine either. They go as soon as the server takes them.</p>
            {Frame.Table("Sealed parcels", ["For", "Program", "What", "Size", ""], waiting.Select(w => (IReadOnlyList<Html>)
            [
                Frame.Cell(w.Day), Frame.Cell(w.Program), Frame.Cell(w.Stream.Length > 0 ? $"{w.Kind}: {w.Stream}" : w.Kind), Html.Of($"{w.Bytes} bytes"), frame.Danger("/delete-sealed", "Delete", "/outbox", ("id", w.Id)),
            ]))}</section>
            """);
    }

    private string Words(OutboxItem item)
    {
        var what = item.Data.Count == 0 ? "that something was there" : string.Join(", ", item.Data.Select(d => d.Key == MinimizedRecord.Events ? $"{d.Value} events" : $"{d.Key} {d.Value}"));
        return item.Duration > 0 ? $"From {frame.Clock(item.Start)}: {Frame.Length(item.Duration / 60)} of {what}" : $"{(item.Start == parts.Person.Local.At(Storage.Sql.Day(item.Day), 0) ? "That day" : "From " + frame.Clock(item.Start))}: {what}";
    }

    private static string Json(OutboxItem item) => JsonSerializer.Serialize(item.Payload, ProtocolJson.Default.PayloadRecord);

    private static DateTimeOffset Hour(DateTimeOffset instant) => new(instant.UtcDateTime.Year, instant.UtcDateTime.Month, instant.UtcDateTime.Day, instant.UtcDateTime.Hour, 0, 0, TimeSpan.Zero);

    private static string Address(DateTimeOffset hour) => hour.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
