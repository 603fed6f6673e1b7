using System.Globalization;
using System.Text.Json;
using Daylight.Agent;
using Daylight.Agent.Store;
using Daylight.Storage;
using Daylight.Tests.Core;

namespace Daylight.Tests.Agent;

/// <summary>The power is cut at every single thing that SQLite does to the agent's two stores: nothing that was acknowledged is lost, and nothing counts twice.</summary>
public sealed class PowerCutTests
{
    private static readonly string Focus = Trial.Text(
        "window: { app: category, time: round 5m }", "focus-minutes: { from: window, sum: duration, per: day, clamp: 0..600, unit: min }", "app, time");

    /// <summary>What may be left of things that were not synchronised when the power went.</summary>
    public enum Left
    {
        Everything,
        Nothing,
        EveryOther,
        HalfOfTheLast,
    }

    [Fact]
    public async Task whenever_the_power_goes_what_was_acknowledged_is_there_and_counts_once()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("daylight-cut-").FullName, "agent");
        var acts = await WorkAsync(folder);
        var states = 0;
        foreach (var left in Enum.GetValues<Left>())
        {
            string? before = null;
            for (var cut = 0; cut <= acts.Count; cut++)
            {
                // Without what is not synchronised, the disk changes only when something is.
                if (cut > 0 && left != Left.Everything && acts[cut - 1] is not (DiskAct.Sync or DiskAct.Note) && (left == Left.Nothing || cut % 3 != 0))
                {
                    continue;
                }

                var files = Disk(acts.Take(cut), left);
                var print = Print(files) + acts.Take(cut).OfType<DiskAct.Note>().Count();
                if (print != before)
                {
                    await CheckAsync(folder, files, [.. acts.Take(cut).OfType<DiskAct.Note>().Select(n => n.Text)], $"{left}, cut at {cut}");
                    (before, states) = (print, states + 1);
                }
            }
        }

        Assert.True(states > 200, $"only {states} states of the disk");
    }

    /// <summary>Watchers report, the agent minimises, restarts and closes its files, all on a disk that remembers.</summary>
    private static async Task<IReadOnlyList<DiskAct>> WorkAsync(string folder)
    {
        PowerCutVfs.Watch(folder);
        await using (var agent = await TestAgent.StartAsync(change: o => o with { Data = folder }, keep: true))
        {
            await agent.BeginAsync(Focus);
            await agent.MakeAsync("aw-watcher-window_x", "currentwindow");
            for (var i = 0; i < 12; i++)
            {
                var (n, at) = (i / 3, TestAgent.At("2026-12-02 08:00").AddMinutes(7 * (i / 3)).AddSeconds(60 * (i % 3)));
                await BeatAsync(agent, n, at);
                if (i is 4 or 7 or 10)
                {
                    await agent.Parts.Outbox.FillAsync(withToday: i != 7);
                }

                if (i == 8)
                {
                    await agent.RestartAsync();
                }
            }

            await agent.FillAsync();
        }

        return PowerCutVfs.Stop();
    }

    private static async Task BeatAsync(TestAgent agent, int n, DateTimeOffset at)
    {
        var answer = await agent.PostAsync("/api/0/buckets/aw-watcher-window_x/heartbeat?pulsetime=120", $$$"""{"timestamp":"{{{at:O}}}","duration":0,"data":{"app":"Code","n":{{{n}}} } }""");
        var stored = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        PowerCutVfs.Note(string.Create(CultureInfo.InvariantCulture, $"{n} {stored.GetProperty("duration").GetDouble()}"));
    }

    /// <summary>The files as they are after the power went.</summary>
    private static Dictionary<string, byte[]> Disk(IEnumerable<DiskAct> acts, Left left)
    {
        var (files, open) = (new Dictionary<string, MemoryStream>(StringComparer.Ordinal), new List<DiskAct>());
        foreach (var act in acts)
        {
            if (act is DiskAct.Sync sync)
            {
                open.Where(a => FileOf(a) == sync.File).ToList().ForEach(a => Do(files, a));
                open.RemoveAll(a => FileOf(a) == sync.File);
            }
            else if (act is not DiskAct.Note)
            {
                open.Add(act);
            }
        }

        for (var i = 0; i < open.Count; i++)
        {
            var survives = left switch { Left.Everything => open[i], Left.EveryOther when i % 2 == 0 => open[i], Left.HalfOfTheLast => i < open.Count - 1 ? open[i] : Half(open[i]), Left.EveryOther or Left.Nothing or _ => null };
            if (survives is not null)
            {
                Do(files, survives);
            }
        }

        return files.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal);
    }

    private static DiskAct? Half(DiskAct act) => act is DiskAct.Write write ? write with { Bytes = write.Bytes[..(write.Bytes.Length / 2)] } : null;

    private static string? FileOf(DiskAct act) => act switch { DiskAct.Write w => w.File, DiskAct.Truncate t => t.File, DiskAct.Delete d => d.File, _ => null };

    private static void Do(Dictionary<string, MemoryStream> files, DiskAct act)
    {
        if (act is DiskAct.Delete gone)
        {
            files.Remove(gone.File);
            return;
        }

        var file = files.TryGetValue(FileOf(act)!, out var known) ? known : files[FileOf(act)!] = new MemoryStream();
        if (act is DiskAct.Write write)
        {
            file.Position = write.At;
            file.Write(write.Bytes);
        }
        else if (act is DiskAct.Truncate truncate)
        {
            file.SetLength(truncate.Size);
        }
    }

    private static string Print(Dictionary<string, byte[]> files) =>
        string.Join('|', files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => Path.GetFileName(f.Key) + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(f.Value))));

    private static async Task CheckAsync(string folder, Dictionary<string, byte[]> files, IReadOnlyList<string> acknowledged, string when)
    {
        var copy = Directory.CreateTempSubdirectory("daylight-cut-").FullName;
        Directory.CreateDirectory(Path.Combine(copy, "raw"));
        File.Copy(Path.Combine(folder, "raw", "raw.key"), Path.Combine(copy, "raw", "raw.key"));
        foreach (var (name, bytes) in files)
        {
            await File.WriteAllBytesAsync(name.Replace(folder, copy, StringComparison.Ordinal), bytes);
        }

        var writers = new List<GroupCommitWriter>();
        try
        {
            var clock = new Company.TestClock(TestAgent.At("2026-12-02 10:00"));
            var (parts, _) = await AgentHost.MakeAsync(new AgentOptions { Data = copy, RunInBackground = false }, new SqliteDatabase(Path.Combine(copy, "agent.db")), writers, null, clock);
            var events = parts.Raw.Bucket("aw-watcher-window_x") is { } bucket ? parts.Raw.Read(bucket.Key, null, null).ToList() : [];
            var seen = events.ToLookup(e => JsonDocument.Parse(e.Data).RootElement.GetProperty("n").GetInt32());
            foreach (var note in acknowledged.Select(a => a.Split(' ')))
            {
                var (n, seconds) = (int.Parse(note[0], CultureInfo.InvariantCulture), double.Parse(note[1], CultureInfo.InvariantCulture));
                Assert.True(seen[n].Any(e => e.Duration >= seconds * 1e6), $"{when}: event {n} of {seconds} s was acknowledged and is gone");
            }

            Assert.All(seen, e => Assert.True(e.Count() == 1, $"{when}: event {e.Key} is there twice"));
            await parts.Outbox.FillAsync(withToday: false);
            if (parts.Book.Pages.Count > 0)
            {
                var (waiting, raw) = ((await parts.Outbox.ItemsAsync()).Sum(i => i.Duration), events.Sum(e => e.Duration) / 1e6);
                Assert.True(waiting == Math.Round(raw), $"{when}: {raw} seconds were seen, and {waiting} would be sent");
            }
        }
        finally
        {
            foreach (var writer in writers)
            {
                await writer.DisposeAsync();
            }

            Directory.Delete(copy, recursive: true);
        }
    }
}
