using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary>What a monitor remembers: signed checkpoints, as the log gave them.</summary>
/// <param name="Log">The log's verification key.</param>
/// <param name="Accepted">The newest checkpoint that is proven to extend all before it.</param>
/// <param name="Seen">A newer one that is signed but not proven yet.</param>
internal sealed record WatchState(string Log, string Accepted, string? Seen = null)
{
    /// <summary>What was opened and checked when the state was read, oldest first.</summary>
    [JsonIgnore]
    public IReadOnlyList<Checkpoint> Checkpoints { get; private init; } = [];

    /// <summary>Where the state of a log is kept when no file is named: <c>$XDG_STATE_HOME/daylight</c>, or <c>~/.local/state/daylight</c>.</summary>
    public static string DefaultFile(NoteVerifier log)
    {
        var home = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        var name = string.Concat(log.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        return Path.Combine(home, "daylight", $"watch-{name}-{log.Id:x8}.json");
    }

    /// <summary>Reads the state; null when there is none yet. What it remembers must be signed by these keys: a damaged memory is no memory.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or remembers another log.</exception>
    public static WatchState? Load(string file, NoteVerifier[] required)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            var state = JsonSerializer.Deserialize(File.ReadAllBytes(file), LogJson.Default.WatchState);
            var opened = new List<Checkpoint>();
            foreach (var note in (string?[])[state?.Accepted, state?.Seen])
            {
                if (note is not null && Checkpoint.TryOpen(note, out var checkpoint, required))
                {
                    opened.Add(checkpoint!);
                }
            }

            if (state is not null && opened.Count == (state.Seen is null ? 1 : 2) && string.Equals(state.Log, required[0].ToString(), StringComparison.Ordinal))
            {
                return state with { Checkpoints = opened };
            }
        }
        catch (JsonException)
        {
            // Said below, together with a memory that is not signed.
        }

        throw new InvalidDataException($"What was remembered in {file} is damaged, or is of another log or other keys. Keep it aside, and start anew with another --state FILE.");
    }

    /// <summary>Writes the state so that a crash leaves the old or the new one.</summary>
    public void Save(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var beside = file + ".new";
        using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, this, LogJson.Default.WatchState);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, file, overwrite: true);
    }

    /// <summary>Keeps a signed checkpoint as evidence beside the state, named by what it says. Earlier evidence stays as it is.</summary>
    public static string KeepEvidence(string file, Checkpoint checkpoint, string note)
    {
        var bytes = Encoding.UTF8.GetBytes(note);
        var name = $"{file}.evidence-{checkpoint.Size}-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}";
        for (var number = 0; ; number++)
        {
            var path = number == 0 ? $"{name}.checkpoint" : $"{name}-{number}.checkpoint";
            if (File.Exists(path))
            {
                if (File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
                {
                    return path; // the same evidence, found again
                }

                continue;
            }

            using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
            return path;
        }
    }
}
