namespace Daylight.Agent;

/// <summary>Every limit of what the agent takes from programs on its machine.</summary>
internal static class AgentLimits
{
    /// <summary>Largest body of an import or of many events, in bytes.</summary>
    public const long MostBody = 64 * 1024 * 1024;

    /// <summary>Largest body of one heartbeat, in bytes: a picture of a screen fits, hours of titles do not.</summary>
    public const int MostHeartbeat = 8 * 1024 * 1024;

    /// <summary>Largest body of a query or of a setting, in bytes.</summary>
    public const int MostSmallBody = 1024 * 1024;

    /// <summary>Largest answer of the server, in bytes: a bundle holds every charter in force, with its proofs.</summary>
    public const long MostAnswer = 64 * 1024 * 1024;

    /// <summary>Longest id of a bucket, of a setting, and every other name, in characters.</summary>
    public const int LongestName = 200;

    /// <summary>Longest data of one event that holds no picture, in bytes.</summary>
    public const int LongestData = 256 * 1024;

    /// <summary>Most buckets.</summary>
    public const int MostBuckets = 1000;

    /// <summary>Most settings.</summary>
    public const int MostSettings = 200;

    /// <summary>Largest setting, in bytes: a person's categories fit.</summary>
    public const int MostSetting = 256 * 1024;

    /// <summary>Largest body of one of the page's own forms, in bytes.</summary>
    public const int MostForm = 64 * 1024;

    /// <summary>Largest answer to a query, in bytes.</summary>
    public const long MostAnswerOfQuery = 256 * 1024 * 1024;

    /// <summary>Most connections at once.</summary>
    public const int MostConnections = 512;

    /// <summary>Most connections at once of other users, of phones, and of whoever the platform does not know.</summary>
    public const int MostConnectionsOfOthers = 32;

    /// <summary>Largest store of raw events, in bytes; then nothing is added until some are forgotten.</summary>
    public const long MostStore = 8L * 1024 * 1024 * 1024;

    /// <summary>Most heartbeats in one WakaTime request.</summary>
    public const int MostPoints = 1000;

    /// <summary>Longest event in the store, in microseconds: a week. What is longer is stored as several.</summary>
    public const long LongestEvent = 7 * 86_400_000_000L;

    /// <summary>Longest event that is taken, in microseconds: a year's absence.</summary>
    public const long LongestSpan = 366 * 86_400_000_000L;

    /// <summary>Longest entity of a WakaTime heartbeat; what is longer is cut.</summary>
    public const int LongestEntity = 4096;

    /// <summary>How far ahead of this machine's clock an event may be dated, in microseconds: an hour, for zones that a watcher got wrong by a little.</summary>
    public const long MostAhead = 3_600_000_000L;

    /// <summary>1 January 1971 in microseconds since 1970: whatever is dated earlier comes from a clock that was not set.</summary>
    public const long Earliest = 31_536_000_000_000L;
}
