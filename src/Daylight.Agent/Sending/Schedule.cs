using System.Globalization;
using System.Security.Cryptography;
using Daylight.Agent.Collecting;
using Daylight.Agent.Store;

namespace Daylight.Agent.Sending;

/// <summary>
/// When uploads go: one for every day, at a random time of the next one, so that the hour tells nothing. A machine that was off or asleep then sends some time
/// after it is back, not at once. Where uploads are asked for more often than hourly, as in the demo, they are just that.
/// </summary>
internal sealed class Schedule(AgentStore store, PersonTime person, TimeSpan every, TimeProvider time)
{
    private const string State = "next-upload";

    /// <summary>Shorter intervals are for trying things out: nothing is random about them.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);

    /// <summary>Longest wait of a machine that was off when its time came.</summary>
    private static readonly TimeSpan AfterSleep = TimeSpan.FromHours(2);

    /// <summary>How late an upload may be and still count as on time.</summary>
    private static readonly TimeSpan OnTime = TimeSpan.FromMinutes(10);

    /// <summary>Longest that a low battery or a metered network holds an upload up.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromDays(2);

    private bool drawnLate;

    /// <summary>When the next upload goes; null when none was planned yet.</summary>
    public DateTimeOffset? Next => store.State(State) is { } text && DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) is var next && next <= time.GetUtcNow() + Longest ? next : null;

    // What lies further ahead was planned by a clock that ran ahead.
    private TimeSpan Longest => (every * 2) + TimeSpan.FromDays(2);

    /// <summary>Whether an upload is due now.</summary>
    public async Task<bool> IsDueAsync()
    {
        var now = time.GetUtcNow();
        if (every < Shortest)
        {
            return Next is not { } planned || now >= planned;
        }

        if (Next is not { } next)
        {
            await PlanAsync();
            return false;
        }

        if (now < next)
        {
            return false;
        }

        if (now - next > OnTime && !drawnLate)
        {
            drawnLate = true;
            await SetAsync(now + Random(AfterSleep));
            return false;
        }

        return true;
    }

    /// <summary>Plans the next one, after one went.</summary>
    public Task PlanAsync()
    {
        drawnLate = false;
        var now = time.GetUtcNow();
        if (every < Shortest)
        {
            return SetAsync(now + every);
        }

        var midnight = person.Local.At(person.Today.AddDays(1), 0);
        var days = Math.Max(1, (int)every.TotalDays);
        return SetAsync(every < TimeSpan.FromDays(1) ? now + every + Random(every) : midnight.AddDays(days - 1) + Random(TimeSpan.FromDays(1)));
    }

    /// <summary>Whether a bad moment may still hold an upload up that was planned for a time.</summary>
    public bool MayWait(DateTimeOffset planned) => time.GetUtcNow() - planned < MostPatience;

    private Task SetAsync(DateTimeOffset next) => store.SetStateAsync(State, next.ToString("O", CultureInfo.InvariantCulture));

    private static TimeSpan Random(TimeSpan within) => TimeSpan.FromSeconds(RandomNumberGenerator.GetInt32(Math.Max(1, (int)within.TotalSeconds)));
}
