using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Dapper;
using Daylight.Protocol;
using Daylight.Storage;
using Microsoft.Extensions.Hosting;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>Which processes serve the database. Each says once a minute that it is alive; one that has said nothing for a day is forgotten.</summary>
internal sealed class Nodes(IDatabase database, GroupCommitWriter writer, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private readonly string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly DateTimeOffset started = time.GetUtcNow();

    /// <summary>Of Daylight, without the commit that it was built from.</summary>
    public static string Version { get; } = typeof(Nodes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>All of them, this one first.</summary>
    public IReadOnlyList<NodeView> All()
    {
        using var connection = database.Open();
        var now = time.GetUtcNow();
        return [.. connection.Query<(string Id, string Name, string Version, long Started, long Seen)>("SELECT id, name, version, started, seen FROM nodes ORDER BY started")
            .Select(n => (n.Id, View: new NodeView(n.Name, n.Version, At(n.Started), At(n.Seen), n.Id == id, now - At(n.Seen) > 3 * Every)))
            .OrderByDescending(n => n.View.IsThis).Select(n => n.View)];
    }

    /// <summary>Says that this one is alive.</summary>
    internal Task SayAsync() => WriteAsync(
        """
        INSERT INTO nodes (id, name, version, started, seen) VALUES (@id, @name, @version, @started, @seen) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen;
        DELETE FROM nodes WHERE seen < @old OR (id <> @id AND @alone = 1);
        """);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            await SayAsync();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync("DELETE FROM nodes WHERE id = @id");
    }

    private static DateTimeOffset At(long instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant);

    /// <summary>Nothing rests on it: storage that cannot be written shows at the next append, and the next minute says it again.</summary>
    private async Task WriteAsync(string sql)
    {
        var now = time.GetUtcNow();
        var row = new
        {
            id,
            name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, process {Environment.ProcessId}"),
            version = Version,
            started = Sql.Instant(started),
            seen = Sql.Instant(now),
            old = Sql.Instant(now - Kept),
            alone = database.IsShared ? 0 : 1, // an embedded file has one process: any other was killed
        };
        try
        {
            await writer.WriteAsync((c, t) => c.Execute(sql, row, t));
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException or ObjectDisposedException)
        {
            // As above.
        }
    }
}
