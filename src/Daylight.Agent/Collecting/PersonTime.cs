using System.Globalization;
using Daylight.Agent.Store;
using Daylight.Core.Minimization;
using Daylight.Storage;

namespace Daylight.Agent.Collecting;

/// <summary>
/// The person's time zone: the directory's, not the laptop's. Another one applies when a new day has begun in both, so that no day has two; the hours of the night
/// between the last midnight of the former and the first of the new one count for nothing.
/// </summary>
internal sealed class PersonTime(AgentStore store, TimeProvider time)
{
    private LocalTime? local;

    /// <summary>The zone in force; this machine's own before any server named one.</summary>
    public LocalTime Local => local ??= new LocalTime(Found(store.State("zone")) ?? TimeZoneInfo.Local);

    /// <summary>Today, where the person is.</summary>
    public DateOnly Today => Local.DayOf(time.GetUtcNow());

    /// <summary>When today began.</summary>
    public DateTimeOffset Midnight => Local.At(Today, 0);

    /// <summary>Since when the zone is in force: days before were computed in another one.</summary>
    public DateTimeOffset Since => store.State("zone-since") is { } micros ? RawStore.Instant(long.Parse(micros, CultureInfo.InvariantCulture)) : DateTimeOffset.MinValue;

    /// <summary>The zone that waits for a new day, as the directory names it; null when none does.</summary>
    public string? Coming => store.State("zone-next")?.Split(' ', 2) is [_, var zone] ? zone : null;

    /// <summary>Takes the zone that a verified bundle names.</summary>
    public async Task TakeAsync(LocalTime named)
    {
        if (store.State("zone") is null)
        {
            await store.SetStateAsync("zone", named.Zone.Id);
            local = null;
        }
        else if (named.Zone.Id == Local.Zone.Id)
        {
            await store.SetStateAsync("zone-next", null);
        }
        else if (named.Zone.Id != Coming)
        {
            await store.SetStateAsync("zone-next", $"{Sql.Day(Today)} {named.Zone.Id}"); // told again, it still counts from the day on which it was told first
        }
    }

    /// <summary>Applies a zone that waited for a new day. Days before today must have been computed.</summary>
    public async Task TurnAsync()
    {
        if (store.State("zone-next")?.Split(' ', 2) is not [var day, var zone] || Found(zone) is not { } found)
        {
            return;
        }

        var next = new LocalTime(found);
        var today = next.DayOf(time.GetUtcNow());
        if (Today <= Sql.Day(day) || today <= Sql.Day(day))
        {
            return;
        }

        var since = new[] { Local.At(today, 0), next.At(today, 0) }.Max();
        await store.WriteAsync((c, t) =>
        {
            AgentStore.SetState(c, t, "zone", zone);
            AgentStore.SetState(c, t, "zone-since", RawStore.Micros(since).ToString(CultureInfo.InvariantCulture));
            AgentStore.SetState(c, t, "zone-next", null);
        });
        local = null;
    }

    private static TimeZoneInfo? Found(string? zone) => zone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : null;
}
