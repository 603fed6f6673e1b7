using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Transparency;

namespace Daylight.EndToEnd;

/// <summary>The witness of a works council, as docs/witness.md says: one command, a kill -9 at a bad moment, and a log that tells two stories.</summary>
[Collection(Lanes.Processes)]
public sealed class WitnessTests
{
    private static readonly NoteSigner Log = new("log.example/e2e", NoteKeyType.Ed25519, Enumerable.Repeat((byte)7, 32).ToArray());

    [Fact]
    public async Task a_witness_that_was_killed_still_refuses_a_second_history()
    {
        var folder = Directory.CreateTempSubdirectory("daylight-witness-").FullName;
        var (data, url) = (Path.Combine(folder, "witness"), $"http://localhost:{Programs.FreePort()}");
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var (honest, forked) = (Grow("e"), Grow("f"));

        string policyLine;
        await using (var witness = await Serving.StartAsync(1, "witness", "--data", data, "--log", Log.Verifier.ToString(), "--name", "council.example", "--listen", url))
        {
            policyLine = witness.Lines.Single(l => l.StartsWith("witness ", StringComparison.Ordinal));
            Assert.Equal($"ready: witness on {url}", witness.Lines[^1]);
            var request = Request(honest, 0, 20);
            var policy = TlogPolicy.Parse($"log {Log.Verifier}\n{policyLine}\nquorum council.example\n");
            Assert.Equal(url, policy.Witnesses[0].Url!.OriginalString);
            var (status, cosignature) = await AddAsync(http, request);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.True(policy.TryOpen(request.Note + cosignature, out _, notBefore: TimeProvider.System.GetUtcNow().AddMinutes(-5)));
            await witness.KillAsync();
        }

        await using (var witness = await Serving.StartAsync(1, "witness", "--data", data))
        {
            Assert.Contains(policyLine, witness.Lines);
            Assert.Equal((HttpStatusCode.Conflict, "20\n"), await AddAsync(http, Request(forked, 0, 20)));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AddAsync(http, Request(forked, 20, 30))).Status);
            Assert.Equal(HttpStatusCode.OK, (await AddAsync(http, Request(honest, 20, 30))).Status);

            var (second, _, why) = await Programs.RunAsync(Programs.Daylight, "witness", "--data", data);
            Assert.Equal(1, second);
            Assert.Contains("Another process", why);
            var (exit, json, _) = await Programs.RunAsync(Programs.Daylight, "witness", "status", "--data", data, "--json");
            Assert.Equal(1, exit); // a log told two stories: whoever runs this in a script hears of it
            var status = JsonDocument.Parse(json).RootElement;
            Assert.Equal(30, status.GetProperty("logs")[0].GetProperty("size").GetInt32());
            Assert.Contains(status.GetProperty("refusals").EnumerateArray(), r => r.GetProperty("showsFork").GetBoolean());
            Assert.Equal(0, await witness.InterruptAsync());
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task wrong_usage_says_what_to_do_and_makes_nothing()
    {
        var data = Path.Combine(Path.GetTempPath(), "daylight-no-witness-" + Environment.ProcessId);
        foreach (var (arguments, says) in ((string[], string)[])
        [
            (["--data", data], "--log VKEY"),
            (["--data", data, "--log", "x"], "is not the key of a log"),
            (["--data", data, "--log", Log.Verifier.ToString(), "--listen", "https://witness.example"], "http://localhost:PORT"),
            ([], "--data"),
        ])
        {
            var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, ["witness", .. arguments]);
            Assert.Equal(2, exit);
            Assert.Contains(says, error);
        }

        var (refused, _, missing) = await Programs.RunAsync(Programs.Daylight, "witness", "status", "--data", data);
        Assert.Equal(1, refused);
        Assert.Contains("daylight witness --data", missing);
        Assert.False(Directory.Exists(data));
    }

    private static TileTree Grow(string prefix)
    {
        var tree = new TileTree(0, (_, _) => null);
        tree.Append([.. Enumerable.Range(0, 30).Select(i => Merkle.Leaf(Encoding.UTF8.GetBytes(i < 10 ? $"{i}" : $"{prefix}{i}")))]);
        return tree;
    }

    private static AddCheckpointRequest Request(TileTree tree, ulong old, ulong size) => new(
        old, Proofs.Consistency(old, size, tree.Node), SignedNote.Sign(new Checkpoint(Log.Verifier.Name, size, Proofs.Root(size, tree.Node)).ToString(), DateTimeOffset.UnixEpoch, Log));

    private static async Task<(HttpStatusCode Status, string Body)> AddAsync(HttpClient http, AddCheckpointRequest request)
    {
        using var response = await http.PostAsync("/add-checkpoint", new StringContent(request.ToString()));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
