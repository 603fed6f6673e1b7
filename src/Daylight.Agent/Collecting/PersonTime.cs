using Daylight.Agent.Store;
using Daylight.Core.Minimization;
using Daylight.Storage;

namespace Daylight.Agent.Collecting;

/// <summary>The person's time zone: the directory's, not the laptop's. Another one applies from the next local day, so that no day has two.</summary>
internal sealed class PersonTime(AgentStore store, TimeProvider time)
{
    private LocalTime? local;

    /// <summary>The zone in force; this machine's own before any server named one.</summary>
    public LocalTime Local => local ??= new LocalTime(store.State("zone") is { } zone && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Local);

    /// <summary>Today, where the person is.</summary>
    public DateOnly Today => Local.DayOf(time.GetUtcNow());

    /// <summary>Takes the zone that a verified bundle names.</summary>
    public async Task TakeAsync(LocalTime named)
    {
        if (store.State("zone") is null)
        {
            await SetAsync(named.Zone.Id);
        }
        else if (named.Zone.Id != Local.Zone.Id)
        {
            await store.SetStateAsync("zone-next", $"{Sql.Day(Today)} {named.Zone.Id}");
        }
        else
        {
            await store.SetStateAsync("zone-next", null);
        }
    }

    /// <summary>A new day has begun: a zone that waited for it applies.</summary>
    public async Task TurnAsync()
    {
        if (store.State("zone-next")?.Split(' ', 2) is [var day, var zone] && Today > Sql.Day(day))
        {
            await SetAsync(zone);
            await store.SetStateAsync("zone-next", null);
        }
    }

    private async Task SetAsync(string zone)
    {
        await store.SetStateAsync("zone", zone);
        local = null;
    }
}
