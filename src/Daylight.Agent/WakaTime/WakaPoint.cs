using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Daylight.Agent.Intake;

namespace Daylight.Agent.WakaTime;

/// <summary>One heartbeat of a WakaTime plug-in: a point in time at which something was worked on.</summary>
/// <param name="Entity">A file, an application, a domain or an address.</param>
/// <param name="Type">file, app, domain or url.</param>
/// <param name="Time">Microseconds since 1970, UTC.</param>
/// <param name="Project">Project, or null.</param>
/// <param name="Branch">Branch, or null.</param>
/// <param name="Language">Language, or null.</param>
/// <param name="UserAgent">What the plug-in calls itself, or null.</param>
internal sealed record WakaPoint(string Entity, string Type, long Time, string? Project, string? Branch, string? Language, string? UserAgent)
{
    /// <summary>The type of the buckets that such points go into.</summary>
    public string BucketType => Type switch
    {
        "app" => "currentwindow",
        "domain" or "url" => "web.tab.current",
        _ => "app.editor.activity",
    };

    /// <summary>Reads one heartbeat as the plug-ins write them: numbers as texts, nulls, fields that nobody knows.</summary>
    /// <param name="heartbeat">The heartbeat.</param>
    /// <param name="problem">Which field is wrong, and how, when it is none.</param>
    public static WakaPoint? Read(JsonElement heartbeat, out (string Field, string Text) problem)
    {
        problem = ("heartbeat", "This is an object.");
        if (heartbeat.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        problem = ("entity", "This field is required.");
        if (Short(heartbeat, "entity", AgentLimits.LongestEntity) is not { } entity)
        {
            return null;
        }

        problem = ("time", "This field is required: seconds since 1970.");
        if (Number(heartbeat, "time") is not { } time || time is not (> 0 and < 1e11))
        {
            return null;
        }

        var type = heartbeat.Text("type") is ("file" or "app" or "domain" or "url") and { } known ? known : "file";
        return new WakaPoint(entity, type, (long)Math.Round(time * 1e3) * 1000, Short(heartbeat, "project"), Short(heartbeat, "branch"), Short(heartbeat, "language"), Short(heartbeat, "user_agent", 500) ?? Short(heartbeat, "plugin", 500));
    }

    /// <summary>The event's data, in the fields that ActivityWatch's watchers of the same kind have.</summary>
    public byte[] Data()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            switch (Type)
            {
                case "app":
                    writer.WriteString("app"u8, Entity);
                    break;
                case "domain":
                    // A browser's extension writes the scheme too.
                    writer.WriteString("url"u8, (Entity.Contains("://", StringComparison.Ordinal) ? Entity : "https://" + Entity).TrimEnd('/') + "/");
                    break;
                case "url":
                    writer.WriteString("url"u8, Entity);
                    break;
                default:
                    writer.WriteString("file"u8, Entity);
                    writer.WriteString("project"u8, Project ?? string.Empty);
                    writer.WriteString("language"u8, Language ?? string.Empty);
                    writer.WriteString("branch"u8, Branch ?? string.Empty);
                    break;
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The program that the plug-in is in: <c>vscode</c> of <c>wakatime/v1.98.1 (linux-6.1-x86_64) go1.22 vscode/1.90.0 vscode-wakatime/24.6.0</c>.</summary>
    public static string EditorOf(string? userAgent)
    {
        var words = (userAgent ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var plugin = words.Select(w => w.Split('/')[0]).LastOrDefault(w => w.EndsWith("-wakatime", StringComparison.OrdinalIgnoreCase));
        var name = plugin is not null ? plugin[..^"-wakatime".Length] : words.LastOrDefault()?.Split('/')[0] ?? "editor";
        var plain = string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')).ToLowerInvariant();
        return plain.Length is > 0 and <= 40 ? plain : "editor";
    }

    private static string? Short(JsonElement heartbeat, string field, int most = AgentLimits.LongestName) => heartbeat.Text(field) is { Length: > 0 } text ? text.Length <= most ? text : text[..most] : null;

    private static double? Number(JsonElement heartbeat, string field) => heartbeat.Number(field)
        ?? (double.TryParse(heartbeat.Text(field), NumberStyles.Float, CultureInfo.InvariantCulture, out var written) ? written : null);
}
