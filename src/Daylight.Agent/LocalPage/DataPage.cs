using System.Globalization;
using Daylight.Agent.Intake;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>The person's raw events: how many, how long they stay, delete them, take them along.</summary>
internal sealed class DataPage(AgentParts parts, Frame frame)
{
    public IResult Render(string? done)
    {
        var (events, oldest) = parts.Raw.Holds();
        var drops = parts.Admittance.Drops;
        return frame.Page("/data", "My raw data", Html.Of(
            $"""
            <section><h2>What lies here</h2>
            <p>{events} events{(oldest is { } since ? ", the oldest of " + frame.DayName(parts.Person.Local.DayOf(since)) : "")}, in a file that is yours alone, encrypted under a key in {parts.Raw.KeyPlace}. It is never sent or synchronised, and backup programs are asked to leave it out.</p>
            <p>Use it as you like: <a href="/api/0/export">download everything</a> in ActivityWatch's format, or point any notebook that was written for ActivityWatch at this port.</p></section>
            <section><h2>How long it stays</h2>
            {frame.Form("/retention", "/data", Html.Of($"<label>Days <input type=\"number\" name=\"days\" min=\"0\" max=\"3650\" value=\"{parts.RawDays}\" required></label> <button>Keep for so long</button>"))}
            <p class="quiet">Numbers of a day are computed when it is over, so nothing is lost for you if you keep less. 0 forgets each day two hours after its end.</p></section>
            <section><h2>Delete</h2>
            {frame.Form("/forget-raw", "/data", Html.Of($"<label>Day <input type=\"date\" name=\"day\" value=\"{Storage.Sql.Day(parts.Person.Today)}\" required></label> <button class=\"danger\">Delete the raw events of this day</button>"))}
            <p class="quiet">Of a day that is over, what was made of them and waits to be sent stays; delete that under <a href="/outbox">what will be sent</a>. Of today nothing was made yet, so nothing of them will be sent.</p>
            <details><summary>Delete everything that has not been sent</summary><p>Raw events, the outbox, numbers of past days and sealed parcels. What the server has already stays there; it goes by its charter, or when you have it erased.</p>{frame.Danger("/forget-raw", "Delete everything", "/data", ("all", "yes"))}</details></section>
            <section><h2>What was not stored</h2>
            {(drops.Count == 0 ? Html.Of($"<p>Everything that your watchers reported since this program started was stored.</p>")
                : Frame.Table("Since this program started", ["Why", "How often"], drops.OrderBy(d => d.Key).Select(d => (IReadOnlyList<Html>)[Frame.Cell(Why(d.Key)), Html.Of($"{d.Value}")])))}
            <p class="quiet">Watchers are answered as if it had been, since they would complain or give up. The counts are in memory only.</p></section>
            """), done);
    }

    private static string Why(Dropped dropped) => dropped switch
    {
        Dropped.Paused => "You paused",
        Dropped.Clock => "Dated ahead of this machine's clock, or by a clock that was not set",
        Dropped.Size => "Longer than a year, or larger than " + (AgentLimits.LongestData / 1024).ToString(CultureInfo.InvariantCulture) + " KiB",
        Dropped.NoCharter => "No charter asks for it: input counts, pictures, positions",
        Dropped.Private => "A private window, or private life",
        Dropped.OtherUser => "Another user of this machine reported it",
        Dropped.UnknownUser => "Whoever reported it had hung up before this machine could see whose program it was",
        Dropped.TooMany => "There were too many buckets or events",
        Dropped.No or _ => dropped.ToString(),
    };
}
