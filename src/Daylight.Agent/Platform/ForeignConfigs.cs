using System.Globalization;
using System.Text;

namespace Daylight.Agent.Platform;

/// <summary>What becomes of another program's configuration: its new text, or why it is left as it is.</summary>
internal abstract record Merged
{
    private Merged()
    {
    }

    /// <summary>It says so already.</summary>
    public sealed record Same : Merged;

    /// <summary>Its new text: the old one with lines added.</summary>
    public sealed record With(string Text) : Merged;

    /// <summary>It is left as it is.</summary>
    public sealed record Left(string Why) : Merged;
}

/// <summary>
/// Adds the agent's key to configurations of other programs: lines are added, none is changed, and where something else stands already it is left alone and said. Pure.
/// </summary>
internal static class ForeignConfigs
{
    /// <summary>ActivityWatch: its Python clients read the key of the server on their port from <c>[auth] api_key</c> of aw-server-rust's config.toml.</summary>
    /// <param name="toml">The file's text; null when there is none.</param>
    /// <param name="port">The agent's port.</param>
    /// <param name="key">The agent's key.</param>
    public static Merged ActivityWatch(string? toml, int port, string key)
    {
        var lines = Lines(toml);
        var (table, auth, named) = (string.Empty, -1, 5600);
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.StartsWith('['))
            {
                table = line.TrimEnd();
                auth = IsTable(line, "auth") ? i : auth;
            }
            else if (table.Length == 0 && Value(line, "port") is { } text)
            {
                _ = int.TryParse(text.Trim('"'), CultureInfo.InvariantCulture, out named);
            }
            else if (table.Length == 0 && line.StartsWith("auth", StringComparison.Ordinal))
            {
                return new Merged.Left($"it has `{line}`, which is not merged: add api_key = \"{key}\" to it yourself");
            }
            else if (IsTable(table, "auth") && Value(line, "api_key") is { } known)
            {
                return known.Trim('"', '\'') == key ? new Merged.Same() : new Merged.Left("it has another api_key already, of ActivityWatch's own server");
            }
        }

        if (named != port)
        {
            return new Merged.Left(string.Create(CultureInfo.InvariantCulture, $"it is for port {named}, and the agent is on {port}: watchers would not send the key there"));
        }

        if (auth >= 0)
        {
            lines.InsertRange(auth + 1, Added(toml, $"api_key = \"{key}\""));
        }
        else
        {
            lines.AddRange(Added(toml, lines.Count == 0 ? ["[auth]", $"api_key = \"{key}\""] : ["", "[auth]", $"api_key = \"{key}\""]));
        }

        return new Merged.With(string.Join('\n', lines) + "\n");
    }

    /// <summary>WakaTime: every plug-in reads <c>[settings]</c> of ~/.wakatime.cfg.</summary>
    /// <param name="ini">The file's text; null when there is none.</param>
    /// <param name="url">Where the agent takes heartbeats.</param>
    /// <param name="key">The agent's key.</param>
    public static Merged WakaTime(string? ini, string url, string key)
    {
        var lines = Lines(ini);
        var (section, settings) = (string.Empty, -1);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.StartsWith('['))
            {
                section = line;
                settings = IsTable(line, "settings") ? i : settings;
            }
            else if (IsTable(section, "settings"))
            {
                foreach (var name in (string[])["api_url", "api_key", "api_key_vault_cmd"])
                {
                    if (Value(line, name) is { } value)
                    {
                        found[name] = value;
                    }
                }
            }
        }

        if (found.GetValueOrDefault("api_url") == url && found.GetValueOrDefault("api_key") == key)
        {
            return new Merged.Same();
        }

        if (found.Count > 0)
        {
            return new Merged.Left($"your editors report to {found.GetValueOrDefault("api_url") ?? "WakaTime"} already: take {string.Join(" and ", found.Keys)} out of it first, if they should report here instead");
        }

        string[] added = [$"api_url = {url}", $"api_key = {key}"];
        if (settings >= 0)
        {
            lines.InsertRange(settings + 1, Added(ini, added));
        }
        else
        {
            lines.AddRange(Added(ini, lines.Count == 0 ? ["[settings]", .. added] : ["", "[settings]", .. added]));
        }

        return new Merged.With(string.Join('\n', lines) + "\n");
    }

    /// <summary>A file's bytes as text; null when they are not UTF-8 as it is written without a mark, which adding a line would spoil.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.StartsWith("\uFEFF"u8) ? null : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // A line keeps the carriage return that it ends with: none is changed.
    private static List<string> Lines(string? text) => string.IsNullOrWhiteSpace(text) ? [] : [.. (text.EndsWith('\n') ? text[..^1] : text).Split('\n')];

    private static IEnumerable<string> Added(string? text, params IEnumerable<string> lines) => text?.Contains("\r\n", StringComparison.Ordinal) == true ? lines.Select(l => l + "\r") : lines;

    private static bool IsTable(string line, string name) => line.StartsWith('[') && line.IndexOf(']', StringComparison.Ordinal) is > 0 and var end && line[1..end].Trim().Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string? Value(string line, string name)
    {
        if (!line.StartsWith(name, StringComparison.OrdinalIgnoreCase) || line[name.Length..].TrimStart() is not ['=' or ':', .. var rest])
        {
            return null;
        }

        var comment = rest.IndexOf('#', StringComparison.Ordinal);
        return (comment < 0 ? rest : rest[..comment]).Trim();
    }
}
