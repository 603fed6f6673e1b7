using System.CommandLine;
using Daylight.Cli.Server;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary>Which log a command reads: a data folder's own files, or whatever speaks tlog-tiles at a URL.</summary>
internal sealed class LogChoice
{
    public Option<string?> Data { get; } = new("--data") { Description = "Data folder: reads the files themselves, whether a server runs on them or not", HelpName = "DIR" };

    public Option<string?> Database { get; } = new("--database") { Description = "With --data: the server's PostgreSQL", HelpName = "URL" };

    public Option<string?> Server { get; } = new("--server") { Description = "Or a server's URL, or that of any log that speaks tlog-tiles", HelpName = "URL" };

    public Option<string?> Token { get; } = new("--token") { Description = "With --server: an auditor's token", HelpName = "TOKEN" };

    public Option<string?> VKey { get; } = new("--vkey") { Description = "The log's verification key, as published outside Daylight", HelpName = "VKEY" };

    public void AddTo(Command command)
    {
        command.Add(Data);
        command.Add(Database);
        command.Add(Server);
        command.Add(Token);
        command.Add(VKey);
    }

    /// <summary>Opens the log that was named. A server's own word for its key proves nothing, so a URL wants one from outside.</summary>
    public OpenedLog Open(ParseResult parsed)
    {
        if ((parsed.GetValue(Data) is null) == (parsed.GetValue(Server) is null))
        {
            throw new UsageException("Say which log: --data DIR, or --server URL with --vkey and an auditor's --token.");
        }

        var vkey = parsed.GetValue(VKey) is { } text ? Key("--vkey", text) : null;
        if (parsed.GetValue(Server) is { } url)
        {
            _ = vkey ?? throw new UsageException("--server wants --vkey: the log's key as it was published outside Daylight (the server's own word proves nothing).");
            return new OpenedLog(new HttpLogSource(url, parsed.GetValue(Token)), vkey, null);
        }

        var (store, folder) = OpenFolder(parsed.GetValue(Data)!, parsed.GetValue(Database));
        return new OpenedLog(store, vkey, folder);
    }

    /// <summary>The log in a data folder.</summary>
    public static (LogStore Store, DataFolder Folder) OpenFolder(string path, string? database)
    {
        var folder = new DataFolder(path);
        return database is null && !File.Exists(Path.Combine(folder.Server, "server.db"))
            ? throw new InvalidOperationException($"There is no server's database in {folder.Path}.")
            : (new LogStore(Installation.OpenDatabase(folder, database, readOnly: true)), folder);
    }

    /// <summary>Reads a key that somebody typed.</summary>
    public static NoteVerifier Key(string option, string text) => NoteVerifier.TryParse(text, out var key)
        ? key!
        : throw new UsageException($"{option} is not a verification key. One looks like: daylight.log/1a2b3c+1a2b3c4d+AbCd…");
}

/// <summary>A log to read, and what is known about it.</summary>
/// <param name="Source">Its files.</param>
/// <param name="VKey">Its key as given from outside; null when only its own trust root says.</param>
/// <param name="Folder">The data folder it lies in, if it does.</param>
internal sealed record OpenedLog(ILogSource Source, NoteVerifier? VKey, DataFolder? Folder) : IDisposable
{
    /// <summary>The trust root in entry 0, as the log itself says it; null when there is none.</summary>
    public async Task<TrustRoot?> TrustRootAsync(CancellationToken cancel)
    {
        var size = Size(await Source.CheckpointAsync(cancel));
        var width = (int)Math.Min(size, TileId.FullWidth);
        return width > 0 && await Source.BundleAsync(0, width, cancel) is { } bundle && First(bundle) is { } first
            ? (LogEntry.TryRead(first)?.Event as TrustRootSet)?.Root
            : null;
    }

    public void Dispose() => (Source as IDisposable)?.Dispose();

    private static ulong Size(string note) =>
        SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed!.Text, out var checkpoint) ? checkpoint!.Size : 0;

    private static byte[]? First(byte[] bundle)
    {
        ReadOnlySpan<byte> rest = bundle;
        return EntryBundle.TryTake(ref rest, out var entry) ? entry.ToArray() : null;
    }
}
