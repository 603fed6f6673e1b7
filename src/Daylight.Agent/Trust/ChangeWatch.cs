using Daylight.Agent.Sending;

namespace Daylight.Agent.Trust;

/// <summary>Stays at the server's door, so that a pause is known here within seconds, and not at the next look. Without an answer the hourly look remains.</summary>
internal sealed class ChangeWatch(Sender sender, TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Watches until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var (seen, wait) = (string.Empty, First);
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                try
                {
                    if (await sender.WaitForChangesAsync(seen, cancel) is { } next)
                    {
                        (seen, wait) = (next, First);
                        continue;
                    }

                    // Another charter, or a first start: everything is asked for, and not by all machines in the same second.
                    await Task.Delay(TimeSpan.FromSeconds(System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, 20)) / (sender.Bundle is null ? 4 : 1), time, cancel);
                    if (sender.Enrolled is not null && await sender.RefreshAsync(cancel))
                    {
                        continue;
                    }
                }
                catch (Exception) when (!cancel.IsCancellationRequested)
                {
                    // Away, or not that version: it is tried again, ever later.
                }

                await Task.Delay(wait, time, cancel);
                wait = wait * 2 < Longest ? wait * 2 : Longest;
            }
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // Stopping: whatever a broken-off question says, nobody waits for its answer.
        }
    }
}
