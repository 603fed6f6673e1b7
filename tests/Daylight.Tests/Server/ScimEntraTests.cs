using System.Text.Json.Nodes;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>What Microsoft Entra's provisioning service sends.</summary>
public sealed class ScimEntraTests
{
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    [Fact]
    public async Task the_connection_test_for_somebody_unknown_finds_an_empty_list()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var (status, list) = await scim.SendAsync("GET", "/Users?filter=userName+eq+%22f7d1c6f5-9f0c-4d4b-8b0e-1a2b3c4d5e6f%22");
        Assert.Equal((200, 0, 0), (status, list["totalResults"]!.GetValue<int>(), list["Resources"]!.AsArray().Count));
        Assert.Equal("urn:ietf:params:scim:api:messages:2.0:ListResponse", list["schemas"]![0]!.ToString());
    }

    [Fact]
    public async Task a_user_is_created_changed_in_place_and_deactivated()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var id = (await scim.DoAsync("POST", "/Users", """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
             "userName":"Test_User_ab6490ee@test.example","active":true,"displayName":"Fritz Muster","emails":[{"primary":true,"type":"work","value":"fritz.muster@test.example"}],
             "meta":{"resourceType":"User"},"name":{"formatted":"Fritz Muster","familyName":"Muster","givenName":"Fritz"},"roles":[],"title":"Engineer","addresses":[{"type":"work","locality":"Bonn","country":"DE"}],
             "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","department":"Tool Making"}}
            """))["id"]!.ToString();
        var org = await ScimClient.SettledAsync(company, o => o.Person(id) is not null);
        var fritz = org.Person(id)!;
        Assert.Equal(("fritz.muster@test.example", "Fritz Muster", "tool-making", "Bonn", "DE"), (fritz.Email, fritz.Name, fritz.Team, fritz.Site, fritz.Country));
        Assert.Equal("company", org.Team("tool-making")!.Parent);
        Assert.Equal([id], await scim.FindAsync("/Users", """externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef" """));
        Assert.Equal([id], await scim.FindAsync("/Users", """emails[type eq "work"].value eq "FRITZ.muster@test.example" """));
        Assert.Equal([id], await scim.FindAsync("/Users", """userName eq "test_user_AB6490EE@test.example" """));

        await scim.DoAsync("PATCH", "/Users/" + id, """
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
             {"op":"Replace","path":"emails[type eq \"work\"].value","value":"Fritz.Neu@test.example"},
             {"op":"Replace","path":"name.familyName","value":"Neu"},
             {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Sales"},
             {"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Kiel"}]}
            """);
        org = await ScimClient.SettledAsync(company, o => o.Person(id)!.Team == "sales");
        fritz = org.Person(id)!;
        Assert.Equal(("fritz.neu@test.example", "Fritz Neu", "Kiel", "DE"), (fritz.Email, fritz.Name, fritz.Site, fritz.Country));

        await scim.DoAsync("PATCH", "/Users/" + id, """{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}""");
        org = await ScimClient.SettledAsync(company, o => o.Person(id)!.Left is not null);
        Assert.Equal(DateOnly.FromDateTime(company.Clock.Now.UtcDateTime), org.Person(id)!.Left);
        Assert.Equal("false", (await scim.DoAsync("GET", "/Users/" + id))["active"]!.ToString());
    }

    [Fact]
    public async Task names_with_dots_and_urns_in_a_value_without_path_are_paths()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var id = await scim.CreateAsync("gerd");
        await scim.DoAsync("PATCH", "/Users/" + id, """
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{
             "displayName":"Gerd G","name.givenName":"Gerd","timezone":"Europe/Berlin",
             "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Office",
             "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"12"},"addresses[type eq \"work\"].country":"AT"}}]}
            """);
        var gerd = (await ScimClient.SettledAsync(company, o => o.Person(id)?.Team == "office")).Person(id)!;
        Assert.Equal(("Gerd G", "Europe/Berlin", "AT"), (gerd.Name, gerd.Zone, gerd.Country));
    }

    [Theory]
    [InlineData("""[{"$ref":"http://localhost/scim/v2/Users/{id}","value":"{id}"}]""")]
    [InlineData("\"{id}\"")]
    [InlineData("""{"value":"{id}"}""")]
    public async Task a_manager_is_asked_for_and_then_set(string value)
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var (anna, ben) = (company.Id("anna"), company.Id("ben"));
        Assert.Empty(await scim.FindAsync("/Users", $"id eq \"{anna}\" and manager eq \"{ben}\""));
        await scim.DoAsync("PATCH", "/Users/" + anna, $$"""{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"{{Enterprise}}:manager","value":{{value.Replace("{id}", ben, StringComparison.Ordinal)}}}]}""");
        var org = await ScimClient.SettledAsync(company, o => o.Person(anna)!.Managers is [{ Manager: var m }] && m == ben);
        Assert.Equal(org.Day, org.Person(anna)!.Managers[0].From);
        Assert.Equal([anna], await scim.FindAsync("/Users", $"id eq \"{anna}\" and manager eq \"{ben}\""));
        await scim.DoAsync("PATCH", "/Users/" + anna, $$"""{"Operations":[{"op":"Remove","path":"{{Enterprise}}:manager"}]}""");
        await ScimClient.SettledAsync(company, o => o.Person(anna)!.Managers.IsEmpty);
    }

    [Fact]
    public async Task a_group_is_created_without_members_filled_asked_for_without_them_and_emptied()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var (anna, ben) = (company.Id("anna"), company.Id("ben"));
        var group = (await scim.DoAsync("POST", "/Groups", """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"8aa1a0c0","displayName":"Red Team","meta":{"resourceType":"Group"}}"""))["id"]!.ToString();
        await scim.DoAsync("PATCH", "/Groups/" + group, $$"""{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"members","value":[{"$ref":null,"value":"{{anna}}"},{"$ref":null,"value":"{{ben}}"}]}]}""");
        var org = await ScimClient.SettledAsync(company, o => o.Person(anna)!.Team == group && o.Person(ben)!.Team == group);
        Assert.Equal((org.Day, "crew"), (org.Person(anna)!.TeamSince, Assert.Single(org.Person(anna)!.Before).Team));

        var found = await scim.DoAsync("GET", "/Groups?excludedAttributes=members&filter=displayName+eq+%22red+team%22");
        Assert.Equal(group, Assert.Single(found["Resources"]!.AsArray())!["id"]!.ToString());
        Assert.Null(found["Resources"]![0]!["members"]);
        Assert.Equal([anna, ben], (await scim.DoAsync("GET", "/Groups/" + group))["members"]!.AsArray().Select(m => m!["value"]!.ToString()).Order());

        await scim.DoAsync("PATCH", "/Groups/" + group, $$"""{"Operations":[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"{{anna}}"}]},{"op":"Replace","path":"displayName","value":"Crimson"}]}""");
        org = await ScimClient.SettledAsync(company, o => o.Person(anna)!.Team.Length == 0 && o.Team(group)!.Name == "Crimson");
        Assert.Equal(group, org.Person(ben)!.Team);
        await scim.DoAsync("DELETE", "/Groups/" + group);
        await ScimClient.SettledAsync(company, o => o.Team(group) is null);
    }

    [Fact]
    public async Task a_group_in_a_group_is_a_team_below_and_none_goes_in_a_circle()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        await scim.DoAsync("POST", "/Groups", """{"displayName":"Division"}""");
        await scim.DoAsync("PATCH", "/Groups/division", """{"Operations":[{"op":"Add","path":"members","value":[{"value":"crew"}]}]}""");
        await ScimClient.SettledAsync(company, o => o.IsTeamWithin("crew", "division"));
        foreach (var (into, what) in new[] { ("crew", "division"), ("crew", "crew"), ("crew", "company") })
        {
            var (status, why) = await scim.SendAsync("PATCH", "/Groups/" + into, $$"""{"Operations":[{"op":"Add","path":"members","value":[{"value":"{{what}}"}]}]}""");
            Assert.Equal((400, "invalidValue"), (status, why["scimType"]!.ToString()));
            Assert.Contains("circle", why["detail"]!.ToString(), StringComparison.Ordinal);
        }

        await scim.DoAsync("PATCH", "/Groups/division", """{"Operations":[{"op":"Remove","path":"members[value eq \"crew\"]"}]}""");
        await ScimClient.SettledAsync(company, o => o.Team("crew")!.Parent == "company");
    }

    [Fact]
    public async Task a_patch_of_which_one_operation_is_wrong_changes_nothing()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var (status, _) = await scim.SendAsync("PATCH", "/Groups/office", $$"""{"Operations":[{"op":"Add","path":"members","value":[{"value":"{{company.Id("anna")}}"}]},{"op":"Add","path":"members","value":[{"value":"nobody"}]}]}""");
        Assert.Equal(400, status);
        Assert.Empty((await scim.DoAsync("GET", "/Groups/office"))["members"]!.AsArray());
    }
}
