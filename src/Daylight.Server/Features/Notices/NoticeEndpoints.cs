using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Notices;

/// <summary>One's own inbox.</summary>
internal static class NoticeEndpoints
{
    private const int Most = 500;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/me/notices", ListAsync).WithSummary("What I am told, newest first").Produces<IReadOnlyList<NoticeView>>();
        routes.MapPost("/api/v1/me/notices/seen", SeenAsync).WithSummary("Marks notices of mine as seen").Accepts<NoticesSeen>("application/json");
    }

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, NoticeStore notices, OpeningStore openings)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json<IReadOnlyList<NoticeView>>(
            [.. notices.Of(caller.Person, Most).Select(n => new NoticeView(n.Id, n.Notice.Kind, NoticeWords.Of(n.Notice, openings), n.Due, n.Seen, n.Notice.Entry))], ProtocolJson.Default.IReadOnlyListNoticeView);
    }

    private static async Task<IResult> SeenAsync(HttpContext context, Callers callers, NoticeStore notices)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await Bodies.ReadAsync(context, ProtocolJson.Default.NoticesSeen) is not { Ids.Count: <= Most } seen)
        {
            return Problems.BadRequest("The body is { \"ids\": [ … ] }.");
        }

        await notices.SeenAsync(caller.Person, seen.Ids);
        return Results.NoContent();
    }
}

/// <summary>Notices in words, from what their entry says to its subject and nothing else.</summary>
internal static class NoticeWords
{
    public static string Of(Notice notice, OpeningStore openings)
    {
        if (notice.Entry is not { } entry)
        {
            return notice.Text;
        }

        return openings.Find(entry) is { } opened && CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(opened.Subject.Json), SealingJson.Default.SubjectView) is { } view
            ? Of(view)
            : "Something was recorded about you; what it said is past its retention.";
    }

    private static string Of(SubjectView view) => view.Happened switch
    {
        "disclosure" => $"{Somebody(view)} looked at your records of {Days(view)}, for {string.Join(", ", view.Why)} ({string.Join(", ", view.Programs)}).",
        "case-opened" => $"A case about you was opened by {Somebody(view).ToLowerInvariant()}, for your records of {Days(view)} ({string.Join(", ", view.Programs)}): {string.Join(" ", view.Why)}",
        "role" => $"You hold the role {string.Join(", ", view.Why)} until {Storage.Sql.Day(view.To)}.",
        "role-revoked" => $"A role of yours ended: {string.Join(": ", view.Why)}",
        "credential" => $"A credential of yours was registered ({string.Join(", ", view.Why)}). If it was not you, tell an approver at once.",
        "credential-revoked" => $"A credential of yours was revoked: {string.Join(" ", view.Why)}",
        "objection-answered" => $"Your objection ({string.Join(", ", view.Programs)}) was answered: {string.Join(". ", view.Why)}",
        "role-reviewed" => $"A role of yours was reviewed: {string.Join(", ", view.Why)}, until {Storage.Sql.Day(view.To)}.",
        "key-destroyed" => $"Your records were erased ({string.Join(", ", view.Programs)}): {string.Join(" ", view.Why)}",
        _ => view.Happened.Replace('-', ' '),
    };

    private static string Somebody(SubjectView view) => (view.Relation is ['a' or 'e' or 'i' or 'o' or 'u', ..] ? "An " : "A ") + view.Relation;

    private static string Days(SubjectView view) => view.From == view.To ? Storage.Sql.Day(view.From) : $"{Storage.Sql.Day(view.From)} to {Storage.Sql.Day(view.To)}";
}
