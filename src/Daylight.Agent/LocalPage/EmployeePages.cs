using System.Globalization;
using Daylight.Agent.ActivityWatch;
using Daylight.Core.Releases;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent.LocalPage;

/// <summary>The employee's own pages on the agent's port: what is seen, what will be sent, delete it, pause. Plain HTML without script.</summary>
internal sealed class EmployeePages
{
    private const string Css = "Daylight.Agent.LocalPage.page.css";

    private const int MostSaid = 50;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> said = new(StringComparer.Ordinal);
    private readonly AgentParts parts;
    private readonly Frame frame;
    private readonly TimeForms sheets;

    public EmployeePages(AgentParts parts)
    {
        (this.parts, frame) = (parts, new Frame(parts));
        sheets = new TimeForms(parts);
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        var (today, outbox, time, collected, looked, verify, data) =
            (new TodayPage(parts, frame), new OutboxPage(parts, frame), new TimePage(parts, frame), new CollectedPage(parts, frame), new LookedPage(parts, frame), new VerifyPage(parts, frame), new DataPage(parts, frame));
        routes.MapGet("/", (HttpContext context, CancellationToken cancel) => today.RenderAsync(Done(context), cancel));
        routes.MapGet("/outbox", (HttpContext context, CancellationToken _) => outbox.RenderAsync(context.Request.Query["hour"], Done(context)));
        routes.MapGet("/time", (HttpContext context) => time.Render(context.Request.Query["week"], Done(context)));
        routes.MapGet("/collected", (HttpContext context) => collected.Render(Done(context)));
        routes.MapGet("/choices", (HttpContext context) => new ChoicesPage(parts, frame).Render(Done(context)));
        var sign = new SignPage(parts, frame);
        routes.MapGet("/sign", (HttpContext context, CancellationToken cancel) => sign.RenderAsync(Done(context), cancel));
        On(routes, "/sign", sign.SignAsync);
        routes.MapGet("/looked", (HttpContext context) => looked.Render(Done(context)));
        routes.MapGet("/verify", (HttpContext context) => verify.Render(Done(context)));
        routes.MapGet("/data", (HttpContext context) => data.Render(Done(context)));
        routes.MapGet("/page.css", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            return Results.Stream(typeof(EmployeePages).Assembly.GetManifestResourceStream(Css)!, "text/css; charset=utf-8");
        });

        On(routes, "/pause", PauseAsync);
        On(routes, "/resume", async (form, _) =>
        {
            await parts.Pauses.ResumeAsync(form["program"] is [{ } program] ? program : null);
            return "Collecting again.";
        });
        On(routes, "/send", async (_, cancel) => Frame.Sentence((await parts.Sender.SendAsync(all: true, cancel)).Message));
        On(routes, "/refresh", async (_, cancel) => await parts.Sender.RefreshAsync(cancel) ? "Checked: everything below was verified just now." : "The server could not be reached, or could not prove what it says.");
        On(routes, "/delete", async (form, _) => await parts.Outbox.TakeBackAsync(form["id"].ToString()) ? "Deleted: it will not be sent, and counts in no figure." : "It was sealed already: delete its parcel below, if it still waits.");
        On(routes, "/delete-span", DeleteSpanAsync);
        On(routes, "/delete-sealed", async (form, _) =>
        {
            await parts.Sender.Sealing.WithdrawAsync(form["id"].ToString());
            return "Deleted: it will not be sent, unless it was on its way this very moment. An empty parcel goes in its place, so that nobody can tell.";
        });
        On(routes, "/delete-reason", async (form, _) =>
        {
            await parts.Reasons.DeleteAsync(long.TryParse(form["id"], CultureInfo.InvariantCulture, out var id) ? id : 0);
            return "Deleted: it will not be sent.";
        });
        On(routes, "/forget-raw", ForgetRawAsync);
        On(routes, "/retention", async (form, _) =>
        {
            if (!int.TryParse(form["days"], CultureInfo.InvariantCulture, out var days) || days is < 0 or > 3650)
            {
                return "That is not a number of days from 0 to 3650; nothing was changed.";
            }

            await parts.Store.SetStateAsync("raw-days", days.ToString(CultureInfo.InvariantCulture));
            return $"Raw events are kept for {days} days from now on.";
        });
        sheets.Map((path, act) => On(routes, path, act));
        new ChoiceForms(parts).Map((path, act) => On(routes, path, act));
    }

    /// <summary>A form of ours does something, and the page that it came from says what was done.</summary>
    private void On(IEndpointRouteBuilder routes, string path, Func<IFormCollection, CancellationToken, Task<string>> act) => routes.MapPost(path, async (HttpContext context, CancellationToken cancel) =>
    {
        if (await FormAsync(context.Request, cancel) is not { } form || !frame.IsOurs(form))
        {
            return Results.Text("The form is stale: go back, reload, and try again.\n", statusCode: StatusCodes.Status400BadRequest);
        }

        var (done, back) = (await act(form, cancel), form["back"].ToString());
        var target = back.StartsWith('/') && !back.StartsWith("//", StringComparison.Ordinal) && back.All(c => c is > ' ' and <= '~' and not '\\') ? back : "/";
        return Results.LocalRedirect(Said(target, done));
    });

    private static async Task<IFormCollection?> FormAsync(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            if (request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true || request.ContentLength > AgentLimits.MostForm)
            {
                return null;
            }

            request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()?.SetMost(AgentLimits.MostForm);
            return await request.ReadFormAsync(cancel);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return null; // too many fields, or a text with a zero in it
        }
    }

    /// <summary>The page with what was done, which it says once: the words stay here, the address carries a number.</summary>
    private string Said(string target, string done)
    {
        var number = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        if (said.Count > MostSaid)
        {
            said.Clear();
        }

        said[number] = done;
        var (path, anchor) = target.IndexOf('#', StringComparison.Ordinal) is >= 0 and var at ? (target[..at], target[at..]) : (target, string.Empty);
        return $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}done={number}{anchor}";
    }

    private string? Done(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Request.Query["done"] is [{ } number] && said.TryRemove(number, out var done) ? done : null;
    }

    private async Task<string> PauseAsync(IFormCollection form, CancellationToken cancel)
    {
        var program = form["program"] is [{ Length: > 0 } named] ? named : null;
        var now = parts.Time.GetUtcNow();
        DateTimeOffset? until = form["for"].ToString() switch
        {
            "hour" => now.AddHours(1),
            "today" => parts.Person.Local.At(parts.Person.Today.AddDays(1), 0),
            _ => null,
        };
        return await parts.PauseAsync(program, until, form["reason"].ToString()) is { } missing ? missing : $"Paused: {program ?? "everything"}{(until is { } end ? ", until " + frame.When(end) : ", until you resume")}.";
    }

    private async Task<string> DeleteSpanAsync(IFormCollection form, CancellationToken cancel)
    {
        var program = form["program"] is [{ Length: > 0 } named] ? named : null;
        if (Day(form) is { } day)
        {
            await parts.Outbox.TakeBackAsync(program, parts.Person.Local.At(day, 0), parts.Person.Local.At(day.AddDays(1), 0));
            return $"Deleted: nothing of {frame.DayName(day)} will be sent{(program is null ? "" : " for " + program)} that has not left this machine, and it counts in no figure.";
        }

        if (DateTimeOffset.TryParse(form["hour"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var hour) && IsNear(DateOnly.FromDateTime(hour.UtcDateTime)))
        {
            await parts.Outbox.TakeBackAsync(program, hour, hour.AddHours(1));
            return $"Deleted: nothing of {frame.When(hour)} to {frame.Clock(hour.AddHours(1))} will be sent that has not left this machine, and it counts in no figure.";
        }

        return "Nothing was deleted.";
    }

    private DateOnly? Day(IFormCollection form) => DateOnly.TryParseExact(form["day"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && IsNear(day) ? day : null;

    // Where calendars end, zones have no answer.
    private bool IsNear(DateOnly day) => Math.Abs(day.DayNumber - parts.Person.Today.DayNumber) < 3653;

    private async Task<string> ForgetRawAsync(IFormCollection form, CancellationToken cancel)
    {
        if (form["all"] == "yes")
        {
            await parts.Outbox.ForgetAsync();
            return "Everything on this machine that had not been sent is gone.";
        }

        if (Day(form) is not { } day)
        {
            return "That is not a day; nothing was deleted.";
        }

        var count = await parts.Outbox.ForgetRawAsync(day);
        return string.Create(CultureInfo.InvariantCulture, $"{count} raw events of {frame.DayName(day)} are gone{(day == parts.Person.Today ? ", and nothing of them will be sent" : "")}.");
    }
}
