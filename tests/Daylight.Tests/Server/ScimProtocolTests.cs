using System.Text.Json.Nodes;
using Daylight.Protocol;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>SCIM's own rules: what is announced, what is refused and how, and who may come in.</summary>
public sealed class ScimProtocolTests
{
    [Fact]
    public async Task what_the_server_can_do_is_announced_in_scims_shapes()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var config = await scim.DoAsync("GET", "/ServiceProviderConfig");
        Assert.Equal((true, false, "oauthbearertoken"), (config["patch"]!["supported"]!.GetValue<bool>(), config["bulk"]!["supported"]!.GetValue<bool>(), config["authenticationSchemes"]![0]!["type"]!.ToString()));
        Assert.Equal(["User", "Group"], (await scim.DoAsync("GET", "/ResourceTypes"))["Resources"]!.AsArray().Select(r => r!["id"]!.ToString()));
        Assert.Equal("/Groups", (await scim.DoAsync("GET", "/ResourceTypes/Group"))["endpoint"]!.ToString());
        var schemas = (await scim.DoAsync("GET", "/Schemas"))["Resources"]!.AsArray();
        Assert.Equal(3, schemas.Count);
        foreach (var schema in schemas.Select(s => s!["id"]!.ToString()))
        {
            Assert.Equal(schema, (await scim.DoAsync("GET", "/Schemas/" + schema))["id"]!.ToString());
        }

        Assert.Equal(404, (await scim.SendAsync("GET", "/Schemas/urn:nothing")).Status);
    }

    [Fact]
    public async Task a_token_reaches_its_own_routes_and_a_persons_reaches_none_of_them()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var person = await company.Server.Founding().MakeTokenAsync(company.Id("officer"), 1);
        foreach (var authorization in (string[])["", "Bearer ", "Bearer " + person, "Bearer dls_nothing", "Basic " + scim.Token, scim.Token])
        {
            var (status, error) = await scim.SendAsync("GET", "/Users", authorization: authorization);
            Assert.Equal((401, "401"), (status, error["status"]!.GetValue<string>())); // a text, as SCIM has it
            Assert.Equal("urn:ietf:params:scim:api:messages:2.0:Error", error["schemas"]![0]!.ToString());
        }

        foreach (var path in (string[])["/api/v1/me", "/api/v1/directory", "/api/v1/exposure/summary", "/api/v1/me/records", "/log/tile/0/000.p/1"])
        {
            Assert.Equal(401, (await ApiClient.WithToken(company.Http, scim.Token).GetBytesAsync(path, default)).Problem!.Status);
        }

        company.Clock.Now = company.Clock.Now.AddDays(31);
        Assert.Equal(401, (await scim.SendAsync("GET", "/Users")).Status);
    }

    [Theory]
    [InlineData("userName", "character 9")]
    [InlineData("userName like \"a\"", "character 14")]
    [InlineData("userName eq", "character 12")]
    [InlineData("userName eq \"a", "left open")]
    [InlineData("(userName eq \"a\"", "left open")]
    [InlineData("userName eq \"a\" and", "is missing")]
    [InlineData("userName eq \"a\" userName", "something follows")]
    [InlineData("userName eq \"\\ud800\"", "in quotation marks")]
    [InlineData("userName eq {\"a\":1}", "in quotation marks")]
    [InlineData("\"", "comparison")]
    [InlineData("[", "no path")]
    public async Task a_filter_that_cannot_be_read_is_refused_with_the_place(string filter, string says)
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        foreach (var resource in (string[])["/Users", "/Groups"])
        {
            var (status, error) = await scim.SendAsync("GET", $"{resource}?filter={Uri.EscapeDataString(filter)}");
            Assert.Equal((400, "400"), (status, error["status"]!.GetValue<string>()));
            Assert.Contains(says, error["detail"]!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task what_is_nested_deeply_or_never_ends_is_refused_and_the_server_stays()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        string Many(string what, int times) => string.Concat(Enumerable.Repeat(what, times));
        string[] paths = [Many("a[", 100_000), "members[" + Many("not ", 500_000) + "a pr]", "members[" + Many("(", 200_000) + "]", "members[a pr" + Many(" and a pr", 100_000) + "]", Many("a.", 100_000), Many("a[", 900)];
        foreach (var path in paths)
        {
            Assert.Equal(400, (await scim.SendAsync("PATCH", "/Groups/crew", $$"""{"Operations":[{"op":"remove","path":"{{path}}"}]}""")).Status);
        }

        foreach (var body in (string[])[Many("[", 10_000), "{\"a\":" + Many("{\"a\":", 10_000), """{"Operations":[""" + Many("""{"op":"add","path":"active","value":true},""", 1000) + """{"op":"add","path":"active","value":true}]}""", """{"Operations":[]}""", "", "null", "7", "\"a\"", """{"userName":"a","userName":"b"}""", """{"userName":"\ud800"}""", """{"\ud800":"a"}"""])
        {
            Assert.Equal(400, (await scim.SendAsync("PATCH", "/Users/" + company.Id("anna"), body)).Status);
            Assert.Equal(400, (await scim.SendAsync("POST", "/Users", body)).Status);
        }

        Assert.Equal(400, (await scim.SendAsync("POST", "/Users", "{\"userName\":\"" + Many("a", 300) + "\"}")).Status);
        await scim.CreateAsync("still-here");
    }

    [Fact]
    public async Task pages_hold_everybody_once()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var ids = new List<string>();
        for (var start = 1; start <= company.People.Count; start += 3)
        {
            var page = await scim.DoAsync("GET", $"/Users?startIndex={start}&count=3");
            Assert.Equal((company.People.Count, start), (page["totalResults"]!.GetValue<int>(), page["startIndex"]!.GetValue<int>()));
            ids.AddRange(page["Resources"]!.AsArray().Select(r => r!["id"]!.ToString()));
        }

        Assert.Equal(company.People.Select(p => p.Id).Order(), ids.Order());
        Assert.Empty((await scim.DoAsync("GET", "/Users?count=0"))["Resources"]!.AsArray());
        Assert.Equal(company.People.Count, (await scim.FindAsync("/Users", "userName ew \"@test.example\" and not (userName co \"zzz\")")).Count);
        var one = (await scim.DoAsync("GET", "/Users?attributes=userName&count=1"))["Resources"]![0]!.AsObject();
        Assert.Equal(["schemas", "id", "userName", "meta"], one.Select(m => m.Key));
    }

    [Fact]
    public async Task managers_who_are_unknown_gone_or_above_themselves_are_refused_by_name()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        async Task<string> RefusedAsync(string person, string manager)
        {
            var (status, error) = await scim.SendAsync("PATCH", "/Users/" + company.Id(person), $$$"""{"Operations":[{"op":"add","path":"manager","value":{"value":"{{{manager}}}"}}]}""");
            Assert.Equal((400, "invalidValue"), (status, error["scimType"]!.ToString()));
            return error["detail"]!.ToString();
        }

        Assert.Contains("not in the directory", await RefusedAsync("anna", "p00"), StringComparison.Ordinal);
        Assert.Contains("boss@test.example → anna@test.example", await RefusedAsync("boss", company.Id("anna")), StringComparison.Ordinal);
        Assert.Contains("anna@test.example", await RefusedAsync("anna", company.Id("anna")), StringComparison.Ordinal);
        await scim.DoAsync("DELETE", "/Users/" + company.Id("dora"));
        Assert.Contains("not in the directory", await RefusedAsync("anna", company.Id("dora")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task whose_manager_left_can_still_be_changed_otherwise()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        await scim.DoAsync("PATCH", "/Users/" + company.Id("boss"), """{"Operations":[{"op":"replace","path":"active","value":"False"}]}""");
        await scim.DoAsync("PATCH", "/Users/" + company.Id("anna"), """{"Operations":[{"op":"replace","path":"displayName","value":"Anna A"}]}""");
        var org = await ScimClient.SettledAsync(company, o => o.Person(company.Id("anna"))!.Name == "Anna A" && o.Person(company.Id("boss"))!.Left is not null);
        Assert.False(org.IsHere(org.Find(company.Id("boss"))));
    }

    [Fact]
    public async Task nobody_stands_there_twice_by_case_or_by_email()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        await scim.CreateAsync("ren\u00e9");
        foreach (var name in (string[])["REN\u00c9", " ren\u00e9", "Anna", "\u212ahaled", "khaled"])
        {
            var (status, _) = await scim.SendAsync("POST", "/Users", $$"""{"userName":"{{name}}@test.example"}""");
            Assert.Equal(name.StartsWith('\u212a') ? 201 : 409, status); // the Kelvin sign comes first, and is the letter
        }

        Assert.Equal(409, (await scim.SendAsync("POST", "/Users", """{"userName":"other","emails":[{"value":"Anna@test.example"}]}""")).Status);
        Assert.Equal(409, (await scim.SendAsync("PATCH", "/Users/" + company.Id("ben"), """{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"anna@test.example"}]}""")).Status);
        Assert.Equal(400, (await scim.SendAsync("POST", "/Users", """{"userName":"x@test.example\r\nBcc: all@test.example"}""")).Status);
        Assert.Equal(400, (await scim.SendAsync("POST", "/Users", """{"userName":"y@test.example","displayName":"\u001b[2J"}""")).Status);
    }

    [Fact]
    public async Task of_many_at_once_for_one_user_name_one_is_taken_and_no_member_is_lost()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => scim.SendAsync("POST", "/Users", """{"userName":"same@test.example"}""")));
        Assert.Equal([201, 409], answers.Select(a => a.Status).Distinct().Order());
        Assert.Single(answers, a => a.Status == 201);
        string[] groups = ["One", "Two", "Three", "Four", "Five", "Six"];
        foreach (var group in groups)
        {
            await scim.DoAsync("POST", "/Groups", $$"""{"displayName":"{{group}}"}""");
        }

        await Task.WhenAll(groups.Select(g => scim.DoAsync("PATCH", $"/Groups/{g.ToLowerInvariant()}", $$"""{"Operations":[{"op":"add","path":"members","value":[{"value":"{{company.Id("anna")}}"}]}]}""")));
        var of = (await scim.DoAsync("GET", "/Users/" + company.Id("anna")))["groups"]!.AsArray().Select(g => g!["value"]!.ToString());
        Assert.Equal(groups.Select(g => g.ToLowerInvariant()).Order(), of.Order());
    }

    [Fact]
    public async Task what_is_not_said_of_being_active_stays_and_nonsense_is_refused()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var id = await scim.CreateAsync("ina");
        await scim.DoAsync("PATCH", "/Users/" + id, """{"Operations":[{"op":"replace","path":"active","value":false}]}""");
        Assert.Equal("false", (await scim.DoAsync("PUT", "/Users/" + id, """{"userName":"ina@test.example"}"""))["active"]!.ToString());
        Assert.Equal("false", (await scim.DoAsync("PATCH", "/Users/" + id, """{"Operations":[{"op":"remove","path":"active"}]}"""))["active"]!.ToString());
        Assert.Equal(400, (await scim.SendAsync("PATCH", "/Users/" + id, """{"Operations":[{"op":"replace","path":"active","value":"maybe"}]}""")).Status);
        foreach (var (method, path) in new[] { ("GET", "/Users/nobody"), ("PUT", "/Users/nobody"), ("PATCH", "/Users/nobody"), ("DELETE", "/Users/nobody"), ("GET", "/Groups/none"), ("DELETE", "/Groups/none") })
        {
            Assert.Equal(404, (await scim.SendAsync(method, path, method is "PUT" or "PATCH" ? "{}" : null)).Status);
        }
    }

    [Fact]
    public async Task the_first_group_of_an_empty_directory_brings_the_top_of_the_tree()
    {
        await using var company = await TestCompany.StartAsync(found: false);
        var scim = await ScimClient.OfAsync(company);
        await scim.DoAsync("POST", "/Groups", """{"displayName":"Red"}""");
        await scim.DoAsync("POST", "/Users", """{"userName":"a@test.example","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Blue"}}""");
        var org = await ScimClient.SettledAsync(company, o => o.Team("red") is not null && o.Team("blue") is not null);
        Assert.Equal("company", Assert.Single(org.AllTeams, t => t.Parent.Length == 0).Id);
        Assert.Equal(400, (await scim.SendAsync("POST", "/Groups", """{"displayName":"***"}""")).Status);
    }
}
