using System.Text.Json.Nodes;
using Daylight.Tests.Company;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Server;

/// <summary>Whatever a client sends, it is answered: never with an error of the server's own.</summary>
public sealed class ScimFuzzTests
{
    private static readonly string[] Names =
    [
        "userName", "active", "emails", "name", "displayName", "members", "manager", "value", "type", "op", "path", "Operations", "schemas", "id", "meta", "groups", "addresses", "timezone", "externalId", "password", "",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "urn:", "name.givenName", "emails[type eq \"work\"].value", "a[", "]", "a.b.c", "\u0000", "members[value eq \"p\"]",
    ];

    private static readonly string[] Texts = ["add", "Replace", "REMOVE", "False", "crew", "company", "a@test.example", "Europe/Berlin", "\u0000", "\ud83d\ude00", "\uffff", "p00000000000000000000", "p00000000000000000001", "*", "'); DROP TABLE people; --", " "];

    private static readonly string[] Attributes = ["userName", "emails", "emails.value", "emails[type eq \"work\"].value", "name.formatted", "active", "groups.value", "manager", "manager.value", "meta", "schemas", "displayName", "members", "members.value", "nothing", "addresses.country"];

    private static readonly string[] Comparisons = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "LE"];

    private static readonly string[] Filters = ["userName", "eq", "and", "or", "not", "(", ")", "[", "]", "\"a\"", "\"", "\\", "pr", "emails[type eq \"work\"].value", "1", "true", "null", ".", "urn:", ":", "-1e999"];

    [Fact]
    public async Task whatever_is_sent_is_answered_and_never_with_an_error_of_the_server()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var scim = await ScimClient.OfAsync(company);
        for (var seed = 0UL; seed < 400; seed++)
        {
            var (method, path, body) = Request(new Dice(seed));
            var (status, _) = await scim.SendAsync(method, path, body);
            Assert.True(status is >= 200 and < 500, $"seed {seed}: {status}: {method} {path} {body}");
        }

        await scim.CreateAsync("at-the-end");
    }

    private static (string Method, string Path, string? Body) Request(Dice dice)
    {
        string[] places = ["/Users", "/Groups", "/Users/p00000000000000000001", "/Users/p00000000000000000002", "/Groups/crew", "/Groups/office", "/Groups/" + Uri.EscapeDataString(dice.One(Texts)), "/Schemas", "/Nothing"];
        var place = dice.One(places);
        return dice.Below(4) switch
        {
            0 => ("GET", $"{place}?filter={Uri.EscapeDataString(Filter(dice))}&startIndex={dice.Below(5) - 2}&count={dice.Below(5) - 2}", null),
            1 => (dice.One(["POST", "PUT"]), place, Any(dice, 4).ToJsonString()),
            2 => ("PATCH", place, new JsonObject { ["Operations"] = new JsonArray([.. Enumerable.Range(0, dice.Below(4)).Select(_ => Operation(dice))]) }.ToJsonString()),
            _ => (dice.One(["POST", "PUT", "PATCH"]), place, Bent(dice, Any(dice, 3).ToJsonString())),
        };
    }

    private static string Filter(Dice dice) => dice.Below(2) == 0
        ? string.Join(dice.Below(5) == 0 ? "" : " ", Enumerable.Range(0, dice.Below(8)).Select(_ => dice.One(Filters)))
        : string.Join(dice.One([" and ", " or "]), Enumerable.Range(0, 1 + dice.Below(3)).Select(_ => $"{dice.One(["", "not "])}{dice.One(Attributes)} {dice.One(Comparisons)} {dice.One(["\"a\"", "\"crew\"", "true", "7", "null"])}"));

    private static JsonObject Operation(Dice dice)
    {
        var operation = new JsonObject { ["op"] = dice.Below(9) == 0 ? Any(dice, 1) : dice.One(["add", "Replace", "remove"]), ["value"] = dice.Below(5) == 0 ? null : Any(dice, 3) };
        if (dice.Below(4) > 0)
        {
            operation["path"] = dice.Below(9) == 0 ? Any(dice, 1) : dice.One(Names);
        }

        return operation;
    }

    private static JsonNode Any(Dice dice, int depth)
    {
        if (depth == 4 || (depth > 0 && dice.Below(3) == 0))
        {
            var parts = new JsonObject();
            for (var n = dice.Below(6); n > 0; n--)
            {
                parts[dice.One(Names)] = Any(dice, depth - 1);
            }

            if (depth == 4 && dice.Below(2) == 0)
            {
                parts[dice.One(["userName", "displayName"])] = dice.One(Texts);
            }

            return parts;
        }

        return dice.Below(depth > 0 ? 5 : 4) switch
        {
            0 => JsonValue.Create(dice.Below(2) == 0),
            1 => JsonValue.Create(dice.Below(1000) - 500),
            2 or 3 => JsonValue.Create(dice.One(Texts)),
            _ => new JsonArray([.. Enumerable.Range(0, dice.Below(4)).Select(_ => Any(dice, depth - 1))]),
        };
    }

    /// <summary>A text with one character more, less or other.</summary>
    private static string Bent(Dice dice, string text) => dice.Below(3) switch
    {
        0 => text.Remove(dice.Below(text.Length), 1),
        1 => text.Insert(dice.Below(text.Length), dice.One(["\"", "{", "\\", "\\ud800", ",", "\0"])),
        _ => text[..dice.Below(text.Length)],
    };
}
