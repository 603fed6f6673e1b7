using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>What every page has: its head, where one can go, what one must know now, and forms that only these pages can have made.</summary>
internal sealed class Frame(AgentParts parts)
{
    private static readonly (string Path, string Name)[] Pages =
    [
        ("/", "Today"), ("/outbox", "What will be sent"), ("/time", "Timesheet"), ("/collected", "What is collected"), ("/choices", "My choices"), ("/looked", "Who looked"), ("/sign", "Sign for a browser"), ("/verify", "Verify"), ("/data", "My raw data"),
    ];

    /// <summary>Proves that a form came from one of these pages: another site cannot read it.</summary>
    private readonly string formKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether a form is one of ours.</summary>
    public bool IsOurs(IFormCollection form) => CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(form["key"].ToString()), System.Text.Encoding.UTF8.GetBytes(formKey));

    /// <summary>A page.</summary>
    public IResult Page(string path, string title, Html body, string? done = null) => Results.Text(
        Html.Of($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} · Daylight on this machine</title><link rel="stylesheet" href="/page.css"></head>
            <body><a class="skip" href="#main">Skip to the page</a>
            <header><p class="brand">Daylight <span>on this machine</span></p><nav aria-label="Pages">{Html.Each(Pages, p => Html.Of($"<a href=\"{p.Path}\"{Html.If(p.Path == path, $" aria-current=\"page\"")}>{p.Name}</a>"))}</nav></header>
            <main id="main">{Banners(done)}<h1>{title}</h1>{body}</main>
            <footer>{Foot()}</footer></body></html>
            """).ToString(),
        "text/html; charset=utf-8");

    /// <summary>A form of one button.</summary>
    /// <param name="action">Where it goes.</param>
    /// <param name="label">What the button says.</param>
    /// <param name="back">Page to return to.</param>
    /// <param name="fields">Hidden fields.</param>
    public Html Button(string action, string label, string back, params ReadOnlySpan<(string Name, string Value)> fields) =>
        Form(action, back, Html.Of($"<button>{label}</button>"), fields);

    /// <summary>A form with a danger: its button looks like one.</summary>
    public Html Danger(string action, string label, string back, params ReadOnlySpan<(string Name, string Value)> fields) =>
        Form(action, back, Html.Of($"<button class=\"danger\">{label}</button>"), fields);

    /// <summary>A form.</summary>
    public Html Form(string action, string back, Html content, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var hidden = Html.Each(fields.ToArray(), f => Html.Of($"<input type=\"hidden\" name=\"{f.Name}\" value=\"{f.Value}\">"));
        return Html.Of($"<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"key\" value=\"{formKey}\"><input type=\"hidden\" name=\"back\" value=\"{back}\">{hidden}{content}</form>");
    }

    /// <summary>A table that is a list on a phone: each cell carries the name of its column.</summary>
    public static Html Table(string caption, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<Html>> rows) => Html.Of(
        $"""
        <table><caption class="quiet">{caption}</caption><thead><tr>{Html.Each(columns, c => Html.Of($"<th scope=\"col\">{c}</th>"))}</tr></thead>
        <tbody>{Html.Each(rows, r => Html.Of($"<tr>{Html.Each(r.Select((cell, i) => (cell, i)), c => Html.Of($"<td data-label=\"{columns[c.i]}\">{c.cell}</td>"))}</tr>"))}</tbody></table>
        """);

    /// <summary>A text as a cell.</summary>
    public static Html Cell(string text) => Html.Of($"{text}");

    /// <summary>A time of day where the person is.</summary>
    public string Clock(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, parts.Person.Local.Zone).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A day and time where the person is, in words that are short for near days.</summary>
    public string When(DateTimeOffset instant)
    {
        var day = parts.Person.Local.DayOf(instant);
        return $"{DayName(day)}, {Clock(instant)}";
    }

    /// <summary>A day in words, as the start of a line.</summary>
    public string DayTitle(DateOnly day) => DayName(day) is var name ? char.ToUpperInvariant(name[0]) + name[1..] : string.Empty;

    /// <summary>A day in words.</summary>
    public string DayName(DateOnly day) => (day.DayNumber - parts.Person.Today.DayNumber) switch
    {
        0 => "today",
        1 => "tomorrow",
        -1 => "yesterday",
        _ => day.ToString("dddd d MMMM", CultureInfo.InvariantCulture),
    };

    /// <summary>Minutes in words.</summary>
    public static string Length(double minutes) => minutes == 0 ? "nothing"
        : minutes < 0.5 ? "under a minute"
        : (int)Math.Round(minutes) is var m && m < 60 ? string.Create(CultureInfo.InvariantCulture, $"{m} min")
        : string.Create(CultureInfo.InvariantCulture, $"{m / 60} h {m % 60:00} min");

    private Html Banners(string? done)
    {
        var pauses = parts.Pauses.On;
        return Html.Of(
            $"""
            {Html.If(parts.Options.Synthetic, $"<p class=\"banner synthetic\">Demo with synthetic data.</p>")}
            {Html.If(done is { Length: > 0 }, $"<p class=\"banner good\" role=\"status\">{done}</p>")}
            {Html.If(parts.Sender.Unverifiable is not null, $"<p class=\"banner bad\" role=\"alert\">Nothing is sent: the server could not prove what it says. {Sentence(parts.Sender.Unverifiable)} <a href=\"/verify\">What was checked</a></p>")}
            {Html.Each(pauses, p => Html.Of($"<p class=\"banner bad\">Paused: {p.Program ?? "everything"}, {(p.Until is { } until ? "until " + When(until) : "until you resume")}. {(p.Program is null ? "What your watchers report is dropped." : "It counts for nothing there.")} {Button("/resume", "Resume", "/", ("program", p.Program ?? string.Empty))}</p>"))}
            {Html.If(parts.Admittance.IsCollected("input"), $"<p class=\"banner on\"><span class=\"lamp\" aria-hidden=\"true\"></span> Key presses and clicks are being counted: how many, never which. <a href=\"/collected\">Under which charter</a></p>")}
            {Html.Each(parts.Book.Coming(parts.Person.Today), p => Html.Of($"<p class=\"banner notice\">From {DayName(p.Since)} on: <strong>{p.Program}</strong>. {p.Charter!.Explain.ToString()} <a href=\"/collected#{p.Program}\">What changes</a></p>"))}
            """);
    }

    private Html Foot() => Html.Of(
        $"""
        <p>Raw events stay on this machine. What a verified charter names is made smaller, and only that is sealed and sent. Times are {parts.Person.Local.Zone.Id}.</p>
        {Html.If(!OperatingSystem.IsLinux(), $"<p>On this platform these parts were not tested: the key store, who is at the other end of a connection, battery and network.</p>")}
        <p>Whoever administers this machine can replace this program: compare its SHA-256 with the one that its publisher names.</p>
        """);

    internal static string Sentence(string? text) => text is { Length: > 0 } ? char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.') + "." : string.Empty;
}
