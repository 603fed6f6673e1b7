using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Portal;
using Daylight.Protocol;
using Daylight.Server.Features.SignIn;
using Daylight.Tests.Company;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Tests.Server;

/// <summary>Who gets in where: every route of the API, from its own description, and every page, as somebody of each role. A route without a line here fails, and so does a line without a route.</summary>
public sealed class RefusalMatrixTests : IAsyncLifetime
{
    // everybody: without signing in; signed in: whoever is; no session: it takes a signed call, a code, or a rule that the charter here does not have; else the roles that are let in, and nobody else.
    private const string Matrix = """
        DELETE /api/v1/me/tokens/{id} : signed in
        FORM /act/{what} : signed in
        FORM /codes/begin : program-owner, privacy-officer, works-council
        FORM /codes/confirm : program-owner, privacy-officer, works-council
        FORM /export : everybody
        FORM /inbox/seen : signed in
        FORM /keys/end : signed in
        FORM /language : everybody
        FORM /look/by-machine : signed in
        FORM /password/begin : signed in
        FORM /password/confirm : everybody
        FORM /password/end : signed in
        FORM /setup/begin : everybody
        FORM /sign-in/password : everybody
        FORM /sign-out : everybody
        GET /api/v1/about : everybody
        GET /api/v1/access-reviews : signed in
        GET /api/v1/access-reviews/{entry}/items : privacy-officer, works-council
        GET /api/v1/agent/bundle : no session
        GET /api/v1/agent/changes : no session
        GET /api/v1/cases : signed in
        GET /api/v1/cases/rules : signed in
        GET /api/v1/charters/{hash}/publishes : program-owner, privacy-officer, works-council, auditor
        GET /api/v1/directory : privacy-officer, operator
        GET /api/v1/enrollments/{code} : everybody
        GET /api/v1/exposure/people/{id} : privacy-officer, works-council, auditor
        GET /api/v1/exposure/summary : privacy-officer, works-council, auditor
        GET /api/v1/exposure/viewers/{id} : privacy-officer, works-council, auditor
        GET /api/v1/incidents : privacy-officer, security
        GET /api/v1/incidents/{id} : privacy-officer, security
        GET /api/v1/log : auditor
        GET /api/v1/log/consistency : auditor
        GET /api/v1/log/entries : auditor
        GET /api/v1/log/entries/{index} : auditor
        GET /api/v1/me : signed in
        GET /api/v1/me/asks : signed in
        GET /api/v1/me/choices : signed in
        GET /api/v1/me/consents/{program}/receipt : signed in
        GET /api/v1/me/credentials : signed in
        GET /api/v1/me/disclosures : signed in
        GET /api/v1/me/disclosures/{entry}/proof : signed in
        GET /api/v1/me/erasures : signed in
        GET /api/v1/me/export : signed in
        GET /api/v1/me/exposure : signed in
        GET /api/v1/me/figures : signed in
        GET /api/v1/me/last-day : signed in
        GET /api/v1/me/notices : signed in
        GET /api/v1/me/openings : signed in
        GET /api/v1/me/passkeys : signed in
        GET /api/v1/me/records : signed in
        GET /api/v1/me/releases : signed in
        GET /api/v1/me/sign-in : signed in
        GET /api/v1/me/submissions : signed in
        GET /api/v1/me/team : signed in
        GET /api/v1/me/tokens : signed in
        GET /api/v1/objections : privacy-officer
        GET /api/v1/operations : operator
        GET /api/v1/passkeys/invitations/{code} : signed in
        GET /api/v1/people/{id}/records : employee
        GET /api/v1/people/{id}/submissions : no session
        GET /api/v1/programs : signed in
        GET /api/v1/programs/{program}/consents : privacy-officer, works-council, auditor
        GET /api/v1/programs/{program}/draft : program-owner, privacy-officer, works-council, auditor
        GET /api/v1/programs/{program}/facts : program-owner, privacy-officer, works-council, auditor
        GET /api/v1/programs/{program}/shown/{shown} : program-owner, privacy-officer, works-council, auditor
        GET /api/v1/programs/{program}/stop : signed in
        GET /api/v1/programs/{program}/versions : signed in
        GET /api/v1/releases/{level}/{group} : no session
        GET /api/v1/retention : signed in
        GET /api/v1/retention/certificates : privacy-officer, works-council, auditor
        GET /api/v1/reviews : signed in
        GET /api/v1/reviews/{entry} : signed in
        GET /api/v1/teams/{id}/releases : manager
        GET /api/v1/trust-root : everybody
        GET /healthz : everybody
        GET /log/checkpoint : everybody
        GET /log/openings : auditor
        GET /log/policy : everybody
        GET /log/tile/entries/{path} : auditor
        GET /log/tile/{level}/{path} : auditor
        GET /log/vkey : everybody
        GET /log/witnessed : everybody
        GET /readyz : everybody
        PAGE / : signed in
        PAGE /access-review : signed in
        PAGE /cases : signed in
        PAGE /cases/{Name} : signed in
        PAGE /choices : signed in
        PAGE /codes : program-owner, privacy-officer, works-council
        PAGE /collected : signed in
        PAGE /exposure : privacy-officer, works-council, auditor
        PAGE /figures : signed in
        PAGE /handed-in : signed in
        PAGE /inbox : signed in
        PAGE /incidents : privacy-officer, security
        PAGE /incidents/{Id} : privacy-officer, security
        PAGE /keys : signed in
        PAGE /log : auditor
        PAGE /log/{Entry:long} : auditor
        PAGE /my-day : signed in
        PAGE /operations : operator
        PAGE /password : everybody
        PAGE /programs : signed in
        PAGE /programs/{Name} : signed in
        PAGE /requests : privacy-officer
        PAGE /retention : signed in
        PAGE /reviews : signed in
        PAGE /reviews/{Entry:long} : signed in
        PAGE /setup : everybody
        PAGE /sign-in : everybody
        PAGE /team : signed in
        PAGE /team/{Id} : employee
        PAGE /team/{Id}/handed-in : signed in
        PAGE /welcome : everybody
        PAGE /who-could-look : signed in
        PAGE /who-looked : signed in
        PAGE /who-looked/{Entry:long} : signed in
        POST /api/v1/agent/chunks : no session
        POST /api/v1/asks : signed in
        POST /api/v1/credentials : everybody
        POST /api/v1/directory/discard : privacy-officer, operator
        POST /api/v1/directory/import : privacy-officer, operator
        POST /api/v1/directory/people : privacy-officer, operator
        POST /api/v1/enrollments : signed in
        POST /api/v1/events : signed in
        POST /api/v1/exposure/diff : program-owner, privacy-officer, works-council, auditor, operator
        POST /api/v1/incidents/facts : privacy-officer, security
        POST /api/v1/me/notices/seen : signed in
        POST /api/v1/passkeys : everybody
        POST /api/v1/passkeys/invitations : no session
        POST /api/v1/passkeys/invitations/{code} : signed in
        POST /api/v1/passkeys/made : everybody
        POST /api/v1/passkeys/question : no session
        POST /api/v1/people/find : manager, program-owner, privacy-officer, works-council, investigator, auditor, analyst, workplace-planner, security, operator
        POST /api/v1/sign-in : everybody
        POST /api/v1/sign-in/question : everybody
        POST /api/v1/tokens : no session
        PUT /api/v1/asks/{id}/signature : signed in
        """;

    private static readonly (string Role, string Name)[] Roles =
    [
        ("employee", "anna"), ("manager", "boss"), ("program-owner", "owner"), ("privacy-officer", "officer"), ("works-council", "council"), ("investigator", "snoop"), ("auditor", "other"),
        ("analyst", "ben"), ("workplace-planner", "cleo"), ("security", "dora"), ("operator", "emil"),
    ];

    private readonly Dictionary<string, Browser> browsers = [];
    private TestCompany company = null!;

    public async ValueTask InitializeAsync()
    {
        company = await TestCompany.StartCopyAsync(c => c.Passwords = true);
        foreach (var (role, name) in Roles.Where(r => r.Role is "analyst" or "workplace-planner" or "security" or "operator"))
        {
            await company.GrantAsync(name, role);
        }

        foreach (var (role, name) in Roles)
        {
            var context = new DefaultHttpContext();
            await company.Part<Tokens>().BeginSessionAsync(context, company.Id(name), "a test");
            browsers[role] = new Browser { Http = company.Http };
            browsers[role].Keep(context.Response.Headers.SetCookie!);
        }
    }

    [Fact]
    public async Task every_route_and_page_lets_in_whom_it_is_for_and_nobody_else()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (method, path) in (await RoutesAsync()).Concat(Pages().Select(p => ("PAGE", p))).Concat(Forms().Select(f => ("FORM", f))))
        {
            found.Add($"{method} {path}", await LetInAsync(method, path));
        }

        var expected = new SortedDictionary<string, string>(Matrix.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(" : ")).ToDictionary(l => l[0].Trim(), l => l[1].Trim()), StringComparer.Ordinal);
        Assert.Equal(string.Join('\n', expected.Select(e => $"{e.Key} : {e.Value}")), string.Join('\n', found.Select(f => $"{f.Key} : {f.Value}")));
    }

    [Fact]
    public async Task a_form_without_its_pages_token_is_refused_before_anything_is_read()
    {
        Assert.True(Forms().Count() > 10);
        foreach (var form in Forms())
        {
            using var content = new FormUrlEncodedContent([KeyValuePair.Create("program", TestCompany.Program)]);
            using var answer = await browsers["privacy-officer"].SendAsync(HttpMethod.Post, form, content);
            Assert.Equal((form, HttpStatusCode.BadRequest), (form, answer.StatusCode));
            Assert.Contains("The form is stale", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task a_page_of_something_that_is_not_there_says_so()
    {
        Assert.Contains("There is no such thing", await browsers["employee"].PageAsync("/who-looked/99999"), StringComparison.Ordinal);
        Assert.Contains("<h1>", await browsers["employee"].PageAsync("/reviews/99999"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task no_page_names_anybody_whom_the_api_does_not_name_to_its_reader()
    {
        var routes = (await RoutesAsync()).Where(r => r.Method == "GET" && !r.Path.Contains("/agent/", StringComparison.Ordinal) && !r.Path.EndsWith("/export", StringComparison.Ordinal)).Select(r => r.Path).ToList();
        foreach (var (role, browser) in browsers)
        {
            var told = new StringBuilder();
            foreach (var path in routes)
            {
                told.Append(await browser.PageAsync(Filled(path)));
            }

            var api = told.ToString();
            foreach (var path in Pages())
            {
                var html = await browser.PageAsync(Filled(path));
                Assert.All(company.People, p => Assert.False(Names(html, p) && !Names(api, p) && !(path.Contains("{Id}", StringComparison.Ordinal) && p.Name == "anna"), $"{path} names {p.Name} to {role}, whom the API does not"));
            }
        }

        static bool Names(string text, Daylight.Core.Directory.Person person) => text.Contains(person.Id, StringComparison.Ordinal) || text.Contains(person.Email, StringComparison.OrdinalIgnoreCase);
    }

    public async ValueTask DisposeAsync() => await company.DisposeAsync();

    private async Task<IReadOnlyList<(string Method, string Path)>> RoutesAsync()
    {
        using var document = JsonDocument.Parse(await company.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        return [.. document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => (o.Name.ToUpperInvariant(), p.Name))).Where(r => r.Item1 != "HEAD")];
    }

    /// <summary>What the pages' forms send to: mapped as the API is, and no part of its description.</summary>
    private IEnumerable<string> Forms() => company.Part<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") == true && e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not null)
        .Select(e => e.RoutePattern.RawText!).Where(p => !p.StartsWith("/control", StringComparison.Ordinal) && !p.StartsWith("/scim", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<string> Pages() => typeof(PortalApi).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>()).Select(r => r.Template).Order(StringComparer.Ordinal);

    /// <summary>An address that makes sense, so that what refuses is not that it makes none.</summary>
    private string Filled(string path)
    {
        (string Name, string Value)[] values =
        [
            ("{id}", path.Contains("/teams/", StringComparison.Ordinal) ? "crew" : company.Id("anna")), ("{Id}", company.Id("anna")), ("{program}", TestCompany.Program), ("{Name}", TestCompany.Program), ("{entry}", "1"), ("{index}", "1"), ("{Entry:long}", "1"),
            ("{level}/{group}", "company/company"), ("{level}/{path}", "0/000.p/1"), ("{path}", "000.p/1"), ("{code}", new string('0', 64)), ("{hash}", new string('0', 64)), ("{shown}", new string('0', 64)), ("{what}", "no-such-act"),
        ];
        var filled = values.Aggregate(path, (p, v) => p.Replace(v.Name, v.Value, StringComparison.Ordinal));
        return filled + (path.StartsWith("/api/v1/people/{id}/", StringComparison.Ordinal) ? "?program=focus-time&from=2026-11-02&to=2026-11-02"
            : path.Contains("releases/", StringComparison.Ordinal) || path.EndsWith("/releases", StringComparison.Ordinal) ? "?program=focus-time&measure=focus-minutes"
            : string.Empty);
    }

    private static string Body(string path) => path switch
    {
        "/api/v1/people/find" => """{"email":"anna@test.example"}""",
        _ => "{}",
    };

    private async Task<string> LetInAsync(string method, string path)
    {
        if (await IsInAsync(new Browser { Http = company.Http }, method, path))
        {
            return "everybody";
        }

        var let = new List<string>();
        foreach (var (role, browser) in browsers)
        {
            if (await IsInAsync(browser, method, path))
            {
                let.Add(role);
            }
        }

        return let.Count == browsers.Count ? "signed in" : let.Count == 0 ? "no session" : string.Join(", ", let);
    }

    private async Task<bool> IsInAsync(Browser browser, string method, string path)
    {
        if (method == "FORM")
        {
            // With the token of a page, as a browser sends it; of what is filled in nothing fits, so that nothing is done.
            using var sent = await browser.SendAsync("/sign-in", Filled(path), ("back", "/"));
            return sent.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
        }

        using var content = method is "POST" or "PUT" ? new StringContent(Body(path), Encoding.UTF8, "application/json") : null;
        using var answer = await browser.SendAsync(method == "PAGE" ? HttpMethod.Get : new HttpMethod(method), Filled(path), content);
        // What lacks the signature of a look is no refusal of the role: the problem says what to ask.
        return answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            || (answer.Content.Headers.ContentType?.MediaType == "application/problem+json" && JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ProtocolJson.Default.Problem)?.Ask is not null);
    }
}
