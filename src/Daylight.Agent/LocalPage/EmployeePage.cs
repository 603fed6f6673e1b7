using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Daylight.Agent.Sending;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent.LocalPage;

/// <summary>The employee's own page on the agent's port: what will be sent, delete it, pause.</summary>
internal sealed class EmployeePage(Sender sender, Outbox outbox, Trust.Enrollment enrollment, AgentOptions options, TimeProvider time)
{
    private const int MostItems = 500;

    private const int MostNotices = 10;

    /// <summary>Proves that a form came from this page: another site cannot read it.</summary>
    private readonly string formKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", async (HttpContext _, CancellationToken cancel) => Results.Text(await RenderAsync(cancel), "text/html; charset=utf-8"));
        routes.MapGet("/page.css", () => Results.Stream(typeof(EmployeePage).Assembly.GetManifestResourceStream("Daylight.Agent.LocalPage.page.css")!, "text/css; charset=utf-8"));
        routes.MapPost("/pause", (HttpContext context, CancellationToken _) => FormAsync(context, form => sender.PauseAsync(form["for"] == "hour" ? time.GetUtcNow().AddHours(1) : null)));
        routes.MapPost("/resume", (HttpContext context, CancellationToken _) => FormAsync(context, _ => sender.ResumeAsync()));
        routes.MapPost("/delete", (HttpContext context, CancellationToken _) => FormAsync(context, form => long.TryParse(form["id"], CultureInfo.InvariantCulture, out var id) ? outbox.DeleteAsync(id, StepOf(id)) : Task.CompletedTask));
        routes.MapPost("/send", (HttpContext context, CancellationToken _) => FormAsync(context, _ => sender.SendAsync(all: true, context.RequestAborted)));
    }

    private async Task<IResult> FormAsync(HttpContext context, Func<IFormCollection, Task> act)
    {
        if (!context.Request.HasFormContentType || (await context.Request.ReadFormAsync(context.RequestAborted)) is not { } form || form["key"] != formKey)
        {
            return Results.Text("The form is stale: go back, reload, and try again.\n", statusCode: StatusCodes.Status400BadRequest);
        }

        await act(form);
        return Results.LocalRedirect("/");
    }

    private async Task<string> RenderAsync(CancellationToken cancel)
    {
        if (enrollment.Exists && sender.Bundle is null)
        {
            await sender.RefreshAsync(cancel);
        }

        var page = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Daylight on this machine</title><link rel=\"stylesheet\" href=\"/page.css\"></head><body><main>");
        if (options.Synthetic)
        {
            page.Append("<p class=\"synthetic\">Demo with synthetic data.</p>");
        }

        page.Append("<h1>Daylight on this machine</h1>");
        AppendState(page);
        AppendNotices(page);
        AppendOpenings(page);
        AppendPause(page);
        AppendPrograms(page);
        AppendOutbox(page, sender.Bundle is { } bundle ? await outbox.PreviewAsync(bundle) : []);
        return page.Append("</main></body></html>").ToString();
    }

    private void AppendState(StringBuilder page)
    {
        page.Append("<p class=\"soft\">Raw events stay here. What a verified charter names is minimised below, and only that is sealed and sent. In one process with its server, as in the demo, Daylight protects against stolen tables and backups, not against this machine's administrator.</p>");
        if (!enrollment.Exists)
        {
            page.Append("<section><h2 class=\"bad\">Not enrolled</h2><p>Nothing is sent. Enroll with <code>daylight agent enroll URL CODE</code>.</p></section>");
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"<section><h2>Sending</h2><p><span class=\"{(sender.Last.Ok ? "good" : "bad")}\">{Text(sender.Last.Message)}</span></p>");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">Sealed and waiting for the server: {sender.Last.Waiting}. Sent every {Text(Every())}.</p>{Button("/send", "Send everything now", "")}</section>");
    }

    private void AppendNotices(StringBuilder page)
    {
        if (sender.Notices.Where(n => !n.Seen).Take(MostNotices).ToList() is not { Count: > 0 } notices)
        {
            return;
        }

        page.Append("<section><h2>You are told</h2><ul>");
        foreach (var notice in notices)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li>{notice.Day:yyyy-MM-dd}: {Text(notice.Text)}{(notice.Entry is { } entry ? $" <span class=\"soft\">(entry {entry})</span>" : string.Empty)}</li>");
        }

        page.Append("</ul><p class=\"soft\">These are the server's words, from your inbox in the portal. What this machine checks itself stands below.</p></section>");
    }

    private void AppendOpenings(StringBuilder page)
    {
        if (!enrollment.Exists)
        {
            return;
        }

        var (seen, warnings) = (sender.Openings, sender.Openings.WarningsAt(time.GetUtcNow()));
        page.Append("<section><h2>Who looked, as the keyholder counts</h2>");
        page.Append(seen.Checked is { } at
            ? string.Create(CultureInfo.InvariantCulture, $"<p>{(warnings.Count == 0 ? "<span class=\"good\">The list that you are shown is complete:</span> " : "")}{seen.Looks} looks at your records, {seen.Releases} group figures that counted you. Checked {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC.</p>")
            : "<p>The keyholder's count was not checked yet.</p>");
        foreach (var warning in warnings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\" role=\"alert\">Warning: {Text(warning)}.</p>");
        }

        if (seen.Newest.Count > 0)
        {
            page.Append("<table><thead><tr><th scope=\"col\">When (UTC)</th><th scope=\"col\">Who</th><th scope=\"col\">Purpose</th><th scope=\"col\">Program</th><th scope=\"col\">Entry</th></tr></thead><tbody>");
            foreach (var look in seen.Newest)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{look.Time.UtcDateTime:yyyy-MM-dd HH:mm}</td><td>{Text(look.Relation)}</td><td>{Text(string.Join(", ", look.Why))}</td><td>{Text(string.Join(", ", look.Programs))}</td><td>{look.Entry}</td></tr>");
            }

            page.Append("</tbody></table>");
        }

        page.Append("<p class=\"soft\">The keyholder signs how often it opened your seals. This machine holds that count, and the log that it counts in, against the list that the server shows you. A look whose telling is put off, as a charter may allow for an investigation, enters the count on its day.</p></section>");
    }

    private void AppendPause(StringBuilder page)
    {
        page.Append("<section><h2>Pause</h2>");
        page.Append(sender.IsPaused
            ? "<p class=\"bad\">Paused: what your watchers report is dropped.</p>" + Button("/resume", "Resume", "")
            : "<p>While you pause, what your watchers report is dropped, not kept for later.</p>"
                + Button("/pause", "Pause for an hour", "<input type=\"hidden\" name=\"for\" value=\"hour\">") + " " + Button("/pause", "Pause until I resume", ""));
        page.Append("</section>");
    }

    private void AppendPrograms(StringBuilder page)
    {
        page.Append("<section><h2>What is collected, and why</h2>");
        if (sender.Bundle is not { Programs.Count: > 0 } bundle)
        {
            page.Append("<p>Nothing: no charter that covers you could be verified.</p></section>");
            return;
        }

        foreach (var program in bundle.Programs)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p><strong>{Text(program.Charter.Program)}</strong> version {program.Charter.Version}{(program.Paused ? " <span class=\"bad\">paused</span>" : "")}: {Text(program.Charter.Explain.ToString())}</p>");
        }

        page.Append("<p class=\"soft\">Each charter's approvals were checked on this machine, from the trust root that it pinned when it was enrolled.</p></section>");
    }

    private void AppendOutbox(StringBuilder page, IReadOnlyList<OutboxItem> growing)
    {
        var items = outbox.Items();
        page.Append("<section><h2 id=\"outbox\">What will be sent</h2>");
        if (items.Count + growing.Count == 0)
        {
            page.Append("<p>Nothing is waiting.</p></section>");
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{items.Count + growing.Count} items, newest first{(items.Count + growing.Count > MostItems ? $", the first {MostItems}" : "")}. Titles, and addresses beyond their host, are not among them, and are not sent.</p>");
        page.Append("<table><thead><tr><th scope=\"col\">From (UTC)</th><th scope=\"col\">Stream</th><th scope=\"col\">What goes</th><th scope=\"col\">Seconds</th><th scope=\"col\">Program</th><th scope=\"col\"></th></tr></thead><tbody>");
        foreach (var item in growing.OrderByDescending(i => i.Start).Concat(items).Take(MostItems))
        {
            var data = item.Data.Count == 0 ? "time only" : string.Join(", ", item.Data.Select(d => $"{d.Key}: {d.Value}"));
            var action = item.Id == 0 ? "<span class=\"soft\">still growing</span>" : Button("/delete", "Delete", string.Create(CultureInfo.InvariantCulture, $"<input type=\"hidden\" name=\"id\" value=\"{item.Id}\">"));
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{item.Start.UtcDateTime:yyyy-MM-dd HH:mm}</td><td>{Text(item.Stream)}</td><td>{Text(data)}</td><td>{item.Duration:0}</td><td>{Text(item.Program)}</td><td>{action}</td></tr>");
        }

        page.Append("</tbody></table></section>");
    }

    private TimeSpan StepOf(long id) => outbox.Items().FirstOrDefault(i => i.Id == id) is { } item
        ? sender.Bundle?.Programs.FirstOrDefault(p => p.Charter.Program == item.Program)?.Charter.Stream(item.Stream)?.TimeStep ?? TimeSpan.FromHours(1)
        : TimeSpan.FromHours(1);

    private string Every() => options.UploadEvery.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{options.UploadEvery.TotalHours:0} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{options.UploadEvery.TotalSeconds:0} seconds");

    private string Button(string action, string label, string fields) =>
        $"<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"key\" value=\"{formKey}\">{fields}<button>{Text(label)}</button></form>";

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
