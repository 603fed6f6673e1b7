using System.Text;
using Daylight.Agent;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.SignIn;
using Daylight.Tests.Company;
using Microsoft.AspNetCore.Http;

namespace Daylight.Tests.Agent;

/// <summary>A browser without a passkey, whose person's machine signs the look at oneself; and a server that would have it sign something else.</summary>
public sealed class SignForBrowserTests : IAsyncLifetime
{
    private readonly Meddler server = new();
    private readonly Server.Browser browser = new();
    private TestCompany company = null!;
    private AgentHost agent = null!;
    private AgentClient client = null!;

    public async ValueTask InitializeAsync()
    {
        company = await TestCompany.StartCopyAsync();
        agent = await company.StartAgentAsync("dora", Ports.Free(), between: server.Before);
        client = (await AgentClient.FindAsync(Path.Combine(company.Folder, "agent-dora"), default))!;
        var context = new DefaultHttpContext();
        await company.Part<Tokens>().BeginSessionAsync(context, company.Id("dora"), "single sign-on");
        browser.Http = company.Http;
        browser.Keep(context.Response.Headers.SetCookie!);
    }

    [Fact]
    public async Task the_machine_shows_the_code_that_the_browser_shows_and_signs_for_eight_hours_there()
    {
        Assert.Contains("This look takes your signature", await browser.PageAsync("/my-day"), StringComparison.Ordinal);
        using var page = await browser.SendAsync("/my-day", "/look/by-machine", ("back", "/my-day?day=2026-11-02"));
        var text = await page.Content.ReadAsStringAsync();
        var ask = Assert.Single(await client.AsksAsync(default));
        Assert.Contains($"<code>{ask.Code}</code>", text, StringComparison.Ordinal);
        Assert.Contains("href=\"/my-day?day=2026-11-02\"", text, StringComparison.Ordinal);
        Assert.Equal((false, false), ((await client.SignAsync("0000-0000", default)).Done, (await browser.PageAsync("/my-day")).Contains("Nothing was collected", StringComparison.Ordinal)));
        Assert.True((await client.SignAsync(ask.Code, default)).Done);
        Assert.Empty(await client.AsksAsync(default));
        Assert.DoesNotContain("takes your signature", await browser.PageAsync("/my-day"), StringComparison.Ordinal);
        Assert.DoesNotContain("takes your signature", await browser.PageAsync("/handed-in"), StringComparison.Ordinal);
        company.Clock.Now += Ask.SelfLife;
        Assert.Contains("needs to know which", await browser.PageAsync("/my-day"), StringComparison.Ordinal); // the session is over as well
    }

    [Fact]
    public async Task a_machine_that_came_after_another_key_signs_looks_only_once_its_person_had_time_to_end_it()
    {
        using var second = await company.EnrollDeviceAsync("anna"); // who has a key to sign with
        var api = ApiClient.WithCredential(company.Http, second, company.Root.Fingerprint, company.Clock);
        Assert.Contains("until then your passkey", (await SignAsync()).Problem!.Detail, StringComparison.Ordinal);
        company.Clock.Now += TimeSpan.FromDays(PromiseCredential.WaitDays);
        Assert.Contains("until then your passkey", (await SignAsync()).Problem!.Detail, StringComparison.Ordinal);
        company.Clock.Now += TimeSpan.FromDays(1);
        Assert.Null((await SignAsync()).Problem);

        async Task<ApiResult<string>> SignAsync()
        {
            var ask = (await api.PostAsync("/api/v1/asks", new AskWanted(null, null, null, null, null, null, null), ProtocolJson.Default.AskWanted, ProtocolJson.Default.AskCreated, default)).OrThrow();
            return await api.PutAsync($"/api/v1/asks/{ask.Id}/signature", new AskSignature("device", Convert.ToBase64String(second.Sign(Convert.FromBase64String(ask.Bytes))), second.Credential.Id.Value), ProtocolJson.Default.AskSignature, default);
        }
    }

    [Fact]
    public async Task an_ask_that_nobody_signed_within_a_quarter_of_an_hour_waits_no_more()
    {
        using var page = await browser.SendAsync("/my-day", "/look/by-machine", ("back", "/my-day"));
        var ask = Assert.Single(await client.AsksAsync(default));
        company.Clock.Now += Ask.Patience;
        Assert.Empty(await client.AsksAsync(default));
        Assert.False((await client.SignAsync(ask.Code, default)).Done);
    }

    [Fact]
    public async Task the_machine_signs_nothing_but_a_look_of_its_person_at_themselves()
    {
        var good = company.Part<Asks>().OfSignIn(company.Id("dora"));
        Ask[] bad =
        [
            good with { Subject = company.Id("ben") }, good with { Asker = company.Id("ben"), Subject = company.Id("ben") }, good with { Root = "00" }, good with { Expires = good.Time.AddHours(9) },
            good with { Credential = company.KeyOf("anna").Credential.Id.Value }, good with { Time = good.Time.AddHours(2), Expires = good.Time.AddHours(3) },
        ];
        server.Answer = (path, _) => path == "/api/v1/me/asks" ? JsonBody([.. bad, good]) : null;
        Assert.Equal(good.Code(), Assert.Single(await client.AsksAsync(default)).Code);
        foreach (var ask in bad)
        {
            Assert.False((await client.SignAsync(ask.Code(), default)).Done);
        }

        server.Answer = (path, _) => path == "/api/v1/me/asks" ? new HttpResponseMessage { Content = new StringContent("""[{"id":"x","bytes":"!","expires":"2026-11-02T10:00:00Z"}]""", Encoding.UTF8, "application/json") } : null;
        Assert.Contains("cannot be read", (await Assert.ThrowsAsync<InvalidOperationException>(() => client.AsksAsync(default))).Message, StringComparison.Ordinal);

        static HttpResponseMessage JsonBody(IReadOnlyList<Ask> asks) => new()
        {
            Content = new StringContent(
                System.Text.Json.JsonSerializer.Serialize<IReadOnlyList<AskCreated>>([.. asks.Select(a => new AskCreated(a.Id, Convert.ToBase64String(a.ToBytes()), a.Expires))], ProtocolJson.Default.IReadOnlyListAskCreated),
                Encoding.UTF8, "application/json"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await agent.DisposeAsync();
        await company.DisposeAsync();
    }
}
