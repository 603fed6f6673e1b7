namespace Daylight.Cli.Demo;

/// <summary>The demo's one clock: set by hand while the past weeks are replayed, then the real one.</summary>
internal sealed class DemoClock : TimeProvider
{
    private DateTimeOffset? fixedNow;

    public override DateTimeOffset GetUtcNow() => fixedNow ?? System.GetUtcNow();

    /// <summary>Stands still at an instant; null lets it run.</summary>
    public void Set(DateTimeOffset? now) => fixedNow = now;
}
