using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Keyholder;

namespace Daylight.Tests.Server;

/// <summary>Who may ask who could see what about whom, and what each is told.</summary>
public sealed class ExposureApiTests : KeyholderTests
{
    [Fact]
    public async Task everybody_sees_who_could_see_them_in_numbers_and_by_name_only_where_the_company_shows_names()
    {
        var mine = await MineAsync();
        Assert.Equal([("manager/focus-minutes", 1), ("role:investigator/records", 1)], mine.Select(m => (m.Rule, m.Viewers)).Order());
        Assert.All(mine, m => Assert.Null(m.Names));
        Assert.DoesNotContain("snoop", JsonSerializer.Serialize(mine, ProtocolJson.Default.IReadOnlyListCouldSeeMe), StringComparison.Ordinal);
        Company.ShowNames = true;
        await Company.RestartAsync();
        Assert.Equal(["boss", "snoop"], (await MineAsync()).SelectMany(m => m.Names!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task whoever_is_no_officer_asks_about_nobody_else()
    {
        string[] paths = [$"/api/v1/exposure/people/{Company.Id("anna")}", $"/api/v1/exposure/viewers/{Company.Id("boss")}", "/api/v1/exposure/summary"];
        foreach (var path in paths)
        {
            foreach (var name in (string[])["anna", "boss", "snoop", "owner"])
            {
                var problem = (await Company.As(name).GetBytesAsync(path, default)).Problem!;
                Assert.Equal((403, "role:privacy-officer"), (problem.Status, problem.Missing));
                Assert.StartsWith("https://daylight.example/problems/", problem.Type, StringComparison.Ordinal);
            }

            foreach (var name in (string[])["officer", "council", "other"])
            {
                Assert.Null((await Company.As(name).GetBytesAsync(path, default)).Problem);
            }

            Assert.Equal(401, (await ApiClient.WithToken(Company.Http, null).GetBytesAsync(path, default)).Problem!.Status);
        }

        Assert.Equal(401, (await ApiClient.WithToken(Company.Http, null).GetBytesAsync("/api/v1/me/exposure", default)).Problem!.Status);
        Assert.Equal(404, (await Company.As("officer").GetBytesAsync("/api/v1/exposure/people/nobody", default)).Problem!.Status);
        Assert.Equal(404, (await Company.As("officer").GetBytesAsync("/api/v1/exposure/viewers/nobody", default)).Problem!.Status);
    }

    [Fact]
    public async Task a_grant_is_unused_until_it_was_used_and_that_outlives_a_restart()
    {
        async Task<GrantView> SnoopAsync() => Assert.Single((await SummaryAsync()).Grants, g => g.Name == "snoop");
        var unused = await SnoopAsync();
        Assert.Equal(("investigator", 1, 10L, null), (unused.Role, unused.Rules, unused.Loses, unused.LastUsed));
        Assert.Null((await Company.LookAsync("snoop", "anna", await OpenCaseAsync())).Problem);
        Assert.Equal(Today, (await SnoopAsync()).LastUsed);
        await Company.RestartAsync();
        Assert.Equal(Today, (await SnoopAsync()).LastUsed);
        var who = (await Company.As("officer").GetAsync($"/api/v1/exposure/people/{Company.Id("anna")}", ProtocolJson.Default.IReadOnlyListSightView, default)).OrThrow();
        Assert.Equal([("anna", "self/records", null), ("boss", "manager/focus-minutes", null), ("snoop", "role:investigator/records", (DateOnly?)Today)], who.Select(s => (s.Name!, s.Rule, s.LastUsed)).Order());
        var of = (await Company.As("officer").GetAsync($"/api/v1/exposure/viewers/{Company.Id("snoop")}?list=true", ProtocolJson.Default.ExposureOfViewer, default)).OrThrow();
        Assert.Equal(Today, of.Rules.Single(r => r.Rule == "role:investigator/records").LastUsed);
        Assert.Contains(of.Sights!, s => s.Name == "anna");
    }

    [Fact]
    public async Task a_refused_look_is_no_use_of_a_grant()
    {
        Assert.NotNull((await Company.LookAsync("snoop", "anna", new string('0', 64))).Problem);
        Assert.Null(Assert.Single((await SummaryAsync()).Grants, g => g.Name == "snoop").LastUsed);
    }

    [Fact]
    public async Task a_change_is_counted_for_who_proposes_and_listed_for_officers()
    {
        var until = Today.AddDays(30);
        var ben = Company.Id("ben");
        var text = TestCompany.Charter(program: "second");
        ChangeWanted[] changes =
        [
            new(CharterText: text), new(Grant: new RoleWanted(ben, "investigator", null, until)), new(Revoke: new RoleWanted(Company.Id("snoop"), "investigator")),
            new(People: "email,name,team,manager\nboss@test.example,boss,crew,-\nanna@test.example,anna,crew,-\n"),
        ];
        foreach (var change in changes)
        {
            var counts = await DiffAsync("owner", change);
            Assert.Equal(403, (await DiffAsync("snoop", change)).Problem!.Status); // who looks does not measure groups by it
            Assert.True(counts.OrThrow().Read.Appear + counts.Value!.Read.Disappear > 0);
            Assert.Null(counts.Value.Appearing);
            Assert.Equal(403, (await DiffAsync("owner", change with { List = true })).Problem!.Status);
            Assert.Equal(403, (await DiffAsync("anna", change)).Problem!.Status);
            Assert.Equal(403, (await DiffAsync("boss", change)).Problem!.Status);
            var listed = (await DiffAsync("other", change with { List = true })).OrThrow();
            Assert.Equal((listed.Read.Appear, listed.Read.Disappear), (listed.Appearing!.Count, listed.Disappearing!.Count));
        }

        var granted = (await DiffAsync("officer", changes[1])).OrThrow();
        Assert.Equal((10, 0), (granted.Read.Appear, granted.Read.Disappear)); // everybody but ben
        Assert.Equal((0, 10), ((await DiffAsync("officer", changes[2])).OrThrow().Read.Appear, (await DiffAsync("officer", changes[2])).OrThrow().Read.Disappear));
    }

    [Theory]
    [InlineData("{}"), InlineData("nonsense"), InlineData("[]"), InlineData("{\"held\":true}"), InlineData("{\"charter\":\"00\"}"), InlineData("{\"charterText\":\"program: x\"}")]
    [InlineData("{\"grant\":{\"person\":\"x\",\"role\":\"investigator\"}}"), InlineData("{\"people\":\"email\\nx\"}")]
    [InlineData("{\"grant\":{\"person\":null,\"role\":\"investigator\",\"until\":\"2026-12-01\"}}"), InlineData("{\"grant\":{\"role\":\"investigator\",\"until\":\"2026-12-01\"}}"), InlineData("{\"revoke\":{\"person\":\"x\"}}")]
    public async Task what_is_no_change_is_refused_with_problem_details(string body)
    {
        var token = await Company.Server.Founding().MakeTokenAsync(Company.Id("officer"), 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/exposure/diff") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Company.Http.SendAsync(request);
        Assert.Equal((400, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task a_diff_does_not_tell_who_agreed()
    {
        var asking = TestCompany.Charter().Replace("consent: none, by agreement", "consent: opt-in", StringComparison.Ordinal).Replace("lawful-basis: legitimate-interests", "lawful-basis: consent", StringComparison.Ordinal)
            .Replace("version: 1", "version: 2", StringComparison.Ordinal);
        await Company.ActivateAsync(asking);
        var change = new ChangeWanted(Grant: new RoleWanted(Company.Id("ben"), "investigator", "team:crew", Today.AddDays(30)));
        var before = (await DiffAsync("owner", change)).OrThrow().Read.Appear;
        await Company.SubmitAsync("anna", new ConsentGiven(SignedStatement.Sign(new GiveConsent(Root, Now, Company.Id("anna"), "focus-time", Authority.CharterHash(asking)), Company.KeyOf("anna"))));
        Assert.Equal(before, (await DiffAsync("owner", change)).OrThrow().Read.Appear);
    }

    private async Task<IReadOnlyList<CouldSeeMe>> MineAsync() => (await Company.As("anna").GetAsync("/api/v1/me/exposure", ProtocolJson.Default.IReadOnlyListCouldSeeMe, default)).OrThrow();

    private async Task<ExposureSummary> SummaryAsync() => (await Company.As("officer").GetAsync("/api/v1/exposure/summary", ProtocolJson.Default.ExposureSummary, default)).OrThrow();

    private Task<ApiResult<ChangeExposure>> DiffAsync(string name, ChangeWanted change) =>
        Company.As(name).PostAsync("/api/v1/exposure/diff", change, ProtocolJson.Default.ChangeWanted, ProtocolJson.Default.ChangeExposure, default);
}
