using System.Globalization;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>Exposure, directory and cases, typed as a person types them.</summary>
[Collection(Lanes.Demo)]
public sealed class AccessCommandTests(DemoFixture demo) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("daylight-access-").FullName;

    [Fact]
    public async Task a_company_on_paper_answers_who_of_summary_and_diff()
    {
        WritePaper();
        var who = await Programs.DaylightAsync("exposure", "who", "p2@x.example", "--in", folder);
        Assert.Contains("Boss", who);
        Assert.Contains("role:investigator/records", who);
        var of = JsonDocument.Parse(await Programs.DaylightAsync("exposure", "of", "boss@x.example", "--in", folder, "--json")).RootElement;
        Assert.Equal(["manager/focus-minutes", "self/records"], of.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("rule").GetString()).Order());
        Assert.Contains("focus-time", await Programs.DaylightAsync("exposure", "summary", "--in", folder));
        var summary = JsonDocument.Parse(await Programs.DaylightAsync("exposure", "summary", "--in", folder, "--json")).RootElement;
        Assert.Equal(7, summary.GetProperty("people").GetInt32());

        var more = Path.Combine(folder, "after.csv");
        await File.WriteAllTextAsync(more, People + "p7@x.example,P7,crew,boss@x.example,investigator\n");
        var diff = await Programs.DaylightAsync("exposure", "diff", "--before", folder, "--after", more, "--in", folder);
        Assert.Contains("sights appear", diff);
        Assert.Contains("focus-time, records", diff);

        await RefusedAsync(2, "There is nobody 'nobody@x.example'", "exposure", "who", "nobody@x.example", "--in", folder);
        await RefusedAsync(2, "There is no file or folder", "exposure", "summary", "--in", Path.Combine(folder, "nowhere"));
        await RefusedAsync(2, "Say which server", "exposure", "summary");
        await File.WriteAllTextAsync(Path.Combine(folder, "people.csv"), "email,name\nx\n");
        await RefusedAsync(1, "people.csv", "exposure", "summary", "--in", folder);
    }

    [Fact]
    public async Task a_directory_is_tried_changed_and_put_back_by_hand()
    {
        var before = JsonDocument.Parse(await Programs.DaylightAsync("directory", "status", "--data", demo.Folder, "--json")).RootElement.GetProperty("people").GetInt32();
        var file = Path.Combine(folder, "people.csv");
        await File.WriteAllTextAsync(file, "email,name,team,manager\nsolo@acme.example,Solo,Red,-\n");
        Assert.Contains("nothing was changed: this was a dry run", await Programs.DaylightAsync("directory", "import", file, "--dry-run", "--data", demo.Folder));
        var team = JsonDocument.Parse(await demo.As("employee").GetStringAsync("/api/v1/me")).RootElement.GetProperty("team").GetString()!;
        Assert.Contains("in force", await Programs.DaylightAsync("directory", "set", "solo@acme.example", "--name", "Solo", "--team", team, "--data", demo.Folder));
        Assert.Contains($"{before + 1} people", await Programs.DaylightAsync("directory", "status", "--data", demo.Folder));
        Assert.Contains("1 leave", await Programs.DaylightAsync("directory", "remove", "solo@acme.example", "--data", demo.Folder));
        Assert.Contains($"{before} people", await Programs.DaylightAsync("directory", "status", "--data", demo.Folder));
        await RefusedAsync(1, "Nobody with that email works here", "directory", "remove", "solo@acme.example", "--data", demo.Folder);
        await RefusedAsync(2, "There is no file", "directory", "import", Path.Combine(folder, "nowhere.csv"), "--data", demo.Folder);
    }

    [Fact]
    public async Task a_case_is_opened_approved_looked_at_listed_and_closed_by_personas()
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        string Day(int days) => today.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var person = demo.Persona("employee").GetProperty("person").GetString()!;
        string[] As(string persona) => ["--as", persona, "--data", demo.Folder];
        var digest = (await Programs.DaylightAsync(["case", "open", person, "--program", "focus-time", "--from", Day(-5), "--to", Day(0), "--until", Day(5), "--tell", "30", "--reason", "report 17", .. As("investigator")])).Trim();
        Assert.Matches("^[0-9a-f]{64}$", digest);
        await RefusedAsync(1, "approval", ["case", "look", digest[..12], .. As("investigator")]);
        Assert.Contains("approved, entry", await Programs.DaylightAsync(["case", "approve", digest[..12], "--role", "privacy-officer", .. As("privacy-officer")]));
        Assert.Contains("approved, entry", await Programs.DaylightAsync(["case", "approve", digest[..12], "--role", "works-council", .. As("works-council")]));
        var records = JsonDocument.Parse(await Programs.DaylightAsync(["case", "look", digest[..12], "--json", .. As("investigator")])).RootElement;
        Assert.Equal(JsonValueKind.Array, records.ValueKind);
        Assert.Contains("report 17", await Programs.DaylightAsync(["case", "list", .. As("works-council")]));
        Assert.DoesNotContain("report 17", await Programs.DaylightAsync(["case", "list", .. As("manager")]));
        await RefusedAsync(1, "There is no case", ["case", "approve", digest[..12], "--role", "security", .. As("manager")]);
        Assert.Contains("looked at 1 times", await Programs.DaylightAsync(["case", "close", digest[..12], "--reason", "found nothing", .. As("investigator")]));
        Assert.Contains("closed", await Programs.DaylightAsync(["case", "list", .. As("investigator")]));
        await RefusedAsync(1, "over", ["case", "look", digest[..12], .. As("investigator")]);
        await RefusedAsync(2, "This needs a person's signature", "case", "approve", digest, "--role", "privacy-officer", "--data", demo.Folder);
        await RefusedAsync(2, "There is no persona", ["case", "list", .. As("stranger")]);
    }

    [Fact]
    public async Task every_verb_shows_an_example()
    {
        foreach (var verb in (string[])["exposure who", "exposure of", "exposure summary", "exposure diff", "case open", "case approve", "case look", "case close", "case list", "directory import", "directory set", "directory remove", "directory status"])
        {
            Assert.Contains("daylight " + verb, await Programs.DaylightAsync([.. verb.Split(' '), "--help"]));
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static readonly string People = "email,name,team,manager,roles\nboss@x.example,Boss,crew,,\n"
        + string.Concat(Enumerable.Range(1, 6).Select(i => $"p{i}@x.example,P{i},crew,boss@x.example,{(i == 1 ? "investigator" : "")}\n"));

    private void WritePaper()
    {
        File.WriteAllText(Path.Combine(folder, "people.csv"), People);
        File.Copy(Path.Combine(Programs.Root, "charters", "focus-time.yaml"), Path.Combine(folder, "focus-time.yaml"));
    }

    private static async Task RefusedAsync(int exit, string message, params string[] arguments)
    {
        var (code, output, error) = await Programs.RunAsync(Programs.Daylight, arguments);
        Assert.True(code == exit && error.Contains(message, StringComparison.OrdinalIgnoreCase), $"daylight {string.Join(' ', arguments)} exited {code}: {error}{output}");
    }
}
