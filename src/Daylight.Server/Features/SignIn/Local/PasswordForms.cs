using System.Text.Json.Serialization;
using Daylight.Portal.Layout;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OtpNet;
using QRCoder;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Server.Features.SignIn.Local;

/// <summary>Signing in by password and authenticator app, and setting both. Without script, for browsers that have no passkey.</summary>
internal static class PasswordForms
{
    /// <summary>How long ago signing in may be for what changes how one signs in.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan SettingLife = TimeSpan.FromMinutes(15);

    public static void Map(IEndpointRouteBuilder routes, ServerOptions options)
    {
        if (options.Passwords)
        {
            routes.MapForm("/sign-in/password", SignInAsync);
            routes.MapForm("/password/begin", BeginAsync);
            routes.MapForm("/password/confirm", ConfirmAsync);
            routes.MapForm("/password/end", EndAsync);
        }
    }

    private static async Task<IResult> SignInAsync(HttpContext context, Passwords passwords, Attempts attempts, DirectoryStore directory, Callers callers, Tokens tokens, NoticeStore notices)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (address, password, second) = (form["address"].ToString().Trim(), form["password"].ToString(), form["second"].ToString().Trim());
        if (address.Length is 0 or > Forms.LongestLine || password.Length is 0 or > PasswordAccount.LongestPassword || second.Length is 0 or > Forms.LongestLine)
        {
            return Note(Say("Not signed in"), Say("An address, a password and a code are needed, all three."), "/sign-in", 400);
        }

        var (attempt, person) = (await attempts.CountAsync(context, address), directory.Current.ByEmail(address));
        if (!attempt.Allowed)
        {
            return Note(
                Say("Too many tries"), Say("Within an hour there are {0} tries for an address from browsers that have not signed in with it before. A browser that has still signs in, and so does a passkey, at any time.", Attempts.Most), "/sign-in", 429);
        }

        var way = await passwords.CheckAsync(person?.Id, password, second);
        if (way == PasswordWay.Busy)
        {
            return Note(Say("Not now"), Say("Many sign in by password at this moment. Try again in a minute; a passkey does not wait."), "/sign-in", 503);
        }

        if (person is null || way == PasswordWay.None)
        {
            if (attempt.Last && person is not null)
            {
                await notices.TellOneAsync(person.Id, "credential", $"Somebody tried {Attempts.Most} times within an hour to sign in as you by password, and did not. For up to an hour a browser that has not signed in as you before cannot; yours can, and your passkey.");
            }

            return Note(Say("Not signed in"), Say("Address, password and code do not go together, or the code was used before. Nothing else is said here, to nobody."), "/sign-in", 401);
        }

        await attempts.SucceededAsync(context, address, attempt);
        await callers.NoteSignInAsync(person.Id, "password");
        await tokens.BeginSessionAsync(context, person.Id, way == PasswordWay.Recovery ? "password, recovery code" : "password");
        if (way == PasswordWay.Recovery)
        {
            await notices.TellOneAsync(person.Id, "credential", $"A recovery code signed in as you; {passwords.Of(person.Id)?.Recovery.Count ?? 0} are left. If that was not you, end the session under Keys and sessions, and set a new password.");
        }

        return Results.LocalRedirect("/");
    }

    /// <summary>A password was chosen: the authenticator comes next.</summary>
    private static async Task<IResult> BeginAsync(HttpContext context, Passwords passwords, Tokens tokens, Enrollments enrollments, TransparencyLog log, DirectoryStore directory, ServerKeys keys, TimeProvider time)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var byCode = form["code"].ToString() is { Length: > 0 } code;
        if ((byCode ? OfCode(form["code"].ToString(), enrollments, log, passwords) : await OfFreshSessionAsync(context, tokens, time)) is not { } id || directory.Current.Person(id) is not { } person)
        {
            return byCode
                ? new RazorComponentResult<PasswordForm>(new { Wrong = Say("No enrollment list has this code for a key to sign with, or it was used, or a password was set with it before. Was it copied whole?"), Code = form["code"].ToString() }) { StatusCode = StatusCodes.Status404NotFound }
                : Note(Say("Sign in again first"), Say("How you sign in is changed within ten minutes of signing in, so that an open browser that you left is not enough."), "/sign-in", 403);
        }

        var password = form["password"].ToString();
        var complaint = password != form["again"].ToString() ? Say("The two passwords are not the same.")
            : PasswordAccount.Complaint(password, person.Email.Split('@')[0], person.Name, log.Read(a => a.Root?.Company) ?? string.Empty);
        if (complaint is not null)
        {
            return new RazorComponentResult<PasswordForm>(new { Wrong = Again(complaint), Code = byCode ? form["code"].ToString() : null }) { StatusCode = StatusCodes.Status422UnprocessableEntity };
        }

        var state = new PasswordState(time.GetUtcNow() + SettingLife, person.Id, passwords.HashOf(password), PasswordAccount.NewSecret(), byCode);
        return Page(state, person.Email, log, keys, null);
    }

    private static async Task<IResult> ConfirmAsync(HttpContext context, Passwords passwords, Callers callers, Tokens tokens, NoticeStore notices, TransparencyLog log, DirectoryStore directory, ServerKeys keys, TimeProvider time)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (keys.Unpack("password", form["state"].ToString(), PasswordStateJson.Default.PasswordState) is not { } state || state.Expires <= time.GetUtcNow() || directory.Current.Person(state.Person) is not { } person
            || (state.ByCode && passwords.Of(state.Person) is not null))
        {
            return Note(Say("That came too late"), Say("Nothing was set. Begin again."), "/password", 400);
        }

        if (PasswordAccount.StepOf(state.Secret, form["second"].ToString().Replace(" ", string.Empty, StringComparison.Ordinal), time.GetUtcNow()) is not { } step)
        {
            return Page(state, person.Email, log, keys, Say("That is not the code that the app shows now. Is this machine's clock, or the telephone's, wrong?"));
        }

        var codes = await passwords.SetAsync(state.Person, state.Hash, state.Secret, step);
        await notices.TellOneAsync(state.Person, "credential", "A password with an authenticator app was set for you. If that was not you, end it under Keys and sessions, and tell a privacy officer at once.");
        if (state.ByCode)
        {
            await callers.NoteSignInAsync(state.Person, "password");
            await tokens.BeginSessionAsync(context, state.Person, "password");
        }

        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<RecoveryCodes>(new { Codes = codes });
    }

    private static async Task<IResult> EndAsync(HttpContext context, Callers callers, Passwords passwords, NoticeStore notices)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (await passwords.EndAsync(caller.Person))
        {
            await notices.TellOneAsync(caller.Person, "credential", "Your password and its recovery codes were ended: nobody signs in with them any more.");
        }

        return Results.LocalRedirect("/keys");
    }

    /// <summary>Whose code it is: it sets a password once, and stays good for the first passkey.</summary>
    private static string? OfCode(string text, Enrollments enrollments, TransparencyLog log, Passwords passwords) =>
        EnrollmentCode.TryParse(text) is { } code && enrollments.Find(code.KeyHash()) is { Line: { Use: "person", Person: var person } } && !log.Read(a => a.HasSigned(person)) && passwords.Of(person) is null ? person : null;

    private static async Task<string?> OfFreshSessionAsync(HttpContext context, Tokens tokens, TimeProvider time) =>
        await tokens.FindAsync(context) is { Held: { Scope: Tokens.Session, Expires: { } expires, Holder: var holder } } && expires - Tokens.SessionLife > time.GetUtcNow() - Fresh ? holder : null;

    private static RazorComponentResult<Authenticator> Page(PasswordState state, string address, TransparencyLog log, ServerKeys keys, string? complaint)
    {
        var uri = PasswordAccount.UriOf(state.Secret, "Daylight " + log.Read(a => a.Root?.Company), address);
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return new RazorComponentResult<Authenticator>(new
        {
            State = keys.Pack("password", state, PasswordStateJson.Default.PasswordState),
            Secret = string.Join(' ', Base32Encoding.ToString(state.Secret).Chunk(4).Select(c => new string(c))),
            Picture = code.GetGraphic(new System.Drawing.Size(1, 1), "#000", "#fff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute),
            Complaint = complaint,
        })
        { StatusCode = complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity };
    }

    private static RazorComponentResult<Onward> Note(string title, string text, string to, int status) => new(new { Title = title, Text = text, To = to, Label = Say("Go back"), AtOnce = false }) { StatusCode = status };
}

/// <summary>A password that is being set, as it travels with the browser, sealed.</summary>
internal sealed record PasswordState(DateTimeOffset Expires, string Person, string Hash, byte[] Secret, bool ByCode);

/// <summary>Serialization of what is being set.</summary>
[JsonSerializable(typeof(PasswordState))]
internal sealed partial class PasswordStateJson : JsonSerializerContext;
