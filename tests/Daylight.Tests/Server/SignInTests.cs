using Daylight.Protocol;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>Who holds a role and comes in leaves a record.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task a_token_of_somebody_with_a_role_stands_on_their_own_list_and_one_of_anybody_else_does_not()
    {
        await using var company = await TestCompany.StartAsync();
        await MakeTokenAsync(company, "snoop");
        await MakeTokenAsync(company, "anna");
        var signIn = Assert.Single(await ListAsync(company, "snoop"), l => l.Happened == "sign-in");
        Assert.Equal(["token", "investigator"], signIn.Why);
        Assert.DoesNotContain(await ListAsync(company, "anna"), l => l.Happened == "sign-in");
    }

    [Fact]
    public async Task a_token_is_named_reads_only_where_it_says_so_is_listed_with_its_last_use_and_ended()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var anna = company.As("anna");
        async Task<ApiResult<TokenMade>> TryMakeAsync(string name, int days, string scope) =>
            await anna.PostAsync("/api/v1/tokens", new TokenWanted(name, days, scope), ProtocolJson.Default.TokenWanted, ProtocolJson.Default.TokenMade, default);
        foreach (var (name, days, scope) in new[] { ("figures", 0, "read"), ("figures", 367, "read"), ("", 1, "read"), (new string('x', 61), 1, "read"), ("figures", 1, "everything") })
        {
            Assert.Equal(400, (await TryMakeAsync(name, days, scope)).Problem!.Status);
        }

        var text = (await TryMakeAsync("figures", 10, "read")).OrThrow().Token;
        var reading = ApiClient.WithToken(company.Http, text);
        var doing = ApiClient.WithToken(company.Http, (await TryMakeAsync("script", 10, "all")).OrThrow().Token);
        Assert.Equal([null, null], (await ListAsync()).Select(t => t.LastUsed));
        company.Clock.Now += TimeSpan.FromDays(1);
        Assert.Equal(company.Id("anna"), (await reading.GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).OrThrow().Person);
        var refused = (await reading.PostAsync("/api/v1/asks", new AskWanted(company.KeyOf("anna").Credential.Id.Value), ProtocolJson.Default.AskWanted, ProtocolJson.Default.AskCreated, default)).Problem!;
        Assert.Equal((403, true), (refused.Status, refused.Detail.Contains("reads only", StringComparison.Ordinal)));
        foreach (var path in (string[])["/api/v1/asks", "/api/v1/events", "/act/erase", "/keys/end"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Cookie", Daylight.Server.Features.SignIn.Callers.Cookie + "=" + text } } }; // nor as if it were a session
            using var answer = await company.Http.SendAsync(request);
            Assert.True(answer.StatusCode is System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.BadRequest, path);
        }

        (await doing.PostAsync("/api/v1/asks", new AskWanted(company.KeyOf("anna").Credential.Id.Value), ProtocolJson.Default.AskWanted, ProtocolJson.Default.AskCreated, default)).OrThrow();
        var tokens = await ListAsync();
        Assert.Equal([("figures", "read", new DateOnly(2026, 11, 3)), ("script", "all", new DateOnly(2026, 11, 3))], tokens.Select(t => (t.Name, t.Scope, t.LastUsed!.Value)));

        // One's own alone, and at once.
        Assert.Equal(404, (await company.As("ben").DeleteAsync("/api/v1/me/tokens/" + tokens[0].Id, default)).Problem!.Status);
        Assert.Equal(404, (await anna.DeleteAsync("/api/v1/me/tokens/%25", default)).Problem!.Status);
        Assert.Equal(403, (await reading.DeleteAsync("/api/v1/me/tokens/" + tokens[1].Id, default)).Problem!.Status);
        (await doing.DeleteAsync("/api/v1/me/tokens/" + tokens[0].Id, default)).OrThrow();
        Assert.Equal(401, (await reading.GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).Problem!.Status);
        Assert.Equal("script", Assert.Single(await ListAsync()).Name);
        var keys = (await anna.GetAsync("/api/v1/me/credentials", ProtocolJson.Default.IReadOnlyListCredentialView, default)).OrThrow();
        Assert.Equal([(company.KeyOf("anna").Credential.Id.Value, "person")], keys.Select(k => (k.Id, k.Use)));
        company.Clock.Now += TimeSpan.FromDays(10);
        Assert.Equal(401, (await doing.GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).Problem!.Status);
        Assert.Empty(await ListAsync());

        async Task<IReadOnlyList<TokenView>> ListAsync() => (await anna.GetAsync("/api/v1/me/tokens", ProtocolJson.Default.IReadOnlyListTokenView, default)).OrThrow();
    }

    private static async Task MakeTokenAsync(TestCompany company, string name) =>
        (await company.As(name).PostAsync("/api/v1/tokens", new TokenWanted("test", 1), ProtocolJson.Default.TokenWanted, ProtocolJson.Default.TokenMade, default)).OrThrow();

    private static async Task<IReadOnlyList<LookAtMe>> ListAsync(TestCompany company, string name) =>
        (await company.As(name).GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, default)).OrThrow();
}
