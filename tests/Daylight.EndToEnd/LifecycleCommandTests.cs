using System.IO.Compression;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>The life of a program, typed as people type it: each verb once, as who may, and as who may not.</summary>
[Collection(Lanes.Demo)]
public sealed class LifecycleCommandTests(DemoFixture demo)
{
    [Fact]
    public async Task somebody_objects_takes_the_receipt_and_everything_and_is_answered()
    {
        Assert.Contains("object", await Programs.DaylightAsync(["consent", "status", .. As("analyst")]));
        await RefusedAsync("asks nobody for consent", ["consent", "give", "focus-time", .. As("analyst")]);
        await RefusedAsync("no such program", ["objection", "raise", "nothing", "--grounds", "mine", .. As("analyst")]);
        Assert.Contains("you objected to focus-time", await Programs.DaylightAsync(["objection", "raise", "focus-time", "--grounds", "my sources are confidential", .. As("analyst")]));
        var receipt = JsonDocument.Parse(await Programs.DaylightAsync(["consent", "receipt", "focus-time", .. As("analyst")])).RootElement;
        Assert.Equal("dpv:ConsentReceipt", receipt.GetProperty("@type").GetString());
        var waiting = JsonDocument.Parse(await Programs.DaylightAsync(["objection", "list", "--json", .. As("privacy-officer")])).RootElement.EnumerateArray().Single(o => o.GetProperty("grounds").GetString() == "my sources are confidential");
        Assert.Equal("waiting", waiting.GetProperty("state").GetString());
        await RefusedAsync("privacy officer", ["objection", "list", .. As("manager")]);
        Assert.Contains("answered: rejected", await Programs.DaylightAsync(["objection", "answer", waiting.GetProperty("entry").GetRawText(), "--outcome", "rejected", "--reason", "figures of the team only", .. As("privacy-officer")]));
        await RefusedAsync("waits for its answer", ["objection", "answer", waiting.GetProperty("entry").GetRawText(), "--outcome", "upheld", "--reason", "again", .. As("privacy-officer")]);

        var folder = Directory.CreateTempSubdirectory("daylight-export-");
        var file = Path.Combine(folder.FullName, "everything.zip");
        await Programs.DaylightAsync(["me", "export", "--out", file, .. As("analyst")]);
        using (var zip = await ZipFile.OpenReadAsync(file))
        {
            Assert.Contains("index.html", zip.Entries.Select(e => e.FullName));
            Assert.Contains("consents/focus-time.jsonld", zip.Entries.Select(e => e.FullName));
        }

        folder.Delete(recursive: true);
        await RefusedAsync("asks nobody for consent", ["agent", "choose", "focus-time", "yes", "--data", demo.Folder]);
        await RefusedAsync("no program 'nothing'", ["agent", "choose", "nothing", "no", "--data", demo.Folder]);
        Assert.Contains("focus-time", await Programs.DaylightAsync("agent", "choices", "--data", demo.Folder));
    }

    [Fact]
    public async Task a_draft_is_read_refused_with_its_reason_and_what_was_shown_stays()
    {
        var charter = Path.Combine(Programs.Root, "charters", "meeting-load.yaml");
        await Programs.DaylightAsync(["program", "propose", charter, .. As("program-owner")]);
        var draft = JsonDocument.Parse(await Programs.DaylightAsync(["program", "draft", "meeting-load", "--json", .. As("privacy-officer")])).RootElement;
        Assert.Equal("proposed", draft.GetProperty("state").GetString());
        Assert.Contains("recorded as entry", await Programs.DaylightAsync(["program", "approve", "meeting-load", "--role", "privacy-officer", .. As("privacy-officer")]));
        await RefusedAsync("it is approved as privacy-officer already", ["program", "approve", "meeting-load", "--role", "privacy-officer", .. As("privacy-officer")]);
        await RefusedAsync("it lacks an approval", ["program", "activate", "meeting-load", .. As("program-owner")]);
        await Programs.DaylightAsync(["program", "refuse", "meeting-load", "--role", "works-council", "--reason", "the agreement is not signed", .. As("works-council")]);
        var text = await Programs.DaylightAsync(["program", "draft", "meeting-load", .. As("program-owner")]);
        Assert.Contains("refused as works-council: the agreement is not signed", text);
        var shown = text.Split("having been shown ")[1][..64];
        var kept = await Programs.DaylightAsync(["program", "draft", "meeting-load", "--shown", shown, "--json", .. As("works-council")]);
        Assert.Equal(shown, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(kept))));
        await RefusedAsync("or it was never signed", ["program", "draft", "meeting-load", "--shown", new string('0', 64), .. As("works-council")]);
        await RefusedAsync("propose, approve and audit", ["program", "draft", "meeting-load", .. As("employee")]);
        Assert.Contains("cells shown", await Programs.DaylightAsync(["program", "facts", "focus-time", .. As("auditor")]));
        Assert.Contains("machines:", await Programs.DaylightAsync(["program", "status", "focus-time", .. As("employee")]));
    }

    [Fact]
    public async Task officers_see_what_is_kept_what_runs_whose_access_is_due_and_keep_the_register()
    {
        Assert.Contains("records", await Programs.DaylightAsync(["retention", "status", .. As("employee")]));
        Assert.Contains("keep: { records: 14d }, version 1", await Programs.DaylightAsync(["retention", "certificates", .. As("works-council")]));
        Assert.Contains("exposure", await Programs.DaylightAsync("jobs", "--data", demo.Folder));
        await Programs.DaylightAsync(["access-review", "list", .. As("employee")]);
        await Programs.DaylightAsync(["access-review", "items", .. As("privacy-officer")]);
        await Programs.DaylightAsync(["review", "list", .. As("employee")]);
        await RefusedAsync("the breach register is kept by", ["incident", "list", .. As("manager")]);
        var since = TimeProvider.System.GetUtcNow().AddDays(-2).ToString("yyyy-MM-dd'T'HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains("in the register", await Programs.DaylightAsync(["incident", "open", "--what", "a backup in the open (a test)", "--program", "focus-time", "--since", since, "--role", "security", .. As("security")]));
        var found = JsonDocument.Parse(await Programs.DaylightAsync(["incident", "list", "--json", .. As("security")])).RootElement.EnumerateArray().First(i => i.GetProperty("what").GetString() == "a backup in the open (a test)");
        var id = found.GetProperty("id").GetString()!;
        await RefusedAsync("before it ends", ["incident", "note", id, "--step", "closed", "--text", "done", "--role", "security", .. As("security")]);
        foreach (var (step, why) in new[] { ("no-risk", "it was a test"), ("closed", "nothing was reachable") })
        {
            await Programs.DaylightAsync(["incident", "note", id, "--step", step, "--text", why, "--role", "security", .. As("security")]);
        }

        Assert.Contains("manager/focus-minutes", await Programs.DaylightAsync(["incident", "show", id, .. As("privacy-officer")]));
    }

    private string[] As(string persona) => ["--as", persona, "--data", demo.Folder];

    private static async Task RefusedAsync(string message, string[] arguments)
    {
        var (code, output, error) = await Programs.RunAsync(Programs.Daylight, arguments);
        Assert.True(code == 1 && error.Contains(message, StringComparison.OrdinalIgnoreCase), $"daylight {string.Join(' ', arguments)} exited {code}: {error}{output}");
    }
}
