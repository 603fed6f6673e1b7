using System.Globalization;
using Daylight.Agent.Platform;
using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Daylight.Storage;

namespace Daylight.Agent;

/// <summary>What the agent does by itself: minimises, turns days at local midnight, learns of charters and pauses, sends when it is due, forgets what is old.</summary>
internal sealed class AgentLoop(AgentParts parts)
{
    /// <summary>How often it looks whether there is something to do. A machine that slept is not late by the time that it slept.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    /// <summary>Longest time between two looks at the server.</summary>
    private static readonly TimeSpan Refresh = OpeningWatch.Every;

    /// <summary>How often it looks for late events of days that are over.</summary>
    private static readonly TimeSpan Fill = TimeSpan.FromMinutes(5);

    /// <summary>How often it gives back memory.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(2);

    /// <summary>Longest wait after a try that failed.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private const string Told = "told";

    private DateTimeOffset refreshed = DateTimeOffset.MinValue;
    private DateTimeOffset filled = DateTimeOffset.MinValue;
    private DateTimeOffset notBefore = DateTimeOffset.MinValue;
    private long gaveBack;
    private DateOnly day;
    private DateOnly? inputToldOn;
    private string? trouble;

    /// <summary>Works until it is told to stop. A full disk, a server that is away, a damaged row: the next round comes.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var tick = parts.Options.UploadEvery < Tick ? parts.Options.UploadEvery : Tick;
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                try
                {
                    await RoundAsync(cancel);
                }
                catch (Exception e) when (!cancel.IsCancellationRequested)
                {
                    // Whatever it was, it must not end the agent's work: the next round tries again. Said once, and by its kind alone: a message may hold what nobody else may read.
                    if (trouble != e.GetType().Name)
                    {
                        await Console.Error.WriteLineAsync($"A round of the agent did not work ({trouble = e.GetType().Name}); it is tried again.");
                    }
                }

                GiveBack();
                await Task.Delay(tick, parts.Time, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>The runtime collects when much is asked for; whoever asks for little, all day, keeps what was once needed. It runs beside everything else, and gives it back.</summary>
    private void GiveBack()
    {
        if (parts.Time.GetElapsedTime(gaveBack) >= Rest)
        {
            gaveBack = parts.Time.GetTimestamp();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    /// <summary>One round.</summary>
    public async Task RoundAsync(CancellationToken cancel)
    {
        var now = parts.Time.GetUtcNow();
        if (parts.Person.Today != day || now - filled >= Fill || now < filled)
        {
            await parts.Outbox.PruneAsync(parts.RawDays); // days that are over are computed first
            (day, filled) = (parts.Person.Today, now);
        }

        if ((now >= notBefore || notBefore > now + LongestWait) && await parts.Schedule.IsDueAsync() && MayUpload())
        {
            await UploadAsync(now, cancel);
        }
        else if (now - refreshed >= Refresh || now < refreshed)
        {
            refreshed = now;
            await parts.Sender.RefreshAsync(cancel);
            await TellWhatComesAsync();
        }
    }

    private async Task UploadAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var outcome = await parts.Sender.SendAsync(all: parts.Options.UploadEvery < TimeSpan.FromHours(1), cancel);
        refreshed = now;
        await TellWhatComesAsync();
        if (outcome.Ok)
        {
            notBefore = DateTimeOffset.MinValue;
            await parts.Schedule.PlanAsync();
            return;
        }

        // Ever later, up to an hour, so that a server that comes back is not overrun.
        var backOff = TimeSpan.FromSeconds(5 * Math.Pow(2, Math.Min(parts.Sender.Failures - 1, 10)));
        var longest = parts.Options.UploadEvery < TimeSpan.FromHours(1) ? parts.Options.UploadEvery * 6 : LongestWait;
        notBefore = now + (backOff < longest ? backOff : longest);
    }

    private bool MayUpload() => parts.Options.UploadEvery < TimeSpan.FromHours(1) || parts.Schedule.Next is not { } planned || !parts.Schedule.MayWait(planned)
        || Surroundings.NotNow("/sys/class/power_supply", Surroundings.Metered) is null;

    /// <summary>What widens is told where the person looks, before it begins, and so is counting of input on each day on which it is on.</summary>
    private async Task TellWhatComesAsync()
    {
        var (today, told) = (parts.Person.Today, parts.Store.State(Told) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue);
        var fresh = parts.Book.Coming(today).Where(p => p.Told > told).ToList();
        foreach (var page in fresh)
        {
            Tell($"From {Sql.Day(page.Since)}: {page.Program}", string.Create(CultureInfo.InvariantCulture, $"{page.Charter!.Explain} What changes stands on http://localhost:{parts.Options.Port}/collected"));
        }

        if (fresh.Count > 0)
        {
            await parts.Store.SetStateAsync(Told, fresh.Max(p => p.Told).ToString("O", CultureInfo.InvariantCulture));
        }

        if (inputToldOn != today && parts.Admittance.IsCollected("input"))
        {
            inputToldOn = today;
            Tell("Key presses and clicks are counted today", string.Create(CultureInfo.InvariantCulture, $"How many, never which: http://localhost:{parts.Options.Port}/collected"));
        }
    }

    /// <summary>A demo on somebody's desktop tells nothing about people who do not exist.</summary>
    private void Tell(string title, string text)
    {
        if (!parts.Options.Synthetic)
        {
            Desktop.Tell(title, text);
        }
    }
}
