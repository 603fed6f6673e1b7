namespace Daylight.Protocol;

/// <summary>The log as it stands.</summary>
/// <param name="Checkpoint">The newest checkpoint, a signed note.</param>
/// <param name="Origin">The log's name.</param>
/// <param name="Size">Entries.</param>
/// <param name="Root">Root hash, base64.</param>
/// <param name="Signers">Whose signatures the newest checkpoints carry.</param>
/// <param name="Policy">Who must sign (C2SP tlog-policy).</param>
/// <param name="WitnessTrouble">Which witnesses did not cosign last time.</param>
/// <param name="Openings">How often the keyholder says that it opened anything, in a statement that it signed; null while it cannot be asked.</param>
public sealed record LogState(string Checkpoint, string Origin, ulong Size, string Root, IReadOnlyList<LogSigner> Signers, string? Policy = null, string? WitnessTrouble = null, long? Openings = null);

/// <summary>Who signs the log's checkpoints.</summary>
/// <param name="Name">Key name.</param>
/// <param name="As"><c>log</c>, <c>keyholder</c> or <c>witness</c>.</param>
/// <param name="Key">Verification key.</param>
/// <param name="Size">Size of the newest checkpoint with its good signature; null when it has none.</param>
/// <param name="At">When it cosigned that.</param>
public sealed record LogSigner(string Name, string As, string Key, ulong? Size = null, DateTimeOffset? At = null);

/// <summary>A part of the log, newest first.</summary>
/// <param name="Size">Entries of the log.</param>
/// <param name="Entries">What was found.</param>
/// <param name="Before">Where to go on; null at the end.</param>
public sealed record LogPage(ulong Size, IReadOnlyList<LogEntryView> Entries, ulong? Before = null);

/// <summary>An entry in short.</summary>
/// <param name="Index">Log index.</param>
/// <param name="Day">UTC day on which it was appended.</param>
/// <param name="Kind">What happened; null when the entry is about a person, and only commitments to it stand there.</param>
/// <param name="About">The program, role or other name that it is about.</param>
public sealed record LogEntryView(ulong Index, DateOnly Day, string? Kind = null, string? About = null);

/// <summary>An entry with what proves it.</summary>
/// <param name="View">It in short.</param>
/// <param name="Entry">Its bytes, base64.</param>
/// <param name="Proof">C2SP tlog-proof.</param>
/// <param name="LogKey">The log's verification key.</param>
/// <param name="WitnessKey">The keyholder's verification key.</param>
public sealed record LogEntryProof(LogEntryView View, string Entry, string Proof, string LogKey, string WitnessKey);

/// <summary>That a log begins with what it was.</summary>
/// <param name="Checkpoint">The newest checkpoint, a signed note.</param>
/// <param name="Consistency">Proof (RFC 9162 §2.1.4), base64.</param>
public sealed record LogGrowth(string Checkpoint, IReadOnlyList<string> Consistency);
