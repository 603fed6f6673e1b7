using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using Dapper;
using Daylight.Cli.Server;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Transparency;
using Spectre.Console;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log verify|vkey</c>.</summary>
internal static class LogCommand
{
    public static Command Create() => new("log", "The transparency log") { Verify(), VKey() };

    private static Command Verify()
    {
        var data = new Option<string?>("--data") { Description = "Data folder: reads the files themselves, whether a server runs on them or not", HelpName = "DIR" };
        var database = new Option<string?>("--database") { Description = "With --data: the server's PostgreSQL", HelpName = "URL" };
        var server = new Option<string?>("--server") { Description = "Or a server's URL", HelpName = "URL" };
        var token = new Option<string?>("--token") { Description = "With --server: an auditor's token", HelpName = "TOKEN" };
        var vkey = new Option<string?>("--vkey") { Description = "The log's verification key, as published outside Daylight", HelpName = "VKEY" };
        var json = Shared.Json();
        var command = new Command("verify", "Checks the whole log: signatures, every entry's own hash, every tile, the root, and every checkpoint that the keyholder cosigned.\n\nExamples:\n  daylight log verify --data ./acme\n  daylight log verify --server https://daylight.example --vkey 'daylight.log/…+…' --token …") { data, database, server, token, vkey, json };
        command.SetAction(async (parsed, cancel) =>
        {
            if ((parsed.GetValue(data) is null) == (parsed.GetValue(server) is null))
            {
                throw new UsageException("Say which log: --data DIR, or --server URL with --vkey and an auditor's --token.");
            }

            return parsed.GetValue(data) is { } folder
                ? await VerifyFilesAsync(new DataFolder(folder), parsed.GetValue(database), parsed.GetValue(vkey), parsed.GetValue(json), cancel)
                : await VerifyServerAsync(parsed.GetValue(server)!, parsed.GetValue(token), parsed.GetValue(vkey), parsed.GetValue(json), cancel);
        });
        return command;
    }

    private static Command VKey()
    {
        var server = new Option<string>("--server") { Description = "URL of the server", Required = true, HelpName = "URL" };
        var command = new Command("vkey", "Prints the log's verification key. Compare it with the one that was published outside Daylight.") { server };
        command.SetAction(async (parsed, cancel) =>
        {
            using var http = new HttpClient { BaseAddress = new Uri(parsed.GetValue(server)!) };
            Console.Write(await http.GetStringAsync("/log/vkey", cancel));
            return CommandLine.Done;
        });
        return command;
    }

    private static async Task<int> VerifyFilesAsync(DataFolder folder, string? databaseUrl, string? vkey, bool json, CancellationToken cancel)
    {
        if (databaseUrl is null && !File.Exists(Path.Combine(folder.Server, "server.db")))
        {
            throw new InvalidOperationException($"There is no server's database in {folder.Path}.");
        }

        var store = new LogStore(Installation.OpenDatabase(folder, databaseUrl, readOnly: true));
        return await RunAsync(store, vkey, store.Entry(0), Cosigned(folder), json, cancel);
    }

    private static async Task<int> VerifyServerAsync(string server, string? token, string? vkey, bool json, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server) };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        var source = new HttpLogSource(http);
        var first = await source.BundleAsync(0, 1, cancel) is { } bundle && EntryBundle.TryDecode(bundle, out var entries) && entries.Count > 0 ? entries[0] : null;
        return await RunAsync(source, vkey ?? throw new UsageException("--server wants --vkey: the log's key as it was published outside Daylight (the server's own word proves nothing)."), first, new Dictionary<ulong, Hash>(), json, cancel);
    }

    private static async Task<int> RunAsync(ILogSource source, string? vkey, byte[]? first, IReadOnlyDictionary<ulong, Hash> cosigned, bool json, CancellationToken cancel)
    {
        var root = first is null ? null : (LogEntry.TryRead(first)?.Event as TrustRootSet)?.Root;
        if (vkey is not null && !NoteVerifier.TryParse(vkey, out _))
        {
            throw new UsageException("--vkey is not a verification key. One looks like: daylight.log/1a2b3c+1a2b3c4d+AbCd…");
        }

        if (root is null)
        {
            await Console.Error.WriteLineAsync("entry 0: is missing, or is no trust root; nothing in this log can be believed");
            return CommandLine.Refused;
        }

        if (!NoteVerifier.TryParse(vkey ?? root.Log, out var log) || !NoteVerifier.TryParse(root.Witness, out var witness))
        {
            await Console.Error.WriteLineAsync("entry 0: the trust root's keys are damaged; nothing in this log can be believed");
            return CommandLine.Refused;
        }

        NoteVerifier[] required = [log!, witness!];
        var check = new EntryCheck(cosigned);
        var report = await WithProgressAsync(progress => LogFsck.RunAsync(source, required, check.Check, progress, cancel));
        List<string> problems = [.. report.Problems, .. report.Checkpoint is null || (source as LogStore)?.Size() is { } stored && stored >= check.Largest ? [] : check.Missing()];
        if (json)
        {
            CommandLine.PrintJson(new VerifyReport(problems.Count == 0, report.Checkpoint?.Origin, report.Entries, report.Tiles, check.Compared, problems), LogJson.Default.VerifyReport);
        }
        else
        {
            Console.WriteLine($"log          {required[0]}{(vkey is null ? "  (from the log's own trust root: compare it with the published one)" : string.Empty)}");
            Console.WriteLine($"checkpoint   {(report.Checkpoint is { } c ? string.Create(CultureInfo.InvariantCulture, $"size {c.Size}, root {c.Root}, signed by the log and cosigned by the keyholder") : "does not hold")}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"entries      {report.Entries} hashed{(report.Good ? ", each found under the root" : string.Empty)}; {check.Public} public in full, {check.Personal} about people, as commitments"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"tiles        {report.Tiles} compared with what the entries give"));
            Console.WriteLine(check.Compared > 0
                ? string.Create(CultureInfo.InvariantCulture, $"consistency  {check.Compared} earlier checkpoints of the keyholder lie on this history")
                : "consistency  no earlier checkpoint at hand to compare with");
            problems.ForEach(p => Console.Error.WriteLine(p));
            await Console.Error.WriteLineAsync("What this proves: nothing was changed or removed since it was recorded. Where server and keyholder share a process, their machine's administrator could still have looked without recording it.");
            Console.WriteLine(problems.Count == 0 ? "The log holds." : $"The log does not hold: {problems.Count} problem{(problems.Count == 1 ? "" : "s")}.");
        }

        return problems.Count == 0 ? CommandLine.Done : CommandLine.Refused;
    }

    private static async Task<LogReport> WithProgressAsync(Func<IProgress<(ulong, ulong)>?, Task<LogReport>> run)
    {
        if (Console.IsErrorRedirected || Console.IsOutputRedirected)
        {
            return await run(null);
        }

        return await AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
        {
            var task = context.AddTask("verifying entries");
            return await run(new Progress<(ulong Done, ulong Total)>(p => task.Value = 100.0 * p.Done / Math.Max(1, p.Total)));
        });
    }

    /// <summary>The checkpoints that this folder's keyholder cosigned, by size.</summary>
    private static Dictionary<ulong, Hash> Cosigned(DataFolder folder)
    {
        var file = Path.Combine(folder.Keyholder, "keyholder.db");
        if (!File.Exists(file))
        {
            return [];
        }

        using var connection = new SqliteDatabase(file, readOnly: true).Open();
        return connection.Query<(long Size, byte[] Root)>("SELECT size, root FROM checkpoints").ToDictionary(c => (ulong)c.Size, c => Hash.From(c.Root));
    }
}

/// <summary>Looks at every entry in order: its schema, and whether the history passes through the checkpoints that were cosigned.</summary>
internal sealed class EntryCheck(IReadOnlyDictionary<ulong, Hash> cosigned)
{
    private readonly CompactRange range = new();
    private readonly HashSet<ulong> seen = [];
    private bool parted;

    public int Public { get; private set; }

    public int Personal { get; private set; }

    public int Compared => seen.Count;

    public string? Check(ulong index, byte[] bytes)
    {
        range.Append(Merkle.Leaf(bytes));
        if (LogEntry.TryRead(bytes) is not { } entry)
        {
            return "is not of the log's schema";
        }

        (Public, Personal) = entry.Event is null ? (Public, Personal + 1) : (Public + 1, Personal);
        // Once the history has parted from what was cosigned, every later checkpoint differs too: the first one says where.
        if (!parted && cosigned.TryGetValue(range.Size, out var root))
        {
            seen.Add(range.Size);
            parted = root != range.Root();
            return !parted ? null : $"at size {range.Size} the keyholder cosigned another root: the history up to here was changed";
        }

        return null;
    }

    /// <summary>The largest size that the keyholder cosigned.</summary>
    public ulong Largest => cosigned.Keys.DefaultIfEmpty().Max();

    public IEnumerable<string> Missing() => cosigned.Keys.Any(s => s > range.Size) ? ["checkpoint: the keyholder has cosigned a longer log than this one"] : [];
}

/// <summary>A log on a server (C2SP tlog-tiles over HTTP).</summary>
internal sealed class HttpLogSource(HttpClient http) : ILogSource
{
    public async Task<string> CheckpointAsync(CancellationToken cancel) => await http.GetStringAsync("/log/checkpoint", cancel);

    public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel) => GetAsync("/log/" + id.Path, cancel);

    public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel) => GetAsync("/log/" + TilePath.Format("entries", index, width), cancel);

    private async Task<byte[]?> GetAsync(string path, CancellationToken cancel)
    {
        using var response = await http.GetAsync(path, cancel);
        return (int)response.StatusCode switch
        {
            200 => await response.Content.ReadAsByteArrayAsync(cancel),
            404 => null,
            401 or 403 => throw new InvalidOperationException("Tiles and entries are for auditors: give the --token of one."),
            _ => throw new HttpRequestException("The log cannot be read."),
        };
    }
}

/// <summary>What <c>log verify --json</c> prints.</summary>
internal sealed record VerifyReport(bool Good, string? Origin, ulong Entries, int Tiles, int Checkpoints, IReadOnlyList<string> Problems);

/// <summary>Serialization of what the log commands print.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(VerifyReport))]
internal sealed partial class LogJson : System.Text.Json.Serialization.JsonSerializerContext;
