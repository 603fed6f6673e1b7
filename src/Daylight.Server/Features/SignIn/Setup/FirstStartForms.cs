using Daylight.Portal.Layout;
using Daylight.Protocol;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Server.Features.SignIn.Setup;

/// <summary>The first start's one form; and until it is over every page leads there.</summary>
internal static class FirstStartForms
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapForm("/setup/begin", BeginAsync);

    /// <summary>Without a trust root there is nothing else to see.</summary>
    public static Task LeadAsync(HttpContext context, RequestDelegate next, FirstStart first)
    {
        var path = context.Request.Path;
        if (!first.IsOver && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal) && path != "/setup" && path != "/welcome" && !path.StartsWithSegments("/assets", StringComparison.Ordinal))
        {
            context.Response.Redirect("/setup");
            return Task.CompletedTask;
        }

        return next(context);
    }

    private static async Task<IResult> BeginAsync(HttpContext context, FirstStart first)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (first.IsOver)
        {
            return Note(Say("This is set up already"), Say("There is a trust root, and it never changes. Whoever is to join gets a one-time code from a root approver."), 409);
        }

        if (!first.Knows(form["code"].ToString()))
        {
            return Note(Say("That is not the setup code"), Say("It stands on the console of the server, since it started last. Nothing was set up."), 403);
        }

        if (first.Begin(form["company"].ToString(), form["people"].ToString(), form["zone"].ToString().Trim(), [.. FirstStart.Roles.Select(r => form[r].ToString())]) is { } wrong)
        {
            return new RazorComponentResult<SetupForm>(new { Wrong = wrong, Filled = (IReadOnlyDictionary<string, string>)form.ToDictionary(f => f.Key, f => f.Value.ToString()) }) { StatusCode = StatusCodes.Status422UnprocessableEntity };
        }

        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<SetupInvited>(new { Invited = (IReadOnlyList<(string, string, string, string)>)[.. first.Draft!.Approvers.Select(a => (a.Role, a.Person.Name, a.Person.Email, a.Code))] });
    }

    private static RazorComponentResult<Onward> Note(string title, string text, int status) => new(new { Title = title, Text = text, To = "/setup", Label = Say("Go back"), AtOnce = false }) { StatusCode = status };
}
