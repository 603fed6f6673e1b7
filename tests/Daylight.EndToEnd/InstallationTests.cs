using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>Outside the demo: keys, setup, serve, enroll, a charter with three signatures, a look at oneself; as docs/getting-started.md says.</summary>
[Collection(Lanes.Companies)]
public sealed class InstallationTests
{
    [Fact]
    public async Task a_company_sets_up_enrolls_a_machine_and_a_person_reads_their_own_records()
    {
        var folder = Directory.CreateTempSubdirectory("daylight-setup-").FullName;
        var (data, keys) = (Path.Combine(folder, "acme"), Path.Combine(folder, "keys"));
        string In(string name) => Path.Combine(folder, name);
        // Noon where they are: what was a minute ago was today.
        var zone = string.Create(CultureInfo.InvariantCulture, $"Etc/GMT{TimeProvider.System.GetUtcNow().Hour - 12:+0;-0;+0}");
        await File.WriteAllTextAsync(In("people.csv"), $"""
            email,name,team,department,manager,site,zone
            olga@acme.example,Olga Owner,Office,,-,Berlin,{zone}
            petra@acme.example,Petra Privacy,Office,,-,Berlin,{zone}
            wim@acme.example,Wim Works,Office,,-,Berlin,{zone}
            anna@acme.example,Anna Able,Crew,,wim@acme.example,Berlin,{zone}
            ben@acme.example,Ben Browser,Crew,,wim@acme.example,Berlin,{zone}
            """);
        await Programs.DaylightAsync("keys", "new", keys);
        foreach (var name in (string[])["olga", "petra", "wim"])
        {
            await Programs.DaylightAsync("credential", "new", In(name + ".pem"));
        }

        var words = Programs.WordsIn(await Programs.DaylightAsync(
            "setup", "--data", data, "--keys", keys, "--company", "Acme", "--people", In("people.csv"), "--key", In("petra.pem"),
            "--approver", "program-owner=olga@acme.example:" + In("olga.pem.pub"), "--approver", "privacy-officer=petra@acme.example:" + In("petra.pem.pub"), "--approver", "works-council=wim@acme.example:" + In("wim.pem.pub")));
        var codes = (await File.ReadAllLinesAsync(Path.Combine(keys, "enrollment-codes.csv"))).First(l => l.StartsWith("anna", StringComparison.Ordinal)).Split(',');

        var url = $"http://localhost:{Programs.FreePort()}";
        var issuer = Programs.FreePort();
        await File.WriteAllTextAsync(Path.Combine(data, "appsettings.json"), $$"""{ "SignIn": { "Oidc": { "Issuer": "http://localhost:{{issuer}}", "ClientId": "daylight", "ClientSecret": "{{ProviderJourney.Secret}}", "Name": "Acme Login" } } }""");
        await using var server = await Serving.StartAsync(1, "serve", "--data", data, "--keys", keys, "--listen", url);
        var charter = In("charter.yaml");
        var today = TimeProvider.System.GetUtcNow();
        await File.WriteAllTextAsync(charter, (await File.ReadAllTextAsync(Path.Combine(Programs.Root, "charters", "focus-time.yaml")))
            .Replace("from: 2026-12-01", $"from: {today.AddDays(-3):yyyy-MM-dd}", StringComparison.Ordinal)
            .Replace("until: 2027-05-31", $"until: {today.AddDays(90):yyyy-MM-dd}", StringComparison.Ordinal)
            .Replace("Mon-Fri 08:00-18:00", "{ when: always, because: this test runs at any hour }", StringComparison.Ordinal));
        await Programs.DaylightAsync("charter", "check", charter);
        await Programs.DaylightAsync("program", "propose", charter, "--server", url, "--key", In("olga.pem"));
        Assert.Equal(1, (await Programs.RunAsync(Programs.Daylight, "program", "activate", "focus-time", "--server", url, "--key", In("olga.pem"))).Exit);
        await File.WriteAllTextAsync(In("another.yaml"), await File.ReadAllTextAsync(charter) + "# another\n");
        var (other, _, refusal) = await Programs.RunAsync(Programs.Daylight, "program", "approve", "focus-time", "--role", "privacy-officer", "--charter", In("another.yaml"), "--server", url, "--key", In("petra.pem"));
        Assert.Equal(1, other);
        Assert.Contains("Nothing was signed", refusal);
        await Programs.DaylightAsync("program", "approve", "focus-time", "--role", "privacy-officer", "--charter", charter, "--server", url, "--key", In("petra.pem"));
        Assert.Equal(1, (await Programs.RunAsync(Programs.Daylight, "program", "approve", "focus-time", "--role", "works-council", "--server", url, "--key", In("petra.pem"))).Exit);
        await Programs.DaylightAsync("program", "approve", "focus-time", "--role", "works-council", "--server", url, "--key", In("wim.pem"));
        await Programs.DaylightAsync("program", "activate", "focus-time", "--server", url, "--key", In("olga.pem"));

        var agentData = In("agent");
        await Programs.DaylightAsync("agent", "enroll", url, codes[2], "--words", words, "--data", agentData);
        await Programs.DaylightAsync("credential", "new", In("anna.pem"), "--server", url, "--code", codes[3]);
        var (again, _, why) = await Programs.RunAsync(Programs.Daylight, "agent", "enroll", url, codes[2], "--words", words, "--data", In("second"));
        Assert.Equal(1, again);
        Assert.Contains("used before", why);

        var port = Programs.FreePort();
        await using var agent = await Serving.StartAsync(1, "agent", "run", "--data", agentData, "--agent-port", $"{port}");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await http.PostAsync("/api/0/buckets/aw-watcher-window_x", new StringContent("""{"client":"t","type":"currentwindow","hostname":"x"}""", Encoding.UTF8, "application/json"));
        await http.PostAsync(
            "/api/0/buckets/aw-watcher-window_x/events",
            new StringContent($$$"""{"timestamp":"{{{today.AddMinutes(-1):O}}}","duration":60,"data":{"app":"Code","title":"SECRET-TITLE"}}""", Encoding.UTF8, "application/json"));
        await Programs.DaylightAsync("agent", "flush", "--data", agentData);
        var records = JsonDocument.Parse(await Programs.DaylightAsync("me", "records", "--json", "--server", url, "--key", In("anna.pem"))).RootElement;
        Assert.Equal(60, records.EnumerateArray().Sum(r => r.GetProperty("duration").GetInt32()));
        Assert.Contains("self/records", await Programs.DaylightAsync("me", "disclosures", "--server", url, "--key", In("anna.pem")));
        Assert.StartsWith("dlt_", await Programs.DaylightAsync("token", "new", "--server", url, "--key", In("anna.pem")), StringComparison.Ordinal);
        await PasskeyJourney.GoAsync(url, "ben@acme.example", (await File.ReadAllLinesAsync(Path.Combine(keys, "enrollment-codes.csv"))).First(l => l.StartsWith("ben", StringComparison.Ordinal)).Split(',')[3]);
        using (var provider = await ProviderJourney.StartAsync(issuer, url))
        {
            try
            {
                await ProviderJourney.GoAsync(url, $"http://localhost:{issuer}", async code => Assert.Contains(code, await Programs.DaylightAsync("agent", "sign", "--data", agentData) + await Programs.DaylightAsync("agent", "sign", code, "--data", agentData), StringComparison.Ordinal));
            }
            finally
            {
                provider.Kill();
            }
        }

        Assert.Equal("let go", (await Programs.DaylightAsync("directory", "release", "anna@acme.example", "--server", url, "--key", In("petra.pem"))).Trim());
        Assert.Equal(1, (await Programs.RunAsync(Programs.Daylight, "directory", "release", "anna@acme.example", "--server", url, "--key", In("petra.pem"))).Exit);

        await PasskeyJourney.InviteAsync(url, "petra@acme.example", In("petra.pem"));
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", data));
        var vkey = (await Programs.DaylightAsync("log", "vkey", "--data", data)).Trim();
        Assert.Equal(vkey, (await Programs.DaylightAsync("log", "vkey", "--server", url)).Trim());
        await Programs.DaylightAsync("log", "proof", "0", "--data", data, "-o", In("0.tlog-proof"));
        Assert.StartsWith("first", JsonDocument.Parse(await Programs.DaylightAsync("log", "watch", url, "--vkey", vkey, "--state", In("watch.json"), "--json")).RootElement.GetProperty("outcome").GetString());
        Assert.Equal(0, await server.InterruptAsync());
        Assert.Contains("The proof holds", await Programs.DaylightAsync("log", "proof", In("0.tlog-proof"), "--entry", In("0.tlog-proof.entry"), "--vkey", vkey));
        var (gone, _, unreachable) = await Programs.RunAsync(Programs.Daylight, "log", "watch", url, "--vkey", vkey, "--state", In("watch.json"));
        Assert.Equal((1, true), (gone, unreachable.Contains("cannot be reached", StringComparison.Ordinal)));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task serve_without_keys_says_what_to_do()
    {
        var folder = Directory.CreateTempSubdirectory("daylight-empty-").FullName;
        var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, "serve", "--data", Path.Combine(folder, "d"), "--listen", $"http://localhost:{Programs.FreePort()}");
        Assert.Equal(1, exit);
        Assert.Contains("daylight keys new", error);
        Directory.Delete(folder, recursive: true);
    }
}
