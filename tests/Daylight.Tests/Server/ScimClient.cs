using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Daylight.Core.Directory;
using Daylight.Protocol;
using Daylight.Server.Features.Directory;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>A provisioning client: sends what identity providers send, byte for byte.</summary>
internal sealed class ScimClient(HttpClient http, string token)
{
    public string Token => token;

    public static async Task<ScimClient> OfAsync(TestCompany company)
    {
        using var made = await company.Http.PostAsJsonAsync("/control/directory/scim-token", new { name = "idp", days = 30 });
        return new ScimClient(company.Http, (await made.Content.ReadFromJsonAsync<ScimToken>(new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web)))!.Token);
    }

    public async Task<(int Status, JsonObject Body)> SendAsync(string method, string path, string? body = null, string? authorization = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/scim/v2" + path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization ?? "Bearer " + token);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/scim+json");
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : []);
    }

    /// <summary>Sends, and answers with the body of a success.</summary>
    public async Task<JsonObject> DoAsync(string method, string path, string? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status is >= 200 and < 300, $"{method} {path}: {status} {answer}");
        return answer;
    }

    /// <summary>Takes somebody in, and answers with the id.</summary>
    public async Task<string> CreateAsync(string name) => (await DoAsync(
        "POST", "/Users", $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{name}}@test.example","displayName":"{{name}}","active":true}"""))["id"]!.ToString();

    /// <summary>Ids of those whom a filter finds.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(string path, string filter) =>
        [.. (await DoAsync("GET", $"{path}?filter={Uri.EscapeDataString(filter)}"))["Resources"]!.AsArray().Select(r => r!["id"]!.ToString())];

    /// <summary>Waits until the directory in force is as a change makes it.</summary>
    public static async Task<OrgSnapshot> SettledAsync(TestCompany company, Func<OrgSnapshot, bool> holds)
    {
        await company.EventuallyAsync(() => holds(company.Part<DirectoryStore>().Current));
        return company.Part<DirectoryStore>().Current;
    }
}
