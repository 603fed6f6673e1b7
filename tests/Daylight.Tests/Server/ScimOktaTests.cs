using Daylight.Server.Features.Directory;
using Daylight.Tests.Company;
using Microsoft.Extensions.Logging;

namespace Daylight.Tests.Server;

/// <summary>What Okta sends.</summary>
public sealed class ScimOktaTests
{
    private const string Password = "tWc0xZ8!neverKept";

    private const string User = $$"""
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"olga@test.example","name":{"givenName":"Olga","familyName":"Okta"},
         "emails":[{"primary":true,"value":"olga@test.example","type":"work"}],"displayName":"Olga Okta","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","groups":[],"password":"{{Password}}","active":true}
        """;

    [Fact]
    public async Task a_password_is_in_no_table_no_answer_and_no_log_line()
    {
        await using var company = await TestCompany.StartCopyAsync();
        using var lines = new Lines();
        company.Part<ILoggerFactory>().AddProvider(lines);
        var scim = await ScimClient.OfAsync(company);
        Assert.Empty(await scim.FindAsync("/Users", """userName eq "olga@test.example" """));
        var made = await scim.DoAsync("POST", "/Users", User);
        var id = made["id"]!.ToString();
        await scim.DoAsync("PUT", "/Users/" + id, User);
        await scim.DoAsync("PATCH", "/Users/" + id, $$$"""{"Operations":[{"op":"replace","value":{"password":"{{{Password}}}"}}]}""");
        await scim.SendAsync("PATCH", "/Users/" + id, $$"""{"Operations":[{"op":"replace","path":"password[","value":"{{Password}}"}]}""");
        await ScimClient.SettledAsync(company, o => o.Person(id) is not null);
        var stored = company.Part<DirectoryRows>().Find(id)!; // what the sealed row holds
        Assert.DoesNotContain(Password, stored.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Password, made.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(lines.All, l => l.Contains(Password, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(company.Folder, "*.db*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(Password, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task a_user_comes_by_post_changes_by_put_and_goes_by_a_patch_without_path_and_comes_back()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var id = (await scim.DoAsync("POST", "/Users", User))["id"]!.ToString();
        Assert.Equal((409, "uniqueness"), await ErrorAsync(scim, "POST", "/Users", User));
        Assert.Equal((409, "uniqueness"), await ErrorAsync(scim, "POST", "/Users", User.Replace("olga@", "OLGA@", StringComparison.Ordinal)));
        await scim.DoAsync("PUT", "/Users/" + id, User.Replace("olga@", "olga.new@", StringComparison.Ordinal).Replace("Olga Okta", "Olga New", StringComparison.Ordinal));
        var olga = (await ScimClient.SettledAsync(company, o => o.Person(id)?.Name == "Olga New")).Person(id)!;
        Assert.Equal("olga.new@test.example", olga.Email);
        Assert.Equal([id], await scim.FindAsync("/Users", """userName eq "olga.new@test.example" """));

        await scim.DoAsync("PATCH", "/Users/" + id, """{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}""");
        await ScimClient.SettledAsync(company, o => o.Person(id)!.Left is not null);
        Assert.Equal([id], await scim.FindAsync("/Users", """userName eq "olga.new@test.example" """));
        Assert.Equal((409, "uniqueness"), await ErrorAsync(scim, "POST", "/Users", User.Replace("olga@", "olga.new@", StringComparison.Ordinal)));
        company.Clock.Now = company.Clock.Now.AddDays(3);
        await scim.DoAsync("PATCH", "/Users/" + id, """{"Operations":[{"op":"replace","value":{"active":true}}]}""");
        var back = (await ScimClient.SettledAsync(company, o => o.Person(id)!.Left is null)).Person(id)!;
        Assert.Equal(DateOnly.FromDateTime(company.Clock.Now.UtcDateTime), back.TeamSince);
    }

    [Fact]
    public async Task who_was_deleted_is_found_no_more_and_the_user_name_makes_somebody_new()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var first = (await scim.DoAsync("POST", "/Users", User))["id"]!.ToString();
        await scim.DoAsync("PATCH", "/Groups/crew", $$"""{"Operations":[{"op":"add","path":"members","value":[{"value":"{{first}}"}]}]}""");
        var total = (await scim.DoAsync("GET", "/Users"))["totalResults"]!.GetValue<int>();
        await scim.DoAsync("DELETE", "/Users/" + first);
        Assert.Equal(404, (await scim.SendAsync("GET", "/Users/" + first)).Status);
        Assert.Equal(total - 1, (await scim.DoAsync("GET", "/Users"))["totalResults"]!.GetValue<int>());
        Assert.DoesNotContain(first, (await scim.DoAsync("GET", "/Groups/crew"))["members"]!.ToString(), StringComparison.Ordinal);
        var second = (await scim.DoAsync("POST", "/Users", User))["id"]!.ToString();
        Assert.NotEqual(first, second);
        var org = await ScimClient.SettledAsync(company, o => o.Person(second) is not null);
        Assert.Equal(second, org.ByEmail("olga@test.example")!.Id);
    }

    [Fact]
    public async Task groups_lose_members_by_filter_and_take_a_new_name_by_id_and_displayName()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        var (anna, ben) = (company.Id("anna"), company.Id("ben"));
        await scim.DoAsync("POST", "/Groups", $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Blue","members":[{"value":"{{anna}}","display":"anna@test.example"},{"value":"{{ben}}","display":"ben"}]}""");
        Assert.Equal((409, "uniqueness"), await ErrorAsync(scim, "POST", "/Groups", """{"displayName":"BLUE"}"""));
        await scim.DoAsync("PATCH", "/Groups/blue", $$"""{"Operations":[{"op":"remove","path":"members[value eq \"{{anna}}\"]"}]}""");
        await scim.DoAsync("PATCH", "/Groups/blue", """{"Operations":[{"op":"replace","value":{"id":"blue","displayName":"Deep Blue"}}]}""");
        var org = await ScimClient.SettledAsync(company, o => o.Team("blue")?.Name == "Deep Blue");
        Assert.Equal((string.Empty, "blue"), (org.Person(anna)!.Team, org.Person(ben)!.Team));
        await scim.DoAsync("PATCH", "/Groups/blue", """{"Operations":[{"op":"remove","path":"members[display eq \"nobody\"]"}]}"""); // a filter that finds nobody removes nobody
        Assert.Single((await scim.DoAsync("GET", "/Groups/blue"))["members"]!.AsArray());
        await scim.DoAsync("PATCH", "/Groups/blue", $$"""{"Operations":[{"op":"replace","path":"members","value":[{"value":"{{anna}}","display":"anna"}]}]}""");
        await ScimClient.SettledAsync(company, o => o.Person(anna)!.Team == "blue" && o.Person(ben)!.Team.Length == 0);
    }

    private static async Task<(int, string?)> ErrorAsync(ScimClient scim, string method, string path, string body)
    {
        var (status, answer) = await scim.SendAsync(method, path, body);
        return (status, answer["scimType"]?.ToString());
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
