using Dapper;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Log;

/// <summary>Reads the log as it is stored. Usable without the server's key: entries and tiles are public.</summary>
public sealed class LogStore(IDatabase database) : ILogSource
{
    private string? published;
    private string? unwritten;

    /// <summary>The newest published checkpoint, or null before the first.</summary>
    public string? Checkpoint() => published is { } note && !database.IsShared ? note : Note(1);

    /// <summary>The newest checkpoint that the witnesses cosigned, or null.</summary>
    public string? Witnessed() => Note(2);

    /// <summary>
    /// Publishes a checkpoint. A crash may lose it and loses nothing: the keyholder has followed what it covers, and cosigns again. So an embedded file gets it
    /// with the next entries (<see cref="Take"/>), or when nothing else is to be done (<see cref="SettleAsync"/>); other nodes must find it at once.
    /// </summary>
    public Task PublishAsync(GroupCommitWriter writer, string note)
    {
        published = note;
        if (!database.IsShared)
        {
            unwritten = note;
            return Task.CompletedTask;
        }

        return WriteAsync(writer, 1, note);
    }

    /// <summary>The published checkpoint that is not in the file yet; the caller writes it.</summary>
    internal string? Take() => Interlocked.Exchange(ref unwritten, null);

    /// <summary>Writes a checkpoint where it belongs.</summary>
    internal static void Write(System.Data.Common.DbConnection connection, System.Data.Common.DbTransaction transaction, int which, string note) => connection.Execute(
        "INSERT INTO log_checkpoint (one, note) VALUES (@which, @note) ON CONFLICT (one) DO UPDATE SET note = excluded.note", new { which, note }, transaction);

    /// <summary>Writes what no entry came along for.</summary>
    internal Task SettleAsync(GroupCommitWriter writer) => Take() is { } note ? WriteAsync(writer, 1, note) : Task.CompletedTask;

    /// <summary>Keeps a checkpoint that the witnesses cosigned.</summary>
    public static Task KeepWitnessedAsync(GroupCommitWriter writer, string note) => WriteAsync(writer, 2, note);

    /// <summary>Entries that carry authority, from an index up to a size.</summary>
    public IReadOnlyList<(ulong Index, byte[] Entry)> Authority(ulong from, ulong to)
    {
        using var connection = database.Open();
        return [.. connection.Query<(long Index, byte[] Entry)>(
            "SELECT idx, entry FROM log_entries WHERE authority = 1 AND idx >= @from AND idx < @to ORDER BY idx", new { from = (long)from, to = (long)to }).Select(r => ((ulong)r.Index, r.Entry))];
    }

    private string? Note(int which)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT note FROM log_checkpoint WHERE one = @which", new { which });
    }

    private static async Task WriteAsync(GroupCommitWriter writer, int which, string note)
    {
        try
        {
            await writer.WriteAsync((c, t) => Write(c, t, which, note));
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException or ObjectDisposedException)
        {
            // Storage that cannot be written shows at the next append, which fails; this one can be made again.
        }
    }

    /// <summary>Number of stored entries; those above the published size wait for their cosignature.</summary>
    public ulong Size()
    {
        using var connection = database.Open();
        return (ulong)connection.QuerySingle<long>("SELECT COALESCE(MAX(idx) + 1, 0) FROM log_entries");
    }

    /// <summary>Entries from an index on.</summary>
    public IReadOnlyList<byte[]> Entries(ulong from, ulong count)
    {
        using var connection = database.Open();
        return [.. connection.Query<byte[]>(
            "SELECT entry FROM log_entries WHERE idx >= @from AND idx < @to ORDER BY idx", new { from = (long)from, to = (long)(from + count) })];
    }

    /// <summary>One entry.</summary>
    public byte[]? Entry(ulong index) => Entries(index, 1) is [var entry] ? entry : null;

    /// <summary>A tile's newest bytes.</summary>
    public byte[]? Tile(int level, ulong index)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT hashes FROM log_tiles WHERE level = @level AND idx = @index", new { level, index = (long)index });
    }

    /// <inheritdoc/>
    public Task<string> CheckpointAsync(CancellationToken cancel) => Task.FromResult(Checkpoint() ?? string.Empty);

    /// <inheritdoc/>
    public Task<byte[]?> TileAsync(TileId id, CancellationToken cancel)
    {
        // Only the newest version of a partial tile is kept; a narrower one is its prefix.
        var tile = Tile(id.Level, id.Index);
        return Task.FromResult(tile is null || tile.Length < id.Width * Hash.Size ? null : tile[..(id.Width * Hash.Size)]);
    }

    /// <inheritdoc/>
    public Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel)
    {
        var entries = Entries(index * TileId.FullWidth, (ulong)width);
        return Task.FromResult(entries.Count == width ? EntryBundle.Encode(entries) : null);
    }
}

/// <summary>Openings: encrypted, found by whom they concern.</summary>
internal sealed class OpeningStore(IDatabase database, ServerKeys keys)
{
    /// <summary>The openings of an entry; null when they were erased, or there never were any.</summary>
    public Openings? Find(ulong index)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM openings WHERE idx = @index", new { index = (long)index }) is { } box ? Open(box, index) : null;
    }

    /// <summary>Openings from an index on.</summary>
    public IReadOnlyDictionary<ulong, Openings> Range(ulong from, ulong count)
    {
        using var connection = database.Open();
        return connection.Query<(long Index, byte[] Sealed)>(
            "SELECT idx, sealed FROM openings WHERE idx >= @from AND idx < @to", new { from = (long)from, to = (long)(from + count) })
            .ToDictionary(o => (ulong)o.Index, o => Open(o.Sealed, (ulong)o.Index));
    }

    /// <summary>Entries that concern a person as a party and are told by a day, newest first.</summary>
    public IReadOnlyList<(ulong Index, Openings Openings)> Concerning(string person, string party, DateOnly told, int most)
    {
        using var connection = database.Open();
        return [.. connection.Query<(long Index, byte[] Sealed)>(
            """
            SELECT o.idx, o.sealed FROM concerns c JOIN openings o ON o.idx = c.idx
            WHERE c.subject_ref = @subject AND c.party = @party AND c.tell <= @told ORDER BY c.idx DESC LIMIT @most
            """,
            new { subject = keys.LogRef(person), party, told = Sql.Day(told), most }).Select(o => ((ulong)o.Index, Open(o.Sealed, (ulong)o.Index)))];
    }

    /// <summary>Whether an entry concerns a person as a party, and is told by a day.</summary>
    public bool Concerns(ulong index, string person, string party, DateOnly told)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<int?>(
            "SELECT 1 FROM concerns WHERE subject_ref = @subject AND idx = @index AND party = @party AND tell <= @told", new { subject = keys.LogRef(person), index = (long)index, party, told = Sql.Day(told) }) == 1;
    }

    /// <summary>Encrypts openings for a row.</summary>
    public byte[] Seal(Openings openings, ulong index) => keys.Box.Seal(openings.ToBytes(), $"opening {index}");

    private Openings Open(byte[] box, ulong index) => Openings.TryRead(keys.Box.Open(box, $"opening {index}"))!;
}
