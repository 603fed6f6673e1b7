using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Features.SignIn.Local;
using Daylight.Tests.Company;
using OtpNet;

namespace Daylight.Tests.Server;

/// <summary>Passwords with an authenticator app: set with a code, used by a browser without script, guessed at by somebody else.</summary>
public sealed class PasswordTests : IAsyncLifetime
{
    private const string Password = "four stones in a row";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly Browser browser = new();
    private TestCompany company = null!;

    public async ValueTask InitializeAsync()
    {
        company = await TestCompany.StartCopyAsync(c => c.Passwords = true);
        browser.Http = company.Http;
    }

    [Fact]
    public async Task a_code_sets_a_password_once_and_still_makes_the_first_passkey()
    {
        var (_, codes) = await SetAsync();
        Assert.Equal(Passwords.RecoveryCodes, codes.Count);
        Assert.Contains("keys and sessions", await browser.PageAsync("/"), StringComparison.Ordinal); // signed in
        using var again = await new Browser { Http = company.Http }.SendAsync("/password", "/password/begin", ("code", company.PersonCode("dora")), ("password", Password), ("again", Password));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode); // whoever finds the letter later
        using var key = await company.EnrollPersonAsync("dora");
        Assert.Contains("A password with an authenticator app was set for you", await browser.PageAsync("/inbox"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task password_and_code_sign_in_and_open_nothing()
    {
        var (secret, _) = await SetAsync();
        company.Clock.Now += TimeSpan.FromMinutes(1);
        var other = new Browser { Http = company.Http };
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(other, Password, CodeOf(secret)));
        Assert.Contains("This look takes your signature", await other.PageAsync("/my-day"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(new Browser { Http = company.Http }, Password, CodeOf(secret))); // a code serves once
        company.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(other, "another password", CodeOf(secret)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(other, Password, "000000"));
        Assert.Equal(HttpStatusCode.BadRequest, await SignInAsync(other, Password, string.Empty));
    }

    [Fact]
    public async Task a_recovery_code_serves_once_and_its_person_is_told()
    {
        var (_, codes) = await SetAsync();
        var other = new Browser { Http = company.Http };
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(other, Password, codes[3].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(other, Password, codes[3]));
        Assert.Contains("9 are left", await browser.PageAsync("/inbox"), StringComparison.Ordinal);
        Assert.Contains("9 recovery codes are left", await browser.PageAsync("/keys"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task two_that_bring_the_same_code_at_once_are_one_session()
    {
        var (secret, _) = await SetAsync();
        company.Clock.Now += TimeSpan.FromMinutes(1);
        var code = CodeOf(secret);
        var came = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => SignInAsync(new Browser { Http = company.Http }, Password, code)));
        Assert.Single(came, HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task guessing_locks_out_who_guesses_and_not_whose_address_it_is()
    {
        var (secret, _) = await SetAsync();
        company.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(browser, Password, CodeOf(secret))); // from now on a browser that dora is known in
        for (var i = 0; i < Attempts.Most; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(new Browser { Http = company.Http }, "a guess of twelve", "123456"));
        }

        company.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(new Browser { Http = company.Http }, Password, CodeOf(secret))); // even if it is right now
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(browser, Password, CodeOf(secret)));
        Assert.Contains("Somebody tried 10 times", await browser.PageAsync("/inbox"), StringComparison.Ordinal);
        company.Clock.Now += Attempts.Window;
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(new Browser { Http = company.Http }, Password, CodeOf(secret)));
    }

    [Fact]
    public async Task a_known_browser_guesses_no_more_than_others()
    {
        var (secret, _) = await SetAsync();
        company.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(browser, Password, CodeOf(secret)));
        for (var i = 0; i < Attempts.Most; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, "a guess of twelve", "123456"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(browser, "a guess of twelve", "123456"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, "a guess of twelve", "123456", "anna@test.example")); // what it knows of dora says nothing of anna
    }

    [Fact]
    public async Task an_address_that_nobody_has_is_answered_and_counted_like_any_other()
    {
        await SetAsync();
        var answers = new List<string>();
        foreach (var address in (string[])["dora@test.example", "nobody@test.example"])
        {
            var page = string.Empty;
            for (var i = 0; i <= Attempts.Most; i++)
            {
                using var answer = await new Browser { Http = company.Http }.SendAsync("/sign-in", "/sign-in/password", ("address", address), ("password", "a guess of twelve"), ("second", "123456"));
                page += answer.StatusCode + await answer.Content.ReadAsStringAsync();
            }

            answers.Add(page);
        }

        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task a_weak_password_and_an_old_session_set_nothing()
    {
        foreach (var (password, again) in ((string, string)[])[("short", "short"), (Password, Password + "!"), ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"), ("Password123456", "Password123456"), ("qwertyuiop1234", "qwertyuiop1234"), ("november232026", "november232026"), ("dora dora dora", "dora dora dora")])
        {
            using var refused = await browser.SendAsync("/password", "/password/begin", ("code", company.PersonCode("dora")), ("password", password), ("again", again));
            Assert.Equal((password, HttpStatusCode.UnprocessableEntity), (password, refused.StatusCode));
            var page = await refused.Content.ReadAsStringAsync();
            Assert.Contains(company.PersonCode("dora"), page, StringComparison.Ordinal); // what was typed is there still
            Assert.DoesNotContain(password, page, StringComparison.Ordinal); // and the password is not
        }

        await SetAsync();
        using (var anew = await browser.SendAsync("/password", "/password/begin", ("password", Password), ("again", Password)))
        {
            Assert.Equal(HttpStatusCode.OK, anew.StatusCode);
        }

        company.Clock.Now += TimeSpan.FromMinutes(11);
        using var old = await browser.SendAsync("/password", "/password/begin", ("password", Password), ("again", Password));
        Assert.Equal(HttpStatusCode.Forbidden, old.StatusCode);
    }

    [Fact]
    public async Task what_was_ended_signs_nobody_in()
    {
        var (secret, codes) = await SetAsync();
        using (await browser.SendAsync("/keys", "/password/end"))
        {
        }

        company.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, Password, CodeOf(secret)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, Password, codes[0]));
    }

    [Theory] // RFC 6238, appendix B: SHA-1, the last six digits
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(20000000000, "353130")]
    public void codes_are_those_of_the_standard(long seconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        var now = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.Equal(seconds / 30, PasswordAccount.StepOf(secret, code, now));
        Assert.Equal(seconds / 30, PasswordAccount.StepOf(secret, code, now.AddSeconds(30)));
        Assert.Null(PasswordAccount.StepOf(secret, code, now.AddSeconds(90)));
        Assert.Null(PasswordAccount.StepOf(secret, code[1..], now));
    }

    public async ValueTask DisposeAsync() => await company.DisposeAsync();

    private string CodeOf(byte[] secret) => new Totp(secret).ComputeTotp(company.Clock.Now.UtcDateTime);

    private async Task<HttpStatusCode> SignInAsync(Browser from, string password, string second, string address = "dora@test.example")
    {
        using var answer = await from.SendAsync("/sign-in", "/sign-in/password", ("address", address), ("password", password), ("second", second));
        return answer.StatusCode;
    }

    private async Task<(byte[] Secret, IReadOnlyList<string> Codes)> SetAsync()
    {
        using var begun = await browser.SendAsync("/password", "/password/begin", ("code", company.PersonCode("dora")), ("password", Password), ("again", Password));
        var page = await begun.Content.ReadAsStringAsync();
        var secret = Base32Encoding.ToBytes(Regex.Match(page, "<code>([A-Z2-7 ]+)</code>", RegexOptions.None, Limit).Groups[1].Value.Replace(" ", string.Empty, StringComparison.Ordinal));
        var state = WebUtility.HtmlDecode(Regex.Match(page, "name=\"state\" value=\"([^\"]+)\"", RegexOptions.None, Limit).Groups[1].Value);
        using var wrong = await browser.SendAsync("/password", "/password/confirm", ("state", state), ("second", "000000"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        using var confirmed = await browser.SendAsync("/password", "/password/confirm", ("state", state), ("second", CodeOf(secret)));
        Assert.Equal(HttpStatusCode.OK, confirmed.StatusCode);
        return (secret, [.. Regex.Matches(await confirmed.Content.ReadAsStringAsync(), "<code>([A-Z2-9]{4}(?:-[A-Z2-9]{4}){2})</code>", RegexOptions.None, Limit).Select(m => m.Groups[1].Value)]);
    }
}
