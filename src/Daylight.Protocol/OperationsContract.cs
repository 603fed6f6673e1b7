namespace Daylight.Protocol;

/// <summary>Whether the server is well.</summary>
public sealed record Health(string State, ulong LogSize, IReadOnlyList<string> Problems);

/// <summary>A background job.</summary>
public sealed record JobView(string Name, string Every, string LastOutcome, DateTimeOffset? LastRun = null);

/// <summary>How the installation does, for who operates it: counts, and nobody's name.</summary>
/// <param name="Health">What readiness says.</param>
/// <param name="Storage"><c>SQLite</c> or <c>PostgreSQL</c>.</param>
/// <param name="FreeBytes">What is free on the disk of the data folder.</param>
/// <param name="Nodes">Processes that serve the database.</param>
/// <param name="Jobs">What runs in the background on this node.</param>
/// <param name="Machines">Machines that people enrolled.</param>
/// <param name="Connected">Machines that wait at this node for news.</param>
/// <param name="Confirmed">Machines that have taken the state of programs that is in force.</param>
/// <param name="Received">When something last came for each program in force.</param>
public sealed record OperationsView(
    Health Health, string Storage, long FreeBytes, IReadOnlyList<NodeView> Nodes, IReadOnlyList<JobView> Jobs, int Machines, int Connected, long Confirmed, IReadOnlyList<ReceivedView> Received);

/// <summary>A process that serves the database.</summary>
/// <param name="Name">Host and process number.</param>
/// <param name="Version">Of Daylight.</param>
/// <param name="Started">When it began.</param>
/// <param name="Seen">When it was last alive, to the minute.</param>
/// <param name="IsThis">Whether it answers this call.</param>
/// <param name="IsLate">Whether it should have been heard of since.</param>
public sealed record NodeView(string Name, string Version, DateTimeOffset Started, DateTimeOffset Seen, bool IsThis, bool IsLate);

/// <summary>When something last came for a program.</summary>
/// <param name="Program">Program.</param>
/// <param name="Paused">Whether it is paused.</param>
/// <param name="Last">To the minute; null when nothing ever did.</param>
public sealed record ReceivedView(string Program, bool Paused, DateTimeOffset? Last = null);
