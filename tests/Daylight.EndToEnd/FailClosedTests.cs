using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>The real server, killed while it works and put back from a backup.</summary>
[Collection(Lanes.Processes)]
public sealed class FailClosedTests
{
    [Fact]
    public async Task a_server_killed_at_work_loses_nothing_that_it_acknowledged_and_one_put_back_from_a_backup_knows_it_again()
    {
        using var acme = new Acme();
        await acme.SetUpAsync();
        await using var machine = new Machine();
        string[] serve = ["serve", "--data", acme.Data, "--listen", acme.Url];
        await machine.StartAsync(serve);
        await acme.PutInForceAsync();
        await acme.SendAsMachineOfAnnaAsync();
        var anna = JsonDocument.Parse(await (await acme.SendAsync(HttpMethod.Get, "/api/v1/me", "anna")).Content.ReadAsStringAsync()).RootElement.GetProperty("person").GetString()!;
        await acme.LookAsync(HttpStatusCode.OK);

        // A backup is a copy of the server's folder, made while it is stopped.
        Assert.Equal(0, await machine.InterruptAsync());
        var backup = Directory.CreateDirectory(acme.In("backup")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(acme.Data, "server"), "server.db*"))
        {
            File.Copy(file, Path.Combine(backup, Path.GetFileName(file)));
        }

        await machine.StartAsync(serve);
        Assert.NotNull(await RefusedAsync(acme, anna, -1));
        var (acknowledged, kill) = (new ConcurrentBag<ulong>(), Task.CompletedTask);
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            if (i == 120)
            {
                kill = machine.KillAsync();
            }

            if (await RefusedAsync(acme, anna, i) is { } entry)
            {
                acknowledged.Add(entry);
            }
        });
        await kill;
        Assert.True(acknowledged.Count >= 50, $"only {acknowledged.Count} were acknowledged");
        await machine.StartAsync(serve);
        Assert.Empty(acknowledged.Except(await EntriesAboutAsync(acme)));
        var look = await acme.LookAsync(HttpStatusCode.OK);
        Assert.Contains("Editor", look);
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data));

        // Everything since the backup is gone from the disk, and comes back from the keyholder.
        Assert.Equal(0, await machine.InterruptAsync());
        foreach (var file in Directory.EnumerateFiles(Path.Combine(acme.Data, "server"), "server.db*"))
        {
            File.Delete(file);
        }

        foreach (var file in Directory.EnumerateFiles(backup))
        {
            File.Copy(file, Path.Combine(acme.Data, "server", Path.GetFileName(file)));
        }

        await machine.StartAsync(serve);
        await acme.EventuallyReadyAsync();
        Assert.Empty(acknowledged.Except(await EntriesAboutAsync(acme)));
        Assert.Equal(look, await acme.LookAsync(HttpStatusCode.OK));
        Assert.Contains("The log holds.", await Programs.DaylightAsync("log", "verify", "--data", acme.Data));
    }

    private static async Task<IReadOnlyList<ulong>> EntriesAboutAsync(Acme acme)
    {
        using var answer = await acme.SendAsync(HttpMethod.Get, "/api/v1/me/disclosures", "anna");
        return [.. JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.EnumerateArray().Select(l => l.GetProperty("entry").GetUInt64())];
    }

    private static async Task<ulong?> RefusedAsync(Acme acme, string person, int days)
    {
        var from = new DateOnly(2026, 1, 1).AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        try
        {
            using var answer = await acme.SendAsync(HttpMethod.Get, $"/api/v1/people/{person}/records?program=focus-time&from={from}&to={from}", "petra");
            return answer.StatusCode == HttpStatusCode.Forbidden ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("entry").GetUInt64() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
