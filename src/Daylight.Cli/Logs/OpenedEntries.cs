using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary>
/// What the keyholder says that it ever opened, held against the log's own entries: each must be there, and be one under which something can be opened.
/// </summary>
internal sealed class OpenedEntries
{
    /// <summary>How old a total may be: it is made when it is asked for.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    private readonly IReadOnlyList<ulong> indexes;
    private readonly HashSet<ulong> wanted;
    private readonly string chain;
    private readonly ConcurrentDictionary<ulong, (Hash Leaf, bool CanBeOpened)> found = [];

    /// <param name="indexes">Log indexes, in the order in which they were opened.</param>
    /// <param name="chain">The last link of their chain.</param>
    /// <param name="note">The keyholder's signed total; null when it was read from its own files.</param>
    internal OpenedEntries(IReadOnlyList<ulong> indexes, string chain, string? note)
    {
        (this.indexes, this.chain, Note) = (indexes, chain, note);
        wanted = [.. indexes];
    }

    /// <summary>How many.</summary>
    public int Count => indexes.Count;

    /// <summary>The keyholder's signed total; null when it was read from its own files.</summary>
    public string? Note { get; }

    /// <summary>From a server, with an auditor's token; null where the log is not Daylight's.</summary>
    public static async Task<OpenedEntries?> FromServerAsync(HttpLogSource source, CancellationToken cancel)
    {
        var (indexes, note, chain) = (new List<ulong>(), string.Empty, string.Empty);
        while (true)
        {
            if (await source.GetAsync(string.Create(CultureInfo.InvariantCulture, $"openings?after={indexes.Count}"), cancel) is not { } bytes
                || JsonSerializer.Deserialize(bytes, ProtocolJson.Default.OpeningsOfAll) is not { } page)
            {
                return null;
            }

            indexes.AddRange(page.Indexes);
            if (KeyholderStatement.TryRead(page.Note) is not TotalOfOpenings total)
            {
                throw new InvalidDataException("The keyholder's total of openings cannot be read.");
            }

            (note, chain) = (page.Note, total.Chain);
            if (page.Indexes.Count == 0 || indexes.Count >= total.Openings)
            {
                return new OpenedEntries(indexes, chain, note);
            }
        }
    }

    /// <summary>From the files of a keyholder in this folder; null when there is none.</summary>
    public static OpenedEntries? FromFolder(DataFolder folder)
    {
        var file = Path.Combine(folder.Keyholder, "keyholder.db");
        if (!File.Exists(file))
        {
            return null;
        }

        using var connection = new SqliteDatabase(file, readOnly: true).Open();
        var last = connection.QuerySingleOrDefault<(long Sequence, byte[]? Chain)>("SELECT seq, chain FROM opened ORDER BY seq DESC LIMIT 1");
        var indexes = connection.Query<long>("SELECT idx FROM opened WHERE seq <= @Sequence ORDER BY seq", new { last.Sequence }).Select(i => (ulong)i).ToList();
        return new OpenedEntries(indexes, last.Chain is null ? default(Hash).ToString() : Hash.From(last.Chain).ToString(), null);
    }

    /// <summary>Notes an entry that was opened, while the log is walked, on several threads.</summary>
    public void See(ulong index, ReadOnlySpan<byte> entry, bool isPersonal, LogEvent? happened)
    {
        if (wanted.Contains(index))
        {
            found[index] = (Merkle.Leaf(entry), isPersonal || happened is ReleaseRun);
        }
    }

    /// <summary>Size and root at which the keyholder said so: they must lie on the history that is walked. Null when it was read from its own files.</summary>
    public (ulong Size, Hash Root)? SaidAt => Total is { } total && Hash.TryParse(total.LogRoot, out var root) ? (total.Size, root) : null;

    /// <summary>What does not fit.</summary>
    /// <param name="size">Size of the log that was walked.</param>
    /// <param name="keyholder">The keyholder in office.</param>
    /// <param name="now">The time: an old total would hide what was opened since.</param>
    public IEnumerable<string> Problems(ulong size, NoteVerifier keyholder, DateTimeOffset now)
    {
        if (Note is not null && (Total is not { } total || KeyholderStatement.TryOpen(Note, keyholder) is null))
        {
            yield return "openings: the total is not signed by the keyholder";
            yield break;
        }

        if (Total is { } said && (said.Time < now - Fresh || said.Time > now + Fresh))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"openings: the keyholder's total is of {said.Time:yyyy-MM-dd HH:mm:ss}Z: the server shows an old one, or this machine's clock is wrong");
        }

        if (Total is { } later && later.Size > size)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"openings: the keyholder counted at size {later.Size}, and the server shows a log of {size} entries");
            yield break;
        }

        foreach (var problem in Walk(size))
        {
            yield return problem;
        }
    }

    private IEnumerable<string> Walk(ulong size)
    {
        var links = default(OpeningChain);
        foreach (var index in indexes)
        {
            if (index >= size && Note is null)
            {
                yield break; // its own files, read while it goes on
            }

            if (!found.TryGetValue(index, out var entry))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"openings: the keyholder opened seals under entry {index}, which is not in this log");
                yield break;
            }

            if (!entry.CanBeOpened)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"openings: the keyholder opened seals under entry {index}, under which nothing can be opened");
            }

            links.Add(index, entry.Leaf);
        }

        if (links.Value.ToString() != chain)
        {
            yield return "openings: the keyholder's total is over other entries than this log has";
        }
    }

    private TotalOfOpenings? Total => Note is null ? null : KeyholderStatement.TryRead(Note) as TotalOfOpenings;
}

/// <summary>A log as it was at one checkpoint, while it goes on.</summary>
internal sealed class At(ILogSource source, string checkpoint) : ILogSource
{
    public Task<string> CheckpointAsync(CancellationToken cancel) => Task.FromResult(checkpoint);

    public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel) => source.TileAsync(id, cancel);

    public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel) => source.BundleAsync(index, width, cancel);
}
