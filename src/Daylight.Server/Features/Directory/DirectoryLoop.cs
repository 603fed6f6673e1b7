using Daylight.Server.Features.Log;
using Daylight.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Daylight.Server.Features.Directory;

/// <summary>
/// Settles what provisioning clients wrote, many changes together, and takes over what other nodes put in force: within a second on every node.
/// </summary>
internal sealed partial class DirectoryLoop(DirectoryStore directory, IDatabase database, ILogger<DirectoryLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim wanted = new(1, int.MaxValue); // once at the start: what a crash left unsettled

    /// <summary>Something was written that is to be settled.</summary>
    public void Wake() => wanted.Release();

    /// <inheritdoc/>
    public override void Dispose()
    {
        wanted.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await wanted.WaitAsync(database.IsShared ? Every : Timeout.InfiniteTimeSpan, stoppingToken))
                {
                    await Task.Delay(Together, stoppingToken);
                    while (await wanted.WaitAsync(TimeSpan.Zero, stoppingToken))
                    {
                        // All that came meanwhile is settled together.
                    }

                    await directory.SettleAsync();
                }
                else
                {
                    directory.Refresh();
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is System.Data.Common.DbException or IOException or LogUnavailableException or ObjectDisposedException or KeyholderException)
            {
                // Storage or log are away: the rows stay as they are wanted, and are settled when both are back.
                Waits(logger, e.GetType().Name);
                await Task.Delay(Every, CancellationToken.None);
                if (!stoppingToken.IsCancellationRequested)
                {
                    Wake();
                }
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A change of the directory waits, because of {Error}, and is tried again")]
    private static partial void Waits(ILogger logger, string error);
}
