using Daylight.Protocol;

namespace Daylight.Portal;

/// <summary>What people hand in.</summary>
internal static class Submissions
{
    /// <summary>Programs in force that keep what people hand in.</summary>
    public static async Task<IReadOnlyList<string>> ProgramsAsync(PortalApi api) =>
        [.. (await api.Client.GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, CancellationToken.None)).OrThrow()
            .Where(p => p.State is "active" or "paused" && p.HandedIn is { Count: > 0 }).Select(p => p.Program)];
}
