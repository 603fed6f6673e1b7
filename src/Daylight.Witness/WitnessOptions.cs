using Daylight.Transparency;

namespace Daylight.Witness;

/// <summary>How a witness runs. What is null or empty is as it was on the last run.</summary>
public sealed class WitnessOptions
{
    /// <summary>Where a witness listens that was never told otherwise.</summary>
    public const string DefaultListen = "http://localhost:8090";

    /// <summary>The folder with its key and its record.</summary>
    public required string Data { get; init; }

    /// <summary>The name in its key; chosen on the first run, and then part of the key. Null: one is made.</summary>
    public string? Name { get; init; }

    /// <summary>Keys of logs to watch, beside those that it watches already. The first run needs one.</summary>
    public IReadOnlyList<NoteVerifier> Logs { get; init; } = [];

    /// <summary>Where it serves: <c>http://localhost:PORT</c> or <c>http://ADDRESS:PORT</c>. Null: as on the last run, or <see cref="DefaultListen"/>.</summary>
    public string? Listen { get; init; }

    /// <summary>The clock was ahead once and is right now: forget the later times that were signed.</summary>
    public bool ClockWasAhead { get; init; }
}
